"""Adapters that turn one request into one file: speech, transcripts, pictures, clips."""

from renderers.deferred import defer

defer("numpy", "numpy.typing", "skia", "av", "soundfile", "budoux", "emoji")
# Who draws, and what knows which words ask for a drawing.
_DRAWING = (
    "creature_kinds framing inset_view looks motion nouns palette pan peeps pictograph_own pose"
)
defer(*(f"renderers.animatic.{module}" for module in f"{_DRAWING} props things".split()))
_SPEAKING = "english graph.products graph.rewrite install japanese phonemes waveform"
defer(*(f"renderers.tts.{module}" for module in _SPEAKING.split()))
