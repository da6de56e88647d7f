"""skia-python ships no types. Everything in it is `Any` to the type checker.

What leaves skia in this project is typed where it leaves: images as bytes, sizes as numbers.
"""

from typing import Any

def __getattr__(name: str) -> Any: ...
