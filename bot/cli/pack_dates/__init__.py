"""`npq pack dates`, in parts: the command, what it asks, what it shows, and where it writes."""
