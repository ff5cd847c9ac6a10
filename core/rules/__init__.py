"""Pure functions: given a pack, a record and a day, what follows."""
