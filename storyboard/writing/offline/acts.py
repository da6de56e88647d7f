"""Reads what somebody does or is, in English, and says it in the forms that lines need.

Knows: tagged words. Does not know: ideas, lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from storyboard.writing.offline.dictionary import inflected, known_verb, lemma
from storyboard.writing.offline.phrases import a_or_an, joined_words, noun_phrase
from storyboard.writing.offline.reading import Act, Named
from storyboard.writing.offline.tagging import FINITE, Token, english

LONGEST_ACT = 64
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
    return act_of(part, who is not None and who.plural)


DENIED = frozenset(["only", "never", "not", "n't", "n’t", "no", "nobody", "nothing"])
ALL = frozenset(["nothing", "anything", "everything", "everyone", "everybody", "all", "anyone"])


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
    if any(t.low in DENIED for t in tokens):
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
    act = act_of(list(part), plural=tokens[0].low == "we")
    whole = joined_words(tokens[start:])
    does = whole if len(whole) <= LONGEST_ACT else joined_words(part)
    return act and replace(act, does=does if start else "")


def unable(what: str) -> Act:
    """What whoever asks how to do it does: not know how."""
    what = what.rstrip(" ?")
    verb, _, rest = what.partition(" ")
    doing = f"{inflected(lemma(verb), 'VBG')} {rest}".strip()
    return Act(f"don't know how to {what}", f"not know how to {what}", doing)


def act_of(part: list[Token], plural: bool) -> Act | None:
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


CONDITIONS = ("because", "so", "while", "when", "whenever", "until", "unless", "if")
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
            if not (only or tokens[at - 1].low in ALL) and (
                second or apart or token.low in ("but", "except")
            ):
                return at
            if token.low in CONDITIONS or (token.low, follows and follows.low) == _EACH_TIME:
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
