"""The door to `storyboard batch`: the default install says what is missing, and loads nothing.

Knows: how the extra is installed. Does not know: batches.
"""

from __future__ import annotations

from importlib.util import find_spec

import typer

from storyboard.core import console
from storyboard.core.errors import UsageError


def batch(context: typer.Context) -> None:
    """Queue ideas and have them made overnight (`storyboard batch --help`)."""
    with console.border():
        if find_spec("dbos") is None:
            raise UsageError(
                "storyboard batch keeps its queue in DBOS, which is not installed: "
                'pip install "storyboard[batch]"'
            )
        from storyboard.batch.shutdown import for_good
        from storyboard.cli.batch import app

        with for_good():
            app(context.args, prog_name="storyboard batch")
