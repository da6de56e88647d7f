"""Writing with a small model: the offline draft's film, with lines of the model's own in it.

Structure, people, places, faces and actions are the draft's. The model is asked one short
question a line; what it answers is filtered (copies, labels, narration, other languages, what
was said already), ranked by how well it fits the film and the draft's line, and taken only
where the model itself, asked both ways round, does not find the draft's line better. The
draft's line is the net under each.

Knows: slots, candidates, their order. Does not know: servers, how a draft is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

from renderers.base import JSON, ChatRequest, Message
from renderers.errors import BadOutput, Refused, TooLong
from renderers.loose import record_of
from storyboard.core.answer_schema import object_of
from storyboard.core.prompt_files import prompt_data, prompt_text
from storyboard.plan import Plan
from storyboard.plan.formats import Format
from storyboard.plan.languages import ABOUT
from storyboard.writing.offline import carries, written_amiss
from storyboard.writing.offline.match import Nearness
from storyboard.writing.planning.briefing import LANGUAGE_NAMES
from storyboard.writing.planning.conversation import Conversation, OutOfTime
from storyboard.writing.planning.lint import (
    COPIED,
    is_copied,
    line_faults,
    plain_line,
    repeats,
)
from storyboard.writing.planning.pairwise import better_of
from storyboard.writing.planning.script import clean, spoken_limit

CANDIDATES = 3
"""Answers asked for at most, for one line: the first says the draft's in other words."""
ENOUGH = 2
"""Usable ones after which no more are asked for."""
A_LINE = 1 / 8
"""Share of the time that is left, for one answer."""
FITS, FITS_OF_SIGNS = 0.84, 0.87
"""Least nearness to the draft's line, in the packaged embeddings, of a line in its place: what
the next line answers must be said. What a 1.5B model wrote beside the point lay at 0.79 to 0.83 in
English and to 0.86 in Japanese (benchmarks/results/writers.md)."""
ECHO = 0.6
"""Share of a title in the words of the idea from which on it is the idea again."""
TOO_NEAR = 0.965
"""Nearness from which on it is the draft's line in other words, and gains nothing."""
TOKENS = 96
_HOOK, _TITLE = "hook", "title"


@dataclass(frozen=True, slots=True)
class Slot:
    """One line to be written: what it is for, and what stands there now."""

    id: str
    """`hook`, `title`, or a beat's number."""
    draft: str
    limit: int
    speaker: str = ""
    """Name; "" for the narrator and the title."""
    purpose: str = ""


def slots_of(plan: Plan, format: Format) -> Iterator[Slot]:
    """What is asked for, in the order of the film; the title last, when all is said."""
    names = {character.id: character.name for character in plan.cast}
    language = plan.language
    if plan.hook is not None and format.hook is not None and plan.hook.line:
        limit = format.hook.most(language)
        yield Slot(_HOOK, plan.hook.line, limit, "", _first(format.hook.direction))
    for beat, spec in zip(plan.beats, format.beats, strict=False):
        if beat.line and beat.speaker is not None and not format.exact:
            limit = spoken_limit(spec, language)
            who = names.get(beat.speaker, beat.speaker)
            yield Slot(f"{beat.index}", beat.line, limit, who, _first(spec.direction))
    if not carries(plan):
        yield Slot(_TITLE, plan.title, 40 if ABOUT[language].spaced else 18)


@cache
def _asked() -> Mapping[str, Mapping[str, str]]:
    """What a model is asked, part by part, in the language of the film."""
    return cast("dict[str, dict[str, str]]", prompt_data("planner/line.yaml"))


def _first(direction: str) -> str:
    return " ".join(direction.split()).partition(". ")[0].rstrip(".")


def fill(talk: Conversation, draft: Plan, nearness: Nearness) -> Plan:
    """The draft with those lines of the model that hold up."""
    filler = _Filler(talk, draft, nearness)
    lines: dict[str, str] = {}
    for slot in slots_of(draft, talk.assignment.format):
        talk.report(f"writing {slot.id if slot.id in (_HOOK, _TITLE) else f'line {slot.id}'}")
        try:
            written = filler.line(slot, lines)
        except OutOfTime as error:
            talk.tell(f"The rest is the offline draft's: {error}")
            break
        if written:
            lines[slot.id] = written
    return _with(draft, lines)


@dataclass(slots=True)
class _Filler:
    talk: Conversation
    draft: Plan
    nearness: Nearness

    def line(self, slot: Slot, written: Mapping[str, str]) -> str:
        """A line for a slot, or "" where the draft's stays."""
        usable: list[str] = []
        refused: list[str] = []
        for number in range(CANDIDATES):
            try:
                said = self._asked(slot, written, number)
            except (BadOutput, Refused, TooLong) as error:
                refused.append(f"nothing ({error})")
                continue
            why = self._fault(slot, said, written, usable)
            if why:
                refused.append(f"{said} ({why})")
            else:
                usable.append(said)
            if len(usable) == ENOUGH:
                break
        chosen = self._best(slot, usable, written)
        self.talk.story.append(_told(slot, chosen, usable, refused))
        return chosen

    def _asked(self, slot: Slot, written: Mapping[str, str], number: int) -> str:
        """One candidate.

        Raises:
            BadOutput, Refused, TooLong: none came.
            OutOfTime: the time is up.
        """
        most = round(1.25 * slot.limit)
        line: dict[str, JSON] = {"type": "string", "minLength": 2, "maxLength": most}
        schema = object_of({"line": line})
        messages = (
            Message("system", prompt_text("planner/line.txt")),
            Message("user", self._question(slot, written, anew=number > 0)),
        )
        request = ChatRequest(
            messages,
            schema=schema,
            schema_name="line",
            purpose=f"line {slot.id}",
            max_tokens=TOKENS,
            temperature=0.7 + 0.1 * number,
            attempts=1,
            seed=self.talk.assignment.seed + 31 * number,
        )
        said = record_of(self.talk.ask(request, A_LINE).data).get("line")
        return plain_line(str(clean(said or "")), self._names())

    def _question(self, slot: Slot, written: Mapping[str, str], *, anew: bool) -> str:
        """About 75 tokens: the film, what was just said, what comes next.

        All in the language of the film: asked in another, small models answer in a third. `anew`:
        without the draft's line, which they copy if it stands there.
        """
        said = _asked()["ja" if self.draft.language == "ja" else "en"]
        words = {
            "idea": self.draft.idea,
            "language": LANGUAGE_NAMES[self.draft.language],
            "before": self._before(slot, written),
            "who": slot.speaker,
            "draft": slot.draft,
            "purpose": slot.purpose,
            "most": round(0.8 * slot.limit),
        }
        kind = slot.id if slot.id in (_HOOK, _TITLE) else "line"
        parts = ["film", "before", kind, *([] if anew else ["meaning"]), "limit"]
        told = (
            said[part].format_map(words) for part in parts if part != "before" or words["before"]
        )
        return "\n".join(told)

    def _before(self, slot: Slot, written: Mapping[str, str]) -> str:
        """What was said just before a line."""
        said = [
            (
                f"{beat.index}",
                f"{self._name(beat.speaker)}: {written.get(f'{beat.index}', beat.line)}",
            )
            for beat in self.draft.beats
            if beat.line
        ]
        place = next((i for i, (id, _) in enumerate(said) if id == slot.id), 0)
        return said[place - 1][1] if place else ""

    def _name(self, role: str | None) -> str:
        return next((c.name for c in self.draft.cast if c.id == role), "Narrator")

    def _names(self) -> list[str]:
        return [name for c in self.draft.cast for name in (c.id, c.name)]

    def _fault(
        self, slot: Slot, said: str, written: Mapping[str, str], usable: Sequence[str]
    ) -> str:
        """Why a candidate is none; "" if it will do."""
        plan = self.draft
        if not 2 <= len(said) <= slot.limit:
            return f"{len(said)} characters"
        for fault in line_faults(said, plan.language, slot.speaker, self._names(), slot.limit):
            return fault.partition(";")[0]
        others = [beat.line for beat in plan.beats if beat.line] + [*written.values(), *usable]
        if plan.hook is not None:
            others.append(plan.hook.line)
        if any(repeats(said, other) for other in (*others, slot.draft)):
            return "said already"
        if amiss := written_amiss([said], plan.format):
            return amiss
        told = (plan.idea, slot.purpose, self._question(slot, written, anew=True))
        if is_copied(said, told, ECHO if slot.id == _TITLE else COPIED):
            return "copied"
        if slot.id == _TITLE:
            return "" if len(said.split()) <= 6 else "too long a title"
        near = float(self.nearness(slot.draft, [said])[0])
        fits = FITS if ABOUT[plan.language].spaced else FITS_OF_SIGNS
        return "" if near >= fits else f"does not fit its place ({near:.2f})"

    def _best(self, slot: Slot, usable: Sequence[str], written: Mapping[str, str]) -> str:
        """The best candidate, unless the draft's line is found better."""
        if not usable:
            return ""
        about = self.nearness(self.draft.idea, usable)
        place = self.nearness(slot.draft, usable)
        order = sorted(range(len(usable)), key=lambda i: -(float(about[i]) + float(place[i])))
        ranked = [usable[i] for i in order if float(place[i]) < TOO_NEAR]
        if not ranked:
            return ""
        best = ranked[0]
        asked = f"A short comic film: {self.draft.idea}\n{self._what(slot)} Which line is funnier and fits better?"
        verdict = better_of(self.talk, asked, slot.draft, best, "compare lines")
        if verdict == "neither":
            # The model cannot tell. A draft that is a film of this idea hangs together as it is;
            # one that only stands in for such a film gains by any line that is about it.
            if carries(self.draft):
                return ""
            of_draft = float(self.nearness(self.draft.idea, [slot.draft])[0])
            of_best = float(self.nearness(self.draft.idea, [best])[0])
            return best if of_best > of_draft else ""
        return best if verdict == "second" else ""

    def _what(self, slot: Slot) -> str:
        if slot.id in (_HOOK, _TITLE):
            return f"Its {slot.id}."
        return f"{slot.speaker} speaks. {slot.purpose}."


def _told(slot: Slot, chosen: str, usable: Sequence[str], refused: Sequence[str]) -> str:
    lines = [f"## {slot.id.capitalize() if not slot.id.isdecimal() else f'Line {slot.id}'}"]
    lines += [f"- {'**' + chosen + '**' if chosen else slot.draft + ' (the draft)'}"]
    lines += [f"- not taken: {said}" for said in usable if said != chosen]
    lines += [f"- not usable: {said}" for said in refused]
    return "\n".join(lines)


def _with(draft: Plan, lines: Mapping[str, str]) -> Plan:
    beats = [
        beat.model_copy(update={"line": lines[f"{beat.index}"], "reading": ""})
        if f"{beat.index}" in lines
        else beat
        for beat in draft.beats
    ]
    hook = draft.hook
    if hook is not None:
        said = {"line": lines[_HOOK], "reading": ""} if _HOOK in lines else {}
        titled = {"title": lines[_TITLE]} if _TITLE in lines and hook.title == draft.title else {}
        hook = hook.model_copy(update={**said, **titled})
    title = lines.get(_TITLE, draft.title)
    return draft.model_copy(update={"beats": beats, "hook": hook, "title": title})
