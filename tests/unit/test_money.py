"""Amounts of money: by a table that anyone can review."""

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cleaning import money

STEADY = settings(deadline=None, max_examples=60)  # a busy machine is no failure
SPEC = Path(__file__).parents[1] / "spec" / "money.csv"
CASES = list(csv.DictReader(SPEC.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['written']}: {case['why']}")
def test_revenue_is_read_as_specified(case: dict[str, str]) -> None:
    read = money.revenue(pd.Series([case["written"]], dtype="str"))
    assert read.dtype == "Int64"
    assert ("" if pd.isna(read.item()) else str(read.item())) == case["expected"]


@STEADY
@given(st.lists(st.one_of(st.text(max_size=15), st.text("0123456789.,Rpjt M-", max_size=18)), max_size=6))
def test_reading_what_was_read_changes_nothing(cells: list[str]) -> None:
    once = money.revenue(pd.Series(cells, dtype="str"))
    assert money.revenue(once.astype("str")).equals(once)


@STEADY
@given(st.integers(1, 10**12))
def test_an_amount_comes_back_from_every_form(amount: int) -> None:
    dots = f"{amount:,}".replace(",", ".")
    forms = [str(amount), dots, f"Rp {dots}", f"Rp. {dots},-", f"{dots},00", f"{amount}.0"]
    assert money.revenue(pd.Series(forms, dtype="str")).eq(amount).all()
