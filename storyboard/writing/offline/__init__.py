"""The offline writer: an idea and a format become a plan, without a language model."""

from storyboard.writing.offline.draft import AUTHOR, write_plan
from storyboard.writing.offline.idea import detect_language
from storyboard.writing.offline.meaning import language_note

__all__ = ["AUTHOR", "detect_language", "language_note", "write_plan"]
