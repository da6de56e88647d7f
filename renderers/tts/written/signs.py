"""Signs and foreign letters by name: what a voice has no sound for is written out.

Pictures (emoji, ornaments) are shown and not said; brackets and quotes are heard as nothing in
any language. Every other sign has a name here, or the one that Unicode gives it.

Knows: single characters. Does not know: numbers, words, voices.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from anyascii import anyascii

from renderers.tts.written.numbers import each

ENGLISH: Mapping[str, str] = {
    "&": "and",
    "%": "percent",
    "‰": "per mille",
    "+": "plus",
    "=": "equals",
    "@": "at",
    "°": "degrees",
    "℃": "degrees Celsius",
    "℉": "degrees Fahrenheit",
    "×": "times",
    "÷": "divided by",
    "±": "plus or minus",
    "≈": "about",
    "≠": "is not equal to",
    "<": "less than",
    ">": "greater than",
    "≤": "at most",
    "≥": "at least",
    "∞": "infinity",
    "√": "the square root of",
    "∑": "the sum of",
    "µ": "micro",
    "μ": "micro",
    "π": "pi",
    "Ω": "ohms",
    "§": "section",
    "¶": "paragraph",
    "©": "copyright",
    "®": "registered",
    "™": "trademark",
    "№": "number",
    "#": "hash",
    "^": "to the power of",
    "~": "about",
    "→": "to",
    "⇒": "so",
    "←": "from",
    "↑": "up",
    "↓": "down",
    "/": "slash",
    "\\": "backslash",
    "_": "underscore",
    "|": "or",
    "$": "dollars",
    "£": "pounds",
    "€": "euros",
    "¥": "yen",
    "₩": "won",
    "¢": "cents",
    "₹": "rupees",
    "₽": "rubles",
    "₿": "bitcoin",
    "†": "dagger",
}
JAPANESE: Mapping[str, str] = {
    "&": "アンド",
    "%": "パーセント",
    "‰": "パーミル",
    "+": "プラス",
    "=": "イコール",
    "@": "アット",
    "°": "度",
    "℃": "度",
    "℉": "華氏",
    "×": "かける",
    "÷": "わる",
    "±": "プラスマイナス",
    "≈": "約",
    "≠": "ノットイコール",
    "<": "小なり",
    ">": "大なり",
    "≤": "以下",
    "≥": "以上",
    "∞": "無限大",
    "√": "ルート",
    "∑": "シグマ",
    "µ": "マイクロ",
    "μ": "マイクロ",
    "π": "パイ",
    "Ω": "オーム",
    "§": "セクション",
    "©": "コピーライト",
    "®": "登録商標",
    "™": "商標",
    "№": "ナンバー",
    "#": "シャープ",
    "^": "の",
    "→": "から",
    "⇒": "ならば",
    "←": "左",
    "↑": "上",
    "↓": "下",
    "/": "スラッシュ",
    "\\": "バックスラッシュ",
    "_": "アンダーバー",
    "$": "ドル",
    "£": "ポンド",
    "€": "ユーロ",
    "¥": "円",
    "₩": "ウォン",
    "¢": "セント",
    "₹": "ルピー",
    "₿": "ビットコイン",
    "〒": "郵便番号",
    "※": "注",
}
_STROKES = str.maketrans(
    {
        "ø": "o",
        "Ø": "O",
        "ß": "ss",
        "ẞ": "SS",
        "ł": "l",
        "Ł": "L",
        "æ": "ae",
        "Æ": "Ae",
        "œ": "oe",
        "Œ": "Oe",
        "đ": "d",
        "Đ": "D",
        "ð": "th",
        "Ð": "Th",
        "þ": "th",
        "Þ": "Th",
        "ı": "i",
        "ħ": "h",
        "Ħ": "H",
        "ŋ": "ng",
        "Ŋ": "Ng",
        "ſ": "s",
        "ŧ": "t",
        "Ŧ": "T",
    }
)
"""Latin letters that no accent is taken from: they are letters of their own."""
ENCLOSED = "[\u2460-\u249b\u24f5-\u24ff\u2776-\u2793\u3248-\u325f\u32b1-\u32bf]"
_ENCLOSED = re.compile(ENCLOSED)
_LATIN = re.compile(r"[A-Za-z0-9]")


def plain_latin(text: str) -> str:
    """Latin letters without accents and strokes; other scripts in Latin letters, as they sound.

    Han and kana stay: they have a voice of their own.
    """
    kept: list[str] = []
    for char in text.translate(_STROKES):
        if char.isascii() or own_voice(char):
            kept.append(char)
            continue
        base = unicodedata.normalize("NFKD", char)
        if _LATIN.match(base):
            kept += [c for c in base.translate(_STROKES) if not unicodedata.combining(c)]
        elif unicodedata.category(char)[0] == "L":
            # Signs of old scripts go by numbers: said, they are no part of one beside them.
            latin = re.sub(r"\d+", lambda m: f" {each(m[0])} ", anyascii(char).strip())
            kept.append(latin or char)
        elif unicodedata.category(char) not in ("Mn", "Me"):
            kept.append(anyascii(char) if unicodedata.category(char) in ("Nd", "Mc") else char)
    return "".join(kept)


def split_numbers(text: str, between: str) -> str:
    """Enclosed numbers (①, ⑴, ❿) as plain ones, `between` them and another number."""

    def plain(match: re.Match[str]) -> str:
        around = (
            text[max(0, match.start() - 1) : match.start()],
            text[match.end() : match.end() + 1],
        )
        before, after = (between if char.isnumeric() else "" for char in around)
        # Of two that are enclosed the first brings what is between them.
        before = "" if around[0] and _ENCLOSED.match(around[0]) else before
        return f"{before}{unicodedata.numeric(match[0]):.0f}{after}"

    return _ENCLOSED.sub(plain, text)


def square_units(text: str) -> str:
    """㎡ and ㎝³ with their powers marked, so that the digit of one is no number: m^2."""
    return "".join(
        re.sub(r"([23])$", r"^\1", unicodedata.normalize("NFKC", char))
        if unicodedata.decomposition(char).startswith("<square>")
        else char
        for char in text
    )


def own_voice(char: str) -> bool:
    """Whether a character is read as Japanese whatever stands around it."""
    return bool(re.match(r"[ぁ-ゖァ-ヺー一-鿿㐀-䶿々〆ｦ-ﾟ]", char))


def is_picture(char: str) -> bool:
    """Whether a character is shown and never said: emoji, ornaments, boxes."""
    return unicodedata.category(char) in ("So", "Sk", "Cn", "Cs", "Co", "Cc", "Cf")


def name_of(char: str, names: Mapping[str, str]) -> str:
    """How a sign is said; "" for what is no sign, or a picture."""
    if char in names:
        return names[char]
    if unicodedata.category(char) not in ("Sm", "Sc"):
        return ""
    said = unicodedata.name(char, "").lower()
    return re.sub(r"\b(sign|symbol|operator)\b", "", said).strip()


def script_of(char: str) -> str:
    """The script of a letter by Unicode's name for it ("cyrillic"); "" for no letter."""
    if unicodedata.category(char)[0] != "L":
        return ""
    return unicodedata.name(char, "unknown").partition(" ")[0].lower()
