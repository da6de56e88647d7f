"""Sending a film to a place of the profile: never unasked, never twice.

What was sent, and what was begun, stands in `published.json` of the run folder, by place; it is
written before the first byte goes out. A film is known by its contents: the same cut goes to a
place once, another cut only when that is said.

Knows: run folders, the record. Does not know: how a place takes a film.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from storyboard.core.errors import UsageError
from storyboard.core.files import digest_file, dump_json, read_record
from storyboard.core.lock import exclusive
from storyboard.graph.folder import RunFolder
from storyboard.profile import Profile
from storyboard.profile.publish_targets import Publishing
from storyboard.publish.targets import target_of
from storyboard.publish.targets.target import Notes, Parcel, Receipt, Target
from storyboard.publish.upload import write_upload

RECORD = "published.json"


@dataclass(frozen=True, slots=True)
class Sending:
    """What is to be done with one film and one place."""

    to: str
    place: Publishing
    at: datetime | None = None
    again: bool = False
    """Send this cut though an earlier one is there, or begin anew what cannot go on."""


@dataclass(frozen=True, slots=True)
class Sent:
    receipt: Receipt
    before: bool
    """It was there already; nothing was sent."""


def place_of(profile: Profile, name: str) -> Publishing:
    """The place of that name.

    Raises:
        UsageError: the profile has none.
    """
    if name in profile.publish:
        return profile.publish[name]
    known = ", ".join(profile.publish) or "none"
    raise UsageError(
        f"--to: the profile '{profile.name}' has no [publish.{name}] (it has {known}); see "
        "docs/publishing.md for what one looks like"
    )


def send(
    run: RunFolder, sending: Sending, target_for: Callable[[Publishing], Target] = target_of
) -> Sent:
    """Send the film of `run`, or go on with it, or say that it is there.

    Raises:
        UsageError: no film, or another cut of it is there already.
        NotPublished: the place refused it, or it broke off.
    """
    with exclusive(run.files):
        if not run.film.is_file():
            raise UsageError(f"{run.path} holds no final.mp4 yet: finish it before it goes out")
        film = digest_file(run.film)
        record = _record(run)
        known: dict[str, Any] = record.setdefault(sending.to, {})
        if known.get("film") == film and known.get("where") and not sending.again:
            missing = tuple(known.get("warnings", ()))
            if not missing:
                return Sent(Receipt(known["where"]), before=True)
        elif known and (known.get("film") != film or sending.again):
            if not sending.again:
                state = f"is at {known['where']}" if known.get("where") else "was begun"
                raise UsageError(
                    f"an earlier cut of this film {state}: a video there cannot be exchanged. "
                    "--again sends this cut as another one"
                )
            known.clear()
        if not known:
            begun = datetime.now(UTC).isoformat(timespec="seconds")
            known |= {"film": film, "begun": begun, "notes": {}}

        def save() -> None:
            run.files.write(RECORD, dump_json(record))

        target = target_for(sending.place)
        folder = _copy(run, known, sending.place.sign)
        save()
        key = sha256(f"{film} {sending.to} {known['begun']}".encode()).hexdigest()
        parcel = Parcel(key, folder, read_record(folder / "metadata.json"), sending.at)
        receipt = target.send(parcel, Notes(known["notes"], save))
        known |= {"where": receipt.where, "warnings": list(receipt.warnings)}
        known["sent"] = datetime.now(UTC).isoformat(timespec="seconds")
        save()
        return Sent(receipt, before=False)


def _record(run: RunFolder) -> dict[str, Any]:
    """What was sent of this film, and where; empty where nothing was.

    Raises:
        UsageError: it is there and cannot be read: an empty one would send the film twice.
    """
    path = run.path / RECORD
    record = read_record(path)
    if (path.exists() and not record) or not all(isinstance(v, dict) for v in record.values()):
        raise UsageError(
            f"{path} cannot be read, so nobody knows what was sent already: look at the places "
            "themselves, then mend or remove it"
        )
    return record


def _copy(run: RunFolder, known: dict[str, Any], signed_by: str) -> Path:
    """The upload folder; the one that was begun with, since each signing makes other bytes.

    Raises:
        UsageError: it is gone, and what has arrived cannot be gone on with.
    """
    folder = run.path / "upload"
    if known.get("file") == _digest_there(folder):
        return folder
    folder = write_upload(run.path, folder, signed_by)
    found = _digest_there(folder)
    if known["notes"] and known.get("file") != found:
        raise UsageError(
            f"the signed copy in {folder} that was half sent has been replaced: --again begins anew"
        )
    known["file"] = found
    return folder


def _digest_there(folder: Path) -> str:
    """Of the film in an upload folder; "" without one."""
    names = read_record(folder / "metadata.json").get("files", {})
    film = folder / str(names.get("film", ""))
    return digest_file(film) if film.is_file() else ""
