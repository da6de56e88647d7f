"""Gates: stages after which a run waits for a person to look, before it goes on.

    gates.json   {"ahead": ["images"], "waits": "plan"}

What a run was told to wait for is kept in its folder, so that a killed one still waits there. The
next run of a film that waits goes on: to run it again is the approval, from the page or from the
command line.

Knows: the stages ahead, where a film waits. Does not know: how a stage is made.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import ValidationError

from storyboard.core.errors import UsageError
from storyboard.core.files import disk_errors, dump_json
from storyboard.core.strict_records import Record
from storyboard.graph.folder import RunFolder

if TYPE_CHECKING:
    from storyboard.stages.render_request import RenderRequest

Gate = Literal["plan", "images", "clips"]
GATES: tuple[Gate, ...] = get_args(Gate)
FILE = "gates.json"


class Gates(Record):
    """Where a film's runs wait."""

    ahead: tuple[Gate, ...] = ()
    waits: Gate | None = None
    """The stage that is made and waits to be looked at."""
    hooks: int = 0
    """First seconds that the film gets once it is through."""


def parse_gates(text: str) -> tuple[Gate, ...]:
    """`plan,images`, in the order of a film.

    Raises:
        UsageError: a part of it is no gate.
    """
    named = [part.strip().lower() for part in text.split(",") if part.strip()]
    for name in named:
        if name not in GATES:
            raise UsageError(f"--gate: '{name}' is no gate: use {', '.join(GATES)}")
    return tuple(gate for gate in GATES if gate in named)


def read_gates(folder: RunFolder) -> Gates:
    """Of a film; none where nothing is written, or nothing that holds."""
    try:
        return Gates.model_validate_json(folder.files.read(FILE))
    except (OSError, ValidationError):
        return Gates()


def to_gate(request: RenderRequest, folder: RunFolder) -> RenderRequest:
    """The request as far as the next gate; the one at which the film waited is passed by that."""
    gates = read_gates(folder)
    if request.partial or (not request.gates and gates == Gates()):
        return request
    ahead: list[Gate] = list(gates.ahead)
    if request.gates:
        ahead = [gate for gate in request.gates if gate != gates.waits]
    _save(folder, Gates(ahead=tuple(ahead), hooks=request.hooks or gates.hooks))
    return replace(request, stages=(ahead[0],)) if ahead else request


def at_gate(request: RenderRequest, folder: RunFolder) -> Literal["done", "waiting"]:
    """What a run that is over came to: the end of the film, or the next gate."""
    gates = read_gates(folder)
    if request.partial or not gates.ahead:
        return "done"
    _save(folder, gates.model_copy(update={"ahead": gates.ahead[1:], "waits": gates.ahead[0]}))
    return "waiting"


def hooks_ahead(request: RenderRequest, folder: RunFolder) -> int:
    """How many first seconds the film is to have now: none of its own where less than the film is
    asked for, or it waits."""
    gates = read_gates(folder)
    return 0 if request.stages or gates.waits else request.hooks or gates.hooks


def gates_passed(folder: RunFolder) -> None:
    """The film has the first seconds that were wanted once it is through."""
    if read_gates(folder).hooks:
        _save(folder, Gates())


def _save(folder: RunFolder, gates: Gates) -> None:
    with disk_errors("saving the gates"):
        folder.files.write(FILE, dump_json(gates.model_dump(mode="json")))
