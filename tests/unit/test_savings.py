"""Contributions that may not be needed: who is counted where, what it costs, and the unknown counts for nobody."""

from datetime import date
from functools import cache

import few_rows
import pandas as pd
import pytest

from analysis.cleaning.findings import Limits
from analysis.contracts.registers import CLEANED, JAMSOSTEK
from analysis.contracts.released import CITY, COUNTED
from analysis.measuring import budgets, coverage, savings
from analysis.releasing import disclosure
from analysis.sources import keys
from analysis.sources.places import PROJECT, Root
from analysis.sources.published import Record, read_record

AS_OF = date(2026, 11, 22)
LERE = "72.71.02"
RULES = coverage.Rules(few_rows.REFERENCE, Limits(), few_rows.FROZEN.review)
GROUPS = (*savings.GROUPS, savings.NONE)
Row = dict[str, str]


@cache
def record() -> Record:
    return read_record(Root(PROJECT), today=AS_OF)


def rows_of(case: Row) -> list[dict[str, object]]:
    """The register's rows of a case: one, or two of the same person."""
    first = {name: case[name] for name in ("kpj", "segment", "funding", "last_month")}
    second = {name: case[f"{name}_2"] for name in first}
    same = {"member": case["member"], "born": case["born"], "place": case["place"]}
    return [{**row, **same} for row in (first, second) if row["segment"]]


def register(persons: list[list[dict[str, object]]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cleaned participants and whose each row is."""
    told = [{**row, "person": n} for n, rows in enumerate(persons) for row in rows]
    made = pd.DataFrame({
        "source_sheet": "", "source_row": range(2, len(told) + 2),
        "kpj": pd.array([row["kpj"] or None for row in told], "str"), "nik": pd.array([None] * len(told), "str"),
        "segment": [row["segment"] for row in told], "funding": [row["funding"] for row in told],
        "birth_date": pd.to_datetime(pd.Series([row["born"] or None for row in told])),
        "member_date": pd.to_datetime(pd.Series([row["member"] or None for row in told])),
        "last_contribution_month": pd.array([row["last_month"] or None for row in told], "str"),
        "last_contribution_month_as_written": pd.array([row["last_month"] or None for row in told], "str"),
        "status": [row.get("status", "unknown") for row in told],
        "place_state": [{"inside": "agreed"}.get(str(row["place"]), row["place"]) for row in told],
        "kecamatan_code": pd.array([LERE if row["place"] == "inside" else None for row in told], "str"),
    })  # fmt: skip
    assert {*made} <= {*CLEANED[JAMSOSTEK].columns} | {"last_contribution_month_as_written"}
    whose = made[["source_sheet", "source_row"]].assign(register=JAMSOSTEK, person=[row["person"] for row in told])
    return made, whose


def cells(persons: list[list[dict[str, object]]]) -> pd.DataFrame:
    return savings.cells(*register(persons), few_rows.areas(), RULES)


def counts(table: pd.DataFrame, area: str = CITY) -> dict[str, int]:
    own = table[table["area_code"] == area]
    return dict(zip(own["measure"], map(int, own["value"]), strict=True))


@pytest.mark.parametrize("case", few_rows.spec("savings"), ids=lambda case: case["why"])
def test_a_person_is_counted_as_the_table_says(case: Row) -> None:
    expected = {name: int(name == case["expected"]) for name in GROUPS}
    assert counts(cells([rows_of(case)])) == expected


def test_each_person_counts_once_and_the_parts_are_all_who_are_paid_for() -> None:
    cases = few_rows.spec("savings")
    table = cells([rows_of(case) for case in cases])
    expected = {name: sum(case["expected"] == name for case in cases) for name in GROUPS}
    assert counts(table) == expected
    assert sum(counts(table).values()) == sum(case["expected"] != "" for case in cases)
    inside = [case for case in cases if case["place"] == "inside" and case["expected"]]
    assert sum(counts(table, LERE).values()) == len(inside)


def test_a_person_with_a_place_in_palu_is_not_outside() -> None:
    [first] = rows_of(few_rows.spec("savings")[0])
    assert counts(cells([[{**first, "place": "outside"}, first]]))["outside_palu"] == 0


def test_without_months_the_status_tells_who_is_active() -> None:
    [row] = rows_of(few_rows.spec("savings")[0])
    active = {**row, "last_month": "", "status": "active"}
    ended = {**row, "last_month": "", "status": "inactive"}
    assert counts(cells([[active], [ended]])) == {name: int(name == savings.NONE) for name in GROUPS}


def test_every_area_has_every_cell_and_the_gate_takes_them() -> None:
    case = rows_of(few_rows.spec("savings")[1])
    table = cells([case] * 40)
    assert list(table.columns) == list(COUNTED)
    assert len(table) == 9 * 4
    released = disclosure.release(table, keys.DEMO.rounding, savings.layout()).table
    twice = released[(released["measure"] == savings.PAID_TWICE) & (released["area_code"] == CITY)]
    assert twice["value"].item() in (40, 35)
    other = released[released["area_code"] == "72.71.01"]
    assert other["value"].isna().all()  # nobody lives there: withheld, and not nought


def test_a_year_of_savings_is_people_times_the_tariff_of_the_law() -> None:
    [row] = rows_of(few_rows.spec("savings")[15])
    twice = rows_of(few_rows.spec("savings")[1])
    released = disclosure.release(cells([[row]] * 40 + [twice] * 100), keys.DEMO.rounding, savings.layout())
    tariffs = disclosure.public(budgets.tariffs(record(), AS_OF, 12), record())
    told = disclosure.derive(savings.yearly, released, tariffs).table
    city = told[told["area_code"] == CITY].set_index("measure")
    assert list(city.index) == list(savings.GROUPS)
    published = released.table[released.table["area_code"] == CITY].set_index("measure")["value"]
    for group in savings.GROUPS:
        people = int(published[group])
        assert city.loc[group, "cost_idr"] == people * 16_800 * 12
        assert city.loc[group, "people_low_n"] == max(0, people - 4)
        assert city.loc[group, "cost_high_idr"] == (people + 4) * 16_800 * 12
    assert told[told["area_code"] == "72.71.01"]["cost_idr"].isna().all()
    assert city["tariff_refs"].str.contains("tariffs.csv#bpu-jkk-jkm-apbn-apbd-any-2026-01").all()


def test_the_register_of_an_invented_city_is_counted_whole() -> None:
    city = few_rows.city(5, 300, 300).prepared
    table = city.tables[JAMSOSTEK]
    each = table[["source_sheet", "source_row"]].assign(register=JAMSOSTEK, person=range(len(table)))
    told = counts(savings.cells(table, each, few_rows.areas(), RULES))
    months = table["last_contribution_month"]
    assert sum(told.values()) == ((months >= "2026-07") & table["funding"].eq("apbd")).sum() > 0
