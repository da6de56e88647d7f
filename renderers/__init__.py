"""Adapters that turn one request into one file: speech, transcripts, pictures, clips."""

import os
from pathlib import Path

# Before any library that draws text is loaded: fonts come from packages, never from the
# machine, so a film looks the same wherever it is made.
os.environ.setdefault("FONTCONFIG_FILE", str(Path(__file__).with_name("fonts.conf")))
