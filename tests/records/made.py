"""Stored rows for tests, made up."""

from __future__ import annotations

from datetime import UTC, datetime

from core.records.tables import ParticipantRow

NOW = datetime(2022, 6, 1, 9, 0, tzinfo=UTC)


def stored_person(participant_id: str, **more: object) -> ParticipantRow:
    given: dict[str, object] = {
        "participant_id": participant_id,
        "full_name": f"Person {participant_id}",
        "course": "NPQLTD",
        "cohort": 1,
        "delivery_partner": "North Star",
    }
    return ParticipantRow(**(given | more))
