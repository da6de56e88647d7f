"""`kill -9` at random points, again and again: of films, a batch, a setup and a studio.

    python -m benchmarks.kills [--film 60] [--batch 60] [--setup 40] [--studio 40] [--minutes 30]

Whatever is killed is started again, until it is through; then it is compared with the same that
nobody disturbed: the same bytes, no step made twice, nothing left in the folder for temporary
files. What differs is kept. Films are tiny, voices spell and ears read (the tests'), the hub of the setup is on this
machine. Needs the `dev` extra. Exit code 1 if anything differs.

Knows: what each of the four may not lose. Does not know: how it is kept.
"""

# ruff: noqa: E402 - the fakes of the tests are found first
from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import gettempdir, mkdtemp

import httpx
from rich.console import Console

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "fakes"), str(ROOT / "tests" / "setup")]

from batches import Worker, made_again, tiny_entry
from fake_hub import FakeHub
from ports import free_port
from test_setup import Bare
from tiny_films import TONES, tiny_plan, tiny_run

from storyboard.batch import duty, jobs
from storyboard.batch.database import database_url
from storyboard.batch.queue import FilmQueue
from storyboard.core.files import digest_file

IDEAS = ("A baker who counts to {}", "A cat misses train {}", "Two friends and umbrella {}")
Started = subprocess.Popen[str]
say = Console(stderr=True).print


def command(*words: str) -> Started:
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(TONES.parent)])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def ended(process: Started) -> int:
    process.communicate()
    return process.returncode


def end(process: Started) -> None:
    """Outright, with all that it has started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def weight(folder: Path) -> int:
    """How much there is below a folder: it grows with whatever is done."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += 1 + Path(place, name).stat().st_size
            except OSError:
                continue
    return total


class Killer:
    """Kills at random points, until there were so many or so long; counts."""

    def __init__(self, seed: int, most: int, minutes: float) -> None:
        self.chance, self.kills, self.faults = random.Random(seed), 0, list[str]()
        self._most, self._until = most, time.monotonic() + 60 * minutes

    @property
    def left(self) -> int:
        """Kills to come."""
        return 0 if time.monotonic() > self._until else max(0, self._most - self.kills)

    def through(self, begin: Callable[[], Started], folder: Path) -> int:
        """Start until it ends by itself; how often it was killed before."""
        kills = 0
        while self.left:
            process = begin()
            if not self._comes_to_a_point(process, folder):
                break
            end(process)
            kills, self.kills = kills + 1, self.kills + 1
        else:
            process = begin()
        told, _ = process.communicate()
        if process.returncode:
            self.faults.append(f"exit {process.returncode} after {kills} kills: {told[-800:]}")
        return kills

    def _comes_to_a_point(self, process: Started, folder: Path) -> bool:
        """One in three in its beginning; else a moment after something has been written."""
        before, until = weight(folder), time.monotonic() + 300
        if self.chance.random() > 1 / 3:
            while process.poll() is None and weight(folder) == before:
                if time.monotonic() > until:
                    break
                time.sleep(0.02)
        ends = time.monotonic() + self.chance.uniform(0.0, 2.0)
        while process.poll() is None and time.monotonic() < ends:
            time.sleep(0.005)
        return process.poll() is None

    def same(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.faults.append(f"{what}: {found} instead of {wanted}")


def same_film(killer: Killer, what: str, rough: Path, calm: Path) -> None:
    """The same bytes, and no step made again."""
    films = [film / "final.mp4" for film in (rough, calm)]
    killer.same(what, *(digest_file(film) if film.is_file() else "no film" for film in films))
    killer.same(f"{what}, made again", made_again(rough, calm), Counter())


def film(killer: Killer, place: Path) -> None:
    number = 0
    while killer.left:
        plan = tiny_plan(IDEAS[number % 3].format(number))
        calm, rough = (
            tiny_run(place / f"{how}{number}" / "film", plan) for how in ("calm", "rough")
        )
        words = ("storyboard.run", "--skip-review", "--profile", str(TONES), "--jobs", "2", "--dir")
        killer.same("a calm film", ended(command(*words, str(calm))), 0)
        killer.through(partial(command, *words, str(rough)), rough.parent)
        same_film(killer, f"film {number}", rough, calm)
        number += 1


def _worker(root: Path) -> Started:
    return Worker.start(root).process


def batch(killer: Killer, place: Path) -> None:
    number = 0
    while killer.left:
        calm, rough = place / f"calm{number}", place / f"rough{number}"
        for root in (calm, rough):
            entries = [tiny_entry(IDEAS[n % 3].format(number + n)) for n in range(4)]
            with FilmQueue(database_url(root)) as queue:
                queue.add(entries, root)
        killer.same("a calm batch", Worker.start(calm).end(1800)[0], 0)
        killer.through(partial(_worker, rough), rough)
        with FilmQueue(database_url(rough)) as queue:
            films = queue.films()
        killer.same("states", Counter(each.state for each in films), Counter(done=4))
        for each in films:
            same_film(killer, each.id, each.folder, calm / each.folder.name)
        number += 4


def setup(killer: Killer, place: Path) -> None:
    number = 0
    while killer.left:
        (folder := place / str(number)).mkdir(parents=True)
        with FakeHub() as hub:
            hub.bytes_a_second = 400_000
            bare = Bare(folder, hub)
            killer.through(partial(bare.begin, "setup", "--yes"), folder / "home")
            killer.same("doctor", bare.end("doctor")[0], 0)
            killer.same("servers left", len(bare.card.servers()), 0)
        number += 1


@contextmanager
def studio_at(runs: Path, port: int) -> Iterator[Started]:
    words = ("studio", "--runs", str(runs), "--port", str(port), "--profile", str(TONES))
    process = command("storyboard", *words)
    url, until = f"http://127.0.0.1:{port}", time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(url).status_code == 200:
                break
        except httpx.TransportError:
            time.sleep(0.1)
    try:
        yield process
    finally:
        if process.poll() is None:
            end(process)


def _press_make(url: str) -> None:
    """As whoever looks at the film's page does."""
    # The secret of a page is good with the cookie that came with it.
    with httpx.Client(base_url=url, timeout=60) as browser:
        secret = re.findall(r'"X-CSRF-Token": "(\w+)"', browser.get("/").text)[0]
        headers = {"X-CSRF-Token": secret, "HX-Request": "true", "Origin": url}
        browser.post("/films/film/run", headers=headers).raise_for_status()


def _until(holds: Callable[[], bool], seconds: float = 300) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _kill_worker(root: Path) -> bool:
    """Outright, with all that it has started; whether there was one."""
    if worker := duty.on_duty(root):
        with suppress(ProcessLookupError):
            os.killpg(worker.process.pid, signal.SIGKILL)
        _until(lambda: not worker.process.alive)
    return worker is not None


def _made_by_studios(killer: Killer, film: Path, port: int) -> None:
    """Studio after studio, of which each and its workers are killed, until the film is there."""
    root, until = film.parent, time.monotonic() + 900

    def grows_or_is_done(before: int) -> bool:
        return weight(film) != before or not jobs.working(film)

    # Killed in its checks, it has a film and a job that goes on.
    while time.monotonic() < until and (jobs.working(film) or not (film / "final.mp4").is_file()):
        with studio_at(root, port) as server:
            if not jobs.working(film):
                _press_make(f"http://127.0.0.1:{port}")
            # After a death of its worker the studio is to find another by itself.
            while killer.left and _until(lambda: duty.on_duty(root) is not None, 60):
                before = weight(film)
                _until(lambda before=before: grows_or_is_done(before))
                time.sleep(killer.chance.uniform(0.0, 2.0))
                if not jobs.working(film):
                    break
                whom = killer.chance.choice(("worker", "studio", "both"))
                killer.kills += whom != "studio" and _kill_worker(root)
                if whom != "worker":
                    end(server)
                    killer.kills += 1
                    break
            if not killer.left:
                _until(lambda: not jobs.working(film))
    _kill_worker(root)


def studio(killer: Killer, place: Path) -> None:
    """A film that a studio's worker makes; studio, worker or both are killed."""
    number, port = 0, free_port()
    while killer.left:
        plan = tiny_plan(IDEAS[number % 3].format(number))
        calm, rough = (
            tiny_run(place / f"{how}{number}" / "film", plan) for how in ("calm", "rough")
        )
        words = ("storyboard.run", "--skip-review", "--profile", str(TONES), "--dir")
        killer.same("a calm film", ended(command(*words, str(calm))), 0)
        killer.same("a plan", ended(command(*words, str(rough), "--only", "plan")), 0)
        _made_by_studios(killer, rough, port)
        same_film(killer, f"film {number}", rough, calm)
        number += 1


GROUNDS = {"film": film, "batch": batch, "setup": setup, "studio": studio}
_KILLS = {"film": 60, "batch": 60, "setup": 40, "studio": 40}


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    for name in GROUNDS:
        asked.add_argument(f"--{name}", type=int, default=_KILLS[name], metavar="KILLS")
    asked.add_argument("--seed", type=int, default=14)
    asked.add_argument("--minutes", type=float, default=30, help="for each of the four, at most")
    given = vars(asked.parse_args())
    failed, usual = False, gettempdir()
    for name, ground in GROUNDS.items():
        if not given[name]:
            continue
        folder = Path(mkdtemp(prefix="storyboard-kills-", dir=usual))
        litter = folder / "tmp"
        litter.mkdir()
        os.environ["TMPDIR"] = str(litter)
        killer = Killer(given["seed"], given[name], given["minutes"])
        began = time.monotonic()
        ground(killer, folder / "work")
        killer.same("left in TMPDIR", [p.name for p in litter.glob("storyboard-scratch-*")], [])
        seconds = time.monotonic() - began
        say(f"{name}: {killer.kills} kills in {seconds:.0f} s, {len(killer.faults)} faults")
        for fault in killer.faults:
            say(f"  {fault}", markup=False)
        if killer.faults:
            say(f"  kept: {folder}", markup=False)
        else:
            shutil.rmtree(folder)
        failed |= bool(killer.faults)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
