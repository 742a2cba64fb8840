"""Paths to a target: the least whole number a month that reaches it, exactly, and one fewer would miss it."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from math import ceil, floor

import few_rows
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import ParameterError
from analysis.measuring import balance, budgets, gap, pathways
from analysis.measuring.costs import APBD
from analysis.measuring.pathways import IN_SCOPE
from analysis.releasing import disclosure
from analysis.sources import keys
from analysis.sources.places import PROJECT, Root
from analysis.sources.published import Record, read_record

AS_OF = date(2026, 11, 22)
STEADY = settings(deadline=None, max_examples=200)  # a busy machine is no failure
SHARES = st.fractions(0, 1, max_denominator=1_000)


@cache
def record() -> Record:
    return read_record(Root(PROJECT), today=AS_OF)


@cache
def tariffs(months: int) -> pd.DataFrame:
    return budgets.tariffs(record(), AS_OF, months)


def counts(active: int | None, others: int, area: str = "72.71") -> pd.DataFrame:
    """A released table of the gap: owners active and lapsed."""
    values = dict.fromkeys(IN_SCOPE, 0) | {"active": active, "lapsed": others}
    rows = [(area, "city", "total", "all", name, value, None, None, gap.layout().ref(area, "total", "all", name))
            for name, value in values.items()]  # fmt: skip
    columns = ["area_code", "level", "dimension", "category", "measure", "value", "lower", "upper", "refs"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(["value", "lower", "upper"], "Int64"))


def paths(target: str, lapse: str, months: int) -> pd.DataFrame:
    until = tariffs(months)["month"].max()
    return pd.DataFrame([{
        "scenario": "path", "id": "path-1", "payer": APBD, "sector": "any", "target_percent": target, "until": until,
        "lapse_percent": lapse, "is_assumption": "true", "refs": "scenarios.csv#path-1",
    }])  # fmt: skip


@pytest.mark.parametrize("case", few_rows.spec("pathways"), ids=lambda case: case["why"])
def test_a_path_is_what_it_is_by_hand(case: dict[str, str]) -> None:
    active, months = int(case["active"]), int(case["months"])
    gap_table = counts(active, int(case["in_scope"]) - active)
    told = pathways.monthly(gap_table, tariffs(months), paths(case["target_percent"], case["lapse_percent"], months))
    whole = pathways.summed(told).iloc[0]
    assert whole["enrol_monthly_n"] == int(case["enrol_monthly"])
    assert whole["reached_n"] == int(case["reached"])
    assert whole["enrol_n"] == int(case["enrol_monthly"]) * months


@STEADY
@given(st.integers(0, 50_000), st.integers(0, 50_000), SHARES, st.integers(1, 60))
def test_the_target_is_reached_and_one_fewer_a_month_would_miss_it(
    active: int, target: int, lapse: Fraction, months: int
) -> None:
    enrol = pathways.needed(active, target, lapse, months)
    assert pathways.active_after(active, enrol, lapse, months) >= target
    assert enrol == 0 or pathways.active_after(active, enrol - 1, lapse, months) < target


@STEADY
@given(st.integers(0, 50_000), st.integers(0, 500), SHARES, st.integers(1, 40))
def test_the_sum_is_what_month_after_month_gives(active: int, enrol: int, lapse: Fraction, months: int) -> None:
    here = Fraction(active)
    for _ in range(months):
        here = here * (1 - lapse) + enrol
    assert pathways.active_after(active, enrol, lapse, months) == here


@STEADY
@given(st.integers(0, 50_000), st.integers(0, 50_000), SHARES, st.integers(1, 40))
def test_more_lapse_never_needs_fewer(active: int, target: int, lapse: Fraction, months: int) -> None:
    assert pathways.needed(active, target, lapse, months) >= pathways.needed(active, target, Fraction(0), months)


@pytest.mark.parametrize(("lapse", "months"), [(Fraction(-1, 100), 1), (Fraction(101, 100), 1), (Fraction(0), 0)])
def test_what_is_no_path_is_refused(lapse: Fraction, months: int) -> None:
    with pytest.raises(ParameterError):
        pathways.needed(0, 1, lapse, months)


def test_the_cost_is_that_of_those_who_are_still_paid_for_in_each_month() -> None:
    told = pathways.monthly(counts(0, 1_000), tariffs(12), paths("50", "1", 12))
    enrol = int(told["enrol_monthly_n"].iloc[0])
    here, expected = Fraction(0), []
    for month in told["month"]:
        here = here * Fraction(99, 100) + enrol
        expected.append((month, ceil(here), floor(here), ceil(here) * 16_800))
    columns = ["month", "paid_n", "reached_n", "cost_idr"]
    assert list(told[columns].itertuples(index=False, name=None)) == expected
    whole = pathways.summed(told).iloc[0]
    assert whole["cost_idr"] == sum(cost for *_, cost in expected)
    assert whole["paid_most_n"] == max(paid for _, paid, *_ in expected)
    assert (whole["months_n"], whole["assumed_n"], whole["first_month"]) == (12, 8, "2026-12")


def test_a_tenth_of_a_percent_is_taken_as_written() -> None:
    told = pathways.monthly(counts(1_000, 0), tariffs(1), paths("100", "0.1", 1))
    assert told["enrol_monthly_n"].item() == 1


def test_a_withheld_count_gives_no_path_and_keeps_its_row() -> None:
    told = pathways.summed(pathways.monthly(counts(None, 10), tariffs(3), paths("80", "1", 3)))
    assert len(told) == 1
    numbers = ["active_n", "target_n", "enrol_monthly_n", "enrol_n", "reached_n", "paid_most_n", "cost_idr"]
    assert told[numbers].isna().all().all()


def test_tariffs_must_reach_the_end_of_the_path() -> None:
    with pytest.raises(ParameterError) as refused:
        pathways.monthly(counts(0, 1), tariffs(2), paths("80", "1", 3))
    assert refused.value.faults[0].values == {"month": "2027-02"}


# observed lapse


def observed(area: str = "72.71", is_shown: bool = True) -> pd.DataFrame:
    shares = dict(zip(balance.SHARES, [0.011, 0.008, 0.014], strict=True))
    return pd.DataFrame([{"area_code": area, "level": "city", "is_shown": is_shown, **shares,
                          "refs": f"change.csv#{area}"}])  # fmt: skip


def test_an_observed_lapse_is_told_as_a_range_beside_the_assumptions() -> None:
    assert {*pathways.ENDS.values()} == {*balance.SHARES}
    told = pathways.summed(pathways.monthly(counts(500, 500), tariffs(6), paths("80", "1", 6), observed()))
    assert list(told["id"]) == ["path-1", "path-observed-low", "path-observed-point", "path-observed-high"]
    assert list(told["is_assumption"]) == [True, False, False, False]
    assert list(map(Fraction, told["lapse_percent"])) == [1, Fraction("0.8"), Fraction("1.1"), Fraction("1.4")]
    low, point, high = told["enrol_monthly_n"][1:]
    assert low < point < high
    assert told["cell_refs"].str.contains("change.csv#72.71").tolist() == [False, True, True, True]


@pytest.mark.parametrize("lapses", [observed(area="72.71.01"), observed(is_shown=False), observed().iloc[:0]])
def test_a_lapse_of_another_area_or_one_not_shown_adds_no_path(lapses: pd.DataFrame) -> None:
    told = pathways.summed(pathways.monthly(counts(500, 500), tariffs(6), paths("80", "1", 6), lapses))
    assert list(told["id"]) == ["path-1"]


# the record and the gate


def test_the_paths_of_the_record_are_derived_from_released_tables() -> None:
    owners = pd.DataFrame({
        "status": ["active"] * 300 + ["unregistered"] * 700, "kecamatan_code": "72.71.01", "businesses_n": 1,
        "kelurahan_code": "72.71.01.1004", **{name: known[0] for name, known in gap.DIVISIONS.items()},
    })  # fmt: skip
    released = disclosure.release(gap.cells(owners, few_rows.areas()), keys.DEMO.rounding, gap.layout())
    given_ = [disclosure.public(tariffs(37), record()), disclosure.public(pathways.scenarios(record()), record())]
    made = disclosure.derive(pathways.monthly, released, *given_)
    whole = disclosure.derive(pathways.summed, made).table
    city = whole[whole["area_code"] == "72.71"]
    assert list(city["lapse_percent"]) == ["0", "1", "3"]
    assert city["is_assumption"].all()
    assert (city["last_month"] == "2029-12").all()
    assert (city["reached_n"] >= city["target_n"]).all()
    assert city["enrol_monthly_n"].is_monotonic_increasing


def test_a_dearer_tariff_moves_the_cost_and_not_the_people() -> None:
    dearer = record().tariffs.copy()
    dearer.loc[dearer["id"] == "bpu-jkk-jkm-any-any", "amount_idr_month"] = 20_000
    prices = budgets.tariffs(replace(record(), tariffs=dearer), AS_OF, 12)
    before, after = (
        pathways.summed(pathways.monthly(counts(0, 1_000), each, paths("50", "0", 12))).iloc[0]
        for each in (tariffs(12), prices)
    )
    assert after["enrol_n"] == before["enrol_n"]
    monthly = before["enrol_monthly_n"]
    assert after["cost_idr"] - before["cost_idr"] == sum(monthly * n * 3_200 for n in range(5, 13))
