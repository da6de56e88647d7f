"""Images are bare triples in this release."""
