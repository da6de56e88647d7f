"""Says what somebody does as he would say it himself, and how he looks if he is no person.

"A chef who loses his keys" tells of himself "I lose my keys"; "my cat joined a band" becomes
"I joined a band", because what happened once is told as past. Where a pronoun could mean somebody
else, nothing is said.

Knows: what an English reader understood of a doing. Does not know: lines, films.
"""

from __future__ import annotations

import re
from dataclasses import replace

from renderers.animatic.creature_kinds import creature_of, looks_human
from renderers.animatic.nouns import find_noun
from renderers.animatic.thing_head import thing_of
from renderers.scene import Presentation
from storyboard.plan import Language
from storyboard.writing.offline.acts import briefly, by_another, neutral
from storyboard.writing.offline.dictionary import inflected
from storyboard.writing.offline.english import ANYBODY, first_half
from storyboard.writing.offline.grammar import grammar
from storyboard.writing.offline.halves import OUTCOME, condition, halves, plain, told_of
from storyboard.writing.offline.lexicon import find, lexicon
from storyboard.writing.offline.phrases import a_or_an, inflector
from storyboard.writing.offline.reading import Act, Named, Reading, Turn
from storyboard.writing.offline.sentence import as_told
from storyboard.writing.offline.turning import answered, by_himself

_HE = r"\b(?:he|his|him|himself)\b"
_SHE = r"\b(?:she|her|hers|herself)\b"
_MAN = re.compile(
    r"(?:\b|grand|step)(?:father|dad|pa|husband|brother|uncle|nephew|son|groom|boy|king|prince|monk"
    r"|rooster|bull|waiter|boyfriend|widower)s?$|(?<!hu)(?<!wo)m[ae]n$|[父兄弟夫男]$|おじ|爺|じい|祖父|息子|王様|王子|少年|彼氏",
    re.IGNORECASE,
)
_WOMAN = re.compile(
    r"(?:\b|grand|step)(?:mother|mum|mom|ma|wife|sister|aunt|niece|daughter|bride|girl|lady|ladies|woman|women|queen"
    r"|princess|nun|hen|cow|waitress|girlfriend|widow)s?$|[母姉妹妻女嫁娘]$|おば|婆|ばあ|祖母|王女|女王|少女|彼女",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"be (?:at|in|inside) (?:an?|the|my|his|her|their)\b"
    r"(?! (?:world|country|city|town|village|universe|family)\b)"
)
_BEINGS = frozenset([0x1F9CC, *range(0x1F9DA, 0x1F9E0)])
"""Emoji of fairies, mermaids, genies and the like: somebody, and no person."""
_WHERE = re.compile(r"be (?:on|in|at|out|under|behind|inside|outside|between|during) ")
_LONGEST = 66
_HABIT = re.compile(
    r"\b(?:only|always|never|still|every|each|when|whenever|all day|all night|twice a)\b"
)
"""What is done more than once."""
_ANOTHER = re.compile(r"^(?:\w+n't |\w+ ){1,3}(?:him|them|her)\b(?! \w)")
_NOT_PLAIN = re.compile(r"(?:です|ます|でした|ました|[^うくすつぬむるぐぶただい])$")
_ANOTHER_JA = re.compile("彼|あなた")
_LONGEST_JA = 18
_LONGEST_OWN_JA = 28
_LONGEST_TOLD_JA = 30
_LONGEST_PHRASE_JA = 22
_WHY = "(?:なぜ|どうして|なんで|何で)(?!か[^？?。])"
_FACT = re.compile(
    rf"のは{_WHY}(?:な[のん]|です|でしょう|だろう)*か?[？?]?$|{_WHY}、?"
    "|(?:の(?:です|でしょう|だろう)?か?|んです(?:か)?|だろう|んだろう|でしょうか?|ですか)?[？?]?$"
)
"""What a question asks about: 「靴下は片方だけなくなる」."""
_YOU_JA = re.compile("^(?:あなた|君|きみ|お前)は")
_SEVERAL_JA = re.compile(
    r"^(?:[二三四五六七八九十数2-9２-９]+(?:人|匹|羽|頭|台|つ|体|本)?の?)|(?:たち|達|ら)$"
)


def playable(reading: Reading, language: Language) -> bool:
    """Whether somebody in this idea can speak for himself: a person or creature, or one of several,
    that no one living is meant by, who does or is something that he can say; or its writer."""
    who = spokesman(reading, language).who
    if who is None:
        return reading.who is None and "i_do" in in_person(reading, language)
    return (
        _seen(who)
        # A hotel is where somebody is.
        and not (reading.act is None and _is_place(who, language))
        and (_known(who.noun) or not any(name in who.phrase for name in reading.names))
        and reading.form in ("clause", "noun")
        # Who is in a laundromat cannot say so at the bank.
        and not (reading.act is not None and _ELSEWHERE.match(reading.act.do))
        and "i_do" in in_person(reading, language)
    )


def lasting(reading: Reading, language: Language) -> bool:
    """Whether what somebody does is told as what he always does, and not as what happened once."""
    told = in_person(spokesman(reading, language), language).get("i_do", "")
    return reading.form != "question" and (reading.act is None or told != reading.act.did)


def spokesman(reading: Reading, language: Language) -> Reading:
    """The reading with one of several as whom it is about: a grandmother of three speaks for all.
    Nobody, where no one of them can be told."""
    who = reading.who
    if who is None or not who.plural:
        return reading
    if language == "ja":
        if "と" in who.noun:
            return replace(reading, who=None)
        noun = _SEVERAL_JA.sub("", who.noun)
        one = Named(noun, noun, noun, noun, kind=who.kind)
    elif who.proper or " and " in who.noun:
        return replace(reading, who=None)
    else:
        head = str(inflector().singular_noun(who.head) or who.head)
        noun = who.noun.removesuffix(who.head) + head
        one = Named(a_or_an(noun), f"the {noun}", noun, head, kind=who.kind)
    return replace(reading, who=one)


def _is_place(who: Named, language: Language) -> bool:
    return any(found.word == who.head for found in find(lexicon().places, who.noun)) and (
        language == "en"
    )


def _seen(who: Named) -> bool:
    """Whether the storyboard has a body for him: no animal is played by a person."""
    if creature_of(who.noun):
        return True
    if who.kind == "person":
        shown = find_noun(who.noun) or " "
        return not any(ord(letter) in _BEINGS for letter in shown)
    return who.kind == "thing" and thing_of(who.noun) is not None


def presentation_in(idea: str, who: str) -> Presentation | None:
    """What an idea says of whom it is about: by what he is, or by its pronouns."""
    # 「彼氏の母」 is a woman.
    he, she = (bool(words.search(who.rsplit("の", 1)[-1])) for words in (_MAN, _WOMAN))
    if he == she:
        he, she = (bool(re.search(words, idea, re.I)) for words in (_HE, _SHE))
    return None if he == she else "masculine" if he else "feminine"


def _known(noun: str) -> bool:
    """Whether it is a role and nobody's name: "Grandpa"."""
    return bool(find(lexicon().roles, noun))


def body_of(who: Named, language: Language) -> dict[str, str]:
    """What somebody who is no person is, and how that looks in words; nothing of a person."""
    if creature_of(who.noun):
        noun = who.noun
        if language == "ja":
            met = find(lexicon().roles, noun)
            noun = met[0].entry.en[0] if met else noun
        if looks_human(who.noun):
            return {"being": who.noun}
        look = f"{a_or_an(noun)} that stands upright and gestures like a person"
        return {"being": who.noun, "appearance": look}
    if who.kind == "thing":
        look = f"a talking {who.noun} with a face, arms and legs"
        return {"being": who.noun, "appearance": look}
    return {}


def in_person(reading: Reading, language: Language) -> dict[str, str]:
    """The slots `i_do` and `my_doing`; what cannot be said is missing."""
    act, who = reading.act, reading.who
    if who is None:
        return _of_its_writer(reading, language)
    named = (
        reading.text.lower() == who.phrase.lower()
        if language == "en"
        else reading.text.endswith(who.phrase) and reading.form == "noun"
    )
    if act is None and re.match("You(?: are|['’]re) ", reading.text):
        named = True
    if act is None and language == "en" and reading.form == "noun":
        # "A therapist for villains".
        named = named or reading.text.lower().startswith(who.phrase.lower())
    if act is None and named and not who.plural:
        # "A vegan butcher" is one.
        act = Act("") if language == "ja" else _being(_what(reading, who))
    elif act is not None and _WHERE.match(act.do) and reading.form == "noun" and not who.plural:
        # "A vegan werewolf on a camping trip" is all of it.
        act = _being(_what(reading, who))
    act = act and neutral(act, who)
    if act is None:
        return {}
    if language == "ja":
        # The plain form is what every person says before 「んです」; a noun with 「な」 fits there too.
        plain = act.does and not _NOT_PLAIN.search(act.does)
        # 「ずっと方言な」 is what he is; 「不器用な消防士」 leaves out who.
        own = "が" in act.does or not reading.text.endswith(who.phrase)
        plain = plain or (act.does.endswith("な") and own)
        if not plain and reading.form == "clause":
            return {}
        said = act.does if plain else f"{_YOU_JA.sub('', reading.text)}な"
        whole = halves(reading.text)
        if _ANOTHER_JA.search(said) or (whole and who.phrase not in whole[0]):
            # Whom only the turn names is met by whoever tells it: 「猫舌なのに夫がラーメン屋」.
            return {}
        parts = halves(said) or two_told(reading)
        told = said if who.noun in said else f"{who.noun}{'は' if 'が' in said else 'が'}{said}"
        slots = {"i_do": said, "told": told} if len(said) <= _LONGEST_JA else {}
        return slots | _parted(parts)
    # "A wizard who failed" tells it as it was.
    past = bool(act.did) and act.did in reading.text
    told = act.did if past else _told(act, reading.form != "clause", who.plural)
    then = ""
    if reading.turn is not None:
        you = reading.text.startswith("You")
        then = _turned(reading.turn, act, who, past=told == act.did != act.do, mine=you)
        if not then:
            return {}
    doing = by_himself(briefly(act.doing), who, who.plural)
    return _spoken(by_himself(told, who, who.plural), doing, then)


def _turned(turn: Turn, act: Act, who: Named, *, past: bool, mine: bool = False) -> str:
    """The second half of what somebody does, in his own words: "and I pretend everything is fine";
    "" where it may mean another."""
    if mine:
        # "You are a plant and …": whoever reads it is meant already.
        return f"{turn.link} {f'I {turn.act.do}' if turn.act else turn.rest}"
    rest = by_another(turn.rest, who)
    if rest is None:
        return ""
    if turn.act is None:
        said = by_himself(rest, who, who.plural, act.does)
        return f"{turn.link} {said}".strip() if said else ""
    doing = neutral(turn.act, who)
    if doing is None:
        return ""
    told = doing.did if past and doing.did else _told(doing, True, who.plural)
    if _ANOTHER.search(told):
        # "Solves the case but won't tell him": that is not himself.
        return ""
    said = by_himself(told, who, who.plural, act.does)
    return f"{turn.link} {'we' if who.plural else 'I'} {said}" if said else ""


def _what(reading: Reading, who: Named) -> str:
    """What somebody is, as the idea says it: "the last cookie in the jar"."""
    said = re.sub(r"^(?:You(?: are|['’]re) )", "", first_half(reading))
    opened = re.match(r"(?:an?|the) ", said, re.IGNORECASE)
    return said[:1].lower() + said[1:] if opened else a_or_an(who.noun)


def _being(what: str) -> Act:
    return Act(f"is {what}", f"be {what}", f"being {what}", f"was {what}")


def _of_its_writer(reading: Reading, language: Language) -> dict[str, str]:
    """What whoever had the idea does, where it is about nobody else."""
    act = reading.act
    if act is None:
        return {}
    if language == "ja":
        mine = reading.form == "clause" or reading.own
        if not mine or not act.does or _NOT_PLAIN.search(act.does):
            return {}
        fits = len(act.does) <= _LONGEST_OWN_JA
        own = {"i_do": act.does, "told": act.does} if fits else {}
        return own | _parted(halves(reading.text))
    doing = re.sub(r" (?:again|every \w+)$", "", act.doing)
    then = f"{reading.turn.link} {reading.turn.rest}".strip() if reading.turn else ""
    if reading.form == "gerund":
        return _spoken(f"keep {doing}", briefly(doing), then)
    if re.match("Every(?:one|body) ", reading.text):
        habit = _told(act, True, False)
        then = _turned(reading.turn, act, ANYBODY, past=False) if reading.turn else ""
        return _spoken(by_himself(habit, ANYBODY), by_himself(doing, ANYBODY), then)
    if re.match(r"(?:I|We|How to)\b", as_told(reading.text)):
        if reading.turn is not None and reading.turn.act is not None:
            one = "we" if re.match("We\\b", as_told(reading.text)) else "I"
            then = f"{reading.turn.link} {one} {reading.turn.rest}"
        return _spoken(act.does, briefly(doing), then)
    return {}


def in_japanese(reading: Reading) -> dict[str, str]:
    """The slots of whoever tells a Japanese idea of somebody else, or asks it."""
    text, who, act = reading.text, reading.who, reading.act
    said = plain(OUTCOME.sub("", text)) if reading.form == "clause" else ""
    if reading.form == "noun" and who and act and act.does and text.endswith(who.phrase):
        said = f"{who.phrase}{'は' if 'が' in act.does else 'が'}{act.does}"
    elif reading.form == "noun" and who and act and text.endswith(f"{act.does}{text[-1]}"):
        # 「弟が家を出た日」
        said = f"{who.phrase}が{act.does}"
    if not said and reading.form != "word":
        said = plain(OUTCOME.sub("", text))
    slots = _parted(halves(text))
    if who and not slots and (two := two_told(reading)):
        slots = _parted((f"{who.phrase}が{two[0]}", two[1]))
    if asked := condition(text):
        slots |= {"if": asked[0], "after": asked[1]}
    elif reading.form == "question" and re.search(_WHY, text):
        slots["asked"] = _FACT.sub("", text)
    if len(said) <= _LONGEST_TOLD_JA:
        slots |= {"i_do": said, "told": said}
    if reading.form in ("noun", "word") and len(text) <= _LONGEST_PHRASE_JA:
        slots["phrase"] = text
    return slots


def asked_within(line: str, asked: str) -> str:
    """A line with what is asked as Japanese puts it there: 「虹は七色なのか」 and 「虹は七色か」, 「人が
    恋をするわけ」."""
    inner = re.sub("^(.{1,12}?)は", r"\1が", asked)
    line = re.sub(rf"{re.escape(asked)}(?=わけ|の[をは])", inner, line)
    return re.sub(rf"({re.escape(asked[:-1])})な(?=[。？」か]|$)", r"\1", line)


def two_told(reading: Reading) -> tuple[str, str] | None:
    """The two things that an idea tells of somebody: 「引退した忍者が介護施設で働く」."""
    who = reading.who
    if who is None or who.kind == "thing" or reading.form != "clause":
        return None
    two = told_of(reading.text, who.phrase)
    # 「昨日拾った猫」 picked nobody up.
    return two if two and (who.kind == "person" or "を" in two[0]) else None


def _parted(parts: tuple[str, str] | None) -> dict[str, str]:
    return dict(zip(("before", "after"), parts, strict=True)) if parts else {}


def _spoken(i_do: str, my_doing: str, then: str = "") -> dict[str, str]:
    """What somebody does as he says it, and as it is said back to him."""
    slots = {
        "i_do": i_do,
        "my_doing": my_doing,
        "you_do": answered(i_do),
        "your_doing": answered(my_doing),
        "then": then,
        "more": without_and(then),
        "you_then": answered(then),
    }
    return {slot: text for slot, text in slots.items() if text and len(text) <= _LONGEST}


def without_and(then: str) -> str:
    """The second half as a sentence of its own, where it is one: "I pretend everything is fine"."""
    return then[4:] if re.match("and (?!that )", then) else ""


def _told(act: Act, habit: bool, plural: bool) -> str:
    """The doing after "I": a habit or a state as present, an event as past; "" if unknown."""
    if not act.did:
        # "Can only speak in haiku".
        return act.does
    habit = habit or _HABIT.search(act.does) is not None
    if re.match(r"ha(?:s|ve) ", act.does) and not act.do.startswith("have "):
        return act.did
    if act.doing and act.does in (f"is {act.doing}", f"are {act.doing}"):
        return f"{'are' if plural else 'am'} {act.doing}"
    words = act.do.split()
    if words[0] == "not" and len(words) > 1:
        return " ".join(["don't", *words[1:]])
    form = "VBP" if plural else "VBZ"
    be = "are" if plural else "is"
    verb = next(
        (
            at
            for at, word in enumerate(words)
            if (be if word == "be" else inflected(word, form)) in act.does.split()
        ),
        None,
    )
    if verb is None:
        return ""
    if words[verb] == "be":
        return " ".join(["are" if plural else "am", *words[:verb], *words[verb + 1 :]])
    return act.do if habit or words[verb] in grammar().states else act.did
