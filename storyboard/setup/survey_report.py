"""A survey as people and programs read it.

Knows: surveys, tables. Does not know: how anything is found out or mended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rich.table import Table
from rich.text import Text

from storyboard.profile import Profile
from storyboard.profile.installed import State
from storyboard.setup.survey import GIB, EnvironmentNeed, Survey, WeightsNeed

_MARKS: dict[State, tuple[str, str]] = {
    "whole": ("✓", "green"),
    "unchecked": ("•", "cyan"),
    "changed": ("•", "yellow"),
    "cut off": ("…", "yellow"),
    "absent": ("↓", "yellow"),
}
_WORDS: dict[State, str] = {
    "whole": "here, checked",
    "unchecked": "here, to be checked",
    "changed": "changed since it was fetched: to be checked",
    "cut off": "goes on where it was cut off",
    "absent": "to fetch",
}


def size_in_words(of_bytes: float) -> str:
    """A size as disks and hubs write it: in GB, MB or kB, the largest of which it has one."""
    if of_bytes >= 0.995e9:
        return f"{of_bytes / 1e9:.1f} GB"
    if of_bytes >= 0.5e6:
        return f"{of_bytes / 1e6:.0f} MB"
    return f"{max(of_bytes / 1e3, 1):.0f} kB" if of_bytes else "nothing"


def screen(seen: Survey) -> Iterator[Text | Table]:
    """Everything that is to be known before anything is fetched."""
    yield Text(f"Setting up {seen.profile}: {', '.join(seen.services) or 'no services'}", "bold")
    yield _machine(seen)
    if seen.weights or seen.environments:
        yield _things(seen)
    yield from _licences(seen.weights)
    yield Text(_sum(seen), "bold")
    for fault in seen.blockers():
        yield Text.assemble(("✗ ", "red"), fault)


def _machine(seen: Survey) -> Table:
    table = Table.grid(padding=(0, 2))
    card = seen.card
    if card.fault:
        table.add_row("card", Text(f"{card.name} {card.fault}".strip(), "red"))
    else:
        driver = f", driver {card.driver} for CUDA {card.cuda[0]}.{card.cuda[1]}"
        gib = f", {card.total_gib:.0f} GiB" if card.total_gib else ""
        table.add_row("card", f"{card.name}{gib}{driver if card.driver else ''}")
    short = seen.memory_needed_gib > seen.memory_gib
    memory = f"{seen.memory_gib:.0f} GiB"
    if short:
        memory += f": {seen.memory_needed_gib:g} are needed to sleep or offload; it will be stopped"
    table.add_row("memory", Text(memory, "yellow" if short else ""))
    for disk in seen.disks:
        text = (
            f"{size_in_words(disk.free)} free at {disk.place}, {size_in_words(disk.needed)} needed"
        )
        table.add_row("disk", Text(text, "" if disk.fits else "red"))
    if any(w.weights.gated for w in seen.weights):
        token = "a token is set" if seen.token else "no token: `hf auth login` before gated weights"
        table.add_row("hub", Text(f"{seen.hub}, {token}", "" if seen.token else "yellow"))
    elif seen.weights:
        table.add_row("hub", seen.hub)
    return table


def _things(seen: Survey) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("", "what", "for", "size", "state"):
        table.add_column(column, justify="right" if column == "size" else "left", overflow="fold")
    for need in seen.environments:
        table.add_row(_mark(need.state), need.name, ", ".join(need.users), *_environment(need))
    for need in seen.weights:
        about = "" if need.found or need.whole else "~"
        state = "cannot be had now, see below" if need.fault else _WORDS[need.state]
        row = (f"{about}{size_in_words(need.size)}", state)
        table.add_row(_mark(need.state, need.fault), need.name, ", ".join(need.users), *row)
    for name in seen.pulls:
        table.add_row(Text("↓", "yellow"), "its model", name, "", "Ollama fetches it")
    return table


def _environment(need: EnvironmentNeed) -> tuple[str, str]:
    environment = need.environment
    if not environment.ours:
        return "", "here" if need.state == "whole" else "not here, see below"
    words: dict[State, str] = {
        **_WORDS,
        "whole": "made",
        "changed": "out of date: to be updated",
        "absent": "to be made",
    }
    about = f"~{size_in_words(environment.gib * GIB)}" if environment.gib else ""
    return about, words[need.state]


def _mark(state: State, fault: str = "") -> Text:
    return Text("✗", "red") if fault else Text(*_MARKS[state])


def _licences(needs: Iterable[WeightsNeed]) -> Iterator[Text]:
    """Each licence once, with where it is read; gated ones say that they have to be accepted."""
    by_page = {need.weights.page: need.weights for need in needs if not need.whole}
    for page, weights in by_page.items():
        todo = " — accept it there first" if weights.gated else ""
        yield Text.assemble(("  licence ", "dim"), weights.licence, ("  " + page, "dim"), todo)


def _sum(seen: Survey) -> str:
    if not seen.missing:
        return "Ollama fetches the rest." if seen.pulls else "Nothing is to be fetched."
    said = f"To fetch: {size_in_words(seen.missing)}"
    if seen.rate and seen.minutes is not None:
        minutes = max(1, round(seen.minutes))
        said += f", about {minutes} min at {size_in_words(seen.rate)}/s as measured just now"
    return said + "."


def as_data(seen: Survey) -> dict[str, Any]:
    """The survey for `--json`."""
    card = seen.card
    return {
        "profile": seen.profile,
        "services": list(seen.services),
        "card": {
            "name": card.name,
            "gib": round(card.total_gib, 1),
            "driver": card.driver,
            "cuda": f"{card.cuda[0]}.{card.cuda[1]}" if card.driver else "",
            "fault": card.fault,
        },
        "memory_gib": round(seen.memory_gib, 1),
        "hub": seen.hub,
        "token": seen.token,
        "disks": [
            {"place": str(d.place), "free": int(d.free), "needed": int(d.needed), "fits": d.fits}
            for d in seen.disks
        ],
        "system": list(seen.lacking),
        "environments": [
            {
                "name": e.name,
                "for": list(e.users),
                "state": e.state,
                "place": str(e.place),
                "requirements": list(e.environment.requirements),
            }
            for e in seen.environments
        ],
        "weights": [
            {
                "name": w.name,
                "for": list(w.users),
                "repository": w.weights.repository,
                "revision": w.weights.revision,
                "commit": w.found.commit if w.found else "",
                "folder": str(w.folder),
                "bytes": int(w.size),
                "missing": int(w.missing),
                "exact": w.found is not None,
                "licence": w.weights.licence,
                "page": w.weights.page,
                "gated": w.weights.gated,
                "state": w.state,
                "fault": w.fault,
            }
            for w in seen.weights
        ],
        "pulls": list(seen.pulls),
        "missing": int(seen.missing),
        "rate": seen.rate and int(seen.rate),
        "blockers": list(seen.blockers()),
    }


def profiles(loaded: Iterable[tuple[Profile, Survey]]) -> Table:
    """Every shipped profile with what it takes."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("profile", "to fetch", "here", "what it is"):
        table.add_column(column, justify="right" if column in ("to fetch", "here") else "left")
    for profile, seen in loaded:
        needs = (*seen.weights, *(e for e in seen.environments if e.environment.ours))
        total = sum(
            n.weights.gib * GIB if isinstance(n, WeightsNeed) else n.environment.gib * GIB
            for n in needs
        )
        table.add_row(
            profile.name,
            f"~{size_in_words(total)}" if total else "nothing",
            size_in_words(total - min(seen.missing, total)) if total else "",
            profile.description,
        )
    return table
