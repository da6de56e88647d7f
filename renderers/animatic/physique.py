"""Proportions: how wide and how long a body is, by age, presentation and build.

Knows: figure units. Does not know: drawing.
"""

from __future__ import annotations

from dataclasses import dataclass

from renderers.scene import Avatar


@dataclass(frozen=True, slots=True)
class Physique:
    """Half-widths and lengths of a body, in figure units from the collar down."""

    shoulder: float
    waist: float
    hip: float
    neck: float
    torso: float
    legs: float
    upper_arm: float
    forearm: float
    arm: tuple[float, float, float]

    @classmethod
    def of(cls, avatar: Avatar) -> Physique:
        b = avatar.build
        if avatar.age == "child":
            return cls(150 * b, 130 * b, 134 * b, 50, 400, 400, 190, 180, (50 * b, 44 * b, 36 * b))
        shoulder, waist, hip, neck, arm = {
            "masculine": (212, 162, 164, 66, 60),
            "feminine": (182, 138, 172, 54, 51),
            "neutral": (194, 152, 166, 58, 55),
        }[avatar.presentation]
        tall = 0.96 if avatar.age == "elder" else 1.0
        return cls(
            shoulder * b, waist * b * b, hip * b, neck, 560 * tall, 740 * tall,
            262, 246, (arm * b, arm * 0.86 * b, arm * 0.7 * b),
        )  # fmt: skip

    @property
    def feet(self) -> float:
        return self.torso + self.legs
