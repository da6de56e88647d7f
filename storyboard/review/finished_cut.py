"""One finished cut, ready to be reviewed.

Knows: what of a run folder belongs to a cut. Does not know: what is wrong with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from renderers.probe import probe
from storyboard.core.errors import UsageError
from storyboard.core.files import read_json
from storyboard.graph.folder import existing
from storyboard.plan import Language, Plan, load_plan
from storyboard.plan.shots import shot_of
from storyboard.plan.spoken import said_of
from storyboard.plan.timeline import Segment, Timeline, lay_out, segment_plans
from storyboard.stages.clips import clip_name
from storyboard.stages.speech import speech_name


@dataclass(frozen=True, slots=True)
class Cut:
    """A film with the plan it was made of, and the run folder in which all of it lies."""

    film: Path
    plan: Plan
    timeline: Timeline
    folder: Path

    def language(self, index: int) -> Language:
        """In which a segment's line is said, most of it."""
        spoken = said_of(self.plan, index).languages
        return spoken[0] if spoken else self.plan.language

    def has_own_sound(self, segment: Segment) -> bool:
        """Whether a segment's clip brings a sound, which is heard in place of a stock effect."""
        if not shot_of(self.plan, segment.index).keeps_sound:
            return False
        clip = self.folder / f"{clip_name(segment.index, segment.slug)}.mp4"
        return not clip.is_file() or bool(probe(clip).channels)

    @classmethod
    def of(cls, folder: Path) -> Cut:
        """The cut of a run folder.

        Raises:
            UsageError: it is no run folder, or its film is not finished.
            PlanError: its plan is damaged.
        """
        run = existing(folder)
        if not run.film.is_file():
            raise UsageError(f"{folder} holds no final.mp4: finish it with run --dir {folder}")
        plan = load_plan(run.plan)
        parts = segment_plans(plan)
        spoken: dict[int, float] = {}
        for part in parts:
            if not part.line:
                continue
            take = folder / "audio" / f"{speech_name(part.index, part.slug).partition('/')[2]}.json"
            if not take.is_file():
                raise UsageError(f"{take} is missing: make it with run --dir {folder}")
            spoken[part.index] = float(read_json(take)["seconds"])
        return cls(run.film, plan, lay_out(parts, spoken), folder)
