"""What is stored, and how it is reached: tables, transactions, the audit trail, and what can stand in a database's way."""
