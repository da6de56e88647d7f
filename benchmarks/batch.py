"""What stage-major order saves: 20 films of 10 beats on one card of 96 GB, simulated.

`python -m benchmarks.batch` walks both orders with the code of `storyboard batch explain` and
the figures of the system that this project grows from (one RTX PRO 6000, May 2026). It is a
simulation: no model runs. Writes `benchmarks/results/batch.json` and `batch.md`.

Measured there: planning 25 s; 11 pictures of 80 s; new captions, title and assembly 30 s; a
film in 25 to 30 minutes; 73 GB of video weights read in 60 s, in 25 to 30 s from a warm page
cache. Derived: clips take what is left of 27.5 minutes; other models are read from the disk
at the video model's pace, 73 GB in 60 s.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from storyboard.batch.explain_night import Comparison, compare_orders
from storyboard.graph.simulation import FilmAhead, LoadTimes, StepAhead
from storyboard.plan.stages import CHECKPOINTS, Checkpoint
from storyboard.profile import Profile, load_profile
from storyboard.profile.needs import need_of

RESULTS = Path(__file__).parent / "results"
FILMS = 20
PLAN_S, PICTURES_S, FINISH_S, FILM_S = 25.0, 11 * 80.0, 30.0, 27.5 * 60
WORK: dict[Checkpoint, float] = {
    "plan": PLAN_S,
    "images": PICTURES_S,
    # No figures of their own: parts of what is counted as clips.
    "speech": 0.0,
    "dialogue": 0.0,
    "clips": FILM_S - PLAN_S - PICTURES_S - FINISH_S,
    "finish": FINISH_S,
}
GB_A_SECOND = 73 / 60
WEIGHTS_GB = {"planner": 31.0, "images": 17.0, "speech": 3.0, "ditto": 3.0}
PERSISTENT = ("services.a2v.idle_gib=52", "services.a2v.peak_gib=58")


def load_times(*, persistent: bool) -> LoadTimes:
    """Seconds to load each service. A cold-start video worker reads its weights for every clip,
    which its clips' seconds hold already: starting it costs nothing more."""
    seconds = {service: gb / GB_A_SECOND for service, gb in WEIGHTS_GB.items()}
    start = {**seconds, "a2v": 60.0 if persistent else 0.0, "i2v": 0.0}
    # Asleep, weights lie in host memory, from where they cross PCI Express in about a second:
    # that is not a figure of theirs, and counts nothing.
    return LoadTimes(start, dict.fromkeys(start, 0.0))


LAYOUT: dict[Checkpoint, tuple[str, ...]] = {
    "plan": ("chat",),
    "images": ("image",),
    "speech": ("speech",),
    "dialogue": ("video.ditto",),
    "clips": ("video.a2v", "video.i2v"),
}
"""The layout of its articles: preset voices, one of each video model; nobody judges."""


def film(profile: Profile) -> FilmAhead:
    tasks: list[StepAhead] = []
    for stage in CHECKPOINTS:
        paths = LAYOUT.get(stage, ("",))
        for path in paths:
            seconds = WORK[stage] / len(paths)
            tasks.append(StepAhead(f"{stage} {path}", stage, seconds, need_of(profile, path)))
    return FilmAhead(profile, tuple(tasks), profile.name)


def results() -> dict[str, Comparison]:
    found: dict[str, Comparison] = {}
    for name, overrides in (("cold start", ()), ("persistent", PERSISTENT)):
        films = [film(load_profile("rtx6000-96gb", overrides))] * FILMS
        seconds = load_times(persistent=bool(overrides))
        found[f"video worker {name}"] = compare_orders(films, None, seconds)
        found[f"video worker {name}, 5 films at a time"] = compare_orders(films, 5, seconds)
    return found


def markdown(found: dict[str, Comparison]) -> str:
    lines = [
        f"# Stage by stage against film by film: {FILMS} films of 10 beats on 96 GB",
        "",
        "Simulated by `python -m benchmarks.batch`; its docstring says which figures are",
        "measured and which are derived.",
        "",
        "| layout | order | loads | loading, min | all, h | peak, GiB |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for name, comparison in found.items():
        ways = (("stage by stage", comparison.stage_major), ("film by film", comparison.film_major))
        for order, way in ways:
            lines.append(
                f"| {name} | {order} | {sum(way.loads.values())} | {way.load_seconds / 60:.1f} "
                f"| {way.seconds / 3600:.2f} | {way.peak_gib:g} |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    found = results()
    told = {name: asdict(comparison) for name, comparison in found.items()}
    (RESULTS / "batch.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    (RESULTS / "batch.md").write_text(markdown(found), encoding="utf-8")


if __name__ == "__main__":
    main()
