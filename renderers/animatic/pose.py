"""Poses: what the arms, the head and the body do, and the words that ask for it.

Positions are in figure units relative to the collar (see `peeps`), for a figure that looks
to the right; "right" is the side it looks to, in the picture.

Knows: words of action (English, Japanese), joint targets, the kind of movement. Does not
know: drawing, time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

HandKind = Literal["relaxed", "open", "fist", "point", "flat", "grip", "thumb"]
Layer = Literal["behind", "body", "head"]
Act = Literal[
    "rest", "wave", "jab", "slam", "shrug", "nod", "shake", "bounce", "tremble", "bow", "lean",
    "walk", "sip", "type", "hold",
]  # fmt: skip
Stance = Literal["stand", "sit", "walk", "kneel"]


@dataclass(frozen=True, slots=True)
class Arm:
    """Where a hand is and how. Its `angle` is in degrees (0 right, 90 down); None follows the
    forearm."""

    x: float
    y: float
    hand: HandKind = "relaxed"
    angle: float | None = None
    layer: Layer = "body"


@dataclass(frozen=True, slots=True)
class Pose:
    """A whole body. `tilt` of the head and `lean` of the body in degrees, clockwise."""

    left: Arm = Arm(-232, 580, angle=95.0)
    right: Arm = Arm(232, 580, angle=85.0)
    tilt: float = 0.0
    lean: float = 0.0
    drop: float = 0.0
    """How far the head sinks, in figure units."""
    shrug: float = 0.0
    """How far the shoulders rise."""
    act: Act = "rest"
    stance: Stance = "stand"
    grip: Literal["left", "right", "both"] = "right"
    """The hand that a prop goes to."""


IDLE = Pose()
HOLD = Pose(right=Arm(285, 175, "grip", angle=-50.0))

_L, _R = IDLE.left, IDLE.right
_TABLE: tuple[tuple[str, Pose], ...] = (
    (r"gavel|木槌|ガベル|小槌",
     Pose(right=Arm(330, -110, "grip", angle=-70.0), lean=2, act="slam")),
    (r"slam|bang|pound|thump|叩|たた|ドン",
     Pose(left=Arm(-150, 470, "fist"), right=Arm(230, 430, "fist"), lean=6, act="slam")),
    (r"facepalm|face[- ]palm|palm (?:to|on) (?:his|her|their|the)? ?(?:face|forehead)|額に手|頭に手",
     Pose(right=Arm(20, -330, "open", angle=-140.0, layer="head"), tilt=8, drop=14, act="shake")),
    (r"clutch\w* (?:his|her|their|the)? ?head|head in (?:his|her|their) hands|頭を抱え",
     Pose(Arm(-170, -330, "open", angle=-60.0, layer="head"),
          Arm(215, -330, "open", angle=-120.0, layer="head"), drop=16, act="shake")),
    (r"hands? up|raises? (?:both|his|her|their) hands|throws? up|surrender|両手を上げ|手を上げ|お手上げ|万歳",
     Pose(Arm(-330, -150, "open", angle=-105.0), Arm(340, -150, "open", angle=-75.0), act="bounce")),
    (r"cheer|celebrat|triumph|fist ?pump|raises? (?:a|his|her|their) fist|victor|ガッツポーズ|拳|喜び",
     Pose(_L, Arm(300, -220, "fist", angle=-80.0), act="bounce")),
    (r"shrug|肩をすくめ",
     Pose(Arm(-330, 190, "flat", angle=-165.0), Arm(330, 190, "flat", angle=-15.0),
          tilt=7, shrug=34, act="shrug")),
    (r"(?:cross|fold)\w* (?:his|her|their|the)? ?arms|arms (?:crossed|folded)|腕を組|腕組",
     Pose(Arm(110, 285, "fist", angle=0.0), Arm(-105, 262, "relaxed", angle=180.0), act="rest")),
    (r"hands? on (?:his|her|their|the)? ?hips?|akimbo|腰に手",
     Pose(Arm(-150, 470, "fist", angle=40.0), Arm(150, 470, "fist", angle=140.0))),
    (r"thumbs?[- ]up|親指|サムズアップ",
     Pose(right=Arm(285, 80, "thumb", angle=-20.0), act="jab")),
    (r"salut|敬礼",
     Pose(right=Arm(205, -330, "flat", angle=-160.0, layer="head"), act="jab")),
    (r"whisper|ささや|囁|耳打ち",
     Pose(right=Arm(275, -40, "flat", angle=-100.0, layer="head"), lean=6, act="lean")),
    (r"cover\w* (?:his|her|their|the)? ?mouth|gasp|口を押さ|口元|息を呑",
     Pose(right=Arm(150, -20, "open", angle=-115.0, layer="head"), act="tremble")),
    (r"scratch\w* (?:his|her|their|the)? ?head|頭をか|頭を掻",
     Pose(right=Arm(225, -390, "open", angle=-125.0, layer="head"), tilt=-6, act="tremble")),
    (r"phone|call|電話|スマホ",
     Pose(left=Arm(-190, -150, "grip", angle=-75.0, layer="head"), tilt=-5, grip="left")),
    (r"chin|think|ponder|wonder|consider|顎|あご|考え|思案",
     Pose(Arm(90, 300, "fist", angle=0.0), Arm(60, 10, "fist", angle=-70.0, layer="head"),
          tilt=5, act="nod")),
    (r"\bbow(?:s|ing|ed)?\b|apologi|お辞儀|頭を下げ|謝",
     Pose(Arm(-130, 500, angle=80.0), Arm(130, 500, angle=100.0), tilt=16, drop=95, act="bow")),
    (r"kiss|キス|口づけ",
     Pose(Arm(190, 330, "flat", angle=-10.0), Arm(290, 180, "flat", angle=-30.0), lean=7, act="hold")),
    (r"kneel|on (?:one|his|her|their) knees?|ひざまず|跪|土下座",
     Pose(Arm(40, 230, "flat", angle=-70.0), Arm(64, 240, "flat", angle=-110.0), tilt=-6, stance="kneel", act="nod")),
    (r"takes? it|receiv|accepts?|受け取",
     Pose(right=Arm(300, 300, "open", angle=-10.0), lean=3, act="lean")),
    (r"looks? (?:up|at the sky)|見上げ|天を仰",
     Pose(Arm(-240, 560, angle=95.0), Arm(120, -20, "flat", angle=-60.0, layer="head"), tilt=-12)),
    (r"looks? (?:down|at (?:his|her|their) (?:feet|shoes))|うつむ|俯",
     Pose(Arm(-120, 490, "fist", angle=60.0), Arm(120, 490, "fist", angle=120.0), tilt=14, drop=26)),
    (r"looks? away|turns? away|目をそら|そっぽ|背を向け",
     Pose(Arm(110, 285, "fist", angle=0.0), Arm(-105, 262, "relaxed", angle=180.0), tilt=-9, lean=-3)),
    (r"(?:hands?|fists?) in (?:(?:his|her|their) )?pockets|ポケット",
     Pose(Arm(-165, 520, "fist", angle=70.0), Arm(165, 520, "fist", angle=110.0), shrug=8)),
    (r"tug|pull(?:s|ing)? at|collar|襟|ネクタイを",
     Pose(right=Arm(40, 40, "fist", angle=-110.0), tilt=6, act="tremble")),
    (r"count(?:s|ing)? on|on (?:(?:his|her|their) )?fingers|指折り|数え",
     Pose(Arm(40, 190, "open", angle=-80.0), Arm(110, 215, "point", angle=-160.0), tilt=6, act="nod")),
    (r"wipes? (?:his|her|their) (?:brow|forehead)|汗を拭",
     Pose(right=Arm(150, -390, "fist", angle=-150.0, layer="head"), tilt=-4, act="tremble")),
    (r"stretch|yawn|伸びを|あくび",
     Pose(Arm(-250, -330, "fist", angle=-100.0), Arm(250, -330, "fist", angle=-80.0), lean=-3, act="bow")),
    (r"hug|embrac|抱きしめ|ハグ|抱き合|抱擁",
     Pose(Arm(300, 250, "flat", angle=0.0), Arm(360, 140, "flat", angle=-20.0), lean=7, act="hold")),
    (r"lean|身を乗り出|近づ|詰め寄|steps? (?:closer|forward)",
     Pose(Arm(-150, 500, angle=80.0), Arm(250, 400, angle=60.0), lean=9, act="lean")),
    (r"point\w* up|raises? (?:a|one|an index) finger|idea|ひらめ|思いつ|人差し指を立",
     Pose(right=Arm(265, -150, "point", angle=-88.0), act="jab")),
    (r"point|accus|指さ|指差|指を",
     Pose(right=Arm(420, 130, "point", angle=-8.0), lean=3, act="jab")),
    (r"wav(?:e|es|ing|ed)\b|greet|hello|手を振|挨拶|あいさつ",
     Pose(right=Arm(320, -160, "open", angle=-80.0), tilt=4, act="wave")),
    (r"pray|beg|plead|clasp|手を合わせ|祈|拝|懇願|お願い",
     Pose(Arm(10, 215, "flat", angle=-70.0), Arm(34, 225, "flat", angle=-110.0), tilt=6, act="nod")),
    (r"clap|applau|拍手",
     Pose(Arm(10, 230, "flat", angle=-40.0), Arm(70, 230, "flat", angle=-140.0), act="tremble")),
    (r"(?:hand|palm)s? (?:on|to) (?:his|her|their|the)? ?(?:heart|chest)|胸に手|胸を",
     Pose(right=Arm(-20, 190, "flat", angle=-165.0), tilt=4)),
    (r"arms? (?:wide|open|out|spread)|spreads?|両手を広げ|腕を広げ|presents?",
     Pose(Arm(-440, 120, "open", angle=-150.0), Arm(440, 120, "open", angle=-30.0), act="bounce")),
    (r"\bsips?\b|drinks?|taste|飲|すす|味見",
     Pose(right=Arm(180, -10, "grip", angle=-110.0, layer="head"), act="sip")),
    (r"toast|raises? (?:a|the|his|her|their) (?:cup|glass|mug)|乾杯|掲げ|lifts?",
     Pose(right=Arm(290, -20, "grip", angle=-75.0), act="jab")),
    (r"offer|gives?|giving|hands? (?:over|him|her|them|the)|serves?|slides?|pass(?:es)?|差し出|渡|出す",
     Pose(right=Arm(390, 260, "grip", angle=-15.0), lean=4, act="jab")),
    (r"reads?|book|letter|tablet|menu|読|手紙|メニュー|タブレット",
     Pose(Arm(-90, 330, "grip", angle=-20.0), Arm(170, 330, "grip", angle=-160.0), tilt=7,
          act="nod", grip="both")),
    (r"typ(?:e|es|ing)\b|writ(?:e|es|ing)|notes|keyboard|laptop|打|タイプ|書|メモ|wipes?|pours?|stirs?|拭|注|かき混ぜ",
     Pose(Arm(-110, 400, "relaxed", angle=30.0), Arm(130, 390, "grip", angle=120.0), tilt=6,
          act="type")),
    (r"hold|carr|clutch|grip|grab|shows?|持|抱え|手に|見せ|握", HOLD),
    (r"run|rush|flee|chase|dash|走|駆|逃げ",
     Pose(Arm(-270, 330, "fist", angle=-60.0), Arm(290, 190, "fist", angle=-60.0), lean=8,
          act="walk", stance="walk")),
    (r"walk|strid|enter|arrive|leav|歩|入って|去|立ち去", Pose(act="walk", stance="walk")),
    (r"\bsits?\b|sitting|seated|座|腰掛",
     Pose(Arm(-120, 470, angle=70.0), Arm(130, 470, angle=110.0), stance="sit")),
    (r"nod|うなず|頷", Pose(act="nod")),
    (r"shak\w* (?:his|her|their|the)? ?head|refus|首を振|かぶりを振|拒", Pose(act="shake")),
    (r"trembl|shiver|quak|震え", Pose(Arm(-90, 250, "fist", angle=-40.0),
                                     Arm(120, 250, "fist", angle=-140.0), shrug=22, act="tremble")),
    (r"jump|leap|startl|recoil|跳|飛び上が|驚",
     Pose(Arm(-290, 60, "open", angle=-125.0), Arm(300, 60, "open", angle=-55.0), act="bounce")),
    (r"sigh|slump|droop|ため息|うなだれ|肩を落と",
     Pose(tilt=10, drop=30, shrug=-14, act="bow")),
    (r"gestur|explain|talk|speak|身振り|説明|話",
     Pose(Arm(-330, 270, "flat", angle=-160.0), Arm(330, 220, "open", angle=-35.0), act="jab")),
)  # fmt: skip


@cache
def _rules() -> tuple[tuple[re.Pattern[str], Pose], ...]:
    return tuple((re.compile(words), pose) for words, pose in _TABLE)


def recognise(words: str, holding: bool = False) -> Pose | None:
    """The pose that `words` ask for, or None; one that can hold something if it must."""
    lowered = words.lower()
    found = next((pose for rule, pose in _rules() if rule.search(lowered)), None)
    if not holding:
        return found
    if found is None:
        return HOLD
    hand = found.left if found.grip == "left" else found.right
    if hand.hand == "grip":
        return found
    if hand == _R:
        return replace(found, right=HOLD.right)
    # The acting hand is busy: the prop goes to the other one.
    return replace(found, left=Arm(-285, 175, "grip", angle=-130.0), grip="left")


def mirrored_arms(pose: Pose) -> Pose:
    """The same gesture with the other arm, for a figure whose acting side is not free."""

    def flip(arm: Arm) -> Arm:
        return replace(arm, x=-arm.x, angle=None if arm.angle is None else 180 - arm.angle)

    swap: dict[str, Literal["left", "right", "both"]] = {"left": "right", "right": "left"}
    return replace(
        pose, left=flip(pose.right), right=flip(pose.left), grip=swap.get(pose.grip, pose.grip)
    )


def between(first: Pose, second: Pose, share: float) -> Pose:
    """The pose `share` (0 to 1, or beyond for an overshoot) of the way from one to another."""

    def number(a: float, b: float) -> float:
        return a + (b - a) * share

    def arm(a: Arm, b: Arm) -> Arm:
        near = b if share > 0.45 else a
        turn = ((b.angle or 0) - (a.angle or 0) + 180) % 360 - 180
        angle = None if a.angle is None or b.angle is None else a.angle + turn * share
        return replace(near, x=number(a.x, b.x), y=number(a.y, b.y), angle=angle)

    return replace(
        second,
        left=arm(first.left, second.left),
        right=arm(first.right, second.right),
        tilt=number(first.tilt, second.tilt),
        lean=number(first.lean, second.lean),
        drop=number(first.drop, second.drop),
        shrug=number(first.shrug, second.shrug),
    )
