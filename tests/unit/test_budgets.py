"""Budgets: released counts x dated tariff x months, exact both ways, and every number found again by hand."""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache

import few_rows
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import DisclosureError, ParameterError
from analysis.contracts.registers import SECTORS
from analysis.measuring import budgets, costs, gap, reach
from analysis.measuring.budgets import ANY
from analysis.measuring.costs import APBD, OTHER, SELF, TRANSPORT
from analysis.measuring.reach import Offer
from analysis.releasing import disclosure
from analysis.releasing.disclosure import Released
from analysis.sources import keys
from analysis.sources.places import PROJECT, Root
from analysis.sources.published import Record, read_record

AS_OF = date(2026, 11, 22)
STEADY = settings(deadline=None, max_examples=200)  # a busy machine is no failure
LERE = "72.71.02.1009"
RANGED = ("value", "lower", "upper")
Cell = tuple[int | None, int | None, int | None]


@cache
def record() -> Record:
    return read_record(Root(PROJECT), today=AS_OF)


def table(cells: Mapping[tuple[str, str, str, str], int | Cell | None], area: str = "72.71") -> pd.DataFrame:
    """A released table of the gap from dimension, category and measure."""
    rows = []
    for (dimension, category, measure, *_), told in cells.items():
        value = told if isinstance(told, tuple) else (told, None, None)
        ref = gap.layout().ref(area, dimension, category, measure)
        rows.append((area, "city", dimension, category, measure, *value, ref))
    names = ["area_code", "level", "dimension", "category", "measure", *RANGED, "refs"]
    return pd.DataFrame(rows, columns=names).astype(dict.fromkeys(RANGED, "Int64"))


def unregistered(everybody: int | None, transport: int | None = 0, trade: int | None = 0) -> pd.DataFrame:
    by_sector = dict.fromkeys(SECTORS, 0) | {"transport": transport, "trade": trade}
    cells = {("total", "all", "unregistered"): everybody}
    return table(cells | {("sector", name, "unregistered"): n for name, n in by_sector.items()})


def scenario(*rows: tuple[str, str, str, int], measure: str = "unregistered") -> pd.DataFrame:
    """Rows of one scenario: payer, sector, percent, months."""
    columns = ["payer", "sector", "share_percent", "months_n"]
    made = pd.DataFrame(rows, columns=columns)
    names = [f"part-{n}" for n in range(len(rows))]
    return made.assign(scenario="one", id=names, measure=measure, refs=[f"scenarios.csv#{name}" for name in names])


def tariffs(as_of: date = AS_OF, months: int = 12, of: Record | None = None) -> pd.DataFrame:
    return usual(as_of, months) if of is None else budgets.tariffs(of, as_of, months)


@cache
def usual(as_of: date, months: int) -> pd.DataFrame:
    return budgets.tariffs(record(), as_of, months)


def summed(gap_table: pd.DataFrame, scenarios: pd.DataFrame, prices: pd.DataFrame | None = None) -> pd.DataFrame:
    return budgets.summed(budgets.monthly(gap_table, tariffs() if prices is None else prices, scenarios))


# people -> budget


@pytest.mark.parametrize("case", few_rows.spec("budgets"), ids=lambda case: case["why"])
def test_a_budget_is_what_it_is_by_hand(case: dict[str, str]) -> None:
    n, months, day = int(case["people"]), int(case["months"]), date.fromisoformat(case["as_of"])
    counts = unregistered(n, transport=n, trade=n)
    parts = summed(counts, scenario((case["payer"], case["sector"], "100", months)), tariffs(day, months))
    assert parts["people_n"].item() == n
    assert parts["cost_idr"].item() == int(case["cost_idr"])
    assert parts["cost_idr"].item() == parts["people_n"].item() * parts["price_idr"].item()


def test_the_published_gap_costs_the_same_as_in_the_record() -> None:
    year = costs.yearly(costs.schedule(record(), AS_OF)).iloc[0]
    ours = summed(unregistered(18_000), scenario((APBD, ANY, "100", 12))).iloc[0]
    assert ours["cost_idr"] == year["cost_idr"] == 3_628_800_000


def test_a_sector_that_is_unknown_pays_as_outside_transport() -> None:
    counts = table({("sector", name, "unregistered"): 10 * (name == "unknown") for name in SECTORS})
    parts = summed(counts, scenario((SELF, TRANSPORT, "100", 12), (SELF, OTHER, "100", 12)))
    assert list(parts["people_n"]) == [0, 10]


def test_people_are_told_with_their_range_or_with_what_rounding_moves() -> None:
    counts = table({("total", "all", "unregistered"): (15_210, 14_900, 15_520), ("total", "all", "lapsed"): 100,
                    ("total", "all", "not_protected"): 15_310})  # fmt: skip
    ranged = summed(counts, scenario((APBD, ANY, "100", 12))).iloc[0]
    assert (ranged["people_low_n"], ranged["people_high_n"]) == (14_900, 15_520)
    assert (ranged["cost_low_idr"], ranged["cost_high_idr"]) == (14_900 * 201_600, 15_520 * 201_600)
    rounded = summed(counts, scenario((APBD, ANY, "100", 12), measure="lapsed")).iloc[0]
    assert (rounded["people_low_n"], rounded["people_high_n"]) == (96, 104)
    both = summed(counts, scenario((APBD, ANY, "100", 12), measure="not_protected")).iloc[0]
    assert (both["people_low_n"], both["people_high_n"]) == (15_302, 15_318)


def test_fewer_than_nobody_is_never_possible() -> None:
    assert summed(unregistered(0), scenario((APBD, ANY, "100", 12)))["people_low_n"].item() == 0


@settings(STEADY, max_examples=40)
@given(st.integers(0, 40_000), st.lists(st.integers(1, 9_999), min_size=1, max_size=5))
def test_shares_that_are_everybody_are_all_people_and_all_the_money(people: int, drawn: list[int]) -> None:
    shares = [one * 100 for one in drawn]
    parts = [f"{share // sum(drawn)}" for share in shares]
    parts[-1] = str(100 - sum(map(int, parts[:-1])))
    rows = [(APBD, ANY, part, 12) for part in parts]
    told = summed(unregistered(people), scenario(*rows))
    assert told["people_n"].sum() == people
    assert budgets.totals(told)["cost_idr"].item() == people * 201_600
    assert (told["people_low_n"] <= told["people_n"]).all()
    assert (told["people_n"] <= told["people_high_n"]).all()


def test_who_pays_is_told_in_the_total() -> None:
    rows = [(APBD, ANY, "25", 12), (SELF, ANY, "75", 12)]
    total = budgets.totals(summed(unregistered(1_000), scenario(*rows))).iloc[0]
    assert (total["people_n"], total["apbd_people_n"]) == (1_000, 250)
    assert total["apbd_cost_idr"] == 250 * 201_600
    assert total["cost_idr"] == 250 * 201_600 + 750 * 193_200


def test_what_is_withheld_stays_withheld_and_hides_nothing_else() -> None:
    counts = unregistered(500, transport=40, trade=None)
    rows = [(SELF, TRANSPORT, "100", 12), (SELF, OTHER, "100", 12)]
    parts = summed(counts, scenario(*rows))
    assert parts["people_n"].isna().tolist() == [False, True]
    assert parts["cost_idr"].isna().tolist() == parts["cost_low_idr"].isna().tolist() == [False, True]
    assert budgets.totals(parts)["cost_idr"].isna().all()
    assert summed(counts, scenario((APBD, ANY, "100", 12)))["people_n"].item() == 500
    assert reach.table(parts, [10**9])[["people_n", "rest_idr"]].isna().all().all()


def test_a_tariff_that_changes_changes_what_it_pays_for_and_nothing_else() -> None:
    def with_amount(row: str, amount: int) -> pd.DataFrame:
        own = record().tariffs.copy()
        own.loc[own["id"] == row, "amount_idr_month"] = amount
        return tariffs(of=replace(record(), tariffs=own))

    rows = scenario((APBD, ANY, "50", 12), (SELF, ANY, "50", 12))
    before = summed(unregistered(200), rows)["cost_idr"]
    dearer = summed(unregistered(200), rows, with_amount("bpu-jkk-jkm-apbn-apbd-any-2026-01", 20_000))["cost_idr"]
    assert list(dearer - before) == [100 * 4 * 3_200, 0]  # four months are dated, December 2026 to March 2027
    halved = summed(unregistered(200), rows, with_amount("bpu-jkk-jkm-self-other-2026-04", 8_401))["cost_idr"]
    assert list(halved - before) == [0, 100]


def test_tariffs_must_reach_as_far_as_the_scenario() -> None:
    with pytest.raises(ParameterError) as refused:
        budgets.monthly(unregistered(1), tariffs(months=11), scenario((APBD, ANY, "100", 12)))
    assert refused.value.faults[0].values == {"n": 12, "found": 11}


def test_assumed_tariffs_are_counted() -> None:
    parts = summed(unregistered(1), scenario((APBD, ANY, "100", 12)))
    assert (parts["assumed_n"].item(), parts["first_month"].item(), parts["last_month"].item()) == (
        8, "2026-12", "2027-11",
    )  # fmt: skip


# through the gate


@cache
def released() -> Released:
    draw = np.random.default_rng(3)
    n = 4_000
    kelurahan = draw.choice(sorted(few_rows.areas().loc[few_rows.areas()["level"] == "kelurahan", "id"]), n)
    owners = pd.DataFrame({
        "status": draw.choice(gap.STATUSES, n), "kelurahan_code": pd.array(kelurahan, "str"),
        "kecamatan_code": pd.array([code[:8] for code in kelurahan], "str"), "businesses_n": 1,
        **{name: draw.choice(categories, n) for name, categories in gap.DIVISIONS.items()},
    })  # fmt: skip
    return disclosure.release(gap.cells(owners, few_rows.areas()), keys.DEMO.rounding, gap.layout())


def published() -> tuple[Released, Released]:
    return (disclosure.public(tariffs(), record()), disclosure.public(budgets.scenarios(record()), record()))


def test_budgets_are_derived_from_released_tables_and_name_their_rows() -> None:
    made = disclosure.derive(budgets.monthly, released(), *published())
    parts = disclosure.derive(budgets.summed, made)
    total = disclosure.derive(budgets.totals, parts)
    assert len(total.table) == 55 * record().scenarios.query("share_percent != ''")["scenario"].nunique()
    assert parts.table["tariff_refs"].str.contains("tariffs.csv#").all()
    disclosure.derive(lambda told: reach.table(told, [0, 10**9]), parts)
    with pytest.raises(DisclosureError):
        disclosure.derive(lambda *tables: budgets.monthly(tables[0], tariffs(), tables[1]), released(), published()[1])


def test_every_budget_can_be_worked_out_again_from_the_published_files() -> None:
    """By csv, integers and the amounts of the law alone, without a line of ours."""
    cells = {tuple(row[name] for name in ("area_code", "dimension", "category", "measure")): row["value"]
             for row in csv.DictReader(io.StringIO(disclosure.as_csv(released())))}  # fmt: skip
    by_hand = {("apbn_apbd", "any"): 201_600, ("self", "transport"): 168_000, ("self", "other"): 193_200,
               ("apbn_apbd", "transport"): 201_600, ("apbn_apbd", "other"): 201_600}  # fmt: skip
    parts = summed(released().table, budgets.scenarios(record()))
    withheld = 0
    for row in parts.itertuples():
        sectors = {"any": None, "transport": ["transport"], "other": [one for one in SECTORS if one != "transport"]}
        names = sectors[row.sector]
        at = [("total", "all")] if names is None else [("sector", name) for name in names]
        values = [cells[row.area_code, *one, row.measure] for one in at]
        if "" in values:
            withheld += 1
            assert pd.isna(row.people_n)
            continue
        people = sum(map(int, values))
        half, price = people * int(row.share_percent) / 100, by_hand[row.payer, row.sector]
        assert abs(row.people_n - half) <= 0.5
        assert row.cost_idr == row.people_n * price
    assert 0 < withheld < len(parts)


# budget -> people


OFFERS = st.lists(st.builds(Offer, st.integers(1, 400_000), st.integers(0, 20_000)), max_size=4)


@STEADY
@given(OFFERS, st.integers(0, 10**12))
def test_any_budget_is_people_and_a_rest_to_the_rupiah(offers: list[Offer], budget: int) -> None:
    told = reach.people_for(budget, offers)
    assert told.cost_idr + told.rest_idr == budget
    assert told.cost_idr == reach.budget_for(told.people_n, offers)
    assert told.rest_idr >= 0
    if told.next_idr is None:
        assert told.people_n == sum(offer.people_n for offer in offers)
    else:
        assert told.rest_idr < told.next_idr
        assert reach.budget_for(told.people_n + 1, offers) == told.cost_idr + told.next_idr


@STEADY
@given(OFFERS, st.data())
def test_so_many_people_cost_what_so_many_people_get(offers: list[Offer], data: st.DataObject) -> None:
    people = data.draw(st.integers(0, sum(offer.people_n for offer in offers)))
    told = reach.people_for(reach.budget_for(people, offers), offers)
    assert (told.people_n, told.rest_idr) == (people, 0)


@STEADY
@given(OFFERS, st.integers(1, 10**9))
def test_no_other_choice_reaches_more_people(offers: list[Offer], budget: int) -> None:
    dearest_first, rest = 0, budget
    for offer in sorted(offers, reverse=True):
        taken = min(offer.people_n, rest // offer.price_idr)
        dearest_first, rest = dearest_first + taken, rest - taken * offer.price_idr
    assert reach.people_for(budget, offers).people_n >= dearest_first


def test_a_billion_enrols_4960_people_for_a_year() -> None:
    told = reach.people_for(1_000_000_000, [Offer(201_600, 18_000)])
    assert told == (4_960, 999_936_000, 64_000, 201_600)


@pytest.mark.parametrize("wrong", [
    lambda: reach.people_for(-1, []), lambda: reach.budget_for(-1, []), lambda: reach.budget_for(2, [Offer(1, 1)]),
    lambda: reach.people_for(1, [Offer(0, 1)]), lambda: reach.budget_for(0, [Offer(1, -1)]),
])  # fmt: skip
def test_what_cannot_be_is_refused(wrong) -> None:
    with pytest.raises(ParameterError):
        wrong()


def test_each_budget_is_told_for_each_area_and_scenario() -> None:
    parts = summed(unregistered(100, transport=10, trade=90), scenario((SELF, TRANSPORT, "100", 12),
                                                                       (SELF, OTHER, "100", 12)))  # fmt: skip
    told = reach.table(parts, [0, 1_680_000, 1_873_200, 10**9])
    assert list(told["people_n"]) == [0, 10, 11, 100]  # those in transport pay less, so they come first
    assert list(told["rest_idr"]) == [0, 0, 0, 10**9 - 1_680_000 - 90 * 193_200]
    assert told["next_idr"].isna().tolist() == [False, False, False, True]
