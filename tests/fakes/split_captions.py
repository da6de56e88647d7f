"""A line's captions, whatever time there is for them."""

from __future__ import annotations

from storyboard.media.text.captions import time_captions


def split_captions(line: str) -> list[str]:
    return [caption.text for caption in time_captions(line, 0.0, 1000.0)]
