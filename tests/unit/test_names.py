"""Names and addresses: what is cleaned to what, and who may be whom, by tables that anyone can review."""

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.cleaning import addresses, names, words

SPEC = Path(__file__).parents[1] / "spec"
LISTED = ("titles", "name_spellings", "deceased", "no_names", "weak_names", "address_words", "business_words")


def cases(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((SPEC / f"{name}.csv").read_text(encoding="utf-8").splitlines()))


def one(text: str | None) -> pd.Series:
    return pd.Series([text], dtype="str")


def cell(column: pd.Series) -> str:
    return column.fillna("").item()


ORDINARY = st.sampled_from([
    *("ANI", "Budi", "M", "MD", "ST", "H.", "S.", "Pd", "I", "LA", "bin", "SE", "S.E", ",", "/", "(", ")", "ALM", "A."),
    *("0", "Ma'ruf", "dan", "-", "MUH", "Sitti", "LD", "x", "RT", "RW", "1", "001/2", "KEL.", "Jl", "CV", "C.V", "NN"),
])  # fmt: skip
SCRAPS = st.lists(ORDINARY, max_size=7).map(" ".join) | st.text(max_size=20)


@pytest.mark.parametrize("case", cases("names"), ids=lambda case: f"{case['written']}: {case['why']}")
def test_a_name_is_cleaned_as_specified(case: dict[str, str]) -> None:
    written = one(case["written"])
    assert cell(names.clean(written)) == case["expected"]
    assert names.is_deceased(written).item() == (case["is_deceased"] == "yes")


@pytest.mark.parametrize("case", cases("name_keys"), ids=lambda case: f"{case['left']}, {case['right']}: {case['why']}")
def test_two_names_are_alike_or_not_as_specified(case: dict[str, str]) -> None:
    left, right = one(case["left"]), one(case["right"])
    assert names.are_alike(left, right).item() == (case["are_alike"] == "yes")
    assert names.are_alike(right, left).item() == (case["are_alike"] == "yes")
    assert (cell(names.key(left)) == cell(names.key(right))) == (case["same_key"] == "yes")


@pytest.mark.parametrize("case", cases("businesses"), ids=lambda case: f"{case['written']}: {case['why']}")
def test_a_business_is_named_as_specified(case: dict[str, str]) -> None:
    assert cell(names.business(one(case["written"]))) == case["expected"]


@pytest.mark.parametrize("case", cases("addresses"), ids=lambda case: f"{case['written']}: {case['why']}")
def test_an_address_is_cleaned_as_specified(case: dict[str, str]) -> None:
    assert cell(addresses.address(one(case["written"]))) == case["expected"]
    assert cell(addresses.rt_rw_within(one(case["written"]))) == case["rt_rw"]


@given(SCRAPS)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    for clean in (names.clean, names.business, addresses.address):
        once = clean(one(text))
        pd.testing.assert_series_equal(clean(once), once)


@given(SCRAPS)
def test_a_clean_name_is_capitals_and_single_blanks(text: str) -> None:
    cleaned = names.clean(one(text))
    assert cleaned.isna().item() or names.PLAIN.fullmatch(cleaned.item())


@given(SCRAPS, SCRAPS)
def test_likeness_has_no_side_and_everybody_is_like_himself(left: str, right: str) -> None:
    ours, theirs = names.clean(one(left)), names.clean(one(right))
    assert names.are_alike(ours, theirs).item() == names.are_alike(theirs, ours).item()
    assert names.are_alike(ours, ours).item()


def test_empty_cells_stay_empty_and_the_index_is_kept() -> None:
    written = pd.Series([None, "Ani", None], index=[7, 3, 5], dtype="str")
    assert list(names.clean(written).index) == [7, 3, 5]
    assert list(names.clean(written).isna()) == [True, False, True]
    assert list(names.is_deceased(written)) == [False, False, False]
    assert list(names.are_alike(written, written)) == [True, True, True]
    assert names.are_alike(written[:0], written[:0]).empty


@pytest.mark.parametrize("name", LISTED)
def test_a_list_names_every_word_once_and_says_why(name: str) -> None:
    keys = [tuple(value for column, value in row.items() if column not in ("why", "canonical", "dots")) for row in
            words.rows(name)]  # fmt: skip
    assert len(set(keys)) == len(keys)
    assert all(row["why"] for row in words.rows(name))
