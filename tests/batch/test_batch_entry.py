"""Ideas are read whole and judged whole: every fault by line and field, or all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from entries import read_entries

from storyboard.batch.budget import Budget, Spent, parse_size, parse_until
from storyboard.batch.entry import Entry, EntryError, overridden
from storyboard.core.errors import PlanError, UsageError
from storyboard.plan.format_files import load_format
from storyboard.writing.offline import write_plan


def _file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_text_file_holds_an_idea_a_line(tmp_path: Path) -> None:
    source = _file(tmp_path, "ideas.txt", "# mine\nA barista in haiku\n\n  無口なバリスタ \n")
    assert [e.idea for e in read_entries(source, {})] == ["A barista in haiku", "無口なバリスタ"]


def test_csv_says_everything_about_a_film(tmp_path: Path) -> None:
    source = _file(
        tmp_path,
        "ideas.csv",
        "idea,language,aspect,seed,due,priority,plan.canvas.fps,plan.title\n"
        '"A cat, a hat",en,1:1,7,2026-11-22T07:00+01:00,2,12,The hat\n'
        "A dog,,,,,,,\n",
    )
    cat, dog = read_entries(source, {"seed": 3})
    assert (cat.idea, cat.language, cat.aspect, cat.seed, cat.priority) == (
        "A cat, a hat",
        "en",
        "1:1",
        7,
        2,
    )
    assert cat.due == datetime(2026, 11, 22, 6, tzinfo=UTC)
    assert cat.plan == {"canvas": {"fps": 12}, "title": "The hat"}
    assert (dog.seed, dog.plan, dog.due) == (3, {}, None)


def test_every_fault_is_told_by_line_and_field(tmp_path: Path) -> None:
    source = _file(
        tmp_path,
        "ideas.jsonl",
        '{"idea": "fine"}\n'
        '{"idea": " ", "priority": 12}\n'
        '{"idea": "a", "format": "nope"}\n'
        '{"idea": "b", "colour": "red"}\n'
        '{"idea": "c", "plan": {"canvas": {"fps": 5}}}\n'
        '{"idea": "d", "profile": "nowhere"}\n'
        '{"idea": "fine"}\n'
        "{'idea': 1}\n"
        "3\n"
        '{"idea": "a\\u0000b"}\n'
        '{"idea": "\\ud800"}\n'
        '{"idea": "\\u200b"}\n',
    )
    with pytest.raises(EntryError) as caught:
        read_entries(source, {})
    faults = {f.removeprefix(f"{source}:").split(": ", 2)[0]: f for f in caught.value.faults}
    assert faults.keys() == {str(line) for line in range(2, 13)}
    told = str(caught.value)
    for part in (
        "2: idea: is empty",
        "2: priority: ",
        "3: format: ",
        "4: colour: unknown field: one of idea, format",
        "5: plan.canvas.fps: ",
        "6: profile: ",
        "7: idea: the same film as",
        "8: is not JSON",
        "9: is neither",
        "10: idea: holds characters that are no text: U+0000",
        "11: idea: ",
        "12: idea: is empty",
    ):
        assert f"{source}:{part}" in told


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("a.csv", "idea,sed\nx,1\n", "1: sed: is none of idea"),
        ("a.csv", "format\ncomedy_5\n", "1: idea: is missing"),
        ("a.csv", "idea,seed\na cat, a hat, a mat\n", "2: 3 cells under 2 headings"),
        ("a.csv", 'idea\n"never closed\n', "is not CSV"),
        ("a.txt", "\n# nothing\n", "holds no ideas"),
        ("a.csv", "idea\n", "holds no ideas"),
        ("a.txt", "x" * 2001, "1: idea: String should have at most 2000"),
    ],
)
def test_a_file_that_is_no_list_says_where(
    tmp_path: Path, name: str, text: str, fault: str
) -> None:
    with pytest.raises(EntryError, match=fault):
        read_entries(_file(tmp_path, name, text), {})


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_what_spreadsheets_save_is_read(tmp_path: Path, mark: str) -> None:
    source = tmp_path / "ideas.csv"
    text = f'Idea{mark}Seed\r\n"A cat{mark} a ""hat"",\nand more"{mark}3\r\n{"y" * 2000}{mark}\r\n'
    source.write_bytes(text.encode("utf-8-sig"))
    cat, long = read_entries(source, {})
    assert (cat.idea, cat.seed) == (f'A cat{mark} a "hat",\nand more', 3)
    assert len(long.idea) == 2000


def test_every_line_that_names_what_is_not_there_is_told_of(tmp_path: Path) -> None:
    lines = "".join(f"A cat {n},{'nowhere' if n % 2 else 'embedded'}\n" for n in range(1000))
    source = _file(tmp_path, "ideas.csv", f"idea,profile\n{lines}")
    with pytest.raises(EntryError) as caught:
        read_entries(source, {})
    assert len(caught.value.faults) == 500
    assert "ideas.csv:3: profile: nowhere" in caught.value.faults[0]
    assert "ideas.csv:1001: profile: nowhere" in caught.value.faults[-1]


def test_the_same_idea_twice_says_what_to_do(tmp_path: Path) -> None:
    source = _file(tmp_path, "ideas.txt", "A cat\nA dog\nA cat\n")
    with pytest.raises(EntryError, match=r":3: idea: the same film as .*:1: leave it out, or"):
        read_entries(source, {})


def test_a_file_in_another_encoding_says_so(tmp_path: Path) -> None:
    source = tmp_path / "ideas.txt"
    source.write_bytes("Ein Café".encode("latin-1"))
    with pytest.raises(UsageError, match="is not UTF-8"):
        read_entries(source, {})


def test_the_same_wish_is_the_same_film_however_urgent() -> None:
    calm, urgent = Entry(idea="a cat"), Entry(idea="a cat", priority=1)
    assert calm.id == urgent.id != Entry(idea="a cat", seed=2).id


def test_overrides_are_laid_over_the_plan_and_held_to_its_rules() -> None:
    plan = write_plan("a cat", load_format("comedy_5"), "en", None, 1)
    changed = overridden(plan, {"canvas": {"fps": 30}, "title": "Cat"})
    assert (changed.canvas.fps, changed.title) == (30, "Cat")
    assert (changed.canvas.width, changed.beats) == (plan.canvas.width, plan.beats)
    with pytest.raises(PlanError, match="canvas"):
        overridden(plan, {"canvas": {"height": 700}})


# --- budgets ------------------------------------------------------------------

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_until_is_the_next_time_the_clock_shows_it() -> None:
    assert parse_until("07:00", NOON) == datetime(2026, 11, 22, 7, tzinfo=UTC)
    assert parse_until("13:30", NOON) == datetime(2026, 11, 21, 13, 30, tzinfo=UTC)
    for wrong in ("25:00", "soon", "2020-01-01T00:00"):
        with pytest.raises(UsageError, match="--until"):
            parse_until(wrong, NOON)


def test_sizes() -> None:
    assert parse_size("5GB") == 5_000_000_000
    assert parse_size("1.5 GiB") == 1_610_612_736
    with pytest.raises(UsageError, match="--min-free"):
        parse_size("much")


def test_each_limit_says_that_it_was_the_one(tmp_path: Path) -> None:
    spent = Spent(gpu_seconds=90, cost=0.5)

    def reached(budget: Budget, *, model: bool = True) -> str:
        return budget.reached(spent, NOON, tmp_path, model=model) or ""

    assert reached(Budget(until=NOON + timedelta(minutes=1), gpu_minutes=2, max_cost=1)) == ""
    assert "--until" in reached(Budget(until=NOON))
    assert "1.5 of 1 GPU minutes" in reached(Budget(gpu_minutes=1))
    assert "--max-cost" in reached(Budget(max_cost=0.5))
    assert "--min-free" in reached(Budget(min_free=10**18))
    # What needs no model may still be put together when the card's time is up.
    assert reached(Budget(gpu_minutes=1), model=False) == ""
    assert "--until" in reached(Budget(until=NOON), model=False)
