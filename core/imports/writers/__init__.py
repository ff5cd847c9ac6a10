"""Checked rows go into the tables, many at a time, as each kind of database does it fastest."""
