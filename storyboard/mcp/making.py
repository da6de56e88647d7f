"""Tools that make something: a plan, a film, takes. Their cost is told, held to caps, and they
can be stopped.

Knows: requests, waiting with progress. Does not know: how a film is made.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Any, Literal

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp.types import CallToolResult, ToolAnnotations
from pydantic import Field

from storyboard.cli.result import failed_checks
from storyboard.core.errors import ChecksFailed, UsageError
from storyboard.core.files import read_record
from storyboard.edit import beat_patches as ops
from storyboard.edit import preview, takes
from storyboard.edit.board import open_board
from storyboard.graph.folder import for_request
from storyboard.mcp.answers import answer, small_picture, tool, working
from storyboard.mcp.changing import PARTS, Apply
from storyboard.mcp.house import Caps, House, known_captions, known_format, known_style
from storyboard.mcp.looking import BeatName, Film, one_beat
from storyboard.mcp.work import RenderJob, RenderProgress
from storyboard.plan import Aspect, Language, Part, load_plan
from storyboard.plan.regen import name_of
from storyboard.plan.stages import Stage
from storyboard.publish.export import Target
from storyboard.publish.export import export as write_export
from storyboard.publish.upload import write_upload
from storyboard.review.bounds import Bounds
from storyboard.review.markdown import in_a_line, summary
from storyboard.review.reviewed_film import make, make_beside
from storyboard.stages.render_request import RenderRequest
from storyboard.stages.scripts import of_source
from storyboard.writing.script import source_of

_LOOK_S = 0.2
MAKES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True)
Minutes = Annotated[
    float | None, Field(gt=0, description="Stop after so long; what is finished is kept.")
]
Dollars = Annotated[
    float | None, Field(ge=0, description="Most that the film may cost in all, US dollars.")
]
Wait = Annotated[
    bool, Field(description="false: answer at once; status tells how it goes, cancel stops it.")
]


def register(server: MCPServer, house: House) -> None:
    _planning(server, house)
    _rendering(server, house)
    _redoing(server, house)
    _following(server, house)


def _planning(server: MCPServer, house: House) -> None:
    @server.tool(annotations=MAKES)
    @working
    async def create_film(
        context: Context,
        idea: Annotated[str, Field(max_length=4000, description="In one line.")] = "",
        script: Annotated[
            str,
            Field(
                max_length=200_000,
                description="Instead of an idea: a script that is filmed word for word (Fountain, "
                "`NAME: line`, Markdown, SRT).",
            ),
        ] = "",
        format: Annotated[
            str | None, Field(description="As catalogue has it; default: it fits the idea.")
        ] = None,
        language: Annotated[Language | None, Field(description="Default: the idea's.")] = None,
        aspect: Annotated[Aspect | None, Field(description="Default: the format's.")] = None,
        style: Annotated[str | None, Field(description="As catalogue has it.")] = None,
        captions: Annotated[str | None, Field(description="As catalogue has it.")] = None,
        seed: Annotated[int | None, Field(ge=0, le=2**31 - 1)] = None,
        max_minutes: Minutes = None,
        max_dollars: Dollars = None,
    ) -> CallToolResult:
        """Write the plan of a new film from an idea or a script. Answers with the plan and with what rendering
        it takes; nothing is rendered yet. The same idea and options are the same film."""
        caps = house.caps.at_most(max_minutes, max_dollars)
        request = house.request(
            None,
            caps,
            idea=idea or None,
            format="" if format is None else known_format(format),
            language=language,
            aspect=aspect,
            style=None if style is None else known_style(style),
            captions=None if captions is None else known_captions(captions),
            seed=seed,
            stages=("plan",),
        )
        if script.strip():
            if idea.strip() or format is not None:
                raise UsageError("a script says what the film says: leave idea and format away")
            (request,) = of_source(request, source_of("script", script, "script"), episodes=False)
        elif not idea.strip():
            raise UsageError("say in a few words what the film is about, or give a script")
        folder = for_request(request.identity(), house.root)
        request = replace(request, out=folder.path)
        name = folder.path.name

        def write(progress: RenderProgress) -> dict[str, Any]:
            film = make(request, progress, None, house.command, session=house.session).film
            told = preview.explain(house.request(film.folder.path, caps), house.session)
            shown = film.plan.model_dump(mode="json", exclude={"cast": {"__all__": {"avatar"}}})
            return {
                "film": name,
                "directory": str(film.folder.path),
                "cost": told.cost.as_json(),
                "plan": shown,
                "next": "look at the lines, edit_plan what should be otherwise, then render",
            }

        job = house.work.start(name, "planning", write, caps.minutes)
        return answer(await _waited(job, context))


def _rendering(server: MCPServer, house: House) -> None:
    @server.tool(annotations=MAKES)
    @working
    async def render(
        film: Film,
        context: Context,
        only: Annotated[
            Stage | None, Field(description="Make just this stage and what it needs.")
        ] = None,
        review: Annotated[
            Literal["none", "look", "mend"],
            Field(
                description="look: measure and watch the film, report findings. mend: also let "
                "the review change the plan and make other cuts, as the console does."
            ),
        ] = "look",
        hooks: Annotated[
            int | None,
            Field(
                ge=1,
                le=9,
                description="Make the film with so many first seconds in all (other title, line and "
                "picture), each in a folder beside it, to see which holds.",
            ),
        ] = None,
        max_minutes: Minutes = None,
        max_dollars: Dollars = None,
        wait: Wait = True,
    ) -> CallToolResult:
        """Make what of the film is not made yet, and only that. Progress is notified; cancelling
        the request stops it, and what is finished is kept: the same call goes on from there."""
        folder = house.film(film)
        caps = house.caps.at_most(max_minutes, max_dollars)
        if hooks and only:
            raise UsageError("hooks are of a film that is made whole: leave only away")
        stages = (only,) if only else ()
        request = house.request(folder.path, caps, stages=stages, hooks=hooks or 0)
        return await _made(house, film, request, caps, review, context, wait=wait)


def _redoing(server: MCPServer, house: House) -> None:
    @server.tool(annotations=MAKES)
    @working
    async def regen_beats(
        film: Film,
        beats: Annotated[list[str], Field(min_length=1, description="Numbers, or hook.")],
        context: Context,
        part: Annotated[Part | None, Field(description=f"Only {PARTS}; default: all.")] = None,
        seed: Annotated[int | None, Field(ge=0, le=2**31 - 1)] = None,
        apply: Apply = False,
        max_minutes: Minutes = None,
        max_dollars: Dollars = None,
        wait: Wait = True,
    ) -> CallToolResult:
        """Redo beats with other seeds: all of each, or only its picture, speech or clip. Shows
        what that costs; apply=true changes the plan and renders."""
        folder = house.film(film)
        caps = house.caps.at_most(max_minutes, max_dollars)
        request = house.request(folder.path, caps)
        plan = load_plan(folder.plan)
        patch = [op for b in beats for op in ops.redo(plan, one_beat(b), part, seed)]
        proposal = await anyio.to_thread.run_sync(preview.propose, request, patch, house.session)
        if not apply:
            told = {"film": film, "applied": False, **proposal.as_json()}
            return answer(told | {"next": "the same call with apply=true does it"})
        proposal.cost.refuse_above(caps.minutes, caps.dollars)
        preview.keep(request, proposal)
        return await _made(house, film, request, caps, "look", context, wait=wait)

    @server.tool(annotations=MAKES)
    @working
    async def make_takes(
        film: Film,
        beat: BeatName,
        part: Annotated[Part, Field(description=PARTS)],
        context: Context,
        count: Annotated[int, Field(ge=1, le=takes.MOST)] = 3,
        apply: Apply = False,
        max_minutes: Minutes = None,
        max_dollars: Dollars = None,
    ) -> CallToolResult:
        """Make further takes of a beat's picture, speech or clip beside the film's own. Shows what
        that costs; apply=true makes them, and shows pictures; choose_take has one be the film's."""
        folder, number = house.film(film), one_beat(beat)
        caps = house.caps.at_most(max_minutes, max_dollars)
        request = house.request(folder.path, caps)
        cost = await anyio.to_thread.run_sync(
            takes.cost_of_takes, request, number, part, count, house.session
        )
        if not apply:
            told: dict[str, Any] = {"film": film, "applied": False, "cost": cost.as_json()}
            return answer(told | {"next": "the same call with apply=true makes them"})
        cost.refuse_above(caps.minutes, caps.dollars)

        def make(progress: RenderProgress) -> list[takes.Take]:
            return takes.make_takes(
                request, number, part, count, display=progress, session=house.session
            )

        job = house.work.start(film, f"takes of beat {name_of(number)}", make, caps.minutes)
        made: list[takes.Take] = await _waited(job, context)
        shown = [small_picture(folder.path / t.file, 512) for t in made if t.part == "picture"]
        told = {"film": film, "takes": [asdict(take) for take in made]}
        return answer(told | {"next": "choose_take with the seed of one"}, *shown)


def _following(server: MCPServer, house: House) -> None:
    @server.tool(annotations=ToolAnnotations(read_only_hint=True))
    @working
    async def status(film: Film) -> CallToolResult:
        """How the work on a film goes that was started with wait=false."""
        folder = house.film(film)
        job = house.work.of(film)
        if job is None:
            board = open_board(folder.path)
            return answer({"film": film, "state": board.state, "message": board.message})
        if job.future.done() and not job.future.cancelled():
            # What went wrong is told as the call itself would have told it.
            result: Any = job.future.result()
            told: dict[str, Any] = {"film": film, "state": "done"}
            return answer(told | result if isinstance(result, dict) else told)
        return answer(_under_way(job))

    @server.tool(annotations=MAKES)
    @tool
    def cancel(film: Film) -> CallToolResult:
        """Stop the work on a film at its next clean point. What is finished is kept."""
        house.film(film)
        job = house.work.of(film)
        if job is None or job.future.done():
            raise UsageError(f"nothing is being done on {film}")
        job.end()
        return answer({"film": film, "state": "stopping"})

    @server.tool(annotations=MAKES)
    @tool
    def export(
        film: Film,
        to: Annotated[
            list[Target] | None,
            Field(description="Project files, captions or stems; without it, a folder to upload."),
        ] = None,
    ) -> CallToolResult:
        """Hand a finished film over. By itself: the folder that is ready to be uploaded, with title,
        description, hashtags and disclosure within what the platforms take. With `to`: its media
        with a project file that editors open, or as captions and stems."""
        folder = house.film(film)
        if to:
            files = write_export(folder.path, folder.path / "export", to)
            return answer({"film": film, "files": [str(path) for path in files]})
        out = write_upload(folder.path, folder.path / "upload")
        told = read_record(out / "metadata.json")
        return answer({"film": film, "directory": str(out), "metadata": told})

    @server.tool(annotations=MAKES)
    @tool
    def release_card() -> CallToolResult:
        """Stop the model servers that were started on the card. They stay up for a while after a
        film, so that the next redo is quick; the next work starts them again."""
        if house.work.busy:
            raise UsageError("a film is being made: wait for it, or cancel it first")
        house.session.release()
        return answer({"released": True})


async def _made(
    house: House,
    name: str,
    request: RenderRequest,
    caps: Caps,
    review: str,
    context: Context,
    *,
    wait: bool,
) -> CallToolResult:
    """Make the request's film within the caps."""
    told = await anyio.to_thread.run_sync(preview.explain, request, house.session)
    told.cost.refuse_above(caps.minutes, caps.dollars)

    def make(progress: RenderProgress) -> dict[str, Any]:
        return _make(house, name, request, review, progress)

    job = house.work.start(name, "rendering", make, caps.minutes)
    if not wait:
        return answer({**_under_way(job), "cost": told.cost.as_json()})
    return answer(await _waited(job, context))


def _make(
    house: House, name: str, request: RenderRequest, review: str, progress: RenderProgress
) -> dict[str, Any]:
    bounds = None if review == "none" else Bounds(2 if review == "mend" else 0)
    done = make(request, progress, bounds, house.command, session=house.session)
    film, history = done.film, done.history
    if failed := failed_checks(film):
        raise ChecksFailed(
            f"{film.folder.path} was made, but does not hold up:\n"
            + "\n".join(f"  {line}" for line in failed)
        )
    beside = list(make_beside(request, progress, house.command, session=house.session))
    board = open_board(film.folder.path)
    told: dict[str, Any] = {
        "film": name,
        "state": "done",
        "directory": str(film.folder.path),
        "file": str(film.folder.film) if film.complete else None,
        "seconds": round(board.seconds, 2),
        "took_seconds": round(film.seconds, 1),
        "made_steps": progress.made,
        "warnings": [f"{warned.step}: {warned.message}" for warned in board.warnings],
        "spent_dollars": board.dollars,
    }
    if beside:
        told["beside"] = [
            {"film": each.folder.path.name, "title": each.plan.title, "file": str(each.folder.film)}
            for each in beside
        ]
    if history is not None:
        told["review"] = summary(history)
        told["findings"] = [in_a_line(judged) for judged in history.open()]
    return told


async def _waited(job: RenderJob, context: Context) -> Any:
    """The result of work, its progress told meanwhile; it stops if whoever waits leaves."""
    seen: tuple[int, str] | None = None
    try:
        while not job.future.done():
            now = (job.progress.done, job.progress.message)
            if now != seen:
                seen = now
                total = job.progress.total or None
                await context.report_progress(float(now[0]), total, now[1])
            await anyio.sleep(_LOOK_S)
    except anyio.get_cancelled_exc_class():
        job.end()
        raise
    return job.future.result()


def _under_way(job: RenderJob) -> dict[str, Any]:
    return {
        "film": job.film,
        "state": "stopping" if job.stop.is_set() else "working",
        "what": job.what,
        "done_steps": job.progress.done,
        "all_steps": job.progress.total,
        "now": job.progress.message,
        "seconds": round(job.seconds, 1),
    }
