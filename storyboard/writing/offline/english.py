"""Reads an idea in English: phrases and the clause, from the tags of its words.

Knows: English grammar as far as one sentence of an idea needs it. Does not know: lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from storyboard.writing.offline.acts import FIRST_PERSON, act_at, own_act, unable
from storyboard.writing.offline.commands import without_commands
from storyboard.writing.offline.dictionary import lemma
from storyboard.writing.offline.grammar import grammar
from storyboard.writing.offline.lexicon import find, lexicon
from storyboard.writing.offline.phrases import DETERMINERS, inflector, joined_words, noun_phrase
from storyboard.writing.offline.reading import Form, Named, Reading, Turn
from storyboard.writing.offline.sentence import ANYONE, as_told
from storyboard.writing.offline.tagging import FINITE, NOUNS, Token, english
from storyboard.writing.offline.turns import turn_at, turn_of

_ASKS = re.compile(
    r"(?:why|how|what|where|when|who|which)\b.*?\b(?:do|does|did|is|are|was|can|will|would|has|have)\b",
    re.IGNORECASE,
)
ANYBODY = Named("somebody", "that person", "person", "person", kind="person")
"""Whom "someone who …" is about."""
_OPENERS = ("with", "on", "at", "in", "without", "out")
LONGEST_QUOTE = 130
"""Characters that a narrator says within ten seconds; a longer idea is cut where a clause ends."""


def read_english(text: str) -> Reading:
    """Understand an English idea."""
    said = quoted(text)
    told = as_told(said)
    tokens = english(told)
    every = tokens
    if not any(t.text[0].isalnum() for t in tokens):
        return Reading(said)
    question = _question(tokens)
    if question and _ASKS.match(said) and not said.endswith("?"):
        said += "?"
    start = _asked_about(tokens) if question else 0
    who_end, who = noun_phrase(tokens, start)
    form, verb = ("question", None) if question else _form(tokens, who_end, who)
    if (half := _you_are(said, tokens)) is not None:
        # "You are a plant and your owner is away": the plant alone.
        who_end, who = noun_phrase(tokens[:half], 0)
        form, verb = "noun", None
    begins = _act_begins(tokens, form, who, who_end, verb)
    turn = _turn(tokens, half, begins, told, who)
    if turn is not None:
        tokens = [t for t in tokens if t.end <= turn.at]
        tokens = tokens[: max(1, len(tokens) - (tokens[-1].tag == "."))]
    elif form == "clause" and who is not None and verb and tokens[who_end].low in _WITH:
        # "A pirate with seasickness opens a boat rental".
        having = told[tokens[who_end].start : tokens[verb].start].strip()
        turn = Turn("and that", having, -1)
    act = None
    if who is not None and form == "noun" and who.head.lower() in ("someone", "somebody"):
        who = ANYBODY
    elif who is not None and who.head.lower() in ("someone", "somebody") and verb is not None:
        act, who, verb = act_at(tokens, verb, who), None, None
    elif who is not None and who.head.lower() in ANYONE:
        # "Everyone pretends to understand": so does whoever says it.
        mine = who.head.lower() in ("everybody", "everyone")
        met = any(t.low in FIRST_PERSON for t in tokens)
        act = act_at(tokens, verb, who) if mine and verb is not None and not met else None
        who, verb = None, None
    if form == "gerund":
        who, verb = None, 0
    if question and [t.low for t in tokens[:2]] == ["how", "to"]:
        who, act = None, unable(joined_words(tokens[2:]))
    elif act is not None:
        pass
    elif who is None and len(tokens) > 2 and tokens[0].low in ("i", "we"):
        act = own_act(tokens, 1)
    elif form == "gerund":
        act = own_act(tokens, 0)
    elif verb is not None and not _is_this(said, tokens, verb):
        act = act_at(tokens, verb, who)
    elif question and who is not None and _asked_of(tokens, who_end, start):
        act = act_at(tokens, who_end, who)
    after = max(who_end if who else 0, verb + 1 if verb and who and act else 0)
    # "The raccoons of our street formed a union": it is done with what follows the verb.
    thing = _thing(every, after, who) or _thing(every, who_end if who else 0, who)
    return Reading(
        text=said,
        form=form,
        who=who,
        act=act,
        turn=turn,
        thing=thing,
        place=_place(said, who),
        content=_content(every),
        names=_people_named(every),
        own=any(t.low in FIRST_PERSON for t in every),
    )


def first_half(reading: Reading) -> str:
    """The idea as it is told, up to where its second half begins."""
    told = as_told(reading.text)
    cut = reading.turn.at if reading.turn is not None and reading.turn.at > 0 else len(told)
    return told[:cut].rstrip(" ,;–-.")


_WITH = ("with", "without")
_YOU_ARE = re.compile(r"You(?: are|['’]re) (?:an?|the|my|your)\b")


def _you_are(said: str, tokens: Sequence[Token]) -> int | None:
    """Where what you are ends and what happens to you begins."""
    if not _YOU_ARE.match(said):
        return None
    links = ("and", "but", "while", "when", "because", "until", "so")
    return next((at for at, t in enumerate(tokens) if at > 1 and t.low in links), None)


def _turn(
    tokens: Sequence[Token], half: int | None, begins: int | None, told: str, who: Named | None
) -> Turn | None:
    """The second half of an idea, whose first doing begins at `begins`."""
    if half is None and begins is not None:
        half = turn_at(tokens, begins, who is not None and who.plural)
    return turn_of(tokens, half, told, who) if half is not None else None


def _act_begins(
    tokens: Sequence[Token], form: Form, who: Named | None, who_end: int, verb: int | None
) -> int | None:
    """Where the doing of an idea begins, whoever does it."""
    if form == "gerund":
        return 0
    if who is None and tokens[0].low in ("i", "we"):
        return 1
    return who_end if form == "question" and who is not None else verb


def quoted(text: str) -> str:
    """The idea as one sentence that can be said within quotation marks."""
    said = without_commands(re.sub(r"[\"“”]", "", text), japanese=False)
    said = re.sub(r"(?<!\w)['‘]([^'’]{1,40})['’](?!\w)", r"\1", said)
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z\d])", said)
    if len(sentences) > 2 or len(said) > LONGEST_QUOTE or sentences[0].endswith("?"):
        said = sentences[0] if len(sentences[0]) > 12 else said
    said = re.sub(r"\b([ap])\.m\b\.?", r"\1m", said)
    said = re.sub(r"\s+", " ", said).strip(" .,;:!-–—")
    if len(said) > LONGEST_QUOTE:
        said = _shortened(said)
    question = english_question(said)
    said = said.rstrip("?") if not question else said
    return said[:1].upper() + said[1:]


def english_question(said: str) -> bool:
    return said.endswith("?")


def _shortened(said: str) -> str:
    cuts = [
        m.start()
        for m in re.finditer(
            r"[,;:(]| (?:and|but|because|while|when|so(?! \w+ that\b)|until) ", said
        )
    ]
    fit = [at for at in cuts if 25 <= at <= LONGEST_QUOTE]
    if fit:
        return said[: fit[-1]].rstrip(" ,;:")
    words = said[:LONGEST_QUOTE].rsplit(" ", 1)[0].split()
    while words and words[-1].lower() in [
        "a",
        "an",
        "the",
        "of",
        "to",
        "in",
        "on",
        "at",
        "for",
        "with",
        "and",
        "or",
        "but",
        "who",
        "that",
        "which",
        "is",
        "his",
        "her",
        "their",
        "my",
        "from",
        "by",
        "as",
    ]:
        words.pop()
    return " ".join(words)


def _is_this(said: str, tokens: Sequence[Token], verb: int) -> bool:
    """ "You are the office printer on Monday": that is who, and nothing is done yet."""
    return said.startswith("You are ") and tokens[verb - 1].low not in ("who", "that")


def _question(tokens: Sequence[Token]) -> bool:
    low = tokens[0].low
    if low in ("why", "how", "what", "where", "when", "who", "which") and len(tokens) > 1:
        return True
    return tokens[-1].text == "?" and (tokens[0].tag in FINITE or lemma(low) == "do")


def _asked_of(tokens: Sequence[Token], at: int, start: int) -> bool:
    """Whether what is asked about somebody is what he does or is: "why is ice | slippery"."""
    if at >= len(tokens):
        return False
    is_asked = start > 0 and lemma(tokens[start - 1].low) == "be"
    return tokens[at].tag in (*FINITE, "VB") or (is_asked and tokens[at].tag in ("JJ", "VBG"))


def _asked_about(tokens: Sequence[Token]) -> int:
    """Where whom a question is about stands: its first noun phrase."""
    start = _after_question(tokens)
    if noun_phrase(tokens, start)[1] is not None or (tokens[start].tag == "PRP" and start):
        return start
    start = _first_noun(tokens)
    while start and tokens[start - 1].tag in (*DETERMINERS, "JJ"):
        start -= 1
    return start


def _after_question(tokens: Sequence[Token]) -> int:
    for i, token in enumerate(tokens[1:4], 1):
        if token.tag in (*DETERMINERS, *NOUNS, "JJ", "PRP"):
            return i
    return 1


def _form(tokens: Sequence[Token], at: int, who: Named | None) -> tuple[Form, int | None]:
    """The form of the sentence, and where its verb stands."""
    followed = len(tokens) > 1 and tokens[1].tag not in NOUNS
    if tokens[0].tag == "VBG" and (who is None or followed):
        return "gerund", 0
    if who is None:
        verb = next((i for i, t in enumerate(tokens) if t.tag in FINITE), None)
        if tokens[0].tag in ("VB", "VBP") and len(tokens) > 1:
            return "clause", None
        return ("clause" if verb is not None else "word"), None
    if at >= len(tokens):
        return ("word" if at - _first_noun(tokens) <= 2 and len(tokens) <= 2 else "noun"), None
    verb = _skip_adverbs(tokens, at)
    if verb < len(tokens) and tokens[verb].tag in FINITE:
        return "clause", at
    opener = tokens[at]
    if opener.tag == "IN" and opener.low not in ("that", "but"):
        # "The last two people on Earth don't …": the verb comes after the phrase.
        after, _ = noun_phrase(tokens, at + 1)
        while after > at + 1 and after + 1 < len(tokens) and tokens[after].low == "of":
            # "A plumber with a fear of water becomes".
            after, _ = noun_phrase(tokens, after + 1)
        verb = _skip_adverbs(tokens, after)
        if at + 1 < after and verb < len(tokens) and tokens[verb].tag in FINITE:
            return "clause", after
    if opener.low == "whose":
        return "noun", at
    if opener.low in ("who", "that", "which"):
        verb = _skip_adverbs(tokens, at + 1)
        is_verb = verb < len(tokens) and tokens[verb].tag in FINITE
        return "noun", at + 1 if is_verb else None
    if opener.tag in ("VBG", "VBN", "JJ") or opener.low in _OPENERS:
        return "noun", at
    later = next((i for i in range(at, len(tokens)) if tokens[i].tag in FINITE), None)
    # "The printer, and it's Monday": somebody else does that.
    another = later is not None and later > at and tokens[later - 1].tag == "PRP"
    clause = (
        later is not None
        and not another
        and not any(t.tag in ("WRB", "WDT", "WP", "WP$") or t.low == "i" for t in tokens[at:later])
    )
    return ("clause" if clause else "noun"), later if clause else None


def _first_noun(tokens: Sequence[Token]) -> int:
    return next((i for i, t in enumerate(tokens) if t.tag in NOUNS), 0)


def _skip_adverbs(tokens: Sequence[Token], at: int) -> int:
    while at < len(tokens) and tokens[at].tag in ("RB", "RBR", "RBS"):
        at += 1
    return at


def _thing(tokens: Sequence[Token], at: int, who: Named | None) -> Named | None:
    """What it is done with or about: the first thing named besides who."""
    while at < len(tokens):
        where = at > 0 and tokens[at - 1].low in ("in", "at", "on") and tokens[at].tag == "NNP"
        if tokens[at].tag in ("DT", "PRP$", "WP$", "CD", "JJ", *NOUNS) and not where:
            end, named = noun_phrase(tokens, at)
            if named is not None and end > at:
                told = named.head.lower()
                fits = told not in grammar().empty and told not in (
                    *[
                        "sight",
                        "end",
                        "kind",
                        "sort",
                        "order",
                        "front",
                        "middle",
                        "job",
                        "call",
                        "bit",
                        "lot",
                        "way",
                        "one",
                        "today",
                        "tomorrow",
                        "yesterday",
                    ],
                    *["morning", "night", "minutes", "hours", "price", "midnight", "noon"],
                    *["evening", "afternoon", "weekend", "week", "month", "year", "moment"],
                )
                if fits and len(named.noun) <= 30 and (who is None or told != who.head.lower()):
                    return named
                at = end
                continue
        at += 1
    return None


def _place(said: str, who: Named | None) -> str:
    for found in find(lexicon().places, said):
        if found.language == "en" and (who is None or found.word not in who.noun):
            before = said[: found.at].lower().split()
            if any(
                word in ("in", "at", "on", "into", "inside", "to", "from", "through")
                for word in before[-4:]
            ):
                return found.word
    inside = re.search(r"\b(?:in|at) (?:the )?([A-Z][A-Za-z]+)\b", said)
    return inside[1] if inside else ""


def _content(tokens: Sequence[Token]) -> tuple[str, ...]:
    words: list[str] = []
    for token in tokens:
        if not token.text[0].isalnum() or token.low in FIRST_PERSON:
            continue
        base = token.low
        if token.tag.startswith("V"):
            base = lemma(token.low)
        elif token.tag in ("NNS", "NNPS"):
            base = inflector().singular_noun(token.low) or token.low
        elif token.tag not in (*NOUNS, "JJ", "JJR", "JJS", "RB", "CD", "FW"):
            continue
        if re.fullmatch(r"[a-z]+days", base):
            base = base.removesuffix("s")
        if base not in grammar().empty and len(base) > 1 and token.tag != "CD":
            words.append(base)
    return tuple(dict.fromkeys(words))


def _people_named(tokens: Sequence[Token]) -> tuple[str, ...]:
    """Names: runs of capitalised words that are no common noun at the beginning."""
    runs: list[list[str]] = [[]]
    for token in tokens:
        if token.tag in ("NNP", "NNPS") and token.text[0].isupper():
            runs[-1].append(token.text)
        else:
            runs.append([])
    return tuple(" ".join(run) for run in runs if run)
