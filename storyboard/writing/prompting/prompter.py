"""The prompt agent: a language model rewrites the image prompts that the template wrote.

References and shift follow from what changes (`storyboard.writing.prompting.references`); the words are the
model's, and are checked: shot terms first, everybody by name and in full, lettering
exact, 80 to 220 words. What has faults after the last round is not used: the template
stands in, and says so. A prompt edited by hand is never touched.

Knows: rounds, checks, when a stored prompt is out of date. Does not know: servers, files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from renderers.base import ChatBackend, ChatRequest, Message
from renderers.chat.answer import is_runaway
from renderers.errors import BadOutput, Refused
from storyboard.core.files import digest_json
from storyboard.plan import Beat, ImagePrompt, Plan
from storyboard.plan.naming import character_name
from storyboard.plan.staging import seed_of
from storyboard.writing.prompting.references import MAX_REFERENCES, choose
from storyboard.writing.prompting.template import (
    MAX_WORDS,
    MIN_WORDS,
    beat_prompt,
    is_kiss,
    shot_terms,
    words,
)

ROUNDS = 3
"""Answers asked for before the template stands in."""
_PLAIN_WORDS = frozenset(
    {"and", "are", "dressed", "for", "from", "has", "have", "her", "his", "its", "the", "their"}
    | {"this", "that", "very", "was", "wearing", "wears", "who", "whose", "with"}
)


@dataclass(frozen=True, slots=True)
class Written:
    """A prompt, and what went wrong on the way to it (empty: nothing)."""

    prompt: ImagePrompt
    note: str = ""


# --- what a beat is drawn from ----------------------------------------------


def template(plan: Plan, beat: Beat, limit: int = MAX_REFERENCES) -> ImagePrompt:
    """The prompt of the records alone, with the references and the shift that suit it."""
    choice = choose(plan, beat, limit)
    return ImagePrompt(
        text=beat_prompt(plan, beat, choice.references),
        references=list(choice.references),
        shift=choice.shift,
        reason=choice.reason,
        basis=_basis(plan, beat),
    )


def prompt_of(plan: Plan, beat: Beat, limit: int = MAX_REFERENCES) -> ImagePrompt:
    """What the beat is drawn from now: the stored prompt while it holds, else the template.

    `limit` is how many references the image backend takes. A prompt that speaks of more
    images than that would confuse it, so only a hand-edited one is kept, without the rest.
    """
    stored = beat.prompt
    if stored is None or is_stale(plan, beat):
        return template(plan, beat, limit)
    if len(stored.references) <= limit:
        return stored
    if not stored.edited:
        return template(plan, beat, limit)
    return stored.model_copy(update={"references": stored.references[:limit]})


def is_stale(plan: Plan, beat: Beat) -> bool:
    """Whether the records changed since the agent wrote the stored prompt."""
    stored = beat.prompt
    return stored is not None and not stored.edited and stored.basis != _basis(plan, beat)


def is_unworded(plan: Plan, beat: Beat) -> bool:
    """Whether the agent has a prompt to write for the beat."""
    return not beat.locked and (beat.prompt is None or is_stale(plan, beat))


def _basis(plan: Plan, beat: Beat) -> str:
    """Names the records that a prompt of this beat depends on, whatever their wording is."""
    seen = {"shot", "cast", "expression", "reactions", "action", "props", "speaker"}
    looks = {"id", "name", "age", "presentation", "appearance", "wardrobe"}
    records = [
        beat.model_dump(mode="json", include=seen),
        plan.setting(beat.setting).model_dump(mode="json"),
        [plan.character(id).model_dump(mode="json", include=looks) for id in beat.cast],
        [plan.style.description, plan.canvas.aspect],
        choose(plan, beat).references,
    ]
    return digest_json(records)[:16]


# --- writing ----------------------------------------------------------------


def write_prompts(
    plan: Plan, chat: ChatBackend, keep: Callable[[Plan], None] = lambda _: None
) -> tuple[Plan, list[str]]:
    """The plan with a prompt for every beat that has none or an outdated one, and notes.

    `keep` is handed the plan after each new prompt, so that none is paid for twice.

    Raises:
        RendererError: the model cannot be asked at all.
    """
    notes: list[str] = []
    beats = list(plan.beats)
    for place, beat in enumerate(plan.beats):
        if is_unworded(plan, beat):
            written = rewrite(plan, beat, chat)
            beats[place] = beat.model_copy(update={"prompt": written.prompt})
            plan = plan.model_copy(update={"beats": list(beats)})
            keep(plan)
            if written.note:
                notes.append(f"beat {beat.index}: {written.note}")
    return plan, notes


def rewrite(plan: Plan, beat: Beat, chat: ChatBackend, rounds: int = ROUNDS) -> Written:
    """One beat's prompt in the model's words, or the template with a note why.

    Raises:
        RendererError: the model cannot be asked at all.
    """
    draft = template(plan, beat)
    opening = (Message("system", _text("rewrite")), Message("user", draft.text))
    messages, found = opening, ["nothing was asked for"]
    for number in range(rounds):
        request = ChatRequest(
            messages,
            purpose=f"prompt of beat {beat.index}",
            max_tokens=1024,
            temperature=0.8,
            seed=seed_of(plan, beat.index) + number,
        )
        try:
            result = chat.ask(request)
        except (BadOutput, Refused) as error:
            messages, found = opening, [str(error)]
            continue
        text = " ".join(result.text.split())
        found = prompt_faults(plan, beat, text, draft.references)
        if not found:
            reason = f"{draft.reason}; worded by {result.model}"
            return Written(draft.model_copy(update={"text": text, "reason": reason}))
        mend = f"{_text('mend')}\n\n" + "\n".join(found)
        messages = (*opening, Message("assistant", result.text), Message("user", mend))
    note = f"the template stands in, since after {rounds} answers {'; '.join(found[:3])}"
    reason = f"{draft.reason}; {note}"[:2000]
    return Written(draft.model_copy(update={"reason": reason}), note)


# --- checking ---------------------------------------------------------------


def prompt_faults(plan: Plan, beat: Beat, text: str, references: Sequence[str] = ()) -> list[str]:
    """Everything by which `text` would draw another picture than the plan's."""
    return [
        *_form_faults(beat, text),
        *_role_faults(text, references),
        *_people_faults(plan, beat, text),
        *_lettering_faults(plan, beat, text),
    ]


def _form_faults(beat: Beat, text: str) -> Iterator[str]:
    count = words(text)
    if not MIN_WORDS <= count <= MAX_WORDS:
        yield f"it has {count} words; {MIN_WORDS} to {MAX_WORDS} are allowed"
    terms = shot_terms(beat.shot)
    if not text.lower().startswith(terms):
        yield f"it does not begin with the shot terms: {terms}."
    if re.search(r"(^|\s)[#*`]|\*\*", text):
        yield "it has Markdown in it; plain words only"
    if is_runaway(text):
        yield "it repeats itself"
    if beat.silent and beat.cast and beat.shot.orientation != "back view":
        closed = r"\bclosed\b|\blips (together|sealed|meet)|\bshut\b"
        if not re.search(closed, text, re.IGNORECASE):
            yield "nobody speaks in this beat: it must say that every mouth is closed"
    if is_kiss(beat) and not re.search(r"\blips\b.*\bcent(re|er)\b", text, re.IGNORECASE):
        yield "it must say that the lips meet at the centre of the frame"


def _role_faults(text: str, references: Sequence[str]) -> Iterator[str]:
    said = {int(number) for number in re.findall(r"(?i)\bimage (\d+)\b", text)}
    wanted = set(range(1, len(references) + 1))
    for number in sorted(wanted - said):
        yield f"it does not say what image {number} is"
    for number in sorted(said - wanted):
        yield f"there is no image {number}"


def _people_faults(plan: Plan, beat: Beat, text: str) -> Iterator[str]:
    present = _content(text)
    for character in plan.cast:
        name = character_name(character)
        named = re.search(rf"(?i)(?<!\w){re.escape(name)}(?!\w)", text) is not None
        if character.id not in beat.cast:
            # A name that is also a common word ("Rose") would be found where nobody is meant.
            if named and len(name) > 3 and name.lower() not in _template_words(plan, beat):
                yield f"{name} is not in this picture"
            continue
        if not named:
            yield f"{name} is not named"
        wanted = _content(f"{character.appearance} {character.wardrobe}")
        if missing := [word for word in wanted if word not in present]:
            yield f"the looks of {name} lack: {', '.join(missing)}"


def _lettering_faults(plan: Plan, beat: Beat, text: str) -> Iterator[str]:
    lettering = plan.setting(beat.setting).lettering.replace('"', "'")
    quoted = re.findall(r'["“”]([^"“”]*)["“”]', text)
    if lettering and lettering not in quoted:
        yield f'the sign must read exactly "{lettering}", in double quotes'
    for other in quoted:
        if other != lettering:
            yield f'"{other}" stands in double quotes and would be painted into the picture'


def _content(text: str) -> dict[str, None]:
    """The telling words of a text, in order: what a description cannot lose."""
    found = re.findall(r"[^\W_]+", text.lower())
    return dict.fromkeys(w for w in found if len(w) > 2 and w not in _PLAIN_WORDS)


def _template_words(plan: Plan, beat: Beat) -> set[str]:
    return set(_content(beat_prompt(plan, beat)))


def _text(name: str) -> str:
    return (files("prompts") / "prompter" / f"{name}.txt").read_text(encoding="utf-8").strip()
