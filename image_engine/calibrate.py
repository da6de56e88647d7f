"""`python -m image_engine.calibrate`: which approximations your weights can bear.

Draws your prompts exactly, then with one approximation after another, compares the pictures, and
combines those within the limits. Prints what was measured and writes the fastest setting to a
file for `EngineOptions(calibration=…)`, where `acceleration="calibrated"` finds it.

Knows: what to try, in which order, what passes. Does not know: how the engine approximates.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from image_engine.acceleration import Acceleration, parse_acceleration
from image_engine.engine import EngineOptions, ImageEngine
from image_engine.errors import EngineError
from image_engine.metadata import write_whole
from image_engine.presets import PRESETS, preset_request
from image_engine.request import ImageRequest
from image_engine.similarity import psnr, structural_error

SCHEMA = 1
SINGLES = (
    "ref_kv=2",
    "ref_kv=4",
    "ref_kv=8",
    "guidance=0-0.9",
    "guidance=0-0.7",
    "guidance=0.1-0.8",
    "step_cache=0.03",
    "step_cache=0.06",
    "step_cache=0.1",
    "step_cache=0.2",
)


@dataclass(frozen=True, slots=True)
class CalibrationLimits:
    """What a setting must keep on the worst of the pictures."""

    psnr: float = 30.0
    structural_error: float = 0.05


@dataclass(frozen=True, slots=True)
class Measured:
    """One setting on all requests; the errors are those of the worst picture."""

    acceleration: str
    seconds: float
    """Sampling, all pictures together."""
    times_as_fast: float
    psnr: float
    structural_error: float

    def within(self, limits: CalibrationLimits) -> bool:
        """Whether it may be used."""
        return self.psnr >= limits.psnr and self.structural_error <= limits.structural_error


@dataclass(frozen=True, slots=True)
class Exact:
    """The pictures to compare with."""

    images: tuple[Image.Image, ...]
    seconds: float


def draw_exact(engine: ImageEngine, requests: Sequence[ImageRequest]) -> Exact:
    """Draw every request exactly."""
    images, seconds = _draw(engine, requests, "exact")
    return Exact(images, seconds)


def measure(
    engine: ImageEngine, requests: Sequence[ImageRequest], exact: Exact, acceleration: str
) -> Measured:
    """Draw every request with one setting and compare."""
    images, seconds = _draw(engine, requests, acceleration)
    pairs = list(zip(exact.images, images, strict=True))
    return Measured(
        acceleration,
        seconds,
        exact.seconds / seconds,
        min(psnr(*pair) for pair in pairs),
        max(structural_error(*pair) for pair in pairs),
    )


def _draw(
    engine: ImageEngine, requests: Sequence[ImageRequest], acceleration: str
) -> tuple[tuple[Image.Image, ...], float]:
    """The pictures, and the better of two times: the first may compile or fill caches."""
    changed = [dataclasses.replace(request, acceleration=acceleration) for request in requests]
    images: tuple[Image.Image, ...] = ()
    times: list[float] = []
    for _ in range(2):
        results = engine.generate_many(changed)
        images = tuple(result.image for result in results)
        times.append(sum(result.info.seconds["sampling"] for result in results))
    return images, min(times)


def candidates(requests: Sequence[ImageRequest], *, compiled: bool) -> list[str]:
    """The single approximations that can change anything for these requests."""
    useless: set[str] = set()
    if not any(request.references for request in requests):
        useless.add("ref_kv")
    if all(request.guidance_scale <= 1 for request in requests):
        useless.add("guidance")
    singles = [single for single in SINGLES if single.partition("=")[0] not in useless]
    return [*singles, "compile"] if compiled else singles


def calibrate(
    engine: ImageEngine,
    requests: Sequence[ImageRequest],
    exact: Exact,
    limits: CalibrationLimits,
    *,
    compiled: bool = False,
) -> list[Measured]:
    """Measure every candidate by itself, then the passing ones combined, the fastest first.

    On an engine with 8-bit weights every setting includes `fp8`.
    """
    base = "fp8" if engine.options.weights != "full" else ""
    tried: list[Measured] = []
    if base:
        tried.append(measure(engine, requests, exact, base))
    for single in candidates(requests, compiled=compiled):
        tried.append(measure(engine, requests, exact, _joined(base, single)))
    passing = [item for item in tried if item.within(limits) and item.times_as_fast > 1]
    passing.sort(key=lambda item: item.seconds)
    combined = passing[0].acceleration if passing else ""
    for item in passing[1:]:
        together = _joined(combined, item.acceleration)
        if together == combined:
            continue
        both = measure(engine, requests, exact, together)
        tried.append(both)
        if both.within(limits):
            combined = together
    return tried


def fastest(tried: Iterable[Measured], limits: CalibrationLimits) -> str:
    """The fastest setting within the limits; `exact` if none is faster than that."""
    passing = [item for item in tried if item.within(limits) and item.times_as_fast > 1]
    return min(passing, key=lambda item: item.seconds).acceleration if passing else "exact"


def write_calibration(
    path: Path, fingerprint: str, limits: CalibrationLimits, tried: Sequence[Measured]
) -> None:
    record = {
        "schema": SCHEMA,
        "checkpoint": fingerprint,
        "acceleration": fastest(tried, limits),
        "limits": dataclasses.asdict(limits),
        "measured": [dataclasses.asdict(item) for item in tried],
    }
    write_whole(path, (json.dumps(record, indent=2) + "\n").encode())


def _joined(first: str, second: str) -> str:
    """Both settings; of one kind given twice the first stays."""
    terms: dict[str, str] = {}
    for term in [*first.split(","), *second.split(",")]:
        if term:
            terms.setdefault(term.partition("=")[0], term)
    return str(parse_acceleration(",".join(terms.values()))) if terms else str(Acceleration())


def _table(tried: Sequence[Measured], limits: CalibrationLimits) -> str:
    lines = [f"{'setting':44} {'seconds':>8} {'faster':>7} {'PSNR':>6} {'structure':>9}"]
    for item in tried:
        mark = "" if item.within(limits) else "  outside the limits"
        lines.append(
            f"{item.acceleration:44} {item.seconds:8.2f} {item.times_as_fast:6.2f}x "
            f"{item.psnr:6.1f} {item.structural_error:9.4f}{mark}"
        )
    return "\n".join(lines)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m image_engine.calibrate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--checkpoint", required=True, type=Path)
    parser.add_argument("--prompt", required=True, action="append", help="give several")
    parser.add_argument("--reference", action="append", default=[], help="used with every prompt")
    parser.add_argument("--preset", default="standard", choices=sorted(PRESETS))
    parser.add_argument("--width", type=int)
    parser.add_argument("--height", type=int)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--fp8", action="store_true", help="also try 8-bit weights (loads twice)")
    parser.add_argument("--compile", action="store_true", help="also try torch.compile")
    parser.add_argument(
        "--min-psnr", type=float, default=CalibrationLimits.psnr, help="dB, worst picture"
    )
    parser.add_argument(
        "--max-structural-error", type=float, default=CalibrationLimits.structural_error
    )
    parser.add_argument("--out", type=Path, default=Path("calibration.json"))
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns 2 when the request or the checkpoint is refused."""
    options = _arguments(arguments)
    limits = CalibrationLimits(options.min_psnr, options.max_structural_error)
    try:
        tried, fingerprint = _run(options, limits)
    except EngineError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    write_calibration(options.out, fingerprint, limits, tried)
    sys.stdout.write(f"{_table(tried, limits)}\n\n")
    sys.stdout.write(f"fastest within the limits: {fastest(tried, limits)} → {options.out}\n")
    return 0


def _run(options: argparse.Namespace, limits: CalibrationLimits) -> tuple[list[Measured], str]:
    sizes = {name: getattr(options, name) for name in ("width", "height", "steps")}
    fields: dict[str, Any] = {name: value for name, value in sizes.items() if value is not None}
    requests = [
        preset_request(
            options.preset, prompt, references=options.reference, seed=options.seed, **fields
        )
        for prompt in options.prompt
    ]
    place = (options.checkpoint, options.device, options.dtype)
    with ImageEngine.load(*place) as engine:
        fingerprint = engine.fingerprint
        exact = draw_exact(engine, requests)
        tried = calibrate(engine, requests, exact, limits, compiled=options.compile)
    if options.fp8:
        with ImageEngine.load(*place, EngineOptions(weights="fp8")) as engine:
            tried += calibrate(engine, requests, exact, limits, compiled=options.compile)
    return tried, fingerprint


if __name__ == "__main__":
    sys.exit(main())
