"""Which messages are due, when, and about whom: pure functions of a pack, records and days."""
