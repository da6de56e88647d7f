"""How a film begins: with an event, and not always with a face.

Knows: what a hook is about, the events there are. Does not know: drawing, other beats.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from renderers.animatic.nouns import find_nouns
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
    if hook.inset is not None and (named := hook.inset.who or hook.inset.thing):
        return named
    for text in (*_words(plan, hook), plan.idea):
        if found := things_of(text):
            return found[0][1]
    named = (noun for text in (*_words(plan, hook), plan.idea) for noun in find_nouns(text))
    return next((noun.word for noun in named), "")


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
    if subject:
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
