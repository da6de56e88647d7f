"""The service manager: starts, watches and stops the servers of a profile, and nothing else.

Every server is a child in a session of its own, recorded on disk by pid *and* start time.
It is stopped by that identity, never by a name or a port. If the run is killed, its watchdog
ends what it had started; if even the watchdog is killed, the next service manager finds the
records and adopts or stops what is left.

Knows: commands, sessions, records, logs, health. Does not know: memory, stages, leases.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from renderers.errors import RendererError, Unavailable
from storyboard.core.files import state_directory
from storyboard.gpu import canary, control
from storyboard.gpu.cards import environment_of
from storyboard.gpu.peaks import Reported
from storyboard.gpu.services import program
from storyboard.gpu.services.controls import State
from storyboard.gpu.services.orphans import STOP_S, Orphans, look_for
from storyboard.gpu.services.process_records import ProcessRecord, ProcessWatchdog, RecordBook
from storyboard.gpu.services.processes import MARK, Ident, members, see_room_to_sleep, stop
from storyboard.profile import IN_PROCESS, Profile, ReleaseLevel, Service, in_process

_RESTARTS = 5
"""Starts in a row that may fail or die before a service is given up."""
_CALM_S = 600.0
"""A service that lived this long has its failures forgiven."""


@dataclass
class _Running:
    record: ProcessRecord
    process: subprocess.Popen[bytes] | None
    """Our own handle; None for a server that an earlier process started."""

    @property
    def state(self) -> State:
        return self.record.state

    @property
    def alive(self) -> bool:
        if self.process is not None:
            return self.process.poll() is None
        return self.record.ident.alive


class ServiceManager:
    """The servers of one profile; the broker's `Controls`.

    `detached` servers (`storyboard up`) outlive this process on purpose.
    """

    def __init__(
        self,
        profile: Profile,
        directory: Path | None = None,
        *,
        detached: bool = False,
        orphans: Orphans = "adopt",
        backoff_s: float = 0.5,
    ) -> None:
        self.profile, self._detached, self._backoff_s = profile, detached, backoff_s
        self._book = RecordBook(
            (directory or state_directory() / "services") / profile.instance_name
        )
        self._watchdog = ProcessWatchdog()
        self._card = environment_of(profile.gpu.device) if profile.services else {}
        self._external: dict[str, State] = {}
        self._failures: dict[str, list[float]] = {}
        self._locks = {name: threading.RLock() for name in profile.services}
        self._over = threading.Event()
        found = look_for(profile, self._book, orphans)
        self._others = {record.service: record for record in found.others}
        """Servers of this profile's names that were started with other commands."""
        self._running = {record.service: _Running(record, None) for record in found.running}
        for record in found.running:
            if record.owner is not None and record.owner == Ident.of(os.getpid()):
                self._watchdog.add(record.started)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop what this process answers for, for good. May be called twice."""
        # Threads that still work here must not bring back what is being stopped.
        self._over.set()
        me = Ident.of(os.getpid())
        for name, running in list(self._running.items()):
            record = self._book.read(name)
            if record is None or record.owner != me:
                # Another command left it up on purpose meanwhile.
                self._watchdog.drop(running.record.started)
            else:
                self._end(name)
        self._watchdog.close()

    # --- what the broker asks ---

    def state(self, service: str) -> State:
        running = self._running.get(service)
        if running is not None:
            return running.state if running.alive else "stopped"
        if self.profile.services[service].launch:
            return "stopped"
        if service not in self._external:
            self._external[service] = self._look(self.profile.services[service])
        return self._external[service]

    def variant(self, service: str) -> str:
        running = self._running.get(service)
        return running.record.variant if running else ""

    def owners(self) -> Mapping[str, frozenset[int]]:
        """Pids by service; none for a server that is not ours but holds memory for us."""
        started = {n: r.record.started for n, r in list(self._running.items()) if r.alive}
        pids = members(started.values())
        found = {name: pids[server] | {server.ident.pid} for name, server in started.items()}
        for name, service in self.profile.services.items():
            if not service.launch and self.state(name) != "stopped":
                ours = service.dialect == IN_PROCESS
                found[name] = frozenset({os.getpid()} if ours else ())
        return found

    def reported(self, service: str) -> Reported | None:
        """What the server measured of its own memory; None where it does not answer that."""
        record = self.profile.services[service]
        return control.reported(record) if record.health else None

    def start(self, service: str, variant: str = "") -> None:
        """Start and wait until it is healthy and answers its canary; nothing if it is up.

        Raises:
            Unavailable: not installed, exits, is not healthy in time, or not ours to start.
        """
        record = self.profile.services[service]
        with self._locks[service]:
            if self._over.is_set():
                raise Unavailable(f"{service} is not started any more: the run is over")
            if record.dialect == IN_PROCESS:
                # It loads when it is first asked.
                self._external[service] = "awake"
                return
            running = self._running.get(service)
            if running is not None and not running.alive:
                self._stop(service)
                running = None
            if not record.launch:
                self._external[service] = self._look(record)
                if self._external[service] == "stopped":
                    raise Unavailable(
                        f"{service} does not answer at {record.health}, and the profile says no "
                        "launch for it: start it yourself"
                    )
            elif running is None:
                self._launch(service, record, variant)
            try:
                self._await_health(service, record)
                if lacking := control.lacking(record):
                    raise Unavailable(f"{service} runs, and is not ready: {lacking}")
                canary.ask(record, record.start_timeout_s)
            except RendererError:
                if record.launch:
                    self._stop(service)
                raise
            self._set_state(service, "awake")
            if self._detached:
                self._leave_running(service)

    def wake(self, service: str) -> None:
        """Wake and ask the canary.

        Raises:
            Unavailable: no answer. BadOutput: a senseless one.
        """
        record = self.profile.services[service]
        with self._locks[service]:
            if record.dialect != IN_PROCESS:
                control.wake(record)
                canary.ask(record)
            self._set_state(service, "awake")

    def release(self, service: str, level: ReleaseLevel) -> None:
        """Have it give memory back.

        Raises:
            Unavailable: the server refuses, or does not stop.
        """
        record = self.profile.services[service]
        if level == "stop":
            self._end(service)
            return
        with self._locks[service]:
            if level == "sleep":
                see_room_to_sleep(service, record.ram_gib if record.sleep_level == 1 else 0.0)
            if record.dialect == IN_PROCESS:
                in_process.release(self.profile.instance_name, service)
            else:
                (control.sleep if level == "sleep" else control.unload)(record)
            self._set_state(service, "asleep")

    def tend(self) -> tuple[str, ...]:
        """Start again, with growing pauses, what died although nobody released it.

        Raises:
            Unavailable: it died too often; the message ends with its last words.
        """
        restarted: list[str] = []
        for name, running in list(self._running.items()):
            if running.alive:
                # Whoever starts it has its lock for as long as it loads.
                continue
            with self._locks[name]:
                if self._over.is_set() or running is not self._running.get(name) or running.alive:
                    continue
                if running.state == "asleep":
                    self._stop(name)
                    continue
                self._restart(name, running)
                restarted.append(name)
        return tuple(restarted)

    # --- what a person asks ---

    def records(self) -> Mapping[str, ProcessRecord]:
        """The servers that are recorded for this profile, by service."""
        return {**{name: r.record for name, r in self._running.items()}, **self._others}

    def is_other(self, service: str) -> bool:
        """Whether what runs by that name was started with another command."""
        return service in self._others

    def end(self, service: str) -> None:
        """Stop a recorded server, whatever command it was started with.

        Raises:
            Unavailable: it does not end.
        """
        if service in self._running:
            self._stop(service)
            return
        record = self._others[service]
        if not stop(record.started, STOP_S):
            raise Unavailable(f"{service} (pid {record.ident.pid}) does not stop")
        self._book.drop(record)
        self._others.pop(service)

    def log(self, service: str) -> Path:
        """Where a server's words go."""
        stated = self.profile.services[service].log
        return Path(stated).expanduser() if stated else self._book.directory / f"{service}.log"

    # --- steps ---

    def _launch(self, name: str, service: Service, variant: str) -> None:
        with self._book.locked(name):
            # Another command may have started it since this one looked.
            there = self._book.read(name)
            if there is None or not there.ident.alive:
                if there is not None:
                    # Killed in the middle of a start, or with children that outlived it.
                    stop(there.started, service.stop_timeout_s)
                self._begin(name, service, variant)
                return
            if there.launch != program.digest(service, there.variant):
                self._others[name] = there
                self._begin(name, service, variant)
                return
            self._running[name] = _Running(there, None)

    def _begin(self, name: str, service: Service, variant: str) -> None:
        if (other := self._others.get(name)) is not None and other.ident.alive:
            raise Unavailable(
                f"{name} is up already, started with another command by a run that goes on "
                f"(pid {other.owner.pid if other.owner else other.ident.pid}): wait for its end"
            )
        if control.healthy(service, timeout_s=0.5):
            raise Unavailable(
                f"something else answers at {service.root_url}, which {name} should serve: stop "
                "it, or change the port in the profile"
            )
        log = self.log(name)
        mark, launch = secrets.token_hex(8), program.digest(service, variant)
        owner = None if self._detached else Ident.of(os.getpid())
        # First, so that it can be found by its mark should this process be killed right now.
        self._book.write(ProcessRecord(name, Ident.unborn(), variant, launch, owner, mark=mark))
        process = program.begin(name, service, variant, {**self._card, MARK: mark}, log)
        ident = Ident.of(process.pid)
        if ident is None:
            process.wait()
            raise Unavailable(f"{name} ended at once: {program.last_words(log)}")
        record = ProcessRecord(name, ident, variant, launch, owner, mark=mark)
        if owner is not None:
            self._watchdog.add(record.started)
        self._book.write(record)
        self._running[name] = _Running(record, process)

    def _await_health(self, name: str, service: Service) -> None:
        deadline = time.monotonic() + service.start_timeout_s
        while not control.healthy(service):
            if self._over.is_set():
                raise Unavailable(f"{name} is not waited for any more: the run is over")
            running = self._running.get(name)
            if service.launch and not (running and running.alive):
                raise Unavailable(f"{name} ended: {program.last_words(self.log(name))}")
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"{name} was not healthy at {service.health} within "
                    f"{service.start_timeout_s:g} s: {program.last_words(self.log(name))}"
                )
            time.sleep(0.05)

    def _restart(self, name: str, running: _Running) -> None:
        now = time.monotonic()
        recent = [t for t in self._failures.get(name, []) if now - t < _CALM_S]
        if len(recent) >= _RESTARTS:
            log = self.log(name)
            raise Unavailable(f"{name} died {len(recent)} times: {program.last_words(log)}")
        self._failures[name] = [*recent, now]
        self._over.wait(min(60.0, self._backoff_s * 2 ** len(recent)) if recent else 0.0)
        variant = running.record.variant
        self._stop(name)
        try:
            self.start(name, variant)
        except RendererError:
            # It should still be awake: the next look tries again, after a longer pause.
            self._running.setdefault(name, running)
            raise

    def _end(self, name: str) -> None:
        # Whoever holds the lock may be waiting for the very server that ends now.
        held = self._locks[name].acquire(timeout=1.0)
        try:
            self._stop(name)
        finally:
            if held:
                self._locks[name].release()

    def _stop(self, name: str) -> None:
        running = self._running.get(name)
        if running is None:
            return
        record = running.record
        gone = stop(record.started, self.profile.services[name].stop_timeout_s)
        if running.process is not None and gone:
            running.process.wait(timeout=10)
        if not gone:
            raise Unavailable(f"{name} (pid {record.ident.pid}) does not stop")
        self._watchdog.drop(record.started)
        self._book.drop(record)
        self._running.pop(name, None)

    def _leave_running(self, name: str) -> None:
        """Whoever answered for it does so no more."""
        running = self._running.get(name)
        if running is not None and running.record.owner is not None:
            running.record = replace(running.record, owner=None)
            self._book.write(running.record)
            self._watchdog.drop(running.record.started)

    def _set_state(self, name: str, state: Literal["awake", "asleep"]) -> None:
        running = self._running.get(name)
        if running is not None:
            # On disk too: not every server can be asked, and the next run must know.
            running.record = replace(running.record, state=state)
            self._book.write(running.record)
        else:
            self._external[name] = state

    @staticmethod
    def _look(service: Service) -> State:
        if service.dialect == IN_PROCESS or not control.healthy(service):
            return "stopped"
        return "asleep" if control.asleep(service) else "awake"
