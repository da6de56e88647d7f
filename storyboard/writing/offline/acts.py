"""Reads what somebody does or is, in English, and says it in the forms that lines need.

Knows: tagged words. Does not know: ideas, lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from storyboard.writing.offline.phrases import a_or_an, joined_words, noun_phrase
from storyboard.writing.offline.reading import Act, Named, Turn
from storyboard.writing.offline.tagging import (
    FINITE,
    NOUNS,
    Token,
    english,
    inflected,
    known_verb,
    lemma,
)

LONGEST_ACT = 64
LONGEST_TURN = 66
FIRST_PERSON = frozenset(
    ["i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves"]
)


def act_at(tokens: Sequence[Token], start: int, who: Named | None) -> Act | None:
    """The doing that begins at `start`, in the forms that lines need."""
    if tokens[start].low == "whose":
        return _having(tokens, start + 1, who)
    end = _act_end(tokens, start)
    part = list(tokens[start:end])
    # "Every door they walk through" ends there itself.
    while (
        part
        and end < len(tokens)
        and (part[-1].tag in ("IN", "TO", "CC", "DT", "PRP$", ".") or part[-1].low == "that")
    ):
        if part[-1].tag == "IN" and len(part) <= 2:
            break
        part.pop()
    return _told(part, who is not None and who.plural)


def turn_at(tokens: Sequence[Token], start: int, plural: bool = False) -> int | None:
    """Where the second half of an idea begins, whose first doing begins at `start`: "a cook burns
    everything | but the guests come back". None where it is all one."""
    whole = sum(len(t.text) + 1 for t in tokens[start:]) <= LONGEST_ACT
    for at in range(start + 1, len(tokens) - 1):
        if _turns(tokens, start, at, plural, whole) or _back_in_main(tokens, start, at):
            return at
    if whole:
        return None
    late = (at for at in range(start + 3, len(tokens) - 1) if tokens[at].low in _CONDITIONS)
    return next(late, None)


_TURNS = ("but", "except", "though", "although", "yet")
_REASONS = ("because", "while", "until", "so")
_DENIED = frozenset(["only", "never", "not", "n't", "n’t", "no", "nobody", "nothing"])
_SHARED = ("both", "all", "each")
_ANYONE = frozenset(
    ["nobody", "someone", "somebody", "everyone", "everybody", "everything", "nothing", "all"]
)
_ALL = frozenset(["nothing", "anything", "everything", "everyone", "everybody", "all", "anyone"])


def _turns(tokens: Sequence[Token], start: int, at: int, plural: bool, whole: bool) -> bool:
    low, part = tokens[at].low, tokens[start:at]
    if tokens[at - 1].text in (".", "!", ";"):
        return True
    if tokens[at - 1].text == "," and low not in _LINKS:
        # "A knight dates online, his horse chooses for him".
        return tokens[at].tag in ("DT", "PRP$", "PRP") and _goes_on_with(tokens, start, at, plural)
    if low in _TURNS:
        return tokens[at - 1].low not in _ALL
    asked = next((t for t in reversed(part) if t.tag in ("WP", "WRB", "WDT", *FINITE)), None)
    if asked is not None and asked.tag not in FINITE:
        # "Knows what the king and the queen want".
        return False
    if low in _REASONS:
        # "Works only because …" is half of nothing.
        one = whole and any(t.low in _DENIED for t in part)
        clause = low != "so" or tokens[at + 1].tag in ("PRP", "PRP$", "DT", "EX", *NOUNS)
        return clause and not one and len(part) > 1
    return low == "and" and _goes_on_with(tokens, start, after_link(tokens, at), plural)


def _back_in_main(tokens: Sequence[Token], start: int, at: int) -> bool:
    """Whether the main clause goes on at `at` after who it is about: "the boy who cried wolf |
    becomes a reporter"."""
    if tokens[at].tag not in ("VBZ", "VBD", "MD") or tokens[at - 1].tag not in NOUNS:
        return False
    relative = start > 0 and tokens[start - 1].low in ("who", "that", "which")
    said = lemma(tokens[start].low) in _SAYS
    opened = ("CC", "WP", "WRB", "WDT", "PRP", "DT" if said else "CC", ".")
    part = tokens[start + 1 : at]
    return (
        relative
        and at > start + 1
        and not any(t.tag in opened or t.low in (*_CONDITIONS, "that", "than") for t in part)
    )


_SAYS = frozenset(
    [
        *("say", "think", "believe", "know", "claim", "insist", "pretend", "wish", "hope"),
        *("discover", "realise", "realize", "find", "learn", "swear", "suspect", "dream", "fear"),
    ]
)


def _goes_on_with(tokens: Sequence[Token], start: int, at: int, plural: bool) -> bool:
    """Whether a clause begins at `at`, and not one more thing: "and | pretends", "and | the cat
    runs the household"."""
    while at < len(tokens) - 1 and tokens[at].tag == "RB":
        at += 1
    if at >= len(tokens):
        return False
    first = tokens[at]
    if at == len(tokens) - 1 and first.tag in ("VB", "VBP"):
        # "Play hide and seek".
        return False
    if _finite(tokens, at):
        return True
    if first.tag == "VB":
        # "Tries to cook and burn".
        return (plural or tokens[start].tag in ("MD", "VB")) and not any(
            t.tag == "TO" for t in tokens[start:at]
        )
    if first.tag == "IN" and (put := noun_phrase(tokens, at + 1)[0]) > at + 1:
        # "And at the party nobody asks".
        if tokens[put - 1].low in _ANYONE:
            put -= 1
        led = put < len(tokens) and tokens[put].tag not in FINITE
        return led and _goes_on_with(tokens, start, put, plural)
    follows = tokens[at + 1] if at + 1 < len(tokens) else first
    if first.low in _SHARED and known_verb(follows.low) == follows.low:
        return True
    if first.tag in ("PRP", "EX") or (first.low in ("that", "this") and follows.tag in FINITE):
        end = at + 1
    elif first.tag in ("DT", "PRP$", "CD", "NNS", "NNP"):
        end, _ = noun_phrase(tokens, at)
    elif first.low in _ANYONE:
        end = at + 1
    else:
        return False
    while end > at and end < len(tokens) - 1 and tokens[end].tag in ("RB", "IN"):
        # "The lions at the zoo believe him".
        put = noun_phrase(tokens, end + 1)[0] if tokens[end].tag == "IN" else end + 1
        if put <= end + 1 and tokens[end].tag == "IN":
            break
        end = put
    swallowed = end > at + 1 and tokens[end - 1].tag == "NNS" and _finite(tokens, end - 1)
    finite = (*FINITE, "VB") if any(t.tag == "NNS" for t in tokens[at:end]) else FINITE
    return swallowed or (at < end < len(tokens) and tokens[end].tag in finite)


def _finite(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word is a finite verb; "pretends everything is fine" may be tagged a noun."""
    word, follows = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else None
    if word.tag in FINITE or follows is None:
        return word.tag in FINITE
    # "The terms and conditions at parties" are none.
    loose = follows.tag == "IN" and (at < 2 or tokens[at - 2].tag != "NNS")
    led = loose or follows.tag in ("DT", "PRP", "PRP$") or follows.low in _ALL
    return word.tag == "NNS" and led and known_verb(word.low) != ""


_LINKS = frozenset([*_TURNS, *_REASONS, "and"])
_THEN = re.compile(r"(?:and|but|so|yet)(?: ?,? (?:now|then|one (?:day|night|morning)))? ?,?")


def after_link(tokens: Sequence[Token], at: int) -> int:
    """The first word after the link that stands at `at`: "and one day, | the fish …"."""
    if tokens[at].low not in (*_LINKS, *_CONDITIONS):
        return at
    met = _THEN.match(" ".join(t.low for t in tokens[at : at + 5]))
    return at + (len(met[0].split()) if met else 1)


def turn_of(tokens: Sequence[Token], at: int, text: str, who: Named | None) -> Turn | None:
    """The second half of `text` that begins at `at`; None where it is too long to be said."""
    after = after_link(tokens, at)
    rest = list(tokens[after:])
    while rest and len(text) - tokens[at].start > LONGEST_TURN:
        cut = turn_at(rest, 0)
        if cut is None:
            return None
        rest = rest[:cut]
        while rest and rest[-1].tag == ".":
            rest.pop()
        text = text[: rest[-1].end]
    if not rest:
        return None
    plural = who is not None and who.plural
    verb = next((n for n, t in enumerate(rest) if t.tag != "RB"), 0)
    mine = (after > at or tokens[at - 1].tag in NOUNS) and (
        _finite(rest, verb) or rest[verb].tag == "VB"
    )
    link = text[tokens[at].start : rest[0].start].strip()
    if not link and tokens[at - 1].tag in NOUNS:
        link = "and"
    said = text[rest[0].start :]
    if rest[0].low in _SHARED and len(rest) > 1 and rest[1].tag not in FINITE:
        rest, mine = [replace(rest[1], tag="VB"), *rest[2:]], True
    return Turn(link, said, tokens[at].start, _told(rest, plural) if mine else None)


def neutral(act: Act, who: Named | None) -> Act | None:
    """The doing for somebody who has nothing to do with its writer: "my dog ate its owner's
    homework". None where nobody else can say it."""
    told = [by_another(said, who) for said in (act.does, act.do, act.doing, act.did)]
    return None if None in told[:2] else Act(*(said or "" for said in told))


def by_another(said: str, who: Named | None) -> str | None:
    """`said` for somebody who has nothing to do with the idea's writer; None where he can't be."""
    if not _MINE.search(said):
        return said
    if who is None or who.kind == "person" or re.search(r"\b(?:I|we)\b", said):
        return None
    return _MINE.sub(lambda met: _OWNER.get(met[0].lower(), "its owner"), said)


_BRIEF = 28
_ENDS = ("IN", "CC", "WP", "WDT", "WRB")
_BY_THE_WAY = ("still", "also", "just", "really")


def briefly(doing: str) -> str:
    """A doing as it is spoken of once it is known, up to what it is done with: "opening a boat
    rental", and no longer "on a lake". All of it where that would be something else."""
    first, _, rest = doing.partition(" ")
    if first in _BY_THE_WAY or (first.endswith("ly") and " " in rest):
        doing = rest
    whole = len(doing) <= _BRIEF or doing.startswith("being ")
    tokens = [] if whole else english(doing)
    if any(t.low in _DENIED for t in tokens):
        return doing
    for at in range(1, len(tokens)):
        end, named = noun_phrase(tokens, at)
        if named is not None and any(t.tag == "IN" for t in tokens[1:at]):
            # "Falling in love with a statue" is no falling in love.
            return doing
        while named is not None and end + 1 < len(tokens) and tokens[end].low == "of":
            end, named = noun_phrase(tokens, end + 1)
        if named is not None:
            more = tokens[end] if end < len(tokens) else None
            ends = ("IN", "CC", "WRB") if tokens[0].low == "having" else _ENDS
            ended = more is not None and more.tag in ends
            return joined_words(tokens[:end]) if ended else doing
    return doing


def _having(tokens: Sequence[Token], start: int, who: Named | None) -> Act | None:
    """ "Whose rabbit wants a raise": he has a rabbit that wants a raise."""
    end, owned = noun_phrase(tokens, start)
    part = tokens[end : _act_end(tokens, end)]
    verb = next((token for token in part if token.tag != "RB"), None)
    if owned is None or verb is None or verb.tag not in FINITE:
        return None
    what = owned.noun if owned.plural or owned.mass else a_or_an(owned.noun)
    plural = who is not None and who.plural
    told = f"{what} that {joined_words(part)}"
    return _of("have", told, [], "have" if plural else "has")


_MINE = re.compile(rf"\b(?:{'|'.join(FIRST_PERSON)})\b", re.IGNORECASE)
_OWNER = {"my": "its owner's", "our": "its owner's"}
"""Who "I" is to a thing or an animal that the idea is about: "my dog ate its owner's homework"."""


def own_act(tokens: Sequence[Token], start: int) -> Act | None:
    """What whoever writes does, as he says it: "bought a haunted sofa", "losing my keys"."""
    part = tokens[start : _act_end(tokens, start)]
    act = _told(list(part), plural=tokens[0].low == "we")
    whole = joined_words(tokens[start:])
    does = whole if len(whole) <= LONGEST_ACT else joined_words(part)
    return act and replace(act, does=does if start else "")


def unable(what: str) -> Act:
    """What whoever asks how to do it does: not know how."""
    what = what.rstrip(" ?")
    verb, _, rest = what.partition(" ")
    doing = f"{inflected(lemma(verb), 'VBG')} {rest}".strip()
    return Act(f"don't know how to {what}", f"not know how to {what}", doing)


def _told(part: list[Token], plural: bool) -> Act | None:
    if not part:
        return None
    be = "are" if plural else "is"
    if part[0].tag in ("VBN", "JJ") or part[0].low in ("on", "at", "in", "out"):
        rest = joined_words(part)
        return _of("be", rest, [], be)
    if part[0].low in ("with", "without"):
        have = "have" if part[0].low == "with" else "lack"
        return _of(have, joined_words(part[1:]), [], inflected(have, "VBP" if plural else "VBZ"))
    adverbs: list[str] = []
    while part and part[0].tag in ("RB", "RBR"):
        adverbs.append(part.pop(0).text)
    if not part:
        return None
    verb, rest = part[0], part[1:]
    if verb.tag == "MD":
        # "Can't", in two tokens.
        shut = bool(rest) and rest[0].low in ("n't", "n’t")
        can = verb.text + rest[0].text if shut else verb.text
        tail = joined_words(rest[1:] if shut else rest)
        return _able(" ".join([*adverbs, can, tail]), tail, shut) if tail else None
    if rest and rest[0].low in ("n't", "not", "n’t"):
        tail = list(rest[1:])
        if lemma(verb.low) == "do" and tail:
            base = lemma(tail[0].low)
            more = joined_words(tail[1:])
            one = "don't" if plural else "doesn't"
            return Act(
                f"{one} {base} {more}".strip(),
                f"not {base} {more}".strip(),
                f"not {inflected(base, 'VBG')} {more}".strip(),
                f"didn't {base} {more}".strip(),
            )
        return None
    if lemma(verb.low) == "have" and rest and rest[0].tag == "VBN" and verb.tag in FINITE:
        # "Has started charging rent": done, and so told as past.
        if rest[0].low == "been" and len(rest) > 1 and rest[1].tag == "VBG":
            rest = rest[1:]
        done = _of(lemma(rest[0].low), joined_words(rest[1:]), adverbs, "")
        if rest[0].low == "had":
            done = replace(done, doing=f"having had {joined_words(rest[1:])}")
        return replace(done, does=joined_words([verb, *rest]))
    going = next((at for at, t in enumerate(rest) if t.tag not in ("RB", "RBR")), 0)
    if lemma(verb.low) == "be" and rest and rest[going].tag == "VBG":
        # "Is learning French", and not "being learning".
        adverbs += [t.text for t in rest[:going]]
        doing = _of(lemma(rest[going].low), joined_words(rest[going + 1 :]), adverbs, "")
        return replace(doing, does=joined_words([verb, *rest]))
    finite = (
        verb.text if verb.tag in FINITE else inflected(lemma(verb.low), "VBP" if plural else "VBZ")
    )
    if verb.tag == "VBD":
        finite = inflected(lemma(verb.low), "VBP" if plural else "VBZ")
    return _of(lemma(verb.low), joined_words(rest), adverbs, finite)


def _able(does: str, tail: str, shut: bool) -> Act:
    """ "Can only speak in haiku" is only speaking in haiku, as a noun."""
    verb = next((w for w in tail.split() if w not in _FREQUENT), "")
    words = [inflected(w, "VBG") if w == verb else w for w in tail.split()]
    doing = " ".join(words)
    if shut:
        doing = f"not {doing}" if "won" in does else f"not being able to {tail}"
    return Act(does, f"not be able to {tail}" if shut else tail, doing)


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


def _goes_on(tokens: Sequence[Token], at: int) -> bool:
    """Whether the main clause goes on here: "a lifeguard who can't swim | works at the sea"."""
    word, before = tokens[at], tokens[at - 1]
    follows = tokens[at + 1].tag if at + 1 < len(tokens) else ""
    return (
        before.tag == "VB"
        and word.low.endswith("s")
        and word.tag in ("NNS", "VBZ")
        and known_verb(word.low) not in ("", word.low)
        and follows in ("IN", "TO", "DT", "PRP$")
    )


_CONDITIONS = ("because", "so", "while", "when", "whenever", "until", "unless", "if")
_ONLY = ("only", "not", "just", "never")
_MORE = ("including", "except", "especially", "even")
_EACH_TIME = ("every", "time")


def _act_end(tokens: Sequence[Token], start: int) -> int:
    """Where the first doing ends: before a second clause, or where it becomes too long. Its reason
    or condition is part of it, where both can be said."""
    size = condition = 0
    told_of = start > 0 and tokens[start - 1].low in ("who", "that", "which")
    for at in range(start, len(tokens)):
        token = tokens[at]
        size += len(token.text) + 1
        if at > start:
            follows = tokens[at + 1] if at + 1 < len(tokens) else None
            second = (
                token.low in ("and", "but", "or")
                and follows is not None
                and (follows.tag in (*FINITE, "VB", "RB") or follows.tag in ("PRP", "VBG"))
                and at + 2 < len(tokens)
            )
            apart = (
                token.low in ("and", "but")
                and follows is not None
                and follows.tag in ("PRP$", "DT")
                and any(t.tag in FINITE for t in tokens[at + 2 : at + 5])
            )
            only = follows is not None and token.low == "but" and follows.low in _ONLY
            if not (only or tokens[at - 1].low in _ALL) and (
                second or apart or token.low in ("but", "except")
            ):
                return at
            if token.low in _CONDITIONS or (token.low, follows and follows.low) == _EACH_TIME:
                condition = condition or at
        if told_of and at > start + 1 and _goes_on(tokens, at):
            return at
        if at > start and token.tag in (".", ",", ":") and token.text in ",.;:!?()":
            after = [t.low for t in tokens[at + 1 : at + 3]]
            if not (after and (after[0] in _MORE or (after[0] == "but" and after[-1] in _ONLY))):
                return at
        if size > LONGEST_ACT and condition:
            return condition
        if size > LONGEST_ACT:
            cut = at
            while cut > start + 2 and tokens[cut].tag not in ("IN", "TO", "CC"):
                cut -= 1
            return cut if cut > start + 2 else at
    return len(tokens)
