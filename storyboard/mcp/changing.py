"""Tools that change a film's plan: shown first, done when they are told to. Nothing is rendered.

Knows: what an agent asks for. Does not know: how a plan is changed.
"""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.types import CallToolResult, ToolAnnotations
from pydantic import Field

from storyboard.edit import findings, preview, takes
from storyboard.edit.patch import Operation, parse_patch
from storyboard.mcp.answers import answer, tool
from storyboard.mcp.house import House
from storyboard.mcp.looking import BeatName, Film, one_beat
from storyboard.plan import Part
from storyboard.stages.render_request import RenderRequest

Apply = Annotated[
    bool, Field(description="Do it. Without it, only what it would change and cost is shown.")
]
CHANGES = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
PARTS = "picture, speech or clip"


def register(server: MCPServer, house: House) -> None:
    _plans(server, house)
    _choices(server, house)


def _plans(server: MCPServer, house: House) -> None:
    @server.tool(annotations=CHANGES)
    @tool
    def edit_plan(
        film: Film,
        patch: Annotated[
            list[Operation],
            Field(
                description="JSON Patch (RFC 6902). Beats are named by number, people and places "
                "by id: /beats/3/line, /hook/title, /cast/mia/wardrobe, /beats/3/shot/scale, "
                "/beats/3/locked. add to /beats/3 puts a beat before beat 3, /beats/- at the end; "
                "move from /beats/5 to /beats/2 has 5 stand before 2, and keep its number."
            ),
        ],
        apply: Apply = False,
    ) -> CallToolResult:
        """Change the plan by JSON Patch. Shows each change, which beats would be redone, and what
        that costs; apply=true writes it (undo_edit takes it back), render makes it."""
        request = house.request(house.film(film).path)
        # As text with its names on the wire: what was not given is not there.
        given = [each.model_dump(by_alias=True, exclude_unset=True) for each in patch]
        proposal = preview.propose(request, parse_patch(given), house.session)
        return _offered(film, request, proposal, apply=apply)

    @server.tool(annotations=CHANGES)
    @tool
    def undo_edit(
        film: Film, again: Annotated[bool, Field(description="Do again what was undone.")] = False
    ) -> CallToolResult:
        """Take the last edit of a film's plan back. What was made of the plan before is kept, so
        that going back makes nothing anew."""
        request = house.request(house.film(film).path)
        proposal = preview.undo(request, again=again, session=house.session)
        return answer(_told(film, proposal, applied=True))


def _choices(server: MCPServer, house: House) -> None:
    @server.tool(annotations=CHANGES)
    @tool
    def choose_take(
        film: Film,
        beat: BeatName,
        part: Annotated[Part, Field(description=PARTS)],
        seed: Annotated[int, Field(description="Of the take, as show_beat lists it.")],
        apply: Apply = False,
    ) -> CallToolResult:
        """Have another take of a beat's picture, speech or clip be the film's. make_takes makes
        some to choose from."""
        folder = house.film(film)
        request = house.request(folder.path)
        take = takes.take_of(folder, one_beat(beat), part, seed)
        _, proposal = takes.choose(request, take, house.session)
        return _offered(film, request, proposal, apply=apply)

    @server.tool(annotations=CHANGES)
    @tool
    def apply_finding(
        film: Film,
        number: Annotated[int, Field(description="As findings lists it.")],
        apply: Apply = False,
    ) -> CallToolResult:
        """Take the edit that a finding of the review proposes."""
        request = house.request(house.film(film).path)
        proposal = findings.propose_mending(request, number, house.session)
        return _offered(film, request, proposal, apply=apply)

    @server.tool(annotations=CHANGES)
    @tool
    def dismiss_finding(
        film: Film,
        number: Annotated[int, Field(description="As findings lists it.")],
        why: Annotated[str, Field(max_length=300)] = "",
    ) -> CallToolResult:
        """Hold a finding against the film no longer."""
        judged = findings.dismiss(house.film(film), number, why)
        return answer({"film": film, "number": number, "fate": judged.fate})


def _offered(
    film: str, request: RenderRequest, proposal: preview.Proposal, *, apply: bool
) -> CallToolResult:
    """What a change would do, done if that is asked for."""
    if apply:
        preview.keep(request, proposal)
    return answer(_told(film, proposal, applied=apply))


def _told(film: str, proposal: preview.Proposal, *, applied: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"film": film, "applied": applied, **proposal.as_json()}
    if not applied:
        told["next"] = "the same call with apply=true writes this; nothing is changed yet"
    elif proposal.cost.steps:
        told["next"] = "render makes it; undo_edit takes it back"
    return told
