"""The stages of a film. Each module describes its steps from a plan and performs them."""
