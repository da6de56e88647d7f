"""A project of OpenTimelineIO as FCPXML 1.9, which Final Cut Pro and Premiere's importers read.

OpenTimelineIO's own adapter looks clips up by name (a quote in it ends the export), runs ffprobe and
knows few frame rates; what is needed of the format is small.

Source: Apple's "FCPXML Reference", elements of 1.9. Knows: elements, times as fractions of a second.
Does not know: files, where a film comes from.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

_FORMAT = "r0"


def fcpxml(project: Any, fps: int, width: int, height: int) -> str:
    """The text for a `Timeline` whose first track is the picture and the others sound."""
    root = ET.Element("fcpxml", version="1.9")
    resources = ET.SubElement(root, "resources")
    rate = {"frameDuration": _time(1, fps), "width": str(width), "height": str(height)}
    ET.SubElement(resources, "format", {"id": _FORMAT, **rate})
    picture, *sounds = project.tracks
    assets = _Assets(resources, fps)
    event = ET.SubElement(ET.SubElement(root, "library"), "event", name=project.name)
    sequence = ET.SubElement(
        ET.SubElement(event, "project", name=project.name),
        "sequence",
        format=_FORMAT,
        duration=_time(int(picture.duration().value), fps),
        tcFormat="NDF",
    )
    spine = ET.SubElement(sequence, "spine")
    held: list[tuple[int, int, ET.Element]] = []
    for item in picture:
        if item.schema_name() == "Transition":
            start = int(picture.range_of_child(item).start_time.value)
            ET.SubElement(
                spine,
                "transition",
                name="Cross Dissolve",
                offset=_time(start, fps),
                duration=_time(int(item.out_offset.value), fps),
            )
            continue
        at, frames = _place(picture, item)
        element = _clip(spine, assets, item, offset=at, fps=fps, picture=True)
        held.append((at, at + frames, element))
    for lane, track in enumerate(sounds, 1):
        for item in track:
            if item.schema_name() == "Clip":
                at, _ = _place(track, item)
                start, _, parent = next(h for h in reversed(held) if h[0] <= at)
                sound = _clip(parent, assets, item, offset=at - start, fps=fps, picture=False)
                sound.set("lane", str(-lane))
                sound.set(
                    "audioRole", "dialogue" if track.name not in _ROLES else track.name.lower()
                )
    _in_order(held)
    ET.indent(root, "  ")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n'
    return head + ET.tostring(root, encoding="unicode") + "\n"


_ROLES = ("Effects", "Music")


class _Assets:
    """The media files, each described once."""

    def __init__(self, resources: ET.Element, fps: int) -> None:
        self._resources, self._fps = resources, fps
        self._known: dict[str, str] = {}

    def of(self, item: Any, picture: bool) -> str:
        file = str(item.media_reference.target_url)
        if file not in self._known:
            id = self._known[file] = f"r{len(self._known) + 1}"
            frames = int(item.media_reference.available_range.duration.value)
            kind = (
                {"hasVideo": "1", "format": _FORMAT}
                if picture
                else {"hasAudio": "1", "audioSources": "1", "audioRate": "48000"}
            )
            asset = ET.SubElement(
                self._resources,
                "asset",
                {
                    "id": id,
                    "name": PurePosixPath(file).stem,
                    "start": "0s",
                    "duration": _time(frames, self._fps),
                    **kind,
                },
            )
            ET.SubElement(asset, "media-rep", kind="original-media", src=f"./{quote(file)}")
        return self._known[file]


def _clip(
    parent: ET.Element, assets: _Assets, item: Any, *, offset: int, fps: int, picture: bool
) -> ET.Element:
    clip = ET.SubElement(
        parent,
        "asset-clip",
        ref=assets.of(item, picture),
        name=item.name,
        offset=_time(offset, fps),
        start=_time(int(item.source_range.start_time.value), fps),
        duration=_time(int(item.source_range.duration.value), fps),
    )
    for marker in item.markers:
        at = int(marker.marked_range.start_time.value)
        ET.SubElement(
            clip, "marker", start=_time(at, fps), duration=_time(1, fps), value=marker.name
        )
    return clip


def _in_order(held: list[tuple[int, int, ET.Element]]) -> None:
    """The format wants what is connected to a clip before its markers."""
    for _, _, clip in held:
        clip[:] = sorted(clip, key=lambda child: child.tag == "marker")


def _place(track: Any, item: Any) -> tuple[int, int]:
    """First frame and length of an item in its track."""
    where = track.range_of_child(item)
    return int(where.start_time.value), int(where.duration.value)


def _time(frames: int, fps: int) -> str:
    told = Fraction(frames, fps)
    return (
        f"{told.numerator}s" if told.denominator == 1 else f"{told.numerator}/{told.denominator}s"
    )
