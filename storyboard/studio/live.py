"""Events as they happen: what is added to a film's log, as a stream that a page listens to.

A stream holds a thread and a file's place, so there are only so many; whoever comes after is told
to come again. The log is the truth: a page that was away asks from where it had come to.

Knows: the log's end, server-sent events. Does not know: what a page does with them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from storyboard.core import events
from storyboard.core.files import open_regular
from storyboard.graph.folder import RunFolder
from storyboard.studio.progress import FilmProgress, beat_of, progress_of, state_of

MOST = 48
"""Streams at once, of all pages together."""
EVERY_S, BEAT_S = 0.3, 15.0
"""How often the log is looked at, and how often a silent stream says that it lives."""


class Full(Exception):
    """There are too many streams."""


class Streams:
    """Counts who listens."""

    def __init__(self) -> None:
        self._left = MOST
        self.over = False
        """The studio ends: whoever listens is sent away."""

    @contextmanager
    def one(self) -> Any:
        """
        Raises:
            Full: there are too many.
        """
        if self._left <= 0:
            raise Full
        self._left -= 1
        try:
            yield
        finally:
            self._left += 1

    @property
    def full(self) -> bool:
        return self._left <= 0


async def follow(folder: RunFolder, streams: Streams, boot: str) -> AsyncGenerator[str]:
    """Server-sent events of one film, until whoever listens goes."""
    with streams.one():
        yield _event("hello", {"boot": boot})
        seen = Log(folder)
        progress = await asyncio.to_thread(seen.all)
        before, quiet = "", 0.0
        while not streams.over:
            fresh = await asyncio.to_thread(seen.more)
            for event in fresh:
                progress.hear(event)
            state = await asyncio.to_thread(state_of, folder, progress)
            told = _told(progress, state)
            if told != before:
                before, quiet = told, 0.0
                yield f"event: progress\ndata: {told}\n\n"
            for event in fresh:
                if isinstance(event, events.StepFinished) and not event.cached:
                    yield _event("made", {"beat": beat_of(event.step), "stage": event.stage})
            await asyncio.sleep(EVERY_S)
            quiet += EVERY_S
            if quiet >= BEAT_S:
                quiet = 0.0
                yield ": here\n\n"


class Log:
    """The log of a film, read on from where it was read to."""

    def __init__(self, folder: RunFolder) -> None:
        self._path = folder.events
        self._read = 0
        self._rest = b""

    def all(self) -> FilmProgress:
        return progress_of(self.more())

    def more(self) -> list[events.Event]:
        """What was added since; all of it where the log was begun anew."""
        try:
            with open_regular(self._path) as file:
                size = file.seek(0, 2)
                if size < self._read:
                    self._read, self._rest = 0, b""
                file.seek(self._read)
                data = file.read()
        except OSError:
            return []
        self._read += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [found[1] for line in lines if (found := events.parse_event(line)) is not None]


def _told(progress: FilmProgress, state: str) -> str:
    record = asdict(progress)
    record.pop("status")
    record["running"] = sorted(progress.running)[:4]
    record |= {"state": state, "share": progress.share, "beats": progress.beats}
    return json.dumps(record, ensure_ascii=False)


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
