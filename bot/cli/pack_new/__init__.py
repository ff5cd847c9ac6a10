"""`npq pack new`, in parts: the command, what it asks, how answers are read, the folder, and what is shown at the end."""
