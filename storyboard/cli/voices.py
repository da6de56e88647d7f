"""`storyboard voices`: which there are, how they sound, how to get more.

Knows: the table, the sample reel. Does not know: how a voice is made or installed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.table import Table

from renderers.base import SpeechBackend, SpeechRequest, VoiceSpec
from renderers.scratch import temporary_folder
from renderers.tts import waveform
from renderers.tts.install import install
from renderers.tts.phonemes import languages
from renderers.tts.voices import EXTRAS, Catalogue, voices_dir
from storyboard.core.console import border, out
from storyboard.core.errors import UsageError
from storyboard.edit.voice_samples import SAMPLES
from storyboard.plan.languages import ABOUT, known

app = typer.Typer(help="List, hear and install voices.", invoke_without_command=True)

PAUSE = 0.6
"""Silence between two voices of a reel, seconds."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Where a voice is heard in a reel: seconds from its start."""

    voice: str
    start: float
    end: float


@app.callback()
def voices(context: typer.Context) -> None:
    """List, hear and install voices."""
    if context.invoked_subcommand is None:
        list_voices()


@app.command("list")
def list_voices(
    language: Annotated[
        str, typer.Option(help="Only voices for this language: en, ja, es, …")
    ] = "",
) -> None:
    """Show the voices at hand, best first."""
    with border():
        _check_language(language)
        table = Table("voice", "languages", "sounds", "pitch", "origin", box=None)
        for voice in Catalogue().list(language):
            table.add_row(
                voice.name,
                " ".join(voice.languages) or "-",
                voice.presentation
                if voice.age == "adult"
                else f"{voice.presentation}, {voice.age}",
                f"{voice.f0} Hz" if voice.f0 else "-",
                voice.origin,
            )
        out.print(table)
        if not Catalogue().installed():
            out.print("English voices made by native speakers: storyboard voices install")


@app.command()
def sample(
    file: Annotated[Path, typer.Option("--out", help="Audio file to write: .wav or .mp4.")] = Path(
        "voices.wav"
    ),
    voice: Annotated[
        list[str] | None, typer.Option(help="Only this voice; repeat for more.")
    ] = None,
    language: Annotated[str, typer.Option(help="Language of the sample: en, ja, es, …")] = "en",
    text: Annotated[str, typer.Option(help="What they say.")] = "",
) -> None:
    """Let voices speak one after another into a file, and print who is heard when."""
    from renderers.tts.kokoro import KokoroSpeech

    with border():
        _check_language(language)
        speech = KokoroSpeech()
        names = tuple(voice or [info.name for info in speech.voices(language)])
        _check_voices(names)
        table = Table("from", "to", "voice", box=None)
        for heard in reel(speech, names, text or SAMPLES[language], language, file):
            table.add_row(f"{heard.start:.1f} s", f"{heard.end:.1f} s", heard.voice)
        speech.close()
        out.print(table)
        out.print(f"{len(names)} voices in {file}", soft_wrap=True)


@app.command("install")
def install_voices(
    source: Annotated[
        Path | None,
        typer.Option("--from", help="A folder or .tgz with the voice files; else npm fetches it."),
    ] = None,
) -> None:
    """Add the other official voices of Kokoro (27 MB): English, and with their packages es, fr, it, pt, zh."""
    with border():
        if source is not None and not source.exists():
            raise UsageError(f"--from: there is no {source}")
        names = install(source)
        out.print(f"{len(names)} voices in {voices_dir()}: {', '.join(names)}", soft_wrap=True)
        for code in EXTRAS:
            if code not in languages():
                name = ABOUT[known(code)].name
                out.print(f"{name} is spoken once `{EXTRAS[code]}` is here", soft_wrap=True)


def reel(
    speech: SpeechBackend, names: tuple[str, ...], text: str, language: str, file: Path
) -> tuple[Sample, ...]:
    """Write all `names` saying `text`, one after another, to `file` (.wav or .mp4).

    Raises:
        UsageError: the file's ending is neither.
        RendererError: a voice does not exist, or cannot be rendered.
    """
    if file.suffix not in (".wav", ".mp4"):
        raise UsageError(f"--out {file}: must end in .wav or .mp4")
    rate = waveform.OUTPUT_RATE
    silence = np.zeros(int(PAUSE * rate), dtype=np.float32)
    pieces: list[waveform.Samples] = []
    heard: list[Sample] = []
    clock = 0.0
    with temporary_folder("reel") as scratch:
        for name in names:
            spec = VoiceSpec(preset=name)
            result = speech.render(SpeechRequest(text, language, spec), scratch / "line.wav")
            samples, _ = waveform.read_mono(result.path)
            pieces += [samples, silence]
            heard.append(Sample(name, clock, clock + result.seconds))
            clock += (len(samples) + len(silence)) / rate
    track = np.concatenate(pieces)
    if file.suffix == ".wav":
        waveform.write_stereo(track, file)
    else:
        waveform.write_mp4(track, file)
    return tuple(heard)


def _check_voices(names: tuple[str, ...]) -> None:
    known = [info.name for info in Catalogue().list()]
    if unknown := [name for name in names if name not in known]:
        raise UsageError(f"--voice {unknown[0]}: is not one of: {', '.join(known)}")


def _check_language(language: str) -> None:
    if language and language not in SAMPLES:
        raise UsageError(f"--language {language}: is not one of: {', '.join(SAMPLES)}")
