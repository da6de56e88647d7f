"""Is a take of a line good, and which of several is best.

A sampling voice drops words, stutters or stalls; so every take is transcribed, compared
with the script, and searched for holes. What is compared is sound, not spelling: numbers
are written out, Japanese is compared by its reading.

Knows: scripts, transcripts, silence. Does not know: how speech or transcripts are made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile

from renderers.base import (
    JSON,
    Span,
    SpeechBackend,
    SpeechRequest,
    SpeechResult,
    Transcript,
    TranscriptionBackend,
    Word,
)
from renderers.errors import BadOutput
from renderers.tts import waveform
from storyboard.media.audio import mixed, wording
from storyboard.media.audio.hearing import unheard

MAX_GAP = 0.9
"""Longest silence inside a good take, seconds."""
MIN_SIMILARITY = 0.5
"""Least similarity of a good take, 0 to 1."""
MIN_MIXED = 0.55
"""The same of a take in several languages, whose parts are each looked for in a longer text."""
CLEAR = 0.9
"""Least similarity by sound of a line that the film hangs on: the hook, the last words."""
LEAD_IN = 0.3
"""Silence before a take that is heard again, seconds: what begins at once, an ear mistakes."""
SPEED_STEPS = (1.0, 0.97, 1.03, 0.94, 1.06)
"""Factors on the speed by attempt: a backend that ignores seeds still gives another take."""


@dataclass(frozen=True, slots=True)
class TakeReport:
    """How a take compares with its script."""

    similarity: float
    """0 (nothing in common) to 1 (the same words)."""
    longest_gap: float
    """Longest silence between the first and the last sound, seconds."""
    heard: str
    """What the transcription says."""
    faults: tuple[str, ...]
    """Why the take fails, in words; empty if it does not."""
    words: tuple[Word, ...] = ()
    """What was heard when."""
    timed: bool = True
    """Whether the ear told when; False: reckoned from the lengths of the words."""
    clarity: float | None = None
    """Similarity of its sounds, 0 to 1, where every one of them is to be understood."""

    @property
    def ok(self) -> bool:
        return not self.faults

    @property
    def score(self) -> float:
        """For ranking takes: similarity, less one tenth per 0.1 s of hole and per fault."""
        likeness = self.similarity if self.clarity is None else self.clarity
        return likeness - max(0.0, self.longest_gap - MAX_GAP) - 0.1 * len(self.faults)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: what was varied, and what came of it. `report` is None if it gave no audio."""

    seed: int
    speed: float
    report: TakeReport | None
    error: str = ""

    def to_json(self) -> dict[str, JSON]:
        tried: dict[str, JSON] = {"seed": self.seed, "speed": round(self.speed, 4)}
        if self.report is None:
            return {**tried, "error": self.error}
        return {
            **tried,
            "similarity": round(self.report.similarity, 3),
            "longest_gap": round(self.report.longest_gap, 3),
            "heard": self.report.heard,
            "faults": list(self.report.faults),
        }


@dataclass(frozen=True, slots=True)
class Take:
    """The take that was kept, and every attempt in order."""

    speech: SpeechResult
    report: TakeReport
    attempts: tuple[Attempt, ...]

    def to_json(self) -> dict[str, JSON]:
        """The record kept beside the audio: what was measured, and what each attempt gave."""
        return {
            "seconds": round(self.speech.seconds, 4),
            "similarity": round(self.report.similarity, 3),
            "clarity": None if self.report.clarity is None else round(self.report.clarity, 3),
            "longest_gap": round(self.report.longest_gap, 3),
            "heard": self.report.heard,
            "faults": list(self.report.faults),
            "words": [
                {"text": w.text, "start": round(w.start, 3), "end": round(w.end, 3)}
                for w in self.report.words
            ],
            "dropped": list(self.speech.dropped),
            "attempts": [attempt.to_json() for attempt in self.attempts],
        }


def longest_gap(audio: Path) -> float:
    """The longest silence between the first and the last sound of `audio`, seconds.

    Silence is 35 dB under the loudest moment. A file without sound is one gap.
    """
    samples, rate = waveform.read_mono(audio)
    window = 0.01
    levels = waveform.envelope(samples, rate, window)
    heard = np.flatnonzero(levels > max(float(levels.max(initial=0.0)) * 0.018, 5e-4))
    if not len(heard):
        return len(samples) / rate
    return float(np.diff(heard).max(initial=1) - 1) * window


def check_take(
    expected_text: str,
    reading: str,
    language: str,
    transcript: Transcript,
    audio: Path,
    *,
    clear: bool = False,
) -> TakeReport:
    """Compare a take with its script. `reading` ("" for none) wins over the text where nearer.

    `clear`: the film hangs on this line, and every sound of it is to be understood.
    """
    ratio = max(
        wording.similarity(script, transcript.text, language)
        for script in (expected_text, reading or expected_text)
    )
    gap = longest_gap(audio)
    faults: list[str] = []
    if lacking := unheard(reading or expected_text, transcript.text, language):
        faults.append(f"does not say {', '.join(lacking)} as written, but {transcript.text[:80]!r}")
    clarity = None
    if clear:
        clarity = max(
            wording.sounds_like(script, transcript.text, language)
            for script in (expected_text, reading or expected_text)
        )
        if clarity < CLEAR:
            faults.append(
                f"is not clear: {int(100 * clarity)}% of its sounds are heard ({CLEAR:.0%})"
            )
    if ratio < MIN_SIMILARITY:
        faults.append(f"sounds like {transcript.text[:80]!r} (similarity {ratio:.2f})")
    if gap > MAX_GAP:
        faults.append(f"is silent for {gap:.1f} s inside")
    return TakeReport(
        ratio, gap, transcript.text, tuple(faults), transcript.words, transcript.timed, clarity
    )


def check_mixed(
    spans: Sequence[Span], transcript: Transcript, heard: Mapping[str, str], audio: Path
) -> TakeReport:
    """Compare a take in several languages with its script, by what was `heard` in each.

    How clear it is nobody can say: a recogniser hears words of two languages worse than of one.
    """
    said, text = "".join(span.text for span in spans), mixed.in_all(heard)
    ratio, gap = mixed.likeness(spans, heard), longest_gap(audio)
    faults: list[str] = []
    if lacking := unheard(said, text):
        faults.append(f"does not say {', '.join(lacking)} as written, but {text[:80]!r}")
    if ratio < MIN_MIXED:
        faults.append(f"sounds like {text[:80]!r} (similarity {ratio:.2f})")
    if gap > MAX_GAP:
        faults.append(f"is silent for {gap:.1f} s inside")
    return TakeReport(ratio, gap, text, tuple(faults), transcript.words, transcript.timed)


def _heard(
    asr: TranscriptionBackend, request: SpeechRequest, audio: Path, *, clear: bool
) -> TakeReport:
    """The take as it is heard: a line of several languages once in each of them."""
    languages = dict.fromkeys([request.language, *(span.language for span in request.spans)])
    if not request.spans:
        transcript = asr.transcribe(audio, request.language)
        return check_take(
            request.text, request.reading, request.language, transcript, audio, clear=clear
        )
    transcript, heard = mixed.hear(asr, audio, tuple(languages))
    return check_mixed(request.spans, transcript, heard, audio)


def _understood(
    asr: TranscriptionBackend, request: SpeechRequest, audio: Path, *, clear: bool
) -> TakeReport:
    """The take as it is heard best: what fails is heard once more, a moment later."""
    first = _heard(asr, request, audio, clear=clear)
    if first.ok or first.longest_gap > MAX_GAP:
        return first
    late = audio.with_name(f"{audio.stem}.late.wav")
    samples, rate = waveform.read_mono(audio)
    lead = np.zeros(round(LEAD_IN * rate), np.float32)
    soundfile.write(late, np.concatenate([lead, samples]), rate, subtype="PCM_16")
    again = _heard(asr, request, late, clear=clear)
    if again.score <= first.score:
        return first
    words = tuple(
        Word(word.text, max(0.0, word.start - LEAD_IN), max(0.0, word.end - LEAD_IN))
        for word in again.words
    )
    return replace(again, words=words)


def best_take(
    backend: SpeechBackend,
    asr: TranscriptionBackend,
    request: SpeechRequest,
    out: Path,
    retries: int = 3,
    *,
    clear: bool = False,
) -> Take:
    """Render `request` to `out`; while the take is bad, up to `retries` more; keep the best.

    Every retry draws another seed and another speed (a few percent).

    Raises:
        BadOutput: no attempt gave any audio.
        RendererError: the backend refused the request or is not there.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    attempts: list[Attempt] = []
    best: tuple[SpeechResult, TakeReport] | None = None
    with TemporaryDirectory(dir=out.parent, prefix=f".{out.stem}.") as scratch:
        for number in range(retries + 1):
            varied = replace(
                request,
                seed=request.seed + number,
                speed=request.speed * SPEED_STEPS[number % len(SPEED_STEPS)],
            )
            try:
                speech = backend.render(varied, Path(scratch) / f"{number}{out.suffix}")
            except BadOutput as error:
                attempts.append(Attempt(varied.seed, varied.speed, None, str(error)))
                continue
            report = _understood(asr, request, speech.path, clear=clear)
            attempts.append(Attempt(varied.seed, varied.speed, report))
            if best is None or report.score > best[1].score:
                best = speech, report
            if report.ok:
                break
        if best is None:
            raise BadOutput(f"no take of {request.text[:60]!r} worked: {attempts[-1].error}")
        speech, report = best
        speech.path.replace(out)
    return Take(replace(speech, path=out), report, tuple(attempts))
