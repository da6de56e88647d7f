"""Storyboard: one line of text in, a finished short video out."""

__version__ = "0.1.0"
