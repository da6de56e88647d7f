"""What a backend over a ComfyUI server is, whatever its workflow makes.

Knows: one server, one workflow. Does not know: pictures, clips.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from renderers.base import JSON
from renderers.comfyui.server import ComfyServer
from renderers.comfyui.workflow import Workflow
from renderers.jobs import Patience


class ComfyBackend:
    """`free` releases the server's memory after each file that is made."""

    name = "comfyui"

    def __init__(self, workflow: Workflow, base_url: str, patience: Patience, free: bool) -> None:
        self._workflow, self._free = workflow, free
        self._server = ComfyServer(base_url, patience)

    def close(self) -> None:
        self._server.close()

    def lacking(self) -> str:
        """What the server lacks for this workflow, with where it comes from; "" for nothing.

        Raises:
            Unavailable: no server.
        """
        return "; ".join(self._server.lacking(self._workflow.nodes))

    def _identity(self) -> dict[str, JSON]:
        """The workflow, and what goes where in it."""
        places = self._workflow.places
        return {
            "workflow": self._workflow.digest,
            "places": {kind: [f"{n}.{i}" for n, i in at] for kind, at in places.items()},
        }

    def _made(
        self, values: Mapping[str, Any], absent: Iterable[str], endings: tuple[str, ...], what: str
    ) -> bytes:
        """What the workflow makes of these values; the places in `absent` are taken out of it."""
        gone = list(absent)
        filled = self._workflow.filled(values, gone, self._server.info() if gone else {})
        data = self._server.made(filled, endings, what)
        if self._free:
            self._server.release()
        return data
