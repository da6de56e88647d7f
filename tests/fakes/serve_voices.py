"""A speech server as a process: voices in tones, in the dialect of a real one, that can sleep.

python serve_voices.py kokoro-fastapi 8880
python serve_voices.py vllm-omni 8882 Base
"""

from __future__ import annotations

import sys
from typing import Any

from fake_servers import Fake
from fake_speech import FakeAudioServer
from loopback import Answer


class Voices(FakeAudioServer):
    """The fake server of voices; asleep it refuses to speak."""

    def __post_init__(self) -> None:
        # Qwen3-TTS has two: its talker and its vocoder.
        self._card = Fake(self.dialect, stages=2)
        super().__post_init__()

    def answer(self, path: str, fields: dict[str, Any], file: bytes) -> Answer:
        if path.startswith("/v1/omni/") or path == "/resume":
            status, said = self._card.post(path, {}, fields)
            return Answer.json(status, said)
        if not self._card.awake or self._card.paused:
            return Answer.json(500, {"error": {"message": "EngineCore is asleep"}})
        return super().answer(path, fields, file)


def main() -> None:
    dialect, port, *task = sys.argv[1:]
    Voices(dialect, *task, port=int(port)).serve_forever()  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
