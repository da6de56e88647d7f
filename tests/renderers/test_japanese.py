"""Japanese lines: how they are read, and what Kokoro gets of them."""

from __future__ import annotations

import json

import pytest

from renderers import weights
from renderers.tts.japanese import phonemes, reading
from renderers.tts.phonemes import COMFORT, MAX_TOKENS, chunks, phonemize


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("私は朝の7時に店を開ける。", "ワタシワアサノシチジニミセヲアケル"),
        ("コーヒーを3本、いや3杯。", "コーヒーヲサンボンイヤサンバイ"),
        ("一人、二人、三人", "ヒトリフタリサンニン"),
        ("AIとYouTubeで1,500円", "エーアイトユーチューブデセンゴヒャクエン"),
        ("「えっ！？」😀", "エッ"),
        ("3～5人、3〜5人、3-5人", "サンカラゴニンサンカラゴニンサンカラゴニン"),
        ("気温は-5℃です。", "キオンワマイナスゴドデス"),
        ("¥500、$20、€30", "ゴヒャクエンニジュードルサンジューユーロ"),
        ("1/2のケーキ、三分の一", "ニブンノイチノケーキサンブンノイチ"),
        ("五分で終わる。二十九分後、十一分", "ゴフンデオワルニジューキューフンゴジューイップン"),
        ("三割五分、四分の一日", "サンワリゴブヨンブンノイチニチ"),
        ("3分の遅れ、3割5分", "サンプンノオクレサンワリゴブ"),
        (
            "12/24(火)、25日（水・祝）",
            "ジューニガツニジューヨッカカヨービニジューゴニチスイヨービシュクジツ",
        ),
        ("千代田区1-2-3", "チヨダクイチノニノサン"),
        ("3-2で勝つ", "サンタイニデカツ"),
        ("ISBN978-4-06", "アイエスビーエヌキューナナハチヨンゼロロク"),
        ("2㎡、①3人②", "ニヘーホーメートルイチバンサンニンニ"),
        ("①三人、③２つ、①②", "イチバンサンニンサンバンフタツイチニ"),
        ("〇×、〇〇さん、三〇人", "マルバツマルマルサンサンジューニン"),
        ("2、3日、1、3日", "ニサンニチイチミッカ"),
        ("1st、2h、24/7", "ファーストニジカンニジューヨンナナ"),
        ("10:30に来て。", "ジュージサンジュップンニキテ"),
        ("9時～17時、10:00〜17:30", "クジカラジューシチジジュージカラジューシチジサンジュップン"),
        (
            "2026/11/28、11/28",
            "ニセンニジューロクネンジューイチガツニジューハチニチジューイチガツニジューハチニチ",
        ),
        ("No.1、3:1", "ナンバーイチサンタイイチ"),
        ("https://example.com を見て", "エグザンプルドットコムヲミテ"),
        ("10m、5kg、100m²", "ジューメートルゴキログラムヒャクヘーホーメートル"),
        ("03-1234-5678", "ゼロサンノイチニサンヨンノゴロクナナハチ"),
        ("え〜っ、わ～い", "エーッワーイ"),
        ("ヘンリー8世、第Ⅱ部", "ヘンリーハッセーダイニブ"),
        ("", ""),
        ("。、！", ""),
    ],
)
def test_reading(written: str, read: str) -> None:
    assert reading(written) == read


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("こんにちは。", "koɲɲiʨiβa."),
        ("「えっ!?」と、彼は言った...", "eʔ? to, kaɾe βa iʔta…"),
        ("行っちゃった…それで、何？", "iʔʨaʔta… soɾede, naɲi?"),
        ("彼はbarista!", "kaɾe βa bɛɹˈɪstə!"),
        ("COVIDとUSB", "kˈOvɪd to jɯːesɨbʲiː"),
        ("😀。", ""),
        ("0", "ʣeɾo"),
    ],
)
def test_phonemes(line: str, expected: str) -> None:
    assert phonemes(line) == expected


def test_japanese_inside_an_english_line() -> None:
    assert phonemize("He said 俳句, then left.", "en") == "hi sˈɛd haikɯ, ðˈɛn lˈɛft."


def test_every_symbol_is_one_that_kokoro_knows() -> None:
    vocabulary = json.loads(weights.read(weights.KOKORO, "vocab.json"))["vocab"]
    line = (
        "ヴァイオリンを弾くファンキーな百円玉、ぎゃあ！ちゅうしゃ？ティッシュ・ジェット—ッ…ニャー"
    )
    assert set(phonemes(line)) <= set(vocabulary)


def test_long_lines_are_cut_where_one_would_breathe() -> None:
    line = phonemize("This is a sentence, and it goes on. " * 30, "en")
    cut = chunks(line)
    assert len(cut) > 1 and all(len(piece.phonemes) <= COMFORT for piece in cut)
    assert all(piece.phonemes.endswith(".") and piece.gap > 0.2 for piece in cut)
    assert " ".join(piece.phonemes for piece in cut) == line


def test_a_line_without_any_mark_still_fits_the_model() -> None:
    assert [len(piece.phonemes) for piece in chunks("a" * 1200, MAX_TOKENS)] == [510, 510, 180]
    assert all(len(piece.phonemes) <= COMFORT for piece in chunks("abc " * 400))
    assert chunks("") == ()
