"""The planning agent: an idea and a format become a plan, written by a language model.

It thinks first (premise, escalation, reversal, payoff; kept as `planning.md`), then fills
the one schema that its format leaves open. Structure is the format's and cannot be got
wrong; words are the model's and are checked, and faults go back to it by path, of which
only the parts concerned are written anew. What still has faults after the last round is
refused, whole. What has none is read once more for what no rule can check.

Knows: prompts, rounds, faults, the time it may take. Does not know: servers, voices, pictures.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from renderers.base import JSON, ChatBackend, ChatRequest, ChatResult, Message
from renderers.errors import BadOutput, Refused, Unavailable
from storyboard.briefing import brief, in_prose, prompt
from storyboard.errors import PlanError, UsageError
from storyboard.formats import Format
from storyboard.plan import Aspect, Language, Plan
from storyboard.records import describe_errors
from storyboard.script import (
    Script,
    merged,
    most_tokens,
    part_of,
    plan_of,
    script_faults,
    script_schema,
)
from storyboard.staging import derived_seed

THINKING, NOTES = 2048, 1536
"""Tokens for thoughts, and for what is written down of them."""
THINKING_SHARE = 1 / 3
"""Of the time that is left, for one premise: a slow model must still come to write."""
FEWEST = 1536
"""Tokens of the smallest answer by a schema: some models think however they are told not to."""
HOPELESS = 2
"""Rounds in a row that mend nothing, after which the model is not asked again."""
SHOWN = 40
"""Most faults that are told at once."""


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
    minutes: float = 20.0
    """How long it may take in all."""


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


class Fault(BaseModel):
    """What the script supervisor found, and where it is to be mended."""

    model_config = ConfigDict(extra="forbid")

    part: str
    fault: str = Field(min_length=1, max_length=240)


class Faults(BaseModel):
    model_config = ConfigDict(extra="forbid")

    faults: list[Fault] = Field(max_length=4)


def write_plan(
    assignment: Assignment, chat: ChatBackend, report: Callable[[str], None] = lambda _: None
) -> Planned:
    """Think, choose, write, mend, check.

    Raises:
        PlanError: faults are left after the last round; it lists them by path.
        RendererError: the model could not be asked, was too slow, or gave no whole answer.
    """
    if not assignment.idea.strip():
        raise UsageError("the idea is empty: say in one line what the film is about")
    planner = _Planner(assignment, chat, report)
    thoughts = [planner.think(number) for number in range(assignment.candidates)]
    planner.choose([thought for thought in thoughts if thought])
    script = planner.check(planner.write())
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
    return Planned(plan, "\n\n".join(planner.story) + "\n", planner.calls)


class _Planner:
    """One assignment's conversation."""

    def __init__(
        self, assignment: Assignment, chat: ChatBackend, report: Callable[[str], None]
    ) -> None:
        self.assignment = assignment
        self.chat = chat
        self.report = report
        self.calls: list[ChatResult] = []
        self.story = ["# Planning"]
        """How the plan came about, as paragraphs of Markdown."""
        self.notes = ""
        """The premise that is written, in the model's own words."""
        self.schema = script_schema(assignment.format, assignment.language)
        self._ends = time.monotonic() + 60 * assignment.minutes

    def think(self, number: int) -> str:
        """Reason about the film in prose; "" where nothing of use came of it."""
        self.report(f"thinking up premise {number + 1} of {self.assignment.candidates}")
        try:
            result = self._ask(
                ChatRequest(
                    (Message("system", prompt("think")), Message("user", self._brief())),
                    purpose="think",
                    thinking=True,
                    thinking_tokens=THINKING,
                    max_tokens=THINKING + NOTES,
                    # A model that does not come to an end would not do so the next time.
                    attempts=1,
                    seed=self.assignment.seed + number,
                ),
                THINKING_SHARE,
            )
        except (BadOutput, Refused) as error:
            self._tell(f"Nothing came of thinking up premise {number + 1}: {error}")
            return ""
        return result.text

    def choose(self, premises: list[str]) -> None:
        """Take the best premise; where there is none, the brief must do."""
        if not premises:
            self._tell("The script was written from the brief alone.")
            return
        if len(premises) == 1:
            self.story.append(premises[0])
            self.notes = premises[0]
            return
        self.report(f"choosing among {len(premises)} premises")
        marks = self._score(premises)
        best = max(range(len(premises)), key=lambda i: marks[i].total if i in marks else -1.0)
        for i, text in enumerate(premises):
            mark = marks.get(i)
            verdict = f"{mark.total:.1f} of 50: {mark.reason}" if mark else "not marked"
            chosen = " (chosen)" if i == best else ""
            self.story += [f"## Premise {i + 1}{chosen}", verdict, text]
        self.notes = premises[best]

    def _score(self, premises: list[str]) -> dict[int, Score]:
        numbered = "\n\n".join(f"Premise {i}\n{text}" for i, text in enumerate(premises, 1))
        try:
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
        except (BadOutput, Refused) as error:
            self._tell(f"The premises were not marked: {error}")
            return {}
        return _marks(result.data, len(premises))

    def write(self) -> JSON:
        """Fill the schema; send faults back until none is left."""
        self.report("writing")
        data = self._fill("write", self._task(), self.schema, 0)
        found = self._faults(data)
        hopeless = 0
        for number in range(1, self.assignment.rounds + 1):
            if not found or hopeless == HOPELESS:
                break
            self.report(f"mending {len(found)} faults (round {number})")
            mended = self._mend(data, found, number)
            left = self._faults(mended)
            hopeless = 0 if len(left) < len(found) else hopeless + 1
            data, found = mended, left
        if found:
            raise PlanError(f"the script that {self.calls[-1].model} wrote", found)
        return data

    def check(self, data: JSON) -> Script:
        """The script as it is filmed: read once more for who speaks where, strangers, payoff.

        What the reader finds is mended once, and only if the script holds up as well after it.
        """
        self.report("reading it once more")
        found = self._read(data)
        if found:
            self.story += ["## Read once more", "\n".join(f"- {fault}" for fault in found)]
            self.report(f"mending {len(found)} faults of the story")
            try:
                mended = self._mend(data, found, self.assignment.rounds + 1)
            except (BadOutput, Refused) as error:
                mended = None
                self._tell(f"They were left as they are: {error}")
            if mended is not None and not self._faults(mended):
                data = mended
            elif mended is not None:
                self._tell("They were left as they are: what was mended did not hold up.")
        return Script.model_validate(data)

    def _read(self, data: JSON) -> list[str]:
        parts = [
            f"{name}.{key}" if isinstance(key, str) else name
            for name, table in self.schema["properties"].items()
            for key in table.get("properties", [None])
        ]
        schema = Faults.model_json_schema()
        schema["$defs"]["Fault"]["properties"]["part"]["enum"] = parts
        task = f"{self._brief()}\n\nThe script\n{in_prose(data)}"
        try:
            result = self._ask(
                ChatRequest(
                    (Message("system", prompt("check")), Message("user", task)),
                    schema=schema,
                    schema_name="faults",
                    purpose="check",
                    temperature=0.2,
                    seed=self.assignment.seed,
                )
            )
            faults = Faults.model_validate(result.data).faults
        except (BadOutput, Refused, ValidationError) as error:
            self._tell(f"The script was not read once more: {error}")
            return []
        return [f"{f.part}: {f.fault}" for f in faults if f.part in parts]

    def _mend(self, data: JSON, found: list[str], number: int) -> JSON:
        """The script with the parts that the faults name written anew."""
        schema = part_of(self.schema, (fault.partition(":")[0] for fault in found))
        # Only the last attempt is shown: a growing pile of bad ones teaches bad habits.
        faults = "\n".join(found[:SHOWN])
        messages = (
            *self._task(),
            Message("assistant", json.dumps(data, ensure_ascii=False)),
            Message("user", f"{prompt('mend')}\n\n{faults}"),
        )
        return merged(data, self._fill("mend", messages, schema, number), self.schema)

    def _fill(
        self, purpose: str, messages: tuple[Message, ...], schema: dict[str, Any], number: int
    ) -> JSON:
        return self._ask(
            ChatRequest(
                messages,
                schema=schema,
                schema_name="script",
                purpose=purpose,
                max_tokens=max(FEWEST, most_tokens(schema)),
                seed=self.assignment.seed + number,
            )
        ).data

    def _task(self) -> tuple[Message, ...]:
        task = self._brief() + (f"\n\nYour notes\n{self.notes}" if self.notes else "")
        return Message("system", prompt("write")), Message("user", task)

    def _faults(self, data: JSON) -> list[str]:
        format, language = self.assignment.format, self.assignment.language
        try:
            script = Script.model_validate(data)
        except ValidationError as error:
            return describe_errors(error)
        return script_faults(script, format, language)

    def _ask(self, request: ChatRequest, share: float = 1.0) -> ChatResult:
        """Ask, for at most this share of the time that is left.

        Raises:
            BadOutput: no good answer came, or none within the share.
            Unavailable: the model cannot be asked, or the time is up.
        """
        started = time.monotonic()
        allowed = share * (self._ends - started)
        if allowed <= 0:
            raise Unavailable(self._too_late())
        try:
            result = self.chat.ask(replace(request, seconds=allowed))
        except Unavailable as error:
            now = time.monotonic()
            if now >= self._ends:
                raise Unavailable(self._too_late()) from error
            if now >= started + allowed:
                raise BadOutput(f"it did not end within {allowed:.0f} s") from error
            raise
        self.calls.append(result)
        return result

    def _too_late(self) -> str:
        asked = sum(call.calls for call in self.calls)
        tokens = sum(call.completion_tokens for call in self.calls)
        return (
            f"no plan after {self.assignment.minutes:g} minutes ({asked} answers, {tokens} tokens "
            "written): take a faster model, or raise limits.plan_minutes in the profile"
        )

    def _tell(self, what: str) -> None:
        """Something the reader of planning.md, and whoever waits, should know."""
        self.story.append(what)
        self.report(what)

    def _brief(self) -> str:
        assignment = self.assignment
        return f"Idea: {assignment.idea.strip()}\n\n" + brief(
            assignment.format, assignment.language
        )


def _marks(data: JSON, count: int) -> dict[int, Score]:
    """Marks by premise; a model that marks nonsense decides nothing."""
    try:
        scores = Scores.model_validate(data).scores
    except ValidationError:
        return {}
    return {score.premise - 1: score for score in scores if score.premise <= count}
