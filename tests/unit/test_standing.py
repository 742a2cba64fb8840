"""How areas stand by released counts: ranges that hold what they must, and words that need ranges apart."""

import csv
from pathlib import Path

import few_areas
import pandas as pd
import pytest
from few_areas import only
from hypothesis import given, settings
from hypothesis import strategies as some

from analysis.contracts.released import CITY
from analysis.measuring import gap, shares, standing
from analysis.presenting import counts, wording
from analysis.presenting.cells import rows
from analysis.releasing import disclosure

SPEC = Path(__file__).parents[1] / "spec" / "coverage_ranges.csv"
CASES = list(csv.DictReader(SPEC.read_text(encoding="utf-8").splitlines()))
A, B, C = "72.71.01", "72.71.02", "72.71.03"
COUNT = some.integers(0, 400)


def cells(area: str, statuses: dict[str, int], spread: int) -> pd.DataFrame:
    """The released total of one area, its rounding without noise, all ranged counts with one spread."""
    own = few_areas.gap_cells({area: statuses})
    own = own[own["dimension"] == "total"]
    wide = few_areas.spreads(own).assign(spread=spread)
    return disclosure.release(own, few_areas.Zero(), gap.layout(), wide).table


def table(*parts: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)


# levels and sectors


def test_a_level_is_told_as_it_was_released_and_names_its_cells() -> None:
    row = few_areas.levels(only(A, active=300, lapsed=40, unregistered=200, not_eligible=10, unresolved=5)).iloc[0]
    assert (row["area_code"], row["level"]) == (A, "kecamatan")
    assert (row["active_n"], row["active_low_n"], row["active_high_n"]) == (300, 285, 315)
    assert (row["not_protected_n"], row["owners_n"], row["unresolved_n"]) == (240, 555, 5)
    assert row["active_refs"] == f"gap.csv#{A},total,all,active"
    assert set(row["active_refs"].split()) <= set(row["refs"].split())
    assert "unresolved_low_n" not in row.index, "what the linkage leaves open has no range"


def test_owners_in_scope_are_all_but_those_not_eligible_with_both_ranges() -> None:
    row = few_areas.levels(only(A, active=300, unregistered=200, not_eligible=50)).iloc[0]
    assert row["scope_n"] == 500
    assert row["scope_low_n"] == row["owners_low_n"] - row["not_eligible_high_n"]
    assert row["scope_high_n"] == row["owners_high_n"] - row["not_eligible_low_n"]


def test_what_is_withheld_stays_withheld() -> None:
    released = few_areas.withheld(A)(few_areas.released(only(A, B, active=90, unregistered=90)).table)
    own = standing.levels(released).set_index("area_code")
    numbers = [name for name in own.columns if name.endswith("_n")]
    assert own.loc[A, numbers].isna().all() and own.loc[B, numbers].notna().all()
    assert standing.rates(released).set_index("area_code")["shown"].to_dict() == {A: "withheld", B: "range"}
    assert standing.sectors(released).set_index("area_code").loc[A, "owners_n"].isna().all()


def test_sectors_stand_in_the_order_of_the_closed_list_in_each_area() -> None:
    made = standing.sectors(few_areas.released(only(A, B, active=600, unregistered=600)).table)
    assert list(made["area_code"].unique()) == [A, B]
    assert len(made) == 2 * made["sector"].nunique()
    assert list(made["sector"][: len(made) // 2]) == list(gap.layout().dimensions["sector"].categories)


def test_an_area_of_fewer_than_twenty_owners_counts_as_withheld() -> None:
    few, enough = only(A, active=10, unregistered=9), only(B, active=10, unregistered=10)
    released = few_areas.released({**few, **enough}).table
    own = standing.levels(released).set_index("area_code")
    assert own.loc[A, "owners_n"] is pd.NA and own.loc[B, "owners_n"] == 20
    assert standing.rates(released).set_index("area_code").loc[A, "shown"] == shares.WITHHELD


# rates


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_coverage_is_told_as_specified(case: dict[str, str]) -> None:
    statuses = {name: int(case.get(name, 0)) for name in gap.STATUSES}
    made = disclosure.derive(standing.rates, disclosure.again(
        cells(A, statuses, int(case["spread"])).drop(columns=["refs", "is_unconfirmed"]), gap.layout(),
        disclosure.KEYED_RULE, few_areas.edition(),
    ))  # fmt: skip
    for language in ("id", "en"):
        assert counts.share(rows(made)[0], wording.in_language(language)).plain == case[language]


@settings(max_examples=60, deadline=None)
@given(COUNT, COUNT, COUNT, some.integers(0, 60), some.integers(0, 80), some.data())
def test_the_rate_of_every_truth_that_the_counts_allow_lies_in_the_range(
    active: int, lapsed: int, unregistered: int, unresolved: int, spread: int, data: some.DataObject
) -> None:
    """Any true active and not protected within `spread` of what was counted; the counts are rounded under a key."""
    statuses = {**dict.fromkeys(gap.STATUSES, 0), "active": active, "lapsed": lapsed, "unregistered": unregistered,
                "unresolved": unresolved}  # fmt: skip
    row = standing.rates(cells(A, statuses, spread)).iloc[0]
    true = active + data.draw(some.integers(-min(spread, active), spread))
    others = lapsed + unregistered
    rest = others + data.draw(some.integers(-min(spread, others), spread))
    if row["shown"] != shares.RANGE or true + rest == 0:
        return
    assert row["percent_low"] <= 100 * true / (true + rest) <= row["percent_high"]
    assert row["percent_low"] <= 100 * active / (active + others + unresolved) <= row["percent_high"]


# changes


@pytest.mark.parametrize(
    ("before", "after", "shown", "why"),
    [
        (500, 600, True, "ranges apart"),
        (600, 500, True, "ranges apart, fewer"),
        (500, 515, False, "ranges meet"),
        (20, 25, False, "less than ten"),
        (500, 500, False, "nothing changed"),
    ],
)
def test_a_change_is_shown_where_it_is_ten_or_more_and_the_ranges_are_apart(
    before: int, after: int, shown: bool, why: str
) -> None:
    made = standing.changes(few_areas.released(only(A, active=before)).table,
                            few_areas.released(only(A, active=after)).table).set_index("status")  # fmt: skip
    row = made.loc["active"]
    assert (row["is_shown"], row["change_n"]) == (shown, after - before), why
    if shown:
        assert 0 < row["least_n"] <= abs(after - before) <= row["most_n"]
        assert row["refs"].split() == [f"gap.csv#{A},total,all,active"] * 2
    assert not made.loc["lapsed", "is_shown"]


def test_an_area_that_the_edition_before_did_not_have_has_no_change() -> None:
    before, after = (few_areas.released(only(*codes, active=500)).table for codes in ((A,), (A, B)))
    assert set(standing.changes(before, after)["area_code"]) == {A}
    assert standing.changes(standing.nothing(after), after).empty


def test_a_withheld_level_is_never_a_change() -> None:
    before = few_areas.released(only(A, active=500)).table
    made = standing.changes(few_areas.withheld(A)(before), few_areas.released(only(A, active=900)).table)
    assert not made["is_shown"].any() and made["change_n"].isna().all()


# ranks


def ranked(**unregistered: int) -> pd.DataFrame:
    codes = dict(zip(unregistered, (A, B, C), strict=False))
    owners = {codes[name]: {**dict.fromkeys(gap.STATUSES, 0), "active": 100, "unregistered": n}
              for name, n in unregistered.items()}  # fmt: skip
    return standing.ranks(few_areas.levels(owners)).set_index("area_code")


def test_the_highest_stands_above_the_range_of_every_other() -> None:
    own = ranked(a=500, b=400, c=300)
    assert own["is_highest"].to_dict() == {A: True, B: False, C: False}
    assert own["may_be_highest"].sum() == 1


def test_ranges_that_overlap_leave_several_that_may_be_the_highest() -> None:
    own = ranked(a=500, b=490, c=300)
    assert not own["is_highest"].any()
    assert own["may_be_highest"].to_dict() == {A: True, B: True, C: False}
    assert list(own["highest_n"]) == [2, 2, 2]


def test_a_withheld_area_keeps_every_other_from_being_the_highest() -> None:
    owners = {code: {**dict.fromkeys(gap.STATUSES, 0), "active": 100, "unregistered": n}
              for code, n in ((A, 500), (B, 300), (C, 100))}  # fmt: skip
    levels = standing.levels(few_areas.withheld(C)(few_areas.released(owners).table))
    own = standing.ranks(levels).set_index("area_code")
    assert not own["is_highest"].any() and own["may_be_highest"].to_dict() == {A: True, B: False, C: True}


def test_a_rank_rests_on_the_cells_of_all_areas_and_one_area_alone_has_none() -> None:
    refs = ranked(a=500, b=400).loc[A, "refs"].split()
    assert refs == [f"gap.csv#{code},total,all,unregistered" for code in (A, B)]
    alone = standing.ranks(few_areas.levels(only(CITY, active=100, unregistered=100)))
    assert not alone["is_highest"].any()
