"""Prices, the outputs' shares of them, and last days of somebody's own: what a pack may say of them, and every fault of it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from reference.loading import check_pack, load_pack
from reference.pack import PersonalLimit, Price
from tests.reference.made import add, change, copy_of
from tests.reference.test_checking import line_named, refused
from tests.reference.test_todays_format import NORTHERN

PRICES = """
[[price]]
course = "NPQLT"
amount = "1,130.00"
source = "contract p. 3"

[[price]]
course = "NPQLT"
cohort = "2026b"
amount = "1200"
source = "contract p. 4"

[[personal_limit]]
course = "NPQSENCO"
column = "senco_start_date"
years = 3
warn_before = 365
what = "become SENCO"
source = "contract p. 5"
"""
SHARED = 'number = {0}\ndeclaration_type = "{1}"\n'


def with_share(pack: Path, number: int, declared: str, share: str) -> None:
    """Gives an output of the first group a share, as it is to be written."""
    entry = SHARED.format(number, declared)
    change(pack, "pack.toml", entry, f"{entry}share = {share}\n")


@pytest.fixture
def paid(tmp_path: Path) -> Path:
    """A pack with two prices, shares of its specialist outputs, and a limit."""
    pack = copy_of(NORTHERN, tmp_path)
    add(pack, "pack.toml", PRICES)
    for number, declared, share in ((1, "started", '"20%"'), (2, "retained-1", '"33.3%"'), (3, "completed", '"1/3"')):
        with_share(pack, number, declared, share)
    return pack


def test_what_a_pack_says_of_money_and_own_days(paid: Path) -> None:
    pack = load_pack(str(paid))
    assert pack.prices == (
        Price("NPQLT", Decimal("1130.00"), "contract p. 3"),
        Price("NPQLT", Decimal("1200.00"), "contract p. 4", "2026b"),
    )
    assert [output.share for output in pack.outputs["specialist"]] == [
        Fraction(1, 5),
        Fraction(333, 1000),
        Fraction(1, 3),
    ]
    assert [output.share for output in pack.outputs["senco"]] == [None] * 4
    assert pack.personal_limits == (
        PersonalLimit("NPQSENCO", "senco_start_date", 3, 365, "become SENCO", "contract p. 5"),
    )


@pytest.mark.parametrize("name", ["edt-v18", str(NORTHERN)])
def test_packs_that_say_nothing_of_it_are_as_they_were(name: str) -> None:
    pack = load_pack(name)
    assert (pack.prices, pack.personal_limits) == ((), ())
    assert {output.share for outputs in pack.outputs.values() for output in outputs} == {None}


def test_shares_may_be_the_whole_price_and_stand_there_without_one(tmp_path: Path) -> None:
    pack = copy_of(NORTHERN, tmp_path)
    for number, declared in ((1, "started"), (2, "retained-1"), (3, "completed")):
        with_share(pack, number, declared, '"1/3"')
    assert check_pack(str(pack)) == []


BROKEN = [
    # what is broken, what it says, what it says instead, what stands in the line that is named, part of what is said
    ("a number for an amount", 'amount = "1,130.00"', "amount = 1130.00", "amount =", "give words in quotation marks (given: 1130.0)"),
    ("an amount of another language", '"1,130.00"', '"1.130,00"', "amount =", "such as \"1,130.00\" or \"1130\" (given: 1.130,00)"),
    ("nothing for an amount", '"1,130.00"', '"0.00"', "amount =", "give pounds over 0"),
    ("a blank amount", '"1,130.00"', '" "', "amount =", "it is blank"),
    ("no amount", 'amount = "1,130.00"\n', "", "[[price]]", "“amount” is missing"),
    ("no source", 'source = "contract p. 3"\n', "", "[[price]]", "“source” is missing"),
    ("a price of an unknown course", 'course = "NPQLT"\namount', 'course = "NPQLTX"\namount', "course =", "there is no course NPQLTX"),
    ("a price of an unknown cohort", 'cohort = "2026b"\namount', 'cohort = "2026B"\namount', "cohort =",
     "write 2026b, as the cohort's key has it"),
    ("a price where the course is not offered", 'course = "NPQLT"\ncohort = "2026b"', 'course = "NPQLPM"\ncohort = "2025b"', "cohort =",
     "cohort 2025b does not offer NPQLPM, so nothing uses this price"),
    ("a price twice", 'cohort = "2026b"\namount = "1200"', 'amount = "1200"', "[[price]]", "the price of NPQLT is given twice"),
    ("a price of a course without shares", 'course = "NPQLT"\namount', 'course = "NPQSENCO"\namount', "course =",
     "no output of NPQSENCO has a share, so nothing of this price is paid"),
    ("a number for a share", '"20%"', "0.2", "share =", "give words in quotation marks"),
    ("a share that is none", '"20%"', '"20"', "share =", 'such as "20%" or "1/3" (given: 20)'),
    ("a share over all", '"20%"', '"120%"', "share =", "give a share over 0, up to all of it"),
    ("shares over all together", '"20%"', '"33.4%"', "share =", "with this one the shares of the group “specialist” come to 3001/3000"),
    ("a key of a price that is unknown", 'amount = "1200"', 'amuont = "1200"', "amuont =", "is “amount” meant?"),
    ("a limit of an unknown course", 'course = "NPQSENCO"\ncolumn', 'course = "SENCO"\ncolumn', "course =", "there is no course SENCO"),
    ("a limit by an unknown column", 'column = "senco_start_date"', 'column = "start_date"', "column =", "give one of 'senco_start_date'"),
    ("no years", "years = 3", "years = 0", "years =", "must be 1 or more, and 50 at most (given: 0)"),
    ("years in quotation marks", "years = 3", 'years = "3"', "years =", "write the number without quotation marks"),
    ("a day on it", "= 365", "= 0", "warn_before =", "must be 1 or more, and 1,000 at most (given: 0)"),
    ("words left blank", '"become SENCO"', '""', "what =", "it is blank"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "stands", "says"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_one_broken_thing_is_told_once_with_its_line(paid: Path, old: str, new: str, stands: str, says: str) -> None:
    change(paid, "pack.toml", old, new)
    [problem] = refused(paid)
    assert says in problem.message
    assert line_named(paid, problem).startswith(stands)


def test_every_fault_is_told_at_once_by_the_entrys_name(paid: Path) -> None:
    change(paid, "pack.toml", 'amount = "1200"', 'amount = "-1"')
    change(paid, "pack.toml", '"20%"', '"a fifth"')
    change(paid, "pack.toml", "years = 3", "years = 51")
    assert [problem.entry for problem in refused(paid)] == [
        "output specialist 1",
        "price NPQLT 2026b",
        "personal_limit NPQSENCO",
    ]


def test_a_limit_given_twice(paid: Path) -> None:
    add(paid, "pack.toml", PRICES[PRICES.index("[[personal_limit]]") :])
    [problem] = refused(paid)
    assert problem.message.startswith("the limit of NPQSENCO from senco_start_date on is given twice")


@pytest.mark.parametrize(
    "says", ['[[price]]\ncourse = "NPQLT"\namount = "1"\nsource = "p. 1"\n', PRICES[PRICES.index("[[personal") :]]
)
def test_a_pack_that_says_it_is_of_todays_format(tmp_path: Path, says: str) -> None:
    pack = copy_of(NORTHERN, tmp_path)
    change(pack, "pack.toml", "format = 2\n", "")
    change(pack, "pack.toml", "[[papers]]", f"{says}\n[[papers]]")
    assert "“format = 2” is missing" in refused(pack)[0].message
