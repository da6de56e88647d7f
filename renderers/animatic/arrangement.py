"""How people stand to each other once each has a place: close, apart, embraced, one seated.

Knows: placements and the rules of the frame. Does not know: shots, poses, time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from renderers.animatic.framing import Frame, Placement
from renderers.scene import Manner, Scene

LOWERED: dict[Manner, float] = {"sits": 300.0, "kneels": 470.0}
"""How far a body comes down, in figure units."""
_KISS = 452.0
"""Figure units between the collars of two people whose lips meet."""
_HUG = 430.0


def arranged(scene: Scene, frame: Frame, placements: Sequence[Placement]) -> tuple[Placement, ...]:
    """The placements as the scene's arrangement and each figure's manner want them.

    What the frame does not allow is left as it was.
    """
    placed = tuple(placements)
    if len(placed) == 2 and scene.arrangement and not any(p.view.back for p in placed):
        placed = _pair(scene, frame, placed[0], placed[1])
    return tuple(_lowered(scene, frame, p, placed) for p in placed)


def embraced(scene: Scene) -> bool:
    """Whether heads may touch: the rule that keeps faces apart does not hold then."""
    return scene.arrangement in ("kiss", "hug")


def _pair(
    scene: Scene, frame: Frame, one: Placement, other: Placement
) -> tuple[Placement, Placement]:
    """Two people anew. Back to front order stays."""
    first, second = (one, other) if one.x <= other.x else (other, one)
    match scene.arrangement:
        case "apart":
            first = _shifted(first, 0.03 * frame.width - first.head.left)
            second = _shifted(second, 0.97 * frame.width - second.head.right)
        case "close":
            gap = second.head.left - first.head.right
            if gap > 0:
                first, second = _shifted(first, 0.42 * gap), _shifted(second, -0.42 * gap)
        case "back to back":
            for share in (1.0, 0.92, 0.84, 0.76):
                pair = [_turned(frame, _scaled(p, share)) for p in (first, second)]
                if not _broken(frame, pair if one is first else pair[::-1]):
                    first, second = pair
                    break
        case "looming":
            small = second if first.figure.id == scene.focus else first
            shrunk = _scaled(small, 0.74)
            first, second = (first, shrunk) if small is second else (shrunk, second)
        case "kiss" | "hug":
            first, second = _together(scene, frame, first, second)
        case _:
            pass
    back = {one.figure.id: 0, other.figure.id: 1}
    pair = sorted((first, second), key=lambda p: back[p.figure.id])
    if not embraced(scene) and _broken(frame, pair):
        return one, other
    return pair[0], pair[1]


def _together(
    scene: Scene, frame: Frame, first: Placement, second: Placement
) -> tuple[Placement, Placement]:
    scale = min(first.view.scale, second.view.scale)
    distance = (_KISS if scene.arrangement == "kiss" else _HUG) * scale
    middle = 0.5 * frame.width
    y = max(first.y, second.y)

    def at(p: Placement, x: float, flip: bool) -> Placement:
        return replace(p, view=replace(p.view, scale=scale, flip=flip), x=x, y=y, turn=0.8, dim=0)

    return at(first, middle - distance / 2, False), at(second, middle + distance / 2, True)


def _turned(frame: Frame, p: Placement) -> Placement:
    turned = replace(p, view=replace(p.view, flip=not p.view.flip), turn=0.5)
    edge = 0.012 * frame.width
    shift = max(0.0, edge - turned.head.left) - max(0.0, turned.head.right - frame.width + edge)
    return _shifted(turned, shift)


def _scaled(p: Placement, share: float) -> Placement:
    """Smaller, with the face's middle where it was."""
    face = p.face
    assert face is not None
    smaller = replace(p, view=replace(p.view, scale=p.view.scale * share))
    moved = smaller.face
    assert moved is not None
    return replace(smaller, y=smaller.y + (face.top + face.bottom - moved.top - moved.bottom) / 2)


def _shifted(p: Placement, x: float) -> Placement:
    return replace(p, x=p.x + x)


def _broken(frame: Frame, pair: Sequence[Placement]) -> bool:
    """Whether a head leaves the frame or comes before a face."""
    if any(p.head.left < -1 or p.head.right > frame.width + 1 for p in pair):
        return True
    far, near = pair
    face = far.face
    return face is not None and near.head.meets(face)


def _lowered(scene: Scene, frame: Frame, p: Placement, everyone: Sequence[Placement]) -> Placement:
    """Down to a seat or a knee, as far as captions and the other faces allow."""
    down = LOWERED.get(p.figure.manner, 0.0) * p.view.scale
    face = p.face
    if not down or face is None or embraced(scene):
        return p
    down = min(down, max(0.0, frame.low - face.bottom))
    lowered = replace(p, y=p.y + down)
    own = lowered.face
    assert own is not None
    for q in everyone:
        hidden = q.view.back and q.head.meets(own)
        if q is not p and (hidden or (q.face is not None and lowered.head.meets(q.face))):
            return p
    return lowered
