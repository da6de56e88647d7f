"""Measurements of the engine: `python -m image_engine.bench`."""
