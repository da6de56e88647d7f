"""A seal under the commands in a film's log: this user has begun it so, nobody else says it.

A log tells with which models a film goes on. A profile may name programs to start and servers to
send to, and a folder of a film may be a stranger's, with a log and a profile of his own. The key
of the seal never leaves this user's home; a film that is moved or renamed keeps its seals.

Knows: a key, digests. Does not know: what a command says.
"""

from __future__ import annotations

import hmac
import secrets

from storyboard.core.directory import Directory
from storyboard.core.errors import StoryboardError
from storyboard.core.files import state_directory

_KEY, _BYTES = "seal.key", 32


def seal(command: str) -> str:
    """The seal of a command; "" where this user keeps no key: the home cannot be written."""
    try:
        return _digest(command, _key(make=True))
    except (OSError, StoryboardError):
        return ""


def is_ours(command: str, seal: str) -> bool:
    """Whether this user has begun a film with that command."""
    try:
        return hmac.compare_digest(_digest(command, _key()).encode(), seal.encode())
    except (OSError, StoryboardError):
        return False


def _digest(command: str, key: bytes) -> str:
    return hmac.new(key, command.encode(errors="surrogatepass"), "sha256").hexdigest()


def _key(*, make: bool = False) -> bytes:
    home = Directory(state_directory())
    if make and not home.holds(_KEY):
        home.make()
        with home.locked(f".{_KEY}.lock"):
            # Two films may begin at once.
            if not home.holds(_KEY):
                home.write(_KEY, secrets.token_bytes(_BYTES), secret=True)
    key = home.read(_KEY)
    if len(key) != _BYTES:
        raise OSError(f"{_KEY} is no key")
    return key
