"""What is done to an installation as a whole: backup, and the way to PostgreSQL."""
