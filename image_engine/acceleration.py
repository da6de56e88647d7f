"""Approximations that trade a little fidelity for time: each off unless asked for by name.

Knows: their names, settings and bookkeeping. Does not know: how much they cost on a given model;
`calibrate` measures that on the user's own weights.

    ref_kv=4            keys and values of reference patches are computed at every 4th step only
    guidance=0.1-0.8    the unconditional pass runs in this part of the steps only
    step_cache=0.08     later layers are skipped while the first layer's change stays below 8 %
    compile             layers run through torch.compile
    fp8                 for an engine whose weights are stored in 8 bits (`load(weights="fp8")`)

`exact` is the absence of all.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from image_engine.errors import BadRequest
from image_engine.model import KeysValues

FORMS = "exact, calibrated, or a list of ref_kv=K, guidance=A-B, step_cache=X, compile, fp8"


@dataclass(frozen=True, slots=True)
class Acceleration:
    """Which approximations run, and how strongly."""

    ref_kv: int = 1
    """Reference keys and values are computed every this many steps; 1 is always."""
    guidance: tuple[float, float] = (0.0, 1.0)
    """The part of the steps, as fractions, in which guidance runs."""
    step_cache: float = 0.0
    """Relative change of the first layer's residual below which the rest is reused; 0 never."""
    compile: bool = False
    fp8: bool = False

    @property
    def exact(self) -> bool:
        """Whether nothing is approximated."""
        return self == Acceleration()

    def guides(self, step: int, steps: int) -> bool:
        """Whether step `step` of `steps` runs the unconditional pass."""
        start, end = self.guidance
        return start <= step / steps < end or (end == 1.0 and start <= step / steps)

    def __str__(self) -> str:
        terms: list[str] = []
        if self.ref_kv > 1:
            terms.append(f"ref_kv={self.ref_kv}")
        if self.guidance != (0.0, 1.0):
            terms.append(f"guidance={self.guidance[0]:g}-{self.guidance[1]:g}")
        if self.step_cache:
            terms.append(f"step_cache={self.step_cache:g}")
        terms += [name for name in ("compile", "fp8") if getattr(self, name)]
        return ",".join(terms) or "exact"


def parse_acceleration(text: str) -> Acceleration:
    """Read the `acceleration` of a request. Raises `BadRequest`."""
    if text.strip() == "exact":
        return Acceleration()
    settings: dict[str, int | float | bool | tuple[float, float]] = {}
    for term in text.split(","):
        name, _, value = term.strip().partition("=")
        if name in settings:
            raise BadRequest("acceleration", f"{name} is given twice")
        settings[name] = _read_setting(name, value)
    return Acceleration(**settings)  # pyright: ignore[reportArgumentType]


def _read_setting(name: str, value: str) -> int | float | bool | tuple[float, float]:
    try:
        match name:
            case "ref_kv" if 2 <= int(value) <= 1000:
                return int(value)
            case "step_cache" if 0 < float(value) <= 1:
                return float(value)
            case "guidance":
                start, end = (float(part) for part in value.split("-"))
                if 0 <= start < end <= 1:
                    return (start, end)
            case "compile" | "fp8" if not value:
                return True
            case _:
                pass
    except ValueError:
        pass
    raise BadRequest("acceleration", f"{name}={value} is not understood; allowed is {FORMS}")


class StepCache:
    """Skips all but the first layer while that layer says little has changed."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._first: torch.Tensor | None = None  # what the first layer added when last computed
        self._rest: torch.Tensor | None = None  # what the other layers added then

    def reuse(self, before: torch.Tensor, after: torch.Tensor) -> torch.Tensor | None:
        """The last layer's rows, guessed from rows before and after the first one, or None."""
        added = after - before
        if self._first is not None and self._rest is not None and added.shape == self._first.shape:
            change = (added - self._first).abs().mean() / self._first.abs().mean()
            if change.item() < self._threshold:
                return after + self._rest
        self._first = added
        return None

    def store(self, after: torch.Tensor, last: torch.Tensor) -> None:
        """Remember what the other layers added."""
        self._rest = last - after


class ReferenceMemory:
    """Keys and values of the reference rows, kept for some steps."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._layers: list[KeysValues] = []
        self._computed_at = 0

    def fresh(self, step: int, streams: int) -> list[KeysValues] | None:
        """What is remembered, layer by layer, if it is young enough and has enough streams."""
        if not self._layers or self._layers[0][0].shape[0] < streams:
            return None
        return self._layers if step - self._computed_at < self._steps else None

    def store(self, step: int, layers: list[KeysValues]) -> None:
        """Remember those of this step."""
        self._layers, self._computed_at = layers, step
