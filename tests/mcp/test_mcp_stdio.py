"""An agent's whole way, with the protocol's official client: over stdin and stdout, from an idea to
a film that is edited, redone, looked at, capped and stopped."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp")

from mcp import Client
from mcp.client.stdio import StdioServerParameters
from tiny_films import TONES, made, tiny_plan, tiny_run, tones

from storyboard.plan import load_plan

FAKES = Path(__file__).parents[1] / "fakes"
TINY = {"aspect": "9:16", "width": 160, "height": 288, "fps": 12}
IDEA = "A cat that pays rent"


@asynccontextmanager
async def agent(runs: Path, *options: str, profile: Path | str = TONES) -> AsyncIterator[Client]:
    """A client, and a server of its own for the films in `runs`."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "storyboard", "mcp", "--runs", str(runs), "--profile", str(profile), *options],
        env={**os.environ, "PYTHONPATH": str(FAKES), "STORYBOARD_OFFLINE": "1"},
        cwd=runs.parent,
    )
    async with Client(server) as client:
        yield client


async def told(client: Client, tool: str, /, **arguments: Any) -> dict[str, Any]:
    """What a tool answers, which is no error."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


async def refused(client: Client, tool: str, /, **arguments: Any) -> tuple[str, int]:
    """The paragraph of an error, and its exit code."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, result.content
    assert result.structured_content is not None, result.content
    error, code = result.structured_content["error"], result.structured_content["exit_code"]
    assert result.content[0].text == f"{error}\n(exit code {code})"
    return error, code


def go(scenario: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(180):
            await scenario()

    asyncio.run(bounded())


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one finished film, `film`."""
    folder = tmp_path_factory.mktemp("agent") / "runs"
    made(tones(tiny_run(folder / "film", tiny_plan("A dog that votes"))))
    return folder


@pytest.mark.parametrize("profile", [TONES, pytest.param("embedded", marks=pytest.mark.slow)])
def test_an_idea_becomes_a_film_that_is_edited_and_redone(
    tmp_path: Path, profile: Path | str
) -> None:
    runs = tmp_path / "runs"

    async def scenario() -> None:
        async with agent(runs, profile=profile) as client:
            assert client.instructions and "create_film" in client.instructions
            new = await told(client, "create_film", idea=IDEA)
            film, plan = new["film"], new["plan"]
            assert new["cost"]["steps"] > 10 and "to make" in new["cost"]["told"]
            assert not (runs / film / "images").exists(), "a plan is no film yet"

            shorter: list[dict[str, Any]] = [
                {"op": "remove", "path": f"/beats/{beat['index']}"} for beat in plan["beats"][2:]
            ]
            shorter.append({"op": "replace", "path": "/canvas", "value": TINY})
            shown = await told(client, "edit_plan", film=film, patch=shorter)
            assert shown["applied"] is False and "apply=true" in shown["next"]
            assert len(load_plan(runs / film / "plan.json").beats) == len(plan["beats"])
            await told(client, "edit_plan", film=film, patch=shorter, apply=True)
            assert len(load_plan(runs / film / "plan.json").beats) == 2

            seen: list[tuple[float, float | None]] = []

            async def progress(done: float, total: float | None, message: str | None) -> None:
                seen.append((done, total))

            result = await client.call_tool("render", {"film": film}, progress_callback=progress)
            assert not result.is_error, result.content
            assert Path(result.structured_content["file"]).is_file()
            assert seen and seen[-1][1] and seen == sorted(seen, key=lambda each: each[0])
            assert (await told(client, "explain", film=film))["cost"]["steps"] == 0

            line = [{"op": "replace", "path": "/beats/1/line", "value": "The rent is due."}]
            edit = await told(client, "edit_plan", film=film, patch=line, apply=True)
            assert edit["redoes_beats"] == ["1"]
            assert [c["after"] for c in edit["changes"]] == ["The rent is due."]
            again = await told(client, "render", film=film, review="none")
            assert {s for s in again["made_steps"] if "02" in s and "images" in s} == set()
            srt = await client.read_resource(f"storyboard://films/{film}/transcript")
            assert "rent is due" in srt.contents[0].text

            exported = await told(client, "export", film=film)
            captions = await told(client, "export", film=film, to=["srt", "vtt"])
            assert captions["files"] and all(Path(file).is_file() for file in captions["files"])
            named = exported["metadata"]["files"].values()
            assert all((Path(exported["directory"]) / name).is_file() for name in named)

            preview = await told(client, "regen_beats", film=film, beats=["2"], part="picture")
            assert preview["applied"] is False and preview["redoes_beats"] == ["2"]
            redone = await told(
                client, "regen_beats", film=film, beats=["2"], part="picture", apply=True
            )
            assert any(step.startswith("images/beat_02") for step in redone["made_steps"])
            assert not any("speech" in step for step in redone["made_steps"])
            assert (await told(client, "undo_edit", film=film))["cost"]["steps"] == 0

    go(scenario)


def test_a_script_is_planned_word_for_word(tmp_path: Path) -> None:
    script = "Title: The Rent\n\nMIA: It is due.\nTOM: It was due on Monday.\n"

    async def scenario() -> None:
        async with agent(tmp_path / "runs") as client:
            new = await told(client, "create_film", script=script)
            assert [beat["line"] for beat in new["plan"]["beats"]] == [
                "It is due.",
                "It was due on Monday.",
            ]
            error, code = await refused(client, "create_film", script=script, idea="A cat")
            assert code == 2 and "leave idea and format away" in error
            error, code = await refused(client, "create_film")
            assert code == 2 and "or give a script" in error

    go(scenario)


def test_every_tool_says_what_it_takes_and_looking_changes_nothing(runs: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in runs.rglob("*") if path.is_file()}

    async def scenario() -> None:
        async with agent(runs) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert tools.keys() >= {
                *("catalogue", "list_films", "create_film", "show_plan", "show_beat", "render"),
                *("contact_sheet", "explain", "edit_plan", "undo_edit", "regen_beats", "doctor"),
                *("make_takes", "choose_take", "findings", "apply_finding", "batch_status"),
                *("dismiss_finding", "batch_add", "status", "cancel", "export"),
            }
            assert all(tool.description for tool in tools.values())
            operation = json.dumps(tools["edit_plan"].input_schema)
            assert '"move"' in operation and '"from"' in operation
            for kind in ("formats", "profiles", "styles"):
                named = (await told(client, "catalogue", kind=kind))[kind]
                assert await told(client, "catalogue", kind=kind, name=named[0]["name"])
            films = (await told(client, "list_films"))["films"]
            assert [(f["name"], f["state"]) for f in films] == [("film", "done")]
            assert (await told(client, "show_plan", film="film"))["plan"]["beats"]
            await told(client, "findings", film="film")
            await told(client, "doctor")
            beat = await client.call_tool("show_beat", {"film": "film", "beat": "hook"})
            sheet = await client.call_tool("contact_sheet", {"film": "film"})
            for result in (beat, sheet):
                picture = base64.b64decode(result.content[1].data)
                assert picture[:3] == b"\xff\xd8\xff", "a JPEG"
            for what in ("plan", "events", "report"):
                read = await client.read_resource(f"storyboard://films/film/{what}")
                assert read.contents[0].text
            assert (
                "edit_plan" in (await client.read_resource("storyboard://skill")).contents[0].text
            )

    go(scenario)
    after = {path: path.stat().st_mtime_ns for path in runs.rglob("*") if path.is_file()}
    assert after == before


def test_a_film_is_rendered_with_several_first_seconds(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    tiny_run(runs / "film", tiny_plan("A cat misses the last train", 2))

    async def scenario() -> None:
        async with agent(runs) as client:
            error, code = await refused(client, "render", film="film", hooks=3, only="images")
            assert code == 2 and "leave only away" in error
            done = await told(client, "render", film="film", hooks=3, review="none")
            others = done["beside"]
            assert [each["film"] for each in others] == ["film-hook2", "film-hook3"]
            assert all(Path(each["file"]).is_file() for each in [done, *others])
            films = (await told(client, "list_films"))["films"]
            assert [f["name"] for f in films] == ["film", "film-hook2", "film-hook3"]
            queued = await told(client, "batch_add", ideas=["A dog that votes"], hooks=2)
            shown = (await told(client, "batch_status"))["films"]
            assert [f["id"] for f in shown] == queued["queued"]

    go(scenario)


def test_takes_are_made_shown_and_chosen(runs: Path) -> None:
    async def scenario() -> None:
        async with agent(runs) as client:
            asked = {"film": "film", "beat": "2", "part": "picture", "count": 2}
            cost = (await told(client, "make_takes", **asked))["cost"]
            assert cost["steps"] == 2
            result = await client.call_tool("make_takes", {**asked, "apply": True})
            made_, pictures = result.structured_content["takes"], result.content[1:]
            assert len(made_) == len(pictures) == 3
            other = next(take["seed"] for take in made_ if not take["chosen"])
            one = {"film": "film", "beat": "2", "part": "picture", "seed": other}
            await told(client, "choose_take", **one, apply=True)
            shown = await told(client, "show_beat", film="film", beat="2", picture=False)
            assert [t["chosen"] for t in shown["takes"] if t["seed"] == other] == [True]
            await told(client, "undo_edit", film="film")

    go(scenario)


def test_no_call_passes_the_minutes_that_the_server_was_given(runs: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "runs"
    film = tiny_run(fresh / "new", tiny_plan(IDEA))
    before = (runs / "film" / "plan.json").read_bytes()

    async def scenario() -> None:
        async with agent(runs, "--max-minutes", "0.01") as client:
            redo = {"film": "film", "beats": ["1", "2"], "apply": True, "max_minutes": 60}
            error, code = await refused(client, "regen_beats", **redo)
            assert code == 6 and "over the cap of 0.01" in error
            assert (runs / "film" / "plan.json").read_bytes() == before, "refused before it began"
        async with agent(fresh, "--max-minutes", "0.01") as client:
            # Nothing like it was timed here, so only the clock can tell.
            error, code = await refused(client, "render", film="new", max_minutes=60)
            assert code == 6 and "minutes that this was given are over" in error
        assert (film / "events.jsonl").is_file() and not (film / "final.mp4").exists()

    go(scenario)


def test_nothing_is_asked_of_a_paid_model_over_the_dollars_given(tmp_path: Path) -> None:
    paid = {"backend": "openai", "base_url": "http://127.0.0.1:9/v1", "model": "x"}
    paid |= {"input_price": "1", "output_price": "1"}
    options = [word for k, v in paid.items() for word in ("--set", f"chat.{k}={v}")]

    async def scenario() -> None:
        async with agent(tmp_path / "runs", *options, "--max-dollars", "0") as client:
            error, code = await refused(client, "create_film", idea=IDEA, max_dollars=100)
            assert code == 6 and "limits.max_cost is $0" in error

    go(scenario)


def test_hostile_names_and_paths_reach_nothing(runs: Path, tmp_path: Path) -> None:
    (runs.parent / "outside").mkdir(exist_ok=True)
    (runs.parent / "outside" / "plan.json").write_text("{}", encoding="utf-8")
    link = runs / "linked"
    link.symlink_to(runs.parent / "outside")

    async def scenario() -> None:
        async with agent(runs) as client:
            names = (
                "../outside",
                "linked",
                "/etc",
                ".",
                "..",
                "",
                ".store",
                "film/../film",
                "a\0b",
            )
            for name in names:
                for tool in ("show_plan", "explain", "render", "findings", "contact_sheet"):
                    error, code = await refused(client, tool, film=name)
                    assert code == 2 and "there is no film" in error
            for uri in ("storyboard://films/..%2Foutside/plan", "storyboard://films/linked/plan"):
                with pytest.raises(Exception, match=r"(?i)no film|unknown resource|not found"):
                    await client.read_resource(uri)
            secret = tmp_path / "secret.png"
            secret.write_bytes(b"secret")
            patch = [{"op": "add", "path": "/cast/lead/references/-", "value": str(secret)}]
            error, code = await refused(client, "edit_plan", film="film", patch=patch, apply=True)
            assert code == 2 and "references" in error
            for wrong in ({"format": "/etc/passwd"}, {"style": "../x.yaml"}):
                assert (await refused(client, "create_film", idea="x y", **wrong))[1] == 2
            error, code = await refused(client, "doctor", profile="/etc/passwd")
            assert code == 2 and "there is no profile" in error
            patch = [{"op": "replace", "path": "/beats/9/line", "value": "x"}]
            error, code = await refused(client, "edit_plan", film="film", patch=patch)
            assert code == 2 and "there is no 9, only 1, 2" in error
            wrong_call = await client.call_tool("show_beat", {"film": "film", "beat": 7, "x": []})
            assert wrong_call.is_error

    try:
        go(scenario)
    finally:
        link.unlink()


def test_a_cancelled_render_stops_keeps_what_is_made_and_goes_on(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    film = tiny_run(runs / "film", tiny_plan(IDEA, beats=4))

    async def scenario() -> None:
        async with agent(runs) as client:
            begun = asyncio.Event()

            async def progress(done: float, total: float | None, message: str | None) -> None:
                if done >= 3:
                    begun.set()

            call = asyncio.create_task(
                client.call_tool("render", {"film": "film"}, progress_callback=progress)
            )
            await begun.wait()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            while "run_finished" not in (film / "events.jsonl").read_text("utf-8"):
                await asyncio.sleep(0.1)
            last = json.loads((film / "events.jsonl").read_text("utf-8").splitlines()[-1])
            assert last["status"] == "interrupted"
            assert not (film / "final.mp4").exists()

            started = await told(client, "render", film="film", wait=False)
            assert started["state"] == "working" and started["cost"]["steps"] > 0
            busy, code = await refused(client, "render", film="film")
            assert code == 4 and "being worked on" in busy
            assert (await told(client, "cancel", film="film"))["state"] == "stopping"
            while True:
                result = await client.call_tool("status", {"film": "film"})
                if result.is_error:
                    break
                await asyncio.sleep(0.1)
            assert result.structured_content["exit_code"] == 130

            done = await told(client, "render", film="film", review="none")
            assert done["state"] == "done" and (film / "final.mp4").is_file()

    go(scenario)


def test_what_libraries_print_never_gets_between_the_messages(tmp_path: Path) -> None:
    profile = tmp_path / "loud.toml"
    profile.write_text(
        f'extends = "{TONES}"\n[speech]\nbackend = "loud"\n',
        encoding="utf-8",
    )
    tiny_run(tmp_path / "runs" / "film", tiny_plan(IDEA))
    call = {"name": "render", "arguments": {"film": "film", "only": "speech"}}
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}}
    hello["clientInfo"] = {"name": "bare", "version": "1"}
    said = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call},
    ]
    words = ["-m", "storyboard", "mcp", "--runs", str(tmp_path / "runs"), "--profile", str(profile)]
    with subprocess.Popen(
        [sys.executable, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(FAKES)},
        text=True,
    ) as server:
        assert server.stdin is not None and server.stdout is not None
        for message in said:
            server.stdin.write(json.dumps(message) + "\n")
        server.stdin.flush()
        answers: list[dict[str, Any]] = []
        while not any(answer.get("id") == 2 for answer in answers):
            answers.append(json.loads(server.stdout.readline()))
        rest, noise = server.communicate(timeout=60)
    assert [answer["jsonrpc"] for answer in answers] == ["2.0"] * len(answers) and not rest
    assert not answers[-1]["result"]["isError"], answers[-1]
    assert "loading the voice" in noise and "100% done" in noise
    assert server.returncode == 0


def test_the_command_prints_its_skill_and_how_clients_are_told(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from storyboard.cli.main import app

    runner = CliRunner()
    skill = runner.invoke(app, ["mcp", "skill"])
    assert skill.exit_code == 0 and skill.output.startswith("---\nname: storyboard")
    shown = runner.invoke(app, ["mcp", "install", "cursor", "--runs", str(tmp_path)])
    config = json.loads(shown.output.partition("\n")[2])["mcpServers"]["storyboard"]
    assert config["args"][-2:] == ["--runs", str(tmp_path)]
    ignored = runner.invoke(app, ["mcp", "--runs", str(tmp_path), "install"])
    assert ignored.exit_code == 2 and "storyboard mcp install --runs" in ignored.output
    every = runner.invoke(app, ["mcp", "install", "--runs", str(tmp_path)])
    for client in ("claude mcp add storyboard -- ", "codex mcp add storyboard -- ", "--add-mcp"):
        assert client in every.output


def test_whoever_lacks_the_sdk_is_told_so_before_the_client_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from storyboard.cli.main import app

    monkeypatch.setitem(sys.modules, "mcp", None)
    shown = CliRunner().invoke(app, ["mcp", "install", "cursor", "--runs", str(tmp_path)])
    assert "pip install 'storyboard[mcp]'" in shown.stderr.splitlines()[0]
    assert shown.exit_code == 0 and "mcpServers" in shown.stdout
