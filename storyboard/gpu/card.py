"""The card as it is: what is free, who holds what, and a clock to wait by.

`Card` and `Clock` are the protocols; `NvmlCard` measures a real one through NVML (package
`nvidia-ml-py`, extra `gpu`); tests have one that needs no hardware.

Knows: memory in GiB, processes on the card. Does not know: services, stages, budgets.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from renderers.errors import Unavailable
from storyboard.gpu.services.processes import process_name

GIB = float(2**30)


@dataclass(frozen=True, slots=True)
class Holder:
    """One process on the card. `gib` is None where the driver does not tell."""

    pid: int
    name: str
    gib: float | None


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement of the card, in GiB."""

    total: float
    used: float
    holders: tuple[Holder, ...] = ()

    @property
    def free(self) -> float:
        return self.total - self.used

    def held_by(self, pids: Collection[int]) -> float | None:
        """What these processes hold; None where the driver cannot tell."""
        mine = [h for h in self.holders if h.pid in pids]
        if not mine or any(h.gib is None for h in mine):
            return None
        return sum(h.gib or 0.0 for h in mine)


class Card(Protocol):
    @property
    def name(self) -> str: ...

    def sample(self) -> Sample:
        """Measure now.

        Raises:
            Unavailable: the driver does not answer.
        """
        ...


class Clock(Protocol):
    def now(self) -> float:
        """Seconds from some fixed moment."""
        ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class NoCard:
    """Stands for the card of a profile that uses none: its servers work on the CPU, and weigh
    nothing on it."""

    name = "no card"

    def sample(self) -> Sample:
        return Sample(1.0, 0.0)


class NvmlCard:
    """A real card, measured by NVML: by its number there, or by its UUID.

    Raises:
        Unavailable: no driver, no such device, or nvidia-ml-py is not installed.
    """

    def __init__(self, device: str = "0") -> None:
        try:
            import pynvml
        except ImportError:
            raise Unavailable(
                "measuring the card needs nvidia-ml-py: pip install 'storyboard[gpu]'"
            ) from None
        # The package has no types: this is the only place that touches it.
        self._nvml: Any = pynvml
        try:
            self._nvml.nvmlInit()
            self._handle: Any = (
                self._nvml.nvmlDeviceGetHandleByIndex(int(device))
                if device.isdecimal()
                else self._nvml.nvmlDeviceGetHandleByUUID(device)
            )
            name: str | bytes = self._nvml.nvmlDeviceGetName(self._handle)
        except self._nvml.NVMLError_LibraryNotFound:
            raise Unavailable(
                f"card {device} cannot be measured: the NVIDIA driver is not installed (its library "
                "libnvidia-ml.so is missing); `nvidia-smi` works once it is"
            ) from None
        except self._nvml.NVMLError as error:
            raise Unavailable(f"card {device} cannot be measured: {error}") from None
        self._name = name.decode() if isinstance(name, bytes) else name

    @property
    def name(self) -> str:
        return self._name

    def driver(self) -> tuple[str, tuple[int, int]]:
        """Release of the driver, and the newest CUDA release that it runs.

        Raises:
            Unavailable: the driver does not answer.
        """
        nvml = self._nvml
        try:
            release: str | bytes = nvml.nvmlSystemGetDriverVersion()
            cuda = int(nvml.nvmlSystemGetCudaDriverVersion_v2())
        except nvml.NVMLError as error:
            raise Unavailable(f"{self._name} does not answer: {error}") from None
        text = release.decode() if isinstance(release, bytes) else release
        return text, (cuda // 1000, cuda % 1000 // 10)

    def sample(self) -> Sample:
        nvml = self._nvml
        try:
            memory = nvml.nvmlDeviceGetMemoryInfo(self._handle)
            running: list[Any] = [
                *nvml.nvmlDeviceGetComputeRunningProcesses(self._handle),
                *nvml.nvmlDeviceGetGraphicsRunningProcesses(self._handle),
            ]
        except nvml.NVMLError as error:
            raise Unavailable(f"{self._name} does not answer: {error}") from None
        holders: dict[int, Holder] = {}
        for process in running:
            pid, held = int(process.pid), process.usedGpuMemory
            gib = None if held is None else float(held) / GIB
            holders[pid] = Holder(pid, process_name(pid), gib)
        total, used = float(memory.total) / GIB, float(memory.used) / GIB
        return Sample(total, used, tuple(holders.values()))
