"""What a beat cuts away to: the thing its line names, hands, a screen, the place, a reaction.

Chosen by the line, and by what the film has shown before: a place is established where the film
first comes to it, a thing is shown once. A grave film shows its places and no things.

Knows: plans, scenes, words for things. Does not know: when a word is heard, how anything is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from renderers.animatic.acting import held_name
from renderers.animatic.noun_words import IDIOMS, NEEDS_ARTICLE
from renderers.animatic.nouns import find_nouns, shows_itself
from renderers.animatic.props import find_prop, mentioned, prop_metres
from renderers.animatic.thing_head import is_thing
from renderers.scene import Cutaway, Figure, Inset, Prop, Scene, Shot
from renderers.tagging import english_tags
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
_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*|\d+|[^\s\w]")
_KANA = re.compile(r"[ぁ-ヿ]")
_DOES = re.compile(r"(?:を)?(?:する|して|した|します|し(?=[、。])|でき)")
"""After a Japanese noun that is a doing: 電話します."""
_DETERMINERS = ("DT", "PRP$", "POS", "CD", "JJ", "NN")
_QUOTED = re.compile(r"[“\"「『]([^“”\"「」『』]{2,28})[”\"」』]")
_BUSY = frozenset({"enters", "leaves", "rises", "turns round", "gives", "takes", "paces"})
"""What is the picture itself, and is not to be missed."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """`subject` names what is shown: the same is not shown twice."""

    subject: str
    cutaway: Cutaway


def cutaways(
    beats: Sequence[Beat], plan: Plan, scenes: Mapping[int, Scene]
) -> dict[int, Cutaway | None]:
    """What each of these beats cuts away to, by number: the film's own from its beginning on, whose
    scenes are there."""
    shown: set[str] = set()
    cut: dict[int, Cutaway | None] = {}
    for beat in beats:
        choices = _choices(plan, beat, scenes[beat.index])
        found = next((c for c in choices if c.subject not in shown), None)
        if found is not None:
            shown.add(found.subject)
        cut[beat.index] = None if found is None else found.cutaway
    return cut


def _choices(plan: Plan, beat: Beat, scene: Scene) -> Iterator[_Choice]:
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
            yield from _subject(plan, bare)
    yield from _reaction(beat, scene)


def _named(plan: Plan, beat: Beat, scene: Scene, bare: Scene) -> Iterator[_Choice]:
    """What the line names: things, words on a sign, messages."""
    line, length = beat.text, max(1, len(beat.text))
    seen = scene.inset.thing if scene.inset is not None else ""
    if said := _QUOTED.search(line):
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


def _subject(plan: Plan, bare: Scene) -> Iterator[_Choice]:
    """What the idea names, wherever a line names nothing: once in a film."""
    for _, word in things_of(plan.idea):
        name = find_prop(word)
        if name and prop_metres(name) <= _ON_A_TABLE:
            near = replace(
                bare, shot=Shot("close-up"), event="stands", subject=word, things=(Prop(word),)
            )
            yield _Choice(name, Cutaway(near, 0.4))


def things_of(line: str) -> list[tuple[int, str]]:
    """Where a line names a thing that can be drawn, and with which word."""
    by_hand = [(m.start, m.end, m.word) for m in mentioned(line)]
    pictured = [
        (n.start, n.start + len(n.word), n.word)
        for n in find_nouns(line)
        if is_thing(n.emoji) and shows_itself(n)
    ]
    taken = [match.span() for match in IDIOMS.finditer(line.lower())]
    meant = _meant(line)
    found: list[tuple[int, int]] = []
    for start, end, _ in sorted([*by_hand, *pictured], key=lambda x: (x[0], x[0] - x[1])):
        if all(end <= one or start >= other for one, other in taken) and meant(start, end):
            taken.append((start, end))
            if found and line[found[-1][1] : start] == " " and line[start - 2] != "s":
                # A "wedding cake" is one thing, and a cake.
                start = found.pop()[0]
            found.append((start, end))
    return [(start, line[start:end].lower()) for start, end in found]


def _meant(line: str) -> Callable[[int, int], bool]:
    """Tells whether the word between two places in a line is a noun there, and not "I watch you"."""
    if not line.isascii() and _KANA.search(line):
        return lambda start, end: not _DOES.match(line, end)
    found = [*_WORD.finditer(line)]
    tags: list[str] = []

    def noun(start: int, end: int) -> bool:
        if not tags:
            tags.extend(english_tags([match.group() for match in found]))
        at = max((i for i, match in enumerate(found) if match.start() < end), default=None)
        if at is None:
            return True
        before = tags[at - 1] if at else ""
        follows = tags[at + 1] if at + 1 < len(tags) else ""
        if found[at].group().lower() in NEEDS_ARTICLE and before not in _DETERMINERS:
            return False
        alone = tags[at] == "JJ" and before in _DETERMINERS and not follows.startswith("NN")
        return tags[at].startswith("NN") or alone

    return noun


def _hands(scene: Scene, holder: Figure) -> Scene:
    figure = replace(holder, manner="", speaking=False)
    return replace(
        scene, figures=(figure,), focus=holder.id, props=(), inset=None, arrangement="",
        event="shown", shot=Shot("close-up"), mood="",
    )  # fmt: skip


def _reaction(beat: Beat, scene: Scene) -> Iterator[_Choice]:
    """The face of who listens."""
    listener = next((f for f in scene.figures if f.id != beat.speaker), None)
    if beat.speaker is None or listener is None or len(scene.figures) < 2:
        return
    alone = replace(listener, manner="", pose="", holds="")
    near = replace(
        scene, figures=(alone,), focus=listener.id, props=(), things=(), inset=None, arrangement="",
        shot=Shot("close-up"),
    )  # fmt: skip
    yield _Choice(f"{listener.id} {listener.expression}", Cutaway(near, 0.55))
