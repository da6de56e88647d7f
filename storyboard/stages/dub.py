"""A film in another language, in a folder of its own beside the first: what both have is shared.

Knows: folders, sessions, which voices there are. Does not know: how lines are translated, how a
film is made.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from renderers.base import ChatBackend, FetchesVoices, KnowsLanguages
from renderers.tts.voices import added
from storyboard.core import events
from storyboard.core.errors import UsageError
from storyboard.core.files import read_given, read_json
from storyboard.core.lock import exclusive
from storyboard.graph.display import Display
from storyboard.graph.folder import RunFolder, existing, folder_for_out
from storyboard.graph.session import Session, in_session
from storyboard.plan import Language, Plan, load_plan
from storyboard.plan.casting import cast_plan
from storyboard.plan.languages import ABOUT
from storyboard.plan.timeline import segment_plans
from storyboard.profile import load_profile
from storyboard.profile.backends import Backends
from storyboard.stages.another_version import Foreseen, foreseen, lay_version
from storyboard.stages.render_request import RenderRequest
from storyboard.stages.speech import speech_name
from storyboard.writing import dubbing
from storyboard.writing.dubbing import Row


@dataclass(frozen=True, slots=True)
class Dub:
    """One film, the language that it gets, and where that one goes."""

    source: RunFolder
    to: Language
    request: RenderRequest
    """Profile, overrides, folders that may be used."""
    out: Path | None = None
    table: Path | None = None

    @property
    def target(self) -> RunFolder:
        path = self.source.path.resolve()
        return folder_for_out(self.out or path.with_name(f"{path.name}-{self.to}"))


def begin(
    run: Path, to: Language, request: RenderRequest, out: Path | None, table: Path | None
) -> Dub:
    """
    Raises:
        UsageError: no film is there, or it speaks that language already.
    """
    dub = Dub(existing(run, "RUN"), to, request, out, table)
    if load_plan(dub.source.plan).language == to:
        raise UsageError(f"--to {to}: {run} is in {ABOUT[to].name} already")
    return dub


def rows(dub: Dub) -> tuple[Row, ...]:
    """What of the film is translated, with the characters that the time of each line holds."""
    plan = load_plan(dub.source.plan)
    return dubbing.rows_of(plan, dub.to, _spoken(dub.source, plan))


def written(dub: Dub, display: Display, *, session: Session | None = None) -> RenderRequest:
    """Translate the film and leave its plan in the new folder; the request that makes it.

    A folder that has the plan already is left as it is: `dub` again goes on.

    Raises:
        UsageError: no table and no language model, or a translation that does not hold up.
    """
    request, target = dub.request, dub.target
    if target.plan.is_file():
        return request.version(target.path)
    plan = load_plan(dub.source.plan)
    profile = load_profile(request.profile, request.overrides)
    with ExitStack() as taken:
        session = taken.enter_context(in_session(session))
        backends = taken.enter_context(session.backends(profile))
        _refuse_early(dub, backends)
        target.open()
        taken.enter_context(exclusive(target.path))
        log = events.EventLog(target.events, display)
        backends.attach(log)

        def tell(text: str) -> None:
            log.emit(events.Noted("dub", text))

        awake = partial(session.perform, backends.profile, "chat", log)
        said = _said(dub, backends, awake, tell)
        voices = backends.speech.voices(dub.to)
        new = dubbing.dubbed(plan, said, dub.to, [voice.name for voice in voices])
        # Settled with the plan, as a new film's are.
        cast = cast_plan(new, voices)
        voiced = [
            character.model_copy(update={"voice": chosen.voice})
            for character, chosen in zip(new.cast, cast.cast, strict=True)
        ]
        new = new.model_copy(update={"cast": voiced, "narrator": cast.narrator})
        for words in dubbing.lettering(plan):
            log.emit(events.Warned("dub", f"{words} stays in {ABOUT[plan.language].name}"))
        return lay_version(dub.source, target, new, request, language=dub.to)


def explained(dub: Dub) -> list[Foreseen]:
    """What would be made anew; lines not translated yet stand for their translations."""
    plan = load_plan(dub.source.plan)
    found = rows(dub)
    said = {row.key: row.text for row in found}
    if dub.table is not None:
        said = _read(dub, found)
    request = dub.request
    with Backends(load_profile(request.profile, request.overrides)) as backends:
        voices = [voice.name for voice in backends.speech.voices(dub.to)]
    new = dubbing.dubbed(plan, said, dub.to, voices)
    return foreseen(dub.source, {dub.target: new}, request)


def _refuse_early(dub: Dub, backends: Backends) -> None:
    """
    Raises:
        UsageError: nobody translates the lines, or nobody could say them: told before a folder
            is made or a model asked.
    """
    if dub.table is not None:
        _read(dub, rows(dub))
    elif backends.chat is None:
        raise UsageError(
            f"profile {backends.profile.name} has no language model to translate with: give it a "
            "[chat], or translate by hand: --export FILE.csv, then --table FILE.csv"
        )
    speech, to = backends.speech, dub.to
    if isinstance(speech, FetchesVoices):
        speech.fetch_voices(to, lambda _: None)
    if isinstance(speech, KnowsLanguages) and to not in speech.languages:
        way = f"{added(to)}, or " if added(to) else ""
        raise UsageError(
            f"--to {to}: {speech.name} does not speak {ABOUT[to].name} (it speaks "
            f"{', '.join(speech.languages)}): {way}take a profile whose [speech] does"
        )


def _said(
    dub: Dub,
    backends: Backends,
    awake: Callable[[Callable[[], dict[str, str]]], dict[str, str]],
    tell: Callable[[str], None],
) -> dict[str, str]:
    found = rows(dub)
    if dub.table is not None:
        return _read(dub, found)
    chat: ChatBackend | None = backends.chat
    assert chat is not None, "refused before"
    seed = load_plan(dub.source.plan).seed
    return awake(lambda: dubbing.translated(found, dub.to, chat, tell, seed))


def _read(dub: Dub, found: tuple[Row, ...]) -> dict[str, str]:
    assert dub.table is not None
    return dubbing.read_table(read_given(dub.table, "--table"), found, dub.to, str(dub.table))


def _spoken(folder: RunFolder, plan: Plan) -> dict[int, float]:
    """How long each line was spoken, where it was."""
    found: dict[int, float] = {}
    for part in segment_plans(plan):
        take = folder.path / "audio" / f"{speech_name(part.index, part.slug)[7:]}.json"
        if part.line and take.is_file():
            found[part.index] = float(read_json(take)["seconds"])
    return found
