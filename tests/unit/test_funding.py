"""What a brief on an area computes beside its standing: cost by payer, records to put right, published counterparts."""

from datetime import date

import few_areas
import pandas as pd
import pytest
from few_areas import only

from analysis.contracts.released import CITY
from analysis.measuring import budgets, counterparts, funding, record, repairs, savings
from analysis.measuring.costs import APBD, SELF
from analysis.releasing import disclosure
from analysis.sources.places import PROJECT, Root
from analysis.sources.published import Record, read_record

AS_OF, AREA = date(2026, 10, 31), "72.71.01"


@pytest.fixture(scope="module")
def published() -> Record:
    return read_record(Root(PROJECT), today=date(2026, 11, 22))


@pytest.fixture(scope="module")
def tariffs(published: Record) -> pd.DataFrame:
    return disclosure.public(budgets.tariffs(published, AS_OF, 12), published).table


# cost


def test_the_cost_is_people_times_the_tariffs_of_twelve_months(tariffs: pd.DataFrame) -> None:
    levels = few_areas.levels(only(AREA, active=500, unregistered=1000))
    made = funding.yearly(levels, tariffs, AREA).set_index("payer")
    paid = made.loc[APBD]
    assert (paid["people_low_n"], paid["people_high_n"]) == (975, 1025)
    assert paid["price_low_idr"] == paid["price_high_idr"] == 12 * 16_800
    assert (paid["cost_low_idr"], paid["cost_high_idr"]) == (975 * 201_600, 1025 * 201_600)
    assert (paid["months_n"], paid["first_month"], paid["last_month"]) == (12, "2026-11", "2027-10")


def test_who_pays_himself_pays_between_the_cheapest_and_the_dearest_sector(tariffs: pd.DataFrame) -> None:
    made = funding.yearly(few_areas.levels(only(AREA, unregistered=1000)), tariffs, AREA).set_index("payer").loc[SELF]
    transport, other = 5 * 8_400 + 7 * 16_800, 2 * 8_400 + 10 * 16_800
    assert (made["price_low_idr"], made["price_high_idr"]) == (transport, other)
    assert made["cost_low_idr"] == made["people_low_n"] * transport


def test_a_cost_names_its_cells_and_its_tariffs(tariffs: pd.DataFrame) -> None:
    own = funding.yearly(few_areas.levels(only(AREA, unregistered=1000)), tariffs, AREA).iloc[0]
    assert own["cell_refs"] == f"gap.csv#{AREA},total,all,unregistered"
    assert own["tariff_refs"].startswith("tariffs.csv#") and own["cell_refs"] in own["refs"]


def test_the_cost_of_withheld_people_is_withheld(tariffs: pd.DataFrame) -> None:
    levels = few_areas.levels(only(AREA, unregistered=1000)).assign(unregistered_low_n=pd.NA, unregistered_high_n=pd.NA)
    made = funding.yearly(levels, tariffs, AREA)
    assert made[["people_low_n", "cost_low_idr", "cost_high_idr"]].isna().all(axis=None)


# records to put right


def evaluated(**changed: int) -> pd.DataFrame:
    cells = few_areas.evaluation_cells()
    for name, n in changed.items():
        is_own = (cells["dimension"] + "_" + cells["category"]).str.replace(".", "_").eq(name)
        cells.loc[is_own & (cells["measure"] == "with"), "value"] = n
    return disclosure.release(cells, few_areas.Zero()).table


def test_each_office_has_its_records_and_their_most_frequent_rule_most_first() -> None:
    made = repairs.table(evaluated(umkm_fixer_kelurahan=4_000, umkm_rule_nik_placeholder=3_000), AREA)
    first = made.iloc[0]
    assert (first["register"], first["fixer"], first["rows_n"]) == ("umkm", "kelurahan", 4_000)
    assert (first["rule_id"], first["rule_rows_n"]) == ("nik_placeholder", 3_000)
    assert first["refs"] == f"evaluation.csv#{AREA},umkm.fixer,kelurahan,with"
    assert made["rows_n"].is_monotonic_decreasing and set(made["area_code"]) == {AREA}


def test_an_office_without_records_or_withheld_is_left_out() -> None:
    table = evaluated(umkm_fixer_kelurahan=0)
    made = repairs.table(table, AREA)
    assert not ((made["register"] == "umkm") & (made["fixer"] == "kelurahan")).any()
    hidden = table.assign(value=table["value"].mask(table["dimension"].str.endswith(".fixer")))
    assert repairs.table(hidden, AREA).empty
    assert repairs.table(table, "72.71.99").empty


def test_rows_of_the_files_are_told_for_the_city_alone() -> None:
    table = evaluated()
    assert set(repairs.files(table)["register"]) == {"umkm", "jamsostek", "pekerja_rentan"}
    assert repairs.files(table[table["area_code"] != CITY]).empty


# beside the record


@pytest.fixture(scope="module")
def beside(published: Record) -> pd.DataFrame:
    ages = disclosure.public(record.ages(published, AS_OF), published)
    paid = disclosure.release(few_areas.savings_cells(), few_areas.Zero(), savings.layout())
    owners = few_areas.released(only(CITY, active=16_000, lapsed=4_000, unregistered=17_000))
    return disclosure.derive(counterparts.table, owners, paid, ages).table.set_index("indicator")


def test_each_published_figure_stands_beside_its_counterpart(beside: pd.DataFrame) -> None:
    assert list(beside["value"].astype(int)) == [20_982, 18_000, 15_138]
    assert list(beside["edition_n"]) == [20_000, 17_000, 15_310]
    assert (beside["edition_low_n"] < beside["edition_n"]).all()


def test_no_difference_is_computed_and_both_sides_name_their_rows(beside: pd.DataFrame) -> None:
    assert not [name for name in beside.columns if "difference" in name or "unexplained" in name]
    assert beside["record_refs"].str.startswith("figures.csv#").all()
    assert beside["edition_refs"].str.contains("csv#72.71,").all()


def test_what_is_withheld_or_not_of_the_city_has_no_counterpart(published: Record) -> None:
    ages = record.ages(published, AS_OF)
    paid = disclosure.release(few_areas.savings_cells(), few_areas.Zero(), savings.layout()).table
    owners = few_areas.released(only(CITY, active=16_000, unregistered=17_000)).table
    made = counterparts.table(few_areas.withheld(CITY)(owners), paid, ages).set_index("indicator")
    assert made.loc[record.ENROLLED, "edition_n"] is pd.NA
    outside = counterparts.table(owners[owners["area_code"] != CITY], paid[paid["area_code"] != CITY], ages)
    assert outside.empty
