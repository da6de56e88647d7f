"""Checks a finished draft as its viewer would: does the film say its idea, is it clean language?

A draft that fails is written again, in another frame. A film that still does not carry its idea
is kept, and says so wherever it is looked at: it is a stand-in.

Knows: plans, readings of ideas. Does not know: how a draft is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files

from storyboard.plan import Language, Plan
from storyboard.plan.format_files import EXPLAINER, load_format
from storyboard.writing import authors
from storyboard.writing.offline.choose import stem, times_told
from storyboard.writing.offline.commands import asks_to_explain
from storyboard.writing.offline.dictionary import lemma
from storyboard.writing.offline.frames import read
from storyboard.writing.offline.idea import detect_language
from storyboard.writing.offline.tagging import english_words
from storyboard.writing.offline.taste import Verdict, judge

CARRIED = 0.5
"""Share of the idea's content words that a film says which carries it."""
SOBER = "no joke is made of this: {reason}, so it is told soberly, with calm music"
STAND_IN = "this is a stand-in story: your idea needs a writer. On this machine: {local}; {other}"
UNANSWERED = (
    "this film stages the question and does not answer it: the offline draft does not know the "
    "answer, a writer does. On this machine: {local}; {other}"
)
_LAPTOP = "`storyboard setup --profile laptop`, then run again with --profile laptop"
_SERVER = "--set chat.backend=openai --set chat.base_url=http://{host}/v1 --set chat.model=NAME"
_DOUBLED = re.compile(r"\b(a|an|the|of|to|is|are|and|in|on|at|for) \1\b", re.IGNORECASE)
_ARTICLE = re.compile(r"\b(?:a|an) (?:the|a|an|my|his|her|its|their|our|your)\b", re.IGNORECASE)
_WRONG_A = re.compile(
    r"\ba (?=[aeio][a-z])(?!one\b|once\b|eu)|\ban (?=[bcdfgjklmnpqrtvwxyz][a-z])", re.I
)


def said_in(plan: Plan) -> str:
    """Everything that the film shows or says in words."""
    hook = [plan.hook.title, plan.hook.line] if plan.hook else []
    return "\n".join([plan.title, *hook, *(beat.line for beat in plan.beats if beat.line)])


@dataclass(frozen=True, slots=True)
class Asked:
    """What an idea asks of the film that is made of it."""

    sober: str
    """Why no joke is made of it; "" where one may be."""
    words: tuple[str, ...]
    """Base forms of those that it has to say."""
    named: tuple[str, ...]
    """Whom and what it is about, each in a word."""


def asked_of(idea: str, language: Language, format: str) -> Asked:
    """Read an idea for what a film in this format has to say."""
    verdict, reading = judge(idea, language, format), read(idea, language)
    named = tuple(n.head.lower() for n in (reading.who, reading.thing) if n is not None)
    return Asked(verdict.reason if verdict.kind == "sober" else "", reading.content, named)


def share_said(plan: Plan) -> float:
    """The share of the idea's content words that the film says, in any form; 1 for none."""
    if detect_language(plan.idea) != plan.language:
        return 0.0
    return _share(plan, read(plan.idea, plan.language).content)


def _share(plan: Plan, words: Sequence[str], enough: float = 1.0) -> float:
    """The share of these that a film says, in any form; more than `enough` is not counted out."""
    if not words:
        return 0.0
    text = said_in(plan)
    if plan.language == "ja":
        return sum(stem(word, "ja") in text for word in words) / len(words)
    forms = {form for word in english_words(text) for form in (word, word.removesuffix("s"))}
    plainly = sum(bool({word, word.removesuffix("s")} & forms) for word in words) / len(words)
    if plainly >= enough:
        return plainly  # without a dictionary
    forms |= {form for word in english_words(text) for form in _bare(lemma(word))}
    return sum(bool({*_bare(word), lemma(word)} & forms) for word in words) / len(words)


def _bare(word: str) -> tuple[str, str]:
    return word, word.removesuffix("s")


def faults(plan: Plan) -> list[str]:
    """What a reader would stumble over in the lines of a draft."""
    found: list[str] = []
    for line in said_in(plan).splitlines():
        if plan.language == "en":
            for pattern, fault in ((_DOUBLED, "a word twice"), (_ARTICLE, "two articles")):
                if pattern.search(line):
                    found.append(f"{fault}: {line}")
            if _WRONG_A.search(line):
                found.append(f"the wrong article: {line}")
        if re.search(r"\{\w*\}|\.\.\.\.|  ", line):
            found.append(f"not filled in: {line}")
    return found


def carries(plan: Plan, asked: Asked | None = None) -> bool:
    """Whether the film is about its idea: it says the words that carry it, and whom it is about, or
    answers what is asked."""
    if plan.format == EXPLAINER and _answers(plan):
        return True
    if detect_language(plan.idea) != plan.language:
        return False
    asked = asked or asked_of(plan.idea, plan.language, plan.format)
    text = said_in(plan).lower()
    missed = [head for head in asked.named if head.removesuffix("s") not in text]
    return not missed and _share(plan, asked.words, CARRIED) >= CARRIED


def stand_in(plan: Plan, asked: Asked | None = None) -> str:
    """What to tell of an offline film that is not a film of its idea; "" for any other. `asked`: what
    that asks of it, if it is read already."""
    if plan.author != authors.OFFLINE:
        return ""
    asked = asked or asked_of(plan.idea, plan.language, plan.format)
    if asked.sober:
        return SOBER.format(reason=asked.sober)
    if not carries(plan, asked):
        return STAND_IN.format(**_writers())
    if plan.format == EXPLAINER and asks_to_explain(plan.idea) and not _answers(plan):
        return UNANSWERED.format(**_writers())
    return ""


def _answers(plan: Plan) -> bool:
    """Whether an explainer's lines are those of a topic that it knows, and not of a frame, which
    stages a question without an answer."""
    said = {beat.line: 1 for beat in plan.beats if beat.line}
    known = (t for t in load_format(EXPLAINER).threads_in(plan.language) if not t.frame)
    return any(times_told(topic, said) for topic in known)


def _writers() -> dict[str, str]:
    """The two ways to a writer: one here, and one elsewhere."""
    if (files("storyboard") / "profile" / "shipped" / "laptop.toml").is_file():
        return {"local": _LAPTOP, "other": f"any server: {_SERVER.format(host='HOST:PORT')}"}
    ollama = f"(with Ollama) {_SERVER.format(host='127.0.0.1:11434')}"
    return {"local": ollama, "other": "with a key: --profile openai"}


def best_of(plans: Iterable[Plan], verdict: Verdict) -> Plan:
    """The first draft that holds; the one that says most of its idea where none does."""
    seen: list[Plan] = []
    for plan in plans:
        if verdict.kind == "sober" or (carries(plan) and not faults(plan)):
            return plan
        seen.append(plan)
    return max(seen, key=lambda plan: (not faults(plan), share_said(plan)))
