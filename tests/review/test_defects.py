"""Planted defects: in the files themselves, labelled, in a copy; and how they are counted."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from reviewed_films import good_film

from benchmarks.review_set import KINDS, NotHere, labels, plant, plant_all
from benchmarks.review_set.calibration import GOOD, calibrate
from renderers.probe import decode_gray, probe
from storyboard.core.errors import UsageError
from storyboard.media.audio import music
from storyboard.review.finding import Finding
from storyboard.review.finished_cut import Cut
from storyboard.review.technical.vocabulary import DEFECTS


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return good_film(tmp_path_factory.getbasetemp())


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_there_are_twenty_kinds_and_each_is_one_the_reviewer_claims() -> None:
    assert len(KINDS) >= 20
    named = {defect for kind in KINDS.values() for defect in (*kind.expects, *kind.follows)}
    assert named <= set(DEFECTS)


def test_a_defect_is_in_the_file_and_the_run_is_as_it_was(good: Path, tmp_path: Path) -> None:
    before = digests(good)
    label = plant("black gap", good, tmp_path / "black")
    assert digests(good) == before
    spoilt, fps = Cut.of(tmp_path / "black"), Cut.of(good).timeline.fps
    luma, _ = decode_gray(spoilt.film)
    first, last = round(label.start * fps), round(label.end * fps)
    # Frames that are costly to decode are given their neighbours' luma.
    assert luma[first + 1 : last - 2].max() < 20 < luma[: first - 3].min()
    assert probe(spoilt.film).frames == Cut.of(good).timeline.frames


def test_a_line_is_taken_out_of_the_sound_and_the_music_stays(good: Path, tmp_path: Path) -> None:
    label = plant("line missing", good, tmp_path / "mute")

    def level(run: Path) -> float:
        sound = music.read_audio(Cut.of(run).film)
        piece = sound[round(label.start * 48_000) : round(label.end * 48_000)]
        return float(20 * np.log10(np.sqrt(np.square(piece).mean())))

    assert -50 < level(tmp_path / "mute") < level(good) - 12


def test_what_a_film_has_no_place_for_is_not_planted(good: Path, tmp_path: Path) -> None:
    with pytest.raises(NotHere, match="no voice"):
        plant("wrong speaker's voice", good, tmp_path / "voice")
    assert not (tmp_path / "voice").exists()
    with pytest.raises(UsageError, match="is none of"):
        plant("bad acting", good, tmp_path / "acting")


def test_found_missed_and_imagined_are_counted(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As one types it: a folder below the one where one is.
    monkeypatch.chdir(tmp_path)
    kinds = ("title missing", "caption missing")
    made = list(plant_all([good], Path("films"), kinds))
    assert len(made) == 3 == len(labels(tmp_path / "films"))

    def reviewer(cut: Cut) -> list[Finding]:
        """Sees titles, not captions, and a ghost in beat 2 of a good film."""
        where = cut.folder.name
        if where.endswith("good"):
            return [Finding("somebody", "frozen", "severe", "a ghost", 2, 4.0, 5.0)]
        if "title" in where:
            return [Finding("somebody", "title_missing", "severe", "no title", 0, 0.0, 3.0)]
        return [Finding("somebody", "caption_missing", "note", "perhaps", 1)]

    table = calibrate(tmp_path / "films", reviewer, "somebody")
    counted = {row.kind: (row.films, row.found, row.missed, row.imagined) for row in table.rows}
    assert counted["title missing"] == (1, 1, 0, 0)
    # A note is a remark: the defect is missed.
    assert counted["caption missing"] == (1, 0, 1, 0)
    assert counted[GOOD] == (1, 0, 0, 1)
    text = table.to_markdown()
    assert "| title missing | 1 | 1 | 0 | 0 | `title_missing` |" in text
    assert "imagined in umbrella-good: 2: frozen (a ghost)" in text


def test_a_folder_without_labelled_films_is_no_calibration(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="review_set plant"):
        calibrate(tmp_path, lambda cut: [])
