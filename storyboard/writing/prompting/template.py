"""Image prompts from the plan's records alone, without a language model.

One self-contained English paragraph of 80 to 220 words in the order that HiDream-O1 was
trained on: shot terms, the roles of the references, subjects, expression and pose,
composition, place and light, style. A character's appearance is repeated in full every
time, since no picture knows another; what models get wrong has a clause of its own.

Knows: plans and words. Does not know: models, files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from storyboard.plan import Beat, Character, Hook, Plan, Setting, ShotPlan, Style
from storyboard.plan.naming import (
    character_name,
    english,
    indefinite,
    join,
    noun,
    place_name,
    pronoun,
    short_place,
)
from storyboard.writing.prompting.terms import terms

MIN_WORDS, MAX_WORDS = 80, 220
_KISS = re.compile(r"\bkiss(?:es|ing)?\b|\blips meet\b")
_NOT_LIPS = re.compile(r"\bcheek|\bhand|\bforehead|\bblow")
_LIPS = re.compile(r"[,;]?\s*(?:the |their )?lips meet[^.;]*")
_MOUTH = re.compile(r"[,;]?\s*(?:the |her |his |their )?(?:mouths?|lips)(?: is| are)? closed\b")
_BLURRED = ("close-up", "extreme close-up")
_POSITIONS = {
    1: ("in the middle of the frame",),
    2: ("on the left", "on the right"),
    3: ("on the left", "in the middle", "on the right"),
    4: ("on the far left", "left of the middle", "right of the middle", "on the far right"),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. `rank` 0 is never left out; the highest goes first when space is short."""

    text: str
    rank: int = 0


def beat_prompt(plan: Plan, beat: Beat, references: Sequence[str] = ()) -> str:
    cast = [plan.character(id) for id in beat.cast]
    setting = plan.setting(beat.setting)
    return _paragraph(
        Sentence(shot_terms(beat.shot)),
        *_roles(plan, references),
        *_figures(plan, beat),
        *_clauses(cast, beat),
        *_composition(cast, beat.shot, beat.props),
        *_place(setting, beat.shot),
        *_look(plan.style, plan),
    )


def hook_prompt(plan: Plan, hook: Hook, references: Sequence[str] = ()) -> str:
    cast = [plan.character(id) for id in hook.cast]
    names = [character_name(character) for character in cast]
    face = f"{terms().expressions[hook.expression]}, mouth closed"
    figures: list[Sentence] = []
    for character, place in zip(cast, _POSITIONS.get(len(cast), ()), strict=True):
        figures.append(_subject(character, place, hook.shot, len(cast) == 1))
        figures.append(Sentence(f"{pronoun(character)} {face}"))
    return _paragraph(
        Sentence(shot_terms(hook.shot)),
        *_roles(plan, references),
        *figures,
        Sentence(english(plan, hook.image_prompt)),
        Sentence("The upper quarter of the frame is calm background, room for a title above"),
        Sentence(_people(names)),
        *_composition(cast, hook.shot),
        *_place(plan.setting(hook.setting), hook.shot),
        *_look(plan.style, plan),
    )


def setting_prompt(plan: Plan, setting: Setting) -> str:
    shot = ShotPlan(scale="extreme full shot")
    return _paragraph(
        Sentence(shot_terms(shot)),
        *_place(setting, shot),
        Sentence(_people([])),
        Sentence(
            "The whole place is seen from one side at standing height, straight lines upright, "
            "with open floor in the middle where people will stand"
        ),
        Sentence("Near things frame the edges, and the far wall closes the view", 1),
        *_look(plan.style, plan),
    )


def character_prompt(plan: Plan, character: Character, references: Sequence[str] = ()) -> str:
    """The reference sheet: one figure from head to shoes before nothing."""
    shot, name = ShotPlan(scale="full shot"), character_name(character)
    return _paragraph(
        Sentence(shot_terms(shot)),
        *_roles(plan, references),
        _subject(character, "in the middle of the frame", shot, alone=True),
        Sentence(
            f"{pronoun(character)} stands upright and at ease, arms hanging loosely, feet a little apart"
        ),
        Sentence("The face is calm and turned straight to the viewer, mouth closed"),
        Sentence("Every hand is visible and has five fingers"),
        Sentence(_people([name])),
        Sentence("The background is a plain light grey studio wall in even, shadowless light"),
        Sentence("Hair, face and every piece of clothing are clear to the last detail", 1),
        *_look(plan.style, plan),
    )


def shot_terms(shot: ShotPlan) -> str:
    return f"{shot.scale}, {shot.angle}, {shot.orientation}"


def words(text: str) -> int:
    return len(text.split())


# --- who --------------------------------------------------------------------


def _roles(plan: Plan, references: Sequence[str]) -> Iterator[Sentence]:
    """ "Image 1 is …": the only place where a reference gets its meaning."""
    if not references:
        return
    named = [f"image {i} is {_role(plan, ref)}" for i, ref in enumerate(references, 1)]
    yield Sentence(join(named))
    kinds = {reference.partition(":")[0] for reference in references}
    keep: list[str] = []
    if "beat" in kinds:
        keep.append("the camera and the place of that moment")
    if "setting" in kinds:
        keep.append("that place")
    if "character" in kinds:
        keep.append("those faces, hair and clothes")
    if keep:
        yield Sentence(f"Keep {join(keep)} exactly")


def _role(plan: Plan, reference: str) -> str:
    kind, _, name = reference.partition(":")
    match kind:
        case "setting":
            return f"the empty {short_place(plan.setting(name))}"
        case "character":
            return character_name(plan.character(name))
        case "beat":
            return "the moment just before"
        case _:
            return "a further reference"


def _subject(character: Character, place: str, shot: ShotPlan, alone: bool) -> Sentence:
    if alone and shot.scale == "extreme close-up":
        place = "so near that the face fills the frame"
    return Sentence(f"{_who(character)}, is {place}")


def _who(character: Character) -> str:
    looks = character.appearance.rstrip(". ")
    parts = [character_name(character)]
    if not re.match(r"(?i)(an?|the)\s", looks):
        parts.append(indefinite(noun(character)))
    parts.append(looks)
    clothes = character.wardrobe.rstrip(". ")
    if clothes:
        worn = re.match(r"(?i)(wear(s|ing)|dressed|in)\s", clothes)
        parts.append(clothes if worn else f"wearing {clothes}")
    return ", ".join(part for part in parts if part)


def _people(names: Sequence[str]) -> str:
    if not names:
        return "The place is empty of people"
    if len(names) == 1:
        return f"Only {names[0]} is in the picture, nobody else"
    number = {2: "two", 3: "three", 4: "four"}[len(names)]
    return f"Exactly {number} people are in the picture, {join(names)}, each of them once"


# --- what they do -----------------------------------------------------------


def _figures(plan: Plan, beat: Beat) -> Iterator[Sentence]:
    """Everybody in frame: who it is and where, then what face and body do."""
    focus = beat.speaker if beat.speaker in beat.cast else next(iter(beat.cast), None)
    for id, place in zip(beat.cast, _POSITIONS.get(len(beat.cast), ()), strict=True):
        character = plan.character(id)
        yield _subject(character, place, beat.shot, len(beat.cast) == 1)
        yield Sentence(f"{pronoun(character)} {_face(beat, id, focus)}")
        if id == focus:
            yield Sentence(_action(plan, beat, character))
            yield from (Sentence(text) for text in _props(beat, character))
    if focus is None:
        yield Sentence(_action(plan, beat, None))
        yield from (Sentence(text) for text in _props(beat, None))


def _face(beat: Beat, id: str, focus: str | None) -> str:
    if beat.shot.orientation == "back view":
        return "shows only the back of the head, the face hidden"
    own = beat.expression if id == focus else beat.reactions.get(id, "neutral")
    face = terms().expressions[own]
    if id == beat.speaker:
        return f"{face}, speaking, mouth open in mid-word"
    # A silent beat has one sentence for all mouths.
    return face if beat.silent else f"{face}, mouth closed"


def _action(plan: Plan, beat: Beat, focus: Character | None) -> str:
    """The beat's action as a sentence; mouths and lips have sentences of their own."""
    action = _MOUTH.sub("", english(plan, beat.action))
    if is_kiss(beat):
        action = _LIPS.sub("", action)
    action = action.strip(" .,;")
    first = action.partition(" ")[0].rstrip(",;")
    if focus and re.fullmatch(r"[a-z]+[^s]s|passes|[a-z]*(ss|sh|ch|x)es", first):
        return f"{pronoun(focus)} {action}"
    return action


def _props(beat: Beat, focus: Character | None) -> Iterator[str]:
    unsaid = [prop for prop in beat.props if prop.lower() not in beat.action.lower()]
    if unsaid and focus and unsaid[0] == beat.props[0]:
        yield f"{pronoun(focus)} holds {indefinite(unsaid.pop(0))} in one hand"
    if unsaid:
        yield f"In plain view: {join([indefinite(prop) for prop in unsaid])}"


def is_kiss(beat: Beat) -> bool:
    """Two people kiss on the lips: what image models put on the cheek unless told."""
    said = f"{beat.type.replace('_', ' ')}. {beat.action}".lower()
    return len(beat.cast) == 2 and bool(_KISS.search(said)) and not _NOT_LIPS.search(said)


def _clauses(cast: Sequence[Character], beat: Beat) -> Iterator[Sentence]:
    """What models get wrong unless it is said in so many words."""
    names = [character_name(character) for character in cast]
    if is_kiss(beat):
        yield Sentence(
            "Their closed lips meet exactly at the centre of the frame, mouth on mouth and never on the "
            "cheek, the two heads in profile with their noses side by side"
        )
        if all(character.age in ("adult", "elder") for character in cast):
            yield Sentence("Both are grown adults, fully clothed")
    elif beat.silent and names and beat.shot.orientation != "back view":
        who = f"{names[0]}'s mouth stays closed" if len(names) == 1 else "all mouths stay closed"
        yield Sentence(f"Nobody speaks: {who}, lips together")
    if names and beat.shot.scale != "extreme close-up":
        yield Sentence("Each visible hand has exactly five fingers", 1)
    yield Sentence(_people(names))


# --- where and how ----------------------------------------------------------


def _composition(
    cast: Sequence[Character], shot: ShotPlan, props: Sequence[str] = ()
) -> Iterator[Sentence]:
    angle = terms().angles[shot.angle]
    if not cast:
        yield Sentence(f"The view takes in the whole place; {angle}", 2)
        return
    frame = terms().scales[shot.scale]
    if "close-up" in shot.scale and props:
        frame += f", with the {props[0]} large in front"
    seen = terms().orientations[shot.orientation]
    if len(cast) == 2 and shot.orientation == "side view":
        seen += ", face to face"
    verb = "is" if len(cast) == 1 else "are"
    names = join([character_name(character) for character in cast])
    yield Sentence(frame, 2)
    # The shot terms say it already: in words it helps, and goes first.
    yield Sentence(f"{angle}, and {names} {verb} seen {seen}", 3)


def _place(setting: Setting, shot: ShotPlan) -> Iterator[Sentence]:
    when = {"morning": "in the morning", "day": "by day"}.get(
        setting.time_of_day, "at night" if setting.time_of_day == "night" else "in the evening"
    )
    what = setting.description.rstrip(". ") or terms().places[setting.place]
    start = "Behind, out of focus, is" if shot.scale in _BLURRED else "The place is"
    yield Sentence(f"{start} {indefinite(place_name(setting))} {when}: {what}")
    if setting.props:
        things = join([indefinite(prop) for prop in setting.props])
        verb = "stands" if len(setting.props) == 1 else "stand"
        yield Sentence(f"{things} {verb} in the background", 1)
    if setting.lettering:
        # Double quotes mark what is to be written; one inside would end it.
        quoted = setting.lettering.replace('"', "'")
        where = "Small in the background" if shot.scale in _BLURRED else "In the background"
        yield Sentence(f'{where} a sign reads exactly "{quoted}", the only lettering in view')
    else:
        yield Sentence("Walls and things are plain and free of lettering", 3)
    yield Sentence(f"The light: {terms().light[setting.time_of_day]}", 1)


def _look(style: Style, plan: Plan) -> Iterator[Sentence]:
    yield Sentence(f"Style: {style.description.rstrip('. ') or terms().default_style}")
    shape = {"9:16": "upright 9:16", "16:9": "wide 16:9", "1:1": "square"}[plan.canvas.aspect]
    yield Sentence(f"One single {shape} picture without borders or panels", 2)
    yield Sentence("The lowest fifth of the frame stays calm, for subtitles", 2)
    yield Sentence("Everything is in sharp, fine detail", 4)


def _paragraph(*sentences: Sentence) -> str:
    """The sentences as one paragraph, the least important left out beyond `MAX_WORDS`."""
    kept = [s for s in sentences if s.text.strip()]
    while sum(words(s.text) for s in kept) > MAX_WORDS:
        rank = max(s.rank for s in kept)
        if rank == 0:
            break  # the records alone are that long, and they are repeated in full
        last = max(i for i, s in enumerate(kept) if s.rank == rank)
        del kept[last]
    texts = [" ".join(s.text.split()).rstrip(".") for s in kept]
    # The shot terms stay in lower case, as the model was trained on them.
    return ". ".join(t[:1].upper() + t[1:] if i else t for i, t in enumerate(texts)) + "."
