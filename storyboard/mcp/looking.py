"""Tools that only look: formats, films, beats, pictures, what a run would do.

Knows: what an agent asks for. Does not know: how any of it is found.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import MCPServer
from mcp.types import CallToolResult, ToolAnnotations
from pydantic import Field

from storyboard.cli.examination import examine
from storyboard.core.errors import UsageError
from storyboard.core.files import read_record
from storyboard.edit import findings as found
from storyboard.edit import preview, takes
from storyboard.edit.board import BeatCard, Board, open_board
from storyboard.mcp.answers import answer, small_picture, tool
from storyboard.mcp.house import House, known_captions, known_format, known_style
from storyboard.plan.caption_look import CAPTIONS
from storyboard.plan.format_files import list_formats, load_format
from storyboard.plan.regen import name_of, parse_beats
from storyboard.plan.styles import STYLES
from storyboard.profile import load_profile
from storyboard.profile.source import shipped_profiles
from storyboard.review.markdown import in_a_line, summary

Film = Annotated[str, Field(description="Name of the film, as list_films has it.")]
BeatName = Annotated[str, Field(description="Number of the beat (it keeps it), or hook.")]
LOOKS = ToolAnnotations(read_only_hint=True, open_world_hint=False)


def register(server: MCPServer, house: House) -> None:
    _lists(server, house)
    _films(server, house)
    _pictures(server, house)


def _lists(server: MCPServer, house: House) -> None:
    @server.tool(annotations=LOOKS)
    @tool
    def catalogue(
        kind: Literal["formats", "profiles", "styles", "captions"],
        name: Annotated[str | None, Field(description="Show this one in full.")] = None,
    ) -> CallToolResult:
        """List the formats (kinds of film), profiles (which models make it) and styles (looks),
        or show one of them in full."""
        return answer(_catalogue(kind, name, house))

    @server.tool(annotations=LOOKS)
    @tool
    def list_films() -> CallToolResult:
        """All films: name, title, state, seconds, what is open about them."""
        return answer({"films": [_listed(house, name) for name in house.names()]})

    @server.tool(annotations=LOOKS)
    @tool
    def doctor(
        profile: Annotated[str | None, Field(description="Default: the server's.")] = None,
    ) -> CallToolResult:
        """What of a profile is there, and how to mend what is missing."""
        seen = examine(load_profile(house.known_profile(profile), house.overrides))
        return answer({"findings": [asdict(each) for each in seen]})


def _films(server: MCPServer, house: House) -> None:
    @server.tool(annotations=LOOKS)
    @tool
    def show_plan(film: Film) -> CallToolResult:
        """The plan of a film (what edit_plan changes), its state, and what making it takes."""
        folder = house.film(film)
        board = open_board(folder.path)
        told = preview.explain(house.request(folder.path), house.session)
        plan = board.plan.model_dump(mode="json", exclude={"cast": {"__all__": {"avatar"}}})
        return answer({**_state(board), "cost": told.cost.as_json(), "plan": plan})

    @server.tool(annotations=LOOKS)
    @tool
    def explain(film: Film) -> CallToolResult:
        """What rendering the film now would make and why, with steps, minutes, GiB and dollars.
        Nothing is run."""
        return answer(
            preview.explain(house.request(house.film(film).path), house.session).as_json()
        )

    @server.tool(annotations=LOOKS)
    @tool
    def findings(film: Film) -> CallToolResult:
        """What the review found in the film, worst said first in each line; apply_finding takes
        the edit that a finding proposes, dismiss_finding holds it against the film no longer."""
        folder = house.film(film)
        board = open_board(folder.path)
        listed = [
            {
                "number": number,
                "told": in_a_line(judged),
                "fate": judged.fate,
                "verdict": judged.verdict,
                "beat": None if judged.finding.beat is None else name_of(judged.finding.beat),
                "start": judged.finding.start,
                "edit": [dict(operation) for operation in judged.finding.patch],
            }
            for number, judged in enumerate(found.findings(folder))
        ]
        reviewed = board.review is not None and bool(board.review.rounds)
        told = summary(board.review) if board.review and reviewed else "not reviewed yet"
        return answer({"film": film, "summary": told, "findings": listed})


def _pictures(server: MCPServer, house: House) -> None:
    @server.tool(annotations=LOOKS)
    @tool
    def show_beat(
        film: Film,
        beat: BeatName,
        picture: Annotated[bool, Field(description="With its picture.")] = True,
        rejected: Annotated[bool, Field(description="With pictures that were rejected.")] = False,
    ) -> CallToolResult:
        """One beat: record, picture, what was heard in its line, verdicts, findings, takes."""
        folder = house.film(film)
        board = open_board(folder.path)
        card = board.card(one_beat(beat))
        names = [card.picture] if picture and card.picture else []
        if rejected:
            names += [str(v["picture"]) for v in card.verdicts if not v.get("kept")]
        shown = [folder.path / name for name in names if folder.files.holds(name)]
        return answer(_beat(house, film, board, card), *map(small_picture, shown))

    @server.tool(annotations=LOOKS)
    @tool
    def contact_sheet(film: Film) -> CallToolResult:
        """All beats of a finished film on one picture, with shots, speakers and lines."""
        folder = house.film(film)
        sheet = folder.path / "contact_sheet.png"
        if not folder.files.holds(sheet.name):
            raise UsageError(f"{film} has no contact sheet yet: render it first")
        return answer({"film": film, "sheet": str(sheet)}, small_picture(sheet, 1568))


def one_beat(name: str) -> int:
    """
    Raises:
        UsageError: it is no beat.
    """
    chosen = parse_beats(name)
    if not isinstance(chosen, tuple) or len(chosen) != 1:
        raise UsageError(f"beat: {name[:40]!r} is not one beat: a number, or hook")
    return chosen[0]


def _catalogue(kind: str, name: str | None, house: House) -> dict[str, Any]:
    match kind, name:
        case "formats", None:
            return {"formats": [{"name": f.name, "summary": f.summary} for f in list_formats()]}
        case "formats", str(one):
            told = load_format(known_format(one)).model_dump(mode="json", exclude_defaults=True)
            return {key: value for key, value in told.items() if key not in ("threads", "frames")}
        case "styles", None:
            return {"styles": [{"name": s.name, "summary": s.summary} for s in STYLES.shipped]}
        case "styles", str(one):
            return STYLES.load(known_style(one)).model_dump(mode="json")
        case "captions", None:
            return {"captions": [{"name": c.name, "summary": c.summary} for c in CAPTIONS.shipped]}
        case "captions", str(one):
            return CAPTIONS.load(known_captions(one)).model_dump(mode="json")
        case _, None:
            named = dict.fromkeys([house.profile, *shipped_profiles()])
            return {
                "profiles": [{"name": n, "summary": load_profile(n).description} for n in named],
                "used": house.profile,
            }
        case _:
            return load_profile(house.known_profile(name)).model_dump(
                mode="json", exclude_defaults=True
            )


def _listed(house: House, name: str) -> dict[str, Any]:
    try:
        return {"name": name, **_state(open_board(house.film(name).path))}
    except UsageError as error:
        return {"name": name, "state": "damaged", "message": str(error)}


def _state(board: Board) -> dict[str, Any]:
    told = board.as_json()
    del told["beats"]
    review = board.review
    return {**told, "open_findings": len(review.open()) if review and review.rounds else 0}


def _beat(house: House, film: str, board: Board, card: BeatCard) -> dict[str, Any]:
    folder = house.film(film)
    return {
        **{key: value for key, value in asdict(card).items() if key != "findings"},
        "beat": name_of(card.number),
        "findings": [in_a_line(board.findings[number]) for number in card.findings],
        "takes": [asdict(take) for take in takes.takes_of(folder, card.number)],
        "picture_info": read_record(
            (folder.path / card.picture).with_suffix(".json") if card.picture else folder.path
        ),
    }
