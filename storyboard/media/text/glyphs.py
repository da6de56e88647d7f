"""What of a plan's words no font here can show: said before anything is rendered.

Knows: which words a film shows. Does not know: fonts, how the words are laid out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from storyboard.media.text.fonts import OF_EXTRAS, missing_glyphs, own_fonts
from storyboard.plan import Plan

_WRITTEN = {"ko": re.compile(r"[ᄀ-ᇿ㄰-㆏가-힣]"), "zh": re.compile(r"[㐀-鿿]")}
"""By extra, the characters that its font is for."""


def unshowable(plan: Plan) -> Iterator[str]:
    """One sentence a field that holds characters without a glyph, by the field's path."""
    shown = [(f"beats[{i}].line", beat.text) for i, beat in enumerate(plan.beats)]
    if plan.hook is not None:
        shown = [("hook.title", plan.hook.title), ("hook.line", plan.hook.text), *shown]
    for path, text in shown:
        if lacking := missing_glyphs(text):
            yield (
                f"{path}: no font here has {' '.join(lacking)}, shown as □: {font_advice(lacking)}"
            )


def font_advice(lacking: Sequence[str]) -> str:
    """What brings a font that has these characters."""
    extras = sorted({name for c in lacking for name in OF_EXTRAS if _WRITTEN[name].match(c)})
    if extras and all(any(_WRITTEN[name].match(c) for name in extras) for c in lacking):
        return f"pip install 'storyboard[{','.join(extras)}]'"
    return f"put one that has (.ttf or .otf) into {own_fonts()}"
