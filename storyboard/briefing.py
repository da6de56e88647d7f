"""What a planner is told: the format in prose, a script in prose, and the prompts.

No JSON stands in any of it: an example inside the question makes some servers loop.

Knows: words. Does not know: models, rounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from renderers.base import JSON
from storyboard.formats import Format
from storyboard.plan import Language
from storyboard.script import beat_keys

LANGUAGE_NAMES: Mapping[Language, str] = {"en": "English", "ja": "Japanese"}


def brief(format: Format, language: Language) -> str:
    """The format in prose: roles, places, beats and rules, as the model reads them."""
    lines = [
        f"Format: {format.title}. {format.summary}",
        f"Language of the film: {LANGUAGE_NAMES[language]}.",
        "",
        "Roles",
        *(f"{role.id}: {role.who}" for role in format.roles),
        "",
        "Places",
        *(f"{stage.id}: {stage.what}" for stage in format.settings),
    ]
    if format.hook is not None:
        limit = format.hook.max_chars[language]
        lines += ["", "Hook", f"{format.hook.direction} At most {limit} characters."]
    lines += ["", "Beats"]
    for key, beat in zip(beat_keys(format), format.beats, strict=True):
        least, most = beat.seconds
        if beat.speaker is None:
            who = "silent, nobody speaks"
        else:
            who = f"spoken by {beat.speaker}, at most {beat.max_chars[language]} characters"
        cast = f" In frame: {', '.join(beat.cast)}." if beat.cast else ""
        lines.append(f"{key} ({who}; {least:g} to {most:g} seconds). {beat.direction}{cast}")
    if format.constraints:
        lines += ["", "Rules", *format.constraints]
    return "\n".join(lines)


def prompt(name: str) -> str:
    return (files("prompts") / "planner" / f"{name}.txt").read_text(encoding="utf-8").strip()


def in_prose(data: JSON) -> str:
    """A script, a line a field."""
    lines: list[str] = []

    def tell(path: str, value: JSON) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                tell(f"{path}.{key}" if path else key, inner)
        elif value != "":
            lines.append(f"{path}: {value}")

    tell("", data)
    return "\n".join(lines)
