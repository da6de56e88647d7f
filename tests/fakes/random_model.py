"""A language model that knows nothing: what it says is valid by schema and drawn at random.

    with FakeChatServer(RandomModel(seed)) as server: ...

Texts are words of no language, emoji, markup, control characters, blanks; numbers are at
their limits; lists are empty or full. So are small untrained models behind a grammar.

python random_model.py 8000 7    # serves seed 7
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from typing import Any, cast

from fake_chat import FakeChatServer, Reply

Text = Callable[[random.Random, int], str]


def _letters(alphabet: str) -> Text:
    return lambda rng, n: "".join(rng.choice(alphabet) for _ in range(n))


def _words(rng: random.Random, n: int) -> str:
    text = ""
    while len(text) < n:
        text += "".join(rng.choice("aeioubdklmnrst") for _ in range(rng.randint(1, 8))) + " "
    return text[:n]


KINDS: dict[str, Text] = {
    "words": _words,
    "kana": _letters("あいうえおかきくけこさしすせそなにぬねのまみむめもらりるれろんー。、"),
    "kanji": _letters("語電車珈琲猫雨夜恋裁判官の はがを"),
    "anything": _letters('aé 語の{}\\"\n\t\0<b>*_#%$💥👩\u200d🚀\u202e\ud800،؟'),
    "blanks": _letters(" \n\t\u3000"),
    "one letter": lambda rng, n: rng.choice("xあ💥.") * n,
    "signs": _letters("!?…—–-'\"&;|`$()[]:/"),
}


class RandomModel:
    """A script for `FakeChatServer`. `kinds` are the sorts of text it writes, one an answer."""

    def __init__(self, seed: int, kinds: tuple[str, ...] = tuple(KINDS)) -> None:
        self.rng = random.Random(seed)
        self.kinds = kinds

    def __call__(self, body: dict[str, Any]) -> Reply:
        kind = KINDS[self.rng.choice(self.kinds)]
        asked: dict[str, Any] = body.get("response_format") or {}
        if asked.get("type") != "json_schema":
            cut = self.rng.random() < 0.3
            text = kind(self.rng, self.rng.randint(0, 600))
            return {"text": text, "finish_reason": "length" if cut else "stop"}
        schema = asked["json_schema"]["schema"]
        return {"text": json.dumps(self.value(schema, schema.get("$defs", {}), kind))}

    def value(self, schema: dict[str, Any], records: dict[str, Any], kind: Text) -> Any:
        """A random value that is valid by the subset of JSON Schema that is asked for."""
        if "$ref" in schema:
            return self.value(records[schema["$ref"].rpartition("/")[2]], records, kind)
        if "anyOf" in schema:
            return self.value(self.rng.choice(schema["anyOf"]), records, kind)
        if "enum" in schema:
            return self.rng.choice(schema["enum"])
        match schema.get("type"):
            case "object":
                fields = cast(dict[str, Any], schema["properties"])
                needed = schema.get("required", [])
                kept = [n for n in fields if n in needed or self.rng.random() < 0.5]
                return {name: self.value(fields[name], records, kind) for name in kept}
            case "array":
                least, most = schema.get("minItems", 0), schema.get("maxItems", 4)
                count = self.rng.choice([least, most, self.rng.randint(least, most)])
                return [self.value(schema["items"], records, kind) for _ in range(count)]
            case "string":
                least, most = schema.get("minLength", 0), schema.get("maxLength", 4000)
                return kind(self.rng, self.rng.choice([least, most, self.rng.randint(least, most)]))
            case "integer":
                return self.rng.choice(_ends(schema))
            case "number":
                least, most = _ends(schema)
                return self.rng.choice([least, most, self.rng.uniform(least, most)])
            case "boolean":
                return self.rng.random() < 0.5
            case _:
                return None


def _ends(schema: dict[str, Any]) -> tuple[int, int]:
    return int(schema.get("minimum", -(2**53))), int(schema.get("maximum", 2**53))


def main() -> None:
    server = FakeChatServer(RandomModel(int(sys.argv[2])), model="random")
    server.listen(int(sys.argv[1]))
    server.serve_forever()


if __name__ == "__main__":
    main()
