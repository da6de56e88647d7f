"""What words name that can be seen: the things of a line, the things of an idea, those in a scene.

Knows: words (English, Japanese), the drawings that there are, scenes. Does not know: plans, what is
done about a thing that no scene shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from renderers.animatic.creature_kinds import creature_of, drawn_as
from renderers.animatic.inset_view import known_place
from renderers.animatic.noun_words import IDIOMS, NEEDS_ARTICLE, TRADES
from renderers.animatic.nouns import find_noun, find_nouns, shows_itself
from renderers.animatic.props import find_prop, mentioned
from renderers.animatic.thing_head import is_thing
from renderers.scene import Scene
from renderers.tagging import english_tags

_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*|\d+|[^\s\w]")
_KANA = re.compile(r"[ぁ-ヿ]")
_DOES = re.compile(r"(?:を)?(?:する|して|した|します|し(?=[、。])|でき)")
"""After a Japanese noun that is a doing: 電話します."""
_SIGHTS = frozenset("🌙☀❄⭐🌈🔥🎵♨🏛")
"""What a line may mean otherwise ("fire him", "the snow of yesterday"), and an idea means itself."""
_OWNERS = re.compile(
    r"\b(?:grand(?:mother|father|ma|pa|mum|dad)|mother|father|mum|mom|dad|aunt|uncle|sister|brother|wife|husband|boss|"
    r"landlord|landlady|neighbou?r|teacher)(?=['’]s\b)|"
    r"(?:祖母|祖父|おばあちゃん|おじいちゃん|お母さん|お父さん|上司|隣人|先生)(?=の)"
)
"""Whose something is: she is part of the idea."""
_PLACES = re.compile(
    r"\b(?:bath ?house|post office|town hall|city hall|hair salon|barber ?shop|call cent(?:re|er)|hospital|court ?room|"
    r"class ?room|prison|cinema|beach|bank(?! (?:balance|holiday|account|of)))\b|"
    r"銭湯|郵便局|市役所|区役所|美容院|床屋|コールセンター|病院|法廷|教室|刑務所|映画館|銀行"
)
"""Places with a set of their own, which an idea may name by the way: "a bathhouse cat"."""
_DETERMINERS = ("DT", "PRP$", "POS", "CD", "JJ", "NN")


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


def subjects(idea: str) -> list[str]:
    """What an idea names that can be drawn, each once: things, animals, places, tools of a trade."""
    meant = _meant(idea)
    taken = [match.span() for match in IDIOMS.finditer(idea.lower())]
    alive = [
        (n.start, n.word)
        for n in find_nouns(idea)
        if (n.emoji in _SIGHTS or (not is_thing(n.emoji) and shows_itself(n)))
        and all(n.start >= end or n.start + len(n.word) <= start for start, end in taken)
        and meant(n.start, n.start + len(n.word))
    ]
    trades = [(m.start(), shown) for rule, shown in TRADES for m in rule.finditer(idea.lower())]
    trades += [
        (m.start(), m[0]) for rule in (_OWNERS, _PLACES) for m in rule.finditer(idea.lower())
    ]
    things = things_of(idea)
    # A fire alarm is no fire.
    alive = [(at, w) for at, w in alive if not any(at + len(w) + 1 == start for start, _ in things)]
    found = [word for _, word in sorted([*things, *alive, *trades])]
    return list({drawing_of(word): word for word in reversed(found)}.values())[::-1]


def drawing_of(word: str) -> str:
    """What a word is drawn as: a prop's name, or an emoji."""
    return find_prop(word) or find_noun(word) or word


def unseen(words: Iterable[str], scenes: Iterable[Scene]) -> list[str]:
    """Which of these words no scene shows."""
    seen: set[str] = set()
    for scene in scenes:
        said = [*scene.props, *(thing.word for thing in scene.things), scene.subject]
        said += [figure.holds for figure in scene.figures]
        if scene.inset is not None:
            said += [scene.inset.who, scene.inset.thing, scene.inset.place]
        seen |= {drawing_of(word) for word in said if word}
        seen |= {drawn_as(figure.avatar.head) for figure in scene.figures}
        seen |= {scene.place} - {"abstract"}
    ways = ((word, {drawing_of(word), creature_of(word), known_place(word)}) for word in words)
    return [word for word, drawings in ways if not drawings & seen]
