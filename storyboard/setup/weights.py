"""Weights, fetched: gone on with where they were cut off, checked, and never half taken for whole.

`huggingface_hub` says what there is and who may have it. The bytes are fetched here, because it
begins a file that was cut off anew (release 2.4 does): of 46 GB that lacked one, all.
A file carries a name of its own until its hash is right.

Knows: folders, hashes, HTTP ranges. Does not know: profiles, what the weights are for.
"""

from __future__ import annotations

import errno
import hashlib
import os
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from renderers import http
from renderers.errors import Unavailable
from storyboard.core.directory import Directory
from storyboard.core.errors import StoryboardError
from storyboard.core.files import digest_file, free_bytes
from storyboard.profile.installed import HALF, Kept, Receipt, keep_receipt, place_of, receipts
from storyboard.profile.provision import Weights
from storyboard.setup import hub
from storyboard.setup.hub import Listing, Remote

Told = Callable[[str, int], None]
"""Hears of a file how many bytes more of it are here (fewer, where some had to be thrown away)."""
AT_ONCE = 4
TRIES = 5
"""How often in a row a file may break off without a byte more before it is given up."""
_SILENT_S = 30.0
_FULL = {errno.ENOSPC, errno.EDQUOT}


class Stopped(Exception):
    """Another file failed: there is no use in going on with this one."""


@dataclass(frozen=True, slots=True)
class FetchTarget:
    """One file of the hub, and where it goes."""

    remote: Remote
    path: Path

    @property
    def half(self) -> Path:
        return self.path.with_name(self.path.name + HALF)

    @property
    def here(self) -> int:
        """Bytes of it that are on the disk."""
        for path in (self.path, self.half):
            if path.is_file():
                return min(path.stat().st_size, self.remote.size)
        return 0


def targets(name: str, weights: Weights, found: Listing) -> list[FetchTarget]:
    """Where each file lies or will; another program's cache is read, and never written to."""
    place = place_of(name, weights)
    own = Path(weights.folder).expanduser()
    listed = [FetchTarget(file, place / file.name) for file in found.files]
    if place != own and not _is_ours(name, place):
        if all(t.path.is_file() and t.here == t.remote.size for t in listed):
            return listed
        return [FetchTarget(file, own / file.name) for file in found.files]
    return listed


def _is_ours(name: str, place: Path) -> bool:
    from storyboard.profile.installed import receipt_of

    receipt = receipt_of(name)
    return receipt is not None and Path(receipt.folder) == place


def fetch(name: str, weights: Weights, found: Listing, told: Told) -> Path:
    """Fetch what is missing, check all of it, and keep a receipt. Returns the folder.

    Raises:
        Unavailable: a file cannot be had, or is not what was published.
        StoryboardError: the disk is full. Busy: another process fetches them.
    """
    wanted = targets(name, weights, found)
    place = _folder_of(wanted, weights)
    busy = f"{name} is being fetched already: wait until that has ended"
    with Directory(receipts()).locked(f"{name}.lock", busy):
        stop = threading.Event()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            # The largest first: at the end nothing waits for a single one.
            order = sorted(wanted, key=lambda t: -t.remote.size)
            fetching = _Fetching(name, weights, found, told, stop)
            jobs = [pool.submit(fetching.whole, target) for target in order]
            try:
                for job in jobs:
                    job.add_done_callback(lambda done: stop.set() if done.exception() else None)
                wait(jobs)
            finally:
                stop.set()
        failed = [error for job in jobs if (error := job.exception()) is not None]
        for error in sorted(failed, key=lambda e: isinstance(e, Stopped)):
            raise error
        kept = {t.remote.name: job.result() for t, job in zip(order, jobs, strict=True)}
        keep_receipt(
            name, Receipt(weights.repository, weights.revision, found.commit, str(place), kept)
        )
    return place


def _folder_of(wanted: list[FetchTarget], weights: Weights) -> Path:
    if not wanted:
        return Path(weights.folder).expanduser()
    first = wanted[0]
    return Path(str(first.path)[: -len(first.remote.name)])


@dataclass(frozen=True, slots=True)
class _Fetching:
    """Files of one repository that are fetched together."""

    name: str
    weights: Weights
    found: Listing
    told: Told
    stop: threading.Event

    def whole(self, target: FetchTarget) -> Kept:
        """The file, whole and right."""
        remote = target.remote
        if target.path.is_file():
            if (kept := _checked(target.path, remote)) is not None:
                return kept
            # Somebody's own, or of an earlier revision: it is put aside, never written over.
            self.told(remote.name, -target.here)
            target.path.rename(target.path.with_name(f"{target.path.name}.before"))
        resumed = target.half.is_file()
        self._download(target)
        kept = _checked(target.half, remote)
        if kept is None and resumed:
            # What was here before may be of another revision, or was not written to its end.
            self.told(remote.name, -target.here)
            target.half.unlink()
            self._download(target)
            kept = _checked(target.half, remote)
        if kept is None:
            self.told(remote.name, -target.here)
            target.half.unlink()
            raise Unavailable(
                f"{self.name}: {remote.name} of {self.weights.repository} is not what was published: its SHA-256 "
                f"is another than {(remote.sha256 or remote.blob)[:12]}…, so it was deleted. Something "
                f"between here and {hub.endpoint()} changes what it hands out: leave the mirror "
                "(HF_ENDPOINT) or the proxy away, and run the same command again. The other files are "
                "kept."
            )
        target.half.rename(target.path)
        return kept

    def _download(self, target: FetchTarget) -> None:
        """Bring the half file to its full size; a broken connection is taken up where it broke."""
        in_vain = 0
        with _disk(self.name, target.path):
            target.half.parent.mkdir(parents=True, exist_ok=True)
            target.half.touch()
        while target.here < target.remote.size:
            before = target.here
            try:
                with _disk(self.name, target.path):
                    self._go_on(target)
            except (httpx.HTTPError, httpx.StreamError) as error:
                in_vain = in_vain + 1 if target.here <= before else 0
                if in_vain >= TRIES:
                    raise Unavailable(
                        f"{self.name} cannot be fetched: {hub.unreachable(error)}"
                    ) from None
                if self.stop.wait(_pause(in_vain)):
                    raise Stopped from None

    def _go_on(self, target: FetchTarget) -> None:
        """Ask for the rest of the file, and write what comes."""
        remote, start = target.remote, target.here
        url = hub.address_of(self.weights, self.found.commit, remote.name)
        asked = {**hub.headers(), "accept-encoding": "identity"}
        if start:
            asked["range"] = f"bytes={start}-"
        with (
            http.client(url, follow_redirects=True, timeout=httpx.Timeout(_SILENT_S)) as client,
            client.stream("GET", url, headers=asked) as answer,
        ):
            if answer.status_code >= 500:
                raise httpx.RemoteProtocolError(f"it answers {answer.status_code}")
            if answer.status_code not in (200, 206):
                raise Unavailable(hub.refused(self.name, self.weights, answer.status_code))
            if answer.status_code == 200 and start:
                # It knows no ranges: all of it comes again.
                self.told(remote.name, -start)
                start = 0
            with target.half.open("r+b") as file:
                file.truncate(start)
                file.seek(start)
                # As they come: what is gathered first is lost when the connection breaks.
                for block in answer.iter_raw():
                    if self.stop.is_set():
                        raise Stopped
                    room = remote.size - start
                    file.write(block[:room])
                    self.told(remote.name, min(len(block), room))
                    start += len(block)
                    if start >= remote.size:
                        break
                file.flush()
                os.fsync(file.fileno())
        if start < remote.size:
            raise httpx.RemoteProtocolError("it broke off")


def _checked(path: Path, remote: Remote) -> Kept | None:
    """The file as it is, if it is the published one; None: it is not."""
    if path.stat().st_size != remote.size:
        return None
    sha256 = digest_file(path)
    if remote.sha256:
        right = sha256 == remote.sha256
    else:
        right = not remote.blob or _git_blob(path) == remote.blob
    found = path.stat()
    return Kept(found.st_size, found.st_mtime_ns, sha256) if right else None


def _git_blob(path: Path) -> str:
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _pause(in_vain: int) -> float:
    return min(0.25 * 2**in_vain, 8.0)


@contextmanager
def _disk(name: str, place: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        folder = place.parent
        raise StoryboardError(
            f"{name} does not fit: the disk of {folder} is full ({free_bytes(folder) / 2**30:.1f} "
            "GiB are left). Make room, or put weights on another disk with --cache DIR. What was "
            "fetched is kept: the same command goes on with it."
        ) from None


def measured_rate(weights: Weights, found: Listing, seconds: float = 3.0) -> float | None:
    """Bytes a second that the hub hands out now, by the beginning of the largest file."""
    if not found.files:
        return None
    largest = max(found.files, key=lambda file: file.size)
    url = hub.address_of(weights, found.commit, largest.name)
    last = min(largest.size, 32 << 20) - 1
    asked = {**hub.headers(), "range": f"bytes=0-{last}", "accept-encoding": "identity"}
    came, began = 0, time.monotonic()
    try:
        with (
            http.client(url, follow_redirects=True, timeout=httpx.Timeout(hub.ASK_S)) as client,
            client.stream("GET", url, headers=asked) as answer,
        ):
            if answer.status_code not in (200, 206):
                return None
            for block in _until(answer.iter_raw(), began + seconds):
                came += len(block)
    except (httpx.HTTPError, httpx.StreamError, Unavailable):
        return None
    spent = time.monotonic() - began
    return came / spent if came and spent > 0 else None


def _until(blocks: Iterator[bytes], end: float) -> Iterator[bytes]:
    for block in blocks:
        yield block
        if time.monotonic() > end:
            return
