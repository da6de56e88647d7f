"""`storyboard captions`: which looks of captions there are, in words and as a picture.

Knows: tables, one scene and one line to show a look by. Does not know: how letters are set.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from renderers.base import ImageRequest, Word
from renderers.ffmpeg import run_ffmpeg
from renderers.image.animatic import AnimaticImages
from storyboard.cli.styles import sample
from storyboard.core.console import border, out
from storyboard.media.text import fonts
from storyboard.media.text.captions import time_captions
from storyboard.media.text.karaoke import by_word
from storyboard.media.text.subtitles import ass
from storyboard.plan import Canvas
from storyboard.plan.caption_look import CAPTIONS, CaptionFile
from storyboard.plan.styles import STYLES

app = typer.Typer(help="List, show and draw the looks of captions.", invoke_without_command=True)
CANVAS = Canvas(width=540, height=960)
LINE = "My dog has ordered pizza again, and he will not share."


@app.callback()
def captions(context: typer.Context) -> None:
    """List, show and draw the looks of captions."""
    if context.invoked_subcommand is None:
        list_all()


@app.command("list")
def list_all() -> None:
    """Show the looks that come with Storyboard."""
    with border():
        table = Table("captions", "turn by", "what it is", box=None)
        for file in CAPTIONS.shipped:
            table.add_row(f"[bold]{file.name}[/]", file.turn, escape(file.summary))
        out.print(table)
        out.print("Choose one with --captions, or see them: storyboard captions draw --out FOLDER")


@app.command()
def show(name: Annotated[str, typer.Argument(help="A look's name, or a file.")]) -> None:
    """Show one look with every value that a file of one's own may set."""
    with border():
        file = CAPTIONS.load(name)
        out.print(f"[bold]{escape(file.title)}[/] ({escape(file.name)}) {escape(file.summary)}")
        out.print(f"  turn: {file.turn}")
        for field, value in file.look.model_dump().items():
            out.print(f"  look.{field}: {'' if value is None else value}")


@app.command("draw")
def draw_samples(
    names: Annotated[
        list[str] | None, typer.Argument(help="Looks to draw (default: all that are shipped).")
    ] = None,
    folder: Annotated[Path, typer.Option("--out", help="Folder that the pictures go to.")] = Path(
        "captions"
    ),
) -> None:
    """Draw the same line in each look, as FOLDER/NAME.png."""
    with border():
        for file, path in CAPTIONS.drawn(names or (), folder):
            with tempfile.TemporaryDirectory() as work:
                _draw(file, Path(work))
                shutil.move(f"{work}/shown.png", path)
            out.print(escape(str(path)))


def _draw(file: CaptionFile, work: Path) -> None:
    """`work/shown.png`: a drawn scene with the line halfway said."""
    style = STYLES.shipped[0]
    request = ImageRequest(style.words, CANVAS.width, CANVAS.height, seed=1, scene=sample(style))
    AnimaticImages().render(request, work / "scene.png")
    lines = time_captions(LINE, 0.0, 2.0)
    if file.turn == "words":
        lines = by_word(lines, [Word(LINE, 0.0, 2.0)], 0.0)
    script = ass(lines, CANVAS, None, file.look)
    (work / "captions.ass").write_text(script, encoding="utf-8")
    fonts.copy_fonts(work / "fonts", script)
    # The moment at which half of the first caption is said.
    moment = lines[0].end / 2
    chain = f"setpts=PTS+{moment:.3f}/TB,ass=captions.ass:fontsdir=fonts"
    run_ffmpeg(["-i", "scene.png", "-vf", chain, "-frames:v", "1", "shown.png"], work)
