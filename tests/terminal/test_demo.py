"""`npq demo`: the main job in two minutes, without an account, on a database that nobody sees again."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner
from rich.console import Console

from bot.cli import main
from bot.conversation.acts import EXTEND
from bot.conversation.cards.card import Button, Card, Heading, PersonRow, line
from bot.conversation.cards.status_card import status_card
from bot.conversation.verbs import Call
from bot.open_installation import new_installation
from bot.settings import Settings
from bot.terminal import demo, made_up_dates
from bot.terminal.drawing import Controls, draw
from bot.terminal.made_up_caseload import rehearsal
from core.database.database import reading
from core.derived.installation import Installation
from core.records import participant_rows
from core.rules.calendar import london_day
from core.rules.facts import Participant
from core.rules.results import Stage, Standing
from core.rules.standing import standing
from core.services.staff.actors import Actor
from reference.loading import folder_of, load_pack
from reference.pack import Pack
from tests.conversation.made import caseload as made_up
from tests.conversation.made import reminders
from tests.conversation.stages import case_of, in_every_stage, looked_at, said

NPQ = Path(sys.executable).parent / "npq"
UPDATED = "The post in the channel has been updated in place"
FAREWELL = "its database has been thrown away"


def flat(words: str) -> str:
    """What is drawn, on one line and without its frames, so that a sentence is found wherever it was broken."""
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", words).split())


def between(words: str, start: str, end: str) -> str:
    """The words from one mark to the next one of another kind."""
    begin = words.index(start)
    return words[begin : words.index(end, begin + len(start))]


@dataclass(frozen=True)
class Played:
    """A demo that ended: its exit, its words, and what it left in the two directories it could write to."""

    code: int
    out: str
    err: str
    left: list[str]

    @property
    def said(self) -> str:
        return flat(self.out)


@pytest.fixture(scope="module")
def own_script(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """`npq demo` with standard input that is no terminal: it plays its own short script."""
    working, scratch = tmp_path_factory.mktemp("working"), tmp_path_factory.mktemp("scratch")
    settings = {name.upper() for name in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name not in settings}
    done = subprocess.run(
        [NPQ, "demo"],
        cwd=working,
        env={**environment, "TMPDIR": str(scratch), "DATABASE_URL": f"sqlite:///{working}/mine.db", "COLUMNS": "96"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    left = [str(path) for folder in (working, scratch) for path in folder.rglob("*")]
    return Played(done.returncode, done.stdout, done.stderr, left)


PLAYED = (
    "/npq status jane hargreaves", "/npq reviews", "", "   ", "hello", "99999", "0", "press", "press Nothing Nobody",
    "post", "post 0", "post 999", "/npq help", "/npq xyzzy", "/npq status <!channel> [red]x[/red]", "x" * 5000,
    "1", "2026-11-30", "1", "post {number}",
    "press Log contact Callum Shaw", "1", "2", "2026-11-11",
    "press Defer Callum Shaw", "2026-11-11", "2026-12-14", "3",
    "press Details Callum Shaw",
    "press Extend Samuel Eze",
    "press Extend Yasmin Rahman", "2033-06-30", "1", "", "2", "",
    "/npq extend jane hargreaves", "2026-12-31",
)  # fmt: skip


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, own_script: Played) -> Played:
    """`npq demo --script FILE` with the lines above; they end in the middle of a form. `[1]` is in the first post drawn."""
    number = re.search(r"post (\d+) in #pennine-npqs", own_script.out)
    assert number is not None
    working, elsewhere = tmp_path_factory.mktemp("working"), tmp_path_factory.mktemp("scripts")
    script = elsewhere / "script.txt"
    script.write_text("\n".join(PLAYED).format(number=number[1]), encoding="utf-8")
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in Settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.chdir(working)
        monkeypatch.setenv("COLUMNS", "96")
        result = CliRunner().invoke(main, ["demo", "--script", str(script)])
    return Played(result.exit_code, result.stdout, result.stderr, [str(path) for path in working.rglob("*")])


def answered(words: str, typed: str) -> str:
    """What came back when this line was played."""
    begin = words.index(f"> {typed}") + len(f"> {typed}")
    end = words.find(" > ", begin)
    return words[begin:] if end < 0 else words[begin:end]


# --- its own script --------------------------------------------------------------------------------------------------


def test_it_ends_with_0_and_without_a_traceback(own_script: Played) -> None:
    assert own_script.code == 0
    assert own_script.err == ""
    assert "Traceback" not in own_script.out
    assert FAREWELL in own_script.said


def test_it_leaves_no_database_anywhere(own_script: Played) -> None:
    """Neither in the working directory, nor where DATABASE_URL points, nor in the directory for temporary files."""
    assert own_script.left == []


def test_it_reads_files_through_the_importers_and_says_how_many_people_there_are(own_script: Played) -> None:
    found = re.search(r"Imported (\d+) participants and (\d+) rows of reports from (\d+) files", own_script.said)
    assert found is not None
    assert 50 <= int(found[1]) <= 75
    assert int(found[3]) >= 7


def test_it_shows_the_posts_that_are_due_with_the_true_date_and_that_it_is_a_rehearsal(own_script: Played) -> None:
    shown = between(own_script.said, "posts were due", "Now you")
    assert "Rehearsal" in shown
    assert "The review of Output 1 is on 19 November 2026" in shown
    assert "list for the Partnership meeting" in shown
    assert "What to do next" in shown
    for label in ("Extend", "Defer", "Log contact", "Details"):
        assert re.search(rf"\[\d+\] {label}", shown)


def test_a_sign_in_a_post_never_stands_without_its_words(own_script: Played) -> None:
    """○ alone says nothing to somebody who does not know the signs: the verdict's words stand beside the name."""
    post = between(own_script.said, "list for the Partnership meeting", "post ")
    assert "○ Callum Shaw" in post
    row = between(post, "○ Callum Shaw", "Extend")
    assert "NPQLT" in row
    assert "Not met yet" in row
    assert "in the window until 11 November 2026" in row


def test_an_extension_is_refused_then_agreed_and_the_post_is_updated_in_that_order(own_script: Played) -> None:
    marks = [
        "press Extend Callum Shaw",
        "Current deadline: 11 November 2026",
        "The new deadline must be later than 11 November 2026",
        "the deadline for Output 3 is now 30 November 2026",
        UPDATED,
        "Output 3 extended to 30 November 2026 by Priya Nair",
        "/npq status callum",
        "Agreed deadline: 30 November 2026",
    ]
    places, start = [], 0
    for mark in marks:
        assert mark in own_script.said[start:], mark
        start = own_script.said.index(mark, start)
        places.append(start)
    assert places == sorted(places)


def test_the_reason_of_the_extension_is_not_on_the_updated_post(own_script: Played) -> None:
    assert "workload" not in own_script.said[own_script.said.index(UPDATED) :].casefold()


def test_two_of_one_name_are_offered_and_nearly_right_gets_a_suggestion(own_script: Played) -> None:
    assert "2 people fit “jane”" in own_script.said
    assert "Did you mean /npq status nobody?" in own_script.said
    assert "I can't find a participant “nobody”" in own_script.said


# --- a script of one's own -------------------------------------------------------------------------------------------


def test_a_script_is_played_to_its_end_and_leaves_nothing_behind(played: Played) -> None:
    assert (played.code, played.err, played.left) == (0, "", [])
    assert FAREWELL in played.said
    assert "Traceback" not in played.out
    assert "NPQ Leading Teaching (NPQLT)" in answered(played.said, "/npq status jane hargreaves")
    assert "only you see this" in answered(played.said, "/npq status jane hargreaves")
    assert "19 November 2026" in answered(played.said, "/npq reviews")


def test_buttons_are_pressed_by_number_and_what_was_decided_is_on_the_post_from_then_on(played: Played) -> None:
    """The post, read again afterwards, says what was recorded and by whom."""
    words = answered(played.said, "1")
    assert "Recorded" in words
    assert UPDATED in words
    (again,) = re.findall(r"> (post \d+) ╭?", played.said[played.said.index(UPDATED) :])
    assert "Output 3 extended to 30 November 2026 by Priya Nair" in answered(played.said, again)


def test_a_contact_a_deferral_and_details_by_their_names(played: Played) -> None:
    words = played.said[played.said.index("> press Log contact Callum Shaw") :]
    assert "Contact tried by phone (no answer), logged by Priya Nair" in words
    assert "Deferred from 11 November 2026, agreed return 14 December 2026 by Priya Nair" in words
    details = answered(played.said, "press Details Callum Shaw")
    recorded = details[details.index("What was recorded") :]
    for part in ("Output 3 extended to 30 November 2026", "Contact tried by phone", "Deferred from 11 November 2026"):
        assert part in recorded
    assert "(parental leave)" in recorded, "Details are private"


def test_what_makes_no_sense_is_answered_and_the_demo_goes_on(played: Played) -> None:
    for typed in ("hello", "x" * 5000):
        assert "Type /npq help" in played.said[played.said.index(flat(typed)[:20]) :]
    for typed in ("99999", "0", "press", "press Nothing Nobody"):
        assert "no button" in answered(played.said, typed)
    for typed in ("post 0", "post 999"):
        assert "post" in answered(played.said, typed)
    assert "What I can do" in answered(played.said, "/npq help")
    assert "I don't know “xyzzy”" in answered(played.said, "/npq xyzzy")
    assert "<!channel> [red]x[/red]" in answered(played.said, "/npq status <!channel> [red]x[/red]"), "shown as typed"


def test_an_extension_that_nobody_needs_is_answered_instead_of_a_form(played: Played) -> None:
    assert "no extension is needed" in answered(played.said, "press Extend Samuel Eze")


def test_a_date_beyond_the_course_is_asked_about_and_recorded_once_it_is_meant(played: Played) -> None:
    words = played.said[played.said.index("> press Extend Yasmin Rahman") :]
    asked = words.index(
        "30 June 2033 lies after the last date of NPQLTD in cohort 2025b (18 December 2026). Is it meant?"
    )
    assert asked < words.index("the deadline for Output 3 is now 30 June 2033")
    assert "Enter for 2033-06-30" in words[:asked], "what was typed is kept"


def test_lines_that_end_in_the_middle_of_a_form_record_nothing(played: Played) -> None:
    words = played.said[played.said.index("> /npq extend jane hargreaves") :]
    assert "Extend the deadline" in words
    assert UPDATED not in words
    assert "Recorded" not in words


def test_a_script_that_is_no_text_is_refused_in_one_sentence(tmp_path: Path) -> None:
    script = tmp_path / "script.txt"
    script.write_bytes(b"\xff\xfe\x00quit")
    result = CliRunner().invoke(main, ["demo", "--script", str(script)])
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "script.txt" in result.stderr or "UTF-8" in result.stderr


def test_json_means_one_document_or_is_refused(tmp_path: Path) -> None:
    """The contract: with `--json`, one JSON document on standard output and nothing else."""
    script = tmp_path / "script.txt"
    script.write_text("quit\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["demo", "--script", str(script), "--json"])
    if result.exit_code != 2:
        assert isinstance(json.loads(result.stdout), dict)


def test_somebody_at_a_terminal_types_and_leaves_with_end_of_input(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    try:
        with subprocess.Popen([NPQ, "demo"], cwd=tmp_path, stdin=theirs, stdout=subprocess.PIPE, text=True) as process:
            os.write(ours, b"/npq status jane hargreaves\npress Details Jane Hargreaves\n\x04")
            try:
                out, _ = process.communicate(timeout=300)
            finally:
                if process.poll() is None:
                    process.kill()
        assert process.returncode == 0
    finally:
        os.close(ours)
        os.close(theirs)
    words = flat(out)
    assert "NPQ Leading Teaching (NPQLT)" in words
    assert "What was recorded" in words
    assert FAREWELL in words
    assert list(tmp_path.iterdir()) == []


# --- the made-up caseload --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The demo's own database, set up as the demo does it."""
    folder, screen = tmp_path_factory.mktemp("demo"), Console(file=io.StringIO())
    todays = made_up_dates.put_in(folder, screen, rehearsal())
    installation = new_installation(f"sqlite:///{folder}/demo.db", str(todays))
    demo._set_up(installation, screen, rehearsal())
    yield installation
    installation.engine.dispose()


@pytest.fixture(scope="module")
def people(installation: Installation) -> list[Participant]:
    with reading(installation.engine) as session:
        return participant_rows.load_participants(session)


@pytest.fixture(scope="module")
def standings(people: list[Participant], installation: Installation) -> list[Standing]:
    today = london_day(rehearsal())
    return [standing(installation.pack, person, today) for person in people]


def test_there_are_about_sixty_people_of_three_cohorts_and_every_course_at_two_partners(
    people: list[Participant],
) -> None:
    """Everybody is on a course and in a cohort that the shipped pack has, and nobody's course is left out."""
    shipped = load_pack("npq")
    assert 55 <= len(people) <= 70
    assert all(shipped.knows(person.course, person.cohort) for person in people)
    assert {person.course for person in people} == set(shipped.courses)
    assert {person.cohort for person in people} == {"2025a", "2025b", "2026b"}
    assert len({person.delivery_partner for person in people}) == 2
    assert all((person.email or "").endswith("example.org") for person in people), "nobody real"
    assert any(not person.name.isascii() for person in people)


# Today's pack defines every output, and knows no course's total of credits, which alone leaves nothing to be done.
STAGES = sorted(set(get_args(Stage)) - {"not_defined", "refer_to_lead_provider"})


@pytest.mark.parametrize("stage", STAGES)
def test_somebody_is_in_every_stage_of_the_rulebook(standings: list[Standing], stage: str) -> None:
    assert stage in Counter(output.stage for whole in standings for output in whole.outputs)


@pytest.mark.parametrize("stage", sorted(set(STAGES) - {"declared"}))
def test_every_stage_but_declared_is_somebodys_current_one(standings: list[Standing], stage: str) -> None:
    """So that it can be seen on a status and, where it is one to see to, on a post."""
    assert stage in {whole.current.stage for whole in standings if whole.current is not None}


def test_some_have_every_output_declared(standings: list[Standing]) -> None:
    assert any(whole.current is None for whole in standings)


@pytest.mark.parametrize("verdict", ["met", "not_met", "unknown", "exempt"])
def test_every_verdict_can_be_seen(standings: list[Standing], verdict: str) -> None:
    assert verdict in {output.verdict for whole in standings for output in whole.outputs}


def test_some_are_payable_and_today_no_paper_holds_anybody_up(standings: list[Standing]) -> None:
    met = [output for whole in standings for output in whole.outputs if output.verdict == "met"]
    assert any(output.payable for output in met)
    assert not any(output.papers_missing for output in met)


def test_some_have_met_an_output_by_a_session_and_some_by_a_video_alone(standings: list[Standing]) -> None:
    ways = {
        tuple(each.criterion for each in output.criteria if each.verdict == "met")
        for whole in standings
        for output in whole.outputs
        if output.output == 1 and output.verdict == "met" and output.declared_on is None
    }
    assert ("video",) in ways
    assert any("attendance" in way for way in ways)


def test_somebody_has_shown_nothing_new_for_more_than_ninety_days(people: list[Participant]) -> None:
    """No session, activity or video, on a course that goes on."""
    today = london_day(rehearsal())

    def last_seen(person: Participant) -> date:
        seen = [each.event_date for each in person.register if each.status == "attended"]
        seen += [each.completed_on for each in person.activities] + [each.viewed_on for each in person.videos]
        return max(seen, default=date.min)

    assert any(date.min < last_seen(person) < today - timedelta(days=90) for person in people)


# --- the made-up dates -----------------------------------------------------------------------------------------------


def test_the_first_step_is_the_dates_and_they_are_said_to_be_made_up(own_script: Played) -> None:
    steps = [flat(line) for line in own_script.out.splitlines() if line.startswith("✓")]
    assert "made-up dates (made_up_dates.csv)" in steps[0]
    assert "Imported" in steps[1]
    assert "every review date here is made up" in own_script.said
    assert own_script.said.index("made up") < own_script.said.index("posts were due")


def test_the_copy_says_where_its_dates_come_from_and_the_shipped_pack_stays_as_it_is(tmp_path: Path) -> None:
    shipped = {path.name: path.read_bytes() for path in folder_of("npq").iterdir()}
    copy = load_pack(str(made_up_dates.put_in(tmp_path, Console(file=io.StringIO()), rehearsal())))
    assert {path.name: path.read_bytes() for path in folder_of("npq").iterdir()} == shipped
    assert "made-up" in copy.name
    assert all("made_up_dates.csv" in row.source for row in copy.given_dates if row.review is not None)
    assert not any(row.review for row in load_pack("npq").given_dates)


def test_published_cut_offs_stay_as_dfe_has_them(installation: Installation) -> None:
    for row in load_pack("npq").given_dates:
        if row.cut_off is not None:
            mine = [
                one
                for one in installation.pack.given_dates
                if (one.group, one.cohort, one.output) == (row.group, row.cohort, row.output)
            ]
            assert [(one.cut_off, one.payment) for one in mine] == [(row.cut_off, row.payment)]


def test_some_have_no_review_date_yet_and_posts_end_with_how_many(played: Played) -> None:
    assert "2 people have no review date yet." in answered(played.said, "/npq reviews")


# --- drawing ---------------------------------------------------------------------------------------------------------


def drawn(card: Card, controls: Controls | None = None, where: str = "only you see this") -> str:
    """A card as it stands on a screen wide enough not to break its lines."""
    screen = Console(file=io.StringIO(), width=700, highlight=False)
    screen.print(draw(card, controls or Controls(), where=where))
    output = screen.file
    assert isinstance(output, io.StringIO)
    return flat(output.getvalue())


def shown_of(card: Card) -> list[str]:
    """Every line that must be on the screen; where a type-ahead menu would stand, a word about it is enough."""
    menus = {"Find somebody by name"}
    return [flat(each) for each in said(card).splitlines() if each.strip() and each not in menus]


def test_every_word_of_a_status_in_every_stage_is_on_the_screen(pack: Pack) -> None:
    for situation in in_every_stage(pack).values():
        _, output = looked_at(pack, situation)
        card = status_card(pack, Actor.console(), case_of(pack, situation), output)
        screen = drawn(card)
        assert [each for each in shown_of(card) if each not in screen] == []


def test_every_word_of_every_kind_of_post_is_on_the_screen(pack: Pack) -> None:
    from bot.conversation.posts.reminder_posts import reminder_cards

    kinds: dict[str, Any] = {}
    for reminder in reminders(pack, made_up(9), date(2021, 11, 29), date(2022, 1, 18)):
        kinds.setdefault(reminder.occasion.key, reminder)
    assert len(kinds) > 7
    for reminder in kinds.values():
        for card in reminder_cards(pack, reminder, rehearsal=True):
            screen = drawn(card)
            assert [each for each in shown_of(card) if each not in screen] == []


def test_a_name_in_square_brackets_is_a_name_and_no_style() -> None:
    name = "[red]Ann[/red] [/] \\[x] :smile:"
    row = PersonRow("p-1", name, (line(name),), beside=line(name), mark="○")
    screen = drawn(Card(name, (Heading(name), row), name))
    assert screen.count(name) == 5


def test_buttons_are_numbered_on_and_stay_pressable() -> None:
    def button(label: str, who: str) -> Button:
        return Button(label, Call(EXTEND.opens, who, 1, 0))

    def row(who: str, name: str) -> PersonRow:
        return PersonRow(who, name, (), (button("Extend", who), button("Details", who)))

    controls = Controls()
    first = drawn(Card("First", (row("p-1", "Ann"), row("p-2", "Bob"))), controls)
    second = drawn(Card("Second", (row("p-1", "Ann"),)), controls)
    assert [int(n) for n in re.findall(r"\[(\d+)\]", first + second)] == [1, 2, 3, 4, 5, 6]
    one, three = controls.call(1), controls.call(3)
    assert one is not None
    assert three is not None
    assert (one.participant, three.participant) == ("p-1", "p-2")
    assert controls.call(0) is None
    assert controls.call(7) is None
    assert controls.labelled("extend bob") == three
    assert controls.labelled("Extend Nobody") is None
