"""`storyboard upload RUN`: a folder per film that is ready to be uploaded.

    <out>/<name>.mp4  poster.jpg  <name>.srt  metadata.json

`metadata.json` has title, description and hashtags within what the large platforms take, and
says truthfully how the film was made. No model is asked for any of it.

Knows: what lies in a run folder, the limits of platforms. Does not know: any platform's API.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from renderers.loose import record_of
from renderers.probe import probe
from storyboard import __version__
from storyboard.core import console
from storyboard.core.directory import Directory, directory_of
from storyboard.core.errors import UsageError
from storyboard.core.files import digest_file, dump_json, read_record, slugify
from storyboard.core.options import Verbose
from storyboard.core.text import shortened
from storyboard.graph.folder import RunFolder, existing
from storyboard.graph.run_record import read_run
from storyboard.plan import Plan, load_plan
from storyboard.publish.disclosure import disclose
from storyboard.publish.hashtags import hashtags

TITLE_CHARACTERS = 100
"""YouTube's limit; TikTok and Instagram have no title of their own."""
DESCRIPTION_CHARACTERS = 2200
"""The least that is common: Instagram and TikTok; YouTube takes 5000 bytes, which even so many
Japanese characters may exceed, hence the next line."""
DESCRIPTION_BYTES = 5000
_SWITCHES: dict[str, dict[str, bool]] = {
    "youtube": {"containsSyntheticMedia": True},
    "tiktok": {"is_aigc": True},
}
"""What the uploading interfaces of platforms call the same disclosure."""


def write_upload(folder: Path, out: Path, signed_by: str = "") -> Path:
    """Make `out` the upload folder of the film in `folder`; returns it.

    Film and poster are hard links where the file system allows it: a film is not kept twice.
    `signed_by` is a folder with a key, or `local`: then both are copies that carry content
    credentials.

    Raises:
        UsageError: there is no such run, its film is not made yet, or it cannot be signed.
    """
    run = existing(folder, "RUN")
    if not run.film.is_file():
        raise UsageError(
            f"{folder} holds no final.mp4 yet: finish it with storyboard run --dir {folder}"
        )
    plan = load_plan(run.plan)
    stem = slugify(plan.title)
    files = directory_of(out, folder)
    files.make()
    for old in _named(read_record(out / "metadata.json")):
        # Named after a title that the film no longer has, perhaps.
        files.remove(old)
    names = {"film": f"{stem}.mp4", "poster": "poster.jpg", "captions": f"{stem}.srt"}
    sources = {"film": run.film, "poster": run.path / "poster.jpg"}
    sources["captions"] = run.path / "subs.srt"
    found = {kind: source for kind, source in sources.items() if source.is_file()}
    if signed_by:
        _sign(plan, run, found, names, files, signed_by)
    for kind, source in found.items():
        if not signed_by or kind == "captions":
            _link(source, files, names[kind])
    told = metadata(plan, run, {k: names[k] for k in found})
    if signed_by:
        told |= {"sha256": digest_file(out / names["film"]), "content_credentials": True}
    files.write("metadata.json", dump_json(told))
    return out


def _sign(
    plan: Plan,
    run: RunFolder,
    found: Mapping[str, Path],
    names: Mapping[str, str],
    files: Directory,
    signed_by: str,
) -> None:
    """Put film and poster there with content credentials."""
    # Imported here: only who signs needs the libraries.
    from storyboard.publish.provenance import c2pa_library, manifest_of, sign

    c2pa_library()
    from storyboard.publish.signing import signer_of

    signer = signer_of(signed_by)
    record = read_run(run)
    manifest = manifest_of(plan, record, disclose(plan, record), run.path)
    for kind in ("film", "poster"):
        if kind in found:
            with files.replacing(names[kind]) as temporary:
                sign(found[kind], temporary, manifest, signer)


def metadata(plan: Plan, run: RunFolder, names: dict[str, str]) -> dict[str, Any]:
    """What `metadata.json` says. `names` has the file's name for film, poster and captions."""
    media = probe(run.film)
    made = disclose(plan, read_run(run))
    tags = hashtags(plan)
    return {
        "title": title(plan),
        "description": description(plan, made.statement, tags),
        "hashtags": tags,
        "tags": [tag.removeprefix("#") for tag in tags],
        "language": plan.language,
        "disclosure": {
            "ai_generated": True,
            "statement": made.statement,
            "made_by": made.parts,
            "switches": _SWITCHES,
        },
        "seconds": round(media.seconds, 3),
        "width": media.width,
        "height": media.height,
        "aspect": plan.canvas.aspect,
        "fps": plan.canvas.fps,
        "files": names,
        "sha256": digest_file(run.film),
        "storyboard": __version__,
    }


def title(plan: Plan) -> str:
    """The film's title on one line, without the angle brackets that platforms refuse."""
    return shortened(_plain(plan.title), TITLE_CHARACTERS)


def description(plan: Plan, statement: str, tags: list[str]) -> str:
    """The idea (unless the hook's line says it), that line, how it was made, hashtags. Where room is short, the film's
    own words give way, never the disclosure."""
    end = f"{statement}\n\n{' '.join(tags)}"
    told = [_plain(plan.idea)]
    if plan.hook is not None and plan.hook.line:
        hook, idea = _plain(plan.hook.text), told[0].rstrip(" .!?…。！？")
        told = [hook] if idea.casefold() in hook.casefold() else [hook, *told]
    room = DESCRIPTION_CHARACTERS - len(end) - 2
    text = shortened("\n".join(told), room)
    while len(f"{text}\n\n{end}".encode()) > DESCRIPTION_BYTES:
        text = shortened(text, len(text) * 9 // 10)
    return f"{text}\n\n{end}"


def _plain(text: str) -> str:
    """Text on one line, without control characters and angle brackets."""
    text = unicodedata.normalize("NFC", text).replace("<", "‹").replace(">", "›")
    return " ".join("".join(c if unicodedata.category(c) != "Cc" else " " for c in text).split())


def _link(source: Path, files: Directory, name: str) -> None:
    try:
        with files.replacing(name) as temporary:
            os.link(source, temporary)
    except OSError:
        # Another file system, or one without links.
        files.copy(source, name)


def _named(metadata: Mapping[str, Any]) -> list[str]:
    """The names of files that an earlier `metadata.json` lists."""
    values = record_of(metadata.get("files")).values()
    return [name for value in values if isinstance(value, str) and (name := Path(value).name)]


def upload(
    run: Annotated[Path, typer.Argument(help="The run folder.")],
    out: Annotated[
        Path | None, typer.Option(help="The upload folder (default: upload/ in the run folder).")
    ] = None,
    sign: Annotated[
        str,
        typer.Option(
            help="Sign film and poster with content credentials (C2PA): a folder with "
            "certificate.pem and key.pem, or `local` for a key of this machine."
        ),
    ] = "",
    verbose: Verbose = 0,
) -> None:
    """Make a folder that is ready to be uploaded: film, poster, captions, metadata.json."""
    with console.border(verbose):
        console.out.print(Text(str(write_upload(run, out or run / "upload", sign))), soft_wrap=True)
