"""What a picture shows, said in words that every picture maker shares.

A `Scene` is the structured twin of an image prompt. Models that read text use the
prompt; the animatic draws the scene. The vocabularies below are the only place where
these terms are listed: `storyboard.plan` validates against them.

Knows: shot terms, expressions, places, light, figures. Does not know: beats, plans,
files, how anything is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

# The 15 controls HiDream-O1 was trained on (arXiv 2605.11061): 7 scales, 4 angles, 4 orientations.
ShotScale = Literal[
    "extreme full shot",
    "full shot",
    "medium full shot",
    "medium shot",
    "medium close-up",
    "close-up",
    "extreme close-up",
]
ShotAngle = Literal["high angle", "low angle", "eye-level", "bird's-eye view"]
ShotOrientation = Literal["front view", "side view", "back view", "three-quarter view"]

Expression = Literal[
    "neutral",
    "deadpan",
    "happy",
    "laughing",
    "smug",
    "loving",
    "hopeful",
    "sad",
    "crying",
    "angry",
    "furious",
    "surprised",
    "shocked",
    "afraid",
    "confused",
    "suspicious",
    "embarrassed",
    "determined",
    "tired",
    "disgusted",
    "awe",
]
Place = Literal[
    "cafe",
    "cinema",
    "street",
    "office",
    "classroom",
    "courtroom",
    "cell",
    "kitchen",
    "bedroom",
    "living room",
    "park",
    "station",
    "shop",
    "night city",
    "beach",
    "taxi",
    "bathhouse",
    "studio",
    "wedding",
    "clinic",
    "bank",
    "post office",
    "town hall",
    "salon",
    "call centre",
    "abstract",
]
TimeOfDay = Literal["morning", "day", "evening", "night"]
CameraMove = Literal[
    "static", "push in", "pull out", "pan left", "pan right", "tilt up", "shake", "handheld"
]
InsetKind = Literal["thought", "television", "poster", "phone"]
Manner = Literal[
    "", "enters", "leaves", "turns round", "rises", "paces", "sits", "kneels", "turned away",
    "gives", "takes",
]  # fmt: skip
"""What a body does in a shot besides its pose: comes in, goes, turns to us, comes up from below,
walks to and fro, sits, kneels, shows its back, hands a thing over or takes it."""
Arrangement = Literal["", "apart", "close", "back to back", "looming", "kiss", "hug"]
"""How two people stand to each other; "": as they talk."""
Look = Literal["flat", "ink", "paper"]
"""The drawn look of a film: flat colour, ink with one accent colour, paper cut-outs."""
Event = Literal[
    "", "falls", "shatters", "revealed", "shakes", "zooms", "spotlight", "stands", "shown"
]
"""What happens to the scene's subject, a thing, in the first second. In an insert it "stands" on
a table, in close-up, or is "shown" in the hands of the one figure."""
PropState = Literal["", "empty", "full", "open", "closed", "broken"]
"""How a thing is; "": as it usually is."""
PropPlace = Literal["", "hand", "table", "floor", "chair"]
"""Where a thing is; "": where there is room."""
PropMove = Literal["", "picked up", "put down", "dropped", "falls"]
"""What happens to a thing during the shot, besides being handed over (see `Manner`)."""
AgeGroup = Literal["child", "young", "adult", "elder"]
Presentation = Literal["feminine", "masculine", "neutral"]

EXPRESSIONS: tuple[Expression, ...] = get_args(Expression)
PLACES: tuple[Place, ...] = get_args(Place)


@dataclass(frozen=True, slots=True)
class Shot:
    """How the camera sees the scene."""

    scale: ShotScale = "medium shot"
    angle: ShotAngle = "eye-level"
    orientation: ShotOrientation = "front view"


@dataclass(frozen=True, slots=True)
class Avatar:
    """The drawn look of one character: stable over every frame of every film it is in.

    `head` names an Open Peeps head (hair style) or a creature's ("creature:penguin"); `facial_hair` and `accessory` likewise
    ("" for none). Colours are `#rrggbb`. `build` scales the body (0.85 slight to 1.15 broad).
    """

    head: str
    skin: str
    hair: str
    top: str
    bottom: str
    accent: str
    facial_hair: str = ""
    accessory: str = ""
    garment: str = "shirt"
    worn: str = ""
    """The cloth's pattern and what is worn over it, in words ("checked scarf"): see `animatic.worn`."""
    build: float = 1.0
    age: AgeGroup = "adult"
    presentation: Presentation = "neutral"


@dataclass(frozen=True, slots=True)
class Figure:
    """One character in one frame, and what it is doing."""

    id: str
    name: str
    avatar: Avatar
    expression: Expression = "neutral"
    speaking: bool = False
    pose: str = ""
    """Free words from the beat's action ("points at the cup"); drawn when recognised."""
    holds: str = ""
    """A prop in the hand, one of the animatic's props, or ""."""
    manner: Manner = ""
    at: Place | Literal[""] = ""
    """Where this one is, if not in the scene's place: at the other end of a telephone line."""


@dataclass(frozen=True, slots=True)
class Prop:
    """What a scene knows of a thing beyond its name: its state, its place, whose it is.

    `place` is where it ends: what is picked up ends in the hand, what is dropped on the floor.
    """

    word: str
    """As the plan or a line names it."""
    state: PropState = ""
    place: PropPlace = ""
    owner: str = ""
    """Id of the figure that holds it, or held it."""
    move: PropMove = ""


@dataclass(frozen=True, slots=True)
class Inset:
    """A picture within the picture: a thought bubble, a television, a poster, a phone's screen.

    `who`, `thing` and `place` are nouns in plain words ("penguin", "pizza", "the moon"; English
    or Japanese), each "" for none. `words` are lettered on it ("" for none).
    """

    kind: InsetKind = "thought"
    who: str = ""
    thing: str = ""
    place: str = ""
    words: str = ""
    avatar: Avatar | None = None
    """How `who` looks, where it is one of the film's own people."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything visible in one beat. `seed` fixes every free choice of the drawing."""

    place: Place = "abstract"
    time_of_day: TimeOfDay = "day"
    shot: Shot = field(default_factory=Shot)
    figures: tuple[Figure, ...] = ()
    focus: str | None = None
    """Id of the figure the shot is about (the speaker, or who reacts)."""
    props: tuple[str, ...] = ()
    """Things that stand about, in plain words."""
    things: tuple[Prop, ...] = ()
    """States, places and owners, as far as action and line tell them, of those and of what is
    held."""
    lettering: str = ""
    """Exact text on a sign or board in the set, or ""."""
    inset: Inset | None = None
    arrangement: Arrangement = ""
    event: Event = ""
    subject: str = ""
    """The thing that the event happens to, in plain words."""
    look: Look = "flat"
    mood: str = ""
    """The beat's type ("reveal", "refusal", …): steers light and acting."""
    headroom: float = 0.0
    """Fraction of the height at the top that no face may enter (a title goes there)."""
    footroom: float | None = None
    """Fraction of the height at the bottom that no face may enter (captions go there); None for
    what captions take of a whole frame of its shape."""
    palette: int = 0
    """Number of the story's palette: the same for all scenes of one film."""
    seed: int = 0
    cutaway: Cutaway | None = None
    """What the camera shows for a moment of the clip, and no still does."""


@dataclass(frozen=True, slots=True)
class Cutaway:
    """A shot within the shot: an object, a screen, hands, a sign, a place, somebody's reaction.

    `at` is the share of the spoken line (of the clip, where nobody speaks) at which it begins.
    """

    shown: Scene
    at: float = 0.0
