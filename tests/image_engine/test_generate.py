"""The command `python -m image_engine.generate` on the tiny checkpoint."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

from fake_engine import png
from golden_cases import CHECKPOINT, golden_case, golden_request
from PIL import Image
from typer.testing import CliRunner, Result

from image_engine import ImageEngine
from image_engine.generate import app
from image_engine.metadata import read_png

SMALL = ["--width", "256", "--height", "256", "--no-snap", "--steps", "2"]


def generate(*options: str | Path, checkpoint: Path = CHECKPOINT) -> Result:
    arguments = ["--checkpoint", str(checkpoint), *(str(option) for option in options)]
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def one_line(result: Result) -> str:
    """What it says on stderr, which must be one line."""
    assert result.stdout == ""
    (line,) = result.stderr.strip().splitlines()
    return line


def pixels(file: Path) -> bytes:
    with Image.open(file) as picture:
        return picture.tobytes()


def test_from_repeats_a_picture_bit_for_bit(tmp_path: Path) -> None:
    first, again = tmp_path / "first.png", tmp_path / "again.png"
    (tmp_path / "a.png").write_bytes(png(96, 64, "teal"))
    said = generate(
        "--prompt", "a café by night", "--reference", tmp_path / "a.png", *SMALL,
        "--seed", "7", "--shift", "1.5", "--guidance", "3.5", "--out", first,
    )  # fmt: skip
    assert said.exit_code == 0, said.stderr
    assert "256×256, seed 7, unipc, 2 steps, guidance 3.5, shift 1.5" in one_line(said)
    assert generate("--from", first, "--out", again).exit_code == 0
    assert again.read_bytes() == first.read_bytes()
    other = tmp_path / "other.png"
    assert generate("--from", first, "--seed", "8", "--out", other).exit_code == 0
    assert pixels(other) != pixels(first)
    assert read_png(other).request().seed == 8
    assert read_png(other).request().shift == 1.5


def test_it_draws_what_the_engine_draws(tmp_path: Path, engine: ImageEngine) -> None:
    case = golden_case("pub_layout_2ref")
    request = golden_request(case)
    options: list[str | Path] = ["--prompt", request.prompt, "--out", tmp_path / "x.png"]
    for reference in request.references:
        options += ["--reference", str(reference)]
    options += ["--width", str(request.width), "--height", str(request.height), "--no-snap"]
    options += ["--steps", str(request.steps), "--guidance-scale", str(request.guidance_scale)]
    options += ["--shift", str(request.shift), "--seed", str(request.seed)]
    options += ["--layout", json.dumps(request.boxes())]
    assert generate(*options).exit_code == 0
    assert pixels(tmp_path / "x.png") == engine.generate(request).image.tobytes()


def test_from_with_the_references_named_anew(tmp_path: Path) -> None:
    first = tmp_path / "first.png"
    (tmp_path / "a.png").write_bytes(png(color="teal"))
    (tmp_path / "blue.png").write_bytes(png(color="blue"))
    generate("--prompt", "x", "--reference", tmp_path / "a.png", *SMALL, "--out", first)
    (tmp_path / "a.png").rename(tmp_path / "b.png")
    lost = generate("--from", first, "--out", tmp_path / "y.png")
    assert lost.exit_code == 2
    assert "--reference" in one_line(lost)
    wrong = generate("--from", first, "--reference", tmp_path / "blue.png")
    assert "not the picture that was used then" in one_line(wrong)
    found = generate(
        "--from", first, "--reference", tmp_path / "b.png", "--out", tmp_path / "y.png"
    )
    assert found.exit_code == 0
    assert pixels(tmp_path / "y.png") == pixels(first)


def test_notes_of_the_engine_are_shown(tmp_path: Path) -> None:
    said = generate("--prompt", "x", *SMALL, "--guidance", "9", "--out", tmp_path / "x.png")
    assert said.exit_code == 0
    assert any(line.startswith("note ") for line in said.stderr.splitlines())


def test_a_preset_and_changes_to_it(tmp_path: Path) -> None:
    said = generate("--prompt", "x", "--preset", "preview", *SMALL, "--out", tmp_path / "x.png")
    assert said.exit_code == 0
    request = read_png(tmp_path / "x.png").request()
    assert (request.guidance_scale, request.width, request.steps) == (3.0, 256, 2)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "prompt: give --prompt TEXT, or --from PNG"),
        (["--prompt", "x", "--steps", "0"], "steps: must be 1 to 1000"),
        (["--prompt", "x", "--preset", "fastest"], "preset: 'fastest' is none of"),
        (["--prompt", "x", "--reference", "gone.png"], "no file at 'gone.png'"),
        (["--prompt", "x", "--width", "250", "--no-snap"], "use 224 or 256"),
        (["--from", "gone.png"], "gone.png is not a readable PNG"),
        (["--from", "x.png", "--preset", "high"], "exclude each other"),
    ],
)
def test_a_wrong_command_is_told_in_one_line(options: list[str], says: str) -> None:
    result = generate(*options)
    assert result.exit_code == 2
    assert says in one_line(result)


def test_a_wrong_checkpoint_is_told_in_one_line(tmp_path: Path) -> None:
    missing = generate("--prompt", "x", checkpoint=tmp_path / "nothing")
    assert missing.exit_code == 1
    assert "no checkpoint folder at" in one_line(missing)
    (tmp_path / "config.json").write_text("{}")
    foreign = generate("--prompt", "x", checkpoint=tmp_path)
    assert "it has no *.safetensors" in one_line(foreign)
    none = CliRunner().invoke(app, ["--prompt", "x"], env={"IMAGE_ENGINE_CHECKPOINT": None})
    assert none.exit_code == 2
    assert "give --checkpoint FOLDER" in one_line(none)


def test_what_does_not_fit_is_refused_with_the_sum(tmp_path: Path) -> None:
    result = generate("--prompt", "x", *SMALL, "--budget-gib", "0.001", "--out", tmp_path / "x.png")
    assert result.exit_code == 1
    assert "GiB" in one_line(result)
    assert not (tmp_path / "x.png").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = generate("--prompt", "x", *SMALL, "--out", tmp_path / "file" / "x.png")
    assert result.exit_code == 1
    assert "cannot write" in one_line(result)


def test_all_commands_have_one_name() -> None:
    shown = run_engine("--help")
    assert shown.returncode == 0
    for command in ("generate", "server", "calibrate", "bench", "nano"):
        assert f"  {command} " in shown.stdout
    unknown = run_engine("draw")
    assert unknown.returncode == 2
    assert "'draw' is no command of image_engine" in unknown.stderr
    refused = run_engine("generate", "--prompt", "x")
    assert refused.returncode == 2
    assert "no checkpoint: give --checkpoint FOLDER" in refused.stderr


def run_engine(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "IMAGE_ENGINE_CHECKPOINT"}
    command = [sys.executable, "-m", "image_engine", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
