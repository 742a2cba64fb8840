"""Phone numbers: by a table that anyone can review."""

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cleaning import phones

STEADY = settings(deadline=None, max_examples=60)  # a busy machine is no failure
SPEC = Path(__file__).parents[1] / "spec" / "phones.csv"
CASES = list(csv.DictReader(SPEC.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['written']}: {case['why']}")
def test_phones_are_read_as_specified(case: dict[str, str]) -> None:
    read = phones.clean(pd.Series([case["written"] or None], dtype="str")).fillna("").iloc[0]
    assert (read["phone"], read["phone_2"], read["phone_state"]) == (case["phone"], case["phone_2"], case["state"])


@STEADY
@given(st.lists(st.one_of(st.text(max_size=20), st.text("0123468+- /,.O", max_size=28)), max_size=5))
def test_reading_what_was_read_changes_nothing(cells: list[str]) -> None:
    once = phones.clean(pd.Series(cells, dtype="str"))
    for name in ("phone", "phone_2"):
        assert once[name].dropna().str.fullmatch("62[0-9]{7,13}").all()
        assert phones.clean(once[name])["phone"].equals(once[name].rename("phone"))
    assert once["phone"].notna().equals(once["phone_state"] == "valid")
