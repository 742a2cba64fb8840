"""Work-lists that came back: what counts as an answer, and that every fault is told at once without repeating it."""

import csv
import zipfile
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import python_calamine
import xlsxwriter

from analysis import ContractError
from analysis.cleaning import findings as found
from analysis.contracts.registers import CORRECTIONS
from analysis.sources import answers, keys
from analysis.sources import returned as opening

TODAY = date(2026, 11, 22)
KEY = keys.DEMO.pseudonym
HEADINGS = ["ID temuan", "Nama", "Jawaban", "Isi baru", "Petugas", "Tanggal", "Kode nilai"]
ENGLISH = ["Finding ID", "Name", "Answer", "New value", "Officer", "Date", "Value code"]
SECRET = "7271011508900001"
OLD = "727101150890000"
SPEC = list(csv.DictReader((Path(__file__).parents[1] / "spec" / "answers.csv").read_text("utf-8").splitlines()))
NUMBERS = range(1, len(SPEC) + 1)
OLD_CELLS = [OLD if case["new_value"] == OLD else f"old {n}" for n, case in zip(NUMBERS, SPEC, strict=True)]
HASHES = found.value_hash(pd.Series("nik", NUMBERS, dtype="str"), pd.Series(OLD_CELLS, NUMBERS, dtype="str"), KEY)
HASHES = HASHES.to_list()
FINDINGS = pd.DataFrame({
    "finding_id": [f"{n:016x}" for n in NUMBERS], "register": "umkm", "source_sheet": "", "source_row": NUMBERS,
    "rule_id": "nik_malformed", "field": "nik", "value_hash": HASHES,
})  # fmt: skip
Cells = list[str]


def row(n: int = 1, answer: str = "sudah benar", new: str = "", by: str = "Ibu Rahma", day: str = "09/11/2026",
        **changed: str) -> Cells:  # fmt: skip
    one = FINDINGS.iloc[n - 1]
    return [changed.get("id", one["finding_id"]), "Siti", answer, new, by, day, changed.get("code", one["value_hash"])]


def returned(path: Path, *rows: Cells, above: tuple[Cells, ...] = (), headings: Cells = HEADINGS,
             sheets: tuple[str, ...] = ("Keterangan", "Daftar")) -> Path:  # fmt: skip
    """A list as it comes back: all sheets but the last hold a note, the last one the rows."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_numbers": False})
    for name in sheets[:-1]:
        book.add_worksheet(name).write_string(0, 0, "Tujuan")
    sheet = book.add_worksheet(sheets[-1])
    for n, cells in enumerate([*above, headings, *rows]):
        for at, cell in enumerate(cells):
            if cell:
                sheet.write_string(n, at, cell)
    book.close()
    return path


def read(*files: Path, known: pd.DataFrame | None = None) -> pd.DataFrame:
    return answers.read(files, FINDINGS, KEY, known, TODAY)


def refusal(*files: Path) -> list[tuple[object, object, int | None, str | None, str]]:
    with pytest.raises(ContractError) as caught:
        read(*files)
    assert caught.value.exit_code == 11
    for written in (SECRET, "Siti", "Ibu Rahma"):
        assert written not in str(caught.value)
    return [(fault.values.get("file"), fault.values.get("sheet"), fault.row, fault.column,
             fault.message.format(**fault.values)) for fault in caught.value.faults]  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dinas.xlsx"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read our own files here, where starting a process for each would take most of the test's time."""

    def rows(path: Path) -> list[tuple[str, list[list[str]]]]:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        return [(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names]

    monkeypatch.setattr(opening, "sheets", rows)


# what counts


def test_answers_become_declared_corrections(path: Path) -> None:
    rows = [row(3, "belum diketahui"), row(1, "diperbaiki", SECRET), row(2, "sudah benar", day="2026-11-08"),
            row(4, "", by="", day="")]  # fmt: skip
    made = read(returned(path, *rows))
    assert list(made.columns) == list(CORRECTIONS.columns)
    assert made["answer"].to_list() == ["corrected", "confirmed", "unknown"]
    first = made.iloc[0]
    assert first[["finding_id", "register", "rule_id", "field"]].to_list() == [
        f"{1:016x}",
        "umkm",
        "nik_malformed",
        "nik",
    ]
    assert (first["expected_hash"], first["new_value"], first["answered_by"]) == (HASHES[0], SECRET, "Ibu Rahma")
    assert first["answered_date"] == pd.Timestamp("2026-11-09")
    assert {*made["state"]} == {"declared"}
    assert made["new_value"].isna().to_list() == [False, True, True]
    assert {str(made.dtypes[name]) for name in CORRECTIONS.columns} == {"str", "datetime64[s]"}
    assert answers.unanswered_n([path]) == 1


@pytest.mark.usefixtures("quick")
def test_a_list_without_any_answer_gives_an_empty_table_of_the_same_kind(path: Path) -> None:
    made = read(returned(path, row(1, ""), row(2, "", by="", day="")))
    assert made.empty
    assert list(made.columns) == list(CORRECTIONS.columns)
    assert made["answered_date"].dtype == "datetime64[s]"


def test_a_day_that_the_spreadsheet_made_a_date_is_read(path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Daftar")
    for at, (heading, cell) in enumerate(zip(HEADINGS, row(1), strict=True)):
        sheet.write_string(0, at, heading)
        sheet.write_string(1, at, cell)
    sheet.write_datetime(1, 5, pd.Timestamp("2026-11-09"), book.add_format({"num_format": "dd/mm/yyyy"}))
    book.close()
    assert read(path)["answered_date"].to_list() == [pd.Timestamp("2026-11-09")]


@pytest.mark.usefixtures("quick")
def test_english_headings_titles_above_and_other_orders_are_read(path: Path) -> None:
    own = [row(1)[at] for at in (6, 5, 4, 3, 2, 1, 0)]
    returned(path, own, above=(["Kelurahan Besusu Barat"], []), headings=ENGLISH[::-1], sheets=("Rekap", "Hasil"))
    assert len(read(path)) == 1


@pytest.mark.usefixtures("quick")
def test_a_column_that_somebody_added_does_not_hide_ours(path: Path) -> None:
    assert len(read(returned(path, [*row(1), "besok"], headings=[*HEADINGS, "Tanggal"]))) == 1


@pytest.mark.usefixtures("quick")
def test_the_same_answer_twice_is_one_and_the_later_day_counts(tmp_path: Path) -> None:
    one = returned(tmp_path / "a.xlsx", row(1, day="09/11/2026"), row(1, by="Pak Ali", day="10/11/2026"))
    made = read(one, returned(tmp_path / "b.xlsx", row(1, day="08/11/2026"), row(2)))
    assert made["answered_by"].to_list() == ["Pak Ali", "Ibu Rahma"]
    assert made["answered_date"].to_list() == [pd.Timestamp("2026-11-10"), pd.Timestamp("2026-11-09")]


@pytest.mark.usefixtures("quick")
def test_an_answer_given_before_may_come_again_when_its_finding_is_gone(tmp_path: Path) -> None:
    path = returned(tmp_path / "a.xlsx", row(1, "diperbaiki", SECRET), row(2))
    known = read(path)
    left = FINDINGS[FINDINGS["finding_id"] != f"{1:016x}"]
    with pytest.raises(ContractError):
        answers.read([path], left, KEY, None, TODAY)
    assert answers.read([path], left, KEY, known, TODAY).equals(known)


# faults


@pytest.mark.usefixtures("quick")
def test_every_row_of_the_spec_is_read_as_expected(path: Path) -> None:
    cells = [row(n, case["answer"], case["new_value"], case["officer"], case["date"]) for n, case in enumerate(SPEC, 1)]
    refused = [n for n, case in enumerate(SPEC, 1) if case["heading"]]
    told = {number: rest for _, _, number, *rest in refusal(returned(path, *cells))}
    assert sorted(told) == [n + 1 for n in refused]
    for n in refused:
        heading, line = told[n + 1]
        assert (heading, SPEC[n - 1]["expected"] in line) == (SPEC[n - 1]["heading"], True), (SPEC[n - 1], line)
    sound = [one for n, one in enumerate(cells, 1) if n not in refused]
    made = read(returned(path, *sound)).set_index("finding_id")["answer"]
    expected = {one[0]: case["expected"] for one, case in zip(cells, SPEC, strict=True) if not case["heading"]}
    assert made.to_dict() == {name: answer for name, answer in expected.items() if answer != "no answer"}
    assert len({case["why"] for case in SPEC}) >= 30


@pytest.mark.usefixtures("quick")
def test_rows_that_were_tampered_with_are_told_by_file_sheet_row_and_heading(path: Path) -> None:
    lost, changed = "this edition has no such finding", "the ID of the finding is missing or was changed"
    moved, long = "the code does not belong to this finding", "must be at most {} visible signs"
    cases = [
        (row(1, id=f"{99:016x}"), "ID temuan", lost), (row(2, id=""), "ID temuan", changed),
        (row(3, id="3"), "ID temuan", changed), (row(4, id="x" * 16), "ID temuan", changed),
        (row(5, code=HASHES[1]), "Kode nilai", moved), (row(6, code=""), "Kode nilai", moved),
        (row(7, "diperbaiki", "x" * 501), "Isi baru", long.format(500)),
        (row(8, by="x" * 101), "Petugas", long.format(100)),
    ]  # fmt: skip
    told = refusal(returned(path, row(9), *(cells for cells, *_ in cases), above=(["Judul"],)))
    assert [one[:4] for one in told] == [("dinas.xlsx", "Daftar", n, case[1]) for n, case in enumerate(cases, start=4)]
    assert all(case[2] in one[4] for one, case in zip(told, cases, strict=True))


@pytest.mark.usefixtures("quick")
def test_two_different_answers_to_one_finding_are_refused(tmp_path: Path) -> None:
    one = returned(tmp_path / "a.xlsx", row(1, "diperbaiki", SECRET))
    other = returned(tmp_path / "b.xlsx", row(2), row(1, "diperbaiki", "7271011508900002"), row(1, "belum diketahui"))
    told = refusal(one, other)
    assert [(file, number, column) for file, _, number, column, _ in told] == [
        ("b.xlsx", 3, "Jawaban"), ("b.xlsx", 4, "Jawaban")]  # fmt: skip
    assert "another answer to this finding stands in a.xlsx, row 2" in told[0][-1]


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    one = returned(tmp_path / "a.xlsx", row(1, "entahlah", by="", day="?"), row(2, "diperbaiki"))
    other = returned(tmp_path / "b.xlsx", row(3, "diperbaiki", SECRET, code="x", day=""))
    empty = returned(tmp_path / "c.xlsx", headings=["Nama"])
    assert sorted((str(file), number) for file, _, number, *_ in refusal(one, other, empty, tmp_path / "d.xlsx")) == [
        ("a.xlsx", 2), ("a.xlsx", 2), ("a.xlsx", 2), ("a.xlsx", 3), ("b.xlsx", 2), ("b.xlsx", 2), ("c.xlsx", None),
        ("d.xlsx", None)]  # fmt: skip


def test_the_hash_of_a_cell_is_made_as_the_findings_make_it() -> None:
    assert HASHES[0] == KEY.mac("cell|nik|old 1")[:16]


# hostile files


def make(path: Path, kind: str) -> None:
    match kind:
        case "html":
            path.write_text("<html><table><tr><td>x</table>", encoding="utf-8")
        case "old":
            path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096))
        case "empty":
            path.write_bytes(b"")
        case "cut":
            whole = returned(path.with_name("whole.xlsx"), row(1)).read_bytes()
            path.write_bytes(whole[: len(whole) // 2])
        case "zip":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("a.txt", "x")
        case "link":
            path.symlink_to(returned(path.with_name("whole.xlsx"), row(1)))
        case "folder":
            path.mkdir()
        case _:
            patched(path, kind)


def patched(path: Path, kind: str) -> None:
    """A list with one member changed: a far cell, an entity, a formula without result."""
    whole = returned(path.with_name("whole.xlsx"), row(1))
    changes = {
        "far cell": ("</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'),
        "entity": ("<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet'),
        "formula": ("</sheetData>", '<row r="9"><c r="C9"><f>A1</f></c></row></sheetData>'),
    }
    with zipfile.ZipFile(whole) as before, zipfile.ZipFile(path, "w") as after:
        for member in before.namelist():
            text = before.read(member).decode()
            after.writestr(member, text.replace(*changes[kind], 1) if member.endswith("sheet2.xml") else text)


KINDS = ("html", "old", "empty", "cut", "zip", "link", "folder", "far cell", "entity", "formula")


def test_hostile_files_are_refused_by_name_and_the_others_are_still_checked(tmp_path: Path) -> None:
    for kind in KINDS:
        make(tmp_path / f"{kind}.xlsx", kind)
    told = refusal(*(tmp_path / f"{kind}.xlsx" for kind in KINDS), returned(tmp_path / "other.xlsx", row(1, by="")))
    assert [file for file, *_ in told] == [*(f"{kind}.xlsx" for kind in KINDS), "other.xlsx"]


def test_a_csv_is_no_work_list(tmp_path: Path) -> None:
    path = tmp_path / "dinas.csv"
    path.write_text(",".join(HEADINGS), encoding="utf-8")
    assert [file for file, *_ in refusal(path)] == ["dinas.csv"]
