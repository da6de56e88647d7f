"""What a PNG says of its own making, and how it is read back."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("torch")

import shutil
from dataclasses import replace
from pathlib import Path

from fake_engine import MAKER, png
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from image_engine.metadata import (
    KEY,
    MetadataError,
    checkpoint_fingerprint,
    encode_png,
    picture_digest,
    read_png,
    write_whole,
)
from image_engine.request import ImageRequest

PICTURE = Image.new("RGB", (64, 32), "navy")
SMALL = ImageRequest(prompt="x", width=256, height=256)


def drawn(request: ImageRequest, file: Path, names: list[str] | None = None) -> Path:
    if names is None:
        names = [str(item) for item in request.references]
    write_whole(file, encode_png(PICTURE, request, MAKER, names))
    return file


def forged(file: Path, text: str | None) -> Path:
    info = PngInfo()
    if text is not None:
        info.add_itxt(KEY, text)
    PICTURE.save(file, pnginfo=info)
    return file


def test_every_field_comes_back(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png())
    request = ImageRequest(
        prompt='"écrit" — 写真\n第二行 🎬',
        references=[tmp_path / "a.png"],
        width=512,
        height=256,
        guidance_scale=0.1 + 0.2,
        shift=1.7,
        sampler="flash",
        timesteps=[999, 500, 8],
        seed=2**63 - 2,
        noise_scale_start=7.5,
        noise_scale_end=7.25,
        noise_clip_std=2.5,
        layout_bboxes=[{"bbox": [0, 50, 0, 100], "text": "left"}],
        snap_resolution=False,
        seam_smoothing=0.5,
        acceleration="ref_kv=4",
    )
    recorded = read_png(drawn(request, tmp_path / "x.png"))
    assert recorded.request() == request
    assert recorded.maker == MAKER


def test_people_and_viewers_can_read_it(tmp_path: Path) -> None:
    with Image.open(drawn(SMALL, tmp_path / "x.png")) as picture:
        text = picture.info
    assert text["prompt"] == "x"
    assert text["seed"] == "42"
    assert text["recipe"] == "unipc, 50 steps, guidance 5, shift 3"
    assert text["Software"] == "image_engine 0.1.0"


def test_the_picture_itself_is_untouched(tmp_path: Path) -> None:
    with Image.open(drawn(SMALL, tmp_path / "x.png")) as picture:
        assert picture.tobytes() == PICTURE.tobytes()


def test_references_are_found_beside_the_picture(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    (here / "a.png").write_bytes(png())
    drawn(replace(SMALL, references=[here / "a.png"]), here / "x.png")
    shutil.move(here, there)
    request = read_png(there / "x.png").request(near=there)
    assert [Path(str(item)) for item in request.references] == [there / "a.png"]


def test_a_reference_saved_anew_is_the_same_one(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(color="teal"))
    file = drawn(replace(SMALL, references=[tmp_path / "a.png"]), tmp_path / "x.png")
    (tmp_path / "a.png").unlink()
    Image.new("RGBA", (64, 64), "teal").save(tmp_path / "b.webp", lossless=True)
    request = read_png(file).request(references=[tmp_path / "b.webp"])
    assert request.references == (tmp_path / "b.webp",)


def test_a_changed_reference_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png())
    file = drawn(replace(SMALL, references=[tmp_path / "a.png"]), tmp_path / "x.png")
    (tmp_path / "a.png").write_bytes(png(color="blue"))
    with pytest.raises(MetadataError, match=r"a\.png is not the picture that was used then"):
        read_png(file).request()
    (tmp_path / "a.png").write_bytes(b"text")
    with pytest.raises(MetadataError, match=r"a\.png is not"):
        read_png(file).request()


def test_a_missing_reference_is_named_with_the_way_out(tmp_path: Path) -> None:
    file = drawn(
        replace(SMALL, references=[Image.new("RGB", (64, 64))]), tmp_path / "x.png", ["up.png"]
    )
    with pytest.raises(MetadataError, match=r"'up\.png' is not there.*--reference"):
        read_png(file).request(near=tmp_path)
    with pytest.raises(MetadataError, match="made with 1 references"):
        read_png(file).request(references=[])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "carries no request"),
        ("{", "damaged"),
        ("[]", "damaged"),
        ('{"schema": 1}', "damaged"),
        ('{"schema": 2}', "schema 2 is not known here"),
        ('{"schema": 1, "maker": {"model": "m"}, "request": {}, "references": []}', "damaged"),
    ],
)
def test_foreign_and_damaged_records_are_refused(
    tmp_path: Path, text: str | None, says: str
) -> None:
    with pytest.raises(MetadataError, match=says):
        read_png(forged(tmp_path / "x.png", text))


def test_a_record_with_unknown_fields_names_its_version(tmp_path: Path) -> None:
    with Image.open(drawn(SMALL, tmp_path / "x.png")) as picture:
        record = json.loads(picture.info[KEY])
    record["request"]["warmth"] = 3
    file = forged(tmp_path / "y.png", json.dumps(record))
    with pytest.raises(MetadataError, match=r"version 0\.1\.0.*warmth"):
        read_png(file).request()


def test_what_is_no_png_is_refused(tmp_path: Path) -> None:
    for name, data in (("a.txt", b"text"), ("b.png", png()[:50])):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(MetadataError, match="not a readable PNG"):
            read_png(tmp_path / name)
    with pytest.raises(MetadataError, match="not a readable PNG"):
        read_png(tmp_path / "nothing.png")


def test_the_digest_tells_pictures_apart_and_files_not(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png())
    as_file = picture_digest(tmp_path / "a.png")
    assert as_file == picture_digest(Image.new("RGB", (64, 64), "red"))
    assert as_file != picture_digest(Image.new("RGB", (32, 128), "red"))
    assert as_file != picture_digest(Image.new("RGB", (64, 64), (254, 0, 0)))


def test_another_maker_is_told_in_words() -> None:
    other = replace(MAKER, device="cuda", dtype="bfloat16")
    assert MAKER.differences(MAKER) == []
    assert MAKER.differences(other) == [
        "device was cpu, is cuda",
        "dtype was float32, is bfloat16",
    ]


def test_fine_tunes_of_one_model_have_their_own_fingerprints(tmp_path: Path) -> None:
    data = bytearray(b"header" + bytes(10_000_000))
    (tmp_path / "model.safetensors").write_bytes(data)
    first = checkpoint_fingerprint(tmp_path)
    assert checkpoint_fingerprint(tmp_path) == first
    data[6:] = b"\1" * 10_000_000
    (tmp_path / "model.safetensors").write_bytes(data)
    assert checkpoint_fingerprint(tmp_path) != first


def test_a_picture_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"old")
    write_whole(tmp_path / "x.png", b"new")
    assert (tmp_path / "x.png").read_bytes() == b"new"
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(OSError, match=r"folder\.png"):
        write_whole(tmp_path / "folder.png", b"new")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["folder.png", "x.png"]


def test_a_picture_of_before_is_repeated_as_it_was(tmp_path: Path) -> None:
    """It says nothing of its residual stream, and saw transparent parts as what lay under them."""
    import json

    from PIL.PngImagePlugin import PngInfo

    from image_engine.metadata import KEY, read_png, reference_name
    from image_engine.pictures import pixel_digest

    cut = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    cut.paste((255, 0, 0, 255), (16, 16, 48, 48))
    cut.save(tmp_path / "cut.png")
    seen_then = cut.convert("RGB")
    record = {
        "schema": 1,
        "maker": {
            "engine_version": "0.1.0",
            "model": "0123456789abcdef",
            "device": "cuda",
            "dtype": "bfloat16",
            "weights": "full",
        },
        "request": {"prompt": "a lamp", "seed": 7, "steps": 20},
        "references": [{"name": "cut.png", "sha256": pixel_digest(seen_then)}],
    }
    text = PngInfo()
    text.add_itxt(KEY, json.dumps(record))
    Image.new("RGB", (64, 64)).save(tmp_path / "old.png", pnginfo=text)
    request = read_png(tmp_path / "old.png").request(near=tmp_path)
    assert (request.residual_dtype, request.noise_device) == ("weights", "cpu")
    (reference,) = request.references
    assert isinstance(reference, Image.Image)
    assert reference.tobytes() == seen_then.tobytes()
    assert reference_name(reference) == str(tmp_path / "cut.png")
    new = ImageRequest("a lamp")
    assert (new.residual_dtype, new.noise_device) == ("float32", "cpu")
