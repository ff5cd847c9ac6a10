"""What follows from the facts, and what is remembered."""
