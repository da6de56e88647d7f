"""Writes the JSON Schema of a plan: `python -m storyboard.plan.schema [--check]`.

Editors that know the schema complete and check a `plan.json` while it is typed.

Knows: where the schema lies. Does not know: what is in it.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from storyboard.core.files import write_text
from storyboard.core.prompt_files import PROMPTS
from storyboard.plan.records import Plan

SCHEMA = PROMPTS / "schema" / "plan.schema.json"


def schema_text() -> str:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps({**head, **Plan.model_json_schema()}, ensure_ascii=False, indent=2) + "\n"


def is_current(path: Path) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == schema_text()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="storyboard.plan.schema", description="Write plan.schema.json"
    )
    parser.add_argument("--check", action="store_true", help="only say whether it is current")
    parser.add_argument("--out", type=Path, default=SCHEMA, help="file to write")
    options = parser.parse_args(arguments)
    if options.check:
        if is_current(options.out):
            return 0
        sys.stderr.write(f"{options.out} is out of date: run `python -m storyboard.plan.schema`\n")
        return 1
    write_text(options.out, schema_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
