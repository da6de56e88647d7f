"""A line of several languages is judged by what is heard in each of them."""

from __future__ import annotations

from pathlib import Path

from renderers.base import Span, Transcript
from storyboard.media.audio import mixed
from storyboard.media.audio.hearing import unheard
from storyboard.media.audio.wording import similarity

SPANS = (
    Span("No, no. You mean ", "en"),
    Span("果物を食べます. ", "ja"),
    Span("Say it again!", "en"),
)
HEARD = {
    "en": "No, no, no, you mean kudamono tabemasu, say it again.",
    "ja": "なおなお、ゆみんくだものを食べます。せいとけん",
}
"""As Whisper base wrote it down."""


class Ear:
    """Writes down what it is told to have heard in a language."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def transcribe(self, audio: Path, language: str) -> Transcript:
        self.asked.append(language)
        return Transcript(HEARD[language], (), language)


def test_the_ear_is_asked_once_in_each_language_and_never_in_one_for_all() -> None:
    ear = Ear()
    _, heard = mixed.hear(ear, Path("line.wav"), ("en", "ja"))  # pyright: ignore[reportArgumentType]
    assert ear.asked == ["en", "ja"] and heard == HEARD


def test_each_part_is_looked_for_where_it_can_be_understood() -> None:
    assert mixed.likeness(SPANS, HEARD) > 0.9
    assert mixed.ending(SPANS, HEARD) > 0.9
    # Neither hearing alone has all of it.
    assert mixed.likeness(SPANS, {"ja": HEARD["ja"]}) < 0.8


def test_a_part_that_is_not_said_is_missed() -> None:
    without = {"en": "No, no, you mean, say it again.", "ja": "のののゆみん、せいとけん"}
    assert mixed.likeness(SPANS, without) < 0.55 < mixed.likeness(SPANS, HEARD)
    assert mixed.ending(SPANS, {"en": "No, no. You mean kudamono.", "ja": "くだもの"}) < 0.6


def test_numbers_of_other_languages_are_heard_in_words_or_digits() -> None:
    line = "Cuesta 35 euros y pesa 1.500 kg."
    assert unheard(line, "Cuesta treinta y cinco euros y pesa mil quinientos kilos", "es") == ()
    assert unheard(line, "Cuesta 35 euros y pesa 1500 kilos", "es") == ()
    assert unheard(line, "Cuesta tres euros y pesa 1500 kilos", "es") == ("35",)
    assert unheard("Il pèse 2,5 kg", "Il pèse deux virgule cinq kilos", "fr") == ()


def test_mandarin_is_the_same_in_traditional_and_in_simplified_characters() -> None:
    assert similarity("今天天气很好，3点去公园吧。", "今天天氣很好,三點去公園吧。", "zh") > 0.95
    assert similarity("今天天气很好", "我想要三杯咖啡", "zh") < 0.6
