"""Approximations that trade a little fidelity for time: each off unless asked for by name.

Knows: their names and settings. Does not know: how they are done (`step_cache`), nor what they cost
on a given model (`calibrate` measures that on the user's own weights). Needs no torch.

    ref_kv=4            keys and values of reference patches are computed at every 4th step only
    guidance=0.1-0.8    the unconditional pass runs in this part of the steps only
    step_cache=0.08     later layers are skipped while the first layer's change stays below 8 %
    compile             layers run through torch.compile
    fp8                 for an engine whose weights are stored in 8 bits (`load(weights="fp8")`)

`exact` is the absence of all.
"""

from __future__ import annotations

from dataclasses import dataclass

from image_engine.errors import BadRequest

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
