"""Who gets what: other pages, other hosts, forged requests, tricks with paths."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from studio_pages import Browser, opened
from typer.testing import CliRunner

from storyboard.cli import app

TOKEN = "a-long-enough-token"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Host": "evil.example"},
        {"Host": "evil.example:8765", "Origin": "http://evil.example:8765"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    ],
)
def test_pages_of_others_get_nothing(studio: Browser, headers: dict[str, str]) -> None:
    for path in ("/", "/films/cats", "/films/cats/live", "/static/studio.js"):
        assert studio.get(path, headers=headers).status_code == 403, path
    assert studio.post("/films/cats/run", headers=headers).status_code == 403
    assert not (studio.runs / "cats" / ".job.json").exists()


def test_a_link_from_elsewhere_opens_a_page_and_changes_nothing(studio: Browser) -> None:
    came = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert studio.get("/", headers=came).status_code == 200
    assert studio.post("/films/cats/run", headers=came).status_code == 403


def test_nothing_changes_without_the_secret_of_a_page(studio: Browser) -> None:
    right = studio.csrf()
    for wrong in ("", "x", right[:-1], opened(studio.runs).csrf()):
        answer = studio.post("/films/cats/run", csrf=wrong)
        assert answer.status_code == 403 and "load it again" in answer.text
    assert not (studio.runs / "cats" / ".job.json").exists()


def test_no_address_changes_anything_by_being_looked_at(studio: Browser) -> None:
    for route in studio.client.app.routes:  # type: ignore[attr-defined]
        methods = getattr(route, "methods", set()) or set()
        changes = methods - {"GET", "HEAD", "OPTIONS"}
        assert not changes or methods == changes or route.path == "/login", route.path
    before = sorted(studio.runs.rglob("*"))
    for path in ("/", "/films/cats", "/films/cats/run", "/films/cats/stop", "/films/cats/beats/1"):
        studio.get(path)
    assert sorted(studio.runs.rglob("*")) == before


def test_every_answer_forbids_what_is_not_ours(studio: Browser) -> None:
    for path in ("/", "/films/cats", "/nothing", "/static/studio.css"):
        headers = studio.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
    page = studio.get("/films/cats").text
    assert " style=" not in page and "<style" not in page and " onclick" not in page
    assert "<script src=" in page and "<script>" not in page
    assert "<b>dogs</b>" not in page and "&lt;b&gt;dogs&lt;/b&gt;" in page


@pytest.mark.parametrize(
    "name",
    [
        "%2e%2e/cats/images/hook.png",
        "..%2F..%2Fsecret.png",
        "%2e%2e/%2e%2e/secret.png",
        "images/../../../secret.png",
        "images//hook.png",
        "images/%2e/hook.png",
        ".hidden.png",
        ".git/x.png",
        "images\\hook.png",
        "/etc/passwd",
        "plan.json",
        "events.jsonl",
        "report.html",
        "drawing.svg",
        "linked.png",
        "folder/inside.png",
        "pipe.png",
        "images/hook.png%00.png",
    ],
)
def test_only_media_of_a_film_are_served(studio: Browser, name: str) -> None:
    film, secret = studio.runs / "cats", studio.runs.parent / "secret.png"
    secret.write_bytes(b"secret")
    (film / "images").mkdir()
    (film / "images" / "hook.png").write_bytes(b"picture")
    for own in (".hidden.png", "report.html", "drawing.svg", ".git/x.png"):
        (film / own).parent.mkdir(exist_ok=True)
        (film / own).write_bytes(b"secret")
    (film / "linked.png").symlink_to(secret)
    (studio.runs.parent / "inside.png").write_bytes(b"secret")
    (film / "folder").symlink_to(studio.runs.parent)
    os.mkfifo(film / "pipe.png")
    answer = studio.get(f"/films/cats/files/{name}")
    assert answer.status_code in (404, 422)
    assert b"secret" not in answer.content
    assert studio.get("/films/cats/files/images/hook.png").content == b"picture"


def test_only_films_of_the_folder_are_films(studio: Browser) -> None:
    elsewhere = studio.runs.parent / "elsewhere"
    (studio.runs / "cats").rename(elsewhere)
    (studio.runs / "linked").symlink_to(elsewhere)
    (studio.runs / ".hidden").mkdir()
    (studio.runs / ".hidden" / "plan.json").write_bytes((elsewhere / "plan.json").read_bytes())
    (studio.runs / "other").mkdir()
    assert "/films/" not in studio.get("/").text
    for name in ("linked", ".hidden", "other", "..", "%2e%2e", "..%2felsewhere", "missing"):
        assert studio.get(f"/films/{name}").status_code in (200, 404)
        assert "<article" not in studio.get(f"/films/{name}").text, name


def test_a_large_body_is_refused(studio: Browser) -> None:
    answer = studio.post("/films/cats/run", content=b"x" * (65 << 20))
    assert answer.status_code == 413


def test_with_a_token_nobody_comes_in_without_it(tmp_path: Path) -> None:
    locked = opened(tmp_path, TOKEN, loopback=False)
    assert locked.get("/").status_code == 401
    page = locked.get("/", headers={"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"})
    assert page.status_code == 303 and page.headers["location"] == "/login"
    for wrong in ("", "no", TOKEN + "x", "é"):
        answer = locked.client.post("/login", data={"token": wrong}, follow_redirects=False)
        assert answer.status_code == 401 and "set-cookie" not in answer.headers
    cookie = locked.client.post("/login", data={"token": TOKEN}, follow_redirects=False)
    assert cookie.status_code == 303
    kept = cookie.headers["set-cookie"]
    assert "HttpOnly" in kept and "SameSite=Strict" in kept and TOKEN not in kept
    assert locked.get("/").status_code == 200
    # The studio is started again with the same token: who was in stays in.
    again = opened(tmp_path, TOKEN, loopback=False)
    again.client.cookies = locked.client.cookies
    assert again.get("/").status_code == 200
    bearer = opened(tmp_path, TOKEN, loopback=False)
    assert bearer.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert bearer.get("/", headers={"Authorization": "Bearer no"}).status_code == 401


def test_what_the_command_refuses(tmp_path: Path) -> None:
    asked = ["studio", "--runs", str(tmp_path), "--token", "short"]
    answer = CliRunner().invoke(app, asked)
    assert answer.exit_code == 2 and "12 characters" in answer.output
    answer = CliRunner().invoke(app, ["studio", "--runs", str(tmp_path), "--host", "203.0.113.7"])
    assert answer.exit_code == 2 and "--host 203.0.113.7" in answer.output
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for name in ("none", "file"):
        answer = CliRunner().invoke(app, ["studio", "--runs", str(tmp_path / name)])
        assert answer.exit_code == 2 and f"--runs: {tmp_path / name} is no folder" in answer.output
    assert not (tmp_path / "none").exists()
