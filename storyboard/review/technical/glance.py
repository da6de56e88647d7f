"""A cut as its own run has measured it: what is known without looking at every frame again.

For a film that was made and checked a moment ago, by steps that repeat themselves exactly:
the report of its checks stands for them, and letters stand where they were burnt in. Its
sound is listened to, and its first seconds are looked at.

Knows: what may be taken on trust. Does not know: what is a defect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any

import numpy as np

from renderers.audio_file import decode_mono
from renderers.base import Word
from renderers.probe import Loudness, is_faststart, probe
from storyboard.core.files import read_json
from storyboard.media.audio import music
from storyboard.media.checks import Check
from storyboard.media.evidence import RATE, Evidence, locate
from storyboard.media.text.subtitles import read_srt
from storyboard.review.finished_cut import Cut
from storyboard.review.technical.measure import (
    CutMeasures,
    Look,
    small_frames,
    small_size,
    takes_of,
)

SECONDS = 2.2
"""How much of the picture is looked at: what opens the film."""


@dataclass(frozen=True)
class Glanced(CutMeasures):
    """`frames` are the first ones only, and there are no looks at captions or title."""

    reported: Sequence[Check] = ()

    @cached_property
    def checks(self) -> Sequence[Check]:
        return self.reported

    @cached_property
    def looks(self) -> Mapping[int, Sequence[Look]]:
        return {}


def glance_at(cut: Cut) -> Glanced:
    """What is known of a cut by its run folder, its sound and its first frames.

    Raises:
        OSError, ValueError, KeyError, TypeError: its run left no sound report of checks.
        BadOutput: the film cannot be read.
    """
    report: list[dict[str, Any]] = read_json(cut.folder / "checks.json")["checks"]
    reported = [Check(**check) for check in report]
    by_name = {check.name: check for check in reported}
    heard: list[dict[str, Any]] = read_json(cut.folder / "audio" / "heard.json")["words"]
    size, nothing = small_size(cut.plan.canvas), np.zeros(0, dtype=np.float32)
    evidence = Evidence(
        media=probe(cut.film),
        loudness=Loudness(
            by_name["loudness"].measured or 0.0, by_name["true peak"].measured or 0.0
        ),
        faststart=is_faststart(cut.film),
        sound=decode_mono(cut.film, RATE),
        takes=takes_of(cut),
        luma=nothing,
        change=nothing,
        words=[Word(**word) for word in heard],
        captions=read_srt((cut.folder / "subs.srt").read_text(encoding="utf-8")),
        title=None,
        faces=[],
    )
    opening = takewhile(lambda frame: frame[0] < SECONDS, small_frames(cut.film, size))
    return Glanced(
        cut=cut,
        evidence=evidence,
        found={i: locate(evidence, cut.timeline.segment(i)) for i in evidence.takes},
        sound=music.read_audio(cut.film),
        frames=np.array([picture for _, picture in opening], dtype=np.uint8),
        faces={},
        listened=True,
        reported=reported,
    )
