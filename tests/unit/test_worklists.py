"""Work-lists: who gets which finding, what is shown of a person, and that nothing in a list can run."""

import re
import zipfile
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from books import listed, sheets

from analysis.contracts.registers import CLEANED, DELIVERED, FINDINGS, KEY
from analysis.presenting import wording, workbooks, worklists
from analysis.sources import answers, keys
from analysis.sources.delivery import Delivery, Register

SAY = wording.in_language("id")
HASH = keys.DEMO.pseudonym
PREPARED = date(2026, 11, 10)
REGIONS = pd.DataFrame(
    [("72.71", "Kota Palu"), ("72.71.01", "Palu Timur"), ("72.71.01.1004", "Besusu Barat"),
     ("72.71.06", "Tatanga"), ("72.71.06.1001", "Tawanjuka")], columns=["id", "name"])  # fmt: skip
HOSTILE = ("=1+1", "+62811", "-1", "@SUM(A1)", "\t=1+1", "=cmd|'/c calc'!A0", "http://example.org", "{=1+1}",
           "_x0041_", "<f>1+1</f>", "]]>&amp;", "Siti\x07", "Siti\u202eitis", "ß'\"\u00a0é", "internal:'x'!A1",
           "7271011508900001", "7.27101E+15", "1e5", "TRUE", "0" * 300)  # fmt: skip
Row = tuple[str, str, str, str | None]


def delivery_of(is_synthetic: bool = True) -> Delivery:
    issuers = {"umkm": "Dinas Koperasi", "jamsostek": "BPJS Palu", "pekerja_rentan": "Dinas Sosial"}
    registers = {
        name: Register(name, Path(name), issuer, date(2026, 11, 4), "PKS 1/2026", "", (), None, None, {})
        for name, issuer in issuers.items()
    }
    return Delivery("2026-10", Path("raw"), date(2026, 10, 31), is_synthetic, None, registers, "h")


def raw_of(register: str, **cells: list[str | None]) -> pd.DataFrame:
    """A delivered table; row 1 of the file is its header."""
    n = len(next(iter(cells.values())))
    table = pd.DataFrame({"source_sheet": "", "source_row": range(2, n + 2)}).astype({"source_sheet": "str"})
    return table.assign(**{name: pd.Series(column, dtype="str") for name, column in cells.items()})


def cleaned_of(register: str, raw: pd.DataFrame) -> pd.DataFrame:
    """The cleaned table as far as a list looks at it."""
    written = {f"{name}_as_written": raw.get(name, pd.Series(pd.NA, raw.index, dtype="str"))
               for name in DELIVERED[register]}  # fmt: skip
    table = raw[list(KEY)].assign(**written)
    assert {*table.columns} <= {*CLEANED[register].columns}
    return table


def findings_of(*rows: tuple[str, int, str, str, str, str | None]) -> pd.DataFrame:
    """Findings from register, source_row, rule, field, fixer and kelurahan."""
    found = pd.DataFrame(rows, columns=["register", "source_row", "rule_id", "field", "fixer", "kelurahan_code"])
    named = found["register"] + "|" + found["source_row"].astype("str") + "|" + found["rule_id"]
    found = found.assign(
        source_sheet="", severity=found["rule_id"].map({"several_businesses": "fact"}).fillna("high"),
        reason="NIK tidak diisi.", action="Minta NIK dari KTP.", kecamatan_code=found["kelurahan_code"].str[:8],
        finding_id=HASH.macs(named.astype("str")), value_hash=HASH.macs("cell|" + named.astype("str")),
    )  # fmt: skip
    return found[list(FINDINGS.columns)].astype({"kelurahan_code": "str", "kecamatan_code": "str"})


UMKM = raw_of(
    "umkm", nik=["", "7271011508900001", "x", "7271011508900002"], owner_name=["Siti", "Ahmad", None, "Wayan"],
    business_name=["Kios A", "Kios B", "Kios C", "Kios D"], birth_date=["1 Mei 1980", "15-08-1990", "?", "1990"],
    kelurahan=["Besusu Barat", "Besusu Barat", "Tawanjuka", "Poso"], address=["Jl. A", "Jl. B", "Jl. C", "Jl. D"],
    phone=["0811", "0812", "0813", "0814"], revenue_idr=["1", "2", "3", "4"],
)  # fmt: skip
JAMSOSTEK = raw_of("jamsostek", kpj=["12345678901"], nik=["y"], name=["Sitti"], birth_date=["1980-05-01"],
                   address=["Jl. E"], phone=["0815"], status=["Aktif"])  # fmt: skip
RAW = {"umkm": UMKM, "jamsostek": JAMSOSTEK}
TABLES = {"umkm": cleaned_of("umkm", UMKM.drop(index=2)), "jamsostek": cleaned_of("jamsostek", JAMSOSTEK)}
FOUND = findings_of(
    ("umkm", 2, "nik_missing", "nik", "kelurahan", "72.71.01.1004"),
    ("umkm", 3, "birth_date_disagrees", "birth_date", "dukcapil", "72.71.01.1004"),
    ("umkm", 3, "several_businesses", "business_name", "dinas", "72.71.01.1004"),
    ("umkm", 4, "nik_malformed", "nik", "kelurahan", "72.71.06.1001"),
    ("umkm", 5, "kelurahan_unknown", "kelurahan", "kelurahan", None),
    ("umkm", 5, "birth_date_unreadable", "birth_date", "dinas", None),
    ("jamsostek", 2, "active_but_old", "status", "bpjs", None),
)


def write(folder: Path, findings: pd.DataFrame = FOUND, language: str = "id", is_synthetic: bool = True,
          raw: dict[str, pd.DataFrame] = RAW, tables: dict[str, pd.DataFrame] = TABLES) -> list[Path]:  # fmt: skip
    say = wording.in_language(language)
    return worklists.write(folder, findings, tables, raw, delivery_of(is_synthetic), REGIONS, say)


def xml(path: Path, member: str) -> str:
    return zipfile.ZipFile(path).read(member).decode()


# who gets what


def test_each_office_and_each_kelurahan_has_its_list(tmp_path: Path) -> None:
    expected = ["bpjs", "dinas", "dukcapil", "kelurahan-72.71.01.1004", "kelurahan-72.71.06.1001",
                "kelurahan-tidak-diketahui"]  # fmt: skip
    made = write(tmp_path / "synthetic")
    assert [path.name for path in made] == [f"{name}-sintetis.xlsx" for name in expected]
    real = write(tmp_path / "real", is_synthetic=False)
    assert [path.name for path in real] == [f"{name}.xlsx" for name in expected]


def test_every_finding_but_a_fact_stands_in_exactly_one_list(tmp_path: Path) -> None:
    ids = [one for path in write(tmp_path) for one in listed(path)["ID temuan"]]
    assert sorted(ids) == sorted(FOUND.loc[FOUND["severity"] != "fact", "finding_id"])


def test_a_row_says_what_is_wrong_where_and_what_stands_there(tmp_path: Path) -> None:
    row = listed(write(tmp_path)[2]).iloc[0]
    own = FOUND.iloc[1]
    assert (row["ID temuan"], row["Kode nilai"]) == (own["finding_id"], own["value_hash"])
    assert {"3", "Ahmad", "7271011508900001", "15-08-1990", own["reason"], own["action"]} <= {*row}
    assert [row[name] for name in ("Jawaban", "Isi baru", "Petugas", "Tanggal")] == ["", "", "", ""]


def test_a_row_in_quarantine_is_shown_as_delivered(tmp_path: Path) -> None:
    row = listed(write(tmp_path)[4]).iloc[0]
    assert {"x", "Tawanjuka", "Jl. C", "0813", "4"} <= {*row}


def test_a_cell_that_an_answer_changed_is_shown_as_it_is_now(tmp_path: Path) -> None:
    changed = TABLES["umkm"].assign(birth_date_as_written=["1 Mei 1980", "16-08-1990", "1990"])
    row = listed(write(tmp_path, tables=TABLES | {"umkm": changed.astype({"birth_date_as_written": "str"})})[2]).iloc[0]
    assert "16-08-1990" in {*row}


@pytest.mark.parametrize(("at", "hidden"), [
    (0, {"Jl. E", "0815"}), (1, {"Jl. D", "0814", "Kios D"}), (2, {"Jl. B", "0812", "Besusu Barat", "Kios B"}),
    (3, {"1"}),
])  # fmt: skip
def test_a_receiver_sees_of_a_person_only_what_is_needed(at: int, hidden: set[str], tmp_path: Path) -> None:
    assert not hidden & {*listed(write(tmp_path)[at]).to_numpy().ravel()}


def test_where_nothing_is_to_be_put_right_there_is_no_list(tmp_path: Path) -> None:
    assert write(tmp_path / "lists", FOUND[FOUND["severity"] == "fact"]) == []
    assert write(tmp_path / "lists", FOUND.iloc[:0]) == []
    assert (tmp_path / "lists").stat().st_mode & 0o777 == 0o700


# the first sheet


def notes(path: Path) -> str:
    return "\n".join(" ".join(map(str, row)) for row in sheets(path)[0])


def test_the_first_sheet_says_for_whom_why_and_until_when(tmp_path: Path) -> None:
    told = notes(write(tmp_path)[3])
    for says in (SAY.say("Kelurahan {name}, Kecamatan {kecamatan}", name="Besusu Barat", kecamatan="Palu Timur"),
                 SAY.say(worklists.PURPOSE), SAY.say(workbooks.BASIS), SAY.say(workbooks.SYNTHETIC),
                 "31 Januari 2027", "31 Oktober 2026", "4 November 2026", "Dinas Koperasi", "PKS 1/2026",
                 "“Isi baru”", "“Petugas”",
                 "diperbaiki", "sudah benar", "belum diketahui", "2026-10"):  # fmt: skip
        assert str(says) in told, says
    assert "BPJS Palu" not in told


def test_a_real_edition_is_not_marked_synthetic(tmp_path: Path) -> None:
    assert str(SAY.say(workbooks.SYNTHETIC)) not in notes(write(tmp_path, is_synthetic=False)[0])


def test_a_list_in_english_has_english_headings_and_answers(tmp_path: Path) -> None:
    path = write(tmp_path, language="en")[0]
    assert {"Finding ID", "Answer", "New value", "Officer", "Date", "Value code"} <= {*listed(path)}
    assert "already right" in xml(path, "xl/worksheets/sheet2.xml")


# nothing runs, nothing is lost


def test_hostile_cells_stay_text(tmp_path: Path) -> None:
    cells = [*HOSTILE]
    raw = raw_of("umkm", **dict.fromkeys(("nik", "owner_name", "birth_date", "kelurahan", "address", "phone"), cells))
    found = findings_of(
        *(("umkm", n, f"nik_{n}", "nik", "kelurahan", "72.71.01.1004") for n in range(2, len(cells) + 2))
    )
    found = found.assign(reason=HOSTILE, action=HOSTILE)
    [path] = write(tmp_path, found, raw={"umkm": raw}, tables={"umkm": cleaned_of("umkm", raw)})
    shown = listed(path)
    kept = [name for name in shown if [*shown[name]] == cells]
    assert len(kept) == 9  # reason, action, the value at fault and six columns of the person
    book = zipfile.ZipFile(path)
    for member in book.namelist():
        text = book.read(member).decode()
        assert not re.search(r"<f[ >/]|<hyperlink|externalLink|<definedName (?![^>]*_xlnm)", text), member
    assert not re.search(r'<c [^>]*t="(?!s")', xml(path, "xl/worksheets/sheet2.xml"))
    assert not re.search(r"<c (?![^>]*t=)[^>]*><v>", xml(path, "xl/worksheets/sheet2.xml"))


def test_a_number_typed_into_any_column_stays_text(tmp_path: Path) -> None:
    path = write(tmp_path)[3]
    styles = re.findall(r"<xf [^>]*>", xml(path, "xl/styles.xml").split("<cellXfs")[1])
    columns = re.findall(r'<col [^>]*style="(\d+)"', xml(path, "xl/worksheets/sheet2.xml"))
    assert len(columns) >= 5
    assert all('numFmtId="49"' in styles[int(style)] for style in columns)


def test_the_answer_is_chosen_the_header_stays_and_rows_can_be_filtered(tmp_path: Path) -> None:
    path = write(tmp_path)[3]
    sheet = xml(path, "xl/worksheets/sheet2.xml")
    assert '<formula1>"diperbaiki,sudah benar,belum diketahui"</formula1>' in sheet
    assert 'type="list"' in sheet
    assert 'state="frozen"' in sheet
    assert "<autoFilter" in sheet
    at = [*listed(path)].index("Jawaban")
    assert f'sqref="{chr(65 + at)}2"' in sheet


# the folder


def test_lists_are_for_this_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    folder.mkdir(mode=0o755)
    for path in write(folder):
        assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert not [path for path in folder.iterdir() if path.suffix != ".xlsx"]


def test_the_same_findings_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a"), write(tmp_path / "b", FOUND.sample(frac=1, random_state=1))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_lists_of_an_earlier_run_go_and_other_files_stay(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, is_synthetic=False)
    (tmp_path / "catatan.xlsx").write_bytes(b"x")
    [made] = write(tmp_path, FOUND.iloc[:1])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["catatan.xlsx", made.name]


# back again


def test_answers_written_into_a_list_become_corrections(tmp_path: Path) -> None:
    import xlsxwriter

    filled = []
    for path in write(tmp_path / "out"):
        rows = listed(path).astype(object)
        rows[["Petugas", "Tanggal"]] = ["Ibu Rahma", "09/11/2026"]
        rows["Jawaban"] = "sudah benar"
        rows.loc[0, ["Jawaban", "Isi baru"]] = ["diperbaiki", "7271015505900003"]
        filled.append(tmp_path / path.name)
        book = xlsxwriter.Workbook(str(filled[-1]))
        sheet = book.add_worksheet("Daftar")
        for n, row in enumerate([[*rows], *rows.to_numpy()]):
            for at, cell in enumerate(row):
                sheet.write_string(n, at, cell)
        book.close()
    made = answers.read(filled, FOUND, HASH, today=PREPARED)
    open_ones = FOUND[FOUND["severity"] != "fact"]
    assert sorted(made["finding_id"]) == sorted(open_ones["finding_id"])
    expected = made.merge(FOUND, on=["finding_id", "register", "rule_id", "field"])
    assert (expected["expected_hash"] == expected["value_hash"]).all()
    assert made["answer"].value_counts().to_dict() == {"corrected": 6}
