"""The image engine over HTTP: `python -m image_engine.server --checkpoint FOLDER`.

| file | knows |
|---|---|
| `__main__` | the command line |
| `app` | native routes, the engine's state, errors |
| `openai_api` | OpenAI's images API on the same queue |
| `service` | one request's way from body to queue and back |
| `wire` | fields, forms, references: what clients send |
| `replies` | error table, encoded pictures, events: what goes back |
| `jobs` | the bounded queue, cancellation, awake / asleep / released |
| `uploads` | untrusted pictures and paths |
| `memory` | measured memory |
"""

from __future__ import annotations

from image_engine.guard import Rules
from image_engine.server.app import create_app
from image_engine.server.jobs import JobQueue
from image_engine.server.service import Service
from image_engine.server.wire import Border

__all__ = ["Border", "JobQueue", "Rules", "Service", "create_app"]
