"""What the stages hand on to each other: which files a line, a clip, a segment and the
film leave.

Knows: labels, places in the run folder. Does not know: how anything is made.
"""

from __future__ import annotations

from storyboard.graph.contract import F, Files
from storyboard.plan.shots import file_name
from storyboard.plan.timeline import SegmentPlan


class TakeFiles(Files[F]):
    """A spoken line: its sound, what was heard in it, when its words are said."""

    audio: F
    take: F
    words: F


def take_files(name: str) -> TakeFiles[str]:
    """Where the take of a step of this name lies in the run folder."""
    file = name.partition("/")[2]
    return TakeFiles(
        audio=f"audio/{file}.wav", take=f"audio/{file}.json", words=f"audio/words/{file}_words.json"
    )


class ClipFiles(Files[F]):
    """A clip; where its lips were looked at, what was seen in each take."""

    clip: F
    made: F | None = None


class SegmentFiles(Files[F]):
    segment: F


def segment_name(part: SegmentPlan) -> str:
    """What a segment is called among the files of its kind."""
    return file_name(part.index, part.slug)


class CaptionsFiles(Files[F]):
    ass: F
    srt: F


class FilmFiles(Files[F]):
    film: F
    poster: F
