"""What must be asked of a video model so that a wanted clip can be cut from its answer.

Models make only some sizes, lengths and rates. A plan asks for the smallest legal clip that
holds the wanted one: at least as wide and high, at least as long as the picture and the
measured sound; what is too much is cut off afterwards, and nothing is ever stretched or cut
short. Pure arithmetic on the standard library alone, so that workers, which run in
environments of their own, hold requests to the same rules.

Knows: sizes, frame counts, rates, sample counts. Does not know: files, servers, GPUs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from renderers.errors import BadRequest

CONVERSION_SPARE = 2
"""Frames rendered beyond the need where the rate is converted: rounding may drop as many."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one video model can make."""

    size_multiple: int = 32
    frame_rule: tuple[int, int] = (1, 0)
    """(a, b): legal frame counts are a·k + b."""
    fps: int | None = None
    """The only rate it makes; None: the rate that is asked for."""
    max_seconds: float | None = None
    max_side: int | None = None
    audio_rate: int | None = None
    """Sample rate in Hz of the sound it listens to; None: it listens to none."""
    audio_channels: int = 2
    needs_audio: bool = False
    lip_sync: bool = False
    makes_sound: bool = False
    draws: bool = False
    """It draws pictures, and makes no clips."""
    references: int = 0
    """Pictures of who and what is shown that it takes beside a first frame, or in its place."""
    excluded: str = ""
    """Where its licence forbids its use, and the page that says so; empty: nowhere."""


# LTX-2: both stages halve a size that is a multiple of 32, so ÷64; 20 s is its longest clip.
_LTX = Limits(size_multiple=64, frame_rule=(8, 1), max_seconds=20.0, makes_sound=True)
LIMITS: Mapping[str, Limits] = {
    "ltx2-a2v": Limits(
        size_multiple=64,
        frame_rule=(8, 1),
        max_seconds=20.0,
        # The rate of its audio VAE. Its encoder refuses sound that is not stereo.
        audio_rate=16_000,
        needs_audio=True,
        lip_sync=True,
    ),
    "ltx2-i2v": _LTX,
    "ltx2-distilled": _LTX,
    # The one-stage pipelines of diffusers and of the servers built on it.
    "ltx2": Limits(size_multiple=32, frame_rule=(8, 1), max_seconds=20.0, makes_sound=True),
    "wan2.2-a14b": Limits(size_multiple=16, frame_rule=(4, 1), fps=16),
    "wan2.2-5b": Limits(size_multiple=32, frame_rule=(4, 1), fps=24),
    "wan2.2-s2v": Limits(
        size_multiple=16,
        frame_rule=(4, 1),
        fps=16,
        audio_rate=16_000,
        audio_channels=1,
        needs_audio=True,
        lip_sync=True,
    ),
    # Picture and sound in one; references are named in the prompt, the first frame among them.
    "minimax-h3": Limits(
        size_multiple=32,
        frame_rule=(17, 5),
        fps=24,
        max_seconds=15.0,
        makes_sound=True,
        references=8,
        excluded="the EU, the UK, Korea and the USA (https://huggingface.co/MiniMaxAI/MiniMax-H3)",
    ),
    # What a pipeline of diffusers takes of this, it says itself.
    "pictures": Limits(size_multiple=16, draws=True, references=16),
    "ditto": Limits(
        size_multiple=2,
        fps=25,
        max_side=1920,
        audio_rate=16_000,
        audio_channels=1,
        needs_audio=True,
        lip_sync=True,
    ),
}


def family_of(model: str) -> str:
    """The limits' name for a model's; LTX-2 unless it is named otherwise."""
    lower = model.lower()
    if "minimax" in lower:
        return "minimax-h3"
    if "wan" not in lower:
        return "ltx2"
    if "s2v" in lower:
        return "wan2.2-s2v"
    return "wan2.2-5b" if "5b" in lower else "wan2.2-a14b"


def licensed(limits: Limits, family: str, confirmed: bool) -> None:
    """
    Raises:
        BadRequest: the model's licence excludes territories, and nobody has confirmed that they
            are in none of them.
    """
    if limits.excluded and not confirmed:
        raise BadRequest(
            f"{family}: its licence excludes {limits.excluded}: read it, and confirm in the profile "
            "that it covers you: options.licence_confirmed = true"
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """The clip that the film needs. `audio_seconds` is measured on the sound; None: silent."""

    width: int
    height: int
    fps: int
    frames: int
    audio_seconds: float | None = None

    @property
    def seconds(self) -> float:
        """As long as the picture and the sound: neither is cut."""
        return max(self.frames / self.fps, self.audio_seconds or 0.0)


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """What to ask for, and how to come back from it to what is wanted."""

    wanted: Wanted
    width: int
    height: int
    """Size rendered: legal, and never smaller than the content."""
    content_width: int
    content_height: int
    """The middle part that shows the picture; around it lies a margin to be cut off."""
    fps: int
    frames: int
    audio_rate: int = 0
    audio_channels: int = 0
    audio_samples: int = 0
    """Samples a channel, at least as long as all frames; 0: the model listens to nothing."""


def legal_frames(at_least: int, rule: tuple[int, int] = (1, 0)) -> int:
    """Smallest legal frame count ≥ `at_least`, where legal counts are a·k + b."""
    a, b = rule
    return a * max(0, math.ceil((at_least - b) / a)) + b


def legal_side(at_least: int, multiple: int) -> int:
    """Smallest multiple of `multiple` that is ≥ `at_least`: 1080 → 1088 for 32 and 64."""
    return math.ceil(at_least / multiple) * multiple


def plan_clip(wanted: Wanted, limits: Limits, longest: int | None = None) -> ClipPlan:
    """The smallest legal request that `wanted` can be cut from.

    `longest` bounds the longer side in pixels: the model renders smaller and the answer is
    scaled up.

    Raises:
        BadRequest: no length, no size, or longer than the model can make.
    """
    if wanted.frames < 1 or wanted.fps < 1 or min(wanted.width, wanted.height) < 2:
        raise BadRequest(
            f"a clip of {wanted.frames} frames at {wanted.fps} fps and "
            f"{wanted.width}×{wanted.height} cannot be made: all must be positive"
        )
    content = _content(wanted, limits, longest)
    fps = limits.fps or wanted.fps
    needed = math.ceil(wanted.seconds * fps - 1e-6)
    if fps != wanted.fps:
        needed += CONVERSION_SPARE
    frames = legal_frames(needed, limits.frame_rule)
    if limits.max_seconds is not None and wanted.seconds > limits.max_seconds + 1e-6:
        raise BadRequest(
            f"the clip lasts {wanted.seconds:.1f} s; this model makes at most "
            f"{limits.max_seconds:g} s: shorten the line, or split the beat"
        )
    rate = limits.audio_rate or 0
    return ClipPlan(
        wanted=wanted,
        width=legal_side(content[0], limits.size_multiple),
        height=legal_side(content[1], limits.size_multiple),
        content_width=content[0],
        content_height=content[1],
        fps=fps,
        frames=frames,
        audio_rate=rate,
        audio_channels=limits.audio_channels if rate else 0,
        audio_samples=math.ceil(frames / fps * rate),
    )


def fault_of(
    limits: Limits, *, width: int, height: int, frames: int, fps: int, audio_seconds: float | None
) -> str:
    """Why a model with these limits would refuse or spoil such a request; "" if it would not."""
    if width % limits.size_multiple or height % limits.size_multiple:
        return f"{width}×{height}: both sides must be multiples of {limits.size_multiple}"
    a, b = limits.frame_rule
    if frames < 1 or (frames - b) % a:
        return f"frames: {frames} is not {a}·k + {b}"
    if limits.fps is not None and fps != limits.fps:
        return f"fps: {fps}; it makes {limits.fps} only"
    if limits.max_seconds is not None and frames / fps > limits.max_seconds + (a + 1) / fps:
        return f"{frames / fps:.1f} s is longer than the {limits.max_seconds:g} s it makes"
    if limits.needs_audio and audio_seconds is None:
        return "audio: is missing; it follows a sound"
    if audio_seconds is not None and limits.audio_rate and audio_seconds + 1e-3 < frames / fps:
        return (
            f"audio: {audio_seconds:.3f} s is shorter than the clip's {frames / fps:.3f} s; "
            "pad it with silence"
        )
    return ""


def _content(wanted: Wanted, limits: Limits, longest: int | None) -> tuple[int, int]:
    bounds = [side for side in (longest, limits.max_side) if side is not None]
    scale = min([1.0, *(bound / max(wanted.width, wanted.height) for bound in bounds)])
    # Even, because the answer is cut in yuv420p.
    width, height = (max(2, round(side * scale / 2) * 2) for side in (wanted.width, wanted.height))
    return width, height
