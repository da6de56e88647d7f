"""Words for clothes: which ask for which cut and colour, and which ask for what is not drawn.

Knows: words (English, Japanese), colours. Does not know: characters, drawing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# Shades of one colour word, the usual one first: two people in "red" still differ.
COLOURS: dict[str, tuple[str, ...]] = {
    "red|crimson|scarlet|赤": ("#e0473f", "#a8323a", "#f0766a"),
    "blue|青": ("#3f7fc1", "#28569a", "#77aede"),
    "navy|dark blue|紺": ("#2b3d63", "#1f2c4a", "#3d5488"),
    "light blue|sky|水色": ("#8cc4e8", "#a9d5ee", "#6fb0d8"),
    "green|緑": ("#3f9d68", "#2c7350", "#77bd88"),
    "yellow|mustard|黄": ("#f2c032", "#d8a21f", "#f7d873"),
    "orange|オレンジ|橙": ("#f08a3c", "#d46a20", "#f5ab70"),
    "pink|ピンク|桃": ("#ec8fb0", "#d7678f", "#f4b6cb"),
    "purple|violet|lavender|紫": ("#8a62b4", "#67438f", "#b193d1"),
    "brown|茶": ("#8a5a3c", "#6a4330", "#a97b58"),
    "beige|cream|ivory|khaki|tan|ベージュ|クリーム色": ("#d9c3a0", "#c4aa80", "#eadcc2"),
    "maroon|burgundy|wine-red|wine red|wine|ワインレッド|えんじ": ("#7c2338", "#5f1a2c", "#94394e"),
    "gold|golden|金色|ゴールド": ("#d9ab3a", "#b98a22", "#ecc968"),
    "silver|銀色|シルバー": ("#c3c8d0", "#a9aeb8", "#d9dde3"),
    "olive|オリーブ": ("#7d8245", "#636835", "#9aa062"),
    "plum|plum-coloured|aubergine": ("#6b3a5e", "#552c4a", "#875178"),
    "magenta|fuchsia|マゼンタ": ("#c8368f", "#a32473", "#dd6bae"),
    "lime|mint|黄緑|ミント": ("#a5cf5a", "#86b33c", "#bfe0a0"),
    "peach|salmon|coral|サーモン": ("#f2997e", "#e27f63", "#f7bca8"),
    "charcoal|チャコール": ("#4a4b53", "#3b3c43", "#5c5d66"),
    "indigo|藍|インディゴ": ("#3b3f83", "#2c3068", "#5559a0"),
    "denim|デニム": ("#5a7fa8", "#46678c", "#7c9cc0"),
    "white|白": ("#f4f0e8", "#dfe3e8", "#efe4d2"),
    "black|黒": ("#37343f", "#24222b", "#4b4955"),
    "grey|gray|グレー|灰": ("#868a96", "#656975", "#a7abb5"),
    "teal|turquoise|ターコイズ": ("#3fa3a5", "#2b7a80", "#7cc7c6"),
}
GARMENT_WORDS: dict[str, str] = {
    r"dressing ?gown|bath ?robe|バスローブ": "coat",
    r"judge'?s? robe|robes?|gown|judge|法服|裁判官|ローブ|ガウン": "robe",
    r"prison(?:er)?|jumpsuit|inmate|convict|囚人服?|囚人": "stripes",
    r"apron|smock|dungarees|overalls|つなぎ|barista|chef|エプロン|前掛け": "apron",
    r"tuxedo|suit|tie|blazer|lawyer|businessman|スーツ|ネクタイ|背広": "suit",
    r"kimono|yukata|着物|浴衣|和服": "kimono",
    r"uniform|police|conductor|guard|officer|station master|制服|警官|警察|駅員|車掌": "uniform",
    r"lab coat|trench ?coat|rain ?coat|over ?coat|coat|parka|anorak|doctor|白衣|コート": "coat",
    r"waistcoat|vest|gilet|ベスト|チョッキ": "waistcoat",
    r"jacket|overshirt|windbreaker|bomber|tracksuit|track ?suit|ジャケット|ジャンパー|ジャージ": "jacket",
    r"hoodie|sweatshirt|hooded|パーカー|フーディ": "hoodie",
    r"dress|gown|sundress|ワンピース|ドレス": "dress",
    r"sweater|jumper|pullover|cardigan|turtleneck|セーター|ニット|カーディガン": "sweater",
    r"t-?shirt|tee|tops?|tシャツ|ティーシャツ": "tee",
    r"shirt|blouse|polo|scrubs|p[ya]jamas|night ?shirt|パジャマ|シャツ|ブラウス": "shirt",
}
GARMENTS: tuple[str, ...] = (*dict.fromkeys(GARMENT_WORDS.values()),)
BOTTOM_WORDS = r"trousers|pants|jeans|slacks|shorts|skirt|leggings|ズボン|スカート|ジーンズ|パンツ"
WORN_WORDS: dict[str, str] = {
    r"scar(?:f|ves)|mufflers?|マフラー|スカーフ": "scarf",
    r"shawls?|stoles?|blankets?|ショール|ストール|毛布": "shawl",
    r"capes?|cloaks?|マント": "cape",
    r"lanyards?|社員証": "lanyard",
    r"badges?|name ?tags?|名札|バッジ": "badge",
    r"medals?|勲章": "medals",
    r"headsets?|ヘッドセット": "headset",
    r"headphones?|ヘッドホン": "headphones",
    r"berets?|ベレー帽": "beret",
    r"(?:straw|sun|safari|wide-brimmed|cowboy) ?hats?|麦わら帽子?": "brim",
    r"(?:(?:flat|peaked|baseball) )?caps?|キャップ|野球帽": "cap",
}
"""What is worn over a garment, in the words of `worn`."""
PATTERNS: dict[str, str] = {
    r"checked|chequered|checkered|tartan|plaid|gingham|チェック": "checked",
    r"striped|breton|pin-?striped|stripy|ストライプ|縞": "striped",
    r"flowered|floral|flowery|花柄": "flowered",
    r"polka[- ]dot(?:ted)?|spotted|dotted|水玉": "spotted",
    r"sequin(?:ned|s)?|glitter(?:y|ing)|sparkl(?:y|ing)|スパンコール|ラメ": "glittering",
}
_NOT_DRAWN = re.compile(
    r"\b(leotards?|tutus?|wetsuits?|swim(?:suits?|wear)|bikinis?|armou?r|space ?suits?|"
    r"ruff|gloves?|boots|slippers|(?:high )?heels|sandals|crowns?|tiaras?|helmets?|(?:top|bowler|party|chef'?s|white|witch'?s) hats?|"
    r"saris?|kilts?|togas?|ponchos?|masks?|wings|necklaces?|earrings?|belts?|bow ties?|whistles?|"
    r"backpacks?|rucksacks?|tunics?|skirts?|shorts|sleeve garters|fringes)\b|"
    r"(水着|鎧|甲冑|宇宙服|手袋|ブーツ|王冠|ヘルメット|シルクハット|仮面|ネックレス|ポンチョ|蝶ネクタイ)"
)
"""What is worn and not drawn."""
_UNPATTERNED = re.compile(
    r"\b(leopard|transparent|tie[- ]dye(?:d)?|rainbow|iridescent|neon|holographic|paisley|camouflage)\b|"
    r"(虹色|透明な|ヒョウ柄|迷彩)"
)
"""Colours and patterns of cloth that are not drawn."""


def undrawn(appearance_words: str) -> list[str]:
    """What of these clothes is not drawn: garments, patterns and colours, as they are named."""
    words = appearance_words.lower()
    found = [m.group() for rule in (_NOT_DRAWN, _UNPATTERNED) for m in rule.finditer(words)]
    return list(dict.fromkeys(found))


def named(table: Mapping[str, str], words: str) -> list[str]:
    """What of a table's names words ask for, each once, in the table's order."""
    text = words.lower()
    return list(
        dict.fromkeys(
            name
            for pattern, name in table.items()
            if any(
                re.search(rf"\b(?:{part})\b" if part.isascii() else part, text)
                for part in re.split(r"\|(?![^(]*\))", pattern)
            )
        )
    )
