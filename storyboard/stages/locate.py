"""Which run folder an order means, and what that folder knows of its order.

Knows: orders, requests. Does not know: how a film is made.
"""

from __future__ import annotations

from dataclasses import replace

from pydantic import ValidationError

from storyboard.core.errors import UsageError
from storyboard.core.files import read_json
from storyboard.core.records import describe_errors
from storyboard.graph.folder import RunFolder, chosen, existing, for_request, same_request
from storyboard.plan import load_plan
from storyboard.stages.order import Order, Request


def locate(order: Order) -> RunFolder:
    """The run folder of an order.

    Raises:
        UsageError: neither idea nor folder, or a folder that belongs to another film.
    """
    if order.directory is not None:
        if order.out is not None:
            raise UsageError("--out and --dir both name the run folder: give one of them")
        new = order.idea is not None or order.script is not None
        if new and not order.directory.exists():
            raise UsageError(
                f"--dir: {order.directory} is not there; for a new film use --out {order.directory}"
            )
        folder = existing(order.directory)
        if order.idea is not None and not _agrees(folder, order):
            raise UsageError(
                f"--dir: {folder.path} is a film of another idea; "
                "leave --idea away to continue it, or start a new one without --dir"
            )
        return folder
    if order.idea is None:
        raise UsageError(
            'give --idea "…" or --script FILE to start a film, or --dir FOLDER to continue one'
        )
    if not order.idea.strip():
        raise UsageError("--idea is empty: say in a few words what the film is about")
    if order.out is None:
        return for_request(order.request())
    folder = chosen(order.out)
    if folder.request.is_file() and not same_request(folder, order.request()):
        raise UsageError(
            f"--out: {folder.path} holds another film; "
            f"use --dir {folder.path} to continue that one, or choose another folder"
        )
    return folder


def _agrees(folder: RunFolder, order: Order) -> bool:
    try:
        return read_json(folder.request)["idea"] == order.idea
    except (OSError, ValueError, KeyError, TypeError):
        return folder.plan.is_file() and load_plan(folder.plan).idea == (order.idea or "").strip()


def as_requested(order: Order, folder: RunFolder) -> Order:
    """The order, completed by the folder's own request: `--dir` alone continues a run."""
    if order.idea is not None:
        return order
    try:
        request = Request.model_validate_json(folder.files.read(folder.request.name))
    except ValidationError as error:
        found = "; ".join(describe_errors(error, "it")[:3])
        raise UsageError(f"{folder.request} is no request: {found}") from None
    except OSError as error:
        raise UsageError(f"{folder.request} cannot be read: {error.strerror}") from None
    return replace(order, **dict(request))
