"""Lines by a small local model beside the offline draft's, in every format and both languages.

`python -m benchmarks.writers FILE.gguf --name NAME` serves the file by llama.cpp, has a film of
each format planned one line at a time, and writes `benchmarks/results/writers.json` and the tables
of `benchmarks/results/writers.md`. Time is told twice: on the clock, and as processor seconds of
the server, which a busy machine does not stretch.

Knows: films, tables. Does not know: how lines are asked for or chosen.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from renderers.chat.openai import OpenAIChat
from storyboard.plan import Language, Plan
from storyboard.plan.format_files import load_format
from storyboard.writing.offline import write_plan as draft_plan
from storyboard.writing.planner import Assignment, write_plan

RESULT = Path(__file__).parent / "results" / "writers.json"
FORMATS = ("comedy_5", "language_mishap", "consent_dilemma", "explainer")
IDEAS: dict[str, dict[Language, str]] = {
    "comedy_5": {
        "en": "A barista who can only speak in haiku",
        "ja": "俳句でしか話せないバリスタ",
    },
    "language_mishap": {
        "en": "A tourist in Rome orders butter and gets a donkey",
        "ja": "ローマの観光客がバターを頼んでロバをもらう",
    },
    "consent_dilemma": {
        "en": "Two friends in an empty cinema, and one of them wants a kiss",
        "ja": "誰もいない映画館の二人、一人はキスをしたい",
    },
    "explainer": {"en": "Why is the sky blue?", "ja": "空はなぜ青いの？"},
}
MINUTES = 20.0


@contextmanager
def served(gguf: Path, name: str, threads: int) -> Generator[tuple[OpenAIChat, int]]:
    """The model behind llama.cpp's own server, and that server's process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-c",
        "import sys; from renderers.workers import gguf; gguf.main(sys.argv[1:])",
    ]
    command += [
        "--model",
        str(gguf),
        "--name",
        name,
        "--port",
        str(port),
        "--threads",
        str(threads),
    ]
    command += ["--context", "4096"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as server:
        _await(f"http://127.0.0.1:{port}/health")
        chat = OpenAIChat(f"http://127.0.0.1:{port}/v1", name, dialect="llama-server")
        try:
            yield chat, server.pid
        finally:
            chat.close()
            server.terminate()


def _await(health: str) -> None:
    """Wait until a server has loaded its model."""
    for _ in range(600):
        try:
            if httpx.get(health, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(1)
    raise SystemExit(f"no model behind {health} after ten minutes")


def used(pid: int) -> float:
    """Processor seconds that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def film(format: str, language: Language, chat: OpenAIChat, pid: int) -> dict[str, Any]:
    """One film planned: its lines beside the draft's, and what it took."""
    idea = IDEAS[format][language]
    before, started = used(pid), time.monotonic()
    assignment = Assignment(idea, load_format(format), language, minutes=MINUTES, strength="lines")
    planned = write_plan(assignment, chat, lambda _: None)
    took = time.monotonic() - started
    tried = _tried(planned.planning)
    draft, plan = (
        _lines(p) for p in (draft_plan(idea, load_format(format), language, None, 42), planned.plan)
    )
    return {
        "format": format,
        "language": language,
        "idea": idea,
        "questions": len(planned.calls),
        "written": sum(call.completion_tokens for call in planned.calls),
        "read": sum(call.prompt_tokens for call in planned.calls),
        "processor_s": round(used(pid) - before, 1),
        "clock_s": round(took, 1),
        "load": round(os.getloadavg()[0], 1),
        "lines": [
            {"slot": slot, "draft": line, "film": plan[slot], "tried": tried.get(slot, [])}
            for slot, line in draft.items()
        ],
    }


def _lines(plan: Plan) -> dict[str, str]:
    hook = {"hook": plan.hook.line} if plan.hook is not None and plan.hook.line else {}
    return hook | {f"{b.index}": b.line for b in plan.beats if b.line} | {"title": plan.title}


def _tried(planning: str) -> dict[str, list[str]]:
    """What the model wrote for each slot and was not taken, with the reason, from its notes."""
    found: dict[str, list[str]] = {}
    for part in planning.split("\n## ")[1:]:
        head, _, rest = part.partition("\n")
        slot = re.sub(r"^line ", "", head.strip().lower())
        found[slot] = re.findall(r"^- not \w+: (.*)$", rest, re.MULTILINE)
    return found


def table(made: dict[str, Any]) -> str:
    """One film as Markdown: the lines that were asked for."""
    lines = [line for line in made["lines"] if line["tried"] or line["film"] != line["draft"]]
    own = sum(line["film"] != line["draft"] for line in lines)
    rows = [
        f"## {made['format']}, {made['language']}: {made['idea']}",
        "",
        f"{made['questions']} questions, {made['written']} tokens written, {made['read']} read; "
        f"{made['processor_s']:.0f} processor seconds, {made['clock_s']:.0f} s on the clock "
        f"(load {made['load']:g}). {own} of {len(lines)} lines asked for are the model's.",
        "",
        "| | offline draft | the film's, where it is the model's | not taken |",
        "|---|---|---|---|",
    ]
    for line in lines:
        own_line = line["film"] if line["film"] != line["draft"] else ""
        tried = "; ".join(line["tried"][:2]).replace("|", "/")
        rows.append(f"| {line['slot']} | {line['draft']} | {own_line} | {tried} |")
    return "\n".join(rows)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("gguf", type=Path)
    options.add_argument("--name", default="qwen2.5-coder-1.5b")
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--only", default="", help="one film: FORMAT/LANGUAGE")
    options.add_argument("--out", type=Path, default=RESULT)
    given = options.parse_args()
    films: list[dict[str, Any]] = []
    with served(given.gguf, given.name, given.threads) as (chat, pid):
        for format in FORMATS:
            for language in IDEAS[format]:
                if given.only and given.only != f"{format}/{language}":
                    continue
                films.append(film(format, language, chat, pid))
                given.out.write_text(json.dumps(films, ensure_ascii=False, indent=1) + "\n")
                sys.stdout.write(table(films[-1]) + "\n\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
