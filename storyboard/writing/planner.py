"""The planning agent: an idea and a format become a plan, written by a language model.

It thinks first (premise, escalation, reversal, payoff; kept as `planning.md`), then fills
the one schema that its format leaves open. Structure is the format's and cannot be got
wrong; words are the model's and are checked, and faults go back to it by path, of which
only the parts concerned are written anew. What still has faults after the last round is
refused, whole. What has none is read once more for what no rule can check.

Knows: the order of the work. Does not know: servers, voices, pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from renderers.base import JSON, ChatBackend, ChatRequest, ChatResult, Message
from renderers.errors import BadOutput, Refused, TooLong
from storyboard.core.errors import UsageError
from storyboard.core.prompt_files import prompt_text
from storyboard.plan import Plan, parse_plan
from storyboard.plan.staging import derived_seed
from storyboard.writing import authors
from storyboard.writing.offline import write_plan as draft_plan
from storyboard.writing.offline.match import embeddings
from storyboard.writing.planning.briefing import assigned, in_prose
from storyboard.writing.planning.conversation import Assignment, Conversation, OutOfTime
from storyboard.writing.planning.pairwise import better_of
from storyboard.writing.planning.premises import premise
from storyboard.writing.planning.script import Script, clean, plan_of
from storyboard.writing.planning.slots import fill
from storyboard.writing.planning.strength import designs, strength_of
from storyboard.writing.planning.writing import Writer

__all__ = ["Assignment", "Planned", "write_plan"]


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan and how it came about."""

    plan: Plan
    planning: str
    """The thinking, as Markdown."""
    calls: list[ChatResult] = field(default_factory=list[ChatResult])


class Fault(BaseModel):
    """What the script supervisor found, and where it is to be mended."""

    model_config = ConfigDict(extra="forbid")

    part: str
    fault: str = Field(min_length=1, max_length=240)


class Faults(BaseModel):
    model_config = ConfigDict(extra="forbid")

    faults: list[Fault] = Field(max_length=4)


def write_plan(
    assignment: Assignment, chat: ChatBackend, report: Callable[[str], None] = lambda _: None
) -> Planned:
    """Think, choose, write, mend, check.

    Raises:
        PlanError: faults are left after the last round; it lists them by path.
        RendererError: the model could not be asked, was too slow, or gave no whole answer.
    """
    if not assignment.idea.strip():
        raise UsageError("the idea is empty: say in one line what the film is about")
    talk = Conversation(assignment, chat, report)
    draft = _draft(assignment)
    if draft is not None and strength_of(talk, assignment.strength, _name(chat)) == "lines":
        plan = parse_plan(fill(talk, draft, embeddings()).model_dump(mode="json"), "the plan")
        if plan == draft:
            talk.tell("No line of the model's was better: the film is the offline draft.")
        else:
            plan = plan.model_copy(
                update={"author": f"{authors.OFFLINE} with lines by {_author(talk)}"}
            )
        return Planned(plan, "\n\n".join(talk.story) + "\n", talk.calls)
    writer = Writer(talk, premise(talk), designs=designs(_name(chat)))
    script = _checked(writer, writer.write())
    format = assignment.format
    plan = plan_of(
        script,
        format,
        assignment.language,
        assignment.idea.strip(),
        assignment.aspect or format.aspect,
    )
    palette = derived_seed(assignment.seed, "palette") % 1000
    plan = plan.model_copy(
        update={
            "seed": assignment.seed,
            "author": _author(talk),
            "style": plan.style.model_copy(update={"palette": palette}),
        }
    )
    return Planned(plan, "\n\n".join(talk.story) + "\n", talk.calls)


def _draft(assignment: Assignment) -> Plan | None:
    """The offline draft; None where the format has no hand-written stories in the language."""
    asked = assignment
    if not asked.format.threads_in(asked.language):
        return None
    return draft_plan(asked.idea, asked.format, asked.language, asked.aspect, asked.seed)


def _name(chat: ChatBackend) -> str:
    return str(chat.fingerprint().get("model") or chat.name)


def _author(talk: Conversation) -> str:
    return str(clean(talk.model))[:80]


def _checked(writer: Writer, data: JSON) -> Script:
    """The script as it is filmed: read once more for who speaks where, strangers, payoff.

    What the reader finds is mended once, and kept only if the script holds up as well after it
    and is found the better one.
    No script is lost by it: one that there was no time to read is filmed as it is.
    """
    talk = writer.talk
    talk.report("reading it once more")
    found = _read(writer, data)
    if found:
        talk.story += ["## Read once more", "\n".join(f"- {fault}" for fault in found)]
        talk.report(f"mending {len(found)} faults of the story")
        try:
            mended = writer.mend(data, found, talk.assignment.rounds + 1)
        except (BadOutput, Refused, TooLong, OutOfTime) as error:
            talk.tell(f"They were left as they are: {error}")
        else:
            if writer.faults(mended):
                talk.tell("They were left as they are: what was mended did not hold up.")
            elif _is_better(talk, data, mended):
                data = mended
            else:
                talk.tell("They were left as they are: the script was better before.")
    return Script.model_validate(data)


def _is_better(talk: Conversation, before: JSON, after: JSON) -> bool:
    """Whether a mended script is the better one: a second reader likes to mend the joke away.

    Both are read side by side, twice with their order swapped; what cannot be told is no gain.
    """
    asked = (
        f"Two versions of the script of one very short film.\nIdea: {talk.assignment.idea}\n"
        "Which one is the better film: it makes sense, it is funnier, its end pays off?"
    )
    told = in_prose(before), in_prose(after)
    return better_of(talk, asked, *told, "compare") == "second"


def _read(writer: Writer, data: JSON) -> list[str]:
    talk = writer.talk
    parts = [
        f"{name}.{key}" if isinstance(key, str) else name
        for name, table in writer.schema["properties"].items()
        for key in table.get("properties", [None])
    ]
    schema = Faults.model_json_schema()
    schema["$defs"]["Fault"]["properties"]["part"]["enum"] = parts
    task = f"{assigned(talk.assignment)}\n\nThe script\n{in_prose(data)}"
    try:
        result = talk.ask(
            ChatRequest(
                (Message("system", prompt_text("planner/check.txt")), Message("user", task)),
                schema=schema,
                schema_name="faults",
                purpose="check",
                temperature=0.2,
                seed=talk.assignment.seed,
            )
        )
        faults = Faults.model_validate(result.data).faults
    except (BadOutput, Refused, TooLong, OutOfTime, ValidationError) as error:
        talk.tell(f"The script was not read once more: {error}")
        return []
    return [f"{f.part}: {f.fault}" for f in faults if f.part in parts]
