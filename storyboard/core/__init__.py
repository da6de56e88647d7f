"""What every other room uses, and that knows nothing of films."""
