"""Pictures with their words: random scenes drawn by the animatic, captioned from their records.

The animatic knows everything about its pictures, so a model can be taught on them: text to
image, edits (the same scene but for one thing) and scenes of people given as portraits.

Knows: which scenes to draw, how to say them. Does not know: what learns from them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import skia

from renderers.animatic.looks import look_for
from renderers.animatic.motion import still
from renderers.scene import (
    EXPRESSIONS,
    PLACES,
    AgeGroup,
    Avatar,
    Expression,
    Figure,
    Place,
    Presentation,
    Scene,
    Shot,
    ShotOrientation,
    ShotScale,
    TimeOfDay,
)

COLOURS = ("red", "blue", "green", "yellow", "orange", "purple", "white", "black")
CLOTHES = ("shirt", "coat", "sweater", "hoodie", "dress")
HAIR = ("black", "brown", "red", "blonde", "grey")
PEOPLE: dict[Presentation, dict[AgeGroup, str]] = {
    "feminine": {"child": "girl", "young": "young woman", "adult": "woman", "elder": "old woman"},
    "masculine": {"child": "boy", "young": "young man", "adult": "man", "elder": "old man"},
}
SCALES: tuple[ShotScale, ...] = ("full shot", "medium shot", "medium close-up", "close-up")
ORIENTATIONS: tuple[ShotOrientation, ...] = ("front view", "three-quarter view")
TIMES: tuple[TimeOfDay, ...] = ("morning", "day", "evening", "night")
NAMES = ("a", "b")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as drawn and as said."""

    avatar: Avatar
    words: str


@dataclass(frozen=True, slots=True)
class Pair:
    """One example: what is asked for, what it is asked from, what should come."""

    prompt: str
    picture: bytes
    """PNG."""
    references: tuple[bytes, ...] = ()


def pairs(count: int, side: int, seed: int = 0, text: float = 0.5) -> Iterator[Pair]:
    """`count` examples of `side`² pixels: `text` of them text to image, the others by turns edits
    and portraits put into scenes. The same seed gives the same examples."""
    others: tuple[Callable[[random.Random, int], Pair], ...] = (_edit, _portraits)
    for index in range(count):
        before, after = int(index * (1 - text)), int((index + 1) * (1 - text))
        maker = _text if before == after else others[before % len(others)]
        yield maker(random.Random(f"{seed} {index}"), side)


def caption(scene: Scene, people: list[Person]) -> str:
    """A scene in words, in the order that image prompts have."""
    shot = scene.shot
    who = [
        f"{_article(person.words)}, {figure.expression}"
        for figure, person in zip(scene.figures, people, strict=True)
    ]
    subject = " and ".join(who) or "nobody"
    where = "before a plain background" if scene.place == "abstract" else f"in a {scene.place}"
    return (
        f"{shot.scale.capitalize()}, {shot.angle}, {shot.orientation}. "
        f"{subject.capitalize()}, {where}, {scene.time_of_day}."
    )


def _text(rng: random.Random, side: int) -> Pair:
    people = [_person(rng) for _ in range(rng.choice((0, 1, 1, 1, 2)))]
    scene = _scene(rng, people)
    return Pair(caption(scene, people), _draw(scene, side))


def _edit(rng: random.Random, side: int) -> Pair:
    person = _person(rng)
    scene = _scene(rng, [person])
    figure = scene.figures[0]
    kind = rng.choice(("mood", "time", "place"))
    if kind == "mood":
        mood: Expression = rng.choice([e for e in EXPRESSIONS if e != figure.expression])
        changed = replace(scene, figures=(replace(figure, expression=mood),))
        words = f"Make the person look {mood}; keep everything else."
    elif kind == "time":
        time: TimeOfDay = rng.choice([t for t in TIMES if t != scene.time_of_day])
        changed = replace(scene, time_of_day=time)
        words = f"Make it {time}; keep everything else."
    else:
        place: Place = rng.choice([p for p in PLACES if p not in (scene.place, "abstract")])
        changed = replace(scene, place=place)
        words = f"Put the same person in a {place}."
    return Pair(words, _draw(changed, side), (_draw(scene, side),))


def _portraits(rng: random.Random, side: int) -> Pair:
    people = [_person(rng) for _ in range(rng.choice((1, 2)))]
    references = tuple(
        _draw(
            Scene(
                "abstract", shot=Shot("medium close-up"), figures=(_figure(0, person, "neutral"),)
            ),
            side,
        )
        for person in people
    )
    scene = _scene(rng, people)
    named = [Person(p.avatar, f"person of image {i}") for i, p in enumerate(people, 1)]
    return Pair(caption(scene, named), _draw(scene, side), references)


def _scene(rng: random.Random, people: list[Person]) -> Scene:
    scale = rng.choice(SCALES[:3] if len(people) > 1 else SCALES)
    return Scene(
        place=rng.choice(PLACES),
        time_of_day=rng.choice(TIMES),
        shot=Shot(scale, "eye-level", rng.choice(ORIENTATIONS)),
        figures=tuple(
            _figure(index, person, rng.choice(EXPRESSIONS)) for index, person in enumerate(people)
        ),
        focus=NAMES[0] if people else None,
        seed=0,
    )


def _figure(index: int, person: Person, expression: Expression) -> Figure:
    return Figure(NAMES[index], NAMES[index], person.avatar, expression)


def _person(rng: random.Random) -> Person:
    presentation: Presentation = rng.choice(("feminine", "masculine"))
    age: AgeGroup = rng.choice(("child", "young", "adult", "adult", "elder"))
    clothes = f"{rng.choice(COLOURS)} {rng.choice(CLOTHES)}"
    hair = f"{rng.choice(HAIR)} hair"
    words = f"{PEOPLE[presentation][age]} with {hair} in a {clothes}"
    return Person(look_for(f"{hair}, {clothes}", age, presentation, 0, []), words)


def _article(words: str) -> str:
    if words.startswith("person of"):
        return f"the {words}"
    return f"an {words}" if words[0] in "aeio" else f"a {words}"


def _draw(scene: Scene, side: int) -> bytes:
    image, _ = still(scene, side, side)
    data = image.encodeToData(skia.EncodedImageFormat.kPNG, 100)
    assert data is not None
    return bytes(data)
