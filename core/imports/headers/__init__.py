"""What a header row means: which kind of file, which of its columns, and what is said of one that fits none."""
