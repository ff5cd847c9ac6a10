"""What is remembered: tables, loading, importing, audit, outbox. No rule lives here."""
