"""`storyboard setup`: everything that a profile needs, fetched, made and tried.

Knows: options, order, progress, exit codes. Does not know: hubs, indexes, services.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from renderers.errors import RendererError
from storyboard.core import console
from storyboard.core.errors import StoryboardError, UsageError
from storyboard.core.options import Overrides, Verbose
from storyboard.profile import Profile, load_profile
from storyboard.profile.installed import with_cache
from storyboard.profile.source import shipped_profiles
from storyboard.setup import environments, hub, ollama, smoke_test, survey_report, weights
from storyboard.setup.kokoro_voices import keep_voices
from storyboard.setup.smoke_test import Tried
from storyboard.setup.survey import Survey, sections_of, services_of, survey

FAILED = 1


def setup(
    profile: Annotated[
        str, typer.Option("--profile", help="Which profile: a shipped one's name or a TOML file.")
    ] = "",
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="Just this service (or section); repeatable."),
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="Show the shipped profiles with their sizes, and end.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be fetched and made, and end.")
    ] = False,
    cache: Annotated[
        Path | None, typer.Option(help="Folder for weights, instead of ~/models.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before fetching.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    overrides: Overrides = None,
    verbose: Verbose = 0,
) -> None:
    """Fetch, make and try everything that a profile needs; it goes on where it was cut off.

    Everything is said before anything is fetched. Exits 1 if something is still missing.
    """
    with console.border(verbose), hub.direct_to_here():
        if listed or not profile:
            if not listed:
                raise UsageError(
                    f"which profile? storyboard setup --profile NAME ({', '.join(_worth())}); "
                    "storyboard setup --list shows what each takes"
                )
            _list(as_json)
            return
        setting = _Setting(profile, tuple(overrides or ()), tuple(only or ()), cache, as_json)
        seen = survey(setting.load(), setting.only)
        if not as_json:
            _print(seen)
        if dry_run:
            if as_json:
                typer.echo(json.dumps(survey_report.as_data(seen), indent=2))
            return
        _stop_short(seen)
        if (seen.missing or seen.pulls) and not yes:
            _ask()
        failed = setting.work(seen)
        if as_json:
            typer.echo(json.dumps({**survey_report.as_data(seen), **setting.done()}, indent=2))
        if failed:
            raise typer.Exit(FAILED)


def _worth() -> Iterator[str]:
    """Names of the shipped profiles that have something to fetch or make."""
    for name in shipped_profiles():
        loaded = load_profile(name)
        if loaded.weights or loaded.environments:
            yield name


def _list(as_json: bool) -> None:
    rows = [(load_profile(name), survey(load_profile(name), ask=False)) for name in _worth()]
    if as_json:
        typer.echo(json.dumps([survey_report.as_data(seen) for _, seen in rows], indent=2))
    else:
        console.out.print(survey_report.profiles(rows))


def _print(seen: Survey) -> None:
    for part in survey_report.screen(seen):
        console.out.print(part, soft_wrap=isinstance(part, Text))


def _stop_short(seen: Survey) -> None:
    """Nothing is begun that cannot be ended: a full disk, packages of the system."""
    if seen.lacking or any(not disk.fits for disk in seen.disks):
        raise StoryboardError("Nothing was fetched: mend what is marked ✗ above first.")


def _ask() -> None:
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to say yes: add --yes to fetch what is listed above")
    typer.confirm("Fetch it?", default=True, abort=True)


class _Setting:
    """One setup: its options, and what became of each part."""

    def __init__(
        self,
        profile: str,
        overrides: tuple[str, ...],
        only: tuple[str, ...],
        cache: Path | None,
        as_json: bool,
    ) -> None:
        self.name, self.overrides, self.only = profile, overrides, only
        self.cache, self.quiet = cache, as_json
        self.faults: dict[str, str] = {}
        self.tried: list[Tried] = []

    def load(self) -> Profile:
        loaded = load_profile(self.name, self.overrides)
        return with_cache(loaded, self.cache) if self.cache else loaded

    @property
    def again(self) -> str:
        """The command that goes on with it."""
        words = ["storyboard", "setup", "--profile", self.name]
        words += [word for name in self.only for word in ("--only", name)]
        words += ["--cache", str(self.cache)] if self.cache else []
        return shlex.join(words)

    def done(self) -> dict[str, Any]:
        return {"tried": [asdict(t) for t in self.tried], "faults": self.faults}

    def work(self, seen: Survey) -> bool:
        """Make, fetch and try. Returns whether something failed."""
        for need in seen.environments:
            if need.state == "whole":
                continue
            self._say(f"{need.name}: its environment is made in {need.place}")
            try:
                environments.make_environment(need.name, need.environment)
            except (RendererError, StoryboardError) as error:
                self._fail(need.name, error)
        self._fetch(seen)
        self._pull(seen)
        self._try(seen)
        if self.faults:
            self._say(f"Not everything is there yet. To go on: {self.again}", "yellow")
        else:
            run = f'python -m storyboard.run --profile {shlex.quote(self.name)} --idea "…"'
            self._say(f"{seen.profile} is ready: {run}", "green")
        return bool(self.faults)

    def _fetch(self, seen: Survey) -> None:
        wanted = [need for need in seen.weights if not need.whole]
        with _progress(self.quiet) as shown:
            for need in wanted:
                if need.found is None:
                    self.faults[need.name] = need.fault
                    continue
                here = int(need.size - need.missing)
                bar = shown.add_task(need.name, total=need.size, completed=here)

                def hear(name: str, count: int, bar: Any = bar) -> None:
                    shown.update(bar, advance=count)

                try:
                    weights.fetch(need.name, need.weights, need.found, hear)
                except (RendererError, StoryboardError) as error:
                    self._fail(need.name, error)

    def _pull(self, seen: Survey) -> None:
        """Have Ollama fetch what it serves; a layer at a time has a size."""
        profile = self.load()
        with _progress(self.quiet) as shown:
            for name in seen.pulls:
                service = profile.services[name]
                if self.faults.keys() & {service.environment}:
                    continue
                bar = shown.add_task(service.model, total=None)

                def hear(done: int, total: int, bar: Any = bar) -> None:
                    shown.update(bar, completed=done, total=total or None)

                try:
                    ollama.pull(name, service, profile.gpu.device, hear)
                except RendererError as error:
                    self._fail(name, error)

    def _try(self, seen: Survey) -> None:
        """Every service whose parts are all there, one after the other."""
        profile = self.load()
        try:
            if count := keep_voices(profile):
                self._say(f"{count} voices of Kokoro are installed")
        except RendererError as error:
            self._fail("voices", error)
        for name in services_of(profile, self.only):
            service = profile.services[name]
            parts = {*service.weights, service.environment, name}
            if self.faults.keys() & parts or seen.card.fault:
                why = seen.card.fault or "what it needs is not all there"
                self._say(f"{name}: not tried: {why}", "yellow")
                if seen.card.fault:
                    self.faults["card"] = seen.card.fault
                continue
            self._say(f"{name}: starts, and is asked once")
            self._tell(smoke_test.try_service(profile, name))
        if any(section.weights for _, section in sections_of(profile)) and not self.faults:
            self._tell(smoke_test.try_voice(profile))

    def _tell(self, tried: Tried) -> None:
        self.tried.append(tried)
        if tried.fault:
            self.faults[tried.name] = tried.fault
            self._say(f"✗ {tried.name}: {tried.fault}", "red")
            return
        held = f", {tried.gib:.1f} GiB of the card" if tried.gib else ""
        self._say(f"✓ {tried.name}: {tried.what} in {tried.seconds:.0f} s{held}", "green")

    def _fail(self, name: str, error: Exception) -> None:
        self.faults[name] = str(error)
        self._say(f"✗ {error}", "red")

    def _say(self, text: str, style: str = "") -> None:
        where = console.err if self.quiet else console.out
        where.print(Text(text, style), soft_wrap=True)


def _progress(quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console.err if quiet else console.out,
        disable=quiet,
    )
