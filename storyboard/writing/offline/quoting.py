"""Quotes a Japanese idea: one sentence, without commands, cries and closing marks.

Knows: marks. Does not know: grammar.
"""

from __future__ import annotations

import re

from storyboard.writing.offline.commands import without_commands

LONGEST_QUOTE = 60
_LONGEST_CRY = 7


def quoted(text: str) -> str:
    """The idea as it stands between 「」."""
    said = without_commands(text, japanese=True)
    # The whole in marks is only marked; what somebody says in it stays his.
    said = re.sub(r"^[「『\"“]([^「」『』\"“”]*)[」』\"”]$", r"\1", said)
    said = re.sub(r"[「『\"“]([^「」『』\"“”]+)[」』\"”]", r"『\1』", said)
    said = re.sub(r"[「」\"“”]", "", said)
    said = said.replace("?", "？").replace("!", "！")
    sentences = re.split(r"(?<=[。！!])(?=[^』])", said)
    # 「画期的！しゃべる財布」: the first is a cry.
    cried = len(sentences) > 1 and len(sentences[0]) < _LONGEST_CRY
    said = sentences[1 if cried else 0].strip(" 。、.!！\u3000") or said
    if len(said) > LONGEST_QUOTE:
        cut = max((said.rfind(mark, 10, LONGEST_QUOTE) for mark in "、。："), default=-1)
        said = said[:cut] if cut > 0 else said[:LONGEST_QUOTE]
    return said
