"""The film's sound as the pipeline makes it: lines, effects, a clip's own sound, music."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tiny_films import colour_clip, line

from renderers.audio_file import decode_mono
from renderers.ffmpeg import run_ffmpeg
from renderers.probe import probe
from storyboard.core.files import write_json
from storyboard.graph.steps import From
from storyboard.graph.work import WorkContext
from storyboard.plan import Beat, Music, Plan, SoundEffect
from storyboard.plan.elements import OwnMedia
from storyboard.plan.timeline import lay_out, segment_plans
from storyboard.stages.sound import SoundFiles, SoundInputs, mix_sound, sound_step

RATE = 8000
SPOKEN = 1.2


def a_plan(music: Music, *, keep_audio: bool) -> Plan:
    gavel = SoundEffect(name="gavel", at=0.5)
    return Plan.model_validate(
        {
            "idea": "a trial",
            "format": "comedy_5",
            "title": "Trial",
            "canvas": {"aspect": "9:16", "width": 160, "height": 288, "fps": 12},
            "cast": [{"id": "judge", "name": "Judge"}],
            "settings": [{"id": "court", "name": "Court"}],
            "music": music,
            "beats": [
                Beat(index=1, type="verdict", speaker="judge", line="Guilty.", setting="court"),
                Beat(
                    index=2,
                    type="gavel_se",
                    setting="court",
                    sound_effect=gavel,
                    keep_audio=keep_audio,
                ),
            ],
        }
    )


def hear(plan: Plan, folder: Path, clip: Path) -> np.ndarray:
    """What `mix_sound` makes of the plan, mono at 8 kHz. Beat 2 begins at 3 s."""
    soundfile.write(folder / "line.wav", line(SPOKEN, 3), 48_000)
    write_json(folder / "take.json", {"seconds": SPOKEN})
    step = sound_step(plan, {1: folder / "take.json"}, {1: folder / "line.wav"})
    inputs: SoundInputs[Path] = step.inputs.map(
        lambda _, source: source if isinstance(source, Path) else clip
    )
    out = folder / "mix.m4a"
    outputs = SoundFiles(sound=out, timeline=folder / "timeline.json")
    mix_sound(WorkContext(step.params, inputs, outputs, None))
    timeline = lay_out(segment_plans(plan), {1: SPOKEN})
    assert timeline.segment(2).start == 3.0
    assert probe(out).audio_seconds == pytest.approx(timeline.seconds, abs=0.022)
    return decode_mono(out, RATE)


def peak(sound: np.ndarray, begin: float, end: float) -> float:
    return float(np.abs(sound[round(begin * RATE) : round(end * RATE)]).max())


def tone_at(sound: np.ndarray, hertz: float, begin: float, end: float) -> float:
    """Part of the energy within 30 Hz of a frequency."""
    part = sound[round(begin * RATE) : round(end * RATE)]
    power = np.abs(np.fft.rfft(part)) ** 2
    near = np.abs(np.fft.rfftfreq(len(part), 1 / RATE) - hertz) < 30
    return float(power[near].sum() / power.sum())


def humming_clip(folder: Path) -> Path:
    """A clip whose model made a sound of its own: a hum at 700 Hz."""
    colour_clip(folder / "mute.mp4", "red", 42)
    hum = "sine=frequency=700:sample_rate=44100:duration=3.5,volume=0.1"
    run_ffmpeg(
        ["-i", folder / "mute.mp4", "-f", "lavfi", "-i", hum, "-c:v", "copy", folder / "hum.mp4"]
    )
    return folder / "hum.mp4"


def test_an_effect_comes_at_its_time_as_loud_as_speech(tmp_path: Path) -> None:
    plan = a_plan(Music(mood="none"), keep_audio=False)
    sound = hear(plan, tmp_path, tmp_path / "none.mp4")
    assert peak(sound, 3.0, 3.45) < 0.02
    assert 0.3 < peak(sound, 3.48, 3.6) / peak(sound, 0.1, 1.4) < 4


def test_a_clip_keeps_its_own_sound_instead(tmp_path: Path) -> None:
    plan = a_plan(Music(mood="none"), keep_audio=True)
    sound = hear(plan, tmp_path, humming_clip(tmp_path))
    assert tone_at(sound, 700, 3.6, 5.0) > 0.9
    assert peak(sound, 1.6, 2.95) < 0.05


def test_a_mute_clip_falls_back_on_the_synthesised_effect(tmp_path: Path) -> None:
    plan = a_plan(Music(mood="none"), keep_audio=True)
    sound = hear(plan, tmp_path, colour_clip(tmp_path / "mute.mp4", "red", 42))
    assert peak(sound, 3.48, 3.6) > 0.1


def test_a_clip_is_an_input_only_where_its_sound_is_kept() -> None:
    kept = sound_step(a_plan(Music(mood="none"), keep_audio=True), {}, {})
    not_kept = sound_step(a_plan(Music(mood="none"), keep_audio=False), {}, {})
    assert kept.inputs.clips == {2: From("clips/clip_02_gavel_se", "clip")}
    assert not not_kept.sources


def test_ones_own_music_lies_under_the_whole_film_once(tmp_path: Path) -> None:
    own = tmp_path / "drone.wav"
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(2 * 44_100) / 44_100)
    soundfile.write(own, wave, 44_100)
    plan = a_plan(Music(track=str(own), level=-6.0), keep_audio=False)
    sound = hear(plan, tmp_path, tmp_path / "none.mp4")
    assert tone_at(sound, 440, 2.3, 3.0) > 0.9
    assert tone_at(sound, 440, 4.8, 5.6) > 0.9


def a_drone(path: Path, hertz: float) -> Path:
    wave = 0.3 * np.sin(2 * np.pi * hertz * np.arange(2 * 44_100) / 44_100)
    soundfile.write(path, wave, 44_100)
    return path


@pytest.mark.parametrize("film", [440.0, None])
def test_a_beat_has_music_of_its_own(tmp_path: Path, film: float | None) -> None:
    track = str(a_drone(tmp_path / "film.wav", film)) if film else ""
    plan = a_plan(Music(mood="none", track=track, level=-6.0), keep_audio=False)
    own = OwnMedia(music=str(a_drone(tmp_path / "own.wav", 880.0)))
    beats = [plan.beats[0], plan.beats[1].model_copy(update={"media": own})]
    sound = hear(plan.model_copy(update={"beats": beats}), tmp_path, tmp_path / "none.mp4")
    assert tone_at(sound, 880, 4.6, 5.4) > 0.9
    before = sound[round(2.2 * RATE) : round(2.9 * RATE)]
    if film:
        assert tone_at(sound, film, 2.2, 2.9) > 0.9
        after = sound[round(4.6 * RATE) : round(5.4 * RATE)]
        assert 0.5 < np.std(after) / np.std(before) < 2
    else:
        assert peak(sound, 2.2, 2.9) < 0.05


def test_a_plan_without_music_of_a_beat_keeps_its_key() -> None:
    step = sound_step(a_plan(Music(mood="none"), keep_audio=False), {}, {})
    assert not any(label.startswith("music") for label in step.document({})["inputs"])


def test_the_timeline_of_the_step_is_plain_data() -> None:
    step = sound_step(a_plan(Music(mood="none"), keep_audio=False), {}, {})
    plans = segment_plans(a_plan(Music(mood="none"), keep_audio=False))
    assert step.document({})["params"]["segments"] == [asdict(part) for part in plans]
