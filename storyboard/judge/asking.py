"""Asks a model that sees what it finds on a picture, and takes nothing for an answer that is none.

The picture comes first and its references after it, each with its number and role. The
schema names every check, so that none can be left out; what is still no answer after the
last round leaves every check unsure, never passed.

Knows: rounds, the schema, what an answer must hold. Does not know: servers, plans.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from weakref import WeakKeyDictionary

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from renderers.base import JSON, ChatBackend, ChatRequest, Message
from renderers.errors import BadOutput, Refused
from renderers.scratch import temporary_folder
from storyboard.core.answer_schema import object_of
from storyboard.core.prompt_files import prompt_text
from storyboard.judge.brief import Brief
from storyboard.judge.measures import MeasuredPicture
from storyboard.judge.rubric import REMEDIES, Check, RemedyKind, rubric
from storyboard.judge.verdict import EVIDENCE, Outcome, PictureFinding, Verdict, is_praise

ROUNDS = 3
"""Answers asked for before the checks are left unsure."""
GIVEN_UP = 3
"""Pictures in a row without a usable answer after which a judge is not asked again."""
SWITCHED_OFF = f"the judge was switched off: no usable answer on {GIVEN_UP} pictures in a row"
_USELESS: WeakKeyDictionary[ChatBackend, int] = WeakKeyDictionary()
INSTRUCTION = 400
"""Most characters of an instruction."""


@dataclass(frozen=True, slots=True)
class Case:
    """One picture before the judge: what it must show, and what to compare it with."""

    picture: Path
    brief: Brief
    references: Sequence[tuple[str, Path]] = ()
    """(role, picture) in the order in which they are shown."""
    seed: int = 0


def _sound(box: tuple[int, ...]) -> tuple[int, ...]:
    """A box that is one, or none: a bad box does not spoil a good answer."""
    if len(box) != 4:
        return ()
    left, top, right, bottom = box
    return box if 0 <= left < right <= 1000 and 0 <= top < bottom <= 1000 else ()


class Answer(BaseModel):
    """What the model says of one check."""

    model_config = ConfigDict(extra="forbid")

    verdict: Outcome
    evidence: str = Field(min_length=1)
    box: Annotated[tuple[int, ...], AfterValidator(_sound)] = ()
    remedy: RemedyKind | Literal["none"] = "none"
    instruction: str = ""


def ask(case: Case, checks: Sequence[Check], chat: ChatBackend) -> Verdict:
    """The model's verdict on every check.

    Raises:
        RendererError: the model cannot be asked at all, or does not see pictures.
    """
    if _USELESS.get(chat, 0) >= GIVEN_UP:
        return Verdict(checks=tuple(unsure(checks)), note=SWITCHED_OFF)
    with temporary_folder("judge") as folder:
        opening = _opening(case, checks, folder)
        messages, fault, judge, answered = opening, "", "", ""
        for number in range(ROUNDS):
            request = ChatRequest(
                messages,
                schema=schema(checks),
                schema_name="verdict",
                max_tokens=400 + 160 * len(checks),
                temperature=0.2,
                seed=case.seed + number,
            )
            try:
                result = chat.ask(request)
                judge, answered = result.model, result.text
                found = tuple(_findings(result.data, checks))
                _USELESS.pop(chat, None)
                return Verdict(checks=found, judge=judge)
            except (BadOutput, Refused) as error:
                messages, fault = opening, str(error)
            except ValidationError as error:
                fault = _faults(error)
                # Roles alternate: many templates refuse two messages of the user in a row.
                said = Message("assistant", answered)
                messages = (
                    *opening,
                    said,
                    Message("user", f"{prompt_text('judge/again.txt')}\n{fault}"),
                )
    _USELESS[chat] = _USELESS.get(chat, 0) + 1
    note = f"the judge gave no usable answer in {ROUNDS} rounds: {fault}"[:EVIDENCE]
    return Verdict(checks=tuple(unsure(checks)), judge=judge, note=note)


def unsure(checks: Sequence[Check], evidence: str = "") -> list[PictureFinding]:
    """The checks on which nothing was said."""
    return [
        PictureFinding(id=c.id, level=c.level, verdict="unsure", evidence=evidence) for c in checks
    ]


def schema(checks: Sequence[Check]) -> Mapping[str, JSON]:
    """JSON Schema of the answer: an object with every check by its name.

    Strings are bounded, since some servers otherwise never end one.
    """
    one = object_of(
        {
            # What is seen comes first: a verdict that is written before it is only defended by it.
            "evidence": {"type": "string", "minLength": 1, "maxLength": EVIDENCE},
            "verdict": {"enum": ["pass", "fail", "unsure"]},
            "box": {
                "type": "array",
                "maxItems": 4,
                "items": {"type": "integer", "minimum": 0, "maximum": 1000},
            },
            "remedy": {"enum": ["none", *REMEDIES]},
            "instruction": {"type": "string", "maxLength": INSTRUCTION},
        }
    )
    return object_of({check.id: one for check in checks})


def question(case: Case, checks: Sequence[Check]) -> str:
    """The pictures by number, then each check as a statement about the first."""
    brief = case.brief
    lines = ["Image 1 is the picture to check."]
    lines += [f"Image {i} is {role}." for i, (role, _) in enumerate(case.references, 2)]
    lines += ["", "The checks"]
    lines += [f"{check.id}: {' '.join(brief.say(check.ask).split())}" for check in checks]
    return "\n".join(lines)


def _opening(case: Case, checks: Sequence[Check], folder: Path) -> tuple[Message, ...]:
    shown: list[Path] = []
    for number, path in enumerate((case.picture, *(path for _, path in case.references))):
        small = folder / f"{number}.jpg"
        MeasuredPicture(path).save_jpeg(rubric().side, small)
        shown.append(small)
    roles = ["the picture to check", *(role for role, _ in case.references)]
    labels = tuple(f"Image {number}: {role}" for number, role in enumerate(roles, 1))
    asked = Message("user", question(case, checks), tuple(shown), labels)
    return Message("system", prompt_text("judge/system.txt")), asked


def _findings(data: JSON, checks: Sequence[Check]) -> list[PictureFinding]:
    answers = TypeAdapter(dict[str, Answer]).validate_python(data)
    missing = [check.id for check in checks if check.id not in answers]
    # An answer for another list of checks is an answer to another question.
    TypeAdapter(Annotated[list[str], Field(max_length=0)]).validate_python(missing)
    return [_finding(check, answers[check.id]) for check in checks]


def _finding(check: Check, answer: Answer) -> PictureFinding:
    failed = answer.verdict == "fail"
    evidence = _plain(answer.evidence)
    # A pass that says how to mend it is two verdicts, and so none; so is a fail of what is well.
    two = answer.verdict == "pass" and answer.remedy != "none"
    two |= failed and (is_praise(evidence) or evidence.lower().strip(" .") in _NOTHING)
    return PictureFinding(
        id=check.id,
        level=check.level,
        verdict="unsure" if two else answer.verdict,
        evidence=evidence[:EVIDENCE],
        box=answer.box,
        remedy=None if not failed or two or answer.remedy == "none" else answer.remedy,
        instruction=_plain(answer.instruction)[:INSTRUCTION] if failed and not two else "",
    )


_NOTHING = frozenset({"", "fail", "failed", "no", "none", "n/a", "null", "evidence", "-"})
"""Evidence that says nothing of what was seen."""


def _plain(text: str) -> str:
    """On one line, without what steers a terminal or turns its direction."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _faults(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, e['loc'])) or 'answer'}: {e['msg']}" for e in error.errors()[:6]
    )
