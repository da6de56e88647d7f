"""An idea, the engine on a small checkpoint of its own, the judge's loop, a film: on any machine.

The checkpoint is trained here, for seconds, or is the one that NANO_CHECKPOINT names.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

pytest.importorskip("torch")

from fake_chat import FakeChatServer
from PIL import Image
from scripted_judge import ScriptedJudge, fault
from tiny_films import TONES, tiny_plan, tiny_run
from typer.testing import CliRunner

from image_engine.metadata import checkpoint_fingerprint, read_png
from image_engine.nano.__main__ import app as nano
from storyboard.cli import app
from storyboard.plan import Canvas

SIDE = 128
SQUARE = Canvas(aspect="1:1", width=256, height=256, fps=12)


def done(command: object, *words: object) -> str:
    answer = CliRunner().invoke(command, [str(word) for word in words])  # type: ignore[arg-type]
    assert answer.exit_code == 0, answer.output
    return answer.output


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small checkpoint that was trained by the user's commands."""
    if given := os.environ.get("NANO_CHECKPOINT"):
        return Path(given)
    out = tmp_path_factory.mktemp("nano")
    done(nano, "data", "--out", out / "data", "--count", 64, "--side", SIDE, "--text", 0.9)
    options = ("--size", "femto", "--side", SIDE, "--batch", 8, "--rate", 3e-3)
    done(
        nano, "train", "--data", out / "data", "--out", out, *options, "--steps", 24, "--every", 24
    )
    return out / "checkpoint"


@pytest.mark.slow
def test_a_film_of_an_idea_is_drawn_judged_and_mended(checkpoint: Path, tmp_path: Path) -> None:
    plan = tiny_plan("A barista who can only speak in haiku", beats=2, canvas=SQUARE)
    run = tiny_run(tmp_path / "film", plan)
    judge = ScriptedJudge({plan.beats[0].action[:30]: [{"people_count": fault("reroll")}, {}]})
    with FakeChatServer(judge) as chat:
        options = {
            "image.backend": "hidream",
            "image.checkpoint": checkpoint,
            "image.options.resolution": SIDE,
            "image.options.steps": 8,
            "image.options.guidance_scale": 2.5,
            "judge.backend": "openai",
            "judge.base_url": chat.url,
            "judge.model": "scripted",
        }
        sets = [word for key, value in options.items() for word in ("--set", f"{key}={value}")]
        judged = ("--judge", "--max-retries", 1, "--skip-review", "--profile", TONES)
        done(app, "run", "--dir", run, *judged, *sets)
    checks = json.loads((run / "checks.json").read_text())["checks"]
    assert [check["message"] for check in checks if not check["ok"]] == []
    assert (run / "final.mp4").stat().st_size > 10_000
    # Every picture is the engine's own, of this checkpoint, and says how it was made.
    pictures = sorted((run / "images").glob("*.png"))
    assert len(pictures) == 6  # hook, two beats, the place, two people
    records = {path.stem: read_png(path) for path in pictures}
    assert {each.maker.model for each in records.values()} == {checkpoint_fingerprint(checkpoint)}
    assert [len(records[name].references) for name in ("set_main", "cast_lead")] == [0, 0]
    beat = next(name for name in records if name.startswith("beat_01"))
    assert len(records[beat].references) == 3
    for path in pictures:
        with Image.open(path) as picture:
            assert picture.size == (SIDE, SIDE)
            assert len(picture.convert("RGB").getcolors(99_999) or []) > 500
    # What the judge had drawn again is another picture, and the first is kept beside it.
    (first,) = (run / "images" / "rejected").glob(f"{beat}.*.png")
    assert read_png(first).fields["seed"] != records[beat].fields["seed"]
