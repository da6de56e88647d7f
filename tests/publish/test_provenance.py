"""What a signed film says about itself, read with the C2PA library's own reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import skia

pytest.importorskip("c2pa", reason="needs C2PA: pip install 'storyboard[sign]'")

import c2pa  # pyright: ignore[reportMissingTypeStubs]
from test_upload import manifest
from tiny_films import finished_run, tiny_plan
from typer.testing import CliRunner

from storyboard.cli import app
from storyboard.core.errors import UsageError
from storyboard.core.files import digest_file
from storyboard.plan import Character, Plan, Voice
from storyboard.plan.elements import OwnMedia
from storyboard.publish.provenance import NotSigned, SignatureBroken, read_credentials
from storyboard.publish.signing import signer_of
from storyboard.publish.upload import write_upload

IDEA = "A barista who can only speak in haiku"
DRAWING = ("images.draw", {"backend": {"art": "1"}})
SPEAKING = ("speech.speak", {"backends": {"speech": {"model": "org/Some-Voice"}}})


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def film_of(folder: Path, plan: Plan) -> Path:
    """A run folder with a film and a poster that a decoder takes."""
    run = finished_run(folder, plan)
    picture = skia.Surface(64, 64).makeImageSnapshot()
    picture.save(str(run / "poster.jpg"), skia.kJPEG)
    return run


def signed(folder: Path, plan: Plan, steps: dict[str, Any] | None = None) -> Path:
    """The signed film of a run of `plan`."""
    run = film_of(folder / "run", plan)
    (run / "run.json").write_text(json.dumps(steps or manifest(DRAWING, SPEAKING)))
    out = write_upload(run, folder / "upload", "local")
    told = json.loads((out / "metadata.json").read_text(encoding="utf-8"))
    film = out / told["files"]["film"]
    assert told["sha256"] == digest_file(film) and told["content_credentials"] is True
    return film


def test_a_signed_film_says_how_it_was_made(tmp_path: Path) -> None:
    film = signed(tmp_path, tiny_plan(IDEA))
    with film.open("rb") as file, c2pa.Reader("video/mp4", file) as reader:
        assert reader.get_validation_state() == "Valid"
        told = json.loads(reader.json())
    claim = told["manifests"][told["active_manifest"]]
    assertions = {a["label"]: a["data"] for a in claim["assertions"]}
    (created,) = assertions["c2pa.actions.v2"]["actions"]
    assert created["digitalSourceType"].endswith("/compositeSynthetic")
    assert assertions["storyboard.made_by"]["ai_generated"] is True
    said = read_credentials(film)
    assert said.made_by["voices"] == ["Some-Voice"]
    assert "vouched for by nobody" in said.signer and not said.trusted


def test_pictures_of_a_model_are_of_a_model(tmp_path: Path) -> None:
    steps = manifest(("images.draw", {"backend": {"model": "org/Painter"}}), SPEAKING)
    assert (
        read_credentials(signed(tmp_path, tiny_plan(IDEA), steps)).source
        == "trainedAlgorithmicMedia"
    )


@pytest.mark.parametrize("where", [0.2, 0.5, 0.9])
def test_a_changed_byte_is_found(tmp_path: Path, where: float) -> None:
    film = signed(tmp_path, tiny_plan(IDEA))
    data = bytearray(film.read_bytes())
    begin = data.rindex(b"mdat") + 4
    data[begin + int(where * (len(data) - begin))] ^= 1
    film.write_bytes(data)
    with pytest.raises(SignatureBroken, match=r"changed|damaged"):
        read_credentials(film)
    result = CliRunner().invoke(app, ["verify", str(film)])
    assert result.exit_code == 1


def test_what_went_in_is_named_by_its_digest_and_by_no_folder(tmp_path: Path) -> None:
    photo = tmp_path / "somewhere" / "my cat.png"
    photo.parent.mkdir()
    photo.write_bytes(b"a picture")
    plan = tiny_plan(IDEA)
    beat = plan.beats[0].model_copy(update={"media": OwnMedia(image=str(photo))})
    film = signed(tmp_path, plan.model_copy(update={"beats": [beat, *plan.beats[1:]]}))
    said = read_credentials(film)
    assert said.source == "compositeWithTrainedAlgorithmicMedia"
    assert "my cat.png" in said.ingredients
    assert str(tmp_path).encode() not in film.read_bytes()
    assert digest_file(photo).encode() in film.read_bytes()


def test_a_cloned_voice_is_told_of_with_its_consent(tmp_path: Path) -> None:
    recording = tmp_path / "run" / "cast" / "ann.wav"
    voice = Voice(kind="clone", reference_audio="cast/ann.wav", consent="Ann, 2026-01-02")
    plan = tiny_plan(IDEA)
    cast = [Character(id="lead", name="Ann", voice=voice), *plan.cast[1:]]
    run = film_of(tmp_path / "run", plan.model_copy(update={"cast": cast}))
    recording.parent.mkdir(exist_ok=True)
    recording.write_bytes(b"a voice")
    out = write_upload(run, tmp_path / "upload", "local")
    film = next(out.glob("*.mp4"))
    assert read_credentials(film).consents == ("Ann",)
    assert digest_file(recording).encode() in film.read_bytes()
    assert b"2026-01-02" not in film.read_bytes(), "the consent's digest, not its words"


def test_an_unsigned_film_says_so(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "run", tiny_plan(IDEA))
    with pytest.raises(NotSigned, match="never signed"):
        read_credentials(run / "final.mp4")
    result = CliRunner().invoke(app, ["verify", str(run / "final.mp4")])
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert CliRunner().invoke(app, ["verify", str(tmp_path / "none.mp4")]).exit_code == 2


def test_the_key_of_this_machine_is_made_once_and_for_nobody_else(tmp_path: Path) -> None:
    first = signer_of("local")
    assert signer_of("local") == first
    assert (tmp_path / "data/storyboard/signing/key.pem").stat().st_mode & 0o077 == 0


def test_a_key_that_will_not_do_is_refused_with_the_way_on(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--sign local"):
        signer_of(str(tmp_path))
    signer_of("local")
    pair = tmp_path / "data/storyboard/signing"
    other = tmp_path / "mine"
    other.mkdir()
    (other / "certificate.pem").write_bytes((pair / "certificate.pem").read_bytes())
    (other / "key.pem").write_text("no key")
    with pytest.raises(UsageError, match="no usable pair"):
        signer_of(str(other))
    (pair / "key.pem").unlink()
    signer_of("local")
    (other / "key.pem").write_bytes((pair / "key.pem").read_bytes())
    with pytest.raises(UsageError, match="does not belong"):
        signer_of(str(other))
