"""Profiles: strict, every fault by path, never a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.core.errors import UsageError
from storyboard.profile import ProfileError, load_profile
from storyboard.profile.faults import sections_astray
from storyboard.profile.source import shipped_profiles


def write(folder: Path, text: str, name: str = "mine.toml") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


@pytest.mark.parametrize("name", shipped_profiles())
def test_shipped_profiles_are_valid(name: str) -> None:
    assert load_profile(name).name == name


def test_the_default_needs_no_card_no_key_and_no_server() -> None:
    profile = load_profile()
    backends = {path: section.backend for path, section in profile.sections()}
    assert backends == {
        "chat": "offline",
        "image": "animatic",
        "speech": "kokoro",
        "transcription": "whisper",
        "video.animatic": "animatic",
    }
    assert profile.services == {}
    assert not any(s.api_key_env or s.base_url for _, s in profile.sections())


def test_the_measured_layout_has_its_ports() -> None:
    profile = load_profile("rtx6000-96gb")
    ports = {
        name: service.root_url.rpartition(":")[2] for name, service in profile.services.items()
    }
    expected = {
        "planner": "8894",
        "images": "8895",
        "speech": "8880",
        "ditto": "8881",
        "i2v": "8891",
        "a2v": "8892",
    }
    assert expected.items() <= ports.items()
    for name, service in profile.services.items():
        if service.dialect == "in-process":
            continue
        assert service.launch, name
        assert ports[name] in " ".join(service.launch), name


def test_every_fault_is_named_by_path() -> None:
    with pytest.raises(ProfileError) as caught:
        load_profile("embedded", ["chat.modle=x", "speech.timeout_s=-1", "gpu.budget_gib=lots"])
    faults = "\n".join(caught.value.faults)
    assert "chat.modle: unknown field" in faults
    assert "speech.timeout_s: Input should be greater than 0 (is '-1')" in faults
    assert "gpu.budget_gib: Input should be a valid number" in faults
    assert caught.value.exit_code == 2


def test_faults_across_records_name_what_is_allowed() -> None:
    with pytest.raises(ProfileError) as caught:
        load_profile("rtx6000-96gb", ["chat.service=plannr", "video.routes.silent=lvx"])
    assert caught.value.faults == (
        "chat.service: 'plannr' is not in services: a2v, a2v-bf16, a2v-resident, aligner, "
        "distilled, ditto, i2v, images, images-dev, planner, reviewer, speech, voices-clone, "
        "voices-design",
        "video.routes.silent: 'lvx' is not a video backend: a2v, animatic, ditto, i2v",
    )


def test_a_service_must_serve_the_stages_its_backends_work_in() -> None:
    with pytest.raises(ProfileError, match=r"image works in finals or images"):
        load_profile("rtx6000-96gb", ["image.service=speech"])
    with pytest.raises(ProfileError, match="chat also judges the images"):
        load_profile("rtx6000-96gb", ['services.planner.serves=["plan"]'])
    load_profile("rtx6000-96gb", ['services.planner.serves=["plan"]', "judge.backend=none"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("services.images.idle_gib=50", "peak_gib 33 is below idle_gib 50"),
        ('services.images.release=["stop", "sleep"]', "goes from gentle to firm"),
        ('services.speech.release=["sleep"]', "'sleep', which needs dialect"),
        ('services.images.release=["unload"]', "'unload', which needs dialect"),
        ("services.speech.launch=[]", "not ours to stop"),
        ('services.images.stays=["images"]', "is in serves and in stays"),
        ("services.images.health=images", "is no address: http://HOST:PORT"),
        ("services.images.health=http://127.0.0.1:99999/health", "a port below 65536"),
        ('services.planner.launch=["vllm","serve","x"]', "launch needs --enable-sleep-mode"),
        ('services.planner.env.VLLM_SERVER_DEV_MODE="0"', "env needs VLLM_SERVER_DEV_MODE"),
        (
            'services.voices-clone.launch=["/opt/omni/bin/vllm","serve","x","--omni"]',
            "launch needs --enable-sleep-mode",
        ),
        ("services.planner.canary=speech", "in dialect vllm-omni only"),
    ],
)
def test_a_service_that_does_not_hold_together_is_refused(change: str, message: str) -> None:
    with pytest.raises(ProfileError, match=message) as caught:
        load_profile("rtx6000-96gb", [change])
    assert all(fault.startswith("services.") for fault in caught.value.faults)


# Put together here so that no scanner of repositories takes them for real ones.
SECRETS = ["sk-" + "a1B2" * 6, "AIza" + "Sy1234567890abcdef", "hf_" + "abcdefghijklmnop"]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "place",
    [
        "chat.api_key_env",
        "chat.model",
        "chat.options.token",
        "services.planner.env.TOKEN",
        "services.planner.cwd",
    ],
)
def test_a_key_in_a_profile_is_refused_and_not_repeated(secret: str, place: str) -> None:
    with pytest.raises(ProfileError, match="environment variable") as caught:
        load_profile("rtx6000-96gb", [f"{place}={secret}"])
    assert place in str(caught.value)
    assert secret not in str(caught.value)


def test_a_key_inside_a_launch_command_is_found() -> None:
    with pytest.raises(
        ProfileError, match=r"services\.planner\.launch\[1\]: looks like an API key"
    ):
        load_profile(
            "rtx6000-96gb", [f'services.planner.launch=["vllm", "--api-key={SECRETS[0]}"]']
        )


def test_a_field_for_keys_is_answered_with_the_way_to_do_it() -> None:
    with pytest.raises(ProfileError, match=r"chat\.api_key: keys never stand in a profile"):
        load_profile("embedded", ["chat.api_key=hunter2"])


def test_a_password_in_an_address_is_refused() -> None:
    with pytest.raises(ProfileError, match="user or password in the address"):
        load_profile("embedded", ["chat.base_url=https://me:word@host/v1"])


def test_the_key_is_read_from_the_environment_when_it_is_used() -> None:
    chat = load_profile("openai").chat
    assert chat.api_key({"OPENAI_API_KEY": "value"}) == "value"
    with pytest.raises(UsageError, match="export OPENAI_API_KEY"):
        chat.api_key({})
    assert load_profile("embedded").chat.api_key({}) is None


def test_only_differences_follow_extends(tmp_path: Path) -> None:
    path = write(tmp_path, 'extends = "rtx6000-96gb"\n[chat]\nmodel = "other"\n')
    profile = load_profile(path, ["gpu.budget_gib=80"])
    assert profile.name == "mine"
    assert profile.chat.model == "other"
    assert profile.chat.service == "planner"
    assert profile.gpu.budget_gib == 80


def test_another_backend_inherits_nothing_of_the_old_one(tmp_path: Path) -> None:
    profile = load_profile("rtx6000-96gb", ["chat.backend=offline", "image.backend=animatic"])
    assert (profile.chat.base_url, profile.chat.service, profile.image.preset) == ("", None, "")


def test_relative_extends_is_relative_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    write(tmp_path / "base", 'extends = "embedded"\n[gpu]\nmargin_gib = 2\n', "base.toml")
    path = write(tmp_path, 'extends = "base/base.toml"\n')
    assert load_profile(path).gpu.margin_gib == 2


def test_extends_in_a_circle_is_refused(tmp_path: Path) -> None:
    write(tmp_path, 'extends = "./b.toml"\n', "a.toml")
    write(tmp_path, 'extends = "./a.toml"\n', "b.toml")
    with pytest.raises(ProfileError, match="goes in a circle"):
        load_profile(str(tmp_path / "a.toml"))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("embeded", "no such profile: embedded, first-film"),
        ("./nowhere.toml", "cannot be read"),
        ("../../etc/passwd", "cannot be read|is not TOML"),
    ],
)
def test_a_profile_that_is_not_there_is_told(name: str, message: str) -> None:
    with pytest.raises(ProfileError, match=message):
        load_profile(name)


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="line 2"):
        load_profile(write(tmp_path, '[chat]\nbackend = "offline\n'))
    (tmp_path / "latin.toml").write_bytes(b"description = '\xe9'")
    with pytest.raises(ProfileError, match="not UTF-8"):
        load_profile(str(tmp_path / "latin.toml"))


@pytest.mark.parametrize("override", ["chat", "=x", "model=x", "chat..model=x", "chat.mo del=x"])
def test_an_override_that_cannot_be_read_is_told(override: str) -> None:
    with pytest.raises(UsageError, match=r"section\.field=value"):
        load_profile("embedded", [override])


def test_overrides_are_read_as_toml_or_else_as_text() -> None:
    sets = ["chat.timeout_s=30", "chat.model=gemma-3", 'chat.options={ seed = 7, "top_k" = 64 }']
    chat = load_profile("embedded", sets).chat
    assert (chat.timeout_s, chat.model, chat.options) == (30, "gemma-3", {"seed": 7, "top_k": 64})


def test_chat_judges_unless_a_judge_is_named() -> None:
    assert load_profile("rtx6000-96gb").judging.service == "planner"
    assert load_profile("embedded", ["judge.backend=none"]).judging.backend == "none"
    assert load_profile("embedded").reviewing is None


def test_a_video_backend_of_an_extended_profile_can_be_taken_away() -> None:
    first = load_profile("first-film")
    assert "ditto" not in first.video.backends and "ditto" not in first.video.routes.values()
    with pytest.raises(
        ProfileError, match=r"video\.routes\.dialogue: 'ditto' is not a video backend"
    ):
        load_profile("rtx6000-96gb", ['video.ditto.backend="none"'])


def test_a_vllm_without_its_reasoning_parser_is_told() -> None:
    whole = load_profile("rtx6000-96gb")
    assert not [path for path, _ in sections_astray(whole) if path == "services.planner.launch"]
    launch = [part for part in whole.services["planner"].launch if "reasoning" not in part]
    launch.remove("gemma4") if launch.count("gemma4") > 1 else None
    planner = whole.services["planner"].model_copy(update={"launch": launch})
    services = {**whole.services, "planner": planner}
    (told,) = [
        w
        for p, w in sections_astray(whole.model_copy(update={"services": services}))
        if "launch" in p
    ]
    assert "no --reasoning-parser" in told
