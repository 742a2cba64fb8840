"""How two records compare (tests/spec/comparisons.csv): the first row of a case is of the UMKM register, the second of
the participant register and tells the expected levels; further rows are others, who make a word of a name frequent.
"""

import itertools
from functools import cache

import few_rows
import pandas as pd
import pytest
from few_rows import FROZEN, PLACE, REFERENCE

from analysis.contracts.registers import JAMSOSTEK, UMKM
from analysis.linking import comparisons, evidence, scoring

COLUMNS = ("name", "nik", "birth_date", "sex", "phone", "address", "kelurahan")
EXPECTED = dict(zip(comparisons.COMPARISONS, ("identity", "name_level", "contact", "place"), strict=True))
CASES = {
    case: list(rows) for case, rows in itertools.groupby(few_rows.spec("comparisons"), key=lambda row: row["case"])
}
CASES_AT_ONCE = 18
"""So few that no block is too large although the cases are of the same people."""


def cells(row: dict[str, str]) -> dict[str, str]:
    return {name: row[name] for name in COLUMNS}


@cache
def cleaned(*, is_swapped: bool = False) -> dict[str, dict[str, pd.DataFrame]]:
    """The cleaned registers of each case, by the stages of a run; `is_swapped`: each row in the other register."""
    sides: dict[str, list[tuple[str, dict[str, str]]]] = {UMKM: [], JAMSOSTEK: []}
    for case, (one, other, *others) in CASES.items():
        ours, theirs = (other, one) if is_swapped else (one, other)
        sides[UMKM].append((case, cells(ours)))
        sides[JAMSOSTEK] += [(case, cells(row)) for row in (theirs, *others)]
    delivered = {name: few_rows.raw(name, [row for _, row in rows]) for name, rows in sides.items()}
    tables = few_rows.prepared(delivered).tables
    of = {name: tables[name]["source_row"].map(lambda n, rows=rows: rows[n - 2][0]) for name, rows in sides.items()}
    return {case: {name: table[of[name] == case].reset_index(drop=True) for name, table in tables.items()}
            for case in CASES}  # fmt: skip


def told(cases: list[str], *, is_swapped: bool = False) -> dict[str, dict[str, str]]:
    """The levels of the first two rows of each case; how frequent a word is depends on the rows of the case alone."""
    own = [evidence.gather(cleaned(is_swapped=is_swapped)[case], REFERENCE) for case in cases]
    firsts = itertools.accumulate(map(len, own), initial=0)
    found = compared(pd.concat(own, ignore_index=True))
    return {case: named(found.loc[first, first + 1]) for case, first in zip(cases, firsts, strict=False)}


def compared(rows: pd.DataFrame) -> pd.DataFrame:
    """The level of each comparison, by the numbers of the two rows."""
    found = scoring.pairs(rows, FROZEN, PLACE, is_every=True).table
    return found.set_index(["left", "right"])[list(comparisons.COMPARISONS)]


def named(found: pd.Series) -> dict[str, str]:
    return {name: (*comparisons.names(name), comparisons.UNKNOWN)[found[name]] for name in comparisons.COMPARISONS}


@pytest.fixture(scope="module")
def levels() -> dict[str, dict[str, str]]:
    """The levels of all cases."""
    names = list(CASES)
    parts = (told(names[begin : begin + CASES_AT_ONCE]) for begin in range(0, len(names), CASES_AT_ONCE))
    return {case: own for part in parts for case, own in part.items()}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_two_records_compare_as_specified(case: str, levels: dict[str, dict[str, str]]) -> None:
    _, row, *_ = CASES[case]
    assert levels[case] == {name: row[column] for name, column in EXPECTED.items()}, row["why"]


@pytest.mark.parametrize("name", comparisons.COMPARISONS)
def test_every_level_stands_in_the_table(name: str) -> None:
    told = {rows[1][EXPECTED[name]] for rows in CASES.values()}
    assert told == {level.name for level in comparisons.COMPARISONS[name]}


def test_every_case_says_why() -> None:
    assert all(rows[1]["why"] for rows in CASES.values())
    assert [row["case"] for rows in CASES.values() for row in rows] == [
        row["case"] for row in few_rows.spec("comparisons")
    ]


def test_the_register_in_which_a_row_stands_makes_no_difference(levels: dict[str, dict[str, str]]) -> None:
    """No level looks at one side only: the two rows change places."""
    two_rows = [case for case, rows in CASES.items() if len(rows) == 2]
    for begin in range(0, len(two_rows), CASES_AT_ONCE):
        cases = two_rows[begin : begin + CASES_AT_ONCE]
        assert told(cases, is_swapped=True) == {case: levels[case] for case in cases}
