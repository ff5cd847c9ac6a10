"""Posts: what is said, where, when, and what became of it."""
