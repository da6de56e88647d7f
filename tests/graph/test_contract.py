"""Records of what steps are given and leave: their fields in code, their names in keys."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from renderers.scene import Scene
from storyboard.graph.contract import (
    F,
    Files,
    From,
    Numbered,
    Params,
    if_set,
    many,
    named,
    outputs_of,
    unkeyed,
)
from storyboard.graph.contract import optional as may_lack
from storyboard.graph.steps import Source, Step
from storyboard.judge.escalation import Escalated
from storyboard.judge.judge_loop import JudgeConfig
from storyboard.plan import Plan, load_plan
from storyboard.plan.casting import cast_plan
from storyboard.plan.staging import scenes_of
from storyboard.profile import load_profile
from storyboard.profile.backends import Backends
from storyboard.stages.clips import clip_steps
from storyboard.stages.film_graph import build_graph
from storyboard.stages.images import PictureOptions, image_steps
from storyboard.stages.planning import plan_step, prompt_steps
from storyboard.stages.render_request import RenderRequest

RECORDED = Path(__file__).with_name("recorded")
READS = [
    "image.backend=openai",
    "image.base_url=http://127.0.0.1:9/v1",
    "image.model=m",
    "image.dialect=sglang",
    "image.options.max_references=4",
    "alignment.backend=qwen-aligner",
]


class Cut(Params):
    begin: float = named("in")
    end: float | None
    scene: Scene | None = None
    spoken: tuple[tuple[str, str], ...] | None = if_set()


class Try(Files[F]):
    image: F
    info: F | None = None


class Given(Files[F]):
    clip: F
    sound: F = unkeyed()
    takes: Mapping[int, F] = many("take {}")
    tries: Mapping[str, Try[F]] = many("try {}")
    people: Mapping[Numbered, F] = many("image {}")


class Left(Files[F]):
    film: F
    rest: Mapping[str, F] = may_lack("rejected {}")


def test_parameters_are_in_the_key_as_json_under_their_names() -> None:
    assert Cut(begin=0.5, end=None).document() == {"in": 0.5, "end": None, "scene": None}
    found = Cut(begin=0.0, end=2.0, spoken=(("ja", "湯気"),), scene=Scene()).document()
    assert found["spoken"] == [["ja", "湯気"]]
    assert found["scene"]["shot"]["scale"] == Scene().shot.scale


def test_files_have_labels_and_keep_their_order() -> None:
    given = Given(
        clip="c",
        sound="s",
        takes={2: "t"},
        tries={"1a": Try(image="i", info="j"), "2": Try(image="k")},
        people={Numbered(1, "cast:ann"): "p", Numbered(2, "b (x)"): "q"},
    )
    assert list(given.labelled().items()) == [
        ("clip", "c"),
        ("sound", "s"),
        ("take 2", "t"),
        ("try 1a image", "i"),
        ("try 1a info", "j"),
        ("try 2 image", "k"),
        ("image 1 (cast:ann)", "p"),
        ("image 2 (b (x))", "q"),
    ]
    paths: Given[str] = given.map(lambda label, file: f"{label}={file}")
    assert paths.takes == {2: "take 2=t"}
    assert paths.tries["1a"].info == "try 1a info=j"
    assert paths.tries["2"].info is None


def test_what_is_not_in_the_key_and_what_may_lack_is_said_where_it_is_declared() -> None:
    step = Step(
        "a", "clips", "test.cut", print, 1,
        outputs=Left(film="f.mp4", rest={"2": "r.png"}),
        params=Cut(begin=0.0, end=1.0),
        inputs=Given[Source](clip=From("b", "clip"), sound=Path("s.wav")),
    )  # fmt: skip
    assert step.document({"clip": "x", "sound": "y"})["inputs"] == {"clip": "x"}
    assert step.optional == {"rejected 2"}
    assert step.upstream == {"b"}


def test_the_outputs_of_a_step_are_inputs_of_others_by_field() -> None:
    left = outputs_of(Left[From], "assemble/film")
    assert left.film == From("assemble/film", "film")
    assert not left.rest


# --- every step of the film ----------------------------------------------------


def every_step() -> Iterator[Step]:
    plan = load_plan(RECORDED / "plan.json")
    own = Path(__file__)
    media: list[dict[str, Any]] = [{"image": str(own)}, {"clip": str(own)}, {"audio": str(own)}]
    lines = {"speaker": "narrator", "line": "Tea, please."}
    beats = [
        {**beat.model_dump(), **lines, "media": brought}
        for beat, brought in zip(plan.beats, media, strict=True)
    ]
    brings = Plan.model_validate({**plan.model_dump(), "beats": beats})
    for profile, sets, each in (
        ("embedded", [], plan),
        ("embedded", [], brings),
        ("embedded", READS, plan),
        ("rtx6000-96gb", ["image.draft=true", "image.grid=true"], plan),
        ("rtx6000-96gb", ["image.draft=true"], brings),
    ):
        with Backends(load_profile(profile, sets)) as backends:
            cast = cast_plan(each, backends.speech.voices("en"))
            yield from build_graph(cast, backends).steps
            judging = JudgeConfig(1, 1, {"model": "m"}, Escalated(1, {"model": "n"}))
            yield from image_steps(
                cast, backends.image, PictureOptions(judging=judging), scenes_of(cast)
            )
            yield from clip_steps(cast, backends, scenes_of(cast))
            yield plan_step(RenderRequest(idea="A barista"), backends)
            yield from prompt_steps(cast, own, backends)


def test_every_step_is_given_the_records_that_its_function_names() -> None:
    """The types are erased where a step meets its function; here they are compared."""
    kinds: set[str] = set()
    for step in every_step():
        kinds.add(step.kind)
        (context,) = (hint for n, hint in get_type_hints(step.action).items() if n == "context")
        wanted = get_args(context)
        given = (step.params, step.inputs, step.outputs)
        for record, named_by_it in zip(given, wanted, strict=True):
            assert type(record) is (get_origin(named_by_it) or named_by_it), step.name
    assert len(kinds) >= 26, "all kinds but those that a cast library or a script brings"


SERVED_BY = {
    "drawing": r"image(\.edit)?",
    "voice": r"speech(\..+)?",
    "clip": r"video\..+",
    "second_judge": r"judge\.escalation",
    "prompter": r"prompter|chat",
}
"""By what a step asks its backends for, which section of the profile it then uses."""


def asked_for(function: Callable[..., Any], seen: set[object]) -> Iterator[str]:
    """What a function, with all of the pipeline's that it names, asks its `backends` for."""
    seen.add(function)
    known = function.__globals__
    for node in ast.walk(ast.parse(dedent(inspect.getsource(function)))):
        named: object = None
        if isinstance(node, ast.Name):
            named = known.get(node.id)
        elif isinstance(node, ast.Attribute):
            if ast.unparse(node.value).endswith("backends") and node.attr != "profile":
                yield node.attr
            elif isinstance(node.value, ast.Name):
                named = getattr(known.get(node.value.id), node.attr, None)
        if inspect.isfunction(named) and named not in seen and "storyboard." in named.__module__:
            yield from asked_for(named, seen)


def test_a_step_says_which_models_its_function_asks() -> None:
    """What it does not say is not leased: it would run beside whoever has the card."""
    asked: set[str] = set()
    for step in every_step():
        if step.given or (step.kind == "loop.judge_picture" and step.params.judge is None):
            continue
        for name in asked_for(step.action, set()):
            asked.add(name)
            section = SERVED_BY.get(name, name)
            assert any(re.fullmatch(section, used) for used in step.uses.split()), (
                f"{step.name} ({step.kind}) asks backends.{name} and uses {step.uses!r}"
            )
    assert asked >= {"chat", "prompter", "image", "drawing", "judge", "second_judge", "clip"}
    assert asked >= {"voice", "transcription", "alignment"}


@pytest.mark.parametrize("kind", ["drawing.mend", "clips.animate", "checking.listen"])
def test_a_step_that_is_copied_keeps_its_key(kind: str) -> None:
    step = next(step for step in every_step() if step.kind == kind)
    digests = dict.fromkeys(step.sources, "x")
    assert replace(step, locked=True).document(digests) == step.document(digests)
