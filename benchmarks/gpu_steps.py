"""What is measured on a card: one function a question, each answering with plain JSON.

Knows: the engine and its bench. Does not know: in which order, how long it may take, what becomes
of the answers (`gpu_day` does).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import httpx
import torch
from PIL import Image

from image_engine import ImageEngine, ImageRequest, preset_request
from image_engine.attention import choose_attention, why_not
from image_engine.bench.__main__ import Bench, ladder, request
from image_engine.bench.attention import measure_kernels
from image_engine.bench.measure import machine, matmul_rate, operations, seconds_of
from image_engine.bench.random_model import Shape, random_engine
from image_engine.engine import EngineOptions, make_denoiser
from image_engine.kernels import Kernels, compiled_kernels
from image_engine.samplers import make_schedule
from image_engine.sampling import sample
from image_engine.similarity import psnr

if TYPE_CHECKING:
    from collections.abc import Iterator

GIB = 2**30
PUBLISHED_TFLOPS = 788e12
LIMIT_STEPS = 50

Answer = dict[str, Any]


@dataclass(slots=True)
class Card:
    """The machine at hand, and how much is asked of it."""

    device: str
    dtype: torch.dtype
    shape: Shape
    exact_shape: Shape
    """Of the model that bfloat16 is compared on: it has to fit twice, once in float32."""
    sides: Sequence[int]
    references: Sequence[int]
    steps: int
    backend: str = "inductor"
    engine: ImageEngine | None = None

    @property
    def cuda(self) -> bool:
        return self.device.startswith("cuda")

    def loaded(self) -> ImageEngine:
        """The full-size engine, made when first asked for."""
        if self.engine is None or self.engine.state == "released":
            options = EngineOptions(cache_bytes=GIB)
            self.engine = random_engine(self.shape, self.device, self.dtype, options)
        return self.engine

    def release(self) -> None:
        """Free what `loaded` made."""
        if self.engine is not None:
            self.engine.release()
        self.engine = None

    def request(self, side: int, references: int, **fields: Any) -> ImageRequest:
        """A picture with ramps as references."""
        bench = Bench(self.device, self.dtype, side, self.steps, 1)
        return replace(request(bench, references), **fields)

    def allocated(self) -> int | None:
        """Bytes of the device in use; None where it does not tell."""
        return torch.cuda.memory_allocated() if self.cuda else None

    def step_seconds(self, drawn: ImageRequest, kernels: Kernels | None = None) -> list[float]:
        """Seconds of every step but the first, prefix and transfers apart."""
        engine = self.loaded()
        seconds: list[float] = []
        with torch.inference_mode():
            plan = engine.plan(drawn)
            model, prefixes = engine.loaded()
            built = [prefixes.build(each, plan.residual) for each in plan.conditionings]
            schedule = make_schedule(drawn)
            denoiser = make_denoiser(model, plan, built, schedule, kernels)
            sample(
                drawn,
                plan.scene,
                denoiser,
                schedule,
                plan.acceleration,
                lambda progress: seconds.append(progress.seconds),
            )
        return seconds[1:] or seconds


def describe(card: Card) -> Answer:
    """Card, libraries, and which attention kernels are at hand."""
    import transformers

    device = torch.device(card.device)
    kernel = choose_attention(device, card.dtype)
    names = ("fa3", "fa2", "cudnn", "flash", "sdpa")
    return {
        "machine": machine(card.device),
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version() if card.cuda else None,
        "transformers": transformers.__version__,
        "memory_gib": torch.cuda.mem_get_info()[1] / GIB if card.cuda else None,
        "attention": {"chosen": kernel.name, "why": kernel.reason}
        | {name: why_not(name, device, card.dtype) or "runs" for name in names},
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
    """Every kernel at every shape; the whole step with the two fastest follows from them."""
    shapes = [(side, count) for side in card.sides for count in card.references]
    device = torch.device(card.device)
    config = card.loaded().config
    measured = measure_kernels(config, device, card.dtype, shapes, 3)
    return {"kernels": [item.record() for item in measured]}


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


def memory(card: Card) -> Answer:
    """What is left after offloading and release, and how long coming back takes."""
    card.release()
    before = card.allocated()
    engine = card.loaded()
    engine.generate(card.request(card.sides[0], 1))
    held = card.allocated()
    offload = seconds_of(engine.offload, card.device)
    away = card.allocated()
    restore = seconds_of(engine.restore, card.device)
    card.release()
    return {
        "before": before,
        "loaded": held,
        "offloaded": away,
        "released": card.allocated(),
        "offload_seconds": offload,
        "restore_seconds": restore,
    }


def server(card: Card) -> Answer:
    """Six clients at once: how much longer than the drawing alone, and how health answers."""
    fields = {"width": card.sides[0], "height": card.sides[0], "steps": card.steps}
    body = {"prompt": "a lamp", "snap_resolution": False, "stream": True, **fields}
    engine = card.loaded()
    drawn = ImageRequest("a lamp", snap_resolution=False, **fields)
    engine.generate(drawn)
    alone = engine.generate(drawn).info.seconds["total"]
    delays: list[float] = []
    with _serving(engine, card) as url, httpx.Client(base_url=url, timeout=300) as http:
        started = time.perf_counter()
        threads = [
            threading.Thread(target=_post, args=(url, body | {"seed": seed})) for seed in range(6)
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            asked = time.perf_counter()
            http.get("/health").raise_for_status()
            delays.append(time.perf_counter() - asked)
            time.sleep(0.02)
        took = time.perf_counter() - started
    card.engine = None  # the server released it
    return {
        "pictures": len(threads),
        "seconds": took,
        "drawing_alone": alone * len(threads),
        "health_seconds_worst": max(delays),
    }


def _post(url: str, body: Answer) -> None:
    with httpx.stream("POST", f"{url}/generate/t2i", json=body, timeout=300) as response:
        response.raise_for_status()
        for _ in response.iter_lines():
            pass


@contextmanager
def _serving(engine: ImageEngine, card: Card) -> Iterator[str]:
    import socket

    import uvicorn

    from image_engine.metadata import Maker
    from image_engine.server import Border, JobQueue, Rules, Service, create_app
    from image_engine.server.uploads import ReferenceRoot

    service = Service(
        jobs=JobQueue(engine, lambda: engine),
        border=Border(ReferenceRoot(None)),
        maker=Maker("bench", "random", card.device, str(card.dtype), "full"),
        model="random",
        device=card.device,
    )
    app = create_app(service, Rules(body_bytes=2**20))
    listener = socket.create_server(("127.0.0.1", 0))
    running = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not running.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join()
        listener.close()


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


def draw_bars(rows: Sequence[Answer]) -> Image.Image:
    """Share of the matmul ceiling by size and references, as bars."""
    from PIL import ImageDraw, ImageFont

    font = ImageFont.load_default(16)
    image = Image.new("RGB", (900, 40 + 34 * len(rows)), "white")
    draw = ImageDraw.Draw(image)
    for index, row in enumerate(rows):
        top = 20 + 34 * index
        label = f"{row['side']} px, {row['references']} references"
        draw.text((20, top + 4), label, fill="black", font=font)
        draw.rectangle((250, top, 750, top + 24), outline=(170, 170, 170))
        share = min(1.0, row["of_matmul_ceiling"])
        draw.rectangle((250, top, 250 + int(500 * share), top + 24), fill=(88, 148, 214))
        text = f"{row['of_matmul_ceiling']:.0%}, {row['step_seconds']:.3f} s"
        draw.text((762, top + 4), text, fill="black", font=font)
    return image
