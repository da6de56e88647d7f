"""Transcription on the CPU: real words heard, and no stall on what is not speech."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from renderers.asr.whisper import WhisperTranscription
from renderers.base import SpeechRequest, TranscriptionBackend, VoiceSpec
from renderers.errors import BadRequest, Unavailable
from renderers.tts.kokoro import KokoroSpeech
from storyboard.media.audio.wording import similarity

ROOT = Path(__file__).parents[2]
TEXTS = {"en": "The last train leaves at midnight.", "ja": "今日は、とても天気がいいですね。"}
"""Heard right by int8 and float arithmetic of eleven kinds; 終電は、もう出ました was not."""
ALIKE = 0.85


@pytest.fixture(scope="module")
def whisper() -> WhisperTranscription:
    return WhisperTranscription()


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("lines")
    speech = KokoroSpeech()
    voices = {"en": "jm_kumo", "ja": "jf_alpha"}
    spoken = {
        language: SpeechRequest(text, language, VoiceSpec(preset=voices[language]))
        for language, text in TEXTS.items()
    }
    return {
        language: speech.render(request, folder / f"{language}.wav").path
        for language, request in spoken.items()
    }


def test_it_keeps_the_protocol(whisper: WhisperTranscription) -> None:
    assert isinstance(whisper, TranscriptionBackend)
    assert whisper.fingerprint() != WhisperTranscription(vad=False).fingerprint()


def test_english_words_with_their_times(
    whisper: WhisperTranscription, lines: dict[str, Path]
) -> None:
    heard = whisper.transcribe(lines["en"], "en")
    assert similarity(TEXTS["en"], heard.text, "en") >= ALIKE, heard.text
    seconds = sf.info(lines["en"]).duration
    times = [time for word in heard.words for time in (word.start, word.end)]
    assert (
        times == sorted(times)
        and 0 <= times[0] < 0.5
        and seconds - 0.6 < times[-1] <= seconds + 0.1
    )
    assert heard.words[-1].text.strip(".") == "midnight"


def test_japanese(whisper: WhisperTranscription, lines: dict[str, Path]) -> None:
    heard = whisper.transcribe(lines["ja"], "ja")
    assert heard.language == "ja"
    assert similarity(TEXTS["ja"], heard.text, "ja") >= ALIKE, heard.text


ELSEWHERE = (
    {"CT2_FORCE_CPU_ISA": "GENERIC", "OMP_NUM_THREADS": "1"},
    pytest.param({"CT2_FORCE_CPU_ISA": "AVX2"}, marks=pytest.mark.slow),
    pytest.param({"OMP_NUM_THREADS": "4"}, marks=pytest.mark.slow),
    pytest.param({"ONEDNN_MAX_CPU_ISA": "AVX512_CORE"}, marks=pytest.mark.slow),
    pytest.param(
        {"ONEDNN_MAX_CPU_ISA": "AVX2", "CT2_FORCE_CPU_ISA": "AVX2"}, marks=pytest.mark.slow
    ),
)


@pytest.mark.parametrize("processor", ELSEWHERE, ids=str)
def test_another_processor_hears_the_same(
    processor: dict[str, str], lines: dict[str, Path]
) -> None:
    """Its arithmetic differs in the last bits, and with them the words that a small model is not
    sure of. So lines are compared by their sound, with room for a word."""
    ear = (
        "import sys; from pathlib import Path; from renderers.asr.whisper import *\n"
        "ear = WhisperTranscription(threads=int(sys.argv.pop(1)))\n"
        "for path, language in zip(sys.argv[1::2], sys.argv[2::2]):\n"
        "    print(ear.transcribe(Path(path), language).text)"
    )
    asked = [str(part) for language, path in lines.items() for part in (path, language)]
    told = subprocess.run(
        [sys.executable, "-c", ear, processor.get("OMP_NUM_THREADS", "2"), *asked],
        env={**os.environ, "PYTHONUTF8": "1", **processor},
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    for language, heard in zip(lines, told.stdout.splitlines(), strict=True):
        assert similarity(TEXTS[language], heard, language) >= ALIKE, heard


def test_silence_and_noise_are_answered_at_once(
    whisper: WhisperTranscription, tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 48_000 * 8)
    for name, samples in (("empty", noise[:0]), ("silence", noise * 0), ("noise", noise)):
        sf.write(tmp_path / f"{name}.wav", samples, 48_000)
        before = time.process_time()
        heard = whisper.transcribe(tmp_path / f"{name}.wav", "en")
        assert (heard.text, heard.words) == ("", ())
        assert time.process_time() - before < 5


def test_a_tone_without_voice_detection_ends_in_time(tmp_path: Path) -> None:
    clock = np.arange(48_000 * 6) / 48_000
    sf.write(tmp_path / "tone.wav", 0.3 * np.sin(2 * np.pi * 220 * clock), 48_000)
    before = time.process_time()
    WhisperTranscription(vad=False).transcribe(tmp_path / "tone.wav", "ja")
    assert time.process_time() - before < 20


def test_what_cannot_be_heard_is_refused(whisper: WhisperTranscription, tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="no audio file"):
        whisper.transcribe(tmp_path / "none.wav", "en")
    (tmp_path / "text.wav").write_text("not audio")
    with pytest.raises(BadRequest, match="can be decoded"):
        whisper.transcribe(tmp_path / "text.wav", "en")


def test_an_unknown_language_is_refused(
    whisper: WhisperTranscription, lines: dict[str, Path]
) -> None:
    with pytest.raises(BadRequest, match="'xx'"):
        whisper.transcribe(lines["en"], "xx")


def test_weights_of_the_users_own_are_preferred_and_checked(
    lines: dict[str, Path], tmp_path: Path
) -> None:
    with pytest.raises(Unavailable, match=r"no model\.bin"):
        WhisperTranscription(tmp_path).transcribe(lines["en"], "en")
    (tmp_path / "model.bin").write_bytes(b"nonsense")
    (tmp_path / "tokenizer.json").write_text("{}")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(Unavailable, match="not a Whisper model"):
        WhisperTranscription(tmp_path).transcribe(lines["en"], "en")
    assert WhisperTranscription(tmp_path).fingerprint() != WhisperTranscription().fingerprint()
