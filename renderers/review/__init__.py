"""Models that watch a finished film and answer questions about it."""
