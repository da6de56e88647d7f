"""The review loop: look, mend, make anew what changed, look again, keep what is better.

    Loop(folder, request, bounds, make, reviewers, log).go_on(film)

Each call goes as far as the next cut whose parts are to be made, by whoever calls; with them it
is put together here. So the folder is free while a cut waits for its turn among other films'.

Every edit is tried on a cut of its own. It is kept only if the film is better for it; else
the old plan is put back, and since the store has all it needs, the old film is back in
seconds. The folder always holds a valid plan; `review.json` names a cut on trial before its
plan is written, so that a review that is killed goes on, or goes back, by the same command.

Knows: rounds, bounds, what is kept. Does not know: who reviews (`look`), which findings are
tried (`patch_selection`), how a film is made (`storyboard.stages.film`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from renderers.base import JSON
from renderers.errors import RendererError
from storyboard.core import events
from storyboard.core.errors import CapReached, StepFailed, UsageError
from storyboard.core.files import digest_file, disk_errors, link
from storyboard.graph.folder import RunFolder
from storyboard.plan import Plan, load_plan
from storyboard.profile import load_profile, metering
from storyboard.review.bounds import Bounds
from storyboard.review.finished_cut import Cut
from storyboard.review.look import ROOM, ReviewerSet, Seen
from storyboard.review.markdown import PAGE, tell
from storyboard.review.patch_selection import PatchSelection, choose
from storyboard.review.plan_patch import plan_digest
from storyboard.review.review_history import (
    CutJudged,
    Found,
    Judged,
    PendingCut,
    ReviewHistory,
    Round,
    better,
    load_history,
    same_finding,
    save_history,
)
from storyboard.stages.film import Film
from storyboard.stages.render_request import RenderRequest

CUTS = "cuts"
"""Folder of the cuts that were made, beside the film."""
UNMADE = (StepFailed, CapReached, UsageError, RendererError)
"""Why a cut may come to nothing, which costs the film nothing."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A film and its review; `history` is None where there is no film to review yet."""

    film: Film
    history: ReviewHistory | None


def plan_of(folder: RunFolder, cut: Round) -> Plan:
    return load_plan(folder.path / CUTS / f"{cut.name}.plan.json")


class Loop:
    """The review of the film in one folder, which the caller holds."""

    def __init__(
        self,
        folder: RunFolder,
        request: RenderRequest,
        bounds: Bounds,
        make: Callable[[RenderRequest], Film],
        reviewers: ReviewerSet,
        log: events.EventLog,
    ) -> None:
        self._folder, self._bounds, self._maker = folder, bounds, make
        self.film: Film | None = None
        self._request = RenderRequest(
            directory=folder.path,
            profile=request.profile,
            overrides=request.overrides,
            jobs=request.jobs,
        )
        self._log, self._reviewers = log, reviewers
        profile = load_profile(request.profile, request.overrides)
        self._renderers = frozenset(profile.video.backends)
        self._begun = time.monotonic()
        self._before = 0.0
        self._history = ReviewHistory(time.time(), {})

    def go_on(
        self, film: Film | None, *, ready: int = 0, unmade: str = "", again: bool = False
    ) -> PendingCut | None:
        """Go on with the review of this film where it was, or begin one. Returns the cut whose
        parts are to be made now; None: the review is over.

        `film` is None if it was not made yet: a cut on trial is in the way. The parts of the cut
        `ready` are made, or could not be: `unmade` says why.
        """
        self._open(film, again=again)
        trial = self._history.trial
        if trial is not None and (trial.number == ready or not self._lies_there(trial)):
            self._settle(trial, unmade)
        self._on_trial()
        self._save()
        return self._history.trial

    def end(self, film: Film, why: str) -> None:
        """End the review with this film, to which it has gone back."""
        self._open(film)
        self._history.stopped = why
        self._save()

    @property
    def reviewed(self) -> Reviewed:
        """What came of it, once it is over."""
        return Reviewed(self.film or self._make(), self._history)

    def _open(self, film: Film | None, *, again: bool = False) -> None:
        """Take up the history of the film, or begin one."""
        self.film = film
        members = self._reviewers.members()
        history = load_history(self._folder.path)
        if history is None or again or not self._is_about(history, members) or _unheard(history):
            history = ReviewHistory(time.time(), members, best=1 + self._last_cut())
        self._history, self._before = history, history.seconds

    def _on_trial(self) -> None:
        """See that the next cut is on trial, unless the review is over."""
        history = self._history
        if history.trial is None:
            if not history.rounds:
                # None was made for a cut on trial that turned out to be another review's.
                self.film = self.film or self._make()
                self._first()
            if choice := self._next():
                self._begin(choice)

    def _make(self) -> Film:
        """Make whatever the folder's plan asks for; what is made already costs nothing."""
        made = self._maker(self._request)
        before = self.film.seconds if self.film else 0.0
        self.film = replace(made, seconds=before + made.seconds)
        return made

    # --- rounds -------------------------------------------------------------

    def _first(self) -> None:
        """Look at the film as it was made."""
        seen = self._reviewers.look(Cut.of(self._folder.path))
        plan, film = self._now()
        first = Round(self._history.best, plan, film, (), seen.looks, seen.findings, kept=True)
        self._enter(replace(first, why="the film as it was made"))

    def _next(self) -> PatchSelection | None:
        """What to try next; None, with the reason in the history, if nothing is."""
        history, bounds = self._history, self._bounds
        history.seconds = self._before + time.monotonic() - self._begun
        history.cost = self._spent()
        history.stopped = ""
        plan = load_plan(self._folder.plan)
        choice = choose(history, plan, self._renderers, bounds.mend)
        self._mark(choice.findings)
        if not choice.applied:
            held = any(j.finding.severity != "note" for j in history.open())
            history.stopped = f"nothing is held against it{' that an edit would mend' * held}"
        elif not bounds.max_rounds:
            history.stopped = "only a look was asked for"
        elif len(history.tried()) >= bounds.max_rounds:
            history.stopped = f"{bounds.max_rounds} rounds are over"
        elif history.seconds >= bounds.minutes * 60:
            history.stopped = f"{bounds.minutes:g} minutes are over"
        elif bounds.cost is not None and history.cost >= bounds.cost:
            history.stopped = f"${bounds.cost:g} are spent"
        return None if history.stopped else choice

    def _begin(self, choice: PatchSelection) -> None:
        """Put a cut with the chosen edits on trial."""
        history, folder = self._history, self._folder
        number = 1 + max(r.number for r in history.rounds)
        self._keep_cut(history.film)
        history.trial = PendingCut(number, plan_digest(choice.plan), choice.applied)
        self._save()
        folder.save_plan(choice.plan)

    def _settle(self, trial: PendingCut, unmade: str) -> None:
        """Judge a cut on trial, from wherever a killed review left it."""
        history = self._history
        if not self._lies_there(trial):
            # Killed before its plan was written, or when it was taken back already.
            history.trial = None
            self._make()
            return
        if all(cut.number != trial.number for cut in history.rounds):
            self._judge(trial, unmade)
        if history.best != trial.number:
            self._back()
        history.trial = None
        self._save()

    def _judge(self, trial: PendingCut, unmade: str) -> None:
        """Put the cut together, look at it, and say whether it is the film from now on."""
        if unmade:
            self._enter(_unmade(trial, unmade))
            return
        history = self._history
        try:
            self._make()
            cut = Round(trial.number, trial.plan, digest_file(self._folder.film), trial.applied)
            if cut.film == history.film.film:
                self._enter(replace(cut, why="the film came out the same"))
                return
            seen = self._reviewers.look(Cut.of(self._folder.path), _in_words(history))
        except UNMADE as error:
            self._enter(_unmade(trial, str(error)))
            return
        cut = replace(cut, looks=seen.looks, findings=_inherit(seen, history.film))
        kept, why = better(cut, history.film)
        cut = replace(cut, kept=kept, why=why)
        self._keep_cut(cut)
        if kept:
            history.best = cut.number
        self._enter(cut)

    def _back(self) -> None:
        """Put the best cut's plan back, and its film with it: the store has all of it."""
        self._folder.save_plan(plan_of(self._folder, self._history.film))
        self._make()

    # --- the folder ---------------------------------------------------------

    def _lies_there(self, trial: PendingCut) -> bool:
        """Whether the plan in the folder is that of the cut on trial."""
        return plan_digest(load_plan(self._folder.plan)) == trial.plan

    def _is_about(self, history: ReviewHistory, members: dict[str, JSON]) -> bool:
        """Whether a history is that of this film, by these reviewers."""
        if not history.rounds or not _covers(history.reviewers, members):
            return False
        plan, film = self._now()
        if history.trial is not None and plan == history.trial.plan:
            return True
        return film == history.film.film and plan == history.film.plan

    def _now(self) -> tuple[str, str]:
        """Digests of the plan and of the film that lie in the folder."""
        film = self._folder.film
        return (
            plan_digest(load_plan(self._folder.plan)),
            digest_file(film) if film.is_file() else "",
        )

    def _last_cut(self) -> int:
        """Number of the last cut that is kept from an earlier review; 0 if there is none."""
        names = (path.stem for path in (self._folder.path / CUTS).glob("cut_*.mp4"))
        return max((int(n) for name in names if (n := name[4:]).isdecimal()), default=0)

    def _keep_cut(self, cut: Round) -> None:
        """Keep the film and the plan that lie in the folder as `cuts/cut_NN…`."""
        cuts = self._folder.files.sub(CUTS)
        with disk_errors("keeping a cut"):
            with cuts.replacing(f"{cut.name}.mp4") as temporary:
                link(self._folder.film, temporary)
            cuts.write(f"{cut.name}.plan.json", self._folder.files.read(self._folder.plan.name))

    def _enter(self, cut: Round) -> None:
        """Add a round to the history, on disk and in the log."""
        self._history.rounds.append(cut)
        self._save()
        for look in cut.looks:
            if not look.answered:
                self._log.emit(
                    events.Warned(ROOM, f"{look.reviewer} {look.outcome}: {look.reason}")
                )
        for judged in cut.findings:
            self._log.emit(Found.of(judged, ROOM))
        self._log.emit(CutJudged.of(cut, ROOM))

    def _mark(self, findings: tuple[Judged, ...]) -> None:
        """The best cut's findings, with those that were parked since."""
        history = self._history
        marked = replace(history.film, findings=findings)
        history.rounds = [marked if r.number == marked.number else r for r in history.rounds]

    def _save(self) -> None:
        history = self._history
        history.seconds = round(self._before + time.monotonic() - self._begun, 2)
        with disk_errors("saving the review"):
            save_history(self._folder.path, history)
            self._folder.files.write(PAGE, tell(history))

    def _spent(self) -> float:
        """US dollars that language models cost since the review began."""
        calls = metering.calls_in(self._folder.events, self._history.started)
        return sum(call.cost for call in calls)


def _unmade(trial: PendingCut, why: str) -> Round:
    """The round of a cut that came to nothing."""
    return Round(trial.number, trial.plan, "", trial.applied, why=f"it could not be made: {why}")


def _covers(past: dict[str, JSON], wanted: dict[str, JSON]) -> bool:
    """Whether these reviewers are those asked for, and looked at least as closely."""
    if past == wanted:
        return True
    technical = wanted["technical"]
    whole = {**technical, "depth": "whole"} if isinstance(technical, dict) else technical
    return past == {**wanted, "technical": whole}


def _unheard(history: ReviewHistory) -> bool:
    """Whether a reviewer could not be asked about the film: no key then, no server, no money."""
    return history.trial is None and any(
        look.outcome in ("failed", "not asked") for look in history.film.looks
    )


def _in_words(history: ReviewHistory) -> list[str]:
    """Edits that did not help, for reviewers to leave alone. Only paths: no model's words."""
    failed = [r for r in history.tried() if not r.kept]
    return sorted({change.path for r in failed for a in r.applied for change in a.changes})


def _inherit(seen: Seen, before: Round) -> tuple[Judged, ...]:
    """Findings of a new cut; what was parked in the last one for good stays so."""
    parked = [j for j in before.findings if j.fate in ("parked", "dismissed")]
    found: list[Judged] = []
    for judged in seen.findings:
        again = next((p for p in parked if same_finding(p.finding, judged.finding)), None)
        if judged.fate == "open" and again is not None:
            judged = replace(judged, fate=again.fate, why=again.why)
        found.append(judged)
    return tuple(found)
