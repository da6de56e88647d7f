"""Stage B: the pictures. One a setting, one a character, one a beat, one for the hook.

Knows: which pictures a plan needs and which of them refer to which. Does not know: how a
backend draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter

from renderers.base import JSON, ImageBackend, ImageRequest, Reference
from renderers.scene import Scene
from storyboard import staging
from storyboard.files import write_json
from storyboard.plan import Beat, Plan
from storyboard.prompting import beat_prompt, character_prompt, hook_prompt, setting_prompt
from storyboard.steps import From, Step, StepContext
from storyboard.timeline import HOOK

VERSION = 1
SCENE = TypeAdapter(Scene)


def image_name(index: int, slug: str) -> str:
    return "images/hook" if index == HOOK else f"images/beat_{slug}"


def image_steps(plan: Plan, backend: ImageBackend) -> list[Step]:
    """Every picture of the film, references before what refers to them."""
    maker = _Maker(plan, backend)
    steps: list[Step] = []
    if backend.uses_references:
        steps += [
            maker.step(
                f"images/set_{setting.id}",
                setting_prompt(plan, setting),
                staging.stage_setting(plan, setting),
            )
            for setting in plan.settings
        ]
        steps += [
            maker.step(
                f"images/cast_{character.id}",
                character_prompt(plan, character),
                staging.stage_character(plan, character),
            )
            for character in plan.cast
            if not character.references
        ]
    if plan.hook is not None:
        references = maker.references(plan.hook.setting, plan.hook.cast)
        steps.append(
            maker.step(
                image_name(HOOK, ""),
                hook_prompt(plan, plan.hook),
                staging.stage_hook(plan, plan.hook),
                beat=HOOK,
                references=references,
                options=plan.hook.image_options,
            )
        )
    steps += [maker.beat(beat) for beat in plan.beats]
    return steps


class _Maker:
    """What all picture steps of one film share."""

    def __init__(self, plan: Plan, backend: ImageBackend) -> None:
        self.plan = plan
        self.backend = backend
        self.fingerprint = dict(backend.fingerprint())

    def beat(self, beat: Beat) -> Step:
        scene = staging.stage_beat(self.plan, beat)
        prompt = beat.prompt.text if beat.prompt else beat_prompt(self.plan, beat)
        return self.step(
            image_name(beat.index, beat.slug),
            prompt,
            scene,
            beat=beat.index,
            references=self.references(beat.setting, beat.cast),
            options=beat.image_options,
        )

    def references(self, setting: str, cast: list[str]) -> dict[str, From | Path]:
        """The setting's base picture and a sheet per character in frame, by role."""
        if not self.backend.uses_references:
            return {}
        found: dict[str, From | Path] = {"setting": From(f"images/set_{setting}", "image")}
        for id in cast:
            character = self.plan.character(id)
            if not character.references:
                found[f"character {id}"] = From(f"images/cast_{id}", "image")
            for number, path in enumerate(character.references, 1):
                found[f"character {id} {number}"] = Path(path).expanduser()
        return found

    def step(
        self,
        name: str,
        prompt: str,
        scene: Scene,
        *,
        beat: int | None = None,
        references: Mapping[str, From | Path] | None = None,
        options: Mapping[str, JSON] | None = None,
    ) -> Step:
        canvas = self.plan.canvas
        return Step(
            name=name,
            stage="images",
            action=draw,
            version=VERSION,
            params={
                # The drawn scene or the prompt: whichever this backend does not read would
                # only make its pictures stale for nothing.
                "prompt": prompt if self.backend.uses_references else "",
                "scene": asdict(scene) if not self.backend.uses_references else None,
                "width": canvas.width,
                "height": canvas.height,
                "seed": scene.seed,
                "options": dict(options or {}),
                "backend": self.fingerprint,
            },
            inputs=references or {},
            outputs={"image": f"{name}.png", "info": f"{name}.json"},
            beat=beat,
            parallel=not self.backend.uses_references,
        )


def draw(context: StepContext) -> None:
    """Draw one picture, and note beside it what the backend measured."""
    params = context.params
    backend: ImageBackend = context.backends.image
    request = ImageRequest(
        prompt=params["prompt"],
        width=params["width"],
        height=params["height"],
        seed=params["seed"],
        references=tuple(Reference(path, role) for role, path in context.inputs.items()),
        scene=SCENE.validate_python(params["scene"]) if params["scene"] else None,
        options=params["options"],
    )
    result = backend.render(request, context.outputs["image"])
    for warning in result.warnings:
        context.warn(warning)
    write_json(
        context.outputs["info"],
        {"width": result.width, "height": result.height, "seed": result.seed, **result.info},
    )
