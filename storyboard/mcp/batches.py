"""Tools for the night's batch: what is queued, how it stands.

Knows: what an agent asks for. Does not know: how films are queued.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.types import CallToolResult
from pydantic import Field

from renderers.options import given
from storyboard.core.errors import UsageError
from storyboard.mcp.answers import answer, tool
from storyboard.mcp.changing import CHANGES
from storyboard.mcp.house import House, known_format
from storyboard.mcp.looking import LOOKS
from storyboard.plan import Aspect, Language
from storyboard.plan.series import shared

_TOLD = 12
"""Films of which a queue's minutes are reckoned in an answer: each is drafted for it."""


def register(server: MCPServer, house: House) -> None:
    @server.tool(annotations=CHANGES)
    @tool
    def batch_add(
        ideas: Annotated[list[str], Field(min_length=1, max_length=200)],
        format: Annotated[str | None, Field(description="As catalogue has it.")] = None,
        language: Language | None = None,
        aspect: Aspect | None = None,
        profile: Annotated[str | None, Field(description="Default: the server's.")] = None,
        seed: Annotated[int | None, Field(ge=0, le=2**31 - 1)] = None,
        hooks: Annotated[
            int | None, Field(ge=1, le=9, description="First seconds of each, to see which holds.")
        ] = None,
        priority: Annotated[int | None, Field(ge=1, le=9, description="1 is made first.")] = None,
        due: Annotated[str | None, Field(description="As 2026-11-22T07:00.")] = None,
    ) -> CallToolResult:
        """Queue films for the batch. They are made when somebody runs it: storyboard batch run."""
        _needs_dbos()
        from storyboard.batch.entry import Row, check_entries
        from storyboard.batch.queue import open_queue

        rows = [Row(f"idea {number}", {"idea": idea}) for number, idea in enumerate(ideas, 1)]
        defaults: dict[str, Any] = {
            **shared(house.root),
            **given(
                format=None if format is None else known_format(format),
                language=language,
                aspect=aspect,
                profile=house.known_profile(profile),
                seed=seed,
                hooks=hooks,
                priority=priority,
                due=due,
            ),
        }
        entries = check_entries(rows, defaults, "batch_add")
        with open_queue(house.root, "") as queue:
            new, old = queue.add(entries, house.root)
            told = {"queued": new, "there_before": old, **_takes(queue)}
        return answer(told | {"next": f"storyboard batch run --once --runs {house.root}"})

    @server.tool(annotations=LOOKS)
    @tool
    def batch_status() -> CallToolResult:
        """The films of the queue, in the order in which they are made, and what is left to do."""
        _needs_dbos()
        from storyboard.batch.queue import open_queue

        with open_queue(house.root, "") as queue:
            films = [
                {
                    "id": film.id,
                    "state": film.state,
                    "reason": film.reason,
                    "made": list(film.made),
                    "minutes": round(film.seconds / 60, 2),
                    "dollars": film.cost,
                    "idea": film.entry.idea,
                    "next": film.way_on,
                }
                for film in queue.films()
            ]
            return answer({"films": films, **_takes(queue)})


def _takes(queue: Any) -> dict[str, Any]:
    """What the films that are left would take."""
    from storyboard.batch.explain_night import explain_queue
    from storyboard.batch.queue import LEFT

    left = [film for film in queue.films() if film.state in LEFT]
    if not left or len(left) > _TOLD:
        return {"left": len(left), "minutes": None if left else 0.0}
    found = explain_queue(queue)
    ways = found.stage_major
    return {
        "left": found.films,
        "minutes": round(ways.seconds / 60, 2),
        "peak_gib": ways.peak_gib,
        "untimed_steps": found.unknown,
    }


def _needs_dbos() -> None:
    if find_spec("dbos") is None:
        raise UsageError(
            "the batch keeps its queue in DBOS, which is not installed: "
            'pip install "storyboard[batch]"'
        )
