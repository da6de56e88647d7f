"""`python -m image_engine COMMAND …`: the engine's commands under one name.

Knows: their names. Does not know: their options; each explains its own with `--help`.
"""

from __future__ import annotations

import runpy
import sys

COMMANDS = {
    "generate": ("image_engine.generate", "one request, one PNG"),
    "server": ("image_engine.server", "serve a checkpoint over HTTP"),
    "calibrate": ("image_engine.calibrate", "which approximations your weights can bear"),
    "bench": ("image_engine.bench", "what each saving is worth, which attention is the fastest"),
    "nano": ("image_engine.nano", "train a small checkpoint that draws"),
}


def main() -> None:
    """Hand on to the command's own module, which reads what follows its name."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in COMMANDS:
        lines = [f"  {command:10} {what}" for command, (_, what) in COMMANDS.items()]
        usage = "\n".join(["usage: python -m image_engine COMMAND …", "", *lines, ""])
        if name in ("", "-h", "--help"):
            sys.stdout.write(usage)
            return
        sys.stderr.write(f"{name!r} is no command of image_engine\n\n{usage}")
        raise SystemExit(2)
    sys.argv[:2] = [f"image_engine {name}"]
    runpy.run_module(COMMANDS[name][0], run_name="__main__")


if __name__ == "__main__":
    main()
