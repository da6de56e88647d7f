"""Japanese as written to Japanese that Open JTalk reads right: signs, ranges, dates, addresses.

Numbers with their counters stay digits: Open JTalk knows さんぼん from ろっぽん. What it drops
or joins (～ between numbers, -5℃, ¥, links) is written out here; units by wetext.

Knows: how Japanese writes. Does not know: readings, phonemes, voices.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from renderers.tts.written import signs
from renderers.tts.written.codes import Rule
from renderers.tts.written.measures import unit_words

_MONEY = {"$": "ドル", "£": "ポンド", "€": "ユーロ", "¥": "円", "₩": "ウォン", "₹": "ルピー", "₿": "ビットコイン",
          "฿": "バーツ", "₽": "ルーブル", "USD": "ドル", "EUR": "ユーロ", "GBP": "ポンド", "JPY": "円"}  # fmt: skip
_LANDS = {
    "US": "米",
    "A": "豪",
    "AU": "豪",
    "C": "カナダ",
    "CA": "カナダ",
    "NZ": "ニュージーランド",
    "HK": "香港",
}
_DASH = "[-–—−~〜～‐]"
_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_SCALE = "[十百千万億兆]*"
_COUNTER = "[一-鿿ぁ-んァ-ヶー%℃°a-zA-Z]{0,4}?"
_KANJI = "一二三四五六七八九"
_DIGITS = "ゼロ イチ ニ サン ヨン ゴ ロク ナナ ハチ キュウ".split()
_MARKS: Mapping[str, str] = {
    ".": "ドット",
    "/": "スラッシュ",
    "-": "ハイフン",
    "_": "アンダーバー",
    "?": "クエスチョン",
    "=": "イコール",
    "&": "アンド",
    "#": "シャープ",
    "%": "パーセント",
    "+": "プラス",
    ":": "コロン",
    "@": "アットマーク",
    "~": "チルダ",
}
_LETTERS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        "エー ビー シー ディー イー エフ ジー エイチ アイ ジェイ ケー エル エム エヌ オー ピー キュー アール"
        " エス ティー ユー ブイ ダブリュー エックス ワイ ゼット".split(),
        strict=True,
    )
)
_ROMAN = str.maketrans(
    {chr(0x2160 + n): str(n + 1) for n in range(12)}
    | {chr(0x2170 + n): str(n + 1) for n in range(12)}
)
_FRACTIONS_OF = re.compile(r"\s*(?:の|カップ|個|杯|本|枚|に|以|を|が|は|$|[、。])")


def written_out(text: str) -> str:
    """`text`, full-width forms folded, with what Open JTalk cannot read written out."""
    text = text.translate(_ROMAN).replace("−", "-").replace("－", "-").replace("⁄", "/")
    text = re.sub(r"(?<=\d)([½¼¾⅓⅔])", lambda m: "と" + _vulgar(m[1]), text)
    text = re.sub(r"[½¼¾⅓⅔⅛⅜⅝⅞⅕⅖⅗⅘]", lambda m: _vulgar(m[0]), text)
    text = text.replace("²", "^2").replace("³", "^3")
    # A pause alone is not enough: 「①、3人」 was heard as thirteen.
    text = re.sub(rf"({signs.ENCLOSED})(?=[\d〇一二三四五六七八九十百千])", r"\1番、", text)
    text = signs.square_units(signs.split_numbers(text, "、"))
    text = unicodedata.normalize("NFKC", text)
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    return text


def _vulgar(char: str) -> str:
    top, bottom = unicodedata.normalize("NFKC", char).split("⁄")
    return f"{bottom}分の{top}"


def _each(digits: str) -> str:
    return "".join(_DIGITS[int(d)] if d.isdigit() else "の" for d in digits)


def _address(match: re.Match[str]) -> str:
    """A link or an address: words as they are, marks by name, what is no word letter by letter."""
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", match[0], flags=re.I).rstrip("/")
    said: list[str] = []
    for piece in re.findall(r"[A-Za-z]+|\d+|[^\w\s]|_", bare):
        if piece.isalpha():
            short = len(piece) <= 3 and piece.lower() != "com"
            said.append(
                "".join(_LETTERS[c] for c in piece.lower())
                if short
                else f" {'コム' if piece == 'com' else piece} "
            )
        else:
            said.append(piece if piece.isdigit() else _MARKS.get(piece, piece))
    return "、" + "".join(said) + "、"


def _minutes(match: re.Match[str]) -> str:
    tens = _KANJI.find(match[1][0]) + 1 if match[1] else 0
    return f"{tens or len(match[1] or '')}{_KANJI.index(match[2]) + 1}分".lstrip("0")


def _date(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return match[0]
    return f"{year}年{int(month)}月{int(day)}日"


def _slash(match: re.Match[str]) -> str:
    """A fraction or a day: a day where a weekday or a time follows, or it is no proper fraction."""
    top, bottom = int(match[1]), int(match[2])
    after = match.string[match.end() :]
    day = 1 <= top <= 12 and 1 <= bottom <= 31
    dated = re.match(r"\s*(?:\(|[月火水木金土日]曜|まで|から|ごろ|頃|開催|発売|締)", after)
    if day and (
        dated or top >= bottom or (bottom > 10 and not _FRACTIONS_OF.match(after)) or bottom > 12
    ):
        return f"{top}月{bottom}日"
    return f"{bottom}分の{top}" if bottom else match[0]


def _chain(match: re.Match[str]) -> str:
    """Three numbers or more: a block of houses (1の2の3), or a code digit by digit."""
    groups = match[0].split("-")
    if max(map(len, groups)) > 2:
        return "、".join(map(_each, groups))
    return "の".join(groups)


def _few(match: re.Match[str]) -> str:
    """2、3日: two or three days, not the second and the third."""
    first, mark, second = match.groups()
    if int(second) != int(first) + 1:
        return match[0]
    return f"{_DIGITS[int(first)]}{mark}{_DIGITS[int(second)]}にち"


def _ordinal(match: re.Match[str]) -> str:
    return {"1": "ファースト", "2": "セカンド", "3": "サード"}.get(match[1], f"第{match[1]}")


def _clock(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), match[2]
    second = f"{int(match[3])}秒" if match[3] else ""
    return f"{hour}時" + (f"{int(minute)}分" if minute != "00" or second else "") + second


def _money(match: re.Match[str]) -> str:
    land, sign, amount, scale = match.groups()
    return f"{_LANDS.get((land or '').upper(), '')}{amount.replace(',', '')}{scale}{_MONEY[sign]}"


def _measure(match: re.Match[str]) -> str:
    number, unit = match.groups()
    said = unit_words(unit.replace("^2", "²").replace("^3", "³"), "ja")
    if not said:
        return match[0]
    number = number.replace(",", "")
    return said.format(number) if "{}" in said else f"{number}{said}"


def _telephone(match: re.Match[str]) -> str:
    return _each(match[0].replace("(", "").replace(")", "-").replace(" ", "-"))


_RULES: tuple[Rule, ...] = (
    (re.compile(r"[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.A), _address),
    (
        re.compile(
            r"(?:https?://|www\.)[!-~]+|(?<![\w@])[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?:com|org|net|jp|io|ai|dev|app|tv|info)(?![A-Za-z])(?:/[!-~]*)?"
        ),
        _address,
    ),
    (re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)"), _date),
    (
        re.compile(
            r"(?<![\d-])(?:0\d{1,4}-\d{1,4}-\d{3,4}|0\d{1,4}\(\d{1,4}\)\d{4}|\d{3}-\d{4}|0\d{9,10})(?![\d-])"
        ),
        _telephone,
    ),
    (re.compile(rf"(US|AU|CA|NZ|HK|[AC])?([$£€¥₩₹₿฿₽])\s?({_NUMBER})({_SCALE})"), _money),
    (re.compile(rf"\b()(USD|EUR|GBP|JPY)\s?({_NUMBER})({_SCALE})"), _money),
    (re.compile(r"(?<=[\d日])\s?\(([月火水木金土日])\)"), r"\1曜日"),
    (re.compile(r"(?<=[\d日])\s?\(([月火水木金土日])・?祝\)"), r"\1曜日、祝日、"),
    (re.compile(r"(?<![\d/])24/7(?![\d/])"), "24、7"),
    (re.compile(r"(?<![A-Za-z\d])(\d+)(?:st|nd|rd|th)(?![A-Za-z])"), _ordinal),
    (re.compile(r"(?<!\d)(\d)([、,])(\d)日"), _few),
    (re.compile(rf"(?<=割)([\d{_KANJI}])分"), r"\1ぶ"),
    # 五分 alone is ごぶ to Open JTalk, 5分 is ごふん.
    (
        re.compile(
            rf"(?<![一-鿿])([{_KANJI[1:]}]?十)?([{_KANJI}])分"
            "(?=で|ほど|後|前|間|以内|くらい|も|しか|だけ|だ|に|[、。]|$)"
        ),
        _minutes,
    ),
    (re.compile(r"(\d+)\s?-\s?(\d+)(?=で(?:勝|負|敗|引き分け|リード|優勝))"), r"\1対\2"),
    (re.compile(r"[〇○◯]\s?[×✕✖]"), "まるばつ"),
    (
        re.compile(
            r"[〇○◯]+(?=さん|氏|様|君|ちゃん|市|県|町|村|社|会社|大学|株式|[はがをにでともの、。])"
        ),
        lambda m: "まる" * len(m[0]),
    ),
    (re.compile(r"(?<![\d:])([01]?\d|2[0-9]):([0-5]\d)(?::([0-5]\d))?(?![\d:])"), _clock),
    (re.compile(r"(?<![\d:])(\d+):(\d+)(?![\d:])"), r"\1対\2"),
    # Long numbers with a hyphen between them are a code; years are a span of time.
    (
        re.compile(r"(?<![\d-])(?!(?:19|20)\d\d-(?:19|20)\d\d)\d{3,}(?:-\d{3,})+(?![\d-])"),
        lambda m: _each(m[0]),
    ),
    (re.compile(r"(?<![\d-])\d+(?:-\d+){2,}(?![\d-])"), _chain),
    (re.compile(r"(?<=[市区町村番目地])(\d+)-(\d+)(?!\d)"), r"\1の\2"),
    (re.compile(rf"(?<=\d)({_COUNTER})\s?{_DASH}\s?(?=[$£€¥第]?\d)"), r"\1から"),
    (re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,3})(?![\d/])"), _slash),
    (re.compile(r"(?<![\dA-Za-z])-(?=\d)"), "マイナス"),
    (re.compile(r"(?<![A-Za-z])No\.?\s?(?=\d)", re.I), "ナンバー"),
    (re.compile(r"(?<![A-Za-z])Vol\.?\s?(?=\d)", re.I), "ボリューム"),
    (re.compile(r"(?<![A-Za-z])Ver(?:sion)?\.?\s?(?=\d)", re.I), "バージョン"),
    (re.compile(r"(?<![\d.])\d+(?:\.\d+){2,}(?![\d.])"), lambda m: m[0].replace(".", "点")),
    (
        re.compile(
            rf"({_NUMBER})\s?((?:[A-Za-zµμΩ]+(?:/[A-Za-z]+)?(?:\^[23])?|°[CF]?|%|‰))(?![A-Za-z])"
        ),
        _measure,
    ),
    (re.compile(r"(?<=[\d一二三四五六七八九十百千])分の(?=[\d一二三四五六七八九十])"), "ぶんの"),
    (re.compile(r"(?<=\d),(?=\d{3})"), ""),
    (re.compile(r"(?<=[ぁ-んァ-ヶー])[~〜]+(?!\d)"), "ー"),
    (re.compile(r"(?<=[一-鿿])[~〜](?=[一-鿿ァ-ヶ])"), "から"),
    (re.compile(r"約?[~〜](?=\d)"), "約"),
    (re.compile(r"[~〜]+"), "、"),
    (re.compile(r"\^2"), "の2乗"),
    (re.compile(r"\^(\d+)"), r"の\1乗"),
    (re.compile(r"(?<=[A-Za-zぁ-んァ-ヶ一-鿿])\((\d+)\)"), r"、\1、"),
)


def sign_out(text: str) -> str:
    """Every sign by its name, letters of other scripts as Latin ones; pictures stay."""
    kept: list[str] = []
    for char in text:
        named = signs.name_of(char, signs.JAPANESE)
        kept.append(named or (signs.plain_latin(char) if not signs.own_voice(char) else char))
    return "".join(kept)
