"""What a media file really holds, read from its packets: nothing is taken from requests.

Knows: containers, streams, loudness. Does not know: what was asked for.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import av
import numpy as np
import numpy.typing as npt

from renderers.containers import open_media
from renderers.errors import BadOutput
from renderers.ffmpeg import run_ffmpeg

if TYPE_CHECKING:
    # Parts that the package itself loads.
    import av.error
    import av.video.reformatter


@dataclass(frozen=True, slots=True)
class Media:
    """The measured properties of a file. Absent streams leave zeros and empty strings."""

    seconds: float
    """Length of the longer stream."""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    frames: int = 0
    constant_rate: bool = False
    """Every frame lasts equally long."""
    video_codec: str = ""
    pixel_format: str = ""
    video_seconds: float = 0.0
    audio_codec: str = ""
    sample_rate: int = 0
    channels: int = 0
    audio_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Loudness:
    """EBU R128: integrated loudness in LUFS, true peak in dBTP."""

    integrated: float
    true_peak: float


def probe(path: Path) -> Media:
    """Measure a file by its packets; nothing is decoded.

    Raises:
        BadOutput: it is missing, empty, or no media file.
    """
    try:
        with open_media(path) as container:
            return _media(container)
    except (av.error.FFmpegError, OSError) as error:
        raise BadOutput(f"{path.name} cannot be read as media: {error}") from None


def _media(container: Any) -> Media:
    video = next(iter(container.streams.video), None)
    audio = next(iter(container.streams.audio), None)
    times: list[int] = []
    ends = {"video": 0.0, "audio": 0.0}
    for packet in container.demux([s for s in (video, audio) if s is not None]):
        if packet.pts is None:
            continue
        if packet.stream is video:
            times.append(packet.pts)
        base = float(packet.time_base)
        end = (packet.pts + (packet.duration or 0)) * base
        kind = "video" if packet.stream is video else "audio"
        ends[kind] = max(ends[kind], end)
    if video is None and audio is None:
        raise BadOutput("the file has neither picture nor sound")
    times.sort()
    gaps = {b - a for a, b in pairwise(times)}
    return Media(
        seconds=max(ends.values()),
        width=video.width if video is not None else 0,
        height=video.height if video is not None else 0,
        fps=_rate(video, times),
        frames=len(times),
        constant_rate=len(times) > 0 and len(gaps) <= 1,
        video_codec=video.codec_context.name if video is not None else "",
        pixel_format=(video.codec_context.pix_fmt or "") if video is not None else "",
        video_seconds=ends["video"],
        audio_codec=audio.codec_context.name if audio is not None else "",
        sample_rate=audio.codec_context.sample_rate if audio is not None else 0,
        channels=audio.codec_context.layout.nb_channels if audio is not None else 0,
        audio_seconds=ends["audio"],
    )


def _rate(video: Any, times: list[int]) -> float:
    """Frames per second from the time stamps; what the header claims is not measured."""
    if video is None or len(times) < 2:
        return float(video.average_rate or 0) if video is not None else 0.0
    span = (times[-1] - times[0]) * float(video.time_base)
    return round((len(times) - 1) / span, 4) if span > 0 else 0.0


def measure_loudness(path: Path) -> Loudness:
    """Integrated loudness and true peak of a file's sound.

    Raises:
        BadOutput: it has no sound to measure.
    """
    integrated, peaks = _ebur128(path, peak="true")
    return Loudness(integrated, peaks)


def integrated_loudness(path: Path) -> float:
    """As `measure_loudness`, in LUFS, without the true peak, which takes as long again."""
    return _ebur128(path, peak="none")[0]


def _ebur128(path: Path, peak: Literal["true", "none"]) -> tuple[float, float]:
    filters = f"ebur128=peak={peak}:framelog=verbose"
    said = run_ffmpeg(["-loglevel", "info", "-i", path, "-vn", "-af", filters, "-f", "null", "-"])
    integrated = re.findall(r"I:\s+(-?[\d.]+|-inf) LUFS", said)
    peaks = re.findall(r"Peak:\s+(-?[\d.]+|-inf) dBFS", said)
    if not integrated or (peak == "true" and not peaks):
        raise BadOutput(f"{path.name} has no sound to measure")
    return float(integrated[-1]), float(peaks[-1]) if peaks else math.nan


def is_faststart(path: Path) -> bool:
    """Whether an MP4's index stands before its data, so that it plays while it loads."""
    with path.open("rb") as file:
        offset, size = 0, path.stat().st_size
        while offset + 8 <= size:
            file.seek(offset)
            header = file.read(16)
            length, kind = int.from_bytes(header[:4], "big"), header[4:8]
            if length == 1:
                length = int.from_bytes(header[8:16], "big")
            if kind in (b"moov", b"mdat"):
                return kind == b"moov"
            if length < 8:
                return False
            offset += length
    return False


def packets_digest(kind: Literal["video", "audio"], *paths: Path) -> str:
    """SHA-256 of the encoded pictures (H.264 in MP4) or sound of files, one after another: the
    same in any container they are copied to."""
    digest = hashlib.sha256()
    for path in paths:
        with open_media(path) as container:
            for packet in container.demux(**{kind: 0}):
                data = bytes(packet)
                for part in _slices(data) if kind == "video" else (data,):
                    digest.update(part)
    return digest.hexdigest()


def keyframe_times(path: Path) -> list[float]:
    """When, in seconds, the pictures begin that a video's encoder drew anew; none is decoded."""
    with open_media(path) as container:
        stream = container.streams.video[0]
        unit = float(stream.time_base or 0)
        packets = container.demux(stream)
        return sorted(float(p.pts * unit) for p in packets if p.is_keyframe and p.pts is not None)


def _slices(packet: bytes) -> Iterator[bytes]:
    """The coded slices (NAL units 1 to 5) of a packet: joining files repeats what else is in it."""
    at = 0
    while at + 4 < len(packet):
        length = int.from_bytes(packet[at : at + 4], "big")
        if 1 <= packet[at + 4] & 0x1F <= 5:
            yield packet[at + 4 : at + 4 + length]
        at += 4 + length


def decode_frames(path: Path) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield every frame of a video as RGB, shape (height, width, 3)."""
    with open_media(path) as container:
        for frame in container.decode(video=0):
            yield cast(Any, frame).to_ndarray(format="rgb24")


def decode_gray(path: Path) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Per frame: mean luma (0 to 255), and mean absolute change from the frame before.

    Measured on small frames, 90 pixels wide, in which noise of the encoder averages out.
    A B-frame, which is costly to decode, is given the values of the frame it leads to.
    """
    width = 90
    luma: list[float] = []
    change: list[float] = []
    last: npt.NDArray[np.float32] | None = None
    # One for all frames: each frame's own would be set up anew for it.
    shrinking = av.video.reformatter.VideoReformatter()
    with open_media(path) as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONREF"
        rate = float(stream.average_rate or 24)
        for frame in container.decode(stream):
            height = max(2, round(width * frame.height / frame.width))
            small = cast(Any, shrinking).reformat(
                frame, width, height, "gray", interpolation="AREA"
            )
            picture = small.to_ndarray().astype(np.float32)
            # Where frames do not last equally long, one may come before its place.
            skipped = max(0, round((frame.time or 0.0) * rate) - len(luma))
            moved = 0.0 if last is None else float(np.abs(picture - last).mean())
            luma += [float(picture.mean())] * (skipped + 1)
            change += [moved / (skipped + 1)] * (skipped + 1)
            last = picture
    return np.array(luma, dtype=np.float32), np.array(change, dtype=np.float32)
