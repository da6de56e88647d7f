"""Lips that move with a line, against lips that do not: measured on clips of real encoders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tiny_films import colour_clip, moving_clip
from tones import TonesSpeech

from renderers.base import ClipRequest, ImageRequest
from renderers.errors import BadOutput
from renderers.image.animatic import AnimaticImages
from renderers.scene import Scene
from renderers.video.animatic import AnimaticClips
from storyboard.media import lips
from storyboard.plan import staging
from storyboard.plan.casting import cast_plan
from storyboard.plan.format_files import load_format
from storyboard.writing.offline import write_plan

WIDTH, HEIGHT, FPS, SECONDS = 360, 640, 24, 3.0


@cache
def a_scene() -> tuple[Scene, str]:
    """A medium close-up of somebody who speaks, and who that is."""
    plan = write_plan("A barista who can only speak in haiku", load_format("comedy_5"), "en", None)
    plan = cast_plan(plan, TonesSpeech().voices("en"))
    beat = next(b for b in plan.beats if b.speaker in b.cast)
    assert beat.speaker is not None
    scene = staging.scenes_of(plan)[beat.index]
    shot = replace(scene.shot, scale="medium close-up")
    figures = tuple(f for f in scene.figures if f.id == beat.speaker)
    return replace(scene, shot=shot, figures=figures, focus=beat.speaker), beat.speaker


def speech(out: Path, seconds: float = SECONDS, pause: tuple[float, float] = (1.1, 1.7)) -> Path:
    """Syllables of a vowel, four a second, with silence around them and a pause between."""
    time = np.arange(round(seconds * 48_000)) / 48_000
    vowel = sum(np.sin(2 * np.pi * 140 * k * time) / k for k in (1, 2, 3, 5, 8))
    syllables = np.clip(np.sin(2 * np.pi * 4 * time), 0, 1) ** 0.5
    said = (time > 0.3) & (time < seconds - 0.5) & ~((time > pause[0]) & (time < pause[1]))
    wave = (0.2 * vowel * syllables * said).astype(np.float32)
    soundfile.write(out, np.stack([wave, wave], axis=1), 48_000)
    return out


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, lips.Face]]:
    """Clips of one face: speaking, and filmed as a still picture."""
    folder = tmp_path_factory.mktemp("lips")
    scene, who = a_scene()
    line = speech(folder / "line.wav")
    picture = folder / "picture.png"
    drawn = AnimaticImages().render(ImageRequest("", WIDTH, HEIGHT, 1, scene=scene), picture)
    faces = drawn.info["faces"]
    assert isinstance(faces, dict)
    box = faces[who]
    assert isinstance(box, list)
    left, top, width, height = (float(side) for side in box if isinstance(side, int | float))
    face = lips.Face(left / WIDTH, top / HEIGHT, width / WIDTH, height / HEIGHT)
    request = ClipRequest(
        picture, WIDTH, HEIGHT, FPS, round(SECONDS * FPS), line, scene, camera="push in", seed=5
    )
    kinds = {
        "speaking": request,
        "filmed": replace(request, audio=None, scene=None, camera="handheld"),
    }
    made: dict[str, Path] = {}

    def clip(kind: str) -> tuple[Path, lips.Face]:
        if kind not in made:
            made[kind] = folder / f"{kind}.mp4"
            AnimaticClips().render(kinds[kind], made[kind])
        return made[kind], face

    return clip


def test_lips_that_speak_the_line_follow_it(
    clips: Callable[[str], tuple[Path, lips.Face]], tmp_path: Path
) -> None:
    clip, face = clips("speaking")
    seen = lips.measure(clip, speech(tmp_path / "line.wav"), face)
    assert seen.follow, seen
    assert seen.speaking > 1.5 * seen.quiet


def test_a_still_mouth_is_seen_under_a_moving_camera(
    clips: Callable[[str], tuple[Path, lips.Face]], tmp_path: Path
) -> None:
    clip, face = clips("filmed")
    seen = lips.measure(clip, speech(tmp_path / "line.wav"), face)
    assert not seen.follow, seen


def test_lips_that_rest_while_the_line_is_heard_do_not_follow(
    clips: Callable[[str], tuple[Path, lips.Face]], tmp_path: Path
) -> None:
    clip, face = clips("speaking")
    # The line is heard in the pause and around it, where this mouth is closed.
    time = np.arange(round(SECONDS * 48_000)) / 48_000
    said = ((time > 1.15) & (time < 1.65)) | (time > SECONDS - 0.45)
    soundfile.write(tmp_path / "other.wav", 0.3 * np.sin(900 * time) * said, 48_000)
    seen = lips.measure(clip, tmp_path / "other.wav", face)
    assert not seen.follow and seen.score < 0, seen


def test_a_face_nobody_placed_is_looked_for_where_faces_mostly_are(
    clips: Callable[[str], tuple[Path, lips.Face]], tmp_path: Path
) -> None:
    line = speech(tmp_path / "line.wav")
    speaking = lips.measure(clips("speaking")[0], line)
    still = lips.measure(clips("filmed")[0], line)
    assert speaking.follow and not still.follow, (speaking, still)


def test_motion_everywhere_is_no_mouth(tmp_path: Path) -> None:
    clip = moving_clip(tmp_path / "flow.mp4", 36)
    assert not lips.measure(clip, speech(tmp_path / "line.wav")).follow


def test_nothing_moving_and_nothing_heard(tmp_path: Path) -> None:
    clip = colour_clip(tmp_path / "red.mp4", "red", 36)
    seen = lips.measure(clip, speech(tmp_path / "line.wav"))
    assert not seen.follow and seen.speaking < 0.1
    soundfile.write(tmp_path / "silence.wav", np.zeros(96_000), 48_000)
    with pytest.raises(BadOutput, match="nothing is heard"):
        lips.measure(clip, tmp_path / "silence.wav")


def test_a_face_at_the_edge_or_out_of_the_frame_is_no_error(tmp_path: Path) -> None:
    clip = moving_clip(tmp_path / "flow.mp4", 36)
    line = speech(tmp_path / "line.wav")
    for face in (lips.Face(0.9, 0.9, 0.3, 0.2), lips.Face(-0.4, 0.1, 0.2, 0.1)):
        assert lips.measure(clip, line, face).speaking >= 0
