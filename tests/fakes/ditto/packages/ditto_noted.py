"""What the packages beside Ditto were asked."""

NOTED = {"preloaded": False, "seed": None}
