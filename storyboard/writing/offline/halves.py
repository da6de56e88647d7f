"""Parts a Japanese idea where it turns: 「冷蔵庫を開けたら | 手紙が入っていた」.

A film that tells the first half, lets somebody wonder, and then tells the second has the shape of
its sentence. Each half stands before 「んです」.

Knows: Japanese morphemes. Does not know: readings, lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from storyboard.writing.offline.morphemes import Morph, japanese

LONGEST_HALF = 30
_SHORTEST = 3
_ME = r"(?:私|僕|俺|わたし|ぼく|おれ)[がは]"
_POLITE = ("です", "ます")
OUTCOME = re.compile(r"(?<=[たうくすつぬむるぐぶいだ])(?:結果|だけの話|だけ)$|あるある$")
"""What a title ends in that its grammar does without: 「甘いものをやめてみた結果」."""
_PAIR = re.compile(r"^(.+?)([一-龠ァ-ヴー]{1,6})と(.+?)([一-龠ァ-ヴー]{1,6})$")
_TOLD = ("動詞", "助動詞", "形容詞")
_CONDITION = re.compile(r"^(?:もし(?:も)?、?)?(.+?(?:たら|だら|なら|れば|ければ))(?:、|$)?(.*)$")


def plain(text: str) -> str:
    """A clause as it stands before 「んです」: 「社長だ」 as 「社長な」, 「職場が工場」 as 「職場が工場な」,
    「飼っています」 as 「飼っている」; "" for what is none."""
    morphs = [m for m in japanese(text) if m.pos != "記号"]
    if not morphs:
        return ""
    last, before = morphs[-1], morphs[-2] if len(morphs) > 1 else morphs[-1]
    if last.text == "な":
        return text
    if last.pos == "名詞" or last.kind == "形容動詞語幹":
        return text + "な"
    if last.pos != "助動詞" or not text.endswith(last.text):
        return text if last.pos in ("動詞", "形容詞") else ""
    left = text[: -len(last.text)]
    if last.text == "ます":
        return left[: -len(before.text)] + before.base if left.endswith(before.text) else ""
    if last.text == "だ" and before.pos == "動詞":
        # 「飲み込んだ」
        return text
    if last.text in ("だ", "です") and last.base in ("だ", "です"):
        return left if before.pos == "形容詞" else left + "な"
    return "" if last.text in _POLITE else text


def halves(said: str) -> tuple[str, str] | None:
    """What comes first and what comes of it; None where an idea has no such turn."""
    said = OUTCOME.sub("", said)
    if two := _pair(said):
        return two
    trait = re.match(
        rf"(.{{2,}}(?:[なくすつぬむるぐぶうたい]|[^中前横隣後頃]の))({_ME})(.+)$", said
    )
    if trait:
        # 「三日坊主の私が日記を続けてみた」
        first = re.sub("の$", "な", trait[1])
        return _fit(first, plain(trait[3].strip("、")))
    morphs = japanese(said)
    for at in range(len(morphs) - 2, 0, -1):
        first = _first(morphs, at)
        if first and _fit(first, "そうな"):
            then = "".join(m.text for m in morphs[at + 1 :]).strip("、。")
            return _fit(first, plain(then))
    return None


def told_of(said: str, who: str) -> tuple[str, str] | None:
    """The same of somebody of whom two things are told: 「引退した忍者が介護施設で働く」. None where
    another did it: 「私が拾った猫が…」."""
    found = re.match(rf"(.+){re.escape(who)}[がは](.+)$", said)
    if not found or "が" in found[1]:
        return None
    last = japanese(found[1])[-1]
    if last.pos not in _TOLD:
        return None
    return _fit(found[1], plain(found[2].strip("、")))


def condition(said: str) -> tuple[str, str] | None:
    """「もし犬がしゃべれたら、最初に何を言うか」: the condition, and what is asked of it."""
    found = _CONDITION.match(said)
    if not found:
        return None
    return found[1], re.sub("(?:の?か|の)?[？?]?$", "", found[2])


def _pair(said: str) -> tuple[str, str] | None:
    """「締め切りを守れない漫画家と守りすぎる編集者」: one after the other."""
    found = _PAIR.match(said)
    if not found:
        return None
    first, one, second, other = found.groups()
    if any(not s.endswith("な") and japanese(s)[-1].pos not in _TOLD for s in (first, second)):
        return None
    return _fit(f"{one}が{plain(first)}", f"{other}が{plain(second)}")


def _first(morphs: Sequence[Morph], at: int) -> str:
    """What stands before a turn at `at`, in plain form."""
    turn, left = morphs[at], "".join(m.text for m in morphs[:at])
    if turn.pos == "助動詞" and turn.text in ("たら", "だら"):
        # 「虫歯だらけ」
        return left + turn.text[0] if turn.text == "たら" or morphs[at - 1].pos == "動詞" else ""
    if turn.pos != "助詞" or turn.kind != "接続助詞":
        return ""
    before = morphs[at - 1]
    if turn.text in ("のに", "けど", "けれど", "けれども", "が", "くせに"):
        if before.text in ("だ", "です"):
            return left[: -len(before.text)] + "な"
        return left if before.text not in _POLITE else plain(left)
    return ""


def _fit(first: str, then: str) -> tuple[str, str] | None:
    sizes = (len(first), len(then))
    return (first, then) if min(sizes) >= _SHORTEST and max(sizes) <= LONGEST_HALF else None
