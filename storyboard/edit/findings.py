"""What a review found, and what people make of it: apply its edit, or dismiss it.

Knows: the review's history. Does not know: how a finding came about.
"""

from __future__ import annotations

from dataclasses import replace

from storyboard.core.errors import UsageError
from storyboard.core.files import disk_errors
from storyboard.core.lock import exclusive
from storyboard.edit.preview import Proposal, planned, propose_plan
from storyboard.graph.folder import RunFolder
from storyboard.graph.session import Session
from storyboard.profile import load_profile
from storyboard.review.plan_patch import PatchRefused, apply
from storyboard.review.review_history import Judged, ReviewHistory, load_history, save_history
from storyboard.review.reviewed_film import judged_plan
from storyboard.stages.render_request import RenderRequest


def findings(folder: RunFolder) -> list[Judged]:
    """All of the film as it is, in the order of their numbers (from 0)."""
    review = load_history(folder.path)
    return list(review.findings) if review else []


def propose_mending(
    request: RenderRequest, number: int, session: Session | None = None
) -> Proposal:
    """The film with what a finding asks for. Nothing is written.

    Raises:
        UsageError: there is no such finding, it asks for nothing, or it cannot be done.
    """
    folder = planned(request)
    _, judged = _of(folder, number)
    if not judged.finding.patch:
        raise UsageError(
            f"finding {number} asks for no edit ({judged.finding.evidence[:120]}): change the plan "
            "yourself, or redo the beat"
        )
    profile = load_profile(request.profile, request.overrides)
    try:
        plan, _ = apply(judged_plan(folder), judged.finding.patch, profile.video.backends)
    except PatchRefused as refusal:
        raise UsageError(f"finding {number}: its edit is not taken: {refusal}") from None
    return propose_plan(request, plan, session)


def dismiss(folder: RunFolder, number: int, why: str = "") -> Judged:
    """Hold a finding against the film no longer.

    Raises:
        UsageError: there is no such finding. Busy: somebody makes the film now.
    """
    with exclusive(folder.path), disk_errors("saving the review"):
        review, judged = _of(folder, number)
        dismissed = replace(judged, fate="dismissed", why=why)
        rounds = [
            replace(
                each,
                findings=tuple(
                    dismissed if i == number and each.number == review.best else other
                    for i, other in enumerate(each.findings)
                ),
            )
            for each in review.rounds
        ]
        review.rounds = rounds
        save_history(folder.path, review)
    return dismissed


def _of(folder: RunFolder, number: int) -> tuple[ReviewHistory, Judged]:
    review = load_history(folder.path)
    found = review.findings if review else ()
    if review is None or not 0 <= number < len(found):
        has = f"it has 0 to {len(found) - 1}" if found else "it has none"
        raise UsageError(f"{folder.path} has no finding {number}: {has}")
    return review, found[number]
