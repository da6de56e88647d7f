"""`python -m benchmarks.gpu_day`: everything that only a card can tell, in under ten minutes.

Makes a random checkpoint of full size on the device, so a bare machine with this package and a
CUDA PyTorch is enough. Writes `gpu_day.json`, `gpu_day.md` and `gpu_day.png` to `--out` after
every step: what was measured is there whatever happens next.

Knows: the clock, what is kept. Does not know: how anything is measured (`gpu_steps`), how it is told
(`gpu_report`).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from benchmarks.gpu_card import Card
from benchmarks.gpu_report import draw_bars, markdown
from benchmarks.gpu_steps import STEPS
from image_engine.bench.random_model import FULL, Shape

SMALL = Shape(64, 2, 4, 2, 16, 128, 512, 32, 4, 2, 64, 64, (0, 1, 2))
"""For a dry run on a CPU."""
EXACT = replace(FULL, hidden=2048, wide=6144, heads=16)
"""36 layers, narrow enough to be held in float32 and bfloat16 at once on any large card."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns 1 if a step failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu_day", description=__doc__)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--dry-run", action="store_true", help="a tiny model: does it all run?")
    parser.add_argument("--minutes", type=float, default=9.5, help="no step begins after them")
    parser.add_argument("--only", nargs="*", choices=list(STEPS), help="these steps alone")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    options = parser.parse_args(arguments)
    if options.device.startswith("cuda") and not torch.cuda.is_available():
        parser.error("no CUDA device is usable here; --dry-run --device cpu shows that it runs")
    card = _card(options.device, dry=options.dry_run)
    options.out.mkdir(parents=True, exist_ok=True)
    report: dict[str, Any] = {"dry_run": options.dry_run}
    started = time.monotonic()
    for name in options.only or STEPS:
        if time.monotonic() - started > options.minutes * 60:
            report[name] = {"skipped": f"{options.minutes:g} minutes were over"}
            continue
        began = time.monotonic()
        try:
            answer = STEPS[name](card)
        except Exception as error:  # noqa: BLE001 - one step must not cost the others
            traceback.print_exc()
            answer = {"failed": f"{type(error).__name__}: {error}"}
            card.release()
        answer["step_took"] = round(time.monotonic() - began, 1)
        report[name] = answer
        _write(options.out, report)
        sys.stderr.write(f"{name}: {answer['step_took']} s {answer.get('failed', '')}\n")
    card.release()
    _write(options.out, report)
    return int(any("failed" in report[name] for name in report if name in STEPS))


def _card(device: str, *, dry: bool) -> Card:
    if dry:
        return Card(device, torch.bfloat16, SMALL, SMALL, (128,), (0, 1), steps=2, backend="eager")
    return Card(device, torch.bfloat16, FULL, EXACT, (1024, 1536, 2048), (0, 1, 4, 6), steps=4)


def _write(out: Path, report: dict[str, Any]) -> None:
    (out / "gpu_day.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    (out / "gpu_day.md").write_text("\n".join(markdown(report)) + "\n", encoding="utf-8")
    if rows := report.get("sizes", {}).get("rows"):
        draw_bars(rows).save(out / "gpu_day.png")


if __name__ == "__main__":
    sys.exit(main())
