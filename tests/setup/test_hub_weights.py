"""Weights from a hub: gone on with, checked, and never half taken for whole."""

from __future__ import annotations

import errno
import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_hub import COMMIT, TOKEN, FakeHub, Repository

from renderers.errors import Unavailable
from storyboard.core.directory import Directory
from storyboard.core.errors import Busy, StoryboardError
from storyboard.profile.installed import (
    Receipt,
    keep_receipt,
    place_of,
    receipt_of,
    receipts,
    state_of,
)
from storyboard.profile.provision import Weights
from storyboard.setup import hub, weights
from storyboard.setup.weights import fetch, measured_rate

BIG = bytes(range(256)) * 4096
"""1 MiB, in LFS."""
SMALL = b'{"model_type": "tiny"}'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DATA_HOME", "HF_HOME", "HF_TOKEN", "HF_HUB_OFFLINE", "HF_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(weights, "_pause", lambda in_vain: 0.0)
    return tmp_path


@pytest.fixture
def server(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with FakeHub({"org/tiny": Repository({"model.bin": BIG, "config.json": SMALL})}) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


def tiny(**fields: object) -> Weights:
    return Weights.model_validate(
        {
            "repository": "org/tiny",
            "folder": "~/models/tiny",
            "gib": 0.001,
            "licence": "MIT",
            "page": "https://example.org/tiny",
            **fields,
        }
    )


class Heard:
    def __init__(self) -> None:
        self.count = 0
        self.lock = threading.Lock()

    def __call__(self, name: str, count: int) -> None:
        with self.lock:
            self.count += count


def get(record: Weights, told: Heard | None = None) -> Path:
    return fetch("tiny", record, hub.listing("tiny", record), told or Heard())


def test_all_of_a_repository_is_fetched_checked_and_remembered(server: FakeHub, home: Path) -> None:
    assert state_of("tiny", tiny()) == "absent"
    heard = Heard()
    folder = get(tiny(), heard)
    assert folder == home / "models" / "tiny" == place_of("tiny", tiny())
    assert (folder / "model.bin").read_bytes() == BIG
    assert heard.count == len(BIG) + len(SMALL)
    receipt = receipt_of("tiny")
    assert receipt is not None and receipt.commit == COMMIT
    assert receipt.files["model.bin"].sha256 == hashlib.sha256(BIG).hexdigest()
    assert state_of("tiny", tiny()) == "whole"
    # Whoever writes into it afterwards is noticed.
    (folder / "config.json").write_bytes(SMALL + b" ")
    assert state_of("tiny", tiny()) == "changed"


def test_only_the_named_files_are_fetched(server: FakeHub) -> None:
    folder = get(tiny(files=["*.json"]))
    assert [path.name for path in folder.iterdir()] == ["config.json"]
    with pytest.raises(Unavailable, match=r"has no \*\.gguf at main: the repository was changed"):
        hub.listing("tiny", tiny(files=["*.gguf"]))


def test_a_connection_that_breaks_off_is_taken_up_where_it_broke(server: FakeHub) -> None:
    server.breaks_after, server.breaks = 200_000, 3
    get(tiny())
    starts = [a.headers.get("range", "") for a in server.asked("/content/")]
    assert len(starts) == 4 and starts[0] == "" and starts[1].startswith("bytes=")
    # What had come was not asked for again.
    assert server.served < len(BIG) * 1.3
    assert state_of("tiny", tiny()) == "whole"


def test_what_an_earlier_process_left_is_gone_on_with(server: FakeHub, home: Path) -> None:
    half = home / "models" / "tiny" / "model.bin.incomplete"
    half.parent.mkdir(parents=True)
    half.write_bytes(BIG[:700_000])
    assert state_of("tiny", tiny()) == "cut off"
    get(tiny())
    (asked,) = server.asked("/content/")
    assert asked.headers["range"] == "bytes=700000-"
    assert not half.exists()


def test_a_half_file_of_another_revision_is_thrown_away(server: FakeHub, home: Path) -> None:
    half = home / "models" / "tiny" / "model.bin.incomplete"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"x" * 700_000)
    folder = get(tiny())
    assert (folder / "model.bin").read_bytes() == BIG
    assert len(server.asked("/content/")) == 2


def test_a_server_without_ranges_begins_again_and_the_count_says_so(
    server: FakeHub, home: Path
) -> None:
    server.ranges = False
    server.breaks_after, server.breaks = 200_000, 1
    heard = Heard()
    get(tiny(), heard)
    assert heard.count == len(BIG) + len(SMALL)


def test_a_wrong_hash_is_deleted_and_told(server: FakeHub, home: Path) -> None:
    server.changed.add("model.bin")
    with pytest.raises(Unavailable, match="is not what was published") as caught:
        get(tiny())
    assert "HF_ENDPOINT" in str(caught.value) and "\n" not in str(caught.value)
    assert not list((home / "models" / "tiny").glob("model.bin*"))
    assert receipt_of("tiny") is None and state_of("tiny", tiny()) != "whole"
    server.changed.clear()
    get(tiny())
    assert state_of("tiny", tiny()) == "whole"


def test_a_small_file_is_checked_by_its_hash_in_git(server: FakeHub) -> None:
    server.changed.add("config.json")
    with pytest.raises(Unavailable, match=r"config\.json of org/tiny is not what was published"):
        get(tiny())


def test_a_hash_that_is_published_elsewhere_counts_more_than_the_hubs(server: FakeHub) -> None:
    pinned = tiny(sha256={"config.json": hashlib.sha256(b"another").hexdigest()})
    with pytest.raises(Unavailable, match=r"config\.json"):
        get(pinned)


def test_a_gated_repository_says_which_page_and_which_command(
    server: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.repositories["org/tiny"].gated = True
    record = tiny(gated=True)
    with pytest.raises(Unavailable, match="no token is set here") as caught:
        hub.listing("tiny", record)
    assert "https://example.org/tiny" in str(caught.value) and "hf auth login" in str(caught.value)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with pytest.raises(Unavailable, match="the token that is set here is not enough"):
        hub.listing("tiny", record)
    server.accepted.add("org/tiny")
    get(record)
    # The token went to the hub, and to no other host.
    assert all("authorization" in a.headers for a in server.asked("/resolve/"))
    assert not any("authorization" in a.headers for a in server.asked("/content/"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"repository": "org/gone"}, "has no repository org/gone"),
        ({"revision": "v9"}, "org/tiny has no revision v9"),
    ],
)
def test_what_the_hub_has_not_is_told(server: FakeHub, fields: dict[str, str], said: str) -> None:
    with pytest.raises(Unavailable, match=said):
        hub.listing("tiny", tiny(**fields))


def test_a_dead_mirror_is_told_with_what_to_change(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(Unavailable, match=r"the mirror that HF_ENDPOINT names.*does not answer"):
        hub.listing("tiny", tiny())


def test_a_mirror_that_dies_in_the_middle_keeps_what_came(server: FakeHub, home: Path) -> None:
    found = hub.listing("tiny", tiny())
    server.breaks_after = 0
    with pytest.raises(Unavailable, match=r"tiny cannot be fetched: .*What was fetched is kept"):
        fetch("tiny", tiny(), found, Heard())
    assert state_of("tiny", tiny()) == "cut off"


def test_a_full_disk_is_told_and_what_came_is_kept(
    server: FakeHub, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, room = weights.os.fsync, [300_000]

    class Full:
        """A file on a disk with little room."""

        def __init__(self, file: object) -> None:
            self.file = file

        def __enter__(self) -> Full:
            self.file.__enter__()
            return self

        def __exit__(self, *exc: object) -> None:
            self.file.__exit__(*exc)

        def write(self, data: bytes) -> int:
            if len(data) > room[0]:
                self.file.write(data[: room[0]])
                self.file.flush()
                raise OSError(errno.ENOSPC, "No space left on device")
            room[0] -= len(data)
            return self.file.write(data)

        def __getattr__(self, name: str) -> object:
            return getattr(self.file, name)

    opened = Path.open

    def open_on_it(self: Path, *args: object, **named: object) -> object:
        file = opened(self, *args, **named)
        return Full(file) if self.name == "model.bin.incomplete" else file

    assert real is not None
    monkeypatch.setattr(Path, "open", open_on_it)
    with pytest.raises(StoryboardError, match=r"tiny does not fit: .* is full") as caught:
        get(tiny())
    assert "--cache" in str(caught.value)
    monkeypatch.setattr(Path, "open", opened)
    assert (home / "models/tiny/model.bin.incomplete").stat().st_size > 0
    get(tiny())
    assert state_of("tiny", tiny()) == "whole"


def test_a_file_of_the_users_own_is_taken_if_right_and_put_aside_if_not(
    server: FakeHub, home: Path
) -> None:
    folder = home / "models" / "tiny"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(BIG)
    (folder / "config.json").write_bytes(b"my own")
    assert state_of("tiny", tiny()) == "unchecked"
    get(tiny())
    assert not server.asked("/content/")
    assert (folder / "config.json.before").read_bytes() == b"my own"
    assert (folder / "config.json").read_bytes() == SMALL


def test_what_another_program_has_in_the_hubs_cache_is_used(server: FakeHub, home: Path) -> None:
    model = home / ".cache/huggingface/hub/models--org--tiny"
    snapshot = model / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text(COMMIT)
    (snapshot / "model.bin").write_bytes(BIG)
    (snapshot / "config.json").write_bytes(SMALL)
    assert get(tiny()) == snapshot == place_of("tiny", tiny())
    assert not server.asked("/resolve/")
    assert state_of("tiny", tiny()) == "whole"


def test_a_part_of_the_hubs_cache_is_left_alone(server: FakeHub, home: Path) -> None:
    snapshot = home / ".cache/huggingface/hub/models--org--tiny/snapshots/main"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_bytes(SMALL)
    assert get(tiny()) == home / "models" / "tiny"
    assert [p.name for p in snapshot.iterdir()] == ["config.json"]


def test_two_at_once_are_one_after_the_other(server: FakeHub, home: Path) -> None:
    held = Directory(receipts()).locked("tiny.lock")
    with held, pytest.raises(Busy, match="tiny is being fetched already"):
        get(tiny())


def test_offline_is_respected(server: FakeHub, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(hub.Offline, match="HF_HUB_OFFLINE says that nothing may be fetched"):
        hub.listing("tiny", tiny())
    assert not server.log


def test_loopback_is_never_asked_through_a_proxy(
    server: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    get(tiny())
    assert state_of("tiny", tiny()) == "whole"


def test_a_repository_that_names_a_file_outside_of_itself_is_refused(server: FakeHub) -> None:
    server.repositories["org/tiny"].files["../../evil"] = b"x"
    with pytest.raises(Unavailable, match="names a file outside of itself"):
        hub.listing("tiny", tiny())


def test_the_rate_is_measured_by_the_beginning_of_the_largest_file(server: FakeHub) -> None:
    server.bytes_a_second = 400_000
    rate = measured_rate(tiny(), hub.listing("tiny", tiny()), seconds=0.5)
    assert rate is not None and 100_000 < rate < 800_000


def test_a_receipt_of_another_revision_is_none(home: Path) -> None:
    keep_receipt("tiny", Receipt("org/tiny", "main", COMMIT, str(home), {}))
    assert state_of("tiny", tiny()) == "whole"
    assert state_of("tiny", tiny(revision="v2")) == "absent"
