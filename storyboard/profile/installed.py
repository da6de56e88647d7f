"""What of a profile's weights and environments is on this machine, and where.

Weights that `storyboard setup` fetched have a receipt: which commit, which files, how large each
was and when it was last written, once all of them were held against their hashes. Without one they
may be somebody's own download, or half of one. An environment that is being made is marked beside
it, and so is never taken for a whole one.

Knows: folders, receipts, marks. Does not know: hubs, indexes, how anything is fetched or made.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import TypeAdapter, ValidationError

from renderers.workers.catalog import UNFINISHED
from storyboard.core.directory import Directory
from storyboard.profile.provision import PLACE, Environment, Weights

if TYPE_CHECKING:
    from storyboard.profile.profile import Profile

State = Literal["whole", "unchecked", "changed", "cut off", "absent"]
"""`whole`: fetched and checked. `unchecked`: there, but not by setup. `changed`: not as it was
fetched. `cut off`: the fetching or making of it was."""
HALF = ".incomplete"
"""How the name of a file ends that is being fetched."""


def data_directory() -> Path:
    """Where environments and receipts lie: $XDG_DATA_HOME/storyboard."""
    given = Path(os.environ.get("XDG_DATA_HOME", ""))
    # The XDG specification tells programs to ignore relative paths.
    base = given if given.is_absolute() else Path("~/.local/share").expanduser()
    return base / "storyboard"


# --- weights ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """One file as it was when it had been checked."""

    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Weights that were fetched whole."""

    repository: str
    revision: str
    commit: str
    folder: str
    files: Mapping[str, Kept]

    def holds(self) -> bool:
        """Whether every file is still as it was."""
        return all(_unchanged(Path(self.folder) / name, kept) for name, kept in self.files.items())

    def answers(self, weights: Weights) -> bool:
        """Whether it is of what the profile names today."""
        return self.repository == weights.repository and self.revision == weights.revision


_RECEIPT = TypeAdapter(Receipt)


def _unchanged(path: Path, kept: Kept) -> bool:
    try:
        found = path.stat()
    except OSError:
        return False
    return found.st_size == kept.size and found.st_mtime_ns == kept.mtime_ns


def receipts() -> Path:
    return data_directory() / "weights"


def receipt_of(name: str) -> Receipt | None:
    """What was fetched under that name; None: nothing, or its receipt cannot be read."""
    try:
        return _RECEIPT.validate_json((receipts() / f"{name}.json").read_bytes())
    except (OSError, ValidationError):
        return None


def keep_receipt(name: str, receipt: Receipt) -> None:
    text = json.dumps(asdict(receipt), indent=1)
    Directory(receipts()).write(f"{name}.json", text)


def place_of(name: str, weights: Weights) -> Path:
    """Where the weights lie, or will."""
    receipt = receipt_of(name)
    if receipt is not None and receipt.answers(weights) and Path(receipt.folder).is_dir():
        return Path(receipt.folder)
    own = Path(weights.folder).expanduser()
    return own if own.is_dir() or weights.apart else _in_hub_cache(weights) or own


def state_of(name: str, weights: Weights) -> State:
    """How much of the weights is there."""
    folder, receipt = place_of(name, weights), receipt_of(name)
    if receipt is not None and receipt.answers(weights):
        return "whole" if receipt.holds() else "changed"
    if not folder.is_dir() or not any(folder.iterdir()):
        return "absent"
    if any(True for _ in folder.rglob(f"*{HALF}")):
        return "cut off"
    return "unchecked" if all(any(folder.glob(f)) for f in weights.files or ["*"]) else "cut off"


def _in_hub_cache(weights: Weights) -> Path | None:
    """The snapshot that another program fetched into the hub's own cache."""
    home = os.environ.get("HF_HOME") or "~/.cache/huggingface"
    cache = Path(os.environ.get("HF_HUB_CACHE") or f"{home}/hub").expanduser()
    model = cache / f"models--{weights.repository.replace('/', '--')}"
    try:
        commit = (model / "refs" / weights.revision).read_text(encoding="utf-8").strip()
    except OSError:
        commit = weights.revision
    snapshot = model / "snapshots" / commit
    return snapshot if snapshot.is_dir() else None


def with_cache(profile: Profile, folder: Path) -> Profile:
    """The profile with weights that go below `folder` instead of `~/models`."""
    moved: dict[str, Weights] = {}
    for name, weights in profile.weights.items():
        below = weights.folder.removeprefix("~/models/").lstrip("~/")
        moved[name] = weights.model_copy(update={"folder": str(folder.absolute() / below)})
    return profile.model_copy(update={"weights": moved})


# --- environments -----------------------------------------------------------


def environment_of(name: str) -> Path:
    """The folder of an environment, made or not."""
    return data_directory() / "workers" / name / "venv"


def python_of(place: Path) -> Path:
    """The interpreter of an environment."""
    return place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def made(name: str, environment: Environment) -> State:
    """Whether an environment can be used; nothing is imported."""
    if environment.extra:
        whole = all(find_spec(module) is not None for module in environment.modules)
        return "whole" if whole else "absent"
    if environment.program:
        return "whole" if program_of(name, environment) is not None else "absent"
    place = environment_of(name)
    if (place.parent / UNFINISHED).exists():
        return "cut off"
    if not python_of(place).is_file():
        return "absent"
    return "changed" if read_recipe(name) != recipe(environment) else "whole"


def program_of(name: str, environment: Environment, program: str = "") -> str | None:
    """A program of the environment; None: it has none of that name."""
    if environment.program:
        where = environment.program
        found = Path(where).expanduser() if "/" in where else None
        return shutil.which(where) if found is None else str(found) if found.exists() else None
    if environment.extra:
        return sys.executable
    return shutil.which(program or "python", path=str(python_of(environment_of(name)).parent))


def recipe(environment: Environment) -> str:
    """What an environment is made from, as one text: another one means that it is out of date."""
    checkout = environment.checkout
    return "\n".join([*environment.requirements, f"@{checkout.revision}" if checkout else ""])


def read_recipe(name: str) -> str:
    """What the environment was made from."""
    try:
        return (environment_of(name).parent / "recipe").read_text(encoding="utf-8")
    except OSError:
        return ""


# --- both -------------------------------------------------------------------


def with_places(tables: dict[str, Any]) -> dict[str, Any]:
    """The tables of a profile with every `{NAME}` of its weights and checkouts as a path.

    The tables of weights and environments stay as they are: their own `{NAME}` is filled in when
    they are made.
    """
    places: dict[str, str] = {}
    for name, table in _tables(tables, "weights"):
        try:
            places[name] = str(place_of(name, Weights.model_validate(table)))
        except ValidationError:
            continue  # told by its path when the profile is read
    for name, table in _tables(tables, "environments"):
        folder = cast("dict[str, Any]", table.get("checkout") or {}).get("folder")
        if isinstance(folder, str):
            places[name] = str(Path(folder).expanduser())
    kept = {k: v for k, v in tables.items() if k in ("weights", "environments")}
    return {**{k: filled(v, places) for k, v in tables.items()}, **kept}


def _tables(tables: Mapping[str, Any], kind: str) -> list[tuple[str, dict[str, Any]]]:
    found = tables.get(kind)
    if not isinstance(found, dict):
        return []
    named = cast("dict[str, Any]", found)
    return [(name, table) for name, table in named.items() if isinstance(table, dict)]


def filled(value: Any, places: Mapping[str, str]) -> Any:
    """A copy with every `{NAME}` that has a place as that place."""
    if isinstance(value, str):
        return PLACE.sub(lambda found: places.get(found[1], found[0]), value)
    if isinstance(value, dict):
        return {k: filled(v, places) for k, v in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [filled(v, places) for v in cast("list[Any]", value)]
    return value
