"""What sort of idea it is, beyond its grammar: a place, a list, something to sell, what moves, a
lesson in a language.

A bare "Venice" needs a film that goes there, "cats, spreadsheets and regret" one that names all
three, and a widower who learns to bake none that plays him for laughs.

Knows: readings of ideas, lists of words. Does not know: frames, films.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, cast, get_args

from renderers.scene import Place
from storyboard.plan import Language
from storyboard.writing.offline.commands import taught
from storyboard.writing.offline.grammar import grammar
from storyboard.writing.offline.halves import condition, halves
from storyboard.writing.offline.idea import Idea
from storyboard.writing.offline.japanese import SITE
from storyboard.writing.offline.lexicon import find, lexicon
from storyboard.writing.offline.morphemes import japanese
from storyboard.writing.offline.persons import two_told
from storyboard.writing.offline.reading import Reading
from storyboard.writing.offline.soundalikes import MIXED, Mixed
from storyboard.writing.offline.taste import moving, touching

Shape = Literal[
    "if", "turn", "event", "habit", "aruaru", "call", "counted", "pov", "site", "day", "keepsake"
]
"""What the sentence of a Japanese idea is like, which says what its story is like."""
Kind = Literal["tender", "place", "list", "advert", "lesson", "couple"]
Sort = Literal["", "question"] | Kind | Shape | Mixed
SORTS = frozenset(["aside", "scene", *get_args(Kind), *get_args(Shape), *MIXED])
_SHOP = re.compile(r"(?:の|い|な)[^のいな]{1,5}屋$")
"""A shop of which nothing is told that somebody does: 「雨の日の古本屋」."""
_HABIT = re.compile(r"ない|[てで]いる|がる$|すぎる$|しか|だけ|ばかり|いつも|毎|必ず|[ない]$")
"""What is done more than once; 「河童が先生になる」 happens."""
SAID_ALONE = ("if", "aruaru", "call", "counted", "words")
"""What no story of somebody is about: 「新入社員あるある」; two words that the idea gives."""
_APPEAL = re.compile(r"(?:ましょう|[よおこそとのほもろごぞどぼ]う)[！!。]*$")
_COUNTED = re.compile(r"[二三四五六七八九十\d]+(?:つ|個|選|箇条)(?:の[^の]{1,6})?$")
_DAY = re.compile(
    r"(?:日|夜|朝|夏|冬|春|秋|運動会|発表会|大会|式|祭り?|授業|試合|旅行|コンサート|ライブ|花火)$"
)
_KEEPSAKE = re.compile(
    r"(?:祖父|祖母|[父母兄姉弟妹]|おじいちゃん|おばあちゃん|じいちゃん|ばあちゃん|初恋の人|恩師)"
    r"(?:の|が[^がは]{0,8}(?:遺した|残した|くれた|作った|編んだ|縫った|書いた))"
)
"""What somebody near has left or made: nobody wants to laugh at it."""
_SOLD = re.compile(
    r"^(?:new|introducing|announcing|presenting|now in stores|order now|limited offer)\b\W|^(?:buy|try|meet the new)\b"
    r"|^(?:本日限り|画期的|新発売|新登場|期間限定)",
    re.IGNORECASE,
)
_TWO: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:kiss\w*|hug\w*|cuddl\w+|dat(?:e|es|ing)|crush|flirt\w*|romantic|together|each other"
        r"|girlfriend|boyfriend|husband|wife|ex|couple|lovers?|(?:room|flat|class|work)mates?|co-?workers?"
        r"|colleagues?|strangers|honeymoon|tinder"
        r"|(?:in|secretly|first) lov(?:e|es)|fall(?:s|ing)? for|ask\w* (?:him|her|\w+) out"
        r"|h(?:o|e)ld(?:s|ing)? (?:his|her|my|their|your)? ?hands?"
        r"|danc(?:e|es|ing) with|shar(?:e|es|ing) (?:a|an|one) (?:umbrella|taxi|tent|bed|room|blanket))\b",
        re.IGNORECASE,
    ),
    "ja": re.compile(
        "キス|手をつな|手を繋|手を握|抱きし|デート|告白|片思い|片想い|両思い|恋|好き|彼[女氏]|元カ[ノレ]|夫婦|二人|ふたり|同僚"
        "|先輩|後輩|幼なじみ|幼馴染|合コン|同棲|ルームメイト|再会|相合傘|初対面|付き合"
    ),
}
"""What says that two people of an idea meet."""
_GESTURES: Mapping[Language, Mapping[str, re.Pattern[str]]] = {
    "en": {
        "hold your hand? And then... kiss you": re.compile(r"\bhands?\b", re.IGNORECASE),
        "hug you? And then... kiss you": re.compile(r"\b(?:hug|cuddl|embrac)", re.IGNORECASE),
        "dance with you? And then... kiss you": re.compile(
            r"\b(?:danc|tango|waltz|salsa)", re.IGNORECASE
        ),
    },
    "ja": {
        "手をつないでいい？……キスして": re.compile("手を[つ繋握]"),
        "抱きしめていい？……キスして": re.compile("抱きし|ハグ"),
        "一緒に踊っていい？……キスして": re.compile("踊|ダンス"),
    },
}
_LONGEST_ITEM = {"en": 26, "ja": 10}


def sort_of(idea: str, reading: Reading, language: Language) -> Sort:
    """The sort of `idea`; "" for one that any frame may carry."""
    if language == "ja" and (fixed := _fixed(idea, reading)):
        return fixed
    if moving(idea):
        return "tender"
    if taught(idea, language):
        return "lesson"
    if _SOLD.search(idea.strip()):
        return "advert"
    if len(listed(reading, language)) == 3:
        return "list"
    if reading.form in ("word", "noun") and _named_place(reading, language):
        return "place"
    sort = _japanese_sort(reading) if language == "ja" else ""
    if sort != "keepsake" and touching(idea):
        return "tender"
    return sort


def _fixed(idea: str, reading: Reading) -> Sort:
    """Japanese ideas whose sentence has a shape of its own, whatever it is about."""
    said = reading.text
    if said.endswith("あるある"):
        return "aruaru"
    if (re.match("もし", idea) and condition(said)) or re.search(r"(?:[ただ]ら|なら|れば)$", said):
        return "if"
    if reading.form == "question":
        return "question"
    if _APPEAL.search(said) and japanese(said)[-1].pos == "助動詞":
        return "call"
    if _COUNTED.search(said):
        return "counted"
    seen = reading.form == "clause" or not (reading.who and said.endswith(reading.who.noun))
    if re.match(r"(?:POV|ＰＯＶ)", idea, re.IGNORECASE) and seen:
        return "pov"
    animal = reading.who is not None and reading.who.kind == "animal"
    if reading.form == "noun" and _DAY.search(said) and len(said) > 3 and not animal:
        return "day"
    return ""


def _japanese_sort(reading: Reading) -> Sort:
    """Other Japanese ideas by the shape of their sentence, which is the shape of their story."""
    said, who = reading.text, reading.who
    thing = who is not None and who.kind == "thing"
    if thing and reading.form == "noun" and _KEEPSAKE.search(said):
        return "keepsake"
    whole = reading.act is None or reading.act.does.endswith("な")
    if (halves(said) and (reading.form == "clause" or whole)) or two_told(reading):
        return "turn"
    place = thing or (who is not None and _SHOP.search(said) is not None)
    if who and place and reading.form == "noun" and site(who.noun):
        return "site"
    if reading.form == "noun" and any(
        m.text == "は" and m.kind == "係助詞" for m in japanese(said)
    ):
        # 「夫婦げんかの原因はいつも温度」
        return "habit"
    if reading.form == "clause" or (who and reading.form == "noun" and (not thing or reading.act)):
        does = reading.act.does if reading.act else said
        once = re.search("[ただ]$", does) or (
            reading.form == "clause" and not _HABIT.search(does) and reading.who
        )
        return "event" if once else "habit"
    return ""


def site(noun: str) -> bool:
    """Whether it is somewhere that a film can be set."""
    return bool(_known_places(noun)) or SITE.search(noun) is not None


def set_in(idea: Idea, reading: Reading) -> Place:
    """The set that comes nearest to the place that an idea is."""
    noun = reading.who.noun if reading.who else ""
    nearest: list[Place | None] = [*_known_places(noun), idea.place_kind]
    return nearest[0] or ("shop" if re.search("[屋店]$", noun) else "park")


def _known_places(noun: str) -> list[Place]:
    found = (f for f in find(lexicon().places, noun) if f.language == "ja")
    # The ids of places are the very names of the sets.
    return [cast(Place, f.entry.id) for f in found if noun.endswith(f.word)]


def two_meet(idea: str, language: Language) -> bool:
    """Whether an idea is about two people between whom something may happen."""
    return _TWO[language].search(idea) is not None


def gesture_in(idea: str, language: Language) -> str:
    """What is asked for in a film about a kiss: before it what the idea wishes for."""
    kiss = "キスして" if language == "ja" else "kiss you"
    return next((g for g, words in _GESTURES[language].items() if words.search(idea)), kiss)


def _named_place(reading: Reading, language: Language) -> bool:
    who = reading.who
    if who is None or reading.act is not None or who.phrase.lower() != reading.text.lower():
        return False
    if language == "en":
        return who.noun.lower() in grammar().places_named
    return all(m.region for m in japanese(reading.text))


def listed(reading: Reading, language: Language) -> tuple[str, ...]:
    """The first three things of a bare list; fewer where the idea is none."""
    if reading.form in ("question", "gerund", "none") or reading.act is not None:
        return ()
    text = reading.text
    parts = (
        re.split(r"、|と(?=\w)", text)
        if language == "ja"
        else re.split(r"\s*,\s*(?:and |or |& )?|\s+(?:and|&)\s+", text)
    )
    items = [part.strip(" .、。") for part in parts]
    plain = all(0 < len(item) <= _LONGEST_ITEM[language] for item in items)
    if language == "ja":
        # 「大人になるとは、…」 is a sentence.
        plain = plain and all(
            m.pos != "動詞" and m.text not in ("は", "を") for m in japanese(text)
        )
    if len(items) < 3 or not plain:
        return ()
    if language == "en":
        first = items[0].split()[0]
        known = first.lower() in ("a", "an", "the", "my") or not first[1:].islower()
        kept = known or first in reading.names
        items[0] = items[0] if kept and first[0] != "A" else items[0][:1].lower() + items[0][1:]
    return (items[0], items[1], items[-1])
