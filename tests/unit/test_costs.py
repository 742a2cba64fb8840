"""Costs: people x dated tariff x months, exact to the rupiah, always a minimum."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import ParameterError
from analysis.measuring import costs
from analysis.sources.places import PROJECT, Root
from analysis.sources.published import Record, read_record

AS_OF = date(2026, 11, 22)
SHARES = st.integers(0, 100).map(lambda percent: percent / 100)


@pytest.fixture(scope="module")
def published() -> Record:
    return read_record(Root(PROJECT), today=AS_OF)


def rate(published: Record, month: str, payer: str, sector: str) -> tuple[int, bool]:
    table = costs.tariffs(published, [month])
    row = table[(table["payer"] == payer) & (table["sector"] == sector)].iloc[0]
    return int(row["tariff_idr"]), bool(row["is_assumed"])


@pytest.mark.parametrize(
    ("month", "payer", "sector", "tariff", "is_assumed"),
    [
        ("2026-03", costs.SELF, costs.OTHER, 16_800, False),
        ("2026-04", costs.SELF, costs.OTHER, 8_400, False),
        ("2026-12", costs.SELF, costs.OTHER, 8_400, False),
        ("2027-01", costs.SELF, costs.OTHER, 16_800, True),
        ("2025-12", costs.SELF, costs.TRANSPORT, 16_800, False),
        ("2026-01", costs.SELF, costs.TRANSPORT, 8_400, False),
        ("2027-03", costs.SELF, costs.TRANSPORT, 8_400, False),
        ("2027-04", costs.SELF, costs.TRANSPORT, 16_800, True),
        ("2026-12", costs.APBD, costs.OTHER, 16_800, False),
        ("2027-04", costs.APBD, costs.OTHER, 16_800, True),
    ],
)
def test_the_dated_tariff_of_each_payer_and_sector(
    published: Record, month: str, payer: str, sector: str, tariff: int, is_assumed: bool
) -> None:
    assert rate(published, month, payer, sector) == (tariff, is_assumed)


def test_a_year_is_the_twelve_contribution_months_after_the_day() -> None:
    months = costs.months_after(AS_OF)
    assert (months[0], months[-1], len(months)) == ("2026-12", "2027-11", 12)
    assert costs.months_after(date(2026, 1, 31))[0] == "2026-02"


def test_the_published_gap_costs_3_628_800_000_rupiah_if_the_apbd_pays(published: Record) -> None:
    year = costs.yearly(costs.schedule(published, AS_OF)).iloc[0]
    assert year["cost_idr"] == 18_000 * 16_800 * 12 == 3_628_800_000
    assert (year["cost_low_idr"], year["cost_high_idr"]) == (17_500 * 16_800 * 12, 18_500 * 16_800 * 12)


def test_nine_discounted_months_cost_half(published: Record) -> None:
    table = costs.schedule(published, date(2026, 3, 15), payer_apbd_share=0.0)
    discounted = table[table["month"] <= "2026-12"]
    assert len(discounted) == 9
    assert discounted["cost_idr"].sum() == 18_000 * 8_400 * 9 == 1_360_800_000


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(SHARES, SHARES)
def test_people_and_rupiah_are_whole_and_add_up_for_every_mix(published: Record, apbd: float, transport: float) -> None:
    table = costs.schedule(published, AS_OF, apbd, transport)
    for column in costs.PEOPLE:
        assert set(table.groupby("month")[column].sum()) == {table[table["month"] == "2026-12"][column].sum()}
    assert table.groupby("month")["people_n"].sum().eq(18_000).all()
    assert (table["cost_idr"] == table["people_n"] * table["tariff_idr"]).all()
    assert (table["cost_low_idr"] <= table["cost_idr"]).all()
    assert (table["cost_idr"] <= table["cost_high_idr"]).all()
    assert pd.api.types.is_integer_dtype(table["cost_idr"])


@pytest.mark.parametrize("share", [-0.01, 1.01, float("nan")])
def test_shares_outside_0_and_1_are_refused_all_at_once(published: Record, share: float) -> None:
    with pytest.raises(ParameterError) as refused:
        costs.schedule(published, AS_OF, share, share)
    assert len(refused.value.faults) == 2


def test_the_lowest_tariff_is_the_sum_of_its_parts(published: Record) -> None:
    rates = costs.rates(published).set_index("rate")["amount_idr"]
    assert rates["JKK"] + rates["JKM"] == rates["JKK+JKM"] == 16_800
    assert rates["half"] * 2 == rates["JKK+JKM"]
    assert rates["highest"] == 213_800


def test_brackets_join_and_their_amounts_follow_from_the_base(published: Record) -> None:
    brackets = published.bpu_base.sort_values("income_min_idr").reset_index(drop=True)
    assert len(brackets) == 33
    assert (brackets["income_max_idr"][:-1] + 1_000 == brackets["income_min_idr"][1:].to_numpy()).all()
    assert (brackets["jkk_idr"] * 100 == brackets["base_idr"]).all()
    assert (brackets["jkk_idr"] + brackets["jkm_idr"] == brackets["jkk_jkm_idr"]).all()
    assert (brackets["jkk_jkm_half_idr"] * 2 == brackets["jkk_jkm_idr"]).all()
