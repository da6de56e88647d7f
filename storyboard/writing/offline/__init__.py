"""The offline writer: an idea and a format become a plan, without a language model."""

from storyboard.writing.offline.checked import AUTHOR, carries, said_in, share_said, stand_in
from storyboard.writing.offline.draft import write_plan
from storyboard.writing.offline.fitting import fitting_format
from storyboard.writing.offline.idea import detect_language
from storyboard.writing.offline.meaning import language_note
from storyboard.writing.offline.outline import DraftSlot, Outline, outline, slots_of
from storyboard.writing.offline.taste import Refused, admit, judge, written_amiss

__all__ = [
    "AUTHOR",
    "DraftSlot",
    "Outline",
    "Refused",
    "admit",
    "carries",
    "detect_language",
    "fitting_format",
    "judge",
    "language_note",
    "outline",
    "said_in",
    "share_said",
    "slots_of",
    "stand_in",
    "write_plan",
    "written_amiss",
]
