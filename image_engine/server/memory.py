"""What the process holds now, as measured, not as predicted.

Knows: torch's allocator, the driver's free memory, the process's own size. Does not know: models.
"""

from __future__ import annotations

import sys
from pathlib import Path


def measured_memory(device: str) -> dict[str, int | None]:
    """Bytes: `device_allocated`, `device_reserved`, `device_free`, `process_resident`.

    The device's three are None where it has no memory of its own (CPU). `process_resident` is
    None where the system does not tell.
    """
    memory: dict[str, int | None] = {
        "device_allocated": None,
        "device_reserved": None,
        "device_free": None,
        "process_resident": _resident(),
    }
    torch = sys.modules.get("torch")  # no weights were ever loaded without it
    if device.startswith("cuda") and torch is not None:
        memory["device_allocated"] = int(torch.cuda.memory_allocated(device))
        memory["device_reserved"] = int(torch.cuda.memory_reserved(device))
        memory["device_free"] = int(torch.cuda.mem_get_info(device)[0])
    return memory


def _resident() -> int | None:
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    for line in status.read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return None
