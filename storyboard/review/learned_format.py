"""A film format from a short video that somebody has: its shots, lengths and speech, measured, and
what each stretch is for, as a reviewer says who watched it.

Its words stay where they are: a direction that repeats five of them in a row is refused. Without a
reviewer that watches, the directions are left for the user to write.

Knows: cuts, what is said when, what a reviewer is asked. Does not know: how formats are used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from renderers.audio_file import decode_mono
from renderers.base import ReviewBackend, ReviewRequest, TranscriptionBackend, Word
from renderers.loose import list_of
from renderers.probe import decode_gray, probe
from renderers.scene import Expression, ShotScale
from storyboard.core.answer_schema import object_of
from storyboard.core.errors import UsageError
from storyboard.core.prompt_files import prompt_text
from storyboard.plan import NARRATOR, Language
from storyboard.plan.format_files import parse_format
from storyboard.plan.formats import MusicMood
from storyboard.plan.languages import ABOUT

LONGEST = 180.0
MOST_BEATS = 40
ROUNDS = 3
"""How often faults go back to the reviewer."""
SHORTEST = 0.8
"""Seconds of a beat; a shorter shot belongs to the one before."""
LONGEST_HOOK = 8.0
CUT = 12.0
"""Mean change of a frame (of 255) that may be a cut …"""
ABOVE = 6.0
"""… if it is as many times what frames around it change by."""
COPIED = 5
"""Words in a row that are a quotation."""
ROOM = 1.15
"""Characters that a line may have, against those of the video's."""
_AROUND = 12
_RATE = 16_000
_HEARD = 10 ** (-50 / 20)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What will be a beat: seconds of the video, and the words that are said in it."""

    start: float
    end: float
    words: tuple[Word, ...]

    @property
    def seconds(self) -> float:
        return self.end - self.start

    @property
    def text(self) -> str:
        return " ".join(word.text.strip() for word in self.words)


@dataclass(frozen=True, slots=True)
class Watched:
    """What was measured of a video."""

    path: Path
    aspect: str
    language: Language
    stretches: tuple[Stretch, ...]
    music: bool
    """Whether something is heard where nobody speaks."""


def words_of(video: Path, language: Language, ear: TranscriptionBackend) -> tuple[Word, ...]:
    """What is said in a video; nothing where it has no sound."""
    return ear.transcribe(video, language).words if probe(video).channels else ()


def measured(video: Path, language: Language, words: Sequence[Word]) -> Watched:
    """The shots of a video and what is said in each.

    Raises:
        UsageError: it is no video, or too long for a short.
    """
    found = probe(video)
    if not found.frames or not found.fps:
        raise UsageError(f"{video} has no picture: give a video")
    if found.seconds > LONGEST:
        raise UsageError(f"{video} lasts {found.seconds:.0f} s: a short has at most {LONGEST:.0f}")
    _, change = decode_gray(video)
    cuts = [frame / found.fps for frame in cuts_of(change)]
    stretches = _stretches([0.0, *cuts, found.seconds], words)
    if len(stretches) > MOST_BEATS + 1:
        raise UsageError(f"{video} has {len(stretches)} shots: a format has at most {MOST_BEATS}")
    ratio = found.width / found.height
    aspects = {"9:16": 9 / 16, "1:1": 1.0, "16:9": 16 / 9}
    aspect = min(aspects, key=lambda name: abs(np.log(ratio / aspects[name])))
    music = bool(found.channels) and _heard_between(video, words)
    return Watched(video, aspect, language, tuple(stretches), music)


def cuts_of(change: npt.NDArray[np.float32]) -> list[int]:
    """Frames that begin a shot, by how much each frame differs from the one before."""
    found: list[int] = []
    for frame in np.flatnonzero(change > CUT):
        around = np.r_[change[max(0, frame - _AROUND) : frame], change[frame + 1 : frame + _AROUND]]
        if change[frame] > ABOVE * max(1.0, float(np.median(around)) if len(around) else 0.0):
            found.append(int(frame))
    return found


def _stretches(edges: Sequence[float], words: Sequence[Word]) -> list[Stretch]:
    """Shots as beats: one that is too short, or in the middle of whose line it is cut, goes on."""
    kept = [edges[0]]
    for edge in edges[1:-1]:
        spoken = any(word.start < edge - 0.05 and edge + 0.05 < word.end for word in words)
        goes_on = any(
            one.end <= edge + 0.05
            and other.start >= edge - 0.05
            and other.start - one.end < 0.25
            and not one.text.rstrip().endswith((".", "!", "?", "。", "！", "？"))
            for one, other in pairwise(words)
        )
        if edge - kept[-1] >= SHORTEST and not spoken and not goes_on:
            kept.append(edge)
    if len(kept) > 1 and edges[-1] - kept[-1] < SHORTEST:
        kept.pop()
    kept.append(edges[-1])
    return [
        Stretch(a, b, tuple(w for w in words if a <= (w.start + w.end) / 2 < b))
        for a, b in pairwise(kept)
    ]


def _heard_between(video: Path, words: Sequence[Word]) -> bool:
    sound = decode_mono(video, _RATE)
    quiet = np.ones(len(sound), bool)
    for word in words:
        quiet[round(max(0.0, word.start - 0.2) * _RATE) : round((word.end + 0.2) * _RATE)] = False
    rest = sound[quiet]
    return len(rest) > _RATE and float(np.sqrt(np.mean(np.square(rest)))) > _HEARD


# --- what it is for ---------------------------------------------------------------


def learned(
    watched: Watched, name: str, reviewer: ReviewBackend | None, tell: Callable[[str], None]
) -> dict[str, Any]:
    """The format, as its file holds it.

    Raises:
        UsageError: the reviewer says nothing that a format can be made of.
    """
    said = _blank(watched) if reviewer is None else _said(watched, reviewer, tell)
    data = _format(watched, name, said)
    parse_format(data, name, Path())
    return data


def _blank(watched: Watched) -> Mapping[str, Any]:
    """What a user is to write where nobody watched."""
    beats = [
        {
            "type": f"beat_{n}",
            "speaker": "lead" if s.words else "",
            "direction": f"WRITE HERE what this beat is for: {len(s.words)} words in the video.",
            "expression": "neutral",
            "scale": "medium shot",
        }
        for n, s in enumerate(_told(watched)[1], 1)
    ]
    return {
        "title": "A form of my own",
        "summary": "WRITE HERE what kind of film it is.",
        "roles": [{"id": "lead", "who": "WRITE HERE who it is", "wardrobe": "a plain jacket"}],
        "hook": "WRITE HERE what the first seconds do.",
        "beats": beats,
        "rules": [],
        "style": "",
        "mood": "calm",
    }


def _told(watched: Watched) -> tuple[Stretch | None, Sequence[Stretch]]:
    """The hook, where the first stretch can be one, and the beats."""
    first, *rest = watched.stretches
    if rest and first.seconds <= LONGEST_HOOK:
        return first, rest
    return None, watched.stretches


def _said(
    watched: Watched, reviewer: ReviewBackend, tell: Callable[[str], None]
) -> Mapping[str, Any]:
    _, beats = _told(watched)
    wrong: list[str] = []
    for _ in range(ROUNDS):
        result = reviewer.watch(_question(watched, wrong))
        said = result.data
        if not isinstance(said, dict):
            raise UsageError(f"the reviewer {reviewer.name} does not answer: {result.reason}")
        wrong = _faults(said, len(beats), _quoted(watched))
        if not wrong:
            return said
        tell(f"{len(wrong)} points go back to the reviewer: {'; '.join(wrong)[:300]}")
    raise UsageError(f"the reviewer's format does not hold up ({'; '.join(wrong)[:300]})")


def _question(watched: Watched, wrong: Sequence[str]) -> ReviewRequest:
    hook, beats = _told(watched)
    lines = ["The stretches:"]
    if hook is not None:
        lines.append(f"hook, {_facts(hook)}")
    lines += [f"{n}, {_facts(stretch)}" for n, stretch in enumerate(beats, 1)]
    lines += ["", "Your last answer did not hold up:", *wrong] if wrong else []
    stretches = watched.stretches
    middles = [(s.start + s.end) / 2 for s in stretches]
    return ReviewRequest(
        watched.path,
        instructions=prompt_text("review/learn.txt"),
        question="\n".join(lines),
        schema=_schema(len(beats)),
        words=tuple(word for s in stretches for word in s.words),
        moments=(*middles, *(s.start + 0.15 for s in stretches)),
    )


def _facts(stretch: Stretch) -> str:
    spoken = f"{len(stretch.words)} words are said" if stretch.words else "nobody speaks"
    return f"{stretch.start:.2f}-{stretch.end:.2f} s: {spoken}"


def _schema(count: int) -> dict[str, Any]:
    text: dict[str, Any] = {"type": "string", "maxLength": 300}
    short: dict[str, Any] = {"type": "string", "maxLength": 60}
    beat = object_of(
        {
            "type": short,
            "speaker": short,
            "direction": text,
            "expression": {"type": "string", "enum": list(get_args(Expression))},
            "scale": {"type": "string", "enum": list(get_args(ShotScale))},
        }
    )
    role = object_of({"id": short, "who": text, "wardrobe": text})
    return object_of(
        {
            "title": short,
            "summary": text,
            "roles": {"type": "array", "items": role, "minItems": 1, "maxItems": 6},
            "hook": text,
            "beats": {"type": "array", "items": beat, "minItems": count, "maxItems": count},
            "rules": {"type": "array", "items": text, "maxItems": 6},
            "style": text,
            "mood": {"type": "string", "enum": list(get_args(MusicMood))},
        }
    )


def _faults(said: Mapping[str, Any], count: int, quoted: frozenset[tuple[str, ...]]) -> list[str]:
    """What of an answer no format can be made of."""
    found: list[str] = []
    roles = _records(said.get("roles"))
    ids = {_id(role.get("id")) for role in roles}
    beats = _records(said.get("beats"))
    if not roles or not all(_text(role.get("who")) and _id(role.get("id")) for role in roles):
        found.append("roles: every one needs an id and who it is")
    if len(beats) != count:
        found.append(f"beats: {len(beats)}, there are {count} stretches")
    for n, beat in enumerate(beats, 1):
        speaker = _text(beat.get("speaker"))
        if speaker and _id(speaker) not in ids | {NARRATOR}:
            found.append(f"beat {n}: {speaker!r} is none of the roles: {', '.join(sorted(ids))}")
        if not _text(beat.get("direction")):
            found.append(f"beat {n} has no direction")
    if not _text(said.get("hook")):
        found.append("hook: says nothing")
    texts = [said.get(key) for key in ("title", "summary", "hook", "style")]
    texts += [beat.get("direction") for beat in beats] + list(said.get("rules") or ())
    for text in texts:
        if copied := _copied(_text(text), quoted):
            found.append(f"“{' '.join(copied)}” is said in the video: do not repeat its words")
    return found


def _records(value: object) -> list[Mapping[str, Any]]:
    return [item for item in list_of(value) if isinstance(item, dict)]


def _quoted(watched: Watched) -> frozenset[tuple[str, ...]]:
    """Every few words in a row that the video says."""
    return frozenset(_runs(" ".join(stretch.text for stretch in watched.stretches)))


def _copied(text: str, quoted: frozenset[tuple[str, ...]]) -> tuple[str, ...] | None:
    return next((run for run in _runs(text) if run in quoted), None)


def _runs(text: str) -> list[tuple[str, ...]]:
    # A Japanese sentence has no blanks: its characters are counted, twice as many.
    latin = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text.lower()) if text.isascii() else None
    units, run = (list(re.sub(r"\W", "", text)), 2 * COPIED) if latin is None else (latin, COPIED)
    return [tuple(units[at : at + run]) for at in range(len(units) - run + 1)]


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _id(value: object) -> str:
    """A name as formats write it: `the_lead`."""
    bare = re.sub(r"[^a-z0-9]+", "_", _text(value).lower()).strip("_")[:32]
    return bare if bare[:1].isalpha() else ""


# --- the file ---------------------------------------------------------------------


def _format(watched: Watched, name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    hook, stretches = _told(watched)
    roles = [
        {
            "id": _id(role.get("id")),
            "who": _text(role.get("who")),
            "wardrobe": [_text(role.get("wardrobe")) or "a plain jacket"],
        }
        for role in _records(said["roles"])
    ]
    first = next((r["id"] for r in roles), "")
    most = partial(_most, watched.language)
    beats: list[dict[str, Any]] = []
    for stretch, beat in zip(stretches, _records(said["beats"]), strict=True):
        speaker = _id(beat.get("speaker")) or None
        on = speaker if speaker and speaker != NARRATOR else first
        spoken = bool(stretch.words) and speaker is not None
        beats.append(
            {
                "type": _id(beat.get("type")) or "beat",
                "speaker": speaker if spoken else None,
                "direction": _text(beat.get("direction")),
                "seconds": [round(0.8 * stretch.seconds, 1), round(1.25 * stretch.seconds, 1)],
                **({"max_chars": most(stretch)} if spoken else {}),
                "expressions": [beat.get("expression") or "neutral"],
                "shots": [{"scale": beat.get("scale") or "medium shot"}],
                "cast": [on] if on else [],
            }
        )
    data: dict[str, Any] = {
        "name": name,
        "title": _text(said["title"]) or name,
        "summary": _text(said["summary"]) or _text(said["title"]) or name,
        "languages": [watched.language],
        "aspect": watched.aspect,
        "style": _text(said["style"]),
        "roles": roles,
        "settings": [{"id": "main", "what": "where the story plays"}],
        "beats": beats,
        "constraints": [rule for each in said["rules"] if (rule := _text(each))],
        "music": {"mood": said["mood"] if watched.music else "none"},
    }
    if hook is not None:
        data["hook"] = {
            "direction": _text(said["hook"]),
            "cast": [first],
            "expressions": ["surprised"],
            "seconds": round(min(LONGEST_HOOK, max(1.0, hook.seconds)), 1),
            **({"max_chars": most(hook)} if hook.words else {}),
        }
    return data


def _most(language: Language, stretch: Stretch) -> dict[str, int]:
    least = ABOUT[language].most(20)
    return {language: max(least, round(ROOM * len(stretch.text)))}
