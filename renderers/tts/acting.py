"""An expression in the terms that speech models act on: a sentence, or an emoji in the text.

What stands in neither table is played by no model, and reported as dropped.

Knows: expressions, phrases. Does not know: servers.
"""

from __future__ import annotations

from collections.abc import Mapping

from renderers.scene import Expression

INSTRUCTIONS: Mapping[Expression, str] = {
    "deadpan": "Speak flatly and drily, without any emotion.",
    "happy": "Speak cheerfully, with a smile in the voice.",
    "laughing": "Speak while laughing.",
    "smug": "Speak in a smug, self-satisfied tone.",
    "loving": "Speak tenderly and warmly.",
    "hopeful": "Speak hopefully, a little breathless.",
    "sad": "Speak sadly and quietly.",
    "crying": "Speak in tears, with a breaking voice.",
    "angry": "Speak angrily.",
    "furious": "Shout in rage.",
    "surprised": "Speak in surprise.",
    "shocked": "Speak in shock, as if the breath were taken away.",
    "afraid": "Speak fearfully, with a trembling voice.",
    "suspicious": "Speak slowly and suspiciously.",
    "embarrassed": "Speak hesitantly, in embarrassment.",
    "determined": "Speak firmly and with determination.",
    "tired": "Speak wearily, with a sigh.",
    "confused": "Speak hesitantly, in confusion.",
    "disgusted": "Speak in disgust.",
    "awe": "Speak in hushed wonder.",
}
"""For models that take an instruction beside the text; "neutral" needs none."""

EMOJI: Mapping[Expression, str] = {
    "happy": "😊",
    "laughing": "🤭",
    "smug": "😏",
    "loving": "🫶",
    "sad": "🥺",
    "crying": "😭",
    "angry": "😠",
    "furious": "😠",
    "surprised": "😲",
    "shocked": "😮",
    "afraid": "😰",
    "suspicious": "🤔",
    "embarrassed": "🫣",
    "tired": "😪",
    "confused": "🤔",
    "disgusted": "😖",
    "awe": "😮",
}
"""Those of Irodori's annotations that an expression has a counterpart in."""
