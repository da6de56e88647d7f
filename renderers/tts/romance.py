"""Spanish, French, Italian and Brazilian Portuguese to the symbols Kokoro was trained on.

gruut (with the language's own package) looks the words up; Kokoro learnt these languages from
eSpeak's notation, which has each word's stress before its vowel. Where gruut's lexicon has no
stress it is put where the spelling says that it falls.

Knows: these four languages' sounds. Does not know: voices, audio, other languages.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module, util
from typing import Any

from renderers.errors import Unavailable
from renderers.tts.written import elsewhere

LOCALES: Mapping[str, str] = {"es": "es-es", "fr": "fr-fr", "it": "it-it", "pt": "pt"}
PACKAGES: Mapping[str, str] = {code: f"gruut-lang-{code}" for code in LOCALES}
_MARKS = {"¡": "", "¿": "", "«": "", "»": "", "“": "", "”": "", "–": "—"}
_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*['’]?|[,.!?;:…—]+")
_VOWEL = re.compile(r"[aeiouɐɑɒæɔəɛɜɪʊyøœᵻ]")
_ACCENTED = re.compile(r"[áéíóúâêôãõàèìòù]")
_FOLDED = {"ẽ": "ẽ", "õ": "õ", "ĩ": "ĩ", "ũ": "ũ", "g": "ɡ", "r": "r", "͡": ""}
_AFFRICATES = {"t͡ʃ": "ʧ", "d͡ʒ": "ʤ", "t͡s": "ʦ", "d͡z": "ʣ", "tʃ": "ʧ", "dʒ": "ʤ"}
_WEAK = {
    "es": "el la los las un una y o de del a al en con por para que se me te le lo su mi tu no sin",
    "pt": "o a os as um uma e ou de do da dos das em no na com por que se me te lhe meu",
    "it": "il lo la i gli le un una e o di del della a al in con per che si mi ti non da su",
    "fr": "je le la les l un une de du d des et à au aux en que qui se me te ce on ne y il est",
}
"""Words without a stress of their own."""
_gruut_thread = ThreadPoolExecutor(1, thread_name_prefix="gruut")  # its lexicon is SQLite


def installed(language: str) -> bool:
    """Whether the language's package is here."""
    return util.find_spec(f"gruut_lang_{language}") is not None


def phonemes(text: str, language: str) -> str:
    """`text` in Kokoro's symbols, punctuation kept ("" when nothing can be said).

    Raises:
        Unavailable: the language's package is not installed.
    """
    if not installed(language):
        raise Unavailable(f"gruut lacks '{language}': pip install {PACKAGES[language]}")
    said = elsewhere.written_out(text, language)
    said = unicodedata.normalize("NFC", "".join(_MARKS.get(c, c) for c in said))
    pieces: list[str] = []
    for token in _TOKEN.findall(said):
        if token[0] in ",.!?;:…—":
            if pieces:
                pieces[-1] += "…" if token.startswith("..") else token[0]
        elif sounds := "".join(_word(token, language)):
            pieces.append(sounds)
    return " ".join(pieces)


def _word(word: str, language: str) -> Iterator[str]:
    found = [_folded(phoneme) for phoneme in _looked_up(word, language)]
    stressed = any("ˈ" in phoneme for phoneme in found)
    vowels = [n for n, phoneme in enumerate(found) if _VOWEL.search(_bare(phoneme))]
    at = -1
    if vowels and not stressed and word.lower() not in _WEAK[language].split():
        at = vowels[-min(_from_the_end(word.lower(), language), len(vowels))]
    carried = ""
    for n, phoneme in enumerate(found):
        # A stress that stands before a consonant moves on to its vowel.
        carried += "".join(mark for mark in "ˈˌ" if mark in phoneme)
        bare = phoneme.replace("ˈ", "").replace("ˌ", "")
        if _VOWEL.search(_bare(bare)):
            yield ("ˈ" if n == at else carried) + bare
            carried = ""
        else:
            yield bare


def _looked_up(word: str, language: str) -> list[str]:
    def look_up() -> list[str]:
        with warnings.catch_warnings():
            # It reaches jsonlines, whose docstring has an invalid escape.
            warnings.simplefilter("ignore")
            gruut: Any = import_module("gruut")
        found: Any = gruut.sentences(word, lang=LOCALES[language], verbalize_numbers=False)
        words: list[Any] = [word for sentence in found for word in sentence]
        return [str(phoneme) for word in words for phoneme in word.phonemes or ()]

    return [p for p in _gruut_thread.submit(look_up).result() if p not in "|‖"]


def _folded(phoneme: str) -> str:
    for written, symbol in _AFFRICATES.items():
        phoneme = phoneme.replace(written, symbol)
    decomposed = unicodedata.normalize("NFD", phoneme).replace("ç", "ç")
    return "".join(_FOLDED.get(c, c) for c in decomposed)


def _bare(phoneme: str) -> str:
    return unicodedata.normalize("NFD", phoneme)


def _from_the_end(word: str, language: str) -> int:
    """Which vowel of the word is stressed, counted from its end, by how it is spelt."""
    if language == "fr":
        return 1
    nuclei = _nuclei(word)
    accented = [n for n, nucleus in enumerate(reversed(nuclei), 1) if _ACCENTED.search(nucleus)]
    if accented:
        return accented[-1] if language != "pt" else accented[0]
    if language == "es":
        return 2 if re.search(r"[aeiouns]$", word) else 1
    if language == "pt":
        return 2 if re.search(r"(?:[aeo]s?|[aeo]m|ens)$", word) else 1
    return 2


def _nuclei(word: str) -> list[str]:
    """The vowels of a spelt word by syllable: i and u beside another vowel are glides."""
    word = re.sub(r"(?<=[qg])u(?=[eiéí])", "", word)
    return re.findall(
        r"[iuy]?(?:ão|ãe|õe)|[iuy]?[aeoáéóâêôãõàèò][iuy]?(?![íú])|[íúìù]|[iuyïü]+", word
    )
