"""Runs migrations on the connection that `core.database.database.migrate` hands over."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from core.database import tables
from core.posts import outbox

assert outbox, tables  # importing them fills the metadata that migrations are compared with

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
