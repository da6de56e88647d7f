"""The files that a plan names, each found and looked at before the first step is made.

Knows: which fields of a plan name files. Does not know: where files may lie, what they hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from storyboard.core.errors import PlanError
from storyboard.core.files import digest_file, disk_errors
from storyboard.graph.folder import RunFolder
from storyboard.media.audio.music import packaged_names, packaged_track
from storyboard.media.intake import Intake, IntakeRefused, Kind
from storyboard.plan import Beat, Character, Hook, Plan, Voice
from storyboard.plan.referred import Referred

Shown = TypeVar("Shown", Beat, Hook)
OwnPart = Literal["image", "clip", "audio", "music"]
PARTS: Mapping[OwnPart, Kind] = {
    "image": "picture",
    "clip": "video",
    "audio": "recording",
    "music": "music",
}
"""What a beat may bring, and what each is taken for."""


def with_own_media(plan: Plan, folder: Path, allowed: Sequence[Path]) -> Plan:
    """The plan with the whole path of every file that it names.

    It is for making the film, not for keeping: a plan goes with its folder.

    Raises:
        PlanError: files that are not taken, each by its field.
    """
    plan, _ = _taken(plan, folder, allowed)
    return plan


def beside_the_plan(plan: Plan, folder: Path, allowed: Sequence[Path]) -> list[str]:
    """The names of those files that go with the plan: it names them by where it lies.

    Raises:
        PlanError: as `with_own_media`.
    """
    _, names = _taken(plan, folder, allowed)
    return [name for name in names if not Path(name).expanduser().is_absolute()]


def adopted(plan: Plan, folder: RunFolder, allowed: Sequence[Path]) -> Plan:
    """The plan with what its beats bring from elsewhere in the film's folder, by its contents.

    So that it stays when the file is moved, and goes where the film goes.

    Raises:
        PlanError: as `with_own_media`.
    """
    whole = with_own_media(plan, folder.path, allowed)
    beats: list[Beat] = []
    for beat, found in zip(plan.beats, whole.beats, strict=True):
        if beat.media is None or found.media is None:
            beats.append(beat)
            continue
        changes: dict[str, str] = {}
        for part in PARTS:
            path = Path(getattr(found.media, part) or ".")
            if path.is_file() and not path.is_relative_to(folder.path.absolute()):
                name = f"own/{digest_file(path)[:16]}{path.suffix.lower()}"
                with disk_errors(f"taking in {path.name}"):
                    folder.files.copy(path, name)
                changes[part] = name
        beats.append(beat.model_copy(update={"media": beat.media.model_copy(update=changes)}))
    return plan.model_copy(update={"beats": beats})


def _taken(plan: Plan, folder: Path, allowed: Sequence[Path]) -> tuple[Plan, list[str]]:
    taker = _Taker(Intake(folder, allowed))
    cast = [taker.character(character, f"cast[{i}]") for i, character in enumerate(plan.cast)]
    hook = plan.hook and taker.worded(plan.hook, "hook")
    beats = [taker.beat(beat, f"beats[{i}]") for i, beat in enumerate(plan.beats)]
    narrator = taker.voice(plan.narrator, "narrator")
    music = plan.music.model_copy(update={"track": taker.track(plan.music.track, "music.track")})
    if taker.faults:
        raise PlanError(str(folder / "plan.json"), taker.faults)
    changes = {"cast": cast, "hook": hook, "beats": beats, "narrator": narrator, "music": music}
    return plan.model_copy(update=changes), taker.names


class _Taker:
    """Takes one file after the other in, and keeps what was wrong."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self.faults: list[str] = []
        self.names: list[str] = []

    def take(self, name: str, kind: Kind, field: str, other: str = "") -> str:
        self.names.append(name)
        try:
            return str(self._intake.take(name, kind))
        except IntakeRefused as error:
            self.faults.append(f"{field}: {error}" + (f" (and it is no {other})" if other else ""))
            return name

    def track(self, name: str, field: str) -> str:
        """A packaged track goes by its name."""
        if not name or packaged_track(name) is not None:
            return name
        return self.take(name, "music", field, f"packaged track: {', '.join(packaged_names())}")

    def character(self, character: Character, field: str) -> Character:
        references = [
            self.take(name, "picture", f"{field}.references[{i}]")
            for i, name in enumerate(character.references)
        ]
        voice = self.voice(character.voice, f"{field}.voice") if character.voice else None
        return character.model_copy(update={"references": references, "voice": voice})

    def voice(self, voice: Voice, field: str) -> Voice:
        if voice.kind != "clone":
            return voice
        path = self.take(voice.reference_audio, "recording", f"{field}.reference_audio")
        return voice.model_copy(update={"reference_audio": path})

    def beat(self, beat: Beat, field: str) -> Beat:
        if (media := beat.media) is not None:
            found = {
                part: self.take(name, kind, f"{field}.media.{part}")
                for part, kind in PARTS.items()
                if (name := getattr(media, part)) and part != "music"
            }
            found["music"] = self.track(media.music, f"{field}.media.music")
            beat = beat.model_copy(update={"media": media.model_copy(update=found)})
        return self.worded(beat, field)

    def worded(self, record: Shown, field: str) -> Shown:
        """With what its prompt refers to."""
        if record.prompt is None:
            return record
        references = [
            name
            if Referred.of(name).kind != "file"
            else self.take(
                name, "picture", f"{field}.prompt.references[{i}]", "setting:, character: or beat:"
            )
            for i, name in enumerate(record.prompt.references)
        ]
        prompt = record.prompt.model_copy(update={"references": references})
        return record.model_copy(update={"prompt": prompt})
