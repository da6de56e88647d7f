"""The stages of a film, in the order in which a person thinks of them.

Knows: their names. Does not know: which steps belong to them.
"""

from __future__ import annotations

from typing import Literal

Stage = Literal["plan", "images", "speech", "clips", "assemble", "checks"]
STAGES: tuple[Stage, ...] = ("plan", "images", "speech", "clips", "assemble", "checks")
