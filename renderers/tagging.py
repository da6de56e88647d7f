"""Parts of speech of English words, by gruut's CRF: it comes with the voices.

Knows: words and Penn Treebank tags. Does not know: what a sentence means.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any


def english_tags(words: Sequence[str]) -> list[str]:
    """The tag of each word of one sentence."""
    return _tagger()(list(words)) if words else []


@cache
def _tagger() -> Any:
    with warnings.catch_warnings():
        # It reaches jsonlines, whose docstring has an invalid escape.
        warnings.simplefilter("ignore")
        tagging = _alone("gruut", "pos")
    return tagging.PartOfSpeechTagger(_folder("gruut_lang_en") / "pos" / "model.crf")


def _alone(package: str, module: str) -> ModuleType:
    """A module of a package without the rest of it: gruut's own beginning reads all that dates
    may look like in any time zone, half a second in which nothing is tagged."""
    spec = spec_from_file_location(f"{package}.{module}", _folder(package) / f"{module}.py")
    assert spec is not None and spec.loader is not None, "a file of Python's has a loader"
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def _folder(package: str) -> Path:
    """Where an installed package lies, without importing it."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"No module named '{package}'", name=package)
    return Path(found.submodule_search_locations[0])
