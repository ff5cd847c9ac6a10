"""What every question and act is asked of: one installation's database, pack and memory; and how a database says no."""

from sqlalchemy.exc import DBAPIError as DatabaseFault
from sqlalchemy.exc import SQLAlchemyError

from core.database.database import DatabaseBusy, DatabaseRefused, SchemaNotReady, require_head, server_time
from core.derived.installation import Installation

__all__ = [
    "DATABASE_FAILS",
    "DatabaseBusy",
    "DatabaseFault",
    "DatabaseRefused",
    "Installation",
    "SchemaNotReady",
    "require_head",
    "server_time",
]

DATABASE_FAILS = (DatabaseRefused, SQLAlchemyError)  # also with what no person can mend
