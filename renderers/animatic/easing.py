"""Curves of time that movements follow: waves, eases, springs.

Knows: numbers. Does not know: what moves.
"""

from __future__ import annotations

import math


def wave(t: float, period: float, phase: float) -> float:
    return math.sin(2 * math.pi * t / period + phase)


def smooth(share: float) -> float:
    share = max(0.0, min(1.0, share))
    return share * share * (3 - 2 * share)


def spring(share: float) -> float:
    """From 0 to 1 with a little overshoot, and never back."""
    if share <= 0:
        return 0.0
    if share >= 2.2:
        return 1.0
    return 1 - math.exp(-4.2 * share) * math.cos(3.6 * share)


def pulse(since: float, seconds: float) -> float:
    """Up to 1, a pause there, and back."""
    hold = max(0.5, 0.4 * seconds)
    return smooth(since / 0.45) * (1 - smooth((since - 0.45 - hold) / 0.5))
