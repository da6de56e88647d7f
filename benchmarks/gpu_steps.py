"""What is measured on a card: one function a question, each answering with plain JSON.

Knows: the engine and its bench. Does not know: in which order, how long it may take, what becomes
of the answers (`gpu_day` does).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

import torch

from benchmarks.gpu_card import GIB, Answer, Card
from benchmarks.gpu_server import memory, server
from image_engine import preset_request
from image_engine.attention import Choice, choose_attention, why_not
from image_engine.bench.__main__ import Bench, ladder
from image_engine.bench.attention import measure_kernels
from image_engine.bench.measure import machine, matmul_rate, operations, seconds_of
from image_engine.bench.random_model import random_engine
from image_engine.engine import EngineOptions
from image_engine.kernels import compiled_kernels, plain_kernels
from image_engine.similarity import psnr

PUBLISHED_TFLOPS = 788e12
LIMIT_STEPS = 50
KERNELS: tuple[Choice, ...] = ("fa3", "fa2", "cudnn", "flash", "sdpa")


def describe(card: Card) -> Answer:
    """Card, libraries, and which attention kernels are at hand."""
    import transformers

    device = torch.device(card.device)
    kernel = choose_attention(device, card.dtype)
    return {
        "machine": machine(card.device),
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version() if card.cuda else None,
        "transformers": transformers.__version__,
        "memory_gib": torch.cuda.mem_get_info()[1] / GIB if card.cuda else None,
        "attention": {"chosen": kernel.name, "why": kernel.reason}
        | {name: why_not(name, device, card.dtype) or "runs" for name in KERNELS},
    }


def load(card: Card) -> Answer:
    """A random checkpoint of full size, made on the device."""
    seconds = seconds_of(card.loaded, card.device)
    weights = card.loaded().estimate(card.request(card.sides[0], 0)).weights
    return {"seconds": seconds, "weights_gib": weights / GIB, "allocated": card.allocated()}


def exactness(card: Card) -> Answer:
    """dB against float32 with the same weights, residual stream in bfloat16 and in float32."""
    card.release()
    engine = random_engine(card.exact_shape, card.device, torch.float32)
    answer: Answer = {}
    model, _ = engine.loaded()
    rounded = {name: value.to(torch.bfloat16) for name, value in model.state_dict().items()}
    half = random_engine(card.exact_shape, card.device, torch.bfloat16)
    model.load_state_dict({name: value.float() for name, value in rounded.items()})
    half.loaded()[0].load_state_dict(rounded)
    for references in (0, 1):
        drawn = card.request(max(128, card.sides[0] // 4), references, steps=3 * card.steps)
        exact = engine.generate(drawn)
        for residual in ("weights", "float32"):
            near = half.generate(replace(drawn, residual_dtype=residual))
            error = (near.patches - exact.patches).clamp(-2, 2).square().mean().item()
            answer[f"{references} references, residual in {residual}"] = {
                "db": 10 * math.log10(4 / max(error, 1e-12)),
                "psnr": psnr(near.image, exact.image),
            }
    engine.release()
    half.release()
    return answer


def residual_cost(card: Card) -> Answer:
    """What the float32 residual stream costs of a step, in turns."""
    answer: Answer = {}
    for references in (0, 1):
        best = {"weights": math.inf, "float32": math.inf}
        for _ in range(3):
            for residual in best:
                drawn = card.request(card.sides[-1], references, residual_dtype=residual)
                best[residual] = min(best[residual], *card.step_seconds(drawn))
        answer[f"{references} references"] = best | {"cost": best["float32"] / best["weights"] - 1}
    return answer


def sizes(card: Card) -> Answer:
    """Seconds, peak and share of the matmul ceiling, by size and number of references."""
    engine, rows = card.loaded(), []
    for side in card.sides:
        for references in card.references:
            drawn = card.request(side, references)
            step = min(card.step_seconds(drawn))
            info = engine.generate(drawn).info
            tokens = engine.count_tokens(engine.plan(drawn))
            count = operations(engine.config, tokens).total
            ceiling = matmul_rate(
                engine.config, tokens.batch * tokens.drawn, card.device, card.dtype
            )
            rows.append(
                {
                    "side": side,
                    "references": references,
                    "step_seconds": step,
                    "seconds_50_steps": step * LIMIT_STEPS,
                    "limit_50_steps": count * LIMIT_STEPS / PUBLISHED_TFLOPS,
                    "tflop_a_step": count / 1e12,
                    "tflops": count / step / 1e12,
                    "of_matmul_ceiling": count / step / ceiling,
                    "peak_gib": None if info.peak_bytes is None else info.peak_bytes / GIB,
                    "estimate_gib": engine.estimate(drawn).peak / GIB,
                    "other_seconds": {k: v for k, v in info.seconds.items() if k != "sampling"},
                }
            )
    return {"rows": rows}


def savings(card: Card) -> Answer:
    """Each exact saving on and off."""
    bench = Bench(card.device, card.dtype, card.sides[0], 2, 2)
    engine = card.loaded()
    return {f"{count} references": ladder(engine, bench, count) for count in (0, 3)}


def approximations(card: Card) -> Answer:
    """Each approximation on and off; random weights say little of the picture."""
    drawn = card.request(card.sides[-1], 1, steps=max(8, card.steps))
    engine = card.loaded()
    exact = engine.generate(drawn)
    answer: Answer = {"exact": {"seconds": exact.info.seconds["sampling"]}}
    for setting in ("ref_kv=4", "guidance=0.1-0.8", "step_cache=0.08"):
        quick = engine.generate(replace(drawn, acceleration=setting))
        answer[setting] = {
            "seconds": quick.info.seconds["sampling"],
            "times_as_fast": exact.info.seconds["sampling"] / quick.info.seconds["sampling"],
            "psnr": psnr(exact.image, quick.image),
            "peak_gib": None if not card.cuda else (quick.info.peak_bytes or 0) / GIB,
            "estimate_gib": engine.estimate(replace(drawn, acceleration=setting)).peak / GIB,
        }
    return answer


def compiled(card: Card) -> Answer:
    """Fused regions on and off, in turns, and what compiling costs once."""
    attention = card.loaded().attention
    kernels = compiled_kernels(attention, card.backend)
    answer: Answer = {}
    for references in (0, 1):
        drawn = card.request(card.sides[-1], references)
        started = time.perf_counter()
        card.step_seconds(replace(drawn, steps=1, residual_dtype="float32"), kernels)
        first = time.perf_counter() - started
        best = [math.inf, math.inf]
        for _ in range(3):
            for index, which in enumerate((None, kernels)):
                best[index] = min(best[index], *card.step_seconds(drawn, which))
        answer[f"{references} references"] = {
            "first_seconds": first,
            "plain": best[0],
            "fused": best[1],
            "saves": 1 - best[1] / best[0],
        }
    return answer


def attention(card: Card) -> Answer:
    """Every kernel at every shape, and the whole step with each that runs, in turns."""
    shapes = [(side, count) for side in card.sides for count in card.references]
    device = torch.device(card.device)
    config = card.loaded().config
    measured = measure_kernels(config, device, card.dtype, shapes, 3)
    names = [name for name in KERNELS if why_not(name, device, card.dtype) is None]
    steps: Answer = {}
    for references in (0, 1):
        drawn = card.request(card.sides[-1], references)
        best = dict.fromkeys(names, math.inf)
        for _ in range(2):
            for name in names:
                kernels = plain_kernels(choose_attention(device, card.dtype, name))
                best[name] = min(best[name], *card.step_seconds(drawn, kernels))
        steps[f"{references} references"] = best
    return {"kernels": [item.record() for item in measured], "step_seconds": steps}


def noise(card: Card) -> Answer:
    """Dev recipe: what drawing its noise on the CPU and on the device costs a step."""
    answer: Answer = {}
    for place in ("cpu", "device"):
        drawn = preset_request(
            "dev",
            "a lamp",
            width=card.sides[-1],
            height=card.sides[-1],
            snap_resolution=False,
            noise_device=place,
        )
        seconds = card.step_seconds(replace(drawn, timesteps=drawn.timesteps[:8]))  # type: ignore[index]
        answer[place] = {"step_seconds": min(seconds), "median": sorted(seconds)[len(seconds) // 2]}
    return answer


def eight_bits(card: Card) -> Answer:
    """Weights in 8 bits: seconds a step and GiB."""
    answer: Answer = {}
    for weights in ("fp8", "fp8-rowwise"):
        card.release()
        try:
            options = EngineOptions(weights=weights)  # type: ignore[arg-type]
            card.engine = random_engine(card.shape, card.device, card.dtype, options)
            drawn = card.request(card.sides[-1], 0, acceleration="fp8")
            answer[weights] = {
                "step_seconds": min(card.step_seconds(drawn)),
                "weights_gib": card.loaded().estimate(drawn).weights / GIB,
            }
        except ValueError as error:  # torchao is not there, or the card is too old
            answer[weights] = {"skipped": str(error)}
    card.release()
    return answer


STEPS: dict[str, Callable[[Card], Answer]] = {
    "machine": describe,
    "exactness": exactness,
    "load": load,
    "sizes": sizes,
    "residual": residual_cost,
    "attention": attention,
    "compile": compiled,
    "noise": noise,
    "approximations": approximations,
    "savings": savings,
    "server": server,
    "memory": memory,
    "fp8": eight_bits,
}
"""In the order of what must not be missing when time runs out."""
