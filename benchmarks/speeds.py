"""What a film takes at each `--speed`, stage by stage: the product's own dry run, timed by figures.

`python -m benchmarks.speeds` fills the store of a folder of its own with what each step took on
the card of the people whom this project grows from (one RTX PRO 6000, May 2026), and has the dry
run of `storyboard run --explain` and of `storyboard batch explain` add it up for one film of ten
beats and a hook. No model runs. Writes `benchmarks/results/speeds.md`.

Measured there: a plan 25 s; pictures by size, steps, guidance and references (`PICTURE_S`,
`REFERRED_S`); a clip of 768×512 and 97 frames by the two-stage model 40 s with its weights on the
card, 25 to 30 s more to read them (73 GB from a warm page cache; 60 s from the disk); a film of
six scenes with talking heads 60 s in all; new captions, title and assembly 30 s.

Derived: pictures at another size and guidance by the ratios of those measured; a clip of another
size and length by its pixels and frames; a distilled clip by the passes through the network that
it takes (8 at half size and 3 at full size, against 2·30 and 3, a pass at full size counted as
four); a talking head by its share of the film of six scenes, speech included and assembly left out, which
is counted apart. Speech has no figure of its own and counts nothing beside the longer clips. A
service is read at the pace of the 73 GB.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from image_engine.presets import PRESETS
from renderers.video.planning import LIMITS, Wanted, plan_clip
from storyboard.batch.explain_night import work_of
from storyboard.graph.simulation import FilmAhead, LoadTimes, SimulatedRun, simulate
from storyboard.graph.steps import Step, key_of
from storyboard.graph.store import Store
from storyboard.judge.picture import Drawing
from storyboard.plan.stages import Checkpoint
from storyboard.profile import Service, load_profile
from storyboard.stages.clips import Animation
from storyboard.stages.film import dry_run
from storyboard.stages.render_request import RenderRequest

RESULTS = Path(__file__).parent / "results"
PROFILE, FORMAT = "rtx6000-96gb", "consent_dilemma"
IDEA = "A man who takes every maybe for a yes meets a judge"
SPEEDS = ("draft", "standard", "best")

PLAN_S, FINISH_S = 25.0, 30.0
PICTURE_S = {20: 13.07, 28: 18.41, 36: 23.85, 50: 33.37}
"""2048², guidance 5, by steps."""
AT_SIZE = {2048: 1.0, 1536: 7.14 / 13.07, 1024: 3.83 / 13.07}
"""20 steps, guidance 5, by the side of the square."""
UNGUIDED_STEP_S = 8.16 / 24
"""2048², guidance 1."""
REFERRED_S = {0: 33.37, 1: 76.0, 6: 84.0}
"""2048², 50 steps, guidance 5, by references."""
CLIP_S, CLIP_SIZE = 40.0, 768 * 512 * 97
HALF, FULL = 1, 4
"""What a pass through the network costs at half size and at full size."""
TWO_STAGE, DISTILLED = 2 * 30 * HALF + 3 * FULL, 8 * HALF + 3 * FULL
TALKING_HEAD_S = 60.0 / 6 - FINISH_S / 11
READ_S = 27.5
"""73 GB from a warm page cache: the middle of 25 to 30."""
WEIGHTS_GB = {"planner": 31, "images": 17, "images-dev": 17, "speech": 3, "ditto": 3} | {
    # A worker that starts cold reads its weights for every clip, which its clips hold already.
    "a2v-resident": 73,
    "distilled": 73,
}


@dataclass(frozen=True, slots=True)
class Row:
    speed: str
    work: FilmAhead
    walk: SimulatedRun
    up: SimulatedRun
    """The same after `storyboard up`: of all that may be on the card together while the film is
    planned, nothing is left to load."""
    told: str


def picture_seconds(step: Drawing) -> float:
    """A picture of the engine, by its recipe and references."""
    options: dict[str, Any] = {**step.params.backend, **step.params.options}
    recipe = PRESETS[options["preset"]]
    if recipe.guidance_scale > 1:
        seconds = PICTURE_S[recipe.steps]
    else:
        seconds = UNGUIDED_STEP_S * recipe.steps
    references = len(step.inputs.references)
    slower = REFERRED_S[references if references < 2 else 6] / REFERRED_S[0]
    return seconds * AT_SIZE[recipe.width] * slower


def clip_seconds(step: Animation) -> float:
    """A clip, by its model, size and length, and whether its weights are read for it."""
    params, backend = step.params, cast("dict[str, Any]", step.params.backend)
    model = backend["adapter"].partition("/")[0]
    if model == "ditto":
        return TALKING_HEAD_S
    segment = params.segment
    # A spoken beat is as long as planned here: nobody has heard its line yet.
    wanted = Wanted(params.width, params.height, segment.fps, segment.frames(None))
    plan = plan_clip(wanted, LIMITS[model], backend["resolution"])
    share = plan.width * plan.height * plan.frames / CLIP_SIZE
    passes = DISTILLED if model == "ltx2-distilled" else TWO_STAGE
    cold = step.requires is not None and {"a2v", "i2v"} & set(step.requires.services)
    return CLIP_S * share * passes / TWO_STAGE + (READ_S if cold else 0.0)


def seconds_of(step: Step, finishing: int) -> float:
    match step.stage:
        case _ if step.kind == "plan.agent":
            return PLAN_S
        case "images":
            return picture_seconds(step)
        case "clips":
            return clip_seconds(step)
        case "assemble" | "checks":
            return FINISH_S / finishing
        case _:
            return 0.0


def timed(request: RenderRequest) -> None:
    """Put what each step of the order's film takes where the dry run looks for it."""
    run = dry_run(request)
    store, graph = Store(run.folder.store), run.graph
    finishing = sum(step.stage in ("assemble", "checks") for step in graph.steps)
    for number, step in enumerate(graph.steps):
        # Under another key than the step's own: it has been timed, not made.
        document: dict[str, Any] = step.document(dict.fromkeys(step.sources, f"timed {number}"))
        document["params"] = {**document["params"], "timed": step.name}
        store.put(key_of(document), {}, seconds_of(step, finishing), document)


def measure(speed: str, root: Path, *overrides: str) -> Row:
    request = RenderRequest(
        idea=IDEA,
        format=FORMAT,
        language="en",
        out=root / speed / "film",
        profile=f"{PROFILE}@{speed}",
        overrides=overrides,
    )
    timed(request)
    work = work_of(request)
    loads = {name: gb * READ_S / 73 for name, gb in WEIGHTS_GB.items()}
    services = load_profile(request.profile).services
    start = {name: loads.get(name, 0.0) for name in services}
    walk = simulate([work], LoadTimes(start, dict.fromkeys(start, 0.0)), alone=True)
    left = {name: 0.0 if _may_wait(services[name]) else took for name, took in start.items()}
    up = simulate([work], LoadTimes(left, dict.fromkeys(start, 0.0)), alone=True)
    image = load_profile(request.profile).image.preset
    return Row(speed, work, walk, up, PRESETS[image].summary)


def _may_wait(service: Service) -> bool:
    return "plan" in (*service.serves, *service.stays)


STAGES: tuple[tuple[str, Checkpoint], ...] = (
    ("plan", "plan"),
    ("pictures", "images"),
    ("talking heads", "dialogue"),
    ("clips", "clips"),
    ("assembly and checks", "finish"),
)


def markdown(rows: list[Row], small: Row) -> str:
    docs = (__doc__ or "").split("\n\n")
    head = " | ".join(f"`{row.speed}`" for row in rows)
    lines = [
        "# What a film takes at each speed: ten beats and a hook on 96 GB",
        "",
        "By `python -m benchmarks.speeds`: the product's own dry run, timed by figures measured on",
        "an RTX PRO 6000 by the people whom this project grows from. No model ran for this page.",
        "",
        f"| minutes | {head} |",
        "|---|" + "---:|" * len(rows),
    ]
    for name, stage in STAGES:
        cells = " | ".join(f"{row.work.seconds(stage) / 60:.1f}" for row in rows)
        lines.append(f"| {name} | {cells} |")
    lines += [
        "| loading (warm page cache) | "
        + " | ".join(f"{row.walk.load_seconds / 60:.1f}" for row in rows)
        + " |",
        "| **all, from an empty card** | "
        + " | ".join(f"**{row.walk.seconds / 60:.1f}**" for row in rows)
        + " |",
        "| **all, servers up before** | "
        + " | ".join(f"**{row.up.seconds / 60:.1f}**" for row in rows)
        + " |",
        "| peak, GiB | " + " | ".join(f"{row.walk.peak_gib:g}" for row in rows) + " |",
        "",
        f"`best` with clips of the size that was measured (768 on the longer side, as the first "
        f"owner's films are): {small.walk.seconds / 60:.1f} minutes, "
        f"{small.work.seconds('clips') / 60:.1f} of them for clips.",
        "",
        "What the pictures of each are: "
        + "; ".join(f"`{row.speed}`: {row.told.rstrip('.')}" for row in rows)
        + ".",
        "",
        "## The trade-off in pictures, as it was measured",
        "",
        "| size, steps, guidance 5 | seconds a picture |",
        "|---|---:|",
        "| 2048², 50 | 33 |",
        "| 2048², 28 | 18 |",
        "| 1536², 20 | 7 |",
        "| 1024², 20 | 4 |",
        "",
        "With one reference 76 s instead of 33, with six 84. What suffers first at few steps and",
        "small sizes: older faces, hands, fine fabric, text, crowds and busy rooms.",
        "",
        "## Which figures are measured, and which are derived from them",
        "",
        *docs[2].splitlines(),
        "",
        *docs[3].splitlines(),
        "",
        "Not in these sums: the judge and the review (off unless asked for, or bounded by their own",
        "limits), and the wording of prompts by the language model.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        rows = [measure(speed, root) for speed in SPEEDS]
        sized = [f"video.{name}.options.resolution=768" for name in ("a2v", "i2v")]
        small = measure("best", root / "small", *sized)
    (RESULTS / "speeds.md").write_text(markdown(rows, small), encoding="utf-8")


if __name__ == "__main__":
    main()
