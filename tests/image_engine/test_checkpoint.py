"""Checkpoints load completely or are refused with file and key."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

torch = pytest.importorskip("torch")

from golden_cases import CHECKPOINT, golden_case, golden_request  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

from image_engine import CheckpointError, ImageEngine  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

LAYER = "model.language_model.layers.2.mlp.up_proj.weight"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(CHECKPOINT, tmp_path / "checkpoint")


def rewrite(folder: Path, change: Any) -> None:
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


def refused(folder: Path, match: str) -> None:
    with pytest.raises(CheckpointError, match=match):
        ImageEngine.load(folder)


def test_a_missing_key_is_named(folder: Path) -> None:
    rewrite(folder, lambda tensors: tensors.pop(LAYER))
    refused(folder, rf"{LAYER} is missing")


def test_an_unknown_key_is_named(folder: Path) -> None:
    rewrite(folder, lambda tensors: tensors.update({"model.extra.weight": torch.zeros(2)}))
    refused(folder, r"model\.safetensors: model\.extra\.weight is unknown")


def test_a_wrong_shape_is_named_with_both(folder: Path) -> None:
    rewrite(folder, lambda tensors: tensors.update({LAYER: torch.zeros(64, 64)}))
    refused(folder, rf"{LAYER} has shape \[64, 64\], config\.json asks for \[128, 64\]")


def test_a_plain_language_model_is_called_that(folder: Path) -> None:
    rewrite(folder, lambda tensors: tensors.pop("model.x_embedder.proj1.weight"))
    refused(folder, "not a HiDream-O1-Image checkpoint")


def test_lm_head_may_be_there_or_not(folder: Path) -> None:
    rewrite(folder, lambda tensors: tensors.pop("lm_head.weight"))
    ImageEngine.load(folder).release()


@pytest.mark.parametrize("kept", [0, 5, 4000, 1_000_000])
def test_a_file_cut_short_is_named(folder: Path, kept: int) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:kept])
    refused(folder, r"model\.safetensors: (cut short|not a safetensors)")


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("config.json", r"config\.json is missing"),
        ("tokenizer.json", r"tokenizer\.json is missing"),
        ("preprocessor_config.json", r"preprocessor_config\.json is missing"),
        ("model.safetensors", r"neither model\.safetensors nor"),
    ],
)
def test_a_missing_file_is_named(folder: Path, name: str, match: str) -> None:
    (folder / name).unlink()
    refused(folder, match)


def test_a_damaged_tokenizer_is_named(folder: Path) -> None:
    file = folder / "tokenizer.json"
    file.write_text(file.read_text()[:1000])
    refused(folder, r"tokenizer\.json is not readable JSON")


def test_the_chat_template_may_be_in_either_file(engine: ImageEngine, folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()
    request = golden_request(golden_case("pub_edit_1ref"), steps=1)
    with ImageEngine.load(folder) as other:
        assert torch.equal(other.generate(request).patches, engine.generate(request).patches)
    (folder / "chat_template.json").unlink()
    refused(folder, "no chat template")


def test_a_foreign_config_is_refused(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "llama"}')
    refused(folder, "model_type is 'llama'")


def test_no_folder_at_all(tmp_path: Path) -> None:
    refused(tmp_path / "nowhere", "is not a folder")


def split(folder: Path) -> None:
    """Into two shards and an index, as the published checkpoints are."""
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    places: dict[str, str] = {}
    for number in (1, 2):
        name = f"model-0000{number}-of-00002.safetensors"
        part = {
            key: value
            for index, (key, value) in enumerate(tensors.items())
            if index % 2 + 1 == number
        }
        save_file(part, folder / name, {"format": "pt"})
        places |= dict.fromkeys(part, name)
    index = {"metadata": {}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def test_shards_load_like_one_file(engine: ImageEngine, folder: Path) -> None:
    split(folder)
    request = golden_request(golden_case("pub_t2i_nocfg"), steps=2)
    with ImageEngine.load(folder) as sharded:
        assert torch.equal(sharded.generate(request).patches, engine.generate(request).patches)
        assert sharded.fingerprint != engine.fingerprint


def test_a_missing_shard_is_named_with_a_key(folder: Path) -> None:
    split(folder)
    (folder / "model-00002-of-00002.safetensors").unlink()
    refused(folder, r"model-00002-of-00002\.safetensors is missing; .* holds (model|lm_head)\.")
