"""Rules by which a graph is rewritten, and who applies them (see `rewrite`)."""
