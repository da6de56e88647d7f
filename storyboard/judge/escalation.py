"""A second opinion: what the local judge doubts after its last try is shown to a frontier model.

A local judge is good at gross faults and cries wolf at subtle ones, so that a kept picture often
has checks that failed or could not be told. Above a threshold, and within a cost of its own, the
best picture is judged once more by another model, whose word then holds; where that one cannot be
asked, or says nothing of use, the local verdict stays and this is said.

Knows: when a picture is doubtful, what a second verdict changes. Does not know: models, prices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from renderers.base import JSON
from renderers.errors import RendererError
from storyboard.core.errors import ShareSpent
from storyboard.core.files import read_json, write_json
from storyboard.core.prompt_files import prompt_text
from storyboard.graph.contract import F, Files, Numbered, Params, many
from storyboard.graph.steps import Source, Step, StepContext
from storyboard.judge.asking import Case, ask
from storyboard.judge.brief import Brief
from storyboard.judge.judge_task import JudgeTask, TryFiles, roles_of, shown_of, tries_of
from storyboard.judge.mending import best_try
from storyboard.judge.picture import REFERENCE, Drawing
from storyboard.judge.rubric import Check, rubric
from storyboard.judge.verdict import AskedAgain, Verdict


@dataclass(frozen=True, slots=True)
class Escalated:
    """When a picture goes to the second judge, and who that is."""

    threshold: int
    judge: Mapping[str, JSON]


class AgainParams(Params):
    brief: Brief
    checks: Sequence[Check]
    prompt: Sequence[JSON]
    roles: Mapping[str, str]
    seed: int
    threshold: int
    judge: Mapping[str, JSON]


class AgainInputs(Files[F]):
    tries: Mapping[str, TryFiles[F]] = many("try {}")
    shown: Mapping[Numbered, F] = many(REFERENCE)


class VerdictFiles(Files[F]):
    verdict: F


def doubts_of(verdict: Verdict) -> list[str]:
    """The hard checks that failed or could not be told."""
    return [f.id for outcome in ("fail", "unsure") for f in verdict.of("hard", outcome)]


def is_doubtful(verdict: Verdict, threshold: int) -> bool:
    # What a measure stopped (blank, blurred) needs no second pair of eyes.
    return not verdict.stopped and len(doubts_of(verdict)) >= threshold


def escalated_step(
    step: Drawing, task: JudgeTask, escalated: Escalated, tries: Mapping[str, TryFiles[Source]]
) -> Step:
    """The step that shows the best try of `step` to the second judge, if it is doubtful."""
    brief = task.brief
    return Step(
        name=f"{step.name}/second-opinion",
        stage=step.stage,
        kind="escalation.judge_again",
        action=judge_again,
        version=1,
        params=AgainParams(
            brief=brief,
            checks=brief.checks(),
            prompt=[prompt_text("judge/system.txt"), prompt_text("judge/again.txt"), rubric().side],
            roles=roles_of(task),
            seed=step.params.seed,
            threshold=escalated.threshold,
            judge=escalated.judge,
        ),
        inputs=AgainInputs[Source](tries=tries, shown=shown_of(step, task)),
        outputs=VerdictFiles(verdict=f"{step.name}/second-opinion.json"),
        beat=step.beat,
        uses="judge.escalation",
        skip_resources_if=partial(_undoubted, escalated.threshold),
        fallback=True,
        intermediate=True,
    )


def _undoubted(threshold: int, inputs: AgainInputs[Path]) -> bool:
    return not is_doubtful(best_try(tries_of(inputs.tries)).verdict, threshold)


def judge_again(context: StepContext[AgainParams, AgainInputs[Path], VerdictFiles[Path]]) -> None:
    """Have the second judge look at the best try, unless nobody doubts it."""
    params, out = context.params, context.outputs.verdict
    kept = best_try(tries_of(context.inputs.tries))
    if not is_doubtful(kept.verdict, params.threshold):
        write_json(out, {})
        return
    shown = context.inputs.shown
    references = [(params.roles[REFERENCE.format(k)], path) for k, path in shown.items()]
    case = Case(kept.image, params.brief, references, params.seed)
    judge, doubts = context.backends.second_judge, doubts_of(kept.verdict)
    assert judge is not None, "the step is there where a second judge is"
    try:
        seen = ask(case, params.brief.checks(), judge)
        found: dict[str, Any] = {"verdict": seen.document(), "why_not": seen.note}
    except (ShareSpent, RendererError) as error:
        found = {"verdict": None, "why_not": str(error)}
    if found["why_not"]:
        context.warn(f"doubtful ({', '.join(doubts)}), and no second opinion: {found['why_not']}")
        found["verdict"] = None
    write_json(out, found)
    event = AskedAgain(doubts, found["why_not"])
    if found["verdict"] is not None:
        second = Verdict.of_document(found["verdict"])
        event = replace(event, judge=second.judge, upheld=doubts_of(second), passed=second.passed)
    context.measured(event)


def settled_with(verdict: Verdict, path: Path) -> tuple[Verdict, dict[str, Any] | None]:
    """The verdict that holds, and what came of the second opinion; None where none was wanted.

    The second judge's findings take the place of the first's; what was measured stays.
    """
    found: dict[str, Any] = read_json(path)
    if not found:
        return verdict, None
    if found["verdict"] is None:
        return verdict, {"judge": "", "why_not": found["why_not"]}
    second = Verdict.of_document(found["verdict"])
    again = {finding.id for finding in second.checks}
    measured = tuple(finding for finding in verdict.checks if finding.id not in again)
    holds = second.model_copy(update={"checks": (*measured, *second.checks)})
    return holds, {"judge": second.judge, "why_not": ""}
