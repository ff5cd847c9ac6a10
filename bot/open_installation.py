"""Opens the installation from the settings: the one place where a process gets its database and its pack."""

from __future__ import annotations

from bot.platforms import IDS
from bot.settings import Settings
from core.database.database import migrate, open_database, require_head
from core.services import packs_in_use
from core.services.installation import Installation
from reference.loading import load_pack


def open_installation(
    settings: Settings, *, ready: bool = True, patience: int | None = None, silence: float | None = None
) -> Installation:
    """The installation that the settings name. With `ready` the database must be at this program's version, and everybody in it
    known to the pack, unless that was chosen.
    `patience`: the most seconds to wait while somebody else writes. `silence`: the most to wait for one answer of PostgreSQL's.

    Raises `DatabaseRefused`, `PackError` or `Refusal`, each a sentence that says how to mend it.
    """
    installation = Installation(
        open_database(settings.database_url, patience=patience, silence=silence),
        load_pack(settings.npq_pack),
        platforms=IDS,
    )
    if ready:
        require_ready(settings, installation)
    return installation


def require_ready(settings: Settings, installation: Installation) -> None:
    """Refuses as `open_installation` does with `ready`."""
    require_head(installation.engine)
    if not settings.names_pack:
        packs_in_use.refuse_unchosen(installation)


def new_installation(database_url: str, pack: str) -> Installation:
    """An installation whose database is made, with all its tables and nothing in them, where there is none yet."""
    installation = Installation(open_database(database_url), load_pack(pack), platforms=IDS)
    migrate(installation.engine)
    return installation
