"""A good film on a small canvas, made once a test session, in which defects can be planted."""

from __future__ import annotations

import shutil
from pathlib import Path

from rich.console import Console
from tiny_films import TINY, tiny_run, tones
from tones import TonesSpeech

from storyboard.cli.display import ConsoleDisplay
from storyboard.plan import Plan
from storyboard.plan.casting import cast_plan
from storyboard.plan.format_files import load_format
from storyboard.plan.staging import stage_hook
from storyboard.stages.film import make_film
from storyboard.writing.offline import write_plan

KEPT = (1, 2, 3, 4, 5)
"""Beats of the dilemma: two speakers, one of them with three lines, and a silence."""


def good_film(session: Path) -> Path:
    """The run folder of a finished film of two speakers, with hook, music and a silent beat.

    Made once below `session`, a folder that all tests of a session share.
    """
    folder = session / "good films" / "umbrella"
    if (folder / "checks.json").is_file():
        return folder
    plan = write_plan(
        "Two colleagues and one umbrella", load_format("consent_dilemma"), "en", None, 7
    )
    beats = [
        plan.beat(old).model_copy(update={"index": new, "duration": 2.0 if old != 4 else 1.8})
        for new, old in enumerate(KEPT, 1)
    ]
    # It begins with a face, and whoever is silent faces us: defects are planted in both.
    beats = [
        beat.model_copy(update={"staging": "faces us"}) if not beat.line else beat for beat in beats
    ]
    tiny = plan.model_copy(update={"canvas": TINY, "beats": beats})
    staged = (
        tiny.model_copy(update={"style": tiny.style.model_copy(update={"staging": number})})
        for number in range(99)
    )
    tiny = next(p for p in staged if _begins_with_a_face(p))
    make_film(tones(tiny_run(folder, tiny)), ConsoleDisplay(Console(quiet=True), quiet=True))
    shutil.rmtree(folder.parent / ".store")
    return folder


def _begins_with_a_face(plan: Plan) -> bool:
    cast = cast_plan(plan, TonesSpeech().voices(plan.language))
    return cast.hook is not None and bool(stage_hook(cast, cast.hook).figures)
