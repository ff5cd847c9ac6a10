"""Opens the office from the settings: the one place where a process gets its database and its pack."""

from __future__ import annotations

from bot.platforms import IDS
from bot.settings import Settings
from core.database.database import migrate, open_database, require_head
from core.services.installation import Office
from reference.loading import load_pack


def open_office(
    settings: Settings, *, ready: bool = True, patience: int | None = None, silence: float | None = None
) -> Office:
    """The office that the settings name. With `ready` the database must be at this program's version.
    `patience`: the most seconds to wait while somebody else writes. `silence`: the most to wait for one answer of PostgreSQL's.

    Raises `DatabaseRefused` or `PackError`, each a sentence that says how to mend it.
    """
    office = Office(
        open_database(settings.database_url, patience=patience, silence=silence),
        load_pack(settings.npq_pack),
        platforms=IDS,
    )
    if ready:
        require_head(office.engine)
    return office


def new_office(database_url: str, pack: str) -> Office:
    """An office whose database is made, with all its tables and nothing in them, where there is none yet."""
    office = Office(open_database(database_url), load_pack(pack), platforms=IDS)
    migrate(office.engine)
    return office
