"""Stands in for the `irodori_tts` package."""
