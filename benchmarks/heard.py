"""Hears every hook and last line as a film does: spoken, written down, compared by sound.

`python -m benchmarks.heard --language en` speaks each such line of the formats with a few voices, and those that
come near the limit with all of them. What was heard is kept in a file beside the run (`--kept`), so
that it can be stopped and goes on where it was; a line that is worded anew is heard anew. At the
end it prints what is under the limit, with what was heard.

Knows: formats, voices, takes. Does not know: ideas, films.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from renderers.asr.whisper import WhisperTranscription
from renderers.base import SpeechRequest, VoiceSpec
from renderers.scene import Expression
from renderers.tts.kokoro import KokoroSpeech
from storyboard.media.audio.hearing import spelt_otherwise
from storyboard.media.audio.take_quality import CLEAR, best_take
from storyboard.plan.format_files import load_format
from storyboard.plan.formats import SLOT, Line
from storyboard.plan.records import Language

FORMATS = ("comedy_5", "consent_dilemma", "language_mishap", "explainer")
NEAR = 0.95
"""A line heard better than this by the first voices is not tried with the others."""
NARRATORS: dict[Language, tuple[str, ...]] = {
    "en": ("af_heart", "am_michael", "af_bella"),
    "ja": ("jf_alpha", "jm_kumo", "jf_gongitsune"),
}
"""Who may say a hook: casting draws among the first three."""
FIRST: dict[Language, tuple[str, ...]] = {
    "en": ("am_michael", "af_heart", "mix_bright", "mix_low"),
    "ja": ("jm_kumo", "jf_alpha", "mix_bright"),
}
FILLERS: dict[Language, dict[str, str]] = {
    "en": {
        "Idea": "A cat became the boss",
        "name": "Tess",
        "other": "Milo",
        "role": "clerk",
        "a_role": "a clerk",
        "who_n": "cat",
        "topic": "cats",
        "Topic": "Cats",
        "thing": "camera",
        "a_thing": "a camera",
        "place": "the office",
        "third": "rain",
        "Third": "Rain",
        "asked": "why cats purr",
        "right": "ticket",
        "wrong": "chicken",
        "rights": "tickets",
        "one_right": "a ticket",
    },
    "ja": {
        "idea": "猫が社長になった",
        "name": "ハナ",
        "other": "ケンジ",
        "role": "店員",
        "topic": "猫",
        "thing": "カメラ",
        "first": "猫",
        "second": "カメラ",
        "third": "雨",
        "right": "眼鏡",
        "wrong": "女神",
    },
}


@dataclass(frozen=True, slots=True)
class Said:
    """A line on which a film hangs, and the face with which it is said."""

    where: str
    text: str
    reading: str
    expression: Expression
    hook: bool
    language: Language


def said(language: Language) -> Iterator[Said]:
    """Every hook and last line of the formats, once each."""
    seen: set[str] = set()
    for name in FORMATS:
        format = load_format(name)
        hooked: Expression = format.hook.expressions[0] if format.hook else "neutral"
        for thread in format.threads_in(language):
            part, spec = [p for p in zip(thread.beats, format.beats, strict=True) if p[0].lines][-1]
            ended = part.expression or spec.expressions[0]
            both: tuple[tuple[list[Line], Expression, bool], ...] = (
                (thread.hooks, hooked, True),
                (part.lines, ended, False),
            )
            for lines, face, hook in both:
                for line in lines:
                    filled = _filled(language, f"{name}/{thread.id}", line, face, hook=hook)
                    if line.text not in seen and not spelt_otherwise(filled.text, language):
                        seen.add(line.text)
                        yield filled


def _filled(language: Language, where: str, line: Line, face: Expression, *, hook: bool) -> Said:
    text, reading = (
        SLOT.sub(lambda m: _filler(m[1], language), t) for t in (line.text, line.reading)
    )
    return Said(where, text, reading, face, hook, language)


def _filler(slot: str, language: Language) -> str:
    fillers = FILLERS[language]
    if slot in fillers:
        return fillers[slot]
    return fillers[slot[:1].lower() + slot[1:]].capitalize()


class Ear:
    """Speaks and hears; what it has heard it keeps."""

    def __init__(self, kept: Path, language: Language) -> None:
        self._kept = kept
        self._heard: dict[str, tuple[float, str]] = {}
        if kept.is_file():
            for row in kept.read_text(encoding="utf-8").splitlines():
                key, clarity, heard = json.loads(row)
                self._heard[key] = clarity, heard
        self._speech = KokoroSpeech(threads=1)
        self._asr = WhisperTranscription(threads=1)
        self.voices = tuple(voice.name for voice in self._speech.voices(language))

    def clarity(self, line: Said, voice: str) -> tuple[float, str]:
        """How much of the best take's sounds is heard, and what it sounds like."""
        key = f"{voice}|{line.expression}|{line.reading or line.text}"
        if key not in self._heard:
            request = SpeechRequest(
                text=line.text,
                language=line.language,
                voice=VoiceSpec(kind="preset", preset=voice),
                reading=line.reading,
                expression=line.expression,
                seed=42,
            )
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "take.wav"
                report = best_take(self._speech, self._asr, request, out, clear=True).report
            # What else is wrong with a take counts as the limit just missed.
            clear = report.clarity or 0.0
            got = clear if report.ok else min(clear, CLEAR - 0.001)
            self._heard[key] = got, report.heard
            with self._kept.open("a", encoding="utf-8") as rows:
                rows.write(json.dumps([key, got, report.heard], ensure_ascii=False) + "\n")
        return self._heard[key]


def unclear(ear: Ear, lines: Sequence[Said]) -> Iterator[str]:
    """Each line that some voice is not heard in: by one voice after the other, short lines first,
    in which one word that is misheard weighs most."""
    least = dict.fromkeys(lines, 1.0)
    language = lines[0].language if lines else "ja"
    for voice in dict.fromkeys([*FIRST[language], *NARRATORS[language], *ear.voices]):
        for line in sorted(lines, key=lambda line: len(line.text)):
            first = NARRATORS[language] if line.hook else FIRST[language]
            doubted = not line.hook and CLEAR <= least[line] < NEAR
            if voice in first or (doubted):
                clarity, heard = ear.clarity(line, voice)
                least[line] = min(least[line], clarity)
                if clarity < CLEAR:
                    yield f"{line.where}: {line.text} → {voice} {clarity:.0%}: {heard}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kept", type=Path, default=Path("heard.jsonl"))
    parser.add_argument("--language", choices=FILLERS, default="ja")
    parser.add_argument("--only", default="", help="threads whose name has this in it")
    options = parser.parse_args()
    lines = [line for line in said(options.language) if options.only in line.where]
    ear = Ear(options.kept, options.language)
    failing = 0
    for fault in unclear(ear, lines):
        failing += 1
        sys.stdout.write(fault + "\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(lines)} lines heard, {failing} takes under {CLEAR:.0%}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
