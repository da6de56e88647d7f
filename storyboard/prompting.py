"""Image prompts from the plan's records alone, without a language model.

One self-contained English paragraph in the order that HiDream-O1 was trained on: shot
terms, subject, expression and action, place and light, style. A character's appearance
is repeated in full every time, since no picture knows another.

Knows: plans and words. Does not know: models, references, pictures.
"""

from __future__ import annotations

from storyboard.plan import Beat, Character, Hook, Plan, Setting, ShotPlan

_DEFAULT_STYLE = "cinematic photograph, natural skin, soft practical light, shallow depth of field"


def beat_prompt(plan: Plan, beat: Beat) -> str:
    subjects = [_subject(plan.character(id)) for id in beat.cast]
    focus = beat.speaker if beat.speaker in beat.cast else next(iter(beat.cast), None)
    faces = [
        f"{plan.character(id).name} looks "
        f"{beat.expression if id == focus else beat.reactions.get(id, 'neutral')}, "
        + ("speaking, mouth open" if id == beat.speaker else "mouth closed")
        for id in beat.cast
    ]
    return _paragraph(
        _shot(beat.shot),
        *subjects,
        *faces,
        beat.action,
        f"In view: {', '.join(beat.props)}" if beat.props else "",
        _place(plan.setting(beat.setting)),
        _people(len(beat.cast)),
        _style(plan),
    )


def hook_prompt(plan: Plan, hook: Hook) -> str:
    return _paragraph(
        _shot(hook.shot),
        hook.image_prompt,
        *(_subject(plan.character(id)) for id in hook.cast),
        f"The expression is {hook.expression}, mouth closed",
        _place(plan.setting(hook.setting)),
        "The top quarter of the frame is calm and empty",
        _style(plan),
    )


def setting_prompt(plan: Plan, setting: Setting) -> str:
    return _paragraph(
        "extreme full shot, eye-level, front view", _place(setting), _people(0), _style(plan)
    )


def character_prompt(plan: Plan, character: Character) -> str:
    return _paragraph(
        "full shot, eye-level, front view",
        _subject(character),
        "Standing upright, arms relaxed, neutral expression, mouth closed",
        "Plain light grey studio background",
        _style(plan),
    )


def _shot(shot: ShotPlan) -> str:
    return f"{shot.scale}, {shot.angle}, {shot.orientation}"


def _subject(character: Character) -> str:
    who = f"{character.name}, {character.age} {character.presentation} person"
    looks = ", ".join(text for text in (character.appearance, character.wardrobe) if text)
    return f"{who}: {looks}" if looks else who


def _place(setting: Setting) -> str:
    text = f"The place is {setting.name} ({setting.place}), {setting.time_of_day}"
    if setting.description:
        text += f": {setting.description}"
    if setting.lettering:
        quoted = setting.lettering.replace('"', "'")
        text += f'. A sign reads exactly "{quoted}"'
    return text


def _people(count: int) -> str:
    return "Nobody is in the picture" if count == 0 else f"Exactly {count} in the picture"


def _style(plan: Plan) -> str:
    return plan.style.description or _DEFAULT_STYLE


def _paragraph(*sentences: str) -> str:
    kept = [s.strip().rstrip(".") for s in sentences if s.strip()]
    return ". ".join(s[:1].upper() + s[1:] if i else s for i, s in enumerate(kept)) + "."
