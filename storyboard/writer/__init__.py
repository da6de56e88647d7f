"""The offline writer: an idea and a format become a plan, without a language model."""

from storyboard.writer.draft import AUTHOR, write_plan
from storyboard.writer.idea import detect_language
from storyboard.writer.meaning import language_note

__all__ = ["AUTHOR", "detect_language", "language_note", "write_plan"]
