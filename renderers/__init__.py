"""Adapters that turn one request into one file: speech, transcripts, pictures, clips."""

import os
from pathlib import Path

# Before any library that draws text is loaded: fonts come from packages, never from the
# machine, so a film looks the same wherever it is made. A root of its own, not just a file:
# the libraries' fontconfig is older than most systems' and prints warnings about theirs.
os.environ.setdefault("FONTCONFIG_SYSROOT", str(Path(__file__).with_name("fontconfig")))
