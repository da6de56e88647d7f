"""A line that is longer than a beat can speak, in parts: at the ends of its sentences.

Nothing is left out and nothing added: the parts, one after the other, are the line.

Knows: sentences. Does not know: scripts, plans.
"""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s)\s+|[。！？…]+[」』”）)]*\s*")
_CLAUSE = re.compile(r"[,;:—–]+\s+|[、；：—]+\s*")
_WORD = re.compile(r"\s+")
_SHORT = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|St|Prof|vs|etc|No|Jr|Sr)|\b[A-Z])\.\s+$")


def split_line(line: str, most: int, longest: int) -> list[str]:
    """`line` in parts of at most `most` characters where its sentences allow; a sentence may have
    `longest`, and is parted at a comma, a space, or anywhere, where it has more."""
    if len(line) <= most:
        return [line]
    found = sentences(line)
    for pattern in (_CLAUSE, _WORD):
        found = [
            part
            for sentence in found
            for part in (
                _packed(_cut(sentence, pattern), most) if len(sentence) > longest else [sentence]
            )
        ]
    parts = [
        sentence[at : at + longest] for sentence in found for at in range(0, len(sentence), longest)
    ]
    return [part.strip() for part in _packed(parts, most)]


def sentences(text: str) -> list[str]:
    """The sentences of a text, blanks and all."""
    return _cut(text, _SENTENCE)


def _cut(text: str, pattern: re.Pattern[str]) -> list[str]:
    """The text after every match, which stays with what is before it; no mark is parted."""
    parts, begun = list[str](), 0
    for found in pattern.finditer(text):
        piece = text[begun : found.end()]
        if piece.count("{") == piece.count("}") and not _SHORT.search(piece):
            parts.append(piece)
            begun = found.end()
    return [part for part in (*parts, text[begun:]) if part]


def _packed(parts: list[str], most: int) -> list[str]:
    """Neighbours together as long as they have room; what holds no word goes with another."""
    packed: list[str] = []
    for part in parts:
        silent = not any(c.isalnum() for c in part)
        if packed and (
            silent
            or len((packed[-1] + part).strip()) <= most
            or not any(c.isalnum() for c in packed[-1])
        ):
            packed[-1] += part
        else:
            packed.append(part)
    return packed
