"""What staff can do and ask, each act one transaction; what is due, what is late, and where everybody stands."""
