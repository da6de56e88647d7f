"""`[publish.NAME]` of a profile: where finished films may be sent.

Knows: the fields. Does not know: how anything is sent.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from storyboard.core.strict_records import Record
from storyboard.profile.service import EnvName

Privacy = Literal["private", "unlisted", "public"]
_CAN_BE_PRIVATE = ("youtube", "tiktok")


class Publishing(Record):
    """One place: a channel, a service that posts to several platforms, or a folder."""

    target: Literal["youtube", "upload-post", "folder"]
    url: str = Field(default="", max_length=2000)
    """folder: where to, as fsspec writes it (/srv/films, s3://bucket/films, webdav+https://…);
    the others: another address than the service's own."""
    account: str = Field(default="", max_length=2000)
    """youtube: the file that `storyboard publish-login` wrote; upload-post: the user's name."""
    api_key_env: EnvName = ""
    platforms: list[str] = Field(default_factory=list[str], max_length=16)
    """upload-post: which ones (tiktok, instagram, youtube …)."""
    privacy: Privacy = "private"
    """Who may see it at once. Nothing is public that does not say so."""
    category: int = Field(default=23, ge=1, le=99)
    """youtube: 23 is comedy, 27 education, 1 film."""
    sign: str = Field(default="", max_length=2000)
    """As `storyboard upload --sign`: `local`, or a folder with a key."""
    options: dict[str, str] = Field(default_factory=dict[str, str])
    """folder: what the file system takes (key, secret, endpoint_url …); `$NAME` is read from the
    environment."""
    confirmed: bool = False
    """Films may go there without being asked for each: for batches."""

    @model_validator(mode="after")
    def _target_has_its_fields(self) -> Self:
        needed = {
            "youtube": {"account": self.account},
            "upload-post": {
                "account": self.account,
                "api_key_env": self.api_key_env,
                "platforms": self.platforms,
            },
            "folder": {"url": self.url},
        }
        if lacking := [name for name, value in needed[self.target].items() if not value]:
            raise ValueError(f"{self.target} needs {' and '.join(lacking)}")
        seen = [name for name in self.platforms if name not in _CAN_BE_PRIVATE]
        if seen and self.privacy != "public":
            raise ValueError(
                f"{', '.join(seen)}: whatever is posted there is seen by all: say "
                'privacy = "public", or leave it out of platforms'
            )
        return self
