"""Clip makers."""
