"""Identifiers: how a NIK, a participant or business number and RT/RW are read, by tables that anyone can review."""

import csv
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.id import nik as standard

from analysis.cleaning import identifiers
from analysis.contracts.registers import NIK_STATES

STEADY = settings(deadline=None, max_examples=60)  # a busy machine is no failure
SPEC = Path(__file__).parents[1] / "spec"
AS_OF = date(2026, 10, 31)
NIKS = list(csv.DictReader((SPEC / "nik.csv").read_text(encoding="utf-8").splitlines()))
OTHERS = list(csv.DictReader((SPEC / "identifiers.csv").read_text(encoding="utf-8").splitlines()))
INVISIBLE = {"<NBSP>": "\u00a0", "<ZWSP>": "\u200b"}
RANDOM_NIK = st.builds(
    "{}{:02}{:02}{:02}{:04}".format,
    st.sampled_from(["727101", "727208", "317101", "910101", "650101", "999901"]),
    st.integers(0, 99), st.integers(0, 13), st.integers(0, 99), st.integers(0, 9999),
)  # fmt: skip
CELL = st.one_of(
    RANDOM_NIK,
    st.text(max_size=20),
    st.text("0123456789OIl.,' -E+", max_size=22),
    st.from_regex(r"7\.2[0-9]{0,14}E\+15"),
)


def texts(*cells: str | None) -> pd.Series:
    return pd.Series(list(cells), dtype="str")


def shown(case: dict[str, str]) -> str:
    written = case["written"]
    for name, character in INVISIBLE.items():
        written = written.replace(name, character)
    return written


@pytest.mark.parametrize("case", NIKS, ids=lambda case: f"{case['written']}: {case['why']}")
def test_a_nik_is_read_as_specified(case: dict[str, str]) -> None:
    read = identifiers.nik(texts(shown(case) or None)).fillna("").iloc[0]
    assert (read["nik"], read["nik_prefix"], read["nik_state"]) == (case["nik"], case["prefix"], case["state"])


def test_a_column_of_niks_is_read_as_its_cells_are() -> None:
    cells = texts(*(shown(case) or None for case in NIKS))
    cells.index = cells.index * 2 + 5
    read = identifiers.nik(cells)
    assert read.index.equals(cells.index)
    assert (read.dtypes == "str").all()
    assert read["nik_state"].tolist() == [case["state"] for case in NIKS]
    assert set(read["nik_state"]) == set(NIK_STATES)


@pytest.mark.parametrize("case", OTHERS, ids=lambda case: f"{case['kind']} {case['written']}: {case['why']}")
def test_another_number_is_read_as_specified(case: dict[str, str]) -> None:
    clean = getattr(identifiers, case["kind"])
    once = clean(texts(case["written"]))
    assert once.fillna("").item() == case["expected"]
    assert clean(once).fillna("").item() == case["expected"]


@STEADY
@given(st.lists(CELL, max_size=6))
def test_reading_what_was_read_changes_nothing(cells: list[str]) -> None:
    once = identifiers.nik(texts(*cells))
    again = identifiers.nik(once["nik"])
    assert again["nik"].equals(once["nik"])
    assert once["nik"].notna().equals(once["nik_state"] == "valid")
    assert once["nik_prefix"].dropna().str.fullmatch("[0-9]{2,15}").all()


@STEADY
@given(RANDOM_NIK)
def test_what_is_valid_here_is_valid_for_python_stdnum_where_it_knows_the_place(number: str) -> None:
    is_valid = identifiers.nik(texts(number))["nik_state"].item() == "valid"
    if is_valid and number[:4] not in ("7272", "6501", "9101"):
        assert standard.is_valid(number)
    if not standard.is_valid(number) and number.startswith("727101"):
        assert not is_valid


@STEADY
@given(st.integers(7271_01_01_01_00_0001, 7271_08_71_12_99_9999), st.integers(6, 14))
def test_the_digits_kept_of_a_rounded_number_are_its_own(number: int, shown_n: int) -> None:
    read = identifiers.nik(texts(f"{number:.{shown_n - 1}E}")).iloc[0]
    assert read["nik_state"] == "damaged"
    assert str(number).startswith(read["nik_prefix"])


def test_the_birth_date_is_the_latest_that_is_not_to_come() -> None:
    niks = texts("7271013110260001", "7271010111260001", "7271015203800001", "7271012902000001", None)
    read = identifiers.birth_date(niks, AS_OF)
    assert read.dtype == "datetime64[s]"
    assert read.dt.strftime("%Y-%m-%d").fillna("").tolist() == [
        *("2026-10-31", "1926-11-01", "1980-03-12", "2000-02-29", ""),
    ]  # fmt: skip
    assert identifiers.carried_year(niks, AS_OF).tolist()[:4] == [2026, 1926, 1980, 2000]
    assert identifiers.sex(niks).tolist() == ["male", "male", "female", "male", "unknown"]


@STEADY
@given(st.dates(date(1926, 11, 1), AS_OF), st.booleans())
def test_a_birth_date_comes_back_from_its_nik(born: date, is_woman: bool) -> None:
    nik = texts(f"727101{born.day + 40 * is_woman:02}{born:%m%y}0001")
    assert identifiers.nik(nik)["nik_state"].item() == "valid"
    assert identifiers.birth_date(nik, AS_OF).item() == pd.Timestamp(born)
    assert identifiers.sex(nik).item() == ("female" if is_woman else "male")


def test_a_kk_number_shows_its_day_of_issue() -> None:
    niks = texts("7271011203120001", "7271011203800001", "7271015203120001", "7271013112960001", "7271010101970001")
    issued = identifiers.issue_date_if_kk(niks, AS_OF).dt.strftime("%Y-%m-%d").fillna("")
    assert issued.tolist() == ["2012-03-12", "", "", "", "1997-01-01"]


def test_fifteen_digits_are_offered_for_comparison() -> None:
    niks = texts("7271011203800010", "7271011203800011", None)
    assert identifiers.ends_in_zero(niks).tolist() == [True, False, False]
    assert identifiers.prefix15(niks).fillna("").tolist() == ["727101120380001", "727101120380001", ""]


def test_an_empty_column_is_read() -> None:
    nothing = texts()
    assert len(identifiers.nik(nothing)) == 0
    assert identifiers.birth_date(nothing, AS_OF).dtype == "datetime64[s]"
    assert identifiers.nik(texts(None, None))["nik_state"].tolist() == ["missing", "missing"]
