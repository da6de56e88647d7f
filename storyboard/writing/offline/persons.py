"""Says what somebody does as he would say it himself, and how he looks if he is no person.

"A chef who loses his keys" tells of himself "I lose my keys"; "my cat joined a band" becomes
"I joined a band", because what happened once is told as past. Where a pronoun could mean somebody
else, nothing is said.

Knows: what an English reader understood of a doing. Does not know: lines, films.
"""

from __future__ import annotations

import re

from renderers.animatic.creature_kinds import creature_of, looks_human
from renderers.animatic.nouns import find_noun
from renderers.animatic.thing_head import thing_of
from renderers.scene import Presentation
from storyboard.plan import Language
from storyboard.writing.offline.grammar import grammar
from storyboard.writing.offline.lexicon import find, lexicon
from storyboard.writing.offline.phrases import a_or_an
from storyboard.writing.offline.reading import Act, Named, Reading
from storyboard.writing.offline.tagging import inflected

_ANOTHER = re.compile(r"\b(?:he|she|they|him|them|hers|theirs|we|you|your|who|whose)\b", re.I)
_OWN = re.compile(r"\b(?:his|its|their|her(?= [a-z]))\b")
_SELF = re.compile(r"\b(?:him|her|it|one|them)sel(?:f|ves)\b")
_NOT_OWNED = re.compile(r"\bher (?:to|and|or|at|in|on|from|with|by|every|that)\b")
_HE = r"\b(?:he|his|him|himself|rooster|king|bull)\b"
_SHE = r"\b(?:she|her|hers|herself|hen|queen|cow)\b"
_ELSEWHERE = re.compile(r"be (?:at|in|inside) (?:an?|the|my|his|her|their)\b")
_BEINGS = frozenset([0x1F9CC, *range(0x1F9DA, 0x1F9E0)])
"""Emoji of fairies, mermaids, genies and the like: somebody, and no person."""
_LONGEST = 56
_NOT_PLAIN = re.compile(r"(?:です|ます|でした|ました|[^うくすつぬむるぐぶただい])$")
_ANOTHER_JA = re.compile("彼|あなた")
_LONGEST_JA = 18


def playable(reading: Reading, language: Language) -> bool:
    """Whether somebody in this idea can speak for himself: one person or creature that no one
    living is meant by, who does or is something that he can say."""
    who = reading.who
    return (
        who is not None
        and _seen(who)
        and not who.plural
        and (_known(who.noun) or not any(name in who.phrase for name in reading.names))
        and reading.form in ("clause", "noun")
        # Who is in a laundromat cannot say so at the bank.
        and not (reading.act is not None and _ELSEWHERE.match(reading.act.do))
        and "i_do" in in_person(reading, language)
    )


def _seen(who: Named) -> bool:
    """Whether the storyboard has a body for him: no animal is played by a person."""
    if creature_of(who.noun):
        return True
    if who.kind == "person":
        shown = find_noun(who.noun) or " "
        return not any(ord(letter) in _BEINGS for letter in shown)
    return who.kind == "thing" and thing_of(who.noun) is not None


def presentation_in(idea: str) -> Presentation | None:
    """What the pronouns of an idea say of whom it is about."""
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
    if who is None or who.plural:
        return {}
    if act is None and reading.text.lower() == who.phrase.lower():
        # "A vegan butcher" is one.
        act = Act("") if language == "ja" else Act("is", f"be {a_or_an(who.noun)}", "", "was")
    if act is None:
        return {}
    if language == "ja":
        # The plain form is what every person says before 「んです」; a noun with 「な」 fits there too.
        plain = act.does and not _NOT_PLAIN.search(act.does)
        said = act.does if plain else f"{reading.text}な"
        fits = len(said) <= _LONGEST_JA and not _ANOTHER_JA.search(said)
        return {"i_do": said} if fits else {}
    # "A wizard who failed" tells it as it was.
    past = bool(act.did) and act.did in reading.text
    told = act.did if past else _told(act, habit=reading.form != "clause")
    slots = {"i_do": _turned(told), "my_doing": _turned(act.doing)}
    return {slot: text for slot, text in slots.items() if text and len(text) <= _LONGEST}


def _told(act: Act, habit: bool) -> str:
    """The doing after "I": a habit or a state as present, an event as past; "" if unknown."""
    if not act.did:
        # "Can only speak in haiku".
        return act.does
    words = act.do.split()
    if words[0] == "not" and len(words) > 1:
        return " ".join(["don't", *words[1:]])
    verb = next((at for at, word in enumerate(words) if inflected(word, "VBZ") in act.does), None)
    if verb is None:
        return ""
    if words[verb] == "be":
        return " ".join(["am", *words[:verb], *words[verb + 1 :]])
    return act.do if habit or words[verb] in grammar().states else act.did


def _turned(said: str) -> str:
    """`said` with the possessives and reflexives of the one who speaks."""
    if not said or _ANOTHER.search(said) or _NOT_OWNED.search(said):
        return ""
    return _OWN.sub("my", _SELF.sub("myself", said))
