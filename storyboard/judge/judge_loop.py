"""The judge's loop, unrolled into steps: draw, judge, mend, judge, … settle.

Every try and every verdict is a step of its own, so that each is cached, outlives a kill,
and can be done in waves where engine and judge do not fit on one card together. A picture
that passes goes through the later tries untouched: they copy it, their verdicts are in the
store already, and nothing is woken for them.

    NAME/try-1 (…b, …c: candidates)   NAME/verdict-1
    NAME/try-2: the best so far, mended  NAME/verdict-2
    NAME: the best of all, under the picture's own name, with its verdicts beside it

Knows: the steps of one picture and what passes between them. Does not know: how a picture
is drawn or what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from renderers.base import JSON
from storyboard.core.files import copy, digest_file, write_json
from storyboard.core.prompt_files import prompt_text
from storyboard.graph.contract import (
    F,
    Files,
    From,
    Numbered,
    Params,
    if_set,
    many,
    optional,
    outputs_of,
)
from storyboard.graph.steps import Source, Step, StepContext
from storyboard.judge import likeness
from storyboard.judge.asking import Case, ask, unsure
from storyboard.judge.brief import Brief
from storyboard.judge.drawing import mend
from storyboard.judge.escalation import (
    Escalated,
    VerdictFiles,
    doubts_of,
    escalated_step,
    settled_with,
)
from storyboard.judge.judge_task import (
    JudgeTask,
    MendInputs,
    MendParams,
    TryFiles,
    roles_of,
    shown_of,
    tries_of,
)
from storyboard.judge.measures import MeasuredPicture, Other, measure
from storyboard.judge.mending import Try, best_try
from storyboard.judge.picture import REFERENCE, Drawing, PictureFiles
from storyboard.judge.rubric import Check, Measure, rubric
from storyboard.judge.verdict import Attempted, Verdict
from storyboard.plan.referred import Referred
from storyboard.plan.staging import derived_seed
from storyboard.writing.prompting.style import is_photograph

_LETTERS = "abcdef"


class VerdictParams(Params):
    brief: Brief
    measures: Sequence[Measure]
    seed: int
    checks: Sequence[Check] | None = if_set()
    """What is asked of the judge; this and what follows is None where nobody is asked."""
    prompt: Sequence[JSON] | None = if_set()
    roles: Mapping[str, str] | None = if_set()
    judge: Mapping[str, JSON] | None = if_set()
    faces: Mapping[str, JSON] | None = if_set()
    """By which models likeness is measured; None where it is not."""


class VerdictInputs(Files[F]):
    picture: F
    shown: Mapping[Numbered, F] = many(REFERENCE)


class SettleParams(Params):
    picture: str
    rejected: Mapping[str, str]
    """Where the picture of each try goes that is not kept, by its label."""


class SettleInputs(Files[F]):
    tries: Mapping[str, TryFiles[F]] = many("try {}")
    second: F | None = None


class SettledFiles(PictureFiles[F]):
    verdicts: F
    rejected: Mapping[str, F] = optional("rejected {}")


@dataclass(frozen=True, slots=True)
class JudgeConfig:
    """How the pictures of a film are judged, and by which model (None: measures alone)."""

    retries: int
    best_of: int
    judge: Mapping[str, JSON] | None
    escalated: Escalated | None = None
    """Who looks again at what the judge doubts; None: nobody."""


def judged(step: Drawing, task: JudgeTask, judging: JudgeConfig) -> Iterator[Step]:
    """The steps in place of `step`, which draws a picture: the last has its name and outputs."""
    tries: list[str] = []
    for number in range(judging.best_of):
        name = "1" if judging.best_of == 1 else f"1{_LETTERS[number]}"
        yield _candidate(step, name, number)
        yield _verdict(step, name, task, judging)
        tries.append(name)
    for number in range(2, judging.retries + 2):
        yield _mend(step, number, tries, task)
        yield _verdict(step, f"{number}", task, judging)
        tries.append(f"{number}")
    inputs = SettleInputs[Source](tries=_tries(step, tries))
    if judging.escalated is not None:
        second = escalated_step(step, task, judging.escalated, inputs.tries)
        yield second
        inputs = replace(inputs, second=outputs_of(VerdictFiles[From], second.name).verdict)
    yield _settle(step, inputs)


def _candidate(step: Drawing, name: str, number: int) -> Drawing:
    """The first try is the very step that runs without a judge, so its picture is used again."""
    params = step.params
    if number:
        seed = derived_seed(params.seed, f"candidate {number + 1}")
        scene = None if params.scene is None else replace(params.scene, seed=seed)
        params = replace(params, seed=seed, scene=scene)
    return replace(
        step,
        name=f"{step.name}/try-{name}",
        params=params,
        outputs=_of_try(step, name),
        intermediate=True,
    )


def _of_try(step: Drawing, name: str) -> PictureFiles[str]:
    """The outputs of a try, in files that no other step has. They stay in the store."""
    return step.outputs.map(
        lambda _, target: f"{step.name}/try-{name}{''.join(Path(target).suffixes)}"
    )


def _verdict(step: Drawing, name: str, task: JudgeTask, judging: JudgeConfig) -> Step:
    brief = task.brief
    # The name of the try is no parameter: a picture that went through has its verdict already.
    params = VerdictParams(brief=brief, measures=brief.measures(), seed=step.params.seed)
    if judging.judge is not None:
        params = replace(
            params,
            checks=brief.checks(),
            prompt=[prompt_text("judge/system.txt"), prompt_text("judge/again.txt"), rubric().side],
            roles=roles_of(task),
            judge=judging.judge,
        )
    shown = (Referred.of(number.name) for number in shown_of(step, task))
    if any(one.kind == "character" for one in shown) and _compared(brief):
        params = replace(params, faces=likeness.fingerprint())
    return Step(
        name=f"{step.name}/verdict-{name}",
        stage=step.stage,
        kind="loop.judge_picture",
        action=judge_picture,
        version=2,
        params=params,
        inputs=VerdictInputs[Source](
            picture=outputs_of(PictureFiles[From], f"{step.name}/try-{name}").image,
            shown=shown_of(step, task),
        ),
        outputs=VerdictFiles(verdict=f"{step.name}/verdict-{name}.json"),
        beat=step.beat,
        parallel=judging.judge is None,
        uses="judge" if judging.judge is not None else "",
        intermediate=True,
    )


def _compared(brief: Brief) -> bool:
    """Whether faces are measured: of photographs, where the models for it are installed."""
    return "faces" in brief.holds and is_photograph(brief.words["style"]) and likeness.available()


def _mend(step: Drawing, number: int, tries: Sequence[str], task: JudgeTask) -> Step:
    rules = [*task.brief.measures(), *task.brief.checks()]
    drawn, inputs, outputs = step.params, step.inputs, _of_try(step, f"{number}")
    return Step(
        name=f"{step.name}/try-{number}",
        stage=step.stage,
        kind="drawing.mend",
        action=mend,
        version=2,
        params=MendParams(
            scene=drawn.scene,
            prompt=drawn.prompt,
            width=drawn.width,
            height=drawn.height,
            seed=drawn.seed,
            options=drawn.options,
            backend=drawn.backend,
            number=number,
            brief=task.brief,
            means=task.means,
            words=[(r.id, r.mend, r.edit, r.clause) for r in rules],
            keep=rubric().keep,
            # Which of the two mends it is known when the verdicts are.
            editing=task.editing or None,
        ),
        uses="image image.edit" if task.editing else step.uses,
        inputs=MendInputs[Source](
            references=inputs.references,
            settled=inputs.settled,
            draft=inputs.draft,
            tries=_tries(step, tries),
        ),
        outputs=replace(outputs, settled=None),
        beat=step.beat,
        parallel=step.parallel,
        unread=step.unread,
        skip_resources_if=nothing_to_mend,
        fallback=True,
        intermediate=True,
    )


def _tries(step: Drawing, names: Sequence[str]) -> dict[str, TryFiles[Source]]:
    found: dict[str, TryFiles[Source]] = {}
    for name in names:
        picture = outputs_of(PictureFiles[From], f"{step.name}/try-{name}")
        verdict = outputs_of(VerdictFiles[From], f"{step.name}/verdict-{name}").verdict
        found[name] = TryFiles(image=picture.image, info=picture.info, verdict=verdict)
    return found


def _settle(step: Drawing, inputs: SettleInputs[Source]) -> Step:
    flat = step.name.removeprefix("images/").replace("/", "_")
    rejected = {name: f"images/rejected/{flat}.try-{name}.png" for name in inputs.tries}
    outputs = step.outputs
    return Step(
        name=step.name,
        stage=step.stage,
        kind="loop.settle",
        action=settle,
        version=1,
        params=SettleParams(
            picture=outputs.image,
            rejected={f"rejected {name}": target for name, target in rejected.items()},
        ),
        inputs=inputs,
        outputs=SettledFiles(
            image=outputs.image,
            info=outputs.info,
            settled=outputs.settled,
            verdicts=f"{step.name}.verdicts.json",
            rejected=rejected,
        ),
        beat=step.beat,
    )


# --- what the steps do ------------------------------------------------------


def nothing_to_mend(inputs: MendInputs[Path]) -> bool:
    return best_try(tries_of(inputs.tries)).verdict.passed


def judge_picture(
    context: StepContext[VerdictParams, VerdictInputs[Path], VerdictFiles[Path]],
) -> None:
    """Measure the picture; if it is worth a look, have the model look at it."""
    params, picture, brief = context.params, context.inputs.picture, context.params.brief
    references = {REFERENCE.format(k): path for k, path in context.inputs.shown.items()}
    roles = params.roles or {}
    others = [Other(roles.get(k, k), MeasuredPicture(path)) for k, path in references.items()]
    rules = brief.measures()
    measured = measure(rules, picture, brief, others)
    if params.faces is not None:
        sheets = {
            one.called: path
            for number, path in context.inputs.shown.items()
            if (one := Referred.of(number.name)).kind == "character"
        }
        alike = likeness.likeness(picture, sheets)
        measured += [alike] if alike is not None else []
    stops = {rule.id for rule in rules if rule.stops}
    stopped = any(f.verdict == "fail" and f.id in stops for f in measured)
    seen = Verdict(checks=())
    if params.judge is not None:
        checks = brief.checks()
        if stopped:
            seen = Verdict(checks=tuple(unsure(checks, "not looked at")))
        else:
            judge, shown = context.backends.judge, [(roles[k], p) for k, p in references.items()]
            assert judge is not None, "the step names a judge"
            seen = ask(Case(picture, brief, shown, params.seed), checks, judge)
    found = {"checks": (*measured, *seen.checks), "stopped": stopped}
    write_json(context.outputs.verdict, seen.model_copy(update=found).document())


def settle(context: StepContext[SettleParams, SettleInputs[Path], SettledFiles[Path]]) -> None:
    """Keep the best picture under its own name, the others as rejected, and say what is open."""
    outputs, params = context.outputs, context.params
    tries = tries_of(context.inputs.tries)
    kept = best_try(tries)
    verdict, second = kept.verdict, None
    if context.inputs.second is not None:
        verdict, second = settled_with(kept.verdict, context.inputs.second)
    copy(kept.image, outputs.image)
    write_json(outputs.info, dict(kept.info))
    if outputs.settled is not None:
        write_json(outputs.settled, settled_of(kept))
    attempts: list[dict[str, Any]] = []
    seen: set[str] = set()
    for one in tries:
        digest = digest_file(one.image)
        if digest in seen:
            continue  # it went through a later try untouched
        seen.add(digest)
        shown = params.picture
        if one is not kept:
            shown = params.rejected[f"rejected {one.name}"]
            copy(one.image, outputs.rejected[one.name])
        told = (verdict if one is kept else one.verdict).document()
        event = Attempted(shown, one is kept, one.mending, **told)
        attempt = {"try": one.name, "picture": shown, "kept": one is kept}
        attempt |= {"mending": one.mending, **told}
        if one is kept and second is not None:
            # What the local judge said, beside what holds.
            attempt["escalated"] = {**second, "doubts": doubts_of(kept.verdict)}
            event = replace(event, escalated=attempt["escalated"])
        attempts.append(attempt)
        context.measured(event)
    write_json(outputs.verdicts, {"attempts": attempts})
    for line in complaints(verdict):
        context.warn(line)


def settled_of(kept: Try) -> dict[str, Any]:
    """What a final needs to know of its draft: its words and seed, and whether it was edited."""
    source = kept.info.get("drawn_from") or kept.info
    settled = {"prompt": source.get("prompt", ""), "seed": source["seed"]}
    return {**settled, "edited": True} if kept.edited else settled


def complaints(verdict: Verdict) -> Iterator[str]:
    """What is open about a picture that is kept, each in one line."""
    for finding in verdict.of("hard", "fail"):
        yield f"kept although {finding.id} failed: {finding.evidence}"
    doubts = [finding.id for finding in verdict.of("hard", "unsure")]
    if verdict.note:
        yield f"not judged: {verdict.note}"
    elif doubts:
        yield f"could not be told: {', '.join(doubts)}"
