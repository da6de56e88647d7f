"""The Open Peeps artwork (Pablo Stanley, CC0) as skia paths.

The `dicebear-styles` package ships it as JSON: filled paths only, with named fills (`ink`,
`skin`, `clothing`, `headContrast`). Reading those directly gives vectors at any scale and,
above all, *separate* features: brows, eyes, nose and mouth can move by themselves.

Positions are in figure units: the artwork's own units, with the origin where the neck meets
the collar, x to the right (where every head looks), y down. A skull is about 435 high.

Knows: the JSON, SVG path data, which contour is which feature. Does not know: characters,
colours, motion.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import skia

from renderers.animatic.paths import bounds_of
from renderers.errors import Unavailable

Feature = Literal["brow", "eye", "wide eye", "white", "nose", "mouth", "tear"]
Component = Literal["head", "expression", "facialHair", "accessories"]

_ORIGIN = (372.0, 600.0)
# Where the style's canvas puts each component (its `transform` attributes).
_PLACE: dict[Component, tuple[float, float]] = {
    "head": (6.3, -58.0),
    "expression": (351.0, 275.0),
    "facialHair": (58.0, 333.0),
    "accessories": (190.0, 243.0),
}
_ARGUMENTS = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2, "a": 7, "z": 0}
_NUMBER = re.compile(r"[-+]?(?:\d*\.\d+|\d+\.?)(?:[eE][-+]?\d+)?")
_SEPARATOR = re.compile(r"[\s,]*")
# Smaller contours are left over from the artist's editor; one lies far outside its head.
_SPECK = 9.0
# In expression coordinates: above this line are eyes and brows, below it the mouth.
_MOUTH_TOP = 163.0
_BROW_BOTTOM = 68.0
_EYE_BOTTOM = 122.0


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled area. `fill` is a named fill or `#rrggbb`."""

    path: skia.Path
    fill: str


@dataclass(frozen=True, slots=True)
class FacePart:
    """One feature of a face: what it is, its shape, and its middle."""

    feature: Feature
    shape: Shape
    cx: float
    cy: float


@cache
def _style() -> dict[str, Any]:
    try:
        text = (files("dicebear_styles") / "open-peeps.json").read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        raise Unavailable(
            "the Open Peeps artwork is missing: pip install dicebear-styles==10.6.0"
        ) from None
    return json.loads(text)


def names(component: Component) -> tuple[str, ...]:
    """All variants of a component, such as the heads."""
    return tuple(_style()["components"][component]["variants"])


@cache
def shapes(component: Component, name: str) -> tuple[Shape, ...]:
    """The filled areas of one variant, back to front."""
    found: list[Shape] = []
    for data, fill in _paths(component, name):
        path = skia.Path()
        for contour in _contours(data, *_offset(component)):
            bounds = contour.getBounds()
            if max(bounds.width(), bounds.height()) > _SPECK:
                path.addPath(contour)
        path.setFillType(skia.PathFillType.kEvenOdd)
        found.append(Shape(path, fill))
    return tuple(found)


@cache
def head_bounds(name: str) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a head with its hair, in figure units."""
    return bounds_of([shape.path for shape in shapes("head", name)])


@cache
def face(name: str) -> tuple[FacePart, ...]:
    """The features of one expression, back to front."""
    parts: list[FacePart] = []
    dx, dy = _offset("expression")
    for data, fill in _paths("expression", name):
        for group in _nested(list(_contours(data, dx, dy))):
            path = skia.Path()
            for contour in group:
                path.addPath(contour)
            path.setFillType(skia.PathFillType.kEvenOdd)
            bounds = path.computeTightBounds()
            if max(bounds.width(), bounds.height()) < _SPECK:
                continue
            feature = _feature(fill, len(group), bounds.makeOffset(-dx, -dy))
            part = FacePart(feature, Shape(path, fill), bounds.centerX(), bounds.centerY())
            parts.append(part)
    return tuple(parts)


def _offset(component: Component) -> tuple[float, float]:
    x, y = _PLACE[component]
    return x - _ORIGIN[0], y - _ORIGIN[1]


def _feature(fill: str, contours: int, bounds: skia.Rect) -> Feature:
    """What a contour group of an expression is, by where it lies."""
    middle = bounds.centerY()
    if middle > _MOUTH_TOP:
        return "mouth"
    if fill == "white":
        return "white" if middle < _EYE_BOTTOM else "tear"
    if contours > 1 and middle < _EYE_BOTTOM:
        return "wide eye"
    if not 100 < bounds.centerX() < 165 and bounds.top() > 100:
        return "tear"
    if middle < _BROW_BOTTOM:
        return "brow"
    return "eye" if middle < _EYE_BOTTOM and bounds.top() < 100 else "nose"


def _nested(contours: list[skia.Path]) -> list[list[skia.Path]]:
    """Group contours with the holes inside them, in drawing order."""
    bounds = [contour.computeTightBounds() for contour in contours]
    groups: list[list[int]] = []
    for i in sorted(range(len(contours)), key=lambda i: -bounds[i].width() * bounds[i].height()):
        home = next((g for g in groups if bounds[g[0]].contains(bounds[i])), None)
        if home is None:
            groups.append([i])
        else:
            home.append(i)
    return [[contours[i] for i in group] for group in groups]


def _paths(component: Component, name: str) -> Iterator[tuple[str, str]]:
    """(path data, fill) of every path of a variant; groups pass their fill on."""

    def walk(elements: list[Any], inherited: str) -> Iterator[tuple[str, str]]:
        for element in elements:
            attributes = element.get("attributes", {})
            given: Any = attributes.get("fill", inherited)
            fill: str = given if isinstance(given, str) else given["name"]
            if "d" in attributes:
                yield attributes["d"], fill
            yield from walk(element.get("children", []), fill)

    yield from walk(_style()["components"][component]["variants"][name]["elements"], "ink")


def _commands(data: str) -> Iterator[tuple[str, list[float]]]:
    """SVG path commands with their numbers; repeated commands are spelled out."""
    at, command = 0, ""
    while (at := _SEPARATOR.match(data, at).end()) < len(data):  # type: ignore[union-attr]
        if data[at].isalpha():
            command, at = data[at], at + 1
        numbers: list[float] = []
        for position in range(_ARGUMENTS[command.lower()]):
            at = _SEPARATOR.match(data, at).end()  # type: ignore[union-attr]
            # Arc flags may be written without anything between them: "0 01".
            if command in "aA" and position in (3, 4):
                text = data[at]
            else:
                match = _NUMBER.match(data, at)
                if match is None:
                    raise ValueError(f"not a number in path data: {data[at : at + 12]!r}")
                text = match.group()
            numbers.append(float(text))
            at += len(text)
        yield command, numbers
        command = {"m": "l", "M": "L"}.get(command, command)


def _absolute(kind: str, numbers: list[float], x: float, y: float) -> list[float]:
    """The numbers of a relative command, counted from the picture's origin."""
    if kind == "a":
        return [*numbers[:5], numbers[5] + x, numbers[6] + y]
    if kind == "v":
        return [numbers[0] + y]
    return [n + (y if i % 2 else x) for i, n in enumerate(numbers)]


def _contours(data: str, dx: float, dy: float) -> list[skia.Path]:
    """The closed contours of SVG path data, moved by (dx, dy)."""
    found: list[skia.Path] = []
    path = skia.Path()
    x = y = start_x = start_y = 0.0
    handle = (0.0, 0.0)  # the control point that a smooth command mirrors
    last = ""
    for command, n in _commands(data):
        kind = command.lower()
        if command.islower():
            n = _absolute(kind, n, x, y)
        if kind in "st":
            mirrors = last in ("cs" if kind == "s" else "qt")
            n = [2 * x - handle[0], 2 * y - handle[1], *n] if mirrors else [x, y, *n]
        last = kind
        if kind == "m":
            path = skia.Path()
            found.append(path)
            start_x, start_y = n
            path.moveTo(*n)
        elif kind == "z":
            path.close()
            x, y = start_x, start_y
            continue
        elif kind in "lhv":
            n = [n[0], y] if kind == "h" else [x, n[0]] if kind == "v" else n
            path.lineTo(*n)
        elif kind in "cs":
            path.cubicTo(*n)
        elif kind in "qt":
            path.quadTo(*n)
        else:
            large = skia.Path.ArcSize.kLarge_ArcSize if n[3] else skia.Path.ArcSize.kSmall_ArcSize
            way = skia.PathDirection.kCW if n[4] else skia.PathDirection.kCCW
            path.arcTo(n[0], n[1], n[2], large, way, n[5], n[6])
        handle = (n[-4], n[-3]) if kind in "csqt" else (n[-2], n[-1])
        x, y = n[-2], n[-1]
    for contour in found:
        contour.offset(dx, dy)
    return found
