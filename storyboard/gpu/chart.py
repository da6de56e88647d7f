"""The card over a run as a picture: who holds how much in each stage, and the budget.

Knows: boxes, colours, labels. Does not know: how the sums come about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import skia as _skia

from renderers import typefaces
from storyboard.core.files import atomic
from storyboard.gpu.forecast import CardForecast, Residency
from storyboard.gpu.log import LeaseTrace

# skia-python ships no types; what leaves this module is a file.
skia: Any = _skia

_WIDTH, _HEIGHT = 1600, 900
_LEFT, _RIGHT, _TOP, _BOTTOM = 90, 320, 110, 130
_LEGEND = _WIDTH - _RIGHT + 120
_INK, _FAINT, _PAPER, _ALARM = 0xFF22252B, 0xFFD9DCE1, 0xFFFFFFFF, 0xFFC62828
# Okabe and Ito's colours, told apart by colour-blind readers, then two greys.
_COLOURS = (
    *(0xFF0072B2, 0xFFE69F00, 0xFF009E73, 0xFFCC79A7, 0xFF56B4E9),
    *(0xFFD55E00, 0xFFB8A900, 0xFF7A5AA6, 0xFF777777, 0xFFAAAAAA),
)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A canvas with a scale: GiB up, columns across."""

    canvas: Any
    typeface: Any
    top_gib: float
    columns: int

    def y(self, gib: float) -> float:
        return _HEIGHT - _BOTTOM - gib / self.top_gib * (_HEIGHT - _TOP - _BOTTOM)

    def x(self, column: float) -> float:
        return _LEFT + column / max(1, self.columns) * (_WIDTH - _LEFT - _RIGHT)

    def text(
        self, words: str, x: float, y: float, size: float = 20, colour: int = _INK, at: float = 0.0
    ) -> None:
        """Words with their baseline at y; `at` 0 starts at x, 0.5 centres there, 1 ends there."""
        font = skia.Font(self.typeface, size)
        self.canvas.drawString(
            words,
            x - at * font.measureText(words),
            y,
            font,
            skia.Paint(Color=colour, AntiAlias=True),
        )

    def fitted(
        self, words: str, x: float, y: float, size: float, width: float, colour: int = _INK
    ) -> None:
        """Centred words, made smaller until they fit."""
        wide = skia.Font(self.typeface, size).measureText(words)
        self.text(words, x, y, size * min(1.0, width / max(wide, 1.0)), colour, at=0.5)

    def box(
        self, left: float, low: float, high: float, right: float, colour: int, **paint: Any
    ) -> None:
        rect = skia.Rect.MakeLTRB(left, self.y(high), right, self.y(low))
        self.canvas.drawRect(rect, skia.Paint(Color=colour, AntiAlias=True, **paint))

    def line(self, gib: float, colour: int, width: float) -> None:
        paint = skia.Paint(Color=colour, AntiAlias=True, StrokeWidth=width)
        self.canvas.drawLine(_LEFT, self.y(gib), _WIDTH - _RIGHT, self.y(gib), paint)


def draw_forecast(seen: CardForecast, out: Path) -> None:
    """One column a residency: residents stacked, working ones solid, idle ones pale; budget line."""
    residencies = [
        residency for residency in (*seen.residencies, *seen.together) if residency.residents
    ]
    services = list(
        dict.fromkeys(r.service for residency in residencies for r in residency.residents)
    )
    highest = max([seen.budget_gib, 1.0, *(residency.peak_gib for residency in residencies)])

    def paint(sheet: _Sheet) -> None:
        sheet.text(f"{seen.profile}: memory of the card by stage", _LEFT, 52, 30)
        verdict = "fits" if seen.fits else "does not fit"
        sheet.text(
            f"budget {seen.budget_gib:g} GiB, {verdict}",
            _LEFT,
            84,
            20,
            _INK if seen.fits else _ALARM,
        )
        split = len([t for t in seen.residencies if t.residents])
        for column, residency in enumerate(residencies):
            _column(sheet, residency, column, services)
        if split < len(residencies):
            x = sheet.x(split)
            dashes = skia.Paint(Color=_FAINT, StrokeWidth=2)
            sheet.canvas.drawLine(x, _TOP, x, _HEIGHT - _BOTTOM + 80, dashes)
            sheet.text("sums, not stages", x + 8, _HEIGHT - 18, 16, 0xFF666666)
        _budget(sheet, seen.budget_gib)
        _legend(sheet, services)
        sheet.text("solid: working", _LEGEND, _HEIGHT - _BOTTOM - 24, 16)
        sheet.text("pale: stays idle", _LEGEND, _HEIGHT - _BOTTOM, 16)

    _draw(out, highest * 1.08, len(residencies), paint)


def _column(sheet: _Sheet, residency: Residency, column: int, services: Sequence[str]) -> None:
    parts: list[tuple[str, float, int]] = []
    for resident in sorted(residency.residents, key=lambda r: r.doing != "working"):
        colour = _COLOURS[services.index(resident.service) % len(_COLOURS)]
        alpha = 0xFF if resident.doing == "working" else 0x59
        label = f"{resident.service} {resident.gib:g}"
        parts.append((label, resident.gib, (colour & 0x00FFFFFF) | (alpha << 24)))
    high, middle = _stack(sheet, column, parts), sheet.x(column + 0.5)
    words = f"{residency.peak_gib:g}" + ("" if residency.fits else " refused")
    sheet.text(words, middle, sheet.y(high) - 8, 22, _INK if residency.fits else _ALARM, at=0.5)
    variants = [f"{r.service}: {r.variant}" for r in residency.residents if r.variant]
    _under(sheet, column, [(residency.name, 18), *((label, 14) for label in variants)])


def _stack(sheet: _Sheet, column: int, parts: Iterable[tuple[str, float, int]]) -> float:
    """Boxes on each other (label, GiB, colour), each labelled where there is room; how high they
    are in all."""
    left, right, low = sheet.x(column + 0.14), sheet.x(column + 0.86), 0.0
    for label, gib, fill in parts:
        sheet.box(left, low, low + gib, right, fill)
        edge = {"Style": skia.Paint.kStroke_Style, "StrokeWidth": 1.5}
        sheet.box(left, low, low + gib, right, _PAPER, **edge)
        if sheet.y(low) - sheet.y(low + gib) > 22:
            y = (sheet.y(low) + sheet.y(low + gib)) / 2 + 6
            ink = _PAPER if _dark(fill) else _INK
            sheet.fitted(label, (left + right) / 2, y, 16, right - left - 8, ink)
        low += gib
    return low


def _under(
    sheet: _Sheet,
    column: int,
    lines: Iterable[tuple[str, float]],
    colour: int = _INK,
    down: int = 30,
) -> None:
    """Lines under a column, each with its size."""
    y, room = _HEIGHT - _BOTTOM + down, sheet.x(1) - sheet.x(0) - 6
    for words, size in lines:
        sheet.fitted(words, sheet.x(column + 0.5), y, size, room, colour)
        y += 22


def _dark(argb: int) -> bool:
    """Whether white words read better on it (relative luminance, opacity on white)."""
    alpha, red, green, blue = (argb >> shift & 0xFF for shift in (24, 16, 8, 0))
    light = (0.2126 * red + 0.7152 * green + 0.0722 * blue) * alpha / 255 + 255 - alpha
    return light < 125


def draw_trace(held: Sequence[LeaseTrace], budget_gib: float, out: Path) -> None:
    """One column a lease: what its services held at the highest as a stack, what was predicted
    as an outline, red where it was not enough."""
    peaks = [max(lease.predicted_gib, lease.measured_gib) for lease in held]
    highest = max([budget_gib, 1.0, *peaks])
    services = list(dict.fromkeys(name for lease in held for name in _shares(lease)))

    def paint(sheet: _Sheet) -> None:
        sheet.text("Memory of the card: predicted and measured peaks", _LEFT, 52, 30)
        for column, lease in enumerate(held):
            _lease(sheet, lease, column, services)
        if budget_gib:
            _budget(sheet, budget_gib)
        _legend(sheet, services)
        _key(sheet, len(services) + 1, "predicted", _INK, hollow=True)
        _key(sheet, len(services) + 2, "predicted too low", _ALARM, hollow=True)

    _draw(out, highest * 1.08, len(held), paint)


def _shares(lease: LeaseTrace) -> dict[str, float]:
    """GiB by service at the highest; what the driver told of no process goes to nobody."""
    shares = {name: gib for name, gib in lease.held.items() if gib > 0}
    if (rest := lease.measured_gib - sum(shares.values())) > 0.05:
        shares["not told apart"] = rest
    return shares


def _lease(sheet: _Sheet, lease: LeaseTrace, column: int, services: Sequence[str]) -> None:
    _stack(
        sheet,
        column,
        (
            (f"{name} {gib:.4g}", gib, _COLOURS[services.index(name) % len(_COLOURS)])
            for name, gib in _shares(lease).items()
        ),
    )
    left, right = sheet.x(column + 0.14), sheet.x(column + 0.86)
    over = lease.measured_gib > lease.predicted_gib + 0.5
    outline = {"Style": skia.Paint.kStroke_Style, "StrokeWidth": 3 if over else 2.5}
    sheet.box(left, 0, lease.predicted_gib, right, _ALARM if over else _INK, **outline)
    top = sheet.y(max(lease.measured_gib, lease.predicted_gib)) - 8
    told, room = f"{lease.measured_gib:.1f} of {lease.predicted_gib:g}", sheet.x(1) - sheet.x(0) - 6
    sheet.fitted(told, (left + right) / 2, top, 18, room)
    took = f"{lease.ended - lease.began:.0f} s" if lease.ended is not None else "unfinished"
    _under(sheet, column, [(lease.stage, 18), (took, 15)])
    mishaps = dict.fromkeys(lease.mishaps[-3:])
    _under(sheet, column, [(mishap, 14) for mishap in mishaps], _ALARM, down=74)


def _draw(out: Path, top_gib: float, columns: int, paint: Callable[[_Sheet], None]) -> None:
    surface = skia.Surface(_WIDTH, _HEIGHT)
    canvas = surface.getCanvas()
    canvas.clear(_PAPER)
    font = resources.files("pylopdf_fonts_jp") / "NotoSansJP-Regular.otf"
    with resources.as_file(font) as path:
        typeface = typefaces.of_file(path)
    sheet = _Sheet(canvas, typeface, top_gib, columns)
    step = next(s for s in (2, 4, 8, 16, 32, 64, 128, 256) if top_gib / s <= 10)
    for gib in range(0, int(top_gib) + 1, step):
        sheet.line(gib, _FAINT, 1)
        sheet.text(f"{gib}", _LEFT - 12, sheet.y(gib) + 6, 16, at=1.0)
    sheet.text("GiB", _LEFT - 12, _TOP - 6, 16, at=1.0)
    paint(sheet)
    out.parent.mkdir(parents=True, exist_ok=True)
    with atomic(out) as temporary:
        temporary.write_bytes(bytes(surface.makeImageSnapshot().encodeToData(skia.kPNG, 100)))


def _budget(sheet: _Sheet, gib: float) -> None:
    sheet.line(gib, _ALARM, 3)
    sheet.text(f"budget {gib:g}", _WIDTH - _RIGHT + 10, sheet.y(gib) + 7, 20, _ALARM)


def _legend(sheet: _Sheet, services: Sequence[str]) -> None:
    for row, name in enumerate(services):
        _key(sheet, row, name, _COLOURS[row % len(_COLOURS)])


def _key(sheet: _Sheet, row: int, name: str, colour: int, hollow: bool = False) -> None:
    x, y = _LEGEND, _TOP + 30 + 30 * row
    style = skia.Paint.kStroke_Style if hollow else skia.Paint.kFill_Style
    paint = skia.Paint(Color=colour, Style=style, StrokeWidth=2.5)
    sheet.canvas.drawRect(skia.Rect.MakeXYWH(x, y - 15, 18, 18), paint)
    sheet.text(name, x + 28, y, 18)
