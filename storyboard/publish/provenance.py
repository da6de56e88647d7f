"""What a film says about itself, signed into the file as C2PA content credentials: which models
made it, that it is synthetic, of which pictures, takes and files of the user's it was put together,
and who allowed each cloned voice.

https://spec.c2pa.org. A changed byte breaks the signature; that the certificate is vouched for by
nobody is told, not hidden.

Knows: what a manifest holds, and what a reader finds in it. Does not know: keys, where files go.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storyboard import __version__
from storyboard.core.errors import StoryboardError, UsageError
from storyboard.core.files import digest_file
from storyboard.plan import Plan, Voice
from storyboard.publish.disclosure import DRAWN, Disclosure

if TYPE_CHECKING:
    # Its library comes with the extra; a reader is told so, and not by a traceback.
    from storyboard.publish.signing import Signer

MADE_BY = "storyboard.made_by"
CONSENT = "storyboard.voice_consent"
"""Assertions of our own: no standard one says these."""
_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
}
_NEEDS = "it needs the C2PA library: pip install 'storyboard[sign]'"


class NotSigned(StoryboardError):
    """The file carries no content credentials."""


class SignatureBroken(StoryboardError):
    """The file is not what was signed."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a whole file says about itself."""

    signer: str
    trusted: bool
    """Whether somebody this machine trusts vouches for the signer's name."""
    generator: str
    title: str
    source: str
    """IPTC's word for how it came to be: compositeSynthetic, trainedAlgorithmicMedia …"""
    statement: str
    made_by: Mapping[str, list[str]]
    ingredients: tuple[str, ...]
    consents: tuple[str, ...]
    """Characters whose cloned voice somebody allowed."""


# --- writing ----------------------------------------------------------------


def manifest_of(
    plan: Plan, run: Mapping[str, Any], made: Disclosure, folder: Path
) -> dict[str, Any]:
    """The manifest of the film of `plan` in `folder`; `run` is its `run.json`."""
    statement = {"statement": made.statement, "parts": made.parts, "ai_generated": True}
    assertions: list[dict[str, Any]] = [
        {
            "label": "c2pa.actions.v2",
            "data": {
                "actions": [
                    {
                        "action": "c2pa.created",
                        "digitalSourceType": _SOURCE + _source(plan, made),
                        "softwareAgent": _generator(),
                        "description": made.statement,
                    }
                ]
            },
        },
        {"label": MADE_BY, "data": statement},
    ]
    if consents := list(_consents(plan, folder)):
        assertions.append({"label": CONSENT, "data": {"voices": consents}})
    return {
        "claim_generator_info": [_generator()],
        "title": plan.title,
        "ingredients": [*_made(run), *_own(plan, folder)],
        "assertions": assertions,
    }


def sign(source: Path, target: Path, manifest: Mapping[str, Any], signer: Signer) -> None:
    """Write `source` with the manifest, signed, to `target`.

    Raises:
        UsageError: the library is not installed, or does not take the certificate.
    """
    c2pa = c2pa_library()
    info = c2pa.C2paSignerInfo(signer.algorithm.encode(), signer.certificates, signer.key, None)
    kind = _TYPES[source.suffix.lower()]
    try:
        with (
            c2pa.Signer.from_info(info) as pen,
            c2pa.Builder.from_json(json.dumps(manifest)) as builder,
            source.open("rb") as read,
            target.open("w+b") as written,
        ):
            builder.sign(pen, kind, read, written)
    except c2pa.C2paError as error:
        raise UsageError(f"--sign: {source.name} cannot be signed so: {error}") from error


def _generator() -> dict[str, str]:
    return {"name": "Storyboard", "version": __version__}


def _source(plan: Plan, made: Disclosure) -> str:
    if any(beat.media is not None for beat in plan.beats):
        return "compositeWithTrainedAlgorithmicMedia"
    drawn = made.parts.get("pictures", []) == [DRAWN]
    # The animatic's pictures are drawn by rules; its voices come from a model.
    return "compositeSynthetic" if drawn else "trainedAlgorithmicMedia"


def _made(run: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The pictures and takes that went into the film's clips, by digest."""
    kinds = {"image": "image/png", "take": "audio/wav", "speech": "audio/wav"}
    for name, step in run.get("steps", {}).items():
        document: Mapping[str, Any] = step.get("document") or {}
        if document.get("kind", "").startswith("clips."):
            for label, digest in document.get("inputs", {}).items():
                if label in kinds:
                    yield _ingredient(f"{label} of {name}", kinds[label], digest)


def _own(plan: Plan, folder: Path) -> Iterator[dict[str, str]]:
    """Files of the user's that went in, by their last name and digest: no folder is told of."""
    names = [
        *(
            part
            for b in plan.beats
            if (m := b.media)
            for part in (m.image, m.clip, m.audio, m.music)
        ),
        *(reference for c in plan.cast for reference in c.references),
        *(voice.reference_audio for _, voice in _voices(plan)),
        plan.music.track,
    ]
    for name in dict.fromkeys(filter(None, names)):
        path = folder / Path(name).expanduser()
        kind = _TYPES.get(path.suffix.lower(), "")
        if kind and path.is_file():
            yield _ingredient(path.name, kind, digest_file(path))


def _ingredient(title: str, kind: str, digest: str) -> dict[str, str]:
    return {
        "title": title,
        "format": kind,
        "relationship": "componentOf",
        "instance_id": f"sha256:{digest}",
    }


def _consents(plan: Plan, folder: Path) -> Iterator[dict[str, str]]:
    """For each cloned voice: whose words allow it, and which recording, each as a digest."""
    for name, voice in _voices(plan):
        if voice.kind == "clone":
            recording = folder / Path(voice.reference_audio).expanduser()
            told = {"character": name, "consent_sha256": sha256(voice.consent.encode()).hexdigest()}
            if recording.is_file():
                told["recording_sha256"] = digest_file(recording)
            yield told


def _voices(plan: Plan) -> Iterator[tuple[str, Voice]]:
    yield "narrator", plan.narrator
    for character in plan.cast:
        if character.voice is not None:
            yield character.name, character.voice


# --- reading ----------------------------------------------------------------


def read_credentials(path: Path) -> Credentials:
    """What a signed file says about itself.

    Raises:
        UsageError: there is no such file, it is of a kind that carries none, or no library.
        NotSigned: it carries no credentials.
        SignatureBroken: it has been changed since, or the signature is not right.
    """
    if not path.is_file():
        raise UsageError(f"{path} is no file")
    if path.suffix.lower() not in _TYPES:
        raise UsageError(f"{path}: films and pictures are verified: {', '.join(_TYPES)}")
    c2pa = c2pa_library()
    try:
        with path.open("rb") as file, c2pa.Reader(_TYPES[path.suffix.lower()], file) as reader:
            told: dict[str, Any] = json.loads(reader.json())
    except c2pa.C2paError.ManifestNotFound as error:
        raise NotSigned(
            f"{path} carries no content credentials: it was never signed, or a platform or editor "
            "took them out. storyboard upload RUN --sign local signs a film of yours"
        ) from error
    except c2pa.C2paError as error:
        raise SignatureBroken(
            f"{path} has credentials and cannot be read: it is damaged ({error})"
        ) from error
    faults = [
        f"{fault['code']}: {fault.get('explanation', '')}"
        for fault in told.get("validation_status", [])
        if fault["code"] != "signingCredential.untrusted"
    ]
    if faults or told.get("validation_state") == "Invalid":
        raise SignatureBroken(
            f"{path} is not what was signed: it was changed afterwards ({'; '.join(faults)})"
        )
    return _credentials(told)


def _credentials(told: Mapping[str, Any]) -> Credentials:
    manifest: Mapping[str, Any] = told["manifests"][told["active_manifest"]]
    assertions = {a["label"]: a.get("data", {}) for a in manifest.get("assertions", [])}
    actions = assertions.get("c2pa.actions.v2", {}).get("actions", [])
    sources = (action.get("digitalSourceType", "") for action in actions)
    generators: list[Mapping[str, str]] = manifest.get("claim_generator_info") or [{}]
    generator = generators[0]
    signature = manifest.get("signature_info", {})
    made = assertions.get(MADE_BY, {})
    return Credentials(
        signer=signature.get("common_name") or signature.get("issuer", "?"),
        trusted=told.get("validation_state") == "Trusted",
        generator=f"{generator.get('name', '?')} {generator.get('version', '')}".strip(),
        title=manifest.get("title", ""),
        source=next((s.rpartition("/")[2] for s in sources if s), ""),
        statement=made.get("statement", ""),
        made_by=made.get("parts", {}),
        ingredients=tuple(i.get("title", "?") for i in manifest.get("ingredients", [])),
        consents=tuple(v["character"] for v in assertions.get(CONSENT, {}).get("voices", [])),
    )


def c2pa_library() -> Any:
    """
    Raises:
        UsageError: it is not installed.
    """
    try:
        import c2pa  # pyright: ignore[reportMissingTypeStubs]
    except ImportError:
        raise UsageError(f"content credentials: {_NEEDS}") from None
    return c2pa
