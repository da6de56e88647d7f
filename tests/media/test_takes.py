"""Takes: compared by sound, searched for holes, retried, and the best one kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from fake_voices import ScriptedTranscription, ToneSpeech

from renderers.asr.whisper import WhisperTranscription
from renderers.base import SpeechRequest, SpeechResult, Transcript, VoiceSpec
from renderers.errors import BadOutput, BadRequest
from renderers.tts.kokoro import KokoroSpeech
from storyboard.media.audio.take_quality import best_take, check_take, longest_gap
from storyboard.media.audio.wording import similarity

LINE = SpeechRequest("Hello there, friend.", "en", VoiceSpec(preset="tone_a"), seed=5)


class SilentAtFirst(ToneSpeech):
    """Fails `failures` times, then speaks."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self._failures = failures

    def render(self, request: SpeechRequest, out: Path) -> SpeechResult:
        self._failures -= 1
        if self._failures >= 0:
            raise BadOutput("silence")
        return super().render(request, out)


@pytest.mark.parametrize(
    ("script", "heard", "language"),
    [
        ("I have 10 apples, don't I?", "i have ten apples, dont I", "en"),
        ("It cost $5!", "It cost five dollars", "en"),
        ("WAIT. Stop.", "wait stop", "en"),
        ("10分後に、試します。", "じゅっぷんごに試します", "ja"),
        ("詩を聞く", "しをきく", "ja"),
    ],
)
def test_spelling_does_not_matter(script: str, heard: str, language: str) -> None:
    assert similarity(script, heard, language) > 0.95


def test_other_words_do_matter() -> None:
    assert similarity("The last train leaves at midnight.", "Uh huh.", "en") < 0.4
    assert similarity("終電はもう出ました。", "そうですね", "ja") < 0.5
    assert similarity("Hello", "", "en") == 0.0


def test_the_longest_inner_silence_is_measured(tmp_path: Path) -> None:
    rate = 48_000
    tone = 0.3 * np.sin(2 * np.pi * 200 * np.arange(rate) / rate)
    hole = np.zeros(int(1.2 * rate))
    sf.write(
        tmp_path / "a.wav", np.concatenate([hole, tone, hole, tone, hole[:2400], tone, hole]), rate
    )
    assert longest_gap(tmp_path / "a.wav") == pytest.approx(1.2, abs=0.03)
    sf.write(tmp_path / "b.wav", tone, rate)
    assert longest_gap(tmp_path / "b.wav") == 0.0
    sf.write(tmp_path / "c.wav", hole, rate)
    assert longest_gap(tmp_path / "c.wav") == pytest.approx(1.2)


def test_a_take_fails_on_wrong_words_or_a_hole(tmp_path: Path) -> None:
    fine = ToneSpeech().render(LINE, tmp_path / "fine.wav").path
    holed = ToneSpeech(holes=(1.1,)).render(LINE, tmp_path / "holed.wav").path
    right = Transcript("hello there friend", (), "en")
    assert check_take(LINE.text, "", "en", right, fine).ok
    assert check_take(LINE.text, "", "en", right, holed).faults == ("is silent for 1.1 s inside",)
    wrong = check_take(LINE.text, "", "en", Transcript("mumble", (), "en"), fine)
    assert not wrong.ok and "sounds like 'mumble'" in wrong.faults[0]


def test_the_reading_counts_as_the_script(tmp_path: Path) -> None:
    audio = ToneSpeech().render(LINE, tmp_path / "a.wav").path
    heard = Transcript("からい", (), "ja")
    assert check_take("辛い", "からい", "ja", heard, audio).similarity == 1.0


def test_a_good_first_take_is_kept_at_once(tmp_path: Path) -> None:
    speech = ToneSpeech()
    take = best_take(speech, ScriptedTranscription(LINE.text), LINE, tmp_path / "line.wav")
    assert speech.requests == [LINE]
    assert take.report.ok and take.speech.path == tmp_path / "line.wav"
    assert list(tmp_path.iterdir()) == [tmp_path / "line.wav"]


def test_a_bad_take_is_tried_again_with_another_seed_and_speed(tmp_path: Path) -> None:
    speech = ToneSpeech(holes=(1.5, 0.0))
    take = best_take(speech, ScriptedTranscription(LINE.text), LINE, tmp_path / "line.wav")
    assert [request.seed for request in speech.requests] == [5, 6]
    assert speech.requests[0].speed != speech.requests[1].speed
    assert take.report.ok and len(take.attempts) == 2
    assert longest_gap(tmp_path / "line.wav") == 0.0


def test_after_the_last_try_the_best_is_kept_with_its_faults(tmp_path: Path) -> None:
    ears = ScriptedTranscription("no", "hello their", "nope", "never")
    take = best_take(ToneSpeech(holes=(2, 2, 2, 2)), ears, LINE, tmp_path / "line.wav")
    assert len(take.attempts) == 4 and not take.report.ok
    assert take.report.heard == "hello their"
    assert take.speech.seconds == pytest.approx(sf.info(tmp_path / "line.wav").duration)
    record = json.loads(json.dumps(take.to_json()))
    assert [attempt["heard"] for attempt in record["attempts"]] == [
        "no",
        "hello their",
        "nope",
        "never",
    ]


def test_a_take_without_sound_is_an_attempt_not_the_end(tmp_path: Path) -> None:
    ears = ScriptedTranscription(LINE.text)
    take = best_take(SilentAtFirst(1), ears, LINE, tmp_path / "line.wav")
    assert [attempt.error for attempt in take.attempts] == ["silence", ""]
    with pytest.raises(BadOutput, match="no take of 'Hello there"):
        best_take(SilentAtFirst(9), ears, LINE, tmp_path / "never.wav", retries=1)
    assert not (tmp_path / "never.wav").exists()


def test_a_bad_request_is_not_retried(tmp_path: Path) -> None:
    speech = ToneSpeech()
    with pytest.raises(BadRequest):
        best_take(speech, ScriptedTranscription(), replace(LINE, text=" "), tmp_path / "line.wav")
    assert speech.requests == []


@pytest.mark.parametrize(
    ("text", "language", "voice"),
    [
        ("I ordered 2 coffees, and you wrote a poem!", "en", "jf_alpha"),
        ("コーヒーを2杯頼んだのに、詩ですか？", "ja", "jm_kumo"),
    ],
)
def test_real_speech_passes_its_own_check(
    tmp_path: Path, text: str, language: str, voice: str
) -> None:
    request = SpeechRequest(text, language, VoiceSpec(preset=voice))
    take = best_take(KokoroSpeech(), WhisperTranscription(), request, tmp_path / "line.wav")
    assert take.report.ok and len(take.attempts) == 1
    assert take.report.similarity > 0.8, take.report.heard
    assert take.report.longest_gap < 0.6


def test_a_take_that_is_misheard_is_heard_again_after_a_silence_not_spoken_again(
    tmp_path: Path,
) -> None:
    speech, ears = ToneSpeech(), ScriptedTranscription("hello hello hello hello", LINE.text)
    take = best_take(speech, ears, LINE, tmp_path / "line.wav", clear=True)
    assert take.report.ok and len(take.attempts) == len(speech.requests) == 1
    # Its words are told on the take's own clock, not on that of what was heard.
    assert take.report.words[-1].end == pytest.approx(take.speech.seconds, abs=0.01)
    assert list(tmp_path.iterdir()) == [tmp_path / "line.wav"]
