"""Captions that turn word by word: the script's words, at the times that were told."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from tiny_films import burn, tiny_plan, tiny_run, tones

from renderers.base import Word
from renderers.probe import decode_frames
from storyboard.media.text.captions import Caption, time_captions
from storyboard.media.text.karaoke import by_word
from storyboard.media.text.subtitles import ass
from storyboard.plan import Canvas


def turned(line: str, heard: list[Word], seconds: float = 4.0, start: float = 1.0) -> list[Caption]:
    return by_word(time_captions(line, start, seconds, heard), heard, start)


def test_each_word_turns_when_it_is_said() -> None:
    heard = [Word("Two", 0.1, 0.4), Word("coffees", 1.2, 1.8), Word("please", 3.0, 3.5)]
    (caption,) = turned("Two coffees, please.", heard)
    assert "".join(turn.text for turn in caption.turns) == caption.text
    assert [turn.start for turn in caption.turns] == pytest.approx([1.1, 2.2, 4.0], abs=0.01)
    assert [turn.end for turn in caption.turns] == pytest.approx([1.4, 2.8, 4.5], abs=0.01)


def test_nothing_turns_while_the_speaker_is_silent() -> None:
    told = [Word("No", 0.2, 0.5), Word("never", 1.5, 1.9)]
    captions = by_word([Caption(1.0, 4.0, "No... never.")], told, 1.0)
    script = ass(captions, Canvas(width=360, height=640))
    times = re.findall(r"\\(kf?)(\d+)", script)
    assert times == [("k", "20"), ("kf", "30"), ("k", "100"), ("kf", "40")]


def test_rounded_times_do_not_add_up() -> None:
    told = [Word(f"w{n}", n * 0.1249, (n + 1) * 0.1249) for n in range(20)]
    caption = Caption(0.0, 3.0, " ".join(w.text for w in told))
    script = ass(by_word([caption], told, 0.0), Canvas(width=360, height=640))
    lengths = [int(n) for n in re.findall(r"\\kf?(\d+)", script)]
    assert sum(lengths) == pytest.approx(20 * 12.49, abs=1)


@pytest.mark.parametrize(
    ("text", "told", "expected"),
    [
        ("Well 🎉 done", [("Well", 0.1, 0.4), ("done", 0.8, 1.0)], [0.1, 0.8]),
        ("🎉 done", [("done", 0.8, 1.0)], [0.0, 0.8]),
        ("2+2=5, right?", [("2+2=5,", 0.2, 1.4), ("right?", 1.5, 1.9)], [0.2, 1.5]),
        (
            "2+2=5, right?",
            [
                (w, 0.2 * n, 0.2 * n + 0.2)
                for n, w in enumerate(["2", "plus", "2", "equals", "5", "right"])
            ],
            [0.0, 1.0],
        ),
        ("Ｗｅｌｌ “done”", [("well", 0.1, 0.4), ("done", 0.8, 1.0)], [0.1, 0.8]),
        ("two cups", [("twocups", 0.2, 0.9)], [0.2, 0.5]),
    ],
    ids=["emoji", "emoji first", "sum as one", "sum as read", "wide letters", "merged"],
)
def test_marks_numbers_and_emoji_turn_in_their_place(
    text: str, told: list[tuple[str, float, float]], expected: list[float]
) -> None:
    (caption,) = by_word([Caption(0.0, 2.0, text)], [Word(*word) for word in told], 0.0)
    assert "".join(turn.text for turn in caption.turns) == text
    assert [turn.start for turn in caption.turns] == pytest.approx(expected, abs=0.01)


def test_a_word_that_was_misheard_turns_between_its_neighbours() -> None:
    heard = [Word("I", 0.0, 0.2), Word("xxxxx", 0.5, 1.5), Word("monsters", 2.0, 2.5)]
    (caption,) = turned("I adore monsters", heard)
    assert 1.2 <= caption.turns[1].start < 3.0


@pytest.mark.parametrize("heard", [[], [Word("zzz", 0.0, 1.0)]])
def test_where_nothing_was_recognised_words_turn_evenly(heard: list[Word]) -> None:
    (caption,) = turned("One two three four", heard)
    times = [turn.start for turn in caption.turns]
    assert times == sorted(times)
    assert times[0] == caption.start
    assert times[-1] < caption.end


def test_japanese_turns_phrase_by_phrase() -> None:
    line = "今日は映画を見に行きませんか。"
    heard = [Word(c, 0.2 * i, 0.2 * i + 0.2) for i, c in enumerate(line[:-1])]
    captions = turned(line, heard)
    turns = [turn for caption in captions for turn in caption.turns]
    assert "".join(t.text for t in turns).replace("\n", "") == line
    assert 2 < len(turns) < len(line)
    assert [t.start for t in turns] == sorted(t.start for t in turns)


def test_a_said_word_is_coloured_and_the_next_is_not(tmp_path: Path) -> None:
    heard = [Word("WWW", 0.0, 0.1), Word("MMM", 0.45, 0.5)]
    captions = by_word([Caption(0.0, 0.5, "WWW MMM")], heard, 0.0)
    canvas = Canvas(width=360, height=640, fps=12)
    frame = burn(ass(captions, canvas), tmp_path, canvas).astype(int)
    yellow = (frame[..., 0] > 180) & (frame[..., 1] > 150) & (frame[..., 2] < 140)
    white = frame.min(axis=2) > 200
    across = np.arange(canvas.width)[None, :].repeat(canvas.height, 0)
    assert yellow.sum() > 30
    assert white.sum() > 30
    assert across[yellow].mean() < across[white].mean()


def test_a_film_keeps_its_captions_by_word(tmp_path: Path) -> None:
    from tiny_films import made

    folder = tiny_run(tmp_path / "run", tiny_plan("A cat misses the last train", beats=1))
    film = made(tones(folder, captions="words"))
    assert [check["message"] for check in film.checks["checks"] if not check["ok"]] == []
    assert made(tones(folder)).plan.captions == "words"
    assert any(
        ((f[..., 0].astype(int) - f[..., 2]) > 90).any() and f.max() > 200
        for f in decode_frames(folder / "final.mp4")
    )
    assert "\\kf" in (folder / "subs.ass").read_text(encoding="utf-8")
