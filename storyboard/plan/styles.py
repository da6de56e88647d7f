"""Styles: how a film looks, in words for image models and as a look of the animatic.

Knows: what a style file says. Does not know: drawing.
"""

from __future__ import annotations

from pydantic import Field

from renderers.scene import Look
from storyboard.plan import Plan
from storyboard.plan.catalogue import Catalogue, Entry
from storyboard.plan.elements import Text


class StyleFile(Entry):
    """One style as its file says it."""

    look: Look = "flat"
    """What the animatic draws with."""
    words: Text = Field(min_length=1)
    """What image models are told."""


STYLES = Catalogue(StyleFile, "styles", "--style", "flat")


def in_style(plan: Plan, style: StyleFile) -> Plan:
    """The plan in this style: its look for the animatic, its words for image models."""
    changed = plan.style.model_copy(update={"look": style.look, "description": style.words})
    return plan.model_copy(update={"style": changed})
