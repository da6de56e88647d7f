"""Assembly of the picture: frame for frame, one encode a segment, joined by copying."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from tiny_films import TINY, colour_clip, colour_tags, ink, line, moving_clip

from renderers.errors import BadOutput
from renderers.probe import decode_frames, is_faststart, probe
from storyboard.media.audio.mix import Cue, master, mix
from storyboard.media.cut import SegmentCut, cut_segment, join
from storyboard.media.text.captions import Caption
from storyboard.media.text.subtitles import ass
from storyboard.plan import Canvas

EMPTY = ass([], TINY)


def plain(clip: Path, frames: int) -> SegmentCut:
    return SegmentCut(clip, frames, 0, None, 0, "cut", EMPTY)


def colours(path: Path) -> list[list[int]]:
    """Mean red, green, blue of every frame."""
    return [[round(c) for c in f.mean(axis=(0, 1))] for f in decode_frames(path)]


@pytest.fixture
def red(tmp_path: Path) -> Path:
    return colour_clip(tmp_path / "red.mp4", "0xff0000", 24)


@pytest.fixture
def blue(tmp_path: Path) -> Path:
    return colour_clip(tmp_path / "blue.mp4", "0x0000ff", 24)


def test_a_segment_has_exactly_its_frames_and_the_delivery_format(
    red: Path, tmp_path: Path
) -> None:
    out = tmp_path / "segment.mp4"
    cut_segment(plain(red, 17), TINY, out)
    media = probe(out)
    assert (media.frames, media.fps, media.constant_rate) == (17, 12.0, True)
    assert (media.width, media.height) == (TINY.width, TINY.height)
    assert (media.video_codec, media.pixel_format) == ("h264", "yuv420p")
    assert colour_tags(out) == (1, 1, 1)
    with av.open(str(out)) as container:
        assert container.streams.video[0].codec_context.profile == "High"


def test_a_clip_that_is_too_short_is_refused(red: Path, tmp_path: Path) -> None:
    with pytest.raises(BadOutput, match=r"red\.mp4 gave 24 frames, the film needs 25"):
        cut_segment(plain(red, 25), TINY, tmp_path / "segment.mp4")


def test_a_clip_that_is_no_clip_is_refused_in_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"this is not a film")
    with pytest.raises(BadOutput, match="ffmpeg failed: ") as caught:
        cut_segment(plain(broken, 3), TINY, tmp_path / "segment.mp4")
    assert "\n" not in str(caught.value)


def test_a_crossfade_melts_one_clip_into_the_other(red: Path, blue: Path, tmp_path: Path) -> None:
    cut = SegmentCut(blue, 20, 6, red, 24, "crossfade", EMPTY)
    cut_segment(cut, TINY, tmp_path / "segment.mp4")
    shown = colours(tmp_path / "segment.mp4")
    assert len(shown) == 20
    assert shown[0][0] > 200 and shown[0][2] < 40
    assert 60 < shown[3][0] < 190 and 60 < shown[3][2] < 190
    assert shown[7][0] < 20 and shown[7][2] > 230


def test_a_fade_from_black_begins_black(red: Path, tmp_path: Path) -> None:
    cut_segment(replace(plain(red, 20), transition="fade from black"), TINY, tmp_path / "s.mp4")
    shown = colours(tmp_path / "s.mp4")
    assert max(shown[0]) < 10
    assert shown[3][0] < shown[8][0]
    assert shown[8][0] > 240


def test_another_shape_fills_the_canvas_without_bars_or_stretching(tmp_path: Path) -> None:
    wide = Canvas(aspect="16:9", width=320, height=180, fps=12)
    clip = moving_clip(tmp_path / "wide.mp4", 6, wide)
    cut_segment(plain(clip, 6), TINY, tmp_path / "s.mp4")
    frame = next(decode_frames(tmp_path / "s.mp4"))
    assert frame.shape == (TINY.height, TINY.width, 3)
    for edge in (frame[0], frame[-1], frame[:, 0], frame[:, -1]):
        assert edge.max() > 20


def test_captions_are_burnt_at_their_frames(red: Path, tmp_path: Path) -> None:
    clip = colour_clip(tmp_path / "grey.mp4", "0x808080", 24)
    script = ass([Caption(0.5, 1.0, "hello")], TINY)
    cut_segment(replace(plain(clip, 24), script=script), TINY, tmp_path / "s.mp4")
    shown = [bool(ink(f).any()) for f in decode_frames(tmp_path / "s.mp4")]
    assert shown == [False] * 6 + [True] * 6 + [False] * 12


def test_paths_with_marks_of_every_filter_language_work(red: Path, tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s 100% [odd]; \\ {x}, a=b: "q" 猫 #1'
    folder.mkdir()
    clip = folder / "clip 'a'.mp4"
    clip.write_bytes(red.read_bytes())
    script = ass([Caption(0, 1, "hello")], TINY)
    cut_segment(replace(plain(clip, 12), script=script), TINY, folder / "s.mp4")
    sound = folder / "mix.m4a"
    master(mix(1.0, [Cue(line(0.8, 1), 0.1)], [], None, -18), sound)
    join([(folder / "s.mp4", 1.0)], sound, folder / "final.mp4")
    assert probe(folder / "final.mp4").frames == 12


def test_the_joined_film_is_whole_constant_and_starts_fast(
    red: Path, blue: Path, tmp_path: Path
) -> None:
    lengths = [7, 13, 24, 5]
    parts: list[tuple[Path, float]] = []
    for number, frames in enumerate(lengths):
        part = tmp_path / f"s{number}.mp4"
        cut_segment(plain(blue if number % 2 else red, frames), TINY, part)
        parts.append((part, frames / TINY.fps))
    seconds = sum(lengths) / TINY.fps
    master(mix(seconds, [Cue(line(2.0, 1), 1.0)], [], None, -18), tmp_path / "mix.m4a")
    film = tmp_path / "final.mp4"
    join(parts, tmp_path / "mix.m4a", film)
    media = probe(film)
    assert (media.frames, media.fps, media.constant_rate) == (sum(lengths), 12.0, True)
    assert media.audio_seconds == pytest.approx(media.video_seconds, abs=0.022)
    assert is_faststart(film)
    # Every cut stands on its frame.
    reds = [c[0] > 128 for c in colours(film)]
    assert reds == [n % 2 == 0 for n, frames in enumerate(lengths) for _ in range(frames)]


def test_joining_encodes_nothing_again(tmp_path: Path) -> None:
    cut_segment(plain(moving_clip(tmp_path / "m.mp4", 12), 12), TINY, tmp_path / "s.mp4")
    master(np.zeros((48_000, 2), np.float32), tmp_path / "mix.m4a")
    join([(tmp_path / "s.mp4", 1.0)], tmp_path / "mix.m4a", tmp_path / "final.mp4")

    joined = decode_frames(tmp_path / "final.mp4")
    for was, now in zip(decode_frames(tmp_path / "s.mp4"), joined, strict=True):
        assert np.array_equal(was, now)
