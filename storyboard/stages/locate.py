"""Which run folder a request means, and what that folder knows of its film.

Knows: requests, identities. Does not know: how a film is made.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from storyboard.core.errors import UsageError
from storyboard.core.files import read_json
from storyboard.core.strict_records import describe_errors
from storyboard.graph.folder import RunFolder, existing, folder_for_out, for_request, same_request
from storyboard.plan import load_plan
from storyboard.plan.ideas import idea_fault
from storyboard.stages.render_request import FilmIdentity, RenderRequest


def locate(request: RenderRequest) -> RunFolder:
    """The run folder of a request.

    Raises:
        UsageError: neither idea nor folder, or a folder that belongs to another film.
    """
    for path in filter(None, (request.out, request.directory)):
        _tellable(path.absolute())
    if request.directory is not None:
        if request.out is not None:
            raise UsageError("--out and --dir both name the run folder: give one of them")
        new = request.idea is not None or request.script is not None
        if new and not request.directory.exists():
            raise UsageError(
                f"--dir: {request.directory} is not there; for a new film use --out {request.directory}"
            )
        folder = existing(request.directory)
        if request.idea is not None and not _agrees(folder, request):
            raise UsageError(
                f"--dir: {folder.path} is a film of another idea; "
                "leave --idea away to continue it, or start a new one without --dir"
            )
        return folder
    if request.idea is None:
        raise UsageError(
            'give --idea "…" or --script FILE to start a film, or --dir FOLDER to continue one'
        )
    if request.script is None and (fault := idea_fault(request.idea)):
        raise UsageError(f"--idea {fault}")
    if request.out is None:
        return for_request(request.identity())
    folder = folder_for_out(request.out)
    if folder.request.is_file() and not same_request(folder, request.identity()):
        raise UsageError(
            f"--out: {folder.path} holds another film; "
            f"use --dir {folder.path} to continue that one, or choose another folder"
        )
    return folder


def _tellable(path: Path) -> None:
    """See that a path can be told in a log, whose text is UTF-8.

    Raises:
        UsageError: its bytes are no text.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        told = str(path).encode(errors="replace").decode()
        raise UsageError(f"{told}: the name is no UTF-8 text: choose another folder") from None


def _agrees(folder: RunFolder, request: RenderRequest) -> bool:
    try:
        return read_json(folder.request)["idea"] == request.idea
    except (OSError, ValueError, KeyError, TypeError):
        return folder.plan.is_file() and load_plan(folder.plan).idea == (request.idea or "").strip()


def as_requested(request: RenderRequest, folder: RunFolder) -> RenderRequest:
    """The request, completed by what the folder was asked for: `--dir` alone continues a run."""
    if request.idea is not None:
        return request
    try:
        identity = FilmIdentity.model_validate_json(folder.files.read(folder.request.name))
    except ValidationError as error:
        found = "; ".join(describe_errors(error, "it")[:3])
        raise UsageError(f"{folder.request} is no request: {found}") from None
    except OSError as error:
        raise UsageError(f"{folder.request} cannot be read: {error.strerror}") from None
    return replace(request, **dict(identity))
