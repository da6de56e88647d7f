"""A little run, made again and again on a disk that fails at each of its calls in turn.

Run with `disk_shim.c` preloaded; prints one JSON line an attempt. One process that forks makes
hundreds of attempts in seconds. `lost` is what a power cut leaves of a disk that was never told
to keep it.

Knows: the shim's log, runs of three steps. Does not know: what the test expects.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
import traceback
from pathlib import Path
from typing import Any, Literal

from storyboard.core import events
from storyboard.core.directory import Directory
from storyboard.core.errors import StoryboardError
from storyboard.core.files import disk_errors, dump_json
from storyboard.core.lock import exclusive
from storyboard.graph.folder import RunFolder
from storyboard.graph.runner import RunContext, run_graph
from storyboard.graph.steps import From, Graph, Step, StepContext
from storyboard.graph.store import Store

Lost = Literal["data", "half", "names", "both"]


def shout(context: StepContext) -> None:
    """All inputs and the parameter `text`, in capitals."""
    read = [path.read_text() for _, path in sorted(context.inputs.items())]
    context.outputs["out"].write_text("+".join([*read, context.params["text"].upper()]))


def a_step(name: str, *inputs: str) -> Step:
    return Step(
        name=name,
        kind="test/shout",
        stage="images",
        action=shout,
        version=1,
        params={"text": name},
        inputs={source: From(source, "out") for source in inputs},
        outputs={"out": f"images/{name}.txt"},
    )


GRAPH = Graph((a_step("one"), a_step("two", "one"), a_step("three", "one", "two")))
MADE = {"one": "ONE", "two": "ONE+TWO", "three": "ONE+ONE+TWO+THREE"}


def make(root: Path) -> None:
    """A run of three steps, with all that a run writes."""
    folder = RunFolder(root / "film")
    folder.open()
    with exclusive(folder.path):
        with disk_errors("saving the plan"):
            folder.files.write("plan.json", dump_json({"beats": 3}))
        log = events.EventLog(folder.events)
        run_graph(GRAPH, RunContext(folder.path, Store(folder.store), log, backends=object()))
        with disk_errors("saving run.json"):
            folder.files.sync(f"images/{name}.txt" for name in MADE)
            folder.files.write("run.json", dump_json({"status": "done"}))


def whole(root: Path) -> bool:
    """Whether all that the run makes is there."""
    images = root / "film" / "images"
    return {p.stem: p.read_text() for p in images.glob("[a-z]*.txt")} == MADE


def attempt(root: Path, at: int, error: int) -> tuple[int, str]:
    """Make the run in a process of its own: its exit code, and what went wrong."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        code, told = 0, ""
        try:
            shim = ctypes.CDLL(None)
            here = [str(root), str(root.parent / "log"), str(root.parent / "shadows")]
            shim.shim_arm(*(text.encode() for text in here), at, error)
            make(root)
        except StoryboardError as refused:
            code, told = 1, str(refused)
        except BaseException:  # noqa: BLE001 - the border of the process
            code, told = 70, traceback.format_exc()
        told = told or str(ctypes.CDLL(None).shim_count())
        os.write(writer, told.encode()[:4000])
        os._exit(code)
    os.close(writer)
    _, status = os.waitpid(child, 0)
    told = os.read(reader, 4000).decode()
    os.close(reader)
    return os.waitstatus_to_exitcode(status), told


def cut(root: Path, lost: Lost) -> None:
    """Leave what a disk keeps that loses all it was not told to keep: contents (or the second
    half of them: a torn write), names, or contents and names."""
    dirty: set[str] = set()
    names: list[tuple[str, str, str]] = []
    for line in (root.parent / "log").read_text().splitlines():
        what, path, before, aside = line.split("\t")
        match what:
            case "write":
                dirty.add(path)
            case "sync" if Path(path).is_dir():
                names = [name for name in names if str(Path(name[1]).parent) != path]
            case "sync":
                dirty.discard(path)
            case "create" | "rename":
                names.append((what, path, aside))
                if before in dirty:
                    dirty.discard(before)
                    dirty.add(path)
            case _:
                pass
    if lost != "names":
        for path in filter(os.path.isfile, dirty):
            os.truncate(path, Path(path).stat().st_size // 2 if lost == "half" else 0)
    if lost in ("names", "both"):
        for what, path, aside in reversed(names):
            Path(path).unlink(missing_ok=True)
            if what == "rename" and aside:
                shutil.copyfile(aside, path)


def fresh(place: Path) -> Path:
    shutil.rmtree(place, ignore_errors=True)
    (place / "shadows").mkdir(parents=True)
    (place / "root").mkdir()
    return place / "root"


def main(place: Path, error: int, lost: Lost, stride: int) -> None:
    """Fail at every `stride`th call in turn, then make the run again on a sound disk."""
    code, told = attempt(fresh(place), 0, 0)
    assert code == 0, told
    for at in range(1, int(told) + 1, stride):
        root = fresh(place)
        code, told = attempt(root, at, error)
        found: dict[str, Any] = {"at": at, "code": code, "told": told}
        if not error:
            cut(root, lost)
        claims = Directory(root / "film").holds("run.json")
        done = claims and "done" in (root / "film" / "run.json").read_text()
        found["kept"] = not done or whole(root)
        found["again"], found["why"] = attempt(root, 0, 0)
        found["whole"] = whole(root)
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))  # type: ignore[arg-type]
