"""Planted defects of what is drawn: a picture that shows a thing otherwise than its line says.

Knows: scenes, the animatic that draws them. Does not know: how they are found.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.review_set.film_copy import FilmCopy, NotHere
from benchmarks.review_set.kinds import Where, at, kind
from renderers.animatic.creature_kinds import drawn_as
from renderers.animatic.props import STATES, find_prop, mentioned
from renderers.base import ClipRequest, ImageRequest
from renderers.image.animatic import AnimaticImages
from renderers.scene import Prop, PropState, Scene
from renderers.video.animatic import AnimaticClips
from storyboard.core.files import read_json, write_json
from storyboard.media.agreement import contradictions, drawn_in, mistaken
from storyboard.plan import staging
from storyboard.plan.casting import with_looks
from storyboard.plan.timeline import HOOK, Segment
from storyboard.stages.animating import pad_speech
from storyboard.stages.images import image_name


@kind("picture contradicts its line", "picture_contradicts_line", follows="caption_missing")
def contradicting(copy: FilmCopy) -> Where:
    """Who is no person is drawn as one, or a thing that a line names in the opposite state or
    not at all."""
    plan = with_looks(copy.plan)
    for beat in copy.cut.timeline.segments:
        if beat.index == HOOK or not beat.line or drawn_in(_info(copy, beat)) is None:
            continue
        scene = staging.scenes_of(plan)[beat.index]
        for spoilt in (_human(scene), _turned(scene, beat.line), _without(scene, beat.line)):
            if spoilt is not None and _shown(copy, beat, spoilt):
                return at(beat)
    raise NotHere("no line names a thing that is drawn")


def _human(scene: Scene) -> Scene | None:
    """The scene with everybody drawn as a person, where somebody is none."""
    people = tuple(
        replace(f, avatar=replace(f.avatar, head="short2"))
        if drawn_as(f.avatar.head) != "person"
        else f
        for f in scene.figures
    )
    return replace(scene, figures=people) if people != scene.figures else None


def _turned(scene: Scene, line: str) -> Scene | None:
    """The scene with what the line names in another state."""
    named = {mention.name for mention in mentioned(line)}
    for thing in scene.things:
        name = find_prop(thing.word)
        if name in named and thing.state:
            other = _opposite(name or "", thing.state)
            things = [replace(t, state=other) if t is thing else t for t in scene.things]
            return replace(scene, things=tuple(things))
    return None


def _opposite(name: str, state: PropState) -> PropState:
    opposites: dict[PropState, PropState] = {
        "empty": "full", "full": "empty", "open": "closed", "closed": "open",
    }  # fmt: skip
    other = opposites.get(state, "")
    return other if other in STATES.get(name, ()) else ""


def _without(scene: Scene, line: str) -> Scene | None:
    """The scene without the things that the line names."""
    named = {mention.name for mention in mentioned(line)}

    def kept(word: str) -> bool:
        return find_prop(word) not in named

    figures = tuple(f if kept(f.holds) else replace(f, holds="") for f in scene.figures)
    things: tuple[Prop, ...] = tuple(t for t in scene.things if kept(t.word))
    props = tuple(word for word in scene.props if kept(word))
    spoilt = replace(scene, figures=figures, things=things, props=props)
    return spoilt if spoilt != scene else None


def _shown(copy: FilmCopy, beat: Segment, scene: Scene) -> bool:
    """Draw and film the scene in the beat's place, if the drawing contradicts the line."""
    plan, canvas, fps = copy.plan, copy.plan.canvas, copy.cut.timeline.fps
    with TemporaryDirectory(dir=copy.folder, prefix=".draw.") as scratch:
        image, clip, wave = (Path(scratch) / name for name in ("a.png", "a.mp4", "a.wav"))
        request = ImageRequest("", canvas.width, canvas.height, scene.seed, scene=scene)
        result = AnimaticImages().render(request, image)
        drawn = drawn_in(result.info)
        props = plan.beat(beat.index).props
        people = [drawn_as(figure.avatar.head) for figure in scene.figures]
        wrong = mistaken(plan.beings.get(beat.index, ()), people)
        if drawn is None or not (wrong or contradictions(beat.line, drawn, props)):
            return False
        seconds = beat.frames / fps
        pad_speech(copy.take_path(beat), wave, beat.speech_start - beat.start, seconds)
        shot = plan.beat(beat.index).shot
        seed = staging.part_seed_of(plan, beat.index, "clip")
        AnimaticClips().render(
            ClipRequest(
                image=image, width=canvas.width, height=canvas.height, fps=fps,
                frames=beat.frames, audio=wave, scene=scene, camera=shot.move, seed=seed,
            ),
            clip,
        )  # fmt: skip
        info = {**_info(copy, beat), **result.info}
        clip.replace(copy.clip_path(beat))
        image.replace(copy.folder / f"{image_name(beat.index, beat.slug)}.png")
        write_json(_record(copy, beat), info)
    copy.burn(beat, copy.script(beat, copy.own_captions(beat)))
    return True


def _record(copy: FilmCopy, beat: Segment) -> Path:
    return copy.folder / f"{image_name(beat.index, beat.slug)}.json"


def _info(copy: FilmCopy, beat: Segment) -> dict[str, object]:
    path = _record(copy, beat)
    return read_json(path) if path.is_file() else {}
