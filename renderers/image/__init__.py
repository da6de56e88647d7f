"""Picture makers."""
