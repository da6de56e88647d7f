"""A change of a film, shown before it is done: what it sets apart, what it redoes, what that takes.

Knows: patches, the graph's dry run. Does not know: how a film is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Any

from storyboard.core.errors import UsageError
from storyboard.edit import history
from storyboard.edit.cost import Cost, cost_of
from storyboard.edit.patch import Patch, as_json, changes_between, patched
from storyboard.graph.explain import StepForecast
from storyboard.graph.folder import RunFolder
from storyboard.graph.session import Session
from storyboard.plan import Plan
from storyboard.plan.regen import name_of
from storyboard.review.plan_patch import Change
from storyboard.review.reviewed_film import judged_plan
from storyboard.stages.film import DryRun, dry_run
from storyboard.stages.film_graph import OF_A_BEAT
from storyboard.stages.locate import locate
from storyboard.stages.render_request import RenderRequest

_ONE = Lock()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan as it would be, what sets it apart from the film's, and what making it takes."""

    changes: tuple[Change, ...]
    run: DryRun
    cost: Cost

    @property
    def plan(self) -> Plan:
        return self.run.plan

    @property
    def steps(self) -> list[StepForecast]:
        return self.run.steps

    @property
    def redone(self) -> list[StepForecast]:
        return [step for step in self.steps if not step.cached]

    @property
    def beats(self) -> list[int]:
        """Numbers of the beats of which a picture, a take or a clip would be made."""
        redone = [step for step in self.redone if step.stage in OF_A_BEAT]
        return sorted({step.beat for step in redone if step.beat is not None})

    @property
    def kept(self) -> list[str]:
        """Steps that stay as they are only because their beat is locked."""
        return [step.step for step in self.steps if step.reason.startswith("locked")]

    def as_json(self) -> dict[str, Any]:
        return {
            "changes": as_json(self.changes),
            "redoes_beats": [name_of(number) for number in self.beats],
            "redoes_steps": [f"{step.step}: {step.reason}" for step in self.redone],
            "kept_by_lock": self.kept,
            "cost": self.cost.as_json(),
        }


def _foreseen(request: RenderRequest, plan: Plan | None, session: Session | None) -> DryRun:
    # Threads of one interpreter do not think faster together, and each holds all of a film.
    with _ONE:
        return dry_run(request, plan, session)


def explain(request: RenderRequest, session: Session | None = None) -> Proposal:
    """What making the request's film takes, as it is. Nothing is written."""
    run = _foreseen(request, None, session)
    return Proposal((), run, cost_of(run))


def propose(request: RenderRequest, patch: Patch, session: Session | None = None) -> Proposal:
    """The request's film with a patch. Nothing is written.

    Raises:
        UsageError, PlanError: as `patched`.
    """
    plan, _ = patched(judged_plan(planned(request)), patch)
    return propose_plan(request, plan, session)


def propose_plan(request: RenderRequest, plan: Plan, session: Session | None = None) -> Proposal:
    """As `propose`, with a plan that is changed already."""
    run = _foreseen(request, plan, session)
    changes = changes_between(judged_plan(planned(request)), plan)
    return Proposal(tuple(changes), run, cost_of(run))


def apply(request: RenderRequest, patch: Patch, session: Session | None = None) -> Proposal:
    """As `propose`, and the changed plan is the film's from now on; nothing is made yet.

    Raises:
        Busy: somebody makes the film now.
    """
    proposal = propose(request, patch, session)
    keep(request, proposal)
    return proposal


def keep(request: RenderRequest, proposal: Proposal) -> None:
    """Have the film's plan be the proposed one; the one before it is kept (`history`)."""
    if proposal.changes:
        history.write(planned(request), proposal.plan)


def undo(
    request: RenderRequest,
    *,
    again: bool = False,
    apply: bool = True,
    session: Session | None = None,
) -> Proposal:
    """Take the last edit back (`again`: do it again), and say what making that takes.

    Without `apply` nothing is written.

    Raises:
        UsageError: there is none. Busy: somebody makes the film now.
    """
    folder = planned(request)
    before = judged_plan(folder)
    if apply:
        plan = history.redo(folder) if again else history.undo(folder)
    else:
        plan = history.before(folder, again=again)
    run = _foreseen(request, plan, session)
    return Proposal(tuple(changes_between(before, plan)), run, cost_of(run))


def planned(request: RenderRequest) -> RunFolder:
    """The folder of a film that has a plan.

    Raises:
        UsageError: it has none yet.
    """
    folder = locate(request)
    if not folder.plan.is_file():
        raise UsageError(
            f"{folder.path} has no plan yet: make it first (storyboard run --dir {folder.path} "
            "--only plan)"
        )
    return folder
