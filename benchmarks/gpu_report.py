"""A day at a card as a page and a picture.

Knows: tables, bars. Does not know: what the figures mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont


def markdown(report: dict[str, Any]) -> list[str]:
    """The report in lines of Markdown."""
    machine = report.get("machine", {}).get("machine", "an unknown machine")
    lines = [f"# The engine on {machine}", ""]
    if report["dry_run"]:
        lines += ["A dry run with a tiny model: no figure here means anything.", ""]
    for name, answer in report.items():
        if name == "dry_run":
            continue
        lines += [f"## {name}", ""]
        if name == "sizes" and "rows" in answer:
            lines += _table(answer["rows"])
        elif name == "attention" and "kernels" in answer:
            lines += [*_table(answer["kernels"]), ""]
            lines += [
                line
                for key, value in answer.get("step_seconds", {}).items()
                for line in _item(f"a step, {key}", value)
            ]
        else:
            lines += [line for key, value in answer.items() for line in _item(key, value)]
        lines.append("")
    return lines


def _table(rows: Sequence[dict[str, Any]]) -> list[str]:
    names = [name for name in rows[0] if name != "other_seconds"]
    lines = ["| " + " | ".join(name.replace("_", " ") for name in names) + " |"]
    lines.append("|---" * len(names) + "|")
    lines += ["| " + " | ".join(_short(row[name]) for name in names) + " |" for row in rows]
    return lines


def _item(key: str, value: Any) -> list[str]:
    if isinstance(value, list):
        return [f"{key}:", "", *(str(each) for each in value), ""]
    if isinstance(value, dict):
        inner = ", ".join(f"{name} {_short(item)}" for name, item in value.items())
        return [f"- {key}: {inner}"]
    return [f"- {key}: {_short(value)}"]


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)


def draw_bars(rows: Sequence[dict[str, Any]]) -> Image.Image:
    """Share of the matmul ceiling by size and references, as bars."""
    font = ImageFont.load_default(16)
    image = Image.new("RGB", (900, 40 + 34 * len(rows)), "white")
    draw = ImageDraw.Draw(image)
    for index, row in enumerate(rows):
        top = 20 + 34 * index
        label = f"{row['side']} px, {row['references']} references"
        draw.text((20, top + 4), label, fill="black", font=font)
        draw.rectangle((250, top, 750, top + 24), outline=(170, 170, 170))
        share = min(1.0, row["of_matmul_ceiling"])
        draw.rectangle((250, top, 250 + int(500 * share), top + 24), fill=(88, 148, 214))
        text = f"{row['of_matmul_ceiling']:.0%}, {row['step_seconds']:.3f} s"
        draw.text((762, top + 4), text, fill="black", font=font)
    return image
