"""Modules that are loaded by whoever first uses them, not by whoever names them.

A command that finds all made, or a worker that only encodes, neither draws nor computes; and what
could do so takes longer to load than they have work. `import numpy` then gives a module that is
executed when anything of it is asked for; so does `from package import module`.

`importlib.util.LazyLoader` does the same, but before Python 3.12 not where threads share a module.

Knows: modules. Does not know: what any of them is for.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ExtensionFileLoader, ModuleSpec, PathFinder
from importlib.util import module_from_spec
from threading import RLock
from types import ModuleType
from typing import Any

_KNOWN = frozenset(
    {"__class__", "__dict__", "__file__", "__loader__", "__name__", "__package__", "__spec__"}
)
"""What is known of a module before it is executed. Of a package, where its parts are is not: whoever
asks is about to import one, and a package is executed first."""
_LOCK = "__deferred__"
"""Under which a module keeps the lock of its loading, until it is loaded."""
_UNDER_WAY = "__initialising__"


class _Deferred(ModuleType):
    """Becomes the module that it stands for when anything of it is asked for."""

    def __getattribute__(self, name: str) -> Any:
        known = ModuleType.__getattribute__(self, "__dict__")
        if name not in _KNOWN and (name not in known or _UNDER_WAY in known):
            _load(self)
        return ModuleType.__getattribute__(self, name)


def defer(*names: str) -> None:
    """Have these modules, a package before what is in it, executed when first used. Those that
    are loaded already stay; whoever imports one that is not installed is told so.

    A package that imports its own parts is better left alone: whoever imports a part of it first
    has Python execute the package, and the part once more."""
    for name in names:
        package, _, own = name.rpartition(".")
        spec = None if name in sys.modules else _found(name, package)
        if spec is None:
            continue
        module = _Deferred(name)
        known = module.__dict__
        known |= {"__spec__": spec, "__loader__": spec.loader, "__package__": spec.parent}
        if spec.origin is not None:
            known["__file__"] = spec.origin
        known[_LOCK] = RLock()
        sys.modules[name] = module
        if package:
            sys.modules[package].__dict__[own] = module


def _found(name: str, package: str) -> ModuleSpec | None:
    try:
        within = import_module(package).__spec__ if package else None
    except ModuleNotFoundError:
        return None
    return PathFinder.find_spec(name, within.submodule_search_locations if within else None)


def _load(module: ModuleType) -> None:
    known = module.__dict__
    lock = known.get(_LOCK)
    if lock is None:  # another thread was first
        return
    with lock:
        spec = module.__spec__
        if _LOCK not in known or known.get(_UNDER_WAY):
            return
        assert spec is not None and spec.loader is not None
        if package := spec.name.rpartition(".")[0]:
            # A package is executed before what is in it.
            _load(sys.modules[package])
            if _LOCK not in known:
                return
        if spec.submodule_search_locations is not None:
            known["__path__"] = spec.submodule_search_locations
        known[_UNDER_WAY] = True
        try:
            if isinstance(spec.loader, ExtensionFileLoader):
                # It makes its module itself.
                made = module_from_spec(spec)
                spec.loader.exec_module(made)
                known |= made.__dict__
            else:
                spec.loader.exec_module(module)
        finally:
            del known[_UNDER_WAY]
        ModuleType.__setattr__(module, "__class__", ModuleType)
        del known[_LOCK]
