"""vLLM with a scripted model: plans, words prompts and judges pictures, and sleeps.

VLLM_SERVER_DEV_MODE=1 python serve_model.py 8894
"""

from __future__ import annotations

import os
import sys
from typing import Any

import fake_servers
import scripted_model


class Model(fake_servers.Fake):
    """The fake server, with something to say when it is awake and sound."""

    def post(self, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        status, data = super().post(path, query, body)
        if path != "/v1/chat/completions" or status != 200 or not self.sensible:
            return status, data
        reply = scripted_model.answer(body)
        message = {"role": "assistant", "content": reply.get("text", "")}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return 200, {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [choice],
            "usage": {"prompt_tokens": 700, "completion_tokens": 500, "total_tokens": 1200},
        }


def main() -> None:
    fake = Model("vllm", dev_mode=os.environ.get("VLLM_SERVER_DEV_MODE") == "1")
    fake_servers._server(fake, int(sys.argv[1])).serve_forever()


if __name__ == "__main__":
    main()
