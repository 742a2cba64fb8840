"""The only place for what is computed from released counts of two editions: do they add up, and how many lapse a month.

A released count may stand for a true one up to 4 away (`measuring.shares`). True levels and steps add up exactly
(`measuring.change`); released ones do so but for what the rounding of each part leaves, which is said beside them. All
functions are pure and take released tables only, with their column `refs`. In it a cell has the same name in every
edition: the first name of a row is of the edition before, the second, the same, of this one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

import pandas as pd

from analysis import N_, Fault, ParameterError
from analysis.contracts.registers import ACTIVE, COVERAGE, LAPSED
from analysis.contracts.released import TOTAL_DIMENSION
from analysis.measuring import change, movement, shares
from analysis.measuring.movement import ALL
from analysis.ranges import Range

LEAST_CHANGE = 10
"""A released change smaller than this is not shown: rounding alone can make it (the project's disclosure rule)."""
STEP = Fraction(1, 1000)
"""Shares of a month are rounded outward to a tenth of a percent."""
Cell = tuple[str, str, str, str]
Known = dict[Cell, tuple[int | None, str]]
NUMBERS = ("before_n", "in_n", "out_n", "after_n", "unexplained_n", "most_n")
SHARES = ("lapse_share", "lapse_share_low", "lapse_share_high")


def balance(before: pd.DataFrame, after: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    """Whether released levels and steps add up: one row per status, for the city and each kecamatan.

    `before` and `after`: the released gap of the two editions; `moved`: the released change between them. before_n,
    in_n, out_n, after_n: released owners. unexplained_n: after_n less before_n and in_n, plus out_n. most_n: the most
    that rounding can leave of it, 4 for each count that was rounded; is_within_rounding: whether it is no more. All
    are NA where a count is withheld. is_shown: whether the level changed by 10 or more, which a page may tell.
    """
    levels, steps = (_known(before), _known(after)), _known(moved)
    areas = moved[["area_code", "level"]].drop_duplicates().sort_values("area_code")
    rows = [
        {"area_code": area, "level": level, "status": status, **_balanced(levels, steps, area, level, status)}
        for area, level in areas.itertuples(index=False, name=None) for status in COVERAGE
    ]  # fmt: skip
    columns = ["area_code", "level", "status", *NUMBERS, "is_within_rounding", "is_shown", "refs"]
    kinds = {**dict.fromkeys(NUMBERS, "Int64"), "is_within_rounding": "boolean", "is_shown": "bool"}
    return pd.DataFrame(rows, columns=columns).astype(kinds)


def _balanced(levels: tuple[Known, Known], steps: Known, area: str, level: str, status: str) -> dict[str, object]:
    """The figures of one row."""
    was, now = (each.get((area, TOTAL_DIMENSION, ALL, status), (None, "")) for each in levels)
    came = [steps[area, status, ALL, part] for part in movement.entering(status, level)]
    went = [steps[area, status, ALL, part] for part in movement.leaving(status, level)]
    told = [was, *came, *went, now]
    sums = [_sum([was]), _sum(came), _sum(went), _sum([now])]
    made: dict[str, object] = {**dict(zip(NUMBERS, sums, strict=False)), "refs": _refs(told)}
    match sums:
        case [int(first), int(entered), int(left), int(last)]:
            rest, most = last - first - entered + left, shares.MOST_MOVED * len(told)
            made |= {"unexplained_n": rest, "most_n": most, "is_within_rounding": abs(rest) <= most}
    is_shown = isinstance(sums[0], int) and isinstance(sums[3], int) and abs(sums[3] - sums[0]) >= LEAST_CHANGE
    return {**made, "is_shown": is_shown}


def monthly_lapse(before: pd.DataFrame, moved: pd.DataFrame, day_before: date, day_after: date) -> pd.DataFrame:
    """How many of the active stopped paying a month: one row for the city and each kecamatan.

    `before`: the released gap of the edition before, `moved`: the released change since. lapsed_n: those active then
    who lapsed since, also those who with it fell out by the age rule; active_n: active then; months_n: months from
    one reference month to the other. lapse_share: lapsed_n of active_n divided by months_n, with the range that the
    rounding leaves, outward to a tenth of a percent; NA where a count is withheld, or the rounding leaves no range.
    is_shown: lapsed_n is 10 or more and active_n enough for a share (`shares.LEAST_FOR_RANGE`). Raises ParameterError
    where the editions are not of different months in their order.
    """
    months = (day_after.year - day_before.year) * 12 + day_after.month - day_before.month
    if months < 1:
        fault = Fault(N_("the edition before must be of an earlier month"))
        raise ParameterError(N_("the parameters"), [fault], N_("Compare two editions in their order."))
    levels, steps = _known(before), _known(moved)
    rows = []
    for area, level in moved[["area_code", "level"]].drop_duplicates().sort_values("area_code").itertuples(index=False):
        was = levels.get((area, TOTAL_DIMENSION, ALL, ACTIVE), (None, ""))
        went = steps[area, ACTIVE, ALL, f"{LAPSED}_{change.OUT}"]
        rows.append({"area_code": area, "level": level, "lapsed_n": went[0], "active_n": was[0], "months_n": months,
                     **_lapse(went[0], was[0], months), "refs": _refs([was, went])})  # fmt: skip
    whole = ("lapsed_n", "active_n", "months_n")
    columns = ["area_code", "level", *whole, *SHARES, "is_shown", "refs"]
    kinds = {**dict.fromkeys(whole, "Int64"), **dict.fromkeys(SHARES, "Float64"), "is_shown": "bool"}
    return pd.DataFrame(rows, columns=columns).astype(kinds)


def _lapse(lapsed: int | None, active: int | None, months: int) -> dict[str, object]:
    """The shares of one area; nobody can lapse who was not active, so none exceeds the whole."""
    if lapsed is None or active is None or active <= shares.MOST_MOVED:
        return {"is_shown": False}
    true = shares.true_sum([lapsed]).over(shares.true_sum([active]))
    low, high = (min(end, Fraction(1)) / months for end in (true.low, true.high))
    told, near = Range(low, high).outward(STEP), min(Fraction(lapsed, active), Fraction(1)) / months
    ends = (Range.exact(near).outward(STEP).low, told.low, told.high)
    is_shown = lapsed >= LEAST_CHANGE and active >= shares.LEAST_FOR_RANGE
    return {**{name: float(end) for name, end in zip(SHARES, ends, strict=True)}, "is_shown": is_shown}


def _known(table: pd.DataFrame) -> Known:
    """Value and name of each released cell."""
    columns = ["area_code", "dimension", "category", "measure", "value", "refs"]
    return {
        (area, dimension, category, measure): (None if pd.isna(value) else int(value), ref)
        for area, dimension, category, measure, value, ref in table[columns].itertuples(index=False, name=None)
    }


def _sum(cells: Iterable[tuple[int | None, str]]) -> int | None:
    told = [value for value, _ in cells]
    return None if None in told else sum(value for value in told if value is not None)


def _refs(cells: Iterable[tuple[int | None, str]]) -> str:
    return " ".join(ref for _, ref in cells if ref)
