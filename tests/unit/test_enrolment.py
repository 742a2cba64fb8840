"""Lists of owners to enrol: each once, in order, with a reason, without a number of identity, and nothing that runs."""

import re
import zipfile
from datetime import date
from pathlib import Path

import few_rows
import pandas as pd
import pytest
from books import listed, sheets

from analysis import ContractError
from analysis.contracts.registers import CLEANED, OWNERS, UMKM
from analysis.measuring import criteria, priorities
from analysis.presenting import enrolment, names, wording, workbooks
from analysis.sources.delivery import Delivery, Register

SAY = wording.in_language("id")
LERE, BESUSU = "72.71.02.1009", "72.71.01.1004"
HAZARD = pd.DataFrame({"sector": ["trade", "construction", "fishing"], "class_low": [1, 5, 3], "class_high": [1, 5, 4],
                       "refs": "hazard.csv#x"}).astype({"class_low": "Int64", "class_high": "Int64"})  # fmt: skip
WEIGHTS = pd.DataFrame({"criterion": ["vulnerable", "hazard", "lapsed_after_subsidy"], "weight": [3, 2, 1]})
PAYERS = pd.Series({3: "from_apbd", 4: "not_from_apbd"})
NIK = "7271011508900001"
HOSTILE = ("=1+1", "+62811", "-1", "@SUM(A1)", "\t=1+1", "=cmd|'/c calc'!A0", "http://example.org", NIK, "TRUE")
COLUMNS = ["Nama", "Alamat", "Telepon", "Sektor", "Status", "Alasan didaftarkan"]
PEOPLE = (
    ("Siti", "unregistered", "construction", True, LERE),
    ("Ahmad", "unregistered", "trade", False, LERE),
    ("Wayan", "lapsed", "fishing", False, LERE),
    ("Budi", "lapsed", "unknown", False, LERE),
    ("Nur", "lapsed", "trade", False, BESUSU),
    ("Rahma", "unregistered", "trade", False, None),
    ("Aktif", "active", "trade", True, LERE),
    ("Ragu", "unresolved", "trade", True, LERE),
    ("Tua", "not_eligible", "trade", True, LERE),
)


def delivery_of(is_synthetic: bool = True) -> Delivery:
    registers = {
        name: Register(name, Path(name), issuer, date(2026, 11, 4), "PKS 1/2026", "", (), None, None, {})
        for name, issuer in (("umkm", "Dinas Koperasi"), ("jamsostek", "BPJS Palu"))
    }
    return Delivery("2026-10", Path("raw"), date(2026, 10, 31), is_synthetic, None, registers, "h")


def owners_of(people: tuple[tuple[str, str, str, bool, str | None], ...] = PEOPLE) -> pd.DataFrame:
    """Owners; their first rows stand in the register from row 2 on, and each has a second one."""
    _, status, sector, listed, place = zip(*people, strict=True)
    made = pd.DataFrame({
        "owner_id": [f"{n:016x}" for n in range(len(people))], "umkm_source_sheet": "",
        "umkm_source_row": [2 + 2 * n for n in range(len(people))], "status": status, "sector": sector,
        "is_vulnerable": listed, "person": range(1, len(people) + 1),
        "kelurahan_code": pd.array(place, "str"), "kecamatan_code": pd.array([one and one[:8] for one in place], "str"),
    })  # fmt: skip
    assert {*made} <= {*OWNERS.columns}
    return made


def umkm_of(people: tuple[tuple[str, str, str, bool, str | None], ...] = PEOPLE) -> pd.DataFrame:
    names = [name for name, *_ in people for _ in range(2)]
    made = pd.DataFrame({
        "source_sheet": "", "source_row": range(2, len(names) + 2), "nik": NIK, "name": "X",
        "owner_name_as_written": names, "nik_as_written": NIK, "birth_date_as_written": "15-08-1990",
        "address_as_written": [f"Jl. {n}" for n in range(len(names))], "phone_as_written": pd.array(
            ["0811", None] * len(people), "str"),
    })  # fmt: skip
    assert {*made} <= {*CLEANED[UMKM].columns}
    return made


def write(folder: Path, owners: pd.DataFrame | None = None, umkm: pd.DataFrame | None = None, language: str = "id",
          is_synthetic: bool = True, has_list: bool = True) -> list[Path]:  # fmt: skip
    ranked = priorities.of_owners(owners_of() if owners is None else owners, PAYERS, HAZARD, WEIGHTS, has_list=has_list)
    return enrolment.write(folder, ranked, umkm_of() if umkm is None else umkm, delivery_of(is_synthetic),
                           few_rows.areas(), wording.in_language(language))  # fmt: skip


def by_name(paths: list[Path]) -> dict[str, str]:
    return {row["Nama"]: row["Alasan didaftarkan"] for path in paths for _, row in listed(path).iterrows()}


# who stands in which list


def test_each_kelurahan_has_its_list_and_who_lies_in_none_another(tmp_path: Path) -> None:
    made = write(tmp_path / "synthetic")
    names = [f"pendaftaran-{code}" for code in (BESUSU, LERE, "tidak-diketahui")]
    assert [path.name for path in made] == [f"{name}-sintetis.xlsx" for name in names]
    real = write(tmp_path / "real", is_synthetic=False)
    assert [path.name for path in real] == [f"{name}.xlsx" for name in names]


def test_every_owner_to_enrol_stands_in_one_list_once_and_nobody_else(tmp_path: Path) -> None:
    names = [name for path in write(tmp_path) for name in listed(path)["Nama"]]
    assert sorted(names) == ["Ahmad", "Budi", "Nur", "Rahma", "Siti", "Wayan"]


def test_who_is_unresolved_or_active_is_in_no_list_whoever_hands_him_in(tmp_path: Path) -> None:
    ranked = priorities.of_owners(owners_of(), PAYERS, HAZARD, WEIGHTS, has_list=True)
    mixed = pd.concat([ranked.assign(status="unresolved").iloc[:2], ranked.assign(status="active").iloc[2:3],
                       ranked.iloc[3:], ranked.iloc[3:]])  # fmt: skip
    made = enrolment.write(tmp_path, mixed, umkm_of(), delivery_of(), few_rows.areas(), SAY)
    assert sum(len(listed(path)) for path in made) == len(ranked) - 3


def test_the_order_is_that_of_the_own_criteria(tmp_path: Path) -> None:
    """Siti: 833 of 1,000; Wayan: fishing 200 to 267 and the subsidy 167; Budi: 67 to 333; Ahmad: 67."""
    assert list(listed(write(tmp_path)[1])["Nama"]) == ["Siti", "Wayan", "Budi", "Ahmad"]


def test_the_columns_are_those_a_kelurahan_needs_and_no_number_of_identity(tmp_path: Path) -> None:
    for path in write(tmp_path):
        assert list(listed(path).columns) == COLUMNS
        book = zipfile.ZipFile(path)
        whole = "".join(book.read(member).decode() for member in book.namelist())
        assert not re.search(rf"{NIK}|NIK|15-08-1990|>8[0-9][0-9]<", whole)


def test_the_cells_are_those_of_the_owners_first_row_as_delivered(tmp_path: Path) -> None:
    first = listed(write(tmp_path)[1]).iloc[0]
    assert list(first[COLUMNS[:5]]) == ["Siti", "Jl. 0", "0811", "konstruksi", "diperkirakan belum terdaftar"]


# why


def test_each_reason_says_what_was_found_and_which_criteria_hold(tmp_path: Path) -> None:
    assert by_name(write(tmp_path)) == {
        "Siti": "Belum ditemukan dalam daftar peserta; sektor berisiko sangat tinggi; tercatat sebagai pekerja rentan",
        "Wayan": "Pernah menjadi peserta dan iurannya berhenti; sektor berisiko sedang sampai tinggi; "
                 "iuran terakhirnya dibayar dari APBD",
        "Budi": "Pernah menjadi peserta dan iurannya berhenti; risiko sektornya tidak diketahui",
        "Ahmad": "Belum ditemukan dalam daftar peserta",
        "Nur": "Pernah menjadi peserta dan iurannya berhenti; pembayar iuran terakhir tidak diketahui",
        "Rahma": "Belum ditemukan dalam daftar peserta",
    }  # fmt: skip


def test_what_is_not_known_is_said_so(tmp_path: Path) -> None:
    assert by_name(write(tmp_path, has_list=False))["Ahmad"] == (
        "Belum ditemukan dalam daftar peserta; belum diketahui apakah pekerja rentan"
    )


def test_a_reason_is_one_line_without_a_line_break(tmp_path: Path) -> None:
    assert all("\n" not in reason and 20 < len(reason) < 200 for reason in by_name(write(tmp_path)).values())


def test_a_list_in_english_has_english_words(tmp_path: Path) -> None:
    table = listed(write(tmp_path, language="en")[1])
    assert list(table.columns) == ["Name", "Address", "Phone", "Sector", "Status", "Why enrol"]
    assert table["Why enrol"].iloc[0] == (
        "Not found in the participant register; sector of very high risk; in the list of vulnerable workers"
    )


def test_there_are_words_for_every_sector_and_part() -> None:
    assert {*names.SECTORS} == {*criteria.SECTORS}
    assert {*enrolment.STATUSES} == {*enrolment.FOUND} == {*criteria.TO_ENROL}


# the first sheet


def notes(path: Path) -> str:
    return "\n".join(" ".join(map(str, row)) for row in sheets(path)[0])


def test_the_first_sheet_says_for_whom_why_until_when_and_to_ask_for_the_card(tmp_path: Path) -> None:
    made = write(tmp_path)
    told = notes(made[1])
    for says in ("Kelurahan Lere, Kecamatan Palu Barat", str(SAY.say(enrolment.PURPOSE)), str(SAY.say(enrolment.CARD)),
                 str(SAY.say(workbooks.BASIS)), str(SAY.say(workbooks.SYNTHETIC)), "31 Januari 2027",
                 "31 Oktober 2026", "Dinas Koperasi", "BPJS Palu", "kartunya"):  # fmt: skip
        assert says in told, says
    assert "Jumlah pelaku usaha 4" in told
    assert "Dinas" in notes(made[2])
    assert str(SAY.say(workbooks.SYNTHETIC)) not in notes(write(tmp_path / "real", is_synthetic=False)[0])


# nothing runs, nothing lies open


@pytest.mark.parametrize("cell", HOSTILE)
def test_hostile_cells_stay_text(cell: str, tmp_path: Path) -> None:
    umkm = umkm_of().assign(owner_name_as_written=cell, address_as_written=cell, phone_as_written=cell)
    for path in write(tmp_path, umkm=umkm):
        table = listed(path)
        assert {*table["Nama"]} == {*table["Alamat"]} == {*table["Telepon"]} == {cell}
        book = zipfile.ZipFile(path)
        for member in book.namelist():
            assert not re.search(r"<f[ >/]|<hyperlink|externalLink", book.read(member).decode()), member
        sheet = book.read("xl/worksheets/sheet2.xml").decode()
        assert not re.search(r'<c [^>]*t="(?!s")|<c (?![^>]*t=)[^>]*><v>', sheet)


def test_lists_are_for_this_user_alone_and_old_ones_go(tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    folder.mkdir(mode=0o755)
    (folder / "kelurahan-72.71.01.1004.xlsx").write_bytes(b"x")
    write(folder, is_synthetic=False)
    few = owners_of(PEOPLE[:1])
    [made] = write(folder, few)
    assert made.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in folder.iterdir()) == ["kelurahan-72.71.01.1004.xlsx", made.name]


def test_the_same_owners_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    first = write(tmp_path / "a")
    second = write(tmp_path / "b", owners_of().sample(frac=1, random_state=1), umkm_of().sample(frac=1, random_state=2))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_an_owner_whose_row_is_not_in_the_register_is_never_shown_as_another(tmp_path: Path) -> None:
    with pytest.raises(ContractError) as refused:
        write(tmp_path, umkm=umkm_of().iloc[2:])
    assert refused.value.faults[0].values == {"n": 1}
    assert not [*tmp_path.iterdir()]


def test_where_nobody_is_to_be_enrolled_there_is_no_list(tmp_path: Path) -> None:
    assert write(tmp_path, owners_of(PEOPLE[6:])) == []
