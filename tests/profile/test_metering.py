"""What a run asks of language models is counted, priced, capped and shown, and never leaks."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import scripted_model
from fake_chat import FakeChatServer, Reply, Script
from rich.console import Console
from typer.testing import CliRunner

from renderers.base import ChatRequest, Message
from renderers.errors import BadOutput
from storyboard.cli import app
from storyboard.cli.display import ConsoleDisplay
from storyboard.core.errors import CapReached
from storyboard.core.events import EventLog
from storyboard.graph.folder import existing
from storyboard.plan import load_plan, parse_plan
from storyboard.profile import Profile, load_profile
from storyboard.profile.backends import Backends
from storyboard.profile.metering import calls_in, room
from storyboard.publish.report import report_page
from storyboard.stages.film import make_film
from storyboard.stages.render_request import RenderRequest
from storyboard.writing.prompting.prompter import pictures

IDEA = "A barista who can only speak in haiku"

"""Prompts that its plan needs, one a beat."""


def write_profile(folder: Path, url: str, extra: str = "") -> str:
    """A profile whose chat is a fake server at 7 in, 5 out a call, for 20 and 40 dollars."""
    path = folder / "priced.toml"
    path.write_text(
        f"""
extends = "embedded"
[chat]
backend = "openai"
base_url = "{url}"
model = "tiny"
strength = "script"
api_key_env = "TINY_KEY"
input_price = 20
output_price = 40
[judge]
backend = "none"
[image]
backend = "openai"
base_url = "{url}"
model = "painter"
{extra}
""",
        encoding="utf-8",
    )
    return str(path)


CALL = (7 * 20 + 5 * 40) / 1e6
"""Dollars of one call."""


def ask(profile: Profile, log: Path, *requests: ChatRequest) -> list[dict[str, Any]]:
    """Ask in one run of its own; what the log has then."""
    with Backends(profile) as backends:
        backends.attach(EventLog(log))
        assert backends.chat is not None
        for request in requests:
            backends.chat.ask(request)
    return calls(log)


def calls(log: Path) -> list[dict[str, Any]]:
    return [asdict(call) for call in calls_in(log)]


HELLO = ChatRequest((Message("user", "Hello."),), purpose="greeting", max_tokens=50)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    secret = "sk-very-secret-and-long-key"
    monkeypatch.setenv("TINY_KEY", secret)
    return secret


def plan_only(folder: Path, profile: str, *overrides: str) -> None:
    order = RenderRequest(
        idea=IDEA,
        out=folder / "run",
        profile=profile,
        overrides=overrides,
        stages=("plan",),
        jobs=1,
    )
    make_film(order, ConsoleDisplay(Console(quiet=True), quiet=True))


def test_a_call_is_logged_with_what_it_took(tmp_path: Path) -> None:
    with FakeChatServer([{"text": "Hello."}], model="tiny-1") as server:
        profile = load_profile(write_profile(tmp_path, server.url))
        with room("images/beat_01"):
            (call,) = ask(profile, tmp_path / "events.jsonl", HELLO)
    assert call.pop("seconds") > 0
    assert call == {
        "step": "images/beat_01",
        "model": "tiny-1",
        "purpose": "greeting",
        "calls": 1,
        "prompt_tokens": 7,
        "completion_tokens": 5,
        "cost": pytest.approx(CALL),
        "error": "",
    }


def test_useless_answers_are_paid_for_and_counted(tmp_path: Path) -> None:
    cut: Reply = {"text": "Hel", "finish_reason": "length"}
    with FakeChatServer([cut, cut, {"text": "Hello."}, cut]) as server:
        profile = load_profile(write_profile(tmp_path, server.url))
        (call,) = ask(profile, tmp_path / "events.jsonl", HELLO)
        assert (call["calls"], call["completion_tokens"]) == (3, 15)
        assert call["cost"] == pytest.approx(3 * CALL)
        with pytest.raises(BadOutput, match="cut"):
            ask(profile, tmp_path / "events.jsonl", HELLO)
    failed = calls(tmp_path / "events.jsonl")[-1]
    assert (failed["error"], failed["calls"]) == ("CutShort", 3)
    assert failed["cost"] == pytest.approx(3 * CALL)


@pytest.mark.parametrize(
    ("cap", "told"),
    [("max_calls = 2", r"2 calls.*max_calls is 2.*max_calls=4"), ("max_cost = 0.0052", r"\$0\.0007.*up to \$0\.0047.*\$0\.0052.*max_cost=0\.011")],
)  # fmt: skip
def test_a_cap_stops_the_run_and_says_how_to_raise_it(tmp_path: Path, cap: str, told: str) -> None:
    with FakeChatServer([{"text": "Hello."}]) as server:
        profile = load_profile(write_profile(tmp_path, server.url, f"[limits]\n{cap}"))
        with pytest.raises(CapReached, match=told):
            ask(profile, tmp_path / "events.jsonl", HELLO, HELLO, HELLO)
        assert len(server.requests) == 2
        # Starting again does not spend the money twice.
        with pytest.raises(CapReached):
            ask(profile, tmp_path / "events.jsonl", HELLO)
        assert len(server.requests) == 2


def test_a_cap_holds_within_one_question(tmp_path: Path) -> None:
    with FakeChatServer([{"text": "Hel", "finish_reason": "length"}]) as server:
        profile = load_profile(write_profile(tmp_path, server.url, "[limits]\nmax_calls = 2"))
        with pytest.raises(CapReached):
            ask(profile, tmp_path / "events.jsonl", HELLO)
        assert len(server.requests) == 2
    (call,) = calls(tmp_path / "events.jsonl")
    assert (call["calls"], call["error"]) == (2, "CapReached")
    assert call["cost"] == pytest.approx(2 * CALL)


@pytest.mark.parametrize("cap", ["max_calls = 5", "max_cost = 0.0061"])
def test_threads_pass_no_cap_together(tmp_path: Path, cap: str) -> None:
    def one(_: int) -> bool:
        try:
            return bool(chat.ask(HELLO))
        except CapReached:
            return False

    with FakeChatServer([{"text": "Hello.", "wait": 0.01}]) as server:
        profile = load_profile(write_profile(tmp_path, server.url, f"[limits]\n{cap}"))
        with Backends(profile) as backends:
            backends.attach(EventLog(tmp_path / "events.jsonl"))
            chat = backends.chat
            assert chat is not None
            with ThreadPoolExecutor(12) as pool:
                answered = sum(pool.map(one, range(24)))
        assert 1 <= answered == len(server.requests) <= 5
        assert backends.meter.calls == answered
        assert backends.meter.cost <= 0.0061


def test_a_capped_run_goes_on_where_it_stopped_once_the_cap_is_raised(tmp_path: Path) -> None:
    with FakeChatServer(scripted_model.answer) as server:
        profile = write_profile(tmp_path, server.url)
        with pytest.raises(CapReached):
            plan_only(tmp_path, profile, "limits.max_calls=5")
        half = json.loads((tmp_path / "run" / "plan.json").read_text())
        first = [bool(one.get("prompt")) for one in (*half["settings"], *half["cast"])]
        assert first[:2] == [True, True] and not any(first[2:])
        plan_only(tmp_path, profile, "limits.max_calls=100")
        whole = json.loads((tmp_path / "run" / "plan.json").read_text())
    plan = parse_plan(whole)
    assert all(picture.prompt for _, picture in pictures(plan))
    # Thought, written and read once, and one prompt a picture: nothing was asked for twice.
    count = 3 + len(list(pictures(plan)))
    assert len(server.requests) == count
    seen = calls(tmp_path / "run" / "events.jsonl")
    assert [(call["step"].partition("/")[0], call["purpose"]) for call in seen] == [
        ("plan", "think"),
        ("plan", "write"),
        ("plan", "check"),
        *[("prompts", "image prompt")] * (count - 3),
    ]
    page = report_page(existing(tmp_path / "run"))
    assert f"{count} calls, {12 * count} tokens" in page
    assert f"${count * CALL:.4f}" in page


def plan_command(folder: Path, profile: str) -> list[str]:
    return [*f"run --out {folder}/run --only plan --profile {profile} --idea".split(), IDEA]


def test_as_a_user_types_it(tmp_path: Path) -> None:
    def storyboard(cap: int) -> tuple[int, str]:
        result = CliRunner().invoke(
            app,
            [*plan_command(tmp_path, profile), "--set", f"limits.max_calls={cap}", "--quiet"],
        )
        return result.exit_code, result.output

    with FakeChatServer(scripted_model.answer) as server:
        profile = write_profile(tmp_path, server.url)
        code, said = storyboard(1)
        assert code == 6
        assert "limits.max_calls is 1" in said
        assert "--set limits.max_calls=2" in said
        assert storyboard(50) == (0, f"{tmp_path / 'run'}\n")
        # The capped run had thought already; what came of it was not kept.
        said = CliRunner().invoke(app, plan_command(tmp_path, profile)).output
        plan = load_plan(tmp_path / "run" / "plan.json")
        calls = 1 + 3 + len(list(pictures(plan)))
        assert f"{calls} calls, {12 * calls} tokens, ${calls * CALL:.4f}" in said


@pytest.mark.parametrize(
    "script",
    [[{"text": "Hello."}], [{"status": 401, "error": "bad key sk-very-secret-and-long-key"}],
     [{"status": 400, "error": "you sent sk-very-secret-and-long-key"}]],
    ids=["sound", "no such key", "an echo"],
)  # fmt: skip
def test_a_key_reaches_no_log_no_plan_and_no_error(
    tmp_path: Path, script: Script, key: str
) -> None:
    with FakeChatServer(script) as server:
        result = CliRunner().invoke(
            app,
            plan_command(tmp_path, write_profile(tmp_path, server.url)),
        )
    assert result.exit_code != 0
    assert server.headers[0]["authorization"] == f"Bearer {key}"
    written = [path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert written
    assert not any(key.encode() in content for content in (*written, result.output.encode()))


def test_a_profile_without_a_model_counts_nothing(tmp_path: Path) -> None:
    plan_only(tmp_path, "embedded", "limits.max_calls=0")
    assert calls(tmp_path / "run" / "events.jsonl") == []


@pytest.mark.parametrize("wrong", ["limits.max_calls=-1", "limits.max_cots=1", 'chat.input_price="x"'])  # fmt: skip
def test_a_misspelt_limit_is_named(wrong: str) -> None:
    with pytest.raises(Exception, match=wrong.partition("=")[0]):
        load_profile("openai", [wrong])
