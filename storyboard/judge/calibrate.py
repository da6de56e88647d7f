"""How far a judge can be trusted: its findings beside the labels of a set.

A miss is a fault of the label that passed, a false alarm a sound picture that failed; what is
unsure is neither. Where the labels leave room for two opinions, nothing is counted.

Knows: counting. Does not know: how a picture is judged, how a table is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from renderers.base import ChatBackend
from storyboard.judge.asking import Case, ask
from storyboard.judge.labelled_set import Labelled
from storyboard.judge.measures import MeasuredPicture, Other, measure
from storyboard.judge.rubric import Check, Rule
from storyboard.judge.verdict import PictureFinding
from storyboard.media.contact_sheet import SheetEntry, contact_sheet


@dataclass(frozen=True, slots=True)
class Wrong:
    """A finding that goes against its label."""

    picture: Path
    id: str
    missed: bool
    """A fault of the label passed; otherwise a sound picture failed."""
    note: str
    """What the label says of the picture."""
    evidence: str


@dataclass
class Tally:
    """One check over the whole set."""

    id: str
    faulty: int = 0
    found: int = 0
    missed: int = 0
    doubted: int = 0
    """Faulty pictures on which the judge was unsure."""
    sound: int = 0
    alarms: int = 0
    shy: int = 0
    """Sound pictures on which the judge was unsure."""


@dataclass
class Calibration:
    judge: str
    """The model that looked; empty: measures alone."""
    pictures: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict[str, Tally])
    wrong: list[Wrong] = field(default_factory=list[Wrong])
    unanswered: int = 0
    """Pictures on which the model gave no usable answer."""

    def count(self, finding: PictureFinding, label: Labelled, picture: Path) -> None:
        tally = self.tallies.setdefault(finding.id, Tally(finding.id))
        bad, verdict = finding.id in label.faults, finding.verdict
        tally.faulty += bad
        tally.sound += not bad
        tally.found += bad and verdict == "fail"
        tally.missed += bad and verdict == "pass"
        tally.doubted += bad and verdict == "unsure"
        tally.alarms += not bad and verdict == "fail"
        tally.shy += not bad and verdict == "unsure"
        if verdict == ("pass" if bad else "fail"):
            wrong = Wrong(picture, finding.id, bad, label.note, finding.evidence)
            self.wrong.append(wrong)


def calibrate(
    folder: Path,
    labels: Sequence[Labelled],
    chat: ChatBackend | None,
    report: Callable[[int], None] = lambda _: None,
) -> Calibration:
    """Judge every picture of a set as the loop would, and count.

    Only what the loop would ask is asked: a picture that a measure stops is not shown to the
    model. Soft checks only rank, and are not counted.
    """
    done = Calibration("")
    for number, label in enumerate(labels, 1):
        picture = folder / label.picture
        references = [(role, folder / name) for role, name in label.references]
        rules = label.brief.measures()
        others = [Other(role, MeasuredPicture(path)) for role, path in references]
        found = measure(rules, picture, label.brief, others)
        stops = {rule.id for rule in rules if rule.stops}
        # A fault that leaves nothing to see says nothing about the checks that it hides.
        spoilt = stops.intersection(label.faults)
        stopped = any(f.id in stops and f.verdict == "fail" for f in found)
        if chat is not None and not stopped:
            verdict = ask(Case(picture, label.brief, references), _hard(label), chat)
            done.judge = verdict.judge or done.judge
            done.unanswered += bool(verdict.note)
            found += verdict.checks
        for finding in found:
            if finding.id not in label.either and not (spoilt and finding.id not in spoilt):
                done.count(finding, label, picture)
        done.pictures += 1
        report(number)
    return done


def _hard(label: Labelled) -> list[Check]:
    return [check for check in label.brief.checks() if check.level == "hard"]


def draw_wrong(calibration: Calibration, out: Path) -> None:
    """A contact sheet of the pictures that were judged against their labels."""
    entries = [
        SheetEntry(
            wrong.picture,
            number,
            f"missed {wrong.id}" if wrong.missed else f"false {wrong.id}",
            wrong.picture.name,
            wrong.note,
            wrong.evidence or "nothing was said",
        )
        for number, wrong in enumerate(calibration.wrong, 1)
    ]
    contact_sheet(entries, out, "Judged against the label")


def without_model(rules: Sequence[Rule], tallies: Mapping[str, Tally]) -> list[str]:
    """Ids of the hard checks on which nothing was found, since they need a model."""
    return [rule.id for rule in rules if rule.level == "hard" and rule.id not in tallies]
