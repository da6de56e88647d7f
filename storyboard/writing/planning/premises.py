"""Thinking a film up: premises in prose, and the choice among several by a rubric.

Knows: premises, marks. Does not know: scripts, faults.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from renderers.base import JSON, ChatRequest, Message
from renderers.errors import BadOutput, Refused, TooLong
from storyboard.core.prompt_files import prompt_text
from storyboard.writing.planning.briefing import assigned
from storyboard.writing.planning.conversation import Conversation

THINKING, NOTES = 2048, 1536
"""Tokens for thoughts, and for what is written down of them."""
THINKING_SHARE = 1 / 4
"""Of the time that is left, for one premise: a slow model must still come to write."""


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


def premise(talk: Conversation) -> str:
    """The premise to write, in the model's own words; "" where the brief must do."""
    thoughts = [_think(talk, number) for number in range(talk.assignment.candidates)]
    premises = [thought for thought in thoughts if thought]
    if not premises:
        talk.tell("The script was written from the brief alone.")
        return ""
    if len(premises) == 1:
        talk.story.append(premises[0])
        return premises[0]
    return _best(talk, premises)


def _think(talk: Conversation, number: int) -> str:
    """Reason about the film in prose; "" where nothing of use came of it."""
    talk.report(f"thinking up premise {number + 1} of {talk.assignment.candidates}")
    try:
        result = talk.ask(
            ChatRequest(
                (
                    Message("system", prompt_text("planner/think.txt")),
                    Message("user", assigned(talk.assignment)),
                ),
                purpose="think",
                thinking=True,
                thinking_tokens=THINKING,
                max_tokens=THINKING + NOTES,
                # A model that does not come to an end would not do so the next time.
                attempts=1,
                seed=talk.assignment.seed + number,
            ),
            THINKING_SHARE,
        )
    except (BadOutput, Refused, TooLong) as error:
        talk.tell(f"Nothing came of thinking up premise {number + 1}: {error}")
        return ""
    return result.text


def _best(talk: Conversation, premises: list[str]) -> str:
    talk.report(f"choosing among {len(premises)} premises")
    marks = _score(talk, premises)
    best = max(range(len(premises)), key=lambda i: marks[i].total if i in marks else -1.0)
    for i, text in enumerate(premises):
        mark = marks.get(i)
        verdict = f"{mark.total:.1f} of 50: {mark.reason}" if mark else "not marked"
        chosen = " (chosen)" if i == best else ""
        talk.story += [f"## Premise {i + 1}{chosen}", verdict, text]
    return premises[best]


def _score(talk: Conversation, premises: list[str]) -> dict[int, Score]:
    numbered = "\n\n".join(f"Premise {i}\n{text}" for i, text in enumerate(premises, 1))
    try:
        result = talk.ask(
            ChatRequest(
                (
                    Message("system", prompt_text("planner/choose.txt")),
                    Message("user", f"Idea: {talk.assignment.idea}\n\n{numbered}"),
                ),
                schema=Scores.model_json_schema(),
                schema_name="scores",
                purpose="choose",
                temperature=0.2,
                seed=talk.assignment.seed,
            ),
            THINKING_SHARE,
        )
    except (BadOutput, Refused, TooLong) as error:
        talk.tell(f"The premises were not marked: {error}")
        return {}
    return _marks(result.data, len(premises))


def _marks(data: JSON, count: int) -> dict[int, Score]:
    """Marks by premise; a model that marks nonsense decides nothing."""
    try:
        scores = Scores.model_validate(data).scores
    except ValidationError:
        return {}
    return {score.premise - 1: score for score in scores if score.premise <= count}
