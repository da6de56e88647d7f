"""The shipped formats hold, say what is theirs, and a user's file is checked as strictly."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from renderers.tts.english import phonemes
from storyboard.cli.formats import app
from storyboard.core.errors import UsageError
from storyboard.plan.format_files import (
    FORMATS_FOLDER,
    FormatError,
    list_formats,
    load_format,
    parse_format,
)
from storyboard.plan.formats import SLOT, SLOTS, Format
from storyboard.plan.languages import plain, spans_of

FORMATS = list_formats()
BY_NAME = {format.name: format for format in FORMATS}


def minimal(**changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": "mine",
        "title": "Mine",
        "summary": "One line.",
        "languages": ["en"],
        "roles": [{"id": "hero", "who": "a hero", "wardrobe": ["a cape"]}],
        "settings": [{"id": "main", "what": "anywhere"}],
        "beats": [
            {
                "type": "only",
                "speaker": "hero",
                "direction": "Say it.",
                "expressions": ["happy"],
                "shots": [{}],
                "cast": ["hero"],
            }
        ],
        "threads": [
            {
                "id": "one",
                "language": "en",
                "about": ["anything"],
                "titles": ["One"],
                "hooks": ["Once."],
                "beats": [{"lines": ["Hello, {name}."]}],
            }
        ],
    }
    return data | changes


def faults_of(data: object, folder: Path) -> tuple[str, ...]:
    with pytest.raises(FormatError) as refused:
        parse_format(data, "mine.yaml", folder)
    return refused.value.faults


def test_every_yaml_file_of_the_prompts_is_read_without_libyaml_as_well() -> None:
    files = sorted(FORMATS_FOLDER.parent.rglob("*.yaml"))
    assert len(files) > 20
    for file in files:
        text = file.read_text(encoding="utf-8")
        with_libyaml = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        assert yaml.safe_load(text) == with_libyaml, file.name


def test_the_four_formats_are_there_with_the_default_first() -> None:
    assert [format.name for format in FORMATS] == [
        "comedy_5",
        "consent_dilemma",
        "explainer",
        "language_mishap",
    ]
    assert [len(format.beats) for format in FORMATS] == [5, 10, 6, 6]


@pytest.mark.parametrize("format", FORMATS, ids=lambda f: f.name)
def test_a_format_has_stories_in_both_languages_and_fourteen_frames(format: Format) -> None:
    for language in ("en", "ja"):
        threads = format.threads_in(language)
        assert len([t for t in threads if not (t.frame or t.grave)]) >= 4
        frames = [thread for thread in threads if thread.frame]
        assert len(frames) >= 14
        for frame in frames:
            assert all("{idea}" in hook.text.lower() for hook in frame.hooks), frame.id
            assert frame.hook_inset, frame.id
            assert sum(beat.inset is not None for beat in frame.beats) >= 1, frame.id


@pytest.mark.parametrize("format", FORMATS, ids=lambda f: f.name)
def test_no_line_of_the_bank_is_too_long_to_say(format: Format) -> None:
    """With the slots at a usual length, every line keeps to its beat's limit."""
    usual = {"en": "Someone", "ja": "ナナミ"}
    for thread in format.threads:
        for spec, part in zip(format.beats, thread.beats, strict=True):
            for line in part.lines:
                said = plain(SLOT.sub(usual[thread.language], line.text))
                most = spec.max_chars[thread.language]
                assert len(said) <= most, f"{thread.language}/{thread.id}: {said}"
        assert format.hook is not None
        for line in thread.hooks:
            said = SLOT.sub(usual[thread.language], line.text)
            # A frame's hook quotes the idea, and takes the time that this takes.
            assert thread.frame or len(said) <= format.hook.max_chars[thread.language], said


@pytest.mark.parametrize("format", FORMATS, ids=lambda f: f.name)
def test_japanese_lines_are_japanese_and_english_lines_are_english(format: Format) -> None:
    kana = re.compile("[ぁ-んァ-ヴ]")
    for thread in format.threads:
        lines = [*thread.hooks, *(line for beat in thread.beats for line in beat.lines)]
        for line in lines:
            bare = SLOT.sub("ねこ" if thread.language == "ja" else "cat", line.text)
            bare = "".join(
                s.text for s in spans_of(bare, thread.language) if s.language == thread.language
            )
            whole = not bare  # a learner's line, all of it in the language that is learned
            assert whole or bool(kana.search(bare)) == (thread.language == "ja"), line.text


def test_english_haiku_have_seventeen_syllables_as_they_are_spoken() -> None:
    vowels = set("AIOWYæɑɔəɛɜɪʊʌɐiuᵊᵻ")
    thread = next(t for t in BY_NAME["comedy_5"].threads_in("en") if t.id == "haiku")
    lines = [line.text for beat in (0, 2, 3) for line in thread.beats[beat].lines]
    # The last variant of the payoff is the lead being cured: it only begins one.
    lines += [line.text for line in thread.beats[4].lines[:-1]]
    for line in lines:
        assert sum(1 for sound in phonemes(line) if sound in vowels) == 17, line


def test_japanese_haiku_are_five_seven_five() -> None:
    small = "ゃゅょぁぃぅぇぉャュョァィゥェォ"
    thread = next(t for t in BY_NAME["comedy_5"].threads_in("ja") if t.id == "haiku")
    for beat in (0, 2, 4):
        for line in thread.beats[beat].lines:
            parts = [part for part in re.split("[、。]", line.reading) if part]
            counts = [sum(1 for c in part if c not in small) for part in parts]
            assert counts == [5, 7, 5], line.text


def test_consent_dilemma_keeps_its_ten_beats() -> None:
    format = BY_NAME["consent_dilemma"]
    assert [(b.type, b.speaker) for b in format.beats] == [
        ("provocation", "b"),
        ("ask", "a"),
        ("refusal", "b"),
        ("dejection", None),
        ("gaslight", "b"),
        ("pause", None),
        ("kiss", None),
        ("verdict", "judge"),
        ("gavel_se", None),
        ("jail", None),
    ]
    by_type = {beat.type: beat for beat in format.beats}
    assert by_type["pause"].seconds == (1.5, 1.5)
    assert {by_type["verdict"].setting, by_type["gavel_se"].setting} == {"court"}
    assert by_type["jail"].setting == "cell"
    assert by_type["verdict"].speed > 1
    assert by_type["gavel_se"].keep_audio
    assert by_type["gavel_se"].sound_effect is not None
    assert "lips meet" in by_type["kiss"].action
    assert all(role.adults_only and "child" not in role.ages for role in format.roles)


def test_a_refusal_trails_off_and_is_never_flat() -> None:
    for thread in BY_NAME["consent_dilemma"].threads:
        for line in thread.beats[2].lines:
            assert line.text.endswith(("...", "…", "...?", "…？")), line.text
            assert not re.match(r"(no|yes|いいえ|はい|嫌)\b", line.text.lower()), line.text


def test_the_mishap_keeps_its_reaction_silent() -> None:
    format = BY_NAME["language_mishap"]
    assert format.aspect == "9:16"
    assert format.beats[4].speaker is None


def test_a_users_own_file_works_by_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(minimal()), encoding="utf-8")
    assert load_format(file).name == "mine"
    assert load_format(str(file)).beats[0].speaker == "hero"


def test_every_fault_of_a_format_is_named_by_path(tmp_path: Path) -> None:
    data = minimal()
    data["beats"][0] |= {"speaker": "bob", "setting": "moon", "seconds": [5, 3]}
    data["threads"][0]["beats"] = [{"lines": ["{colour} is nice", "only for {thing}"]}]
    assert set(faults_of(data, tmp_path)) == {
        "beats[0].speaker: 'bob' is not in roles: hero (or narrator, or null)",
        "beats[0].setting: 'moon' is not known here: main",
        "beats[0].seconds: [5.0, 3.0] runs backwards: write [least, most]",
        "threads[0] (en/one).beats[0].lines[0]: {colour} is no slot: " + ", ".join(SLOTS),
        "threads[0] (en/one).beats[0].lines: needs one line that fits every idea: "
        "only {name}, {other}",
    }


def test_an_unknown_field_and_a_thread_of_wrong_length_are_refused(tmp_path: Path) -> None:
    assert faults_of(minimal(colour="red"), tmp_path) == ("colour: unknown field",)
    data = minimal()
    data["threads"][0]["beats"] *= 2
    assert faults_of(data, tmp_path) == ("threads[0] (en/one).beats: has 2 of the format's 1",)


@pytest.mark.parametrize("name", ["/etc/passwd", "../elsewhere.yaml"])
def test_thread_files_stay_beside_the_format(tmp_path: Path, name: str) -> None:
    found = faults_of(minimal(thread_files=[name]), tmp_path)
    assert found == (f"thread_files: '{name}' must lie beside the format",)


def test_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(UsageError, match="use one of comedy_5, consent_dilemma, explainer"):
        load_format("tragedy")


@pytest.mark.parametrize(
    ("text", "fault"), [("a: [", "is not YAML"), ("- 1", "holds no fields"), ("", "holds no")]
)
def test_a_file_that_is_no_format_says_why(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=fault):
        load_format(file)


def test_the_command_lists_shows_and_checks(tmp_path: Path) -> None:
    runner = CliRunner(env={"COLUMNS": "200"})
    listed = runner.invoke(app, [])
    assert listed.exit_code == 0
    assert "comedy_5 (default)" in listed.stdout
    shown = runner.invoke(app, ["show", "consent_dilemma"])
    assert "gaslight" in shown.stdout
    good = runner.invoke(app, ["check", str(FORMATS_FOLDER / "explainer.yaml")])
    assert "holds: explainer, 6 beats" in good.stdout
    file = tmp_path / "bad.yaml"
    file.write_text("name: Bad Name", encoding="utf-8")
    bad = runner.invoke(app, ["check", str(file)])
    assert bad.exit_code == 2
    assert "title: Field required" in bad.stderr
