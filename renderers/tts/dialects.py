"""What each speech server calls things, which voices it has, and what it cannot do: as data.

Every server speaks `POST /audio/speech`, and each differently where it bites: Kokoro-FastAPI
streams MP3 unless told, Qwen3-TTS wants the kind of voice named and answers 400 if the
checkpoint serves another, Irodori takes its own options in an object and acts by emoji,
coqui reads every line in the language that it was started with (`--language_idx`).

Knows: fields, defaults, voices. Does not know: HTTP, audio.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from renderers.base import JSON, VoiceInfo, VoiceKind
from renderers.scene import Presentation


@dataclass(frozen=True, slots=True)
class Dialect:
    """One server's way of putting a request. A field named "" is one it does not have."""

    kinds: tuple[VoiceKind, ...]
    """Kinds of voice that it can speak with."""
    model: str = ""
    """What it calls its model, where a profile does not say; others are refused."""
    fixed: Mapping[str, JSON] = field(default_factory=dict[str, JSON])
    """Sent with every request: its own defaults would do harm."""
    language: str = ""
    languages: Mapping[str, str] = field(default_factory=dict[str, str])
    """Our codes by its names; a language that is not here is refused."""
    task: str = ""
    tasks: Mapping[VoiceKind, str] = field(default_factory=dict[VoiceKind, str])
    """What it calls each kind of voice."""
    seed: str = ""
    """Dotted path of the field."""
    acts_by: Literal["", "instructions", "emoji"] = ""
    unmoved: tuple[str, ...] = ()
    """Parts of the names of those of its models that take no instructions."""
    clones_by: Literal["", "request", "upload", "path"] = ""
    """Whether a recording goes along with the line, is left with the server before, or is named
    by its path on a disk that both see."""
    mixes: bool = False
    """Whether it reads each word of a line in the word's own language, told none."""
    any_language: str = ""
    """What it calls no language in particular, for a line of several."""
    lower_case: bool = False
    """Whether names of voices are sent in lower case."""
    word_times: str = ""
    """The field that asks when each word is said; the answer has a header `X-Word-Timestamps`."""
    voices: tuple[VoiceInfo, ...] = ()


def _voices(
    languages: tuple[str, ...], origin: str, names: Mapping[Presentation, str]
) -> tuple[VoiceInfo, ...]:
    return tuple(
        VoiceInfo(name, languages, presentation, origin)
        for presentation, listed in names.items()
        for name in listed.split(", ")
    )


_BOTH = ("en", "ja")
QWEN_LANGUAGES = {
    "en": "English", "ja": "Japanese", "zh": "Chinese", "ko": "Korean", "de": "German",
    "fr": "French", "ru": "Russian", "pt": "Portuguese", "es": "Spanish", "it": "Italian",
}  # fmt: skip
"""The ten that Qwen's models of speech know, by their names for them."""
_TEN = tuple(QWEN_LANGUAGES)

DIALECTS: Mapping[str, Dialect] = {
    "openai": Dialect(
        kinds=("preset",),
        model="gpt-4o-mini-tts",
        languages=dict.fromkeys(QWEN_LANGUAGES, ""),
        mixes=True,
        acts_by="instructions",
        unmoved=("tts-1",),
        voices=_voices(
            _TEN,
            "OpenAI",
            {
                "feminine": "nova, coral, shimmer, sage",
                "masculine": "ash, onyx, echo, verse, ballad",
                "neutral": "alloy, fable",
            },
        ),
    ),
    "vllm-omni": Dialect(
        kinds=("preset", "clone", "design"),
        fixed={"stream": False},
        language="language",
        languages=QWEN_LANGUAGES,
        mixes=True,
        any_language="Auto",
        task="task_type",
        tasks={"preset": "CustomVoice", "clone": "Base", "design": "VoiceDesign"},
        seed="seed",
        acts_by="instructions",
        unmoved=("0.6B",),
        clones_by="request",
        lower_case=True,
        word_times="word_timestamps",
        # Best first: those whose mother tongue it is.
        voices=(
            *_voices(("en",), "Qwen3-TTS", {"masculine": "Ryan, Aiden"}),
            *_voices(("ja",), "Qwen3-TTS", {"feminine": "Ono_Anna"}),
            *_voices(
                _TEN,
                "Qwen3-TTS",
                {"feminine": "Vivian, Serena, Sohee", "masculine": "Dylan, Eric, Uncle_Fu"},
            ),
        ),
    ),
    "kokoro-fastapi": Dialect(
        kinds=("preset",),
        model="kokoro",
        fixed={"stream": False},
        language="lang_code",
        languages={"en": "a", "ja": "j", "es": "e", "fr": "f", "it": "i", "pt": "p", "zh": "z"},
        voices=(
            *_voices(
                ("en",),
                "Kokoro-82M",
                {
                    "feminine": "af_heart, af_bella, af_nicole, af_sarah, bf_emma, bf_isabella",
                    "masculine": "am_michael, am_fenrir, am_puck, bm_george, bm_fable",
                },
            ),
            *_voices(
                ("ja",),
                "Kokoro-82M",
                {
                    "feminine": "jf_alpha, jf_gongitsune, jf_nezumi, jf_tebukuro",
                    "masculine": "jm_kumo",
                },
            ),
            *_voices(("es",), "Kokoro-82M", {"feminine": "ef_dora", "masculine": "em_alex"}),
            *_voices(("fr",), "Kokoro-82M", {"feminine": "ff_siwis"}),
            *_voices(("it",), "Kokoro-82M", {"feminine": "if_sara", "masculine": "im_nicola"}),
            *_voices(("pt",), "Kokoro-82M", {"feminine": "pf_dora", "masculine": "pm_alex"}),
            *_voices(("zh",), "Kokoro-82M", {"feminine": "zf_xiaoxiao", "masculine": "zm_yunxi"}),
        ),
    ),
    "irodori": Dialect(
        kinds=("preset", "clone"),
        model="irodori-tts",
        languages={"ja": ""},
        seed="irodori.seed",
        acts_by="emoji",
        clones_by="upload",
        # Without a recording it has one voice; a server's own files are named in the options.
        voices=(VoiceInfo("none", ("ja",), "neutral", "Irodori-TTS"),),
    ),
    "coqui": Dialect(
        kinds=("preset", "clone"),
        model="tts-1",
        languages={"en": "", "ja": ""},
        clones_by="path",
        voices=_voices(
            _BOTH,
            "XTTS-v2",
            {
                "feminine": "Claribel Dervla, Daisy Studious, Ana Florence",
                "masculine": "Andrew Chipper, Damien Black, Viktor Eka",
            },
        ),
    ),
}
