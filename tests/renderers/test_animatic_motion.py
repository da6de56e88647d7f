"""Clips: exact files, mouths that follow the voice, blinks, and a camera that really moves."""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt
import pytest
import skia
import soundfile

from renderers.animatic.acting import cast_part
from renderers.animatic.blocking import block
from renderers.animatic.camera import camera_for
from renderers.animatic.compose import Tableau
from renderers.animatic.framing import Box, Frame
from renderers.animatic.lipsync import listen
from renderers.animatic.looks import look_for
from renderers.animatic.motion import Shooting, Take, parts_for, shoot
from renderers.base import ClipRequest, ImageRequest
from renderers.errors import BadRequest
from renderers.image.animatic import AnimaticImages
from renderers.probe import decode_frames, probe
from renderers.scene import CameraMove, Expression, Figure, Scene, Shot
from renderers.video.animatic import AnimaticClips

RATE = 48_000
FPS = 24
WIDTH, HEIGHT = 180, 320
MOVES: tuple[CameraMove, ...] = get_args(CameraMove)


def speaker(expression: Expression = "neutral", speaking: bool = True) -> Figure:
    look = look_for("short black hair, white shirt, pale", "adult", "masculine", 1, [])
    return Figure("ann", "Ann", replace(look, facial_hair=""), expression, speaking)


def scene_of(*figures: Figure, scale: str = "close-up") -> Scene:
    return Scene(shot=Shot(scale), figures=figures, focus=figures[0].id, seed=2)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds: silence, a second of syllables, silence, half a second, silence."""
    time = np.arange(3 * RATE) / RATE
    loud = ((time > 0.5) & (time < 1.5)) | ((time > 2.0) & (time < 2.5))
    syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * time)
    tone = 0.3 * loud * syllables * np.sin(2 * np.pi * 180 * time)
    path = tmp_path_factory.mktemp("voice") / "voice.wav"
    soundfile.write(path, np.stack([tone, tone], axis=1), RATE)
    return path


def request_for(scene: Scene, folder: Path, frames: int, **changes: object) -> ClipRequest:
    image = folder / "still.png"
    AnimaticImages().render(ImageRequest("", WIDTH, HEIGHT, 1, scene=scene), image)
    plain = ClipRequest(image, WIDTH, HEIGHT, FPS, frames, scene=scene, camera="static", seed=5)
    return replace(plain, **changes)  # type: ignore[arg-type]


def frames_of(scene: Scene, frames: int, **changes: object) -> list[npt.NDArray[np.int16]]:
    """The drawn frames themselves, before any encoder."""
    shooting = Shooting(WIDTH, HEIGHT, FPS, frames, None, "static", 5)
    return [
        np.frombuffer(frame, np.uint8).reshape(HEIGHT, WIDTH, 4)[:, :, :3].astype(np.int16)
        for frame in shoot(scene, replace(shooting, **changes))  # type: ignore[arg-type]
    ]


def mouth_box(scene: Scene) -> tuple[slice, slice]:
    face = Tableau(scene, WIDTH, HEIGHT).faces()["ann"]
    height = face.bottom - face.top
    rows = slice(round(face.top + 0.68 * height), round(face.bottom))
    return rows, slice(round(face.left), round(face.right))


def test_a_clip_has_exactly_the_frames_and_size_asked_for(tmp_path: Path, voice: Path) -> None:
    request = request_for(scene_of(speaker()), tmp_path, 31, audio=voice)
    out = tmp_path / "clip.mp4"
    result = AnimaticClips().render(request, out)
    media = probe(out)
    assert (media.frames, media.width, media.height) == (31, WIDTH, HEIGHT)
    assert (result.frames, result.fps, result.has_audio) == (31, FPS, False)
    assert media.fps == FPS
    assert media.constant_rate
    assert media.video_codec == "h264"
    assert media.pixel_format == "yuv420p"
    assert media.audio_codec == ""
    assert len(list(decode_frames(out))) == 31
    assert sorted(p.name for p in tmp_path.iterdir()) == ["clip.mp4", "still.png"]


@pytest.mark.parametrize("camera", ["static", "shake", "push in"])
@pytest.mark.parametrize("frames", [1, 2, 31, 48])
def test_every_drawing_stands_where_it_was_drawn_for(
    tmp_path: Path, camera: CameraMove, frames: int, voice: Path
) -> None:
    scene = scene_of(speaker("furious"))
    request = request_for(scene, tmp_path, frames, camera=camera, audio=voice)
    out = tmp_path / "clip.mp4"
    AnimaticClips().render(request, out)
    drawn = frames_of(scene, frames, camera=camera, audio=voice)
    shown = [frame[:, :, ::-1].astype(int) for frame in decode_frames(out)]
    assert len(shown) == frames
    for number, frame in enumerate(shown):
        unlike = [float(np.abs(frame - each).mean()) for each in drawn]
        assert unlike[number] < min(unlike) + 0.3


def test_colours_survive_the_encoder(tmp_path: Path) -> None:
    scene = scene_of(speaker("happy", speaking=False))
    out = tmp_path / "clip.mp4"
    AnimaticClips().render(request_for(scene, tmp_path, 6), out)
    shown = next(iter(decode_frames(out))).astype(int)
    drawn = frames_of(scene, 1)[0][:, :, ::-1]
    assert np.abs(shown - drawn).mean() < 8


def test_the_mouth_follows_the_voice_and_rests_in_silence(voice: Path) -> None:
    scene = scene_of(speaker())
    drawn = frames_of(scene, 72, audio=voice)
    rows, columns = mouth_box(scene)
    # A spoken mouth shows its dark throat: red paint gone from where skin was at rest.
    rest = drawn[0][rows, columns]
    opened = np.array([(rest[:, :, 2] - f[rows, columns][:, :, 2] > 60).mean() for f in drawn])
    speech = listen(voice, FPS, 72)
    assert np.corrcoef(opened, speech.open)[0, 1] > 0.6
    silent = np.r_[0:11, 40:47, 64:72]
    spoken = np.r_[15:35, 50:59]
    assert speech.open[silent].max() == 0
    assert opened[spoken].mean() > 3 * opened[silent].mean() + 0.01
    assert speech.open[-1] == 0


def test_mouths_close_at_the_end_even_when_the_voice_does_not(tmp_path: Path) -> None:
    tone = 0.3 * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE)
    soundfile.write(tmp_path / "tone.wav", tone, RATE)
    speech = listen(tmp_path / "tone.wav", FPS, FPS)
    assert speech.open[5:15].min() > 0.3
    assert speech.open[-1] == 0


def test_silence_and_room_noise_open_no_mouth(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 10 ** (-60 / 20), RATE)
    soundfile.write(tmp_path / "noise.wav", noise, RATE)
    assert listen(tmp_path / "noise.wav", FPS, FPS).silent


def test_only_the_speaker_speaks(voice: Path) -> None:
    listener = replace(speaker(speaking=False), id="bob")
    scene = scene_of(speaker(), listener, scale="medium shot")
    tableau = Tableau(scene, WIDTH, HEIGHT)
    shooting = Shooting(WIDTH, HEIGHT, FPS, 72, voice, "static", 1)
    mouths = {
        p.figure.id: [p.at(i).face.mouth for i in range(72)] for p in parts_for(tableau, shooting)
    }
    assert all(mouth is None for mouth in mouths["bob"])
    assert max(mouth.open for mouth in mouths["ann"] if mouth) > 0.5


def test_everyone_blinks_every_few_seconds() -> None:
    for seed in range(6):
        part = cast_part(
            speaker(speaking=False), turn=0, seconds=20, fps=FPS, speech=None, focus=True, seed=seed
        )
        shut = [part.at(i).face.blink > 0.8 for i in range(20 * FPS)]
        starts = [i / FPS for i in range(1, len(shut)) if shut[i] and not shut[i - 1]]
        gaps = np.diff(starts)
        assert 4 <= len(starts) <= 16
        assert gaps.max() <= 5.2
        assert sum(shut) < 0.15 * len(shut)


def test_a_blink_is_seen_and_leaves_no_open_rings() -> None:
    """In the middle of a blink the eyes are lines: fewer rows of them are dark."""
    scene = replace(scene_of(speaker(speaking=False)), shot=Shot("close-up"))
    tableau = Tableau(scene, WIDTH, HEIGHT)
    still = parts_for(tableau, Shooting(WIDTH, HEIGHT, FPS, 72, None, "static", 5))[0].still()
    for expression in ("neutral", "shocked", "awe"):
        rows: list[int] = []
        for blink in (0.0, 1.0):
            state = replace(still, expression=expression, marks_age=None)
            state = replace(state, face=replace(state.face, blink=blink))
            surface = skia.Surface(WIDTH, HEIGHT)
            tableau.draw(surface.getCanvas(), [state])
            pixels = surface.makeImageSnapshot().toarray()[:, :, :3]
            face = tableau.faces()["ann"]
            high, wide = face.bottom - face.top, face.right - face.left
            # Between brow and nose, and clear of the hair.
            eyes = slice(round(face.top + 0.36 * high), round(face.top + 0.56 * high))
            middle = slice(round(face.left + 0.25 * wide), round(face.left + 0.75 * wide))
            rows.append(int((pixels[eyes, middle].max(axis=2) < 70).any(axis=1).sum()))
        assert rows[1] < rows[0], expression


def test_a_reaction_changes_the_face_on_the_way() -> None:
    shocked = speaker("shocked", speaking=False)
    part = cast_part(shocked, turn=0, seconds=3, fps=FPS, speech=None, focus=True, seed=1)
    faces = [part.at(i).expression for i in range(72)]
    assert faces[0] == "neutral"
    assert faces[-1] == "shocked"
    assert sum(a != b for a, b in pairwise(faces)) == 1
    assert max(part.at(i).lift for i in range(72)) > 30
    assert part.at(0).marks_age is None
    assert part.at(71).marks_age is not None


@pytest.mark.parametrize("move", MOVES)
def test_no_second_of_any_clip_stands_still(move: CameraMove) -> None:
    drawn = frames_of(scene_of(speaker(speaking=False), scale="medium shot"), 72, camera=move)
    for second in range(3):
        first = drawn[second * FPS]
        changed = max(
            (np.abs(frame - first).max(axis=2) > 40).mean()
            for frame in drawn[second * FPS : (second + 1) * FPS]
        )
        assert changed > 0.002, f"{move}, second {second}"


@pytest.mark.parametrize("move", [move for move in MOVES if move != "static"])
def test_every_camera_move_moves_the_set(move: CameraMove) -> None:
    """The corners show only the set, so they change only when the camera does."""
    scene = replace(scene_of(speaker(speaking=False), scale="medium shot"), place="cafe")
    drawn = frames_of(scene, 48, camera=move)
    still = frames_of(scene, 48)

    def change(frames: list[npt.NDArray[np.int16]]) -> float:
        corner = [frame[: HEIGHT // 8] for frame in frames]
        return max(float(np.abs(frame - corner[0]).mean()) for frame in corner)

    assert change(drawn) > 2 * change(still) + 0.3


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("headroom", [0.0, 0.27])
def test_no_camera_move_pushes_a_face_out_of_its_place(move: CameraMove, headroom: float) -> None:
    width, height = 720, 1280
    for scale in ("full shot", "medium shot", "close-up", "extreme close-up"):
        for others in (0, 1):
            cast = (speaker(), replace(speaker(), id="bob"))[: 1 + others]
            scene = replace(scene_of(*cast, scale=scale), headroom=headroom)
            placed = block(scene, width, height)
            crop = scale == "extreme close-up"
            camera = camera_for(
                move, placed, Frame.of(width, height, headroom), 3.0,
                focus="ann", crop=crop, seed=1,
            )  # fmt: skip
            for i in range(72):
                state = camera.at(i / FPS)
                for face in (p.face for p in placed if p.face):
                    seen = Box(
                        camera.pivot[0] + (face.left - camera.pivot[0]) * state.zoom + state.x,
                        camera.pivot[1] + (face.top - camera.pivot[1]) * state.zoom + state.y,
                        camera.pivot[0] + (face.right - camera.pivot[0]) * state.zoom + state.x,
                        camera.pivot[1] + (face.bottom - camera.pivot[1]) * state.zoom + state.y,
                    )
                    assert seen.top >= headroom * height - 1, (move, scale)
                    assert seen.bottom <= 0.78 * height + 1, (move, scale)
                    assert seen.left >= -0.012 * width, (move, scale)
                    assert seen.right <= 1.012 * width, (move, scale)


@pytest.mark.parametrize("move", MOVES)
def test_no_camera_move_pushes_what_is_held_out_of_the_frame(move: CameraMove) -> None:
    width, height = 360, 640
    for scale in ("full shot", "medium shot", "medium close-up"):
        cast = (replace(speaker(), holds="cup"), replace(speaker(), id="bob"))
        take = Take(scene_of(*cast, scale=scale), Shooting(width, height, FPS, 72, None, move, 1))
        (cup,) = take.tableau.held()
        first, last = max(cup.left, 0.0), min(cup.right, width)
        for i in range(72):
            state, pivot = take.camera.at(i / FPS), take.camera.pivot[0]
            left, right = (pivot + (x - pivot) * state.zoom + state.x for x in (first, last))
            assert left >= -0.012 * width and right <= 1.012 * width, (move, scale)


def test_a_character_keeps_its_colours_in_every_frame(voice: Path) -> None:
    scene = scene_of(speaker())
    face = Tableau(scene, WIDTH, HEIGHT).faces()["ann"]
    box = (slice(round(face.top), round(face.bottom)), slice(round(face.left), round(face.right)))
    means = np.array(
        [f[box].reshape(-1, 3).mean(axis=0) for f in frames_of(scene, 48, audio=voice)]
    )
    assert np.ptp(means, axis=0).max() < 26
    other = replace(speaker(), avatar=look_for("dark skin, red hoodie", "adult", "feminine", 9, []))
    strange = frames_of(scene_of(other), 1)[0][box].reshape(-1, 3).mean(axis=0)
    assert np.abs(means.mean(axis=0) - strange).max() > 30


def test_clips_are_drawn_the_same_twice_and_differ_by_seed() -> None:
    scene = scene_of(speaker(speaking=False), scale="medium shot")

    def digest(seed: int) -> str:
        drawn = frames_of(scene, 30, camera="handheld", seed=seed)
        return hashlib.sha256(np.stack(drawn).tobytes()).hexdigest()

    assert digest(1) == digest(1)
    assert digest(1) != digest(2)


@pytest.mark.parametrize("move", MOVES)
def test_a_picture_of_another_maker_is_filmed_as_it_is(tmp_path: Path, move: CameraMove) -> None:
    other = scene_of(speaker("angry"), scale="full shot")
    request = request_for(other, tmp_path, 24, camera=move)
    # The scene is another one than the picture shows: the picture is what counts.
    request = replace(request, scene=scene_of(speaker("happy")))
    out = tmp_path / "clip.mp4"
    AnimaticClips().render(request, out)
    drawn = [frame.astype(int) for frame in decode_frames(out)]
    assert len(drawn) == 24
    assert max(np.abs(frame - drawn[0]).mean() for frame in drawn) > 0.2
    picture = frames_of(other, 1)[0][:, :, ::-1]
    assert np.abs(drawn[12] - picture).mean() < 45


def test_bad_requests_are_refused(tmp_path: Path) -> None:
    request = request_for(scene_of(speaker()), tmp_path, 5)
    backend = AnimaticClips()
    out = tmp_path / "clip.mp4"
    with pytest.raises(BadRequest, match="even"):
        backend.render(replace(request, width=181), out)
    with pytest.raises(BadRequest, match="no length"):
        backend.render(replace(request, frames=0), out)
    with pytest.raises(BadRequest, match=r"missing\.png"):
        backend.render(replace(request, image=tmp_path / "missing.png"), out)
    (tmp_path / "text.png").write_text("not a picture")
    with pytest.raises(BadRequest, match=r"text\.png"):
        backend.render(replace(request, image=tmp_path / "text.png"), out)
    (tmp_path / "bad.wav").write_text("not a sound")
    with pytest.raises(BadRequest, match=r"bad\.wav"):
        backend.render(replace(request, audio=tmp_path / "bad.wav"), out)
    assert not out.exists()


def test_the_backends_travel_to_worker_processes() -> None:
    for backend in (AnimaticClips(), AnimaticImages()):
        copy = pickle.loads(pickle.dumps(backend))  # noqa: S301 - our own bytes
        assert copy.fingerprint() == backend.fingerprint()
