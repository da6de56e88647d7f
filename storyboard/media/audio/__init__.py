"""What is heard: takes, effects, music, and their mix."""
