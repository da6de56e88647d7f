"""Image prompts from the plan's records alone, without a language model.

One self-contained English paragraph of 80 to 220 words in the order that HiDream-O1 was
trained on: shot terms, the roles of the references, subjects, expression and pose,
composition, place and light, style and specs. A character's appearance is repeated in full every
time, since no picture knows another; what models get wrong has a clause of its own. Things are
said as they are to be, since whatever is named gets drawn.

Some sentences must be right: who is who, where, in which clothes, whose mouth is open, what a sign
reads. They are `fixed`: whoever words the rest anew (`prompter`) leaves them as they are.

Knows: plans and words. Does not know: models, files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from renderers.scene import Expression
from storyboard.plan import Beat, Character, Hook, InsetPlan, Plan, Setting, ShotPlan
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
from storyboard.plan.referred import Referred
from storyboard.writing.prompting.blocking import (
    POSITIONS,
    face_of,
    facing,
    layers,
    possessive,
    written_on,
)
from storyboard.writing.prompting.style import look
from storyboard.writing.prompting.terms import terms
from storyboard.writing.prompting.wording import (
    Picture,
    Sentence,
    fixed,
    paragraph,
    quotable,
    shot_of,
    shot_terms,
)

_KISS = re.compile(r"\bkiss(?:es|ing)?\b|\blips meet\b")
_NOT_LIPS = re.compile(r"\bcheek|\bhand|\bforehead|\bblow")
_LIPS = re.compile(r"[,;]?\s*(?:the |their )?lips meet[^.;]*")
_MOUTH = re.compile(r"[,;]?\s*(?:the |her |his |their )?(?:mouths?|lips)(?: is| are)? closed\b")
_STILL = (
    ("does not move", "keeps perfectly still"),
    ("without moving a hand", "both hands at rest"),
)
"""How formats say that nothing is done, and what is there to see of it."""
_BLURRED = ("close-up", "extreme close-up")
_WRITTEN = re.compile(
    r"(?i)\b(poster|menu|letter|newspaper|book|note|notebook|banner|poem|scroll|card|document|list)\b"
)


def prompt(plan: Plan, picture: Picture, references: Sequence[str] = ()) -> str:
    return paragraph(sentences(plan, picture, references))


def sentences(plan: Plan, picture: Picture, references: Sequence[str] = ()) -> tuple[Sentence, ...]:
    """What a prompt says, in its order."""
    told = [*_roles(plan, references)]
    match picture:
        case Beat():
            told += _beat(plan, picture)
        case Hook():
            told += _hook(plan, picture)
        case Setting():
            told += _base(plan, picture)
        case Character():
            told += _sheet(plan, picture)
    return (fixed(shot_terms(shot_of(picture))), *(t for t in told if t.text.strip()))


def _beat(plan: Plan, beat: Beat) -> Iterator[Sentence]:
    cast = [plan.character(id) for id in beat.cast]
    yield from _figures(plan, beat)
    yield from _clauses(cast, beat)
    if not is_kiss(beat):
        yield from (Sentence(text, 1) for text in facing(plan, beat))
    yield from _composition(plan, beat)
    yield from _place(plan.setting(beat.setting), beat.shot)
    yield from _shown(beat.inset)
    yield from look(plan, beat.shot, subtitles=True)


def _hook(plan: Plan, hook: Hook) -> Iterator[Sentence]:
    cast = [plan.character(id) for id in hook.cast]
    action = english(plan, hook.image_prompt)
    for character, place in zip(cast, POSITIONS.get(len(cast), ()), strict=True):
        yield _subject(character, place, hook.shot, len(cast) == 1, "mouth closed")
        face = terms().at_the_viewer.get(hook.expression) or terms().expressions[hook.expression]
        yield Sentence(f"{pronoun(character)} {face}")
        # The face has just been told in full.
        action = re.sub(rf"\b(looks) {hook.expression}\b,?", r"\1", action)
    if cast:
        yield Sentence(action or f"{pronoun(cast[0])} looks straight at the viewer")
    else:
        yield Sentence(action)
    near = cast and hook.shot.scale in _BLURRED
    yield Sentence(_title_room(hook))
    yield fixed(_people([character_name(c) for c in cast]))
    if cast and not near:
        yield Sentence(terms().scales[hook.shot.scale], 3)
    yield Sentence(terms().angles[hook.shot.angle], 4)
    yield from _place(plan.setting(hook.setting), hook.shot)
    yield from look(plan, hook.shot, subtitles=not near)


def _title_room(hook: Hook) -> str:
    if hook.cast and hook.shot.scale in _BLURRED:
        return terms().under_a_title
    return "The upper quarter of the frame is calm, even background, ready for a title"


def _base(plan: Plan, setting: Setting) -> Iterator[Sentence]:
    yield from _place(setting, shot_of(setting))
    yield fixed(_people([]))
    yield Sentence(
        "The whole place is seen from one side at standing height, straight lines upright, "
        "with wide open floor in the middle"
    )
    yield Sentence(
        "Near things frame the edges in the foreground, the open floor is the middle ground, and "
        "the far wall closes the background",
        1,
    )
    yield from look(plan, shot_of(setting))


def _sheet(plan: Plan, character: Character) -> Iterator[Sentence]:
    """The reference sheet: one figure from head to shoes before a plain wall."""
    shot = shot_of(character)
    yield _subject(character, "in the middle of the frame", shot, True, "mouth closed")
    yield Sentence(
        f"{pronoun(character)} stands upright and at ease, arms hanging loosely, feet a little apart"
    )
    yield Sentence("The face is calm and turned straight to the viewer")
    yield Sentence("Every hand is in view and has five fingers")
    yield fixed(_people([character_name(character)]))
    yield Sentence(
        "The background is a plain light grey studio wall in soft, even light from all sides"
    )
    yield Sentence("Hair, face and every piece of clothing are clear to the last detail", 1)
    yield from look(plan, None)


def in_any_shape(plan: Plan, picture: Beat | Hook) -> Iterator[Sentence]:
    """What a picture shows whatever its frame is: who is in it, and where."""
    if isinstance(picture, Hook):
        yield fixed(_title_room(picture))
    yield fixed(_people([character_name(plan.character(id)) for id in picture.cast]))
    yield from _place(plan.setting(picture.setting), picture.shot)


# --- who --------------------------------------------------------------------


def _roles(plan: Plan, references: Sequence[str]) -> Iterator[Sentence]:
    """ "Image 1 is …": the only place where a reference gets its meaning."""
    if not references:
        return
    named = [f"image {i} is {_role(plan, ref)}" for i, ref in enumerate(references, 1)]
    yield fixed(join(named))
    kinds = {Referred.of(reference).kind for reference in references}
    keep: list[str] = []
    if "beat" in kinds:
        keep.append("the camera and the place of that moment")
    if "setting" in kinds:
        keep.append("that place")
    if "character" in kinds:
        keep.append("those faces, hair and clothes")
    if keep:
        yield fixed(f"Keep {join(keep)} exactly")


def _role(plan: Plan, reference: str) -> str:
    kind, name = Referred.of(reference)
    match kind:
        case "setting":
            return f"the empty {short_place(plan.setting(name))}"
        case "character":
            return character_name(plan.character(name))
        case "beat":
            return "the moment just before"
        case _:
            return "a further reference"


def _subject(
    character: Character, place: str, shot: ShotPlan, alone: bool, mouth: str = ""
) -> Sentence:
    """Who it is, how they look, where they are and what their mouth does."""
    if alone and shot.scale == "extreme close-up":
        place = "near, the face large in the frame"
    return fixed(", ".join(part for part in (_who(character), f"is {place}", mouth) if part))


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
        return "The place is deserted, with free floor and free seats"
    if len(names) == 1:
        return f"Only {names[0]} is in the picture"
    number = {2: "two", 3: "three", 4: "four"}[len(names)]
    return f"Exactly {number} people are in the picture, {join(names)}"


# --- what they do -----------------------------------------------------------


def _figures(plan: Plan, beat: Beat) -> Iterator[Sentence]:
    """Everybody in frame: who it is, where and with which mouth, then what face and body do."""
    focus = beat.focus
    for id, place in zip(beat.cast, POSITIONS.get(len(beat.cast), ()), strict=True):
        character = plan.character(id)
        yield _subject(character, place, beat.shot, len(beat.cast) == 1, _mouth(beat, character))
        yield from (Sentence(text) for text in _doing(plan, beat, character, id == focus))
        if id == focus:
            yield from _props(beat, character)
    if focus is None:
        yield Sentence(_action(plan, beat))
        yield from _props(beat, None)


def _mouth(beat: Beat, character: Character) -> str:
    if beat.shot.orientation == "back view":
        return ""
    if character.id == beat.speaker:
        return f"speaking, {possessive(character)} mouth open in mid-word"
    # A silent beat has one sentence for all mouths.
    return "" if beat.silent else f"{possessive(character)} mouth closed"


def _doing(plan: Plan, beat: Beat, character: Character, leads: bool) -> Iterator[str]:
    """What the face and, of whoever the beat is about, the body do."""
    who = pronoun(character)
    own: Expression = beat.expression if leads else beat.reactions.get(character.id, "neutral")
    action = _action(plan, beat) if leads else ""
    back = beat.shot.orientation == "back view"
    face = "shows the back of the head" if back else face_of(own, action)
    verb = re.match(r"[a-z]+", face)
    if verb and re.match(rf"{verb[0]}\b", action):
        # "She freezes. She freezes in mid-step": one of them says both.
        yield f"{who} {action}{face[verb.end() :]}"
        return
    yield f"{who} {face}"
    first = action.partition(" ")[0].rstrip(",;")
    if re.fullmatch(r"[a-z]+[^s]s|passes|[a-z]*(ss|sh|ch|x)es", first):
        yield f"{who} {action}"
    else:
        yield action


def _action(plan: Plan, beat: Beat) -> str:
    """The beat's action; mouths and lips have sentences of their own."""
    action = _MOUTH.sub("", english(plan, beat.action))
    for denied, seen in _STILL:
        action = action.replace(denied, seen)
    if is_kiss(beat):
        action = _LIPS.sub("", action)
    return action.strip(" .,;")


def _props(beat: Beat, focus: Character | None) -> Iterator[Sentence]:
    lettered = dict(written_on(beat.props))
    props = [re.sub(r'\s*["“”].*$', "", prop) for prop in beat.props]
    unsaid = [prop for prop in props if prop.lower() not in beat.action.lower()]
    if unsaid and focus and unsaid[0] == props[0]:
        yield Sentence(f"{pronoun(focus)} holds {indefinite(unsaid.pop(0))} in one hand")
    if unsaid:
        yield Sentence(f"In plain view: {join([indefinite(prop) for prop in unsaid])}")
    for thing, words in lettered.items():
        yield fixed(f'The {thing} reads exactly "{words}", in large even letters')
    for prop in props:
        if prop not in lettered and _WRITTEN.search(prop):
            yield Sentence(f"The written side of the {prop} is turned away from the camera", 1)


def is_kiss(beat: Beat) -> bool:
    """Two people kiss on the lips: what image models put on the cheek unless told."""
    said = f"{beat.type.replace('_', ' ')}. {beat.action}".lower()
    return len(beat.cast) == 2 and bool(_KISS.search(said)) and not _NOT_LIPS.search(said)


def _clauses(cast: Sequence[Character], beat: Beat) -> Iterator[Sentence]:
    """What models get wrong unless it is said in so many words."""
    names = [character_name(character) for character in cast]
    if is_kiss(beat):
        yield fixed(
            "Their closed lips meet exactly at the centre of the frame, mouth on mouth, the two heads "
            "in profile with their noses side by side"
        )
        if all(character.age in ("adult", "elder") for character in cast):
            yield fixed("Both are grown adults, fully clothed")
    elif beat.silent and names and beat.shot.orientation != "back view":
        who = f"{names[0]}'s mouth stays closed" if len(names) == 1 else "All mouths stay closed"
        yield fixed(f"{who}, lips together")
    if names and beat.shot.scale != "extreme close-up":
        yield Sentence("Each visible hand has exactly five fingers", 1)
    yield fixed(_people(names))


# --- where and how ----------------------------------------------------------


def _composition(plan: Plan, beat: Beat) -> Iterator[Sentence]:
    # The shot terms say it already: in words it helps, and goes first.
    angle = Sentence(terms().angles[beat.shot.angle], 4)
    if not beat.cast:
        yield Sentence("The view takes in the whole place", 2)
        yield angle
        yield Sentence(layers(plan, beat), 2)
        return
    frame = terms().scales[beat.shot.scale]
    if "close-up" in beat.shot.scale and beat.props:
        frame += f", with the {beat.props[0]} large in front"
    yield Sentence(frame, 3)
    yield angle
    if beat.shot.scale != "extreme close-up":
        yield Sentence(layers(plan, beat), 2)


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
        yield fixed(_sign(setting, shot))
    else:
        yield Sentence("Walls and things have plain surfaces", 3)
    yield Sentence(f"The light: {terms().light[setting.time_of_day]}", 1)


def _sign(setting: Setting, shot: ShotPlan) -> str:
    """What a sign reads, on what, in which hand, and where."""
    where, what, letters = terms().signs[setting.place]
    if not setting.lettering.isascii():
        letters = letters.replace("letters", "characters")
    if shot.scale in _BLURRED:
        where = f"small and far behind, {where}"
    return f'{where} is {what} that reads exactly "{quotable(setting.lettering)}" in {letters}, the only lettering in view'


def _shown(inset: InsetPlan | None) -> Iterator[Sentence]:
    """A poster, a television or a phone that shows what the line speaks of; thoughts are not seen."""
    if inset is None or inset.kind == "thought":
        return
    seen = join([indefinite(what) for what in (inset.thing, inset.place) if what] or [inset.who])
    where = "In one hand is" if inset.kind == "phone" else "On the wall behind is"
    if seen:
        yield Sentence(f"{where} a {inset.kind} that shows {seen}")
    if inset.words:
        yield fixed(
            f'{where} a {inset.kind} that reads exactly "{quotable(inset.words)}" in bold even letters'
        )


def letterings(plan: Plan, picture: Picture) -> list[str]:
    """Everything that can be read in a picture."""
    if isinstance(picture, Character):
        return []
    place = picture if isinstance(picture, Setting) else plan.setting(picture.setting)
    found = [place.lettering]
    if isinstance(picture, Beat):
        found += [words for _, words in written_on(picture.props)]
        if picture.inset is not None and picture.inset.kind != "thought":
            found.append(picture.inset.words)
    return [quotable(words) for words in found if words]
