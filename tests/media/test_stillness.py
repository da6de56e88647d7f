"""A freeze is found by its length and by what the rest of the clip does, keyframes or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from renderers.ffmpeg import run_ffmpeg
from renderers.probe import decode_gray, keyframe_times
from storyboard.media.stillness import freeze, still_runs

FPS = 24


def moving(seconds: float, change: float = 0.4) -> npt.NDArray[np.float32]:
    """What a calm camera changes, a frame."""
    return np.full(round(seconds * FPS), change, dtype=np.float32)


def still(seconds: float) -> npt.NDArray[np.float32]:
    return np.full(round(seconds * FPS), 0.001, dtype=np.float32)


def clip(*parts: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.concatenate(parts)


@pytest.mark.parametrize("seconds", [0.7, 1.0, 1.4, 2.5])
def test_a_clip_that_stops_once_is_frozen(seconds: float) -> None:
    assert freeze(clip(moving(1), still(seconds), moving(1)), FPS) == (24, round(seconds * FPS))


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("always moves", moving(4)),
        ("creeps", moving(4, 0.06)),
        ("is held for half a second", clip(moving(2), still(0.5), moving(2))),
        (
            "is drawn in poses",
            clip(moving(0.4), still(0.8), moving(0.4), still(0.7), moving(0.4), still(0.5)),
        ),
        ("is drawn on twos", np.tile(np.array([0.6, 0.0], dtype=np.float32), 60)),
        ("is drawn on fours", np.tile(np.array([0.6, 0.0, 0.0, 0.0], dtype=np.float32), 30)),
    ],
)
def test_what_holds_on_purpose_is_not_frozen(what: str, change: npt.NDArray[np.float32]) -> None:
    assert freeze(change, FPS) is None, what


def test_a_film_may_end_on_a_picture_but_not_for_long() -> None:
    ending = clip(moving(2), still(1))
    assert freeze(ending, FPS, ends=True) is None
    assert freeze(ending, FPS) == (48, 24)
    assert freeze(clip(moving(2), still(2)), FPS, ends=True) == (48, 48)


def test_a_keyframe_inside_a_freeze_is_no_movement() -> None:
    change = clip(moving(1), still(1.2), moving(1))
    change[36] = 0.3
    assert freeze(change, FPS) is None, "two holds as long as each other"
    assert freeze(change, FPS, [0, 36]) == (24, 29)
    # Where B-frames are not decoded its change is shared by those before it.
    change[34:37] = 0.1
    assert still_runs(change, [36]) == [(24, 29)]
    # A real step at a keyframe is a cut.
    change[36] = 8.0
    assert len(still_runs(change, [36])) == 2


def test_a_short_freeze_is_seen_in_a_real_file(tmp_path: Path) -> None:
    """Half a second before and after a keyframe, in a film coded as films are here."""
    source = tmp_path / "moving.mp4"
    run_ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=180x320:r=24:d=4", "-qp", "0", source])
    film = tmp_path / "film.mp4"
    stop = "loop=loop=19:size=1:start=38,trim=end_frame=96,setpts=N/24/TB"
    coding = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", "48", "-r", "24"]
    run_ffmpeg(["-i", source, "-vf", stop, *coding, film])
    keys = [round(time * FPS) for time in keyframe_times(film)]
    assert 48 in keys
    _, change = decode_gray(film)
    found = freeze(change, FPS, keys)
    assert found is not None
    first, length = found
    assert abs(first - 39) <= 3 and abs(length - 19) <= 4
