"""A film in an editor: read by other programs than wrote it, every cut on its frame."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_films import TONES, made, tiny_plan, tiny_run, tones
from typer.testing import CliRunner

from renderers.audio_file import read_audio
from renderers.probe import decode_frames, probe
from storyboard.cli import app
from storyboard.core.errors import UsageError
from storyboard.edit.patch import Operation, patched
from storyboard.edit.recut import recut as read_recut
from storyboard.graph.folder import existing
from storyboard.media.text.subtitles import read_srt
from storyboard.plan import Canvas, Voice, dump_plan, load_plan
from storyboard.plan.records import Plan
from storyboard.publish.export import shown_seconds, written_as

pytest.importorskip(
    "opentimelineio", reason="needs OpenTimelineIO: pip install 'storyboard[export]'"
)

FPS = 24


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film with a hook, a crossfade and two speakers."""
    canvas = Canvas(width=160, height=288, fps=FPS)
    plan = tiny_plan("A barista who can only speak in haiku", 3).model_copy(
        update={"canvas": canvas}
    )
    # Settled, as those of a written plan are: which voices are chosen goes by the title too.
    plan = plan.model_copy(
        update={
            "narrator": Voice(preset="tone_a"),
            "cast": [c.model_copy(update={"voice": Voice(preset="tone_b")}) for c in plan.cast],
        }
    )
    last = plan.beats[-1].model_copy(update={"transition": "crossfade", "duration": 1.5})
    beats = [*plan.beats[:-2], plan.beats[-2].model_copy(update={"duration": 1.5}), last]
    run = tiny_run(
        tmp_path_factory.mktemp("film") / "haiku", plan.model_copy(update={"beats": beats})
    )
    made(tones(run, jobs=2), f"storyboard run --profile {TONES}")
    return run


@pytest.fixture(scope="module")
def exported(film: Path) -> Path:
    done = CliRunner().invoke(app, ["export", str(film), "--to", "otio,fcpxml,edl,srt,vtt,stems"])
    assert done.exit_code == 0, done.output
    return film / "export"


def segments(film: Path) -> list[dict[str, Any]]:
    """The film's own timeline, as its sound was laid by."""
    return json.loads((film / "audio/timeline.json").read_text())["segments"]


def one(folder: Path, kind: str) -> str:
    return next(folder.glob(f"*.{kind}")).read_text(encoding="utf-8")


def test_every_cut_is_where_the_film_has_it(film: Path, exported: Path) -> None:
    tracks = json.loads(one(exported, "otio"))["tracks"]["children"]
    picture = next(t for t in tracks if t["kind"] == "Video")["children"]
    clips = [c for c in picture if c["OTIO_SCHEMA"].startswith("Clip")]
    told, at = [], 0
    for clip in clips:
        told.append((clip["name"], at))
        at += int(clip["source_range"]["duration"]["value"])
    assert told == [(s["slug"], round(s["start"] * FPS)) for s in segments(film)]
    assert at == sum(1 for _ in decode_frames(film / "final.mp4"))
    fades = [c for c in picture if c["OTIO_SCHEMA"].startswith("Transition")]
    overlaps = [s["overlap"] for s in segments(film) if s["overlap"]]
    assert overlaps and [int(f["out_offset"]["value"]) for f in fades] == overlaps


def test_an_edit_list_and_final_cut_say_the_same(film: Path, exported: Path) -> None:
    cuts = [round(s["start"] * FPS) for s in segments(film)]
    stamps = re.findall(r"^\d{3}\s+\S+\s+V.*?(\S+) \S+$", one(exported, "edl"), re.M)
    frames = [
        sum(int(p) * u for p, u in zip(s.split(":"), (86400, 1440, 24, 1), strict=True))
        for s in stamps
    ]
    assert sorted(set(frames)) == cuts
    tree = ET.fromstring(one(exported, "fcpxml").partition("<!DOCTYPE fcpxml>")[2])
    starts = {
        node.get("name"): Fraction(str(node.get("offset", "0s")).removesuffix("s")) * FPS
        for node in tree.iter("asset-clip")
        if node.get("lane") is None
    }
    assert {name: int(at) for name, at in starts.items()} == {
        s["slug"]: round(s["start"] * FPS) for s in segments(film)
    }


def test_lines_begin_to_the_sample_and_stems_add_up(film: Path, exported: Path) -> None:
    count = round(probe(film / "final.mp4").seconds * 48_000)
    stems = {p.stem: read_audio(p)[0] for p in (exported / "media/stems").glob("*.wav")}
    assert {"effects", "music"} < set(stems) and sum(n.startswith("speech") for n in stems) >= 2
    assert all(abs(len(samples) - count) < 2 * 4000 for samples in stems.values())
    tracks = json.loads(one(exported, "otio"))["tracks"]["children"]
    lines = {n: np.zeros_like(stems["effects"]) for n in stems if n.startswith("speech")}
    for track in tracks[1:]:
        at, name = 0, None
        for item in track["children"]:
            file = item.get("media_references", {}).get("DEFAULT_MEDIA", {}).get("target_url", "")
            if "/speech/" in file:
                samples, _ = read_audio(exported / file)
                slug = Path(file).stem
                who = next(s["speaker"] for s in segments(film) if s["slug"] == slug)
                name = f"speech-{who}"
                lines[name][round(at / FPS * 48_000) :][: len(samples)] += samples
            at += int(item["source_range"]["duration"]["value"])
    for name, samples in lines.items():
        assert np.abs(samples - stems[name]).max() < 1e-4, name


def test_everything_named_is_there_and_nothing_by_a_whole_path(exported: Path) -> None:
    for text in (one(exported, "otio"), one(exported, "fcpxml")):
        named = set(re.findall(r"media/[\w/.-]+\.(?:mp4|wav)", text))
        assert named and all((exported / file).is_file() for file in named)
        assert str(exported) not in text


def test_a_draft_of_capcut_holds_the_film_and_its_media(film: Path, tmp_path: Path) -> None:
    pytest.importorskip("pycapcut", reason="needs pycapcut: pip install 'storyboard[capcut]'")
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["export", str(film), "--to", "capcut", "--out", str(out)])
    assert done.exit_code == 0, done.output
    # As a user does: the folder goes elsewhere as a whole.
    folder = next((out / "capcut").iterdir()).rename(tmp_path / "drafts")
    shutil.rmtree(out)
    draft = json.loads((folder / "draft_content.json").read_text(encoding="utf-8"))
    assert json.loads((folder / "draft_info.json").read_text(encoding="utf-8")) == draft
    assert str(tmp_path) not in json.dumps(draft)
    materials = {
        each["id"]: each for kind in ("videos", "audios") for each in draft["materials"][kind]
    }
    for each in materials.values():
        assert (folder / each["path"].partition("##/")[2]).is_file(), each["path"]
    tracks: dict[str, list[dict[str, Any]]] = {t["name"]: t["segments"] for t in draft["tracks"]}
    picture = [
        (materials[s["material_id"]]["material_name"], s["target_timerange"])
        for s in tracks["Picture"]
    ]
    cuts = [(name, round(at["start"] * FPS / 1e6)) for name, at in picture]
    assert cuts == [(s["slug"], round(s["start"] * FPS)) for s in segments(film)]
    ends = [at["start"] + at["duration"] for _, at in picture]
    assert ends[:-1] == [at["start"] for _, at in picture[1:]], "no gap, no overlap"
    frames = sum(1 for _ in decode_frames(film / "final.mp4"))
    assert round(ends[-1] * FPS / 1e6) == frames
    for name, used in tracks.items():
        for each in used:
            if each["material_id"] in materials:
                source, length = each["source_timerange"], materials[each["material_id"]]
                assert source["start"] + source["duration"] <= length["duration"], name
    fades = [t["duration"] for t in draft["materials"]["transitions"]]
    overlaps = [s["overlap"] for s in segments(film) if s["overlap"]]
    assert [round(fade * FPS / 1e6) for fade in fades] == overlaps
    texts = {t["id"]: json.loads(t["content"])["text"] for t in draft["materials"]["texts"]}
    captions = read_srt((film / "subs.srt").read_text(encoding="utf-8"))
    shown = [(texts[s["material_id"]], s["target_timerange"]["start"]) for s in tracks["Captions"]]
    assert shown == [(c.text, round(c.start * 1e6)) for c in captions]


def test_captions_are_the_films_in_both_notations(film: Path, exported: Path) -> None:
    captions = read_srt((film / "subs.srt").read_text(encoding="utf-8"))
    assert read_srt(one(exported, "srt")) == captions
    vtt = one(exported, "vtt")
    assert vtt.startswith("WEBVTT\n\n") and vtt.count("-->") == len(captions)
    for caption in captions:
        assert caption.text.replace("<", "&lt;") in vtt.replace("&amp;", "&")


def test_a_film_that_is_behind_its_plan_or_not_made_is_told(film: Path, tmp_path: Path) -> None:
    bare = tiny_run(tmp_path / "bare", load_plan(film / "plan.json"))
    said = CliRunner().invoke(app, ["export", str(bare)])
    assert said.exit_code == 2 and "holds no final.mp4 yet" in said.stderr
    (bare / "final.mp4").write_bytes((film / "final.mp4").read_bytes())
    (bare / "subs.srt").write_bytes((film / "subs.srt").read_bytes())
    said = CliRunner().invoke(app, ["export", str(bare)])
    assert said.exit_code == 2 and "bring it up to date with storyboard run --dir" in said.stderr
    slow = load_plan(film / "plan.json")
    canvas = slow.canvas.model_copy(update={"fps": 12})
    with pytest.raises(UsageError, match="there is none for 12 fps"):
        written_as(None, "edl", slow.model_copy(update={"canvas": canvas}))
    said = CliRunner().invoke(app, ["export", str(film), "--to", "premiere"])
    assert said.exit_code == 2 and "'premiere' is not one of otio" in said.stderr


def test_an_edit_that_is_not_made_yet_is_not_exported(film: Path) -> None:
    # Beside it, where its store is.
    beside = film.with_name("copy")
    copy = Path(shutil.copytree(film, beside, ignore=shutil.ignore_patterns("export")))
    plan = load_plan(copy / "plan.json")
    coat = f"/cast/{plan.cast[0].id}/wardrobe"
    for path, value, told in (
        ("/beats/1/line", "I would rather not.", "01_"),
        ("/beats/1/pause", 2.0, "01_"),
        ("/beats/1/shot/scale", "extreme close-up", "images/beat_01"),
        (coat, "a red raincoat", "images/"),
    ):
        changed, _ = patched(plan, [Operation(op="add", path=path, value=value)])
        (copy / "plan.json").write_text(dump_plan(changed), encoding="utf-8")
        for target in ("otio", "srt"):
            said = CliRunner().invoke(app, ["export", str(copy), "--to", target])
            assert said.exit_code == 2, (path, target)
            assert told in said.stderr and "the plan was changed since" in said.stderr
    assert not (copy / "export").exists()
    # What is told about a film but shown nowhere in it leaves it as it is.
    changed, _ = patched(plan, [Operation(op="add", path="/beats/1/locked", value=True)])
    (copy / "plan.json").write_text(dump_plan(changed), encoding="utf-8")
    said = CliRunner().invoke(app, ["export", str(copy), "--to", "srt"])
    assert said.exit_code == 0, said.stderr


def test_a_wrong_folder_is_named_and_paths_are_whole(film: Path, tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("x", encoding="utf-8")
    for command in ("export", "upload"):
        said = CliRunner().invoke(app, [command, str(film), "--out", str(readme)])
        assert said.exit_code == 2 and f"--out: {readme} is a file" in said.stderr
    for command in ("export", "upload", "sheet"):
        said = CliRunner().invoke(app, [command, str(tmp_path / "none")])
        assert said.exit_code == 2 and said.stderr.startswith("RUN: ")
    deep = tmp_path.joinpath(*["a folder with a name"] * 6)
    said = CliRunner().invoke(app, ["export", str(film), "--to", "srt", "--out", str(deep)])
    assert said.stdout.startswith(f"{deep}/") and said.stdout.endswith(".srt\n")


def test_quotes_and_signs_in_lines_break_no_project(film: Path, tmp_path: Path) -> None:
    plan: Plan = load_plan(film / "plan.json")
    odd = plan.model_copy(update={"title": '"It\'s" <b> & 100% 日本'})
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in film.rglob("*"):
        if file.is_file() and "export" not in file.parts and ".store" not in str(file):
            target = copy / file.relative_to(film)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    tiny_run(copy, odd)
    done = CliRunner().invoke(app, ["export", str(copy), "--to", "otio,fcpxml,edl"])
    assert done.exit_code == 0, done.output


def recut(film: Path, exported: Path, tmp_path: Path, change: Any) -> Any:
    """What `storyboard edit --cut` says of a project that was changed by an editor."""
    project = json.loads(one(exported, "otio"))
    picture = next(t for t in project["tracks"]["children"] if t["kind"] == "Video")
    picture["children"] = change(picture["children"])
    file = tmp_path / "mine.otio"
    file.write_text(json.dumps(project), encoding="utf-8")
    return CliRunner().invoke(
        app, ["edit", str(film), "--cut", str(file), "--profile", str(TONES), "--json"]
    )


def order_after(film: Path, tmp_path: Path) -> list[int]:
    """The film's beats, by the numbers that they had, in the order of the project."""
    plan = load_plan(film / "plan.json")
    seconds = shown_seconds(existing(film, "RUN"), plan)
    new, _ = patched(plan, read_recut(plan, tmp_path / "mine.otio", seconds))
    return [beat.index for beat in new.beats]


def clips(children: list[Any]) -> list[Any]:
    return [c for c in children if c["OTIO_SCHEMA"].startswith("Clip")]


def test_what_an_editor_moved_dropped_or_trimmed_comes_back(
    film: Path, exported: Path, tmp_path: Path
) -> None:
    assert "as it is" in recut(film, exported, tmp_path, lambda c: c).stderr
    moved = recut(film, exported, tmp_path, lambda c: [(k := clips(c))[0], k[2], k[1], k[3]])
    assert moved.exit_code == 0, moved.output
    assert order_after(film, tmp_path) == [2, 1, 3]
    dropped = recut(film, exported, tmp_path, lambda c: [(k := clips(c))[0], k[1], k[3]])
    assert dropped.exit_code == 0, dropped.output
    assert order_after(film, tmp_path) == [1, 3]

    def longer(children: list[Any]) -> list[Any]:
        clips(children)[1]["source_range"]["duration"]["value"] += 24
        return children

    told = json.loads(recut(film, exported, tmp_path, longer).stdout)["changes"]
    assert [c["path"] for c in told] == ["/beats/1/duration"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: [*clips(c), clips(c)[1]], "there twice"),
        (lambda c: clips(c)[::-1], "the hook stays"),
        (lambda c: clips(c)[:1], "no beat is left"),
        (lambda c: [*clips(c), {**clips(c)[1], "name": "holiday.mov"}], "'holiday.mov' is no beat"),
    ],
)
def test_a_cut_that_is_no_film_is_refused(
    film: Path, exported: Path, tmp_path: Path, change: Any, said: str
) -> None:
    done = recut(film, exported, tmp_path, change)
    assert done.exit_code == 2 and said in done.stderr
