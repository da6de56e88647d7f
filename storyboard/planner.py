"""The planning agent: an idea and a format become a plan, written by a language model.

It thinks first (premise, escalation, reversal, payoff; kept as `planning.md`), then fills
the one schema that its format leaves open. Structure is the format's and cannot be got
wrong; words are the model's and are checked, and faults go back to it by path. What still
has faults after the last round is refused, whole.

Knows: prompts, rounds, faults. Does not know: servers, voices, pictures.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from renderers.base import JSON, ChatBackend, ChatRequest, ChatResult, Message
from storyboard.errors import PlanError, UsageError
from storyboard.formats import Format
from storyboard.plan import Aspect, Language, Plan, describe_errors
from storyboard.script import Script, plan_of, script_faults, script_schema
from storyboard.staging import derived_seed

LANGUAGE_NAMES: Mapping[Language, str] = {"en": "English", "ja": "Japanese"}


@dataclass(frozen=True, slots=True)
class Assignment:
    """What the planner is to write."""

    idea: str
    format: Format
    language: Language
    aspect: Aspect | None = None
    seed: int = 42
    candidates: int = 1
    """Premises to think up; the best by the rubric is written."""
    rounds: int = 3
    """How often faults go back to the model before the plan is refused."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan and how it came about."""

    plan: Plan
    planning: str
    """The thinking, as Markdown."""
    calls: list[ChatResult] = field(default_factory=list[ChatResult])


class Score(BaseModel):
    """One premise's marks, 0 to 10 each."""

    model_config = ConfigDict(extra="forbid")

    premise: int = Field(ge=1)
    fit: float = Field(ge=0, le=10)
    escalation: float = Field(ge=0, le=10)
    payoff: float = Field(ge=0, le=10)
    visual: float = Field(ge=0, le=10)
    fresh: float = Field(ge=0, le=10)
    reason: str = Field(max_length=400)

    @property
    def total(self) -> float:
        return self.fit + self.escalation + self.payoff + self.visual + self.fresh


class Scores(BaseModel):
    model_config = ConfigDict(extra="forbid")

    scores: list[Score] = Field(min_length=1, max_length=8)


def write_plan(
    assignment: Assignment, chat: ChatBackend, report: Callable[[str], None] = lambda _: None
) -> Planned:
    """Think, choose, write, mend.

    Raises:
        PlanError: faults are left after the last round; it lists them by path.
        RendererError: the model could not be asked, or gave no whole answer.
    """
    if not assignment.idea.strip():
        raise UsageError("the idea is empty: say in one line what the film is about")
    planner = _Planner(assignment, chat, report)
    premises = [planner.think(number) for number in range(assignment.candidates)]
    notes, planning = planner.choose(premises)
    script = planner.write(notes)
    format = assignment.format
    plan = plan_of(
        script,
        format,
        assignment.language,
        assignment.idea.strip(),
        assignment.aspect or format.aspect,
    )
    palette = derived_seed(assignment.seed, "palette") % 1000
    plan = plan.model_copy(
        update={
            "seed": assignment.seed,
            "author": planner.calls[-1].model,
            "style": plan.style.model_copy(update={"palette": palette}),
        }
    )
    return Planned(plan, planning, planner.calls)


class _Planner:
    """One assignment's conversation."""

    def __init__(
        self, assignment: Assignment, chat: ChatBackend, report: Callable[[str], None]
    ) -> None:
        self.assignment = assignment
        self.chat = chat
        self.report = report
        self.calls: list[ChatResult] = []

    def think(self, number: int) -> str:
        """Reason about the film in prose."""
        self.report(f"thinking up premise {number + 1} of {self.assignment.candidates}")
        result = self._ask(
            ChatRequest(
                (Message("system", prompt("think")), Message("user", self._brief())),
                purpose="think",
                thinking=True,
                thinking_tokens=2048,
                max_tokens=4096,
                seed=self.assignment.seed + number,
            )
        )
        return result.text

    def choose(self, premises: list[str]) -> tuple[str, str]:
        """(the best premise, all of them with their marks as Markdown)."""
        if len(premises) == 1:
            return premises[0], f"# Planning\n\n{premises[0]}\n"
        self.report(f"choosing among {len(premises)} premises")
        numbered = "\n\n".join(f"Premise {i}\n{text}" for i, text in enumerate(premises, 1))
        result = self._ask(
            ChatRequest(
                (
                    Message("system", prompt("choose")),
                    Message("user", f"Idea: {self.assignment.idea}\n\n{numbered}"),
                ),
                schema=Scores.model_json_schema(),
                schema_name="scores",
                purpose="choose",
                temperature=0.2,
                seed=self.assignment.seed,
            )
        )
        marks = _marks(result.data, len(premises))
        best = max(range(len(premises)), key=lambda i: marks[i].total if i in marks else -1.0)
        parts = ["# Planning"]
        for i, text in enumerate(premises):
            mark = marks.get(i)
            verdict = f"{mark.total:.1f} of 50: {mark.reason}" if mark else "not marked"
            chosen = " (chosen)" if i == best else ""
            parts.append(f"## Premise {i + 1}{chosen}\n\n{verdict}\n\n{text}")
        return premises[best], "\n\n".join(parts) + "\n"

    def write(self, notes: str) -> Script:
        """Fill the schema; send faults back until none is left."""
        format, language = self.assignment.format, self.assignment.language
        schema = script_schema(format, language)
        task = f"{self._brief()}\n\nYour notes\n{notes}"
        messages = [Message("system", prompt("write")), Message("user", task)]
        found: list[str] = []
        for number in range(self.assignment.rounds + 1):
            self.report(
                "writing" if not number else f"mending {len(found)} faults (round {number})"
            )
            result = self._ask(
                ChatRequest(
                    tuple(messages),
                    schema=schema,
                    schema_name="script",
                    purpose="mend" if number else "write",
                    max_tokens=6144,
                    seed=self.assignment.seed + number,
                )
            )
            script, found = _checked(result.data, format, language)
            if script is not None and not found:
                return script
            # Only the last attempt is shown: a growing pile of bad ones teaches bad habits.
            answer = json.dumps(result.data, ensure_ascii=False)
            faults = "\n".join(found[:40])
            messages[2:] = [
                Message("assistant", answer),
                Message("user", f"{prompt('mend')}\n\n{faults}"),
            ]
        raise PlanError(f"the script that {self.calls[-1].model} wrote", found)

    def _ask(self, request: ChatRequest) -> ChatResult:
        result = self.chat.ask(request)
        self.calls.append(result)
        return result

    def _brief(self) -> str:
        assignment = self.assignment
        return f"Idea: {assignment.idea.strip()}\n\n" + brief(
            assignment.format, assignment.language
        )


def _checked(data: JSON, format: Format, language: Language) -> tuple[Script | None, list[str]]:
    try:
        script = Script.model_validate(data)
    except ValidationError as error:
        return None, describe_errors(error)
    return script, script_faults(script, format, language)


def _marks(data: JSON, count: int) -> dict[int, Score]:
    """Marks by premise; a model that marks nonsense decides nothing."""
    try:
        scores = Scores.model_validate(data).scores
    except ValidationError:
        return {}
    return {score.premise - 1: score for score in scores if score.premise <= count}


def brief(format: Format, language: Language) -> str:
    """The format in prose: roles, places, beats and rules, as the model reads them."""
    lines = [
        f"Format: {format.title}. {format.summary}",
        f"Language of the film: {LANGUAGE_NAMES[language]}.",
        "",
        "Roles",
        *(f"{role.id}: {role.who}" for role in format.roles),
        "",
        "Places",
        *(f"{stage.id}: {stage.what}" for stage in format.settings),
    ]
    if format.hook is not None:
        limit = format.hook.max_chars[language]
        lines += ["", "Hook", f"{format.hook.direction} At most {limit} characters."]
    lines += ["", "Beats"]
    for number, beat in enumerate(format.beats, 1):
        least, most = beat.seconds
        if beat.speaker is None:
            who = "silent, nobody speaks"
        else:
            who = f"spoken by {beat.speaker}, at most {beat.max_chars[language]} characters"
        cast = f" In frame: {', '.join(beat.cast)}." if beat.cast else ""
        lines.append(
            f"{number}. {beat.type} ({who}; {least:g} to {most:g} seconds). {beat.direction}{cast}"
        )
    if format.constraints:
        lines += ["", "Rules", *format.constraints]
    return "\n".join(lines)


def prompt(name: str) -> str:
    return (files("prompts") / "planner" / f"{name}.txt").read_text(encoding="utf-8").strip()
