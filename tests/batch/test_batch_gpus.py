"""One worker a card: which card is meant, whose servers are whose, and who makes which film."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest
from waiting import soon

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from batches import Worker, rendered, tiny_entry
from faked_batch import FakedBatch
from faked_card import FakedCard
from typer.testing import CliRunner

from renderers.errors import Unavailable
from storyboard.batch.queue import QueuedFilm, open_queue
from storyboard.cli.batch import app
from storyboard.core.errors import UsageError
from storyboard.gpu.cards import card_name, environment_of, parse_cards
from storyboard.plan.stages import CHECKPOINTS
from storyboard.profile import ProfileError, load_profile

FOUR = ("GPU-aa11", "GPU-aa22", "GPU-bb33", "MIG-cc44")


def test_cards_are_named_by_number_or_by_uuid() -> None:
    assert parse_cards("", {}, FOUR) == ()
    assert parse_cards("0,3", {}, FOUR) == (0, 3)
    assert parse_cards(" 1 , GPU-bb ", {}, FOUR) == (1, 2)
    # Where the driver cannot be asked, a number is believed.
    assert parse_cards("0,3", {}, ()) == (0, 3)
    # What CUDA is shown is what is counted.
    assert parse_cards("1,0", {"CUDA_VISIBLE_DEVICES": "2,0"}, FOUR) == (1, 0)
    assert parse_cards("GPU-bb33", {"CUDA_VISIBLE_DEVICES": "2,0"}, FOUR) == (0,)
    assert parse_cards("GPU-bb33", {"CUDA_VISIBLE_DEVICES": "GPU-aa11,GPU-bb33"}, ()) == (1,)


@pytest.mark.parametrize(
    ("text", "environ", "fault"),
    [
        ("0,0", {}, "names a card twice"),
        ("0,GPU-aa11", {}, "names a card twice"),
        ("0;1", {}, "is no list of cards: numbers"),
        ("0,", {}, "is no list of cards"),
        ("-1", {}, "is no list of cards"),
        ("all", {}, "is no list of cards"),
        ("0,4", {}, "there is no card 4: this machine has 4, 0 to 3"),
        ("GPU-zz", {}, "'GPU-zz' is not a card of this machine"),
        ("GPU-aa", {}, "the beginning of several cards' UUIDs"),
        ("1", {"CUDA_VISIBLE_DEVICES": "3"}, r"has one, card 0 \(CUDA_VISIBLE_DEVICES\)"),
        ("0", {"CUDA_VISIBLE_DEVICES": ""}, r"has none \(CUDA_VISIBLE_DEVICES\)"),
        ("GPU-aa11", {"CUDA_VISIBLE_DEVICES": "3"}, "is not a card of this machine"),
    ],
)
def test_a_card_that_is_not_there_is_refused(
    text: str, environ: Mapping[str, str], fault: str
) -> None:
    with pytest.raises(UsageError, match=f"--gpus: .*{fault}"):
        parse_cards(text, environ, FOUR)


def test_the_command_refuses_before_anything_runs(tmp_path: Path) -> None:
    words = ["run", "--once", "--gpus", "0,x", "--runs", str(tmp_path)]
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 2
    assert "--gpus: '0,x' is no list of cards" in refused.stderr


def test_a_program_is_shown_one_card() -> None:
    shown = environment_of(1, {"CUDA_VISIBLE_DEVICES": "GPU-aa11,GPU-bb33"})
    assert shown["CUDA_VISIBLE_DEVICES"] == "GPU-bb33"
    # For it, that card is the first.
    assert card_name(0, shown) == "GPU-bb33"
    assert card_name(2, {}) == "2"
    with pytest.raises(Unavailable, match="CUDA_VISIBLE_DEVICES=3 leaves 1"):
        card_name(1, {"CUDA_VISIBLE_DEVICES": "3"})


def test_servers_of_the_second_card_listen_elsewhere() -> None:
    first, second = (load_profile("rtx6000-96gb", [f"gpu.instance={n}"]) for n in (0, 2))
    assert second.services["planner"].health == "http://127.0.0.1:9094/health"
    assert second.chat.base_url == "http://127.0.0.1:9094/v1"
    assert "9092" in second.services["a2v"].variants[0].launch
    assert second.video.backends["a2v"].base_url == "http://127.0.0.1:9092"
    assert second.reviewing == first.reviewing, "what is no server of ours stays where it is"
    for name, service in second.services.items():
        assert (
            not set(service.launch)
            & set(first.services[name].launch)
            & {first.services[name].root_url.rpartition(":")[2]}
        )
    addresses = {service.health for service in first.services.values()} - {""}
    assert not addresses & {service.health for service in second.services.values()}
    assert second.instance_name != first.instance_name


def test_a_server_that_cannot_be_moved_is_named(tmp_path: Path) -> None:
    profile = tmp_path / "fixed.toml"
    launch = 'extends = "rtx6000-96gb"\n[services.planner]\nlaunch = ["serve-it"]\nenv = {}\n'
    profile.write_text(launch, encoding="utf-8")
    assert load_profile(str(profile)).gpu.instance == 0
    with pytest.raises(ProfileError, match=r"services\.planner\.launch: does not say the port"):
        load_profile(str(profile), ["gpu.instance=1"])


# --- with workers ------------------------------------------------------------------


def films(root: Path) -> list[QueuedFilm]:
    with open_queue(root) as queue:
        return queue.films()


def workers(crew: int) -> list[int]:
    """Pids of the worker processes of a batch."""
    children = Path(f"/proc/{crew}/task/{crew}/children").read_text().split()
    commands = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children}
    return [pid for pid, line in commands.items() if b"storyboard.batch.worker_process" in line]


def card_of(pid: int) -> str:
    environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    found = [word for word in environment if word.startswith(b"CUDA_VISIBLE_DEVICES=")]
    return found[0].decode().partition("=")[2]


@pytest.mark.slow
def test_two_workers_share_the_films_and_one_may_die(tmp_path: Path) -> None:
    with open_queue(tmp_path) as queue:
        entries = [tiny_entry(f"A baker who counts to {n}", seed=n) for n in range(4)]
        ids, _ = queue.add(entries, tmp_path)
    crew = Worker.start(tmp_path, "--gpus", "0,3")
    try:
        soon(lambda: {film.worker for film in films(tmp_path)} >= {"gpu-0", "gpu-3"})
        found = {card_of(pid): pid for pid in workers(crew.process.pid)}
        assert set(found) == {"0", "3"}
        soon(lambda: any(film.worker == "gpu-3" and film.made for film in films(tmp_path)))
        os.kill(found["3"], signal.SIGKILL)
        code, told = crew.end(400.0)
    finally:
        crew.process.kill()
    assert code == 0, told
    assert "gpu 3: its worker died (-9)" in told
    made = films(tmp_path)
    assert sorted(film.id for film in made) == sorted(ids)
    for film in made:
        assert (film.state, film.made) == ("done", CHECKPOINTS)
        # Nobody made what another had made, or was making.
        assert set(rendered(film.folder).values()) == {1}, film.id


@pytest.mark.slow
def test_each_card_has_servers_of_its_own(tmp_path: Path) -> None:
    card = FakedCard(tmp_path)
    card.write()
    found = FakedBatch(card)
    found.add("A barista", "A glass blower")
    code, said = found.finish("--gpus", "0,1")
    assert code == 0, said
    assert {film.state for film in found.films()} == {"done"}
    for name in ("0", "1"):
        history = card.ledger_of(name).history()
        held = {(booking.name, booking.pid) for booking in history}
        assert {"planner", "images", "i2v"} <= {service for service, _ in held}
        # Loaded once on each card, by the one film that was made there.
        assert len(held) == len({service for service, _ in held})
        assert max(booking.total for booking in history) <= card.total
        assert card.ledger_of(name).sample().used == 0
