"""A video platform's API and Upload-Post for tests: real HTTP on loopback, with their traps.

YouTube: a session is begun by POST and filled by PUT; 308 tells what has come, by a Range that is
missing while nothing has; a video is made when the last byte is in, whether or not its answer
arrives; without `privacyStatus` it is public; captions that are there answer 409. Google's token
endpoint is beside it.

Upload-Post: an upload is known under the caller's own request id as soon as its body is in; it is
done a few looks later.

Knows: these routes. Does not know: who calls.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from loopback import Answer, Call, LoopbackServer


@dataclass
class FakeYouTube(LoopbackServer):
    breaks: int = 0
    """So many chunks arrive by half, and the connection ends."""
    loses_last: bool = False
    """The last byte arrives, and the answer to it is lost."""
    refuses: str = ""
    """The reason of a 403 to a new session."""
    token_status: int = 200
    thumbnail_status: int = 200
    caption_status: int = 200
    forgets: bool = False
    """Sessions are answered by 404."""
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    videos: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    captions: list[str] = field(default_factory=list[str])
    thumbnails: list[bytes] = field(default_factory=list[bytes])

    def __post_init__(self) -> None:
        self.listen()

    def respond(self, call: Call) -> Answer | None:
        if call.path == "/token":
            if self.token_status != 200:
                return Answer.json(self.token_status, {"error": "invalid_grant"})
            return Answer.json(200, {"access_token": "t0ken", "expires_in": 3600})
        if call.headers.get("authorization") != "Bearer t0ken":
            return _error(401, "authError", "Invalid Credentials")
        if call.path == "/upload/youtube/v3/videos":
            return self._begin(call)
        if call.path.startswith("/session/"):
            return self._fill(call)
        if call.path == "/upload/youtube/v3/captions":
            if self.caption_status == 200:
                self.captions.append(call.body.decode())
            return Answer.json(self.caption_status, {"id": "c1"})
        if call.path == "/upload/youtube/v3/thumbnails/set":
            if self.thumbnail_status != 200:
                return _error(self.thumbnail_status, "forbidden", "no custom thumbnails")
            self.thumbnails.append(call.body)
            return Answer.json(200, {})
        return Answer.json(404, {})

    def _begin(self, call: Call) -> Answer:
        assert call.query["uploadType"] == "resumable"
        if self.refuses:
            return _error(403, self.refuses, "refused")
        name = f"s{len(self.sessions)}"
        size = int(call.headers["x-upload-content-length"])
        self.sessions[name] = {"resource": call.json(), "size": size, "data": b""}
        return Answer(200, b"", headers={"Location": f"{self.root}/session/{name}"})

    def _fill(self, call: Call) -> Answer | None:
        if self.forgets:
            return Answer.json(404, {})
        name = call.path.rpartition("/")[2]
        session = self.sessions[name]
        found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", call.headers["content-range"])
        if found:
            begin, end, size = map(int, found.groups())
            assert size == session["size"] and len(call.body) == end - begin + 1
            assert begin == len(session["data"]), "a chunk that does not follow"
            if self.breaks:
                self.breaks -= 1
                session["data"] += call.body[: len(call.body) // 2]
                return None
            session["data"] += call.body
        if len(session["data"]) < session["size"]:
            come = len(session["data"])
            headers = {"Range": f"bytes=0-{come - 1}"} if come else {}
            return Answer(308, b"", headers=headers)
        if name not in self.videos:
            status = {"privacyStatus": "public"} | session["resource"]["status"]
            self.videos[name] = session["resource"] | {"status": status, "data": session["data"]}
        if self.loses_last:
            self.loses_last = False
            return None
        return Answer.json(200, {"id": f"video-{name}"})


@dataclass
class FakeUploadPost(LoopbackServer):
    loses_answer: bool = False
    """The next upload arrives, and its answer is lost."""
    drops_upload: bool = False
    """The next upload is lost on the way."""
    fails: tuple[str, ...] = ()
    """Platforms that do not take it."""
    status: int = 200
    uploads: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    looks: int = 0

    def __post_init__(self) -> None:
        self.listen()

    def respond(self, call: Call) -> Answer | None:
        if call.headers.get("authorization") != "Apikey k3y":
            return Answer.json(401, {"success": False, "message": "Invalid or expired token"})
        if call.path == "/api/upload":
            if self.status != 200:
                return Answer.json(self.status, {"success": False, "message": "refused"})
            if self.drops_upload:
                self.drops_upload = False
                return None
            fields, files = call.form()
            self.uploads.append(fields | {file.field: file.data for file in files})
            if self.loses_answer:
                self.loses_answer = False
                return None
            if "scheduled_date" in fields:
                return Answer.json(202, {"success": True, "job_id": "j1"})
            return Answer.json(200, {"success": True, "request_id": fields["request_id"]})
        if call.path == "/api/uploadposts/status":
            known = {upload["request_id"] for upload in self.uploads}
            if call.query.get("request_id") not in known:
                return Answer.json(404, {"status": "not_found"})
            self.looks += 1
            if self.looks < 3:
                return Answer.json(200, {"status": "processing", "results": []})
            results = [
                {
                    "platform": name,
                    "success": name not in self.fails,
                    "post_url": f"https://{name}/1",
                }
                for name in ("tiktok", "youtube")
            ]
            return Answer.json(200, {"status": "completed", "results": results})
        return Answer.json(404, {})


def _error(status: int, reason: str, message: str) -> Answer:
    """As Google's APIs say it."""
    error = {"code": status, "message": message, "errors": [{"reason": reason}]}
    return Answer(status, json.dumps({"error": error}).encode())
