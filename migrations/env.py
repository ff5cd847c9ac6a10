"""Runs migrations on the connection that `core.records.database.migrate` hands over."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from core.posts import outbox
from core.records import tables

assert outbox, tables  # importing them fills the metadata that migrations are compared with

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
