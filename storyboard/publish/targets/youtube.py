"""YouTube by its Data API v3: a resumable upload, then captions and thumbnail.

The upload's session is noted before a byte is sent. A connection that breaks, at the last byte
too, is asked how much has come: so one film becomes one video. `privacyStatus` is always said
(without it a video is public), and so is that the film is synthetic.

https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol
https://developers.google.com/youtube/v3/docs/videos (status.containsSyntheticMedia, publishAt)

Knows: that API. Does not know: what a film is about.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from renderers import http
from storyboard.core.errors import UsageError
from storyboard.profile.publish_targets import Publishing
from storyboard.publish.targets.google_login import access_token
from storyboard.publish.targets.target import Notes, NotPublished, Parcel, Receipt, refusal_in_words

API = "https://www.googleapis.com"
CHUNK = 8 << 20
"""Bytes a request; the API wants a multiple of 256 KiB."""
TRIES = 5
"""How often in a row a chunk may break before it is told."""
_LIMITS = {
    "quotaExceeded": "the API project's quota of today is used up: it begins anew at midnight "
    "Pacific time; publish again then",
    "uploadLimitExceeded": "the channel may upload no more today: publish again in 24 hours",
    "youtubeSignupRequired": "the account has no channel: make one on youtube.com first",
    "authenticatedUserAccountSuspended": "the account is suspended",
}


class YouTube:
    def __init__(self, place: Publishing, pause: float = 1.0, chunk: int = CHUNK) -> None:
        self._place, self._chunk = place, chunk
        self._api = (place.url or API).rstrip("/")
        self._account = Path(place.account).expanduser()
        self._pause = pause
        """Seconds before a broken chunk is tried again; doubled each time."""
        if not self._account.is_file():
            raise UsageError(
                f"publish: there is no {self._account}; storyboard publish-login "
                f"--client-secret FILE --out {self._account} makes it"
            )

    def describe(self) -> str:
        return f"to YouTube, {self._place.privacy}, marked as made by AI"

    def send(self, parcel: Parcel, notes: Notes) -> Receipt:
        token = access_token(self._account)
        headers = {"Authorization": f"Bearer {token}"}
        timeout = httpx.Timeout(30.0, write=300.0, read=300.0)
        with http.client(self._api, headers=headers, timeout=timeout) as client:
            if "video" not in notes.values:
                if "session" not in notes.values:
                    notes.write(session=self._begin(client, parcel))
                notes.write(video=self._upload(client, parcel.film, notes.values["session"]))
            video = notes.values["video"]
            warnings = tuple(self._rest(client, parcel, notes, video))
        return Receipt(f"https://youtu.be/{video}", warnings)

    def _begin(self, client: httpx.Client, parcel: Parcel) -> str:
        """The address of a new upload session."""
        query = urlencode({"uploadType": "resumable", "part": "snippet,status"})
        answer = _sent(
            client,
            "POST",
            f"{self._api}/upload/youtube/v3/videos?{query}",
            json=self._resource(parcel),
            headers={
                "X-Upload-Content-Type": "video/mp4",
                "X-Upload-Content-Length": str(parcel.film.stat().st_size),
            },
        )
        _demand(answer)
        session = answer.headers.get("location")
        if not session:
            raise NotPublished("YouTube began no upload: its answer has no Location")
        return session

    def _resource(self, parcel: Parcel) -> dict[str, Any]:
        told = parcel.metadata
        status: dict[str, Any] = {
            "privacyStatus": self._place.privacy,
            "selfDeclaredMadeForKids": False,
            "containsSyntheticMedia": True,
        }
        if parcel.at is not None:
            # Only a private video can wait for its time.
            status |= {
                "privacyStatus": "private",
                "publishAt": parcel.at.astimezone(UTC).isoformat(),
            }
        snippet = {
            "title": told["title"],
            "description": told["description"],
            "tags": told["tags"],
            "categoryId": str(self._place.category),
            "defaultLanguage": told["language"],
            "defaultAudioLanguage": told["language"],
        }
        return {"snippet": snippet, "status": status}

    def _upload(self, client: httpx.Client, film: Path, session: str) -> str:
        """Send what the session lacks; the video's id."""
        size, broken = film.stat().st_size, 0
        answer = _sent_or_none(client, session, {"Content-Range": f"bytes */{size}"}, b"")
        with film.open("rb") as file:
            while True:
                if answer is not None and answer.status_code in (200, 201):
                    return str(answer.json()["id"])
                if answer is not None and answer.status_code in (404, 410):
                    raise NotPublished(
                        "YouTube no longer knows this upload, and whether it was finished cannot be "
                        "asked: look whether the video is on the channel; if it is not, --again "
                        "begins anew"
                    )
                if answer is not None and answer.status_code == 308:
                    begin = _received(answer)
                    file.seek(begin)
                    data = file.read(self._chunk)
                    span = f"bytes {begin}-{begin + len(data) - 1}/{size}"
                    answer = _sent_or_none(client, session, {"Content-Range": span}, data)
                    broken = 0 if answer is not None and answer.status_code == 308 else broken
                    continue
                if answer is not None and answer.status_code < 500:
                    _demand(answer)
                broken += 1
                if broken > TRIES:
                    told = "it does not answer" if answer is None else refusal_in_words(answer)
                    raise NotPublished(
                        f"YouTube: {told}; what has arrived is kept there: publish again to go on"
                    )
                time.sleep(self._pause * 2 ** (broken - 1))
                answer = _sent_or_none(client, session, {"Content-Range": f"bytes */{size}"}, b"")

    def _rest(
        self, client: httpx.Client, parcel: Parcel, notes: Notes, video: str
    ) -> Iterator[str]:
        """Captions and thumbnail; a video without them is told of, and is no failure."""
        if (captions := parcel.file("captions")) and not notes.values.get("captions"):
            part = {
                "snippet": {"videoId": video, "language": parcel.metadata["language"], "name": ""}
            }
            body, kind = _related(part, captions.read_bytes(), "application/octet-stream")
            query = urlencode({"uploadType": "multipart", "part": "snippet"})
            answer = _sent(
                client,
                "POST",
                f"{self._api}/upload/youtube/v3/captions?{query}",
                content=body,
                headers={"Content-Type": kind},
            )
            # 409: they came before, and only the answer was lost.
            if answer.status_code < 300 or answer.status_code == 409:
                notes.write(captions=True)
            else:
                yield f"captions were not taken ({refusal_in_words(answer)}): publish again to try once more"
        if (poster := parcel.file("poster")) and not notes.values.get("thumbnail"):
            query = urlencode({"videoId": video, "uploadType": "media"})
            answer = _sent(
                client,
                "POST",
                f"{self._api}/upload/youtube/v3/thumbnails/set?{query}",
                content=poster.read_bytes(),
                headers={"Content-Type": "image/jpeg"},
            )
            if answer.status_code < 300:
                notes.write(thumbnail=True)
            else:
                yield (
                    f"the thumbnail was not taken ({refusal_in_words(answer)}): a channel needs a verified "
                    "phone number for its own, and a Short takes one only once it is processed"
                )


def _received(answer: httpx.Response) -> int:
    """How many bytes a 308 says have come; without a Range, none."""
    return int(answer.headers["range"].rpartition("-")[2]) + 1 if "range" in answer.headers else 0


def _related(part: dict[str, Any], data: bytes, kind: str) -> tuple[bytes, str]:
    """A multipart/related body of JSON and a file, and its content type."""
    mark = "=_storyboard_part"
    head = (
        f"--{mark}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{json.dumps(part)}\r\n"
        f"--{mark}\r\nContent-Type: {kind}\r\n\r\n"
    )
    return (
        head.encode() + data + f"\r\n--{mark}--\r\n".encode(),
        f"multipart/related; boundary={mark}",
    )


def _sent(client: httpx.Client, method: str, url: str, **options: Any) -> httpx.Response:
    try:
        return client.request(method, url, **options)
    except httpx.HTTPError as error:
        raise NotPublished(
            f"YouTube does not answer ({type(error).__name__}): publish again to go on"
        ) from error


def _sent_or_none(
    client: httpx.Client, url: str, headers: dict[str, str], data: bytes
) -> httpx.Response | None:
    """A PUT to the session; None where the connection broke."""
    try:
        return client.put(url, headers=headers, content=data)
    except httpx.HTTPError:
        return None


def _demand(answer: httpx.Response) -> None:
    """Raises `NotPublished` for a refusal, with the way on."""
    if answer.status_code < 400:
        return
    reason = _reason(answer)
    if answer.status_code == 401:
        told = "the login is no longer good: storyboard publish-login makes a new one"
    else:
        told = _LIMITS.get(
            reason, "mend what it says in the plan or the profile, and publish again"
        )
    raise NotPublished(f"YouTube refuses ({refusal_in_words(answer)}): {told}")


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error"]["errors"][0]["reason"])
    except (ValueError, LookupError, TypeError):
        return ""
