"""The card as NVML tells it: a clear word without one, true sums with one."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import pytest
from simulated_card import SimulatedCard

from renderers.errors import Unavailable
from storyboard.gpu.card import GIB, NvmlCard, Sample


@pytest.mark.skipif(
    Path("/proc/driver/nvidia").exists(),
    reason="needs a machine without a card: its driver is here",
)
def test_without_a_driver_the_card_is_unavailable() -> None:
    with pytest.raises(Unavailable, match=r"NVIDIA driver is not installed|nvidia-ml-py"):
        NvmlCard()


def test_what_a_driver_does_not_tell_is_not_guessed() -> None:
    card = SimulatedCard(24.0)
    card.hold(7, 3.0, "server")
    assert card.sample().held_by({7}) == 3.0
    assert card.sample().held_by({8}) is None
    assert Sample(24.0, 3.0).free == 21.0


@pytest.mark.gpu
def test_a_real_allocation_is_measured_and_told_to_be_ours() -> None:
    """Two GiB through the CUDA driver itself, so that no framework is needed."""
    cuda = ctypes.CDLL("libcuda.so.1")
    context, pointer = ctypes.c_void_p(), ctypes.c_uint64()
    assert cuda.cuInit(0) == 0
    card = NvmlCard()
    assert cuda.cuDevicePrimaryCtxRetain(ctypes.byref(context), 0) == 0
    assert cuda.cuCtxSetCurrent(context) == 0
    before = card.sample()
    assert cuda.cuMemAlloc_v2(ctypes.byref(pointer), ctypes.c_size_t(int(2 * GIB))) == 0
    after = card.sample()
    assert after.used - before.used == pytest.approx(2.0, abs=0.05)
    assert 0 < after.free < after.total
    held = after.held_by({os.getpid()})
    assert held is None or held >= 2.0
    assert cuda.cuMemFree_v2(pointer) == 0
    assert card.sample().used == pytest.approx(before.used, abs=0.05)
