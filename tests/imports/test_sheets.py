"""A workbook is read as Excel shows it, or the cell is named and nothing is taken."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports.headers.mapping_files import NOTHING_MAPPED
from core.imports.kinds import KINDS
from core.imports.taking_in import open_sources
from core.spreadsheets.cells import NotRight
from core.spreadsheets.file_problems import FileFault
from core.spreadsheets.number_formats import Format
from core.spreadsheets.reading import Record, Table
from core.spreadsheets.shown_by_excel import UNCALCULATED, look_at
from tests.imports.made import package, row, text

HEADER = row(1, "participant_id", "run_on", "percent_complete", "cumulative_credits", "note")
Save = Callable[[bytes], Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def write(content: bytes) -> Path:
        path = tmp_path / "book.xlsx"
        path.write_bytes(content)
        return path

    return write


def opened(path: Path, kind: str | None = None) -> Table:
    sources, faults = open_sources([path], kind=KINDS[kind] if kind else None, mapping=NOTHING_MAPPED)
    if faults:
        raise faults[0]
    return sources[0].table


def records(path: Path) -> list[Record]:
    return [record for page in opened(path).pages() for record in page.records()]


def report(*cells: str, **more: object) -> bytes:
    """An Engagement report of one row."""
    return package({"June": HEADER + row(2, *cells)}, **more)  # type: ignore[arg-type]


# ---- formulas


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="D2"><f>40+2</f></c>',
        '<c r="D2"><f>40+2</f><v/></c>',
        '<c r="D2"><f>40+2</f><v></v></c>',
        '<c r="D2" t="str"><f>40+2</f></c>',
        "<c r='D2'><f>40+2</f><v/></c>",
        '<c s="0" r="D2"><f t="shared" ref="D2:D9" si="0">40+2</f></c>',
        '<c r="D2"><f t="shared" si="0"/></c>',
        '<c r="D2"><f t="array" ref="D2">40+2</f><v/></c>',
        '<c\n r="D2"><f>40+2</f></c>',
    ],
)
def test_a_formula_that_nobody_calculated_is_no_blank(save: Save, cell: str) -> None:
    [(number, cells, broken)] = records(save(report("p-1", "2022-01-01", '<c r="C2"><v>5</v></c>', cell)))
    assert (number, cells[:3]) == (2, ["p-1", "2022-01-01", "5"])
    assert broken == {3: UNCALCULATED}


def test_nor_is_one_in_a_program_that_writes_no_places_or_prefixes(save: Save) -> None:
    placed = f"{text('p-1')}{text('2022-01-01')}<c><v>5</v></c><c><f>1</f><v/></c><c t='e'><v>#N/A</v></c>"
    [(_, _, broken)] = records(save(package({"June": HEADER + f"<row>{placed}</row>"})))
    assert broken == {
        3: UNCALCULATED,
        4: "The cell holds the spreadsheet error #N/A: mend its formula or type the value.",
    }


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ('<c r="D2"><f>40+2</f><v>42</v></c>', "42"),
        ('<c r="D2" t="str"><f>""</f><v></v></c>', ""),
        ('<c r="D2" t="str"><f>"x"</f><v>x</v></c>', "x"),
    ],
)
def test_what_excel_calculated_is_read(save: Save, cell: str, shown: str) -> None:
    path = save(report("p-1", "2022-01-01", '<c r="C2"><v>5</v></c>', cell, "end"))
    assert records(path) == [(2, ["p-1", "2022-01-01", "5", shown, "end"], None)]


def test_a_value_that_a_program_left_beside_a_formula_is_not_excels(save: Save) -> None:
    """XlsxWriter writes 0 for every formula and leaves it to Excel to calculate."""
    cells = ("p-1", "2022-01-01", '<c r="C2"><f>A9</f><v>0</v></c>')
    [(_, _, broken)] = records(save(report(*cells, calculation='<calcPr calcId="124519" fullCalcOnLoad="1"/>')))
    assert broken == {2: UNCALCULATED}


def test_a_sheet_of_nothing_but_formulas_has_rows(save: Save) -> None:
    formulas = [row(n, *(f'<c r="{c}{n}"><f>Raw!{c}{n}</f><v/></c>' for c in "ABC")) for n in (2, 3)]
    table = opened(save(package({"June": HEADER + "".join(formulas), "Raw": row(1, "x")})))
    found = [record for page in table.pages() for record in page.records()]
    assert [(number, sorted(broken or {})) for number, _, broken in found] == [(2, [0, 1, 2]), (3, [0, 1, 2])]


def test_the_cells_that_an_array_formula_fills(save: Save) -> None:
    formula = '<c r="D2"><f t="array" ref="D2:D4">Raw!D2:D4</f><v/></c>'
    rows = row(2, "p-1", "2022-01-01", "5", formula) + row(3, "p-2", "2022-01-01", "5") + row(5, "p-3", "", "5")
    assert [(n, sorted(broken or {})) for n, _, broken in records(save(package({"June": HEADER + rows})))] == [
        (2, [3]),
        (3, [3]),
        (4, [3]),
        (5, []),
    ]


def test_a_header_of_formulas(save: Save) -> None:
    with pytest.raises(FileFault) as fault:
        opened(save(package({"June": row(1, '<c r="A1"><f>Raw!A1</f></c>', "run_on") + row(2, "p-1", "x")})))
    assert (fault.value.sheet, fault.value.row) == ("June", 1)
    assert UNCALCULATED in fault.value.message


# ---- number formats


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("0%", 0.95, "95%"),
        ("0.0%", 0.897, "89.7%"),
        ("0%", 0.8996, "89.96%"),  # never rounded up
        ('0"%"', 95.0, "95%"),
        ("0", 89.96, "89.96"),
        ("0.00", 90.0, "90"),
        ("0.0", 89.999999999999986, "90"),  # Excel keeps 15 digits
        ("0%", 0.89999999999999991, "90%"),
        ("0.00", 89.99999, "89.99999"),
        ('[>=90]"passed";"failed"', 89.999999999999986, "passed"),
        ("#,##0", 1000.0, "1000"),
        ('_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-', 0.0, "0"),
        ('#,##0;-#,##0;"-"', 0.0, "0"),
        ("0.00E+00", 1234567.0, "1234567"),
        ("# ?/?", 0.5, "0.5"),
        ("[Red]0;[Blue]-0", 7.0, "7"),
        ("0000000", 12345.0, "0012345"),
        ("000000", 246.0, "000246"),
        ('"p-"0', 12.0, "p-12"),
        ('"p-"000', 12.0, "p-012"),
        ("\\p\\-000", 12.0, "p-012"),
        ("000-0000", 12345.0, "001-2345"),
        ("00\\/00000", 1234567.0, "12/34567"),
        ('0" credits"', 12.0, "12 credits"),
        ('"ID "@', "x7", "ID x7"),
        ('"yes";"yes";"no"', 0.0, "no"),
        ('[>=90]"passed";"failed"', 89.96, "failed"),
    ],
)
def test_a_number_format_is_read_as_shown_and_a_number_to_its_last_digit(
    code: str, value: float | str, shown: str
) -> None:
    assert Format(code).read(value) == shown


@pytest.mark.parametrize(
    ("code", "value"),
    [(";;;", 5.0), ("0;-0;;@", 0.0), ("#,###", 0.0), ("0,", 12345.0), ('0.0,,"m"', 1e6), (";;;", "x")],
)
def test_what_a_format_hides_or_scales_is_refused(code: str, value: float | str) -> None:
    with pytest.raises(NotRight, match="give it the format General"):
        Format(code).read(value)


@given(st.text(alphabet='0#?.,%"\\-_* @;[]<>=9pdmyhsE+/ ', max_size=16), st.floats(-1e14, 1e14))
def test_any_format_answers_or_refuses(code: str, value: float) -> None:
    with suppress(NotRight):
        assert isinstance(Format(code).read(value), str)


def test_formats_cell_by_cell(save: Save) -> None:
    rows = [
        row(2, '<c r="A2" s="1"><v>42</v></c>', "2022-01-01", '<c r="C2" s="2"><v>0.95</v></c>'),
        row(3, "p-2", "2022-01-01", '<c r="C3"><v>12.5</v></c>'),
        row(
            4,
            '<c r="A4" s="1"><v>7</v></c>',
            "2022-01-01",
            '<c s="2" r="C4"><v>1</v></c>',
            '<c r="D4" s="3"><v>0</v></c>',
        ),
    ]
    found = records(save(package({"June": HEADER + "".join(rows)}, formats=["0000000", "0%", ";;;"])))
    assert [cells[:3] for _, cells, _ in found] == [
        ["0000042", "2022-01-01", "95%"],
        ["p-2", "2022-01-01", "12.5"],
        ["0000007", "2022-01-01", "100%"],
    ]
    assert [broken for _, _, broken in found[:2]] == [None, None]
    assert found[2][2] == {
        3: "The cell holds 0, which its number format does not show: clear it, or give it the format General."
    }


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("56.999999999999993", "57"),
        ("89.999999999999986", "90"),
        ("0.30000000000000004", "0.3"),
        ("89.96", "89.96"),
        ("89.99999", "89.99999"),
        ("89.9999999999999", "89.9999999999999"),
        ("123456789012345", "123456789012345"),
        ("1E-7", "0.0000001"),
    ],
)
def test_a_number_has_the_15_digits_that_excel_keeps(save: Save, value: str, read: str) -> None:
    [(_, cells, _)] = records(save(report("p-1", "2022-01-01", f'<c r="C2"><v>{value}</v></c>')))
    assert cells[2] == read


@pytest.mark.parametrize("value", ["22101166201234567", "2.2101166201234568E+16", "1000000000000000"])
def test_a_number_that_excel_has_cut(save: Save, value: str) -> None:
    [(_, _, broken)] = records(save(report(f'<c r="A2"><v>{value}</v></c>', "2022-01-01", "5")))
    assert broken == {0: "Excel has cut this number to 15 digits: format the column as text and enter it again."}


@pytest.mark.parametrize(
    ("value", "code", "cell", "broken"),
    [
        ("45056.99999999999", "dd/mm/yyyy hh:mm", "2023-05-10", None),
        ("45056.5", "dd/mm/yyyy", "2023-05-10", None),
        ("45056", "mmm-yy", "2023-05-10", None),
        (
            "0",
            "dd/mm/yyyy",
            None,
            "The cell holds the day zero, which Excel shows as 00/01/1900: clear it or give a day.",
        ),
        ("0.5", "hh:mm", None, "The cell shows a time and no day: give the day."),
        ("45056.5", "hh:mm", None, "The cell shows a time and no day: give the day."),
        ("1.5", "[h]:mm", None, "The cell shows a time and no day: give the day."),
    ],
)
def test_days_and_times(save: Save, value: str, code: str, cell: str | None, broken: str | None) -> None:
    [(_, cells, why)] = records(save(report("p-1", f'<c r="B2" s="1"><v>{value}</v></c>', "5", formats=[code])))
    assert why == ({1: broken} if broken else None)
    assert cell is None or cells[1] == cell


# ---- what is hidden

OLD = HEADER + row(2, "p-1", "2020-01-01", "5")
NEW = HEADER + row(2, "p-1", "2022-01-01", "50")
NOTES = row(1, "Activity export") + row(2, "Produced for North Hub")


@pytest.mark.parametrize(
    ("sheets", "states", "read"),
    [
        ({"Old": OLD, "June": NEW}, {"Old": "hidden"}, "June"),
        ({"Old": OLD, "June": NEW}, {"Old": "veryHidden"}, "June"),
        ({"June": NEW, "engagement_report": OLD}, {"engagement_report": "hidden"}, "June"),
        ({"Read me": NOTES, "June": NEW}, {}, "June"),
        ({"Read me": NOTES, "Lists": row(1, "Yes"), "June": NEW}, {"Lists": "hidden"}, "June"),
        ({"Blank": "", "June": NEW}, {}, "June"),
        ({"June": NEW, "May": OLD}, {}, "June"),
        ({"May": OLD, "Engagement report": NEW}, {}, "Engagement report"),
        ({"Engagement report": NOTES, "June": NEW}, {}, "June"),
    ],
)
def test_the_visible_sheet_whose_header_fits(
    save: Save, sheets: dict[str, str], states: dict[str, str], read: str
) -> None:
    table = opened(save(package(sheets, states=states)))
    assert table.sheet == read
    others = [name for name in sheets if name != read and name not in states]
    assert len(table.warnings) == bool(others)
    assert all(name in table.warnings[0] for name in others)


def test_a_workbook_without_anything_that_fits(save: Save) -> None:
    with pytest.raises(FileFault) as fault:
        opened(save(package({"Read me": NOTES, "Hints": NOTES, "June": NEW}, states={"June": "hidden"})))
    assert fault.value.sheet == "Read me"
    assert fault.value.message.endswith(
        "(Excel hides the sheet June: show what is meant.) (Not read: the sheet Hints.)"
    )
    with pytest.raises(FileFault) as fault:
        opened(save(package({"June": NEW}, states={"June": "hidden"})))
    assert "hidden" in fault.value.message


def test_a_sheet_that_lacks_a_column_is_not_passed_over_for_another(save: Save) -> None:
    people = row(1, "participant_id", "full_name", "cohort", "delivery_partner") + row(2, "p-1", "Jane", "1", "Acme")
    with pytest.raises(FileFault, match="lacks course, which participants needs") as fault:
        opened(save(package({"People": people, "June": NEW})))
    assert fault.value.sheet == "People"


def test_hidden_rows_are_left_out_and_counted(save: Save) -> None:
    rows = (
        row(2, "p-1", "2022-01-01", "5", more=' hidden="1"')
        + row(3, "p-2", "2022-01-01", "5")
        + row(4, more=' hidden="1"')
    )
    table = opened(save(package({"June": HEADER + rows})))
    assert [cells[0] for page in table.pages() for _, cells, _ in page.records()] == ["p-2"]
    assert table.warnings == (
        "1 row that Excel hides was left out of the sheet “June” (is a filter on?): show them to have them read.",
    )


@pytest.mark.parametrize("hidden", [' hidden="1"', ' ht="0"', ' ht="0.0" customHeight="1"', ' customHeight="1" ht="0"'])
def test_a_row_without_height_is_hidden(save: Save, hidden: str) -> None:
    rows = HEADER + row(2, "p-1", "2022-01-01", "5", more=hidden) + row(3, "p-2", "2022-01-01", "5", more=' ht="0.5"')
    assert [cells[0] for _, cells, _ in records(save(package({"June": rows})))] == ["p-2"]


def test_a_hidden_header_is_told(save: Save) -> None:
    hidden = HEADER.replace('r="1"', 'r="1" hidden="1"', 1)
    with pytest.raises(FileFault) as fault:
        opened(save(package({"June": hidden + row(2, "p-1", "2022-01-01", "5")})))
    assert fault.value.message.endswith("(Excel hides row 1: show what is meant.)")
    with pytest.raises(FileFault, match="“June” shows nothing, for Excel hides its rows"):
        opened(save(package({"June": hidden})))


@given(st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=12))
def test_the_quick_look_and_the_careful_one_see_the_same(styles: list[int]) -> None:
    rows = "".join(row(n, f'<c r="A{n}" s="{style}"><v>{n}</v></c>') for n, style in enumerate(styles, 1))
    tail = '</sheetData><mergeCells count="2"><mergeCell ref="A1:C1"/><mergeCell ref="B2:B9"/></mergeCells><sheetData>'
    sheets = (_sheet(rows + tail), _sheet((rows + tail).replace('"', "'")))
    quick, careful = (look_at(*one, formats={1, 2}, stale=False) for one in sheets)
    assert len(quick.merged) == 2
    assert quick == careful
    assert [style for style, count in quick.styles(0, 1, len(styles)) for _ in range(count)] == [
        style or None for style in styles
    ]


def _sheet(rows: str) -> tuple[zipfile.ZipFile, str]:
    return zipfile.ZipFile(io.BytesIO(package({"June": rows}))), "xl/worksheets/sheet1.xml"


# ---- merged cells


def merged(*rows: str, spans: str, more: str = "") -> bytes:
    """An Engagement report with merged cells."""
    found = "".join(f'<mergeCell ref="{span}"/>' for span in spans.split())
    cells = f"</sheetData><mergeCells>{found}</mergeCells><sheetData>"
    return package({"June": HEADER + "".join(rows) + cells}, formats=[";;;"])


def test_a_merged_cell_is_the_value_of_every_row_that_it_spans(save: Save) -> None:
    rows = [
        row(2, "p-1", "2022-01-01", "5"),
        row(3, "p-2", "", "6"),
        row(4, "p-3", "", "7", more=' hidden="1"'),
        row(5, "p-4", "", "8"),
        row(7, "p-5", "", "9"),
    ]
    found = records(save(merged(*rows, spans="B2:B6")))
    assert [(number, cells[0], cells[1]) for number, cells, _ in found] == [
        (2, "p-1", "2022-01-01"),
        (3, "p-2", "2022-01-01"),
        (5, "p-4", "2022-01-01"),
        (7, "p-5", ""),
    ]


def test_from_one_page_to_the_next_and_from_a_hidden_row(save: Save) -> None:
    rows = [row(2, "p-1", "2022-01-01", "5", more=' hidden="1"')]
    rows += [row(number, f"p-{number}", "", "5") for number in range(3, 1_203)]
    found = records(save(merged(*rows, spans="B2:B1200 A1:D1")))
    assert [number for number, cells, _ in found if cells[1] == "2022-01-01"] == list(range(3, 1_201))


def test_a_merged_cell_that_cannot_be_read(save: Save) -> None:
    error = '<c r="C2" t="e"><v>#N/A</v></c>'
    found = records(save(merged(row(2, "p-1", "2022-01-01", error), row(3, "p-2", "2022-01-01"), spans="C2:C3")))
    message = "The cell holds the spreadsheet error #N/A: mend its formula or type the value."
    assert [broken for _, _, broken in found] == [{2: message}, {2: message}]


def test_cells_merged_across_columns_are_named(save: Save) -> None:
    rows = row(2, "p-1", "2022-01-01", "5") + row(3, "p-2", "2022-01-01")
    found = records(save(merged(rows, spans="C2:D3")))
    message = "The cell is merged with C2: unmerge the cells and fill each."
    assert [broken for _, _, broken in found] == [{3: message}, {3: message}]
    assert found[1][1][2] == "5"


@pytest.mark.parametrize("spans", ["A1:A3", "B1:D1", "C2:D3", "E2:E9", "A4:D5"])
def test_merged_cells_that_hold_nothing_or_belong_to_the_header(save: Save, spans: str) -> None:
    rows = row(2, "p-1", "2022-01-01") + row(3, "p-2", "2022-01-01")
    assert [(cells[:3], broken) for _, cells, broken in records(save(merged(rows, spans=spans)))] == [
        (["p-1", "2022-01-01", ""], None),
        (["p-2", "2022-01-01", ""], None),
    ]


# ---- what is hidden, column by column


def test_hidden_columns_are_left_out_and_named(save: Save) -> None:
    rows = HEADER + row(2, "p-1", "2022-01-01", "5", "7", "x")
    hide = '<cols><col min="{0}" max="{0}" hidden="1" width="9"/></cols>'
    table = opened(save(package({"June": rows}, heads={"June": hide.format(4)})))
    assert "cumulative_credits" not in table.header
    assert "cumulative_credits" in table.warnings[0]
    with pytest.raises(FileFault, match="Excel hides run_on, which engagement_report needs"):
        opened(save(package({"June": rows}, heads={"June": hide.format(2)})))
    assert opened(save(package({"June": rows}, heads={"June": hide.format(5)}))).warnings == ()
