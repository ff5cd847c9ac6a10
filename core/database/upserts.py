"""An insert that can say what becomes of a row that is there already: each kind of database has its own words for it."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, SQLModel


def insert_into(session: Session, table: type[SQLModel]) -> Any:
    """SQLAlchemy's insert for the session's database."""
    return insert_for(session.get_bind().dialect.name, table)


def insert_for(dialect: str, table: type[SQLModel]) -> Any:
    """SQLAlchemy's insert for a kind of database. The other one's is not even loaded: PostgreSQL's takes 2 MB."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)
