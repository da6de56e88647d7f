"""Creatures with parts in a film: heads of animals, ghosts, robots, that act like any actor.

A creature's `Avatar.head` is "creature:NAME". Its skull replaces the artwork's; eyes, brows and
mouth stay the artwork's own, so that it has all 21 expressions and speaks.

Knows: what each looks like, the words that ask for it. Does not know: bodies, expressions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from math import cos, pi, sin

import skia

from renderers.animatic import thing_head
from renderers.animatic.ink import LINE, Brush, mix, shaded

PREFIX = "creature:"
THING = "thing:"
"""After `PREFIX`: a thing with a face, by its emoji."""
_X, _Y = 35.0, -236.0
_MUZZLE = (104.0, -128.0)


@dataclass(frozen=True, slots=True)
class Creature:
    """One kind. `skin` is the head and the hands, `patch` its second colour."""

    skin: str
    words: str
    ears: str = ""
    muzzle: str = "snout"
    patch: str = "#fff6e6"
    nose: str = "#3a2a30"
    mark: str = ""
    hands: str = ""


CREATURES: dict[str, Creature] = {
    "penguin": Creature("#3b4358", "penguin|ペンギン", "", "beak", "#fffaf0", "#f6a52d", "mask"),
    "dog": Creature("#d9a066", "dog|puppy|hound|poodle|犬|いぬ|イヌ", "floppy", "snout", "#fff3dc", mark="eye"),
    "cat": Creature("#f0a24a", "cat|kitten|猫|ねこ|ネコ", "pointed", "small", "#fff3dc", "#e8788a", "whiskers"),
    "parrot": Creature("#5fae54", "parrot|parakeet|budgie|cockatoo|オウム|インコ", "crest", "beak", "#f7e9a0", "#f2b632"),
    "pigeon": Creature("#9aa3b5", "pigeon|dove|鳩|ハト", "", "beak", "#c7cedb", "#e9a54a"),
    "eagle": Creature("#8a5a36", "eagle|hawk|falcon|鷲|鷹|ワシ", "crest", "beak", "#fffaf0", "#f2b632", "mask"),
    "seagull": Creature("#fbf8f2", "seagull|gull|カモメ|かもめ", "", "beak", "#ffffff", "#f2a23a"),
    "chicken": Creature("#fffaf0", "chicken|hen|rooster|鶏|にわとり", "comb", "beak", "#ffffff", "#f2a23a"),
    "duck": Creature("#f6cf4a", "duck|duckling|swan|goose|アヒル|鴨", "", "beak", "#fbe08a", "#ef8b2c"),
    "owl": Creature("#9b7348", "owl|フクロウ", "pointed", "beak", "#ead2a8", "#f2b632", "mask"),
    "rabbit": Creature("#f1e6de", "rabbit|bunny|hare|うさぎ|ウサギ|兎", "long", "small", "#ffffff", "#e8788a"),
    "bear": Creature("#9a6b43", "bear|teddy|熊|クマ", "round", "snout", "#e4c39a"),
    "panda": Creature("#fffaf2", "panda|パンダ", "round dark", "snout", "#ffffff", mark="panda", hands="#3a3540"),
    "pig": Creature("#f4a9b8", "pig|piglet|hog|豚|ブタ", "pointed", "pig", "#f7bcc8", "#d9728c"),
    "cow": Creature("#fbf6ee", "cow|bull|ox|牛|ウシ", "horns", "pig", "#f6c3c0", "#b5656e", "eye"),
    "mouse": Creature("#b9b4bd", "mouse|rat|ねずみ|ネズミ|鼠", "huge", "small", "#e9e1e4", "#e8788a", "whiskers"),
    "hamster": Creature("#e3b06d", "hamster|squirrel|ハムスター|リス", "round", "small", "#fff3dc", "#e8788a"),
    "lion": Creature("#eeb14e", "lion|ライオン", "mane", "snout", "#fae3b0"),
    "tiger": Creature("#f09a3c", "tiger|虎|トラ", "round", "snout", "#fff3dc", mark="stripes"),
    "fox": Creature("#e9793b", "fox|狐|キツネ|きつね", "pointed", "snout", "#fff6e6", mark="mask"),
    "wolf": Creature("#8b919c", "wolf|werewolf|狼|オオカミ", "pointed", "snout", "#dfe2e6", mark="mask"),
    "raccoon": Creature("#a59b94", "raccoon|tanuki|狸|たぬき|タヌキ", "round", "snout", "#f3e9de", mark="panda"),
    "frog": Creature("#79b657", "frog|toad|蛙|カエル", "frog", "flat", "#d7ecae"),
    "lizard": Creature("#6fae6a", "lizard|crocodile|alligator|turtle|snake|dinosaur|dragon|恐竜|龍|竜|亀|蛇|トカゲ|ワニ", "spikes", "flat", "#d9ecaf"),
    "monkey": Creature("#8a5a3b", "monkey|ape|gorilla|chimp|猿|サル|ゴリラ", "ape", "snout", "#efc79d", mark="mask"),
    "elephant": Creature("#a9b0bd", "elephant|象|ゾウ", "elephant", "trunk", "#c5cad4"),
    "horse": Creature("#a5673f", "horse|pony|donkey|馬", "horse", "pig", "#c89a72", "#6b3f2a"),
    "unicorn": Creature("#fdf4fb", "unicorn|ユニコーン", "unicorn", "pig", "#fbdcea", "#e39ac0"),
    "sheep": Creature("#f7efe2", "sheep|lamb|goat|羊|山羊|ヒツジ", "wool", "snout", "#e8d4c0"),
    "deer": Creature("#b97b4b", "deer|reindeer|moose|鹿|シカ", "antlers", "snout", "#f0d9b8"),
    "fish": Creature("#f39a3c", "goldfish|fish|carp|salmon|金魚|魚", "fins", "flat", "#fcd79a"),
    "shark": Creature("#8ea6bb", "shark|whale|dolphin|サメ|鮫|クジラ|イルカ", "fin", "flat", "#eef3f6", mark="belly"),
    "octopus": Creature("#e57f92", "octopus|squid|タコ|蛸|イカ", "dome", "flat", "#f3aebb"),
    "bee": Creature("#f5c53c", "bee|wasp|蜂", "antennae", "flat", "#fbe08a"),
    "insect": Creature("#6a5568", "ant|beetle|fly|mosquito|cockroach|spider|butterfly|moth|蟻|蝿|蚊|クモ|ゴキブリ", "antennae", "flat", "#8d7690"),
    "snowman": Creature("#f4f8fc", "snowman|yeti|雪だるま", "hat", "carrot", "#ffffff", "#f08a3c"),
    "robot": Creature("#b4c0cc", "robot|android|ai|bot|computer|ロボット|アンドロイド|人工知能", "bolt", "plate", "#dfe7ee"),
    "alien": Creature("#9fc98a", "alien|martian|extraterrestrial|宇宙人|エイリアン|火星人", "antennae", "flat", "#c9e3b5"),
    "ghost": Creature("#f3f2fb", "ghost|spirit|phantom|poltergeist|幽霊|お化け|おばけ|ゆうれい", "wisp", "flat", "#ffffff"),
    "skeleton": Creature("#f5efe0", "skeleton|death|grim reaper|骸骨|死神", "", "skull", "#ffffff"),
    "zombie": Creature("#a3b98a", "zombie|ゾンビ", "tuft", "flat", "#c3d3ae"),
    "vampire": Creature("#e9e4ee", "vampire|dracula|吸血鬼|ドラキュラ", "slick", "fangs", "#ffffff"),
    "oni": Creature("#d9534a", "ogre|oni|demon|devil|鬼|悪魔", "horns", "fangs", "#ef8d7c"),
    "plant": Creature("#7fb45e", "plant|tree|cactus|flower|植物|木|サボテン|花", "leaves", "flat", "#a5d07e"),
    "egg": Creature("#fbeed6", "egg|potato|onion|tomato|卵|玉ねぎ", "tuft", "flat", "#ffffff"),
}  # fmt: skip
_OF = re.compile(r"\b(?:who|that|which|with|in|at|from|of|and|for|on|whose)\b|[,;:(]")


def creature_of(role: str) -> str | None:
    """The creature that a role names ("penguin", "the ghost of the house"), or None.

    Only what somebody *is* counts: a "dog walker" is a person.
    """
    text = role.lower().strip()
    head = _OF.split(text)[0].strip() if text.isascii() else text
    for name, creature in CREATURES.items():
        for word in creature.words.split("|"):
            for form in (word, f"{word}s") if word.isascii() else (word,):
                if head.endswith(form) and not _joined(head[: -len(form)], word):
                    return name
    return None


def _joined(before: str, word: str) -> bool:
    """Whether what stands before makes a word one with it ("cat" in "tomcat", 鬼 in 殺人鬼)."""
    last = before[-1:]
    return last.isalnum() if word.isascii() else "\u4e00" <= last <= "\u9fff"


def kind(head: str) -> Creature | None:
    if not head.startswith(PREFIX):
        return None
    name = head.removeprefix(PREFIX)
    if name.startswith(THING):
        return Creature(thing_head.colour_of(name.removeprefix(THING)), "", muzzle="flat")
    return CREATURES.get(name)


def _thing(head: str) -> str:
    """The emoji of a thing with a face; "" for a creature."""
    name = head.removeprefix(PREFIX)
    return name.removeprefix(THING) if name.startswith(THING) else ""


@cache
def bounds(head: str) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a creature's head with all that grows on it, figure units."""
    if thing := _thing(head):
        return thing_head.bounds(thing)
    creature = kind(head)
    assert creature is not None
    boxes = [path.computeTightBounds() for path, _ in _behind(creature)]
    boxes.append(_outline(creature).computeTightBounds())
    return (
        min(b.left() for b in boxes),
        min(b.top() for b in boxes),
        max(b.right() for b in boxes),
        max(b.bottom() for b in boxes),
    )


def skull() -> skia.Path:
    """The outline of the head: a rounded block, a little wider at the jaw."""
    path = skia.Path()
    path.moveTo(_X, -452)
    path.cubicTo(_X + 130, -452, 214, -380, 216, -250)
    path.cubicTo(222, -120, 170, -28, _X, -28)
    path.cubicTo(-110, -28, -152, -120, -146, -250)
    path.cubicTo(-144, -380, _X - 130, -452, _X, -452)
    path.close()
    return path


def draw_creature(canvas: skia.Canvas, brush: Brush, head: str, *, back: bool = False) -> None:
    """Ears, skull and markings; no features."""
    if thing := _thing(head):
        thing_head.draw_thing(canvas, brush, thing, back=back)
        return
    creature = kind(head)
    assert creature is not None
    for part, fill in _behind(creature):
        canvas.drawPath(part, brush.fill(fill))
        canvas.drawPath(part, brush.line())
    outline = _outline(creature)
    canvas.drawPath(outline, brush.fill(creature.skin))
    canvas.save()
    canvas.clipPath(outline, skia.ClipOp.kIntersect, True)
    if not back:
        _markings(canvas, brush, creature)
    _form(canvas, brush, creature.skin)
    canvas.restore()
    canvas.drawPath(outline, brush.line())
    if not back:
        _front(canvas, brush, creature)


def draw_snout(canvas: skia.Canvas, brush: Brush, head: str, opened: float) -> bool:
    """Nose or beak, which move with the features; whether it has a mouth of its own.

    `opened` (0 to 1) is how wide the mouth is.
    """
    creature = kind(head)
    assert creature is not None
    x, y = _MUZZLE
    ink = brush.line(11)
    if creature.muzzle == "beak":
        _beak(canvas, brush, creature.nose, opened)
        return True
    if creature.muzzle == "carrot":
        nose = _curve((x - 4, y - 92), (x + 150, y - 66), (x - 4, y - 40))
        canvas.drawPath(nose, brush.fill(creature.nose))
        canvas.drawPath(nose, ink)
    elif creature.muzzle == "pig":
        snout = skia.Rect.MakeLTRB(x - 58, y - 104, x + 62, y - 34)
        canvas.drawOval(snout, brush.fill(creature.patch))
        canvas.drawOval(snout, ink)
        for dx in (-20, 24):
            hole = skia.Rect.MakeLTRB(x + dx - 9, y - 82, x + dx + 9, y - 54)
            canvas.drawOval(hole, brush.fill(creature.nose))
    elif creature.muzzle in ("snout", "small"):
        half = 30 if creature.muzzle == "snout" else 19
        nose = _curve((x - half, y - 76), (x, y - 96), (x + half, y - 76), (x, y - 34))
        canvas.drawPath(nose, brush.fill(creature.nose))
        canvas.drawPath(nose, ink)
    elif creature.muzzle == "trunk":
        trunk = skia.Path()
        trunk.moveTo(x - 10, y - 96)
        trunk.cubicTo(x + 40, y - 40, x + 110, y + 30, x + 160, y - 46)
        canvas.drawPath(trunk, brush.line(70))
        canvas.drawPath(trunk, brush.line(44, creature.skin))
    elif creature.muzzle == "skull":
        hole = _curve((x - 18, y - 50), (x, y - 96), (x + 18, y - 50))
        canvas.drawPath(hole, brush.fill("#3a3540"))
    return False


def draw_teeth(canvas: skia.Canvas, brush: Brush, head: str) -> None:
    """What stays before the mouth."""
    creature = kind(head)
    if creature is not None and creature.muzzle == "fangs":
        x, y = _MUZZLE
        for dx in (-28, 26):
            fang = _curve((x + dx - 10, y + 2), (x + dx + 10, y + 2), (x + dx, y + 36))
            canvas.drawPath(fang, brush.fill("#fffdf6"))
            canvas.drawPath(fang, brush.line(7))


# --- parts --------------------------------------------------------------------------


def _outline(creature: Creature) -> skia.Path:
    path = skull()
    if creature.muzzle == "plate":
        path = skia.Path()
        path.addRRect(skia.RRect.MakeRectXY(skia.Rect.MakeLTRB(-150, -450, 220, -30), 70, 70))
    elif creature.ears == "dome":
        path = _smooth((-150, -160), (-170, -420), (_X, -600), (240, -420), (216, -160), (_X, -18))
    return path


def _behind(c: Creature) -> list[tuple[skia.Path, str]]:
    """What grows out behind the skull, back to front, with its colour."""
    dark = mix(c.skin, "#2a1f30", 0.3)
    match c.ears:
        case "floppy":
            return [
                (
                    _smooth((-110, -420), (-205, -400), (-214, -210), (-150, -160), (-84, -250)),
                    dark,
                ),
                (_smooth((180, -420), (262, -390), (266, -220), (214, -170), (160, -260)), dark),
            ]
        case "pointed":
            return [
                (_curve((-140, -330), (-128, -556), (16, -430)), c.skin),
                (_curve((-112, -380), (-110, -504), (-26, -424)), mix(c.skin, "#f08a9a", 0.5)),
                (_curve((208, -330), (196, -556), (54, -430)), c.skin),
                (_curve((180, -380), (178, -504), (94, -424)), mix(c.skin, "#f08a9a", 0.5)),
            ]
        case "round" | "round dark" | "ape" | "huge":
            radius = {"huge": 104, "ape": 74}.get(c.ears, 72)
            y = -250 if c.ears == "ape" else -416
            dx = 182 if c.ears == "ape" else 150
            fill = "#3a3540" if c.ears == "round dark" else c.skin
            inner = fill if c.ears == "round dark" else mix(c.patch, "#f08a9a", 0.3)
            return [
                part
                for side in (-1, 1)
                for part in (
                    (_circle(_X + side * dx, y, radius), fill),
                    (_circle(_X + side * dx, y, 0.55 * radius), inner),
                )
            ]
        case "long":
            inner = mix(c.skin, "#f08a9a", 0.5)
            return [
                (_smooth((-92, -400), (-120, -560), (-70, -640), (-18, -560), (-6, -430)), c.skin),
                (_smooth((-72, -430), (-84, -540), (-64, -590), (-36, -540), (-34, -440)), inner),
                (_smooth((76, -430), (92, -560), (150, -640), (190, -560), (164, -400)), c.skin),
                (_smooth((104, -440), (112, -540), (144, -590), (162, -540), (144, -430)), inner),
            ]
        case "horns":
            return [
                (
                    _smooth((-120, -380), (-180, -470), (-150, -560), (-104, -500), (-54, -430)),
                    "#efe2c4",
                ),
                (
                    _smooth((190, -380), (250, -470), (220, -560), (174, -500), (124, -430)),
                    "#efe2c4",
                ),
            ]
        case "mane":
            petals = skia.OpBuilder()
            for i in range(14):
                angle = 2 * pi * i / 14
                petals.add(
                    _circle(_X + 205 * cos(angle), _Y + 220 * sin(angle) - 4, 72),
                    skia.PathOp.kUnion_PathOp,
                )
            whole = petals.resolve()
            return [(whole if whole is not None else skia.Path(), "#a8622c")]
        case "crest":
            return [
                (
                    _smooth(
                        (-40, -430),
                        (-84, -530),
                        (-6, -500),
                        (20, -576),
                        (64, -500),
                        (130, -530),
                        (100, -430),
                    ),
                    dark,
                )
            ]
        case "comb":
            return [
                (
                    _smooth(
                        (-40, -430),
                        (-60, -520),
                        (0, -490),
                        (30, -560),
                        (70, -490),
                        (124, -520),
                        (100, -430),
                    ),
                    "#e2503f",
                )
            ]
        case "frog":
            return [(_circle(-40, -430, 74), c.skin), (_circle(140, -430, 74), c.skin)]
        case "spikes":
            return [
                (_curve((x - 42, -420 + d), (x, -530 + d), (x + 42, -420 + d)), "#d99a3c")
                for x, d in ((-70, 30), (30, 0), (126, 24))
            ]
        case "elephant":
            return [
                (
                    _smooth((-110, -400), (-290, -440), (-320, -230), (-200, -120), (-120, -190)),
                    dark,
                ),
                (_smooth((180, -400), (330, -440), (360, -230), (270, -120), (200, -190)), dark),
            ]
        case "horse" | "unicorn":
            mane = "#5a3524" if c.ears == "horse" else "#c9a0e8"
            parts = [
                (_smooth((-150, -180), (-220, -330), (-160, -500), (0, -540), (40, -440)), mane),
                (_curve((-96, -400), (-80, -540), (0, -440)), c.skin),
                (_curve((166, -400), (160, -540), (76, -440)), c.skin),
            ]
            if c.ears == "unicorn":
                parts.append((_curve((16, -440), (54, -640), (90, -440)), "#f6c445"))
            return parts
        case "wool":
            tufts = skia.OpBuilder()
            for x, y in (
                (-110, -380),
                (-50, -450),
                (36, -478),
                (122, -452),
                (180, -384),
                (-140, -300),
                (210, -300),
            ):
                tufts.add(_circle(x, y, 66), skia.PathOp.kUnion_PathOp)
            whole = tufts.resolve()
            return [(whole if whole is not None else skia.Path(), "#fffaf0")]
        case "antlers":
            return [
                (
                    _thick((-50, -420), (-90, -520), (-150, -556), (-90, -520), (-84, -590)),
                    "#8a5f3c",
                ),
                (
                    _thick((120, -420), (160, -520), (222, -556), (160, -520), (152, -590)),
                    "#8a5f3c",
                ),
            ]
        case "fins":
            return [
                (
                    _smooth((-130, -300), (-262, -360), (-236, -240), (-270, -140), (-130, -190)),
                    mix(c.skin, "#e2503f", 0.4),
                ),
                (
                    _smooth((-20, -440), (10, -560), (110, -540), (130, -430)),
                    mix(c.skin, "#e2503f", 0.4),
                ),
            ]
        case "fin":
            return [(_curve((-50, -430), (30, -600), (110, -430)), dark)]
        case "antennae":
            return [
                (_thick((-20, -440), (-70, -560)), dark), (_circle(-72, -566, 24), "#f6c445"),
                (_thick((90, -440), (140, -560)), dark), (_circle(142, -566, 24), "#f6c445"),
            ]  # fmt: skip
        case "bolt":
            return [
                (_thick((36, -450), (36, -540)), "#8a95a3"), (_circle(36, -556, 28), "#e2503f"),
                (_box(-196, -300, -140, -180), "#8a95a3"), (_box(214, -300, 266, -180), "#8a95a3"),
            ]  # fmt: skip
        case "hat":
            return [
                (_box(-150, -470, 222, -420), "#3a3540"),
                (_box(-76, -620, 148, -440), "#3a3540"),
            ]
        case "wisp":
            return [
                (_smooth((-60, -440), (-30, -600), (90, -560), (60, -500), (120, -430)), c.skin)
            ]
        case "tuft":
            return [
                (_smooth((0, -440), (-20, -540), (30, -500), (70, -560), (80, -440)), "#5c4a3a")
            ]
        case "slick":
            return [
                (
                    _smooth((-168, -220), (-190, -420), (_X, -540), (260, -420), (236, -220)),
                    "#2a2631",
                )
            ]
        case "leaves":
            return [
                (_smooth((20, -440), (-80, -520), (-110, -610), (0, -580), (36, -450)), "#4f8f4f"),
                (_smooth((40, -440), (60, -560), (150, -630), (190, -560), (70, -440)), "#6fae5a"),
            ]
        case _:
            return []


def _markings(canvas: skia.Canvas, brush: Brush, c: Creature) -> None:
    x, y = _MUZZLE
    patch = brush.fill(c.patch)
    if c.mark == "mask":
        # The face is lighter than the head: two lobes round the eyes.
        for dx in (-52, 62):
            canvas.drawOval(skia.Rect.MakeLTRB(x + dx - 96, -338, x + dx + 96, -96), patch)
        canvas.drawOval(skia.Rect.MakeLTRB(-70, -210, 290, 10), patch)
    elif c.mark == "eye":
        spot = brush.fill(mix(c.skin, "#4a3030", 0.62))
        canvas.drawOval(skia.Rect.MakeLTRB(106, -320, 226, -170), spot)
    elif c.mark == "panda":
        spot = brush.fill("#5b5560")
        for left in (-6, 108):
            canvas.drawOval(skia.Rect.MakeLTRB(left, -290, left + 108, -168), spot)
    elif c.mark == "stripes":
        for sx in (-60, 34, 128):
            canvas.drawLine(sx, -460, sx + 4, -380, brush.line(22, "#5a3420"))
        for sy in (-210, -150):
            canvas.drawLine(-150, sy, -84, sy + 8, brush.line(20, "#5a3420"))
            canvas.drawLine(222, sy, 190, sy + 8, brush.line(20, "#5a3420"))
    elif c.mark == "belly":
        canvas.drawOval(skia.Rect.MakeLTRB(-90, -170, 300, 40), patch)
    if c.muzzle == "snout":
        canvas.drawOval(skia.Rect.MakeLTRB(x - 96, y - 92, x + 104, y + 92), patch)
    elif c.muzzle == "small":
        canvas.drawOval(skia.Rect.MakeLTRB(x - 74, y - 70, x + 78, y + 74), patch)
    elif c.muzzle == "plate":
        canvas.drawRoundRect(skia.Rect.MakeLTRB(-60, -330, 210, -60), 40, 40, patch)
    if c.ears == "slick":
        hair = _curve(
            (-160, -260),
            (-120, -400),
            (_X + 10, -330),
            (200, -410),
            (240, -250),
            (240, -480),
            (-170, -480),
        )
        canvas.drawPath(hair, brush.fill("#2a2631"))


def _form(canvas: skia.Canvas, brush: Brush, skin: str) -> None:
    """Shade on the jaw and on the side away from the light."""
    jaw = skia.Path()
    jaw.addRect(skia.Rect.MakeLTRB(-600, -600, 600, 200))
    jaw.addOval(skia.Rect.MakeLTRB(-190 - 20 * brush.key, -580, 250 - 20 * brush.key, -50))
    jaw.setFillType(skia.PathFillType.kEvenOdd)
    canvas.drawPath(jaw, brush.fill(shaded(skin, 0.34), 0.5))


def _front(canvas: skia.Canvas, brush: Brush, c: Creature) -> None:
    x, y = _MUZZLE
    if c.mark == "whiskers":
        for side, start in ((-1, x - 66), (1, x + 70)):
            for dy in (-34, -14, 8):
                canvas.drawLine(start, y + dy, start + side * 92, y + dy * 1.8 - 6, brush.line(7))
    if c.muzzle == "plate":
        for px in (-104, 172):
            canvas.drawCircle(px, -90, 12, brush.fill("#8a95a3"))
            canvas.drawCircle(px, -390, 12, brush.fill("#8a95a3"))
    if c.ears == "dome":
        for px, py, r in ((-60, -470, 20), (10, -520, 14), (150, -480, 18)):
            canvas.drawCircle(px, py, r, brush.fill(mix(c.skin, "#ffffff", 0.3)))


def _beak(canvas: skia.Canvas, brush: Brush, colour: str, opened: float) -> None:
    """Two halves; the lower one opens."""
    x, y = _MUZZLE
    drop = 52 * max(0.0, min(1.0, opened))
    if opened > 0.06:
        throat = _curve(
            (x - 40, y - 44), (x + 88, y - 26), (x + 62, y - 20 + drop), (x - 28, y - 18 + drop)
        )
        canvas.drawPath(throat, brush.fill("#7a2430"))
        canvas.drawPath(throat, brush.line(9))
    lower = _smooth(
        (x - 44, y - 42 + 0.4 * drop),
        (x + 40, y - 36 + drop),
        (x + 66, y - 24 + drop),
        (x + 6, y - 2 + drop),
        (x - 40, y - 14 + 0.8 * drop),
    )
    canvas.drawPath(lower, brush.fill(shaded(colour, 0.16)))
    canvas.drawPath(lower, brush.line(11))
    upper = _smooth(
        (x - 58, y - 58),
        (x - 6, y - 104),
        (x + 78, y - 62),
        (x + 116, y - 16),
        (x + 34, y - 34),
        (x - 40, y - 32),
    )
    canvas.drawPath(upper, brush.fill(colour))
    canvas.drawPath(upper, brush.line(12))
    canvas.drawCircle(x + 6, y - 72, 6, brush.fill("#3a2a20"))


# --- shapes ---------------------------------------------------------------------------


def _curve(*points: tuple[float, float]) -> skia.Path:
    """A closed outline of straight lines."""
    path = skia.Path()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    path.close()
    return path


def _smooth(*points: tuple[float, float]) -> skia.Path:
    """A closed outline that bends at every point but never breaks."""
    path = skia.Path()
    count = len(points)
    middles = [
        (
            (points[i][0] + points[(i + 1) % count][0]) / 2,
            (points[i][1] + points[(i + 1) % count][1]) / 2,
        )
        for i in range(count)
    ]
    path.moveTo(*middles[-1])
    for i in range(count):
        path.quadTo(*points[i], *middles[i])
    path.close()
    return path


def _circle(x: float, y: float, radius: float) -> skia.Path:
    path = skia.Path()
    path.addCircle(x, y, radius)
    return path


def _box(left: float, top: float, right: float, bottom: float) -> skia.Path:
    path = skia.Path()
    path.addRRect(skia.RRect.MakeRectXY(skia.Rect.MakeLTRB(left, top, right, bottom), 14, 14))
    return path


def _thick(*points: tuple[float, float]) -> skia.Path:
    """A rod along points, as an outline."""
    line = skia.Path()
    line.moveTo(*points[0])
    for point in points[1:]:
        line.lineTo(*point)
    paint = skia.Paint(
        Style=skia.Paint.kStroke_Style, StrokeWidth=2.0 * LINE, StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )  # fmt: skip
    outline = skia.Path()
    paint.getFillPath(line, outline)
    return outline
