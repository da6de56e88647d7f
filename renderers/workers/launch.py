"""Starts a worker's server or child with an interpreter that knows nothing of this project.

    python launch.py serve NAME [options]        python launch.py child NAME SETTINGS

A worker's environment has its model's packages. Putting this project's site-packages beside
them would mix two sets of pins, so only the package `renderers` is made known, by its place.

Knows: the import system. Does not know: workers.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path


def make_known(package: Path) -> None:
    """Make the package in this folder importable, and nothing that lies beside it."""
    spec = spec_from_file_location(
        package.name, package / "__init__.py", submodule_search_locations=[str(package)]
    )
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[package.name] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    # The folder of this script: its modules must not pass for top-level ones.
    sys.path.pop(0)
    make_known(Path(__file__).resolve().parents[1])
    import_module(f"renderers.workers.{sys.argv[1]}").main(sys.argv[2:])
