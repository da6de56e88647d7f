"""The worker process of one card: terms come in on standard input, the result goes out.

Knows: processes. Does not know: how films are made.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from storyboard.batch.budget import Budget
from storyboard.batch.film_stage import console_teller
from storyboard.batch.queue import FilmQueue
from storyboard.batch.shutdown import for_good, told_to_stop
from storyboard.batch.worker import WorkerTerms, work_off
from storyboard.core import console


def main() -> None:
    given: dict[str, Any] = json.load(sys.stdin)
    quiet, budget = given.pop("quiet"), given.pop("budget")
    if budget["until"] is not None:
        budget["until"] = datetime.fromisoformat(budget["until"])
    given["root"], given["budget"] = Path(given["root"]), Budget(**budget)
    terms = WorkerTerms(**given)
    with console.border(), told_to_stop() as stop:
        # Ctrl-C is the parent's; without one, nobody is left to work for.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_outlive_nobody, args=(os.getppid(), stop), daemon=True).start()
        tell = console_teller(console.err, quiet=quiet)
        with FilmQueue(terms.url) as queue:
            result = work_off(terms, queue, tell, stop)
        sys.stdout.write(json.dumps(asdict(result)))


def _outlive_nobody(parent: int, stop: threading.Event) -> None:
    while not stop.wait(1.0):
        if os.getppid() != parent:
            stop.set()


if __name__ == "__main__":
    with for_good():
        try:
            main()
        except typer.Exit as end:
            sys.exit(end.exit_code)
