"""`python -m benchmarks.engine`: the image engine's bench, as `python -m image_engine.bench`."""

from __future__ import annotations

import sys

from image_engine.bench.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
