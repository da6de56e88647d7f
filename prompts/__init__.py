"""Data only: film formats (YAML), system prompts (text), JSON schemas."""
