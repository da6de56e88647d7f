"""Asking a model about a cut, and making findings of what it says.

The model fills one schema: a score, and findings whose kind, severity and paths come from
fixed lists. Whatever does not fit is left out and said to be, one by one, so that one
misshapen finding does not cost the others, and a thousand do not bury the film.

Knows: the question, the schema, what an answer is worth. Does not know: servers, videos.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from renderers.base import JSON, ReviewRequest, ReviewResult, Word
from storyboard.core.files import read_json
from storyboard.core.prompt_files import prompt_data, prompt_text
from storyboard.core.strict_records import describe_errors
from storyboard.core.text import shortened
from storyboard.judge.verdict import is_praise
from storyboard.plan import Plan
from storyboard.plan.timeline import HOOK, Segment
from storyboard.review.finding import Finding, Severity
from storyboard.review.finished_cut import Cut
from storyboard.review.plan_patch import MAX_OPERATIONS, OPERATIONS, allowed_paths
from storyboard.review.technical.vocabulary import DEFECTS as MEASURED

MAX_FINDINGS = 30
"""Findings of one look that are read; a reviewer with more has nothing to say."""
MAX_PATCH = 10_000
"""Bytes of a finding's edits that are read at all."""
MAX_EVIDENCE = 400
"""Characters of a finding's evidence that are kept."""


def _plain(value: Any) -> Any:
    """Text of a model, fit for a page and a file: no control characters, not too long."""
    if not isinstance(value, str):
        return value
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in value)
    return shortened(" ".join(kept.split()), MAX_EVIDENCE)


PlainText = Annotated[str, BeforeValidator(_plain)]


_SEVERITIES: Mapping[str, Severity] = {
    **dict.fromkeys(("critical", "blocker", "major", "high", "fatal", "error"), "severe"),
    **dict.fromkeys(("medium", "moderate", "warning"), "minor"),
    **dict.fromkeys(("low", "info", "trivial", "nit", "suggestion"), "note"),
}
"""Other names that reviewers have for ours."""


def _severity(value: Any) -> Any:
    low = value.strip().lower() if isinstance(value, str) else value
    return _SEVERITIES.get(low, low) if isinstance(low, str) else low


class Said(BaseModel):
    """One finding as the model gives it."""

    model_config = ConfigDict(extra="ignore")

    beat: int | None = None
    start: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    end: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    defect: str
    severity: Annotated[Severity, BeforeValidator(_severity)]
    evidence: PlainText = Field(min_length=1)
    patch: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a model holds against a cut."""

    score: float | None
    summary: str
    findings: tuple[Finding, ...]
    left_out: tuple[str, ...]
    """What of the answer could not be used, and why."""


@cache
def vocabulary() -> Mapping[str, str]:
    """Every kind of defect that a model may name, with what it means."""
    return {**MEASURED, **cast("dict[str, str]", prompt_data("review/defects.yaml"))}


def question(cut: Cut, tried: Iterable[str] = ()) -> ReviewRequest:
    """What a model is asked about a cut. `tried` names edits that did not help before."""
    segments = cut.timeline.segments
    lines = [_facts(cut), "", "The plan, beat by beat", *(_beat(cut.plan, s) for s in segments)]
    lines += ["", "Kinds of defect", *(f"{name}: {what}" for name, what in vocabulary().items())]
    lines += ["", "Paths that may be changed", *(f"{p}: {w}" for p, w in allowed_paths().items())]
    if seen := list(tried):
        lines += ["", "Tried before without success; do not propose these again", *seen]
    return ReviewRequest(
        cut.film,
        instructions=prompt_text("review/system.txt"),
        question="\n".join(lines),
        schema=schema(),
        words=_heard(cut),
        moments=_moments(segments),
    )


def _facts(cut: Cut) -> str:
    plan, seconds = cut.plan, cut.timeline.seconds
    return "\n".join(
        [
            f"Title: {plan.title}",
            f"Idea: {plan.idea}",
            f"Format: {plan.format}; language: {plan.language}; {seconds:.1f} s, "
            f"{plan.canvas.width}×{plan.canvas.height} at {plan.canvas.fps} fps",
            *(f"{c.id}: {c.name}. {c.appearance}. Wears {c.wardrobe}." for c in plan.cast),
        ]
    )


def _beat(plan: Plan, segment: Segment) -> str:
    times = f"{segment.start:.2f}-{segment.end:.2f} s"
    said = f"{segment.speaker} says: “{segment.line}”" if segment.line else "nobody speaks"
    if segment.index == HOOK and plan.hook is not None:
        hook = plan.hook
        return f"0 (hook), {times}: title “{hook.title}”; {said}; shows {hook.image_prompt}"
    beat = plan.beat(segment.index)
    place = plan.setting(beat.setting).name
    return (
        f"{beat.index} ({beat.type}), {times}: {said}; expression {beat.expression}; "
        f"{beat.action} In frame: {', '.join(beat.cast) or 'nobody'}, in {place}; "
        f"{beat.shot.scale}; take {beat.take}, pause {beat.pause:g}, speed {beat.speed:g}"
    )


def _heard(cut: Cut) -> tuple[Word, ...]:
    try:
        heard: list[dict[str, Any]] = read_json(cut.folder / "audio" / "heard.json")["words"]
        return tuple(Word(**word) for word in heard)
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _moments(segments: Iterable[Segment]) -> tuple[float, ...]:
    """The middle of every beat, then its first and its last picture."""
    parts = list(segments)
    middles = [(s.start + s.end) / 2 for s in parts]
    edges = [at for s in parts for at in (s.start + 0.15, s.end - 0.15)]
    return (*middles, *edges)


def schema() -> dict[str, JSON]:
    """JSON Schema of an answer, in the part of the language that all servers take."""
    operation: dict[str, JSON] = {
        "type": "object",
        "properties": {
            "op": {"type": "string", "enum": [*OPERATIONS]},
            "path": {"type": "string"},
            "value": {"type": ["string", "number", "null"]},
        },
        "required": ["op", "path", "value"],
    }
    finding: dict[str, JSON] = {
        "type": "object",
        "properties": {
            "beat": {"type": ["integer", "null"]},
            "start": {"type": ["number", "null"]},
            "end": {"type": ["number", "null"]},
            "defect": {"type": "string", "enum": [*vocabulary()]},
            "severity": {"type": "string", "enum": ["severe", "minor", "note"]},
            "evidence": {"type": "string"},
            "patch": {"type": "array", "items": operation, "maxItems": MAX_OPERATIONS},
        },
        "required": ["beat", "start", "end", "defect", "severity", "evidence", "patch"],
    }
    return {
        "type": "object",
        "properties": {
            "score": {"type": "integer", "minimum": 0, "maximum": 100},
            "summary": {"type": "string"},
            "findings": {"type": "array", "items": finding, "maxItems": MAX_FINDINGS},
        },
        "required": ["score", "summary", "findings"],
    }


def read_opinion(reviewer: str, result: ReviewResult) -> Opinion:
    """What an answer says, as far as it can be used."""
    data = result.data if isinstance(result.data, dict) else {}
    score, said = data.get("score"), data.get("findings")
    left_out: list[str] = []
    if not isinstance(said, list):
        left_out.append("the answer has no list of findings")
        said = []
    if len(said) > MAX_FINDINGS:
        left_out.append(f"{len(said) - MAX_FINDINGS} findings beyond the first {MAX_FINDINGS}")
    findings: list[Finding] = []
    for number, item in enumerate(said[:MAX_FINDINGS], 1):
        try:
            one = Said.model_validate(item)
            if fault := _unfit(one.patch):
                one = one.model_copy(update={"patch": []})
                left_out.append(f"the edits of finding {number}: {fault}")
            if is_praise(one.evidence):
                left_out.append(f"finding {number}: it holds nothing against the film")
                continue
            findings.append(_finding(reviewer, one))
        except ValidationError as error:
            left_out.append(_plain(f"finding {number}: {describe_errors(error)[0]}"))
    known = isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 100
    return Opinion(
        float(cast(float, score)) if known else None,
        str(_plain(data.get("summary"))) if isinstance(data.get("summary"), str) else "",
        tuple(findings),
        tuple(left_out),
    )


def _unfit(patch: list[dict[str, Any]]) -> str:
    """Why edits cannot even be written down; empty if they can."""
    try:
        size = len(json.dumps(patch, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, RecursionError):
        return "they are no JSON"
    return f"they are {size} bytes long" if size > MAX_PATCH else ""


def _finding(reviewer: str, said: Said) -> Finding:
    return Finding(
        reviewer=reviewer,
        defect=said.defect if said.defect in vocabulary() else "other",
        severity=said.severity,
        evidence=said.evidence,
        beat=said.beat,
        start=said.start,
        end=said.end,
        # As much as can be refused as a whole: the rest could not be applied either.
        patch=tuple(said.patch[: MAX_OPERATIONS + 1]),
    )
