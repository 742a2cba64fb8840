"""Registers are read whole and accounted for row by row; bad files are refused quickly, and tell nothing."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import hostile
import pytest

from analysis import ContractError
from analysis.sources import ingest
from analysis.sources.delivery import Register

MOST_SECONDS = 10


def register(path: Path, name: str = "umkm", **options: object) -> Register:
    options = {"sheets": tuple(options.pop("sheet", ())), "delimiter": None, "encoding": None, "columns": {}, **options}
    return Register(name, path, "Dinas", date(2026, 11, 4), "PKS 1/2026", "", **options)


Refusals = dict[str, tuple[ContractError | None, float, list[str]]]


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Refusals]:
    """What reading each hostile file ended in, its seconds, and the names in its folder afterwards."""

    def refused(bad: hostile.Hostile) -> tuple[ContractError | None, float, list[str]]:
        folder = tmp_path_factory.mktemp("bad")
        path = bad.write(folder)
        before, start = sorted(folder.iterdir()), time.monotonic()
        try:
            ingest.read(register(path, **bad.options))
        except ContractError as error:
            made = sorted(set(folder.iterdir()) - set(before))
            return error, time.monotonic() - start, [file.name for file in made]
        return None, 0, []

    with ThreadPoolExecutor(3) as pool:
        yield dict(zip(hostile.FILES, pool.map(refused, hostile.FILES.values()), strict=True))


@pytest.mark.parametrize("what", hostile.FILES)
def test_bad_file_is_refused_with_place_and_cure(what: str, refusals: Refusals) -> None:
    bad, (error, seconds, made) = hostile.FILES[what], refusals[what]
    assert error is not None
    assert error.subject == bad.name
    assert bad.says in str(error)
    assert error.cure
    assert seconds < MOST_SECONDS
    assert made == []


@pytest.mark.parametrize("what", hostile.FILES)
def test_refusal_names_no_person(what: str, refusals: Refusals) -> None:
    error = refusals[what][0]
    told = repr(error) + str(error)
    assert not [value for value in hostile.CANARY.values() if value in told]


MESS = """DATA UMKM KOTA PALU;;;;;
Per Oktober 2026

NO;NIK;Nama Pemilik;Tgl. Lahir;Alamat;Omzet
1;2;3;4;5;6
1;7271011201800001;BUDI;12-01-1980;Jl. A;1000
2;;SITI; ;"Jl. B
No. 2";
3;7271011201800002;ANI;12-01-1980;Jl. A; No 3;1000;x
Sub Total Kel. Besusu;;;;;1000
NO;NIK;NAMA PEMILIK;TGL LAHIR;ALAMAT;OMZET
4;7271011201800003; ANDRÉ ;;;
;;;;Palu, 31 Oktober 2026;
Lurah Besusu;;;;;
"""


def test_every_record_of_a_messy_file_has_its_place(tmp_path: Path) -> None:
    path = tmp_path / "umkm.csv"
    path.write_bytes(MESS.encode("cp1252"))
    raw = ingest.read(register(path))
    assert raw.table["source_row"].tolist() == [6, 7, 11]
    assert raw.table.columns.tolist() == [
        *("source_sheet", "source_row", "nik", "owner_name", "birth_date", "address", "revenue_idr")]  # fmt: skip
    assert raw.table["owner_name"].tolist() == ["BUDI", "SITI", " ANDRÉ "]
    assert raw.table["birth_date"].isna().tolist() == [False, True, True]
    assert raw.table["address"][1] == "Jl. B\nNo. 2"
    assert raw.misaligned.to_numpy().tolist() == [["", 8]]
    assert dict(zip(raw.set_aside["source_row"], raw.set_aside["reason"], strict=True)) == {
        1: "title", 2: "title", 3: "blank", 4: "header", 5: "header", 9: "subtotal", 10: "header", 12: "footer",
        13: "footer"}  # fmt: skip
    assert (raw.unknown_columns, raw.rows_n) == (("NO",), 13)


def test_columns_are_texts(tmp_path: Path) -> None:
    path = tmp_path / "umkm.csv"
    path.write_text("NIK;Nama;KBLI\n7271011201800001;BUDI;\n")
    raw = ingest.read(register(path))
    kinds = {column: str(kind) for column, kind in raw.table.dtypes.items()}
    assert kinds == {"source_sheet": "str", "source_row": "int64", "nik": "str", "owner_name": "str", "kbli": "str"}
    for table in (raw.set_aside, raw.misaligned):
        assert str(table["source_row"].dtype) == "int64"


@pytest.mark.parametrize("name", ["umkm.csv", "umkm.xlsx", "umkm.parquet"])
def test_formats_hold_the_same(name: str, tmp_path: Path) -> None:
    contents = {
        "umkm.csv": hostile.csv([hostile.HEADER, hostile.PERSON]),
        "umkm.xlsx": hostile.book(),
        "umkm.parquet": hostile.table({}),
    }
    path = tmp_path / name
    path.write_bytes(contents[name])
    raw = ingest.read(register(path))
    assert raw.table.iloc[0, 2:].tolist() == hostile.PERSON
    assert raw.table["source_row"].tolist() == [1 if name.endswith("parquet") else 2]


def test_declared_columns_win(tmp_path: Path) -> None:
    path = tmp_path / "jamsostek.csv"
    path.write_text("NIK;Nama;Nama Ibu;Status;Bulan\n7271011201800001;BUDI;SITI;Aktif;2026-07\n")
    columns = {"name": "NAMA IBU", "last_contribution_month": "bulan"}
    raw = ingest.read(register(path, "jamsostek", columns=columns))
    assert raw.table.loc[0, ["name", "last_contribution_month"]].tolist() == ["SITI", "2026-07"]
    assert raw.unknown_columns == ("Nama",)


def test_reader_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "umkm.csv"
    path.write_bytes(hostile.csv([hostile.HEADER, *[hostile.PERSON] * 50_000]))
    monkeypatch.setattr(ingest, "_seconds", lambda path: 0)
    with pytest.raises(ContractError, match="takes more than"):
        ingest.read(register(path))


def test_rows_that_are_not_accounted_for_stop_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "umkm.csv"
    path.write_bytes(hostile.csv([hostile.HEADER, hostile.PERSON]))
    ask = ingest._ask
    monkeypatch.setattr(ingest, "_ask", lambda register: ({**ask(register)[0], "rows_n": 3}, *ask(register)[1:]))
    with pytest.raises(ContractError, match="rows in the file: 3; rows accounted for: 2"):
        ingest.read(register(path))
