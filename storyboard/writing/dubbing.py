"""The words of a film in another language: what is to be said anew, by whom it is said, how long.

Lines are translated by a language model or by hand, in a table. What is in another language
than the film's already (a learner's Japanese) stays as it is, and so does every mark in a line.

Knows: plans, lines, how long they may be. Does not know: folders, how a film is made.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from renderers.base import ChatBackend, ChatRequest, Message
from renderers.loose import record_of
from storyboard.core.answer_schema import object_of
from storyboard.core.errors import UsageError
from storyboard.core.prompt_files import prompt_text
from storyboard.plan import NARRATOR, Language, Plan, Voice, parse_plan
from storyboard.plan.languages import ABOUT, mark_fault
from storyboard.plan.records import Original
from storyboard.plan.spoken import said_of
from storyboard.plan.timeline import HOOK
from storyboard.writing.planning.lint import other_language

ROUNDS = 3
"""How often faults go back to the model."""
SLACK = 1.2
"""How much longer than the original's time a line may be: the voice hurries a little."""
_LEAST = 14
_MARK = re.compile(r"\{\w+:[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Row:
    """One text of the film that is translated."""

    key: str
    """`title`, `hook.title`, `hook.line`, or a beat's number."""
    speaker: str
    text: str
    most: int
    """Characters that the time of the original holds."""


def rows_of(plan: Plan, to: Language, seconds: Mapping[int, float]) -> tuple[Row, ...]:
    """What is to be translated. `seconds`: how long each segment's line was spoken, if it was."""
    return tuple(_rows(plan, to, seconds))


def _rows(plan: Plan, to: Language, seconds: Mapping[int, float]) -> Iterator[Row]:
    yield Row("title", "", plan.title, _longest_title(plan.title, plan.language, to))
    if plan.hook is not None:
        title = plan.hook.title
        yield Row("hook.title", "", title, _longest_title(title, plan.language, to))
    lines = [(beat.index, beat.line, beat.speaker) for beat in plan.beats]
    if plan.hook is not None:
        lines.insert(0, (HOOK, plan.hook.line, NARRATOR))
    for index, line, speaker in lines:
        if not line or said_of(plan, index).language != plan.language:
            continue
        spoken = seconds.get(index) or len(line) / ABOUT[plan.language].rate
        most = max(_LEAST, round(SLACK * spoken * ABOUT[to].rate))
        name = next((c.name for c in plan.cast if c.id == speaker), "narrator")
        yield Row("hook.line" if index == HOOK else str(index), name, line, most)


def _longest_title(title: str, source: Language, to: Language) -> int:
    return max(_LEAST, ABOUT[to].most(round(1.4 * len(title) * ABOUT[source].dense)))


def faults(rows: Sequence[Row], said: Mapping[str, str], to: Language) -> dict[str, str]:
    """What is wrong with a translation, by key."""
    found: dict[str, str] = {}
    for row in rows:
        text = said.get(row.key, "").strip()
        if not text:
            found[row.key] = "is empty"
        elif fault := mark_fault(text):
            found[row.key] = fault
        elif lost := Counter(_MARK.findall(row.text)) - Counter(_MARK.findall(text)):
            found[row.key] = f"lacks {', '.join(lost)}"
        elif len(text) > row.most:
            found[row.key] = f"has {len(text)} characters; at most {row.most} can be spoken in time"
        elif other := other_language(_MARK.sub("", text), to):
            found[row.key] = f"is not {ABOUT[to].name} but {other}"
    return found


def translated(
    rows: Sequence[Row], to: Language, chat: ChatBackend, tell: Callable[[str], None], seed: int = 1
) -> dict[str, str]:
    """Every row in the other language, by a language model; lines too long at last are kept.

    Raises:
        UsageError: after `ROUNDS` answers some line is still empty, or in another language.
    """
    said: dict[str, str] = {}
    wrong = {row.key: "" for row in rows}
    for number in range(ROUNDS):
        said |= _ask(rows, wrong, said, to, chat, seed + number)
        wrong = faults(rows, said, to)
        if not wrong:
            return said
        tell(f"{len(wrong)} of {len(rows)} lines go back: " + "; ".join(_told(wrong))[:300])
    if dire := {key: why for key, why in wrong.items() if "can be spoken" not in why}:
        raise UsageError(
            f"the translation does not hold up ({'; '.join(_told(dire))[:300]}): take a stronger "
            "model, or translate by hand: --export FILE.csv, then --table FILE.csv"
        )
    tell("these lines take longer than the original's: " + ", ".join(wrong))
    return said


def _told(wrong: Mapping[str, str]) -> list[str]:
    return [f"{key} {why}" for key, why in wrong.items()]


def _ask(
    rows: Sequence[Row],
    wrong: Mapping[str, str],
    said: Mapping[str, str],
    to: Language,
    chat: ChatBackend,
    seed: int,
) -> dict[str, str]:
    asked = [row for row in rows if row.key in wrong]
    lines = [f"Language of the translation: {ABOUT[to].name}.", "The whole script:"]
    lines += [f"{row.speaker or 'on the screen'}: {row.text}" for row in rows]
    lines += ["", "Translate these:"]
    for row in asked:
        lines.append(f"{row.key} (at most {row.most} characters): {row.text}")
        if wrong[row.key]:
            lines.append(f"  your last one, “{said.get(row.key, '')}”, {wrong[row.key]}")
    properties = {row.key: {"type": "string", "maxLength": 2 * row.most + 40} for row in asked}
    answer = chat.ask(
        ChatRequest(
            (
                Message("system", prompt_text("dub/translate.txt")),
                Message("user", "\n".join(lines)),
            ),
            schema=object_of(properties),
            schema_name="translation",
            purpose="dub",
            temperature=0.6,
            seed=seed,
            max_tokens=max(1024, 6 * sum(row.most for row in asked)),
        )
    )
    found = record_of(answer.data)
    return {row.key: str(found.get(row.key, "")).strip() for row in asked}


# --- tables -----------------------------------------------------------------


def table_of(rows: Sequence[Row], source: Language, to: Language) -> str:
    """The rows as CSV, with an empty column to fill."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["key", "who", "most characters", source, to])
    for row in rows:
        writer.writerow([row.key, row.speaker, row.most, row.text, ""])
    # With its mark spreadsheets read UTF-8.
    return "\ufeff" + out.getvalue()


def read_table(text: str, rows: Sequence[Row], to: Language, name: str) -> dict[str, str]:
    """The column `to` of a table that was filled.

    Raises:
        UsageError: with every fault by row.
    """
    text = text.removeprefix("\ufeff")
    first = text.split("\n", 1)[0]
    divider = max(",;\t", key=first.count)
    try:
        read = csv.DictReader(io.StringIO(text), delimiter=divider)
        if "key" not in (read.fieldnames or ()) or to not in (read.fieldnames or ()):
            raise UsageError(
                f"--table: {name} needs the columns key and {to}; write one with --export FILE.csv"
            )
        said = {str(line["key"]).strip(): str(line[to] or "").strip() for line in read}
    except csv.Error as error:
        raise UsageError(f"--table: {name} is not CSV: {error}") from None
    wrong = faults(rows, said, to)
    # A person who writes more than fits has read the limit: the beat grows.
    if dire := {key: why for key, why in wrong.items() if "can be spoken" not in why}:
        raise UsageError(f"--table: {name}: {'; '.join(_told(dire))}")
    return said


# --- the plan ---------------------------------------------------------------


def dubbed(plan: Plan, said: Mapping[str, str], to: Language, voices: Sequence[str]) -> Plan:
    """The film in the other language: same pictures, same people, other words.

    Whose voice speaks that language (`voices`) keeps it; clones and designed ones speak any.
    """
    hook = plan.hook
    original = plan.original or Original(
        language=plan.language,
        title=plan.title,
        hook_title=hook.title if hook else "",
        hook_line=hook.text if hook else "",
    )
    if hook is not None:
        changes: dict[str, Any] = {"title": said["hook.title"]}
        if "hook.line" in said:
            changes |= {"line": said["hook.line"], "reading": ""}
        elif hook.line:
            changes["language"] = said_of(plan, HOOK).language
        hook = hook.model_copy(update=changes)
    beats = [
        beat.model_copy(
            update={"line": said[str(beat.index)], "reading": "", "language": None}
            if str(beat.index) in said
            else {"language": said_of(plan, beat.index).language}
            if beat.line
            else {}
        )
        for beat in plan.beats
    ]
    cast_ = [
        character.model_copy(
            update={
                "voice": _kept(character.voice, voices)
                if character.language in (None, plan.language)
                else character.voice,
                "language": None if character.language == plan.language else character.language,
            }
        )
        for character in plan.cast
    ]
    found = plan.model_copy(
        update={
            "language": to,
            "title": said["title"],
            "hook": hook,
            "beats": beats,
            "cast": cast_,
            "narrator": _kept(plan.narrator, voices) or Voice(),
            "original": original,
        }
    )
    return parse_plan(found.model_dump(mode="json"), f"the film in {ABOUT[to].name}")


def _kept(voice: Voice | None, voices: Sequence[str]) -> Voice | None:
    if voice is None or voice.kind != "preset" or voice.preset in voices:
        return voice
    return None


def lettering(plan: Plan) -> Iterator[str]:
    """The words that stand in pictures, which stay as they are."""
    for setting in plan.settings:
        if setting.lettering:
            yield f"“{setting.lettering}” on a sign ({setting.id})"
    insets = [(f"beat {beat.index}", beat.inset) for beat in plan.beats]
    insets += [("the hook", plan.hook.inset)] if plan.hook else []
    for where, inset in insets:
        if inset is not None and inset.words:
            yield f"“{inset.words}” in {where}"
