"""What a person sees while a film is made: a live table, or plain lines in a log file.

Reads events and nothing else.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from storyboard.core import events
from storyboard.graph.display import Display
from storyboard.graph.steps import Graph
from storyboard.plan.stages import STAGES
from storyboard.review.review_history import CutJudged


@dataclass
class _StageState:
    total: int = 0
    done: int = 0
    cached: int = 0
    seconds: float = 0.0
    running: list[str] = field(default_factory=list[str])
    failed: list[str] = field(default_factory=list[str])


class ConsoleDisplay(Display):
    """An event listener. `quiet` shows warnings and failures only."""

    def __init__(self, console: Console, *, quiet: bool = False, verbose: int = 0) -> None:
        self.console = console
        self.quiet = quiet
        self.verbose = verbose
        self.live = console.is_terminal and not quiet and not verbose
        self.warned: set[events.Warned] = set()
        """What was said already: each cut of a film warns of its plan anew."""
        self.stages: dict[str, _StageState] = {}
        self._started = time.monotonic()

    def expect(self, graph: Graph) -> None:
        """Say what will be made, as far as that is known, so that progress has an end."""
        known = Counter(step.stage for step in graph.steps)
        self.stages = {
            stage: replace(self._stage(stage), total=known[stage])
            for stage in STAGES
            if stage in known
        }

    @contextmanager
    def showing(self) -> Generator[None]:
        self._started = time.monotonic()
        if not self.live:
            yield
            return
        with Live(get_renderable=self._render, console=self.console, refresh_per_second=8):
            yield

    def __call__(self, event: events.Event) -> None:
        match event:
            case events.RunStarted():
                self.stages = {}
            case events.StepStarted(step=step, stage=stage, reason=reason):
                self._stage(stage).running.append(step)
                if self.verbose:
                    self._say(f"  {step}: {reason}", "dim")
            case events.StepFinished(step=step, stage=stage, cached=cached, seconds=seconds):
                state = self._stage(stage)
                state.done += 1
                state.cached += cached
                state.seconds += 0.0 if cached else seconds
                _drop(state.running, step)
                if not self.live and not self.quiet:
                    self._say(f"{step}  {'cached' if cached else f'{seconds:.1f} s'}")
            case events.StepFailed(step=step, stage=stage, message=message):
                state = self._stage(stage)
                _drop(state.running, step)
                state.failed.append(step)
                self._say(f"{step} failed: {message}", "red")
            case CutJudged() if not self.quiet:
                self._say(f"review: {round_in_words(event)}")
            case events.StepGoesOn(step=step, seconds=seconds, limit=limit) if not self.quiet:
                self._say(f"{step}: at it for {seconds:.0f} s (ended at {limit:.0f})", "dim")
            case events.Noted(step=step, message=message) if not self.quiet:
                self._say(f"{step}: {message}", "dim")
            case events.Warned(step=step, message=message) if event not in self.warned:
                self.warned.add(event)
                self._say(f"{step}: {message}", "yellow")
            case _:
                pass

    def _stage(self, name: str) -> _StageState:
        return self.stages.setdefault(name, _StageState())

    def _say(self, text: str, style: str = "") -> None:
        self.console.print(Text(text, style=style))

    def _render(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        table.add_column(width=10)
        table.add_column(width=24)
        table.add_column(justify="right")
        table.add_column(justify="right")
        table.add_column(overflow="ellipsis", no_wrap=True)
        for name, state in self.stages.items():
            table.add_row(*self._row(name, state))
        elapsed = time.monotonic() - self._started
        return Group(table, Text(f"{elapsed:6.1f} s", style="dim"))

    def _row(self, name: str, state: _StageState) -> tuple[RenderableType, ...]:
        finished = state.done >= state.total
        style = "red" if state.failed else "green" if finished else "cyan"
        note: RenderableType = Text(f"{state.cached} cached" if state.cached else "", style="dim")
        if state.running:
            names = ", ".join(step.partition("/")[2] or step for step in state.running)
            note = Spinner("dots", Text(names, style="dim"))
        return (
            Text(name, style=style),
            ProgressBar(total=max(1, state.total), completed=state.done, width=24),
            Text(f"{state.done}/{state.total}"),
            Text(f"{state.seconds:.1f} s" if state.seconds else ""),
            note,
        )


def round_in_words(cut: CutJudged) -> str:
    """A review's round in one line."""
    if not cut.mended:
        return f"cut {cut.cut}: {cut.severe} severe, {cut.minor} minor findings"
    return f"cut {cut.cut} {'kept' if cut.kept else 'taken back'}: {cut.why}"


def _drop(running: list[str], step: str) -> None:
    if step in running:
        running.remove(step)
