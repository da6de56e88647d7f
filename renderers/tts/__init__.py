"""Speech makers."""
