"""Files of data wheels are used only if they are those that were released."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from renderers.errors import Unavailable
from storyboard.media.audio.music import find_track
from storyboard.media.packaged import checked
from storyboard.media.text.fonts import MAIN, font_files
from storyboard.plan import Music


def test_installed_music_and_fonts_are_the_pinned_ones() -> None:
    track = find_track(Music(mood="calm"), 0)
    assert track is not None and checked(track) == track
    for path in font_files().values():
        assert checked(path) == path


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    font = font_files()[MAIN]
    changed = tmp_path / font.parent.name / font.name
    changed.parent.mkdir()
    shutil.copyfile(font, changed)
    with changed.open("r+b") as file:
        file.seek(1000)
        file.write(b"x")
    with pytest.raises(
        Unavailable, match=r"pip install --force-reinstall --no-deps pylopdf-fonts-jp"
    ):
        checked(changed)


def test_a_file_that_nobody_chose_is_refused(tmp_path: Path) -> None:
    (tmp_path / "new.opus").write_bytes(b"music")
    with pytest.raises(Unavailable, match="none of the files that are pinned"):
        checked(tmp_path / "new.opus")
