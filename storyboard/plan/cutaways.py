"""What a beat cuts away to: the thing its line names, hands, a screen, the place, a reaction.

Chosen by the line, and by what the film has shown before: a place is established where the film
first comes to it, a thing is shown once. A grave film shows its places and no things.

Knows: plans, scenes, words for things. Does not know: when a word is heard, how anything is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from renderers.animatic.acting import held_name
from renderers.animatic.inset_view import known_place
from renderers.animatic.nouns import somebody
from renderers.animatic.props import find_prop, prop_metres
from renderers.scene import Cutaway, Figure, Inset, Prop, Scene, Shot
from storyboard.plan.named import drawing_of, subjects, things_of, unseen
from storyboard.plan.records import Beat, Plan

_SHORTEST = 2.2
"""Seconds below which a beat is one picture."""
_ON_A_TABLE, _IN_A_ROOM = 0.66, 1.7
"""Metres: what is larger stands on the floor, or is shown as a photograph."""
_IN_HAND = 0.5
_LATE = 0.02
"""The least share of a line before a thing it names is shown: whoever speaks is seen first."""
_SCREENS = re.compile(
    r"\b(?:texts?|texted|messages?|e-?mails?|apps?|online|posted|posts?|viral|followers?|likes|reviews?|website|"
    r"password|notifications?|group chat)\b|メール|メッセージ|通知|アプリ|ネット|返信|既読|投稿|検索"
)
_QUOTED = re.compile(r"[“\"「『]([^“”\"「」『』]{2,28})[”\"」』]")
_BUSY = frozenset({"enters", "leaves", "rises", "turns round", "gives", "takes", "paces"})
"""What is the picture itself, and is not to be missed."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """`subject` names what is shown: the same is not shown twice."""

    subject: str
    cutaway: Cutaway
    of_the_idea: bool = False


def cutaways(
    beats: Sequence[Beat], plan: Plan, scenes: Mapping[int, Scene]
) -> dict[int, Cutaway | None]:
    """What each of these beats cuts away to, by number: the film's own from its beginning on, whose
    scenes are there."""
    # A ghost is there himself; the lighthouse of its keeper is not.
    played = [character.role.lower() for character in plan.cast]
    named = unseen(subjects(plan.idea), scenes.values())
    wanted = [word for word in named if not any(role.endswith(word) for role in played)]
    shown: set[str] = set()
    chosen: dict[int, _Choice | None] = {}
    open_to: dict[int, list[_Choice]] = {}
    for beat in beats:
        open_to[beat.index] = list(_choices(plan, beat, scenes[beat.index], wanted))
        found = next((c for c in open_to[beat.index] if c.subject not in shown), None)
        if found is not None:
            shown.add(found.subject)
        chosen[beat.index] = found
    # What the idea names is seen, if need be in the place of what a line happens to name.
    for name in [drawing_of(word) for word in wanted if drawing_of(word) not in shown]:
        for index in reversed(chosen):
            mine = next((c for c in open_to[index] if c.subject == name), None)
            instead = chosen[index]
            if mine is not None and (instead is None or not instead.of_the_idea):
                chosen[index] = mine
                break
    return {index: None if c is None else c.cutaway for index, c in chosen.items()}


def _choices(plan: Plan, beat: Beat, scene: Scene, wanted: Sequence[str]) -> Iterator[_Choice]:
    """What a beat may cut away to, the best first."""
    moving = any(figure.manner in _BUSY for figure in scene.figures)
    if beat.duration < _SHORTEST or not scene.figures or any(thing.move for thing in scene.things):
        return
    bare = replace(
        scene, figures=(), focus=None, props=(), things=(), inset=None, arrangement="", mood=""
    )
    first = not any(other.setting == beat.setting for other in plan.before(beat))
    if first and not moving:
        wide = replace(bare, shot=Shot("extreme full shot"))
        yield _Choice(f"place {beat.setting}", Cutaway(wide))
    if moving and beat.duration < 2 * _SHORTEST:
        return
    if plan.music.mood != "melancholy":
        yield from _named(plan, beat, scene, bare)
        if scene.inset is None:
            yield from _subjects(wanted, bare)
    yield from _reaction(beat, scene)


def _named(plan: Plan, beat: Beat, scene: Scene, bare: Scene) -> Iterator[_Choice]:
    """What the line names: things, words on a sign, messages."""
    line, length = beat.text, max(1, len(beat.text))
    seen = scene.inset.thing if scene.inset is not None else ""
    said = _QUOTED.search(line)
    if said and any(c.isalnum() for c in said[1]):
        sign = Inset("poster", words=said[1])
        yield _Choice(said[1], Cutaway(replace(bare, inset=sign), said.start() / length))
    for start, word in things_of(line):
        name = find_prop(word) or word
        if seen and find_prop(seen) == find_prop(word):
            continue
        known = next((t for t in scene.things if find_prop(t.word) == name), Prop(word))
        at = max(_LATE, start / length)
        holder = next((f for f in scene.figures if held_name(f) == name), None)
        if holder is not None and prop_metres(name) <= _IN_HAND:
            yield _Choice(name, Cutaway(_hands(scene, holder), at))
        elif find_prop(word) and prop_metres(name) <= _IN_A_ROOM:
            shot = Shot("close-up" if prop_metres(name) <= _ON_A_TABLE else "full shot")
            near = replace(bare, shot=shot, event="stands", subject=word, things=(known,))
            yield _Choice(name, Cutaway(near, at))
        else:
            photograph = Inset("poster", thing=word)
            yield _Choice(name, Cutaway(replace(bare, inset=photograph), at))
    if screen := _SCREENS.search(line):
        about = next((b.inset for b in plan.beats if b.inset is not None), None)
        shows = Inset(
            "phone", about.who if about else "", about.thing if about else "", words=screen.group()
        )
        yield _Choice("a screen", Cutaway(replace(bare, inset=shows), screen.start() / length))


def _subjects(wanted: Sequence[str], bare: Scene) -> Iterator[_Choice]:
    """What the idea names, wherever a line names nothing: once in a film."""
    for word in wanted:
        name = find_prop(word)
        if name and prop_metres(name) <= _ON_A_TABLE:
            shown = replace(
                bare, shot=Shot("close-up"), event="stands", subject=word, things=(Prop(word),)
            )
        elif place := known_place(word):
            shown = replace(bare, place=place, lettering="", shot=Shot("extreme full shot"))
        elif somebody(word):
            shown = replace(bare, inset=Inset("poster", who=word))
        else:
            shown = replace(bare, inset=Inset("poster", thing=word))
        yield _Choice(drawing_of(word), Cutaway(shown, 0.4), of_the_idea=True)


def _hands(scene: Scene, holder: Figure) -> Scene:
    figure = replace(holder, manner="", speaking=False, at="")
    return replace(
        scene, place=holder.at or scene.place, figures=(figure,), focus=holder.id, props=(), inset=None, arrangement="",
        event="shown", shot=Shot("close-up"), mood="",
    )  # fmt: skip


def _reaction(beat: Beat, scene: Scene) -> Iterator[_Choice]:
    """The face of who listens."""
    listener = next((f for f in scene.figures if f.id != beat.speaker), None)
    if beat.speaker is None or listener is None or len(scene.figures) < 2:
        return
    alone = replace(listener, manner="", pose="", holds="", at="")
    near = replace(
        scene, place=listener.at or scene.place, figures=(alone,), focus=listener.id, props=(), things=(), inset=None, arrangement="",
        shot=Shot("close-up"),
    )  # fmt: skip
    yield _Choice(f"{listener.id} {listener.expression}", Cutaway(near, 0.55))
