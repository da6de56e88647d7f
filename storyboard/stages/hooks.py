"""One film with several first seconds, to see by trying which of them holds: the others lie in
folders beside it, and share everything but the hook.

Knows: folders, sessions. Does not know: how a hook is written, how a film is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from storyboard.core import events
from storyboard.core.errors import UsageError
from storyboard.core.lock import exclusive
from storyboard.graph.display import Display
from storyboard.graph.folder import RunFolder, existing, folder_for_out
from storyboard.graph.session import Session, in_session
from storyboard.graph.steps import Graph
from storyboard.plan import Plan, load_plan
from storyboard.profile import load_profile
from storyboard.stages.another_version import Foreseen, foreseen, lay_version
from storyboard.stages.gates import gates_passed, hooks_ahead
from storyboard.stages.locate import locate
from storyboard.stages.render_request import RenderRequest
from storyboard.writing import hooks as writing


@dataclass(frozen=True, slots=True)
class Hooks:
    """A film, and the films beside it that begin otherwise."""

    source: RunFolder
    count: int
    """First seconds in all, the film's own among them."""
    request: RenderRequest
    given: tuple[writing.Opening, ...] = ()
    """How they begin, where somebody wrote it."""

    @property
    def targets(self) -> list[RunFolder]:
        return [folder_for_out(path) for path in folders(self.source.path, self.count)]


def folders(film: Path, count: int) -> list[Path]:
    """Where the films lie that begin otherwise, of so many first seconds in all."""
    path = film.resolve()
    return [path.with_name(f"{path.name}-hook{number}") for number in range(2, count + 1)]


def begin(run: Path, count: int, given: Sequence[str], request: RenderRequest) -> Hooks:
    """`count` first seconds in all; `given` ones are as many as there are.

    Raises:
        UsageError: no film is there, or it has no hook.
    """
    source = existing(run, "RUN")
    plan = load_plan(source.plan)
    openings = tuple(writing.parse_opening(text, plan) for text in given)
    return Hooks(source, 1 + len(openings) if openings else count, request, openings)


def written(
    hooks: Hooks, display: Display, *, session: Session | None = None
) -> list[RenderRequest]:
    """Leave the plans in the folders; the requests that make the films.

    A folder that has its hook keeps it and follows the film in all else, so that the command can
    be given again.

    Raises:
        UsageError: nobody writes hooks, or not enough that hold up.
    """
    plan, targets = load_plan(hooks.source.plan), hooks.targets
    plans: dict[Path, Plan] = {}
    for target in () if hooks.given else targets:
        if (own := _kept(plan, target)) is not None:
            plans[target.path] = own
    films = [plan, *plans.values()]
    new = [target for target in targets if target.path not in plans]
    openings = _openings(hooks, films, new, display, session) if new else ()
    for target, opening in zip(new, openings, strict=True):
        plans[target.path] = writing.with_opening(plan, opening, films)
        films.append(plans[target.path])
    return [lay_version(hooks.source, t, plans[t.path], hooks.request) for t in targets]


def explained(
    hooks: Hooks, plan: Plan | None = None, beside: Graph | None = None
) -> list[Foreseen]:
    """What would be made anew; hooks not written yet are stood for by the film's own, drawn anew.
    `plan` stands for a film's that is not written, `beside` is what is made of that film."""
    plan = plan or load_plan(hooks.source.plan)
    own = [writing.Opening.of(plan.hook)] * len(hooks.targets) if plan.hook else []
    films = [plan]
    for target, opening in zip(hooks.targets, hooks.given or own, strict=False):
        kept = None if hooks.given else _kept(plan, target)
        films.append(kept or writing.with_opening(plan, opening, films))
    versions = dict(zip(hooks.targets, films[1:], strict=False))
    return foreseen(hooks.source, versions, hooks.request, beside)


def foreseen_beside(request: RenderRequest, plan: Plan, graph: Graph) -> list[Foreseen]:
    """As `explained`, for a request whose film has this plan and these steps."""
    folder = locate(request)
    hooks = Hooks(folder, hooks_ahead(request, folder), request.version(folder.path))
    return explained(hooks, plan, graph) if hooks.targets and plan.hook else []


def beside(
    request: RenderRequest, display: Display, *, session: Session | None = None
) -> list[RenderRequest]:
    """The requests for the films that begin otherwise than a request's own, whose plans lie in
    their folders from now on; none where it has one beginning, or waits to be looked at.

    Raises:
        UsageError: as `written`.
    """
    folder = locate(request)
    count = hooks_ahead(request, folder)
    if count < 2:
        return []
    means = request.version(folder.path, request.place or str(folder.path))
    made = written(Hooks(folder, count, means), display, session=session)
    gates_passed(folder)
    return made


def _kept(plan: Plan, folder: RunFolder) -> Plan | None:
    """The film as it is now, with the hook that its folder has; None where it has none."""
    if not folder.plan.is_file():
        return None
    own = load_plan(folder.plan)
    return own.hook and plan.model_copy(update={"hook": own.hook, "title": own.title})


def _openings(
    hooks: Hooks,
    films: Sequence[Plan],
    new: Sequence[RunFolder],
    display: Display,
    session: Session | None,
) -> Sequence[writing.Opening]:
    if hooks.given:
        return hooks.given
    plan, wanted = films[0], len(new)
    profile = load_profile(hooks.request.profile, hooks.request.overrides)
    with ExitStack() as taken:
        session = taken.enter_context(in_session(session))
        backends = taken.enter_context(session.backends(profile))
        chat = backends.chat
        if chat is None:
            found = writing.drafted(plan, len(hooks.targets))[-wanted:]
            if len(found) < wanted:
                raise UsageError(
                    f"{hooks.source.path}: there are {len(found)} other hand-written hooks for this "
                    f"film, and {wanted} are asked for: ask for fewer (--make), write them "
                    "(--hook 'TITLE | LINE', once for each), or take a profile with a language model"
                )
            return found
        new[0].open()
        taken.enter_context(exclusive(new[0].path))
        log = events.EventLog(new[0].events, display)
        backends.attach(log)
        there = [writing.Opening.of(film.hook) for film in films if film.hook]

        def work() -> list[writing.Opening]:
            return writing.written(
                plan, wanted, there, chat, lambda text: log.emit(events.Noted("hooks", text))
            )

        return session.perform(profile, "chat", log, work, hooks.request.place)
