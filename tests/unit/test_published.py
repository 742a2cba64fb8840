"""Reading the record: what a cell may hold, which character ends a row, and what is told when several files are bad.

Single bad cells are listed in spec/bad_record.csv; here stand the changes that a cell of that list cannot hold.
"""

import csv
import io
import warnings
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from analysis import ContractError, Fault
from analysis.sources.places import PROJECT, Root
from analysis.sources.published import Record, read_record

TODAY = date(2026, 11, 22)
ROW_ID = "umkm-enrolled-jamsostek-kota-palu-tribunnews-tribunpalu-2022-12-16"
FOLDERS = {"published": ("figures.csv",), "reference": ("tariffs.csv", "limits.csv", "law.csv", "targets.csv")}
Rows = list[dict[str, str]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a copy of the project's record."""
    for folder in FOLDERS:
        target = tmp_path / "data" / "raw" / folder
        target.mkdir(parents=True)
        for file in (PROJECT / "data" / "raw" / folder).glob("*.csv"):
            (target / file.name).write_bytes(file.read_bytes())
    return tmp_path


def path_of(root: Path, file: str) -> Path:
    return root / "data" / "raw" / next(folder for folder, files in FOLDERS.items() if file in files) / file


def edit(root: Path, file: str, change: Callable[[Rows], object]) -> None:
    """Write a table of the record with its rows changed."""
    path = path_of(root, file)
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_cell(root: Path, file: str, row_id: str, column: str, cell: str) -> int:
    """Write one cell; the number of its row, the header being row 1."""
    numbers: list[int] = []

    def change(rows: Rows) -> None:
        numbers.extend(n for n, row in enumerate(rows, start=2) if row["id"] == row_id)
        rows[numbers[0] - 2][column] = cell

    edit(root, file, change)
    return numbers[0]


def read(root: Path) -> Record:
    return read_record(Root(root), today=TODAY)


def refused(root: Path) -> list[Fault]:
    with pytest.raises(ContractError) as caught:
        read(root)
    return list(caught.value.faults)


def told(faults: list[Fault]) -> list[tuple[object, int | None, str | None, str]]:
    return [(fault.values["file"], fault.row, fault.column, fault.message.format(**fault.values)) for fault in faults]


# text and rows


@pytest.mark.parametrize(
    "note",
    [
        "said\non two lines",
        "said\r\non two lines",
        "a line\u2028or two",
        "next\u0085line",
        'a "word", quoted',
        "tab\ttab",
    ],
    ids=["newline", "CRLF", "U+2028", "U+0085", "quoted", "tab"],
)
def test_a_note_keeps_every_sign_and_moves_no_row(note: str, root: Path) -> None:
    before = read(root).figures.set_index("id")["row_n"]
    write_cell(root, "figures.csv", ROW_ID, "note", note)
    figures = read(root).figures.set_index("id")
    assert figures.loc[ROW_ID, "note"] == note
    assert (figures["row_n"] == before).all()


def test_blank_records_count_as_rows(root: Path) -> None:
    path = path_of(root, "figures.csv")
    header, rest = path.read_text(encoding="utf-8").split("\n", 1)
    before = read(root).figures.set_index("id")["row_n"]
    path.write_text(f"{header}\n\n\n{rest}", encoding="utf-8", newline="")
    assert (read(root).figures.set_index("id")["row_n"] == before + 2).all()


@pytest.mark.parametrize("sign", ["\0", "\a", "\v", "\f", "\x1b", "\x7f", "\u200e", "\u202e", "\u2066"], ids=ascii)
def test_a_sign_that_nobody_sees_is_refused_with_its_place(sign: str, root: Path) -> None:
    row = write_cell(root, "figures.csv", ROW_ID, "note", f"said {sign} twice")
    expected = f"the cell holds an invisible control character (U+{ord(sign):04X}): delete it"
    assert told(refused(root)) == [("figures.csv", row, "note", expected)]


def test_a_sign_that_nobody_sees_is_never_repeated_to_the_reader(root: Path) -> None:
    write_cell(root, "figures.csv", ROW_ID, "status", "\x1b[31mconfirmed")
    assert all("\x1b" not in line for *_, line in told(refused(root)))
    path = path_of(root, "law.csv")
    path.write_text("\x1b[31m" + path.read_text(encoding="utf-8"), encoding="utf-8", newline="")
    faults = refused(root)
    assert [(fault.row, fault.values["code"]) for fault in faults if fault.values["file"] == "law.csv"] == [(1, "001B")]
    assert "\x1b" not in str(faults)


def test_a_column_that_stands_twice_is_named_and_python_stays_silent(root: Path) -> None:
    path = path_of(root, "figures.csv")
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([f"{lines[0]},unit", *(f"{line},persons" for line in lines[1:])]) + "\n", "utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        faults = refused(root)
    assert told(faults) == [("figures.csv", None, "unit", "the column stands more than once")]


def test_a_cell_without_end_is_refused_as_what_it_is(root: Path) -> None:
    row = write_cell(root, "figures.csv", ROW_ID, "note", "x" * (csv.field_size_limit() + 1))
    [(file, at, column, line)] = told(refused(root))
    assert (file, at, column) == ("figures.csv", row, None)
    assert line.startswith("a cell holds more than 131072 characters")


def test_a_file_that_begins_with_a_blank_line_has_no_header(root: Path) -> None:
    path = path_of(root, "law.csv")
    path.write_text("\n" + path.read_text(encoding="utf-8"), encoding="utf-8", newline="")
    assert told(refused(root)) == [("law.csv", None, None, "the file is empty or begins with a blank line")]


# rows that contradict each other


@pytest.mark.parametrize("value", ["20982", "020982"])
def test_the_same_text_entered_twice_is_refused_with_both_rows(value: str, root: Path) -> None:
    first = write_cell(root, "figures.csv", ROW_ID, "value", "20982")
    edit(root, "figures.csv", lambda rows: rows.append({**rows[first - 2], "id": f"{ROW_ID}-2", "value": value}))
    [(file, row, _, line)] = told(refused(root))
    assert (file, row) == ("figures.csv", len(read_project().figures) + 2)
    assert line.startswith(f"row {first} already holds this figure")


def test_another_value_of_the_same_text_is_another_row(root: Path) -> None:
    edit(root, "figures.csv", lambda rows: rows.append({**rows[0], "id": f"{rows[0]['id']}-2", "value": "1"}))
    assert len(read(root).figures) == len(read_project().figures) + 1


def read_project() -> Record:
    return read_record(Root(PROJECT), today=TODAY)


@pytest.mark.parametrize("column", ["published_date", "reference_date"])
def test_a_target_may_lie_ahead_and_its_printing_may_not(column: str, root: Path) -> None:
    row = write_cell(root, "figures.csv", "umkm-target-kota-palu-sultengraya-com-2023-03-29", column, "2030")
    if column == "reference_date":
        assert len(read(root).figures)
    else:
        assert told(refused(root)) == [("figures.csv", row, column, "published 2030, after today (2026-11-22)")]


def test_a_figure_printed_some_time_this_year_describes_no_day_to_come(root: Path) -> None:
    write_cell(root, "figures.csv", ROW_ID, "published_date", "2026")
    row = write_cell(root, "figures.csv", ROW_ID, "reference_date", "2026-12")
    expected = "describes 2026-12, which begins after today (2026-11-22)"
    assert told(refused(root)) == [("figures.csv", row, "reference_date", expected)]


def test_a_superseded_tariff_needs_no_amount(root: Path) -> None:
    write_cell(root, "tariffs.csv", "bpu-jkk-jkm-self-transport", "amount_idr_month", "")
    assert len(read(root).tariffs)


# everything at once


def test_a_bad_cell_in_one_file_hides_nothing_in_the_others(root: Path) -> None:
    cells = [
        ("law.csv", "perpres-39-2019", "status", "certain"),
        ("law.csv", "uu-40-2004", "published_date", "2024-02-30"),
        ("figures.csv", ROW_ID, "unit", "persons"),
        ("figures.csv", "poor-persons-kota-palu-databoks-bps", "reference_date", "2024-02-30"),
        ("limits.csv", "participation", "expired_after_months", "6"),
        ("tariffs.csv", "bpu-jkk-jkm-self-other-2026-04", "valid_to", "2026-03"),
        ("targets.csv", "umkm-stock-kota-palu", "figure_id", "nobody"),
    ]
    written = [(file, write_cell(root, file, row_id, column, cell)) for file, row_id, column, cell in cells]
    assert sorted((file, row) for file, row, *_ in told(refused(root))) == sorted(written)


def test_a_bad_cell_in_a_file_that_a_check_needs_reports_no_consequences(root: Path) -> None:
    row = write_cell(root, "figures.csv", ROW_ID, "status", "certain")
    edit(root, "figures.csv", lambda rows: rows.__delitem__(slice(row - 1, None)))  # no row is left for most targets
    assert [(file, at) for file, at, *_ in told(refused(root))] == [("figures.csv", row)]


def test_a_row_of_another_length_hides_no_bad_cell_of_the_same_file(root: Path) -> None:
    row = write_cell(root, "law.csv", "perpres-39-2019", "status", "certain")
    path = path_of(root, "law.csv")
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join([lines[0], f"{lines[1]},x", *lines[2:]]), encoding="utf-8", newline="")
    assert [(at, column) for _, at, column, _ in told(refused(root))] == [(2, None), (row, "status")]
