"""`storyboard styles`: which looks there are, in words and as a picture.

Knows: tables, one scene to show a style by. Does not know: how a look is drawn.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from renderers.animatic.looks import look_for
from renderers.base import ImageRequest
from renderers.image.animatic import AnimaticImages
from renderers.scene import Figure, Inset, Scene, Shot
from storyboard.core.console import border, out
from storyboard.plan.styles import STYLES, StyleFile

app = typer.Typer(help="List, show and draw the styles of a film.", invoke_without_command=True)
WIDTH, HEIGHT = 540, 720


@app.callback()
def styles(context: typer.Context) -> None:
    """List, show and draw the styles of a film."""
    if context.invoked_subcommand is None:
        list_all()


@app.command("list")
def list_all() -> None:
    """Show the styles that come with Storyboard."""
    with border():
        table = Table("style", "look", "what it is", box=None)
        for style in STYLES.shipped:
            table.add_row(f"[bold]{style.name}[/]", style.look, escape(style.summary))
        out.print(table)
        out.print("Choose one with --style, or see them: storyboard styles draw --out FOLDER")


@app.command()
def show(name: Annotated[str, typer.Argument(help="A style's name, or a file.")]) -> None:
    """Show one style and the words that image models are told."""
    with border():
        style = STYLES.load(name)
        out.print(f"[bold]{escape(style.title)}[/] ({escape(style.name)}) {escape(style.summary)}")
        out.print(f"  look of the animatic: {style.look}")
        out.print(f"  words for image models: {escape(style.words)}")


@app.command("draw")
def draw_samples(
    names: Annotated[
        list[str] | None, typer.Argument(help="Styles to draw (default: all that are shipped).")
    ] = None,
    folder: Annotated[Path, typer.Option("--out", help="Folder that the pictures go to.")] = Path(
        "styles"
    ),
) -> None:
    """Draw the same scene in each style, as FOLDER/NAME.png."""
    with border():
        for style, path in STYLES.drawn(names or (), folder):
            AnimaticImages().render(
                ImageRequest(style.words, WIDTH, HEIGHT, seed=1, scene=sample(style)), path
            )
            out.print(escape(str(path)))


def sample(style: StyleFile) -> Scene:
    """Two people, a creature's thought, a place: what a look has to do."""
    one = look_for("red sweater, wavy brown hair", "adult", "feminine", 3, ())
    other = look_for("waiter in a white shirt", "adult", "masculine", 8, (one,), "penguin")
    return Scene(
        place="cafe",
        time_of_day="day",
        shot=Shot("medium shot"),
        figures=(
            Figure("guest", "Guest", one, "surprised", pose="hand to chin"),
            Figure("waiter", "Waiter", other, "happy", True, "offers", "pizza"),
        ),
        focus="guest",
        inset=Inset("thought", "dog", "pizza"),
        look=style.look,
        palette=2,
        seed=4,
    )
