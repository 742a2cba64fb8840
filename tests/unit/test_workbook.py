"""Workbooks and Parquet files: cells as a spreadsheet shows them, sheets, merged cells, lying dimensions."""

import io
import zipfile
from datetime import date, datetime, time
from decimal import Decimal

import hostile
import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet

from analysis import ContractError
from analysis.sources import columnar, gathering, workbook
from analysis.sources.headers import Headers
from analysis.sources.sheets import Sheet

UMKM = Headers.of("umkm", {})
HEADER = ["NIK", "Nama Pemilik", "Alamat"]


@pytest.mark.parametrize(("stored", "shown"), [
    (7271011234560000.0, "7271011234560000"), (7.27101e15, "7271010000000000"),
    (72710112345678900.0, "72710112345678900"),
    (12.0, "12"), (-3.0, "-3"), (0.1 + 0.2, "0.3"), (0.5, "0.5"), (1e300, "1" + "0" * 300), (7, "7"),
    (True, "TRUE"), (False, "FALSE"), (date(1980, 1, 12), "1980-01-12"), (datetime(1980, 1, 12), "1980-01-12"),
    (datetime(2026, 7, 1, 10, 30), "2026-07-01 10:30:00"), (time(8, 5), "08:05:00"), ("7.27101E+15", "7.27101E+15"),
    (" 007 ", " 007 "), ("", ""), (None, ""),
])  # fmt: skip
def test_cell_is_shown_as_a_spreadsheet_shows_it(stored: object, shown: str) -> None:
    assert workbook.as_text(stored) == shown


def gathered(content: bytes, declared: dict[str, str] | None = None, named: tuple[str, ...] = ()):  # type: ignore[no-untyped-def]
    sheets = workbook.sheets(io.BytesIO(content), named)
    found = gathering.gather(sheets, "umkm", Headers.of("umkm", declared or {}), declared or {}, bool(named))
    data, aside = gathering.whole(found)
    assert found.rows_n == data.num_rows + aside.num_rows
    return data.to_pandas(), aside.to_pandas()


def test_stored_numbers_dates_and_errors() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(2, 3, ["NIK", "Nama", "Tgl Lahir", "Omzet", "Tenaga Kerja"])
        sheet.write_row(3, 3, [7271011201800001, "BUDI"])
        sheet.write_datetime(3, 5, datetime(1980, 1, 12), day)
        sheet.write_formula(3, 6, "=A1", None, 1500)
        sheet.write_formula(3, 7, "=NA()", None, "#N/A")
    data, aside = gathered(file.getvalue())
    assert data.loc[0, ["nik", "birth_date", "revenue_idr"]].tolist() == ["7271011201800001", "1980-01-12", "1500"]
    assert data["workers_n"].isna().all()
    assert (data["source_row"].tolist(), aside["reason"].tolist()) == ([4], ["blank", "blank", "header"])


def test_one_sheet_per_kecamatan() -> None:
    person = ["7271011201800001", "BUDI", "Jl. A"]
    content = hostile.book({"Palu Timur": [["DATA"], HEADER, person], "Rekap": [["x"]], "Tatanga": [HEADER, person]})
    data, aside = gathered(content)
    assert data[["source_sheet", "source_row", "kecamatan"]].to_numpy().tolist() == [
        ["Palu Timur", 3, "Palu Timur"], ["Tatanga", 2, "Tatanga"]]  # fmt: skip
    assert aside["reason"].tolist() == ["title", "header", "title", "header"]
    only, _ = gathered(content, named=("Tatanga",))
    assert only.columns.tolist() == ["source_sheet", "source_row", "nik", "owner_name", "address"]


def test_sheets_may_differ_in_their_columns() -> None:
    one = [[*HEADER, "Kecamatan"], ["7271011201800001", "BUDI", "", "Tatanga"]]
    two = [["Nama", "NO KTP"], ["ANI", "7271011201800002"]]
    data, _ = gathered(hostile.book({"A": one, "B": two}))
    assert data["owner_name"].tolist() == ["BUDI", "ANI"]
    assert data["kecamatan"].isna().tolist() == [False, True]
    assert data["address"].isna().all()


def test_summary_without_persons_is_set_aside() -> None:
    summary = [["Kelurahan", "Jumlah Tenaga Kerja", "Omzet"], ["Besusu", "20", "1000"]]
    data, aside = gathered(hostile.book({"Data": [HEADER, ["7271011201800001", "BUDI"]], "Rekap": summary}))
    assert (len(data), aside["reason"].tolist()) == (1, ["header", "title", "title"])


def test_merged_place_holds_for_the_rows_it_spans() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*HEADER, "Kelurahan"])
        for row in (1, 2, 4):
            sheet.write_row(row, 0, [f"727101120180000{row}", "BUDI"])
        sheet.write(3, 0, "Jumlah")
        sheet.merge_range(1, 3, 3, 3, "Besusu")
        sheet.merge_range(1, 2, 4, 2, "Jl. A")
    data, aside = gathered(file.getvalue())
    assert data["kelurahan"].fillna("").tolist() == ["Besusu", "Besusu", ""]
    assert data["address"].fillna("").tolist() == ["Jl. A", "", ""]
    assert aside["reason"].tolist() == ["header", "subtotal"]


@pytest.mark.parametrize("lie", [b'ref="A1:B1"', b'ref="A1:XFD1048576"'])
def test_lying_dimension_is_read_whole(lie: bytes) -> None:
    honest = hostile.book({"D": [HEADER, *[["7271011201800001", "BUDI", "Jl. A"]] * 500]})
    with zipfile.ZipFile(io.BytesIO(honest)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[hostile.SHEET] = members[hostile.SHEET].replace(b'ref="A1:C501"', lie)
    assert lie in members[hostile.SHEET]
    data, _ = gathered(hostile.archive(members))
    assert len(data) == 500


def test_blank_cells_with_a_format_are_no_far_cells() -> None:
    data, _ = gathered(hostile.cell(b'<row r="9000"><c r="XFD9000" s="0"/></row>'))
    assert len(data) == 1


def parquet_rows(table: pa.Table) -> list[list[str]]:
    file = io.BytesIO()
    parquet.write_table(table, file)
    return list(next(columnar.sheets(io.BytesIO(file.getvalue()))).rows)


def test_parquet_cells_are_texts() -> None:
    table = pa.table({
        "NIK": [7271011201800001.0, None], "a": pa.array([1, None], pa.int64()), "b": [date(1980, 1, 12), None],
        "c": pa.array([datetime(1980, 1, 12), None], pa.timestamp("us")), "d": [True, None],
        "e": [Decimal("1.50"), None],
        "f": pa.array(["x", None]).dictionary_encode(), "g": pa.nulls(2), "h": pa.array([b"x", None]), "i": [0.5, None],
    })  # fmt: skip
    names, first, second = parquet_rows(table)
    assert names == table.column_names
    assert first == ["7271011201800001", "1", "1980-01-12", "1980-01-12", "TRUE", "1.50", "x", "", "x", "0.5"]
    assert set(second) == {""}


def test_header_of_parquet_is_no_row() -> None:
    file = io.BytesIO(hostile.table({"kelompok": ["x"]}))
    found = gathering.gather(columnar.sheets(file), "umkm", UMKM, {}, False)
    data, aside = gathering.whole(found)
    assert (data["source_row"].to_pylist(), aside.num_rows, found.rows_n) == ([1], 0, 1)
    assert list(found.unknown) == ["kelompok"]


def test_all_faults_of_all_sheets_are_told_together() -> None:
    rows = [["NIK", "Alamat"], ["7271011201800001", "Jl. A"]]
    with pytest.raises(ContractError) as caught:
        gathered(hostile.book({"A": rows, "B": rows}), {"kbli": "Kode"})
    told = [(fault.values.get("sheet"), fault.row, fault.column) for fault in caught.value.faults]
    assert told == [("A", 1, None), ("B", 1, None), (None, None, "Kode")]


def test_rows_longer_than_the_header_are_misaligned_in_text_only() -> None:
    rows = [HEADER, ["7271011201800001", "BUDI", "Jl. A", "5"], ["7271011201800002", "ANI", "", " "]]
    for is_ragged, kinds in ((True, ["header", "misaligned"]), (False, ["header"])):
        sheet = Sheet("", iter([row.copy() for row in rows]), is_ragged)
        _, aside = gathering.whole(gathering.gather(iter([sheet]), "umkm", UMKM, {}, False))
        assert aside["reason"].to_pylist() == kinds
