"""`storyboard doctor`: what of a profile is there, and how to mend what is not.

Every finding is one line: what, its state, and for a fault the command that mends it. The card
comes first, then each service that a film would use; what is in order beside them is one line
unless all is asked for.

Knows: how findings are told. Does not know: what is looked at.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from storyboard.cli.examination import Diagnosis, examine
from storyboard.core import console
from storyboard.core.options import Overrides, ProfileName, Verbose
from storyboard.profile import load_profile


def doctor(
    profile: ProfileName = "embedded",
    overrides: Overrides = None,
    whole: Annotated[
        bool, typer.Option("--all", help="Show all that was looked at, and services not in use.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    verbose: Verbose = 0,
) -> None:
    """Say what of a profile is there and how to mend what is missing. Exits 1 if anything is."""
    with console.border(verbose):
        findings = examine(load_profile(profile, tuple(overrides or ())), profile, whole)
        if as_json:
            console.out.print_json(json.dumps([asdict(f) for f in findings]))
        else:
            _print(findings, profile, whole)
        if any(f.state == "missing" for f in findings):
            raise typer.Exit(1)


def _print(findings: list[Diagnosis], profile: str, whole: bool) -> None:
    marks = {"ok": ("✓", "green"), "note": ("•", "cyan"), "missing": ("✗", "red")}
    quiet = [f for f in findings if f.state == "ok" and not _first(f)]
    shown = findings if whole else [f for f in findings if f not in quiet]
    width = max((len(f.area) for f in shown), default=0)
    for finding in shown:
        mark, style = marks[finding.state]
        line = Text.assemble((mark, style), f" {finding.area:<{width}}  ", finding.what)
        if finding.fix:
            line.append(f" → {finding.fix}", style="yellow")
        console.out.print(line, soft_wrap=True)
    if quiet and not whole:
        console.out.print(
            Text.assemble(("✓", "green"), f" {len(quiet)} more in order (--all shows them)")
        )
    mending = _mending(findings, profile)
    if mending:
        console.out.print(Text(f"To mend the most: {mending}", "bold"), soft_wrap=True)
    elif not any(f.state == "missing" for f in findings):
        run = f'python -m storyboard.run --profile {shlex.quote(profile)} --idea "…"'
        console.out.print(Text(f"Nothing is missing: {run}", "bold"), soft_wrap=True)


def _first(finding: Diagnosis) -> bool:
    """Whether it is told though nothing is wrong: the card, and the services."""
    return finding.area == "card" or finding.area.startswith("services.")


def _mending(findings: list[Diagnosis], profile: str) -> str:
    """The one command that mends most; "" where nothing is missing."""
    fixes = [f.fix for f in findings if f.state == "missing" and f.fix]
    if any(fix.startswith("storyboard setup") for fix in fixes):
        return f"storyboard setup --profile {shlex.quote(profile)}"
    return fixes[0] if fixes else ""
