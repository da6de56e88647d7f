"""Finding an ffmpeg that can make a film, and saying in one line why it failed."""

from __future__ import annotations

from pathlib import Path

import imageio_ffmpeg
import pytest

from renderers.errors import BadOutput, OutOfMemory
from renderers.ffmpeg import FrameWriter, ffmpeg_path, ffmpeg_version, raise_for, run_ffmpeg
from renderers.probe import probe

RAW = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "32x16", "-r", "10", "-i", "-"]


@pytest.fixture
def fresh_search() -> object:
    ffmpeg_path.cache_clear()
    yield
    ffmpeg_path.cache_clear()


def fake_ffmpeg(folder: Path, body: str) -> Path:
    folder.mkdir()
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.mark.usefixtures("fresh_search")
def test_the_package_s_ffmpeg_goes_before_that_of_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Systems bring all kinds of releases; films are tried with the package's."""
    packaged = imageio_ffmpeg.get_ffmpeg_exe()
    fake_ffmpeg(tmp_path / "bin", f'exec "{packaged}" "$@"')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert str(ffmpeg_path()) == packaged


LACKS_FILTERS = "echo ' ... scale V->V'; echo ' V..... mpeg4 MPEG-4'"


@pytest.mark.usefixtures("fresh_search")
@pytest.mark.parametrize("body", [LACKS_FILTERS, "exit 1", "kill -9 $$", "printf '\\377\\376'"])
def test_one_that_cannot_make_a_film_is_passed_over(
    body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = imageio_ffmpeg.get_ffmpeg_exe()
    own = fake_ffmpeg(tmp_path / "bin", f'exec "{packaged}" "$@"')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(fake_ffmpeg(tmp_path / "own", body)))
    assert ffmpeg_path() == own


@pytest.mark.usefixtures("fresh_search")
def test_whoever_names_one_of_his_own_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = fake_ffmpeg(tmp_path / "bin", f'exec "{imageio_ffmpeg.get_ffmpeg_exe()}" "$@"')
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(own))
    assert ffmpeg_path() == own


def test_the_version_is_short() -> None:
    assert ffmpeg_version().startswith("ffmpeg ")
    assert len(ffmpeg_version().split()) == 2


def test_a_missing_input_is_named_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadOutput, match="nowhere") as caught:
        run_ffmpeg(["-i", tmp_path / "nowhere.mp4", tmp_path / "out.mp4"])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_names_inside_filters_are_read_from_the_folder(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("file part.mp4\n")
    run_ffmpeg(["-f", "lavfi", "-i", "color=s=32x16:r=10:d=0.5", tmp_path / "part.mp4"])
    run_ffmpeg(["-f", "concat", "-i", "a.txt", "-c", "copy", "out.mp4"], tmp_path)
    assert probe(tmp_path / "out.mp4").frames == 5


def test_an_option_like_text_reaches_no_shell(tmp_path: Path) -> None:
    with pytest.raises(BadOutput):
        run_ffmpeg(["-i", f"x; touch {tmp_path}/pwned", tmp_path / "$(touch pwned).mp4"])
    assert list(tmp_path.iterdir()) == []


def test_frames_written_become_a_file(tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    with FrameWriter([*RAW, "-pix_fmt", "yuv420p", out]) as writer:
        for level in range(7):
            writer.write(bytes([level * 30]) * (32 * 16 * 3))
    assert probe(out).frames == 7


def test_an_error_while_writing_ends_ffmpeg_and_is_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), FrameWriter([*RAW, tmp_path / "out.mp4"]) as writer:
        writer.write(bytes(32 * 16 * 3))
        raise ZeroDivisionError


def test_a_refused_stream_says_why(tmp_path: Path) -> None:
    with (
        pytest.raises(BadOutput, match=r"ffmpeg failed: .*nosuchcodec"),
        FrameWriter([*RAW, "-c:v", "nosuchcodec", tmp_path / "out.mp4"]) as writer,
    ):
        for _ in range(100):
            writer.write(bytes(32 * 16 * 3))


def test_kinds_of_failure_are_told_apart() -> None:
    raise_for(0, "all is well")
    with pytest.raises(OutOfMemory, match="memory"):
        raise_for(-9, "")
    with pytest.raises(OSError, match="No space left") as caught:
        raise_for(1, "av_interleaved_write_frame(): No space left on device")
    assert caught.value.errno == 28
    with pytest.raises(BadOutput, match=r"ffmpeg failed: exit code 187"):
        raise_for(187, " \n")
    with pytest.raises(BadOutput, match=r"failed: one / four / five$"):
        raise_for(1, "[in#0 @ 0x5] one\n\ntwo\nthree\nfour\nfive\n")
