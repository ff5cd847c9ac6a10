"""The database's history: one line of migrations, the same for SQLite and PostgreSQL."""
