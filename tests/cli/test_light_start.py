"""A command that finds all made has nothing to draw, say or compute: it loads nothing that does."""

from __future__ import annotations

import subprocess
import sys

HEAVY = (
    "numpy._core skia av._core soundfile onnxruntime google.protobuf emoji.core pycrfsuite".split()
)
ASKED = f"""
import sys
from types import ModuleType
import storyboard.run
from storyboard.profile import load_profile
from storyboard.profile.backends import Backends
with Backends(load_profile("embedded")) as backends:
    backends.speech.voices("en")
    for one in (backends.image, backends.clip("animatic"), backends.speech, backends.transcription):
        one.fingerprint()
print(*(name for name in {HEAVY!r} if type(sys.modules.get(name)) is ModuleType))
"""


def test_the_main_command_and_who_would_work_for_it_load_no_library_of_theirs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASKED], capture_output=True, check=False, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
