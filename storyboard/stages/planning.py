"""The steps that plan a film: idea or script → plan, beat → image prompt.

What they write stays in the store as it was written, so that it is paid for once. What is in
the film's `plan.json` already, whoever put it there, is `given`: it is not written again.

Knows: who writes, from what. Does not know: what becomes of a plan once written (`growing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

from renderers.base import JSON
from storyboard.core.errors import PlanError
from storyboard.core.files import dump_json, read_json
from storyboard.graph.contract import F, Files, Params, if_set, many, unkeyed
from storyboard.graph.steps import Source, Step, StepContext
from storyboard.plan import (
    Aspect,
    Beat,
    Character,
    Hook,
    ImagePrompt,
    Language,
    Plan,
    Setting,
    dump_plan,
    load_plan,
)
from storyboard.plan.format_files import format_path, load_format
from storyboard.plan.naming import character_name
from storyboard.plan.series import Series
from storyboard.plan.shots import at_one_end
from storyboard.plan.timeline import HOOK
from storyboard.profile.backends import Backends
from storyboard.stages.render_request import RenderRequest
from storyboard.writing import authors, offline, planner, script
from storyboard.writing.prompting import prompter
from storyboard.writing.prompting.wording import Picture

DEFAULT_SEED = 42
PLANNED = "plan.agent"
"""Kind of a plan by a language model."""
WORDED = "prompt.agent"
"""Kind of an image prompt by one."""


class _Asked(Params):
    """What a plan is written from."""

    idea: str
    language: Language | None
    aspect: Aspect | None
    seed: int
    writer: str
    script: script.Source | None = if_set()
    candidates: int | None = if_set()
    strength: Literal["script", "lines", "auto"] | None = if_set()
    backend: Mapping[str, JSON] | None = if_set()
    series: Sequence[str] | None = if_set()
    said: Sequence[str] | None = if_set()


class _Format(Files[F]):
    format: F
    threads: Mapping[str, F] = many("{}")


class _Written(Files[F]):
    plan: F


class _Thought(_Written[F]):
    planning: F


# --- the plan ---------------------------------------------------------------


def write_offline(context: StepContext[_Asked, _Format[Path], _Written[Path]]) -> None:
    _write(context.outputs, _of_idea(context.params, context.inputs.format))


def write_script(context: StepContext[_Asked, Files[Path], _Written[Path]]) -> None:
    _write(context.outputs, _of_script(context.params))


def write_with_model(context: StepContext[_Asked, _Format[Path], _Thought[Path]]) -> None:
    asked, backends = context.params, context.backends
    format = load_format(context.inputs.format)
    assignment = planner.Assignment(
        asked.idea,
        format,
        asked.language or offline.detect_language(asked.idea),
        asked.aspect,
        asked.seed,
        asked.candidates or 1,
        minutes=backends.profile.limits.plan_minutes,
        strength=asked.strength or "script",
        series=asked.series or (),
        said=asked.said or (),
    )
    assert backends.chat is not None, "the step is there where a language model writes"
    planned = planner.write_plan(assignment, backends.chat, context.note)
    plan = planned.plan
    if amiss := offline.written_amiss(offline.said_in(plan).splitlines(), format.name):
        raise PlanError(
            f"the plan that {plan.author} wrote", [f"{amiss}; run again, with another seed"]
        )
    context.outputs.planning.write_text(planned.planning, encoding="utf-8")
    _write(context.outputs, plan)


def given_plan(plan: Plan) -> Step:
    """The plan that lies in the folder, as whoever wrote it did."""
    if plan.author == authors.SCRIPT:
        return _step("plan.script", write_script, given=True)
    if plan.author == authors.OFFLINE:
        return _step("plan.offline", write_offline, given=True)
    return _step(PLANNED, write_with_model, uses="chat", given=True)


def plan_step(request: RenderRequest, backends: Backends, series: Series | None = None) -> Step:
    """The plan of a request's script or idea: by the language model, if the profile has one.

    Raises:
        UsageError: no film is made of the idea, or there is no such format.
    """
    seed = DEFAULT_SEED if request.seed is None else request.seed
    asked = _Asked(
        idea=request.idea or "",
        language=request.language,
        aspect=request.aspect,
        seed=seed,
        writer=_writer(),
    )
    if request.script is not None:
        return _step("plan.script", write_script, params=replace(asked, script=request.script))
    format, path = load_format(request.format), format_path(request.format)
    language = request.language or offline.detect_language(asked.idea)
    asked = replace(asked, language=language)
    threads: dict[str, Source] = {name: path.parent / name for name in format.thread_files}
    inputs = _Format[Source](format=path, threads=threads)
    # What no film jokes about is told by hand, or not at all, whoever else could write it.
    sober = offline.admit(asked.idea, language, format.name).kind == "sober"
    chat = None if sober else backends.chat
    if chat is None:
        return _step("plan.offline", write_offline, params=asked, inputs=inputs)
    asked = replace(
        asked,
        candidates=request.candidates,
        strength=backends.profile.chat.strength,
        backend=dict(chat.fingerprint()),
        series=series and series.told(),
        said=series and series.said(),
    )
    return _step(
        PLANNED,
        write_with_model,
        params=asked,
        inputs=inputs,
        outputs=_Thought(plan="written/plan.json", planning="written/planning.md"),
        uses="chat",
    )


def _step(kind: str, action: Callable[[Any], None], **more: Any) -> Step:
    written = Step(
        "plan", "plan", kind, action, 1, _Written(plan="written/plan.json"), intermediate=True
    )
    return replace(written, **more)


def draft_of(step: Step) -> Plan:
    """A plan of the same steps as the one that this step would write, without a model."""
    asked: _Asked = step.params
    return _of_script(asked) if asked.script else _of_idea(asked, step.inputs.format)


def _of_idea(asked: _Asked, format: Path) -> Plan:
    return offline.write_plan(
        asked.idea, load_format(format), asked.language, asked.aspect, asked.seed
    )


def _of_script(asked: _Asked) -> Plan:
    assert asked.script is not None
    return script.write_plan(asked.script, asked.language, asked.aspect, asked.seed)


def _write(outputs: _Written[Path], plan: Plan) -> None:
    outputs.plan.write_text(dump_plan(plan), encoding="utf-8")


@cache
def _writer() -> str:
    """Digest of all that writers go by. It changes more often than anybody would raise a version,
    and what was written before it did must not be taken for what is written now."""
    found = sha256()
    for folder in ("storyboard/writing", "prompts/writer", "prompts/planner"):
        package, _, name = folder.partition("/")
        for content in _texts(files(package) / name):
            found.update(len(content).to_bytes(8, "big") + content)
    return found.hexdigest()[:16]


def _texts(folder: Traversable) -> Iterator[bytes]:
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            yield from _texts(each)
        elif each.name.endswith((".py", ".yaml", ".txt")):
            yield each.read_bytes()


# --- the image prompts ------------------------------------------------------


class _Wording(Params):
    """What a prompt is worded from."""

    picture: str
    draft: ImagePrompt
    names: Sequence[str]
    seed: int
    instructions: str
    backend: Mapping[str, JSON]


class _Plan(Files[F]):
    plan: F | None = unkeyed()
    """All that is taken from it stands in the draft as well."""


class _Prompt(Files[F]):
    prompt: F


def prompt_steps(plan: Plan, source: Path, backends: Backends) -> list[Step]:
    """The prompt of every picture, where a language model words them; `source` is the file of
    the plan."""
    chat = backends.prompter
    if chat is None or not backends.image.uses_references:
        return []
    plan = at_one_end(plan)
    found = {name: _given_prompt(name, picture) for name, picture in _pictures(plan).items()}
    # A film whose beats are worded is drawn: a place without a prompt of its own stays as it is.
    if not any(prompter.is_unworded(plan, beat) for beat in plan.beats):
        return list(found.values())
    uses = "chat" if backends.profile.prompter is None else "prompter"
    for name, picture in _pictures(plan).items():
        if prompter.is_unworded(plan, picture):
            wording = _Wording(
                picture=name,
                draft=prompter.template(plan, picture),
                names=[character_name(character) for character in plan.cast],
                seed=prompter.seed_of_prompt(plan, picture),
                instructions=prompter.instructions(),
                backend=dict(chat.fingerprint()),
            )
            file = _Plan[Source](plan=source if source.is_file() else None)
            found[name] = replace(found[name], params=wording, inputs=file, uses=uses, given=False)
    return list(found.values())


def word_prompt(context: StepContext[_Wording, _Plan[Path], _Prompt[Path]]) -> None:
    assert context.inputs.plan is not None
    plan = at_one_end(load_plan(context.inputs.plan))
    picture = _pictures(plan)[context.params.picture]
    chat = context.backends.prompter
    assert chat is not None, "the step is there where a language model words"
    written = prompter.rewrite(plan, picture, chat)
    if written.note:
        context.warn(written.note)
    context.outputs.prompt.write_text(dump_json(written.prompt.model_dump(mode="json")))


def worded(plan: Plan, step: Step, made: Path) -> Plan:
    """The plan with the prompt that the step wrote."""
    prompt = ImagePrompt.model_validate(read_json(made))
    return prompter.with_prompt(plan, _pictures(plan)[step.name], prompt)


def _given_prompt(name: str, picture: Picture) -> Step:
    beat = HOOK if isinstance(picture, Hook) else None
    if isinstance(picture, Beat):
        beat = picture.index
    outputs = _Prompt(prompt=f"written/{name}.json")
    return Step(
        name, "plan", WORDED, word_prompt, 1, outputs, beat=beat, intermediate=True, given=True
    )


def _pictures(plan: Plan) -> dict[str, Picture]:
    """By the names of steps, all that has a prompt: places and people before beats."""
    found: dict[str, Picture] = {}
    for _, picture in prompter.pictures(plan):
        match picture:
            case Beat():
                name = f"beat_{picture.slug}"
            case Hook():
                name = "hook"
            case Setting():
                name = f"set_{picture.id}"
            case Character():
                name = f"cast_{picture.id}"
        found[f"prompts/{name}"] = picture
    return found
