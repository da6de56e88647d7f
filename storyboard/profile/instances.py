"""One profile, once a card: its servers on ports of their own.

A machine with several cards runs a profile's servers once for each (`gpu.instance`). Those of
the second card listen on other ports, and whoever talks to them asks there.

Knows: the tables of a valid profile, ports. Does not know: cards, processes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

_PORT = re.compile(r"^(https?://(?:127\.0\.0\.1|localhost|\[::1\]|0\.0\.0\.0)):(\d+)(?=/|$)")
_MOST = 65_535


class NoPort(ValueError):
    """A server of the profile cannot be moved; the message begins with its path."""


def with_ports_moved(tables: Mapping[str, Any], by: int) -> dict[str, Any]:
    """The tables of a profile (`Profile.model_dump(exclude_unset=True)`) with every server that it starts, and
    every address of one, `by` ports further.

    Raises:
        NoPort: a server does not take its port from its command.
    """
    services = cast("dict[str, dict[str, Any]]", tables.get("services", {}))
    ports = {name: _port(service.get("health", "")) for name, service in services.items()}
    ours = {port for name, port in ports.items() if port and services[name].get("launch")}
    moved: dict[str, Any] = _with_addresses(tables, ours, by)
    for name, service in moved.get("services", {}).items():
        port = ports[name]
        if not service.get("launch"):
            continue
        if port is None or not any(_names(word, port) for word in _words(service)):
            raise NoPort(
                f"services.{name}.launch: does not say the port of its health address as a word "
                "of its own, so that it cannot run once a card"
            )
        if port + by > _MOST:
            raise NoPort(f"services.{name}.health: port {port} + {by} is no port")
        for table in (service, *service.get("variants", ())):
            table["launch"] = [_word(word, port, by) for word in table.get("launch", ())]
            table["env"] = {k: _word(value, port, by) for k, value in table.get("env", {}).items()}
    return moved


def _with_addresses(value: Any, ours: set[int], by: int) -> Any:
    """A copy in which every address of one of `ours` is another."""
    if isinstance(value, str):
        found = _PORT.match(value)
        if found is None or int(found[2]) not in ours:
            return value
        return f"{found[1]}:{int(found[2]) + by}{value[found.end() :]}"
    if isinstance(value, Mapping):
        table = cast("Mapping[str, Any]", value)
        return {key: _with_addresses(part, ours, by) for key, part in table.items()}
    if isinstance(value, list | tuple):
        return [_with_addresses(part, ours, by) for part in cast("list[Any]", value)]
    return value


def _port(address: str) -> int | None:
    found = _PORT.match(address)
    return int(found[2]) if found else None


def _words(service: Mapping[str, Any]) -> Iterator[str]:
    yield from service["launch"]
    yield from service.get("env", {}).values()


def _names(word: str, port: int) -> bool:
    return re.fullmatch(rf"(.*[=:])?{port}", word) is not None


def _word(word: str, port: int, by: int) -> str:
    return word.removesuffix(str(port)) + str(port + by) if _names(word, port) else word
