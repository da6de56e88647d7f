"""The voices of Kokoro: which there are, in what order to cast them, and their style tables.

Five Japanese voices come with the packaged weights. From them come the `mix_` presets:
weighted mixes of style tables, some with a shift of pitch, chosen so that each has a
register of its own (median F0 measured on one English and one Japanese sentence is in
`VOICES`). The other official voices are used once installed (`renderers.tts.install`);
they are cast first in English, which they were recorded in.

Knows: names, mixes, files of voices. Does not know: text, phonemes, the model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from renderers import weights
from renderers.base import VoiceInfo
from renderers.errors import BadRequest, Unavailable
from renderers.scene import AgeGroup, Presentation

Styles: TypeAlias = "npt.NDArray[np.float32]"
"""Style vectors by token count, shape (510, 256): 128 of timbre, 128 of prosody."""

ROWS, WIDTH = 510, 256
FILE_BYTES = ROWS * WIDTH * 4


@dataclass(frozen=True, slots=True)
class Preset:
    """How a packaged voice is made: weights of style tables, and a factor on the pitch.

    The pitch is shifted by resampling, so formants move along: a longer or shorter throat.
    """

    mix: Mapping[str, float]
    presentation: Presentation
    f0: int
    age: AgeGroup = "adult"
    pitch: float = 1.0


# Best first. All were understood fully by Whisper base in both languages, or nearly so.
VOICES: Mapping[str, Preset] = {
    "jf_alpha": Preset({"jf_alpha": 1.0}, "feminine", 263),
    "jm_kumo": Preset({"jm_kumo": 1.0}, "masculine", 96),
    "jf_gongitsune": Preset({"jf_gongitsune": 1.0}, "feminine", 235),
    "mix_tenor": Preset({"jm_kumo": 0.7, "jf_gongitsune": 0.3}, "masculine", 126),
    "jf_nezumi": Preset({"jf_nezumi": 1.0}, "feminine", 240),
    "mix_low": Preset({"jm_kumo": 1.0}, "masculine", 84, age="elder", pitch=0.84),
    "mix_bright": Preset(
        {"jf_gongitsune": 0.5, "jf_alpha": 0.5}, "feminine", 290, age="young", pitch=1.16
    ),
    "mix_neutral": Preset({"jm_kumo": 0.5, "jf_alpha": 0.5}, "neutral", 168),
    "mix_young": Preset(
        {"jm_kumo": 0.75, "jf_tebukuro": 0.25}, "masculine", 144, age="young", pitch=1.05
    ),
    "mix_mature": Preset({"jf_gongitsune": 1.0}, "feminine", 210, age="elder", pitch=0.9),
    "jf_tebukuro": Preset({"jf_tebukuro": 1.0}, "feminine", 327, age="young"),
    "mix_child": Preset({"jf_tebukuro": 1.0}, "neutral", 352, age="child", pitch=1.12),
}
# The grades that the model's author gave: best first, the genders mixed for casting.
OFFICIAL_ENGLISH = tuple(
    "af_heart am_michael af_bella am_fenrir bf_emma am_puck af_nicole bm_george af_aoede bm_fable"
    " af_kore am_echo af_sarah am_eric af_nova am_liam bf_isabella bm_lewis af_alloy am_onyx af_sky"
    " bm_daniel bf_alice bf_lily af_jessica af_river am_santa am_adam".split()
)
_LANGUAGES = {
    "a": ("en",), "b": ("en",), "j": ("ja", "en"), "e": ("es",), "f": ("fr",), "i": ("it",),
    "p": ("pt",), "z": ("zh",),
}  # fmt: skip
EXTRAS = {code: f"pip install 'storyboard[{code}]'" for code in ("es", "fr", "it", "pt", "zh")}
"""How the front end of a language is added, whose voices `storyboard voices install` adds."""
_ACCENTS = {
    "a": "American English",
    "b": "British English",
    "e": "Spanish",
    "f": "French",
    "h": "Hindi",
    "i": "Italian",
    "j": "Japanese",
    "p": "Brazilian Portuguese",
    "z": "Mandarin",
}


@cache
def official_hashes() -> dict[str, str]:
    """Voice name to the SHA-256 of its official file, for all 54 voices of Kokoro v1.0."""
    text = resources.files("renderers.tts").joinpath("voices.sha256").read_text(encoding="utf-8")
    pairs = (line.split() for line in text.splitlines() if line)
    return {name.removesuffix(".bin"): digest for digest, name in pairs}


def voices_dir() -> Path:
    """Where installed voice files live."""
    return weights.data_dir() / "voices"


def added(language: str) -> str:
    """How a language that is not spoken here is added; "" where Kokoro has none of it."""
    install = EXTRAS.get(language)
    return f"`{install}` and `storyboard voices install` add it" if install else ""


class Catalogue:
    """All voices at hand: the installed ones of `folder`, then the packaged presets."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or voices_dir()
        self._packaged: dict[str, Styles] = {}
        self._seen: tuple[int, tuple[str, ...]] | None = None
        """When the folder was changed last, and what was in it: each line of a film asks."""

    def installed(self) -> tuple[str, ...]:
        """Names of the official voices whose files are in the folder, in casting order."""
        try:
            changed = self._folder.stat().st_mtime_ns
        except OSError:
            return ()
        if self._seen is None or self._seen[0] != changed:
            self._seen = (changed, self._look())
        return self._seen[1]

    def _look(self) -> tuple[str, ...]:
        there = {path.stem for path in weights.additions(self._folder) if path.suffix == ".bin"}
        found = there & official_hashes().keys() - set(VOICES)
        first = [name for name in OFFICIAL_ENGLISH if name in found]
        return (*first, *sorted(found - set(first)))

    def list(self, language: str = "") -> tuple[VoiceInfo, ...]:
        """The voices usable for `language` ("" for all), best first."""
        own = [self._installed_info(name) for name in self.installed()]
        packaged = [
            VoiceInfo(
                name,
                ("ja", "en"),
                preset.presentation,
                f"packaged, {_recipe(preset)}" if name.startswith("mix_") else "packaged, Japanese",
                preset.age,
                preset.f0,
            )
            for name, preset in VOICES.items()
        ]
        return tuple(v for v in (*own, *packaged) if not language or language in v.languages)

    def __contains__(self, name: str) -> bool:
        return name in VOICES or name in self.installed()

    def styles(self, name: str) -> tuple[Styles, float]:
        """The style table of voice `name`, shape (510, 256), and its pitch factor.

        Raises:
            BadRequest: there is no such voice.
            Unavailable: its file, or the packaged voices, are missing or damaged.
        """
        if name in VOICES:
            preset = VOICES[name]
            tables = self._tables()
            mixed = sum(tables[source] * np.float32(part) for source, part in preset.mix.items())
            return np.asarray(mixed, dtype=np.float32), preset.pitch
        if name not in self.installed():
            hint = "; `storyboard voices install` adds it" if name in official_hashes() else ""
            known = ", ".join(voice.name for voice in self.list())
            raise BadRequest(f"voice '{name}' is not one of: {known}{hint}")
        data = (self._folder / f"{name}.bin").read_bytes()
        if hashlib.sha256(data).hexdigest() != official_hashes()[name]:
            raise Unavailable(
                f"the voice file {self._folder / name}.bin is damaged: "
                "run `storyboard voices install` again"
            )
        return np.frombuffer(data, dtype="<f4").reshape(ROWS, WIDTH), 1.0

    def _tables(self) -> dict[str, Styles]:
        if not self._packaged:
            with np.load(BytesIO(weights.read(weights.KOKORO, "voices.npz"))) as archive:
                self._packaged = {
                    name: np.asarray(archive[name], dtype=np.float32).reshape(ROWS, WIDTH)
                    for name in archive.files
                }
        return self._packaged

    def _installed_info(self, name: str) -> VoiceInfo:
        accent, gender = name[0], name[1]
        return VoiceInfo(
            name,
            _LANGUAGES.get(accent, ()),
            "feminine" if gender == "f" else "masculine",
            f"installed, {_ACCENTS.get(accent, 'unknown accent')}",
        )


def _recipe(preset: Preset) -> str:
    parts = " + ".join(f"{part:g}·{name}" for name, part in preset.mix.items())
    return parts if preset.pitch == 1.0 else f"{parts}, pitch ×{preset.pitch:g}"
