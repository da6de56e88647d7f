"""Which card is meant: by its number, by its UUID, by what CUDA_VISIBLE_DEVICES leaves.

A program that CUDA shows only some cards counts those from 0; so does everything here. A
server is started with that one card visible, so that what is measured is what it uses.

Knows: names of cards, the environment. Does not know: memory, servers.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from renderers.errors import Unavailable
from storyboard.core.errors import UsageError

_VISIBLE = "CUDA_VISIBLE_DEVICES"
_MOST = 64


def visible_cards(environ: Mapping[str, str] | None = None) -> tuple[str, ...] | None:
    """Numbers or UUIDs of the cards that CUDA may use; None: all there are."""
    listed = (os.environ if environ is None else environ).get(_VISIBLE)
    if listed is None:
        return None
    return tuple(name.strip() for name in listed.split(",") if name.strip() not in ("", "-1"))


def card_name(device: int, environ: Mapping[str, str] | None = None) -> str:
    """What the driver calls a card: its number, or its UUID if CUDA_VISIBLE_DEVICES has those.

    Raises:
        Unavailable: CUDA_VISIBLE_DEVICES shows fewer cards.
    """
    visible = visible_cards(environ)
    if visible is None:
        return str(device)
    if device >= len(visible):
        raise Unavailable(
            f"card {device} is asked for, and {_VISIBLE}={','.join(visible)} leaves {len(visible)}"
            ": name more there, or another gpu.device"
        )
    return visible[device]


def environment_of(device: int, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a program is started with that is to see this card alone, as its first.

    Raises:
        Unavailable: CUDA_VISIBLE_DEVICES shows fewer cards.
    """
    # Without an order, CUDA counts the fastest card first and the driver does not.
    return {_VISIBLE: card_name(device, environ), "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}


def parse_cards(
    text: str, environ: Mapping[str, str] | None = None, uuids: Sequence[str] | None = None
) -> tuple[int, ...]:
    """Numbers of the cards that a list names: `0,3`, or UUIDs as `nvidia-smi -L` prints them.

    `uuids` are those of the machine's cards in the driver's order; None: the driver is asked.

    Raises:
        UsageError: not a list, a card twice, or one that is not there.
    """
    names = [name.strip() for name in text.split(",")] if text.strip() else []
    known = visible_cards(environ)
    there = _uuids() if uuids is None else uuids
    count = len(known) if known is not None else len(there) or None
    cards = [_number(name, text, known, there) for name in names]
    if len(set(cards)) < len(cards):
        raise UsageError(f"--gpus: '{text}' names a card twice")
    for card in cards:
        if count is not None and card >= count:
            left = f" ({_VISIBLE})" if known is not None else ""
            raise UsageError(
                f"--gpus: there is no card {card}: this machine has {_told(count)}{left}"
            )
        if card >= _MOST:
            raise UsageError(f"--gpus: '{text}': cards are numbered from 0 to {_MOST - 1}")
    return tuple(cards)


def _number(name: str, text: str, known: tuple[str, ...] | None, there: Sequence[str]) -> int:
    if name.isascii() and name.isdecimal():
        return int(name)
    if name.startswith(("GPU-", "MIG-")):
        choices = there if known is None else known
        found = [i for i, uuid in enumerate(choices) if _is(uuid, name, there)]
        if len(found) == 1:
            return found[0]
        why = "the beginning of several cards' UUIDs" if found else "not a card of this machine"
        raise UsageError(f"--gpus: '{name}' is {why}; `nvidia-smi -L` lists them")
    raise UsageError(
        f"--gpus: '{text}' is no list of cards: numbers (0,1) or UUIDs (GPU-…), with commas"
    )


def _is(visible: str, name: str, there: Sequence[str]) -> bool:
    """Whether a visible card, by number or UUID, is the one that `name` begins."""
    if visible.isdecimal():
        return int(visible) < len(there) and there[int(visible)].startswith(name)
    return visible.startswith(name)


def _told(count: int) -> str:
    return {0: "none", 1: "one, card 0"}.get(count, f"{count}, 0 to {count - 1}")


def _uuids() -> list[str]:
    """UUIDs of all cards, in the driver's order; none where nothing can be asked."""
    try:
        import pynvml
    except ImportError:
        return []
    nvml: Any = pynvml
    try:
        nvml.nvmlInit()
        handles = [nvml.nvmlDeviceGetHandleByIndex(i) for i in range(nvml.nvmlDeviceGetCount())]
        found: list[Any] = [nvml.nvmlDeviceGetUUID(handle) for handle in handles]
    except nvml.NVMLError:
        return []
    return [uuid.decode() if isinstance(uuid, bytes) else str(uuid) for uuid in found]
