"""The board as its page shows it: the film's cards with addresses, names and what is under way.

Knows: addresses of files, colours of speakers. Does not know: what a beat leaves in its folder
(`storyboard.edit.board`), how a card looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from storyboard.core import events
from storyboard.core.files import read_record
from storyboard.edit.board import BeatCard, Board, open_board
from storyboard.graph.folder import RunFolder
from storyboard.judge.outcome import open_about
from storyboard.plan import NARRATOR, Plan
from storyboard.plan.timeline import HOOK
from storyboard.stages.gates import Gate, read_gates
from storyboard.studio.progress import BUSY, FilmProgress, State, progress_of, state_of

_VOICES = 6
"""Colours of speakers that the style sheet has."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A card with what its page adds."""

    own: BeatCard
    speaker: str
    voice: int
    """Number of the speaker's colour; 0 is the narrator's."""
    shot: tuple[str, ...]
    place: str
    action: str
    picture: str
    sound: str
    clip: str
    faults: tuple[str, ...]
    """What a voice or a judge holds against it."""
    stage: str
    """The stage that is being made of it now."""


@dataclass(frozen=True, slots=True)
class Page:
    """A film as its page shows it. A film without a plan has no board."""

    name: str
    board: Board | None
    title: str
    idea: str
    state: State
    waits: Gate | None
    progress: FilmProgress
    cards: tuple[Shown, ...]
    film: str
    poster: str

    @property
    def busy(self) -> bool:
        return self.state in BUSY

    @property
    def plan(self) -> Plan | None:
        return self.board.plan if self.board else None


def page_of(folder: RunFolder) -> Page:
    """The page of a film, whatever of it is there.

    Raises:
        PlanError: its plan was edited by hand and does not hold.
    """
    progress = progress_of(events.events_in(folder.events))
    board = open_board(folder.path) if folder.plan.is_file() else None
    idea = board.plan.idea if board else str(read_record(folder.request).get("idea") or "")
    return Page(
        name=folder.path.name,
        board=board,
        title=board.plan.title if board else idea or folder.path.name,
        idea=idea,
        state=state_of(folder, progress),
        waits=read_gates(folder).waits,
        progress=progress,
        cards=tuple(_shown(folder, board, progress)) if board else (),
        film=link(folder, "final.mp4"),
        poster=link(folder, "poster.jpg"),
    )


def link(folder: RunFolder, name: str) -> str:
    """The address of a film's file as it is now, or "" if it is not there."""
    try:
        found = (folder.path / name).stat()
    except OSError:
        return ""
    return f"/films/{quote(folder.path.name)}/files/{quote(name)}?v={found.st_mtime_ns:x}"


def _shown(folder: RunFolder, board: Board, progress: FilmProgress) -> Iterator[Shown]:
    plan, stages = board.plan, progress.beats
    voices = {who.id: number % _VOICES + 1 for number, who in enumerate(plan.cast)}
    for card in board.cards:
        record, speaker = card.record, card.speaker or ""
        yield Shown(
            own=card,
            speaker=speaker if speaker in ("", NARRATOR) else plan.character(speaker).name,
            voice=voices.get(speaker, 0),
            shot=(record["shot"]["scale"], record["shot"]["angle"]),
            place=plan.setting(record["setting"]).name,
            action=record["image_prompt"] if card.number == HOOK else record["action"],
            picture=link(folder, card.picture) if card.picture else "",
            sound=link(folder, card.take) if card.take else "",
            clip=link(folder, card.clip) if card.clip else "",
            faults=tuple(_faults(folder, card)),
            stage=stages.get(card.number, ""),
        )


def _faults(folder: RunFolder, card: BeatCard) -> Iterator[str]:
    heard: dict[str, Any] = card.heard
    yield from (str(fault) for fault in heard.get("faults", ()))
    if card.picture:
        name = card.picture.removesuffix(".png")
        yield from (line for _, line in open_about(folder.path / f"{name}.verdicts.json"))
