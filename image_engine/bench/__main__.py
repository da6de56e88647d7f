"""`python -m image_engine.bench`: what each exact saving is worth, and where the time goes.

On a CPU a mid-size random model; on a GPU also the full-size one. Prints tables, and writes them
with a picture of the steps × size × guidance trade-off to `--out`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from PIL import Image

from image_engine.attention import choose_attention
from image_engine.bench.attention import measure_kernels, table
from image_engine.bench.ladder import RUNGS, Inputs, LadderPredictor, Predictor
from image_engine.bench.measure import (
    attention_rate,
    clock_of,
    in_turns,
    machine,
    matmul_rate,
    operations,
    times_as_fast,
)
from image_engine.bench.picture import Point, draw_trade_off
from image_engine.bench.random_model import FULL, MID, Shape, random_engine, shape_config
from image_engine.engine import DrawingPlan, EngineOptions, ImageEngine, make_denoiser
from image_engine.prefix import PrefixBuilder
from image_engine.request import ImageRequest
from image_engine.result import Progress
from image_engine.samplers import make_schedule, make_update
from image_engine.sampling import initial_noise

PROMPT = (
    "Medium shot, eye-level, front view. Two people at a kitchen table, the older one pouring tea, "
    "morning light through a window on the left, steam, warm colours, an old calendar on the wall."
)
STEPS = (20, 28, 36, 50)


@dataclass(frozen=True, slots=True)
class Bench:
    """One run's settings."""

    device: str
    dtype: torch.dtype
    side: int
    steps: int
    rounds: int


def request(bench: Bench, references: int, guidance: float = 5.0) -> ImageRequest:
    """A picture of the bench's size with grey-scale ramps as references."""
    ramp = Image.linear_gradient("L").resize((768, 640)).convert("RGB")
    pictures = [ramp.rotate(360 * index / 11) for index in range(references)]
    return ImageRequest(
        PROMPT,
        pictures,
        bench.side,
        bench.side,
        steps=bench.steps,
        guidance_scale=guidance,
        snap_resolution=False,
    )


def ladder(engine: ImageEngine, bench: Bench, references: int) -> list[str]:
    """Time every rung on one request, in turns, and compare their pictures."""
    plan = engine.plan(request(bench, references))
    names = [rung.name for rung in RUNGS] + ["+ target only at the end: the engine"]
    pictures: dict[str, torch.Tensor] = {}

    def draw(index: int) -> None:
        pictures[names[index]] = _draw(engine, plan, index)

    times = in_turns(
        [partial(draw, index) for index in range(len(names))], bench.device, bench.rounds
    )
    ours = pictures[names[-1]]
    lines = [
        f"{bench.side}², {references} references, {bench.steps} steps, guidance 5: the best of "
        f"{bench.rounds} rounds in turns, the factor their median",
        "",
        "| | seconds | times as fast | differs by |",
        "|---|---|---|---|",
    ]
    for name, seconds in zip(names, times, strict=True):
        error = ((pictures[name] - ours).square().sum() / ours.square().sum()).sqrt().item()
        factor = times_as_fast(times[0], seconds)
        lines.append(f"| {name} | {min(seconds):.2f} | {factor:.3f} | {error:.1e} |")
    return [*lines, "", *_remaining(engine, plan, bench, min(times[-1])), ""]


def _draw(engine: ImageEngine, plan: DrawingPlan, index: int) -> torch.Tensor:
    """One whole picture on rung `index`, prefix and vision tower included, nothing kept."""
    model, _ = engine.loaded()
    scene = plan.scene
    schedule = make_schedule(plan.request)
    predictor: Predictor
    with torch.inference_mode():
        if index < len(RUNGS):
            patches = [each.patches() for each in scene.references]
            references = torch.cat(patches).to(engine.device) if patches else None
            inputs = Inputs(plan.conditionings, references, schedule.timesteps)
            predictor = LadderPredictor(model, inputs, RUNGS[index])
        else:
            builder = PrefixBuilder(model, 2**30)
            prefixes = [builder.build(each, plan.residual) for each in plan.conditionings]
            predictor = make_denoiser(model, plan, prefixes, schedule)
        update = make_update(plan.request, schedule, engine.device)
        z = initial_noise(plan.request, scene).to(engine.device)
        for step in range(len(schedule.timesteps)):
            clean = predictor.predict(z, step, plan.request.guidance_scale)
            z = update.step(step, z, (z - clean) / schedule.velocity_sigma(step))
    return z.cpu()


def _remaining(engine: ImageEngine, plan: DrawingPlan, bench: Bench, seconds: float) -> list[str]:
    """Where the engine's time goes, against what this machine does at best."""
    tokens = engine.count_tokens(plan)
    needed = operations(engine.config, tokens)
    matmul = matmul_rate(engine.config, tokens.batch * tokens.drawn, bench.device, bench.dtype)
    attention = attention_rate(engine.config, tokens, bench.device, bench.dtype)
    step = seconds / bench.steps
    linear = needed.linear / matmul
    attended = needed.attention / attention
    return [
        f"One step takes {step:.3f} s (prefix and vision tower shared out), "
        f"{needed.total / 1e9:.0f} GFLOP at {needed.total / step / 1e9:.0f} GFLOP/s. "
        f"Matrix products at the measured rate of {matmul / 1e9:.0f} GFLOP/s: {linear:.3f} s "
        f"({linear / step:.0%}); attention at its measured {attention / 1e9:.0f} GFLOP/s: "
        f"{attended:.3f} s ({attended / step:.0%}); everything else "
        f"{max(0.0, step - linear - attended):.3f} s."
    ]


def sizes(engine: ImageEngine, bench: Bench, sides: Sequence[int]) -> list[str]:
    """Seconds and peak of whole pictures, by size and number of references."""
    lines = [
        "| size | references | s a step | TFLOP a step | of the matmul ceiling | peak GiB |",
        "|---|---|---|---|---|---|",
    ]
    for side in sides:
        for references in (0, 1, 4, 6):
            sized = Bench(bench.device, bench.dtype, side, bench.steps, bench.rounds)
            drawn = request(sized, references)
            engine.generate(drawn)
            result = engine.generate(drawn)
            tokens = engine.count_tokens(engine.plan(drawn))
            step = result.info.seconds["sampling"] / bench.steps
            count = operations(engine.config, tokens).total
            ceiling = matmul_rate(
                engine.config, tokens.batch * tokens.drawn, bench.device, bench.dtype
            )
            peak = result.info.peak_bytes
            lines.append(
                f"| {side}² | {references} | {step:.3f} | {count / 1e12:.2f} | "
                f"{count / step / ceiling:.0%} | "
                f"{'not told' if peak is None else f'{peak / 2**30:.1f}'} |"
            )
    return [*lines, ""]


def trade_off(engine: ImageEngine, bench: Bench, sides: Sequence[int]) -> list[Point]:
    """Time after 20, 28, 36 and 50 steps of one run for each size and guidance."""
    points: list[Point] = []
    for side in sides:
        for guidance in (1.0, 5.0):
            sized = Bench(bench.device, bench.dtype, side, max(STEPS), bench.rounds)
            times = _times_after_steps(engine, request(sized, 0, guidance), bench.device)
            points += [Point(side, steps, guidance, times[steps - 1]) for steps in STEPS]
    return points


def _times_after_steps(engine: ImageEngine, drawn: ImageRequest, device: str) -> list[float]:
    """Seconds from the request to the end of every step."""
    clock = clock_of(device)
    started = clock()
    times: list[float] = []

    def note(progress: Progress) -> None:
        del progress
        if device.startswith("cuda"):
            torch.cuda.synchronize(device)
        times.append(clock() - started)

    engine.generate(drawn, note)
    return times


def attention(bench: Bench, shape: Shape) -> list[str]:
    """Every attention kernel at the shapes of usual pictures."""
    device = torch.device(bench.device)
    sides = (1024, 2048) if device.type == "cuda" else (bench.side,)
    shapes = [(side, references) for side in sides for references in (0, 1, 4)]
    config = shape_config(shape)
    kernel = choose_attention(device, bench.dtype)
    measured = measure_kernels(config, device, bench.dtype, shapes, bench.rounds)
    return [
        f"Machine: {machine(bench.device)}.",
        "",
        *table(measured, f"{kernel.name}: {kernel.reason}"),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m image_engine.bench", description=__doc__)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--side", type=int, default=1024, help="of the ladder's pictures")
    parser.add_argument("--steps", type=int, default=4, help="of the ladder's pictures")
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many counts")
    parser.add_argument("--references", type=int, nargs="*", default=[0, 3])
    parser.add_argument("--threads", type=int, help="of the CPU; 1 is not disturbed by neighbours")
    parser.add_argument("--no-trade-off", action="store_true", help="only the ladder")
    parser.add_argument("--out", type=Path, help="folder for engine.md and trade_off.png")
    parser.add_argument("--attention", action="store_true", help="only the attention kernels")
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    gpu = options.device.startswith("cuda")
    dtype = torch.bfloat16 if gpu else torch.float32
    bench = Bench(options.device, dtype, options.side, options.steps, options.rounds)
    if options.attention:
        sys.stdout.write("\n".join(attention(bench, FULL if gpu else MID)) + "\n")
        return 0
    engine = random_engine(MID, bench.device, torch.float32)
    lines = [
        f"Machine: {machine(bench.device)}.",
        "",
        "Random model, hidden 512, 8 layers, float32.",
    ]
    lines.append("")
    middle = Bench(bench.device, torch.float32, bench.side, bench.steps, bench.rounds)
    for references in options.references:
        lines += ladder(engine, middle, references)
    if gpu:
        engine.release()
        engine = random_engine(FULL, bench.device, dtype, EngineOptions(cache_bytes=2**30))
        lines += ["Random model of full size, bfloat16, guidance 5.", ""]
        lines += sizes(engine, bench, (1024, 1536, 2048))
    points: list[Point] = []
    if not options.no_trade_off:
        points = trade_off(engine, bench, (1024, 1536, 2048) if gpu else (512, 768, 1024))
        lines += ["| size | steps | guidance | seconds |", "|---|---|---|---|"]
        lines += [f"| {p.side}² | {p.steps} | {p.guidance:g} | {p.seconds:.1f} |" for p in points]
    engine.release()
    sys.stdout.write("\n".join(lines) + "\n")
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "engine.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
        if points:
            title = f"Seconds a picture: {machine(bench.device)}"
            draw_trade_off(points, title).save(options.out / "trade_off.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
