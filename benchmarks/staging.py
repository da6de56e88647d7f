"""Which ways to stage a beat, and which cutaways, thirty films of one folder use.

`python -m benchmarks.staging` writes thirty plans offline, one beside the other as commands do, from
ideas of the labelled set in turn through the formats, and writes `benchmarks/results/staging.md`.
Nothing is drawn.

Knows: the offline writer, neighbours, staging. Does not know: how a way or a cutaway looks.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.ideas import FORMATS, HERE, cases
from renderers.scene import Cutaway
from storyboard.plan import Plan, dump_plan, staging
from storyboard.plan.casting import with_looks
from storyboard.plan.format_files import load_format
from storyboard.plan.ways import WAYS
from storyboard.stages.neighbours import unlike_neighbours
from storyboard.writing.offline import IdeaRefused, detect_language, judge, write_plan

RESULT = HERE / "results" / "staging.md"
FILMS = 30


def films(folder: Path) -> Iterator[Plan]:
    """Plans, each unlike those written before it."""
    ideas = [case.fields[0] for case in cases("readings")][::5]
    for idea, format in zip(ideas, cycle(FORMATS), strict=False):
        language = detect_language(idea)
        if judge(idea, language, format).kind != "free":
            continue
        home = folder / f"film{len(list(folder.iterdir()))}"
        try:
            plan = write_plan(idea, load_format(format), language)
        except IdeaRefused:
            continue
        plan = with_looks(unlike_neighbours(plan, home))
        home.mkdir()
        (home / "plan.json").write_text(dump_plan(plan), encoding="utf-8")
        yield plan


def kind_of(cut: Cutaway | None) -> str:
    """What a cutaway shows, in one word."""
    if cut is None:
        return "none"
    if cut.shown.figures:
        return "hands" if cut.shown.event == "shown" else "a listener's face"
    if cut.shown.event:
        return "a thing"
    return "the place" if cut.shown.inset is None else f"a {cut.shown.inset.kind}"


def main() -> int:
    ways: Counter[str] = Counter()
    cuts: Counter[str] = Counter()
    count = 0
    with TemporaryDirectory() as folder:
        for plan in islice(films(Path(folder)), FILMS):
            count += 1
            ways.update(staging.ways_of(plan).values())
            scenes = staging.scenes_of(plan)
            cuts.update(kind_of(scenes[beat.index].cutaway) for beat in plan.beats)
    beats, shots = sum(ways.values()), sum(cuts.values())
    name, most = ways.most_common(1)[0]
    lines = [
        "# How films are staged",
        "",
        f"`python -m benchmarks.staging`: {count} films written offline in one folder, "
        f"{beats} beats with people. {len(ways)} of {len(WAYS)} ways occur; the commonest, "
        f"“{name}”, in {most / beats:.1%} of the beats.",
        "",
        "| way | beats | share |",
        "|---|---|---|",
        *(f"| {way} | {n} | {n / beats:.1%} |" for way, n in ways.most_common()),
        "",
        "| a beat cuts away to | beats | share |",
        "|---|---|---|",
        *(f"| {cut} | {n} | {n / shots:.1%} |" for cut, n in cuts.most_common()),
    ]
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
