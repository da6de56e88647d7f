"""A film that was cut anew in an editor, as a patch of its plan: beats moved, dropped, trimmed.

The project is the one that `storyboard export --to otio` wrote; clips are known by their names.
What an editor adds that is no beat of the film is refused by name, never left out in silence.

Knows: OpenTimelineIO's clips, beats. Does not know: what a change redoes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from storyboard.core.errors import UsageError
from storyboard.edit import beat_patches
from storyboard.edit.patch import Operation
from storyboard.plan import Plan
from storyboard.plan.timeline import HOOK, segment_plans


def recut(plan: Plan, project: Path, seconds: dict[int, float]) -> list[Operation]:
    """What an edited project changes of a plan; `seconds` has the beats' lengths as exported.

    Raises:
        UsageError: it cannot be read, has clips that are no beats, or beats twice.
    """
    known = {part.slug: part.index for part in segment_plans(plan)}
    told = list(_clips(project))
    numbers: list[int] = []
    for name, _ in told:
        if name not in known:
            raise UsageError(
                f"{project.name}: '{name}' is no beat of this film ({', '.join(known)}): "
                "give a beat your own clip in the plan (media) instead"
            )
        if known[name] in numbers:
            raise UsageError(f"{project.name}: {name} is there twice; a beat is shown once")
        numbers.append(known[name])
    if HOOK in numbers[1:] or (plan.hook is not None and HOOK not in numbers):
        raise UsageError(f"{project.name}: the hook stays at the film's beginning")
    shown = [number for number in numbers if number != HOOK]
    if not shown:
        raise UsageError(f"{project.name}: no beat is left")
    patch = [
        op
        for beat in plan.beats
        if beat.index not in shown
        for op in beat_patches.delete(beat.index)
    ]
    order = [beat.index for beat in plan.beats if beat.index in shown]
    for place, number in enumerate(shown):
        if order[place] != number:
            patch += beat_patches.move(number, order[place])
            order.remove(number)
            order.insert(place, number)
    for number, (_, length) in zip(numbers, told, strict=True):
        if abs(length - seconds.get(number, length)) > 1e-3:
            patch += beat_patches.set_fields(number, {"duration": max(0.5, round(length, 3))})
    return patch


def _clips(project: Path) -> Iterator[tuple[str, float]]:
    """Name and seconds of each clip of the picture, in order."""
    try:
        import opentimelineio as otio  # pyright: ignore[reportMissingTypeStubs]
    except ImportError:
        raise UsageError("--cut needs OpenTimelineIO: pip install 'storyboard[export]'") from None
    try:
        read: Any = otio.adapters.read_from_string(
            project.read_text(encoding="utf-8"), adapter_name="otio_json"
        )
        tracks: list[Any] = list(read.video_tracks())
    except OSError as error:
        raise UsageError(f"{project} cannot be read: {error.strerror}") from None
    except (ValueError, AttributeError, _errors_of(otio)) as error:
        raise UsageError(f"{project.name} is no OpenTimelineIO project: {error}") from None
    if len(tracks) != 1:
        raise UsageError(f"{project.name}: has {len(tracks)} tracks of pictures; 1 is read")
    for item in tracks[0]:
        if item.schema_name() == "Clip":
            yield str(item.name), float(item.duration().to_seconds())
        elif item.schema_name() == "Gap" and item.duration().value:
            raise UsageError(f"{project.name}: holds a gap; a film has none: close it")


def _errors_of(otio: Any) -> type[Exception]:
    return otio.exceptions.OTIOError
