"""Scripts that people bring: read in every dialect, told letter by letter, cut into episodes."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from ten_pages import TEN_PAGES

from storyboard.core.errors import UsageError
from storyboard.plan import Plan
from storyboard.plan.records import NARRATOR
from storyboard.writing.script import Source, cut_script, parse, read_source, source_of, write_plan
from storyboard.writing.script.elements import Pages
from storyboard.writing.script.split import split_line


def plan_of(text: str, name: str = "a.txt") -> Plan:
    return write_plan(Source(name=name, text=text), None, None, 42)


def said(plan: Plan) -> list[tuple[str, str]]:
    return [(beat.speaker or "", beat.line) for beat in plan.beats if beat.line]


def letters(text: str) -> str:
    return re.sub(r"\s+", "", text)


def spoken_in(fountain: str) -> str:
    """The dialogue of `TEN_PAGES`, found in another way than the reader's: by its layout."""
    found: list[str] = []
    for block in re.sub(r"/\*.*?\*/|\[\[.*?\]\]", "", fountain, flags=re.DOTALL).split("\n\n"):
        first, *rest = block.strip().split("\n")
        cue = re.sub(r"\(.*?\)|\^", "", first).strip()
        if rest and (cue.isupper() or first.startswith("@")):
            found += [line for line in rest if not re.fullmatch(r"\(.*\)", line)]
    return "".join(found).replace("*", "")


def episodes() -> list[Plan]:
    cuts = cut_script(Source(name="door.fountain", text=TEN_PAGES), None, episodes=True)
    return [write_plan(cut.source, None, None, 42) for cut in cuts]


def test_ten_pages_become_three_episodes_with_every_line_verbatim() -> None:
    films = episodes()
    assert [film.title for film in films] == [f"The Door That Stayed, part {n}" for n in (1, 2, 3)]
    lines = [beat.line for film in films for beat in film.beats if beat.line]
    expected = letters(spoken_in(TEN_PAGES))
    assert expected.count("...") == 1  # a beat without words, of which no voice says anything
    assert letters("".join(lines)) == expected.replace("...", "")
    assert len(expected) > 1800


def test_episodes_share_people_and_places_and_fit_a_short() -> None:
    films = episodes()
    people: dict[str, set[str]] = {}
    places: dict[str, set[str]] = {}
    for film in films:
        assert len(film.beats) <= 40
        assert sum(len(b.text) for b in film.beats) / 15 <= 60
        for person in film.cast:
            people.setdefault(person.id, set()).add(person.model_dump_json())
        for place in film.settings:
            places.setdefault(place.id, set()).add(place.model_dump_json())
    assert all(len(told) == 1 for told in (*people.values(), *places.values()))
    assert {"nora", "tom"} <= {c.id for c in films[0].cast} & {c.id for c in films[2].cast}
    assert len({film.style.palette for film in films}) == 1


def test_the_hook_of_an_episode_quotes_a_line_of_it() -> None:
    for film in episodes():
        assert film.hook is not None
        assert film.hook.title == film.title
        assert film.hook.line in [beat.line for beat in film.beats]


def test_too_long_is_refused_with_the_count_and_the_way_on() -> None:
    with pytest.raises(UsageError, match=r"s spoken of 60.*beats of 40.*--episodes cuts it into 3"):
        cut_script(Source(name="door.fountain", text=TEN_PAGES), None, episodes=False)


def test_what_fits_one_short_is_one_film_with_episodes_asked_for() -> None:
    cuts = cut_script(Source(name="a.txt", text="ANNA: Hello."), None, episodes=True)
    assert [cut.source.episode for cut in cuts] == [None]


FOUNTAIN = """\
Title: _Rain_

INT. COFFEE SHOP - NIGHT

MARY (60s, a red coat) waits.

MARY
(angrily)
You took
my umbrella.
(beat)
Again!

BOB (O.S.)
(to the cat)
It *followed* me. [[really?]]

DISSOLVE TO:

EXT. BEACH - CONTINUOUS

The sea.

@al-Rashid
Is that mine?

BOB ^
Run!

!BOB RUNS

.ON THE ROOF

> THE END <
"""


def test_fountain() -> None:
    plan = plan_of(FOUNTAIN, "rain.fountain")
    assert plan.title == "Rain"
    assert said(plan) == [
        ("mary", "You took my umbrella."),
        ("mary", "Again!"),
        ("bob", "It followed me."),
        ("al_rashid", "Is that mine?"),
        ("bob", "Run!"),
    ]
    mary = plan.character("mary")
    assert (mary.name, mary.age, mary.appearance) == ("Mary", "elder", "60s, a red coat")
    first, second, third, fourth, _, runs, end = plan.beats
    assert first.expression == second.expression == "angry"
    assert first.pause > second.pause
    assert "waits" in first.action
    assert third.action == "to the cat"
    assert "bob" not in third.cast
    assert (fourth.action, fourth.transition) == ("The sea.", "crossfade")
    assert (runs.action, runs.speaker) == ("BOB RUNS", None)
    assert end.action == "THE END"
    assert [(s.name, s.place, s.time_of_day) for s in plan.settings] == [
        ("Coffee Shop", "cafe", "night"),
        ("Beach", "beach", "night"),
        ("On The Roof", "abstract", "night"),
    ]


def test_plain_dialogue() -> None:
    plan = plan_of(
        "Title: At nine\n\nINT. OFFICE - MORNING\n\n(Anna looks at the clock.)\n"
        "ANNA (tired): It is 9:30.\nRemember this: never again.\nBOB: (laughing) You said so.\n"
        "NARRATOR: She had."
    )
    assert plan.title == "At nine"
    assert said(plan) == [
        ("anna", "It is 9:30. Remember this: never again."),
        ("bob", "You said so."),
        (NARRATOR, "She had."),
    ]
    assert plan.beats[0].action == "Anna looks at the clock."
    assert [beat.expression for beat in plan.beats] == ["tired", "laughing", "neutral"]
    assert [(s.place, s.time_of_day) for s in plan.settings] == [("office", "morning")]


def test_japanese_dialogue() -> None:
    plan = plan_of(
        "題：傘\n\n○喫茶店・夜\n\n（雨が降っている）\n花子（怒って）：私の傘、\n返して。\n"
        "太郎：勝手についてきたんだ。\n花子「もう、やだ！」\nナレーション：雨はやんだ。\n"
    )
    assert (plan.title, plan.language) == ("傘", "ja")
    names = {c.id: c.name for c in plan.cast} | {NARRATOR: "語り"}
    assert [(names[who], line) for who, line in said(plan)] == [
        ("花子", "私の傘、返して。"),
        ("太郎", "勝手についてきたんだ。"),
        ("花子", "もう、やだ！"),
        ("語り", "雨はやんだ。"),
    ]
    assert plan.beats[0].expression == "angry"
    assert plan.beats[0].action == "雨が降っている"
    assert [(s.name, s.place, s.time_of_day) for s in plan.settings] == [
        ("喫茶店", "cafe", "night")
    ]
    assert {c.name: c.presentation for c in plan.cast} == {
        "花子": "feminine",
        "太郎": "masculine",
    }


def test_markdown() -> None:
    plan = plan_of(
        "# The Lamp\n\n## Kitchen, night\n\nAnna turns the lamp on.\n\n**Anna:** Do you *see* it?\n\n"
        "**Bob** (afraid): I see it,\nand it sees me.\n\n**ANNA**\n\nGood.\n\n*They wait.*\n",
        "lamp.md",
    )
    assert plan.title == "The Lamp"
    assert said(plan) == [
        ("anna", "Do you see it?"),
        ("bob", "I see it, and it sees me."),
        ("anna", "Good."),
    ]
    assert plan.beats[0].action == "Anna turns the lamp on."
    assert plan.beats[1].expression == "afraid"
    assert plan.beats[-1].action == "They wait."
    assert [(s.place, s.time_of_day) for s in plan.settings] == [("kitchen", "night")]


SRT = """\
1
00:00:00,000 --> 00:00:02,000
I once met <i>a man</i>

2
00:00:02,000 --> 00:00:04,500
who sold doors.
He had none.

3
00:00:05,000 --> 00:00:06,000
1984 was his year
"""


def test_subtitles_are_one_voice_in_sentences() -> None:
    plan = plan_of(SRT, "talk.srt")
    assert [beat.line for beat in plan.beats] == [
        "I once met a man who sold doors.",
        "He had none.",
        "1984 was his year",
    ]
    assert len(plan.cast) == 1
    assert {beat.speaker for beat in plan.beats} == {plan.cast[0].id}
    assert plan.title == "talk"


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ("INT. BAR - DAY\n\nANNA\nHello.\n", ["anna"]),
        ("ANNA\nHello.\n\nBOB\nHi.\n", ["anna", "bob"]),
        ("ANNA: Hello.\n", ["anna"]),
        ("**Anna:** Hello.\n", ["anna"]),
        (SRT, ["speaker"] * 3),
    ],
)
def test_a_dialect_is_known_by_what_stands_in_the_file(text: str, speakers: list[str]) -> None:
    assert [who for who, _ in said(plan_of(text, "script.txt"))] == speakers


def test_a_long_line_is_parted_at_its_sentences_and_nothing_is_lost() -> None:
    line = " ".join(
        ["Mr. Smith came. He said {ja:そうです。はい。} and left!", "x" * 700, "One, two; three."]
        * 3
    )
    parts = split_line(line, 135, 270)
    assert letters("".join(parts)) == letters(line)
    assert all(len(part) <= 270 for part in parts)
    assert all(part.count("{") == part.count("}") for part in parts)
    plan = plan_of("ANNA: " + "This is a sentence of a speech. " * 12)
    assert len(plan.beats) > 2
    assert all(beat.line.endswith(".") for beat in plan.beats)
    assert " ".join(b.line for b in plan.beats) == ("This is a sentence of a speech. " * 12).strip()


def test_marks_of_windows_and_of_encodings_are_no_letters(tmp_path: Path) -> None:
    text = "Title: Ha\r\n\r\nINT. BAR - DAY\r\n\r\nANNA\r\nHello.\r\n"
    for number, data in enumerate([text.encode("utf-8-sig"), text.encode("utf-16")]):
        file = tmp_path / f"{number}.fountain"
        file.write_bytes(data)
        source = read_source(file)
        assert parse(source).title == "Ha"
        assert said(write_plan(source, None, None, 1)) == [("anna", "Hello.")]


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b" \n\n", "is empty"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\x00\xff", "is no text"),
        ("a.txt", b"ANNA: a\0b", "is no text"),
        ("a.fdx", b"<FinalDraft/>", r"\.fdx is not read: save the script as Fountain"),
        ("a.txt", b"ANNA: Hi.\n\nAnd so it began.\n", r"a\.txt, line 3: 'And so it began\.'"),
        ("a.txt", b"ANNA: Hi.\nBOB:\n", "line 2: BOB says nothing"),
        ("a.txt", b"ANNA: Hi {xx:there}.\n", "line 1: .*'xx' is not one of"),
        ("a.srt", b"1\n00:00:01 -> 00:00:02\nHi\n", "line 1: a cue is its number"),
        ("a.fountain", b"INT. BAR - DAY\n\nNobody is here.\n", "nobody says anything"),
        ("a.txt", b"Title: " + b"x" * 90 + b"\nANNA: Hi.", "title has 90 characters"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_line(
    tmp_path: Path, name: str, data: bytes, told: str
) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.raises(UsageError, match=told):
        read_source(file)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_source(tmp_path / "none.txt")


def test_what_no_film_is_made_of_is_refused_by_its_line() -> None:
    with pytest.raises(UsageError, match="line 2: no film is made of this"):
        plan_of("ANNA: Hello.\nBOB: I molest children.\n")


def test_a_parenthetical_over_two_lines_is_not_said() -> None:
    plan = plan_of("ANNA\n(she looks\nat him)\nHi.\n", "a.fountain")
    assert said(plan) == [("anna", "Hi.")]
    assert plan.beats[0].action == "she looks at him"


def test_a_boneyard_that_never_ends_swallows_nothing() -> None:
    with pytest.raises(UsageError, match=r"line 3: /\* is not closed"):
        plan_of("Title: A\n\n/* never closed\n\nANNA\nHi.\n", "a.fountain")


def test_a_speaker_is_known_however_the_name_is_written() -> None:
    plan = plan_of("Anna: One.\nANNA: Two.\nanna : Three.\n🐙: Four.\n")
    assert said(plan) == [
        ("anna", "One."),
        ("anna", "Two."),
        ("anna", "Three."),
        ("octopus", "Four."),
    ]


def test_who_is_named_in_a_silent_beat_is_seen_and_nobody_else() -> None:
    text = "TOM: Hi.\nTHE WINDOW: Hello.\n(Tomorrow, in the window, nothing.)\n"
    assert plan_of(text).beats[-1].cast == ["tom", "the_window"]  # named: nobody; so all
    assert plan_of(text + "(TOM goes.)\n").beats[-1].cast == ["tom"]


def test_without_a_title_the_first_place_is_it_else_the_file() -> None:
    text = "INT. COFFEE SHOP - DAY\n\nANNA\nHi.\n"
    assert plan_of(text, "a.fountain").title == "Coffee Shop"
    assert plan_of("ANNA: Hi.", "my_first-script.txt").title == "my first script"


def test_a_script_without_places_is_nowhere_and_its_first_line_is_not_said_twice() -> None:
    plan = plan_of(SRT, "talk.srt")
    assert [place.place for place in plan.settings] == ["abstract"]
    assert plan.hook is not None
    assert plan.hook.line in ("He had none.", "1984 was his year")
    alone = plan_of("ANNA: Hello.").hook
    assert alone is not None
    assert alone.line == ""


def test_nothing_is_held_still_where_nobody_speaks() -> None:
    silent = [beat for film in episodes() for beat in film.beats if beat.silent]
    assert silent
    assert "static" not in {beat.shot.move for beat in silent}


@pytest.mark.parametrize("ending", ["fountain", "md", "txt", "srt"])
@pytest.mark.parametrize(
    "text",
    [
        "[[" * 100_000,
        "/*" * 100_000,
        "A" + "(" * 20_000 + ": hi",
        "A" + " " * 20_000 + "x",
        "A: hi" + " " * 20_000 + "x",
        "A: " + "*a " * 20_000,
    ],
)
def test_a_script_without_an_end_is_refused_or_read_in_time(ending: str, text: str) -> None:
    # Each of these once took minutes; where one does again, this never ends.
    with suppress(UsageError):
        source_of(f"x.{ending}", text)


def test_notes_are_left_out_and_lines_keep_their_numbers() -> None:
    pages = Pages("x.txt", "a [[one\ntwo]] b\n/* [[ */c <!-- d\n[[e]]f /*/g*/h")
    assert pages.lines == ["a ", " b", "c <!-- d", "f h"]


def test_a_line_too_long_is_told_by_its_number() -> None:
    with pytest.raises(UsageError, match="line 2: has more than 2000 characters"):
        source_of("x.txt", "A: hi\nB: " + "so " * 1000)


def test_a_script_of_more_lines_than_any_film_has_is_refused() -> None:
    with pytest.raises(UsageError, match="has 20000 lines"):
        source_of("x.txt", "\n".join(f"P{n}: hi" for n in range(20_000)))
