"""Servers that run for a film: started, watched and stopped by the process that owns them."""
