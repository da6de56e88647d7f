"""Films that go out: once, asked for, with what the places must be told, through every break."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("google_auth_oauthlib", reason="needs pip install 'storyboard[publish]'")

from fake_channels import FakeUploadPost, FakeYouTube
from tiny_films import finished_run, tiny_plan
from typer.testing import CliRunner

from storyboard.cli import app
from storyboard.core.errors import UsageError
from storyboard.graph.folder import RunFolder
from storyboard.profile.publish_targets import Publishing
from storyboard.publish.sending import Sending, Sent, send
from storyboard.publish.targets import target_of
from storyboard.publish.targets.target import NotPublished, Target
from storyboard.publish.targets.upload_post import UploadPost
from storyboard.publish.targets.youtube import YouTube


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(
        finished_run(tmp_path / "run", tiny_plan("A barista who can only speak in haiku"))
    )


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.setenv("POST_KEY", "k3y")


def hasty(place: Publishing) -> Target:
    """Small chunks, and no waiting between tries."""
    match place.target:
        case "youtube":
            return YouTube(place, pause=0.0, chunk=1500)
        case "upload-post":
            return UploadPost(place, poll_s=0.0)
        case _:
            return target_of(place)


def channel(server: FakeYouTube, folder: Path, **fields: Any) -> Publishing:
    """A channel of that server, with a login."""
    login = folder / "login.json"
    told = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
    login.write_text(json.dumps(told | {"token_uri": f"{server.root}/token"}))
    return Publishing(target="youtube", url=server.root, account=str(login), **fields)


def post(server: FakeUploadPost) -> Publishing:
    return Publishing(
        target="upload-post",
        url=server.root,
        account="me",
        api_key_env="POST_KEY",
        platforms=["tiktok", "youtube"],
    )


def sent(run: RunFolder, place: Publishing, **options: Any) -> Sent:
    return send(run, Sending("there", place, **options), hasty)


def test_a_film_becomes_one_private_video_that_is_marked(tmp_path: Path, run: RunFolder) -> None:
    with FakeYouTube() as server:
        place = channel(server, tmp_path)
        first = sent(run, place)
        again = sent(run, place)
    (video,) = server.videos.values()
    assert video["data"] == run.film.read_bytes()
    assert video["status"]["privacyStatus"] == "private"
    assert video["status"]["containsSyntheticMedia"] is True
    assert video["snippet"]["title"] == "The Haiku Barista"
    assert "#comedy" in video["snippet"]["description"]
    assert "Hi." in server.captions[0] and server.thumbnails == [b"a poster"]
    assert first.receipt.where == "https://youtu.be/video-s0"
    assert again.before and again.receipt == first.receipt


@pytest.mark.parametrize("breaks", [1, 3])
def test_a_chunk_that_breaks_goes_on_where_it_was(
    tmp_path: Path, run: RunFolder, breaks: int
) -> None:
    with FakeYouTube(breaks=breaks) as server:
        sent(run, channel(server, tmp_path))
    assert [v["data"] for v in server.videos.values()] == [run.film.read_bytes()]


def test_an_upload_that_fails_in_the_middle_becomes_one_video_not_two(
    tmp_path: Path, run: RunFolder
) -> None:
    with FakeYouTube(breaks=50) as server:
        place = channel(server, tmp_path)
        with pytest.raises(NotPublished, match="publish again to go on"):
            sent(run, place)
        assert not server.videos
        server.breaks = 0
        sent(run, place)
    assert len(server.sessions) == 1
    assert [v["data"] for v in server.videos.values()] == [run.film.read_bytes()]


def test_a_lost_last_answer_is_no_second_video(tmp_path: Path, run: RunFolder) -> None:
    with FakeYouTube(loses_last=True) as server:
        sent(run, channel(server, tmp_path))
    assert len(server.videos) == 1


def test_a_signed_film_goes_on_with_the_bytes_it_began_with(
    tmp_path: Path, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("c2pa", reason="needs C2PA: pip install 'storyboard[sign]'")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (run.path / "poster.jpg").unlink()
    with FakeYouTube(breaks=50) as server:
        place = channel(server, tmp_path, sign="local")
        with pytest.raises(NotPublished):
            sent(run, place)
        begun = next((run.path / "upload").glob("*.mp4")).read_bytes()
        server.breaks = 0
        sent(run, place)
    assert [v["data"] for v in server.videos.values()] == [begun]


def test_a_session_that_is_gone_sends_nothing_by_itself(tmp_path: Path, run: RunFolder) -> None:
    with FakeYouTube(breaks=50) as server:
        place = channel(server, tmp_path)
        with pytest.raises(NotPublished):
            sent(run, place)
        server.breaks, server.forgets = 0, True
        with pytest.raises(NotPublished, match="--again"):
            sent(run, place)
        server.forgets = False
        sent(run, place, again=True)
    assert len(server.videos) == 1


@pytest.mark.parametrize(
    ("reason", "told"),
    [("quotaExceeded", "midnight Pacific"), ("uploadLimitExceeded", "24 hours"), ("x", "refused")],
)
def test_a_limit_is_told_with_when_it_ends(
    tmp_path: Path, run: RunFolder, reason: str, told: str
) -> None:
    with FakeYouTube(refuses=reason) as server, pytest.raises(NotPublished, match=told):
        sent(run, channel(server, tmp_path))


def test_a_login_that_ran_out_is_told(tmp_path: Path, run: RunFolder) -> None:
    with (
        FakeYouTube(token_status=400) as server,
        pytest.raises(NotPublished, match="storyboard publish-login"),
    ):
        sent(run, channel(server, tmp_path))


def test_what_does_not_come_along_is_told_and_tried_again(tmp_path: Path, run: RunFolder) -> None:
    with FakeYouTube(thumbnail_status=403, caption_status=500) as server:
        place = channel(server, tmp_path)
        first = sent(run, place)
        assert len(first.receipt.warnings) == 2
        server.thumbnail_status = server.caption_status = 200
        second = sent(run, place)
    assert second.receipt.warnings == () and len(server.videos) == 1
    assert len(server.captions) == len(server.thumbnails) == 1


def test_another_cut_is_another_video_only_when_that_is_said(
    tmp_path: Path, run: RunFolder
) -> None:
    with FakeYouTube() as server:
        place = channel(server, tmp_path)
        sent(run, place)
        run.film.write_bytes(run.film.read_bytes() + b"\0" * 8)
        with pytest.raises(UsageError, match="--again"):
            sent(run, place)
        sent(run, place, again=True)
    assert len(server.videos) == 2


def test_a_film_can_wait_for_its_time(tmp_path: Path, run: RunFolder) -> None:
    at = datetime.now(UTC) + timedelta(days=1)
    with FakeYouTube() as server:
        sent(run, channel(server, tmp_path, privacy="public"), at=at)
    (video,) = server.videos.values()
    assert video["status"]["privacyStatus"] == "private"
    assert datetime.fromisoformat(video["status"]["publishAt"]) == at


def test_upload_post_gets_every_switch(run: RunFolder) -> None:
    with FakeUploadPost(fails=("tiktok",)) as server:
        told = sent(run, post(server))
    (upload,) = server.uploads
    assert upload["video"] == run.film.read_bytes()
    assert upload["is_aigc"] == upload["containsSyntheticMedia"] == "true"
    assert (upload["privacyStatus"], upload["privacy_level"]) == ("private", "SELF_ONLY")
    assert told.receipt.where == "https://youtube/1"
    assert "tiktok did not take it" in told.receipt.warnings[0]


@pytest.mark.parametrize("fault", ["loses_answer", "drops_upload"])
def test_upload_post_is_asked_before_anything_is_sent_again(run: RunFolder, fault: str) -> None:
    with FakeUploadPost() as server:
        setattr(server, fault, True)
        with pytest.raises(NotPublished, match="asked first"):
            sent(run, post(server))
        sent(run, post(server))
    assert len(server.uploads) == 1


def test_upload_post_s_refusals_say_what_to_look_at(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeUploadPost(status=429) as server, pytest.raises(NotPublished, match="used up"):
        sent(run, post(server))
    monkeypatch.setenv("POST_KEY", "wrong")
    with FakeUploadPost() as server, pytest.raises(NotPublished, match="POST_KEY"):
        sent(run, post(server))
    monkeypatch.delenv("POST_KEY")
    with FakeUploadPost() as server, pytest.raises(UsageError, match="export POST_KEY"):
        sent(run, post(server))


def test_a_folder_gets_whole_files_and_their_description_last(
    tmp_path: Path, run: RunFolder
) -> None:
    place = Publishing(target="folder", url=str(tmp_path / "out"))
    told = sent(run, place)
    there = Path(told.receipt.where)
    metadata = json.loads((there / "metadata.json").read_text(encoding="utf-8"))
    assert (there / metadata["files"]["film"]).read_bytes() == run.film.read_bytes()
    assert not list(there.glob(".*"))
    assert sent(run, place).before
    other = Publishing(target="folder", url="memory://films")
    assert send(run, Sending("elsewhere", other)).receipt.where.startswith("/films/")
    with pytest.raises(UsageError, match="url ="):
        sent(run, Publishing(target="folder", url="nosuch://x"), again=True)


def test_nothing_goes_out_unless_that_is_said(tmp_path: Path, run: RunFolder) -> None:
    out = tmp_path / "out"
    profile = tmp_path / "mine.toml"
    place = f'extends = "embedded"\n[publish.disk]\ntarget = "folder"\nurl = "{out}"\n'
    profile.write_text(place)
    command = ["publish", str(run.path), "--to", "disk", "--profile", str(profile)]
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 0 and "--confirm" in told.output and not out.exists()
    assert CliRunner().invoke(app, [*command, "--confirm"]).exit_code == 0
    assert list(out.iterdir())
    unknown = CliRunner().invoke(app, [*command[:3], "tube", *command[4:]])
    assert unknown.exit_code == 2
    late = CliRunner().invoke(app, [*command, "--at", "2020-01-01"])
    assert late.exit_code == 2


def test_a_place_without_its_fields_is_refused_by_name(tmp_path: Path) -> None:
    profile = tmp_path / "mine.toml"
    profile.write_text('extends = "embedded"\n[publish.tube]\ntarget = "youtube"\n')
    told = CliRunner().invoke(
        app, ["publish", str(tmp_path), "--to", "tube", "--profile", str(profile)]
    )
    assert told.exit_code == 2


def test_a_platform_without_private_posts_is_never_taken_for_one_that_has_them() -> None:
    fields: dict[str, Any] = {
        "target": "upload-post",
        "account": "me",
        "api_key_env": "POST_KEY",
        "platforms": ["youtube", "instagram"],
    }
    with pytest.raises(ValueError, match="instagram: whatever is posted there is seen by all"):
        Publishing(**fields)
    assert Publishing(**fields, privacy="public").platforms == ["youtube", "instagram"]


@pytest.mark.parametrize("damage", ["", "{", '{"there": 3}'])
def test_a_record_that_cannot_be_read_sends_nothing(
    tmp_path: Path, run: RunFolder, damage: str
) -> None:
    place = Publishing(target="folder", url=str(tmp_path / "out"))
    sent(run, place)
    (run.path / "published.json").write_text(damage)
    with pytest.raises(UsageError, match="nobody knows what was sent"):
        sent(run, place)
    assert len(list((tmp_path / "out").iterdir())) == 1
