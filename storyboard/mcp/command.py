"""`storyboard mcp`: the films of a folder as tools for an agent.

Knows: options. Does not know: tools, transports.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.text import Text

from image_engine.nearby import address_of
from storyboard.core import console
from storyboard.core.errors import UsageError
from storyboard.core.listening import bound, serve, token_for
from storyboard.core.options import Allow, Overrides, ProfileName
from storyboard.graph.folder import DEFAULT_ROOT, films_in
from storyboard.mcp.install import Client, command, setup_for_client

app = typer.Typer(
    help="Serve the films of a folder as tools of the Model Context Protocol.",
    invoke_without_command=True,
    add_completion=False,
)
TOKEN_VARIABLE = "STORYBOARD_MCP_TOKEN"
_WITHOUT_SDK = (
    "storyboard mcp speaks the protocol with its official SDK, which is not installed: "
    "pip install 'storyboard[mcp]'"
)
Runs = Annotated[Path, typer.Option(help="Folder in which the films lie.")]


@app.callback()
def mcp(
    context: typer.Context,
    runs: Runs = DEFAULT_ROOT,
    profile: ProfileName = "embedded",
    overrides: Overrides = None,
    allow: Allow = None,
    max_minutes: Annotated[
        float | None, typer.Option(min=0.01, help="Most that one call may work.")
    ] = None,
    max_dollars: Annotated[
        float | None,
        typer.Option(min=0.0, help="Most that one film may cost in language models, US dollars."),
    ] = None,
    keep_minutes: Annotated[
        float, typer.Option(min=0.0, help="Let the card go when nothing was made for so long.")
    ] = 15.0,
    http: Annotated[
        bool, typer.Option("--http", help="Serve HTTP (streamable) in place of stdin and stdout.")
    ] = False,
    host: Annotated[
        str, typer.Option(help="With --http: others than this machine's need a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 8766,
    token: Annotated[
        str | None,
        typer.Option(envvar=TOKEN_VARIABLE, help="Bearer token that a client must send."),
    ] = None,
) -> None:
    """Serve the films of a folder as tools for an agent, over stdin and stdout or HTTP.

    An agent cannot go past the caps given here, names films and formats by name, and reads and
    writes nothing outside the folder of films but what --allow names.
    """
    if context.invoked_subcommand is not None:
        with console.border():
            _refuse_before(context, context.invoked_subcommand)
        return
    with console.border():
        _refuse_without_sdk()
        token = token_for(host if http else "localhost", token)
        # A client starts it with the whole path of a folder that nobody made yet, perhaps.
        films_in(runs, make=True)
        from storyboard.graph.session import Session
        from storyboard.mcp.house import Caps, House
        from storyboard.mcp.server import create_server
        from storyboard.mcp.work import RunningJobs
        from storyboard.profile import load_profile

        means = tuple(overrides or ())
        # What is wrong with it is said now, to who can mend it.
        load_profile(profile, means)
        caps = Caps(max_minutes, max_dollars)
        with Session() as session, RunningJobs(session.release, 60 * keep_minutes) as work:
            house = House(runs.absolute(), session, work, profile, means, tuple(allow or ()), caps)
            server = create_server(house)
            if not http:
                server.run("stdio")
                return
            from storyboard.mcp.http import PATH, guarded

            with bound(host, port) as listener:
                where = f"{address_of(listener, host)}{PATH}"
                console.err.print(Text(f"Storyboard's tools: {where}"), soft_wrap=True)
                if token is not None:
                    line = f"clients send: Authorization: Bearer {token}"
                    console.err.print(Text(line), soft_wrap=True)
                serve(guarded(server, host, token), listener, 100)


@app.command()
def skill() -> None:
    """Print SKILL.md, which tells an agent how to work with the tools."""
    with console.border():
        _refuse_without_sdk()
        from storyboard.mcp.server import skill as text

        console.out.print(Text(text()), soft_wrap=True)


@app.command()
def install(
    client: Annotated[
        Client | None, typer.Argument(help="One client; without it, all of them.")
    ] = None,
    runs: Runs = DEFAULT_ROOT,
    profile: ProfileName = "embedded",
) -> None:
    """Print how the usual clients are told of the server."""
    with console.border():
        if find_spec("mcp") is None:
            console.err.print(Text(_WITHOUT_SDK), soft_wrap=True)
        words = command(runs, profile)
        for each in get_args(Client) if client is None else (client,):
            if client is None:
                console.out.print(f"\n{each}:")
            console.out.print(Text(setup_for_client(each, words)), soft_wrap=True)


def _refuse_without_sdk() -> None:
    if find_spec("mcp") is None:
        raise UsageError(_WITHOUT_SDK)


def _refuse_before(context: typer.Context, name: str) -> None:
    """Options before a subcommand's name are not the subcommand's: said, not ignored."""
    for option in context.command.params:
        source = context.get_parameter_source(option.name or "")
        if source is not None and source.name == "COMMANDLINE":
            raise UsageError(
                f"{option.opts[0]} before {name} is for the server: "
                f"give it after, storyboard mcp {name} {option.opts[0]} …"
            )
