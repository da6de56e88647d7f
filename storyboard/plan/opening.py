"""How a film begins: with an event, and not always with a face.

Knows: what a hook is about, the events there are. Does not know: drawing, other beats.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from renderers.animatic.inset_view import drawn_to_the_chest, known_place
from renderers.animatic.nouns import find_nouns, shows_itself
from renderers.scene import Event, Manner, Scene, Shot
from storyboard.plan import Hook, Plan
from storyboard.plan.named import things_of

THINGS: tuple[Event, ...] = ("falls", "zooms", "revealed", "shakes", "spotlight", "shatters")
PEOPLE: tuple[Manner, ...] = ("rises", "enters", "turns round", "")
_BROKEN = (
    "breaks",
    "broke",
    "broken",
    "shatter",
    "divorce",
    "wrong",
    "fail",
    "割れ",
    "壊",
    "別れ",
    "失敗",
)


def subject_of(plan: Plan, hook: Hook) -> str:
    """The thing that a film is about, in a word that can be drawn, or ""."""
    inset = hook.inset
    named = "" if inset is None else inset.who or inset.thing
    # "Life advice" is drawn as a sign, which would say nothing alone.
    if named and any(shows_itself(noun) for noun in find_nouns(named)):
        return named
    # What the idea names comes before what a title plays with.
    texts = (plan.idea, *_words(plan, hook))
    things = [word for text in texts for _, word in things_of(text)]
    nouns = [noun for text in texts for noun in find_nouns(text)]
    alive = [noun.word for noun in nouns if shows_itself(noun)]
    # A place is where something happens.
    found = [word for word in (*things, *alive) if not known_place(word)]
    return next(iter([*found, *things, named, *(noun.word for noun in nouns)]), "")


def _words(plan: Plan, hook: Hook) -> tuple[str, str, str]:
    """The hook's title, the film's, the hook's line: a dubbed film opens as its original."""
    was = plan.original
    if was is not None:
        return was.hook_title, was.title, was.hook_line
    return hook.title, plan.title, hook.text


def opened(plan: Plan, hook: Hook, scene: Scene) -> Scene:
    """The hook's scene with the event that it begins with."""
    grave = plan.music.mood == "melancholy"
    if grave:
        return scene
    subject = subject_of(plan, hook)
    told = f"{plan.idea}/{plan.seed}/{plan.style.staging}"
    if (own := hook.seeds.get("picture", hook.seed)) is not None:
        # Redone, it begins in another way.
        told += f"/{own}"
    number = int.from_bytes(hashlib.sha256(told.encode()).digest()[:4], "big")
    kinds: list[str] = [*PEOPLE] if scene.figures else []
    if subject and not drawn_to_the_chest(subject):
        kinds += THINGS
    if scene.inset is not None:
        # What the writer wants seen, alone: twice as likely as any other beginning.
        kinds += ["inset", "inset"]
    if not kinds:
        return scene
    words = f"{plan.idea} {_words(plan, hook)[2]}".lower()
    if "shatters" in kinds and not any(word in words for word in _BROKEN):
        kinds.remove("shatters")
    kind = kinds[number % len(kinds)]
    if kind == "inset":
        return replace(scene, figures=(), focus=None, shot=Shot("medium shot"))
    thing = next((event for event in THINGS if event == kind), None)
    if thing is not None:
        return replace(
            scene, figures=(), focus=None, inset=None, event=thing, subject=subject,
            shot=Shot("medium shot"),
        )  # fmt: skip
    manner = next(manner for manner in PEOPLE if manner == kind)
    moving = manner in ("enters", "turns round")
    figures = tuple(replace(figure, manner=manner) for figure in scene.figures)
    shot = replace(scene.shot, scale="medium shot") if moving else scene.shot
    return replace(scene, figures=figures, shot=shot)
