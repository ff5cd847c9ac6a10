"""Facts and decisions as rows, and names, ids and texts as they are compared. No rule lives here."""
