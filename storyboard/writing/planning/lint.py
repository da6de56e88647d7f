"""Whether a line is one that somebody could say: what models write in place of lines.

A line may be cut off where a grammar ended it, be in another language, repeat the brief, stand
for a line that was never written, name its speaker, tell what its speaker does, or say once
more what was said. Each is found by its look; none needs a model.

Knows: words. Does not know: formats' shape, limits, who asks.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import Any, cast

from storyboard.plan import Language
from storyboard.plan.languages import ABOUT

NEAR = 0.82
"""Two lines as alike as this say the same."""
COPIED = 0.8
"""Share of a line's words, in a row of the brief, from which on it is copied."""
SURE = 12.0
"""By how many nats another language must be the likelier one; short lines never get there."""
SURE_SIGN = 4.5
"""The same for each sign of a line in kanji alone."""
FEWEST = 4
"""Words, or twice as many signs, of a line that is compared with others at all."""
FEWEST_LETTERS = 5
"""Of another script that make a text one of another language: a lesson may name a word."""
_SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "ja": ("CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "FULLWIDTH", "HALFWIDTH"),
    "zh": ("CJK", "FULLWIDTH"),
    "ko": ("HANGUL", "CJK"),
    "ru": ("CYRILLIC",),
}
"""As Unicode names their letters; all other languages are written in Latin ones."""
_LATIN_LANGUAGES = ("fr", "de", "es", "it", "pt", "nl", "sv", "da", "pl", "id", "ro", "fi", "tr")
_ENGLISH = frozenset(
    {"the", "you", "your", "my", "and", "of", "it", "this", "that", "with", "what", "not", "are"}
    | {"was", "have", "i'm", "it's", "don't", "can't", "is", "we", "they", "for", "his", "her"}
)
"""Words that no other language writes so."""
_KANA = re.compile(r"[぀-ヿ]")
_HAN = re.compile(r"[㐀-鿿]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_PLACEHOLDER = re.compile(
    r"\bline \d+\b.{0,16}\b(goes|here)\b|\b(goes|comes) here\b|lorem ipsum|\byour (line|text)\b"
    r"|\b(placeholder|tbd|todo|n/a)\b|^(string|text|line|dialogue|none|null|example)[.!]?$"
    r"|ここに|台詞\d*(を|が)?入|セリフ\d*(を|が)?入|^(台詞|セリフ|なし|省略)[。.]?$",
    re.IGNORECASE,
)
_MACHINE = re.compile(
    r"\bas an? (ai|language model|assistant)\b|\blanguage model\b|\bi('m| am) (just )?an ai\b"
    r"|\bi (cannot|can't|can not) (assist|help with|create|generate|write)\b"
    r"|\bhere('s| is) (a|the|your) (line|script|dialogue)\b|\b(sure|certainly)[!,] here\b"
    r"|言語モデル|AIとして|AIアシスタント|お手伝いできません",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://|\bwww\.\w|<[a-z/][^>]*>", re.IGNORECASE)
_LABEL = re.compile(r"^\s*([A-Z][\w .'-]{0,24}|[^\s:：「]{1,8})\s*[:：]\s*(?=\S)")
_SAYS = re.compile(
    r"[,”\"]\s*(he|she|they|[A-Z]\w+) (says?|said|asks?|asked|whispers?|shouts?|repl(y|ies))\b"
    r"|と(言|云)(った|う|いました)[。.]?$"
)
_DANGLING = re.compile(
    r"\b(the|a|an|and|or|but|of|to|with|for|from|my|your|his|her|its|their|is|are|was|very|in|on)$",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!?…。！？～〜ー\"”'’」』)）]$")
_JOINED = re.compile(
    r"\b([a-z]{4,})(just|like|with|that|this|what|when|then|have|your|from|about|because)\b"
)
_WELL_JOINED = re.compile(
    r"^\w*(un|dis)?like$|^(here|there|where|forth|not|where)?with$|^some(what|when)$|\w+ware$"
)


def line_faults(
    line: str, language: Language, speaker: str, names: Sequence[str], limit: int
) -> Iterator[str]:
    """What is wrong with a line as such, for whoever has to mend it.

    `speaker` is the name of who says it ("" for the narrator), `names` those of the whole cast.
    """
    if _PLACEHOLDER.search(line):
        yield "stands for a line that was never written; write the line itself"
    if _ADDRESS.search(line):
        yield "has an address that nobody speaks"
    if _MACHINE.search(line):
        yield "is what a machine says of itself, and nobody in the film"
    if (match := _LABEL.match(line)) and match[1].strip().lower() in _labels(names):
        yield f"names who speaks ({match[1].strip()!r}); write only what is said"
    elif other := _second_label(line, names):
        yield f"has {other!r} speak as well; write what one person says"
    if _SAYS.search(line) or (speaker and _tells_of(line, speaker)):
        yield "tells what is done; let the person say what one would say"
    if cut := cut_off(line, language, limit):
        yield f"ends too early ({cut}); write a shorter line that comes to its end"
    if twice := _said_twice(line):
        yield f"says {twice!r} twice; say it once"
    if language == "en" and (match := _joined(line)):
        yield f"has two words in one: {match!r}"
    if other := other_language(line, language):
        yield f"is not {ABOUT[language].name} but {other}"


def plain_line(line: str, names: Sequence[str]) -> str:
    """A line without the label and the quotes that some models put around it."""
    match = _LABEL.match(line)
    if match and match[1].strip().lower() in _labels(names):
        line = line[match.end() :]
    line = line.strip()
    for opening, closing in (('"', '"'), ("“", "”"), ("「", "」"), ("'", "'")):
        inner = line[1:-1]
        if len(line) > 2 and line[0] == opening and line[-1] == closing and opening not in inner:
            return inner.strip()
    return line


def _labels(names: Sequence[str]) -> set[str]:
    known = {"narrator", "speaker", "hook", "line", "me", "ナレーター", "語り手"}
    whole = {name.lower() for name in names}
    return known | whole | {word for name in whole for word in name.split()}


def _second_label(line: str, names: Sequence[str]) -> str:
    """A name within a line after which somebody else would speak."""
    for name in names:
        if len(name) > 1 and re.search(rf"(?<!\w){re.escape(name)}\s*[:：]", line, re.IGNORECASE):
            return name
    return ""


def _tells_of(line: str, speaker: str) -> bool:
    """Whether a line is about its own speaker, as a narrator would tell of them."""
    first = speaker.split()[0]
    if len(first) < 2 or re.search(r"\b(I|I'm|I'll|I've|me|my)\b|私|僕|俺|わたし|あたし", line):
        return False
    verb = r"\s+(is|was|has|looks?|\w{3,}(s|ed))\b" if first.isascii() else r"(は|が)"
    return re.match(rf"(The\s+)?{re.escape(first)}{verb}", line) is not None


def cut_off(line: str, language: Language, limit: int) -> str:
    """How a line that was cut off ends; "" where it comes to its end."""
    text = line.rstrip()
    if not text or _ENDS.search(text):
        return ""
    last = text.split()[-1][-12:]
    if language == "en" and _DANGLING.search(text):
        return f"…{last}"
    if language == "ja" and text[-1] in "、をにへの・":
        return f"…{text[-4:]}"
    return f"…{last}" if len(text) >= limit - 1 else ""


def _said_twice(line: str) -> str:
    """A sentence of a line that stands in it twice, as models write that have begun to loop."""
    parts = [" ".join(_units(part)) for part in re.split(r"[.!?…。！？;；、,]+", line)]
    for place, part in enumerate(parts):
        least = FEWEST if part.isascii() else 2 * FEWEST
        if len(part.split()) >= least and any(part in later for later in parts[place + 1 :]):
            return part
    return ""


def _joined(line: str) -> str:
    for match in _JOINED.finditer(line):
        if not _WELL_JOINED.match(match[0]):
            return match[0]
    return ""


def _other_letters(text: str, language: Language) -> str:
    """The letters that most of a text is written in, where no text of this language is."""
    own = (*_SCRIPTS.get(language, ()), "LATIN")
    letters = [unicodedata.name(sign, "?").split()[0] for sign in text if sign.isalpha()]
    foreign = Counter(script for script in letters if not script.startswith(own))
    if foreign.total() < FEWEST_LETTERS or 2 * foreign.total() <= len(letters):
        return ""
    most = foreign.most_common(1)[0][0]
    return f"in {'Chinese' if most == 'CJK' else most.capitalize()} letters"


def other_language(text: str, language: Language) -> str:
    """What other language a text is in; "" where it is the one wanted, or cannot be told."""
    return _likely_language(text, language) or _other_letters(text, language)


def _likely_language(text: str, language: Language) -> str:
    if language == "ja":
        if _KANA.search(text):
            return ""
        signs = len(_HAN.findall(text))
        best, by = _likelier(text, "ja", ("zh", "ko"))
        sure = by >= SURE or (signs >= 2 and by >= SURE_SIGN * signs)
        return {"zh": "Chinese", "ko": "Korean"}[best] if best and sure else ""
    if language != "en":
        # The net below knows English by its small words; other languages only by their odds.
        rivals = tuple(code for code in ("en", *_LATIN_LANGUAGES) if code != language)
        best, by = _likelier(text, language, rivals)
        return f"another language ({best})" if best and by >= SURE else ""
    words = {word.lower().replace("’", "'") for word in _WORD.findall(text)}
    if words & _ENGLISH:
        return ""
    best, by = _likelier(text, "en", _LATIN_LANGUAGES)
    return f"another language ({best})" if best and by >= SURE and len(words) > 1 else ""


def _likelier(text: str, wanted: str, others: Sequence[str]) -> tuple[str, float]:
    ranked = _ranks(text)
    best = max(others, key=lambda name: ranked.get(name, float("-inf")))
    by = ranked.get(best, 0.0) - ranked.get(wanted, 0.0)
    return (best, by) if by > 0 else ("", 0.0)


@cache
def _ranks(text: str) -> dict[str, float]:
    import py3langid

    return dict(cast("list[tuple[str, float]]", cast(Any, py3langid).rank(text)))


def is_copied(line: str, briefs: Iterable[str], share: float = COPIED) -> bool:
    """Whether most of a line stands in what the model was told, in the same order."""
    words = _units(line)
    if len(words) < FEWEST:
        return False
    for brief in briefs:
        there = _units(brief)
        match = SequenceMatcher(None, words, there, autojunk=False)
        if match.find_longest_match().size >= share * len(words):
            return True
    return False


def nearly_alike(one: str, other: str) -> bool:
    """Whether two lines say the same in almost the same words."""
    first, second = _units(one), _units(other)
    if min(len(first), len(second)) < FEWEST:
        return first == second
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= NEAR


def repeats(line: str, other: str, share: float = COPIED) -> bool:
    """Whether a line is another one with something around it, or a piece of it."""
    words, there = _units(line), _units(other)
    shorter = min(len(words), len(there))
    if shorter < FEWEST:
        return words == there
    blocks = SequenceMatcher(None, words, there, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) >= share * shorter


def _units(text: str) -> list[str]:
    """Words, or signs where none are spaced."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).lower())
    if _KANA.search(text) or _HAN.search(text):
        return list("".join(words))
    return words
