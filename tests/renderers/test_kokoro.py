"""Real speech on the CPU: what a listener gets, measured on the file."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import soundfile as sf

from renderers.asr.whisper import WhisperTranscription
from renderers.base import Span, SpeechBackend, SpeechRequest, VoiceSpec
from renderers.errors import BadRequest, Unavailable
from renderers.scene import Expression
from renderers.tts import waveform
from renderers.tts.kokoro import PACE, KokoroSpeech
from renderers.tts.phonemes import languages, phonemize, phonemize_spans, pieces_of
from renderers.tts.voices import VOICES, Catalogue
from storyboard.media.audio.take_quality import MAX_GAP, longest_gap

ALPHA = VoiceSpec(preset="jf_alpha")
HARD = (
    "Good morning. My cheese hurts when I laugh.",
    "Do you want that with milk, or with regret?",
    "It's here, in the middle! It hurts when I run!",
)


@pytest.fixture(scope="module")
def kokoro(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KokoroSpeech]:
    speech = KokoroSpeech(catalogue=Catalogue(tmp_path_factory.mktemp("voices")))
    yield speech
    speech.close()
    speech.close()


def _pitch(path: Path) -> float:
    """Median fundamental in Hz, by autocorrelation of loud frames."""
    samples, rate = waveform.read_mono(path)
    size = int(rate * 0.04)
    found: list[float] = []
    for start in range(0, len(samples) - size, size):
        frame = samples[start : start + size]
        if np.sqrt(np.mean(frame**2)) < 0.04:
            continue
        power = np.abs(np.fft.rfft(frame * np.hanning(size), 2 * size)) ** 2
        lag = np.fft.irfft(power)[rate // 450 : rate // 65]
        found.append(rate / (rate // 450 + int(np.argmax(lag))))
    return float(np.median(found))


def test_it_keeps_the_protocol(kokoro: KokoroSpeech) -> None:
    assert isinstance(kokoro, SpeechBackend)
    assert kokoro.fingerprint() == KokoroSpeech().fingerprint()


def test_a_line_is_48_khz_stereo_trimmed_level_and_without_clicks(
    kokoro: KokoroSpeech, tmp_path: Path
) -> None:
    out = tmp_path / "deep" / "line.wav"
    result = kokoro.render(SpeechRequest("Fine, I'll stay.", "en", ALPHA), out)
    data, rate = sf.read(out, always_2d=True)
    assert (rate, data.shape[1], sf.info(out).subtype) == (48_000, 2, "PCM_16")
    assert (result.sample_rate, result.channels, result.dropped) == (48_000, 2, ())
    assert result.seconds == pytest.approx(len(data) / rate)
    assert 0.6 < result.seconds < 3.0
    assert np.array_equal(data[:, 0], data[:, 1])
    assert np.abs(data).max() < waveform.PEAK
    assert abs(data[0, 0]) < 1e-3 and abs(data[-1, 0]) < 1e-3
    start, end = waveform.speech_span(data[:, 0].astype(np.float32), rate)
    assert start / rate <= 0.03 and (len(data) - end) / rate <= 0.03
    levels = waveform.envelope(data[:, 0].astype(np.float32), rate)
    loud = levels[levels > levels.max() * 0.1]
    assert 20 * np.log10(np.sqrt(np.mean(loud**2))) == pytest.approx(waveform.LEVEL_DB, abs=1.0)
    assert list(out.parent.iterdir()) == [out]


def test_same_request_same_samples_and_another_seed_another_take(
    kokoro: KokoroSpeech, tmp_path: Path
) -> None:
    def take(seed: int, name: str) -> bytes:
        request = SpeechRequest("Say it again.", "en", ALPHA, seed=seed)
        return kokoro.render(request, tmp_path / name).path.read_bytes()

    assert take(7, "a.wav") == take(7, "b.wav")
    assert take(7, "a.wav") != take(8, "c.wav")


def test_speed_and_expression_change_the_pace(kokoro: KokoroSpeech, tmp_path: Path) -> None:
    def seconds(speed: float, expression: str) -> float:
        request = SpeechRequest(
            "I never said that.",
            "en",
            ALPHA,
            speed=speed,
            expression=expression,  # pyright: ignore[reportArgumentType]
        )
        return kokoro.render(request, tmp_path / "line.wav").seconds

    plain = seconds(1.0, "neutral")
    assert seconds(1.5, "neutral") < plain * 0.8
    assert seconds(1.0, "tired") > plain * 1.05


def test_every_expression_has_a_sound_of_its_own() -> None:
    assert set(get_args(Expression)) == set(PACE)


def test_a_reading_replaces_the_text(kokoro: KokoroSpeech, tmp_path: Path) -> None:
    plain = SpeechRequest("つらい", "ja", ALPHA)
    override = SpeechRequest("辛い料理を食べました", "ja", ALPHA, reading="つらい")
    first = kokoro.render(plain, tmp_path / "a.wav").path.read_bytes()
    assert kokoro.render(override, tmp_path / "b.wav").path.read_bytes() == first


@pytest.mark.slow
@pytest.mark.parametrize("voice", VOICES)
def test_every_packaged_voice_is_understood(
    voice: str, kokoro: KokoroSpeech, tmp_path: Path
) -> None:
    """Lines that a slurred voice fails: “my cheese has arrived”."""
    ear = WhisperTranscription()
    alike: list[float] = []
    for line in HARD:
        request = SpeechRequest(line, "en", VoiceSpec(preset=voice), seed=5)
        heard = ear.transcribe(kokoro.render(request, tmp_path / "line.wav").path, "en").text
        alike.append(SequenceMatcher(None, _letters(line), _letters(heard)).ratio())
    assert np.mean(alike) > 0.8, dict(zip(HARD, alike, strict=True))


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalpha())


def test_presets_have_registers_of_their_own(kokoro: KokoroSpeech, tmp_path: Path) -> None:
    def pitch(name: str) -> float:
        request = SpeechRequest("You told me nobody was home.", "en", VoiceSpec(preset=name))
        return _pitch(kokoro.render(request, tmp_path / f"{name}.wav").path)

    for name in ("jm_kumo", "mix_tenor", "mix_neutral", "jf_alpha", "jf_tebukuro"):
        assert pitch(name) == pytest.approx(VOICES[name].f0, rel=0.15)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": "😀"}, "nothing to say"),
        ({"text": ""}, "nothing to say"),
        ({"language": "fr"}, "not one of: en, ja"),
        ({"voice": VoiceSpec(preset="bob")}, "voice 'bob' is not one of: jf_alpha"),
        ({"voice": VoiceSpec(preset="af_heart")}, "storyboard voices install"),
        ({"voice": VoiceSpec(preset="../../etc/passwd")}, "is not one of"),
        ({"voice": VoiceSpec(kind="clone")}, "preset voices only"),
        ({"speed": 9.0}, "0.4 to 2.5"),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(
    kokoro: KokoroSpeech, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    request = SpeechRequest(**({"text": "Hi.", "language": "en", "voice": ALPHA} | change))  # pyright: ignore[reportArgumentType]
    with pytest.raises(BadRequest, match=message):
        kokoro.render(request, tmp_path / "line.wav")
    assert not list(tmp_path.iterdir())


def test_a_model_of_the_users_own_is_preferred_and_checked(tmp_path: Path) -> None:
    line = SpeechRequest("Hi.", "en", ALPHA)
    with pytest.raises(Unavailable, match="is not there"):
        KokoroSpeech(model=tmp_path / "none.onnx").render(line, tmp_path / "line.wav")
    (tmp_path / "bad.onnx").write_bytes(b"not a model")
    with pytest.raises(Unavailable, match="not an ONNX model"):
        KokoroSpeech(model=tmp_path / "bad.onnx").render(line, tmp_path / "line.wav")
    assert KokoroSpeech(model=tmp_path / "bad.onnx").fingerprint() != KokoroSpeech().fingerprint()


@pytest.mark.parametrize(
    ("line", "reading", "language", "words"),
    [
        (
            "Two coffees, please. And 2+2=5! 🎉",
            "",
            "en",
            ["Two", "coffees,", "please.", "And", "2+2=5!"],
        ),
        (
            "この料理は、辛いね。",
            "このりょうりは、からいね。",
            "ja",
            ["この", "料理", "は", "辛い", "ね"],
        ),
    ],
)
def test_it_tells_when_it_says_each_word(
    kokoro: KokoroSpeech,
    line: str,
    reading: str,
    language: str,
    words: list[str],
    tmp_path: Path,
) -> None:
    request = SpeechRequest(line, language, ALPHA, reading)
    result = kokoro.render(request, tmp_path / "line.wav")
    assert [word.text for word in result.words] == words
    starts = [word.start for word in result.words]
    assert starts == sorted(starts)
    assert starts[0] < 0.15
    assert result.words[-1].end <= result.seconds
    samples, rate = waveform.read_mono(result.path)
    levels = waveform.envelope(samples, rate, 0.01)
    loud = levels > levels.max() * 0.1
    for word in result.words:
        said = loud[int(word.start * 100) : int(word.end * 100) + 1]
        assert said.mean() > 0.5, f"{word} is said where it is quiet"
        assert loud[int(word.start * 100) : int(word.start * 100) + 9].any(), f"{word} is early"
    after_mark = next(i for i, word in enumerate(words) if word in ("And", "辛い"))
    pause = loud[int(result.words[after_mark - 1].end * 100) : int(starts[after_mark] * 100)]
    assert len(pause) >= 3 and not pause.all()


@pytest.mark.slow
def test_the_words_of_a_line_in_several_pieces_go_on_counting(
    kokoro: KokoroSpeech, tmp_path: Path
) -> None:
    line = "I walked home in the rain again, and nobody asked me why I did so. " * 4
    result = kokoro.render(SpeechRequest(line, "en", ALPHA), tmp_path / "line.wav")
    assert [word.text for word in result.words] == line.split()
    assert result.words[-1].start == pytest.approx(result.seconds, abs=0.8)


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("es", "¿Cómo estás? La canción cuesta 20 €.", "kˈomo estˈas? la kanθʝˈon kˈwesta bˈeinte"),
        ("it", "Città, perché?", "ʧittˈa, perkˈe?"),
        ("pt", "Olá, João.", "olˈɐ, ʒoˈɐ̃w̃."),
        ("fr", "Bonjour !", "bɔ̃ʒˈuʁ!"),
    ],
)
def test_other_languages_have_their_own_front_end(language: str, text: str, said: str) -> None:
    if language not in languages():
        pytest.skip(f"gruut-lang-{language} is not installed")
    assert phonemize(text, language).startswith(said)


def test_a_line_of_two_languages_is_read_as_each_is() -> None:
    spans = (Span("You mean ", "en"), Span("果物", "ja"), Span(".", "en"))
    mixed = phonemize_spans(spans)
    assert mixed == f"{phonemize('You mean', 'en')} {phonemize('果物', 'ja')}"
    assert [word for word, _ in pieces_of(spans)] == ["You", "mean", "果物"]


class Breathing(KokoroSpeech):
    """A voice that holds its breath in the middle of what it says, as some official ones do."""

    def _say(
        self, phonemes: str, styles: np.ndarray, speed: float
    ) -> tuple[np.ndarray, list[str], list[float]]:
        samples, symbols, edges = super()._say(phonemes, styles, speed)
        at = int(edges[symbols.index(".") + 1])
        breath = np.zeros(24_000, np.float32)
        samples = np.concatenate([samples[:at], breath, samples[at:]])
        return samples, symbols, [edge + (len(breath) if edge > at else 0) for edge in edges]


def test_a_long_breath_between_two_sentences_is_shortened(
    kokoro: KokoroSpeech, tmp_path: Path
) -> None:
    line = SpeechRequest(text="I never met him. I believe it's Kevin.", language="en", voice=ALPHA)
    plain = kokoro.render(line, tmp_path / "plain.wav")
    breathing = Breathing(catalogue=Catalogue(tmp_path / "voices"))
    held = breathing.render(line, tmp_path / "held.wav")
    breathing.close()
    assert longest_gap(tmp_path / "held.wav") <= MAX_GAP
    assert held.seconds < plain.seconds + 0.8
    moved = [later.start - word.start for later, word in zip(held.words, plain.words, strict=True)]
    assert max(map(abs, moved[:4])) < 0.02, "what is said before it stays where it was"
    assert max(moved[5:]) - min(moved[5:]) < 0.02
    assert moved[-1] == pytest.approx(held.seconds - plain.seconds, abs=0.02)
    assert WhisperTranscription().transcribe(tmp_path / "held.wav", "en").text.count("Kevin") == 1


def test_a_pause_that_is_short_stays_to_the_last_sample() -> None:
    rng = np.random.default_rng(2)
    tone = rng.normal(0, 0.1, 12_000).astype(np.float32)
    said = np.concatenate([tone, np.zeros(int(24_000 * 0.7), np.float32), tone])
    kept, cuts = waveform.without_long_pauses(said, 24_000)
    assert not cuts
    assert np.array_equal(kept, said)
