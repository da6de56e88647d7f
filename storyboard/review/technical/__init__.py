"""The technical reviewer, by what it looks at and listens for (see `reviewer`)."""
