"""From a chapter of prose to a script, word for word: a language model says what each sentence is,
and writes none.

What stands in quotation marks is a line, and the model names who says it; of the narration it says
what the narrator speaks, what is seen, and what only tells who speaks. The script is Fountain, to be
read and mended before it is filmed, and is read back to see that nothing was lost.

Knows: quotation marks, what a model is asked. Does not know: how scripts become plans, models.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from renderers.base import ChatBackend, ChatRequest, Message
from renderers.loose import list_of, record_of
from storyboard.core.answer_schema import object_of
from storyboard.core.errors import UsageError
from storyboard.core.prompt_files import prompt_text
from storyboard.plan import Language
from storyboard.plan.languages import ABOUT
from storyboard.writing.script.reading import LONGEST_NAME, LONGEST_TITLE, Source, parse
from storyboard.writing.script.split import sentences

ROUNDS = 3
"""How often faults go back to the model."""
AT_ONCE = 40
"""Pieces that a model is asked about in one question."""
MOST_PIECES = 400
"""Of a chapter: about ten minutes spoken, ten shorts."""
LONGEST_PLACE = 40
LONGEST_HOW = 40
TIMES = ("DAY", "NIGHT", "MORNING", "EVENING")
_QUOTED = re.compile(
    r"“([^“”]+)”|\"([^\"]+)\"|「([^「」]+)」|『([^『』]+)』|«([^«»]+)»|„([^„“”]+)[“”]"
)
_GOES_ON = (",", "、", "，", "—", "…")
"""How a line ends that a “he said” parts."""
_NARRATOR: Mapping[str, str] = {"ja": "語り"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the chapter that is one thing: something said, or a sentence of narration."""

    text: str
    quoted: bool
    paragraph: int


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a chapter's pieces are, by their number from 0."""

    title: str = ""
    who: dict[int, str] = field(default_factory=dict[int, str])
    how: dict[int, str] = field(default_factory=dict[int, str])
    told: dict[int, str] = field(default_factory=dict[int, str])
    """Of narration: "told", "shown" or "left"."""
    scenes: dict[int, str] = field(default_factory=dict[int, str])
    """Headings, by the piece before which they stand."""


def pieces(text: str) -> list[Piece]:
    """A chapter in pieces; nothing but quotation marks and blanks between them is left out."""
    found: list[Piece] = []
    for number, paragraph in enumerate(_paragraphs(text)):
        end = 0
        for quote in _QUOTED.finditer(paragraph):
            found += _narrated(paragraph[end : quote.start()], number)
            found.append(Piece(next(filter(None, quote.groups())).strip(), True, number))
            end = quote.end()
        found += _narrated(paragraph[end:], number)
    return [piece for piece in found if any(c.isalnum() for c in piece.text)]


def script_of(
    text: str, name: str, language: Language, chat: ChatBackend, tell: Callable[[str], None]
) -> str:
    """The chapter as Fountain.

    Raises:
        UsageError: it is too long, nothing is said in it, or the model's labels do not hold up.
    """
    cut = pieces(text)
    if not cut:
        raise UsageError(f"{name} holds no words")
    if len(cut) > MOST_PIECES:
        raise UsageError(
            f"{name} has {len(cut)} sentences; a chapter of {MOST_PIECES} is read at once: cut it"
        )
    labels = Labelled()
    for start in range(0, len(cut), AT_ONCE):
        asked = range(start, min(start + AT_ONCE, len(cut)))
        labels = _labelled(cut, asked, labels, language, chat, tell)
    written = _fountain(cut, labels, language)
    _read_back(cut, labels, written, name)
    return written


def _paragraphs(text: str) -> Iterator[str]:
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        lines = [line.strip(" \t\u3000") for line in block.split("\n") if line.strip()]
        # Japanese has no blanks where a line of the file ends, and often a paragraph a line.
        if lines and not all(line.isascii() for line in lines) and _japanese(block):
            yield from lines
        elif lines:
            yield " ".join(lines)


def _japanese(text: str) -> bool:
    return re.search(r"[ぁ-んァ-ヴ]", text) is not None


def _narrated(text: str, paragraph: int) -> list[Piece]:
    return [Piece(part.strip(), False, paragraph) for part in sentences(text) if part.strip()]


# --- what a model says of it --------------------------------------------------


def _labelled(
    cut: Sequence[Piece],
    asked: range,
    known: Labelled,
    language: Language,
    chat: ChatBackend,
    tell: Callable[[str], None],
) -> Labelled:
    """What was known, and what the pieces `asked` about are."""
    wrong: dict[int, str] = {}
    for number in range(ROUNDS):
        answer = _ask(cut, asked, known, wrong, language, chat, number)
        found, wrong = _taken(cut, asked, answer)
        if not wrong:
            title = known.title or found.title
            return Labelled(
                title,
                *(
                    old | new
                    for old, new in (
                        (known.who, found.who),
                        (known.how, found.how),
                        (known.told, found.told),
                        (known.scenes, found.scenes),
                    )
                ),
            )
        tell(f"{len(wrong)} of {len(asked)} sentences go back: {_told(wrong)}")
    raise UsageError(
        f"the model cannot say what these are ({_told(wrong)}): take a stronger one, or write the "
        "script by hand (`NAME: line`)"
    )


def _told(wrong: Mapping[int, str]) -> str:
    return "; ".join(f"{n + 1} {why}" for n, why in wrong.items())[:300]


def _ask(
    cut: Sequence[Piece],
    asked: range,
    known: Labelled,
    wrong: Mapping[int, str],
    language: Language,
    chat: ChatBackend,
    number: int,
) -> Mapping[str, Any]:
    people = list(dict.fromkeys(known.who.values()))
    lines = [f"Language of the chapter: {ABOUT[language].name}."]
    if people:
        lines.append("People so far: " + ", ".join(people))
        lines += ["Before:", *(cut[n].text for n in range(max(0, asked.start - 4), asked.start))]
    lines.append("The pieces:")
    for n in asked:
        lines.append(f"{n + 1} ({'said' if cut[n].quoted else 'narration'}): {cut[n].text}")
        if n in wrong:
            lines.append(f"  what you answered for it {wrong[n]}")
    answer = chat.ask(
        ChatRequest(
            (Message("system", prompt_text("script/label.txt")), Message("user", "\n".join(lines))),
            schema=_schema(cut, asked, titled=not known.title),
            schema_name="chapter",
            purpose="script",
            temperature=0.2,
            seed=1 + number,
            max_tokens=512 + 48 * len(asked),
        )
    )
    return record_of(answer.data)


def _schema(cut: Sequence[Piece], asked: range, *, titled: bool) -> dict[str, Any]:
    said = object_of(
        {
            "who": {"type": "string", "maxLength": LONGEST_NAME},
            "how": {"type": "string", "maxLength": LONGEST_HOW},
        }
    )
    narrated = object_of({"as": {"enum": ["told", "shown", "left"]}})
    scene = object_of(
        {
            "before": {"type": "integer", "minimum": asked.start + 1, "maximum": asked.stop},
            "place": {"type": "string", "maxLength": LONGEST_PLACE},
            "time": {"enum": list(TIMES)},
            "outside": {"type": "boolean"},
        }
    )
    parts: dict[str, Any] = {
        "pieces": object_of({str(n + 1): said if cut[n].quoted else narrated for n in asked}),
        "scenes": {"type": "array", "items": scene, "maxItems": len(asked)},
    }
    if titled:
        parts["title"] = {"type": "string", "maxLength": LONGEST_TITLE}
    return object_of(parts)


def _taken(
    cut: Sequence[Piece], asked: range, answer: Mapping[str, Any]
) -> tuple[Labelled, dict[int, str]]:
    """What holds up of an answer, and what is wrong with the rest, by piece."""
    found = Labelled(_line(answer.get("title"))[:LONGEST_TITLE])
    wrong: dict[int, str] = {}
    said = record_of(answer.get("pieces"))
    for n in asked:
        label = record_of(said.get(str(n + 1)))
        if cut[n].quoted:
            who = _line(label.get("who"))
            if not any(c.isalpha() for c in who):
                wrong[n] = "names nobody"
            elif len(who) > LONGEST_NAME:
                wrong[n] = f"has a name of {len(who)} characters; at most {LONGEST_NAME}"
            else:
                found.who[n] = who
                found.how[n] = _line(label.get("how"))[:LONGEST_HOW]
        elif label.get("as") in ("told", "shown", "left"):
            found.told[n] = str(label["as"])
        else:
            wrong[n] = "is neither told, shown nor left"
    for scene in map(record_of, list_of(answer.get("scenes"))):
        before, place = scene.get("before"), _line(scene.get("place"))[:LONGEST_PLACE]
        if isinstance(before, int) and before - 1 in asked and place:
            time = scene.get("time") if scene.get("time") in TIMES else TIMES[0]
            found.scenes[before - 1] = (
                f"{'EXT' if scene.get('outside') else 'INT'}. {place} - {time}"
            )
    return found, wrong


def _line(value: object) -> str:
    """A name, a place: one line without what Fountain would read as something else."""
    return re.sub(r"[\s()（）^@*_:：\[\]]+", " ", value).strip() if isinstance(value, str) else ""


# --- the script -----------------------------------------------------------------


def _fountain(cut: Sequence[Piece], labels: Labelled, language: Language) -> str:
    blocks = [f"Title: {labels.title}"] if labels.title else []
    for spoken in _spoken(cut, labels, _NARRATOR.get(language, "NARRATOR")):
        blocks += [labels.scenes[n] for n in spoken.pieces if n in labels.scenes]
        if spoken.who:
            how = f"({spoken.how})\n" if spoken.how else ""
            blocks.append(f"@{spoken.who}\n{how}{_escaped(spoken.text)}")
        else:
            blocks.append(f"!{_escaped(spoken.text)}")
    return "\n\n".join(blocks) + "\n"


@dataclass(frozen=True, slots=True)
class _Spoken:
    """What stands together in the script: a line, or one sentence of action."""

    who: str
    text: str
    how: str
    pieces: tuple[int, ...]


def _spoken(cut: Sequence[Piece], labels: Labelled, narrator: str) -> list[_Spoken]:
    """The chapter in order; a line that a “he said” parts is one again."""
    found: list[_Spoken] = []
    for n, piece in enumerate(cut):
        as_ = labels.told.get(n, "line")
        if as_ == "left" and n not in labels.scenes:
            continue
        who = {"line": labels.who.get(n, ""), "told": narrator}.get(as_, "")
        last = found[-1] if found else None
        joins = (
            last is not None
            and piece.quoted
            and last.who == who
            and cut[last.pieces[-1]].quoted
            and last.text.endswith(_GOES_ON)
            and cut[last.pieces[-1]].paragraph == piece.paragraph
            and n not in labels.scenes
        )
        if last is not None and joins:
            blank = "" if _japanese(last.text) else " "
            text = f"{last.text}{blank}{piece.text}"
            found[-1] = _Spoken(who, text, last.how or labels.how.get(n, ""), (*last.pieces, n))
        elif as_ == "left":
            # It begins a scene: what is left of it is the place.
            found.append(_Spoken("", piece.text, "", (n,)))
        else:
            found.append(_Spoken(who, piece.text, labels.how.get(n, ""), (n,)))
    return found


def _escaped(text: str) -> str:
    return re.sub(r"([*_])", r"\\\1", text)


def _read_back(cut: Sequence[Piece], labels: Labelled, written: str, name: str) -> None:
    """
    Raises:
        UsageError: the script does not say what the chapter does.
    """
    script = parse(Source(name=f"{name}.fountain", text=written))
    said = re.sub(r"\s+", "", "".join(line.text for line in script.lines))
    spoken = [n for n in range(len(cut)) if labels.told.get(n, "line") in ("line", "told")]
    at = 0
    for n in spoken:
        words = re.sub(r"\s+", "", cut[n].text)
        at = said.find(words, at)
        if at < 0:
            raise UsageError(
                f"{name}: {cut[n].text[:60]!r} cannot stand in a script as it is (a bracket or a "
                "mark at its beginning): change it, or write the script by hand"
            )
        at += len(words)
