"""Another name for a character changes what is read and said of them, and no picture."""

from __future__ import annotations

from pathlib import Path

from tiny_films import made, tiny_plan, tiny_run, tones

from storyboard.core.events import StepStarted, read_events
from storyboard.plan import dump_plan, load_plan


def renamed(text: str, new: dict[str, str]) -> str:
    for name, instead in new.items():
        text = text.replace(name, instead)
    return text


def test_renaming_a_character_draws_nothing_anew(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "run", tiny_plan("Two friends and one umbrella", 1, hook=None))
    made(tones(run))
    before = len(list(read_events(run / "events.jsonl")))
    plan = load_plan(run / "plan.json")
    new = dict(zip((who.name for who in plan.cast), ("Zelda", "Quentin", "Ottoline"), strict=False))
    cast = [who.model_copy(update={"name": new[who.name]}) for who in plan.cast]
    # Whoever renames does so in what is said, too: who has what in hand is read there.
    beats = [
        beat.model_copy(
            update={"action": renamed(beat.action, new), "line": renamed(beat.line, new)}
        )
        for beat in plan.beats
    ]
    plan = plan.model_copy(update={"cast": cast, "beats": beats})
    (run / "plan.json").write_text(dump_plan(plan), "utf-8")
    made(tones(run))
    log = list(read_events(run / "events.jsonl"))[before:]
    assert log
    started = {event.step for _, event in log if isinstance(event, StepStarted)}
    assert not {name for name in started if name.startswith("images/")}
