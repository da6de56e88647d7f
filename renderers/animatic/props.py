"""Props: small things that people hold or that stand about, and the words that ask for them.

Knows: names, sizes, where a hand takes hold, words in English and Japanese. Does not know:
hands, scenes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import skia

from renderers.animatic import prop_food as food
from renderers.animatic import prop_living as living
from renderers.animatic import prop_office as office
from renderers.animatic import prop_things as things
from renderers.animatic.nouns import find_nouns
from renderers.animatic.palette import Palette
from renderers.animatic.paths import polygon
from renderers.animatic.pictograph import pictograph
from renderers.animatic.prop_pen import Pen
from renderers.scene import PropState


@dataclass(frozen=True, slots=True)
class Prop:
    """One prop. `words` is a regular expression of whole words that ask for it."""

    draw: Callable[[Pen], None]
    words: str
    metres: float
    """Its longer side as drawn: a little larger than life, to be read on a phone."""
    grip: tuple[float, float] = (0.0, 0.0)
    """Where a hand holds it, in the unit square (-0.5 to 0.5, y down)."""


_FOOD = ("full", "empty")
STATES: dict[str, tuple[PropState, ...]] = {
    "coffee cup": _FOOD, "bottle": _FOOD, "plate": _FOOD, "ramen": _FOOD, "popcorn": _FOOD,
    "box": ("closed", "open", "empty", "full"), "suitcase": ("closed", "open", "empty", "full"),
    "book": ("closed", "open"), "letter": ("closed", "open"), "present": ("closed", "open"),
    "umbrella": ("open", "closed"), "laptop": ("open", "closed"),
}  # fmt: skip
"""States that are drawn, the usual one first. Anything can be drawn broken."""


# Earlier entries win: "guitar case" is a guitar, "tea cup cake" is a cake only when listed first.
_PROPS: dict[str, Prop] = {
    "popcorn": Prop(food.popcorn, r"popcorns?|ポップコーン", 0.3, (0.0, 0.25)),
    "cake": Prop(food.cake, r"(?:birthday |cup)?cakes?|ケーキ", 0.34, (0.0, 0.42)),
    "ice cream": Prop(food.ice_cream, r"ice[- ]?creams?|gelato|アイス(?:クリーム)?", 0.26, (0.0, 0.25)),
    "onigiri": Prop(food.onigiri, r"onigiri|rice ?balls?|おにぎり|おむすび", 0.22, (0.0, 0.2)),
    "ramen": Prop(food.ramen, r"ramen|noodles?|soup|bowls?|ラーメン|丼|うどん|スープ", 0.32, (0.0, 0.4)),
    "bread": Prop(food.bread, r"bread|toast|loaf|パン|トースト", 0.26, (0.0, 0.1)),
    "plate": Prop(food.plate, r"plates?|dish(?:es)?|meals?|food|dinner|皿|料理", 0.36, (-0.3, 0.26)),
    "apple": Prop(food.apple, r"apples?|fruits?|りんご|リンゴ|林檎|果物", 0.2),
    "fish": Prop(food.fish, r"fish(?:es)?|goldfish|sardines?|魚|金魚", 0.36, (0.1, 0.0)),
    "coffee cup": Prop(
        food.coffee_cup,
        r"coffee(?: cups?)?|cups?|mugs?|tea|lattes?|espressos?|cappuccinos?|コーヒー|珈琲|カップ|マグ|お茶|紅茶|ラテ|湯呑み?",
        0.24,
        (0.34, 0.08),
    ),
    "bottle": Prop(food.bottle, r"bottles?|wine|beers?|juice|ボトル|瓶|ビール|ワイン|ジュース", 0.34, (0.0, 0.2)),
    "rose": Prop(living.rose, r"roses?|薔薇|バラ|ばら", 0.4, (0.0, 0.36)),
    "flowers": Prop(living.flowers, r"flowers?|bouquets?|花束?(?![火粉瓶見嫁婿柄])|ブーケ", 0.44, (0.0, 0.38)),
    "plant": Prop(living.plant, r"plants?|cactus|succulent|植物|観葉植物|サボテン", 0.4, (0.0, 0.4)),
    "cat": Prop(living.cat, r"cats?|kittens?|kitty|猫|ねこ|ネコ|子猫", 0.5, (0.0, 0.2)),
    "dog": Prop(living.dog, r"dogs?|pupp(?:y|ies)|犬|いぬ|イヌ|子犬", 0.55, (0.0, 0.2)),
    "bird": Prop(living.bird, r"birds?|鳥", 0.32, (0.0, 0.48)),
    "headphones": Prop(office.headphones, r"head ?phones?|head ?sets?|ear ?buds|ヘッドホン|ヘッドフォン|イヤホン", 0.32, (0.38, 0.2)),
    "microphone": Prop(office.microphone, r"micro ?phones?|mics?|マイク", 0.34, (0.0, 0.28)),
    "phone": Prop(
        office.phone, r"(?:smart|cell|mobile )?phones?|mobile|スマホ|スマートフォン|携帯(?:電話)?|電話", 0.27, (0.0, 0.4)
    ),
    "tablet": Prop(office.tablet, r"tablets?|ipads?|タブレット", 0.38, (-0.44, 0.1)),
    "laptop": Prop(office.laptop, r"lap ?tops?|computers?|notebook computer|pc|ノートパソコン|パソコン|コンピュータ", 0.5, (0.0, 0.3)),
    "robot": Prop(office.robot, r"robots?|androids?|ロボット", 0.5, (0.0, 0.3)),
    "camera": Prop(office.camera, r"cameras?|カメラ", 0.3, (0.3, 0.2)),
    "notepad": Prop(office.notepad, r"note ?pads?|note ?books?|memos?|diar(?:y|ies)|clipboards?|メモ帳?|ノート|手帳|日記", 0.28, (0.0, 0.3)),
    "book": Prop(office.book, r"books?|novels?|manuals?|dictionar(?:y|ies)|本|小説|辞書|教科書|図鑑", 0.32, (-0.3, 0.2)),
    "letter": Prop(office.letter, r"letters?|envelopes?|mail|手紙|封筒|便箋", 0.3, (-0.36, 0.2)),
    "ticket": Prop(office.ticket, r"tickets?|boarding pass(?:es)?|coupons?|チケット|切符|券|きっぷ", 0.26, (-0.36, 0.1)),
    "money": Prop(office.money, r"money|cash|bills?|banknotes?|dollars?|yen|wallets?|お金|現金|札|お札|財布", 0.28, (-0.3, 0.1)),
    "document": Prop(
        office.document,
        r"documents?|papers?|contracts?|forms?|reports?|certificates?|menus?|receipts?|lists?|maps?|recipes?"
        r"|書類|紙|契約書|メニュー|レシート|リスト|地図|報告書|証明書|レシピ",
        0.34,
        (-0.3, 0.3),
    ),
    "sign": Prop(office.sign, r"signs?|placards?|boards?|banners?|看板|プラカード|札板", 0.6, (0.0, 0.36)),
    "toothbrush": Prop(things.toothbrush, r"tooth ?brush(?:es)?|歯ブラシ|はぶらし", 0.28, (-0.2, 0.32)),
    "soap": Prop(things.soap, r"soaps?|sponges?|石鹸|せっけん|石けん|スポンジ", 0.24, (0.0, 0.15)),
    "pen": Prop(office.pen_tool, r"pens?|pencils?|ペン|鉛筆|筆", 0.26, (-0.1, 0.1)),
    "gavel": Prop(things.gavel, r"gavels?|木槌|小槌|ガベル", 0.42, (0.3, 0.4)),
    "hammer": Prop(things.hammer, r"hammers?|tools?|wrench(?:es)?|screwdrivers?|ハンマー|金槌|工具", 0.36, (0.0, 0.32)),
    "umbrella": Prop(things.umbrella, r"umbrellas?|parasols?|傘|かさ", 0.85, (0.02, 0.36)),
    "suitcase": Prop(things.suitcase, r"suit ?cases?|luggage|スーツケース|トランク|荷物", 0.62, (0.0, -0.46)),
    "briefcase": Prop(things.briefcase, r"brief ?cases?|attaché case|ブリーフケース|書類鞄|アタッシュケース", 0.44, (0.0, -0.4)),
    "bag": Prop(things.bag, r"(?:hand|shopping |paper )?bags?|back ?packs?|purses?|鞄|かばん|カバン|バッグ|袋|リュック", 0.42, (0.0, -0.46)),
    "present": Prop(things.present, r"presents?|gifts?|プレゼント|贈り物", 0.34, (0.0, 0.3)),
    "box": Prop(things.box, r"box(?:es)?|parcels?|packages?|crates?|箱|段ボール|小包|荷", 0.4, (0.0, 0.3)),
    "keys": Prop(things.keys, r"keys?|鍵|カギ|キー", 0.22, (0.0, -0.34)),
    "guitar": Prop(things.guitar, r"guitars?|ukuleles?|ギター|ウクレレ", 0.95, (0.0, 0.2)),
    "glasses": Prop(things.glasses, r"(?:sun|eye)?glasses|spectacles|眼鏡|メガネ|めがね|サングラス", 0.22, (0.44, 0.0)),
    "clock": Prop(things.clock, r"clocks?|alarms?|watch(?:es)?|timers?|時計|目覚まし(?:時計)?|タイマー", 0.28, (0.0, 0.3)),
    "lamp": Prop(things.lamp, r"lamps?|lanterns?|ランプ|提灯", 0.42, (0.0, 0.25)),
    "ring": Prop(things.ring, r"rings?|diamonds?|jewel(?:s|ry)?|指輪|ダイヤ(?:モンド)?|宝石", 0.18, (0.0, 0.4)),
    "trophy": Prop(things.trophy, r"troph(?:y|ies)|medals?|awards?|prizes?|トロフィー|メダル|賞", 0.42, (0.0, 0.3)),
    "balloon": Prop(things.balloon, r"balloons?|風船", 0.6, (0.0, 0.49)),
    "ball": Prop(things.ball, r"(?:soccer |foot|basket|base)?balls?|ボール|球", 0.28, (0.0, 0.3)),
}  # fmt: skip
PROPS: tuple[str, ...] = tuple(_PROPS)
_NAMES_ANOTHER = re.compile(
    r"[- ](?:shops?|stores?|makers?|workers?|factor(?:y|ies)|machines?|lovers?|boxe?s?|bags?)\b"
)
"""After a word that only says what kind of another thing is meant: "gift shop"."""
_OTHER_GRIPS: dict[tuple[str, PropState], tuple[float, float]] = {
    ("coffee cup", "empty"): (0.1, -0.34), ("umbrella", "closed"): (0.0, 0.2),
    ("book", "open"): (-0.4, 0.2), ("letter", "open"): (-0.36, 0.3),
}  # fmt: skip
_ALIVE = frozenset({"cat", "dog", "bird", "fish", "rose", "flowers", "plant"})
"""What does not break: drawn whole."""


def _alone(word: str) -> str:
    """The pattern of a word that stands alone: "pen" is not in "happen", 本 not in 日本 or 三本."""
    if word.isascii():
        return rf"(?<![a-z]){word}(?![a-z])"
    if len(word) == 1:
        return rf"(?<![一-龠\d]){word}(?![一-龠])"
    return rf"(?<!す){word}" if word == "ばら" else word


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {
        name: re.compile("|".join(_alone(part) for part in re.split(r"\|(?![^(]*\))", prop.words)))
        for name, prop in _PROPS.items()
    }


PICTURED = "emoji:"
"""Begins the name of a prop that is drawn from a pictograph."""
_BIG = frozenset(
    "🚲🛵🏍🛴🛋🛏🛁🚿🚽🪦⚰🎹🐎🐘🦒🐻🦁🐯🐄🐖🐑🐐🦌🦈🦍🐅🐂🗿🏮🎄🌵🌳🌲🌴🪜🛒🧳🪑🛹🎸🎻🚪🧊🪟🪞🖼🎯🎰🛸⛄☃🤖🦘🦙🦓🐫🐪🪆🎡"
)
_METRES: dict[str, float] = {
    "🚲": 1.5, "🛵": 1.6, "🏍": 1.7, "🛋": 1.6, "🛏": 1.8, "🐎": 1.9, "🐘": 2.0, "🦒": 2.2, "⛄": 1.3, "☃": 1.3, "🚪": 2.0,
    "\ue001": 0.9, "\ue002": 0.9, "\ue003": 0.4, "\ue004": 1.7, "\ue005": 1.8, "\ue006": 1.7, "🐄": 1.6, "🐻": 1.3, "🪜": 1.8, "🎄": 1.8, "🧊": 0.5, "🐧": 0.6, "🦢": 0.6, "🐑": 0.9, "🐖": 0.9, "🦌": 1.4, "🛸": 1.2,
    "🪑": 0.9, "🚽": 0.8, "🛁": 1.4, "🎹": 1.2, "🎸": 0.95, "🎻": 0.7, "🪦": 0.9, "⚰": 1.7, "🌵": 0.9, "🛹": 0.7, "🐶": 0.5, "🐕": 0.6,
    "🛒": 1.0, "🪞": 0.9, "🖼": 0.7, "🦷": 0.3, "💍": 0.2, "🔑": 0.24, "🐟": 0.34, "🐜": 0.14, "🐝": 0.2, "🦋": 0.24, "🎺": 0.5,
}  # fmt: skip
_UNSTAGED = re.compile(
    "[\ue000🚗🚕🚙🚌🚂🚆🚇🚅🚄🚚🚛🚑🚒🚓✈🚁🚀🚢🚤🚜🏠🏡🏢🏣🏤🏥🏦🏨🏩🏪🏫🏬🏭🏯🏰🗼🗽⛪🕌🛕⛩🕋⛲🌃🌆🌇🌉🎑🏞🌁🛣🛤🏖🏝🌋⛰🏔🗻🏕⛺🌊☁🌧⛈🌩🌨❄🌙☀⭐🌟🌍🌎🌏🪐🌈🌌🚉🛗♨🌪🌫🎪🎢🎡🚇🏟💒🏛🏙🏚🏘🌅🌄☄⚡💤🔥💔❤💋]"
)
"""What is a place or weather, or is no thing at all: shown in insets, never stood on a table."""


def find_prop(words: str, *, pictured: bool = True) -> str | None:
    """The prop that free words ask for (English or Japanese), or None.

    Of several the one named first is meant; of two at the same place, the longer word. What is
    not drawn by hand is looked for among the pictographs, unless `pictured` is false.
    """
    text = words.casefold().replace("_", " ")
    found = [
        (match.start(), -len(match.group()), rank, name)
        for rank, (name, pattern) in enumerate(_patterns().items())
        if (match := pattern.search(text))
    ]
    drawn = min(found) if found else None
    if not pictured:
        return drawn[3] if drawn else None
    named = [
        (n.start, n.start + len(n.word), PICTURED + n.emoji)
        for n in find_nouns(text)
        if not _UNSTAGED.search(n.emoji)
    ]
    if drawn:
        start, end = drawn[0], drawn[0] - drawn[1]
        # "Fortune cookie" is one thing, not a cookie; "an old laptop" is the laptop drawn here.
        named = [n for n in named if n[1] <= start or n[0] >= end or n[1] - n[0] > end - start]
        if not any(n[0] <= start and n[1] >= end for n in named):
            named.append((start, end, drawn[3]))
    return _head(text, sorted(named))


def drawn_state(name: str, asked: PropState) -> PropState:
    """The state that a prop is drawn in when `asked` for one: that, or its usual one."""
    if asked == "broken" and name not in _ALIVE:
        return asked
    states = STATES.get(name, ())
    return asked if asked in states else states[0] if states else ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A prop that a text names: which, and where in the text."""

    name: str
    word: str
    start: int
    end: int


@lru_cache(2048)
def mentioned(text: str) -> tuple[Mention, ...]:
    """Every prop drawn by hand that a text names, in order; of two at one place the longer."""
    lowered = text.casefold().replace("_", " ")
    if len(lowered) != len(text):
        lowered = text.lower()
    found = sorted(
        (
            Mention(name, match.group(), match.start(), match.end())
            for name, pattern in _patterns().items()
            for match in pattern.finditer(lowered)
            if not _NAMES_ANOTHER.match(lowered, match.end())
        ),
        key=lambda m: (m.start, -m.end),
    )
    kept: list[Mention] = []
    for mention in found:
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return tuple(kept)


def _head(text: str, named: Sequence[tuple[int, int, str]]) -> str | None:
    """The first thing named; of a compound its last word ("a train ticket" is a ticket)."""
    found: str | None = None
    end = -1
    for start, stop, name in named:
        compound = text[end:start] == " " and name not in ("box", "bag", "plate")
        if found is not None and not compound:
            break
        found, end = name, stop
    return found


def prop_metres(name: str) -> float:
    """The longer side of a prop in metres, as it should be drawn beside people."""
    if name.startswith(PICTURED):
        thing = name.removeprefix(PICTURED)
        return _METRES.get(thing, 1.2 if thing in _BIG else 0.36)
    return _PROPS[name].metres


def prop_grip(name: str, state: PropState = "") -> tuple[float, float]:
    """Where a hand holds the prop, as fractions of its size from its centre (y down)."""
    if (name, state) in _OTHER_GRIPS:
        return _OTHER_GRIPS[name, state]
    return (0.0, 0.3) if name.startswith(PICTURED) else _PROPS[name].grip


def draw_prop(
    canvas: skia.Canvas,
    name: str,
    x: float,
    y: float,
    size: float,
    palette: Palette,
    state: PropState = "",
) -> None:
    """Draw a prop with its centre at (x, y), `size` pixels along its longer side.

    `state` should be one that it is drawn in (`drawn_state`).

    Raises:
        KeyError: `name` is not one of `PROPS`; ask `find_prop` for free words.
    """
    canvas.save()
    canvas.translate(x, y)
    canvas.scale(size, size)
    if state == "broken":
        _broken(canvas, name, palette)
    else:
        _draw(canvas, name, palette, state)
    canvas.restore()


def _draw(canvas: skia.Canvas, name: str, palette: Palette, state: PropState = "") -> None:
    if name.startswith(PICTURED):
        pictograph(name.removeprefix(PICTURED)).draw(canvas)
    else:
        _PROPS[name].draw(Pen(canvas, palette, state))


def _broken(canvas: skia.Canvas, name: str, palette: Palette) -> None:
    """In two along a jagged line, the halves fallen apart."""
    teeth = [(0.05 if i % 2 else -0.05, -0.7 + 0.14 * i) for i in range(11)]
    for side in (-1, 1):
        half = polygon([*teeth, (side * 1.5, 0.7), (side * 1.5, -0.7)])
        canvas.save()
        canvas.rotate(side * 13, side * 0.2, 0.5)
        canvas.translate(side * 0.07, 0)
        canvas.clipPath(half, skia.ClipOp.kIntersect, True)
        _draw(canvas, name, palette)
        canvas.restore()
