"""The day at a card, rehearsed on a CPU: every step runs and answers, and the report is whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

torch = pytest.importorskip("torch")

from PIL import Image  # noqa: E402

from benchmarks.gpu_day import main  # noqa: E402
from benchmarks.gpu_steps import STEPS  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch.compile's own imports
def test_every_step_runs_on_a_cpu(tmp_path: Path) -> None:
    assert main(["--device", "cpu", "--dry-run", "--out", str(tmp_path)]) == 0
    report = json.loads((tmp_path / "gpu_day.json").read_text())
    assert set(report) == {"dry_run", *STEPS}
    assert not any("failed" in report[name] or "skipped" in report[name] for name in STEPS)
    assert [(row["side"], row["references"]) for row in report["sizes"]["rows"]] == [
        (128, 0),
        (128, 1),
    ]
    assert report["exactness"]["0 references, residual in float32"]["db"] > 25
    assert report["server"]["pictures"] == 6
    assert report["attention"]["kernels"][0]["problem"] == "it needs a CUDA device"
    assert report["attention"]["step_seconds"]["1 references"]["sdpa"] > 0
    text = (tmp_path / "gpu_day.md").read_text()
    assert "- a step, 0 references: sdpa " in text
    assert "no figure here means anything" in text
    assert all(f"## {name}" in text for name in STEPS)
    with Image.open(tmp_path / "gpu_day.png") as bars:
        assert bars.width == 900


def test_a_step_that_fails_does_not_cost_the_others(tmp_path: Path) -> None:
    arguments = ["--device", "cpu", "--dry-run", "--out", str(tmp_path), "--minutes", "0"]
    assert main([*arguments, "--only", "machine"]) == 0
    report = json.loads((tmp_path / "gpu_day.json").read_text())
    assert report["machine"] == {"skipped": "0 minutes were over"}
    with pytest.raises(SystemExit):
        main(["--device", "cuda"]) if not torch.cuda.is_available() else main(["--only", "tea"])
