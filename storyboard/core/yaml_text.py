"""YAML as plain data: that of anybody within limits, and our own without delay.

A YAML text of a kilobyte may stand for more than a memory holds (names that stand for lists of
names), may hold itself, or be nested until the interpreter gives up; and the tags of YAML's own
types fall over what they do not fit, each with another error. All of that is told in one line.

Knows: PyYAML. Does not know: what a file is good for.
"""

from __future__ import annotations

from typing import Any, cast

import yaml
from yaml.events import AliasEvent
from yaml.nodes import Node

from storyboard.core.files import within_limits

_DEEPEST, _MOST = 100, 200_000
"""Levels, and values with all that names stand for: nothing of ours has a tenth."""
# What PyYAML's constructors raise of a date, a number or a tag that is none.
_FALLS = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError)


class _Beyond(ValueError):
    """The text is YAML, and more than we take."""


class _Loader(yaml.SafeLoader):
    """Not the loader in C, which ends the process over text that is nested deep."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = self._count = 0
        self._named: dict[str, int] = {}
        """How many values a name stands for."""

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        event = cast(Any, self).peek_event()
        anchor: str | None = event.anchor
        if isinstance(event, AliasEvent):
            # One that stands for what it is in is no number yet.
            if anchor in self.anchors and anchor not in self._named:
                raise _Beyond(f"*{anchor} stands in what it stands for")
            self._add(self._named.get(str(anchor), 0))
            return super().compose_node(parent, index)
        before = self._count
        self._add(1)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Beyond(f"is nested deeper than {_DEEPEST} levels")
        node = super().compose_node(parent, index)
        self._depth -= 1
        if anchor is not None:
            self._named[anchor] = self._count - before
        return node

    def _add(self, count: int) -> None:
        self._count += count
        if self._count > _MOST:
            raise _Beyond(f"holds more than {_MOST:,} values")


_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times as fast, and it ends the process over text that is nested deep."""


def parse_packaged(text: str) -> Any:
    """The value of a YAML text that comes with Storyboard, which is neither deep nor long."""
    return yaml.load(text, Loader=_FAST)


def parse_yaml(text: str) -> Any:
    """The value of a YAML text, whoever wrote it.

    Raises:
        ValueError: it is none, or beyond a limit; the message goes on after the file's name.
    """
    try:
        # Safe: a subclass of SafeLoader, which makes plain data only.
        value: Any = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise ValueError(f"is not YAML: {error}") from None
    except _Beyond as error:
        raise ValueError(str(error)) from None
    except _FALLS as error:
        told = str(error) or type(error).__name__
        raise ValueError(f"is not YAML: {told[:200]}") from None
    within_limits(value)
    return value
