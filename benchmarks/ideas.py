"""Measures how ideas are understood, judged and matched, and how much of them the films say.

`python -m benchmarks.ideas` reads the labelled sets beside this module, writes
`benchmarks/results/ideas.md` and prints it. Every second line of a set is held out: rules, words
and thresholds were made looking at the others only.

Knows: the labelled sets, the offline writer. Does not know: films.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from storyboard.plan.format_files import load_format
from storyboard.plan.records import Language
from storyboard.writing.offline import (
    carries,
    detect_language,
    judge,
    share_said,
    write_plan,
)
from storyboard.writing.offline.choose import story_about
from storyboard.writing.offline.dictionary import lemma
from storyboard.writing.offline.frames import read
from storyboard.writing.offline.idea import read_idea
from storyboard.writing.offline.match import embeddings
from storyboard.writing.offline.sorts import sort_of

HERE = Path(__file__).parent
RESULT = HERE / "results" / "ideas.md"
FORMATS = ("comedy_5", "language_mishap", "consent_dilemma", "explainer")
SEED = 42


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled line, and whether it is held out."""

    fields: tuple[str, ...]
    held: bool


def cases(name: str) -> list[Case]:
    """The lines of a labelled set."""
    text = (HERE / "labelled" / f"{name}.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [
        Case(tuple(part.strip() for part in line.split("|")), bool(i % 2))
        for i, line in enumerate(lines)
    ]


def readings() -> Iterator[str]:
    """A table of how often who, verb and thing are the labelled ones."""
    rows: dict[tuple[Language, bool], list[tuple[bool, bool, bool]]] = {}
    for case in cases("readings"):
        idea, who, verb, thing = case.fields
        language = detect_language(idea)
        got = read(idea, language)
        hits = (
            _same(got.who.head if got.who else "-", who),
            _same_verb(got.act.does if got.act else "-", verb, idea, language),
            _same(got.thing.head if got.thing else "-", thing),
        )
        rows.setdefault((language, case.held), []).append(hits)
    yield "| language | set | ideas | who | verb | thing | all three |"
    yield "|---|---|---|---|---|---|---|"
    for (language, held), hits in sorted(rows.items()):
        share = [sum(column) / len(hits) for column in zip(*hits, strict=True)]
        whole = sum(all(hit) for hit in hits) / len(hits)
        cells = " | ".join(f"{value:.0%}" for value in (*share, whole))
        yield f"| {language} | {_set(held)} | {len(hits)} | {cells} |"


def _set(held: bool) -> str:
    return "held out" if held else "looked at"


def _same(got: str, want: str) -> bool:
    return got.lower() == want.lower() or (want != "-" and got != "-" and got.endswith(want))


def _same_verb(does: str, want: str, idea: str, language: Language) -> bool:
    if want == "-" or does == "-":
        # What only speaks of the writer is passed over, whatever it is.
        return want == does or (does == "-" and bool(re.search(r"\b(?:my|me|I)\b", idea)))
    if language == "ja":
        return want.rstrip("うくすつぬむるぐぶい") in does or want in does
    return any(lemma(word) == want for word in does.split()[:3])


def taste() -> Iterator[str]:
    """A table of misses and false alarms, and the lines themselves."""
    told: list[str] = []
    yield "| set | ideas | right | grave taken for free (misses) | free taken for grave (false alarms) |"
    yield "|---|---|---|---|---|"
    for held in (False, True):
        right = missed = false = count = grave = 0
        for case in cases("taste"):
            if case.held != held:
                continue
            idea, _, format = case.fields[0].partition(" @")
            want = case.fields[1]
            got = judge(idea, detect_language(idea), format or "comedy_5").kind
            count += 1
            grave += want != "free"
            right += got == want
            missed += want != "free" and got == "free"
            false += want == "free" and got != "free"
            if got != want:
                told.append(f"- {_set(held)}: “{idea}” is {want}, was taken for {got}")
        yield (
            f"| {_set(held)} | {count} ({grave} grave) | {right / count:.0%} | {missed} | {false} |"
        )
    for name, what in (("taste_more", "looked at, later"), ("taste_fresh", "held out, later")):
        right = missed = false = grave = 0
        later = cases(name)
        for case in later:
            idea, want = case.fields
            free = judge(idea, detect_language(idea)).kind == "free"
            grave += want == "grave"
            right += free == (want == "free")
            missed += free and want == "grave"
            false += not free and want == "free"
            if free != (want == "free"):
                told.append(f"- {what}: “{idea}” is {want}, was taken for the other")
        yield (
            f"| {what} | {len(later)} ({grave} grave) | {right / len(later):.0%} | {missed} "
            f"| {false} |"
        )
    yield ""
    yield from quiet()
    yield ""
    yield from told or ["Nothing was taken for something else."]


def quiet() -> Iterator[str]:
    """A table of the ideas that no joke is made of, whether they are taken for grave or not."""
    yield "What may be grave is told quietly, without a joke and without a word on why."
    yield ""
    yield "| set | grave ideas | a joke is made of | free ideas | told quietly |"
    yield "|---|---|---|---|---|"
    for name, what in (("taste_more", "looked at, later"), ("taste_fresh", "held out, later")):
        joked = still = grave = 0
        later = cases(name)
        for case in later:
            idea, want = case.fields
            language = detect_language(idea)
            free = judge(idea, language).kind == "free"
            plain = free and sort_of(idea, read(idea, language), language) != "tender"
            grave += want == "grave"
            joked += plain and want == "grave"
            still += free and not plain and want == "free"
        yield f"| {what} | {grave} | {joked} | {len(later) - grave} | {still} |"


def stories() -> Iterator[str]:
    """A table of wrong and missed matches of hand-written stories."""
    told: list[str] = []
    formats = {name: load_format(name) for name in FORMATS}
    yield "| set | ideas | right | wrong story told | story not found |"
    yield "|---|---|---|---|---|"
    for held in (False, True):
        right = wrong = missed = count = 0
        for case in cases("stories"):
            if case.held != held:
                continue
            name, idea, want = case.fields
            language = detect_language(idea)
            found = story_about(
                read_idea(idea, language), read(idea, language), formats[name], embeddings()
            )
            got = found.id if found else "-"
            count += 1
            right += got == want
            wrong += got not in ("-", want)
            missed += got == "-" and want != "-"
            if got != want:
                told.append(f"- {_set(held)}: {name}, “{idea}”: {want} was right, {got} was taken")
        yield f"| {_set(held)} | {count} | {right / count:.0%} | {wrong} | {missed} |"
    yield ""
    yield from told or ["Every match is the labelled one."]


def films(ideas: Sequence[str]) -> Iterator[str]:
    """A table of how much of its idea a film says, by format and language."""
    yield "| format | language | films | words said | none said | stand-ins |"
    yield "|---|---|---|---|---|---|"
    for name in FORMATS:
        format = load_format(name)
        for language in ("en", "ja"):
            shares: list[float] = []
            stand_ins = 0
            for idea in ideas:
                if detect_language(idea) != language:
                    continue
                if judge(idea, language, name).kind == "free":
                    plan = write_plan(idea, format, language, seed=SEED)
                    shares.append(share_said(plan))
                    stand_ins += not carries(plan)
            none = sum(share == 0 for share in shares)
            mean = sum(shares) / len(shares) if shares else 0
            yield f"| {name} | {language} | {len(shares)} | {mean:.0%} | {none} | {stand_ins} |"


def main() -> None:
    ideas = [case.fields[0] for case in cases("readings")]
    parts: list[tuple[str, Callable[[], Iterator[str]]]] = [
        ("Who does what with what", readings),
        ("What is no matter for a joke", taste),
        ("Is a hand-written story about this idea", stories),
        ("How much of its idea a film says", lambda: films(ideas[1::2])),
    ]
    lines = [
        "# How ideas are understood",
        "",
        "Made by `python -m benchmarks.ideas` from `benchmarks/labelled/`. Every second line of a",
        "set is held out. The last table counts the idea's content words, in any form, that title,",
        "hook and lines say, over the held-out ideas of the first set.",
        "",
    ]
    for title, part in parts:
        lines += [f"## {title}", "", *part(), ""]
    text = "\n".join(lines).rstrip() + "\n"
    RESULT.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
