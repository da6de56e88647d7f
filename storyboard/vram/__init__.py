"""One card, many models: who may hold how much of it, when, as measured."""
