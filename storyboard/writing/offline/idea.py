"""Reads an idea: what it is about, who is in it, where, in which tone.

People write anything: a sentence, one word, a recipe, an address, an insult, pictures
only. Whatever can be named in the film's language is named; the rest is left out, and the
lines that would need it are passed over.

Knows: rules for English and Japanese, the lexicon. Does not know: formats, threads, plans.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import emoji

from renderers.scene import Place, TimeOfDay
from storyboard.plan import Language
from storyboard.writing.offline.lexicon import Entry, Found, Tone, find, lexicon, position
from storyboard.writing.offline.phrases import a_or_an

LONGEST_READ = 600
"""Characters that rules look at; a longer idea says what it is about before that."""
LONGEST_SLOT = {"en": 26, "ja": 10}
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_MARKUP = re.compile(r"<[^>]{0,200}>|[*_`#~|\\{}\[\]^]+")
_HIRAGANA = re.compile(r"[ぁ-ゖ]")
_KATAKANA = re.compile(r"[ァ-ヴ]")
_HAN = re.compile(r"[一-龠々]")
_VERB_START = re.compile(
    r"\b(who|that|which|whose|where|when|with|without|in|on|at|from|for|and|but|is|are|was|has|"
    r"have|had|can|[a-z]+n['’]t|cannot|could|tries|trying|falls|must|wants|gets|goes|keeps|becomes|"
    r"meets|loses|finds|opens|runs|works|learns|discovers|thinks|believes|decides|refuses|"
    r"forgets|makes|takes|turns|starts|lives|hates|loves|needs|says|only|to|by|of|as|after|"
    r"before|while|because|until|afraid|allergic|addicted|obsessed|stuck|made|working|talking|"
    r"applying|trying|grading|selling|teaching|learning|running|falling|living|going)\b"
)
_ENDS_IN = re.compile(
    r"\b(?P<of>an?|the|of|in|at|with|about|to|for|from|on|his|her|their|its)\s+"
    r"(?P<noun>[a-z]+(?: [a-z]+)?)\s*$"
)
_PROPER = re.compile(r"(?<=[a-z] )([A-Z][A-Za-z]{2,}|[A-Z]{2,})\b")
_DATES = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|"
    r"(?:Septem|Octo|Novem|Decem)ber|English|Japanese|French|German|Spanish|American|Christmas"
)
"""Written with a capital, and no name of a thing."""
_OWNERS = ("his", "her", "their", "its")
_NAMED_EN = re.compile(r"\b(?:named|called)\s+([A-Z][a-z]{1,11})\b")
_NAMED_JA = re.compile(r"([一-龠]{1,3}|[ァ-ヴー]{2,6}|[ぁ-ん]{2,4}?)(?:さん|くん|君|ちゃん)")
_NOT_NAMES = re.compile(
    r"客|母|父|兄|姉|弟|妹|子|婆|爺|嫁|医者|店員|皆|みな|おば|おじ|おか|おと|おね|おに|赤|屋|たく"
)


@dataclass(frozen=True, slots=True)
class Idea:
    """What was understood. Words are in the film's language, or empty where nothing fits."""

    text: str
    """The idea cleaned of addresses and markup: for comparing, never for showing."""
    language: Language
    """Of the film."""
    role: str = ""
    quirk: str = ""
    """English only: what the subject does ("can only speak in haiku")."""
    place: str = ""
    thing: str = ""
    topic: str = ""
    """The best short name for what the idea is about."""
    names: tuple[str, ...] = ()
    tone: Tone = "comic"
    facts: frozenset[str] = frozenset()
    """Ids of everything met, and the tone: what a line may need."""
    subject: Entry | None = None
    place_kind: Place | None = None
    time_of_day: TimeOfDay | None = None
    props: tuple[str, ...] = ()
    mass: frozenset[str] = field(default_factory=frozenset[str])
    """Words said without an article in English."""


def detect_language(text: str) -> Language:
    """Japanese where its grammar shows (hiragana), or where its letters outweigh Latin ones."""
    if _HIRAGANA.search(text):
        return "ja"
    latin = sum(1 for c in text if c.isascii() and c.isalpha())
    return "ja" if len(_HAN.findall(text)) + len(_KATAKANA.findall(text)) > latin else "en"


def clean(text: str) -> str:
    """The words of an idea: no controls, markup or addresses (their words are kept)."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(
        " " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co") else c for c in text
    )
    text = _URL.sub(lambda match: f" {_words_of_address(match[0])} ", text)
    return re.sub(r"\s+", " ", _MARKUP.sub(" ", text)).strip()


def _words_of_address(address: str) -> str:
    parts = urlsplit(address if "://" in address else f"https://{address}")
    path = unquote(parts.path).rsplit(".", 1)[0] if "." in parts.path else unquote(parts.path)
    words = [w for w in re.split(r"[\W_]+", path) if w and not w.isdigit() and len(w) < 20]
    return " ".join(words[-5:]) or (parts.hostname or "").removeprefix("www.").split(".")[0]


def read_idea(text: str, language: Language) -> Idea:
    """Understand `text` for a film in `language`."""
    words = clean(text)
    head = words[:LONGEST_READ]
    head = pictures_named(head, language)
    roles, places, things = (
        _outermost(find(entries, head))
        for entries in (lexicon().roles, lexicon().places, lexicon().things)
    )
    # "A coffee machine", "pizza delivery": what stands inside a longer word is not meant.
    role = roles[0] if roles else None
    place = places[0] if places else None
    apart = [t for t in things if role is None or not _inside(t, role)]
    thing = next((t for t in apart if not t.entry.vague), next(iter(apart), None))
    tone = _tone(head)
    said_role = role.said_in(language) if role else _subject(head, language)
    said_thing = thing.said_in(language) if thing and not thing.entry.vague else ""
    mass = thing is not None and thing.entry.mass
    topic = said_thing or _topic(head, language, said_role) or said_role
    if language == "en" and topic in (said_thing, said_role) and topic and not mass:
        topic = plural(topic)
    met = [f for f in (role, place, thing) if f is not None]
    return Idea(
        text=head or text[:40],
        language=language,
        role=_sayable(said_role, language),
        quirk=_quirk(head) if language == "en" else "",
        place=place.said_in(language) if place else "",
        thing=_sayable(said_thing, language),
        topic=_sayable(topic, language),
        names=_names(head, language),
        tone=tone,
        facts=frozenset(
            {tone, *(f.entry.id.replace(" ", "_") for f in (*roles, *places, *things))}
        ),
        subject=role.entry if role else None,
        place_kind=_place_kind(place, role, thing),
        time_of_day=_time_of_day(head),
        props=tuple(dict.fromkeys(f.entry.prop for f in met if f.entry.prop)),
        mass=frozenset({said_thing, topic} if mass else {topic}),
    )


def pictures_named(text: str, language: Language) -> str:
    """`text` with emoji in words: alone, they are a list that can be said ("an octopus and …")."""
    found = emoji.emoji_list(text)
    if not found:
        return text
    alone = not any(c.isalnum() for c in emoji.replace_emoji(text, ""))
    names = list(dict.fromkeys(_picture(str(e["emoji"]), language) for e in found))
    if alone and language == "ja":
        return "と".join(names)
    if alone:
        said = [name if name in _UNCOUNTED else a_or_an(name) for name in names]
        return " and ".join(part for part in (", ".join(said[:-1]), said[-1]) if part)
    told = emoji.replace_emoji(text, " ")
    if len(re.findall(r"\w{2,}", told)) >= (3 if language == "en" else 1):
        # It only smiles at what is said already.
        return re.sub(r"\s+", " ", told).strip()
    named = emoji.replace_emoji(text, lambda e, _: f" {_picture(e, language)} ")
    return re.sub(r"\s+", " ", named).strip()


def _picture(picture: str, language: Language) -> str:
    """What an emoji is called: as the lexicon has it, else as Unicode has it."""
    known = lexicon().emoji.get(picture.replace("\ufe0f", ""))
    if known is not None:
        return known[language]
    name = emoji.demojize(picture, language=language).strip(":").replace("_", " ")
    return name if language == "ja" else name.lower()


_UNCOUNTED = frozenset(
    ["love", "fear", "sleep", "anger", "fire", "rain", "snow", "laughter", "tears", "heartbreak"]
)


def plural(noun: str) -> str:
    if re.search(r"(?:s|sh|ch|x)$", noun):
        return noun if noun.endswith("s") and not noun.endswith("ss") else f"{noun}es"
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    if noun.endswith("man"):
        return f"{noun[:-3]}men"
    return noun if noun in ("children", "kids", "sushi", "ramen") else f"{noun}s"


def _outermost(found: list[Found]) -> list[Found]:
    """Drop words that stand inside a longer one ("car" in "taxi driver's car seat")."""
    return [f for f in found if not any(_inside(f, other) for other in found if other is not f)]


def _inside(inner: Found, outer: Found) -> bool:
    longer = len(outer.word) > len(inner.word)
    end = outer.at + len(outer.word)
    return longer and outer.at <= inner.at and inner.at + len(inner.word) <= end


def _place_kind(place: Found | None, role: Found | None, thing: Found | None) -> Place | None:
    if place is not None:
        # The ids of places are the very names of the sets.
        return place.entry.id  # pyright: ignore[reportReturnType]
    for found in (role, thing):
        if found is not None and found.entry.place is not None:
            return found.entry.place
    return None


def _time_of_day(text: str) -> TimeOfDay | None:
    words: dict[TimeOfDay, str] = {
        "night": r"\b(?:night|midnight|moon)|夜|深夜|終電|月明かり",
        "evening": r"\b(?:evening|sunset|dusk)\b|夕方|夕暮れ|黄昏",
        "morning": r"\b(?:morning|breakfast|sunrise|dawn)\b|朝",
    }
    low = text.lower()
    return next((time for time, pattern in words.items() if re.search(pattern, low)), None)


def _tone(text: str) -> Tone:
    for tone, words in lexicon().tones.items():
        if any(position(w, text, lang) is not None for lang, ws in words.items() for w in ws):
            return tone
    return "comic"


def _sayable(word: str, language: Language) -> str:
    """`word`, or nothing when the film's voice could not or should not say it."""
    word = re.sub(r"^\W+|\W+$", "", word)
    if len(word) > LONGEST_SLOT[language] or len(word) < (1 if language == "ja" else 2):
        return ""
    unsaid = lexicon().unsaid
    if any(position(w, word, spoken) is not None for spoken, ws in unsaid.items() for w in ws):
        return ""
    if language == "en":
        return word if re.fullmatch(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ' -]*", word) else ""
    return word if re.fullmatch(r"[ぁ-ゖァ-ヴー一-龠々A-Za-z]+", word) else ""


def _subject(text: str, language: Language) -> str:
    """Who or what the idea begins with: "A lonely lighthouse keeper who …"."""
    if language == "ja":
        match = re.search(
            r"(?:する|ない|れる|った|たい|な|の)([一-龠]{2,4})(?=[がはとのを、。]|$)", text
        )
        return match[1] if match else ""
    match = re.match(r"(?:an?|the|my|our|two|three)\s+([^,.;:!?()\"“”]+)", text, re.IGNORECASE)
    if match is None:
        return ""
    phrase = _VERB_START.split(match[1].lower(), maxsplit=1)[0].split()
    return " ".join(phrase[-2:]) if 1 <= len(phrase) <= 4 else ""


def _quirk(text: str) -> str:
    match = re.search(
        r"\b(?:who|that)\s+((?:can|can't|cannot|only|is|has|always|never)\b[^.,;:!?\"]+)", text
    )
    quirk = " ".join(match[1].split()) if match else ""
    return quirk if len(quirk) <= 40 and _plain(quirk) else ""


def _plain(text: str) -> bool:
    unsaid = lexicon().unsaid["en"]
    return text.isascii() and all(position(word, text, "en") is None for word in unsaid)


def _topic(text: str, language: Language, role: str) -> str:
    """What the idea is about besides its subject: what it ends in, or its first words."""
    stop = lexicon().stop_words
    if language == "en" and (proper := _proper_noun(text)):
        return proper
    if language == "ja":
        runs: list[str] = re.findall(r"[一-龠々]{2,6}|[ァ-ヴー]{2,9}", text)
        # A word of one kanji is one only where a particle follows it.
        runs += re.findall(r"(?<![一-龠々])[一-龠](?=[がはをのにと])", text)
        fit = (run for run in runs if run not in stop and run not in role)
        return next((run for run in fit if _sayable(run, "ja")), "")
    sentence = (re.split(r"[.!?]", text, maxsplit=1)[0] or text).lower()
    if role and (ends := _ENDS_IN.search(sentence)):
        word = ends["noun"].split()[-1] if ends["of"] in _OWNERS else ends["noun"]
        if not set(word.split()) & stop and _sayable(word, "en"):
            return plural(word) if ends["of"] in ("a", "an") else word
    return "" if role else _first_words(sentence, stop)


def _proper_noun(text: str) -> str:
    """A name of something inside the first sentence ("discovers TikTok", "haunts an IKEA")."""
    people = {n for group in lexicon().names["en"].values() for n in group} | set(
        _names(text, "en")
    )
    for match in _PROPER.finditer(re.split(r"[.!?]", text, maxsplit=1)[0]):
        word = match[1]
        if word not in people and not _DATES.fullmatch(word) and _sayable(word, "en"):
            return word
    return ""


def _first_words(sentence: str, stop: frozenset[str]) -> str:
    """The first run of at most two words that carry meaning."""
    found: list[list[str]] = [[]]
    for word in re.findall(r"[a-zà-ÿ'’]+|[,;:\"()]", sentence):
        contracted = re.search(r"['’](?!s$)", word)
        if word in stop or contracted or not word[0].isalpha() or not _sayable(word, "en"):
            found.append([])
        else:
            found[-1].append(word)
    return " ".join(max(found, key=lambda run: min(len(run), 2))[:2])


def _names(text: str, language: Language) -> tuple[str, ...]:
    if language == "ja":
        met = [n for n in _NAMED_JA.findall(text) if not _NOT_NAMES.search(n)]
        known = [n for group in lexicon().names["ja"].values() for n in group if n in text]
        return tuple(dict.fromkeys([*met, *known]))[:2]
    known = [
        name
        for group in lexicon().names["en"].values()
        for name in group
        if re.search(rf"\b{name}\b", text)
    ]
    # Dot, June, Olive and Mark are words too: only known names inside a sentence count.
    return tuple(dict.fromkeys([*_NAMED_EN.findall(text), *known]))[:2]
