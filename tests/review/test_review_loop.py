"""The review loop on real films: whatever a reviewer asks for, the film ends better or as it
was, always valid, after few rounds."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from fake_chat import Reply
from rich.console import Console
from scripted_reviewer import Opinion, by, held, put, reviewer, verdict
from tiny_films import TONES, tiny_plan, tiny_run, tones
from typer.testing import CliRunner

from storyboard.cli import app as storyboard
from storyboard.cli.display import ConsoleDisplay
from storyboard.cli.review import app
from storyboard.core import events
from storyboard.core.errors import LimitReached, StepFailed
from storyboard.core.files import digest_file
from storyboard.core.lock import holder
from storyboard.edit.patch import parse_patch
from storyboard.edit.preview import propose
from storyboard.gpu.events import Granted
from storyboard.graph.folder import existing
from storyboard.plan import Plan, dump_plan, load_plan
from storyboard.publish.report import report_page
from storyboard.review.bounds import Bounds
from storyboard.review.loop import Reviewed
from storyboard.review.markdown import summary
from storyboard.review.review_history import PendingCut, ReviewHistory, load_history
from storyboard.review.reviewed_film import Review, make
from storyboard.stages.film import make_film


def quiet() -> ConsoleDisplay:
    return ConsoleDisplay(Console(quiet=True), quiet=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good film that nobody has reviewed."""
    folder = tmp_path_factory.mktemp("films") / "barista"
    plan = tiny_plan("A barista who can only speak in haiku", beats=1)
    make_film(tones(tiny_run(folder, plan), jobs=1), quiet())
    return folder


@pytest.fixture
def film(made: Path, request: pytest.FixtureRequest) -> Path:
    """The good film in a folder of its own, beside its store."""
    names = (made.with_name(f"copy-{n}") for n in range(1000))
    folder = next(name for name in names if not name.exists())
    shutil.copytree(made, folder)
    return folder


def review(folder: Path, opinion: Opinion | None, **options: Any) -> ReviewHistory:
    bounds = Bounds(**options)
    if opinion is None:
        return story_of(make(tones(folder, jobs=1), quiet(), bounds))
    with reviewer(folder, opinion) as server:
        order = tones(folder, jobs=1, overrides=by(server))
        story = story_of(make(order, quiet(), bounds))
    assert load_history(folder) == story
    assert digest_file(folder / "final.mp4") == story.film.film
    assert len(server.requests) <= options.get("max_rounds", 2) + 1
    return story


def story_of(done: Reviewed) -> ReviewHistory:
    assert done.history is not None
    assert done.history.trial is None
    assert done.history.stopped
    return done.history


def plan_of(folder: Path) -> Plan:
    return load_plan(folder / "plan.json")


def title(text: str) -> Callable[[Plan], bool]:
    return lambda plan: plan.hook is not None and plan.hook.title == text


def ran(folder: Path, since: int) -> list[str]:
    log = list(events.events_in(folder / "events.jsonl"))[since:]
    return [event.step for event in log if isinstance(event, events.StepStarted)]


def count(folder: Path) -> int:
    return len(list(events.read_events(folder / "events.jsonl")))


# --- what a reviewer may be like ----------------------------------------------


def test_good_advice_is_taken(film: Path) -> None:
    def opinion(plan: Plan, look: int) -> dict[str, Any]:
        if title("Order in 17")(plan):
            return verdict(85)
        return verdict(60, held(put("/hook/title", "Order in 17")))

    before, since = plan_of(film), count(film)
    story = review(film, opinion)
    assert title("Order in 17")(plan_of(film))
    assert plan_of(film).beats == before.beats
    assert (story.best, story.film.kept, story.film.score) == (2, True, 85)
    assert story.film.why == "0 severe findings instead of 1"
    assert summary(story) == "cut 2 after 1 round; no open findings, score 85"
    # Only what the title touches was made again.
    assert {step.partition("/")[0] for step in ran(film, since)} == {"assemble", "checks"}
    cuts = sorted(path.name for path in (film / "cuts").iterdir())
    assert cuts == ["cut_01.mp4", "cut_01.plan.json", "cut_02.mp4", "cut_02.plan.json"]
    assert digest_file(film / "cuts/cut_02.mp4") == digest_file(film / "final.mp4")
    page = (film / "review.md").read_text(encoding="utf-8")
    assert "## Cut 1 (mended since)" in page
    assert "## Cut 2 (the film)" in page
    assert "- technical answered: no findings" in page
    assert "Kept: 0 severe findings instead of 1." in page
    assert "`/hook/title`" in page
    assert story.film.applied[0].by == "openai scripted"


def test_useless_advice_is_taken_back_at_once(film: Path) -> None:
    plan, cut = (film / "plan.json").read_text(), digest_file(film / "final.mp4")
    since = 0

    def opinion(_: Plan, look: int) -> dict[str, Any]:
        nonlocal since
        since = count(film)
        return verdict(50, held(put("/hook/title", "Other")))

    story = review(film, opinion)
    assert ran(film, since) == [], "going back renders nothing"
    assert (film / "plan.json").read_text() == plan
    assert digest_file(film / "final.mp4") == cut
    assert [r.kept for r in story.rounds] == [True, False]
    (judged,) = [j for j in story.film.findings if j.finding.reviewer != "technical"]
    assert (judged.fate, judged.why) == ("parked", "was tried in cut 2 and did not help")
    assert [j.finding for j in story.open()] == [judged.finding]


def test_advice_that_makes_it_worse_is_taken_back(film: Path) -> None:
    def opinion(plan: Plan, look: int) -> dict[str, Any]:
        bad = held(put("/music/level", -30.0))
        return verdict(50, bad) if plan.music.level != -30.0 else verdict(90, bad, held(beat=1))

    story = review(film, opinion)
    assert plan_of(film).music.level == -18.0
    assert story.rounds[1].why == "2 severe findings instead of 1"


def test_among_many_edits_the_harmful_one_is_found(film: Path) -> None:
    """Together they make it worse; by halves, the good one is kept and the bad one is not."""

    def opinion(plan: Plan, look: int) -> dict[str, Any]:
        found: list[Any] = []
        if not title("Good")(plan):
            found.append(held(put("/hook/title", "Good")))
        if plan.music.level == -30.0:
            found += [held(beat=1, defect="music_mismatch")] * 3
        else:
            found.append(held(put("/music/level", -30.0), beat=None, defect="music_mismatch"))
        return verdict(50, *found)

    story = review(film, opinion, max_rounds=4)
    assert title("Good")(plan_of(film))
    assert plan_of(film).music.level == -18.0
    assert [len(r.applied) for r in story.rounds] == [0, 2, 1]
    assert [r.kept for r in story.rounds] == [True, False, True]
    (left,) = story.open()
    assert left.why == "with all that is kept, it would make cut 2 again"


def test_contradictions_take_turns_and_do_not_go_round_in_circles(film: Path) -> None:
    """One wants it loud, one wants it soft, and each is pleased by what the other is not."""

    def opinion(plan: Plan, look: int) -> dict[str, Any]:
        loud = held(put("/music/level", -12.0), defect="slow_pace")
        soft = held(put("/music/level", -24.0), defect="rushed_pace")
        if plan.music.level == -12.0:
            return verdict(50 + look, held(put("/music/level", -18.0)))
        return verdict(50 + look, loud, soft)

    story = review(film, opinion, max_rounds=6)
    assert plan_of(film).music.level == -12.0
    assert len(story.rounds) == 2
    (back,) = [j for j in story.film.findings if j.fate == "parked"]
    assert back.why == "would go back to /music/level as it was in cut 1"


def test_what_is_found_again_after_two_mendings_is_let_be(film: Path) -> None:
    def opinion(plan: Plan, look: int) -> dict[str, Any]:
        level = round(plan.music.level - 1.0, 1)
        return verdict(40 + 10 * look, held(put("/music/level", level)))

    story = review(film, opinion, max_rounds=6)
    assert [r.number for r in story.tried()] == [2, 3]
    assert plan_of(film).music.level == -20.0
    assert any(j.why == "was mended 2 times and is still found" for j in story.film.findings)


def test_an_advert_is_no_line_however_much_it_is_praised(film: Path) -> None:
    advert = (
        "Buy now, only today: " + "the finest tea of the whole wide world, " * 3 + "at your shop."
    )
    other = "Nobody else saw it leave."

    def opinion(plan: Plan, look: int) -> dict[str, Any]:
        sold = any(beat.line == advert for beat in plan.beats)
        line = held(put("/beats/1/line", advert), beat=1, defect="unnatural_line")
        return verdict(100 if sold else 40, line, held(put("/hook/title", other)))

    story = review(film, opinion, max_rounds=1)
    assert advert not in (film / "plan.json").read_text()
    refused = [j for j in story.rounds[0].findings if j.finding.defect == "unnatural_line"]
    assert f"has {len(advert)} characters" in refused[0].why
    assert story.tried()[0].applied[0].changes[0].path == "/hook/title", "the rest is tried"


IMPOSSIBLE = [
    held(put("/beats/99/line", "Hi."), beat=99),
    held(put("/beats/99/line", "Hi."), beat=1),
    held(put("/beats/1/duration", 5000), beat=1),
    held(put("/beats/1/speaker", "nobody"), beat=1),
    held(put("/hook/title", ""), start=9999.0),
]
HOSTILE = [
    held(put("/../../etc/passwd", "x")),
    held(put("/__class__/__init__/__globals__", "x")),
    held(put("/music/track", "../../../../etc/passwd")),
    held(put("/beats/1/line", " ".join(f"{i}" for i in range(1_500))), beat=1),
    held(put("/beats/1/line", "a\x00\x1b[2Jb"), beat=1),
    held(put("/beats/1/renderer", "$(reboot)"), beat=1),
    held(*[put("/music/level", -20.0 - i / 10) for i in range(500)]),
    held({"op": "test", "path": "/idea", "value": "x"}, {"op": "copy", "path": "/title"}),
    held(evidence="</td><script>alert(1)</script> # Ignore all rules\n\n![x](http://x/y)"),
    held(evidence="\ud800\x00" + " ".join(f"word{i}" for i in range(9_000)), defect="x" * 30),
    {"beat": "three", "severity": "fatal"},
    "a string",
    None,
]


@pytest.mark.parametrize("findings", [IMPOSSIBLE, HOSTILE], ids=["impossible", "hostile"])
def test_what_cannot_or_must_not_be_done_is_not(film: Path, findings: list[Any]) -> None:
    plan, cut, since = (
        (film / "plan.json").read_text(),
        digest_file(film / "final.mp4"),
        count(film),
    )
    story = review(film, lambda plan, look: verdict(10, *findings))
    assert (film / "plan.json").read_text() == plan
    assert digest_file(film / "final.mp4") == cut
    assert len(story.rounds) == 1
    assert not (film / "cuts").exists()
    assert ran(film, since) == []
    told = [j for j in story.film.findings if j.finding.reviewer != "technical"]
    assert all(j.fate in ("parked", "impossible") and j.why for j in told if j.finding.patch)
    dropped = re.findall(r"(?:^|; )finding \d+", story.film.looks[1].reason)
    assert len(told) + len(dropped) == len(findings)
    page = (film / "review.md").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "![x]" not in page
    assert max(len(line) for line in page.splitlines()) < 4000


def test_a_thousand_findings_bury_nothing(film: Path) -> None:
    flood = [held(put("/music/level", -20.0), beat=1)] * 1000
    story = review(film, lambda plan, look: verdict(50, *flood), max_rounds=1)
    assert plan_of(film).music.level == -18.0
    assert story.film.looks[1].reason == "970 findings beyond the first 30"
    assert (film / "review.json").stat().st_size < 100_000


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ({"text": ""}, "empty"),
        ({"text": "I cannot.", "finish_reason": "content_filter"}, "blocked"),
        ({"status": 401}, "failed"),
    ],
)
def test_a_reviewer_that_says_nothing_costs_the_film_nothing(
    film: Path, reply: dict[str, Any], outcome: str
) -> None:
    story = review(film, lambda plan, look: reply)
    assert [look.outcome for look in story.film.looks] == ["answered", outcome]
    assert story.film.looks[1].reason
    warned = [e for e in events.events_in(film / "events.jsonl") if e.kind == "warned"]
    assert any("openai scripted" in str(event) for event in warned)


def test_a_reviewer_that_falls_silent_is_no_praise(film: Path) -> None:
    def opinion(plan: Plan, look: int) -> dict[str, Any]:
        return {"text": ""} if look else verdict(50, held(put("/hook/title", "Other")))

    story = review(film, opinion)
    assert not title("Other")(plan_of(film))
    assert story.rounds[1].why == "nothing is better"


# --- what is measured -----------------------------------------------------------


def test_what_is_measured_is_mended_without_any_model(film: Path) -> None:
    hook = plan_of(film).hook
    assert hook is not None
    long = plan_of(film).model_copy(update={"hook": hook.model_copy(update={"duration": 7.0})})
    (film / "plan.json").write_text(dump_plan(long))
    story = review(film, None, mend="minor")
    assert {j.finding.defect for j in story.rounds[0].findings} == {"hook_too_long"}
    assert story.film.why == "0 minor findings instead of 1"
    mended = plan_of(film).hook
    assert mended is not None
    assert mended.duration == 5.0


def test_a_good_film_needs_no_second_cut_and_is_not_looked_at_twice(film: Path) -> None:
    story = review(film, None)
    assert (len(story.rounds), story.stopped) == (1, "nothing is held against it")
    assert not (film / "cuts").exists()
    written = (film / "events.jsonl").read_text().count('"kind": "round"')
    again = review(film, None)
    assert again.rounds == story.rounds
    assert (film / "events.jsonl").read_text().count('"kind": "round"') == written == 1


def test_what_the_file_refutes_is_told_and_not_obeyed(film: Path) -> None:
    line = plan_of(film).beats[0].line
    wrong = held(
        put("/beats/1/line", "Hi."),
        beat=1,
        defect="last_word_cut",
        start=None,
        end=None,
        evidence=f"truncated at “{line[:8]}”",
    )
    story = review(film, lambda plan, look: verdict(70, wrong))
    (judged,) = [j for j in story.rounds[0].findings if j.finding.reviewer != "technical"]
    assert (judged.verdict, judged.fate) == ("refuted", "refuted")
    assert len(story.rounds) == 1
    assert story.open() == []
    assert "**refuted**" in (film / "review.md").read_text()


# --- bounds and kills -------------------------------------------------------------


def test_a_bound_ends_it_and_a_wider_one_lets_it_go_on(film: Path) -> None:
    opinion = pleased_by("Tried")
    story = review(film, opinion, max_rounds=0)
    assert story.stopped == "only a look was asked for"
    story = review(film, opinion, minutes=0.0)
    assert story.stopped == "0 minutes are over"
    story = review(film, opinion, cost=0.0)
    assert (len(story.rounds), story.stopped) == (1, "$0 are spent")
    assert review(film, opinion).best == 2


def test_minor_findings_are_mended_only_when_asked(film: Path) -> None:
    def opinion(plan: Plan, look: int) -> dict[str, Any]:
        minor = held(put("/hook/title", "B"), severity="minor")
        return verdict(50) if title("B")(plan) else verdict(50, minor)

    assert len(review(film, opinion).rounds) == 1
    assert len(review(film, opinion, mend="minor").rounds) == 2
    assert title("B")(plan_of(film))


def kill_at_look(film: Path, number: int, opinion: Opinion) -> None:
    """`kill -9` of a review while the look of that number is under way."""

    def deadly(plan: Plan, look: int) -> dict[str, Any] | Reply:
        if look == number:
            process.kill()
            process.wait()
        return opinion(plan, look)

    with reviewer(film, deadly) as server:
        values = [part for value in by(server) for part in ("--set", value)]
        options = ["--dir", str(film), "--profile", str(TONES), "--jobs", "1", "-q", *values]
        paths = os.pathsep.join([str(TONES.parent), *sys.path])
        process = subprocess.Popen(
            [sys.executable, "-m", "storyboard.review", *options],
            env={**os.environ, "PYTHONPATH": paths},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert process.wait(timeout=300) == -signal.SIGKILL


def pleased_by(wanted: str) -> Opinion:
    def opinion(plan: Plan, look: int) -> dict[str, Any]:
        if title(wanted)(plan):
            return verdict(90)
        return verdict(50, held(put("/hook/title", "Tried")))

    return opinion


@pytest.mark.parametrize("wanted", ["Tried", "Never"])
def test_killed_with_a_cut_on_trial_it_goes_on_where_it_was(film: Path, wanted: str) -> None:
    before = plan_of(film)
    kill_at_look(film, 1, pleased_by(wanted))
    story = load_history(film)
    assert story is not None
    assert story.trial is not None
    assert title("Tried")(plan_of(film))
    story = review(film, pleased_by(wanted))
    assert len(story.rounds) == 2
    assert story.film.kept
    assert plan_of(film) == before if wanted == "Never" else title("Tried")(plan_of(film))


def test_killed_between_the_verdict_and_the_way_back_it_still_goes_back(film: Path) -> None:
    before = plan_of(film)
    story = review(film, pleased_by("Never"))
    trial = story.rounds[1]
    raw = json.loads((film / "review.json").read_text())
    raw["trial"] = {"number": 2, "plan": trial.plan, "applied": raw["rounds"][1]["applied"]}
    (film / "review.json").write_text(json.dumps(raw))
    shutil.copy(film / "cuts/cut_02.plan.json", film / "plan.json")
    since = count(film)
    story = review(film, pleased_by("Never"))
    assert plan_of(film) == before
    assert len(story.rounds) == 2
    assert ran(film, since) == []


def test_a_run_without_review_takes_an_unjudged_cut_back(film: Path) -> None:
    before = plan_of(film)
    kill_at_look(film, 1, pleased_by("Tried"))
    make(tones(film, jobs=1), quiet(), None)
    assert plan_of(film) == before


@pytest.fixture(scope="module")
def killed(made: Path) -> Path:
    """A film whose review was killed with a cut on trial."""
    folder = made.with_name("killed")
    shutil.copytree(made, folder)
    kill_at_look(folder, 1, pleased_by("Tried"))
    return folder


DOORS = {
    "run": "run --dir FILM --skip-review MEANS --jobs 1",
    "visual": "visual --plan FILM/plan.json --only-beat 1 --steps 50 MEANS",
    "prompt": "prompt --dir FILM --beat 1 --reset MEANS",
    "edit": "edit FILM --lock 1 --apply MEANS",
    "reshape": "reshape FILM --to 1:1 MEANS --jobs 1",
    "hooks": "hooks FILM --make 2 MEANS --jobs 1",
}


@pytest.mark.parametrize("door", DOORS)
def test_a_cut_that_nobody_judged_is_no_film_whatever_is_done_next(
    made: Path, killed: Path, door: str
) -> None:
    before, film = plan_of(made).hook, killed.with_name(f"killed-{door}")
    shutil.copytree(killed, film)
    words = DOORS[door].replace("FILM", str(film)).replace("MEANS", f"--profile {TONES}")
    done = CliRunner().invoke(storyboard, words.split())
    assert done.exit_code == 0, done.output
    history = load_history(film)
    assert history is not None
    assert history.trial is None
    assert plan_of(film).hook == before
    if door == "reshape":
        assert plan_of(film.with_name(f"{film.name}-1x1")).hook == before


def test_what_an_edit_would_do_is_told_of_the_film_not_of_a_cut_on_trial(
    killed: Path, made: Path
) -> None:
    lay = (killed / "plan.json").read_bytes()
    ops = [{"op": "replace", "path": "/beats/1/seed", "value": 7}]
    told = propose(tones(killed), parse_patch(ops))
    assert [change.path for change in told.changes] == ["/beats/1/seed"]
    assert told.plan.hook == plan_of(made).hook
    assert (killed / "plan.json").read_bytes() == lay, "nothing is written"


def test_an_edit_by_hand_begins_a_new_review_and_keeps_the_old_cuts(film: Path) -> None:
    review(film, pleased_by("Tried"))
    hook = plan_of(film).hook
    assert hook is not None
    edited = plan_of(film).model_copy(update={"hook": hook.model_copy(update={"title": "Mine"})})
    (film / "plan.json").write_text(dump_plan(edited))
    story = review(film, pleased_by("Mine"))
    assert title("Mine")(plan_of(film))
    assert [r.number for r in story.rounds] == [3]
    assert (film / "cuts/cut_02.mp4").is_file()


def test_a_damaged_story_begins_anew(film: Path) -> None:
    (film / "review.json").write_text('{"version": 1, "rounds": [')
    assert len(review(film, None).rounds) == 1


def test_the_report_and_the_terminal_tell_the_rounds(film: Path) -> None:
    said = StringIO()
    with reviewer(film, pleased_by("Tried")) as server:
        order = tones(film, jobs=1, overrides=by(server))
        make(order, ConsoleDisplay(Console(file=said, width=200)), Bounds())
    assert "review: cut 1: 1 severe, 0 minor findings" in said.getvalue()
    assert "review: cut 2 kept: 0 severe findings instead of 1" in said.getvalue()
    page = report_page(existing(film))
    assert '<a href="cuts/cut_02.mp4">cut 2</a>, the film' in page
    assert "<code>/hook/title</code>" in page
    assert "The opening says nothing." in page


def test_the_command_says_what_stays_open(film: Path) -> None:
    with reviewer(film, lambda plan, look: verdict(50, held(severity="minor"))) as server:
        values = [part for value in by(server) for part in ("--set", value)]
        options = ["--dir", str(film), "--profile", str(TONES), "--jobs", "1", *values]
        done = CliRunner().invoke(app, ["run", *options])
    assert done.exit_code == 0, done.output
    assert "open: 1 minor, score 50" in done.output
    assert "minor, hook at 0.5 s: The opening says nothing. (openai scripted)" in done.output


EAR = """
extends = "{tones}"
gpu.budget_gib = 8
gpu.ledger = "{ledger}"
[transcription]
backend = "tones"
service = "ear"
[services.ear]
dialect = "in-process"
peak_gib = 1
serves = ["speech"]
release = ["unload"]
"""


def test_what_a_reviewer_says_of_speech_is_listened_to_within_a_lease(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    profile = tmp_path / "ear.toml"
    profile.write_text(EAR.format(tones=TONES, ledger=tmp_path / "ledger"), encoding="utf-8")
    since = count(film)

    def opinion(plan: Plan, look: int) -> dict[str, Any]:
        return verdict(50, held(beat=1, defect="last_word_cut", severity="minor"))

    with reviewer(film, opinion) as server:
        order = replace(tones(film, jobs=1, overrides=by(server)), profile=str(profile))
        story = story_of(make(order, quiet(), Bounds()))
    (found,) = (j for r in story.rounds for j in r.findings if j.finding.severity == "minor")
    assert found.verdict == "refuted", "it was listened to"
    log = list(events.events_in(film / "events.jsonl"))[since:]
    assert [e.services for e in log if isinstance(e, Granted)] == [["ear"]]


# --- in a batch: the parts of a cut are made when it is their turn -------------


@contextmanager
def reviewed_by(
    film: Path, opinion: Opinion, parts: Callable[[], None] = lambda: None
) -> Generator[Review]:
    with reviewer(film, opinion) as server:
        order = tones(film, jobs=1, overrides=by(server))
        yield Review(order, quiet(), Bounds(), parts=parts)


def assert_whole(film: Path, story: ReviewHistory) -> None:
    assert story.trial is None
    assert story.stopped
    assert load_history(film) == story
    assert digest_file(film / "final.mp4") == story.film.film


def test_a_cut_is_named_then_its_parts_are_made_then_it_is_kept(film: Path) -> None:
    before, lay = digest_file(film / "final.mp4"), list[PendingCut | None]()

    def parts() -> None:
        story = load_history(film)
        assert story is not None
        lay.append(story.trial)
        assert title("Tried")(plan_of(film)), "the plan of the cut lies there to be made"
        assert digest_file(film / "final.mp4") == before, "nothing of it is made yet"
        assert holder(film) is None, "others may work on the film meanwhile"
        if len(lay) == 1:
            raise KeyboardInterrupt

    with reviewed_by(film, pleased_by("Tried"), parts) as review:
        with pytest.raises(KeyboardInterrupt):
            review.run()
        story = story_of(review.run())
    assert_whole(film, story)
    assert [trial.number for trial in lay if trial] == [2, 2], "killed, it waits for them again"
    assert [(r.number, r.kept, r.why) for r in story.rounds] == [
        (1, True, "the film as it was made"),
        (2, True, "0 severe findings instead of 1"),
    ]


def test_parts_are_asked_for_once_a_cut_until_the_rounds_are_over(film: Path) -> None:
    scores, asked = (60, 70, 65), list[int]()

    def insatiable(plan: Plan, look: int) -> dict[str, Any]:
        return verdict(scores[look], held(put("/hook/title", f"Title {look}")))

    with reviewed_by(film, insatiable, lambda: asked.append(1)) as review:
        story = story_of(review.run())
    assert_whole(film, story)
    assert [(r.number, r.kept) for r in story.rounds] == [(1, True), (2, True), (3, False)]
    assert len(asked) == 2
    assert title("Title 0")(plan_of(film))


@pytest.mark.parametrize("killed", [False, True])
def test_parts_that_cannot_be_made_leave_the_film_as_it_was(film: Path, killed: bool) -> None:
    before, first = plan_of(film), digest_file(film / "final.mp4")

    def parts() -> None:
        if killed:
            raise KeyboardInterrupt
        raise StepFailed("images/hook", "the card fell out")

    with reviewed_by(film, pleased_by("Tried"), parts) as review:
        if killed:
            with pytest.raises(KeyboardInterrupt):
                review.run()
        story = story_of(review.run(unmade="the worker died" if killed else ""))
    assert_whole(film, story)
    (why,) = [r.why for r in story.rounds[1:]]
    assert why.startswith("it could not be made: ")
    assert ("the worker died" if killed else "the card fell out") in why
    assert (plan_of(film), digest_file(film / "final.mp4")) == (before, first)


def test_a_night_that_is_over_takes_the_cut_back_unjudged(film: Path) -> None:
    before, first = plan_of(film), digest_file(film / "final.mp4")

    def parts() -> None:
        # In the middle: the cut's film lies there already, and nobody has judged it.
        make_film(tones(film, jobs=1), quiet())
        assert digest_file(film / "final.mp4") != first
        raise LimitReached("it is past 07:00")

    with reviewed_by(film, pleased_by("Tried"), parts) as review:
        story = story_of(review.run())
    assert_whole(film, story)
    assert (plan_of(film), digest_file(film / "final.mp4")) == (before, first)
    told = (film / "review.md").read_text(encoding="utf-8")
    assert "Ended because the budget was reached: it is past 07:00" in told
    # It was not tried, so it may be another night.
    with reviewed_by(film, pleased_by("Tried")) as review:
        story = story_of(review.run())
    assert_whole(film, story)
    assert title("Tried")(plan_of(film))
