"""`storyboard voices`: the list, the sample reel, and installing from what may be hostile."""

from __future__ import annotations

import io
import shutil
import tarfile
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile as sf
from fake_voices import ToneSpeech
from typer.testing import CliRunner

from renderers.errors import BadRequest, Unavailable
from renderers.tts import voices as house
from renderers.tts.install import install
from renderers.tts.voices import FILE_BYTES, Catalogue, official_hashes
from storyboard.cli.voices import app, reel
from storyboard.core.errors import UsageError

ALPHA = "jf_alpha"
"""A voice whose official file the packaged weights hold too: the same bytes."""


@pytest.fixture(scope="module")
def official() -> bytes:
    styles, _ = Catalogue().styles(ALPHA)
    return styles.astype("<f4").tobytes()


def _archive(path: Path, *members: tuple[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def _run(*arguments: str, data: Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments), env={"STORYBOARD_DATA": str(data)})
    return done.exit_code, done.output


def test_the_packaged_voices_are_varied() -> None:
    for language in ("en", "ja"):
        listed = Catalogue(Path("/nonexistent")).list(language)
        assert len(listed) >= 10
        assert {v.presentation for v in listed[:2]} == {"feminine", "masculine"}
        assert sum(v.presentation == "masculine" for v in listed) >= 3
        assert {v.age for v in listed} == {"child", "young", "adult", "elder"}


def test_the_table_names_every_voice(tmp_path: Path) -> None:
    code, text = _run("list", "--language", "ja", data=tmp_path)
    assert code == 0
    assert all(name in text for name in house.VOICES)
    assert "storyboard voices install" in text
    assert _run(data=tmp_path)[1].count("jf_alpha") >= 1
    assert _run("list", "--language", "xx", data=tmp_path)[0] == 2


def test_a_folder_is_installed_and_found(tmp_path: Path, official: bytes) -> None:
    (tmp_path / "from" / "voices").mkdir(parents=True)
    (tmp_path / "from" / "voices" / f"{ALPHA}.bin").write_bytes(official)
    (tmp_path / "from" / "readme.bin").write_bytes(b"ignored")
    code, text = _run("install", "--from", str(tmp_path / "from"), data=tmp_path / "data")
    assert code == 0 and ALPHA in text
    assert [p.name for p in (tmp_path / "data" / "voices").iterdir()] == [f"{ALPHA}.bin"]


def test_an_archive_is_installed(tmp_path: Path, official: bytes) -> None:
    archive = _archive(
        tmp_path / "v.tgz", (f"package/voices/{ALPHA}.bin", official), ("package/x.js", b"1")
    )
    assert install(archive, tmp_path / "voices") == (ALPHA,)
    assert (tmp_path / "voices" / f"{ALPHA}.bin").read_bytes() == official


@pytest.mark.parametrize("name", ["../../evil.bin", "/tmp/evil.bin", f"voices/../../{ALPHA}.bin"])
def test_an_archive_that_climbs_out_is_refused(tmp_path: Path, official: bytes, name: str) -> None:
    archive = _archive(tmp_path / "v.tgz", (f"voices/{ALPHA}.bin", official), (name, official))
    with pytest.raises(BadRequest, match="is refused: it holds the path"):
        install(archive, tmp_path / "voices")
    assert not (tmp_path / "voices").exists()


def test_an_archive_with_a_link_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "v.tgz", "w:gz") as tar:
        info = tarfile.TarInfo(f"voices/{ALPHA}.bin")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(BadRequest, match="is a link"):
        install(tmp_path / "v.tgz", tmp_path / "voices")


def test_a_changed_voice_installs_nothing(tmp_path: Path, official: bytes) -> None:
    other = np.zeros(FILE_BYTES // 4, dtype="<f4").tobytes()
    archive = _archive(tmp_path / "v.tgz", (f"{ALPHA}.bin", official), ("af_heart.bin", other))
    with pytest.raises(BadRequest, match=r"af_heart .* is not the official file"):
        install(archive, tmp_path / "voices")
    assert not (tmp_path / "voices").exists()


@pytest.mark.parametrize("content", [None, b"", b"not an archive"])
def test_what_holds_no_voices_is_refused(tmp_path: Path, content: bytes | None) -> None:
    source = tmp_path / "source"
    if content is None:
        source.mkdir()
    else:
        source.write_bytes(content)
    with pytest.raises(BadRequest, match=r"holds none|not an archive"):
        install(source, tmp_path / "voices")
    with pytest.raises(BadRequest, match="neither a folder nor an archive"):
        install(tmp_path / "nowhere", tmp_path / "voices")


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path, official: bytes) -> None:
    (tmp_path / f"{ALPHA}.bin").write_bytes(official)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="STORYBOARD_DATA"):
        install(tmp_path, tmp_path / "file" / "voices")


def test_a_voice_file_damaged_later_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "af_heart.bin").write_bytes(b"\0" * FILE_BYTES)
    with pytest.raises(Unavailable, match="damaged"):
        Catalogue(tmp_path).styles("af_heart")


def test_installed_english_voices_are_cast_first(tmp_path: Path) -> None:
    for name in ("am_michael", "af_heart", "zf_xiaoni"):
        (tmp_path / f"{name}.bin").write_bytes(b"\0" * FILE_BYTES)
    listed = Catalogue(tmp_path)
    assert [voice.name for voice in listed.list("en")][:3] == ["af_heart", "am_michael", "jf_alpha"]
    assert listed.list("ja")[0].name == "jf_alpha"
    assert "zf_xiaoni" in [voice.name for voice in listed.list()]


def test_a_reel_holds_every_voice_where_the_table_says(tmp_path: Path) -> None:
    heard = reel(ToneSpeech(), ("tone_a", "tone_b"), "Hello there", "en", tmp_path / "reel.wav")
    assert [sample.voice for sample in heard] == ["tone_a", "tone_b"]
    data, rate = sf.read(tmp_path / "reel.wav")
    for sample in heard:
        middle = int((sample.start + sample.end) / 2 * rate)
        assert np.abs(data[middle : middle + 4800]).max() > 0.05
    gap = int((heard[0].end + heard[1].start) / 2 * rate)
    assert np.abs(data[gap : gap + 480]).max() == 0
    reel(ToneSpeech(), ("tone_a",), "Hello there", "en", tmp_path / "reel.mp4")
    with av.open(str(tmp_path / "reel.mp4")) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.rate, stream.channels) == ("aac", 48_000, 2)
    with pytest.raises(UsageError, match=r"\.wav or \.mp4"):
        reel(ToneSpeech(), ("tone_a",), "Hello", "en", tmp_path / "reel.ogg")


def test_a_real_sample_from_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "one.wav"
    code, text = _run(
        "sample", "--out", str(file), "--voice", "mix_low", "--text", "Hi.", data=tmp_path
    )
    assert code == 0 and "mix_low" in text
    assert sf.info(file).duration > 0.3
    code, text = _run("sample", "--out", str(file), "--voice", "bob", data=tmp_path)
    assert code == 2 and "bob: is not one of" in text


def test_all_54_voices_are_pinned() -> None:
    assert len(official_hashes()) == 54
    assert all(len(digest) == 64 for digest in official_hashes().values())


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm: apt install npm")
def test_npm_delivers_all_voices(tmp_path: Path) -> None:
    assert len(install(None, tmp_path)) == 54
    assert Catalogue(tmp_path).list("en")[0].name == "af_heart"


def test_without_npm_the_way_by_hand_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        Unavailable, match=r"npm is not installed: run `npm pack kokoro-js@1\.2\.1`"
    ):
        install(None, tmp_path / "voices")
    assert not list(tmp_path.iterdir())


def test_an_unknown_voice_or_folder_is_wrong_input(tmp_path: Path) -> None:
    asked = [
        (["sample", "--voice", "nobody"], "--voice nobody: is not one of: jf_alpha"),
        (["install", "--from", str(tmp_path / "gone")], "--from: there is no"),
    ]
    for command, told in asked:
        done = CliRunner().invoke(app, command, env={"STORYBOARD_DATA": str(tmp_path)})
        assert done.exit_code == 2
        assert told in done.output
