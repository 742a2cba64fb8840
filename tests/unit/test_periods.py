"""Written periods: first and last day, ages in full months."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.sources import periods

DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2022", date(2022, 1, 1), date(2022, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2022-12-15", date(2022, 12, 15), date(2022, 12, 15)),
        ("2016-Q3", date(2016, 7, 1), date(2016, 9, 30)),
        ("2020/2022-08", date(2020, 1, 1), date(2022, 8, 31)),
    ],
)
def test_a_period_has_a_first_and_a_last_day(written: str, first: date, last: date) -> None:
    assert (periods.parse(written).first, periods.parse(written).last) == (first, last)


@pytest.mark.parametrize(
    "written", ["2022-13", "2022-02-30", "15-12-2022", "", "2022-Q5", "2023/2022", "2022-1", "now"]
)
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        periods.parse(written)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2022, 12, 15), date(2026, 11, 22), 47),
        (date(2022, 12, 15), date(2025, 4, 24), 28),
        (date(2022, 12, 15), date(2023, 1, 14), 0),
        (date(2022, 12, 15), date(2023, 1, 15), 1),
        (date(2026, 10, 31), date(2026, 11, 30), 1),
        (date(2026, 1, 31), date(2026, 2, 27), 0),
        (date(2026, 2, 1), date(2026, 1, 1), -1),
    ],
)
def test_only_full_months_count(start: date, end: date, months: int) -> None:
    assert periods.full_months(start, end) == months


@given(DAYS, st.integers(0, 400))
def test_months_added_are_months_counted(day: date, months: int) -> None:
    assert periods.full_months(day, periods.month_later(day, months)) == months


@given(DAYS, DAYS)
def test_a_period_cut_off_never_reaches_past_the_day(first: date, cut: date) -> None:
    assert periods.parse(first.isoformat()).until(cut).last <= cut
