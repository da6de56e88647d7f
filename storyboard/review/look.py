"""One look at one cut: who reviews it, what each says, and what the film itself says to that.

The technical reviewer is always asked, and first. What a model holds against the cut is
looked for in the file before it counts; a model that gives no answer costs the film nothing.

Knows: reviewers, their answers, verification. Does not know: rounds, patches.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from renderers.base import JSON, TranscriptionBackend
from renderers.errors import RendererError
from storyboard import __version__
from storyboard.core.errors import CapReached, UsageError
from storyboard.core.events import EventLog
from storyboard.graph.session import Session, in_session
from storyboard.profile import Profile, Section, metering
from storyboard.profile.backends import Backends
from storyboard.profile.needs import need_of
from storyboard.review.finding import Finding
from storyboard.review.finished_cut import Cut
from storyboard.review.models import Opinion, question, read_opinion
from storyboard.review.review_history import Judged, Look
from storyboard.review.technical import reviewer as technical

ROOM = "review"
"""Under this name the log keeps what reviewers say and cost."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What all reviewers say of one cut."""

    looks: tuple[Look, ...]
    findings: tuple[Judged, ...]


class ReviewerSet:
    """The reviewers of one film. `session` is that of its cuts."""

    def __init__(
        self,
        profile: Profile,
        log: EventLog,
        session: Session | None = None,
        *,
        thorough: bool = False,
    ) -> None:
        """`thorough` looks at every frame of a film that is drawn here, too."""
        self._profile, self._log, self._session = profile, log, session
        self._thorough = thorough or not _drawn(profile)

    def members(self) -> dict[str, JSON]:
        """Who reviews, with what each answer depends on."""
        depth = "whole" if self._thorough else "glance"
        members: dict[str, JSON] = {technical.REVIEWER: {"version": __version__, "depth": depth}}
        section = self._profile.reviewing
        if section is not None:
            members[_name(section)] = {"model": section.model, "options": dict(section.options)}
        return members

    def look(self, cut: Cut, tried: Iterable[str] = ()) -> Seen:
        """Have the cut reviewed by everyone.

        Raises:
            RendererError: the film cannot be read.
        """
        started = time.perf_counter()
        found = technical.review(cut, None) if self._thorough else technical.glance(cut)
        seconds = round(time.perf_counter() - started, 3)
        measured = "all of the file" if self._thorough else "its checks, its sound and its opening"
        looks = [Look(technical.REVIEWER, "answered", saw=measured, seconds=seconds)]
        judged = [Judged(finding, "measured") for finding in found]
        section = self._profile.reviewing
        if section is None:
            return Seen(tuple(looks), tuple(judged))
        with in_session(self._session) as session, session.backends(self._profile) as backends:
            backends.attach(self._log)
            look, said = self._ask(section, session, backends, cut, tried)
            looks.append(look)
            judged += self._judged(said, session, backends, cut)
        return Seen(tuple(looks), tuple(judged))

    def _ask(
        self, section: Section, session: Session, backends: Backends, cut: Cut, tried: Iterable[str]
    ) -> tuple[Look, tuple[Finding, ...]]:
        name, started = _name(section), time.perf_counter()
        try:
            backend = backends.review
            assert backend is not None
            with self._awake(session), metering.room(ROOM):
                result = backend.watch(question(cut, tried))
        except CapReached as error:
            return Look(name, "not asked", str(error)), ()
        except (RendererError, UsageError) as error:
            # No key, no package, no server: the film is made all the same.
            return Look(name, "failed", str(error)), ()
        seconds = round(time.perf_counter() - started, 3)
        if result.outcome != "answered":
            return Look(name, result.outcome, result.reason, result.saw, seconds=seconds), ()
        told: Opinion = read_opinion(name, result)
        left_out = "; ".join(told.left_out)
        look = Look(name, "answered", left_out, result.saw, told.summary, told.score, seconds)
        return look, told.findings

    def _judged(
        self, said: Sequence[Finding], session: Session, backends: Backends, cut: Cut
    ) -> list[Judged]:
        """Its findings with what the film says of them, as who hears speech here hears it."""

        def work() -> list[Judged]:
            return [_judge(finding, cut, backends.transcription) for finding in said]

        return session.perform(self._profile, "transcription", self._log, work) if said else []

    @contextmanager
    def _awake(self, session: Session) -> Generator[None]:
        """With a local reviewer's server up, and the card its own."""
        need = need_of(self._profile, "review")
        with session.leases(self._profile, self._log) as leases:
            if need is None or leases is None:
                yield
                return
            with leases.hold(need):
                yield


def _drawn(profile: Profile) -> bool:
    """Whether every clip is drawn here, by steps that repeat themselves exactly.

    What a video model makes is another matter: it may talk in silence, or show another beat.
    """
    backends = profile.video.backends
    return all(backends[name].backend == "animatic" for name in profile.video.routes.values())


def _name(section: Section) -> str:
    return f"{section.backend} {section.model}".strip()


def _judge(finding: Finding, cut: Cut, hear: TranscriptionBackend) -> Judged:
    """A model's finding with what the film says of it."""
    beats = {segment.index for segment in cut.timeline.segments}
    if finding.beat is not None and finding.beat not in beats:
        return Judged(finding, "unknown", "impossible", f"the film has no beat {finding.beat}")
    if finding.start is not None and finding.start > cut.timeline.seconds + 1.0:
        why = f"the film ends at {cut.timeline.seconds:.1f} s"
        return Judged(finding, "unknown", "impossible", why)
    if finding.severity == "note":
        return Judged(finding, "unknown")
    # Not loaded for a film that no model reviews.
    from storyboard.review.verify import borne_out

    match borne_out(finding, cut, hear):
        case "refuted":
            return Judged(finding, "refuted", "refuted", "looked for in the film, and not so")
        case verdict:
            return Judged(finding, verdict)
