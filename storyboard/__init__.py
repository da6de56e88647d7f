"""Storyboard: one line of text in, a finished short video out."""

from renderers.deferred import defer

__version__ = "0.1.0"

# Who writes, and what weighs writing: a film whose plan is there needs neither.
defer(
    "storyboard.review.technical.reviewer", "storyboard.writing.hooks", "storyboard.writing.planner"
)
defer(*(f"storyboard.plan.{module}" for module in ("cutaways", "opening", "things")))
defer("storyboard.writing.prompting.prompter", "storyboard.media.audio.wording")
defer(*(f"storyboard.writing.planning.{module}" for module in ("lint", "script", "tidy")))
defer(*(f"storyboard.writing.offline.{module}" for module in ("choose", "frames", "match")))
