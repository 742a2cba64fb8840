"""Invented editions: the same bytes again, people as they could be, known damage, and nothing real overwritten."""

import csv
import hashlib
import os
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from analysis import ContractError, ParameterError, synthetic
from analysis.contracts.registers import DELIVERED, JAMSOSTEK, RENTAN, UMKM
from analysis.sources.places import PROJECT, Root
from analysis.synthetic import (
    chance,
    expected,
    files,
    people,
    population,
    registers,
    words,
    written_dates,
    written_numbers,
)

SIZE = {"umkm_n": 900, "participants_n": 1400}
MAKE = (
    "import sys; from pathlib import Path; from analysis import synthetic; "
    "synthetic.demo(Path(sys.argv[1]), umkm_n=60, participants_n=90)"
)
REFERENCE = date(2026, 10, 31)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    synthetic.demo(folder, **SIZE)
    return folder


@pytest.fixture(scope="module")
def raw(root: Path) -> Path:
    return root / "data" / "raw" / "demo"


@pytest.fixture(scope="module")
def truth(root: Path) -> Path:
    return root / "data" / "truth" / "demo"


@pytest.fixture(scope="module")
def cells(raw: Path) -> dict[tuple[str, str, int], dict[str, object]]:
    """Every record as it lies in the files, by register, sheet and row: header -> cell."""
    return {(name, sheet, row): record for name, sheet, row, record in records(raw)}


def records(raw: Path) -> Iterator[tuple[str, str, int, dict[str, object]]]:
    book = CalamineWorkbook.from_path(str(raw / "umkm.xlsx"))
    for sheet in book.sheet_names:
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        yield from ((UMKM, sheet, n, dict(zip(rows[3], row, strict=True))) for n, row in enumerate(rows, start=1))
    for name, delimiter, encoding in ((JAMSOSTEK, ";", "cp1252"), (RENTAN, ",", "utf-8-sig")):
        with (raw / files.NAMES[name]).open(encoding=encoding, newline="") as file:
            lines = list(csv.reader(file, delimiter=delimiter))
        header = next(line for line in lines if "NIK" in line)
        yield from ((name, "", n, dict(zip(header, line, strict=True))) for n, line in enumerate(lines, start=1))


def read(truth: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(truth / name, dtype=str, keep_default_na=False)


def hashes(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*")) if path.is_file()
    }  # fmt: skip


# bytes, folders, refusals -----------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Makassar", "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-c", MAKE, str(tmp_path / "other")], check=True, env=environment, cwd=tmp_path)
    synthetic.demo(tmp_path / "here", umkm_n=60, participants_n=90)
    assert hashes(tmp_path / "other") == hashes(tmp_path / "here")
    assert len(hashes(tmp_path / "here")) == 11


def test_another_seed_gives_other_people(root: Path, tmp_path: Path) -> None:
    synthetic.demo(tmp_path, seed=7, umkm_n=60, participants_n=90)
    assert not hashes(tmp_path).keys() ^ hashes(root).keys()
    assert not set(hashes(tmp_path).values()) & set(hashes(root).values())


def test_only_its_owner_may_read_it_and_nothing_is_left_beside_it(raw: Path, truth: Path) -> None:
    for folder in (raw, truth):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
        assert [path.name for path in folder.parent.iterdir()] == ["demo"]


def test_the_form_keeps_to_the_contract_and_says_that_all_is_invented(raw: Path) -> None:
    form = tomllib.loads((raw / "delivery.toml").read_text(encoding="utf-8"))
    assert (form["edition"], form["is_synthetic"], form["reference_date"]) == ("demo", True, REFERENCE)
    assert list(form["registers"]) == list(DELIVERED)
    for name, section in form["registers"].items():
        assert section["received_date"] == date(2026, 11, 4)
        assert section["sha256"] == hashlib.sha256((raw / files.NAMES[name]).read_bytes()).hexdigest()
        assert files.MARK in section["legal_basis"]
    assert files.MARK in (raw / "jamsostek.csv").read_text(encoding="cp1252")
    assert files.MARK in (raw / "pekerja_rentan.csv").read_text(encoding="utf-8-sig")


def test_a_synthetic_edition_is_replaced_whole(tmp_path: Path) -> None:
    synthetic.demo(tmp_path, umkm_n=40, participants_n=60)
    (tmp_path / "data" / "raw" / "demo" / "left.txt").write_text("from before", encoding="utf-8")
    made = synthetic.demo(tmp_path, umkm_n=50, participants_n=60)
    assert sorted(path.name for path in made.delivery.iterdir()) == sorted([*files.NAMES.values(), "delivery.toml"])


@pytest.mark.parametrize("form", [None, "is_synthetic = false\n", "is_synthetic = 'true'\n", "not toml ="])
def test_a_folder_that_is_not_synthetic_is_left_as_it_is(tmp_path: Path, form: str | None) -> None:
    folder = tmp_path / "data" / "raw" / "2026-10"
    folder.mkdir(parents=True)
    (folder / "umkm.csv").write_text("NIK", encoding="utf-8")
    if form is not None:
        (folder / "delivery.toml").write_text(form, encoding="utf-8")
    before = hashes(tmp_path)
    with pytest.raises(ContractError):
        synthetic.demo(tmp_path, edition="2026-10", umkm_n=40, participants_n=60)
    assert hashes(tmp_path) == before
    assert [path.name for path in tmp_path.rglob("*") if path.name.startswith(".")] == []


@pytest.mark.parametrize("wrong", [
    {"dirt": "filthy"}, {"umkm_n": 3}, {"participants_n": 0}, {"seed": -1}, {"edition": "../demo"},
    {"edition": "truth"},
])  # fmt: skip
def test_an_option_out_of_range_is_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(ParameterError):
        synthetic.demo(tmp_path, **wrong)  # type: ignore[arg-type]
    assert not any(tmp_path.iterdir())


# people -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made() -> population.Population:
    return population.invent(11, words.city(Root(PROJECT)), 2000, 3000, REFERENCE)


def test_a_nik_has_the_right_structure_and_is_nobody_elses(made: population.Population) -> None:
    nik = made.people["nik"]
    assert nik.is_unique
    assert nik.str.fullmatch("[0-9]{16}").all()
    assert (nik.str[-4:] != "0000").all()
    women = nik.str[6:8].astype(int) > 40
    assert (women == (made.people["sex"] == "female")).all()


def test_about_one_nik_in_a_hundred_carries_another_day_of_birth(made: population.Population) -> None:
    born = made.people["birth_date"].dt
    day = born.day + 40 * (made.people["sex"] == "female")
    told = [f"{d:02d}{m:02d}{y % 100:02d}" for d, m, y in zip(day, born.month, born.year, strict=True)]
    assert 0.005 < (made.people["nik"].str[6:12] != told).mean() < 0.016


def test_households_share_address_and_often_a_phone(made: population.Population) -> None:
    homes = made.people.groupby("household_id")
    assert (homes["street"].nunique() == 1).all()
    assert (homes["kk"].nunique() == 1).all()
    with_phone = made.people[made.people["phone"] != ""]
    assert with_phone.duplicated(["household_id", "phone"]).mean() > 0.05


def test_few_names_are_very_frequent_and_many_rare(made: population.Population) -> None:
    times = made.people["name"].value_counts()
    assert times.iloc[0] > 20
    assert (times == 1).sum() > len(made.people) / 5
    assert 0.08 < (~made.people["name"].str.contains(" ")).mean() < 0.25


def test_the_people_do_not_depend_on_the_month_told_about(made: population.Population) -> None:
    earlier = population.invent(11, words.city(Root(PROJECT)), 2000, 3000, date(2026, 9, 30))
    pd.testing.assert_frame_equal(earlier.people, made.people)
    pd.testing.assert_frame_equal(earlier.umkm, made.umkm)


def test_totals_are_near_the_published_ones() -> None:
    """Shown at a tenth of the size: 38,982 owners, 20,982 of them enrolled, 60,426 rows, 15,138 vulnerable workers."""
    of = population.invent(3, words.city(Root(PROJECT)), 3_898, 6_043, REFERENCE)
    assert (len(of.owner), len(of.participants)) == (3_898, 6_043)
    assert np.isin(of.owner, of.participants["person"]).sum() == 2_098
    assert of.vulnerable["person"].nunique() == 1_514
    assert len(of.umkm) / len(of.owner) == pytest.approx(43_600 / 38_982, abs=0.015)


# files and truth --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("table", "register", "header"), [
    ("umkm_rows.csv", UMKM, "Nama Pemilik"), ("participant_rows.csv", JAMSOSTEK, "NAMA_TENAGA_KERJA"),
    ("vulnerable_rows.csv", RENTAN, "NAMA"),
])  # fmt: skip
def test_each_row_of_the_truth_stands_where_it_says(table, register, header, truth, cells) -> None:
    rows = read(truth, table)
    persons = read(truth, "persons.csv").set_index("person_id")
    assert not rows.duplicated(["source_sheet", "source_row"]).any()
    same = [
        str(cells[register, row.source_sheet, int(row.source_row)][header]).upper().split()[:1]
        == persons.loc[row.person_id, "name"].split()[:1]
        for row in rows.itertuples()
    ]  # fmt: skip
    assert np.mean(same) > 0.6


def test_a_rounded_nik_is_a_number_in_the_workbook_and_ends_in_zero(truth: Path, cells) -> None:
    damage = read(truth, "damage.csv")
    rounded = damage[(damage["damage"] == "nik_rounded") & (damage["register"] == UMKM)]
    told = [cells[UMKM, row.source_sheet, int(row.source_row)]["NIK"] for row in rounded.itertuples()]
    assert told
    assert all(isinstance(cell, float) and f"{cell:.0f}".endswith("0") for cell in told)


def test_the_truth_lists_every_kind_of_damage_and_every_finding(truth: Path) -> None:
    damage = read(truth, "damage.csv")
    rates = words.rates("mid")
    for register in DELIVERED:
        known = {name for name, rate in rates[register].items() if rate > 0.004}
        unlisted = {"phone_missing", "address_short", "name_title"}
        assert known - unlisted <= set(damage.loc[damage["register"] == register, "damage"])
    assert set(damage["rule_id"]) >= {"nik_missing", "nik_kk", "birth_date_swapped", "enrolled_twice", "outside_palu"}


def test_a_blank_nik_is_expected_to_be_found_and_nothing_else_about_it(truth: Path, cells) -> None:
    damage = read(truth, "damage.csv")
    missing = damage[damage["rule_id"] == "nik_missing"]
    for row in missing.itertuples():
        told = str(cells[row.register, row.source_sheet, int(row.source_row)]["NIK"])
        assert sum(sign.isdigit() for sign in told) < 2
    keys = ["register", "source_sheet", "source_row"]
    both = damage.merge(missing[keys].drop_duplicates(), on=keys)
    assert not set(both["rule_id"]) & {"birth_date_disagrees", "sex_disagrees", "nik_malformed", "nik_shared"}


def test_owners_have_the_status_that_the_contract_gives_them(truth: Path) -> None:
    owners = read(truth, "owners.csv")
    assert len(owners) == SIZE["umkm_n"]
    assert set(owners["status"]) == {"active", "lapsed", "unregistered", "not_eligible"}
    assert (owners["is_enrolled"] == "True").sum() == round(SIZE["umkm_n"] * 20_982 / 38_982)
    enrolled = owners["status"].isin(["active", "lapsed"])
    assert (owners.loc[enrolled, "is_enrolled"] == "True").all()
    assert (owners.loc[owners["status"] == "unregistered", "is_enrolled"] == "False").all()


# expected findings of single rows ---------------------------------------------------------------------------------


def a_row(**changes: object) -> registers.Register:
    """One UMKM row of a man born 12 May 1980, all as it should be, but for the changes."""
    means = {
        "person": 0, "nik": "7271011205800001", "nik_damage": "", "born": pd.Timestamp("1980-05-12"),
        "birth_damage": "", "birth_year": 1980, "sex": "male", "name": "name", "place_damage": "",
        "phone": "6281234567890", "business_id": "B000001",
    } | changes  # fmt: skip
    table = pd.DataFrame([means])
    table["born"] = table["born"].astype("datetime64[s]")
    return registers.Register(UMKM, pd.DataFrame([{}]), pd.DataFrame([{}]), table)


@pytest.mark.parametrize(("changes", "rules"), [
    ({}, set()),
    ({"nik": "7271011305800001"}, {"birth_date_disagrees"}),
    ({"nik": "7271015205800001"}, {"sex_disagrees"}),
    ({"nik": "7271011213800001"}, {"nik_malformed"}),
    ({"nik": "7271013002800001"}, {"nik_malformed"}),
    ({"nik": "9971011205800001"}, {"nik_malformed"}),
    ({"nik": "7271011205800000"}, {"nik_damaged"}),
    ({"nik": "", "nik_damage": "nik_short"}, {"nik_malformed"}),
    ({"nik": "7271011203150007", "nik_damage": "nik_kk"}, {"nik_kk"}),
    ({"born": pd.Timestamp("1980-12-05")}, {"birth_date_swapped"}),
    ({"born": pd.Timestamp("1980-01-01")}, {"birth_date_placeholder"}),
    ({"born": pd.Timestamp("1980-01-01"), "nik": "7271010101800001"}, set()),
    ({"born": pd.Timestamp("1980-01-01"), "nik": "", "nik_damage": "nik_missing"}, {"nik_missing"}),
    ({"born": pd.Timestamp("1970-01-01"), "nik": "", "nik_damage": "nik_missing"},
     {"nik_missing", "birth_date_placeholder"}),
    ({"born": pd.NaT, "birth_damage": "birth_missing"}, {"birth_date_missing"}),
    ({"born": pd.NaT, "birth_damage": "birth_year_only"}, {"birth_date_unreadable"}),
    ({"born": pd.Timestamp("1961-10-31"), "nik": "7271013110610001"}, {"over_age"}),
    ({"born": pd.Timestamp("1961-11-01"), "nik": "7271010111610001"}, set()),
    ({"born": pd.Timestamp("2009-10-31"), "nik": "7271013110090001"}, set()),
    ({"born": pd.Timestamp("2009-11-01"), "nik": "7271010111090001"}, {"under_age"}),
    ({"name": ""}, {"name_missing"}),
    ({"name": "deceased"}, {"recorded_dead"}),
    ({"place_damage": "place_old_kecamatan"}, set()),
    ({"place_damage": "place_contradicting"}, {"kelurahan_contradicts"}),
    ({"place_damage": "place_missing"}, {"kelurahan_unknown"}),
    ({"place_damage": "place_outside"}, {"outside_palu"}),
])  # fmt: skip
def test_a_row_must_give_the_findings_that_follow_from_what_stands_there(changes, rules) -> None:
    assert set(expected.findings(a_row(**changes), REFERENCE)["rule_id"]) == rules


def test_a_dirtier_level_is_dirtier_in_every_damage() -> None:
    order = [words.rates(name) for name in words.LEVELS]
    for register in DELIVERED:
        for damage, rate in order[1][register].items():
            assert order[0][register][damage] <= rate <= order[2][register][damage]


@pytest.mark.parametrize("level", words.LEVELS)
def test_damage_happens_as_often_as_the_table_says_and_gathers_in_careless_rows(level: str) -> None:
    offices = np.arange(60_000) % 46
    care = chance.carelessness(1, UMKM, offices, np.zeros(len(offices), dtype=bool))
    clerks = chance.Clerks(1, UMKM, words.rates(level)[UMKM], care)
    nik, birth = (clerks.damage("a", written_numbers.NIK_DAMAGE), clerks.damage("b", written_dates.BIRTH_DAMAGE))
    for kinds, done in ((written_numbers.NIK_DAMAGE, nik), (written_dates.BIRTH_DAMAGE, birth)):
        for kind in kinds:
            assert (done == kind).mean() == pytest.approx(clerks.rates[kind], abs=0.004)
    both = ((nik != "") & (birth != "")).mean()
    assert both > 1.3 * (nik != "").mean() * (birth != "").mean()


def test_no_day_of_birth_is_heaped_but_those_of_people_who_do_not_know_theirs() -> None:
    told = people.invent(5, words.city(Root(PROJECT)), 3000)["birth_date"].dt.strftime("%m-%d").value_counts()
    assert set(told.index[told > 3 * told.median()]) <= {"01-01", "07-01", "12-31"}
