"""How well the likeness of faces tells people apart, on labelled photographs and on drawn frames.

`python -m benchmarks.faces FOLDER LABELS.csv` compares every two photographs of FOLDER that the
table names (columns `file` and `person`; files of the same bytes count once), and every face of
the drawn frames that come with the package with each character's sheet. Prints Markdown: false
rejections and false acceptances at each threshold. The photographs stay where they are.

Knows: pairs, thresholds. Does not know: how a face is found or described.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from storyboard.core.files import digest_file
from storyboard.judge.labelled_set import load_labels, shipped
from storyboard.judge.likeness import SAME, Vector, faces

THRESHOLDS = (0.25, 0.30, 0.33, SAME, 0.40, 0.45, 0.50, 0.55)

SHEET = ", on a reference sheet"
"""How the set calls a picture of one person."""


def photographs(folder: Path, table: Path) -> tuple[list[tuple[str, Vector]], list[str]]:
    """(person, largest face) of each photograph, and the files without a face."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    seen: set[str] = set()
    found: list[tuple[str, Vector]] = []
    without: list[str] = []
    for row in rows:
        path = folder / row["file"]
        digest = digest_file(path)
        if digest in seen:
            continue
        seen.add(digest)
        there = faces(path)
        if there:
            found.append((row["person"], there[0]))
        else:
            without.append(row["file"])
    return found, without


def pairs(found: Sequence[tuple[str, Vector]]) -> tuple[list[float], list[float]]:
    """Cosines of (one person's, two people's) pairs."""
    same: list[float] = []
    other: list[float] = []
    for (who, one), (whom, two) in combinations(found, 2):
        (same if who == whom else other).append(float(one @ two))
    return same, other


def rates(same: Sequence[float], other: Sequence[float]) -> list[str]:
    """A table's rows: what each threshold rejects and accepts wrongly."""
    rows = ["| threshold | false rejections | false acceptances |", "|---|---|---|"]
    for at in THRESHOLDS:
        missed, taken = sum(s < at for s in same), sum(s >= at for s in other)
        mark = " (ours)" if at == SAME else ""
        rows.append(
            f"| {at}{mark} | {missed} of {len(same)} ({missed / len(same):.1%}) "
            f"| {taken} of {len(other)} ({taken / len(other):.2%}) |"
        )
    area = np.searchsorted(np.sort(other), same).mean() / len(other)
    return [*rows, "", f"Area under the curve {area:.4f}."]


def drawn() -> list[str]:
    """The same of the sound drawn frames: how often there is a face, and what it says."""
    folder = shipped()
    pictures = [label for label in load_labels(folder) if not label.faults]
    people = {
        Path(file).stem: folder / file
        for label in pictures
        for role, file in label.references
        if role.endswith(SHEET)
    }
    sheets = {name: found[0] for name, path in people.items() if (found := faces(path))}
    seen, own, others = 0, list[float](), list[float]()
    for label in pictures:
        meant = {Path(file).stem for _, file in label.references} & people.keys()
        here = faces(folder / label.picture) if meant else ()
        seen += bool(here)
        for name, sheet in sheets.items() if here else ():
            score = max(float(one @ sheet) for one in here)
            (own if name in meant else others).append(score)
    told = (
        f"{seen} of {len(pictures)} frames and {len(sheets)} of {len(people)} sheets have a face."
    )
    return [f"Drawn: {told}", "", *(rates(own, others) if own and others else ())]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("table", type=Path)
    given = options.parse_args()
    found, without = photographs(given.folder, given.table)
    same, other = pairs(found)
    told = [
        f"{len(found)} photographs of {len({who for who, _ in found})} people; no face in "
        f"{', '.join(without) or 'none'}.",
        f"One person: {len(same)} pairs, {min(same):.3f} to {max(same):.3f}, median "
        f"{np.median(same):.3f}. Two people: {len(other)} pairs, {min(other):.3f} to "
        f"{max(other):.3f}, median {np.median(other):.3f}.",
        "",
        *rates(same, other),
        "",
        *drawn(),
    ]
    sys.stdout.write("\n".join(told) + "\n")


if __name__ == "__main__":
    main()
