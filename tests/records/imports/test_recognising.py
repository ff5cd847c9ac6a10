"""Which kind of file a header is, and what is said when it is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.records.imports.kinds import KINDS, Kind
from core.records.imports.mapping import ColumnMapping, read_mapping
from core.records.imports.recognising import recognise
from core.records.imports.report import FileFault


def kind_of(header: str, **given: Kind | ColumnMapping) -> str:
    return recognise("x.csv", tuple(header.split()), **given).kind.name  # type: ignore[arg-type]


def refusal(header: str, **given: Kind | ColumnMapping) -> str:
    with pytest.raises(FileFault) as refused:
        kind_of(header, **given)
    return refused.value.message


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_is_known_by_its_columns(kind: Kind) -> None:
    everything = [column.name for column in kind.columns]
    assert kind_of(" ".join(reversed(everything))) == kind.name
    assert kind_of(" ".join([*everything, "notes", "colour"])) == kind.name
    if not kind.own:
        assert kind_of(" ".join(kind.required)) == kind.name


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS.values() if len(kind.required) > 2], ids=lambda kind: kind.name
)
def test_a_missing_column_is_named_for_the_nearest_kind(kind: Kind) -> None:
    *others, last = (name for name in kind.required if name != "participant_id")
    assert refusal(" ".join(["participant_id", *others])) == (
        f"The header row lacks {last}, which {kind.name} needs: add the column or rename one (a mapping file can do it)."
    )


def test_a_register_without_status_is_not_taken_for_assessments() -> None:
    assert "lacks status, which register needs" in refusal("participant_id event_id event_type event_date marked_on")


def test_headers_that_say_too_little() -> None:
    assert refusal("name address").startswith(
        "None of its columns is known: the header row must name those of participants,"
    )
    assert refusal("participant_id") == "Its header row could be that of assessments: say which with --kind."
    assert kind_of("participant_id", kind=KINDS["assessments"]) == "assessments"
    assert "lacks meeting_on, which meetings needs" in refusal("delivery_partner when", kind=KINDS["meetings"])


def test_a_column_twice() -> None:
    header = "participant_id block percent_viewed viewed_on block"
    assert refusal(header) == "The header row has block more than once: keep one column of each name."
    assert kind_of("participant_id block percent_viewed viewed_on note note") == "videos"


def test_ignored_columns_are_named() -> None:
    layout = recognise("x.csv", ("note", "delivery_partner", "", "meeting_on", "room"))
    assert layout.ignored == ("note", "room")


MAPPING = """
kind = "register"
[columns]
"Learner ID" = "participant_id"
Session = "event_id"
[columns.register]
Outcome = "status"
[columns.assessments]
Outcome = "result"
[words.status]
Present = "attended"
"Did not come" = "absent"
"""


def mapping(tmp_path: Path, text: str) -> ColumnMapping:
    path = tmp_path / "theirs.toml"
    path.write_text(text)
    return read_mapping(path)


def test_their_names_become_ours(tmp_path: Path) -> None:
    theirs = mapping(tmp_path, MAPPING)
    layout = recognise("x.csv", ("learner_id", "session", "event_type", "event_date", "outcome"), mapping=theirs)
    assert layout.kind.name == "register"
    assert layout.places["status"] == 4
    assert (
        recognise("x.csv", ("learner_id", "outcome"), kind=KINDS["assessments"], mapping=theirs).places["result"] == 1
    )
    assert theirs.words["status"] == {"present": "attended", "did not come": "absent"}
    assert theirs.kind is KINDS["register"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[columns", "is not proper TOML"),
        ("columns = " + "[" * 10_000, "is not proper TOML"),
        ("colums = 1", "may hold kind, [columns] and [words.…], not “colums”"),
        ('kind = "registers"', "kind must be participants, activities,"),
        ('columns = "x"', "[columns] must be a table"),
        (
            '[columns]\nId = "participant"',
            "translates the column “Id” to “participant”, which is not a column of any kind",
        ),
        ("[columns]\nId = 3", "translates the column “Id” to “3”, which is not a column of any kind"),
        ('[columns.videos]\nId = "status"', "translates the column “Id” to “status”, which is not a column of videos"),
        ('[columns.video]\nId = "block"', "[columns.video] names no kind"),
        ('[words.colour]\nred = "auto"', "[words.colour] names no column that we read"),
        ('[words]\nstatus = "x"', "[words.status] must be a table"),
        ("[words.status]\nPresent = true", "[words.status] must give “Present” a word in quotation marks"),
        (
            '[words.status]\nPresent = "there"',
            "translates “Present” to “there”: Not one of the words for this column: give booked",
        ),
    ],
)
def test_a_mapping_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(FileFault) as refused:
        mapping(tmp_path, text)
    assert message in refused.value.message
    assert "\n" not in refused.value.message


def test_a_mapping_that_cannot_be_opened(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.toml"):
        with pytest.raises(FileFault, match="The mapping file cannot be read"):
            read_mapping(path)
    (tmp_path / "latin.toml").write_bytes('kind = "é"'.encode("latin-1"))
    with pytest.raises(FileFault, match="The mapping file is not UTF-8 text"):
        read_mapping(tmp_path / "latin.toml")
