"""The service manager, with real small child processes: started, watched, ended, never orphaned."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
from fake_servers import serving
from ports import free_port
from simulated_card import SimulatedCard
from waiting import soon

from renderers.errors import BadOutput, Unavailable
from storyboard.gpu.broker import Broker, EvictionTerms
from storyboard.gpu.events import CardEvent, NotEvicted
from storyboard.gpu.services import operations
from storyboard.gpu.services.manager import ServiceManager
from storyboard.gpu.services.processes import Ident, StartedServer, members, stop
from storyboard.profile import Profile, load_profile

FAKE = Path(__file__).parents[1] / "fakes" / "fake_servers.py"


def said(name: str, what: str) -> None:
    """Who hears what became of a server, where nothing is to be heard."""
    raise AssertionError(f"{name}: {what}")


def write_profile(folder: Path, *arguments: str, dialect: str = "vllm") -> Path:
    """A profile whose planner is a fake server."""
    port = free_port()
    launch = ["python", str(FAKE), dialect, str(port), *arguments]
    path = folder / "small.toml"
    path.write_text(
        f"""
extends = "embedded"
[chat]
backend = "openai"
base_url = "http://127.0.0.1:{port}/v1"
model = "tiny"
service = "planner"
[judge]
backend = "none"
[gpu]
budget_gib = 48
[services.planner]
launch = {launch!r}
env = {{ VLLM_SERVER_DEV_MODE = "1" }}
health = "http://127.0.0.1:{port}/health"
model = "tiny"
idle_gib = 20
peak_gib = 21
serves = ["plan"]
release = ["sleep", "stop"]
dialect = "{dialect}"
canary = "chat"
start_timeout_s = 20
stop_timeout_s = 5
""",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return load_profile(str(write_profile(tmp_path)))


def session_members(leader: int) -> frozenset[int]:
    server = StartedServer(Ident.of(leader) or Ident(leader, 0, ""))
    return members([server])[server]


def pid_of(manager: ServiceManager) -> int:
    pid = operations.status(manager)[0].pid
    assert pid is not None
    return pid


def test_one_that_loads_is_stopped_without_waiting_for_it(profile: Profile, tmp_path: Path) -> None:
    sleeper = ["python", "-c", "import time; time.sleep(60)"]
    planner = profile.services["planner"].model_copy(update={"launch": sleeper})
    never_up = profile.model_copy(update={"services": {"planner": planner}})
    told: list[str] = []
    with ServiceManager(never_up, tmp_path / "state") as manager:

        def load() -> None:
            try:
                manager.start("planner")
            except Unavailable as error:
                told.append(str(error))

        loading = threading.Thread(target=load)
        loading.start()
        soon(lambda: manager.owners())
        pid = pid_of(manager)
        manager.tend()
        manager.release("planner", "stop")
        loading.join(10)
        assert not loading.is_alive() and told and "ended" in told[0]
        assert manager.state("planner") == "stopped" and Ident.of(pid) is None


def test_a_server_starts_sleeps_wakes_and_stops(profile: Profile, tmp_path: Path) -> None:
    with ServiceManager(profile, tmp_path / "state") as manager:
        assert manager.state("planner") == "stopped"
        manager.start("planner")
        assert manager.state("planner") == "awake"
        assert pid_of(manager) in manager.owners()["planner"]
        manager.release("planner", "sleep")
        assert manager.state("planner") == "asleep"
        manager.wake("planner")
        assert manager.state("planner") == "awake"
        pid = pid_of(manager)
        manager.release("planner", "stop")
        assert manager.state("planner") == "stopped"
        assert Ident.of(pid) is None


def test_closing_ends_the_server_with_its_workers(tmp_path: Path) -> None:
    profile = load_profile(str(write_profile(tmp_path, "--with-child")))
    with ServiceManager(profile, tmp_path / "state") as manager:
        manager.start("planner")
        leader = pid_of(manager)
        assert len(session_members(leader)) == 2
    assert session_members(leader) == frozenset()
    assert list((tmp_path / "state" / "small").glob("*.json")) == []


def test_once_closed_nothing_is_brought_back(profile: Profile, tmp_path: Path) -> None:
    """A thread that still works when a run is interrupted finds its server dead."""
    with ServiceManager(profile, tmp_path / "state") as manager:
        manager.start("planner")
        pid = pid_of(manager)
    assert manager.tend() == ()
    with pytest.raises(Unavailable, match="the run is over"):
        manager.start("planner")
    assert Ident.of(pid) is None
    assert list((tmp_path / "state" / "small").glob("*.json")) == []


def test_a_server_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    profile = load_profile(str(write_profile(tmp_path, "--die-at-once")))
    with (
        ServiceManager(profile, tmp_path / "state") as manager,
        pytest.raises(Unavailable, match=r"CUDA driver is too old.*planner\.log"),
    ):
        manager.start("planner")


def test_a_command_that_is_not_installed_is_told_with_the_fix(tmp_path: Path) -> None:
    path = str(write_profile(tmp_path))
    profile = load_profile(path, ['services.planner.launch=["no-such-server-9"]'])
    with (
        ServiceManager(profile, tmp_path / "state") as manager,
        pytest.raises(Unavailable, match=r"no-such-server-9.*services\.planner\.launch"),
    ):
        manager.start("planner")


def test_a_stranger_on_the_port_is_neither_used_nor_killed(tmp_path: Path) -> None:
    profile = load_profile(str(write_profile(tmp_path)))
    service = profile.services["planner"]
    stranger = subprocess.Popen([sys.executable, *service.launch[1:]])
    try:
        with ServiceManager(profile, tmp_path / "state") as manager:
            soon(lambda: operations.status(manager)[0].healthy)
            with pytest.raises(Unavailable, match="something else answers"):
                manager.start("planner")
            assert operations.down(manager, said) == ([], [])
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_failed_canary_after_waking_is_bad_output(tmp_path: Path) -> None:
    profile = load_profile(str(write_profile(tmp_path, "--nonsense-after-wake")))
    with ServiceManager(profile, tmp_path / "state") as manager:
        manager.start("planner")
        manager.release("planner", "sleep")
        with pytest.raises(BadOutput):
            manager.wake("planner")


def test_a_killed_server_is_restarted_until_it_dies_too_often(
    profile: Profile, tmp_path: Path
) -> None:
    with ServiceManager(profile, tmp_path / "state", backoff_s=0.01) as manager:
        manager.start("planner")
        for _ in range(5):
            before = pid_of(manager)
            os.kill(before, signal.SIGKILL)
            soon(lambda: manager.state("planner") == "stopped")
            assert manager.tend() == ("planner",)
            assert manager.state("planner") == "awake"
            assert pid_of(manager) != before
        os.kill(pid_of(manager), signal.SIGKILL)
        soon(lambda: manager.state("planner") == "stopped")
        with pytest.raises(Unavailable, match="died 5 times"):
            manager.tend()


def test_a_lease_brings_a_killed_server_back(profile: Profile, tmp_path: Path) -> None:
    card = SimulatedCard(48.0)
    with ServiceManager(profile, tmp_path / "state", backoff_s=0.01) as manager:
        broker = Broker(profile, card, manager, terms=EvictionTerms(sample_every_s=0.05))
        with broker.lease("plan"):
            first = pid_of(manager)
            os.kill(first, signal.SIGKILL)
            soon(lambda: operations.status(manager)[0].healthy and pid_of(manager) != first)
        assert manager.state("planner") == "asleep"


RUN = """
import sys, time
from pathlib import Path
from storyboard.profile import load_profile
from storyboard.gpu.services import operations
from storyboard.gpu.services.manager import ServiceManager
manager = ServiceManager(load_profile(sys.argv[1]), Path(sys.argv[2]))
manager.start("planner")
print(operations.status(manager)[0].pid, flush=True)
time.sleep(60)
"""


def start_run(profile_path: Path, state: Path) -> tuple[subprocess.Popen[str], int]:
    """A run in a process of its own, and the pid of the server that it started."""
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, str(profile_path), str(state)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    return run, int(run.stdout.readline())


def end(run: subprocess.Popen[str]) -> None:
    run.kill()
    run.wait()
    assert run.stdout is not None
    run.stdout.close()


def test_a_killed_run_leaves_no_server_behind(tmp_path: Path) -> None:
    path = write_profile(tmp_path, "--with-child")
    run, server = start_run(path, tmp_path / "state")
    assert len(session_members(server)) == 2
    end(run)
    soon(lambda: not session_members(server))
    # And the same command goes on as if nothing had been.
    with ServiceManager(load_profile(str(path)), tmp_path / "state") as manager:
        assert manager.state("planner") == "stopped"
        manager.start("planner")


def watchdog_of(run_pid: int) -> int:
    children = Path(f"/proc/{run_pid}/task/{run_pid}/children").read_text().split()
    command = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in map(int, children)}
    return next(
        pid for pid, line in command.items() if b"storyboard.gpu.services.process_watchdog" in line
    )


@pytest.mark.parametrize("policy", ["adopt", "stop"])
def test_if_even_the_watchdog_is_killed_the_next_run_finds_the_server(
    tmp_path: Path, policy: str
) -> None:
    path = write_profile(tmp_path)
    run, server = start_run(path, tmp_path / "state")
    os.kill(watchdog_of(run.pid), signal.SIGKILL)
    end(run)
    ident = Ident.of(server)
    assert ident is not None
    adopt = policy == "adopt"
    with ServiceManager(
        load_profile(str(path)), tmp_path / "state", orphans="adopt" if adopt else "stop"
    ) as manager:
        assert manager.state("planner") == ("awake" if adopt else "stopped")
        assert ident.alive is adopt
        manager.start("planner")
        assert (pid_of(manager) == server) is adopt
    assert not ident.alive


def test_an_orphan_of_another_command_line_is_stopped_not_adopted(tmp_path: Path) -> None:
    path = write_profile(tmp_path)
    run, server = start_run(path, tmp_path / "state")
    os.kill(watchdog_of(run.pid), signal.SIGKILL)
    end(run)
    write_profile(tmp_path, "--with-child")
    with ServiceManager(load_profile(str(path)), tmp_path / "state") as manager:
        assert manager.state("planner") == "stopped"
    assert Ident.of(server) is None


def test_a_reused_pid_is_not_touched(tmp_path: Path) -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        now = Ident.of(bystander.pid)
        assert now is not None
        before = Ident(now.pid, now.ticks - 1, now.boot)
        assert not before.alive
        assert stop(StartedServer(before), 0.1)
        assert bystander.poll() is None
    finally:
        bystander.communicate(b"\n")


def test_servers_left_up_on_purpose_outlive_the_command(profile: Profile, tmp_path: Path) -> None:
    with ServiceManager(profile, tmp_path / "state", detached=True) as first:
        assert operations.up(first, ["planner"], lambda name, what: None) == []
        server = pid_of(first)
        process = first._running["planner"].process
    with ServiceManager(profile, tmp_path / "state") as second:
        assert second.state("planner") == "awake"
        assert pid_of(second) == server
        second.release("planner", "sleep")
    assert process is not None
    assert process.poll() is None
    with ServiceManager(profile, tmp_path / "state") as third:
        assert third.state("planner") == "asleep"
        assert operations.down(third, said) == (["planner"], [])
    process.wait(timeout=60)


UP = """
import sys, time
from pathlib import Path
from storyboard.profile import load_profile
from storyboard.gpu.services import operations
from storyboard.gpu.services.manager import ServiceManager
profile = load_profile(sys.argv[1])
with ServiceManager(profile, Path(sys.argv[2]), detached=True) as manager:
    print("here", flush=True)
    sys.stdin.readline()
    sys.exit(len(operations.up(manager, ["planner"], lambda name, what: None)))
"""


def pair_of_ups(path: Path, state: Path) -> list[int]:
    """Two `up` that both saw nothing running, at the same moment; how each ended."""
    both = [
        subprocess.Popen(
            [sys.executable, "-c", UP, str(path), str(state)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("now\n")
        process.stdin.flush()
    for process in both:
        process.communicate()
    return [process.returncode for process in both]


def servers_of(path: Path) -> set[int]:
    """Pids of all fakes that serve at the profile's port, whoever's they are."""
    port = load_profile(str(path)).services["planner"].launch[3]
    found: set[int] = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if str(FAKE) in words and port in words and Ident.of(int(entry.name)):
            found.add(int(entry.name))
    return found


@pytest.mark.parametrize("pairs", [2, pytest.param(12, marks=pytest.mark.slow)])
def test_two_ups_at_once_start_one_server_and_lose_none(tmp_path: Path, pairs: int) -> None:
    path = write_profile(tmp_path)
    for _ in range(pairs):
        assert pair_of_ups(path, tmp_path / "state") == [0, 0]
        assert len(servers_of(path)) == 1
        with ServiceManager(load_profile(str(path)), tmp_path / "state", orphans="leave") as third:
            assert servers_of(path) == {pid_of(third)}
            assert operations.down(third, said) == (["planner"], [])
        assert servers_of(path) == set()


def test_a_child_that_left_the_session_is_ended_with_its_server(tmp_path: Path) -> None:
    path = write_profile(tmp_path, "--with-daemon")
    profile = load_profile(str(path), ["services.planner.stop_timeout_s=0.5"])
    with ServiceManager(profile, tmp_path / "state") as manager:
        manager.start("planner")
        leader = pid_of(manager)
        soon(lambda: len(servers_of(path)) == 2)
        daemon = next(pid for pid in servers_of(path) if pid != leader)
        assert os.getsid(daemon) != leader
        # What it holds of the card is the server's.
        assert manager.owners()["planner"] == {leader, daemon}
    assert servers_of(path) == set()


def test_a_killed_run_leaves_no_child_of_a_server_behind(tmp_path: Path) -> None:
    path = write_profile(tmp_path, "--with-daemon")
    run, _ = start_run(path, tmp_path / "state")
    soon(lambda: len(servers_of(path)) == 2)
    end(run)
    soon(lambda: not servers_of(path))


def test_a_server_whose_starter_was_killed_before_it_was_recorded_is_found(
    profile: Profile, tmp_path: Path
) -> None:
    record = tmp_path / "state/small/planner.json"
    with ServiceManager(profile, tmp_path / "state", detached=True) as first:
        assert operations.up(first, ["planner"], lambda name, what: None) == []
        process = first._running["planner"].process
    # As it is on the disk between the two writes of a start.
    told = json.loads(record.read_text())
    record.write_text(json.dumps({**told, "ident": {**told["ident"], "pid": -1, "ticks": 0}}))
    with ServiceManager(profile, tmp_path / "state", orphans="leave"):
        pass
    assert process is not None
    assert process.wait(timeout=60) is not None
    assert not record.exists()


def test_what_is_brought_up_while_a_run_works_with_it_outlives_the_run(
    profile: Profile, tmp_path: Path
) -> None:
    with ServiceManager(profile, tmp_path / "state") as run:
        run.start("planner")
        with ServiceManager(profile, tmp_path / "state", detached=True) as other:
            assert operations.up(other, ["planner"], lambda name, what: None) == []
            server = pid_of(other)
        process = run._running["planner"].process
    assert Ident.of(server) is not None
    with ServiceManager(profile, tmp_path / "state") as third:
        assert operations.down(third, said) == (["planner"], [])
    assert process is not None
    process.wait(timeout=60)


def test_up_says_what_a_server_that_runs_still_lacks(tmp_path: Path) -> None:
    path = write_profile(tmp_path, "--lacking", "no weights in ~/models/ltx: storyboard setup")
    heard = list[str]()
    with ServiceManager(load_profile(str(path)), tmp_path / "state", detached=True) as manager:
        failed = operations.up(manager, ["planner"], lambda name, what: heard.append(what))
    assert failed == ["planner"]
    assert heard[-1] == (
        "planner runs, and is not ready: no weights in ~/models/ltx: storyboard setup"
    )
    assert servers_of(path) == set(), "what cannot work is not left holding memory"


def test_looking_at_a_server_of_another_command_does_not_end_it(tmp_path: Path) -> None:
    path = write_profile(tmp_path)
    with ServiceManager(load_profile(str(path)), tmp_path / "state", detached=True) as first:
        assert operations.up(first, ["planner"], lambda name, what: None) == []
        process = first._running["planner"].process
    # What `storyboard status` sees after an edit of the profile.
    edited = path.read_text().replace("launch = ['python', ", "launch = ['python', '-O', ")
    path.write_text(edited)
    assert process is not None
    with ServiceManager(load_profile(str(path)), tmp_path / "state", orphans="leave") as second:
        seen = operations.status(second)[0]
        assert (seen.other, seen.pid, seen.healthy) == (True, process.pid, True)
        assert process.poll() is None
        assert operations.down(second, said) == (["planner"], [])
    process.wait(timeout=60)


def test_what_a_run_works_with_is_ended_by_nobody_else(tmp_path: Path) -> None:
    path, heard = write_profile(tmp_path), list[str]()
    run, server = start_run(path, tmp_path / "state")
    ident = Ident.of(server)
    assert ident is not None
    try:
        with ServiceManager(load_profile(str(path)), tmp_path / "state", orphans="leave") as looker:
            assert operations.down(looker, lambda name, what: heard.append(what)) == (
                [],
                ["planner"],
            )
        assert f"pid {run.pid}" in heard[0]
        # Nor by the next run, though its command is another.
        path.write_text(
            path.read_text().replace("launch = ['python', ", "launch = ['python', '-O', ")
        )
        with (
            ServiceManager(load_profile(str(path)), tmp_path / "state") as other,
            pytest.raises(Unavailable, match=rf"another command by a run .*pid {run.pid}"),
        ):
            other.start("planner")
        assert ident.alive
    finally:
        end(run)
    soon(lambda: not ident.alive)


def test_a_server_that_cannot_be_asked_is_remembered_to_sleep(tmp_path: Path) -> None:
    path = write_profile(tmp_path, dialect="sglang")
    with ServiceManager(load_profile(str(path)), tmp_path / "state", detached=True) as first:
        assert operations.up(first, ["planner"], lambda name, what: None) == []
        process = first._running["planner"].process
        first.release("planner", "sleep")
    with ServiceManager(load_profile(str(path)), tmp_path / "state") as second:
        assert second.state("planner") == "asleep"
        second.wake("planner")
    with ServiceManager(load_profile(str(path)), tmp_path / "state") as third:
        assert third.state("planner") == "awake"
        assert operations.down(third, said) == (["planner"], [])
    assert process is not None
    process.wait(timeout=60)


def test_a_server_that_is_not_ours_is_unloaded_but_never_stopped(tmp_path: Path) -> None:
    with serving("ollama") as fake:
        path = write_profile(tmp_path, dialect="ollama")
        profile = load_profile(
            str(path),
            [
                "services.planner.launch=[]",
                f"services.planner.health={fake.url}/api/version",
                'services.planner.release=["unload"]',
            ],
        )
        with ServiceManager(profile, tmp_path / "state") as manager:
            broker = Broker(
                profile, SimulatedCard(48.0), manager, terms=EvictionTerms(sample_every_s=0)
            )
            with broker.lease("plan"):
                assert fake.loaded
            assert manager.state("planner") == "asleep"
            assert not fake.loaded
            assert operations.down(manager, said) == ([], [])
        assert httpx.get(f"{fake.url}/api/version").is_success


COMMANDS = """
import typer
from storyboard.cli.services import down, status, up
app = typer.Typer()
for command in (up, down, status):
    app.command()(command)
app()
"""


def test_up_status_and_down_as_a_user_types_them(tmp_path: Path) -> None:
    path = write_profile(tmp_path)

    def storyboard(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", COMMANDS, *arguments, "--profile", str(path)],
            env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert "planner: up" in storyboard("up").stdout
    row = json.loads(storyboard("status", "--json").stdout)[0]
    assert (row["name"], row["state"], row["healthy"]) == ("planner", "awake", True)
    assert Ident.of(row["pid"]) is not None
    assert "planner: up" in storyboard("up").stdout
    assert "Stopped planner." in storyboard("down").stdout
    assert Ident.of(row["pid"]) is None
    assert "Nothing of ours is running." in storyboard("down").stdout
    unknown = storyboard("up", "plannr")
    assert unknown.returncode == 2
    assert "'plannr' is not a service of small: planner" in unknown.stderr


def test_a_server_that_the_host_has_no_memory_for_is_stopped_and_not_slept(
    tmp_path: Path,
) -> None:
    profile = load_profile(str(write_profile(tmp_path)), ["services.planner.ram_gib=4096"])
    said: list[CardEvent] = []
    with ServiceManager(profile, tmp_path / "state") as manager:
        broker = Broker(
            profile,
            SimulatedCard(48.0),
            manager,
            terms=EvictionTerms(sample_every_s=0),
            emit=said.append,
        )
        with broker.lease("plan"):
            assert manager.state("planner") == "awake"
        assert manager.state("planner") == "stopped"
    (failed,) = (event for event in said if isinstance(event, NotEvicted))
    assert failed.error.startswith("planner takes 4096 GiB of host memory to sleep, and ")


def test_the_whole_way_from_lease_to_sleeping_server(profile: Profile, tmp_path: Path) -> None:
    card = SimulatedCard(48.0)
    asked: list[str] = []
    with ServiceManager(profile, tmp_path / "state") as manager:
        broker = Broker(
            profile,
            card,
            manager,
            terms=EvictionTerms(sample_every_s=0.0, lock=tmp_path / "card.lock"),
            emit=lambda event: asked.append(event.kind.removeprefix("vram.")),
        )
        for _ in range(2):
            with broker.lease("plan") as lease:
                assert lease.services == ("planner",)
        address = profile.services["planner"].root_url
        calls = httpx.get(f"{address}/calls").json()
    assert [c.split(" ")[0] for c in calls] == [
        "/v1/chat/completions",
        "/sleep?level=1",
        "/wake_up",
        "/v1/chat/completions",
        "/sleep?level=1",
    ]
    assert asked.count("granted") == 2
