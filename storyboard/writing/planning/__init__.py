"""Writing a plan: scripts, what a model is told, the talk with it, and how its faults are mended."""
