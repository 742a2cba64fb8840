"""Delimited text: encodings, delimiters, and record numbers as the csv module counts them."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import ContractError
from analysis.sources import delimited
from analysis.sources.headers import Headers

UMKM = Headers.of("umkm", {})
HEADER = ["NIK", "Nama Pemilik", "Nama Usaha", "Alamat"]
PERSON = ["7271011201800001", "ANDRÉ", "TOKO “X”, BARU", "Jl. Kartini 5; lorong 2"]


def written(rows: Iterable[list[str]], delimiter: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def read(content: bytes, encoding: str | None = None, delimiter: str | None = None) -> list[list[str]]:
    (sheet,) = delimited.sheets(io.BytesIO(content), UMKM, encoding, delimiter)
    assert (sheet.name, sheet.first_number, sheet.is_ragged) == ("", 1, True)
    return list(sheet.rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", delimited.DELIMITERS)
def test_encoding_and_delimiter_are_found_out(encoding: str, delimiter: str) -> None:
    rows = [["DATA UMKM, KOTA PALU"], [], HEADER, PERSON]
    assert read(written(rows, delimiter).encode(encoding)) == rows


@pytest.mark.parametrize(("encoding", "declared"), [
    ("utf-8-sig", "utf-8"), ("utf-8", "UTF8"), ("utf-16", "utf-16"), ("cp1252", "windows-1252"), ("cp1252", None),
])  # fmt: skip
def test_declared_encoding_is_used(encoding: str, declared: str | None) -> None:
    assert read(written([HEADER, PERSON], ",").encode(encoding), declared, ",") == [HEADER, PERSON]


def test_unknown_encoding_is_refused() -> None:
    with pytest.raises(ContractError, match="no encoding has the name"):
        read(b"NIK;Nama\n", "klingon")


def test_line_that_names_the_delimiter_is_a_title() -> None:
    assert read(b"sep=;\nNIK;Nama;Alamat\n1;BUDI;a,b,c,d,e,f\n")[:2] == [["sep=", ""], ["NIK", "Nama", "Alamat"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_ending_ends_a_record(end: str) -> None:
    assert read(end.join(["NIK;Nama", "1;A", "", "2;B"]).encode()) == [["NIK", "Nama"], ["1", "A"], [], ["2", "B"]]


def test_line_break_in_quotation_marks_stays_in_its_record() -> None:
    rows = [HEADER, [*PERSON[:3], "Jl. A,\nRT 1,\nKel. B, Kec. C, Palu"], PERSON]
    assert read(written(rows, ",").encode()) == rows


def test_quotation_marks_inside_a_cell_are_taken_as_they_are() -> None:
    assert read(b'NIK;Nama;Alamat\n1;TOKO "A";"CV "B" C"\n')[1] == ["1", 'TOKO "A"', 'CV B" C"']


def test_unclosed_quotation_mark_names_the_record_in_which_it_began() -> None:
    with pytest.raises(ContractError) as caught:
        read(b'NIK;Nama\n1;"A\nB"\n2;"C\n3;D')
    assert [fault.row for fault in caught.value.faults] == [3]


def test_swallowed_records_name_the_record_in_which_they_began() -> None:
    with pytest.raises(ContractError) as caught:
        read(b'NIK;Nama;Alamat;HP\n1;A;b;c\n2;"B;c;d\n3;C;d;e\n4;D;e;f\n5;E";f;g\n')
    assert [fault.row for fault in caught.value.faults] == [3]


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=10)


@settings(deadline=None)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=5), max_size=8), st.sampled_from(delimited.DELIMITERS))
def test_rows_come_back_as_the_csv_module_reads_them(rows: list[list[str]], delimiter: str) -> None:
    text = written([["NIK", "Nama"], *rows], delimiter)
    expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    assert read(text.encode(), "utf-8", delimiter) == expected


def test_file_is_read_in_pieces_without_cutting_letters(tmp_path: Path) -> None:
    rows = [HEADER, *[[*PERSON[:3], "é" * 300]] * 3000]
    assert read(written(rows, ";").encode()) == rows
