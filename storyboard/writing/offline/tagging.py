"""Tags English words with their parts of speech, by gruut's CRF.

It comes with the voices, so reading an idea adds nothing to an installation. A title-like
sentence is not what the English tagger was trained on ("An alien orders coffee" is four nouns
to it): what `lemminflect` knows to be a verb is set right where a clause would have none.

Knows: words and tags. Does not know: what an idea is about.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace

from renderers.tagging import english_tags
from storyboard.writing.offline.dictionary import classes, compares, known_noun, known_verb
from storyboard.writing.offline.grammar import grammar

_WORD = re.compile(
    r"[^\W\d_]+?(?=n['’]t\b)|n['’]t\b|['’](?:s|re|ve|ll|d|m)\b|\d[\d.,:]*\d|\d+"
    r"|[^\W\d_]+(?:[-’'][^\W\d_]+(?<!['’]s))*|[^\s\w]"
)
NUMBERS = frozenset(
    [
        *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
        *("twelve", "fifteen", "twenty", "thirty", "forty", "fifty", "sixty", "seventy"),
        *("eighty", "ninety"),
    ]
)
FINITE = ("VBZ", "VBP", "VBD", "MD")
NOUNS = ("NN", "NNS", "NNP", "NNPS")
_PREPOSED = ("IN", "TO", "WDT", "WP", "WP$", "WRB")


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is written, with its Penn Treebank tag and where it stands."""

    text: str
    tag: str
    start: int

    @property
    def low(self) -> str:
        return self.text.lower()

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def english_words(text: str) -> list[str]:
    """The words of an English text, in lower case."""
    return [match[0].lower() for match in _WORD.finditer(text)]


def english(text: str) -> list[Token]:
    """The words of an English sentence with their tags."""
    found = [(match[0], match.start()) for match in _WORD.finditer(text)]
    if not found:
        return []
    tags = english_tags([word for word, _ in found])
    tokens = [Token(w, _sure(w, tag), at) for (w, at), tag in zip(found, tags, strict=True)]
    for at, token in enumerate(tokens[1:], 1):
        if token.text.istitle() and token.tag.startswith("V") and tokens[at - 1].tag == "NNP":
            # "Xi Jinping" does nothing yet.
            tokens = _retag(tokens, at, "NNP")
    return _with_a_verb(_with_nouns(_asked(_after_adverbs(_in_dictionary(_owners(tokens))))))


def _owners(tokens: list[Token]) -> list[Token]:
    """The tokens, with "'s" as whose something is where a verb comes later: "my son's friend owes"."""
    for at, token in enumerate(tokens):
        if token.low in ("'s", "’s") and token.tag in FINITE:
            rest = list(
                itertools.dropwhile(lambda t: t.tag in (*NOUNS, "JJ", "VBG"), tokens[at + 1 :])
            )
            owned = len(rest) < len(tokens) - at - 1 and rest and rest[0].tag in FINITE
            tokens = _retag(tokens, at, "POS") if owned else tokens
    return tokens


_LOOSE = ("JJ", "JJR", "IN", "RB")
_OTHER = frozenset(["ADJ", "ADV"])
_ENDS_IN_S = re.compile(r"[^s]s$")


def _in_dictionary(tokens: list[Token]) -> list[Token]:
    """The tokens, with nouns and adjectives as the dictionary has them where it has one of them
    only: "a retired astronaut", "the honest mechanic"."""
    told = list(tokens)
    for at, token in enumerate(told):
        follows = told[at + 1].tag if at + 1 < len(told) else ""
        known = classes(token.low)
        if not at and token.tag == "RB" and token.low.endswith("s") and follows in ("VB", "VBP"):
            # "Neighbours argue".
            told[at] = replace(token, tag="NNS")
        if token.tag == "VB" and known_verb(token.low) not in ("", token.low):
            # "Wins the lottery and buys".
            told[at] = replace(token, tag="VBZ" if token.low.endswith("s") else "VB")
        irregular = token.tag in ("VBD", "VBN") and not token.low.endswith("ed")
        if (token.tag in _LOOSE or irregular) and known == frozenset(["NOUN"]):
            # "A singer lives", "sells lemonade".
            told[at] = replace(token, tag="NNS" if _ENDS_IN_S.search(token.low) else "NN")
        elif token.tag in ("JJ", "JJR", "JJS") and "NOUN" in known and not known & _OTHER:
            # "A retired pirate joins".
            told[at] = replace(token, tag="NN")
        elif token.tag == "NN" and "ADJ" in known and "NOUN" not in known:
            before = told[at - 1].tag if at else ""
            if follows in (*NOUNS, "JJ") or before in FINITE:
                told[at] = replace(token, tag="JJ")
    return told


def _after_adverbs(tokens: list[Token]) -> list[Token]:
    """The tokens, with verbs where only they can stand: "whose spells only work on Tuesdays", "who
    photographs only backs"."""
    told = list(tokens)
    for at in range(1, len(told)):
        word, before = told[at], told[at - 1]
        follows = told[at + 1] if at + 1 < len(told) else Token("", ".", word.end)
        base = follows.tag in ("VB", "VBP") and known_verb(word.low) not in _HELPING
        if word.tag == "VBZ" and before.tag == "NN" and (base or follows.tag in ("VBD", "MD")):
            # "The alarm clocks went on strike", "the office plants go on strike".
            told[at] = replace(word, tag="NNS")
            told[at + 1] = replace(follows, tag="VBP") if base else follows
            continue
        if word.tag == "NNS" and follows.tag == "VBG" and known_verb(word.low) in _GOING_ON:
            # "The ghost in the attic keeps correcting".
            told[at] = replace(word, tag="VBZ")
            continue
        led_to = word.tag == "NNS" and follows.tag == "TO" and known_verb(word.low) in _LED_TO
        if led_to and before.tag in ("NN", "NNP") and not any(t.tag in FINITE for t in told[:at]):
            # "A nurse from Spain tries to ask".
            told[at] = replace(word, tag="VBZ")
            continue
        loose = word.tag == "RB" and follows.tag in NOUNS
        used = word.tag == "NN" and follows.tag == "VBN" and "ADJ" in classes(word.low)
        if before.tag == "DT" and (loose or used):
            # "A lonely astronaut", "an honest used car salesman".
            told[at] = replace(word, tag="JJ")
            continue
        if word.tag not in ("NN", "NNS", "VB", "JJ") or not known_verb(word.low):
            continue
        noun = at > 1 and told[at - 2].tag in NOUNS and before.low in _FREQUENTLY
        led = told[at - 2] if at > 1 and before.low in _FREQUENTLY else before
        led_on = follows.tag in ("RB", "DT", "PRP$", "IN", "TO", "JJ")
        led_on = led_on or (word.low.endswith("s") and follows.tag in NOUNS)
        relative = led.tag == "WP" and led_on
        if noun or relative:
            tag = "VBZ" if word.low.endswith("s") and not word.low.endswith("ss") else "VBP"
            told[at] = replace(word, tag=tag)
            told[at - 1] = replace(before, tag="RB") if noun else before
    return told


_HELPING = ("", "help", "let", "dare", "need", "make", "come", "go", "see", "watch", "hear")
"""What may stand before another verb: "helps build"."""
_GOING_ON = ("keep", "start", "stop", "hate", "avoid", "enjoy")
_LED_TO = frozenset(
    "try learn want need refuse decide forget begin start hope agree offer promise fail".split()
)
_FREQUENTLY = ("only", "always", "never", "still", "just", "secretly", "also", "really")


def _asked(tokens: list[Token]) -> list[Token]:
    """The tokens, with the verb that "does" asks for: in "Why does my battery die faster" it is
    no noun, nor in "Can a squirrel sue a feeder"."""
    told = next((i for i, t in enumerate(tokens[:4]) if t.low in _ASKING), None)
    opened = told == 0 and tokens[-1].text == "?"
    if told is None or (tokens[0].tag not in ("WRB", "WP", "WDT") and not opened):
        return tokens
    told += tokens[told + 1].tag == "RB" if told + 1 < len(tokens) else 0
    clause = itertools.takewhile(lambda t: t.tag != "WRB", tokens[told + 2 :])
    if any(t.tag in ("VB", *FINITE) for t in clause):
        return tokens
    run = list(
        itertools.takewhile(
            lambda at: tokens[at].tag in (*NOUNS, "DT", "PRP$", "JJ"), range(told + 1, len(tokens))
        )
    )
    verbs = [at for at in run[1:] if known_verb(tokens[at].low) == tokens[at].low]
    # What can be nothing else comes first: "sue a bird" before "feeder".
    verbs = [at for at in verbs if classes(tokens[at].low) == frozenset(["VERB"])] or verbs
    if not verbs:
        return tokens
    after = verbs[-1] + 1
    compared = after < len(tokens) and compares(tokens[after].low)
    return _retag(_retag(tokens, after, "RBR") if compared else tokens, verbs[-1], "VB")


_ASKING = ("do", "does", "did", "can", "could", "will", "would", "should")


def _with_nouns(tokens: list[Token]) -> list[Token]:
    """The tokens, with a noun where an article asks for one: "the last bus", "a compass works"."""
    told = list(tokens)
    for at, token in enumerate(told):
        follows = told[at + 1] if at + 1 < len(told) else None
        if _compound(told, at):
            told[at] = replace(token, tag="NN")
        elif tag := _mended(told[:at], token, follows):
            told[at] = replace(token, tag=tag)
    return told


def _compound(tokens: list[Token], at: int) -> bool:
    """Whether a "verb" stands among nouns before the verb: "the school bus driver retires"."""
    return (
        0 < at < len(tokens) - 2
        and tokens[at].tag in FINITE
        and tokens[at].tag not in ("VBD", "MD")
        and tokens[at].low not in ("is", "are", "has", "have", "does", "do", "says")
        and tokens[at - 1].tag in NOUNS
        and tokens[at + 1].tag in NOUNS
        and (tokens[at + 2].tag in FINITE or known_verb(tokens[at + 2].low) != "")
    )


def _mended(before: list[Token], token: Token, follows: Token | None) -> str:
    """The tag of a word that the tagger mistook, by its neighbours; "" for one that may be right."""
    after_article = bool(before) and before[-1].tag in ("DT", "PRP$")
    asked = bool(before) and before[0].tag == "WRB"
    trailing = grammar().trailing_adjectives
    if token.low in trailing and before and before[-1].tag in NOUNS and token.tag in NOUNS:
        return "JJ"
    # "And that was years ago".
    if token.tag in FINITE and after_article and before[-1].low not in ("that", "this"):
        return "JJ" if follows and follows.tag in NOUNS else "NN"
    opened = len(before) > 1 and before[-1].tag == "JJ" and before[-2].tag in ("DT", "PRP$")
    does = follows is not None and follows.tag in ("VB", "VBN", "VBP")
    if opened and does and token.tag == "VBZ" and known_noun(token.low):
        # "The retired spies run".
        return "NNS"
    if len(before) > 1 and before[-1].tag == "NNS" and token.tag in ("VB", "VBN"):
        # And so does what they do.
        return "VBP" if before[-2].tag == "JJ" and known_verb(token.low) == token.low else ""
    if token.tag in FINITE and opened and follows and follows.tag in NOUNS:
        return "NN"
    if follows is None:
        # "Why is ice slippery?", "How a compass works".
        if asked and len(before) > 2 and before[-2].low in ("is", "are") and token.tag == "NN":
            return "JJ"
        return "VBZ" if asked and token.tag == "NNS" and before[-1].tag == "NN" else ""
    several = bool(before) and (_plural(before[-1]) or any(t.low == "and" for t in before[1:]))
    if token.low == "open" and several and follows.tag in ("DT", "PRP$"):
        return "VBP"
    loose = token.tag in ("JJ", "VB", "RB", "FW")
    if loose and after_article and (follows.tag in FINITE or follows.low in trailing):
        return "NN"
    # "Why is ice slippery", "Is cereal a soup".
    subject = bool(before) and before[-1].tag in FINITE and (asked or len(before) == 1)
    told = (loose and follows.tag == "JJ") or (token.tag == "JJ" and follows.tag == "DT")
    return "NN" if subject and told else ""


def _sure(word: str, tag: str) -> str:
    """The tag, put right where the word leaves no doubt."""
    if not word[0].isalnum() and "'" not in word and "’" not in word:
        return "."
    if word.isalpha() and tag in (".", ",", ":", "''", "``", "-LRB-", "ADD", "NFP", "FW", "UH"):
        tag = "NNP" if word[0].isupper() else "NNS" if word.endswith("s") else "NN"
    if word.lower() in ("n't", "n’t"):
        return "RB"
    if word.lower() in NUMBERS:
        return "CD"
    if tag == "MD" and len(word) > 3 and not _MODAL.fullmatch(word.lower()):
        # "The villagers build a wall".
        return "VBP"
    known = {"who": "WP", "whom": "WP", "children": "NNS", "people": "NNS", "open": "JJ"}
    if word.lower() in known and not tag.startswith("V"):
        return known[word.lower()]
    return tag


_MODAL = re.compile(
    r"(?:can|could|may|might|must|shall|should|will|would|ought|need)(?:not|n['’]t)?"
)


def _with_a_verb(tokens: list[Token]) -> list[Token]:
    """The tokens, with a finite verb in the main clause if one of its "nouns" can be it."""
    if len(tokens) == 1:
        only = tokens[0]
        return [replace(only, tag="NN")] if only.tag.startswith("V") else tokens
    for at, token in enumerate(tokens):
        if token.tag in FINITE or (token.tag in _PREPOSED and at):
            return _coordinated(tokens)
        if token.tag == "VB" and at and _plural(tokens[at - 1]):
            return _coordinated(_retag(tokens, at, "VBP"))
        if at and _could_be_verb(tokens, at):
            singular = token.low.endswith("s")
            return _coordinated(_retag(tokens, at, "VBZ" if singular else "VBP"))
    return tokens


def _coordinated(tokens: list[Token]) -> list[Token]:
    """ "Breaks into a house and cleans it": what follows the "and" is a verb as well."""
    for at in range(2, len(tokens)):
        word = tokens[at]
        if (
            tokens[at - 1].low in ("and", "but", "or")
            and tokens[at - 2].tag != "NNS"
            and word.tag in NOUNS
            and word.low.endswith("s")
            and known_verb(word.low)
            and at + 1 < len(tokens)
            and tokens[at + 1].low in grammar().closed
            and any(t.tag == "VBZ" for t in tokens[:at])
        ):
            tokens = _retag(tokens, at, "VBZ")
    return tokens


def _could_be_verb(tokens: list[Token], at: int) -> bool:
    token, before = tokens[at], tokens[at - 1]
    if token.low in grammar().never_verbs or token.tag not in (*NOUNS, "JJ", "RB", "VB"):
        return False
    follows = tokens[at + 1] if at + 1 < len(tokens) else None
    if follows is None and tokens[0].low in ("a", "an") and token.tag == "NNS":
        # "A mosquito apologises" is no plural.
        return at > 1 and before.tag == "NN" and known_verb(token.low) not in ("", token.low)
    if follows is None or follows.tag in (".", "POS", "VBD", "MD", "VBZ"):
        return False
    if follows.tag == "VBP" and before.tag == "JJ":
        # "The retired spies run".
        return False
    if follows.tag in NOUNS and at + 2 < len(tokens) and tokens[at + 2].tag in FINITE:
        # "The school bus driver retires".
        return False
    if not known_verb(token.low):
        return False
    if token.low.endswith("s") and not token.low.endswith("ss"):
        # "A man proposes to", "Cleopatra discovers emojis", and not "two guards in a museum".
        counted = any(t.tag == "CD" or t.low in ("these", "those", "some") for t in tokens[:at])
        ended = (
            before.tag in (*NOUNS, "JJ")
            and not _plural(before)
            and before.low not in grammar().closed
        )
        # A bus is none, however it ends.
        return ended and not counted and known_verb(token.low) != token.low
    several = _plural(before) or (
        before.tag == "NNP" and any(t.low == "and" and t.tag == "CC" for t in tokens[:at])
    )
    # "A lawyer, a clown and a nun share one umbrella".
    joined = before.tag in (*NOUNS, "JJ") and follows.tag in ("DT", "CD", "PRP$")
    several = several or (joined and any(t.low == "and" for t in tokens[1:at]))
    return several and token.tag in ("NN", "VB") and before.tag != "CD"


def _plural(token: Token) -> bool:
    low = token.low
    return token.tag in ("NNS", "NNPS") or low in ("children", "people", "men", "women", "kids")


def _retag(tokens: list[Token], at: int, tag: str) -> list[Token]:
    return [*tokens[:at], replace(tokens[at], tag=tag), *tokens[at + 1 :]]
