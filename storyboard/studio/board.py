"""The board: what is to be seen of each beat, read from the run folder.

Knows: what a beat leaves in its folder. Does not know: how a card looks, how anything is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from storyboard.core import events
from storyboard.core.files import read_record
from storyboard.graph.folder import RunFolder
from storyboard.judge.outcome import open_about
from storyboard.plan import NARRATOR, Plan, load_plan
from storyboard.plan.timeline import HOOK, Segment, lay_out, segment_plans
from storyboard.stages.speech import speech_name
from storyboard.studio.progress import Progress, State, progress_of, state_of

_VOICES = 6
"""Colours of speakers that the style sheet has."""


@dataclass(frozen=True, slots=True)
class Card:
    """One beat (0: the hook). What is not made yet is empty."""

    index: int
    type: str
    line: str
    speaker: str
    voice: int
    """Number of the speaker's colour; 0 is the narrator's."""
    shot: str
    place: str
    action: str
    start: float
    seconds: float
    picture: str
    sound: str
    clip: str
    faults: tuple[str, ...]
    """What a voice or a judge holds against it."""
    stage: str
    """The stage that is being made of it now."""


@dataclass(frozen=True, slots=True)
class Board:
    """A film as its page shows it."""

    name: str
    plan: Plan | None
    title: str
    idea: str
    state: State
    progress: Progress
    cards: tuple[Card, ...]
    seconds: float
    film: str
    poster: str
    warnings: tuple[str, ...]
    said: int
    """Bytes of the log that are in this page; what comes after is heard live."""


def board_of(folder: RunFolder) -> Board:
    """The board of a film, whatever of it is there.

    Raises:
        PlanError: its plan was edited by hand and does not hold.
    """
    said = folder.events.stat().st_size if folder.events.is_file() else 0
    log = [event for _, event in events.read_events(folder.events)]
    progress = progress_of(log)
    plan = load_plan(folder.plan) if folder.plan.is_file() else None
    cards = tuple(_cards(folder, plan, progress)) if plan else ()
    idea = plan.idea if plan else str(read_record(folder.request).get("idea") or "")
    return Board(
        name=folder.path.name,
        plan=plan,
        title=plan.title if plan else idea or folder.path.name,
        idea=idea,
        state=state_of(folder, progress),
        progress=progress,
        cards=cards,
        seconds=cards[-1].start + cards[-1].seconds if cards else 0.0,
        film=link(folder, "final.mp4"),
        poster=link(folder, "poster.jpg"),
        warnings=tuple(warned.message for warned in events.standing(log)),
        said=said,
    )


def link(folder: RunFolder, name: str) -> str:
    """The address of a film's file as it is now, or "" if it is not there."""
    try:
        found = (folder.path / name).stat()
    except OSError:
        return ""
    return f"/films/{quote(folder.path.name)}/files/{quote(name)}?v={found.st_mtime_ns:x}"


def _cards(folder: RunFolder, plan: Plan, progress: Progress) -> Iterator[Card]:
    parts = segment_plans(plan)
    takes = {part.index: _take(folder, part.index, part.slug) for part in parts if part.line}
    spoken = {index: float(take["seconds"]) for index, take in takes.items() if "seconds" in take}
    stages = progress.beats
    voices = _voices(plan)
    for segment in lay_out(parts, spoken).segments:
        own = _words(plan, segment)
        name = "hook" if segment.index == HOOK else f"beat_{segment.slug}"
        clip = "hook" if segment.index == HOOK else f"clip_{segment.slug}"
        speaker = segment.speaker or ""
        yield Card(
            index=segment.index,
            line=segment.line,
            speaker=speaker if speaker in ("", NARRATOR) else plan.character(speaker).name,
            voice=voices.get(speaker, 0),
            start=segment.start,
            seconds=segment.seconds,
            picture=link(folder, f"images/{name}.png"),
            sound=link(folder, f"audio/{name}.wav"),
            clip=link(folder, f"clips/{clip}.mp4"),
            faults=tuple(_faults(folder, name, takes.get(segment.index, {}))),
            stage=stages.get(segment.index, ""),
            **own,
        )


def _words(plan: Plan, segment: Segment) -> dict[str, str]:
    """What stands on a card that only the plan knows."""
    if segment.index == HOOK:
        hook = plan.hook
        assert hook is not None, "only a plan with a hook has a segment for one"
        own, type, action = hook, hook.title, hook.image_prompt
    else:
        beat = plan.beat(segment.index)
        own, type, action = beat, beat.type.replace("_", " "), beat.action
    shot = f"{own.shot.scale}, {own.shot.angle}"
    return {"type": type, "action": action, "shot": shot, "place": plan.setting(own.setting).name}


def _voices(plan: Plan) -> dict[str, int]:
    """A colour for each who speaks, in the order of the cast."""
    return {who.id: number % _VOICES + 1 for number, who in enumerate(plan.cast)}


def _take(folder: RunFolder, index: int, slug: str) -> dict[str, Any]:
    return read_record(folder.path / "audio" / f"{speech_name(index, slug).partition('/')[2]}.json")


def _faults(folder: RunFolder, name: str, take: dict[str, Any]) -> Iterator[str]:
    yield from (str(fault) for fault in take.get("faults", ()))
    for _, complaint in open_about(folder.path / "images" / f"{name}.verdicts.json"):
        yield complaint
