"""Hashtags of a film: that it is AI-made, its kind, and what it is about.

What a film is about is said by the nouns of its idea; both languages have a tagger here
anyway, which the voices use. A tag is a whole word: no stem, no verb, nobody's name.

Knows: taggers, which nouns say nothing. Does not know: platforms, what else is published.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from threading import Lock
from typing import Any

from renderers.tts.open_jtalk import morphemes
from storyboard.plan import Plan
from storyboard.publish.film_words import format_tag, words_of

MOST = 5
"""More are ignored, or count as spam."""

_VAGUE = frozenset(
    "anyone anything bit day days end everyone everything feet film front hour hours idea ideas"
    " kind lot man men minute minutes moment nobody nothing one ones others part pair people"
    " person place reason room side somebody someone something story thing things time times"
    " video way ways woman women word words work world year years".split()
)
"""English nouns that say nothing about a film."""
_VAGUE_JA = frozenset(
    "人 方 物 事 時 所 話 中 間 自分 相手 みんな 全員 何 誰 名前 場合 最後 最初".split()
)
_LONGEST = 24
_NOUNS_JA = frozenset(("一般", "サ変接続", "固有名詞", "形容動詞語幹", "ナイ形容詞語幹"))
"""Kinds of Japanese noun that may be part of a tag; no pronouns, numbers, times."""
_LOCK = Lock()


def hashtags(plan: Plan) -> list[str]:
    """At most `MOST`, each once, the most telling first."""
    language = plan.language
    kind = format_tag(plan.format, language)
    nouns = {"ja": _japanese, "en": _english}.get(language, _untagged)
    names = {part.casefold() for c in plan.cast for part in (c.name, *c.name.split())}
    subjects: list[str] = []
    # A title plays with words: it is asked only where the idea says too little. A dubbed film's
    # idea is in the language of the first.
    for text in (plan.idea, plan.title.lower()):
        if len(subjects) < 2:
            said = [n for n in nouns(_one_line(text)) if n.casefold() not in {*names, "ai"}]
            # A single character says much only where nothing else is said.
            subjects += [n for n in said if len(n) > 1] or said
    tags = [words_of(language)["tag"], *([kind] if kind else []), *(f"#{n}" for n in subjects)]
    return list({tag.casefold(): tag for tag in reversed(tags)}.values())[::-1][:MOST]


def _one_line(text: str) -> str:
    # What a tagger reads, not what is shown: control characters and markup part words.
    return " ".join(re.sub(r"[<>\x00-\x1f]", " ", unicodedata.normalize("NFKC", text)).split())


def _english(text: str) -> Iterator[str]:
    """Nouns in order, two or three in a row as one word: "ice cream"."""
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?|[^\w\s]", text)
    if not words:
        return
    with _LOCK:
        tags: list[str] = _tagger()(words)
    run: list[str] = []
    for word, tag in [*zip(words, tags, strict=True), ("", "")]:
        plain = re.sub(r"['’].*", "", word).lower()
        if tag.startswith("NN") and plain.isalpha():
            run.append(plain)
            continue
        run = [noun for noun in run if noun not in _VAGUE and len(noun) > 2]
        if run:
            joined = "".join(run)
            yield joined if len(joined) <= _LONGEST else run[-1][:_LONGEST]
        run = []


def _untagged(text: str) -> Iterator[str]:
    """Languages without a tagger here have no subjects of their own: a wrong tag is worse."""
    return iter(())


@cache
def _tagger() -> Any:
    """From words to the tags of the Penn Treebank, one each."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Without its lexicon, a connection that only one thread may use.
        gruut: Any = import_module("gruut.lang")
        settings = gruut.get_settings("en-us", load_phoneme_lexicon=False, load_g2p_guesser=False)
    return settings.get_parts_of_speech


def _japanese(text: str) -> Iterator[str]:
    """Nouns in order, whole: 新入社員, 言い間違い; without さん, names and numbers."""
    run: list[dict[str, Any]] = []
    for node in [*morphemes(text), {"pos": "", "pos_group1": "", "pos_group2": "", "cform": ""}]:
        if _may_join(node, run):
            run.append(node)
            continue
        while run and run[-1]["pos"] == "動詞":
            run.pop()
        if run and _says_something(run):
            word = unicodedata.normalize("NFKC", "".join(str(n["string"]) for n in run))
            if word not in _VAGUE_JA and len(word) <= _LONGEST // 2 and word.isalnum():
                yield word
        run = [node] if _may_join(node, []) else []


def _may_join(node: dict[str, Any], run: list[dict[str, Any]]) -> bool:
    """Whether a morpheme goes on, or begins, the word in `run`."""
    kind, group = node["pos"], node["pos_group1"]
    if kind == "名詞":
        suffix = (
            group == "接尾" and bool(run) and node["pos_group2"] in ("一般", "サ変接続", "地域")
        )
        return suffix or group in _NOUNS_JA
    # 言い＋間違い: a verb's stem that leans on the noun after it.
    return kind == "動詞" and not run and "連用" in str(node["cform"])


def _says_something(run: list[dict[str, Any]]) -> bool:
    if any(node["pos_group2"] == "人名" for node in run):
        return False
    return len(run) > 1 or run[0]["pos_group1"] not in ("形容動詞語幹", "ナイ形容詞語幹")
