"""References as clients send them: uploads, base64, files under a root, and their limits."""

from __future__ import annotations

import base64
import json
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from fake_engine import FakeEngine, make_app, png
from PIL import Image
from test_server import SMALL, error_of, image_of, post

from image_engine.server.uploads import UploadLimits


def test_uploads_base64_and_paths_are_the_same_reference(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.png").write_bytes(png(color="teal"))
    app = make_app(FakeEngine(), root=tmp_path)
    text = base64.b64encode(png(color="teal")).decode()
    as_form = {k: json.dumps(v) for k, v in SMALL.items()}
    bodies: list[dict[str, Any]] = [
        {"files": {"image": ("a.png", png(color="teal"))}, "data": as_form | {"prompt": "x"}},
        {"json": SMALL | {"prompt": "x", "ref_images_base64": [text]}},
        {"json": SMALL | {"prompt": "x", "ref_images_base64": [f"data:image/png;base64,{text}"]}},
        {"json": SMALL | {"prompt": "x", "ref_image_paths": ["sub/a.png"]}},
        {"json": SMALL | {"prompt": "x", "ref_image_paths": [str(tmp_path / "sub/a.png")]}},
        {"data": as_form | {"prompt": "x", "ref_image_paths": "sub/a.png"}},
    ]
    pixels = {image_of(post(app, "/generate/edit", **body)).tobytes() for body in bodies}
    assert len(pixels) == 1
    other = {
        "json": SMALL | {"prompt": "x", "ref_images_base64": [base64.b64encode(png()).decode()]}
    }
    assert image_of(post(app, "/generate/edit", **other)).tobytes() not in pixels


def test_a_form_may_hold_lists_and_several_files() -> None:
    engine = FakeEngine()
    data = {"prompt": "x", "width": "256", "height": "256", "snap_resolution": "false"}
    data |= {"timesteps[]": ["900", "8"], "layout_bboxes": "[[0, 0.5, 0, 1], [0.5, 1, 0, 1]]"}
    files = [("image[]", ("a.png", png())), ("image[]", ("b.png", png(color="blue")))]
    response = post(make_app(engine), "/generate/layout", data=data, files=files)
    assert response.status_code == 200, response.text
    drawn = engine.drawn[0]
    assert drawn.timesteps == (900, 8)
    assert drawn.boxes() == ((0, 0.5, 0, 1), (0.5, 1, 0, 1))
    colors = [item.getpixel((0, 0)) for item in drawn.references if isinstance(item, Image.Image)]
    assert colors == [(255, 0, 0), (0, 0, 255)]


@pytest.mark.parametrize(
    ("task", "count", "allowed"),
    [
        ("t2i", 0, True),
        ("t2i", 1, False),
        ("edit", 0, False),
        ("edit", 1, True),
        ("edit", 2, False),
        ("ip", 0, False),
        ("ip", 3, True),
        ("skeleton", 1, False),
        ("skeleton", 2, True),
        ("layout", 1, False),
    ],
)
def test_each_route_demands_its_references(task: str, count: int, allowed: bool) -> None:
    texts = [base64.b64encode(png()).decode()] * count
    body = SMALL | {"prompt": "x", "ref_images_base64": texts}
    response = post(None, f"/generate/{task}", json=body)
    assert (response.status_code == 200) == allowed
    if not allowed:
        assert response.status_code == 400
        wanted = "layout_bboxes" if task == "layout" else "references"
        assert response.json()["error"]["param"] == wanted


def test_two_sources_of_references_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png())
    body = {"prompt": "x", "ref_image_paths": ["a.png"], "ref_images_base64": ["AAAA"]}
    response = post(make_app(FakeEngine(), root=tmp_path), "/generate/ip", json=body)
    assert error_of(response) == (400, "invalid_request")


def test_no_path_leads_out_of_the_root(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "secret.png"
    root.mkdir()
    outside.write_bytes(png())
    (root / "link.png").symlink_to(outside)
    (root / "up").symlink_to(tmp_path)
    (root / "loop").symlink_to(root / "loop")
    os.mkfifo(root / "pipe")
    app = make_app(FakeEngine(), root=root)

    def answer(path: str) -> tuple[int, str]:
        body = {"prompt": "x", "ref_image_paths": [path]}
        return error_of(post(app, "/generate/edit", json=body))

    for path in ("../secret.png", str(outside), "link.png", "up/secret.png", "a/../../secret.png"):
        assert answer(path) == (400, "path_outside_root"), path
    # The same answer for what is not there: nothing is told of the disk outside.
    assert answer("../nothing.png") == (400, "path_outside_root")
    assert answer("/etc/passwd") == (400, "path_outside_root")
    assert answer("bad\0name") == (400, "path_outside_root")
    assert answer("nothing.png") == (404, "reference_not_found")
    assert answer("pipe")[0] == 400
    assert answer(".")[0] == 400
    assert answer("loop")[0] in (400, 404)


def test_without_a_root_paths_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png())
    body = {"prompt": "x", "ref_image_paths": [str(tmp_path / "a.png")]}
    assert error_of(post(None, "/generate/edit", json=body)) == (400, "paths_disabled")


def bomb(width: int, height: int) -> bytes:
    """A tiny PNG file that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [7_000, 12_000, 60_000])
def test_decompression_bombs_are_refused_unread(side: int) -> None:
    data = bomb(side, side)
    response = post(None, "/generate/edit", files={"image": data}, data={"prompt": "x"})
    assert error_of(response) == (413, "image_too_large")


def test_pictures_together_have_a_limit() -> None:
    app = make_app(FakeEngine(), limits=UploadLimits(request_pixels=3 * 64 * 64))
    texts = [base64.b64encode(png()).decode()] * 4
    body = SMALL | {"prompt": "x", "ref_images_base64": texts}
    assert error_of(post(app, "/generate/ip", json=body)) == (413, "image_too_large")
    body["ref_images_base64"] = texts[:3]
    assert post(app, "/generate/ip", json=body).status_code == 200


def test_encoded_pictures_have_a_limit() -> None:
    app = make_app(FakeEngine(), limits=UploadLimits(image_bytes=50))
    body = {"prompt": "x", "ref_images_base64": [base64.b64encode(png()).decode()]}
    assert error_of(post(app, "/generate/edit", json=body)) == (413, "image_too_large")
    response = post(app, "/generate/edit", files={"image": png()}, data={"prompt": "x"})
    assert error_of(response) == (413, "image_too_large")
