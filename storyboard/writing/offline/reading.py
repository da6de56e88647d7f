"""What was understood of an idea: who, what they do, with what, where, and how it may be said.

Everything is in the words of the idea itself, so that a line built from it stays grammatical.
What was not found is "", and the lines that would need it are passed over.

Knows: the shape of an understood sentence. Does not know: languages (the two readers), lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Form = Literal["clause", "noun", "word", "gerund", "question", "none"]
"""`clause` has a subject and a verb; `noun` is a phrase with something to it ("a boxer who is
afraid of bells"); `word` a bare topic ("Love"); `gerund` a doing ("losing my keys again");
`none`: nothing that a voice could say."""


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or something, as a phrase and as its bare noun."""

    phrase: str
    """As the idea says it: "my neighbour's dog", "two astronauts"."""
    definite: str
    """Once it is known: "the dog", "the astronauts"."""
    noun: str
    """Bare, with what was said of it: "lonely lighthouse keeper"."""
    head: str
    """The noun alone: "keeper"."""
    plural: bool = False
    mass: bool = False
    kind: Literal["person", "animal", "thing"] = "thing"
    proper: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """What who does or is, in the forms that English lines need (Japanese: `does` only)."""

    does: str
    """Finite, present: "breaks into a house"."""
    do: str = ""
    doing: str = ""
    did: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """The second half of an idea, which the first one does not say: "but the statue is on loan"."""

    link: str
    """"but", "and now"; "" between two sentences."""
    rest: str
    at: int
    """Where it begins in the idea as it is told."""
    act: Act | None = None
    """What it is, where the same one does it: "pretends everything is fine"."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An understood idea."""

    text: str
    """The idea as it is quoted: whole, one sentence, without commands and closing marks."""
    form: Form = "none"
    who: Named | None = None
    act: Act | None = None
    turn: Turn | None = None
    thing: Named | None = None
    place: str = ""
    content: tuple[str, ...] = ()
    """Base forms of the words that carry meaning, in order: what a film of it has to say."""
    names: tuple[str, ...] = ()
    """Names of people in it, with the surname where one is given."""
    own: bool = False
    """It speaks of its writer ("my", "I")."""

    @property
    def topic(self) -> Named | None:
        """What it is about in a word or two."""
        return self.who or self.thing
