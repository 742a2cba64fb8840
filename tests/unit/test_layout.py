"""Headers are found by their meaning, and every row below is told apart by rules that anyone can review."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.contracts.registers import DELIVERED
from analysis.sources import headers, layout
from analysis.sources.headers import Headers
from analysis.sources.rows import REASONS, Rows

SPEC = Path(__file__).parents[1] / "spec"


def cases(name: str) -> list[dict[str, str]]:
    with (SPEC / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


UMKM = Headers.of("umkm", {})
ROWS = cases("rows.csv")
SHEET_HEADER = list(ROWS[0])[:-2]
SHEET = layout.locate([SHEET_HEADER], UMKM)


@pytest.mark.parametrize("case", cases("headers.csv"), ids=lambda case: f"{case['register']}-{case['written']}")
def test_header_means_what_the_table_says(case: dict[str, str]) -> None:
    known = Headers.of(case["register"], {})
    assert known.meaning(case["written"], case["group"]) == (case["expected"] or None)


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case["why"])
def test_row_is_what_the_table_says(case: dict[str, str]) -> None:
    assert SHEET is not None
    assert Rows(SHEET, UMKM, "owner_name").kind([case[name] for name in SHEET_HEADER]) == case["expected"]


def test_synonyms_are_told_once_and_name_our_columns() -> None:
    with headers.SYNONYMS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    keys = [(row["register"], headers.key(row["synonym"])) for row in rows]
    assert len(keys) == len(set(keys))
    assert all(row["column"] in DELIVERED[row["register"]] for row in rows)
    assert {(row["register"], row["column"]) for row in rows} == {(r, c) for r in DELIVERED for c in DELIVERED[r]}


def test_name_below_a_signature_belongs_to_it() -> None:
    assert SHEET is not None
    rows = Rows(SHEET, UMKM, "owner_name")
    told = [["", "", "Mengetahui,"], [""], ["", "", "Drs. AHMAD, M.Si"], ["", "7271011201800001"], ["", "", "AHMAD"]]
    assert [rows.kind(row) for row in told] == ["footer", "blank", "footer", "data", "data"]


def test_header_of_two_rows() -> None:
    upper = ["NO", "Identitas Pemilik", "", "", "Identitas Usaha", "", "Alamat", ""]
    lower = ["", "NIK", "Nama", "L/P", "Nama", "NIB", "Jalan", "Kelurahan"]
    found = layout.locate([["DATA UMKM"], [], upper, lower, ["1", "7271011201800001", "BUDI", "L", "TOKO"]], UMKM)
    assert found is not None
    assert found.at == {"nik": 1, "owner_name": 2, "sex": 3, "business_name": 4, "nib": 5, "address": 6, "kelurahan": 7}
    assert (found.first_row, found.last_row, found.unknown) == (2, 3, ("NO",))


def test_header_of_one_row_is_not_joined_with_titles_or_data() -> None:
    rows = [["IDENTITAS PEMILIK USAHA"], ["NIK", "Nama", "Alamat"], ["7271011201800001", "BUDI", ""]]
    found = layout.locate(rows, UMKM)
    assert found is not None
    assert (found.first_row, found.upper) == (1, ())


def test_declared_header_wins_over_synonyms() -> None:
    known = Headers.of("umkm", {"owner_name": "Nama KK", "address": "Alamat Usaha"})
    assert known.meaning("NAMA_KK") == "owner_name"
    assert known.meaning("Nama Pemilik") is None
    assert (known.meaning("Alamat Usaha"), known.meaning("Alamat")) == ("address", None)


def test_metadata_rows_are_no_header() -> None:
    rows = [["Kelurahan", "Besusu"], ["Kecamatan", "Palu Timur"], [], ["NIK", "Nama", "Alamat"]]
    found = layout.locate(rows, UMKM)
    assert found is not None
    assert found.first_row == 3


def test_row_that_may_be_a_record_is_not_shown() -> None:
    found = layout.locate([["BUDI", "Pekerja", "Jl. A", "Laki-laki", "Omzet"]], UMKM)
    assert found is not None
    told = [fault.values["seen"] for fault in layout.faults(found, "umkm")]
    assert told == ["Pekerja, Omzet"] * 2


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), max_size=10), st.integers(10**15, 10**16 - 1))
def test_row_with_a_nik_is_always_data(cells: list[str], nik: int) -> None:
    assert SHEET is not None
    row = [*cells[:1], *[""] * (1 - len(cells[:1])), str(nik), *cells[1:]]
    assert Rows(SHEET, UMKM, "owner_name").kind(row) == "data"


@settings(deadline=None)
@given(st.lists(st.lists(st.text(max_size=8), max_size=10), max_size=8))
def test_every_row_has_one_kind(rows: list[list[str]]) -> None:
    assert SHEET is not None
    told = Rows(SHEET, UMKM, "owner_name")
    assert all(told.kind(row) in ("data", "other header", *REASONS) for row in rows)


@settings(deadline=None)
@given(st.text(max_size=20))
def test_key_of_a_key_is_itself(written: str) -> None:
    once = headers.key(written)
    assert headers.key(once) == once


@pytest.mark.parametrize(("at", "shown"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")])
def test_letters_of_a_column(at: int, shown: str) -> None:
    assert layout.letters(at) == shown
