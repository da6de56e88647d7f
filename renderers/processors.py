"""How many processors this process may use, and how many of them a model takes.

Knows: processors. Does not know: models, who else works.
"""

from __future__ import annotations

import os
import sys


def cores() -> int:
    """Processors that this process may use; containers often have fewer than the machine."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads_of_a_model() -> int:
    """Two say a line sooner than one; where workers have both processors already, they only wait
    for each other, which takes a tenth more time of both."""
    return 2 if cores() > 2 else 1
