"""Reads an idea in English: phrases and the clause, from the tags of its words.

Knows: English grammar as far as one sentence of an idea needs it. Does not know: lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from storyboard.writing.offline.commands import without_commands
from storyboard.writing.offline.lexicon import find, lexicon
from storyboard.writing.offline.reading import Act, Form, Named, Reading
from storyboard.writing.offline.tagging import FINITE, NOUNS, Token, english, inflected, lemma

LONGEST_QUOTE = 130
"""Characters that a narrator says within ten seconds; a longer idea is cut where a clause ends."""
LONGEST_ACT = 52
_DETERMINERS = ("DT", "PRP$", "CD", "PDT", "WP$")
_INSIDE = ("JJ", "JJR", "JJS", *NOUNS, "VBN", "VBG", "POS", "HYPH", "CD", "AFX")
_FIRST = frozenset(["i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves"])
_EMPTY = frozenset(
    [
        "be",
        "have",
        "do",
        "get",
        "go",
        "make",
        "take",
        "thing",
        "things",
        "something",
        "anything",
        "everything",
        "nothing",
        "someone",
        "somebody",
        "everyone",
        "everybody",
        "anyone",
        "nobody",
        "one",
        "other",
        "each",
        "way",
        "time",
        "lot",
        "only",
        "again",
        "never",
        "always",
        "first",
        "last",
        "really",
        "very",
        "too",
        "so",
        "such",
        "own",
        "same",
        "new",
        "old",
        "more",
        "most",
        "just",
        "still",
        "even",
        "also",
        "up",
        "out",
        "off",
        "back",
        "then",
        "now",
        "here",
        "there",
        "not",
        "n't",
        "can",
        "could",
        "will",
        "would",
        "should",
        "may",
        "might",
        "must",
        "day",
        "much",
        "many",
        "become",
        "let",
        "about",
        "online",
        "accidentally",
        "finally",
        "kind",
        "sight",
    ]
)
_MASS = frozenset(
    [
        "furniture",
        "homework",
        "money",
        "music",
        "pizza",
        "coffee",
        "tea",
        "water",
        "bread",
        "rice",
        "cheese",
        "chocolate",
        "food",
        "love",
        "sleep",
        "news",
        "weather",
        "traffic",
        "luggage",
        "advice",
        "spelling",
        "art",
        "happiness",
        "mathematics",
        "physics",
        "maths",
        "english",
        "spanish",
        "japanese",
        "time",
        "work",
        "rain",
        "snow",
        "air",
        "light",
        "sand",
        "sugar",
        "salt",
        "blood",
        "gravity",
        "electricity",
        "magic",
        "silence",
        "laughter",
        "laundry",
        "software",
        "internet",
        "wifi",
        "email",
        "housework",
        "paperwork",
        "jealousy",
        "boredom",
        "patience",
        "karma",
        "luck",
        "hope",
        "fear",
        "anger",
        "politics",
        "algebra",
        "poetry",
        "jazz",
        "beer",
        "wine",
        "milk",
        "soup",
        "toast",
        "butter",
        "garlic",
        "honey",
        "salad",
        "pasta",
        "sushi",
        "ramen",
        "support",
        "spinach",
        "broccoli",
        "tofu",
        "insomnia",
        "anxiety",
        "capitalism",
        "bureaucracy",
        "nostalgia",
    ]
)
_PEOPLE = re.compile(
    r"(?:er|or|ist|ian|man|men|woman|women|person|people|ess|eer|ant|ent|ee|kid|child|children|boy"
    r"|girl|mom|mum|dad|friend|twin|king|queen|pirate|thief|mime|couple|intern|boss|guy|lady|bride"
    r"|groom|wife|husband|uncle|aunt|cousin|spy|chef|clerk|pilot|nurse|judge|coach|guard|host|monk"
    r"|nun|priest|god|angel|devil|death|ghost|wizard|witch|alien|superhero|hero|villain|vampire"
    r"|zombie|mermaid|santa|elf|giant|knight|poet|student|astronaut|mayor|roommate|coworker"
    r"|colleague|neighbou?r|tourist|burglar|ninja|samurai|stranger|introvert|millennial|toddler"
    r"|baby|teenager|grandma|grandpa|dj|ceo)s?$"
)
_NOT_PEOPLE = frozenset(
    [
        "elevator",
        "toaster",
        "printer",
        "computer",
        "refrigerator",
        "calculator",
        "paper",
        "letter",
        "water",
        "computer",
        "plant",
        "restaurant",
        "apartment",
        "power",
        "tower",
        "flower",
        "number",
        "weather",
        "father's",
        "order",
        "river",
        "dinner",
        "summer",
        "winter",
        "paper",
        "sweater",
        "hamburger",
        "burger",
        "calendar",
        "mirror",
        "door",
        "floor",
        "error",
        "colour",
        "color",
        "humor",
        "monster",
        "spider",
        "tiger",
        "hamster",
        "elephant",
        "parent",
        "ant",
        "giant",
        "department",
        "document",
        "government",
        "moment",
        "present",
        "event",
        "accent",
        "content",
        "talent",
        "restaurant",
        "server",
        "router",
        "drawer",
        "counter",
        "hair-dryer",
        "dryer",
        "filter",
        "poster",
        "poetry",
        "ladder",
        "cancer",
        "disaster",
        "master",
        "chapter",
        "finger",
        "corner",
        "cover",
        "drawer",
        "coffee",
        "committee",
        "fee",
        "knee",
        "tree",
        "bee",
        "cent",
        "tent",
        "vent",
        "lobster",
        "rooster",
        "otter",
        "beaver",
        "badger",
        "container",
        "kangaroo",
        "raptor",
        "motor",
        "tractor",
        "alligator",
        "escalator",
        "radiator",
        "generator",
        "projector",
        "detector",
        "vacuum-cleaner",
        "cleaner",
        "lawnmower",
        "mower",
        "dishwasher",
        "washer",
        "boiler",
        "charger",
        "scooter",
        "speaker",
        "furniture",
        "heater",
        "cucumber",
        "butter",
        "pepper",
        "ginger",
        "copier",
        "shredder",
        "blender",
        "mixer",
        "cooker",
    ]
)


_NEVER_PEOPLE = frozenset(
    [
        "earth",
        "mars",
        "moon",
        "mondays",
        "tuesdays",
        "fridays",
        "sundays",
        "monday",
        "friday",
        "christmas",
        "halloween",
        "osaka",
        "tokyo",
        "paris",
        "london",
        "berlin",
        "ukraine",
        "japan",
        "england",
        "america",
        "china",
        "france",
        "spain",
        "spanish",
        "english",
        "japanese",
        "french",
        "german",
        "twitter",
        "tiktok",
        "zoom",
        "netflix",
        "ikea",
        "excel",
        "google",
        "amazon",
        "instagram",
        "facebook",
    ]
)


@cache
def _inflect() -> Any:
    import inflect

    return inflect.engine()


def read_english(text: str) -> Reading:
    """Understand an English idea."""
    said = quoted(text)
    tokens = english(said)
    if not any(t.text[0].isalnum() for t in tokens):
        return Reading(said)
    question = _question(tokens)
    start = _after_question(tokens) if question else 0
    who_end, who = _noun_phrase(tokens, start)
    if question and who is None:
        start = next((i for i, t in enumerate(tokens) if t.tag in NOUNS), 0)
        who_end, who = _noun_phrase(tokens, start)
    form, verb = ("question", None) if question else _form(tokens, who_end, who)
    act = None
    if form == "gerund":
        who, verb = None, 0
    if verb is not None:
        act = _act(tokens, verb, who)
    elif question and who is not None and who_end < len(tokens) and tokens[who_end].tag in FINITE:
        act = _act(tokens, who_end, who)
    thing = _thing(said, tokens, who_end if who else 0, who)
    if form == "gerund" and thing is None:
        thing = None
    return Reading(
        text=said,
        form=form,
        who=who,
        act=act,
        thing=thing,
        place=_place(said, who),
        content=_content(tokens),
        names=_people_named(tokens),
        own=any(t.low in _FIRST for t in tokens),
    )


def quoted(text: str) -> str:
    """The idea as one sentence that can be said within quotation marks."""
    said = without_commands(re.sub(r"[\"“”]", "", text), japanese=False)
    said = re.sub(r"(?<!\w)['‘]([^'’]{1,40})['’](?!\w)", r"\1", said)
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z\d])", said)
    said = sentences[0] if len(sentences[0]) > 12 or len(sentences) == 1 else said
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
        m.start() for m in re.finditer(r"[,;:(]| (?:and|but|because|while|when|so|until) ", said)
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


def _question(tokens: Sequence[Token]) -> bool:
    low = tokens[0].low
    if low in ("why", "how", "what", "where", "when", "who", "which") and len(tokens) > 1:
        return True
    return tokens[-1].text == "?" and tokens[0].tag in FINITE


def _after_question(tokens: Sequence[Token]) -> int:
    for i, token in enumerate(tokens[1:4], 1):
        if token.tag in (*_DETERMINERS, *NOUNS, "JJ", "PRP"):
            return i
    return 1


def _noun_phrase(tokens: Sequence[Token], start: int) -> tuple[int, Named | None]:
    """The phrase that begins at `start`: where it ends, and who or what it names."""
    end = start
    while end < len(tokens) and _belongs(tokens, start, end):
        end += 1
    while end > start and tokens[end - 1].tag not in (*NOUNS, "JJ", "VBG", "VBN"):
        end -= 1
    part = tokens[start:end]
    # "The unemployed", "an AI": an adjective at the end stands for a noun.
    stands_for = bool(part) and part[-1].tag == "JJ" and part[0].tag in _DETERMINERS
    if not any(t.tag in NOUNS for t in part) and not stands_for:
        return start, None
    together = _joined(tokens, end, part)
    if together is not None:
        return together
    return end, _named(part)


def _belongs(tokens: Sequence[Token], start: int, at: int) -> bool:
    token = tokens[at]
    if token.tag in _DETERMINERS:
        return at == start or tokens[at - 1].tag in _DETERMINERS or token.tag == "CD"
    if token.tag == "VBG":
        # "A cooking show", and not "a couple assembling furniture".
        rest = tokens[at + 1 : at + 2]
        opened = at == start or tokens[at - 1].tag in (*_DETERMINERS, "JJ")
        return bool(opened and at > start and rest and rest[0].tag in NOUNS)
    if token.tag == "VBN":
        rest = tokens[at + 1 : at + 2]
        opened = at > start and tokens[at - 1].tag in (*_DETERMINERS, "JJ")
        return bool(opened and rest and rest[0].tag in (*NOUNS, "JJ"))
    if token.tag == "JJ" and at > start and tokens[at - 1].tag in NOUNS:
        # "A boxer afraid of bells" ends before the adjective.
        rest = tokens[at + 1 : at + 2]
        return bool(rest and rest[0].tag in NOUNS)
    return token.tag in _INSIDE


def _joined(
    tokens: Sequence[Token], end: int, part: Sequence[Token]
) -> tuple[int, Named | None] | None:
    """ "Romeo and Juliet": two who are one subject."""
    if end + 1 >= len(tokens) or tokens[end].low not in ("and", "&"):
        return None
    named = all(t.tag in ("NNP", "NNPS") for t in (part[-1], tokens[end + 1]))
    if not named and tokens[end + 1].low != "i":
        return None
    stop = end + 2
    while stop < len(tokens) and tokens[stop].tag == "NNP":
        stop += 1
    phrase = " ".join(t.text for t in tokens[:stop] if t.start >= part[0].start)
    phrase = re.sub(r" (?=['’]s\b)", "", phrase)
    if tokens[end + 1].low == "i":
        return stop, _named(part)
    return stop, Named(phrase, phrase, phrase, phrase, plural=True, kind="person", proper=True)


def _named(part: Sequence[Token]) -> Named:
    owner = max((i for i, t in enumerate(part) if t.tag == "POS"), default=-1)
    bare = [t for t in part[owner + 1 :] if t.tag not in ("DT", "PRP$", "PDT", "WP$")]
    phrase = _joined_words(part)
    if not bare:
        bare = list(part[-1:])
    head = bare[-1]
    opened = part[0].tag in _DETERMINERS
    proper = all(t.tag in ("NNP", "NNPS") for t in bare) and not opened
    count = [t for t in bare if t.tag == "CD"]
    plural = _is_plural(head, bool(count) and count[0].low not in ("one", "1"))
    noun = _joined_words([t for t in bare if t.tag != "CD"] or bare)
    keeps = part[0].tag in ("NNP", "NNPS") or part[0].text == "I" or part[0].text[1:2].isupper()
    first = part[0].text if keeps else part[0].low
    phrase = first + phrase[len(part[0].text) :]
    noun = first + noun[len(first) :] if noun.lower().startswith(part[0].low) else noun
    mass = head.low in _MASS and not plural
    kind = _kind(head.low, noun, proper, head.text)
    if not opened and len(bare) == 1 and kind == "person" and not plural and not proper:
        # "Death takes a sick day", "Grandma": a noun that is somebody's name.
        proper, noun, phrase = True, head.text, part[0].text + phrase[len(part[0].text) :]
    # "Love", "onions" and "breast cancer" take no article, "local man" does.
    ordinal = bare[0].low in ("first", "last", "next", "second", "third")
    unopened = not opened and (plural or mass or len(bare) == 1 or kind == "thing")
    bare_name = proper or (unopened and not ordinal)
    definite = noun if bare_name else f"the {noun}"
    told = head.text if proper else head.low
    return Named(phrase, definite, noun, told, plural, mass, kind, proper)


def _joined_words(part: Sequence[Token]) -> str:
    return re.sub(r" (?=['’]s\b|['’](?: |$))", "", " ".join(t.text for t in part))


def _is_plural(head: Token, counted: bool) -> bool:
    if re.fullmatch(r"(?:mon|tues|wednes|thurs|fri|satur|sun)days", head.low):
        return True
    if head.tag in ("NNS", "NNPS"):
        return head.low not in ("maths", "physics", "news", "politics", "mathematics")
    return counted or head.low in ("people", "children", "men", "women", "police", "kids")


def _kind(head: str, noun: str, proper: bool, written: str) -> Any:
    entries = lexicon().roles
    found = find(entries, noun)
    if any(f.entry.animal and noun.lower().endswith((f.word, f"{f.word}s")) for f in found):
        return "animal"
    if found and found[0].entry.id != "robot":
        return "person"
    if head in _NOT_PEOPLE or head.removesuffix("s") in _NOT_PEOPLE:
        return "thing"
    if _PEOPLE.search(head) and head not in _MASS:
        return "person"
    return "person" if proper and written.istitle() and head not in _NEVER_PEOPLE else "thing"


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
        after, _ = _noun_phrase(tokens, at + 1)
        verb = _skip_adverbs(tokens, after)
        if at + 1 < after and verb < len(tokens) and tokens[verb].tag in FINITE:
            return "clause", after
    if opener.low in ("who", "that", "which"):
        verb = _skip_adverbs(tokens, at + 1)
        is_verb = verb < len(tokens) and tokens[verb].tag in FINITE
        return "noun", at + 1 if is_verb else None
    if opener.tag in ("VBG", "VBN", "JJ") or opener.low in ("with", "on", "at", "in", "without"):
        return "noun", at
    later = next((i for i in range(at, len(tokens)) if tokens[i].tag in FINITE), None)
    clause = later is not None and not any(
        t.tag in ("WRB", "WDT", "WP", "WP$") or t.low == "i" for t in tokens[at:later]
    )
    return ("clause" if clause else "noun"), later if clause else None


def _first_noun(tokens: Sequence[Token]) -> int:
    return next((i for i, t in enumerate(tokens) if t.tag in NOUNS), 0)


def _skip_adverbs(tokens: Sequence[Token], at: int) -> int:
    while at < len(tokens) and tokens[at].tag in ("RB", "RBR", "RBS"):
        at += 1
    return at


def _act(tokens: Sequence[Token], start: int, who: Named | None) -> Act | None:
    """The doing that begins at `start`, in the forms that lines need."""
    end = _act_end(tokens, start)
    part = list(tokens[start:end])
    while part and (
        part[-1].tag in ("IN", "TO", "CC", "DT", "PRP$", ".") or part[-1].low == "that"
    ):
        if part[-1].tag == "IN" and len(part) <= 2:
            break
        part.pop()
    if not part or any(t.low in _FIRST for t in part):
        return None
    plural = who is not None and who.plural
    be = "are" if plural else "is"
    if part[0].tag in ("VBN", "JJ") or part[0].low in ("on", "at", "in"):
        rest = _joined_words(part)
        return _of("be", rest, [], be)
    if part[0].low in ("with", "without"):
        have = "have" if part[0].low == "with" else "lack"
        return _of(have, _joined_words(part[1:]), [], inflected(have, "VBP" if plural else "VBZ"))
    adverbs: list[str] = []
    while part and part[0].tag in ("RB", "RBR"):
        adverbs.append(part.pop(0).text)
    if not part:
        return None
    verb, rest = part[0], part[1:]
    if verb.tag == "MD":
        tail = _joined_words(rest)
        return Act(" ".join([*adverbs, verb.text, tail]), tail, "", "") if tail else None
    if rest and rest[0].low in ("n't", "not", "n’t"):
        tail = list(rest[1:])
        if lemma(verb.low) == "do" and tail:
            base = lemma(tail[0].low)
            more = _joined_words(tail[1:])
            one = "don't" if plural else "doesn't"
            return Act(
                f"{one} {base} {more}".strip(),
                f"not {base} {more}".strip(),
                f"not {inflected(base, 'VBG')} {more}".strip(),
                f"didn't {base} {more}".strip(),
            )
        return None
    finite = (
        verb.text if verb.tag in FINITE else inflected(lemma(verb.low), "VBP" if plural else "VBZ")
    )
    if verb.tag == "VBD":
        finite = inflected(lemma(verb.low), "VBP" if plural else "VBZ")
    return _of(lemma(verb.low), _joined_words(rest), adverbs, finite)


_FREQUENT = ("always", "never", "only", "also", "really", "still", "just", "secretly")


def _of(verb: str, rest: str, adverbs: list[str], finite: str) -> Act:
    """The forms of `verb` with what follows it and the adverbs before it."""
    if verb == "be" and rest.split(" ")[0] in _FREQUENT and " " in rest:
        adverb, rest = rest.split(" ", 1)
        adverbs = [*adverbs, adverb]
    begun = re.match(r"([a-z]+ing)\b", rest)
    if verb in ("keep", "start", "begin", "stop") and begun and verb != "stop":
        # Not "keeping ordering".
        going = " ".join([*adverbs, rest])
        past = " ".join([*adverbs, inflected(verb, "VBD"), rest])
        return Act(" ".join([*adverbs, finite, rest]), f"{verb} {rest}", going, past)

    def say(form: str) -> str:
        if verb == "be" and adverbs and form not in ("be", "being"):
            return " ".join([form, *adverbs, rest]).strip()
        return " ".join([*adverbs, form, rest]).strip()

    past = {"are": "were", "is": "was"}.get(finite) if verb == "be" else None
    return Act(
        say(finite),
        say(verb),
        say(inflected(verb, "VBG") if verb != "be" else "being"),
        say(past or inflected(verb, "VBD")),
    )


def _act_end(tokens: Sequence[Token], start: int) -> int:
    """Where the first doing ends: before a second clause, or where it becomes too long."""
    size = 0
    for at in range(start, len(tokens)):
        token = tokens[at]
        size += len(token.text) + 1
        if at > start + 1:
            follows = tokens[at + 1] if at + 1 < len(tokens) else None
            second = (
                token.low in ("and", "but", "or")
                and follows is not None
                and (follows.tag in (*FINITE, "VB", "RB") or follows.tag in ("PRP", "VBG"))
            )
            if second or token.low in ("because", "while", "when", "until", "so", "but", "except"):
                return at
            if token.tag in (".", ",", ":") and token.text in ",.;:!?()":
                return at
        if size > LONGEST_ACT:
            cut = at
            while cut > start + 2 and tokens[cut].tag not in ("IN", "TO", "CC"):
                cut -= 1
            return cut if cut > start + 2 else at
    return len(tokens)


def _thing(said: str, tokens: Sequence[Token], at: int, who: Named | None) -> Named | None:
    """What it is done with or about: the first thing named besides who."""
    while at < len(tokens):
        where = at > 0 and tokens[at - 1].low in ("in", "at", "on") and tokens[at].tag == "NNP"
        if tokens[at].tag in ("DT", "PRP$", "CD", "JJ", *NOUNS) and not where:
            end, named = _noun_phrase(tokens, at)
            if named is not None and end > at:
                told = named.head.lower()
                fits = told not in _EMPTY and told not in (
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
                        "today",
                        "tomorrow",
                        "yesterday",
                    ],
                    *["morning", "night", "minutes", "hours", "price"],
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
        if not token.text[0].isalnum() or token.low in _FIRST:
            continue
        base = token.low
        if token.tag.startswith("V"):
            base = lemma(token.low)
        elif token.tag in ("NNS", "NNPS"):
            base = _inflect().singular_noun(token.low) or token.low
        elif token.tag not in (*NOUNS, "JJ", "JJR", "JJS", "RB", "CD", "FW"):
            continue
        if re.fullmatch(r"[a-z]+days", base):
            base = base.removesuffix("s")
        if base not in _EMPTY and len(base) > 1 and token.tag != "CD":
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


def a_or_an(noun: str) -> str:
    """`noun` with its indefinite article."""
    return str(_inflect().a(noun))


def plural_of(noun: str) -> str:
    return str(_inflect().plural_noun(noun) or noun)
