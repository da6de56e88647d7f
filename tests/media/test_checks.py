"""Checks on the final file: a good film passes all, and every planted fault is caught by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tiny_films import TINY, colour_clip, line, moving_clip

from renderers.audio_file import decode_mono
from renderers.base import Word
from renderers.ffmpeg import run_ffmpeg
from renderers.probe import decode_gray, is_faststart, measure_loudness, probe
from storyboard.media.audio.effects import effect
from storyboard.media.audio.mix import Cue, master, mix
from storyboard.media.checks import Check, Tongues, run_checks
from storyboard.media.cut import SegmentCut, cut_segment, join
from storyboard.media.evidence import RATE, Evidence
from storyboard.media.text.captions import Caption, time_captions
from storyboard.media.text.subtitles import ass
from storyboard.media.text.title import Box
from storyboard.plan.timeline import SegmentPlan, Timeline, lay_out

Parts = list[tuple[Path, float]]

HOOK_LINE = "Nobody was ever meant to see this."
BEAT_LINE = "The kettle has been listening to us all along."
SPEECH = {0: 1.3, 1: 1.9}
PARTS = [
    SegmentPlan(0, "00_hook", 12, 2.0, 0.4, 0.0, 0, "cut", "narrator", HOOK_LINE, ""),
    SegmentPlan(1, "01_setup", 12, 2.0, 0.6, 0.0, 0, "cut", "kenta", BEAT_LINE, ""),
    SegmentPlan(2, "02_pause", 12, 2.5, 0.6, 0.5, 4, "crossfade", None, "", ""),
]
TIMELINE = lay_out(PARTS, SPEECH)
LINES = {index: line(seconds, index + 1) for index, seconds in SPEECH.items()}


@dataclass
class Made:
    """A film and what it is compared with; tests spoil one thing of it."""

    film: Path
    evidence: Evidence

    def failed(self, timeline: Timeline = TIMELINE) -> list[Check]:
        return [c for c in run_checks(self.evidence, timeline, TINY, Tongues("en")) if not c.ok]


def words_of(timeline: Timeline, lines: dict[int, str]) -> list[Word]:
    """The words of the lines, spread over their speech, as a transcription gives them."""
    words: list[Word] = []
    for index, text in lines.items():
        segment, said = timeline.segment(index), text.split()
        step = segment.speech_seconds / len(said)
        begin = segment.speech_start
        words += [
            Word(word, begin + i * step, begin + (i + 1) * step) for i, word in enumerate(said)
        ]
    return words


def good_cues() -> list[Cue]:
    return [Cue(samples, TIMELINE.segment(i).speech_start) for i, samples in LINES.items()]


def good_captions() -> list[Caption]:
    return [
        caption
        for s in TIMELINE.segments
        if s.line
        for caption in time_captions(s.line, s.speech_start, s.speech_seconds)
    ]


def picture(folder: Path, clip: Callable[[int, int], Path]) -> Parts:
    """The timeline's segments, encoded; `clip(index, frames)` makes their clips."""
    segments = TIMELINE.segments
    clips = [clip(s.index, s.frames) for s in segments]
    parts: Parts = []
    for number, s in enumerate(segments):
        given = segments[number + 1].overlap if number + 1 < len(segments) else 0
        before = (clips[number - 1], segments[number - 1].frames) if s.overlap else (None, 0)
        part = folder / f"part{number}.mp4"
        script = ass([], TINY)
        cut = SegmentCut(clips[number], s.frames - given, s.overlap, *before, s.transition, script)
        cut_segment(cut, TINY, part)
        parts.append((part, (s.frames - given) / 12))
    return parts


def finish(folder: Path, parts: Parts, cues: Sequence[Cue]) -> Made:
    """The film of these segments and lines, and what is measured on it."""
    noise = 0.2 * np.random.default_rng(9).standard_normal((round(TIMELINE.seconds * 48_000), 2))
    track = mix(TIMELINE.seconds, cues, [], noise.astype(np.float32), -18.0)
    master(track, folder / "mix.m4a")
    join(parts, folder / "mix.m4a", folder / "final.mp4")
    return Made(folder / "final.mp4", examine(folder / "final.mp4", folder))


def examine(film: Path, folder: Path) -> Evidence:
    takes: dict[int, np.ndarray] = {}
    for index, samples in LINES.items():
        soundfile.write(folder / f"take{index}.wav", samples, 48_000)
        takes[index] = decode_mono(folder / f"take{index}.wav", RATE)
    luma, change = decode_gray(film)
    return Evidence(
        media=probe(film),
        loudness=measure_loudness(film),
        faststart=is_faststart(film),
        sound=decode_mono(film, RATE),
        takes=takes,
        luma=luma,
        change=change,
        words=words_of(TIMELINE, {0: HOOK_LINE, 1: BEAT_LINE}),
        captions=good_captions(),
        title=Box(10, 8, 140, 40),
        faces=[Box(40, 80, 80, 80)],
    )


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    folder = tmp_path_factory.mktemp("picture")
    return picture(folder, lambda index, frames: moving_clip(folder / f"{index}.mp4", frames))


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, parts: Parts) -> Made:
    return finish(tmp_path_factory.mktemp("good"), parts, good_cues())


def only(failed: Sequence[Check], name: str) -> Check:
    assert [c.name for c in failed] == [name], [c.message for c in failed]
    return failed[0]


def test_a_good_film_passes_every_check(good: Made) -> None:
    checks = run_checks(good.evidence, TIMELINE, TINY, Tongues("en"))
    assert [c.message for c in checks if not c.ok] == []
    assert {c.name for c in checks} == {
        "file",
        "length",
        "loudness",
        "true peak",
        "speech",
        "words",
        "silence",
        "captions",
        "picture",
        "title",
    }
    assert all(c.step for c in checks if c.name not in ("file",))
    assert all(abs(c.measured or 0) < 0.002 for c in checks if c.name == "speech")


@pytest.mark.parametrize("late", [0.1, -0.1, 0.45])
def test_speech_that_comes_late_or_early_is_caught(
    late: float, parts: Parts, tmp_path: Path
) -> None:
    cues = good_cues()
    cues[1] = replace(cues[1], start=cues[1].start + late)
    failed = finish(tmp_path, parts, cues).failed()
    speech = next(c for c in failed if c.name == "speech")
    assert (speech.beat, speech.step) == (1, "assemble/sound")
    assert speech.measured == pytest.approx(abs(late), abs=0.002)
    assert f"{late * 1000:+.0f} ms" in speech.message
    # Captions that stay where the speech was are outside it now.
    assert {c.name for c in failed} <= {"speech", "captions"}


def test_an_effect_over_a_line_hides_nothing(parts: Parts, tmp_path: Path) -> None:
    gavel = 0.4 * np.repeat(effect("gavel")[:, None], 2, axis=1)
    cues = [*good_cues(), Cue(gavel, TIMELINE.segment(1).speech_start + 0.5)]
    assert finish(tmp_path, parts, cues).failed() == []


def test_half_a_frame_is_no_fault(parts: Parts, tmp_path: Path) -> None:
    cues = [replace(cue, start=cue.start + 0.5 / 12) for cue in good_cues()]
    assert finish(tmp_path, parts, cues).failed() == []


@pytest.mark.parametrize("cut", [0.17, 0.35, 0.8])
def test_a_cut_last_syllable_is_caught(cut: float, parts: Parts, tmp_path: Path) -> None:
    cues = good_cues()
    cues[1] = replace(cues[1], samples=cues[1].samples[: -round(cut * 48_000)])
    check = only(finish(tmp_path, parts, cues).failed(), "speech")
    assert check.beat == 1
    assert "end of its line is missing" in check.message


def test_a_hole_inside_a_line_is_caught(parts: Parts, tmp_path: Path) -> None:
    cues = good_cues()
    holed = cues[1].samples.copy()
    holed[round(0.7 * 48_000) : round(0.9 * 48_000)] = 0
    cues[1] = replace(cues[1], samples=holed)
    check = only(finish(tmp_path, parts, cues).failed(), "speech")
    assert check.message == "beat 1: its line is missing (0.20 s)"


def test_a_missing_line_is_caught(parts: Parts, tmp_path: Path) -> None:
    failed = finish(tmp_path, parts, good_cues()[:1]).failed()
    speech = next(c for c in failed if c.name == "speech")
    assert speech.message == "beat 1: its line is not in the film's sound"


def test_two_lines_swapped_are_caught(parts: Parts, tmp_path: Path) -> None:
    first, second = good_cues()
    swapped = [replace(first, samples=second.samples), replace(second, samples=first.samples)]
    failed = finish(tmp_path, parts, swapped).failed()
    speech = [c for c in failed if c.name == "speech"]
    assert [c.beat for c in speech] == [0, 1]


@pytest.mark.parametrize(
    ("heard", "says"),
    [
        ("The kettle has been listening to", "last words"),
        ("I would like a cup of tea please", "I would like"),
        ("", "“” is heard (0%"),
    ],
)
def test_words_that_are_not_heard_are_caught(good: Made, heard: str, says: str) -> None:
    lines = {0: HOOK_LINE} | ({1: heard} if heard else {})
    spoilt = replace(good.evidence, words=words_of(TIMELINE, lines))
    check = only(Made(good.film, spoilt).failed(), "words")
    assert (check.beat, check.step) == (1, "speech/beat_01_setup")
    assert says in check.message


@pytest.mark.parametrize(
    "heard",
    ["The kettle has been listening to us all along!", "the cattle has been listening to us along"],
)
def test_what_a_recogniser_mishears_is_no_fault(good: Made, heard: str) -> None:
    words = words_of(TIMELINE, {0: HOOK_LINE, 1: heard})
    assert Made(good.film, replace(good.evidence, words=words)).failed() == []


def test_an_opening_that_the_ear_mistakes_a_little_is_no_fault_and_a_mumbled_one_is(
    good: Made,
) -> None:
    first = min(good.evidence.takes)
    clear = replace(good.evidence, clarity={first: 0.82})
    assert Made(good.film, clear).failed() == []
    mumbled = replace(good.evidence, clarity={first: 0.7})
    check = only(Made(good.film, mumbled).failed(), "clear")
    assert (check.fault, check.beat) == ("unclear_line", first)
    assert "70% of its sounds are heard (90% are asked for, 75% at least)" in check.message


def test_a_silent_beat_in_which_somebody_speaks_is_caught(good: Made) -> None:
    start = TIMELINE.segment(2).start
    extra = [Word("who", start + 0.8, start + 1.0), Word("speaks", start + 1.0, start + 1.4)]
    spoilt = replace(good.evidence, words=[*good.evidence.words, *extra])
    check = only(Made(good.film, spoilt).failed(), "silence")
    assert check.beat == 2
    assert "“who speaks” is heard" in check.message


@pytest.mark.parametrize("moved", [-0.3, 0.3])
def test_captions_outside_their_speech_are_caught(good: Made, moved: float) -> None:
    captions = [
        replace(c, start=c.start + moved, end=c.end + moved) if c.start > 2.0 else c
        for c in good.evidence.captions
    ]
    check = only(Made(good.film, replace(good.evidence, captions=captions)).failed(), "captions")
    assert (check.beat, check.step) == (1, "assemble/captions")
    assert check.measured == pytest.approx(0.3, abs=0.01)


def test_a_line_without_a_caption_is_caught(good: Made) -> None:
    captions = [c for c in good.evidence.captions if c.start > 2.0]
    check = only(Made(good.film, replace(good.evidence, captions=captions)).failed(), "captions")
    assert "hook: its line has no caption" in check.message


@pytest.mark.parametrize(("colour", "what"), [("black", "black"), ("0x808080", "frozen")])
def test_a_black_or_frozen_picture_is_caught(colour: str, what: str, tmp_path: Path) -> None:
    def clip(index: int, frames: int) -> Path:
        if index == 1:
            return colour_clip(tmp_path / "clip1.mp4", colour, frames)
        return moving_clip(tmp_path / f"clip{index}.mp4", frames)

    spoilt = finish(tmp_path, picture(tmp_path, clip), good_cues())
    check = only(spoilt.failed(), "picture")
    assert (check.beat, check.step) == (1, "clips/clip_01_setup")
    assert what in check.message


def test_a_calm_shot_is_not_frozen(tmp_path: Path) -> None:
    """A still picture under a camera that creeps in by two percent in ten seconds."""
    still = tmp_path / "still.png"
    source = "testsrc2=s=320x576,gblur=sigma=3"
    run_ffmpeg(["-f", "lavfi", "-i", source, "-frames:v", "1", still])

    def clip(index: int, frames: int) -> Path:
        out = tmp_path / f"clip{index}.mp4"
        zoom = f"zoompan=z='1+0.002*on/12':d={frames}:s=160x288:fps=12:x='iw/2-iw/zoom/2'"
        run_ffmpeg(["-i", still, "-vf", zoom, "-pix_fmt", "yuv420p", out])
        return out

    assert finish(tmp_path, picture(tmp_path, clip), good_cues()).failed() == []


REMUX = ["-c", "copy", "-movflags", "+faststart"]
FAULTY_FILES = {
    "slow start": (["-c", "copy"], "its index at the front"),
    "mono": (["-c:v", "copy", "-ac", "1", "-movflags", "+faststart"], "48 kHz stereo"),
    "44.1 kHz": (["-c:v", "copy", "-ar", "44100", "-movflags", "+faststart"], "48 kHz stereo"),
    "mp3": (["-c:v", "copy", "-c:a", "libmp3lame", "-movflags", "+faststart"], "AAC"),
    "4:4:4": (["-c:a", "copy", "-pix_fmt", "yuv444p", "-movflags", "+faststart"], "yuv420p"),
    "mpeg4": (["-c:a", "copy", "-c:v", "mpeg4", "-movflags", "+faststart"], "H.264"),
    "size": (["-c:a", "copy", "-vf", "scale=144:256", "-movflags", "+faststart"], "160×288"),
    "rate": (["-c:a", "copy", "-r", "24", "-movflags", "+faststart"], "constant 12 fps"),
    "a dropped frame": (
        ["-c:a", "copy", "-vf", "select='not(eq(n,20))'", "-fps_mode", "vfr", *REMUX[2:]],
        "constant 12 fps",
    ),
}


@pytest.mark.parametrize("fault", FAULTY_FILES)
def test_a_file_that_players_or_platforms_refuse_is_caught(
    good: Made, fault: str, tmp_path: Path
) -> None:
    arguments, says = FAULTY_FILES[fault]
    spoilt = tmp_path / "spoilt.mp4"
    run_ffmpeg(["-i", good.film, *arguments, spoilt])
    failed = Made(spoilt, examine(spoilt, tmp_path)).failed()
    file = next(c for c in failed if c.name == "file")
    assert says in file.message
    assert file.step == "assemble/film"


def test_sound_shorter_than_the_picture_is_caught(good: Made, tmp_path: Path) -> None:
    spoilt = tmp_path / "short.mp4"
    seconds = TIMELINE.seconds
    run_ffmpeg(["-i", good.film, "-c:v", "copy", "-af", f"atrim=end={seconds - 0.3}", spoilt])
    failed = Made(spoilt, examine(spoilt, tmp_path)).failed()
    length = next(c for c in failed if c.name == "length")
    assert length.measured == pytest.approx(0.3, abs=0.04)


@pytest.mark.parametrize(
    ("volume", "names"), [("-4dB", {"loudness"}), ("7dB", {"loudness", "true peak"})]
)
def test_wrong_loudness_and_clipping_are_caught(
    good: Made, volume: str, names: set[str], tmp_path: Path
) -> None:
    spoilt = tmp_path / "loud.mp4"
    run_ffmpeg(["-i", good.film, "-c:v", "copy", "-af", f"volume={volume}", *REMUX[2:], spoilt])
    failed = Made(spoilt, examine(spoilt, tmp_path)).failed()
    assert {c.name for c in failed} == names
    assert all(c.step == "assemble/sound" for c in failed)


def test_a_title_over_a_face_is_caught(good: Made) -> None:
    spoilt = replace(good.evidence, faces=[Box(60, 30, 50, 50)])
    check = only(Made(good.film, spoilt).failed(), "title")
    assert (check.beat, check.step) == (0, "images/hook")


def test_a_film_in_which_nobody_speaks_may_be_quiet(good: Made) -> None:
    parts = [replace(part, speaker=None, line="") for part in PARTS]
    quiet = replace(good.evidence.loudness, integrated=-30.0, true_peak=-20.0)
    spoilt = replace(good.evidence, words=[], captions=[], takes={}, loudness=quiet)
    silent = lay_out(parts, {})
    names = [c.name for c in Made(good.film, spoilt).failed(silent)]
    assert "loudness" not in names
