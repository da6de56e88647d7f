"""The heads of Open Peeps by name: who wears which, at what age, and the words that ask for it.

Knows: words (English, Japanese). Does not know: drawing, who else is cast.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """One Open Peeps head: who may wear it unasked ("" nobody), and the words that ask for it."""

    who: str
    words: str
    ages: str = "young adult"


# `who`: f feminine, m masculine, n neutral. A covered head says something about its wearer,
# so it is drawn only when asked for.
HEADS: dict[str, Head] = {
    "afro": Head("mn", "afro|アフロ"),
    "bangs": Head("f", "bangs|fringe|shoulder-length|前髪", "child young adult"),
    "bangs2": Head("f", "bob|ボブ|おかっぱ", "child young adult"),
    "bantuKnots": Head("f", "bantu|knots", "child young"),
    "bun": Head("f", "bandana|headscarf|バンダナ"),
    "bun2": Head("f", "bun|updo|top knot|お団子|団子", "child young adult"),
    "buns": Head("f", "buns|お団子", "child young"),
    "cornrows": Head("fn", "cornrows|braids|ponytail|tied-back|tied back|ポニーテール|三つ編み"),
    "cornrows2": Head("f", "braids|pigtails|おさげ|三つ編み", "child young adult"),
    "dreads1": Head("n", "dreads|dreadlocks|messy|ドレッド|ぼさぼさ"),
    "dreads2": Head("mn", "dreads|dreadlocks|ドレッド"),
    "flatTop": Head("m", "flat top|角刈り"),
    "flatTopLong": Head("m", "high top|flat top"),
    "grayBun": Head("f", "bun|grandmother|granny|chignon|お団子|おばあ", "adult elder"),
    "grayMedium": Head("fn", "medium hair|parted|parting|waves|おばさん", "adult elder"),
    "grayShort": Head(
        "mn", "short hair|side part|quiff|grandfather|短髪|七三", "child adult elder"
    ),
    "hatBeanie": Head("", "beanie|knit cap|woolly hat|ニット帽"),
    "hatHip": Head("", "hat|fedora|帽子|ハット"),
    "hijab": Head("", "hijab|headscarf|veil|ヒジャブ"),
    "long": Head("f", "long hair|long wavy|wavy|ロングヘア|長い髪|ロング"),
    "longAfro": Head("f", "big afro|huge afro|afro"),
    "longBangs": Head("f", "long hair|very long|waist-length|ロングヘア|長い髪|ロング"),
    "longCurly": Head("f", "curly|curls|ringlets|巻き毛|カール|くせ毛"),
    "medium1": Head("fn", "bob|short hair|pixie|ボブ|ショート", "child young adult"),
    "medium2": Head("f", "flip|retro|外はね", "adult elder"),
    "medium3": Head("f", "shoulder-length|sleek|medium hair|セミロング"),
    "mediumBangs": Head("f", "long hair|bangs|shoulder-length|セミロング"),
    "mediumBangs2": Head(
        "f", "tied-back|tied back|ponytail|pigtails|side ponytail|ポニーテール", "child young adult"
    ),
    "mediumBangs3": Head("f", "bob|bangs|fringe|ボブ|前髪", "child young adult"),
    "mediumStraight": Head("f", "straight|long bob|asymmetric|ストレート|直毛"),
    "mohawk": Head("m", "mohawk|punk|モヒカン", "young"),
    "mohawk2": Head("", "mohawk|spikes|punk|モヒカン", "young"),
    "noHair1": Head(
        "m", "bald|shaven|shaved head|no hair|禿|ハゲ|スキンヘッド|坊主頭", "adult elder"
    ),
    "noHair2": Head("m", "bald|thinning|comb-over|禿|ハゲ|薄毛|バーコード", "elder"),
    "noHair3": Head("m", "bald|balding|receding|禿|ハゲ|薄毛", "elder"),
    "pomp": Head("m", "pompadour|quiff|slicked|リーゼント|オールバック"),
    "shaved1": Head("m", "undercut|crop|mullet|刈り上げ"),
    "shaved2": Head("m", "curly|short curly|undercut|くせ毛|天然パーマ", "child young adult"),
    "shaved3": Head("mn", "spiky|messy|wild|tousled|ツンツン|ぼさぼさ|寝ぐせ", "child young adult"),
    "short1": Head("m", "buzz|crew cut|short hair|cropped|坊主|短髪", "child young adult elder"),
    "short2": Head("m", "short hair|neat|短髪|ショート", "child young adult elder"),
    "short3": Head("m", "short hair|short curly|短髪"),
    "short4": Head("mn", "wavy|tousled|swept|surfer|無造作|ふわふわ", "child young adult"),
    "short5": Head("mn", "short hair|messy|fringe|短髪|ショート|マッシュ", "child young adult"),
    "turban": Head("", "turban|ターバン"),
    "twists": Head("mn", "twists|spiky"),
    "twists2": Head("mn", "twists|curly top"),
}
