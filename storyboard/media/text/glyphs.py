"""What of a plan's words no font here can show: said before anything is rendered.

Knows: which words a film shows. Does not know: fonts, how the words are laid out.
"""

from __future__ import annotations

from collections.abc import Iterator

from storyboard.media.text.fonts import missing_glyphs, own_fonts
from storyboard.plan import Plan


def unshowable(plan: Plan) -> Iterator[str]:
    """One sentence a field that holds characters without a glyph, by the field's path."""
    shown = [(f"beats[{i}].line", beat.text) for i, beat in enumerate(plan.beats)]
    if plan.hook is not None:
        shown = [("hook.title", plan.hook.title), ("hook.line", plan.hook.text), *shown]
    for path, text in shown:
        if lacking := missing_glyphs(text):
            yield (
                f"{path}: no font here has {' '.join(lacking)}, shown as □: put one that has "
                f"(Noto Sans KR, SC, …; .ttf or .otf) into {own_fonts()}"
            )
