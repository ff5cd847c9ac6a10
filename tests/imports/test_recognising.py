"""Which kind of file a header is, and what is said when it is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.imports.headers.mapping_files import ColumnMapping, read_mapping
from core.imports.headers.recognised_headers import recognise
from core.imports.kinds import KINDS, Kind
from core.spreadsheets.file_problems import FileFault
from core.spreadsheets.reading import header_name


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
    if kind.name == "sessions":  # whose rows are nobody's
        assert refusal(" ".join(others)).startswith(
            f"The header row lacks {last}, which sessions needs; it has “event_id”"
        )
        return
    said = refusal(" ".join(["participant_id", *others]))
    assert said.startswith(f"The header row lacks {last}, which {kind.name} needs; it has “participant_id”")
    assert said.endswith(f'rename one (in a mapping file: [columns] "their name" = "{last}").')


def test_a_register_without_status_is_not_taken_for_assessments() -> None:
    assert "lacks status, which register needs" in refusal("participant_id event_id event_type event_date marked_on")


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("event_id delivery_partner event_type event_date", "sessions"),
        ("event_id delivery_partner course cohort event_type event_date starts_at minutes hours title", "sessions"),
        ("event_id event_type event_date participant_id status", "register"),
        ("event_id event_type event_date participant_id status delivery_partner course cohort title hours", "register"),
        (
            "event-id event_date event-type participant-id status delivery_partner course minutes title hours",
            "register",
        ),
    ],
)
def test_whose_rows_name_participants_is_a_register_and_no_plan(header: str, kind: str) -> None:
    assert kind_of(header) == kind


def test_a_register_without_status_is_no_plan_though_it_has_all_of_one() -> None:
    said = refusal("event_id event_type event_date participant_id delivery_partner course title hours")
    assert said.startswith("The header row lacks status, which register needs;")


def test_headers_that_say_too_little() -> None:
    assert refusal("name address").startswith(
        "None of its columns is known: its first row has “name” and “address”, and must name the columns of participants,"
    )
    for header in ("participant_id", "participant_id name"):
        assert refusal(header).startswith("Of its columns only participant_id is known, which most kinds of file have:")
        assert "only participant_id" in refusal(header, hint=KINDS["assessments"])
        assert "lacks block, percent_viewed and viewed_on, which videos needs" in refusal(header, hint=KINDS["videos"])
    assert kind_of("participant_id", kind=KINDS["assessments"]) == "assessments"
    assert "lacks meeting_on, which meetings needs" in refusal("delivery_partner when", kind=KINDS["meetings"])


@pytest.mark.parametrize(
    "header", ["email status course", "title state component assignee", "result", "user title email"]
)
def test_words_that_any_system_has_make_no_file_of_ours(header: str) -> None:
    said = refusal(header)
    assert said.startswith("It seems to be another system's export: of its columns only “")
    assert "see “Other systems' files” in docs/files.md" in said
    assert "lacks" not in said


@pytest.mark.parametrize(
    "header", ["participant title status email", "full_name email course", "email status event_id"]
)
def test_a_file_with_a_word_of_ours_is_told_what_it_lacks(header: str) -> None:
    assert refusal(header).startswith("The header row lacks ")


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


def register(header: str) -> str:
    """The kind of a header whose names stand between bars."""
    return recognise("x.csv", tuple(map(header_name, header.split("|")))).kind.name


@pytest.mark.parametrize(
    "header",
    [
        "Event ID *|Event Type *|Event Date *|Participant ID *|Status *",
        "Event ID:|Event type:|Event date:|Participant ID:|Status:",
        "eventId|eventType|eventDate|participantId|status",
        "Event-ID|Event-Type|Event-Date|Participant-ID|Status",
        "Event\nID|Event\u2013Type|Event Date (dd/mm/yyyy)|“Participant ID”|Status?",
        "Event ID (required)|Event Type|Event Date [YYYY-MM-DD]|Participant ID|status.",
    ],
)
def test_a_name_that_differs_in_its_marks_only_is_taken(header: str) -> None:
    assert register(header) == "register"


def test_the_very_name_comes_before_one_that_looks_like_it() -> None:
    header = ("event_id", "event_type", "event_date", "participant_id", "status:", "status", "credits_(%)")
    layout = recognise("x.csv", header)
    assert layout.places["status"] == 5
    assert layout.ignored == ("status:", "credits_(%)")
    assert "has status more than once" in refusal("event_id event_type event_date participant_id status: status*")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("particpant_id", "participant_id"),
        ("participents_id", "participant_id"),
        ("participant", "participant_id"),
        ("participant_id_(as_in_the_olp)", "participant_id"),
    ],
)
def test_a_name_that_is_nearly_right_is_named_and_never_taken(theirs: str, ours: str) -> None:
    assert refusal(f"{theirs} event_id event_type event_date status") == (
        f"The header row lacks {ours}, which register needs; it has “{theirs}”, which may be {ours}. Add the column or rename "
        f'one (in a mapping file: [columns] "{theirs}" = "{ours}").'
    )


def test_the_kind_that_a_mapping_states_is_the_one_spoken_of(tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text('kind = "register"\n[columns]\n"ID number" = "participant_id"\n')
    said = refusal("last_name first_name id_number course", mapping=read_mapping(mapping))
    assert "lacks event_id, event_type, event_date and status, which register needs" in said


def test_a_mapping_meets_a_header_whose_marks_differ(tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text('[columns]\n"Learner ID" = "participant_id"\n"Status:" = "status"\n')
    columns = read_mapping(mapping)
    assert kind_of("learner-id* event_id event_type event_date status:", mapping=columns) == "register"
