"""What each speech server calls things, which voices it has, and what it cannot do: as data.

Every server speaks `POST /audio/speech`, and each differently where it bites: Kokoro-FastAPI
streams MP3 unless told, Qwen3-TTS wants the kind of voice named and answers 400 if the
checkpoint serves another, Irodori takes its own options in an object and acts by emoji.

Knows: fields, defaults, voices. Does not know: HTTP, audio.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from renderers.base import JSON, VoiceInfo
from renderers.scene import Presentation

Kind = Literal["preset", "clone", "design"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """One server's way of putting a request. A field named "" is one it does not have."""

    kinds: tuple[Kind, ...]
    """Kinds of voice that it can speak with."""
    fixed: Mapping[str, JSON] = field(default_factory=dict[str, JSON])
    """Sent with every request: its own defaults would do harm."""
    language: str = ""
    languages: Mapping[str, str] = field(default_factory=dict[str, str])
    """Our codes by its names; a language that is not here is refused."""
    task: str = ""
    tasks: Mapping[Kind, str] = field(default_factory=dict[Kind, str])
    """What it calls each kind of voice."""
    seed: str = ""
    """Dotted path of the field."""
    acts_by: Literal["", "instructions", "emoji"] = ""
    clones_by: Literal["", "request", "upload"] = ""
    """Whether a recording goes along with the line, or is left with the server before."""
    lower_case: bool = False
    """Whether names of voices are sent in lower case."""
    voices: tuple[VoiceInfo, ...] = ()


def _voices(
    languages: tuple[str, ...], origin: str, names: Mapping[Presentation, str]
) -> tuple[VoiceInfo, ...]:
    return tuple(
        VoiceInfo(name, languages, presentation, origin)
        for presentation, listed in names.items()
        for name in listed.split()
    )


_BOTH = ("en", "ja")
_NAMES = {"en": "English", "ja": "Japanese"}

DIALECTS: Mapping[str, Dialect] = {
    "openai": Dialect(
        kinds=("preset",),
        languages={"en": "", "ja": ""},
        acts_by="instructions",
        voices=_voices(
            _BOTH,
            "OpenAI",
            {
                "feminine": "nova coral shimmer sage",
                "masculine": "ash onyx echo verse ballad",
                "neutral": "alloy fable",
            },
        ),
    ),
    "vllm-omni": Dialect(
        kinds=("preset", "clone", "design"),
        fixed={"stream": False},
        language="language",
        languages=_NAMES,
        task="task_type",
        tasks={"preset": "CustomVoice", "clone": "Base", "design": "VoiceDesign"},
        seed="seed",
        acts_by="instructions",
        clones_by="request",
        lower_case=True,
        # Best first: those whose mother tongue it is.
        voices=(
            *_voices(("en",), "Qwen3-TTS", {"masculine": "Ryan Aiden"}),
            *_voices(("ja",), "Qwen3-TTS", {"feminine": "Ono_Anna"}),
            *_voices(
                _BOTH,
                "Qwen3-TTS",
                {"feminine": "Vivian Serena Sohee", "masculine": "Dylan Eric Uncle_Fu"},
            ),
        ),
    ),
    "kokoro-fastapi": Dialect(
        kinds=("preset",),
        fixed={"stream": False},
        language="lang_code",
        languages={"en": "a", "ja": "j"},
        voices=(
            *_voices(
                ("en",),
                "Kokoro-82M",
                {
                    "feminine": "af_heart af_bella af_nicole af_sarah bf_emma bf_isabella",
                    "masculine": "am_michael am_fenrir am_puck bm_george bm_fable",
                },
            ),
            *_voices(
                ("ja",),
                "Kokoro-82M",
                {
                    "feminine": "jf_alpha jf_gongitsune jf_nezumi jf_tebukuro",
                    "masculine": "jm_kumo",
                },
            ),
        ),
    ),
    "irodori": Dialect(
        kinds=("preset", "clone"),
        languages={"ja": ""},
        seed="irodori.seed",
        acts_by="emoji",
        clones_by="upload",
        # Without a recording it has one voice; a server's own files are named in the options.
        voices=(VoiceInfo("none", ("ja",), "neutral", "Irodori-TTS"),),
    ),
    "coqui": Dialect(
        kinds=("preset",),
        languages={"en": "", "ja": ""},
        voices=_voices(
            _BOTH,
            "XTTS-v2",
            {
                "feminine": "Claribel_Dervla Daisy_Studious Ana_Florence",
                "masculine": "Andrew_Chipper Damien_Black Viktor_Eka",
            },
        ),
    ),
}
