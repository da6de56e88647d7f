"""How a character looks: from words, age and presentation to an `Avatar`.

Words fix what they name ("black bob", "full beard", "red apron", 黒髪, 眼鏡); a seed
chooses the rest. Nobody shares a head or a top colour with anyone in `taken`, and skin
and hair differ as far as the words leave them free, so that a cast can be told apart at
thumbnail size.

Knows: words (English, Japanese), colours. Does not know: drawing.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache

from renderers.animatic.creature_kinds import PREFIX, THING, creature_of
from renderers.animatic.creature_kinds import kind as kind_of
from renderers.animatic.head_words import HEADS
from renderers.animatic.peeps import head_bounds
from renderers.animatic.thing_head import thing_of
from renderers.animatic.wardrobe import (
    BOTTOM_WORDS,
    COLOURS,
    GARMENT_WORDS,
    PATTERNS,
    WORN_WORDS,
    named,
)
from renderers.animatic.worn import HATS
from renderers.scene import AgeGroup, Avatar, Presentation

_UNDER_HAT = -505
"""Hair that is higher than this (figure units) comes out at the top of a hat."""
_PYJAMAS = r"p[ya]jamas|パジャマ"
_BIBBED = r"dungarees|overalls|つなぎ"
"""Worn in one colour from top to bottom."""

SKINS: tuple[str, ...] = (
    "#ffdfc4", "#f6cba0", "#edb98a", "#d99a6c", "#c07f4f", "#98623f", "#714a38",
)  # fmt: skip
HAIRS: tuple[str, ...] = (
    "#2a2631", "#4b3029", "#74462f", "#a04c2b", "#cf7030", "#dba94e", "#ead9a8", "#a8a6ae", "#e6e2de",
)  # fmt: skip
_NATURAL = HAIRS[:6]
_AGED = HAIRS[7:]
TOPS: tuple[str, ...] = (
    "#e4574c", "#3f7fc1", "#f2b632", "#3f9d78", "#8a62b4", "#f08a4b", "#2f4a6d", "#e58bab",
    "#f3ead8", "#5bb5b8", "#7a8b4a", "#b5483f", "#56565f", "#c9b08a",
)  # fmt: skip
BOTTOMS: tuple[str, ...] = ("#35405a", "#4a4350", "#6b5a4a", "#2f3a38", "#7d7f8c", "#57694f")

_HAIR_WORDS: dict[str, str] = {
    r"black|dark|黒髪|黒い髪": HAIRS[0],
    r"dark brown|焦げ茶": HAIRS[1],
    r"brown|brunette|chestnut|茶髪|茶色": HAIRS[2],
    r"auburn|赤褐色": HAIRS[3],
    r"red|ginger|copper|赤毛|赤髪": HAIRS[4],
    r"blond|blonde|golden|fair|金髪|ブロンド": HAIRS[5],
    r"platinum|プラチナ": HAIRS[6],
    r"grey|gray|silver|salt-and-pepper|greying|白髪交じり|銀髪|グレー": HAIRS[7],
    r"white|白髪": HAIRS[8],
    r"pink|ピンク": "#e2799f",
    r"blue|青い髪|青髪": "#4f79bd",
    r"purple|紫": "#8560ad",
    r"green|緑": "#4f9a6d",
}
_HAIR_ADJECTIVES = tuple(w for p in _HAIR_WORDS for w in p.split("|") if w.isascii())
_SKIN_WORDS: dict[str, str] = {
    r"pale|fair[- ]skin(?:ned)?|色白": SKINS[0],
    r"olive[- ]skin(?:ned)?|tanned|日焼け": SKINS[3],
    r"brown[- ]skin(?:ned)?|褐色": SKINS[4],
    r"dark[- ]skin(?:ned)?|black (?:woman|man|girl|boy|person)|deep brown skin|黒い肌": SKINS[6],
}
_BEARDS: dict[str, str] = {
    r"goatee|ヤギ髭|あご髭|顎髭": "goatee1",
    r"moustache|mustache|口髭|口ひげ|ちょび髭": "moustache2",
    r"stubble|無精髭|無精ひげ": "chin",
    r"(?:big|long|bushy|great|full) beard|長い髭|長いひげ": "full3",
    r"beard|bearded|髭|ひげ|ヒゲ": "full2",
}
_ACCESSORIES: dict[str, str] = {
    r"sunglasses|shades|サングラス": "sunglasses",
    r"eye ?patch|眼帯": "eyepatch",
    r"round glasses|丸眼鏡|丸メガネ": "glasses2",
    r"(?:thick|bold|black|horn-?rimmed)[- ](?:rimmed )?glasses|黒縁": "glasses3",
    r"glasses|spectacles|眼鏡|メガネ|めがね": "glasses",
}
# What the colour before these garments paints: the thing worn on top, or the cloth itself.
_WORN_OVER = frozenset({"apron", "waistcoat"})
_FREE_GARMENTS: dict[Presentation, tuple[str, ...]] = {
    "feminine": ("shirt", "sweater", "dress", "tee", "hoodie"),
    "masculine": ("shirt", "tee", "hoodie", "sweater"),
    "neutral": ("hoodie", "shirt", "sweater", "tee"),
}
_CUSTOMARY: dict[str, tuple[str, ...]] = {
    "robe": ("#37343f", "#4a3547", "#2f3f4a"),
    "stripes": ("#efe8d8", "#f0a050", "#cfd6dc"),
    "suit": ("#46506a", "#5b5560", "#6a5644", "#3d5a58"),
    "uniform": ("#3a5078", "#4d6350", "#6b5a48"),
    "coat": ("#f1efe9", "#c9a878", "#7d8594"),
}


def look_for(
    appearance_words: str,
    age: AgeGroup,
    presentation: Presentation,
    seed: int,
    taken: Sequence[Avatar],
    role: str = "",
    being: str = "",
) -> Avatar:
    """The look of one character.

    Args:
        appearance_words: appearance and wardrobe, English or Japanese, in any order.
        seed: chooses all that the words leave free.
        taken: the looks already given in this cast.
        role: what the character is; a creature ("penguin", 幽霊) gets that creature's head.
        being: what kind of being it is, where that is no person: a creature, or a thing with a face.
    """
    words = appearance_words.lower()
    rng = random.Random(f"look {seed} {words}")
    garment = _first(GARMENT_WORDS, words) or rng.choice(_FREE_GARMENTS[presentation])
    top, accent = _cloth(words, garment, taken, rng)
    facial_hair = _first(_BEARDS, words) or ""
    if not facial_hair and presentation == "masculine" and age in ("adult", "elder"):
        facial_hair = rng.choice(("", "", "", "", "full2", "goatee2", "moustache6"))
        if facial_hair in {avatar.facial_hair for avatar in taken}:
            facial_hair = ""
    skin, hair = _skin_and_hair(words, age, taken, rng)
    worn = _worn(words, garment)
    if worn and (shades := _first_colour_before(WORN_WORDS, words)):
        accent = shades[0]
    bottom = _bottom(words, taken, rng)
    look = Avatar(
        head=_head(
            words, age, presentation, taken, rng, low=any(name in HATS for name in worn.split())
        ),
        skin=skin,
        hair=hair,
        top=top,
        bottom=top if _found(_PYJAMAS, words) else accent if _found(_BIBBED, words) else bottom,
        accent=accent,
        facial_hair=facial_hair if age != "child" else "",
        accessory=_first(_ACCESSORIES, words) or "",
        garment=garment,
        worn=worn,
        build=_build(words, rng),
        age=age,
        presentation=presentation,
    )
    found = creature_of(being) or creature_of(role)
    found = found or creature_of(re.split(r"[,.;]| with ", words)[0])
    if found is None and being and (thing := thing_of(being)):
        found = THING + thing
    return look if found is None else _as_creature(look, PREFIX + found)


def _as_creature(look: Avatar, head: str) -> Avatar:
    """The look with a creature's head and hands."""
    creature = kind_of(head)
    assert creature is not None
    if creature.peep:
        return replace(
            look, head=head, skin=creature.skin or look.skin, hair=creature.patch or look.hair,
            facial_hair=creature.beard if look.presentation != "feminine" else "",
        )  # fmt: skip
    skin = creature.hands or creature.skin
    return replace(look, head=head, skin=skin, hair=creature.skin, facial_hair="")


def _worn(words: str, garment: str) -> str:
    """The pattern and the things worn over a garment, each once."""
    cloth = [] if garment == "stripes" else named(PATTERNS, words)[:1]
    return " ".join([*named(WORN_WORDS, words), *cloth])


def _first_colour_before(table: dict[str, str], words: str) -> tuple[str, ...]:
    return next(filter(None, (_colour_before(pattern, words) for pattern in table)), ())


def _head(
    words: str,
    age: AgeGroup,
    presentation: Presentation,
    taken: Sequence[Avatar],
    rng: random.Random,
    *,
    low: bool = False,
) -> str:
    """The best unused head: the most words matched, then who usually wears it, then chance.

    `low` asks for hair that a hat goes over.
    """
    kind = presentation[0]
    # "short brown hair" asks for "short hair".
    words = re.sub(rf"\b(?:{'|'.join(_HAIR_ADJECTIVES)})\b\s*", "", words)
    used = {avatar.head for avatar in taken}

    def rank(name: str) -> tuple[int, int, int, int, float]:
        head = HEADS[name]
        covered = not low or (head_bounds(name)[1] > _UNDER_HAT and head.who != "")
        asked = max((len(w) for w in head.words.split("|") if _found(w, words)), default=0)
        fits = kind in head.who or (kind == "n" and head.who != "")
        # Gender words outrank hair words only for heads nobody wears unasked.
        asked = asked if fits or not head.who else asked // 2
        return (covered, asked, fits, age in head.ages, rng.random())

    ranked = sorted(HEADS, key=rank, reverse=True)
    return next((name for name in ranked if name not in used), ranked[0])


def _cloth(
    words: str, garment: str, taken: Sequence[Avatar], rng: random.Random
) -> tuple[str, str]:
    """Top and accent colours."""
    tops = [avatar.top for avatar in taken]
    pattern = next((p for p, g in GARMENT_WORDS.items() if g == garment), "")
    named = _colour_before(pattern, words) or _dressed_in(words)
    if named and garment not in _WORN_OVER:
        top = next((shade for shade in named if shade not in tops), None) or _apart(TOPS, tops, rng)
        return top, _apart(TOPS, [*tops, top], rng)
    other = _colour_before(r"t-?shirt|shirt|blouse|sweater|シャツ", words) if named else ()
    choice = other or _CUSTOMARY.get(garment, TOPS)
    free = [colour for colour in choice if colour not in tops]
    top = free[0] if other and free else _apart(free or TOPS, tops, rng)
    accents = named or tuple(c for c in TOPS if _distance(c, top) > 90)
    accent = accents[0] if named else _apart(accents, [a.accent for a in taken], rng)
    if _distance(accent, top) < 90:
        top = _apart([c for c in TOPS if _distance(c, accent) > 90], tops, rng)
    return top, accent


@lru_cache(256)
def _dressed_in(words: str) -> tuple[str, ...]:
    """The colour of "all in black", "a jacket in red"."""
    match = re.search(
        r"\bin (?:all )?([\w-]+(?: blue)?)(?=$|[,.;]| and\b)|([^、。]{1,6})ずくめ", words
    )
    said = " ".join(filter(None, match.groups())) if match else ""
    return next((shades for names, shades in COLOURS.items() if _found(names, said)), ())


def _bottom(words: str, taken: Sequence[Avatar], rng: random.Random) -> str:
    """The colour of trousers or a skirt: as told, denim for jeans, else apart from the others."""
    free = _apart(BOTTOMS, [a.bottom for a in taken], rng)
    if named := _colour_before(BOTTOM_WORDS, words):
        return named[0]
    return "#4d6a92" if re.search(r"\bjeans\b|ジーンズ|デニム", words) else free


def _skin_and_hair(
    words: str, age: AgeGroup, taken: Sequence[Avatar], rng: random.Random
) -> tuple[str, str]:
    """Both colours: as told, else apart from the others and plausible together."""
    skin, hair = _first(_SKIN_WORDS, words), _hair_told(words)
    if skin is None:
        light = hair in HAIRS[3:7] or not words.isascii()
        skin = _apart(SKINS[: 4 if light else 7], [a.skin for a in taken], rng)
    if hair is None:
        young = _NATURAL if skin in SKINS[:4] else _NATURAL[:3]
        hair = _apart(_AGED if age == "elder" else young, [a.hair for a in taken], rng)
    return skin, hair


@lru_cache(256)
def _hair_told(words: str) -> str | None:
    things = r"hair|bob|bun|curls?|curly|braids?|ponytail|afro|bangs|fringe|quiff|beard|moustache"
    for pattern, colour in reversed(_HAIR_WORDS.items()):
        english = "|".join(w for w in pattern.split("|") if w.isascii())
        japanese = "|".join(w for w in pattern.split("|") if not w.isascii())
        near = rf"\b(?:{english})(?:[- ]haired|[\w -]{{0,24}}?\b(?:{things})\b)"
        beside = rf"(?:{japanese})(?:の|い)?(?:髪|毛|ボブ|ロング|ショート)?" if japanese else "(?!)"
        bare = rf"\b(?:{english})\b" if colour in (HAIRS[5], HAIRS[3]) else "(?!)"
        if re.search(near, words) or _hair_kanji(beside, words) or re.search(bare, words):
            return colour
    return None


def _hair_kanji(pattern: str, words: str) -> bool:
    """A Japanese colour counts as hair only where hair is what it colours."""
    match = re.search(pattern, words)
    return bool(match and re.search(r"[髪毛ボロショブ]", match.group()))


def _build(words: str, rng: random.Random) -> float:
    if re.search(r"\b(?:big|broad|burly|stout|heavy|large|muscular)\b|大柄|太った|がっしり", words):
        return 1.13
    if re.search(r"\b(?:slim|slender|thin|slight|small|petite|skinny)\b|細身|小柄|痩せ", words):
        return 0.88
    return round(rng.uniform(0.94, 1.06), 2)


# Whoever looks unlike the neighbours is tried with forty numbers, in the same words each time.
@lru_cache(4096)
def _found(pattern: str, words: str) -> bool:
    return re.search(pattern if not pattern.isascii() else rf"\b(?:{pattern})\b", words) is not None


def _first(table: dict[str, str], words: str) -> str | None:
    """The value of the first pattern of `table` found in `words`."""
    for pattern, value in table.items():
        if any(_found(part, words) for part in _alternatives(pattern)):
            return value
    return None


@cache
def _alternatives(pattern: str) -> Sequence[str]:
    """Split a pattern at its top-level bars, so that each half gets its own word borders."""
    return re.split(r"\|(?![^(]*\))", pattern)


@lru_cache(1024)
def _colour_before(pattern: str, words: str) -> tuple[str, ...]:
    """The shades of the colour word shortly before what `pattern` names, or ()."""
    for part in _alternatives(pattern) if pattern else ():
        match = re.search(part if not part.isascii() else rf"\b(?:{part})\b", words)
        if match is None:
            continue
        before = re.split(r"[,.;、。]|\b(?:with|and|over)\b", words[: match.start()])[-1][-24:]
        best: tuple[int, tuple[str, ...]] = (-1, ())
        for names, shades in COLOURS.items():
            for name in names.split("|"):
                hits = [*re.finditer(rf"\b{name}\b" if name.isascii() else name, before)]
                if hits and (end := hits[-1].end() * 10 + len(name)) > best[0]:
                    best = (end, shades)
        if best[1]:
            return best[1]
    return ()


def _apart(options: Sequence[str], used: Sequence[str], rng: random.Random) -> str:
    """One of the options, by chance among those that differ most from all that are used."""
    shuffled = rng.sample(list(options), len(options))
    if not used:
        return shuffled[0]
    gaps = {option: min(_distance(option, other) for other in used) for option in shuffled}
    far = max(gaps.values())
    return next(option for option in shuffled if gaps[option] >= min(far, 110))


def _distance(first: str, second: str) -> float:
    """How different two `#rrggbb` colours look, about 0 to 765 ("redmean")."""
    r1, g1, b1 = (int(first[i : i + 2], 16) for i in (1, 3, 5))
    r2, g2, b2 = (int(second[i : i + 2], 16) for i in (1, 3, 5))
    mean = (r1 + r2) / 2
    return (
        (2 + mean / 256) * (r1 - r2) ** 2
        + 4 * (g1 - g2) ** 2
        + (2 + (255 - mean) / 256) * (b1 - b2) ** 2
    ) ** 0.5
