"""What the hub has of a repository, and why it did not say.

Knows: `huggingface_hub`, which takes HF_ENDPOINT, HF_TOKEN, HF_HOME and HF_HUB_OFFLINE from the
environment; how a refusal reads. Does not know: files of this machine.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any, cast

from renderers.errors import Unavailable
from storyboard import __version__
from storyboard.profile.provision import Weights

ASK_S = 20.0
"""Seconds in which the hub has to begin to answer."""
_NOT_OURS = {".gitattributes"}


class Offline(Unavailable):
    """Nothing may be fetched: the environment says so."""


@dataclass(frozen=True, slots=True)
class Remote:
    """One file, as the hub describes it."""

    name: str
    size: int
    sha256: str
    """Of a large file; "" where the hub has none."""
    blob: str
    """Git's own hash (SHA-1 of its blob), which small files have instead."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of one commit that a profile wants."""

    commit: str
    files: tuple[Remote, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


def endpoint() -> str:
    """Where the hub is: HF_ENDPOINT, or its own address."""
    from huggingface_hub import constants

    return os.environ.get("HF_ENDPOINT", constants.ENDPOINT).rstrip("/")


def token() -> str | None:
    """The user's token for the hub; None: there is none."""
    from huggingface_hub import get_token

    return get_token()


def headers() -> dict[str, str]:
    """What every request to the hub is sent with."""
    from huggingface_hub import utils

    # Its types are partly unknown.
    library: Any = utils
    given: Mapping[str, Any] = library.build_hf_headers(
        library_name="storyboard", library_version=__version__
    )
    return {name: str(value) for name, value in given.items()}


def address_of(weights: Weights, commit: str, name: str) -> str:
    from huggingface_hub import hf_hub_url

    return hf_hub_url(weights.repository, name, revision=commit, endpoint=endpoint())


def listing(name: str, weights: Weights) -> Listing:
    """What is to be fetched of a repository, with hashes.

    Raises:
        Unavailable: the hub refuses it or does not answer; the message says what helps.
    """
    from huggingface_hub import HfApi

    with direct_to_here(), _told(name, weights):
        found: Any = HfApi(endpoint=endpoint()).model_info(
            weights.repository, revision=weights.revision, files_metadata=True, timeout=ASK_S
        )
    known = [_remote(weights, sibling) for sibling in found.siblings or ()]
    wanted = tuple(f for f in known if f.name not in _NOT_OURS and _wants(weights, f.name))
    for pattern in weights.files:
        if not any(fnmatchcase(file.name, pattern) for file in wanted):
            raise Unavailable(
                f"{name}: {weights.repository} has no {pattern} at {weights.revision}: the "
                "repository was changed; name the files of today, or an older revision, in a "
                f"[weights.{name}] of your profile ({weights.page})"
            )
    return Listing(str(found.sha), wanted)


def _wants(weights: Weights, name: str) -> bool:
    return not weights.files or any(fnmatchcase(name, pattern) for pattern in weights.files)


def _remote(weights: Weights, sibling: Any) -> Remote:
    name, lfs = str(sibling.rfilename), sibling.lfs
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise Unavailable(f"{weights.repository}: names a file outside of itself: {name[:80]!r}")
    pinned = weights.sha256.get(name, "")
    return Remote(
        name,
        int(sibling.size or 0),
        pinned or (str(lfs["sha256"]) if lfs else ""),
        "" if lfs else str(sibling.blob_id or ""),
    )


@contextmanager
def direct_to_here() -> Generator[None]:
    """Loopback is never asked through a proxy, whatever the environment says of proxies.

    The hub's own client, uv, pip and git read the same variable; so do the programs they start.
    """
    here = ("localhost", "127.0.0.1", "::1")
    before = {name: os.environ.get(name) for name in ("no_proxy", "NO_PROXY")}
    stated = before["no_proxy"] or before["NO_PROXY"] or ""
    listed = [host for host in stated.split(",") if host.strip()]
    both = ",".join([*listed, *(host for host in here if host not in listed)])
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = both
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _told(name: str, weights: Weights) -> Generator[None]:
    """The hub's refusals as one paragraph with the next step."""
    from huggingface_hub import errors

    # Which client the library is built on changed from release to release; its own error is a
    # child of that client's.
    network = cast("tuple[type[Exception], ...]", errors.HfHubHTTPError.__bases__)
    try:
        yield
    except errors.OfflineModeIsEnabled:
        raise Offline(offline(name)) from None
    except errors.GatedRepoError:
        raise Unavailable(gated(name, weights)) from None
    except errors.RevisionNotFoundError:
        raise Unavailable(
            f"{name}: {weights.repository} has no revision {weights.revision}: see {weights.page} "
            f"for what it has, and name it as weights.{name}.revision in your profile"
        ) from None
    except errors.RepositoryNotFoundError:
        if weights.gated:
            raise Unavailable(gated(name, weights)) from None
        raise Unavailable(
            f"{name}: {endpoint()} has no repository {weights.repository}, or hands it to its "
            "owners alone: see that the name is right, and that `hf auth whoami` is who may read it"
        ) from None
    except errors.HfHubHTTPError as error:
        raise Unavailable(refused(name, weights, _status(error))) from None
    except network as error:
        raise Unavailable(unreachable(error)) from None


def _status(error: Any) -> int:
    response = getattr(error, "response", None)
    return int(getattr(response, "status_code", 0) or 0)


def offline(name: str) -> str:
    return (
        f"{name} is not here, and HF_HUB_OFFLINE says that nothing may be fetched: unset it, or "
        "fetch it on another machine and bring the folder here"
    )


def gated(name: str, weights: Weights) -> str:
    had = "the token that is set here is not enough" if token() else "no token is set here"
    return (
        f"{name}: {weights.repository} is handed only to who has accepted its licence, and {had}. "
        f"Open {weights.page}, accept it there ({weights.licence}), log in here with `hf auth "
        "login`, and run the same command again. What was fetched is kept."
    )


def refused(name: str, weights: Weights, status: int) -> str:
    if status in (401, 403):
        return gated(name, weights)
    busy = "it asks for a pause" if status == 429 else f"it answers {status}"
    return (
        f"{name}: {endpoint()} does not hand out {weights.repository} ({busy}): wait a few "
        "minutes and run the same command again. What was fetched is kept."
    )


def unreachable(error: Exception) -> str:
    stated = "the mirror that HF_ENDPOINT names" if "HF_ENDPOINT" in os.environ else "the hub"
    return (
        f"{stated} ({endpoint()}) does not answer ({type(error).__name__}). See that this "
        "machine is online; behind a proxy, set https_proxy; another mirror goes into "
        "HF_ENDPOINT. What was fetched is kept: the same command goes on with it."
    )
