"""Days and months: by tables that anyone can review."""

import csv
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cleaning import dates
from analysis.contracts.registers import DATE_PRECISIONS

STEADY = settings(deadline=None, max_examples=60)  # a busy machine is no failure
SPEC = Path(__file__).parents[1] / "spec"
AS_OF = date(2026, 10, 31)
DAYS = list(csv.DictReader((SPEC / "days.csv").read_text(encoding="utf-8").splitlines()))
MONTHS = list(csv.DictReader((SPEC / "months.csv").read_text(encoding="utf-8").splitlines()))
CELL = st.one_of(
    st.text(max_size=16),
    st.text("0123456789-/. :TOl", max_size=20),
    st.from_regex(r"[0-9]{1,2}[-/ ](0?[1-9]|1[0-3]|Jan|Des|Mei)[-/ ]([0-9]{2}|19[0-9]{2})", fullmatch=True),
)
FORMS = (
    "%d-%m-%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d%m%Y",
    "%Y-%m-%d 00:00:00",
    "%d %b %Y",
)


def texts(*cells: str | None) -> pd.Series:
    return pd.Series(list(cells), dtype="str")


@pytest.mark.parametrize("case", DAYS, ids=lambda case: f"{case['written']}: {case['why']}")
def test_a_day_is_read_as_specified(case: dict[str, str]) -> None:
    cell = texts(case["written"] or None)
    read = dates.days(cell, AS_OF).iloc[0]
    told = [read["day"].strftime("%Y-%m-%d") if pd.notna(read["day"]) else "", read["precision"]]
    told += ["" if pd.isna(read[part]) else str(read[part]) for part in ("year", "month")]
    told.append(dates.birth_places(cell).fillna("").item())
    assert told == [case[part] for part in ("day", "precision", "year", "month", "place")]


@pytest.mark.parametrize("case", MONTHS, ids=lambda case: f"{case['written']}: {case['why']}")
def test_a_month_is_read_as_specified(case: dict[str, str]) -> None:
    once = dates.months(texts(case["written"]))
    assert once.fillna("").item() == case["expected"]
    assert dates.months(once).fillna("").item() == case["expected"]


def test_a_column_is_read_as_its_cells_are() -> None:
    cells = texts(*(case["written"] or None for case in DAYS))
    cells.index = cells.index * 3 + 1
    read = dates.days(cells, AS_OF)
    assert read.index.equals(cells.index)
    assert read.dtypes.astype(str).to_dict() == {
        "day": "datetime64[s]", "precision": "str", "year": "Int64", "month": "Int64",
    }  # fmt: skip
    assert read["precision"].tolist() == [case["precision"] for case in DAYS]


@STEADY
@given(st.lists(CELL, max_size=6))
def test_reading_what_was_read_changes_nothing(cells: list[str]) -> None:
    once = dates.days(texts(*cells), AS_OF)
    assert set(once["precision"]) <= set(DATE_PRECISIONS) - {"swapped"}
    assert once["day"].notna().equals(once["precision"] == "day")
    known = once["day"].dropna()
    again = dates.days(known.dt.strftime("%Y-%m-%d").astype("str"), AS_OF)
    assert again["day"].equals(known)


@STEADY
@given(st.dates(date(1901, 1, 2), date(2100, 12, 31)), st.sampled_from(FORMS))
def test_a_day_comes_back_from_every_form(day: date, form: str) -> None:
    if (day.year, day.month, day.day) not in dates.STAND_INS:
        assert dates.days(texts(day.strftime(form)), AS_OF)["day"].item() == pd.Timestamp(day)


@STEADY
@given(st.dates(date(1930, 1, 1), date(2060, 1, 1)))
def test_a_day_number_is_the_spreadsheets(day: date) -> None:
    if (day.year, day.month, day.day) not in dates.STAND_INS:
        number = str((day - date(1899, 12, 30)).days)
        assert dates.days(texts(number), AS_OF)["day"].item() == pd.Timestamp(day)


def test_only_the_first_of_january_is_heaped() -> None:
    day = dates.days(texts("01-01-1980", "02-01-1980", "01-02-1980", None), AS_OF)["day"]
    assert dates.is_heaped(day).tolist() == [True, False, False, False]


def test_an_empty_column_is_read() -> None:
    assert dates.days(texts(), AS_OF)["day"].dtype == "datetime64[s]"
    assert dates.days(texts(None), AS_OF)["precision"].tolist() == ["missing"]
