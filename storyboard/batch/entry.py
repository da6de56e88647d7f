"""An entry: one film that is asked for, and all that may be wrong with it.

Whatever a plan holds can be overridden. Entries are checked together before any is queued, and
every fault is told by line and field.

Knows: the shape of an entry. Does not know: files, the queue, how a film is made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    field_validator,
    model_validator,
)

from storyboard.core.errors import Faulty, PlanError, UsageError
from storyboard.core.files import canonical, digest_json, slugify
from storyboard.plan import Aspect, Language, Plan, dump_plan, parse_plan
from storyboard.plan.elements import Seed
from storyboard.plan.format_files import load_format
from storyboard.plan.ideas import idea_fault
from storyboard.profile import load_profile
from storyboard.profile.source import name_and_speed, shipped_profiles
from storyboard.stages.own_media import with_own_media
from storyboard.stages.seal import is_ours
from storyboard.writing.script import Source

_NO_FOLDER = Path("/nonexistent/film")
"""A film that is queued has no folder yet: its files lie in the profile's `[media] roots`."""


class EntryError(Faulty):
    """Entries that do not hold, one fault as `source:line: field: message` each."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("nothing was queued", faults)


class Entry(BaseModel):
    """One film that is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    idea: str = Field(max_length=2000)
    format: str = ""
    """Left out: the one that fits the idea."""
    language: Language | None = None
    aspect: Aspect | None = None
    seed: Seed | None = None
    profile: str = "embedded"
    due: datetime | None = None
    """When it should be there; of two films of one priority the sooner due is made first."""
    priority: int = Field(default=5, ge=1, le=9)
    """1 is made first."""
    plan: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])
    """Laid over the plan that is written: objects field by field, all else as a whole."""
    script: Source | None = None
    """What the film says, word for word; the idea is its title then."""
    hooks: int = Field(default=1, ge=1, le=9)
    """First seconds in all, each in a folder beside the film."""

    @model_validator(mode="before")
    @classmethod
    def _fits(cls, given: Any) -> Any:
        if not isinstance(given, dict) or cast(Any, given).get("format"):
            return cast(Any, given)
        from storyboard.writing.offline import fitting_format

        fields = cast(dict[str, Any], given)
        return fields | {"format": fitting_format(str(fields.get("idea", "")))}

    @field_validator("idea")
    @classmethod
    def _says_something(cls, idea: str) -> str:
        if fault := idea_fault(idea):
            raise ValueError(fault)
        return idea.strip()

    @field_validator("due")
    @classmethod
    def _knows_its_zone(cls, due: datetime | None) -> datetime | None:
        # Without a zone, the clock on this machine's wall is meant.
        return due.astimezone() if due is not None and due.tzinfo is None else due

    @property
    def id(self) -> str:
        """Equal for equal entries, so that adding a file twice makes no film twice."""
        # When it is wanted is no part of what is wanted.
        same = self.model_dump(mode="json", exclude={"due", "priority", "script", "hooks"})
        # Left out where there is none: entries of before stay the same films.
        same |= {"script": self.script.model_dump(mode="json")} if self.script else {}
        same |= {"hooks": self.hooks} if self.hooks > 1 else {}
        return f"{slugify(self.idea, 28)}-{digest_json(same)[:8]}"


def came_with_films(entry: Mapping[str, Any], seal: str, root: Path) -> str:
    """Why a film of the queue is not made with the profile that it names: "" if it is.

    A profile names programs. One that lies with the films may have come with them and their queue,
    as long as nobody here has queued the film.
    """
    source, _ = name_and_speed(str(entry.get("profile", "")))
    if source in ("", *shipped_profiles()) or is_ours(canonical(entry), seal):
        return ""
    if not Path(source).expanduser().resolve().is_relative_to(root.resolve().parent):
        return ""
    return (
        f"its profile {source[:80]} came with the films, and nobody here has queued it: if it is "
        "yours, queue the film again"
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One raw entry, and where it stands."""

    where: str
    fields: Mapping[str, Any]
    fault: str = ""
    """Why it is no entry at all."""


def check_entries(
    rows: Sequence[Row], defaults: Mapping[str, Any], source: str = "the command line"
) -> list[Entry]:
    """Valid entries, or every fault by line and field.

    Raises:
        EntryError: a row does not hold, two are the same film, or there is none.
    """
    entries: list[Entry] = []
    faults: list[str] = [] if rows else [f"{source} holds no ideas"]
    seen: dict[str, str] = {}
    # A thousand ideas share a format and a profile: each is read once.
    named = _Named()
    for row in rows:
        if row.fault:
            faults.append(f"{row.where}: {row.fault}")
            continue
        try:
            entry = Entry.model_validate({**defaults, **row.fields})
        except ValidationError as error:
            faults += [f"{row.where}: {_describe(each)}" for each in error.errors()]
            continue
        found = [f"{row.where}: {fault}" for fault in _deep_faults(entry, named)]
        if entry.id in seen:
            found.append(
                f"{row.where}: idea: the same film as {seen[entry.id]}: leave it out, or give it "
                "a seed of its own (a column of CSV, a field of JSONL)"
            )
        seen.setdefault(entry.id, row.where)
        faults += found
        entries.append(entry)
    if faults:
        raise EntryError(faults)
    return entries


def overridden(plan: Plan, overrides: Mapping[str, Any]) -> Plan:
    """The plan with what an entry says otherwise.

    Raises:
        PlanError: it does not hold any more; every fault by its path.
    """
    if not overrides:
        return plan
    data = json.loads(dump_plan(plan))
    return parse_plan(_merged(data, overrides), "the plan with its overrides")


# --- faults -----------------------------------------------------------------


def _describe(error: Any) -> str:
    path = ".".join(str(part) for part in error["loc"]) or "entry"
    if error["type"] == "extra_forbidden":
        return f"{path}: unknown field: one of {', '.join(Entry.model_fields)}"
    message = error["msg"].removeprefix("Value error, ")
    value = error["input"]
    told = isinstance(value, str | int | float) and error["type"] != "missing" and str(value)
    return f"{path}: {message}" + (f" (is {str(value)[:60]!r})" if told else "")


class _Named:
    """What is wrong with the formats and profiles that entries name, each looked at once."""

    def __init__(self) -> None:
        self._faults: dict[tuple[str, str], str] = {}
        self._roots: dict[str, list[Path]] = {}

    def fault(self, field: str, name: str) -> str:
        """Empty where nothing is."""
        if (field, name) not in self._faults:
            try:
                {"format": load_format, "profile": load_profile}[field](name)
                self._faults[field, name] = ""
            except UsageError as error:
                self._faults[field, name] = str(error)
        return self._faults[field, name]

    def roots(self, profile: str) -> list[Path]:
        """Folders from which a plan of that profile may take files."""
        if profile not in self._roots:
            found = load_profile(profile)
            named = [*found.media.roots, *filter(None, [found.image.cast_library])]
            self._roots[profile] = [Path(root).expanduser() for root in named]
        return self._roots[profile]


def _deep_faults(entry: Entry, named: _Named) -> Iterator[str]:
    """What only its parts can tell: format, profile, the plan with its overrides."""
    # A script has its own shape: no format gives it one.
    for field in ("profile",) if entry.script else ("format", "profile"):
        if fault := named.fault(field, getattr(entry, field)):
            yield f"{field}: {fault}"
            return
    if entry.plan:
        try:
            # The film's own plan may be another: this one has the same shape.
            plan = _draft(entry.format, entry.language, entry.aspect, entry.idea)
            with_own_media(overridden(plan, entry.plan), _NO_FOLDER, named.roots(entry.profile))
        except PlanError as error:
            yield from (f"plan.{fault}" for fault in error.faults)


@lru_cache(maxsize=64)
def _draft(format: str, language: Language | None, aspect: Aspect | None, idea: str) -> Plan:
    # Only overrides need a draft: what chooses its stories is not loaded for a list.
    from storyboard.writing.offline import detect_language, write_plan

    return write_plan(idea, load_format(format), language or detect_language(idea), aspect, 1)


def _merged(base: Any, changes: Mapping[str, Any]) -> Any:
    if not isinstance(base, dict):
        return dict(changes)
    merged: dict[str, Any] = dict(cast("dict[str, Any]", base))
    for name, value in changes.items():
        if isinstance(value, dict):
            merged[name] = _merged(merged.get(name), cast("dict[str, Any]", value))
        else:
            merged[name] = value
    return merged
