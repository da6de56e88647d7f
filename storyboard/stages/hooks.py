"""One film with several first seconds, to see by trying which of them holds: the others lie in
folders beside it, and share everything but the hook.

Knows: folders, sessions. Does not know: how a hook is written, how a film is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from storyboard.core import events
from storyboard.core.errors import UsageError
from storyboard.core.files import disk_errors
from storyboard.core.lock import exclusive
from storyboard.graph.explain import StepForecast
from storyboard.graph.folder import RunFolder, chosen, existing
from storyboard.graph.session import Session, in_session
from storyboard.plan import Plan, load_plan
from storyboard.profile import load_profile
from storyboard.profile.backends import Backends
from storyboard.stages.another_version import lay, made_anew
from storyboard.stages.film_graph import graph_of, own_roots
from storyboard.stages.own_media import beside_the_plan
from storyboard.stages.render_request import RenderRequest
from storyboard.writing import hooks as writing
from storyboard.writing.hooks import Opening


@dataclass(frozen=True, slots=True)
class Hooks:
    """A film, and the films beside it that begin otherwise."""

    source: RunFolder
    count: int
    """First seconds in all, the film's own among them."""
    request: RenderRequest
    given: tuple[Opening, ...] = ()
    """How they begin, where somebody wrote it."""

    @property
    def targets(self) -> list[RunFolder]:
        path = self.source.path.resolve()
        numbers = range(2, self.count + 1)
        return [chosen(path.with_name(f"{path.name}-hook{number}")) for number in numbers]


def begin(run: Path, count: int, given: Sequence[str], request: RenderRequest) -> Hooks:
    """`count` first seconds in all; `given` ones are as many as there are.

    Raises:
        UsageError: no film is there, or it has no hook.
    """
    source = existing(run, "RUN")
    plan = load_plan(source.plan)
    openings = tuple(writing.parse_opening(text, plan) for text in given)
    return Hooks(source, 1 + len(openings) if openings else count, request, openings)


def written(hooks: Hooks, display: Any, *, session: Session | None = None) -> list[RenderRequest]:
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
    request = hooks.request
    roots = own_roots(request.allow, load_profile(request.profile, request.overrides))
    for target in targets:
        target.open()
        with exclusive(target.path), disk_errors("saving the film with another hook"):
            media = beside_the_plan(plan, hooks.source.path, roots)
            lay(hooks.source, target, plans[target.path], media)
    return [replace(request, directory=target.path) for target in targets]


def explained(hooks: Hooks) -> list[tuple[RunFolder, list[StepForecast]]]:
    """What would be made anew; hooks not written yet are stood for by the film's own, drawn anew."""
    plan, request = load_plan(hooks.source.plan), hooks.request
    own = [Opening.of(plan.hook)] * len(hooks.targets) if plan.hook else []
    films = [plan]
    for opening in hooks.given or own:
        films.append(writing.with_opening(plan, opening, films))
    with Backends(load_profile(request.profile, request.overrides)) as backends:
        graphs = [graph_of(f, hooks.source.path, backends, request.allow) for f in films[1:]]
    return [(t, made_anew(t, graph)) for t, graph in zip(hooks.targets, graphs, strict=True)]


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
    display: Any,
    session: Session | None,
) -> Sequence[Opening]:
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
        there = [Opening.of(film.hook) for film in films if film.hook]

        def work() -> list[Opening]:
            return writing.written(
                plan, wanted, there, chat, lambda text: log.emit(events.Noted("hooks", text))
            )

        return session.perform(profile, "chat", log, work)
