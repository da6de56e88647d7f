"""Steps on a Ray cluster, behind `concurrent.futures.Executor`.

A step is one Ray task. Files do not travel through Ray: every node sees the store under the
same path. Each attempt at a step writes to a folder of its own, and the driver takes over the
one whose result Ray delivers; so a node that dies, or is thought dead and goes on writing,
leaves nothing in a film. A worker keeps its backends from task to task.

Knows: Ray, attempts. Does not know: the order of steps, the store's keys, what a step makes.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any, ClassVar, TypeVar, cast

# Read when Ray is imported: a task without a GPU keeps the devices that it sees (Ray's default
# to be), nothing is reported to Ray's makers.
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray
from ray.exceptions import RayError

from storyboard import __version__
from storyboard.core.errors import StoryboardError, UsageError
from storyboard.graph.contract import with_files
from storyboard.graph.work import Finished, SentStep, WorkContext, prepare_worker
from storyboard.profile import Profile
from storyboard.profile.placement import Placement, Resources

T = TypeVar("T")
_START = "ray start --head --disable-usage-stats --include-dashboard=false"


@dataclass(frozen=True, slots=True)
class _Call:
    """What travels to a node."""

    version: str
    profile: Profile
    work: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class _Return:
    """What comes back: a result or an error, and where the attempt's files lie."""

    value: Any = None
    error: Exception | None = None
    folder: Path | None = None


@contextmanager
def ray_cluster(profile: Profile) -> Generator[RayExecutor]:
    """The cluster of the profile's `[executor]`, for as long as the block lasts.

    Raises:
        UsageError: no cluster answers, or none of its nodes has what a stage needs.
    """
    with _Connection.to(profile.executor.address):
        _can_serve(profile.executor)
        executor = RayExecutor(profile)
        try:
            yield executor
        except BaseException:
            executor.terminate()
            raise
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


class RayExecutor(Executor):
    """Runs calls on the connected cluster. A `SentStep` gets the resources of its step's stage, and
    its outputs are written to the attempt's own folder first."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._closed = False
        self._lock = threading.Lock()
        self._flying: dict[Future[Any], Any] = {}
        """Future → Ray's reference to the task."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        call = _Call(__version__, self._profile, partial(fn, *args, **kwargs))
        placement, needs, name, context = self._profile.executor, Resources(), "", None
        if isinstance(fn, SentStep):
            call, context = replace(call, work=fn), fn.context
            needs, name = placement.needs(fn.step.stage), fn.step.name
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("cannot schedule new futures after shutdown")
            try:
                reference = _send(call, needs, placement.retries, name)
            except RayError as error:
                future.set_exception(_lost(error))
                return future
            self._flying[future] = reference
        reference.future().add_done_callback(partial(self._land, future, context))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        with self._lock:
            self._closed = True
            flying = list(self._flying)
        if cancel_futures:
            for future in flying:
                future.cancel()
            self._cancel(force=False)
        if wait:
            _wait_for(flying)

    def terminate(self) -> None:
        """Stop steps in their middle: on Ctrl-C nobody wants to wait for a clip."""
        with self._lock:
            for future in self._flying:
                future.cancel()
        self._cancel(force=True)

    def _cancel(self, *, force: bool) -> None:
        with self._lock:
            left = [reference for future, reference in self._flying.items() if future.cancelled()]
        for reference in left:
            ray.cancel(reference, force=force)

    def _land(
        self, future: Future[Any], context: WorkContext | None, landed: Future[_Return]
    ) -> None:
        with self._lock:
            self._flying.pop(future, None)
        if not future.set_running_or_notify_cancel():
            return
        try:
            returned = landed.result()
            if returned.error is not None:
                raise returned.error
            if context is not None and returned.folder is not None:
                _take_over(context, returned)
            future.set_result(returned.value)
        except RayError as error:
            future.set_exception(_lost(error))
        except Exception as error:  # noqa: BLE001 - the border of the task
            future.set_exception(error)


def _send(call: _Call, needs: Resources, retries: int, name: str) -> Any:
    """Start the task; it is begun again where a node or a worker dies, not where it raises."""
    task: Any = ray.remote(_attempt)
    return task.options(
        num_cpus=needs.cpus,
        num_gpus=needs.gpus,
        memory=round(needs.memory_gib * 2**30) or None,
        max_retries=retries,
        retry_exceptions=False,
        name=name or None,
    ).remote(call)


# --- on a node ---------------------------------------------------------------


class _Prepared:
    """The profile whose backends this worker process has."""

    profile: ClassVar[Profile | None] = None


def _attempt(call: _Call) -> _Return:
    node = str(ray.get_runtime_context().get_node_id())
    folder: Path | None = None
    try:
        if call.version != __version__:
            raise UsageError(
                f"Ray's node {node[:8]} has storyboard {__version__}, this machine "
                f"{call.version}: install the same version on every node"
            )
        if call.profile != _Prepared.profile:
            prepare_worker(call.profile)
            _Prepared.profile = call.profile
        work = call.work
        if isinstance(work, SentStep):
            context = work.context
            folder = _task_folder(context, node)
            own = with_files(context.outputs, partial(_moved, folder))
            work = replace(work, context=replace(context, outputs=own))
        return _Return(work(), folder=folder)
    except Exception as error:  # noqa: BLE001 - the border of the process: told as it is
        return _Return(error=error)


def _moved(folder: Path, label: str, path: Path) -> Path:
    return folder / path.name


def _task_folder(context: WorkContext, node: str) -> Path:
    shared = _folder(context)
    if not shared.is_dir():
        raise StoryboardError(
            f"Ray's node {node[:8]} does not see {shared}: keep the runs on a path that every "
            "node shares under the same name"
        )
    own = shared / f"{node[:8]}-{token_hex(6)}"
    own.mkdir()
    return own


# --- on the driver -----------------------------------------------------------


def _folder(context: WorkContext) -> Path:
    """Where a step's files are awaited; they all lie in one folder."""
    return next(iter(context.targets.values())).parent


def _take_over(context: WorkContext, returned: _Return) -> None:
    """Move an attempt's files to where the step's are awaited."""
    assert returned.folder is not None
    others = [p for p in _folder(context).iterdir() if p.is_dir() and p != returned.folder]
    for target in context.targets.values():
        made = returned.folder / target.name
        if made.is_file():
            made.replace(target)
    if others and isinstance(returned.value, Finished):
        times = "once" if len(others) == 1 else f"{len(others)} times"
        returned.value.warnings.append(
            f"its node or worker was lost {times}; made again on node {returned.folder.name[:8]}"
        )


def _lost(error: RayError) -> StoryboardError:
    reason = str(error).strip().partition("\n")[0]
    lost = StoryboardError(
        f"the Ray cluster could not do it ({type(error).__name__}: {reason}); "
        "what is made is kept: run the same command again"
    )
    lost.__cause__ = error
    return lost


def _wait_for(futures: list[Future[Any]]) -> None:
    wait([future for future in futures if not future.cancelled()])


class _Connection:
    """One connection of this process, shared by all that hold it."""

    _lock: ClassVar[threading.Lock] = threading.Lock()
    _holders: ClassVar[int] = 0

    @classmethod
    @contextmanager
    def to(cls, address: str) -> Generator[None]:
        with cls._lock:
            # Whoever embeds this may have connected before; then it is not ours to close.
            if not cls._holders and not ray.is_initialized():
                _connect(address)
                cls._holders = 1
            elif cls._holders:
                cls._holders += 1
            held = cls._holders > 0
        try:
            yield
        finally:
            with cls._lock:
                cls._holders -= held
                if held and not cls._holders:
                    ray.shutdown()


def _connect(address: str) -> None:
    try:
        if address:
            # Ray asks for minutes before it gives up.
            host, _, port = address.rpartition(":")
            socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()
        ray.init(address or "auto", log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, RuntimeError, ValueError) as error:
        where = f"at {address}" if address else "on this machine"
        raise UsageError(
            f"executor.address: no Ray cluster answers {where} ({error}). Start one with "
            f"{_START}, or join one with ray start --address=HOST:PORT"
        ) from None


def _can_serve(placement: Placement) -> None:
    """A step that no node can ever take would wait without a word."""
    known = cast(list[dict[str, Any]], ray.nodes())
    nodes: list[dict[str, float]] = [node["Resources"] for node in known if node["Alive"]]
    for stage, needs in placement.stages.items():
        asked = {"CPU": needs.cpus, "GPU": needs.gpus, "memory": needs.memory_gib * 2**30}
        if not any(all(n.get(k, 0.0) >= v for k, v in asked.items()) for n in nodes):
            best = {kind: max((n.get(kind, 0.0) for n in nodes), default=0.0) for kind in asked}
            raise UsageError(
                f"executor.stages.{stage}: no node of the Ray cluster has {needs.cpus:g} CPUs, "
                f"{needs.gpus:g} GPUs and {needs.memory_gib:g} GiB at once; the most that one "
                f"has is {best['CPU']:g}, {best['GPU']:g} and {best['memory'] / 2**30:.1f} GiB"
            )
