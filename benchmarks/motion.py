"""How much of a film moves, and what a drawn frame costs: `python -m benchmarks.motion RUN …`.

Every beat of a finished animatic is drawn again with the camera at rest and every mouth shut.
Frames 0.2 s apart are compared, averaged in blocks of 8 × 8 pixels so that a sway of half a pixel
does not count: a step *moves* where at least 5 % of the blocks change by more than 30 of 255
levels, which a viewer notices. So what is counted is acting, props and the set: never the camera,
never lips. CPU seconds are those of this process for drawing alone (no encoding).

Knows: run folders, scenes, drawing. Does not know: how a film is made.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import skia

from renderers.animatic.face import Mouth
from renderers.animatic.motion import Filmed, Shooting, Take, bgra, shoot
from renderers.probe import probe
from renderers.scene import AgeGroup, Presentation, Scene
from storyboard.plan import Plan, load_plan, staging
from storyboard.plan.casting import cast_plan
from storyboard.plan.shots import shots_of

Floats = npt.NDArray[np.float32]
STEP = 0.2
BLOCK = 8
CHANGED = 30
AREA = 0.05
_SHUT = Mouth(0.0)


@dataclass(frozen=True)
class Measured:
    """One clip: steps of 0.2 s, how many of them move, frames drawn, CPU seconds they took."""

    name: str
    steps: int
    moving: int
    frames: int
    cpu: float


@dataclass(frozen=True)
class _AnyVoice:
    """Casting asks for one; nothing is spoken here."""

    name: str = "any"
    presentation: Presentation = "neutral"
    age: AgeGroup = "adult"
    f0: int = 0


def measure(name: str, scene: Scene, shooting: Shooting) -> Measured:
    filmed = Filmed(scene, shooting)
    surface = skia.Surface(shooting.width, shooting.height)
    info = bgra(shooting.width, shooting.height)
    before: Floats | None = None
    last: Take | None = None
    steps = moving = 0
    for step in range(int(shooting.seconds / STEP) + 1):
        frame = min(shooting.frames - 1, round(step * STEP * shooting.fps))
        take, own = filmed.at(frame)
        acting = [part.at(own) for part in take.parts]
        acting = [
            replace(a, face=replace(a.face, mouth=_SHUT)) if a.face.mouth is not None else a
            for a in acting
        ]
        take.tableau.draw(surface.getCanvas(), acting, seconds=own / shooting.fps)
        pixels = np.zeros((shooting.height, shooting.width, 4), dtype=np.uint8)
        surface.readPixels(info, pixels, 4 * shooting.width, 0, 0)
        now = _blocks(pixels)
        if before is not None and take is last:
            # A cut is no motion.
            steps += 1
            moving += bool((np.abs(now - before).max(axis=2) > CHANGED).mean() >= AREA)
        before, last = now, take
    began = time.process_time()
    drawn = sum(1 for _ in shoot(scene, shooting))
    return Measured(name, steps, moving, drawn, time.process_time() - began)


def _blocks(pixels: npt.NDArray[np.uint8]) -> Floats:
    high, wide = (side // BLOCK for side in pixels.shape[:2])
    cut = pixels[: high * BLOCK, : wide * BLOCK, :3].astype(np.float32)
    return cut.reshape(high, BLOCK, wide, BLOCK, 3).mean(axis=(1, 3))


def film(folder: Path) -> list[Measured]:
    """Every clip of a run folder, drawn by today's code from its plan and its voices."""
    plan = cast_plan(load_plan(folder / "plan.json"), [_AnyVoice()])
    return [
        measure(name, scene, _shooting(plan, folder, name, index))
        for index, name, scene in _scenes(plan)
    ]


def _scenes(plan: Plan) -> list[tuple[int, str, Scene]]:
    scenes = staging.scenes_of(plan)
    return [(s.index, s.slug, scenes[s.index]) for s in shots_of(plan)]


def _shooting(plan: Plan, folder: Path, name: str, index: int) -> Shooting:
    clip = folder / "clips" / (f"clip_{name}.mp4" if index else "hook.mp4")
    voice = folder / "audio" / (f"beat_{name}.wav" if index else "hook.wav")
    part = plan.hook if index == 0 and plan.hook is not None else plan.beat(index)
    canvas = plan.canvas
    speaker = index == 0 or plan.beat(index).speaker is not None
    frames = probe(clip).frames or round(part.duration * canvas.fps)
    return Shooting(
        canvas.width, canvas.height, canvas.fps, frames, voice if voice.is_file() and speaker else None,
        part.shot.move, staging.part_seed_of(plan, index, "clip"),
    )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.motion", description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path, help="folders of finished animatics")
    parser.add_argument("--json", action="store_true", help="machine-readable")
    options = parser.parse_args(arguments)
    rows = [(run.name, clip) for run in options.runs for clip in film(run)]
    steps = sum(clip.steps for _, clip in rows)
    moving = sum(clip.moving for _, clip in rows)
    frames = sum(clip.frames for _, clip in rows)
    cpu = sum(clip.cpu for _, clip in rows)
    if options.json:
        total = {"steps": steps, "moving": moving, "frames": frames, "cpu_seconds": round(cpu, 2)}
        sys.stdout.write(json.dumps(total) + "\n")
        return 0
    for run, clip in rows:
        share = clip.moving / max(1, clip.steps)
        sys.stdout.write(f"{run:24} {clip.name:18} {share:5.0%} of {clip.steps:3} steps  "
              f"{1000 * clip.cpu / max(1, clip.frames):5.1f} CPU ms a frame\n")  # fmt: skip
    sys.stdout.write(f"{'all':43} {moving / max(1, steps):5.0%} of {steps:3} steps  "
          f"{1000 * cpu / max(1, frames):5.1f} CPU ms a frame\n")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
