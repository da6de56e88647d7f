"""Transcribers."""
