"""Writing a script and mending it: whole where a model can, part by part where it cannot.

The whole script is asked for in one answer, and its faults go back in one more. A model that
is too slow, too forgetful or too small for that is asked for one part at a time, with a
question that holds what this part needs and no more.

Knows: rounds, parts, faults. Does not know: clocks, servers, premises.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from renderers.base import JSON, ChatRequest, Message
from renderers.errors import BadOutput, RendererError, TooLong
from storyboard.core.errors import PlanError
from storyboard.core.prompt_files import prompt_text
from storyboard.core.strict_records import describe_errors
from storyboard.writing.planning.briefing import assigned, part_brief
from storyboard.writing.planning.conversation import Conversation, OutOfTime
from storyboard.writing.planning.lint import nearly_alike
from storyboard.writing.planning.schema import (
    merged,
    most_tokens,
    part_of,
    parts_at_fault,
    parts_in_order,
    script_schema,
)
from storyboard.writing.planning.script import Script, script_faults
from storyboard.writing.planning.tidy import tidied

FEWEST = 1536
"""Tokens of the smallest answer by a schema: some models think however they are told not to."""
WHOLE_SHARE = 1 / 2
"""Of the time that is left, for all in one answer: what takes longer is asked for in parts."""
HOPELESS = 2
"""Rounds, or parts, in a row of which nothing comes, after which the model is not asked again."""
SHOWN = 40
"""Most faults that are told at once."""
ADVICE = (
    "Another --seed may do; a stronger model will. Without a [chat] section in the profile "
    "the offline writer drafts the plan."
)

SCHEMAS = "Servers that keep a model to a JSON schema help: vLLM, llama.cpp and Ollama do."


class Writer:
    """Fills one format's script. `notes` are the premise that is written.

    `designs`: whether the model is asked for the film's style and for words on signs as well.
    """

    def __init__(self, talk: Conversation, notes: str, *, designs: bool = True) -> None:
        self.talk = talk
        self.notes = notes
        self.schema = script_schema(
            talk.assignment.format, talk.assignment.language, designs=designs
        )
        self.in_parts = False
        """Whether the whole script turned out to be too much, or too slow, for one answer."""

    def write(self) -> JSON:
        """A script without a fault.

        Raises:
            PlanError: faults are left after the last round; it lists them by path.
            RendererError: the model could not be asked, was too slow, or gave no whole answer.
        """
        data = self._first()
        found = self.faults(data)
        hopeless = 0
        for number in range(1, self.talk.assignment.rounds + 1):
            if not found or hopeless == HOPELESS:
                break
            self.talk.report(f"mending {_count(found)} (round {number})")
            try:
                mended = self._mended(data, found, number)
            except OutOfTime as error:
                raise OutOfTime(f"{error}. Still wrong: {'; '.join(found[:3])}") from error
            hopeless = 0 if self._lacks(mended) < self._lacks(data) else hopeless + 1
            data, found = mended, self.faults(mended)
        if found:
            raise PlanError(f"the script that {self.talk.model} wrote", found, ADVICE)
        return data

    def mend(self, data: JSON, found: Sequence[str], number: int, share: float = 1.0) -> JSON:
        """The script with the parts that the faults name written anew in one answer."""
        schema = part_of(self.schema, (fault.partition(":")[0] for fault in found))
        # Only the last attempt is shown: a growing pile of bad ones teaches bad habits.
        faults = "\n".join(found[:SHOWN])
        messages = (
            *self._task(),
            Message("assistant", json.dumps(data, ensure_ascii=False)),
            Message("user", f"{prompt_text('planner/mend.txt')}\n\n{faults}"),
        )
        return merged(data, self._fill("mend", messages, schema, number, share), self.schema)

    def faults(self, data: JSON) -> list[str]:
        try:
            script = Script.model_validate(data)
        except ValidationError as error:
            return describe_errors(error)
        asked = self.talk.assignment
        found = script_faults(script, asked.format, asked.language, asked.idea)
        return [*found, *_told_before(script, asked.said)]

    def _lacks(self, data: JSON) -> tuple[bool, int]:
        """How far a script is from a sound one. Where a field is missing, what stands in the
        others is not looked at: such a script has few faults, and is the worse one."""
        try:
            Script.model_validate(data)
        except ValidationError as error:
            return True, error.error_count()
        return False, len(self.faults(data))

    def _first(self) -> JSON:
        """The script as it is first written, whole if that can be."""
        self.talk.report("writing")
        before = self.talk.left()
        try:
            data = self._fill("write", self._task(), self.schema, 0, WHOLE_SHARE)
            left = self.talk.left()
            # No time for as long an answer in every round: smaller ones, then.
            self.in_parts = self.talk.assignment.rounds * (before - left) > left
            return data
        except (BadOutput, TooLong) as error:
            self.in_parts = True
            self.talk.tell(f"The whole script was too much for one answer: {error}")
            wanted = dict.fromkeys(parts_in_order(self.schema), ())
            return self._by_parts({}, wanted, 0)

    def _mended(self, data: JSON, found: list[str], number: int) -> JSON:
        """What one round makes of the script; a round of which nothing comes leaves it as it is."""
        if number == 1 and not self.in_parts:
            try:
                return self.mend(data, found, number, WHOLE_SHARE)
            except (BadOutput, TooLong) as error:
                self.in_parts = True
                self.talk.tell(f"Its faults were too much for one answer: {error}")
        return self._by_parts(data, parts_at_fault(self.schema, found), number)

    def _by_parts(self, data: JSON, parts: Mapping[str, Sequence[str]], number: int) -> JSON:
        """The script with these parts, and their faults, written one by one.

        Raises:
            BadOutput: of the first parts in a row not one could be had.
        """
        failed = 0
        for count, (path, faults) in enumerate(parts.items(), 1):
            self.talk.report(f"writing {path} ({count} of {len(parts)})")
            try:
                data = self._with_part(data, path, faults, number)
                failed = 0
            except BadOutput as error:
                failed += 1
                self.talk.tell(f"No {path} came: {error}")
                if failed == HOPELESS and not data:
                    raise _nothing_came(error) from error
                if failed == HOPELESS:
                    break
        return data

    def _with_part(self, data: JSON, path: str, faults: Sequence[str], number: int) -> JSON:
        told = part_brief(self.talk.assignment, self.notes, data, path, faults)
        messages = (Message("system", prompt_text("planner/part.txt")), Message("user", told))
        schema = part_of(self.schema, path.split(" "))
        written = self._fill("part", messages, schema, number)
        changed = merged(data, written, self.schema)
        # What is mended may be wrong in another way, but not in more ways than before.
        worse = bool(faults) and self._lacks(changed) > self._lacks(data)
        return data if worse else changed

    def _task(self) -> tuple[Message, ...]:
        notes = f"\n\nYour notes\n{self.notes}" if self.notes else ""
        return (
            Message("system", prompt_text("planner/write.txt")),
            Message("user", assigned(self.talk.assignment) + notes),
        )

    def _fill(
        self,
        purpose: str,
        messages: tuple[Message, ...],
        schema: dict[str, Any],
        number: int,
        share: float = 1.0,
    ) -> JSON:
        request = ChatRequest(
            messages,
            schema=schema,
            schema_name="script",
            purpose=purpose,
            max_tokens=max(FEWEST, most_tokens(schema)),
            seed=self.talk.assignment.seed + number,
        )
        asked = self.talk.assignment
        data = self.talk.ask(request, share).data
        return tidied(data, asked.format, asked.language, self.talk.tell)


def _told_before(script: Script, said: Sequence[str]) -> Iterator[str]:
    """Lines that another episode of the series has."""
    for key, beat in script.beats.items():
        if beat.line and any(nearly_alike(beat.line, line) for line in said):
            yield f"beats.{key}.line: is said in another episode; write another"


def _nothing_came(error: RendererError) -> BadOutput:
    return BadOutput(f"no script, neither whole nor in parts: {error}. {ADVICE} {SCHEMAS}")


def _count(found: Sequence[str]) -> str:
    return "1 fault" if len(found) == 1 else f"{len(found)} faults"
