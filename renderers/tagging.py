"""Parts of speech of English words, by gruut's CRF: it comes with the voices.

Knows: words and Penn Treebank tags. Does not know: what a sentence means.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any


def english_tags(words: Sequence[str]) -> list[str]:
    """The tag of each word of one sentence."""
    return _tagger()(list(words)) if words else []


@cache
def _tagger() -> Any:
    with warnings.catch_warnings():
        # It reaches jsonlines, whose docstring has an invalid escape.
        warnings.simplefilter("ignore")
        import gruut_lang_en  # pyright: ignore[reportMissingTypeStubs]
        from gruut.pos import PartOfSpeechTagger  # pyright: ignore[reportMissingTypeStubs]

    return PartOfSpeechTagger(Path(gruut_lang_en.__file__).parent / "pos" / "model.crf")
