"""What outliving a power cut costs: the writes of a film with and without `fsync`, side by side.

    python -m benchmarks.durability [FOLDER]

A film's worth of steps (60 steps, two files of 300 kB each) goes through the store and into a run
folder, as a run does it, in turns with the same where `fsync` does nothing.

Knows: the store, the run folder's writes. Does not know: what a film is made of.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from rich.console import Console

from storyboard.core.directory import Directory
from storyboard.graph.steps import key_of
from storyboard.graph.store import Store

STEPS, FILES, BYTES, TURNS = 60, 2, 300_000, 5
_REAL: Callable[[int], None] = os.fsync


def film(root: Path) -> int:
    """Write what a film's steps make; how often `fsync` was called."""
    calls = 0

    def counted(handle: int) -> None:
        nonlocal calls
        calls += 1
        sync(handle)

    sync, os.fsync = os.fsync, counted
    try:
        store, run = Store(root / ".store"), Directory(root / "film")
        for number in range(STEPS):
            made = {f"f{i}": store.staging() / f"{number}_{i}.bin" for i in range(FILES)}
            for path in made.values():
                path.write_bytes(os.urandom(BYTES))
            document = {"kind": "benchmark", "version": 1, "params": {"number": number}}
            outputs = store.put(key_of(document), made, 0.1, document).outputs
            for label, output in outputs.items():
                store.materialise(output, run, f"clips/{number}_{label}.bin")
        run.sync(f"clips/{number}_f{i}.bin" for number in range(STEPS) for i in range(FILES))
        run.write("run.json", "{}")
    finally:
        os.fsync = sync
    return calls


def main() -> None:
    where = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    taken: dict[bool, list[float]] = {True: [], False: []}
    calls = 0
    for _ in range(TURNS):
        for synced in (True, False):
            with TemporaryDirectory(dir=where, prefix="storyboard-durability-") as folder:
                os.fsync = _REAL if synced else lambda _: None
                began = time.perf_counter()
                calls = film(Path(folder))
                taken[synced].append(time.perf_counter() - began)
    os.fsync = _REAL
    on, off = median(taken[True]), median(taken[False])
    Console().print(
        f"{STEPS} steps, {calls} calls of fsync: {on:.2f} s with, {off:.2f} s without "
        f"({1000 * (on - off) / STEPS:.1f} ms a step; medians of {TURNS})"
    )


if __name__ == "__main__":
    main()
