"""The only place for how an area stands by the released gap: levels, rates, sectors, changes, and who may be highest.

What the brief on an area shows is made of these tables. All functions are pure and take released tables only, with
their column `refs`; what is withheld stays withheld (NA), and an area of which a number is withheld may be anything.
An area with fewer than 20 owners after rounding is too small for a page, and counts as withheld here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import pandas as pd

from analysis.contracts import registers
from analysis.contracts.released import TOTAL_DIMENSION
from analysis.measuring import gap as counted
from analysis.measuring import shares
from analysis.measuring.balance import LEAST_CHANGE
from analysis.measuring.gap import EVERYONE, NOT_PROTECTED, RANGED
from analysis.ranges import Range

MEASURES = (EVERYONE, *counted.STATUSES, NOT_PROTECTED)
MOVING = (registers.ACTIVE, registers.LAPSED, registers.UNREGISTERED)
"""Statuses whose change is told."""
OTHERS = (registers.LAPSED, registers.UNREGISTERED, registers.UNRESOLVED)
"""Who is in scope and not active."""
SCOPE = "scope"
"""Who may be a participant by the rules: all but those who are not eligible."""
LEAST_OWNERS = 20
"""From so many published owners on an area is told: the least total of `releasing.rounding`, here for totals too."""
PLACE = ("area_code", "level")
Cell = tuple[int | None, int | None, int | None, str]
"""Value, lower and upper end, and reference."""


def levels(gap: pd.DataFrame) -> pd.DataFrame:
    """Owners by status: one row per area that stands in `gap`, in the order of its codes.

    area_code, level, and of each of MEASURES <measure>_n (whole persons, rounded as released; NA: withheld) and
    <measure>_refs; of those with a range also <measure>_low_n and <measure>_high_n, its released ends (NA: withheld, or
    no range was computed). scope_n, scope_low_n, scope_high_n, scope_refs: owners in scope, the published statuses
    but `not_eligible` added up, from the fewest owners less the most not eligible to the opposite. refs: all cells.
    """
    return _wide(gap, TOTAL_DIMENSION)


def sectors(gap: pd.DataFrame) -> pd.DataFrame:
    """The same by sector: one row per area and sector of the areas that `gap` divides so, with the column `sector`.

    Sectors stand in the order of the closed list; `unknown` is one of its own.
    """
    made = _wide(gap, "sector").rename(columns={"category": "sector"})
    order = {name: n for n, name in enumerate(registers.SECTORS)}
    key = made["sector"].map(order)
    return made.assign(order=key).sort_values(["area_code", "order"], ignore_index=True).drop(columns="order")


def _wide(gap: pd.DataFrame, dimension: str) -> pd.DataFrame:
    is_total = dimension == TOTAL_DIMENSION
    rows = [
        {"area_code": area, "level": level, "category": category, **_row(cells)}
        for (area, level, category), cells in _cells(gap, dimension).items()
    ]
    whole = [name for measure in (*MEASURES, SCOPE) for name in _names(measure)]
    columns = [*PLACE, "category", *whole, *(f"{measure}_refs" for measure in (*MEASURES, SCOPE)), "refs"]
    made = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(whole, "Int64"))
    made = made.sort_values("area_code", kind="stable", ignore_index=True)
    return made.drop(columns="category") if is_total else made


def _names(measure: str) -> tuple[str, ...]:
    """The columns of a measure: its count and, where it is told with a range, the ends."""
    ends = (f"{measure}_low_n", f"{measure}_high_n") if measure in (*RANGED, SCOPE) else ()
    return (f"{measure}_n", *ends)


def _row(cells: Mapping[str, Cell]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for measure in MEASURES:
        made |= dict(zip(_names(measure), cells[measure], strict=False))
        made[f"{measure}_refs"] = cells[measure][3]
    everyone, outside = cells[EVERYONE], cells[registers.NOT_ELIGIBLE]
    made[f"{SCOPE}_n"] = _sum([cells[measure][0] for measure in (registers.ACTIVE, *OTHERS)])
    match everyone[1:3] + outside[1:3]:
        case (int(low), int(high), int(least), int(most)):
            made |= {f"{SCOPE}_low_n": max(0, low - most), f"{SCOPE}_high_n": high - least}
    made[f"{SCOPE}_refs"] = f"{everyone[3]} {outside[3]}"
    return made | {"refs": " ".join(cells[measure][3] for measure in MEASURES)}


def _sum(counts: Sequence[int | None]) -> int | None:
    """The sum, None where any count is withheld."""
    told = [n for n in counts if n is not None]
    return sum(told) if len(told) == len(counts) else None


def _cells(gap: pd.DataFrame, dimension: str) -> dict[tuple[str, str, str], dict[str, Cell]]:
    """The cells of a dimension by area, level and category, then by measure."""
    found: dict[tuple[str, str, str], dict[str, Cell]] = {}
    columns = ["area_code", "level", "category", "measure", "value", "lower", "upper", "refs"]
    own = gap.loc[gap["dimension"] == dimension, columns]
    for area, level, category, measure, *numbers, ref in own.itertuples(index=False, name=None):
        value, lower, upper = (None if pd.isna(n) else int(n) for n in numbers)
        found.setdefault((area, level, category), {})[measure] = (value, lower, upper, ref)
    return {key: _enough(cells) for key, cells in found.items()}


def _enough(cells: dict[str, Cell]) -> dict[str, Cell]:
    """The cells, withheld where they are of too few owners."""
    owners = cells[EVERYONE][0]
    if owners is not None and owners >= LEAST_OWNERS:
        return cells
    return {measure: (None, None, None, cell[3]) for measure, cell in cells.items()}


def rates(gap: pd.DataFrame) -> pd.DataFrame:
    """Coverage by active owners, active / (active + lapsed + unregistered + unresolved): one row per area.

    Columns and forms (RANGE, WORDS, UNCLEAR, WITHHELD) as in `shares.table`; part_n and total_n are the published
    counts, so part_n / total_n lies in the range. The range holds two things, and reaches as far as the farther one:

    - what the rounding leaves of the four counts (`shares.percent`);
    - what the released ranges leave: with the active between a and A and those not protected (lapsed and unregistered,
      among whom the owners left unresolved may be) between b and B, the rate lies between a / (a + B) and A / (A + b),
      because it rises with the one and falls with the other, whichever way the two depend on each other.

    Each of the ranges must hold for that; so where they are 95 percent confidence intervals, no level can be stated for
    the rate, other than that it is 90 percent or more in the city (Bonferroni). A range that no count has is left out.
    """
    rows = [{"area_code": area, "level": level, **_rate(cells)}
            for (area, level, _), cells in _cells(gap, TOTAL_DIMENSION).items()]  # fmt: skip
    whole = ("part_n", "total_n", "percent_low", "percent_high", "fifth")
    made = pd.DataFrame(rows, columns=[*PLACE, *whole, "shown", "refs"]).astype(dict.fromkeys(whole, "Int64"))
    return made.sort_values("area_code", kind="stable", ignore_index=True)


def _rate(cells: Mapping[str, Cell]) -> dict[str, object]:
    """The forms of `shares.table`, for a share whose counts have ranges."""
    used = (registers.ACTIVE, *OTHERS, NOT_PROTECTED)
    refs = " ".join(cells[measure][3] for measure in used)
    active, rest = cells[registers.ACTIVE][0], [cells[measure][0] for measure in OTHERS]
    others = [n for n in rest if n is not None]
    if active is None or len(others) < len(rest):
        return {"shown": shares.WITHHELD, "refs": refs}
    total = active + sum(others)
    told: dict[str, object] = {"part_n": active, "total_n": total, "refs": refs}
    if total < shares.LEAST_FOR_WORDS:
        return {**told, "shown": shares.UNCLEAR}
    share = _hull(shares.percent([active], others), _by_ranges(cells))
    if total < shares.LEAST_FOR_RANGE:
        number = shares.fifth(share)
        return {**told, "shown": shares.UNCLEAR if number is None else shares.WORDS, "fifth": number}
    shown = share.outward()
    return {**told, "shown": shares.RANGE, "percent_low": int(shown.low), "percent_high": int(shown.high)}


def _by_ranges(cells: Mapping[str, Cell]) -> Range | None:
    """The rate that the released ranges of the active and of those not protected leave; None where they have none."""
    match cells[registers.ACTIVE][1:3] + cells[NOT_PROTECTED][1:3]:
        case (int(low), int(high), int(least), int(most)) if high + least > 0 and low + most > 0:
            return Range(Fraction(low, low + most), Fraction(high, high + least)) * 100
    return None


def _hull(one: Range, other: Range | None) -> Range:
    """The least range that holds both."""
    return one if other is None else Range(min(one.low, other.low), max(one.high, other.high))


def changes(last_gap: pd.DataFrame, gap: pd.DataFrame) -> pd.DataFrame:
    """Owners of each status in the edition before and in this one: one row per status of MOVING and area of both.

    status; before_n, after_n: owners as released, with the ends of their ranges (before_low_n, before_high_n,
    after_low_n, after_high_n); change_n: after_n less before_n. NA: withheld. is_shown: the change is of 10 or more and
    the two ranges do not overlap, so that a page may tell it; of a count without a range none is. least_n, most_n: how
    large it may be without its sign, where it is shown. refs: in it a cell has the same name in every edition
    (`measuring.balance`): the first is of the edition before, the second, the same, of this one.
    """
    before, after = _cells(last_gap, TOTAL_DIMENSION), _cells(gap, TOTAL_DIMENSION)
    rows = [
        {"area_code": place[0], "level": place[1], "status": status, **_change(before[place][status], cells[status])}
        for place, cells in after.items() if place in before for status in MOVING
    ]  # fmt: skip
    whole = [f"{when}_{name}" for when in ("before", "after") for name in ("n", "low_n", "high_n")]
    whole += ["change_n", "least_n", "most_n"]
    made = pd.DataFrame(rows, columns=[*PLACE, "status", *whole, "is_shown", "refs"])
    made = made.astype({**dict.fromkeys(whole, "Int64"), "is_shown": "bool"})
    return made.sort_values("area_code", kind="stable", ignore_index=True)


def nothing(gap: pd.DataFrame) -> pd.DataFrame:
    """No rows of `gap`: what the gap of the edition before holds where there is none."""
    return gap.iloc[:0]


def _change(before: Cell, after: Cell) -> dict[str, object]:
    names = ("n", "low_n", "high_n")
    told = {f"{when}_{name}": n for when, cell in (("before", before), ("after", after))
            for name, n in zip(names, cell, strict=False)}  # fmt: skip
    change = None if before[0] is None or after[0] is None else after[0] - before[0]
    is_shown = change is not None and abs(change) >= LEAST_CHANGE and is_apart(before[1:3], after[1:3])
    size = _size(before, after, is_shown=is_shown)
    return {**told, "change_n": change, **size, "is_shown": is_shown, "refs": f"{before[3]} {after[3]}"}


def _size(before: Cell, after: Cell, *, is_shown: bool) -> dict[str, int]:
    """The least and the most that two ranges without a common value lie apart."""
    match (*before[1:3], *after[1:3]):
        case (int(low), int(high), int(least), int(most)) if is_shown:
            return {"least_n": max(least - high, low - most), "most_n": max(most - low, high - least)}
    return {}


def is_apart(one: Iterable[int | None], other: Iterable[int | None]) -> bool:
    """Whether two released ranges (lower and upper end) have no value in common; unknown ends may lie anywhere."""
    match (*one, *other):
        case (int(low), int(high), int(least), int(most)):
            return high < least or most < low
    return False


def ranks(levels: pd.DataFrame) -> pd.DataFrame:
    """Which areas may have the largest gap among the areas of their level in `levels`: one row per area.

    The gap: owners not enrolled, `unregistered`. is_highest: its range lies above that of every other area, of which
    there is at least one. may_be_highest: no other area's range lies above its own. An area that is withheld or has no
    range may be the highest, and keeps every other from being so for certain. highest_n: how many areas of the level
    may be. refs: its own cell first, then those it was held against.
    """
    rows = [row for _, own in levels.groupby("level", sort=False) for row in _ranked(own)]
    columns = [*PLACE, "is_highest", "may_be_highest", "highest_n", "refs"]
    made = pd.DataFrame(rows, columns=columns)
    return made.astype({"is_highest": "bool", "may_be_highest": "bool", "highest_n": "Int64"})


def _ranked(own: pd.DataFrame) -> list[dict[str, object]]:
    """The areas of one level."""
    name = registers.UNREGISTERED
    columns = [*PLACE, f"{name}_low_n", f"{name}_high_n", f"{name}_refs"]
    told = list(own[columns].itertuples(index=False, name=None))
    lows = [low for _, _, low, high, _ in told if not (pd.isna(low) or pd.isna(high))]
    is_whole, top = len(lows) == len(told) > 1, max(lows, default=0)
    may_be = [bool(pd.isna(low) or pd.isna(high) or high >= top) for _, _, low, high, _ in told]
    refs = [ref for *_, ref in told]
    return [
        {"area_code": area, "level": level, "may_be_highest": may_be[n], "highest_n": sum(may_be),
         "is_highest": is_whole and may_be[n] and sum(may_be) == 1,
         "refs": " ".join([refs[n], *refs[:n], *refs[n + 1 :]])}
        for n, (area, level, *_) in enumerate(told)
    ]  # fmt: skip
