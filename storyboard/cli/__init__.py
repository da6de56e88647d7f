"""The command line: one of three thin doors to the same work."""

from storyboard.cli.main import app, main

__all__ = ["app", "main"]
