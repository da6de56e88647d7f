"""Sound, pictures and text of a film, and what is checked of files."""
