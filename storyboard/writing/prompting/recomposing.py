"""The prompt of a picture that is there, and is to be composed anew for a frame of another shape: an
edit of the picture itself, with the sheets of its people beside it.

It is kept with the beat like any written prompt, by the digest of the records that the picture shows:
whoever changes these has the beat drawn anew, from its words.

Knows: plans, words. Does not know: folders, models.
"""

from __future__ import annotations

from collections.abc import Iterator

from storyboard.core.prompt_files import prompt_text
from storyboard.plan import Beat, Canvas, Hook, ImagePrompt, Plan
from storyboard.plan.naming import character_name, join
from storyboard.writing.prompting.prompter import basis_of
from storyboard.writing.prompting.references import MAX_REFERENCES, REFRAME
from storyboard.writing.prompting.template import in_any_shape
from storyboard.writing.prompting.wording import Sentence, fixed, paragraph

_WIDER = "what is new is the space to the left and to the right of it"
_TALLER = (
    "what is new is the space above and below it, and whoever and whatever stands far apart comes "
    "closer together"
)


def recomposed(
    plan: Plan, picture: Beat | Hook, image: str, was: Canvas, limit: int
) -> ImagePrompt:
    """The prompt by which `image`, which shows the beat as it `was`, becomes a picture of the plan's
    canvas, by a backend that takes `limit` pictures."""
    people = [plan.character(id) for id in picture.cast][: min(limit, MAX_REFERENCES) - 1]
    names = [character_name(person) for person in people]
    told = [*_itself(plan.canvas, was), *_sheets(names), *in_any_shape(plan, picture)]
    return ImagePrompt(
        text=paragraph(told),
        references=[image, *(f"character:{person.id}" for person in people)],
        shift=REFRAME,
        reason=f"the picture of {was.aspect}, composed anew for {plan.canvas.aspect}",
        basis=basis_of(plan, picture),
    )


def _itself(now: Canvas, was: Canvas) -> Iterator[Sentence]:
    wider = now.width * was.height > was.width * now.height
    space = _WIDER if wider else _TALLER
    words = prompt_text("prompter/recompose.txt").format(
        was=was.aspect, now=now.aspect, space=space
    )
    yield from (fixed(sentence) for sentence in words.split(". "))


def _sheets(names: list[str]) -> Iterator[Sentence]:
    shown = [f"image {number} shows {name}" for number, name in enumerate(names, 2)]
    if shown:
        yield fixed(f"{join(shown)}, on sheets of their own")
