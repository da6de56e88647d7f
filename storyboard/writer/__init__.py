"""The offline writer: an idea and a format become a plan, without a language model."""

from storyboard.writer.draft import AUTHOR, write_plan
from storyboard.writer.idea import detect_language

__all__ = ["AUTHOR", "detect_language", "write_plan"]
