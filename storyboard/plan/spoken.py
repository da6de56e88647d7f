"""In which language each line of a plan is said: the one place that settles it.

A line names its language, else its speaker does, else its script tells, else the film.

Knows: the lines of a plan and their languages. Does not know: voices, ears.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from renderers.base import Span
from storyboard.plan.languages import Language, known, language_of, spans_of
from storyboard.plan.records import NARRATOR, Beat, Hook, Plan
from storyboard.plan.timeline import HOOK


@dataclass(frozen=True, slots=True)
class Said:
    """A line by language, as it is written; `aloud` is how it is pronounced, where that differs."""

    language: Language
    spans: tuple[Span, ...]
    aloud: tuple[Span, ...]

    @property
    def languages(self) -> tuple[Language, ...]:
        """Those in which it is written or said, the line's own first."""
        spoken: list[Language] = [known(span.language) for span in (*self.spans, *self.aloud)]
        # Sorted is stable: the others keep their order.
        spoken.sort(key=lambda language: language != self.language)
        return tuple(dict.fromkeys(spoken))

    @property
    def mixed(self) -> bool:
        return len(self.languages) > 1


def said_of(plan: Plan, index: int) -> Said:
    """Of a segment: the hook's line, or a beat's."""
    part: Hook | Beat | None = plan.hook if index == HOOK else plan.beat(index)
    assert part is not None
    own = part.language
    if own is None and isinstance(part, Beat) and part.speaker not in (None, NARRATOR):
        own = plan.character(part.speaker or "").language
    language = own or language_of(part.line, plan.language)
    spans = spans_of(part.line, language)
    aloud = spans_of(part.reading, language) if part.reading else spans
    if len({span.language for span in (*spans, *aloud)}) == 1:
        language = known((aloud or spans)[0].language)
    return Said(language, spans, aloud)


def spoken_otherwise(plan: Plan) -> dict[int, tuple[Span, ...]]:
    """The lines that are not all in the film's language, by segment, by their parts."""
    lines = {beat.index: beat.line for beat in plan.beats}
    if plan.hook is not None:
        lines[HOOK] = plan.hook.line
    spoken = {index: said_of(plan, index) for index, line in lines.items() if line}
    return {i: said.aloud for i, said in spoken.items() if said.languages != (plan.language,)}


def as_data(spans: Iterable[Span]) -> tuple[tuple[str, str], ...]:
    """For a step's parameters."""
    return tuple((span.language, span.text) for span in spans)


def of_data(data: Sequence[Any]) -> tuple[Span, ...]:
    return tuple(Span(str(text), str(language)) for language, text in data)
