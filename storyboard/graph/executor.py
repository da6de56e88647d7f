"""The executor of a profile: worker processes of this machine, or a Ray cluster.

Knows: which one is asked for. Does not know: how either of them works.
"""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import Executor
from contextlib import contextmanager

from storyboard.core.errors import UsageError
from storyboard.graph.steps import Step
from storyboard.graph.workers import worker_pool
from storyboard.profile import Profile
from storyboard.profile.placement import Placement

_ASKS_A_LANGUAGE_MODEL = frozenset({"chat", "judge", "review"})
"""Sections whose calls are counted against the run's caps, in one process: the driver's."""


def may_leave(placement: Placement, step: Step) -> bool:
    """Whether the step may be done in another process than the driver's."""
    if step.parallel or placement.kind == "local":
        return step.parallel
    lent = bool(placement.needs(step.stage).gpus)
    return lent and not _ASKS_A_LANGUAGE_MODEL & set(step.uses.split())


@contextmanager
def open_executor(profile: Profile, jobs: int) -> Generator[Executor | None]:
    """Where steps go that may leave this process; None: they do not.

    `jobs` counts processes of this machine, this one among them; a cluster has its own books.

    Raises:
        UsageError: Ray is not installed, or no cluster answers, or none of its nodes has what
            a stage needs.
    """
    if profile.executor.kind == "local":
        with worker_pool(profile, jobs) as pool:
            yield pool
        return
    try:
        # 284 MB that only a cluster needs.
        from storyboard.graph.ray_executor import ray_cluster
    except ModuleNotFoundError as error:
        if error.name != "ray":
            raise
        raise UsageError(
            'executor.kind: "ray" needs Ray: pip install "storyboard[ray]", on every node'
        ) from None
    with ray_cluster(profile) as cluster:
        yield cluster
