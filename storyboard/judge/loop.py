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
from storyboard.graph.steps import From, Step, StepContext
from storyboard.judge.asking import Case, ask, unsure
from storyboard.judge.brief import Brief
from storyboard.judge.escalation import Escalated, doubts_of, escalated_step, settled_with
from storyboard.judge.measures import Other, Picture, measure
from storyboard.judge.mending import Try, best
from storyboard.judge.rubric import rubric, text
from storyboard.judge.trial import Trial, tries_of
from storyboard.judge.verdict import Verdict
from storyboard.plan.staging import derived_seed

_LETTERS = "abcdef"
_REFERENCE = "image "
"""How the labels of reference pictures begin: "image 2 (character:ann)"."""


@dataclass(frozen=True, slots=True)
class Jury:
    """How the pictures of a film are judged, and by which model (None: measures alone)."""

    retries: int
    best_of: int
    judge: Mapping[str, JSON] | None
    escalated: Escalated | None = None
    """Who looks again at what the judge doubts; None: nobody."""


def judged(step: Step, trial: Trial, jury: Jury) -> Iterator[Step]:
    """The steps in place of `step`, which draws a picture: the last has its name and outputs."""
    tries: list[str] = []
    for number in range(jury.best_of):
        name = "1" if jury.best_of == 1 else f"1{_LETTERS[number]}"
        yield _candidate(step, name, number)
        yield _verdict(step, name, trial, jury)
        tries.append(name)
    for number in range(2, jury.retries + 2):
        yield _mend(step, number, tries, trial)
        yield _verdict(step, f"{number}", trial, jury)
        tries.append(f"{number}")
    settled = _settle(step, tries)
    if jury.escalated is not None:
        second = escalated_step(step, trial, jury.escalated, settled.sources)
        yield second
        settled = replace(
            settled, inputs={**settled.sources, "second": From(second.name, "verdict")}
        )
    yield settled


def _candidate(step: Step, name: str, number: int) -> Step:
    """The first try is the very step that runs without a judge, so its picture is used again."""
    params = dict(step.params)
    if number:
        params["seed"] = derived_seed(params["seed"], f"candidate {number + 1}")
        if params["scene"] is not None:
            params["scene"] = {**params["scene"], "seed": params["seed"]}
    return replace(
        step, name=f"{step.name}/try-{name}", params=params, outputs=_of_try(step, name), inner=True
    )


def _of_try(step: Step, name: str) -> dict[str, str]:
    """The outputs of a try, in files that no other step has. They stay in the store."""
    kept = {label: Path(target) for label, target in step.targets.items()}
    return {k: f"{step.name}/try-{name}{''.join(path.suffixes)}" for k, path in kept.items()}


def _verdict(step: Step, name: str, trial: Trial, jury: Jury) -> Step:
    brief, rules = trial.brief, rubric()
    shown = {k: source for k, source in step.sources.items() if k in trial.roles}
    checks = brief.checks() if jury.judge is not None else []
    # The name of the try is no parameter: a picture that went through has its verdict already.
    params: dict[str, Any] = {
        "brief": brief.document(),
        "measures": [rule.model_dump(mode="json") for rule in brief.measures()],
        "seed": step.params["seed"],
    }
    if jury.judge is not None:
        params |= {
            "checks": [check.model_dump(mode="json") for check in checks],
            "prompt": [text("system.txt"), text("again.txt"), rules.side],
            "roles": dict(trial.roles),
            "judge": dict(jury.judge),
        }
    return Step(
        name=f"{step.name}/verdict-{name}",
        stage=step.stage,
        kind="loop.judge_picture",
        action=judge_picture,
        version=2,
        params=params,
        inputs={"picture": From(f"{step.name}/try-{name}", "image"), **shown},
        outputs={"verdict": f"{step.name}/verdict-{name}.json"},
        beat=step.beat,
        parallel=jury.judge is None,
        uses="judge" if jury.judge is not None else "",
        inner=True,
    )


def _mend(step: Step, number: int, tries: Sequence[str], trial: Trial) -> Step:
    rules = [*trial.brief.measures(), *trial.brief.checks()]
    return replace(
        step,
        name=f"{step.name}/try-{number}",
        kind="drawing.mend",
        action=trial.mend,
        version=2,
        params={
            **step.params,
            "number": number,
            "brief": trial.brief.document(),
            "means": dict(trial.means),
            "words": [[r.id, list(r.mend), r.edit, r.clause] for r in rules],
            "keep": rubric().keep,
            # Which of the two mends it is known when the verdicts are.
            **({"editing": dict(trial.editing)} if trial.editing else {}),
        },
        uses="image image.edit" if trial.editing else step.uses,
        inputs={**step.sources, **_tries(step, tries)},
        outputs={k: v for k, v in _of_try(step, f"{number}").items() if k in ("image", "info")},
        spared=nothing_to_mend,
        fallback=True,
        inner=True,
    )


def _tries(step: Step, names: Sequence[str]) -> dict[str, From]:
    found: dict[str, From] = {}
    for name in names:
        found[f"try {name} image"] = From(f"{step.name}/try-{name}", "image")
        found[f"try {name} info"] = From(f"{step.name}/try-{name}", "info")
        found[f"try {name} verdict"] = From(f"{step.name}/verdict-{name}", "verdict")
    return found


def _settle(step: Step, tries: Sequence[str]) -> Step:
    flat = step.name.removeprefix("images/").replace("/", "_")
    rejected = {f"rejected {name}": f"images/rejected/{flat}.try-{name}.png" for name in tries}
    return Step(
        name=step.name,
        stage=step.stage,
        kind="loop.settle",
        action=settle,
        version=1,
        params={"picture": step.targets["image"], "rejected": rejected},
        inputs=_tries(step, tries),
        outputs={**step.targets, "verdicts": f"{step.name}.verdicts.json", **rejected},
        beat=step.beat,
        optional=frozenset(rejected),
    )


# --- what the steps do ------------------------------------------------------


def nothing_to_mend(inputs: Mapping[str, Path]) -> bool:
    return best(tries_of(inputs)).verdict.passed


def judge_picture(context: StepContext) -> None:
    """Measure the picture; if it is worth a look, have the model look at it."""
    params, picture = context.params, context.inputs["picture"]
    brief = Brief.of(params["brief"])
    references = {k: path for k, path in context.inputs.items() if k.startswith(_REFERENCE)}
    others = [Other(params.get("roles", {}).get(k, k), Picture(p)) for k, p in references.items()]
    rules = brief.measures()
    measured = measure(rules, picture, brief, others)
    stops = {rule.id for rule in rules if rule.stops}
    stopped = any(f.verdict == "fail" and f.id in stops for f in measured)
    seen = Verdict(checks=())
    if "judge" in params:
        checks = brief.checks()
        if stopped:
            seen = Verdict(checks=tuple(unsure(checks, "not looked at")))
        else:
            shown = [(params["roles"][k], path) for k, path in references.items()]
            case = Case(picture, brief, shown, params["seed"])
            seen = ask(case, checks, context.backends.judge)
    found = {"checks": (*measured, *seen.checks), "stopped": stopped}
    write_json(context.outputs["verdict"], seen.model_copy(update=found).document())


def settle(context: StepContext) -> None:
    """Keep the best picture under its own name, the others as rejected, and say what is open."""
    outputs, params = context.outputs, context.params
    tries = tries_of(context.inputs)
    kept = best(tries)
    verdict, second = kept.verdict, None
    if "second" in context.inputs:
        verdict, second = settled_with(kept.verdict, context.inputs["second"])
    copy(kept.image, outputs["image"])
    write_json(outputs["info"], dict(kept.info))
    if "settled" in outputs:
        write_json(outputs["settled"], settled_of(kept))
    attempts: list[dict[str, Any]] = []
    seen: set[str] = set()
    for one in tries:
        digest = digest_file(one.image)
        if digest in seen:
            continue  # it went through a later try untouched
        seen.add(digest)
        shown = params["picture"]
        if one is not kept:
            shown = params["rejected"][f"rejected {one.name}"]
            copy(one.image, outputs[f"rejected {one.name}"])
        attempt = {
            "try": one.name,
            "picture": shown,
            "kept": one is kept,
            "mending": one.mending,
            **(verdict if one is kept else one.verdict).document(),
        }
        if one is kept and second is not None:
            # What the local judge said, beside what holds.
            attempt["escalated"] = {**second, "doubts": doubts_of(kept.verdict)}
        attempts.append(attempt)
        context.measured("verdict", attempt)
    write_json(outputs["verdicts"], {"attempts": attempts})
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
