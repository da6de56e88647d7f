"""Other first seconds for a film that is written: by its hand-written frame, by a language model, or
as somebody wrote them. The rest of the film stays, so that only the hook is on trial.

Knows: plans, hooks, what a hook may be. Does not know: folders, how a film is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from renderers.base import ChatBackend, ChatRequest, Message
from renderers.loose import list_of, record_of
from renderers.scene import Scene, ShotScale
from storyboard.core.answer_schema import object_of
from storyboard.core.errors import StoryboardError, UsageError
from storyboard.core.prompt_files import prompt_text
from storyboard.plan import Hook, Plan, parse_plan
from storyboard.plan.casting import with_looks
from storyboard.plan.format_files import load_format
from storyboard.plan.formats import Format
from storyboard.plan.languages import ABOUT, mark_fault
from storyboard.plan.staging import derived_seed, stage_hook
from storyboard.writing import authors, offline
from storyboard.writing.planning.lint import line_faults, nearly_alike

ROUNDS = 3
"""How often faults go back to the model."""
LONGEST_TITLE = 60
LONGEST_LINE = 58
"""Characters of English: what a slow narrator says within 5 s."""
SECONDS = 3.5
SCALES: tuple[ShotScale, ...] = ("close-up", "medium close-up", "medium shot")
_TRIED = 12
"""Seeds among which a picture is looked for that no other hook of the film has."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What is new in a film's first seconds."""

    title: str
    line: str
    picture: str = ""
    """In a few words; "": as before."""
    reading: str = ""

    @classmethod
    def of(cls, hook: Hook) -> Opening:
        return cls(hook.title, hook.line, hook.image_prompt, hook.reading)


def parse_opening(text: str, plan: Plan) -> Opening:
    """`TITLE | LINE`, or `TITLE | LINE | PICTURE`; an empty line leaves the seconds unspoken.

    Raises:
        UsageError: it is neither, or no hook.
    """
    parts = [part.strip() for part in text.split("|")]
    if len(parts) not in (2, 3) or not parts[0]:
        raise UsageError(f"--hook {text[:60]!r}: write TITLE | LINE, or TITLE | LINE | PICTURE")
    opening = Opening(*parts)
    with_opening(plan, opening, [])
    return opening


def with_opening(plan: Plan, opening: Opening, beside: Sequence[Plan]) -> Plan:
    """The film with that opening, and a picture that those `beside` it do not begin with.

    Raises:
        PlanError: the opening is no hook: too long, or with marks that are none.
    """
    old = _hook(plan)
    hook = old.model_copy(
        update={
            "title": opening.title,
            "line": opening.line,
            "reading": opening.reading,
            "image_prompt": opening.picture or old.image_prompt,
            "prompt": None,
            "duration": min(old.duration, SECONDS),
            "take": 1,
            "seeds": {},
        }
    )
    title = opening.title if plan.title == old.title else plan.title
    whole = plan.model_copy(update={"hook": hook, "title": title}).model_dump(mode="json")
    new = parse_plan(whole, f"the film with the hook {opening.title!r}")
    films = list(_drawn_anew(new, derived_seed(plan.seed, f"hook {len(beside)}")))
    seen = [_still(film) for film in beside]
    return next((film for film in films if _still(film) not in seen), films[0])


def _drawn_anew(plan: Plan, seed: int) -> Iterator[Plan]:
    """The film with other pictures of its hook: by another seed, then from another distance too."""
    hook = _hook(plan)
    for scale in (hook.shot.scale, *SCALES):
        shot = hook.shot.model_copy(update={"scale": scale})
        for number in range(_TRIED):
            changes = {"seed": derived_seed(seed, str(number)), "shot": shot}
            yield plan.model_copy(update={"hook": hook.model_copy(update=changes)})


def _still(plan: Plan) -> Scene:
    """What a picture of the hook shows: neither how it comes about, nor by which seed."""
    scene = stage_hook(with_looks(plan), _hook(plan))
    figures = tuple(replace(figure, manner="") for figure in scene.figures)
    return replace(scene, seed=0, figures=figures, event="zooms" if scene.event else "")


def drafted(plan: Plan, wanted: int) -> list[Opening]:
    """Openings of the frame or story that an offline draft is told in, as many as it has."""
    if plan.author != authors.OFFLINE:
        return []
    try:
        format = load_format(plan.format)
    except StoryboardError:
        # Of somebody's own, which is found by its file alone.
        return []
    found = [Opening.of(_hook(plan))]
    while len(found) <= wanted and (other := _next(plan, format, found)):
        found.append(other)
    return found[1:]


def _next(plan: Plan, format: Format, found: Sequence[Opening]) -> Opening | None:
    # What is said stays: it outweighs whatever is to be said otherwise.
    said = {beat.line: -99 for beat in plan.beats if beat.line}
    lines, titles = ([getattr(o, part) for o in found] for part in ("line", "title"))
    # A story may need its title to carry its idea.
    for used in ([*lines, *titles], lines):
        told = said | dict.fromkeys(used, 1)
        aspect, seed = plan.canvas.aspect, plan.seed
        other = offline.write_plan(plan.idea, format, plan.language, aspect, seed, told=told)
        same = sum(beat.line in said for beat in other.beats)
        hook = other.hook
        if hook is not None and 2 * same >= len(said) and not _is_among(hook.line, found):
            return Opening(hook.title, hook.line, reading=hook.reading)
    return None


def written(
    plan: Plan,
    wanted: int,
    there: Sequence[Opening],
    chat: ChatBackend,
    tell: Callable[[str], None],
) -> list[Opening]:
    """Openings by a language model, unlike those that are `there`.

    Raises:
        UsageError: after `ROUNDS` answers some are still missing or do not hold up.
    """
    good: list[Opening] = []
    wrong: list[str] = []
    for number in range(ROUNDS):
        wrong_then, wrong = wrong, []
        for opening in _asked(plan, wanted - len(good), [*there, *good], wrong_then, chat, number):
            if fault := _fault(plan, opening, [*there, *good]):
                wrong.append(f"“{opening.title}”: {fault}")
            else:
                good.append(opening)
        if len(good) >= wanted:
            return good[:wanted]
        tell(f"{wanted - len(good)} hooks go back: " + "; ".join(wrong)[:300])
    raise UsageError(
        f"the model wrote {len(good)} of {wanted} hooks that hold up ({'; '.join(wrong)[:300]}): "
        "take a stronger one, or write them yourself: --hook 'TITLE | LINE'"
    )


def _fault(plan: Plan, opening: Opening, there: Sequence[Opening]) -> str:
    """What is wrong with it; "" for nothing."""
    about = ABOUT[plan.language]
    if not opening.title:
        return "has no title"
    if len(opening.title) > (most := about.most(LONGEST_TITLE)):
        return f"its title has {len(opening.title)} characters; at most {most}"
    if not opening.line:
        return "has no line"
    if len(opening.line) > (most := _longest_line(plan)):
        return f"its line has {len(opening.line)} characters; at most {most}"
    names = [person.name for person in plan.cast]
    if fault := next(line_faults(opening.line, plan.language, "", names, 2 * most), None):
        return f"its line {fault}"
    if fault := mark_fault(opening.line):
        return f"its line {fault}"
    if any(nearly_alike(opening.title, other.title) for other in there):
        return "its title is one that is there already"
    return "its line is one that is there already" if _is_among(opening.line, there) else ""


def _asked(
    plan: Plan,
    wanted: int,
    there: Sequence[Opening],
    wrong: Sequence[str],
    chat: ChatBackend,
    number: int,
) -> list[Opening]:
    most = {"title": ABOUT[plan.language].most(LONGEST_TITLE), "line": _longest_line(plan)}
    names = {person.id: person.name for person in plan.cast}
    script = [f"{names.get(b.speaker or '', b.speaker)}: {b.line}" for b in plan.beats if b.line]
    lines = [
        f"Idea: {plan.idea}",
        f"Language of the film: {ABOUT[plan.language].name}.",
        *("The script:", *script),
        *("Openings that there are:", *(f"{o.title} | {o.line}" for o in there)),
        *(["These of yours did not hold up:", *wrong] if wrong else []),
        f"Write {wanted}: titles of at most {most['title']} characters, lines of at most "
        f"{most['line']}.",
    ]
    texts = {
        name: {"type": "string", "maxLength": 2 * length}
        for name, length in {**most, "picture": 100}.items()
    }
    one = object_of(texts)
    hooks = {"type": "array", "items": one, "minItems": wanted, "maxItems": wanted}
    answer = chat.ask(
        ChatRequest(
            (Message("system", prompt_text("hooks/write.txt")), Message("user", "\n".join(lines))),
            schema=object_of({"hooks": hooks}),
            schema_name="hooks",
            purpose="hooks",
            temperature=0.9,
            seed=plan.seed + number,
            max_tokens=512 + 256 * wanted,
        )
    )
    found = map(record_of, list_of(record_of(answer.data).get("hooks")))
    return [Opening(*(str(each.get(name, "")).strip() for name in texts)) for each in found]


def _longest_line(plan: Plan) -> int:
    """Characters that are said in the seconds of a hook."""
    return ABOUT[plan.language].most(LONGEST_LINE)


def _is_among(line: str, there: Sequence[Opening]) -> bool:
    return any(nearly_alike(line, other.line) for other in there)


def _hook(plan: Plan) -> Hook:
    """
    Raises:
        UsageError: the film has none.
    """
    if plan.hook is None:
        raise UsageError(
            f"“{plan.title}” begins with its first beat: give its plan.json a hook first"
        )
    return plan.hook
