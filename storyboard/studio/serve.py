"""`storyboard studio`: the films of a folder in a browser.

Knows: options, the address that is bound. Does not know: pages.
"""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from image_engine.nearby import address_of
from renderers.guard import is_loopback
from storyboard.core import console
from storyboard.core.errors import UsageError
from storyboard.core.listening import bound, serve, token_for
from storyboard.graph.folder import DEFAULT_ROOT, films_in
from storyboard.profile import load_profile

PORT = 8765
TOKEN_VARIABLE = "STORYBOARD_STUDIO_TOKEN"


def studio(
    runs: Annotated[Path, typer.Option(help="Folder in which the films lie.")] = DEFAULT_ROOT,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = PORT,
    host: Annotated[
        str, typer.Option(help="Address to listen at; others than this machine's need a token.")
    ] = "127.0.0.1",
    profile: Annotated[
        str,
        typer.Option(
            help="Which models new films are offered first: a shipped profile's name or a TOML file."
        ),
    ] = "embedded",
    engine: Annotated[
        str | None,
        typer.Option(
            help="Address of the image engine's server, for the lab (default: the profile's)."
        ),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar=TOKEN_VARIABLE,
            help="Secret that a browser must know. Outside of this machine one is made up if none "
            "is given.",
        ),
    ] = None,
) -> None:
    """See and steer the films of a folder in a browser.

    What is begun there goes on when the tab, the browser or the studio is closed.
    """
    with console.border():
        if find_spec("fastapi") is None or find_spec("uvicorn") is None:
            raise UsageError(
                "storyboard studio serves its pages with FastAPI, which is not installed: "
                'pip install "storyboard[studio]"'
            )
        token = token_for(host, token)
        load_profile(profile)
        films_in(runs)
        with bound(host, port) as listener:
            from storyboard.studio.app import create_app
            from storyboard.studio.safety import Secrets

            own = Secrets.of(token, loopback=is_loopback(host), port=listener.getsockname()[1])
            where = f"{address_of(listener, host)}/"
            link = where if token is None else f"{where}login?token={token}"
            console.out.print(Text(f"Storyboard studio: {link}"), soft_wrap=True)
            console.out.print(
                Text(f"films of {runs.absolute()}; Ctrl-C ends the studio, not its films"),
                soft_wrap=True,
            )
            app = create_app(runs, own, profile, engine or "")
            # Whoever listens to events would keep it from ending in order.
            serve(app, listener, 200, partial(setattr, app.state.streams, "over", True))
