"""What `run.json` says of a run, where it says it as a run does: a folder may be anybody's.

Knows: its shape. Does not know: what becomes of it.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from storyboard.core.files import read_record
from storyboard.graph.folder import RunFolder


class _Open(BaseModel):
    # What else stands there is of other releases.
    model_config = ConfigDict(extra="ignore")


class _Document(_Open):
    kind: str = ""
    params: dict[str, Any] = Field(default_factory=dict[str, Any])
    inputs: dict[str, Any] = Field(default_factory=dict[str, Any])


class _Step(_Open):
    seconds: float = 0.0
    cached: bool = False
    document: _Document | None = None


class _Run(_Open):
    status: str = "unknown"
    seconds: float = 0.0
    profile: str = "?"
    filmed: str | None = None
    steps: dict[str, _Step] = Field(default_factory=dict[str, _Step])


def read_run(folder: RunFolder) -> dict[str, Any]:
    """The record of the last run; empty where there is none that can be read."""
    record = read_record(folder.manifest)
    try:
        read = _Run.model_validate(record)
    except ValidationError:
        return {}
    told = {"status": read.status, "seconds": read.seconds, "profile": read.profile}
    return told | record if record else {}
