"""Where the entries of a pack contradict each other, and what in them nothing uses."""
