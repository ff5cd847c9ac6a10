"""A pack made of a few answers: what was said, the pack that all the rest comes from, and the files that both make."""
