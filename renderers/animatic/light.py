"""Light by time of day: where it comes from, how strong, what it does to a figure.

One `Light` is shared by set and figures, so that both look lit by the same window.

Knows: directions, strengths and colours. Does not know: sets, figures, paint.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from renderers.scene import Place, TimeOfDay

_OUTDOORS: frozenset[Place] = frozenset(
    {"street", "park", "station", "night city", "beach", "taxi"}
)
_DARK_ROOMS: frozenset[Place] = frozenset({"cinema", "cell"})


@dataclass(frozen=True, slots=True)
class Light:
    """The light of one scene.

    `ambient` multiplies the colours of figures (three factors); `key` is the side the main
    light comes from (-1 left, 1 right). `rim`, `key_colour` and `lamp_colour` are `#rrggbb`;
    strengths run from 0 to 1.
    """

    time_of_day: TimeOfDay
    indoors: bool
    ambient: tuple[float, float, float]
    key: float
    key_colour: str
    shaft: float
    """How visible beams through windows are."""
    slant: float
    """How low the sun stands: metres sideways per metre down."""
    lamps: float
    """How much lamps add to the picture."""
    lamp_colour: str
    rim: str
    rim_strength: float
    vignette: float

    lamplit: bool = False
    """A room at night whose lamps are on."""

    @property
    def dark(self) -> bool:
        return self.time_of_day == "night"


_LIGHTS: dict[TimeOfDay, Light] = {
    "morning": Light(
        "morning", True, (1.03, 0.99, 0.93), -1.0, "#ffe0a3", 0.5, 1.15, 0.15, "#ffd78a",
        "#ffe9bd", 0.5, 0.16,
    ),
    "day": Light(
        "day", True, (1.0, 1.0, 1.0), -1.0, "#fff8e2", 0.3, 0.6, 0.1, "#ffe3a8",
        "#fffdf2", 0.35, 0.12,
    ),
    "evening": Light(
        "evening", True, (1.0, 0.88, 0.82), 1.0, "#ff9a4d", 0.5, 1.5, 0.5, "#ffc76e",
        "#ffb070", 0.65, 0.26,
    ),
    "night": Light(
        "night", True, (0.68, 0.7, 0.88), 1.0, "#8fb0ff", 0.22, 0.5, 1.0, "#ffcf78",
        "#ffcf8a", 0.6, 0.4,
    ),
}  # fmt: skip


def light_for(time_of_day: TimeOfDay, place: Place = "abstract") -> Light:
    """The light in `place`: rooms without daylight are darker, outdoors has no beams."""
    light = _LIGHTS[time_of_day]
    indoors = place not in _OUTDOORS
    ambient = light.ambient
    if indoors and light.dark:
        # Lamps are on: a face indoors at night is warm and easy to read.
        ambient = (0.86, 0.8, 0.84)
    if place in _DARK_ROOMS:
        ambient = (ambient[0] * 0.9, ambient[1] * 0.9, ambient[2] * 0.97)
    return replace(
        light,
        indoors=indoors,
        ambient=ambient,
        shaft=light.shaft if indoors else 0.0,
        lamplit=indoors and light.dark and place not in _DARK_ROOMS,
    )
