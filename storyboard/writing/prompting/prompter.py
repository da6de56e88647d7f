"""The prompt agent: a language model rewrites the image prompts that the template wrote.

References and shift follow from what changes (`storyboard.writing.prompting.references`); the
sentences that must be right stay the template's. The model words the rest, by the slots that
HiDream-O1's own agent fills, and what it claims is held against the records
(`storyboard.writing.prompting.claims`). What has faults after the last round is not used: the
template stands in, and says so. A prompt edited by hand is never touched.

Knows: rounds, checks, when a stored prompt is out of date. Does not know: servers, files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from renderers.base import ChatBackend, ChatRequest, Message
from renderers.errors import BadOutput, Refused
from storyboard.core.files import digest_json
from storyboard.core.prompt_files import prompt_text
from storyboard.plan import Beat, Character, Hook, ImagePrompt, Plan, Setting
from storyboard.plan.staging import derived_seed, seed_of
from storyboard.plan.timeline import HOOK
from storyboard.writing.prompting.checks import rest_faults, room
from storyboard.writing.prompting.references import (
    MAX_REFERENCES,
    REFRAME,
    RESTAGE,
    Choice,
    choose,
    choose_for_hook,
)
from storyboard.writing.prompting.template import sentences
from storyboard.writing.prompting.wording import Picture, paragraph

ROUNDS = 3
"""Answers asked for before the template stands in."""
_LOOKS = {"id", "name", "age", "presentation", "appearance", "wardrobe"}


@dataclass(frozen=True, slots=True)
class Written:
    """A prompt, and what went wrong on the way to it (empty: nothing)."""

    prompt: ImagePrompt
    note: str = ""


# --- what a picture is drawn from ------------------------------------------


def pictures(plan: Plan) -> Iterator[tuple[str, Picture]]:
    """Everything that has a prompt, with what to call it: places and people before beats."""
    yield from ((f"the place {setting.name}", setting) for setting in plan.settings)
    yield from ((f"the sheet of {person.name}", person) for person in plan.cast)
    if plan.hook is not None:
        yield "the hook", plan.hook
    yield from ((f"beat {beat.index}", beat) for beat in plan.beats)


def template(plan: Plan, picture: Picture, limit: int = MAX_REFERENCES) -> ImagePrompt:
    """The prompt of the records alone, with the references and the shift that suit it."""
    choice = _choice(plan, picture, limit)
    return ImagePrompt(
        text=paragraph(sentences(plan, picture, choice.references)),
        references=list(choice.references),
        shift=choice.shift,
        reason=choice.reason,
        basis=basis_of(plan, picture),
    )


def _choice(plan: Plan, picture: Picture, limit: int = MAX_REFERENCES) -> Choice:
    match picture:
        case Beat():
            return choose(plan, picture, limit)
        case Hook():
            return choose_for_hook(picture, limit)
        case Setting():
            return Choice((), RESTAGE, "the empty place, which its beats are drawn from")
        case Character():
            return Choice((), REFRAME, "the sheet, which this face is drawn from")


def prompt_of(plan: Plan, picture: Picture, limit: int = MAX_REFERENCES) -> ImagePrompt:
    """What a picture is drawn from now: the stored prompt while it holds, else the template.

    `limit` is how many references the image backend takes. A prompt that speaks of more
    images than that would confuse it, so only a hand-edited one is kept, without the rest.
    """
    stored = picture.prompt
    if stored is None or is_stale(plan, picture):
        return template(plan, picture, limit)
    if len(stored.references) <= limit:
        return stored
    if not stored.edited:
        return template(plan, picture, limit)
    return stored.model_copy(update={"references": stored.references[:limit]})


def is_stale(plan: Plan, picture: Picture) -> bool:
    """Whether the records changed since the agent wrote the stored prompt."""
    stored = picture.prompt
    return stored is not None and not stored.edited and stored.basis != basis_of(plan, picture)


def is_unworded(plan: Plan, picture: Picture) -> bool:
    """Whether the agent has a prompt to write for a picture."""
    if isinstance(picture, Character) and picture.references:
        return False  # drawn from pictures of the user's own
    locked = isinstance(picture, (Beat, Hook)) and picture.locked
    return not locked and (picture.prompt is None or is_stale(plan, picture))


def basis_of(plan: Plan, picture: Picture) -> str:
    """Names the records that a prompt depends on, whatever their wording is."""
    film: list[Any] = [plan.style.description, plan.canvas.aspect]
    match picture:
        case Setting():
            return _digest(picture.model_dump(mode="json", exclude={"prompt"}), film)
        case Character():
            return _digest(picture.model_dump(mode="json", include=_LOOKS), film)
        case Beat():
            seen = {"shot", "cast", "expression", "reactions", "action", "props", "speaker"}
            if picture.inset is not None and picture.inset.kind != "thought":
                seen.add("inset")
        case Hook():
            seen = {"shot", "cast", "expression", "image_prompt"}
    return _digest(
        picture.model_dump(mode="json", include=seen),
        plan.setting(picture.setting).model_dump(mode="json", exclude={"prompt"}),
        [plan.character(id).model_dump(mode="json", include=_LOOKS) for id in picture.cast],
        film,
        _choice(plan, picture).references,
    )


def _digest(*records: Any) -> str:
    return digest_json(list(records))[:16]


# --- writing ----------------------------------------------------------------


def with_prompt(plan: Plan, picture: Picture, prompt: ImagePrompt | None) -> Plan:
    """The plan with another prompt of one picture."""
    new = {"prompt": prompt}
    match picture:
        case Hook():
            return plan.model_copy(update={"hook": picture.model_copy(update=new)})
        case Beat():
            beats = [
                b.model_copy(update=new) if b.index == picture.index else b for b in plan.beats
            ]
            return plan.model_copy(update={"beats": beats})
        case Setting():
            settings = [
                s.model_copy(update=new) if s.id == picture.id else s for s in plan.settings
            ]
            return plan.model_copy(update={"settings": settings})
        case Character():
            cast = [c.model_copy(update=new) if c.id == picture.id else c for c in plan.cast]
            return plan.model_copy(update={"cast": cast})


def rewrite(plan: Plan, picture: Picture, chat: ChatBackend, rounds: int = ROUNDS) -> Written:
    """One picture's prompt with the rest in the model's words, or the template with a note why.

    Raises:
        RendererError: the model cannot be asked at all.
    """
    draft = template(plan, picture)
    told = sentences(plan, picture, draft.references)
    kept = paragraph([sentence for sentence in told if sentence.fixed])
    rest = paragraph([sentence for sentence in told if not sentence.fixed])
    least, most = room(kept)
    task = (
        f"Fixed sentences\n{kept}\n\nDraft of the rest\n{rest}\n\n"
        f"Write {least + 15} to {most - 10} words."
    )
    opening = (Message("system", prompt_text("prompter/rewrite.txt")), Message("user", task))
    messages, found = opening, ["nothing was asked for"]
    for number in range(rounds):
        request = ChatRequest(
            messages,
            purpose="image prompt",
            max_tokens=1024,
            temperature=0.8,
            seed=seed_of_prompt(plan, picture) + number,
        )
        try:
            result = chat.ask(request)
        except (BadOutput, Refused) as error:
            messages, found = opening, [str(error)]
            continue
        text = " ".join(result.text.replace(kept, " ").split())
        found = rest_faults(plan, picture, text, kept, draft.references)
        if not found:
            reason = f"{draft.reason}; worded by {result.model}"
            whole = f"{kept} {text}"
            return Written(draft.model_copy(update={"text": whole, "reason": reason}))
        mend = f"{prompt_text('prompter/mend.txt')}\n\n" + "\n".join(found)
        messages = (*opening, Message("assistant", result.text), Message("user", mend))
    note = f"the template stands in, since after {rounds} answers {'; '.join(found[:3])}"
    reason = f"{draft.reason}; {note}"[:2000]
    return Written(draft.model_copy(update={"reason": reason}), note)


def seed_of_prompt(plan: Plan, picture: Picture) -> int:
    """The seed with which its words are asked for."""
    match picture:
        case Beat():
            return seed_of(plan, picture.index)
        case Hook():
            return seed_of(plan, HOOK)
        case _:
            return derived_seed(plan.seed, f"prompt of {picture.id}")


def instructions() -> str:
    """Digest of what a model is told beside the draft."""
    return digest_json(
        [prompt_text("prompter/rewrite.txt"), prompt_text("prompter/mend.txt"), ROUNDS]
    )[:16]
