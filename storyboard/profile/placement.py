"""`[executor]` of a profile: where steps run, and what each takes of a cluster.

Knows: the shape and the rules of the table. Does not know: processes, Ray.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from storyboard.core.strict_records import Record
from storyboard.plan.stages import Stage


class Resources(Record):
    """What one step takes of a node. Ray keeps the books; it does not enforce them."""

    cpus: float = Field(default=1.0, ge=0.0, le=1024.0)
    gpus: float = Field(default=0.0, ge=0.0, le=64.0)
    """Above 0, the cluster also takes those steps of the stage that share a model: each of
    Ray's workers has the profile's backends to itself, on the card that Ray gave it."""
    memory_gib: float = Field(default=0.0, ge=0.0, le=65_536.0)


class Placement(Record):
    """Which executor runs the steps.

    `local`: worker processes of this machine. `ray`: a Ray cluster, every node of which sees
    the runs and their store under the same path.
    """

    kind: Literal["local", "ray"] = "local"
    address: Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9_.\[\]:-]+:\d+)?$")] = ""
    """`host:port` of the cluster's head; empty: the cluster that this machine belongs to."""
    retries: int = Field(default=3, ge=0, le=100)
    """How often a step is begun again whose node or worker died under it."""
    stages: dict[Stage, Resources] = Field(default_factory=dict[Stage, Resources])
    """By stage; one CPU where nothing is said."""

    @model_validator(mode="after")
    def _only_ray_has_more(self) -> Self:
        if self.kind == "local" and (self.address or self.stages):
            raise ValueError('address and stages are for kind = "ray"; local takes --jobs')
        return self

    def needs(self, stage: Stage) -> Resources:
        return self.stages.get(stage) or Resources()
