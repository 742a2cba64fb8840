"""From the rows of the participant file to the owners enrolled: each step, its range, and what nobody explains."""

from datetime import date
from functools import cache

import few_rows
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import DisclosureError
from analysis.cleaning.findings import Limits
from analysis.contracts.registers import COVERAGE, JAMSOSTEK, KEY, RENTAN, UMKM
from analysis.contracts.released import CITY, COUNTED
from analysis.contracts.released import KEY as CELL
from analysis.measuring import coverage, gap, participation, reconciliation
from analysis.releasing import disclosure
from analysis.sources import keys
from analysis.sources.places import PROJECT, Root
from analysis.sources.published import Record, read_record

STEADY = settings(deadline=None, max_examples=40)  # a busy machine is no failure
AS_OF = date(2026, 11, 22)
RULES = coverage.Rules(few_rows.REFERENCE, Limits(), few_rows.FROZEN.review)
NUMBERS = ["value_n", "low_n", "high_n"]
Counts = tuple[int, int, int, int]
"""True counts of the file's cells in the order of its parts."""


@cache
def record() -> Record:
    return read_record(Root(PROJECT), today=AS_OF)


def owners_of(persons: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"person": persons}, dtype="int64")


def persons_of(**numbers: list[int]) -> pd.DataFrame:
    rows = [(register, "", n, person) for register, own in numbers.items() for n, person in enumerate(own, 2)]
    return pd.DataFrame(rows, columns=["register", *KEY, "person"])


def participants_of(months: list[str | None]) -> pd.DataFrame:
    told = pd.array(months, "str")
    return pd.DataFrame({"source_sheet": "", "source_row": range(2, len(months) + 2), "last_contribution_month": told,
                         "last_contribution_month_as_written": told, "status": "unknown"})  # fmt: skip


def counted(participants: pd.DataFrame | None, persons: pd.DataFrame, owners: pd.DataFrame) -> dict[str, int]:
    told = participation.cells(participants, persons, owners, RULES)
    assert list(told.columns) == list(COUNTED) and (told["area_code"] == CITY).all()
    return dict(zip(told["measure"], told["value"], strict=True))


# the file ---------------------------------------------------------------------------------------------------------


def test_rows_and_persons_of_the_file_are_counted_once() -> None:
    """1 owns a business and has an old and a new participation; 2 owns one and has lapsed; 3 pays and owns none; of 4
    no month can be read. 9 owns a business and stands on the list of vulnerable workers only; -1 is quarantined.
    """
    persons = persons_of(**{UMKM: [1, 2, 9], JAMSOSTEK: [1, 2, 3, 4, 1], RENTAN: [9, 3]})
    told = counted(participants_of(["2019-12", "2026-06", "2026-10", None, "2026-07"]), persons,
                   owners_of([1, 2, 9, -1]))  # fmt: skip
    assert told == {"again": 1, "owner_active": 1, "owner_not_active": 1, "not_owner": 2}


def test_without_a_file_everything_is_nothing_and_may_be_released() -> None:
    persons, owners = persons_of(**{UMKM: [1]}), owners_of([1])
    assert set(counted(None, persons, owners).values()) == {0}
    told = disclosure.release(participation.cells(None, persons, owners, RULES), keys.DEMO.rounding,
                              participation.layout()).table  # fmt: skip
    assert told["value"].isna().all()


@STEADY
@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["2026-10", "2020-01", None])), min_size=1, max_size=15),
       st.sets(st.integers(1, 8), min_size=1))  # fmt: skip
def test_the_parts_of_the_file_are_all_its_rows_and_all_its_persons(rows, own: set[int]) -> None:
    persons = [person for person, _ in rows]
    told = counted(participants_of([month for _, month in rows]), persons_of(**{JAMSOSTEK: persons}),
                   owners_of(sorted(own)))  # fmt: skip
    active = {person for person, month in rows if month == "2026-10"}
    assert told == {
        "again": len(persons) - len(set(persons)),
        "owner_active": len(active & own), "owner_not_active": len((set(persons) - active) & own),
        "not_owner": len(set(persons) - own),
    }  # fmt: skip


# the steps --------------------------------------------------------------------------------------------------------


def released_of(rows: list[tuple[object, ...]], name: str, area: str = CITY) -> pd.DataFrame:
    """A released table from dimension, measure, value, lower and upper."""
    table = pd.DataFrame(rows, columns=["dimension", "measure", "value", "lower", "upper"])
    table = table.astype(dict.fromkeys(("value", "lower", "upper"), "Int64"))
    return table.assign(area_code=area, level="city", category="all",
                        refs=[f"{name}.csv#{area},{row[0]},all,{row[1]}" for row in rows])  # fmt: skip


def file_of(again: int | None, active: int | None, lapsed: int | None, not_owner: int | None
            ) -> pd.DataFrame:  # fmt: skip
    return released_of([
        ("rows", "again", again, None, None),
        ("persons", "owner_active", active, None, None), ("persons", "owner_not_active", lapsed, None, None),
        ("persons", "not_owner", not_owner, None, None), ("persons", "counted", 9_995, None, None),
        ("rows", "counted", 9_995, None, None),
    ], "participation")  # fmt: skip


def gap_of(active: tuple[int | None, ...], lapsed: tuple[int | None, ...]) -> pd.DataFrame:
    other = [("total", "unregistered", 700, 500, 900), ("total", "owners", 9_995, 9_000, 9_999),
             ("sex", "active", 9_995, 9_000, 9_999)]  # fmt: skip
    own = released_of([("total", "active", *active), ("total", "lapsed", *lapsed), *other], "gap")
    of_area = released_of([("total", "active", 9_995, 9_000, 9_999)], "gap", "72.71.02")
    return pd.concat([of_area, own], ignore_index=True)


def published_of(n: int, low: int | None = None, high: int | None = None) -> pd.DataFrame:
    """The published number, exact unless `low` and `high` say how far its rounding may have moved it."""
    return pd.DataFrame({
        "indicator": ["paid_for_elsewhere", "umkm_enrolled_jamsostek"], "value_n": [9_995, n],
        "low_n": [9_990, n if low is None else low], "high_n": [9_999, n if high is None else high],
        "described_until": [date(2022, 1, 1), date(2022, 12, 15)],
        "refs": ["figures.csv#other", "figures.csv#enrolled"],
    })  # fmt: skip


FILE = file_of(20, 40, 15, 50)
GAP = gap_of((40, 30, 50), (15, 0, 30))


def steps(file: pd.DataFrame, owners: pd.DataFrame, published: pd.DataFrame) -> dict[str, list[int | None]]:
    told = participation.steps(file, owners, published)
    assert list(told.columns) == ["step", *NUMBERS, "described_until", "refs"]
    numbers = [[None if pd.isna(n) else int(n) for n in row] for row in told[NUMBERS].itertuples(index=False)]
    return dict(zip(told["step"], numbers, strict=True))


def test_the_steps_by_hand() -> None:
    """A rounded count may be 4 off; what has a range of its own brings it along; 200 published leave 200 - 55."""
    assert steps(FILE, GAP, published_of(200)) == {
        "rows": [125, 109, 141], "persons": [105, 93, 117], "linked": [55, 47, 63], "enrolled": [55, 30, 80],
        "active": [40, 30, 50], "published": [200, 200, 200], "unexplained": [145, 120, 170],
    }  # fmt: skip
    assert list(steps(FILE, GAP, published_of(200))) == [*participation.STEPS]


def test_a_count_without_a_range_brings_its_rounding_and_never_less_than_nothing() -> None:
    told = steps(file_of(0, 0, 15, 5), gap_of((0, None, None), (5, None, None)), published_of(2))
    assert told["rows"] == [20, 12, 36] and told["persons"] == [20, 12, 32] and told["linked"] == [15, 11, 23]
    assert told["enrolled"] == [5, 1, 13] and told["active"] == [0, 0, 4]
    assert told["unexplained"] == [-3, -11, 1]


def test_a_published_figure_that_was_rounded_widens_what_nobody_explains() -> None:
    """200 may be 195 to 204: 195 less at most 80 enrolled, 204 less at least 30."""
    told = steps(FILE, GAP, published_of(200, 195, 204))
    assert told["published"] == [200, 195, 204] and told["unexplained"] == [145, 115, 174]


def test_what_is_withheld_makes_its_steps_and_what_is_computed_from_them_empty() -> None:
    told = steps(file_of(20, None, None, None), gap_of((None, None, None), (15, 0, 30)), published_of(200))
    empty = {name for name, numbers in told.items() if numbers == [None] * 3}
    assert empty == {"rows", "persons", "linked", "enrolled", "active", "unexplained"}
    assert told["published"] == [200] * 3


def test_without_the_published_figure_the_file_stands_alone() -> None:
    assert list(steps(FILE, GAP, published_of(200).head(1))) == ["rows", "persons", "linked", "enrolled", "active"]


@pytest.mark.parametrize("by", [1, 7, -60, -400])
def test_the_unexplained_number_moves_by_as_much_as_the_published_figure(by: int) -> None:
    before, after = (steps(FILE, GAP, published_of(n)) for n in (500, 500 + by))
    moved = {name: [b - a for a, b in zip(before[name], after[name], strict=True)] for name in before}
    assert moved == {name: [by if name in ("published", "unexplained") else 0] * 3 for name in before}


def test_every_step_names_the_cells_and_the_day_that_it_rests_on() -> None:
    told = participation.steps(FILE, GAP, published_of(200)).set_index("step")
    cells = "participation.csv#72.71,persons,all"
    assert told["refs"].to_dict() == {
        "rows": f"participation.csv#72.71,rows,all,again {cells},owner_active {cells},owner_not_active "
                f"{cells},not_owner",
        "persons": f"{cells},owner_active {cells},owner_not_active {cells},not_owner",
        "linked": f"{cells},owner_active {cells},owner_not_active",
        "enrolled": "gap.csv#72.71,total,all,active gap.csv#72.71,total,all,lapsed",
        "active": "gap.csv#72.71,total,all,active", "published": "figures.csv#enrolled",
        "unexplained": "figures.csv#enrolled gap.csv#72.71,total,all,active gap.csv#72.71,total,all,lapsed",
    }  # fmt: skip
    assert told["described_until"].dropna().to_dict() == {"published": date(2022, 12, 15)}


# through the gate -------------------------------------------------------------------------------------------------


def released_file(counts: Counts) -> disclosure.Released:
    parts = [(name, part) for name, parts in participation.PARTS.items() for part in parts]
    rows = [(CITY, "city", name, "all", part, n) for (name, part), n in zip(parts, counts, strict=True)]
    return disclosure.release(pd.DataFrame(rows, columns=[*COUNTED]), keys.DEMO.rounding, participation.layout())


def released_gap(active: int, lapsed: int, spread: int) -> disclosure.Released:
    counts = {**dict.fromkeys((*COVERAGE, "businesses"), 0), "active": active, "lapsed": lapsed}
    cells = pd.DataFrame([(CITY, "city", "total", "all", name, n) for name, n in counts.items()], columns=[*COUNTED])
    spreads = pd.DataFrame([(CITY, "total", "all", name, spread) for name in gap.RANGED], columns=[*CELL, "spread"])
    return disclosure.release(cells, keys.DEMO.rounding, gap.layout(), spreads)


@STEADY
@given(st.tuples(*[st.integers(30, 400)] * 4), st.integers(0, 300), st.integers(0, 300), st.integers(0, 60))
def test_the_true_number_of_each_step_lies_in_its_range(counts: Counts, active: int, lapsed: int, spread: int) -> None:
    told = steps(released_file(counts).table, released_gap(active, lapsed, spread).table, published_of(500))
    again, owner_active, owner_lapsed, not_owner = counts
    true = {
        "rows": again + owner_active + owner_lapsed + not_owner, "persons": owner_active + owner_lapsed + not_owner,
        "linked": owner_active + owner_lapsed, "active": active, "enrolled": active + lapsed, "published": 500,
        "unexplained": 500 - active - lapsed,
    }  # fmt: skip
    for name, n in true.items():
        value, low, high = told[name]
        assert value is not None and low <= n <= high and low <= value <= high, name
    for n in (active - spread, active + spread):
        assert told["active"][1] <= max(0, n) <= told["active"][2]


def test_the_steps_pass_the_gate_beside_the_published_record() -> None:
    published = disclosure.public(reconciliation.parts(record(), AS_OF), record())
    file, owners = released_file((210, 1_500, 300, 2_200)), released_gap(1_400, 250, 20)
    table = disclosure.derive(participation.steps, file, owners, published).table.set_index("step")
    assert list(table.index) == [*participation.STEPS]
    assert int(table.loc["published", "value_n"]) == 20_982
    of_enrolled = int(table.loc["enrolled", "value_n"])
    assert abs(of_enrolled - 1_650) < 10 and int(table.loc["unexplained", "value_n"]) == 20_982 - of_enrolled
    assert not table["is_unconfirmed"].any()


def test_the_layout_is_that_of_the_city_and_has_no_range() -> None:
    layout = participation.layout()
    assert layout.name == "participation" and layout.ranged == ()
    assert all(each.levels == ("city",) for each in layout.dimensions.values())
    with pytest.raises(DisclosureError, match="closed lists"):
        disclosure.release(pd.DataFrame([("72.71.01", "kecamatan", "rows", "all", name, 50) for name in
                                         participation.PARTS["rows"]], columns=[*COUNTED]),
                           keys.DEMO.rounding, layout)  # fmt: skip
