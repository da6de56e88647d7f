"""The rubric: what a picture is checked for, read from `prompts/judge/rubric.yaml`.

Knows: the checks, where each applies, what mends it. Does not know: pictures, models, plans.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from storyboard.core.prompt_files import prompt_data

Level = Literal["hard", "soft"]
Kind = Literal["beat", "hook", "character", "setting"]
Need = Literal["people", "faces", "silent", "speaker", "action", "empty"]
RemedyKind = Literal["edit", "reprompt", "reroll"]
REMEDIES: tuple[RemedyKind, ...] = ("edit", "reprompt", "reroll")
"""From the gentlest to the firmest."""


class Rule(BaseModel):
    """What measures and checks share. An empty `edit` or `clause` has no words for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    level: Level
    of: tuple[Kind, ...]
    needs: tuple[Need, ...] = ()
    mend: tuple[RemedyKind, ...] = ()
    edit: str = ""
    clause: str = ""

    @model_validator(mode="after")
    def _hard_ones_can_be_mended(self) -> Self:
        if self.level == "hard" and "reroll" not in self.mend:
            raise ValueError(f"{self.id}: a hard check needs reroll as its last remedy")
        for kind, words in (("edit", self.edit), ("reprompt", self.clause)):
            if kind in self.mend and not words:
                raise ValueError(f"{self.id}: has no words for the remedy {kind}")
        return self

    def applies(self, kind: Kind, holds: frozenset[Need]) -> bool:
        return kind in self.of and holds.issuperset(self.needs)


class Measure(Rule):
    """A check that is computed. `limits` belong to the measure of that name."""

    limits: Mapping[str, float]
    stops: bool = False
    """A picture that fails it is not shown to the model."""


class Check(Rule):
    """A check that a model answers: `ask` is the statement that must hold."""

    ask: str


class Rubric(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    side: int = Field(ge=256, le=4096)
    keep: str
    finish: str
    measures: tuple[Measure, ...]
    checks: tuple[Check, ...]

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        ids = [rule.id for rule in (*self.measures, *self.checks)]
        if twice := sorted({id for id in ids if ids.count(id) > 1}):
            raise ValueError(f"named twice: {', '.join(twice)}")
        return self


@cache
def rubric() -> Rubric:
    return Rubric.model_validate(prompt_data("judge/rubric.yaml"))
