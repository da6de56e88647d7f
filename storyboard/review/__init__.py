"""Reviewing the finished cut: findings, and what is done about them."""
