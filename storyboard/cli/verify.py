"""`storyboard verify FILE`: what a film or a picture says about itself, and whether it is whole.

Knows: how that is shown. Does not know: how it is read.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from storyboard.core import console
from storyboard.core.options import Verbose
from storyboard.publish.provenance import Credentials, read_credentials


def verify(
    file: Annotated[Path, typer.Argument(help="A film or a picture, of anybody's.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    verbose: Verbose = 0,
) -> None:
    """Say what a file tells of how it was made; exits 1 if it was changed or never signed."""
    with console.border(verbose):
        told = read_credentials(file)
        if as_json:
            console.out.print_json(json.dumps(asdict(told)))
        else:
            _print(told)


def _print(told: Credentials) -> None:
    vouched = "" if told.trusted else " (nobody that this machine trusts vouches for that name)"
    rows = {
        "whole": "not a byte was changed since it was signed",
        "signed by": told.signer + vouched,
        "title": told.title,
        "made with": told.generator,
        "kind": told.source,
        **{part: ", ".join(makers) for part, makers in told.made_by.items()},
        "says": told.statement,
        "made of": f"{len(told.ingredients)} files" if told.ingredients else "",
        "cloned voices, allowed": ", ".join(told.consents),
    }
    width = max(map(len, rows))
    for name, value in rows.items():
        if value:
            console.out.print(
                Text.assemble((f"{name:<{width}}", "bold"), f"  {value}"), soft_wrap=True
            )
