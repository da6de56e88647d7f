"""One's own picture, footage, recording or music for a beat or a character: taken into the film's folder
by its contents, looked at first, then an edit like any other.

    own/1f0c….jpg   what was brought; two that are the same are one

Knows: what may be brought, patches. Does not know: who brings it, how it is shown.
"""

from __future__ import annotations

import hashlib
from typing import BinaryIO

from renderers.base import JSON
from storyboard.core.errors import UsageError
from storyboard.core.files import disk_errors
from storyboard.edit import beat_patches
from storyboard.edit.patch import Operation, Patch
from storyboard.graph.folder import RunFolder
from storyboard.media.intake import LIMITS, Intake, IntakeRefused, Kind
from storyboard.plan import Plan
from storyboard.plan.shots import pointer
from storyboard.plan.timeline import HOOK
from storyboard.stages.own_media import PARTS, OwnPart

_ENDINGS: dict[Kind, tuple[str, ...]] = {
    "picture": (".png", ".jpg", ".jpeg", ".webp", ".gif"),
    "video": (".mp4", ".mov", ".m4v", ".mkv", ".webm"),
    "recording": (".wav", ".mp3", ".m4a", ".ogg", ".flac", ".webm", ".mp4"),
    "music": (".mp3", ".wav", ".m4a", ".ogg", ".flac"),
}
_CHUNK = 1 << 20


def bring(folder: RunFolder, stream: BinaryIO, name: str, kind: Kind) -> str:
    """Take a file in; returns its name in the film's folder. `name` says only how it ends.

    Raises:
        UsageError: it is larger than its kind may be, or is of another by its content.
    """
    said, size = hashlib.sha256(), 0
    while chunk := stream.read(_CHUNK):
        said.update(chunk)
        size += len(chunk)
        if size > LIMITS[kind].bytes:
            raise UsageError(f"{name[:80]}: a {kind} has at most {LIMITS[kind].bytes >> 20} MiB")
    if not size:
        raise UsageError(f"{name[:80] or 'the file'} is empty")
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    own = f"own/{said.hexdigest()[:16]}{ending if ending in _ENDINGS[kind] else _ENDINGS[kind][0]}"
    if folder.files.holds(own):
        return own
    stream.seek(0)
    with disk_errors("taking the file in"), folder.files.replacing(own) as place:
        with place.open("xb") as file:
            while chunk := stream.read(_CHUNK):
                file.write(chunk)
        try:
            Intake(folder.path).take(str(place), kind)
        except IntakeRefused as error:
            raise UsageError(str(error).replace(str(place), name[:80] or own)) from None
    return own


def show(plan: Plan, number: int, part: OwnPart, name: str) -> Patch:
    """Have a beat bring a file; "": have it bring none of that part.

    Raises:
        UsageError: there is no such beat, or it is the hook, which is made of others.
    """
    if number == HOOK:
        raise UsageError("the hook brings nothing of its own: give it to the beat that it shows")
    beat = beat_patches.beat_of(plan, number)
    media: dict[str, JSON] = {}
    if beat.media is not None:
        media = beat.media.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if name and part in ("image", "clip"):
        # It shows a picture or a clip; a clip's in and out are of that one.
        for other in ("image", "clip", "in", "out"):
            media.pop(other, None)
    media[part] = name
    left = {key: value for key, value in media.items() if value != ""}
    brings = left if left.keys() & PARTS.keys() else None
    return [Operation(op="add", path=f"{pointer(number)}/media", value=brings)]


def clone(plan: Plan, who: str, name: str, consent: str) -> Patch:
    """Have a character speak with the voice of a recording, and say who allowed that.

    Raises:
        UsageError: nobody allowed it.
    """
    if not consent.strip():
        raise UsageError("say who allowed the clone, and when: without that no voice is cloned")
    voice: dict[str, JSON] = {"kind": "clone", "reference_audio": name, "consent": consent.strip()}
    return [Operation(op="add", path=_voice(plan, who), value=voice)]


def speak_as(plan: Plan, who: str, preset: str) -> Patch:
    """Have a character, or the narrator, speak with a voice that is there."""
    value: dict[str, JSON] = {"kind": "preset", "preset": preset}
    return [Operation(op="add", path=_voice(plan, who), value=value)]


def refer(who: str, name: str) -> Patch:
    """Have a character be drawn after a picture of one's own."""
    return [Operation(op="add", path=f"/cast/{who}/references", value=[name])]


def _voice(plan: Plan, who: str) -> str:
    if who == "narrator":
        return "/narrator"
    plan.character(who)
    return f"/cast/{who}/voice"
