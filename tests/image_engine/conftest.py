"""The engine that the tests of this folder share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from golden_cases import CHECKPOINT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from image_engine import ImageEngine


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Models so small lose more by waiting for a second core than it computes."""
    try:
        import torch
    except ImportError:
        yield
        return
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def engine() -> Iterator[ImageEngine]:
    """The tiny checkpoint in float32; every test shares it, caches and all."""
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from image_engine import ImageEngine

    with ImageEngine.load(CHECKPOINT) as loaded:
        yield loaded
