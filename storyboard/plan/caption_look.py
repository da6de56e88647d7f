"""How captions are set in the picture: size, colours, box, how they turn, where they stand.

Knows: the files in `prompts/captions`, and those of users. Does not know: fonts, how letters are
drawn, where a caption breaks.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from storyboard.core.strict_records import Record
from storyboard.plan.catalogue import Catalogue, Entry

Turning = Literal["lines", "words"]
_Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]


class CaptionLook(Record):
    """One look; what is left out is as usual."""

    size: float = Field(default=1.0, ge=0.6, le=1.6)
    """Times the usual height; what grows too wide for its row shrinks."""
    colour: _Colour = "#ffffff"
    said: _Colour = "#ffd04f"
    """Of words that have been said, where captions turn word by word."""
    edge: _Colour = "#141418"
    outline: float = Field(default=0.12, ge=0.0, le=0.3)
    """Width of the edge in parts of the letters' height."""
    box: _Colour | None = None
    """Colour behind the letters; None: no box."""
    box_opacity: float = Field(default=0.75, ge=0.1, le=1.0)
    capitals: bool = False
    """Whether letters are shown as capitals, in scripts that have them."""
    bottom: float | None = Field(default=None, ge=0.02, le=0.5)
    """Room under the captions in parts of the picture's height; None: as its shape has it."""
    side: float = Field(default=0.03, ge=0.0, le=0.3)
    """Room left and right in parts of the width."""


USUAL = CaptionLook()


class CaptionFile(Entry):
    """A look as its file says it."""

    turn: Turning = "lines"
    look: CaptionLook = USUAL


CAPTIONS = Catalogue(CaptionFile, "captions", "--captions", "lines")
