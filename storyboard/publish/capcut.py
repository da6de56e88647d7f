"""A project of OpenTimelineIO as a draft of CapCut's, with its media inside.

    <folder>/draft_content.json  draft_info.json  draft_meta_info.json
    <folder>/media/…

The folder goes into CapCut's folder of drafts as it is: media are named by CapCut's own mark for
"where this draft lies". CapCut on Windows reads draft_content.json, on a Mac draft_info.json.

Source: pycapcut 0.0.4 for the draft, which has been seen in CapCut 8.2; the mark is that of drafts
whose media CapCut keeps inside. Knows: tracks, times in microseconds. Does not know: where a film
comes from.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from storyboard.core.errors import UsageError
from storyboard.media.text.captions import Caption
from storyboard.media.text.subtitles import caption_size, caption_top
from storyboard.plan import Canvas

INSIDE = "##_draftpath_placeholder_0E685133-18CE-45ED-8CB8-2904A212EC80_##"
_SECOND = 1_000_000
# CapCut's unit of letters: about a hundredth of a canvas's width, by drafts made in it.
_UNIT = 0.0068


def capcut_draft(
    project: Any, folder: Path, canvas: Canvas, captions: Sequence[Caption]
) -> dict[str, str]:
    """The files of a draft by their names.

    `project` is a timeline whose first track is the picture and the others sound, with media
    named relative to `folder`, where they lie.

    Raises:
        UsageError: the package lacks.
    """
    capcut = _library()
    script = capcut.ScriptFile(canvas.width, canvas.height, canvas.fps)
    picture, *sounds = project.tracks
    kinds = capcut.TrackType
    for track, kind in ((picture, kinds.video), *((sound, kinds.audio) for sound in sounds)):
        script.add_track(kind, track.name)
        for segment in _segments(capcut, track, folder, canvas.fps, kind is kinds.video):
            script.add_segment(segment, track.name)
    if captions:
        script.add_track(kinds.text, "Captions")
        for caption in captions:
            script.add_segment(_text(capcut, caption, canvas), "Captions")
    content = json.loads(script.dumps())
    content["name"] = project.name
    for material in (*content["materials"]["videos"], *content["materials"]["audios"]):
        material["path"] = f"{INSIDE}/{Path(material['path']).relative_to(folder.resolve())}"
    meta = json.loads((resources(capcut) / "assets" / "draft_meta_info.json").read_bytes())
    meta["draft_name"] = project.name
    told = json.dumps(content, ensure_ascii=False, indent=1)
    return {
        "draft_content.json": told,
        "draft_info.json": told,
        "draft_meta_info.json": json.dumps(meta, ensure_ascii=False, indent=1),
    }


def _segments(capcut: Any, track: Any, folder: Path, fps: int, picture: bool) -> list[Any]:
    made: list[Any] = []
    for item in track:
        if item.schema_name() == "Transition":
            # It stands on the clip that goes; 叠化 is CapCut's plain dissolve.
            length = _micro(int(item.out_offset.value), fps)
            made[-1].add_transition(capcut.TransitionType.叠化, duration=length)
        elif item.schema_name() == "Clip":
            media = item.media_reference
            material = (capcut.VideoMaterial if picture else capcut.AudioMaterial)(
                str(folder.resolve() / media.target_url), item.name
            )
            # Told by the frame: a file's own length is rounded to milliseconds.
            material.duration = _micro(int(media.available_range.duration.value), fps)
            at = item.range_in_parent()
            begin = int(at.start_time.value)
            start = _micro(begin, fps)
            length = _micro(begin + int(at.duration.value), fps) - start
            cut = int(item.source_range.start_time.value)
            kind = capcut.VideoSegment if picture else capcut.AudioSegment
            made.append(
                kind(
                    material,
                    capcut.Timerange(start, length),
                    source_timerange=capcut.Timerange(
                        _micro(cut, fps), min(length, material.duration - _micro(cut, fps))
                    ),
                    speed=None,
                )
            )
    return made


def _text(capcut: Any, caption: Caption, canvas: Canvas) -> Any:
    start = round(caption.start * _SECOND)
    lines = caption.text.count("\n") + 1
    top, foot = (caption_top(canvas, lines=count) for count in (lines, 0))
    # Up from the middle, in halves of the canvas.
    middle = 1 - (top + foot) / canvas.height
    size = caption_size(canvas) / (canvas.width * _UNIT)
    return capcut.TextSegment(
        caption.text,
        capcut.Timerange(start, round(caption.end * _SECOND) - start),
        style=capcut.TextStyle(size=round(size, 1), bold=True, align=1),
        border=capcut.TextBorder(),
        clip_settings=capcut.ClipSettings(transform_y=middle),
    )


def _micro(frames: int, fps: int) -> int:
    return round(frames * _SECOND / fps)


def _library() -> Any:
    try:
        import pycapcut  # pyright: ignore[reportMissingTypeStubs]
    except ImportError:
        raise UsageError("--to capcut: needs pycapcut: pip install 'storyboard[capcut]'") from None
    return pycapcut
