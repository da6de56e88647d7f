"""The engine that the tests of this folder share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from golden_cases import CHECKPOINT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from image_engine import ImageEngine


@pytest.fixture(scope="session")
def engine() -> Iterator[ImageEngine]:
    """The tiny checkpoint in float32; every test shares it, caches and all."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from image_engine import ImageEngine

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so small a model loses more by waiting for a second core
    with ImageEngine.load(CHECKPOINT) as loaded:
        yield loaded
    torch.set_num_threads(threads)
