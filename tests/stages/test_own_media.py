"""A plan takes files only from folders that the user named, and only what they claim to be.

Each field that takes a path is tried with each way of leading somewhere else.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import skia
import soundfile
from entries import read_entries
from fake_speech import FakeAudioServer
from test_whole_film import made
from tiny_films import TONES, tiny_plan, tiny_run
from typer.testing import CliRunner

from storyboard.batch.entry import EntryError
from storyboard.cli import app
from storyboard.core.errors import PlanError, UsageError
from storyboard.media.intake import LIMITS, Intake, IntakeRefused, Kind
from storyboard.plan import Plan, Voice, dump_plan, parse_plan
from storyboard.plan.elements import OwnMedia
from storyboard.plan.format_files import FORMATS_FOLDER
from storyboard.stages.own_media import with_own_media
from storyboard.stages.render_request import RenderRequest

Put = Callable[[Plan, str], Plan]


def in_cast(plan: Plan, name: str) -> Plan:
    cast = [plan.cast[0].model_copy(update={"references": [name]}), *plan.cast[1:]]
    return plan.model_copy(update={"cast": cast})


def in_prompt(plan: Plan, name: str) -> Plan:
    data = plan.model_dump(mode="json")
    data["beats"][0]["prompt"] = {"text": "x", "references": [name], "edited": True}
    return parse_plan(data)


def in_voice(plan: Plan, name: str) -> Plan:
    voice = Voice(kind="clone", reference_audio=name, consent="Ann")
    cast = [plan.cast[0].model_copy(update={"voice": voice}), *plan.cast[1:]]
    return plan.model_copy(update={"cast": cast})


def in_narrator(plan: Plan, name: str) -> Plan:
    voice = Voice(kind="clone", reference_audio=name, consent="Ann")
    return plan.model_copy(update={"narrator": voice})


def in_music(plan: Plan, name: str) -> Plan:
    return plan.model_copy(update={"music": plan.music.model_copy(update={"track": name})})


def in_beat_music(plan: Plan, name: str) -> Plan:
    beat = plan.beats[0].model_copy(update={"media": OwnMedia(music=name)})
    return plan.model_copy(update={"beats": [beat, *plan.beats[1:]]})


FIELDS: dict[str, tuple[Put, str]] = {
    "cast[0].references[0]": (in_cast, ".png"),
    "beats[0].prompt.references[0]": (in_prompt, ".png"),
    "cast[0].voice.reference_audio": (in_voice, ".wav"),
    "narrator.reference_audio": (in_narrator, ".wav"),
    "music.track": (in_music, ".wav"),
    "beats[0].media.music": (in_beat_music, ".wav"),
}


def a_file(path: Path) -> Path:
    """A picture or a sound, as the suffix says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".png":
        path.write_bytes(bytes(skia.Surface(8, 8).makeImageSnapshot().encodeToData()))
    else:
        soundfile.write(path, np.linspace(-0.1, 0.1, 16_000), 16_000)
    return path


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../../../../../../../../../etc/passwd",
        "~/.ssh/id_ed25519",
        "/proc/self/environ",
    ],
)
def test_a_file_from_elsewhere_is_refused_by_its_field(
    tmp_path: Path, field: str, name: str
) -> None:
    put, _ = FIELDS[field]
    with pytest.raises(PlanError) as refused:
        with_own_media(put(tiny_plan("A cat"), name), tmp_path, [])
    (fault,) = refused.value.faults
    assert fault.startswith(f"{field}: {name} lies outside the film's folder")
    assert "--allow DIR" in fault


@pytest.mark.parametrize("field", FIELDS)
def test_a_link_out_of_the_folder_is_refused(tmp_path: Path, field: str) -> None:
    put, suffix = FIELDS[field]
    secret = a_file(tmp_path / "home" / f"secret{suffix}")
    run = tmp_path / "run"
    run.mkdir()
    (run / f"a{suffix}").symlink_to(secret)
    (run / "inner").symlink_to(secret.parent)
    for name in (f"a{suffix}", f"inner/secret{suffix}"):
        with pytest.raises(PlanError, match="is a link to"):
            with_own_media(put(tiny_plan("A cat"), name), run, [])


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_not_what_it_claims_is_refused(tmp_path: Path, field: str) -> None:
    put, suffix = FIELDS[field]
    (tmp_path / f"a{suffix}").write_text("root:x:0:0:root:/root:/bin/bash\n" * 40)
    with pytest.raises(PlanError, match="by content"):
        with_own_media(put(tiny_plan("A cat"), f"a{suffix}"), tmp_path, [])


@pytest.mark.parametrize("field", FIELDS)
def test_files_of_the_film_and_of_allowed_folders_are_taken(tmp_path: Path, field: str) -> None:
    put, suffix = FIELDS[field]
    run, shared = tmp_path / "run", tmp_path / "shared"
    run.mkdir()
    a_file(shared / f"b{suffix}")
    own = a_file(run / "own" / f"a{suffix}")
    taken = with_own_media(put(tiny_plan("A cat"), f"own/a{suffix}"), run, [])
    assert json.dumps(str(own)) in dump_plan(taken)
    (tmp_path / "link").symlink_to(shared)
    for root in (shared, tmp_path / "link"):
        with_own_media(put(tiny_plan("A cat"), f"{root}/b{suffix}"), run, [root])


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "music"),
        ("ffconcat version 1.0\nfile /etc/passwd\n", "recording"),
        ("<svg xmlns='http://www.w3.org/2000/svg'><image href='/etc/passwd'/></svg>", "picture"),
        ("", "picture"),
        ("", "music"),
    ],
)
def test_a_list_of_other_files_is_no_media(tmp_path: Path, content: str, kind: Kind) -> None:
    (tmp_path / "a.mp3").write_text(content)
    with pytest.raises(IntakeRefused, match="by content"):
        Intake(tmp_path).take("a.mp3", kind)


def test_beyond_a_limit_is_refused_by_its_measure(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "long.flac", np.zeros(8000 * 130, np.float32), 8000)
    with pytest.raises(IntakeRefused, match=r"lasts \d+ s: a recording lasts at most 120"):
        Intake(tmp_path).take("long.flac", "recording")
    big = tmp_path / "big.png"
    with big.open("wb") as file:
        file.truncate(LIMITS["picture"].bytes + 1)
    with pytest.raises(IntakeRefused, match="64 MiB: a picture has at most 64"):
        Intake(tmp_path).take("big.png", "picture")
    # A header may claim what the file does not hold: 60,000 × 60,000 pixels in a few bytes.
    a_file(tmp_path / "bomb.png")
    data = bytearray((tmp_path / "bomb.png").read_bytes())
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    (tmp_path / "bomb.png").write_bytes(data)
    with pytest.raises(IntakeRefused, match=r"pixels: a picture has at most 64|by content"):
        Intake(tmp_path).take("bomb.png", "picture")


@pytest.mark.parametrize("how", ["pipe", "folder", "device", "nul", "long"])
def test_what_is_no_file_is_refused(tmp_path: Path, how: str) -> None:
    name = {"nul": "a\0b", "long": "a" * 5000, "device": "/dev/zero"}.get(how, "thing")
    if how == "pipe":
        os.mkfifo(tmp_path / "thing")
    if how == "folder":
        (tmp_path / "thing").mkdir()
    with pytest.raises(IntakeRefused):
        Intake(tmp_path, [Path("/dev")]).take(name, "picture")


def test_nothing_of_a_hostile_plan_reaches_a_server(tmp_path: Path) -> None:
    secret = tmp_path / "home" / "diary.wav"
    secret.parent.mkdir()
    secret.write_text("nobody may read this")
    with FakeAudioServer("vllm-omni", task="Base") as server:
        profile = tmp_path / "voices.toml"
        profile.write_text(
            f'extends = "{TONES}"\n[speech.clone]\nbackend = "openai"\ndialect = "vllm-omni"\n'
            f'base_url = "{server.url}"\n'
        )
        run = tiny_run(tmp_path / "run", in_voice(tiny_plan("A cat"), str(secret)))
        for allow in ((), (secret.parent,)):
            with pytest.raises(PlanError):
                made(RenderRequest(directory=run, profile=str(profile), allow=allow))
        assert not server.requests


def test_the_command_tells_field_path_and_way_on(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "run", in_cast(tiny_plan("A cat"), "/etc/passwd"))
    for words in (["run", "--dir", str(run)], ["visual", "--plan", str(run / "plan.json")]):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 2, done.output
        said = " ".join(done.output.split())
        assert "cast[0].references[0]: /etc/passwd lies outside" in said
        assert "--allow DIR" in said


@pytest.mark.parametrize("override", ['{"music": {"track": "/etc/passwd"}}'])
def test_a_batch_is_not_queued_with_a_file_from_elsewhere(tmp_path: Path, override: str) -> None:
    source = tmp_path / "ideas.jsonl"
    source.write_text(f'{{"idea": "A cat", "plan": {override}}}\n')
    with pytest.raises(EntryError, match=r"ideas\.jsonl:1: plan\.music\.track: /etc/passwd"):
        read_entries(source, {})


def test_a_batch_takes_files_from_the_profile_s_roots(tmp_path: Path) -> None:
    track = a_file(tmp_path / "music" / "a.wav")
    profile = tmp_path / "p.toml"
    profile.write_text(f'extends = "embedded"\n[media]\nroots = ["{track.parent}"]\n')
    source = tmp_path / "ideas.csv"
    source.write_text(f"idea,profile,plan.music.track\nA cat,{profile},{track}\n")
    assert read_entries(source, {})[0].plan == {"music": {"track": str(track)}}


def test_a_format_s_music_goes_with_the_film(tmp_path: Path) -> None:
    home = tmp_path / "formats"
    shutil.copytree(FORMATS_FOLDER, home)
    mine = home / "comedy_5.yaml"
    mine.write_text(mine.read_text().replace("mood: playful", "track: songs/a.wav"))
    request = RenderRequest(idea="A cat", out=tmp_path / "film", format=str(mine), stages=("plan",))
    with pytest.raises(UsageError, match=r"music\.track: there is no file songs/a\.wav"):
        made(request)
    assert not (tmp_path / "film").exists()
    a_file(home / "songs" / "a.wav")
    assert made(request).plan.music.track == "own/a.wav"
    assert (tmp_path / "film" / "own" / "a.wav").is_file()


def test_files_beside_a_plan_go_with_it_to_another_folder(tmp_path: Path) -> None:
    home = tiny_run(tmp_path / "home", in_cast(tiny_plan("A cat"), "photos/a.png"))
    a_file(home / "photos" / "a.png")
    out = tmp_path / "film"
    words = ["visual", "--plan", str(home / "plan.json"), "--out", str(out), "-q"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert (out / "photos" / "a.png").is_file()
