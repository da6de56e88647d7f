"""Upload-Post: one request posts a film to several platforms.

The request's id is ours and noted before a byte is sent. After an answer that was lost, the
service is asked by that id whether it has the film, and only a clear "not found" sends it again.

https://docs.upload-post.com (POST /api/upload, GET /api/uploadposts/status)

Knows: that API. Does not know: the platforms behind it.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from datetime import UTC
from typing import Any

import httpx

from renderers import http
from storyboard.core.errors import UsageError
from storyboard.profile.publish_targets import Publishing
from storyboard.publish.targets.target import Notes, NotPublished, Parcel, Receipt, refusal_in_words

API = "https://api.upload-post.com"
PATIENCE_S = 600.0
_PRIVACY = {"private": "SELF_ONLY", "unlisted": "SELF_ONLY", "public": "PUBLIC_TO_EVERYONE"}
"""TikTok's words; it has none for "whoever has the link"."""


class UploadPost:
    def __init__(self, place: Publishing, poll_s: float = 5.0) -> None:
        self._place, self._poll = place, poll_s
        self._api = (place.url or API).rstrip("/")
        self._key = os.environ.get(place.api_key_env, "")
        if not self._key:
            raise UsageError(
                f"publish: {place.api_key_env} is not set: export {place.api_key_env}=… "
                "(the key of upload-post.com)"
            )

    def describe(self) -> str:
        where = ", ".join(self._place.platforms)
        return f"to {where} by Upload-Post as {self._place.account}, {self._place.privacy}, marked as made by AI"

    def send(self, parcel: Parcel, notes: Notes) -> Receipt:
        headers = {"Authorization": f"Apikey {self._key}"}
        with http.client(
            self._api, headers=headers, timeout=httpx.Timeout(30.0, write=600.0)
        ) as client:
            known = "request" in notes.values and self._status(client, notes) is not None
            if not known:
                notes.write(request=f"storyboard-{parcel.key[:40]}")
                self._post(client, parcel, notes)
            if parcel.at is not None:
                return Receipt(f"job {notes.values.get('job') or notes.values['request']}")
            return self._awaited(client, notes)

    def _post(self, client: httpx.Client, parcel: Parcel, notes: Notes) -> None:
        told = parcel.metadata
        fields: dict[str, Any] = {
            "user": self._place.account,
            "platform[]": self._place.platforms,
            "title": told["title"],
            "description": told["description"],
            "request_id": notes.values["request"],
            "async_upload": "true",
            "privacyStatus": self._place.privacy,
            "privacy_level": _PRIVACY[self._place.privacy],
            "containsSyntheticMedia": "true",
            "is_aigc": "true",
            "tags[]": told["tags"],
        }
        if parcel.at is not None:
            fields["scheduled_date"] = parcel.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with ExitStack() as open_files:
            files = {"video": open_files.enter_context(parcel.film.open("rb"))}
            if poster := parcel.file("poster"):
                files["thumbnail"] = open_files.enter_context(poster.open("rb"))
            try:
                answer = client.post(f"{self._api}/api/upload", data=fields, files=files)
            except httpx.HTTPError as error:
                raise NotPublished(
                    f"Upload-Post does not answer ({type(error).__name__}): publish again, it is "
                    "asked first whether the film arrived"
                ) from error
        self._demand(answer)
        if job := answer.json().get("job_id"):
            notes.write(job=job)

    def _demand(self, answer: httpx.Response) -> None:
        """Raises `NotPublished` for a refusal, with the way on."""
        if answer.status_code in (401, 403):
            raise NotPublished(
                f"Upload-Post refuses ({refusal_in_words(answer)}): look at {self._place.api_key_env}, and that "
                f"'{self._place.account}' is a profile of yours with these platforms connected"
            )
        if answer.status_code == 429:
            raise NotPublished(
                f"Upload-Post: the plan's uploads are used up ({refusal_in_words(answer)})"
            )
        if answer.status_code >= 400:
            raise NotPublished(
                f"Upload-Post refuses ({refusal_in_words(answer)}): publish again once mended"
            )

    def _status(self, client: httpx.Client, notes: Notes) -> dict[str, Any] | None:
        """What the service knows of our request; None: it has never heard of it."""
        job = notes.values.get("job")
        asked = {"job_id": job} if job else {"request_id": notes.values["request"]}
        try:
            answer = client.get(f"{self._api}/api/uploadposts/status", params=asked)
        except httpx.HTTPError as error:
            raise NotPublished(
                f"Upload-Post does not answer ({type(error).__name__}): publish again to go on"
            ) from error
        if answer.status_code == 404:
            return None
        self._demand(answer)
        found: dict[str, Any] = answer.json()
        return None if found.get("status") == "not_found" else found

    def _awaited(self, client: httpx.Client, notes: Notes) -> Receipt:
        end = time.monotonic() + PATIENCE_S
        while True:
            found = self._status(client, notes) or {}
            results: list[dict[str, Any]] = found.get("results") or []
            if found.get("status") in ("completed", "failed"):
                break
            if time.monotonic() > end:
                raise NotPublished(
                    "Upload-Post is still at it after ten minutes: publish again later, it is only "
                    "asked then"
                )
            time.sleep(self._poll)
        failed = [r for r in results if not r.get("success")]
        told = tuple(
            f"{r.get('platform', '?')} did not take it: "
            f"{r.get('error_message') or r.get('message') or 'no reason given'}"
            for r in failed
        )
        if not results or len(failed) == len(results):
            raise NotPublished(
                f"no platform took it: {'; '.join(told) or 'no reason given'}; --again sends it anew"
            )
        where = [
            r.get("post_url") or r.get("url") or r.get("platform", "?")
            for r in results
            if r not in failed
        ]
        return Receipt(", ".join(map(str, where)), told)
