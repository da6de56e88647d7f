"""The colours of a film: one palette a story, relit by the time of day.

A palette is chosen by hand so that its walls stay quieter than any character in front of
them. The number in a plan picks it; numbers beyond the last one wrap around.

Knows: colours and how morning, evening and night change paint. Does not know: what is
painted, where lamps stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from renderers.animatic.ink import INK, mix, rgb
from renderers.scene import TimeOfDay


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as `#rrggbb`, already as they look at this time of day.

    `wall` to `paper` are paint; `sky_top` to `sky_bottom` and `haze` are air; `light` is the
    colour of lamps, and is not dimmed by night.
    """

    number: int
    name: str
    time_of_day: TimeOfDay
    lamplit: bool
    wall: str
    wall_shadow: str
    floor: str
    wood: str
    fabric: str
    accent: str
    accent2: str
    leaf: str
    metal: str
    paper: str
    stone: str
    dark: str
    """The darkest large mass: screens, trousers of furniture, night windows."""
    ink: str
    sky_top: str
    sky_bottom: str
    haze: str
    light: str


@dataclass(frozen=True, slots=True)
class _Paint:
    """What an illustrator picks; everything else in a palette follows."""

    name: str
    wall: str
    floor: str
    wood: str
    fabric: str
    accent: str
    accent2: str
    leaf: str
    sky: str


_PAINTS: tuple[_Paint, ...] = (
    _Paint(
        "latte",
        "#ecd9bb",
        "#c0926a",
        "#8a5a3b",
        "#4f7f76",
        "#e0563a",
        "#f0b445",
        "#5f9160",
        "#a4d3ea",
    ),
    _Paint(
        "harbour",
        "#c8dbe2",
        "#93a7b1",
        "#6d5a50",
        "#2f5f80",
        "#ee6a4d",
        "#ffd06a",
        "#4e8f78",
        "#93c9ee",
    ),
    _Paint(
        "rose",
        "#f2d5cf",
        "#c69e90",
        "#86544a",
        "#7a5d8e",
        "#d4466c",
        "#f3c468",
        "#709a6c",
        "#b4d6f2",
    ),
    _Paint(
        "mint",
        "#cde6d8",
        "#aab99b",
        "#7d6a4f",
        "#3b6f90",
        "#ef7a46",
        "#f5d052",
        "#3f906c",
        "#a2dde6",
    ),
    _Paint(
        "mustard",
        "#efdb9f",
        "#b5834f",
        "#74482f",
        "#2e625f",
        "#c84730",
        "#2f8192",
        "#7d8f3f",
        "#b7dcd8",
    ),
    _Paint(
        "lilac",
        "#dcd3ee",
        "#a99bb9",
        "#6f5878",
        "#4d6cb2",
        "#e7608b",
        "#ffcf70",
        "#5f9b87",
        "#b3c4f2",
    ),
    _Paint(
        "brick",
        "#dfb49a",
        "#a08069",
        "#5c3d33",
        "#2f5a6e",
        "#ecae3c",
        "#5aa39a",
        "#66894f",
        "#b9d8e6",
    ),
    _Paint(
        "slate",
        "#bcc7d1",
        "#8a94a0",
        "#5b5560",
        "#445f8b",
        "#ff7858",
        "#86cfc3",
        "#5b8f78",
        "#a6c8e4",
    ),
    _Paint(
        "olive",
        "#dedfb8",
        "#a59a6d",
        "#6b5637",
        "#667c3f",
        "#d86339",
        "#3f8190",
        "#55803f",
        "#b4dbe0",
    ),
    _Paint(
        "peach",
        "#fbd9b9",
        "#d29f79",
        "#94603f",
        "#3c8089",
        "#df526b",
        "#68b2a5",
        "#6f9d5c",
        "#a9d8ee",
    ),
    _Paint(
        "cyan",
        "#bedbe2",
        "#8099aa",
        "#54586b",
        "#284c7e",
        "#f2475c",
        "#38bfc8",
        "#3f8f86",
        "#8fd0ea",
    ),
    _Paint(
        "autumn",
        "#ebd2ab",
        "#aa734a",
        "#6d3f2b",
        "#8a3f40",
        "#df7a22",
        "#3f7363",
        "#94893a",
        "#bcd5dc",
    ),
    _Paint(
        "sakura",
        "#f7e0e4",
        "#cdb4a8",
        "#8c6a5d",
        "#6a8cae",
        "#e5839f",
        "#f3c75e",
        "#86ad72",
        "#bfe0f2",
    ),
    _Paint(
        "noir",
        "#cbc6be",
        "#918a82",
        "#57504a",
        "#3f4856",
        "#d2372c",
        "#e6b73c",
        "#6b7d5f",
        "#b6c3cc",
    ),
)
COUNT = len(_PAINTS)


@dataclass(frozen=True, slots=True)
class _Hour:
    """How an hour treats paint: multiplied by `tint`, then `wash` mixed in by `share`."""

    tint: tuple[float, float, float]
    wash: str
    share: float
    sky_top: str
    sky_bottom: str
    sky_share: float
    """How much of the palette's own sky is kept."""
    haze: str


_HOURS: dict[TimeOfDay, _Hour] = {
    "morning": _Hour((1.02, 0.965, 0.88), "#ffd9a0", 0.06, "#86bfe6", "#ffe2b4", 0.35, "#ffeccb"),
    "day": _Hour((1.0, 1.0, 1.0), "#ffffff", 0.0, "#6fb4ea", "#e9f5fa", 0.6, "#f2f8fa"),
    "evening": _Hour((1.0, 0.82, 0.72), "#b0528a", 0.09, "#57498f", "#ff9d5c", 0.1, "#ffb98a"),
    "night": _Hour((0.5, 0.53, 0.72), "#1b2050", 0.1, "#0b1030", "#2e3a74", 0.04, "#3d4a86"),
}
# A room at night with its lamps on: warm and readable, dark only towards the corners.
_LAMPLIT = _Hour((0.93, 0.79, 0.69), "#3a2350", 0.13, "#0b1030", "#2e3a74", 0.04, "#3d4a86")
_LAMP = "#ffd78a"


def _hour(time_of_day: TimeOfDay, lamplit: bool) -> _Hour:
    return _LAMPLIT if lamplit and time_of_day == "night" else _HOURS[time_of_day]


def graded(colour: str, time_of_day: TimeOfDay, lamplit: bool = False) -> str:
    """Any other paint as this hour shows it (a prop's red, a book's spine)."""
    hour = _hour(time_of_day, lamplit)
    parts = zip(rgb(colour), hour.tint, strict=True)
    tinted = "#" + "".join(f"{round(255 * min(1.0, part * by)):02x}" for part, by in parts)
    return mix(tinted, hour.wash, hour.share)


@cache
def palette(number: int, time_of_day: TimeOfDay, lamplit: bool = False) -> Palette:
    """Palette `number` (any integer, wraps around) as it looks at `time_of_day`.

    `lamplit`: in a room whose lamps are on at night.
    """
    paint = _PAINTS[number % COUNT]
    hour = _hour(time_of_day, lamplit)

    def lit(colour: str) -> str:
        return graded(colour, time_of_day, lamplit)

    return Palette(
        number=number,
        name=paint.name,
        time_of_day=time_of_day,
        lamplit=lamplit,
        wall=lit(paint.wall),
        wall_shadow=lit(mix(paint.wall, "#4a3f66", 0.24)),
        floor=lit(paint.floor),
        wood=lit(paint.wood),
        fabric=lit(paint.fabric),
        accent=lit(paint.accent),
        accent2=lit(paint.accent2),
        leaf=lit(paint.leaf),
        metal=lit(mix("#a3abb4", paint.wall, 0.25)),
        paper=lit(mix("#fdfaf2", paint.wall, 0.12)),
        stone=lit(mix("#b9b4ac", paint.wall, 0.35)),
        dark=lit(mix("#3a3644", paint.fabric, 0.22)),
        ink=mix(INK, paint.wood, 0.12),
        sky_top=mix(hour.sky_top, paint.sky, hour.sky_share),
        sky_bottom=mix(hour.sky_bottom, paint.sky, hour.sky_share * 0.35),
        haze=hour.haze,
        light=mix(_LAMP, paint.accent2, 0.15),
    )
