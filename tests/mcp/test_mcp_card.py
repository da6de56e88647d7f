"""The tools with the measured layout of a 96 GB card: every server a fake with its real dialect."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

pytest.importorskip("mcp")

from faked_card import FakedCard
from test_mcp_stdio import agent, go, told
from tiny_films import tiny_plan, tiny_run


def test_an_agent_is_told_what_the_card_will_hold_and_redoes_a_beat_with_servers_awake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = FakedCard(tmp_path)
    card.write()
    tiny_run(card.run, tiny_plan("A barista who can only speak in haiku"))
    monkeypatch.setenv("XDG_STATE_HOME", card.environment["XDG_STATE_HOME"])

    async def scenario() -> None:
        async with agent(tmp_path, "--keep-minutes", "0.1", profile=card.profile) as client:
            cost = (await told(client, "explain", film="run"))["cost"]
            assert 30 < cost["gib"] <= cost["budget_gib"] == 96
            assert "GiB on the card" in cost["told"]
            done = await told(client, "render", film="run", review="none")
            assert Path(done["file"]).is_file()
            started = [booking.name for booking in card.ledger.history()]
            assert {"images", "a2v"} <= set(started)

            asked = {"film": "run", "beats": ["1"], "part": "picture"}
            shown = await told(client, "regen_beats", **asked)
            assert shown["redoes_beats"] == ["1"] and 0 < shown["cost"]["gib"] <= 96
            redone = await told(client, "regen_beats", **asked, apply=True)
            pictures = [step for step in redone["made_steps"] if step.startswith("images/beat")]
            assert len(pictures) == 1 and "01" in pictures[0]
            assert card.servers(), "kept for the next redo, asleep at least"
            while card.servers():
                await asyncio.sleep(0.2)
            await told(client, "regen_beats", **asked, apply=True)
            await told(client, "release_card")
            assert card.servers() == []
        assert card.servers() == []

    go(scenario)
