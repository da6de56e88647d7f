"""A film shows what its lines name: it cuts to things, hands, screens, places and faces."""

from __future__ import annotations

import numpy as np
import pytest
import skia

from renderers.animatic.compose import Tableau
from renderers.animatic.dressing import seat, stand
from renderers.animatic.looks import look_for
from renderers.animatic.motion import Filmed, Shooting, shoot, still
from renderers.animatic.things import wanted
from renderers.scene import Cutaway, Figure, Manner, Prop, Scene, Shot, ShotScale
from storyboard.plan import Plan, parse_plan, staging
from storyboard.plan.casting import with_looks
from storyboard.plan.format_files import load_format
from storyboard.plan.named import subjects, things_of, unseen
from storyboard.writing.offline import detect_language, write_plan


def plan(*beats: dict[str, object], mood: str = "playful") -> Plan:
    common: dict[str, object] = {
        "type": "reaction", "setting": "here", "cast": ["ann", "ben"], "speaker": "ann",
        "duration": 5.0, "staging": "side by side",
    }  # fmt: skip
    data = {
        "idea": "two people talk", "format": "comedy_5", "title": "T", "music": {"mood": mood},
        "cast": [{"id": "ann", "name": "Ann"}, {"id": "ben", "name": "Ben"}],
        "settings": [{"id": "here", "name": "Here", "place": "office"}],
        "beats": [common | {"index": i} | beat for i, beat in enumerate(beats, 1)],
    }  # fmt: skip
    return with_looks(parse_plan(data))  # pyright: ignore[reportArgumentType]


def cuts(film: Plan) -> list[Cutaway | None]:
    return [scene.cutaway for scene in staging.scenes_of(film).values()]


OPENING: dict[str, object] = {"line": "Here we are."}


def test_a_place_is_shown_before_its_people_and_a_thing_where_it_is_named() -> None:
    place, cup, face = cuts(
        plan(OPENING, {"line": "Why is the cup empty?"}, {"line": "I see. Very well then."})
    )
    assert place is not None and place.at == 0 and not place.shown.figures
    assert place.shown.shot.scale == "extreme full shot"
    assert cup is not None and cup.shown.event == "shown" and 0.3 < cup.at < 0.8
    assert cup.shown.things[0].state == "empty"
    assert face is not None and [f.id for f in face.shown.figures] == ["ben"]


@pytest.mark.parametrize(
    ("line", "event", "inset"),
    [
        ("Look at this letter.", "shown", ""),
        ("It has sent nine messages already.", "", "phone"),
        ("The note says “no refunds” in red.", "", "poster"),
        ("We could have bought a house by now.", "", "poster"),
        ("ほら、ピザです。", "stands", ""),
        ("The dentist said so.", "", ""),
    ],
)
def test_what_is_shown_is_what_the_line_names(line: str, event: str, inset: str) -> None:
    props = {"props": ["letter"]} if "letter" in line else {}
    cut = cuts(plan(OPENING, {"line": line, **props}))[1]
    assert cut is not None
    assert cut.shown.event == event
    assert (cut.shown.inset.kind if cut.shown.inset else "") == inset


def test_nothing_is_shown_twice_no_entrance_missed_and_no_joke_made_of_grief() -> None:
    _, first, second = cuts(plan(OPENING, {"line": "This cup."}, {"line": "My cup, again."}))
    assert first is not None and first.shown.event == "shown"
    assert second is None or second.shown.event == ""
    assert cuts(plan({**OPENING, "staging": "one comes in", "duration": 3.0})) == [None]
    grave = cuts(plan(OPENING, {"line": "This cup was hers."}, mood="melancholy"))
    assert all(cut is None or not cut.shown.event for cut in grave)


def test_what_the_idea_names_is_seen_once_where_lines_name_nothing() -> None:
    said = {"line": "I see. Very well then.", "cast": ["ann"]}
    film = plan({**said}, {**said}, {**said}).model_copy(update={"idea": "Why bread rises"})
    seen = [cut.shown.subject if cut else "" for cut in cuts(film)]
    assert seen == ["", "bread", ""]


def filmed(cut: Scene, seconds: float = 4.0, at: float = 0.5) -> tuple[Scene, Shooting]:
    look = look_for("red hoodie", "adult", "feminine", 3, ())
    main = Scene(
        "cafe", figures=(Figure("a", "A", look, "happy"),), focus="a", cutaway=Cutaway(cut, at)
    )
    return main, Shooting(180, 320, 24, round(24 * seconds), None, "static", 1)


def test_a_clip_cuts_away_and_back_and_a_short_one_does_not() -> None:
    cup = Scene("cafe", shot=Shot("close-up"), event="stands", subject="cup", things=(Prop("cup"),))
    main, shooting = filmed(cup)
    span = Filmed(main, shooting).span
    assert 24 * 0.7 <= len(span) <= 24 * 1.4 and span.start >= 12 and span.stop < 24 * 3.6
    frames = [np.frombuffer(f, dtype=np.uint8).astype(int).copy() for f in shoot(main, shooting)]
    assert len(frames) == shooting.frames
    leaps = [i for i in range(1, len(frames)) if (abs(frames[i] - frames[i - 1]) > 40).mean() > 0.2]
    assert leaps == [span.start, span.stop]
    assert not Filmed(*filmed(cup, seconds=1.5)).span
    # The thing comes to rest, and the picture still lives.
    inside = [frames[i] for i in (span.start + 4, span.start + 12)]
    assert (abs(inside[0] - inside[1]) > 40).mean() > 0.004


@pytest.mark.parametrize("size", [(360, 640), (640, 360), (480, 480)])
@pytest.mark.parametrize("held", ["letter", "cup", "keys"])
def test_hands_fill_the_picture_and_no_head_is_in_it(held: str, size: tuple[int, int]) -> None:
    look = look_for("red hoodie", "adult", "feminine", 3, ())
    figure = Figure("a", "A", look, "happy", holds=held)
    shown = Scene("cafe", figures=(figure,), focus="a", event="shown", shot=Shot("close-up"))
    tableau = Tableau(shown, *size)
    assert tableau.faces()["a"].bottom < 0.04 * size[1]
    assert [thing.name for thing in tableau.seen()]


def test_what_a_clip_cuts_away_to_leaves_its_still_as_it_was() -> None:
    cup = Scene("cafe", shot=Shot("close-up"), event="stands", subject="cup")
    main, _ = filmed(cup)
    plain = Scene(main.place, figures=main.figures, focus=main.focus)
    assert still(main, 180, 320)[0].tobytes() == still(plain, 180, 320)[0].tobytes()


@pytest.mark.parametrize(
    ("inset", "shown"),
    [
        ({"thing": "debt"}, "debt"),
        ({"thing": "quibbleflax"}, None),
        ({"who": "penguin", "thing": "quibbleflax"}, ""),
        ({"thing": "quibbleflax", "words": "SOLD"}, ""),
        ({"thing": "父"}, "父"),
    ],
)
def test_a_thought_shows_what_can_be_drawn_and_no_word_on_a_card(
    inset: dict[str, str], shown: str | None
) -> None:
    film = plan({**OPENING, "inset": inset})
    drawn = staging.scenes_of(film)[film.beats[0].index].inset
    assert (drawn.thing if drawn is not None else None) == shown


def test_who_sits_has_a_chair_and_who_stands_none() -> None:
    look = look_for("red hoodie", "adult", "feminine", 3, ())

    def drawn(manner: Manner) -> int:
        figure = Figure("a", "A", look, manner=manner)
        shown = Scene("park", figures=(figure,), focus="a", shot=Shot("full shot"))
        tableau = Tableau(shown, 180, 320)
        surface = skia.Surface(180, 320)
        seat(surface.getCanvas(), tableau.plates, tableau.placements[0])
        return int((surface.makeImageSnapshot().toarray()[:, :, 3] > 0).sum())

    assert drawn("sits") > 600
    assert drawn("") == 0


@pytest.mark.parametrize("size", [(180, 320), (320, 180)])
@pytest.mark.parametrize("scale", ["medium full shot", "full shot", "extreme full shot"])
def test_no_table_comes_up_over_a_chest(scale: ShotScale, size: tuple[int, int]) -> None:
    look = look_for("red hoodie", "adult", "feminine", 3, ())
    people = tuple(Figure(name, name, look) for name in ("a", "b", "c"))
    shown = Scene("park", figures=people, focus="a", props=("book", "lamp"), shot=Shot(scale))
    tableau = Tableau(shown, *size)
    for thing in stand(tableau.plates, tableau.placements, wanted(shown)):
        for p in tableau.placements:
            near = abs(thing.x - p.x) < 200 * p.view.scale
            assert not (thing.front and near and thing.ground - thing.length < p.y)


@pytest.mark.parametrize(
    ("line", "things"),
    [
        ("I watch you every night.", []),
        ("My watch is slow again.", ["watch"]),
        ("Book a table. He threw the book at me.", ["book"]),
        ("We plant the evidence. The plant has opinions.", ["plant"]),
        ("That was a piece of cake, at two o'clock.", []),
        ("Where is the key?", ["key"]),
        ("Let me phone my lawyer.", []),
        ("This wedding cake is late.", ["wedding cake"]),
        ("日本の朝は早い。すばらしい。", []),
        ("カレーに、三本入れました。", ["カレー"]),
        ("電話してもいいですか。", []),
        ("電話が鳴っています。", ["電話"]),
    ],
)
def test_only_what_is_a_thing_in_this_line_is_shown(line: str, things: list[str]) -> None:
    assert [word for _, word in things_of(line)] == things


@pytest.mark.parametrize(
    ("idea", "named"),
    [
        ("A lighthouse keeper falls in love with the fog", ["lighthouse", "fog"]),
        ("A tailor sews a suit for a ghost", ["scissors", "suit", "ghost"]),
        ("A librarian hears the fire alarm", ["books", "alarm"]),
        ("My watch and I watch the moon", ["watch", "moon"]),
        ("タクシー運転手が月まで客を乗せる", ["タクシー", "月"]),
        ("灯台守が手紙を待っている", ["lighthouse", "手紙"]),
    ],
)
def test_everything_that_an_idea_names_is_seen_in_its_film(idea: str, named: list[str]) -> None:
    assert subjects(idea) == named
    language = detect_language(idea)
    film = with_looks(write_plan(idea, load_format("comedy_5"), language))
    scenes = list(staging.scenes_of(film).values())
    assert film.hook is not None
    scenes.append(staging.stage_hook(film, film.hook))
    shown = [*scenes, *(scene.cutaway.shown for scene in scenes if scene.cutaway)]
    assert unseen(named, shown) == []
    assert unseen(["volcano"], shown) == ["volcano"]


def test_the_place_and_the_owner_that_an_idea_names_by_the_way_are_seen() -> None:
    lines = [OPENING, {"line": "I see. Very well then."}, {"line": "Go on, go on."}]
    told = plan(*lines).model_copy(update={"idea": "My grandmother's cat lives in a bathhouse"})
    shown = [cut.shown for cut in cuts(told) if cut is not None]
    assert "bathhouse" in {scene.place for scene in shown if not scene.figures}
    assert {"grandmother", "cat"} & {s.inset.who or s.inset.thing for s in shown if s.inset} or any(
        scene.subject == "cat" for scene in shown
    )
    assert subjects("祖母のバンドが銀行で練習する") == ["祖母", "バンド", "銀行"]
    # A bank account is no place.
    assert "bank" not in subjects("He opens a bank account")


def test_a_mark_in_quotation_marks_is_no_sign_to_be_shown() -> None:
    (_, cut) = cuts(plan(OPENING, {"line": "「？？」……何でしょう。"}))
    assert cut is None or cut.shown.inset is None
