"""How a picture looks: the film's style, and the lens or the pen that suits the shot.

Knows: styles, terms. Does not know: what is in a picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from storyboard.plan import Plan, ShotPlan
from storyboard.writing.prompting.terms import terms
from storyboard.writing.prompting.wording import Sentence, fixed

_PHOTOGRAPH = re.compile(
    r"(?i)photo|cinematic|film still|movie|documentary|live.action|realis|\bmm\b"
)
_LENS = re.compile(r"(?i)\d ?mm\b|\blens\b|\bf/\d")


def look(plan: Plan, shot: ShotPlan | None, *, subtitles: bool = False) -> Iterator[Sentence]:
    style = plan.style.description.rstrip(". ") or terms().default_style
    yield fixed(f"Style: {style}")
    yield Sentence(specs(style, shot), 2)
    shape = {"9:16": "upright 9:16", "16:9": "wide 16:9", "1:1": "square"}[plan.canvas.aspect]
    yield Sentence(f"One single {shape} picture that fills the frame to every edge", 2)
    if subtitles:
        yield Sentence("The lowest fifth of the frame stays calm, for subtitles", 1)


def is_photograph(style: str) -> bool:
    """Whether a style's words mean photographs, and not something drawn."""
    return _PHOTOGRAPH.search(style) is not None


def specs(style: str, shot: ShotPlan | None) -> str:
    """Lens, depth of field and rendering, by how the style pictures things.

    A sheet has no depth: `shot` is None.
    """
    photograph = is_photograph(style)
    how = terms().render["photograph" if photograph else "drawing"]
    if shot is None or (photograph and _LENS.search(style)):
        return how
    if photograph:
        return f"Taken with {terms().lenses[shot.scale]}; {how}"
    return f"Drawn in {terms().depths[shot.scale]}; {how}"
