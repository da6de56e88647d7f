"""The image judge: a rubric, measures without a model, a model's eyes, and the loop that mends."""
