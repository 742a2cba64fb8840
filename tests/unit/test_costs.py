"""Costs: people x dated tariff x months, exact to the rupiah, always a minimum."""

from dataclasses import replace
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


def with_tariff(published: Record, **columns: object) -> Record:
    """The record with one more JKK+JKM row, made from the general one."""
    general = published.tariffs[(published.tariffs["program"] == "JKK+JKM") & (published.tariffs["payer"] == "any")]
    return replace(published, tariffs=pd.concat([published.tariffs, general.iloc[:1].assign(**columns)]))


def test_a_later_general_tariff_takes_over_from_its_month(published: Record) -> None:
    raised = with_tariff(published, id="later", valid_from="2027-04", amount_idr_month=20_000)
    table = costs.schedule(raised, AS_OF).set_index("month")["tariff_idr"]
    assert table["2027-03"] == 16_800
    assert table["2027-04"] == 20_000


def test_of_two_valid_rows_the_one_that_began_last_counts(published: Record) -> None:
    raised = with_tariff(
        published, id="later", payer=costs.APBD, valid_from="2027-01", valid_to="2027-03", amount_idr_month=20_000
    )
    assert rate(raised, "2027-02", costs.APBD, costs.OTHER) == (20_000, False)


def test_the_products_add_up_to_the_sum_also_when_the_tariff_changes(published: Record) -> None:
    raised = with_tariff(published, id="later", valid_from="2027-04", amount_idr_month=20_000)
    table = costs.schedule(raised, AS_OF)
    products = costs.products(table)
    assert list(products["tariff_idr"]) == [16_800, 20_000]
    assert (products["people_n"] * products["tariff_idr"] * products["months_n"] == products["cost_idr"]).all()
    assert products["cost_idr"].sum() == costs.yearly(table)["cost_idr"].iloc[0]


def test_payers_are_compared_month_by_month(published: Record) -> None:
    assert costs.comparison(costs.by_payer(published, AS_OF))["cheaper_n"].item() == 1
    dearer = with_tariff(
        published, id="dear", payer=costs.APBD, valid_from="2026-01", valid_to="2027-03", amount_idr_month=20_000
    )
    dearer.tariffs.loc[dearer.tariffs["id"] == "dear", "status"] = "secondary"
    assert costs.comparison(costs.by_payer(dearer, AS_OF))["months_n"].item() == 12


def test_a_mix_says_for_how_many_the_apbd_pays(published: Record) -> None:
    row = costs.total(costs.schedule(published, AS_OF, 0.25)).iloc[0]
    assert (row["apbd_people_n"], row["people_n"], row["payers"]) == (4_500, 18_000, "apbn_apbd self")


def test_a_closed_gap_costs_nothing_and_is_no_error(published: Record) -> None:
    figures = published.figures.copy()
    closed = figures["indicator"] == "umkm_not_enrolled_jamsostek"
    figures.loc[closed, ["value", "is_approximate"]] = [0, False]
    table = costs.yearly(costs.by_payer(replace(published, figures=figures), AS_OF))
    assert list(table["cost_high_idr"]) == [0, 0]


def test_discounts_are_named_only_where_they_reach_into_the_year(published: Record) -> None:
    assert set(costs.discounts(published, AS_OF)["last_month"]) == {"2026-12", "2027-03"}
    assert costs.discounts(published, date(2024, 1, 10)).empty


def test_the_lowest_tariff_is_the_sum_of_its_parts(published: Record) -> None:
    rates = costs.rates(published).set_index("rate")["amount_idr"]
    assert rates["JKK"] + rates["JKM"] == rates["JKK+JKM"] == 16_800


def test_brackets_join_and_their_amounts_follow_from_the_base(published: Record) -> None:
    brackets = published.bpu_base.sort_values("income_min_idr").reset_index(drop=True)
    assert len(brackets) == 33
    assert (brackets["income_max_idr"][:-1] + 1_000 == brackets["income_min_idr"][1:].to_numpy()).all()
    assert (brackets["jkk_idr"] * 100 == brackets["base_idr"]).all()
    assert (brackets["jkk_idr"] + brackets["jkm_idr"] == brackets["jkk_jkm_idr"]).all()
    assert (brackets["jkk_jkm_half_idr"] * 2 == brackets["jkk_jkm_idr"]).all()
