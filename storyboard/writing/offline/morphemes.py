"""Parts a Japanese sentence into its morphemes, by Open JTalk, which comes with the voices.

Knows: morphemes. Does not know: what an idea is about.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass

from renderers.tts.open_jtalk import morphemes

_FULL_WIDTH = re.compile("[０-９Ａ-Ｚａ-ｚ]+")


@dataclass(frozen=True, slots=True)
class Morph:
    """A Japanese morpheme with the part of speech and form that Open JTalk gives it."""

    text: str
    pos: str
    kind: str
    form: str
    base: str
    region: bool = False
    """Names a place: 「京都」."""


def japanese(text: str) -> list[Morph]:
    """The morphemes of a Japanese sentence."""
    return [
        Morph(
            # Latin letters come back in full width: ＱＲコード.
            _FULL_WIDTH.sub(lambda met: unicodedata.normalize("NFKC", met[0]), n["string"]),
            n["pos"],
            n["pos_group1"],
            n.get("cform", "*"),
            n.get("orig", ""),
            n.get("pos_group2") == "地域",
        )
        for n in morphemes(text)
    ]


def family_and_given(text: str) -> list[str]:
    """Full names of people in a Japanese text: a family name with a given name after it."""
    if not re.search("[぀-ヿ一-龠]", text):
        return []
    return [
        a["string"] + b["string"]
        for a, b in itertools.pairwise(morphemes(text))
        if a["pos_group3"] == "姓" and b["pos_group3"] == "名" and a["pos_group2"] == "人名"
    ]
