"""Adapters that turn one request into one file: speech, transcripts, pictures, clips."""
