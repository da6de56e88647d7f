"""The cast library: a folder in which a series keeps its faces from film to film.

    DIR/kenta/sheet.png         the reference sheet, as it was drawn once
    DIR/kenta/character.json    who that is, and what the sheet shows

A character of the same name is drawn from its sheet: as it is while looks and style are the
same, else as the one reference of a new sheet, so that another coat keeps the face.

Knows: the folder, who counts as the same. Does not know: how a sheet is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from storyboard.core.directory import Directory
from storyboard.core.errors import UsageError
from storyboard.core.files import disk_errors, dump_json, read_json, slugify
from storyboard.plan import Character, Plan
from storyboard.plan.naming import character_name

SHEET, RECORD = "sheet.png", "character.json"
_LOOKS = {"name", "age", "presentation", "appearance", "wardrobe"}


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """One kept character. `same`: the sheet shows just what the plan asks for."""

    sheet: Path
    same: bool


@dataclass(frozen=True, slots=True)
class CastLibrary:
    folder: Path

    def find(self, plan: Plan, character: Character) -> LibraryEntry | None:
        """The kept sheet of this character's namesake; None for somebody new.

        Raises:
            UsageError: the entry is there but cannot be read.
        """
        home = self._home(character)
        if not (home / SHEET).is_file():
            return None
        try:
            record = read_json(home / RECORD)
        except (OSError, ValueError) as error:
            raise UsageError(
                f"--cast-library: {home / RECORD} cannot be read ({error}); "
                "mend it, or remove the folder to have the sheet drawn anew"
            ) from None
        return LibraryEntry(home / SHEET, record == _record(plan, character))

    def keep(self, plan: Plan, sheets: Path) -> list[str]:
        """Take in the sheets (`cast_ID.png`) of those who are new; returns their names.

        A kept face is never replaced: to change it, remove its folder.
        """
        names: list[str] = []
        for character in plan.cast:
            sheet, home = sheets / f"cast_{character.id}.png", self._home(character)
            if character.references or (home / SHEET).exists() or not sheet.is_file():
                continue
            with disk_errors("keeping the cast"):
                kept = Directory(self.folder).sub(home.name)
                kept.write(RECORD, dump_json(_record(plan, character)))
                kept.copy(sheet, SHEET)
            names.append(character.name)
        return names

    def _home(self, character: Character) -> Path:
        return self.folder / slugify(character_name(character))


def _record(plan: Plan, character: Character) -> dict[str, str]:
    looks = character.model_dump(mode="json", include=_LOOKS)
    return {**looks, "style": plan.style.description}
