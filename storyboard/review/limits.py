"""What a reviewer's words must hold to, where they are to be spoken or shown: the format's limits.

An advert of 140 characters in place of a line of 84 makes a longer film, not a better one.

Knows: formats' limits, what makes no line. Does not know: edits, findings.
"""

from __future__ import annotations

import re

from renderers.base import JSON
from storyboard.core.errors import UsageError
from storyboard.media.audio import wording
from storyboard.plan import Plan
from storyboard.plan.format_files import load_format
from storyboard.plan.formats import BeatSpec, Format
from storyboard.plan.languages import ABOUT
from storyboard.writing.planning import lint, script, tidy

LONGEST = 84
"""English characters of a line where the film's format cannot be found."""
LONGEST_TITLE = 60
_LINE = re.compile(r"/(?:hook|beats/(\d+))/(line|reading)")


def spoken_fault(plan: Plan, path: str, before: JSON, after: JSON) -> str:
    """Why new words may not stand at this path; "" if they may, or it is no place for words."""
    if not isinstance(after, str) or not after:
        return ""
    old = before if isinstance(before, str) else ""
    if path == "/hook/title":
        return _too_long(after, max(LONGEST_TITLE, len(old)))
    match = _LINE.fullmatch(path)
    if match is None:
        return ""
    if match[2] == "reading":
        part = plan.beat(int(match[1])) if match[1] else plan.hook
        near = wording.similarity(part.line, after, plan.language) if part is not None else 0.0
        return "" if near >= tidy.SAME else "reads another line than the one written"
    # A line that was longer before, by hand, may be as long again.
    limit = max(_limit(plan, match[1]), len(old))
    if fault := _too_long(after, limit):
        return fault
    names = [name for c in plan.cast for name in (c.id, c.name)]
    speaker = plan.beat(int(match[1])).speaker if match[1] else None
    name = next((c.name for c in plan.cast if c.id == speaker), "")
    fault = next(lint.line_faults(after, plan.language, name, names, limit + 1), "")
    return f"the line {fault}" if fault else ""


def _too_long(text: str, limit: int) -> str:
    return f"has {len(text)} characters: {limit} at most" if len(text) > limit else ""


def _limit(plan: Plan, index: str | None) -> int:
    language = plan.language
    found = _format(plan)
    if found is None:
        return ABOUT[language].most(LONGEST)
    if index is None:
        return found.hook.most(language) if found.hook else ABOUT[language].most(LONGEST)
    spec = _spec(plan, found, int(index))
    return script.spoken_limit(spec, language) if spec else ABOUT[language].most(LONGEST)


def _spec(plan: Plan, format: Format, index: int) -> BeatSpec | None:
    """What the format says of a beat, as long as the plan still has the format's beats."""
    types = [beat.type for beat in plan.beats]
    if types != [spec.type for spec in format.beats]:
        return None
    return format.beats[[beat.index for beat in plan.beats].index(index)]


def _format(plan: Plan) -> Format | None:
    try:
        return load_format(plan.format)
    except (UsageError, OSError):
        return None
