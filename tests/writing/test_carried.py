"""Any idea is carried: read by its grammar, told in a frame, checked; grave ones without a joke."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from storyboard.batch.entry import Entry
from storyboard.plan.format_files import list_formats, load_format
from storyboard.plan.formats import Format
from storyboard.stages.render_request import RenderRequest
from storyboard.studio.newfilm import NewFilmForm
from storyboard.writing.offline import (
    IdeaRefused,
    carries,
    detect_language,
    fitting_format,
    judge,
    said_in,
    share_said,
    stand_in,
    write_plan,
    written_amiss,
)
from storyboard.writing.offline.asides import asides
from storyboard.writing.offline.checked import faults
from storyboard.writing.offline.frames import read
from storyboard.writing.offline.meaning import foreign, language_note
from storyboard.writing.offline.persons import in_person

COMEDY = load_format("comedy_5")
EXPLAINER = load_format("explainer")
IDEAS = {
    "dog": "My neighbour's dog keeps ordering pizza online",
    "mime": "A mime trapped in a real box",
    "pair": "Two astronauts argue about who left the airlock open",
    "word": "Mondays",
    "emoji": "🐙💔🎻",
    "ghost": "残業を断れない幽霊",
    "alien": "宇宙人が回転寿司に来る",
}


@pytest.mark.parametrize(
    ("idea", "who", "doing", "thing"),
    [
        ("An alien orders coffee for the first time", "the alien", "ordering coffee", "coffee"),
        (
            "A thief breaks into a house and cleans it",
            "the thief",
            "breaking into a house",
            "house",
        ),
        ("A boxer who is afraid of bells", "the boxer", "being afraid of bells", "bells"),
        ("Make a video about two coworkers who share a desk", "the coworkers", "sharing", "desk"),
        ("The last two people on Earth don't like each other", "the last people", "not liking", ""),
        ("A penguin afraid of ice", "the penguin", "being afraid of ice", "ice"),
    ],
)
def test_an_english_idea_is_read_by_its_grammar(
    idea: str, who: str, doing: str, thing: str
) -> None:
    reading = read(idea, "en")
    assert reading.who is not None and reading.act is not None
    assert reading.who.definite == who
    assert reading.act.doing.startswith(doing)
    assert (reading.thing.head if reading.thing else "") == thing


@pytest.mark.parametrize(
    ("idea", "who", "does", "thing"),
    [
        ("忍者がコンビニでバイトする", "忍者", "コンビニでバイトする", ""),
        ("温泉で眼鏡を失くした探偵", "探偵", "温泉で眼鏡を失くした", "眼鏡"),
        ("猫がコンビニで働く動画を作って", "猫", "コンビニで働く", ""),
    ],
)
def test_a_japanese_idea_is_read_by_its_grammar(idea: str, who: str, does: str, thing: str) -> None:
    reading = read(idea, "ja")
    assert reading.who is not None and reading.act is not None
    assert (reading.who.noun, reading.act.does) == (who, does)
    assert thing in (reading.thing.noun if reading.thing else "")


@pytest.mark.parametrize(
    ("idea", "who", "told"),
    [
        # What happens to whoever tells it is told by him, and not by whoever does it.
        ("母が段ボールで野菜を送ってくる", "", "母が段ボールで野菜を送ってくる"),
        ("カラスがゴミの分別を注意してくる", "", "カラスがゴミの分別を注意してくる"),
        ("筋トレを始めたら筋肉が話しかけてきた", "", "筋トレを始めたら筋肉が話しかけてきた"),
        ("給食のカレーが足りない", "", "給食のカレーが足りない"),
        ("甘いものをやめてみた結果", "", "甘いものをやめてみた"),
        ("犬語がわかるようになった獣医", "獣医", "犬語がわかるようになった"),
        ("発音が良すぎて気まずい転校生", "転校生", "発音が良すぎて気まずい"),
        ("おばあちゃんのスマホデビュー", "おばあちゃん", "スマホデビューする"),
        ("「あとでやる」と言い続ける夫", "夫", "『あとでやる』と言い続ける"),
        ("猫が人間を飼っています", "猫", "人間を飼っている"),
        ("父は町内会長だ", "父", "町内会長な"),
        ("方言で話す見習い", "見習い", "方言で話す"),
    ],
)
def test_a_japanese_idea_is_told_by_whom_it_is_about(idea: str, who: str, told: str) -> None:
    reading = read(idea, "ja")
    assert (reading.who.noun if reading.who else "") == who
    assert in_person(reading, "ja")["i_do"] == told
    plan = write_plan(idea, COMEDY)
    assert f"{told}んです" in said_in(plan) or told in said_in(plan)


def test_a_japanese_idea_is_about_the_thing_that_is_told_of() -> None:
    letter = read("引っ越しの日に見つけた母の手紙", "ja")
    assert letter.who is not None and letter.who.noun == "母の手紙"
    assert read("方向音痴なのにタクシー運転手", "ja").thing is None
    assert read("卒業式の日、先生が初めて泣いた", "ja").thing is None
    lines = said_in(write_plan("大人になるとは、鍋の火を弱めることだ", COMEDY))
    assert "ことだん" not in lines and "大人" in lines
    lines = said_in(write_plan("幸せとは、二度寝できることである", COMEDY))
    assert "であるなん" not in lines and "例のメモ" not in lines
    sushi = read("隣の席の寿司ばかり回ってくる", "ja").thing
    assert sushi is not None and "寿司" in sushi.noun
    assert "読み上げられない" not in said_in(write_plan("忘れ物ばかりする忍者", COMEDY))


@pytest.mark.parametrize("format", list_formats(), ids=lambda f: f.name)
def test_every_film_says_its_idea_in_clean_words(format: Format) -> None:
    for name, idea in IDEAS.items():
        plan = write_plan(idea, format)
        assert carries(plan) and share_said(plan) >= 0.5, name
        assert not faults(plan), name
        assert stand_in(plan) == "", name
        if name not in ("word", "emoji"):
            assert plan.hook is not None and read(idea, plan.language).text in plan.hook.line
        shown = [part.inset for part in (plan.hook, *plan.beats) if part and part.inset]
        assert shown and all(inset.who or inset.thing for inset in shown), name


def test_neighbouring_seeds_tell_other_films() -> None:
    films = [write_plan(IDEAS["dog"], COMEDY, seed=seed) for seed in range(14)]
    for one, other in itertools.pairwise(films):
        assert not {b.line for b in one.beats} & {b.line for b in other.beats}
    assert len({film.title for film in films}) == 14


def test_the_explainer_knows_its_topics_and_is_honest_about_others() -> None:
    for idea, word in (
        ("Explain why the sky is blue", "scatters"),
        ("Why do onions make you cry", "gas"),
        ("量子力学", "波"),
    ):
        assert word in " ".join(beat.line for beat in write_plan(idea, EXPLAINER).beats)
    sea = write_plan("Why is the sea blue?", EXPLAINER)
    assert not re.search("salt", " ".join(beat.line for beat in sea.beats))
    assert len([t for t in EXPLAINER.threads_in("en") if not (t.frame or t.grave)]) >= 40


@pytest.mark.parametrize(
    "idea",
    [
        "Breast cancer",
        "The earthquake in Turkey",
        "My dog is dying",
        "津波の記憶",
        "ウクライナの冬",
    ],
)
def test_a_grave_idea_is_told_without_a_joke(idea: str) -> None:
    plan = write_plan(idea, COMEDY)
    assert plan.music.mood in ("calm", "melancholy")
    assert not {"laughing", "smug", "happy"} & {beat.expression for beat in plan.beats}
    assert "no joke is made of this" in stand_in(plan)
    with pytest.raises(IdeaRefused, match="made of a joke"):
        write_plan(idea, load_format("language_mishap"))


@pytest.mark.parametrize(
    "idea",
    ["My daughter wears long sleeves in July", "妹は買い物に行ったまま帰らない"],
)
def test_what_may_be_grave_is_told_quietly_and_as_it_stands(idea: str) -> None:
    plan = write_plan(idea, COMEDY)
    assert plan.music.mood == "calm"
    assert not {"laughing", "smug", "happy"} & {beat.expression for beat in plan.beats}
    assert carries(plan)
    assert stand_in(plan) == ""


@pytest.mark.parametrize(
    ("idea", "way_on"),
    [
        ("Suicide", "findahelpline"),
        ("Two teenagers at prom", "adults"),
        ("School shootings", "leave it out"),
        ("My coworker Dave Miller steals yoghurt", "leave the surname out"),
        ("女子高生の初恋", "adults"),
        ("佐藤健太が会社をサボる", "leave the surname out"),
    ],
)
def test_what_no_film_is_made_of_is_refused_with_a_way_on(idea: str, way_on: str) -> None:
    with pytest.raises(IdeaRefused, match=way_on) as refused:
        write_plan(idea, COMEDY)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    "idea",
    [
        *("Death takes a sick day", "A vampire dentist", "My phone died", "A murder of crows"),
        *("死神が有給を取る", "がんばる掃除機", "必死な宅配ピザ", "A kid who loves pizza"),
        *("This diet is killing me", "She killed it at the audition", "スマホが死んで困る"),
    ],
)
def test_comic_death_and_idioms_are_no_false_alarm(idea: str) -> None:
    assert judge(idea, "en").kind == "free"


@pytest.mark.parametrize(
    "idea",
    [
        "Grandma discovers voice messages",
        "Vampire dentist opens night clinic",
        "Cat sues vacuum cleaner company",
        "Unemployed superhero delivers groceries",
    ],
)
def test_a_headline_is_english_and_quoted_whole(idea: str) -> None:
    assert not language_note(idea, "en")
    plan = write_plan(idea, COMEDY)
    assert plan.hook is not None and idea in plan.hook.line


@pytest.mark.parametrize(
    "idea",
    [
        "Un gato demanda a la aspiradora",
        "Oma entdeckt Sprachnachrichten am Handy",
        "Vampire dentiste ouvre clinique",
        "Mia nonna scopre i messaggi vocali",
        "Komşunun köpeği pizza sipariş ediyor",
    ],
)
def test_another_language_is_not_read_as_english(idea: str) -> None:
    assert foreign(idea, "en")


def test_whoever_takes_lessons_to_dance_or_cook_is_grown_up() -> None:
    idea = "A tango teacher asks a shy accountant to dance"
    assert judge(idea, "en", "consent_dilemma").kind == "free"
    assert judge("料理教室で出会った二人", "ja", "consent_dilemma").kind == "free"
    assert judge("A teacher asks a pupil to dance", "en", "consent_dilemma").kind == "refused"


def test_somebody_known_is_parodied_by_name_and_not_quoted() -> None:
    plan = write_plan("Elon Musk opens a lemonade stand", COMEDY)
    assert plan.title.endswith("(A Parody)")
    assert all("Musk" not in character.name for character in plan.cast)


def test_what_a_model_wrote_is_looked_at_too() -> None:
    assert "self-harm" in written_amiss(["He wants to kill himself. Ha!"], "comedy_5")
    assert "minor" in written_amiss(["The girl waits."], "consent_dilemma")
    assert written_amiss(["My phone died. It was Monday."], "comedy_5") == ""


def test_an_idea_that_nobody_reads_is_told_by_a_stand_in_and_says_so() -> None:
    told = stand_in(write_plan("You are a stupid idiot and I hate you", COMEDY))
    assert "stand-in story: your idea needs a writer" in told
    assert "chat.base_url" in told and "--profile " in told


@pytest.mark.parametrize(
    ("idea", "who", "said"),
    [
        ("A lighthouse keeper who is afraid of the dark", "lighthouse keeper", "I am afraid of"),
        ("A chess player plays against her shadow", "chess player", "I played against my shadow"),
        ("My neighbour's dog keeps ordering pizza online", "dog", "I keep ordering pizza online"),
        ("A ghost who can't find anyone to haunt", "ghost", "I can't find anyone to haunt"),
        ("A wizard who failed IT support", "wizard", "I failed IT support"),
        ("Grandpa discovers autocorrect", "Grandpa", "I discovered autocorrect"),
        ("A traffic light that feels guilty", "traffic light", "I feel guilty"),
        ("A vegan butcher", "vegan butcher", "I am a vegan butcher"),
        ("おにぎりが海外旅行に行く", "おにぎり", "海外旅行に行く"),
        ("残業を断れない幽霊", "幽霊", "残業を断れない"),
        ("猫が会社の社長になった日", "猫", "会社の社長になった"),
        ("告白を練習する不器用な消防士", "消防士", "不器用な消防士な"),
    ],
)
def test_who_the_idea_is_about_is_seen_and_tells_it(idea: str, who: str, said: str) -> None:
    for seed in range(14):
        plan = write_plan(idea, COMEDY, seed=seed)
        mine = [character.id for character in plan.cast if character.role == who]
        assert len(mine) == 1, [character.role for character in plan.cast]
        spoken = " ".join(beat.line for beat in plan.beats if beat.speaker == mine[0])
        if plan.cast[0].role == who:
            assert said in spoken


@pytest.mark.parametrize(
    "idea",
    [
        "A violinist whose cat sings louder",
        *("Taylor Swift bakes", "A genie who hates lamps", "A king in a laundromat"),
    ],
)
def test_nobody_speaks_who_is_not_meant_or_lives(idea: str) -> None:
    plan = write_plan(idea, COMEDY)
    assert "{" not in said_in(plan)
    assert not any(
        character.role in ("Taylor Swift", "witch", "genie", "king") for character in plan.cast
    )


@pytest.mark.parametrize(
    ("idea", "role", "said"),
    [
        ("Three grandmothers start a motorcycle gang", "grandmother", "[Ww]e started a motorcycle"),
        ("Two clowns who are afraid of balloons", "clown", "[Ww]e are afraid of balloons"),
        ("The raccoons of our street have formed a union", "raccoon", "[Ww]e formed a union"),
        ("My duck has started charging rent", "duck", "I started charging rent"),
        ("My dog ate my homework", "dog", "I ate my owner's homework"),
        ("A widower learns to juggle pans", "widower", "I learned to juggle pans"),
        ("I bought a haunted sofa and now it sings", "", "I bought a haunted sofa"),
        ("Losing my keys again", "", "I keep losing my keys"),
        ("POV: you forgot your wallet on a first date", "", "I forgot my wallet on a first date"),
        ("POV: you are the office printer on Monday", "office printer", "I am the office printer"),
        ("三人のおばあちゃんがバンドを組む", "おばあちゃん", "バンドを組む"),
        ("満員電車で隣の人の本の続きが気になる", "", "本の続きが気になる"),
        ("忘れ物をした時に限って先生が優しい", "先生", "忘れ物をした時に限って優しい"),
        ("POV：あなたは忘れられたプリン", "プリン", "忘れられた"),
        ("A magician whose rabbit wants a raise", "magician", "I have a rabbit that wants a raise"),
        ("A lifeguard who can't swim works at sea", "lifeguard", "I can't swim\\b(?! works)"),
        ("The school bus driver retires early", "school bus driver", "I retired early"),
        ("Five pigeons open a law firm", "pigeon", "[Ww]e opened a law firm"),
        ("社員旅行で社長がずっと方言", "社長", "社員旅行でずっと方言な"),
        ("宅配の受け取りサインを求められる透明人間", "透明人間", "求められる"),
        ("彼氏の実家でトイレットペーパーが切れた", "", "彼氏の実家でトイレットペーパーが切れた"),
        ("二人の侍が自動販売機の前で譲り合う", "侍", "私たち、自動販売機"),
        ("方向音痴の宅配便ドライバー", "宅配便ドライバー", "方向音痴の宅配便ドライバーな[んの]"),
    ],
)
def test_one_of_several_the_writer_or_you_tell_it_in_person(
    idea: str, role: str, said: str
) -> None:
    told: list[str] = []
    for seed in range(8):
        plan = write_plan(idea, COMEDY, seed=seed)
        assert carries(plan) and not faults(plan)
        mine = [c.id for c in plan.cast if c.role == role] if role else [plan.cast[0].id]
        assert mine, [c.role for c in plan.cast]
        told += [beat.line for beat in plan.beats if beat.speaker == mine[0]]
    assert re.search(said, " ".join(told))


@pytest.mark.parametrize(
    ("idea", "frames"),
    [
        ("Venice", "travel agency|street|flat for rent"),
        ("京都", "旅行会社|観光地|空き部屋"),
        ("Cats, spreadsheets and regret", "cooking show|recording studio|kitchen"),
        ("筋トレと盆栽と孤独", "料理番組|録音室|台所"),
        ("New! The one pillow that agrees with you", "shopping channel|test laboratory"),
        ("本日限り！後悔しないハンコ", "通販の番組|調査室"),
        ("😴☕💼", "cooking show|recording studio|kitchen"),
        ("新発売！絶対に起きられる目覚まし時計", "通販の番組|調査室"),
        ("A son finds his father's old watch", "park bench|kitchen|bus stop|post office"),
        (
            "A widower learns to bake his wife's apple pie",
            "park bench|kitchen|bus stop|post office",
        ),
        ("祖父の残した将棋盤で、初めて父に勝った", "公園のベンチ|台所|バス停|郵便局"),
    ],
)
def test_an_idea_of_one_sort_is_told_where_it_belongs(idea: str, frames: str) -> None:
    for seed in range(4):
        plan = write_plan(idea, COMEDY, seed=seed)
        assert re.fullmatch(frames, plan.settings[0].name), plan.settings[0].name
        assert carries(plan)
        if "park bench" in frames or "公園" in frames:
            assert plan.music.mood == "calm"
            assert not {"laughing", "smug"} & {beat.expression for beat in plan.beats}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("WHY DOES MY TV HATE ME", "Why does my TV hate me?"),
        ("a beekeeper who is alergic to honey and wont admit it", "allergic to honey and won't"),
        ("im stuck in a elevator with my ex", "I'm stuck in an elevator"),
        ("a barista who only sells decaf to tiktokers", "decaf to tiktokers"),
    ],
)
def test_an_idea_is_quoted_as_its_writer_would_have_it_printed(typed: str, meant: str) -> None:
    assert meant in read(typed, "en").text


@pytest.mark.parametrize(
    ("idea", "format"),
    [
        ("Explain why the sky is blue", "explainer"),
        ("Why does my phone battery die faster in winter?", "explainer"),
        ("How a compass works", "explainer"),
        ("なぜ空は青いのか", "explainer"),
        ("Why I quit my job to raise alpacas", "comedy_5"),
        ("How to lose a guy in ten days", "comedy_5"),
        ("A dentist who asks why", "comedy_5"),
        ("WHY DOES MY SOCK DRAWER ONLY HAVE LEFT SOCKS", "comedy_5"),
        ("飛行機はなぜ飛ぶの？", "explainer"),
        ("猫はどうして箱が好きなのか", "explainer"),
        ("なぜうちの犬は社長なのか", "comedy_5"),
    ],
)
def test_a_question_of_general_knowledge_is_explained_behind_every_door(
    idea: str, format: str
) -> None:
    # The command, the agent's tool and the browser's form leave it to the order.
    assert RenderRequest(idea=idea).format == format
    assert RenderRequest(idea=idea, format="comedy_5").format == "comedy_5"
    assert Entry(idea=idea).format == format
    assert NewFilmForm(idea=idea).request(Path("new")).format == format


@pytest.mark.parametrize(
    ("idea", "being"),
    [
        ("A vampire dentist is afraid of blood", "vampire dentist"),
        ("A mermaid opens a bank account", "mermaid"),
        ("A traffic light that feels guilty", "traffic light"),
        ("A plumber opens a bank account", ""),
    ],
)
def test_who_is_no_person_says_so_in_a_field(idea: str, being: str) -> None:
    assert being in {character.being for character in write_plan(idea, COMEDY).cast}


@pytest.mark.parametrize("idea", [*IDEAS.values(), "A king in a laundromat", "音痴な王様"])
def test_a_hook_takes_five_seconds(idea: str) -> None:
    hook = write_plan(idea, COMEDY).hook
    assert hook is not None
    assert hook.duration <= 5.0, hook.line


@pytest.mark.parametrize(
    ("idea", "never"),
    [
        ("A lighthouse keeper who is afraid of the dark", r"\ba dark\b"),
        ("A baker who is in love with the moon", r"\ba moon\b"),
        ("A waiter who guards the last pizza", r"\ba last pizza\b"),
    ],
)
def test_what_there_is_once_stays_the_one(idea: str, never: str) -> None:
    for seed in range(40):
        said = said_in(write_plan(idea, COMEDY, seed=seed))
        assert not re.search(never, said), said


def test_a_thing_that_nobody_can_draw_is_no_person_in_an_inset() -> None:
    plan = write_plan("消しゴムが間違いを認めない", COMEDY)
    insets = [plan.hook and plan.hook.inset, *(beat.inset for beat in plan.beats)]
    assert not any(inset and inset.who == "消しゴム" for inset in insets)


@pytest.mark.parametrize(
    ("idea", "answered"),
    [
        ("Explain why the sky is blue", True),
        ("How does a microwave heat food?", True),
        ("なぜ空は青いのか", True),
        ("How do bees find their way home?", False),
        ("Explain why octopuses have three hearts", False),
        ("なぜ猫は高いところが好きなのか", False),
    ],
)
def test_an_explainer_that_knows_no_answer_says_so(idea: str, answered: bool) -> None:
    assert ("does not answer it" in stand_in(write_plan(idea, EXPLAINER))) is not answered


@pytest.mark.parametrize(
    ("idea", "said", "never"),
    [
        (
            "Donald Trump and Xi Jinping share a hot tub",
            "",
            r"jinpinging|share$|\b[Tt]he and\b|no and\b",
        ),
        (
            "A penguin and a polar bear open a travel agency",
            "the two",
            r"[Tt]he penguin open\b|\b[Tt]he and\b",
        ),
        ("The cat is angry 🐶 about the vet", "", r"angry dog"),
        ("A hermit crab who rents out his old shell", "", r"\bI rent\b"),
    ],
)
def test_lines_that_a_reader_stumbled_over(idea: str, said: str, never: str) -> None:
    for seed in range(42, 50):
        text = said_in(write_plan(idea, COMEDY, seed=seed))
        assert not re.search(never, text, re.M), text


def test_whom_an_idea_calls_he_or_she_is_played_by_one() -> None:
    for idea, who in (
        ("A ghost who lost his sheet", "masculine"),
        ("A dragon who hates her cave", "feminine"),
    ):
        plan = write_plan(idea, COMEDY)
        mine = next(c for c in plan.cast if c.role in ("ghost", "dragon"))
        assert mine.presentation == who


@pytest.mark.parametrize(
    ("idea", "said"),
    [
        ("Everyone in the meeting is pretending to understand", "am pretending to understand"),
        ("How to fold a fitted sheet", "don't know how to fold a fitted sheet"),
        ("My wife says I snore in Morse code", "snore in Morse code"),
        ("Two penguins are secretly running a bank", "are secretly running a bank"),
        ("A baker who live-streams her bread", "live-stream my bread"),
        ("蚊にもモテない俺", "蚊にもモテない"),
        ("傘を貸した相手が実は晴れ男だった", "傘を貸した相手が実は晴れ男だった"),
        ("隣の席の人がずっとポテトを食べている", "ずっとポテトを食べている"),
    ],
)
def test_an_idea_is_told_by_whoever_it_is_about(idea: str, said: str) -> None:
    language = detect_language(idea)
    assert in_person(read(idea, language), language)["i_do"] == said


@pytest.mark.parametrize(
    ("idea", "who", "thing"),
    [
        ("A lawyer, a clown and a nun share one umbrella", "lawyer, clown and nun", "umbrella"),
        ("A clown, a banker and a ghost open a bakery", "clown, banker and ghost", "bakery"),
        ("My dad discovered voice memos and now he narrates his life", "dad", "voice memos"),
        ("Why does my knee crack when I stand up", "knee", ""),
        ("Why doesn't the moon fall down?", "moon", ""),
        ("Is cereal a soup?", "cereal", "soup"),
        ("隣の席の人がずっとポテトを食べている", "隣の席の人", "ポテト"),
        ("なんで月曜日はこんなにつらいのか", "月曜日", ""),
        ("QRコードの仕組み", "QRコード", ""),
    ],
)
def test_whom_and_what_an_idea_is_about(idea: str, who: str, thing: str) -> None:
    reading = read(idea, detect_language(idea))
    assert (reading.who.noun if reading.who else "") == who
    assert (reading.thing.noun if reading.thing else "") == thing


@pytest.mark.parametrize(
    ("idea", "words"),
    [
        ("A knight who rents out his umbrella by the hour", ("umbrella", "knight")),
        ("鍵をなくした泥棒", ("鍵",)),
    ],
)
def test_the_turn_of_a_film_is_about_its_idea_as_well(idea: str, words: tuple[str, ...]) -> None:
    for seed in range(14):
        plan = write_plan(idea, COMEDY, seed=seed)
        turn = plan.beats[3].line
        own = (line for lines in asides(idea, plan.language) for line in lines)
        assert any(word in turn for word in (*words, *own)), turn


def test_a_sister_is_cast_as_one() -> None:
    for seed in range(4):
        plan = write_plan("Two sisters share one umbrella", COMEDY, seed=seed)
        mine = [c.presentation for c in plan.cast if c.role == "sister"]
        assert mine == ["feminine"]


@pytest.mark.parametrize(
    "idea",
    [
        "Why doesn't the moon fall down?",
        "Why do we have leap years?",
        "Why does my tummy growl in meetings",
        "なぜ雪は白いのに氷は透明なの?",
        "なんでお腹は鳴るの",
        "なぜ蚊に刺されるとかゆいの？",
        "QRコードの仕組み",
    ],
)
def test_what_people_ask_is_answered(idea: str) -> None:
    assert fitting_format(idea) == "explainer"
    plan = write_plan(idea, EXPLAINER)
    assert stand_in(plan) == ""


def test_what_nobody_can_know_is_not_explained() -> None:
    assert fitting_format("Why does my cat hate me") == "comedy_5"
    assert fitting_format("Why is my boss like this") == "comedy_5"
