"""The pages that tell of the commands tell the truth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storyboard.cli.reference import reference

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_reference_is_that_of_the_commands() -> None:
    page = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    assert page == reference(), "run: make reference"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    lost = [link for link in links if not (page.parent / link).exists()]
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_that_a_page_names_exist(page: Path) -> None:
    known = set(re.findall(r"--[a-z][a-z0-9-]*", reference()))
    text = page.read_text(encoding="utf-8")
    named = {
        option
        for line in re.findall(r"^(?:storyboard|python -m storyboard\.\w+) .*$", text, re.M)
        # A worker has options of its own, which are passed on.
        if not line.startswith("storyboard worker run")
        for option in re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", line.partition("#")[0])
    }
    assert named - known == set()
