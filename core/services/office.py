"""What every question and act is asked of: one installation's database, pack and memory; and how a database says no."""

from sqlalchemy.exc import SQLAlchemyError

from core.derived.office import Office as Office
from core.records.database import DatabaseBusy as DatabaseBusy
from core.records.database import DatabaseRefused as DatabaseRefused

DATABASE_FAILS = (DatabaseRefused, SQLAlchemyError)  # also with what no person can mend
