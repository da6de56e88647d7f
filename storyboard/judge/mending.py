"""How a picture that failed is tried again: by an edit, by other words, or by another seed.

Of all tries the best so far is mended, so that a remedy which makes it worse is dropped. A
remedy that was tried for a check and did not help is not tried again: the next firmer one
is.

Knows: verdicts, remedies, requests. Does not know: steps, models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from renderers.base import ImageRequest, Reference, Region
from storyboard.judge.brief import Brief
from storyboard.judge.rubric import REMEDIES, RemedyKind, Rule, rubric
from storyboard.judge.verdict import PictureFinding, Verdict
from storyboard.plan.referred import Referred
from storyboard.plan.staging import derived_seed
from storyboard.writing.prompting.references import CHANGE, COPY

ROOM = 60
"""Thousandths of the picture that may change around a fault, so that no seam shows."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a picture is drawn from before any edit: a final is drawn from the same."""

    prompt: str
    seed: int


@dataclass(frozen=True, slots=True)
class Mending:
    """What was done about which checks of which try."""

    of: str
    kind: RemedyKind
    checks: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt at a picture, drawn and judged."""

    name: str
    image: Path
    info: Mapping[str, Any]
    verdict: Verdict

    @property
    def mending(self) -> Mapping[str, Any] | None:
        """How it came about, as JSON; None for one drawn afresh."""
        return self.info.get("mending")

    @property
    def edited(self) -> bool:
        return bool(self.info.get("edited"))


def best_try(tries: Sequence[Try]) -> Try:
    """The best; of equals, the earliest."""
    return min(tries, key=lambda t: t.verdict.rank)


@dataclass(frozen=True, slots=True)
class Means:
    """What the image backend can do."""

    reads: bool
    """It draws from words; otherwise only another seed changes anything."""
    edits: bool
    """It takes pictures to draw from."""

    def nearest(self, kind: RemedyKind) -> RemedyKind:
        if not self.reads:
            return "reroll"
        return "reprompt" if kind == "edit" and not self.edits else kind


def mending_for(tries: Sequence[Try], brief: Brief, means: Means) -> Mending:
    """What to do about the hard faults of the best try: the firmest of their remedies."""
    parent = best_try(tries)
    rules = {rule.id: rule for rule in (*brief.measures(), *brief.checks())}
    faults = [f for f in parent.verdict.of("hard", "fail") if f.id in rules]
    tried = set(_tried(tries))
    chosen: dict[str, RemedyKind] = {
        f.id: means.nearest(_next(f, rules[f.id], tried)) for f in faults
    }
    kind = max(chosen.values(), key=lambda one: REMEDIES.index(one))
    said = [_said(f, rules[f.id], kind, brief) for f in faults]
    words = ". ".join(dict.fromkeys(text for text in said if text))
    return Mending(parent.name, kind, tuple(chosen), "" if kind == "reroll" else words)


def mended(request: ImageRequest, parent: Try, mending: Mending, number: int) -> ImageRequest:
    """The request of try `number`; `request` is what the picture was first drawn from."""
    words = words_of(parent, request)
    seed = derived_seed(words.seed, f"try {number}")
    match mending.kind:
        case "edit":
            sheets = _sheets(request) if "identity" in mending.checks else []
            return replace(
                request,
                prompt=" ".join([_sentence(mending.text), *_shown(sheets), rubric().keep]),
                seed=seed,
                references=(
                    Reference(parent.image, "image 1 (the picture itself)"),
                    *(
                        Reference(sheet.path, f"image {number} ({_of(sheet)})")
                        for number, sheet in enumerate(sheets, 2)
                    ),
                ),
                options={**request.options, "shift": CHANGE},
                region=_region(parent, mending),
            )
        case "reprompt":
            prompt = f"{_sentence(words.prompt)} {_sentence(mending.text)}"
            return replace(request, prompt=prompt, seed=words.seed)
        case "reroll":
            return reseeded(replace(request, prompt=words.prompt), seed)


def _region(parent: Try, mending: Mending) -> Region | None:
    """Where the faults are, with room around them; None where one of them may be anywhere."""
    boxes = [f.box for f in parent.verdict.checks if f.id in mending.checks]
    if not boxes or not all(boxes):
        return None
    left, top, right, bottom = zip(*boxes, strict=True)
    return (
        max(0, min(left) - ROOM),
        max(0, min(top) - ROOM),
        min(1000, max(right) + ROOM),
        min(1000, max(bottom) + ROOM),
    )


def _sheets(request: ImageRequest) -> list[Reference]:
    """The sheets of the people in a picture, as many as it may be drawn from beside itself."""
    most = max(0, len(request.references) - 1)
    return [one for one in request.references if _of(one).kind == "character"][:most]


def _of(reference: Reference) -> Referred:
    """`character:ann` of "image 2 (character:ann)"."""
    return Referred.of(reference.role.partition("(")[2].rstrip(")"))


def _shown(sheets: Sequence[Reference]) -> Iterator[str]:
    for number, sheet in enumerate(sheets, 2):
        name = _of(sheet).called
        yield (
            f"Image {number} shows {name}: take face, hair and clothes of {name} in image 1 from it."
        )


def finished(request: ImageRequest, draft: Path) -> ImageRequest:
    """The final of a draft that was edited: its words alone would bring the fault back."""
    return replace(
        request,
        prompt=rubric().finish,
        references=(Reference(draft, "image 1 (its draft)"),),
        options={**request.options, "shift": COPY},
    )


def reseeded(request: ImageRequest, seed: int) -> ImageRequest:
    scene = None if request.scene is None else replace(request.scene, seed=seed)
    return replace(request, seed=seed, scene=scene)


def words_of(parent: Try, request: ImageRequest) -> Words:
    """What `parent`, or the picture that it was edited from, was drawn from."""
    source = parent.info.get("drawn_from") or parent.info
    return Words(source.get("prompt", request.prompt), source.get("seed", request.seed))


def _tried(tries: Sequence[Try]) -> Iterator[tuple[str, str]]:
    for one in tries:
        if one.mending is not None:
            yield from ((check, one.mending["kind"]) for check in one.mending["checks"])


def _next(fault: PictureFinding, rule: Rule, tried: set[tuple[str, str]]) -> RemedyKind:
    """The judge's remedy where the rubric allows it, or the first firmer one not tried yet."""
    first = fault.remedy if fault.remedy in rule.mend else rule.mend[0]
    ladder = rule.mend[rule.mend.index(first) :]
    for kind in ladder:
        if (fault.id, kind) not in tried:
            return kind
    return "reroll"


def _said(fault: PictureFinding, rule: Rule, kind: RemedyKind, brief: Brief) -> str:
    """The judge's own words where they are meant for this remedy, else the rubric's."""
    if fault.remedy == kind and fault.instruction:
        return fault.instruction.strip(" .")
    words = rule.edit if kind == "edit" else rule.clause
    return " ".join(brief.say(words).split()).strip(" .")


def _sentence(text: str) -> str:
    text = text.strip()
    return text if re.search(r"[.!?]$", text) else f"{text}."
