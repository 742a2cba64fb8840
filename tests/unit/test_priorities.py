"""Whom to enrol first: criteria as ranges, scores that can be worked out again, ranks only where they are certain."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import product
from math import ceil

import few_rows
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import DisclosureError
from analysis.contracts.registers import JAMSOSTEK, SECTORS
from analysis.contracts.released import CITY, COUNTED
from analysis.measuring import criteria, gap, priorities
from analysis.measuring.criteria import ALL, PARTS
from analysis.ranges import Range
from analysis.releasing import disclosure
from analysis.releasing.disclosure import Released
from analysis.sources import keys
from analysis.sources.places import PROJECT, Root
from analysis.sources.published import Record, read_record

AS_OF = date(2026, 11, 22)
STEADY = settings(deadline=None, max_examples=200)  # a busy machine is no failure
WEIGHTS = pd.DataFrame({"criterion": ["vulnerable", "hazard", "lapsed_after_subsidy"], "weight": [3, 2, 1],
                        "refs": [f"priorities.csv#{n}" for n in range(3)]})  # fmt: skip
HAZARD = pd.DataFrame({"sector": ["trade", "construction", "fishing", "other"], "class_low": [1, 5, 3, None],
                       "class_high": [1, 5, 4, None], "refs": [f"hazard.csv#{n}" for n in range(4)]})  # fmt: skip
HAZARD = HAZARD.astype({"class_low": "Int64", "class_high": "Int64"})
LERE, ULU = "72.71.02", "72.71.07"


@cache
def record() -> Record:
    return read_record(Root(PROJECT), today=AS_OF)


def owners_of(*rows: tuple[str, str, bool, int, str | None], times: int = 1) -> pd.DataFrame:
    """Owners from status, sector, whether listed, person and kecamatan."""
    told = [row for row in rows for _ in range(times)]
    columns = ["status", "sector", "is_vulnerable", "person", "kecamatan_code"]
    made = pd.DataFrame(told, columns=columns).astype({"kecamatan_code": "str"})
    ids = [f"{n:016x}" for n in range(len(told))]
    return made.assign(owner_id=ids, kelurahan_code=made["kecamatan_code"] + ".1001")


PAYERS = pd.Series({1: "from_apbd", 2: "not_from_apbd", 3: "unknown"})


def cells(owners: pd.DataFrame, payers: pd.Series = PAYERS, *, has_list: bool = True) -> pd.DataFrame:
    return criteria.cells(owners, payers, few_rows.areas(), has_list=has_list)


def released(owners: pd.DataFrame, **given_: bool) -> Released:
    return disclosure.release(cells(owners, **given_), keys.DEMO.rounding, criteria.layout())


def of_gap(owners: pd.DataFrame) -> Released:
    unsaid = {"businesses_n": 1, "sex": "unknown", "age_band": "unknown", "scale": "unknown"}
    return disclosure.release(gap.cells(owners.assign(**unsaid), few_rows.areas()), keys.DEMO.rounding, gap.layout())


def counts(table: pd.DataFrame, dimension: str, area: str = CITY, category: str = ALL) -> dict[str, int]:
    own = table[(table["area_code"] == area) & (table["dimension"] == dimension) & (table["category"] == category)]
    return dict(zip(own["measure"], map(int, own["value"]), strict=True))


# who holds which criterion


def test_owners_to_enrol_are_divided_by_each_criterion() -> None:
    owners = owners_of(
        ("unregistered", "trade", True, 9, LERE), ("unregistered", "trade", False, 8, LERE),
        ("lapsed", "trade", False, 1, LERE), ("lapsed", "fishing", True, 2, ULU), ("lapsed", "trade", False, 3, None),
        ("lapsed", "trade", False, 77, LERE), ("active", "trade", True, 1, LERE),
        ("unresolved", "trade", True, 1, LERE), ("not_eligible", "trade", True, 1, LERE),
    )  # fmt: skip
    table = cells(owners)
    assert list(table.columns) == list(COUNTED)
    assert len(table) == 9 * 12 * 6
    assert counts(table, "vulnerable") == {"listed": 2, "not_listed": 4, "unknown": 0}
    assert counts(table, "lapsed_after_subsidy") == {"from_apbd": 1, "not_from_apbd": 1, "unknown": 2}
    assert counts(table, "vulnerable", LERE, "trade") == {"listed": 1, "not_listed": 3, "unknown": 0}
    assert counts(table, "vulnerable", ULU, "fishing") == {"listed": 1, "not_listed": 0, "unknown": 0}


def test_without_a_list_nobody_can_be_told_not_to_be_in_it() -> None:
    owners = owners_of(("unregistered", "trade", False, 9, LERE), ("lapsed", "trade", False, 1, LERE))
    assert counts(cells(owners, has_list=False), "vulnerable") == {"listed": 0, "not_listed": 0, "unknown": 2}


@pytest.mark.parametrize(("rows", "expected"), [
    ([("2026-01", "2020-01-01", "apbd")], "from_apbd"),
    ([("2026-01", "2020-01-01", "self")], "not_from_apbd"),
    ([("2026-01", "2020-01-01", "unknown")], "unknown"),
    ([("2026-01", "2020-01-01", "apbd"), ("2026-02", "2019-01-01", "self")], "not_from_apbd"),
    ([("2026-02", "2019-01-01", "apbd"), ("2026-01", "2020-01-01", "self")], "from_apbd"),
    ([("2026-02", "2019-01-01", "self"), ("2026-02", "2020-01-01", "apbd")], "from_apbd"),
    ([("2026-02", "2020-01-01", "self"), ("2026-02", "2020-01-01", "apbd")], "from_apbd"),
    ([("2026-02", "2020-01-01", "self"), ("2026-02", "2020-01-01", "unknown")], "unknown"),
    ([(None, "2020-01-01", "self"), ("2026-02", None, "apbd")], "from_apbd"),
    ([(None, None, "employer"), (None, None, "unknown")], "unknown"),
    ([(None, "2021-01-01", "self"), (None, "2020-01-01", "apbd")], "not_from_apbd"),
])  # fmt: skip
def test_the_last_participation_tells_who_paid(rows: list[tuple[str | None, str | None, str]], expected: str) -> None:
    months, days, funding = zip(*rows, strict=True)
    participants = pd.DataFrame({
        "source_sheet": "", "source_row": range(2, len(rows) + 2), "last_contribution_month": pd.array(months, "str"),
        "member_date": pd.to_datetime(pd.Series(days)), "funding": funding,
    })  # fmt: skip
    persons = participants[["source_sheet", "source_row"]].assign(register=JAMSOSTEK, person=7)
    assert criteria.last_payers(participants, persons).to_dict() == {7: expected}


# ranges


RANGES = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda ends: Range(*map(Fraction, sorted(ends))))


@STEADY
@given(st.lists(st.tuples(RANGES, RANGES), min_size=1, max_size=4))
def test_a_weighted_mean_reaches_its_ends_and_never_leaves_them(drawn: list[tuple[Range, Range]]) -> None:
    """Against every choice of ends: the mean is monotone in each value and turns at most at the ends of a weight."""
    amounts, values = zip(*drawn, strict=True)
    told = priorities.mean(amounts, values)
    found = []
    for weights in product(*[(one.low, one.high) for one in amounts]):
        if sum(weights):
            for pick in ("low", "high"):
                each = [getattr(value, pick) for value in values]
                found.append(sum(w * v for w, v in zip(weights, each, strict=True)) / sum(weights))
    if found:
        assert (told.low, told.high) == (min(found), max(found))
    else:
        assert (told.low, told.high) == (min(value.low for value in values), max(value.high for value in values))


def test_an_unknown_sector_may_be_in_any_group_and_never_in_none() -> None:
    told = criteria.classes(HAZARD)
    assert told["construction"] == Range.exact(1)
    assert told["trade"] == Range.exact(Fraction(1, 5))
    assert told["fishing"] == Range(Fraction(3, 5), Fraction(4, 5))
    for unknown in ("other", "unknown", "crafts"):
        assert told[unknown] == Range(Fraction(1, 5), Fraction(1))
    assert all(told[sector].low > 0 for sector in SECTORS)


# scores from released counts


def scores(owners: pd.DataFrame, weights: pd.DataFrame = WEIGHTS, hazard: pd.DataFrame = HAZARD) -> pd.DataFrame:
    return priorities.scores(released(owners).table, of_gap(owners).table, hazard, weights)


def row(table: pd.DataFrame, area: str, category: str) -> pd.Series:
    own = table[(table["area_code"] == area) & (table["category"] == category)]
    assert len(own) == 1
    return own.iloc[0]


MANY = owners_of(("unregistered", "construction", True, 9, LERE), ("unregistered", "trade", False, 8, ULU), times=500)


def test_the_score_of_a_sector_is_worked_out_by_hand() -> None:
    """500 listed owners in construction: published 500 may be 496 to 504, and a published 0 up to 4."""
    told = row(scores(MANY), CITY, "construction")
    listed_low = Fraction(496, 496 + 4 + 4)  # of 496, when 4 more are not listed and of 4 more it is not known
    assert (told["hazard_points_low"], told["hazard_points_high"]) == (333, 334)  # 2 of 6 weights, group 5 of 5
    assert told["vulnerable_points_low"] == int(500 * listed_low)
    assert told["vulnerable_points_high"] == 500
    assert told["lapsed_after_subsidy_points_low"] == 0
    assert told["points_low"] == int(500 * listed_low + Fraction(1000, 3))
    assert (told["owners_n"], told["listed_n"]) == (500, 500)
    assert pd.isna(told["from_apbd_n"])  # nobody lapsed: withheld, and not nought


def test_the_parts_of_a_score_add_up_to_it() -> None:
    table = scores(MANY)
    for end, slack in (("low", (0, 2)), ("high", (-2, 0))):
        parts = sum(table[f"{name}_points_{end}"] for name in criteria.CRITERIA)
        assert (table[f"points_{end}"] - parts).between(*slack).all()
    assert (table["points_low"] >= 0).all()
    assert (table["points_high"] <= 1_000).all()
    assert (table["points_low"] <= table["points_high"]).all()


def test_each_area_and_group_has_its_score_and_the_city_as_a_whole_has_none() -> None:
    table = scores(MANY)
    assert table["ranking"].value_counts().to_dict() == {"areas": 8, "groups": 11, "groups_in_areas": 88}


def test_what_is_withheld_may_be_anything() -> None:
    told = row(scores(MANY), ULU, "construction")
    assert pd.isna(told["owners_n"])
    assert (told["vulnerable_points_low"], told["vulnerable_points_high"]) == (0, 500)
    nobody = row(scores(MANY), "72.71.01", ALL)
    assert (nobody["vulnerable_points_low"], nobody["vulnerable_points_high"]) == (0, 500)
    assert nobody["hazard_points_low"] == 66  # the lowest group of all, and not nought


def test_the_lapsed_after_a_subsidy_are_a_share_of_all_to_enrol() -> None:
    """100 of 400: published 100 may be 96 to 104, and 300 others, by two counts and a 0, 288 to 312."""
    owners = owners_of(*[("lapsed", "trade", False, 1, LERE)] * 1, *[("lapsed", "trade", False, 2, LERE)] * 1,
                       *[("unregistered", "trade", False, 9, LERE)] * 2, times=100)  # fmt: skip
    told = row(scores(owners), LERE, "trade")
    least, most = Fraction(96, 96 + 104 + 4 + 204), Fraction(108, 108 + 96 + 196)
    weight = Fraction(1_000, 6)
    assert told["lapsed_after_subsidy_points_low"] == int(weight * least)
    assert told["lapsed_after_subsidy_points_high"] == ceil(weight * most)
    assert told["from_apbd_n"] == 100


def test_a_few_who_lapsed_cannot_be_more_than_few_although_they_are_withheld() -> None:
    owners = owners_of(("unregistered", "trade", False, 9, LERE), times=500)
    told = row(scores(owners), LERE, "trade")
    assert pd.isna(told["from_apbd_n"])
    assert told["lapsed_after_subsidy_points_low"] == 0
    assert told["lapsed_after_subsidy_points_high"] == int(Fraction(27, 27 + 496) * Fraction(1_000, 6)) + 1


def test_the_hazard_of_an_area_is_that_of_its_sectors() -> None:
    table = scores(MANY)
    building, trading = row(table, LERE, ALL), row(table, ULU, ALL)
    assert building["hazard_points_low"] > trading["hazard_points_high"]


def test_without_a_list_the_criterion_is_open_and_does_not_count_as_nought() -> None:
    table = priorities.scores(released(MANY, has_list=False).table, of_gap(MANY).table, HAZARD, WEIGHTS)
    told = row(table, CITY, "trade")
    assert (told["vulnerable_points_low"], told["vulnerable_points_high"]) == (0, 500)


def test_weights_are_those_of_the_table() -> None:
    only = WEIGHTS.assign(weight=[0, 1, 0])
    told = row(scores(MANY, only), CITY, "construction")
    assert (told["points_low"], told["points_high"]) == (1_000, 1_000)
    assert (told["vulnerable_points_low"], told["vulnerable_points_high"]) == (0, 0)
    other = row(scores(MANY, only), CITY, "other")
    assert (other["points_low"], other["points_high"]) == (200, 1_000)


# ranks


def ranked(*ranges: tuple[int, int]) -> list[tuple[int, int, bool]]:
    table = pd.DataFrame({"ranking": "areas", "area_code": [f"72.71.0{n}" for n in range(len(ranges))],
                          "category": ALL, "points_low": [low for low, _ in ranges],
                          "points_high": [high for _, high in ranges]})  # fmt: skip
    told = priorities.ranked(table).sort_values("area_code")
    return list(told[["rank_first", "rank_last", "is_certain"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(("ranges", "expected"), [
    ([(1, 2), (5, 6), (3, 4)], [(3, 3, True), (1, 1, True), (2, 2, True)]),
    ([(1, 3), (3, 4), (9, 9)], [(2, 3, False), (2, 3, False), (1, 1, True)]),
    ([(0, 9), (1, 2), (5, 6)], [(1, 3, False), (2, 3, False), (1, 2, False)]),
    ([(4, 4), (4, 4)], [(1, 2, False), (1, 2, False)]),
    ([(4, 4)], [(1, 1, True)]),
])  # fmt: skip
def test_ranks_are_certain_only_where_no_range_overlaps(
    ranges: list[tuple[int, int]], expected: list[tuple[int, int, bool]]
) -> None:
    assert ranked(*ranges) == expected


@STEADY
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted), min_size=1, max_size=6), st.data())
def test_no_possible_score_has_a_rank_outside_the_one_told(drawn: list[list[int]], data: st.DataObject) -> None:
    actual = [data.draw(st.integers(low, high)) for low, high in drawn]
    for n, (first, last, _) in enumerate(ranked(*map(tuple, drawn))):
        above = sum(other > actual[n] for other in actual)
        assert first - 1 <= above <= last - 1


def test_the_surest_stand_first() -> None:
    table = priorities.ranked(scores(MANY))
    areas = table[table["ranking"] == "areas"]
    assert areas["rank_first"].is_monotonic_increasing
    assert areas.loc[areas["area_code"] == LERE, "rank_last"].item() < areas.loc[
        areas["area_code"] == ULU, "rank_last"].item()  # fmt: skip


# the gate


def test_ranks_are_derived_from_released_tables_and_name_their_rows() -> None:
    counted = released(MANY)
    public = [disclosure.public(criteria.hazard(record()), record()),
              disclosure.public(criteria.weights(record()), record())]  # fmt: skip
    made = disclosure.derive(priorities.scores, counted, of_gap(MANY), *public)
    told = disclosure.derive(priorities.ranked, made).table
    assert len(told) == 107
    fishing = told["category"].isin(["fishing", ALL, "unknown"])
    assert fishing.equals(told["hazard_refs"].str.contains("hazard.csv#fishing"))
    assert told["cell_refs"].str.contains("gap.csv#").all()
    assert told["weight_refs"].str.contains("priorities.csv#vulnerable").all()
    with pytest.raises(DisclosureError):
        disclosure.derive(lambda own, near, hazard: priorities.scores(own, near, hazard, WEIGHTS),
                          counted, of_gap(MANY), public[0])  # fmt: skip


def test_the_record_knows_every_sector_it_speaks_of_and_says_what_it_does_not_know() -> None:
    told = criteria.hazard(record()).set_index("sector")
    assert {*told.index} <= {*SECTORS}
    assert told.loc["construction", "class_low"] == 5
    assert told.loc["manufacturing", ["class_low", "class_high"]].isna().all()
    assert {*criteria.weights(record())["criterion"]} == {*criteria.CRITERIA}


# persons


def of_owners(owners: pd.DataFrame, *, has_list: bool = True) -> pd.DataFrame:
    return priorities.of_owners(owners, PAYERS, HAZARD, WEIGHTS, has_list=has_list)


def by_person(table: pd.DataFrame) -> Mapping[int, tuple[int, int]]:
    return {row.person: (row.points_low, row.points_high) for row in table.itertuples()}


def test_each_owner_has_the_score_of_the_own_criteria() -> None:
    owners = owners_of(
        ("unregistered", "construction", True, 9, LERE), ("unregistered", "trade", False, 8, LERE),
        ("lapsed", "trade", False, 1, LERE), ("lapsed", "trade", False, 3, LERE), ("unregistered", "other", False, 7,
         LERE), ("active", "construction", True, 2, LERE), ("unresolved", "construction", True, 4, LERE),
    )  # fmt: skip
    told = of_owners(owners)
    assert by_person(told) == {9: (833, 834), 8: (66, 67), 1: (233, 234), 3: (66, 234), 7: (66, 334)}
    assert list(told["person"]) == [9, 1, 7, 3, 8]  # by the middle of the range: unknown is neither least nor most
    assert told["owner_id"].is_unique


def test_without_a_list_nobody_loses_the_points_of_the_list() -> None:
    owners = owners_of(("unregistered", "trade", False, 8, LERE))
    assert by_person(of_owners(owners, has_list=False)) == {8: (66, 567)}


@STEADY
@given(st.permutations(range(6)))
def test_the_order_does_not_depend_on_the_order_of_the_register(order: list[int]) -> None:
    owners = owners_of(
        *[
            ("lapsed", sector, n % 2 == 0, n, LERE)
            for n, sector in enumerate(["trade", "fishing", "trade", "other", "construction", "trade"])
        ]
    )
    mixed = owners.iloc[order]
    pd.testing.assert_frame_equal(of_owners(mixed), of_owners(owners))


def test_every_part_has_a_name_in_the_layout() -> None:
    assert {name: one.parts for name, one in criteria.layout().dimensions.items()} == dict(PARTS)
    assert np.unique([*PARTS]).size == 2
