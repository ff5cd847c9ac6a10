"""What the files of a pack say, read as typed entries, each with its place."""
