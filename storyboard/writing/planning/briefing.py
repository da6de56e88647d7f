"""What a planner is told: the format in prose, a script in prose, and the prompts.

No JSON stands in any of it: an example inside the question makes some servers loop.

Knows: words. Does not know: models, rounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from renderers.base import JSON
from renderers.loose import record_of
from storyboard.core.text import shortened
from storyboard.plan import Language
from storyboard.plan.formats import BeatSpec, Format, HookSpec
from storyboard.plan.languages import ABOUT
from storyboard.writing.planning.conversation import Assignment
from storyboard.writing.planning.script import beat_keys

LANGUAGE_NAMES: Mapping[Language, str] = {code: a.name for code, a in ABOUT.items()}
NOTES_SHOWN, LINE_SHOWN = 1000, 160
"""Characters of the notes, and of what is written so far, that a question about one part shows."""


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
        lines += ["", "Hook", _hook(format.hook, language)]
    lines += ["", "Beats"]
    for key, beat in zip(beat_keys(format), format.beats, strict=True):
        lines.append(_beat(key, beat, language))
    if format.constraints:
        lines += ["", "Rules", *format.constraints]
    return "\n".join(lines)


def _hook(hook: HookSpec, language: Language) -> str:
    return f"{hook.direction} At most {hook.most(language)} characters."


def _beat(key: str, beat: BeatSpec, language: Language) -> str:
    least, most = beat.seconds
    if beat.speaker is None:
        who = "silent, nobody speaks"
    else:
        who = f"spoken by {beat.speaker}, at most {beat.most(language)} characters"
    cast = f" In frame: {', '.join(beat.cast)}." if beat.cast else ""
    return f"{key} ({who}; {least:g} to {most:g} seconds). {beat.direction}{cast}"


def assigned(assignment: Assignment) -> str:
    """The whole assignment: the idea and its format."""
    told = brief(assignment.format, assignment.language)
    series = "\n".join([*assignment.series, ""]) if assignment.series else ""
    return "\n\n".join(filter(None, [f"Idea: {assignment.idea.strip()}", series.strip(), told]))


def part_brief(
    assignment: Assignment, notes: str, script: JSON, path: str, faults: Sequence[str]
) -> str:
    """What the part of a script at `path` needs, for a model that cannot take in the whole.

    `faults` are those of the last answer, which is not shown: it would be copied.
    """
    format, language = assignment.format, assignment.language
    lines = [
        f"Idea: {assignment.idea.strip()}",
        f"Film: {format.summary}",
        f"Language of the film: {LANGUAGE_NAMES[language]}.",
        *(shortened(line, LINE_SHOWN) for line in assignment.series),
    ]
    if notes:
        lines += ["", "Your notes", shortened(notes, NOTES_SHOWN)]
    if written := _written(script, path):
        lines += ["", "Written so far", *written]
    if format.constraints:
        lines += ["", "Rules", *format.constraints]
    lines += ["", "Write now", _part(format, language, path)]
    if faults:
        lines += ["", "What was wrong with your last answer; write another", *faults]
    return "\n".join(lines)


def _part(format: Format, language: Language, path: str) -> str:
    section, _, name = path.partition(".")
    if section == "cast":
        who = next(role.who for role in format.roles if role.id == name)
        return f"{name}, one of the cast: {who}. Name, looks, clothes and manner."
    if section == "settings":
        what = next(stage.what for stage in format.settings if stage.id == name)
        return f"{name}, a place: {what}."
    if section == "hook" and format.hook is not None:
        return f"The hook. {_hook(format.hook, language)}"
    if section == "beats":
        beats = dict(zip(beat_keys(format), format.beats, strict=True))
        return _beat(name, beats[name], language)
    style = " its style in a few words of English," if "style" in path.split(" ") else ""
    return f"The title of the film,{style} and the mood of its music."


def _written(script: JSON, path: str) -> list[str]:
    """Who is in it and what is said, and how they look where one more is to differ from them."""
    if not isinstance(script, dict):
        return []
    lines: list[str] = []
    told = ("name", "appearance", "wardrobe") if path.startswith("cast") else ("name",)
    for section, fields in (("cast", told), ("settings", ("name",)), ("beats", ("line", "action"))):
        for name, entry in record_of(script.get(section)).items():
            known = record_of(entry)
            if f"{section}.{name}" == path or not known:
                continue
            said = [str(known[field]) for field in fields if known.get(field)]
            lines.append(f"{name}: {shortened('; '.join(said[: len(told)]), LINE_SHOWN)}")
    hook = script.get("hook")
    if isinstance(hook, dict) and path != "hook":
        lines.append(f"hook: {hook.get('line')}")
    return lines


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
