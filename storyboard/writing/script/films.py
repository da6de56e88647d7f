"""From a script to the plans of its films: one, or as many episodes as it needs.

Episodes share people and places, by the same ids; each begins with its title and a line of its
own, and ends where a scene does, or at least a beat.

Knows: how long a short is, taste. Does not know: dialects, voices.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from storyboard.core.errors import UsageError
from storyboard.plan import Aspect, Canvas, Character, Hook, Language, Plan, Style, parse_plan
from storyboard.plan.languages import ABOUT, plain
from storyboard.plan.records import Music
from storyboard.writing import authors
from storyboard.writing.offline.draft import MOODS
from storyboard.writing.offline.idea import detect_language, read_idea
from storyboard.writing.offline.taste import IdeaRefused, admit, written_amiss
from storyboard.writing.script.beats import Story, Told, story_of
from storyboard.writing.script.elements import Script
from storyboard.writing.script.reading import Source, parse
from storyboard.writing.script.words import read_as

FORMAT = "script"
MOST_SPOKEN = 60.0
MOST_BEATS = 40
MOST_PEOPLE = 6
MOST_PLACES = 8
MID_SCENE = 0.1
"""What ending an episode within a scene costs, against episodes of unlike length."""
SHORT_LINE = 60
"""Characters of English in a hook's line."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One film that a script is told in."""

    source: Source
    title: str
    series: str
    """The title of the whole script."""


def cut_script(source: Source, language: Language | None, *, episodes: bool) -> list[Cut]:
    """The films of a script: itself, or its episodes.

    Raises:
        UsageError: it is too long for one short, and `episodes` are not asked for.
    """
    story = _story(source, language)
    if not (amiss := _too_much(story.told)):
        return [Cut(source, story.title, story.title)]
    count = len(_parts(story.told))
    if not episodes:
        raise UsageError(
            f"--script: {source.name} is too long for one short ({amiss}): --episodes cuts it "
            f"into {count}, or shorten it"
        )
    return [
        Cut(source.model_copy(update={"episode": n}), _title(story, n), story.title)
        for n in range(1, count + 1)
    ]


def write_plan(source: Source, language: Language | None, aspect: Aspect | None, seed: int) -> Plan:
    """The plan of a script, or of the episode of it that `source` names."""
    story = _story(source, language)
    number = source.episode
    told = story.told if number is None else _parts(story.told)[number - 1]
    title = story.title if number is None else _title(story, number)
    beats = [t.beat.model_copy(update={"index": n}) for n, t in enumerate(told, 1)]
    people = _people(told)
    places = {beat.setting for beat in beats}
    words = " ".join([title, *(beat.text for beat in beats)])
    tone = read_idea(words, read_as(story.language)).tone
    digest = int.from_bytes(hashlib.sha256(source.text.encode()).digest()[:4], "big")
    plan = Plan(
        idea=title,
        format=FORMAT,
        title=title,
        language=story.language,
        canvas=Canvas.of(aspect or "9:16"),
        style=Style(palette=digest % 1000, staging=(digest // 1000 + (number or 0)) % 1000),
        author=authors.SCRIPT,
        seed=seed,
        # A silent film of nobody has somebody in its cast as well.
        cast=[c for c in story.people if c.id in people] or list(story.people[:1]),
        settings=[place for place in story.places if place.id in places],
        hook=_hook(title, told, story.language),
        beats=beats,
        music=Music(mood=MOODS.get(tone, "playful")),  # pyright: ignore[reportArgumentType]
    )
    return parse_plan(plan.model_dump(mode="json"), source.name)


def company(plan: Plan, source: Source) -> Plan:
    """The plan with everybody of the script in it: cast so, all its episodes sound and look alike."""
    story = _story(source, plan.language)
    # Faces are chosen by the number of the staging too, which each episode has of its own.
    staging = (plan.style.staging - (source.episode or 0)) % 1000
    return plan.model_copy(
        update={
            "idea": story.title,
            "title": story.title,
            "cast": list[Character](story.people),
            "style": plan.style.model_copy(update={"staging": staging}),
        }
    )


def _story(source: Source, language: Language | None) -> Story:
    script = parse(source)
    spoken = "\n".join(line.text for line in script.lines)
    language = language or detect_language(spoken)
    _admit(source.name, script, language)
    return story_of(script, language)


def _admit(name: str, script: Script, language: Language) -> None:
    """
    Raises:
        IdeaRefused: no film is made of this.
    """
    admit(script.title, language, "explainer")
    for element in script.elements:
        if amiss := written_amiss([element.text], FORMAT):
            raise IdeaRefused(
                f"--script: {name}, line {element.at}: no film is made of this: {amiss}"
            )


def _people(told: Sequence[Told]) -> set[str]:
    return {id for t in told for id in (*t.beat.cast, *filter(None, [t.beat.speaker]))}


def _too_much(told: Sequence[Told]) -> str:
    """What of a stretch is more than a short holds; "" for nothing."""
    seconds = sum(t.seconds for t in told)
    people = _people(told) - {"narrator"}
    places = {t.beat.setting for t in told}
    found = (
        (seconds, MOST_SPOKEN, f"{seconds:.0f} s spoken of {MOST_SPOKEN:.0f}"),
        (len(told), MOST_BEATS, f"{len(told)} beats of {MOST_BEATS}"),
        (len(people), MOST_PEOPLE, f"{len(people)} people of {MOST_PEOPLE}"),
        (len(places), MOST_PLACES, f"{len(places)} places of {MOST_PLACES}"),
    )
    return ", ".join(words for count, most, words in found if count > most)


def _parts(told: Sequence[Told]) -> list[Sequence[Told]]:
    """As few episodes as can be, whole lines, of like length, ended with a scene where they can."""
    best: list[tuple[tuple[int, int, float], int]] = [((0, 0, 0.0), 0)]
    for end in range(1, len(told) + 1):
        options: list[tuple[tuple[int, int, float], int]] = []
        for start in range(end - 1, -1, -1):
            if _too_much(told[start:end]):
                break
            (count, broken, rough), _ = best[start]
            last = end == len(told)
            broken += not last and told[end].goes_on
            rough += (sum(t.seconds for t in told[start:end]) / MOST_SPOKEN) ** 2
            rough += MID_SCENE * (not last and told[end].scene == told[end - 1].scene)
            options.append(((count + 1, broken, rough), start))
        best.append(min(options))
    parts: list[Sequence[Told]] = []
    end = len(told)
    while end:
        start = best[end][1]
        parts.insert(0, told[start:end])
        end = start
    return parts


def _title(story: Story, number: int) -> str:
    part = f", part {number}" if story.language == "en" else f" ({number})"
    return story.title + part


def _hook(title: str, told: Sequence[Told], language: Language) -> Hook:
    """The title, and the strongest short line of the film, said by the narrator."""
    most = ABOUT[language].most(SHORT_LINE)
    # Not the first, which would be said twice in a row.
    lines = [t for t in told if t.beat.line][1:]
    short = [t for t in lines if len(t.beat.text) <= most]
    chosen = max(short, key=lambda t: _strength(t, t is lines[-1], most), default=None)
    shown = (chosen or told[0]).beat
    seen = [id for id in shown.cast if id == shown.speaker] or shown.cast
    return Hook(
        title=title,
        line=chosen.beat.line if chosen else "",
        setting=shown.setting,
        cast=seen[:2],
        expression=shown.expression if shown.expression != "neutral" else "surprised",
        duration=3.5,
    )


def _strength(told: Told, last: bool, most: int) -> float:
    """A question or an outcry before a statement, neither a word nor a speech, said with a face,
    and not how it ends."""
    text = plain(told.beat.line).rstrip("\"'”’」』)）")
    pressing = text.endswith(("?", "!", "？", "！"))
    face = told.beat.expression != "neutral"
    return pressing + 0.5 * face - 2 * abs(len(text) / most - 0.6) - 0.5 * last
