"""Who makes which clip, what happens when lips stand still, and where an effect begins."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_worker import FakeRunner, fake_worker, runner_of
from tiny_films import TINY, TONES, Frame, tiny_plan, tiny_run

from renderers.audio_file import decode_mono
from renderers.probe import decode_frames, probe
from storyboard.core import events
from storyboard.core.errors import StepFailed
from storyboard.core.files import read_json
from storyboard.graph.display import Display
from storyboard.plan import Beat, Plan, SoundEffect
from storyboard.plan.timeline import segment_plans
from storyboard.profile import load_profile
from storyboard.profile.backends import Backends
from storyboard.profile.routing import Route, route
from storyboard.stages.animating import WatchedInputs
from storyboard.stages.film import Film, make_film
from storyboard.stages.render_request import RenderRequest


class Studio:
    """Three fake workers, and films made with them in a folder of the test's."""

    def __init__(self, folder: Path, runners: dict[str, FakeRunner], profile: Path) -> None:
        self.folder, self.runners, self.profile = folder, runners, profile

    def film(self, plan: Plan, **request: Any) -> Film:
        run = tiny_run(self.folder / "run", plan)
        return make_film(
            RenderRequest(
                directory=run, profile=str(self.profile), stages=("clips",), jobs=1, **request
            ),
            Display(),
        )

    def jobs(self) -> dict[str, int]:
        return {name: len(runner.jobs) for name, runner in self.runners.items() if runner.jobs}

    def said(self) -> list[str]:
        log = events.read_events(self.folder / "run" / "events.jsonl")
        return [event.message for _, event in log if isinstance(event, events.Warned)]


PROFILE = """
extends = "{tones}"
[video.ditto]
backend = "ditto"
base_url = "{ditto}"
[video.a2v]
backend = "ltx2-a2v"
base_url = "{a2v}"
[video.i2v]
backend = "ltx2-i2v"
base_url = "{i2v}"
[video.routes]
dialogue = "ditto"
drama = "a2v"
reaction = "a2v"
narration = "i2v"
silent = "i2v"
effect = "i2v"
"""


@pytest.fixture
def studio(tmp_path: Path) -> Generator[Callable[..., Studio]]:
    with ExitStack() as stack:

        def build(**scripts: dict[str, Any]) -> Studio:
            names = {"ditto": "ditto", "a2v": "ltx2-a2v", "i2v": "ltx2-i2v"}
            servers = {
                short: stack.enter_context(fake_worker(name, **scripts.get(short, {})))
                for short, name in names.items()
            }
            profile = tmp_path / "heavy.toml"
            urls = {short: server.url for short, server in servers.items()}
            profile.write_text(PROFILE.format(tones=TONES, **urls))
            runners = {short: runner_of(server) for short, server in servers.items()}
            return Studio(tmp_path, runners, profile)

        yield build


def one_beat(**changes: Any) -> Plan:
    """A film of one beat, in which the first character may say something."""
    plan = tiny_plan("A barista who can only speak in haiku", 1, hook=None)
    who = plan.cast[0].id
    given: dict[str, Any] = {"speaker": who, "line": "Oat milk?", "cast": [who], "pause": 0.4}
    given |= {"expression": "neutral", "sound_effect": None, "transition": "cut", "reactions": {}}
    beat = plan.beats[0].model_copy(update={**given, **changes, "index": 1})
    return plan.model_copy(update={"beats": [beat]})


def routed(studio: Studio, plan: Plan, index: int = -1) -> Route:
    with Backends(load_profile(str(studio.profile))) as backends:
        return route(plan, segment_plans(plan)[index], backends)


SILENT: dict[str, Any] = {"speaker": None, "line": ""}


@pytest.mark.parametrize(
    ("beat", "kind", "renderers"),
    [
        ({"expression": "neutral"}, "dialogue", ("ditto", "a2v")),
        ({"expression": "angry"}, "drama", ("a2v", "ditto")),
        ({"type": "reaction", **SILENT}, "reaction", ("a2v",)),
        ({"speaker": "narrator"}, "narration", ("i2v",)),
        ({"cast": []}, "narration", ("i2v",)),
        (SILENT, "silent", ("i2v",)),
        ({"keep_audio": True, **SILENT}, "effect", ("i2v",)),
        ({"renderer": "a2v"}, "dialogue", ("a2v", "ditto")),
    ],
)
def test_a_beat_goes_where_the_profile_sends_its_kind(
    studio: Callable[..., Studio], beat: dict[str, Any], kind: str, renderers: tuple[str, ...]
) -> None:
    way = routed(studio(), one_beat(**beat))
    assert (way.kind, way.renderers) == (kind, renderers)
    assert way.speaks == (kind in ("dialogue", "drama"))


def test_a_backend_that_moves_no_lips_is_used_for_speech_only_with_a_word(
    studio: Callable[..., Studio],
) -> None:
    made = studio()
    film = made.film(one_beat(renderer="i2v"))
    assert film.graph.steps
    assert made.jobs() == {"i2v": 1}
    assert any("moves no lips to speech" in message for message in made.said())


def test_lips_that_follow_are_kept_at_the_first_take(studio: Callable[..., Studio]) -> None:
    made = studio()
    film = made.film(one_beat())
    assert made.jobs() == {"ditto": 1}
    kept = read_json(film.folder.path / "clips" / f"clip_{film.plan.beats[0].slug}.json")
    assert kept["renderer"] == "ditto" and kept["follow"]
    assert not [message for message in made.said() if "lips" in message]
    media = probe(film.folder.path / "clips" / f"clip_{film.plan.beats[0].slug}.mp4")
    assert (media.width, media.height, media.fps) == (TINY.width, TINY.height, TINY.fps)


def test_still_lips_are_tried_with_another_seed(studio: Callable[..., Studio]) -> None:
    made = studio(ditto={"still": 1})
    made.film(one_beat())
    assert made.jobs() == {"ditto": 2}
    first, second = made.runners["ditto"].jobs
    assert first.seed != second.seed
    assert any("another seed was used" in message for message in made.said())


def test_lips_that_stay_still_go_to_the_next_backend_that_can(
    studio: Callable[..., Studio],
) -> None:
    made = studio(ditto={"still": 9})
    film = made.film(one_beat())
    assert made.jobs() == {"ditto": 2, "a2v": 1}
    kept = read_json(film.folder.path / "clips" / f"clip_{film.plan.beats[0].slug}.json")
    assert kept["renderer"] == "a2v" and kept["follow"]
    assert [take["renderer"] for take in kept["tries"]] == ["ditto", "ditto", "a2v"]
    assert any("video.a2v is asked next" in message for message in made.said())


def test_when_nobody_can_the_best_take_is_used_and_named(studio: Callable[..., Studio]) -> None:
    made = studio(ditto={"still": 9}, a2v={"still": 9})
    film = made.film(one_beat())
    assert made.jobs() == {"ditto": 2, "a2v": 2}
    assert film.folder.path.joinpath("clips", f"clip_{film.plan.beats[0].slug}.mp4").is_file()
    assert any("the best take is used, by video." in message for message in made.said())


def test_the_steps_of_a_chain_each_name_their_own_service(studio: Callable[..., Studio]) -> None:
    film = studio().film(one_beat())
    clips = [step for step in film.graph.steps if step.stage == "clips"]
    assert [step.uses for step in clips] == ["video.ditto", "video.a2v"]
    first, second = clips
    assert first.skip_resources_if is None
    made = WatchedInputs[Path](
        made=film.folder.path / "clips" / f"clip_{film.plan.beats[0].slug}.json"
    )
    assert second.skip_resources_if is not None and second.skip_resources_if(made)


SHORT = ["video.a2v.options.max_seconds=2"]
"""A card on which a2v makes short clips only."""
LONG: dict[str, Any] = {"expression": "angry", "line": "Oat milk, oat milk?", "duration": 1.0}
"""A line planned for a second that takes more than these."""


def test_a_line_that_came_out_too_long_goes_to_the_next_backend_that_can(
    studio: Callable[..., Studio],
) -> None:
    made = studio()
    film = made.film(one_beat(**LONG), overrides=tuple(SHORT))
    assert [s.uses for s in film.graph.steps if s.stage == "clips"] == ["video.a2v", "video.ditto"]
    # Nothing is asked of the one that would refuse it.
    assert made.jobs() == {"ditto": 1}
    (said,) = [message for message in made.said() if "asked instead" in message]
    assert "s with its line as it was spoken" in said
    assert "video.a2v makes at most 2 s; video.ditto is asked instead" in said
    name = f"clip_{film.plan.beats[0].slug}"
    kept = read_json(film.folder.path / "clips" / f"{name}.json")
    assert (kept["renderer"], kept["follow"], kept["passed_over"]) == ("ditto", True, ["a2v"])
    assert probe(film.folder.path / "clips" / f"{name}.mp4").frames == 26
    first = next(s for s in film.graph.steps if s.uses == "video.a2v")
    take = next((film.folder.path / "audio").glob("*payoff*.json"))
    assert first.skip_resources_if is not None and first.skip_resources_if(
        WatchedInputs[Path](take=take)
    )


def test_a_line_that_is_too_long_for_all_is_refused_with_the_cure(
    studio: Callable[..., Studio],
) -> None:
    made = studio()
    sets = [*SHORT, "video.ditto.backend=ltx2-a2v", "video.ditto.options.max_seconds=1.8"]
    with pytest.raises(StepFailed, match=r"at most 1\.8 s: shorten the line, or split the beat"):
        made.film(one_beat(**LONG), overrides=tuple(sets))
    assert not made.jobs()


def test_narration_is_not_handed_to_anyones_lips(studio: Callable[..., Studio]) -> None:
    made = studio()
    made.film(one_beat(speaker="narrator", renderer="a2v"))
    (job,) = made.runners["a2v"].jobs
    heard = decode_wav(job.audio)
    assert len(heard) > 0 and not heard.any()
    assert "all mouths stay closed" in job.prompt


def decode_wav(data: bytes | None) -> Any:
    import io

    import soundfile

    assert data is not None
    return soundfile.read(io.BytesIO(data))[0]


def effect_plan(**changes: Any) -> Plan:
    """A verdict, then the gavel: in the same place, by the same judge."""
    plan = one_beat(expression="angry")
    verdict = plan.beats[0]
    gavel: dict[str, Any] = {"index": 2, "type": "gavel", "keep_audio": True, **SILENT}
    gavel["sound_effect"] = SoundEffect(name="gavel", prompt="gavel strikes the bench")
    beats: list[Beat] = [verdict, verdict.model_copy(update={**gavel, **changes})]
    return plan.model_copy(update={"beats": beats})


def test_an_effect_goes_on_from_the_last_frame_before_it(studio: Callable[..., Studio]) -> None:
    made = studio()
    film = made.film(effect_plan())
    clips = film.folder.path / "clips"
    before = list(decode_frames(clips / "clip_01_payoff.mp4"))[-1]
    after = next(iter(decode_frames(clips / "clip_02_gavel.mp4")))
    picture = next(iter(decode_frames(clips / "clip_01_payoff.mp4")))

    def away(frame: Frame) -> float:
        return float(np.abs(frame.astype(int) - after.astype(int)).mean())

    # Two encodings lie between them, and no cut.
    assert away(before) < away(picture) / 2
    assert "Sound: gavel strikes the bench." in made.runners["i2v"].jobs[0].prompt


def test_an_effect_elsewhere_begins_with_its_own_picture(studio: Callable[..., Studio]) -> None:
    plan = effect_plan()
    other = plan.settings[0].model_copy(update={"id": "court", "name": "Court"})
    beats = [plan.beats[0], plan.beats[1].model_copy(update={"setting": "court"})]
    plan = plan.model_copy(update={"settings": [*plan.settings, other], "beats": beats})
    assert routed(studio(), plan).continues is None


def test_the_sound_that_a_model_makes_for_an_effect_is_kept(studio: Callable[..., Studio]) -> None:
    film = studio().film(effect_plan())
    clip = film.folder.path / "clips" / "clip_02_gavel.mp4"
    assert np.abs(decode_mono(clip, 16_000)).max() > 0.1


def test_ambience_nobody_asked_for_is_dropped(studio: Callable[..., Studio]) -> None:
    film = studio().film(one_beat(**SILENT))
    slug = film.plan.beats[0].slug
    assert probe(film.folder.path / "clips" / f"clip_{slug}.mp4").channels == 0


def test_a_worker_that_lacks_its_weights_stops_the_run_with_the_fix(
    studio: Callable[..., Studio],
) -> None:
    line = "ltx2-i2v lacks weights in ~/models/LTX-2 (hf download Lightricks/LTX-2)"
    with pytest.raises(StepFailed, match="hf download"):
        studio(i2v={"lacks": line}).film(one_beat(**SILENT))


@pytest.mark.parametrize(("made", "stock"), [("hum", False), ("silent", True), ("none", True)])
def test_an_effect_without_a_sound_of_its_own_gets_the_stock_effect(
    studio: Callable[..., Studio], made: str, stock: bool
) -> None:
    place = studio(i2v={"sound": made})
    run = tiny_run(place.folder / "run", effect_plan())
    request = RenderRequest(directory=run, profile=str(place.profile), stages=("assemble",), jobs=1)
    film = make_film(request, Display())
    mix = decode_mono(film.folder.path / "audio" / "mix.m4a", 48_000)
    end = mix[-round(0.9 * 48_000) :]
    # The fake model hums at 420 Hz once a second; the stock gavel rings at 910 Hz and above.
    power = np.abs(np.fft.rfft(end)) ** 2
    frequency = np.fft.rfftfreq(len(end), 1 / 48_000)
    assert np.abs(end).max() > 0.05
    above = power[(frequency > 800) & (frequency < 2000)].sum() / power.sum()
    assert bool(above > 0.1) is stock, above
    said = any("no sound" in message or "made none" in message for message in place.said())
    assert said is stock
