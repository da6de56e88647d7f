"""`storyboard mcp install`: the line, or the few, with which a client knows the server.

Knows: how clients are told of a server. Does not know: what the server does.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

Client = Literal["claude-code", "claude-desktop", "cursor", "vscode", "codex"]
NAME = "storyboard"


def command(runs: Path, profile: str, extra: Sequence[str] = ()) -> list[str]:
    """The command that a client starts: whole paths, since it starts it anywhere."""
    means = [] if profile == "embedded" else ["--profile", profile]
    return [
        sys.executable,
        "-m",
        "storyboard",
        "mcp",
        "--runs",
        str(runs.absolute()),
        *means,
        *extra,
    ]


def setup_for_client(client: Client, words: Sequence[str]) -> str:
    """What to run, or to put where."""
    entry = {"command": words[0], "args": list(words[1:])}
    line = shlex.join(words)
    match client:
        case "claude-code":
            return f"claude mcp add {NAME} -- {line}"
        case "codex":
            return f"codex mcp add {NAME} -- {line}"
        case "vscode":
            return f"code --add-mcp {shlex.quote(json.dumps({'name': NAME, **entry}))}"
        case "cursor":
            return f"# in ~/.cursor/mcp.json\n{_servers(entry)}"
        case "claude-desktop":
            return (
                "# in claude_desktop_config.json (Settings, Developer, Edit Config)\n"
                f"{_servers(entry)}"
            )


def _servers(entry: Mapping[str, object]) -> str:
    return json.dumps({"mcpServers": {NAME: entry}}, indent=2)
