"""The storyboard grid: all beats as the panels of one picture, cut apart again.

The model was trained to draw whole storyboards; what it puts where in them is better
thought out than beat by beat. Only compositions are taken from it, so its prompt says
nothing of faces and clothes, and an edit of them leaves it as it is.

Knows: columns and rows, the prompt of the whole, its step, cutting. Does not know: when it is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from renderers.base import JSON, ImageRequest
from renderers.image.png import decode, write_part
from storyboard.graph.contract import F, Files, Params, many
from storyboard.graph.steps import StepContext
from storyboard.plan import Beat, Canvas, Plan
from storyboard.plan.naming import character_name, english, join, noun, short_place
from storyboard.writing.prompting.wording import shot_terms

MAX_PANELS = 12
"""On one picture: more get too small to be told apart."""
LONGER_SIDE = 2048
GUTTER = 0.02
"""Of a panel's side: cut away all round, for the lines between panels."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns and rows of panels; the picture's size in pixels."""

    columns: int
    rows: int
    width: int
    height: int


def ratio(canvas: Canvas) -> float:
    """Width by height of one panel."""
    return canvas.width / canvas.height


def layout(panels: int, ratio: float) -> Layout:
    """The grid whose picture is nearest to a square, with as few empty panels as may be."""

    def strain(columns: int) -> float:
        rows = -(-panels // columns)
        shape = columns * ratio / rows
        return max(shape, 1 / shape) * (columns * rows / panels) ** 2

    columns = min(range(1, panels + 1), key=strain)
    rows = -(-panels // columns)
    width, height = columns * ratio, float(rows)
    scale = LONGER_SIDE / max(width, height)
    return Layout(columns, rows, round(width * scale), round(height * scale))


def sheets(plan: Plan) -> list[list[Beat]]:
    """The beats by sheet, in order, as even as possible and at most `MAX_PANELS` each."""
    count = -(-len(plan.beats) // MAX_PANELS)
    size = -(-len(plan.beats) // count)
    return [plan.beats[at : at + size] for at in range(0, len(plan.beats), size)]


def grid_prompt(plan: Plan, beats: Sequence[Beat]) -> str:
    """What the whole sheet shows: who stands where, and how each panel is framed."""
    shape = layout(len(beats), ratio(plan.canvas))
    head = (
        f"A storyboard sheet of {shape.columns} by {shape.rows} equal panels with thin white "
        "lines between them, loose pencil drawing, every surface plain. In reading order: "
    )
    panels = [f"panel {i}, {_panel(plan, beat)}" for i, beat in enumerate(beats, 1)]
    return head + "; ".join(panels) + "."


def with_layout(text: str, number: int) -> str:
    """A beat's prompt that also says what its panel, reference `number`, is good for."""
    return (
        f"{text} Image {number} is a rough layout of this picture: take from it only where people "
        "stand and how they are framed."
    )


def _panel(plan: Plan, beat: Beat) -> str:
    who = [
        f"{character_name(c)}, a {noun(c)}" for c in (plan.character(id) for id in beat.cast)
    ] or ["an empty view"]
    action = english(plan, beat.action).strip(" .")
    place = short_place(plan.setting(beat.setting))
    parts = [shot_terms(beat.shot), f"{join(who)} in the {place}", action]
    return ", ".join(part for part in parts if part)


def cut(picture: Path, shape: Layout, outs: Sequence[Path]) -> None:
    """Write each panel of a sheet to its file, the lines between them cut away."""
    image = decode(picture.read_bytes())
    across, down = image.width() / shape.columns, image.height() / shape.rows
    for number, out in enumerate(outs):
        row, column = divmod(number, shape.columns)
        left, top = (column + GUTTER) * across, (row + GUTTER) * down
        width, height = (1 - 2 * GUTTER) * across, (1 - 2 * GUTTER) * down
        write_part(image, (round(left), round(top), round(width), round(height)), out)


class GridParams(Params):
    prompt: str
    layout: Layout
    seed: int
    backend: Mapping[str, JSON]


class GridFiles(Files[F]):
    image: F
    panels: Mapping[int, F] = many("panel {}")
    """By beat."""


def draw_grid(context: StepContext[GridParams, Files[Path], GridFiles[Path]]) -> None:
    """Draw a storyboard sheet and cut it into the panels of its beats."""
    params, image = context.params, context.outputs.image
    layout = params.layout
    request = ImageRequest(params.prompt, layout.width, layout.height, params.seed)
    result = context.backends.image.render(request, image)
    for warning in result.warnings:
        context.warn(warning)
    cut(image, layout, list(context.outputs.panels.values()))
