"""Fonts of packages alone, and no word of it to whatever else this process starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from renderers.ffmpeg import run_ffmpeg
from renderers.typefaces import of_file

EVERY = (
    "renderers.animatic.lettering, renderers.animatic.pictograph, storyboard.media.text.fonts, "
    "storyboard.gpu.chart"
)


def test_letters_are_drawn_without_the_machines_fonts_and_without_a_word_to_others(
    tmp_path: Path,
) -> None:
    # Whoever asks the machine for its fonts trips over this file, and says so.
    conf = tmp_path / "fonts.conf"
    conf.write_text("<not-xml", encoding="utf-8")
    code = (
        f"import os, {EVERY}; before = dict(os.environ)\n"
        "renderers.animatic.lettering.font(20.0).measureText('A')\n"
        "storyboard.media.text.fonts.width('A', 20)\n"
        "assert renderers.animatic.pictograph.drawable('☕')\n"
        "assert dict(os.environ) == before and 'FONTCONFIG_SYSROOT' not in before"
    )
    own = {k: v for k, v in os.environ.items() if k != "FONTCONFIG_SYSROOT"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**own, "FONTCONFIG_FILE": str(conf)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_ffmpeg_sees_no_font_of_the_machine(tmp_path: Path) -> None:
    """A caption in a font that only the machine has is not drawn in it."""
    ass = tmp_path / "a.ass"
    ass.write_text(
        "[Script Info]\nPlayResX: 64\nPlayResY: 64\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\n"
        "Style: A,DejaVu Sans,40\n[Events]\nFormat: Start, End, Style, Text\n"
        "Dialogue: 0:00:00.00,0:00:05.00,A,MMM\n",
        encoding="utf-8",
    )
    out = tmp_path / "out.gray"
    picture = ["-f", "lavfi", "-i", "color=black:s=64x64:d=0.1", "-frames:v", "1"]
    run_ffmpeg([*picture, "-vf", "ass=a.ass", "-f", "rawvideo", "-pix_fmt", "gray", out], tmp_path)
    assert max(out.read_bytes()) < 32


def test_what_is_no_font_is_none(tmp_path: Path) -> None:
    (tmp_path / "no.ttf").write_bytes(b"no font")
    assert of_file(tmp_path / "no.ttf") is None
