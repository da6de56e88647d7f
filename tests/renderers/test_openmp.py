"""Threads of compiled libraries sleep while they wait, and what the user set goes first."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

LOADS = "from renderers.asr.whisper import package; package('transcribe')"


def loaded(**environment: str) -> str:
    """What OpenMP says of itself, at whose loading the environment counts."""
    done = subprocess.run(
        [sys.executable, "-c", f"{LOADS}; import os; print(os.environ.get('OMP_WAIT_POLICY'))"],
        env={**os.environ, "OMP_DISPLAY_ENV": "true", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout + done.stderr


@pytest.mark.skipif(
    sys.platform != "linux", reason="needs Linux: other systems have another OpenMP"
)
@pytest.mark.parametrize(("set_to", "policy"), [("", "PASSIVE"), ("active", "ACTIVE")])
def test_the_threads_of_whisper_wait_as_they_should(set_to: str, policy: str) -> None:
    told = loaded(**({"OMP_WAIT_POLICY": set_to} if set_to else {}))
    assert f"OMP_WAIT_POLICY = '{policy}'" in told
    # What other programs inherit is untouched.
    assert told.startswith(set_to or "None")
