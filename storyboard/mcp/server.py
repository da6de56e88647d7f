"""The server: its tools and resources, whichever way it is reached.

Knows: what is registered. Does not know: transports, what a tool does.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

import anyio.to_thread
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from storyboard import __version__
from storyboard.core.errors import StoryboardError
from storyboard.graph.folder import RunFolder
from storyboard.mcp import batches, changing, looking, making
from storyboard.mcp.house import House

_TAIL = 400
"""Events of a log that a resource shows: the newest."""
INSTRUCTIONS = (
    "Storyboard makes short vertical videos from one line of text. Work so: create_film writes a "
    "plan; show_plan and edit_plan put it right (shown before it is applied); explain says what "
    "rendering makes and costs; render makes it; show_beat and contact_sheet let you look; "
    "findings, regen_beats, make_takes and choose_take mend it. Beats keep their numbers. Nothing "
    "is made twice. The resource storyboard://skill tells more."
)


def skill() -> str:
    """How an agent works with the tools: SKILL.md."""
    return (files("storyboard.mcp") / "SKILL.md").read_text(encoding="utf-8")


def create_server(house: House) -> MCPServer[None]:
    """The tools and resources of the films in a house."""
    server: MCPServer[None] = MCPServer(
        "storyboard",
        title="Storyboard",
        version=__version__,
        instructions=INSTRUCTIONS,
        log_level="WARNING",
    )
    for room in (looking, changing, making, batches):
        room.register(server, house)
    _resources(server, house)
    return server


def _resources(server: MCPServer[None], house: House) -> None:
    @server.resource("storyboard://skill", mime_type="text/markdown")
    def how_to_work() -> str:
        """How to work with these tools."""
        return skill()

    @server.resource("storyboard://films/{film}/plan", mime_type="application/json")
    async def plan(film: str) -> str:
        """The plan of a film, as the file holds it."""
        return await _read(house, film, lambda folder: _text(folder, "plan.json"))

    @server.resource("storyboard://films/{film}/events", mime_type="application/x-ndjson")
    async def events(film: str) -> str:
        """What happened to a film, a line an event; the newest."""

        def tail(folder: RunFolder) -> str:
            lines = _text(folder, "events.jsonl").splitlines(keepends=True)
            return "".join(lines[-_TAIL:])

        return await _read(house, film, tail)

    @server.resource("storyboard://films/{film}/transcript", mime_type="application/x-subrip")
    async def transcript(film: str) -> str:
        """What is said in a film and when, as subtitles."""
        return await _read(house, film, lambda folder: _text(folder, "subs.srt"))

    @server.resource("storyboard://films/{film}/report", mime_type="text/html")
    async def report(film: str) -> str:
        """One page with everything that led to a film."""
        from storyboard.publish.report import report_page

        return await _read(house, film, report_page)


async def _read(house: House, film: str, read: Callable[[RunFolder], str]) -> str:
    """
    Raises:
        ResourceNotFoundError: there is no such film, or it has none of it yet.
        ResourceError: it cannot be read.
    """

    def tried() -> str:
        try:
            return read(house.film(film))
        except FileNotFoundError:
            raise ResourceNotFoundError(f"{film} has none of it yet: render it first") from None
        except StoryboardError as error:
            raise ResourceNotFoundError(str(error)) from None
        except OSError as error:
            raise ResourceError(f"{film}: {error.strerror}") from None

    return await anyio.to_thread.run_sync(tried)


def _text(folder: RunFolder, name: str) -> str:
    return folder.files.read(name).decode(errors="replace")
