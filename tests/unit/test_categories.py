"""Closed lists: sex, segment, status, funding, programmes, scale, sector; by tables that anyone can review."""

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cleaning import categories, closed_lists, words
from analysis.contracts import registers

STEADY = settings(deadline=None, max_examples=60)  # a busy machine is no failure
SPEC = Path(__file__).parents[1] / "spec"
CLOSED = list(csv.DictReader((SPEC / "closed_lists.csv").read_text(encoding="utf-8").splitlines()))
SECTORS = list(csv.DictReader((SPEC / "sectors.csv").read_text(encoding="utf-8").splitlines()))
LISTS = {
    "sex": registers.SEXES, "segment": registers.SEGMENTS, "status": registers.STATUSES,
    "funding": registers.FUNDINGS, "scale": registers.SCALES, "sector": registers.SECTORS,
}  # fmt: skip
ONE_COLUMN = ("sex", "segment", "status", "funding")


def texts(*cells: str | None) -> pd.Series:
    return pd.Series(list(cells), dtype="str")


@pytest.mark.parametrize("case", CLOSED, ids=lambda case: f"{case['list']} {case['written']}: {case['why']}")
def test_a_cell_becomes_a_value_as_specified(case: dict[str, str]) -> None:
    read = getattr(categories, case["list"])
    once = read(texts(case["written"] or None)).astype("str")
    assert once.fillna("").item() == case["expected"]
    if case["list"] in ("program", "kbli"):
        assert read(once).fillna("").item() == case["expected"]


@pytest.mark.parametrize("case", SECTORS, ids=lambda case: f"{case['text']} {case['kbli']}: {case['why']}")
def test_a_sector_is_read_as_specified(case: dict[str, str]) -> None:
    assert categories.sector(texts(case["text"] or None), texts(case["kbli"] or None)).item() == case["expected"]


@pytest.mark.parametrize(
    ("text", "revenue_idr", "expected"),
    [
        ("Usaha Mikro", 10**11, "micro"),
        ("KECIL", None, "small"),
        ("menengah", None, "medium"),
        (None, 2_000_000_000, "micro"),
        ("-", 2_000_000_001, "small"),
        ("UMKM", 15_000_000_001, "medium"),
        (None, 50_000_000_001, "unknown"),
        (None, None, "unknown"),
    ],
)
def test_scale_is_what_is_written_and_else_what_the_revenue_makes(text: str, revenue_idr: int, expected: str) -> None:
    assert categories.scale(texts(text), pd.Series([revenue_idr], dtype="Int64")).item() == expected


def test_p_may_be_pria_where_women_are_w() -> None:
    assert categories.sex(texts("P", "W", "P")).tolist() == ["unknown", "female", "unknown"]
    assert categories.sex(texts("P", "L", "W")).tolist() == ["female", "male", "female"]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_words_knows_only_values_of_the_contract(name: str) -> None:
    listed = words.rows(f"words_of_{name}")
    assert {row["value"] for row in listed} <= set(LISTS[name])
    phrases = [tuple(closed_lists.in_words(row["phrase"])) for row in listed]
    assert all(phrases)
    assert len(set(phrases)) == len(phrases)
    assert {row["value"] for row in listed} | {"unknown"} == set(LISTS[name])


def test_every_kbli_division_has_a_sector_of_the_contract() -> None:
    listed = {row["prefix"]: row["sector"] for row in words.rows("kbli")}
    assert set(listed.values()) == set(registers.SECTORS) - {"unknown"}
    assert sum(len(prefix) == 2 for prefix in listed) == 88  # of KBLI 2020; 2025 has one less (45)


@pytest.mark.parametrize("name", ONE_COLUMN)
@STEADY
@given(cells=st.lists(st.text(max_size=12), max_size=5))
def test_any_text_has_a_value_of_the_list(name: str, cells: list[str]) -> None:
    told = getattr(categories, name)(texts(*cells, "Aktif", None))
    assert set(told) <= set(LISTS[name])
    assert told.iloc[-1] == "unknown"


@pytest.mark.parametrize("name", LISTS)
def test_a_value_of_a_list_means_itself(name: str) -> None:
    values, nothing = texts(*LISTS[name]), pd.Series(pd.NA, index=range(len(LISTS[name])))
    beside = {"scale": [nothing.astype("Int64")], "sector": [nothing.astype("str")]}.get(name, [])
    assert getattr(categories, name)(values, *beside).tolist() == list(LISTS[name])
