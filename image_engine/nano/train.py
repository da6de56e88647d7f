"""The loop: batches, steps, a log, samples, a checkpoint; goes on where it was stopped.

Knows: the optimiser, the average of the weights, what is written when, how to resume.
Does not know: the loss, where examples come from. Everything on the disk is safetensors and JSON,
written under a temporary name and renamed; the batch and the noise of a step follow from seed and
step, so a run that was killed and resumed is the run that was not.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from image_engine.bench.measure import clock_of
from image_engine.bench.random_model import Shape
from image_engine.conditioning import Conditioner
from image_engine.config import read_config
from image_engine.engine import ImageEngine
from image_engine.errors import EngineError
from image_engine.metadata import write_whole
from image_engine.model import PixelModel
from image_engine.nano.checkpoint import (
    NANO,
    export,
    new_model,
    parameters_of,
    read_tensors,
    write_frame,
    write_tensors,
)
from image_engine.nano.examples import Example, Examples, read_examples
from image_engine.nano.objective import loss_of, sigmas
from image_engine.request import ImageRequest

Tensors = dict[str, torch.Tensor]
Tell = Callable[[str], None]
HELD_OUT = 50
"""Every so many-th example is never learned from."""


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """One training run. All but `steps`, `minutes` and `every` must stay when it is resumed."""

    data: Path
    out: Path
    shape: Shape = NANO
    side: int = 256
    steps: int = 20_000
    batch: int = 16
    rate: float = 4e-4
    warmup: int = 200
    average: float = 0.999
    seed: int = 0
    every: int = 500
    minutes: float = math.inf
    device: str = "cpu"


@dataclass(slots=True)
class Learner:
    """Weights, their running average, the optimiser's moments."""

    model: PixelModel
    optimiser: torch.optim.AdamW
    average: Tensors
    step: int = 0
    seconds: float = 0.0
    """Spent on steps; on one thread of a CPU its own time."""


def train(plan: TrainingPlan, tell: Tell) -> Path:
    """Train until `plan.steps` or `plan.minutes`; returns the checkpoint folder.

    Raises `EngineError` when data and run do not fit together.
    """
    learned, held_out = _split(read_examples(plan.data))
    frame = plan.out / "checkpoint"
    if not (frame / "config.json").is_file():
        write_frame(frame, plan.shape, {example.prompt for example in learned}, plan.side)
    conditioner = Conditioner.read(frame, read_config(frame))
    source = Examples(learned, conditioner, plan.side)
    judge = Examples(held_out, conditioner, plan.side)
    learner = _learner(plan, frame)
    count = sum(weight.numel() for weight in learner.model.parameters())
    tell(f"{count / 1e6:.1f} M parameters, {len(learned)} examples, from step {learner.step}")
    until = time.monotonic() + plan.minutes * 60
    losses: list[float] = []
    while learner.step < plan.steps and time.monotonic() < until:
        losses.append(_step(plan, learner, source))
        if learner.step % plan.every == 0 or learner.step == plan.steps:
            _note(plan, learner, judge, held_out, losses, tell)
            losses = []
    if losses:
        _note(plan, learner, judge, held_out, losses, tell)
    return frame


def _split(examples: list[Example]) -> tuple[list[Example], list[Example]]:
    held_out = examples[::HELD_OUT] + [
        next((each for each in examples if len(each.references) == count), examples[0])
        for count in sorted({len(each.references) for each in examples})
    ]
    kept = set(held_out)
    learned = [example for example in examples if example not in kept]
    if not learned:
        raise EngineError(f"{len(examples)} examples are too few: none is left to learn from")
    return learned, list(dict.fromkeys(held_out))


def _learner(plan: TrainingPlan, frame: Path) -> Learner:
    """A new one, or the one that was stopped."""
    model = new_model(frame, plan.seed).to(plan.device)
    model.use_attention("sdpa")
    matrices = [weight for weight in model.parameters() if weight.dim() > 1]
    others = [weight for weight in model.parameters() if weight.dim() <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.05}, {"params": others, "weight_decay": 0.0}],
        lr=plan.rate,
        betas=(0.9, 0.95),
    )
    learner = Learner(model, optimiser, {k: v.clone() for k, v in parameters_of(model).items()})
    if (plan.out / "state.json").is_file():
        _resume(plan, learner)
    return learner


def _step(plan: TrainingPlan, learner: Learner, source: Examples) -> float:
    clock = clock_of(plan.device)
    started = clock()
    learner.step += 1
    batch = source.batch(plan.batch, learner.step, plan.seed)
    generator = torch.Generator().manual_seed(plan.seed * 1_000_003 + learner.step)
    levels = sigmas(plan.batch, generator).to(plan.device)
    noise = torch.randn(batch.target.shape, generator=generator).to(plan.device)
    batch = type(batch)(batch.target.to(plan.device), batch.references, batch.conditionings)
    for group in learner.optimiser.param_groups:
        group["lr"] = _rate(plan, learner.step)
    kind = torch.device(plan.device).type
    with torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda"):
        loss = loss_of(learner.model, batch, levels, noise)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(learner.model.parameters(), 1.0)
    learner.optimiser.step()
    learner.optimiser.zero_grad(set_to_none=True)
    value = loss.item()
    if not math.isfinite(value):
        raise EngineError(f"step {learner.step}: the loss is {value}; lower --rate")
    keep = min(plan.average, (1 + learner.step) / (10 + learner.step))
    with torch.no_grad():
        for key, weight in parameters_of(learner.model).items():
            learner.average[key].lerp_(weight, 1 - keep)
    learner.seconds += clock() - started
    return value


def _rate(plan: TrainingPlan, step: int) -> float:
    """Rises at first, then falls along a cosine to a tenth."""
    if step < plan.warmup:
        return plan.rate * step / plan.warmup
    done = min(1.0, (step - plan.warmup) / max(1, plan.steps - plan.warmup))
    return plan.rate * (0.55 + 0.45 * math.cos(math.pi * done))


def _note(
    plan: TrainingPlan,
    learner: Learner,
    judge: Examples,
    held_out: list[Example],
    losses: list[float],
    tell: Tell,
) -> None:
    """Write state, checkpoint, log and samples."""
    record = {
        "step": learner.step,
        "seconds": round(learner.seconds, 1),
        "loss": sum(losses) / len(losses),
        "held_out": _held_out_loss(plan, learner, judge),
    }
    export(learner.average, plan.out / "checkpoint")
    draw_samples(plan, held_out).save(plan.out / f"sample_{learner.step:06}.png")
    _save(plan, learner, record)
    draw_curve(read_log(plan.out)).save(plan.out / "curve.png")
    tell(" ".join(f"{name} {value:.5g}" for name, value in record.items()))


def _held_out_loss(plan: TrainingPlan, learner: Learner, judge: Examples) -> float:
    """Of the average of the weights, on examples and noise that are always the same."""
    own = {name: weight.detach().clone() for name, weight in learner.model.named_parameters()}
    _put(learner.model, learner.average)
    total, count = 0.0, 0
    with torch.no_grad():
        for batch in judge.held_out(16):
            generator = torch.Generator().manual_seed(1)
            levels = sigmas(len(batch.target), generator).to(plan.device)
            noise = torch.randn(batch.target.shape, generator=generator).to(plan.device)
            batch = type(batch)(batch.target.to(plan.device), batch.references, batch.conditionings)
            total += loss_of(learner.model, batch, levels, noise).item() * len(batch.target)
            count += len(batch.target)
    with torch.no_grad():
        for name, weight in learner.model.named_parameters():
            weight.copy_(own[name])
    return total / count


def _put(model: PixelModel, weights: Mapping[str, torch.Tensor]) -> None:
    with torch.no_grad():
        for key, weight in parameters_of(model).items():
            weight.copy_(weights[key])


def draw_samples(plan: TrainingPlan, held_out: list[Example]) -> Image.Image:
    """One held-out example of each kind: references, what the engine draws, what was asked for."""
    kinds = {len(each.references): each for each in reversed(held_out)}
    rows = [example for _, example in sorted(kinds.items())]
    side = plan.side
    sheet = Image.new("RGB", (side * 4, side * len(rows)), "white")
    with ImageEngine.load(plan.out / "checkpoint", plan.device) as engine:
        for row, example in enumerate(rows):
            request = ImageRequest(
                example.prompt,
                example.references,
                side,
                side,
                steps=20,
                guidance_scale=2.5,
                snap_resolution=False,
            )
            with Image.open(example.picture) as truth:
                shown = [engine.generate(request).image, truth.convert("RGB")]
            for place, reference in enumerate(example.references):
                with Image.open(reference) as picture:
                    sheet.paste(
                        picture.convert("RGB").resize((side, side)), (side * place, side * row)
                    )
            for place, picture in enumerate(shown):
                sheet.paste(picture.resize((side, side)), (side * (2 + place), side * row))
    return sheet


def read_log(out: Path) -> list[dict[str, float]]:
    """What was noted so far."""
    log = out / "log.json"
    return json.loads(log.read_text("utf-8")) if log.is_file() else []


def draw_curve(log: list[dict[str, float]]) -> Image.Image:
    """Loss over steps, both logarithmic; what is learned from in blue, held out in orange."""
    from PIL import ImageDraw

    image = Image.new("RGB", (640, 400), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((50, 20, 620, 360), outline=(150, 150, 150))
    steps = [math.log(record["step"]) for record in log]
    values = [record[name] for record in log for name in ("loss", "held_out")]
    low, high = math.log(min(values)), math.log(max(values))
    for name, color in (("loss", (88, 148, 214)), ("held_out", (222, 122, 66))):
        points = [
            (
                50 + 570 * (step - steps[0]) / ((steps[-1] - steps[0]) or 1),
                360 - 340 * (math.log(record[name]) - low) / ((high - low) or 1),
            )
            for step, record in zip(steps, log, strict=True)
        ]
        if len(points) > 1:
            draw.line(points, fill=color, width=3)
    draw.text((54, 24), f"loss {max(values):.3g} to {min(values):.3g}", fill="black")
    draw.text((54, 366), f"steps {log[0]['step']:g} to {log[-1]['step']:g}", fill="black")
    return image


def _save(plan: TrainingPlan, learner: Learner, record: dict[str, Any]) -> None:
    moments: Tensors = {}
    for name, weight in learner.model.named_parameters():
        state = learner.optimiser.state[weight]  # empty while only references would use it
        moments |= {f"{kind}.{name}": state[kind] for kind in MOMENTS if kind in state}
    write_tensors(plan.out / "average.safetensors", learner.average)
    write_tensors(plan.out / "moments.safetensors", moments)
    write_tensors(plan.out / "weights.safetensors", parameters_of(learner.model))
    log = [*(each for each in read_log(plan.out) if each["step"] < learner.step), record]
    write_whole(plan.out / "log.json", (json.dumps(log, indent=1) + "\n").encode())
    fixed = {name: value for name, value in asdict(plan).items() if name in FIXED}
    state = {"step": learner.step, "seconds": learner.seconds, **fixed}
    write_whole(plan.out / "state.json", (json.dumps(state) + "\n").encode())


MOMENTS = ("step", "exp_avg", "exp_avg_sq")
"""What AdamW keeps of every weight."""
FIXED = ("side", "batch", "rate", "warmup", "average", "seed")


def _resume(plan: TrainingPlan, learner: Learner) -> None:
    state = json.loads((plan.out / "state.json").read_text("utf-8"))
    changed = [name for name in FIXED if state[name] != getattr(plan, name)]
    if changed:
        was = ", ".join(f"{name} {state[name]}" for name in changed)
        raise EngineError(f"{plan.out} was trained with {was}; keep that, or use another --out")
    place = str(learner.model.device)
    _put(learner.model, read_tensors(plan.out / "weights.safetensors", place))
    learner.average = read_tensors(plan.out / "average.safetensors", place)
    moments = read_tensors(plan.out / "moments.safetensors", place)
    learner.step, learner.seconds = state["step"], state["seconds"]
    for name, weight in learner.model.named_parameters():
        if f"step.{name}" in moments:
            state = {kind: moments[f"{kind}.{name}"] for kind in MOMENTS}
            learner.optimiser.state[weight] = state | {"step": state["step"].cpu()}
