"""Offline drafts of plans, written once a process."""

from __future__ import annotations

from functools import cache

from storyboard.plan import Plan
from storyboard.plan.format_files import load_format
from storyboard.writing.offline import write_plan
from storyboard.writing.offline.match import SharedWords

IDEAS = {"en": "A barista who can only speak in haiku", "ja": "俳句でしか話せないバリスタ"}


@cache
def drafted(format: str, language: str) -> Plan:
    return write_plan(IDEAS[language], load_format(format), language, None, 42, SharedWords())  # pyright: ignore[reportArgumentType]
