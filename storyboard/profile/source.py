"""Where profiles come from: shipped or a user's TOML, `extends`, speeds, `--set`, no secrets.

A profile may hold *speeds* (`[speeds.draft.image] …`): differences that are laid on it where
one is asked for by `NAME@draft`, which is what `--speed draft` says.

Knows: names, files, how one profile is laid on another, what a key looks like. Does not
know: what the fields of a profile mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, cast

from storyboard.core.errors import Faulty, UsageError
from storyboard.core.files import parse_toml, read_told

_SHIPPED = resources.files("storyboard.profile") / "shipped"
_KEY = re.compile(r"^(sk-|sk_|pk-|AIza|ghp_|github_pat_|hf_|gsk_|xai-|nvapi-|r8_|eyJ)[\w\-.]{12,}$")
_KEY_FIX = (
    "looks like an API key: put the key into an environment variable "
    'and name that variable (api_key_env = "MY_API_KEY")'
)


class ProfileError(Faulty):
    """A profile that does not hold."""

    def __init__(self, source: str, faults: Sequence[str]) -> None:
        super().__init__(f"{source} is not a valid profile", faults)


def shipped_profiles() -> tuple[str, ...]:
    """Names of the profiles that come with the package."""
    return tuple(sorted(f.name[:-5] for f in _SHIPPED.iterdir() if f.name.endswith(".toml")))


def read_profile(name_or_path: str, overrides: Sequence[str] = ()) -> tuple[str, dict[str, Any]]:
    """Name and merged tables of a profile (`NAME`, `FILE`, either with `@SPEED`): `extends`, its
    speed and overrides applied.

    Raises:
        ProfileError: not found, not TOML, a cycle of `extends`, no such speed, a secret.
        UsageError: an override is not of the form section.field=value.
    """
    source, speed = name_and_speed(name_or_path)
    name, data = _resolve(source, Path.cwd(), ())
    data = _at_speed(source, data, speed)
    changes: dict[str, Any] = {}
    for text in overrides:
        changes = _merge(changes, _override(text))
    data = _merge(data, changes)
    if secrets := list(_secrets(data)):
        raise ProfileError(name_or_path, secrets)
    return name, data


def name_and_speed(name: str) -> tuple[str, str]:
    """A profile's name or path, and the speed that is asked for; "" for none."""
    found = re.fullmatch(r"(.*[^/])@([a-z][a-z0-9_-]*)", name)
    return (found[1], found[2]) if found else (name, "")


def at_speed(name: str, speed: str | None) -> str:
    """The name of a profile at a speed, as `--speed` asks for it.

    Raises:
        UsageError: the name asks for another one already.
    """
    source, own = name_and_speed(name)
    if speed is None or speed == own:
        return name
    if own:
        raise UsageError(f"--speed {speed}: the profile {name} names a speed itself: say one")
    return f"{source}@{speed}"


def _at_speed(source: str, data: dict[str, Any], speed: str) -> dict[str, Any]:
    """The profile with one of its speeds laid on it, and its table of speeds left out.

    Raises:
        ProfileError: it has no such speed.
    """
    speeds: object = data.pop("speeds", {})
    if not isinstance(speeds, dict) or not all(isinstance(t, dict) for t in speeds.values()):  # pyright: ignore[reportUnknownVariableType,reportUnknownMemberType]
        raise ProfileError(source, ["speeds: is a table of tables: [speeds.draft.image] …"])
    known = cast("dict[str, dict[str, Any]]", speeds)
    if not speed:
        return data
    if speed not in known:
        has = f"it has {', '.join(known)}" if known else "it has none (rtx6000-96gb has)"
        raise ProfileError(source, [f"speeds.{speed}: is no speed of this profile: {has}"])
    return {**_merge(data, known[speed]), "speed": speed}


def _resolve(source: str, folder: Path, chain: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """`source` with all it extends; a relative path is relative to the file that names it."""
    if "/" in source or source.endswith(".toml"):
        path = (folder / Path(source).expanduser()).resolve()
        here, name, folder = str(path), path.stem, path.parent
    else:
        here = name = source
        path = _SHIPPED / f"{source}.toml"
        if source not in shipped_profiles():
            raise ProfileError(
                source,
                [f"no such profile: {', '.join(shipped_profiles())}, or a path to a .toml file"],
            )
    if here in chain:
        raise ProfileError(source, [f"extends: goes in a circle: {' → '.join((*chain, here))}"])
    text = read_told(path, lambda told: ProfileError(source, [told]))
    try:
        data = parse_toml(text)
    except ValueError as error:
        raise ProfileError(source, [str(error)]) from None
    parent = data.pop("extends", None)
    if parent is None:
        return name, data
    if not isinstance(parent, str) or not parent:
        raise ProfileError(source, ["extends: is the name of a profile or a path, in quotes"])
    _, base = _resolve(parent, folder, (*chain, here))
    return name, _merge({k: v for k, v in base.items() if k != "description"}, data)


def _override(text: str) -> dict[str, Any]:
    """`a.b=value` as nested tables. The value is TOML where it reads as such, else text."""
    path, equals, value = text.partition("=")
    parts = path.strip().split(".")
    if (
        not equals
        or not 2 <= len(parts) <= 10
        or not all(re.fullmatch(r"[\w-]+", part) for part in parts)
    ):
        raise UsageError(f"--set {path.strip()[:60]!r}: is written section.field=value")
    try:
        nested: Any = parse_toml(f"v = {value}")["v"]
    except ValueError:
        nested = value
    for part in reversed(parts):
        nested = {part: nested}
    return nested


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid on `base`. A section with another `backend` starts afresh: the fields of
    the old backend would mean nothing to the new one."""
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            table, before = cast(dict[str, Any], value), cast(dict[str, Any], old)
            fresh = "backend" in table and table["backend"] != before.get("backend")
            merged[key] = table if fresh else _merge(before, table)
        else:
            merged[key] = value
    return merged


def _secrets(data: object, path: str = "") -> Iterator[str]:
    """Faults of strings that look like a secret; the string itself is never repeated."""
    if isinstance(data, str):
        if any(_KEY.match(word) for word in re.split(r"[\s=,;\"']+", data)):
            yield f"{path}: {_KEY_FIX}"
        elif re.match(r"^\w+://[^/\s]+@", data):
            yield f"{path}: has a user or password in the address: use api_key_env"
    elif isinstance(data, dict):
        for key, value in cast(dict[str, object], data).items():
            yield from _secrets(value, f"{path}.{key}".lstrip("."))
    elif isinstance(data, list):
        for i, value in enumerate(cast(list[object], data)):
            yield from _secrets(value, f"{path}[{i}]")
