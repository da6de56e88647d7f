"""`storyboard report RUN`: one page that shows how a film came to be.

A static file beside the film, with relative links: it opens from disk and can be sent along
with the folder. Everything that people or models wrote is escaped.

Knows: what lies in a run folder. Does not know: how any of it was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import jinja2
import typer
from rich.text import Text

from storyboard import __version__
from storyboard.core import console, events
from storyboard.core.errors import StoryboardError
from storyboard.core.files import disk_errors, read_record, write_text
from storyboard.core.options import Verbose
from storyboard.graph.folder import RunFolder, existing
from storyboard.graph.run_record import read_run
from storyboard.judge.outcome import attempts
from storyboard.media.check_report import read_checks
from storyboard.plan import NARRATOR, Beat, Plan, ShotPlan, load_plan
from storyboard.plan.timeline import HOOK
from storyboard.profile.metering import Call
from storyboard.review.markdown import in_a_line, shown, state_of, summary
from storyboard.review.review_history import load_history


def report_page(folder: RunFolder) -> str:
    """The page as HTML text."""
    plan = load_plan(folder.plan)
    run = read_run(folder)
    log = list(events.events_in(folder.events))
    calls = [event for event in log if isinstance(event, Call)]
    pages = files("storyboard.publish") / "pages"
    # StrictUndefined: a misspelt name in the template must not print as nothing.
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    template = environment.from_string((pages / "report.html.j2").read_text(encoding="utf-8"))
    shown = partial(
        template.render,
        version=__version__,
        css=(pages / "report.css").read_text(encoding="utf-8"),
        plan={**plan.model_dump(), "cast": [_character(folder, plan, c.id) for c in plan.cast]},
        run=run,
        film=_link(folder, "final.mp4"),
        poster=_link(folder, "poster.jpg"),
        checks=read_checks(folder.path),
        review=_review(folder),
        warnings=events.standing(log),
        calls=calls,
        cost=sum(call.cost for call in calls),
        beats=list(_parts(folder, plan, run.get("steps", {}))),
    )
    try:
        return shown()
    except (jinja2.UndefinedError, TypeError, ValueError) as error:
        # Of verdicts and takes, of which anything may be written there.
        raise StoryboardError(
            f"{folder.path}: a record of a take or a verdict is not as a run writes it ({error}): "
            "make the film again with `storyboard run --dir` and the report follows"
        ) from error


def _review(folder: RunFolder) -> dict[str, Any] | None:
    """The cuts of a reviewed film: what was tried, what was found, what was kept."""
    review = load_history(folder.path)
    if review is None or not review.rounds:
        return None
    return {
        "summary": summary(review),
        "stopped": review.stopped,
        "rounds": [
            {
                "number": cut.number,
                "state": state_of(cut, review),
                "why": cut.why,
                "film": _link(folder, f"cuts/{cut.name}.mp4"),
                "changes": [
                    (applied.by, change.path, shown(change.before), shown(change.after))
                    for applied in cut.applied
                    for change in applied.changes
                ],
                "looks": cut.looks,
                "findings": [(in_a_line(judged), judged) for judged in cut.findings],
            }
            for cut in review.rounds
        ],
    }


def _parts(folder: RunFolder, plan: Plan, steps: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if plan.hook is not None:
        hook = plan.hook
        speaker = NARRATOR if hook.line else None
        part = {"index": HOOK, "type": hook.title, "line": hook.text, "reading": hook.reading}
        part |= {"speaker": speaker, "action": hook.image_prompt, "prompt": None}
        yield part | _files(folder, steps, "hook", "hook", hook.shot)
    for beat in plan.beats:
        yield {
            "index": beat.index,
            "type": beat.type,
            "line": beat.text,
            "reading": beat.reading,
            "speaker": _speaker(plan, beat),
            "action": beat.action,
            "prompt": beat.prompt.model_dump() if beat.prompt else None,
        } | _files(folder, steps, f"beat_{beat.slug}", f"clip_{beat.slug}", beat.shot)


def _files(
    folder: RunFolder, steps: dict[str, Any], name: str, clip: str, shot: ShotPlan
) -> dict[str, Any]:
    """What lies in the folder for one beat, and how long each step took."""
    took = (
        (step, steps.get(step)) for step in (f"images/{name}", f"speech/{name}", f"clips/{clip}")
    )
    return {
        "shot": f"{shot.scale}, {shot.angle}, {shot.orientation}; camera {shot.move}",
        "picture": _link(folder, f"images/{name}.png"),
        "audio": _link(folder, f"audio/{name}.wav"),
        "take": read_record(folder.path / "audio" / f"{name}.json") or None,
        "verdicts": list(_verdicts(folder, name)),
        "times": [
            {"step": step.partition("/")[0], "seconds": t["seconds"], "cached": t["cached"]}
            for step, t in took
            if t and "seconds" in t
        ],
    }


def _verdicts(folder: RunFolder, name: str) -> Iterator[dict[str, Any]]:
    """Every attempt at a picture that was judged, or at its draft."""
    for place in ("images", "images/drafts"):
        for attempt in attempts(folder.path / place / f"{name}.verdicts.json"):
            yield {**attempt, "picture": _link(folder, attempt["picture"])}


def _character(folder: RunFolder, plan: Plan, id: str) -> dict[str, Any]:
    return {**plan.character(id).model_dump(), "picture": _link(folder, f"images/cast_{id}.png")}


def _speaker(plan: Plan, beat: Beat) -> str | None:
    if beat.speaker is None or beat.speaker == NARRATOR:
        return beat.speaker
    return plan.character(beat.speaker).name


def _link(folder: RunFolder, name: str) -> str | None:
    """A relative link to a file of the folder, or None if it is not there."""
    return quote(name) if (folder.path / name).is_file() else None


def report(
    run: Annotated[Path, typer.Argument(help="The run folder.")],
    out: Annotated[Path | None, typer.Option(help="The page (default: report.html there).")] = None,
    verbose: Verbose = 0,
) -> None:
    """Write one static page with everything that led to the film."""
    with console.border(verbose):
        folder = existing(run, "RUN")
        page = out or folder.path / "report.html"
        with disk_errors("writing the report"):
            write_text(page, report_page(folder))
        console.out.print(Text(str(page)), soft_wrap=True)
