"""A labelled set of drawn frames with planted faults, to calibrate a judge with.

Every frame is a beat of a small plan. What it must show is that beat; what is drawn is the
beat with one thing changed: another person's looks, a second figure, an open mouth, another
place. Faults of pixels (blank, blurred, letters over a face) are painted on afterwards. The
set that comes with the package was drawn so: `python -m benchmarks.judge_set FOLDER --compact`
draws the same one, and a judge never sees the labels.

Knows: the faults and how each is planted. Does not know: how any of them is found.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks import judge_faults
from benchmarks.judge_film import CAST, stub_plan
from renderers.base import ImageRequest
from renderers.image.animatic import AnimaticImages
from renderers.scene import Figure, Place, Scene
from storyboard.core.files import write_json
from storyboard.judge.brief import (
    Brief,
    beat_brief,
    character_brief,
    hook_brief,
    role_of,
    setting_brief,
)
from storyboard.judge.labelled_set import LABELLED, LABELS, Labelled
from storyboard.plan import Beat, Plan, staging

WEBP = ".webp"


def plant(folder: Path, *, compact: bool = False) -> list[Labelled]:
    """Draw the set into `folder`, with its labels; `compact` as WebP, a seventh of the size."""
    plan = stub_plan()
    garden = _Garden(folder, plan)
    found = list(garden.grow())
    if compact:
        for picture in folder.rglob("*.png"):
            judge_faults.compress(picture, picture.with_suffix(WEBP))
        found = [_renamed(label) for label in found]
    write_json(folder / LABELS, {"pictures": LABELLED.dump_python(found, mode="json")})
    return found


def _renamed(label: Labelled) -> Labelled:
    def webp(name: str) -> str:
        return str(Path(name).with_suffix(WEBP))

    references = tuple((role, webp(name)) for role, name in label.references)
    return replace(label, picture=webp(label.picture), references=references)


@dataclass
class _Garden:
    """The set in the making."""

    folder: Path
    plan: Plan
    painter: AnimaticImages = field(default_factory=AnimaticImages)
    drawn: dict[Scene, tuple[bytes, Mapping[str, Any]]] = field(
        default_factory=dict[Scene, tuple[bytes, Mapping[str, Any]]]
    )
    """Scenes that were drawn already: many frames are one drawing, painted over."""
    count: int = 0

    def grow(self) -> Iterator[Labelled]:
        (self.folder / "references").mkdir(parents=True, exist_ok=True)
        for character in self.plan.cast:
            self._draw(
                staging.stage_character(self.plan, character), f"references/{character.id}.png"
            )
        for setting in self.plan.settings:
            self._draw(staging.stage_setting(self.plan, setting), f"references/{setting.id}.png")
        yield from self._sound()
        for beat in self.plan.beats:
            yield from self._wrong_scenes(beat)
        yield from self._painted()
        yield from self._copies()
        yield from self._hooks()
        yield from self._places()
        yield from self._hands()

    # --- what is right --------------------------------------------------------

    def _sound(self) -> Iterator[Labelled]:
        plan = self.plan
        for beat in plan.beats:
            yield self._beat(beat, staging.scenes_of(plan)[beat.index], "sound")
        for setting in plan.settings[:2]:
            scene = staging.stage_setting(plan, setting)
            yield self._frame("sound", scene, setting_brief(plan, setting))
        for character in plan.cast[:2]:
            scene = staging.stage_character(plan, character)
            yield self._frame("sound", scene, character_brief(plan, character))

    # --- other scenes than the beat's ----------------------------------------

    def _wrong_scenes(self, beat: Beat) -> Iterator[Labelled]:
        """In every beat one person too many or too few, and one other thing in turn."""
        plan, scene = self.plan, staging.scenes_of(self.plan)[beat.index]
        absent = [id for id in CAST if id not in beat.cast]
        if len(beat.cast) == 1:
            more = (*scene.figures, self._figure(absent[beat.index % len(absent)]))
            crowd, note = replace(scene, figures=more), "two people instead of one"
        else:
            crowd, note = replace(scene, figures=scene.figures[:1]), "one person instead of two"
        unclear = ("identity",)
        yield self._beat(beat, crowd, note, faults=("people_count",), either=unclear)
        if beat.index % 2:
            other = staging.avatar_of(plan.character(absent[0]))
            swapped = replace(scene.figures[0], avatar=other)
            figures = (swapped, *scene.figures[1:])
            yield self._beat(
                beat, replace(scene, figures=figures), "the wrong person", faults=("identity",)
            )
        else:
            elsewhere: Sequence[Place] = ("beach", "cell", "night city", "cinema", "station")
            place = elsewhere[beat.index % len(elsewhere)]
            lost = replace(scene, place=place, props=(), lettering="")
            yield self._beat(beat, lost, "the wrong place", faults=("place",))
        if beat.silent:
            talking = tuple(replace(figure, speaking=True) for figure in scene.figures)
            yield self._beat(
                beat,
                replace(scene, figures=talking),
                "an open mouth on a silent beat",
                faults=("mouth_closed",),
                either=("expression",),
            )

    def _figure(self, id: str) -> Figure:
        character = self.plan.character(id)
        return Figure(id, character.name, staging.avatar_of(character))

    # --- faults of pixels -----------------------------------------------------

    def _painted(self) -> Iterator[Labelled]:
        beats = self.plan.beats
        for beat in beats[:6]:
            frame = self._beat(
                beat,
                staging.scenes_of(self.plan)[beat.index],
                "text over a face",
                faults=("text_on_face", "unwanted_text"),
                either=("identity", "mouth_closed", "expression"),
                paint_over="letters",
            )
            yield frame
        for beat in beats[6:10]:
            yield self._painted_beat(beat, "a caption nobody asked for", "unwanted_text", "caption")
        for beat in beats[2:5]:
            yield self._painted_beat(
                beat, "two pictures in one", "one_picture", "panels", ("people_count", "framing")
            )
        for beat, how in zip(beats[:4], ("black", "white", "grey", "noise"), strict=True):
            yield self._painted_beat(beat, f"blank: {how}", "blank", how)
        for beat, how in zip(beats[4:9], ("5", "7", "9", "12", "16"), strict=True):
            yield self._painted_beat(beat, f"blurred, σ {how} px", "blurred", f"blur {how}")
        for beat, how in zip(beats[:4], ("wide", "square", "tiny", "narrow"), strict=True):
            yield self._painted_beat(beat, f"wrong size: {how}", "size", how)

    def _painted_beat(
        self, beat: Beat, note: str, fault: str, how: str, either: tuple[str, ...] = ()
    ) -> Labelled:
        scene = staging.scenes_of(self.plan)[beat.index]
        return self._beat(beat, scene, note, faults=(fault,), either=either, paint_over=how)

    def _copies(self) -> Iterator[Labelled]:
        """Pictures drawn from another beat's: sound ones that differ from it, and copies."""
        for number, beat in enumerate(self.plan.beats[:5]):
            scene = staging.scenes_of(self.plan)[beat.index]
            before = f"references/before_{beat.index}.png"
            figures = tuple(replace(f, expression="shocked") for f in scene.figures)
            self._draw(replace(scene, figures=figures), before)
            role = (role_of(self.plan, f"beat:{beat.index}"), before)
            yield self._beat(beat, scene, "the moment after, with another face", extra=(role,))
            how = ("same", "jpeg", "lighter", "shifted", "darker")[number]
            copy = replace(scene, figures=figures)
            yield self._beat(
                beat,
                copy,
                f"a copy of the picture before: {how}",
                faults=("duplicate",),
                extra=(role,),
                paint_over=how,
            )

    def _hooks(self) -> Iterator[Labelled]:
        hook = self.plan.hook
        assert hook is not None
        for setting in self.plan.settings:
            here = hook.model_copy(update={"setting": setting.id})
            brief = hook_brief(self.plan, here, staging.HOOK_HEADROOM)
            scene = staging.stage_hook(self.plan, here)
            yield self._frame("sound", scene, brief, references=self._seen(here.cast, setting.id))
            yield self._frame(
                "a head where the title goes",
                replace(scene, headroom=0.0),
                brief,
                faults=("title_area",),
                either=("framing",),
                references=self._seen(here.cast, setting.id),
            )

    def _places(self) -> Iterator[Labelled]:
        """Empty places with somebody in them, and beats in which nobody is."""
        for setting, id in zip(self.plan.settings, CAST, strict=True):
            scene = replace(staging.stage_setting(self.plan, setting), figures=(self._figure(id),))
            yield self._frame(
                "somebody in an empty place",
                scene,
                setting_brief(self.plan, setting),
                faults=("nobody",),
                either=("framing",),
            )
        for beat in self.plan.beats[::3]:
            scene = replace(staging.scenes_of(self.plan)[beat.index], figures=())
            yield self._beat(
                beat,
                scene,
                "nobody there",
                faults=("people_count",),
                either=("identity", "mouth_closed", "hands", "text_on_face"),
            )

    def _hands(self) -> Iterator[Labelled]:
        """A hand before the camera with more or fewer fingers than five, and sound ones.

        It belongs to whoever is in frame, in skin and sleeve.
        """
        for number, beat in enumerate(self._alone()):
            look = staging.avatar_of(self.plan.character(beat.cast[0]))
            for fingers in ((6, 5), (4, 5), (7, 5))[number % 3]:
                yield self._beat(
                    beat,
                    staging.scenes_of(self.plan)[beat.index],
                    f"a hand with {fingers} fingers",
                    faults=() if fingers == 5 else ("hands",),
                    either=("framing", "composition"),
                    paint_over=f"hand {fingers} {look.skin} {look.top}",
                )

    def _alone(self) -> list[Beat]:
        """Beats with one person, seen close enough that no arm of theirs is in frame."""
        near = ("close-up", "medium close-up", "extreme close-up")
        return [b for b in self.plan.beats if len(b.cast) == 1 and b.shot.scale in near]

    # --- drawing --------------------------------------------------------------

    def _beat(
        self,
        beat: Beat,
        scene: Scene,
        note: str,
        extra: tuple[tuple[str, str], ...] = (),
        **labels: Any,
    ) -> Labelled:
        references = (*self._seen(beat.cast, beat.setting), *extra)
        brief = beat_brief(self.plan, beat)
        return self._frame(note, scene, brief, references=references, **labels)

    def _seen(self, cast: Sequence[str], setting: str) -> tuple[tuple[str, str], ...]:
        names = [f"setting:{setting}", *(f"character:{id}" for id in cast)]
        return tuple(
            (role_of(self.plan, n), f"references/{n.partition(':')[2]}.png") for n in names
        )

    def _frame(
        self, note: str, scene: Scene, brief: Brief, *, paint_over: str = "", **labels: Any
    ) -> Labelled:
        self.count += 1
        name = f"{self.count:03d}.png"
        faces = self._draw(scene, name)
        if paint_over:
            judge_faults.over(self.folder / name, paint_over, faces)
        return Labelled(name, brief, note=note, **labels)

    def _draw(self, scene: Scene, name: str) -> Mapping[str, Any]:
        if scene not in self.drawn:
            self.drawn[scene] = self._rendered(scene, self.folder / name)
        png, faces = self.drawn[scene]
        (self.folder / name).write_bytes(png)
        return faces

    def _rendered(self, scene: Scene, out: Path) -> tuple[bytes, Mapping[str, Any]]:
        canvas = self.plan.canvas
        request = ImageRequest("", canvas.width, canvas.height, scene.seed, scene=scene)
        faces = self.painter.render(request, out).info["faces"]
        assert isinstance(faces, dict)
        return out.read_bytes(), faces


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw a labelled set with planted faults.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--compact", action="store_true", help="as WebP, in small files")
    options = parser.parse_args()
    labels = plant(options.folder, compact=options.compact)
    faulty = sum(bool(label.faults) for label in labels)
    sys.stdout.write(
        f"{options.folder}: {len(labels)} pictures, {faulty} of them with a planted fault\n"
    )


if __name__ == "__main__":
    main()
