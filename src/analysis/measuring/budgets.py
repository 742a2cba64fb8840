"""The only place that turns released counts of owners into budgets: gap x dated tariff x months, by payer and sector.

People come from the released table of the gap alone, tariffs from `costs.tariffs`, and who pays for whom from the rows
of scenarios.csv; nothing here knows a scenario by name. Whole people, whole rupiah, no rounding of money anywhere. An
owner whose sector is unknown counts as outside transport, and "everybody" pays the dearer tariff of each month: a
budget may then be too high, never too low. A count without a range is told with the 4 persons by which rounding can
have moved each of its parts. What is withheld stays withheld: unknown, and never nought.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

import pandas as pd

from analysis import N_, Fault, ParameterError
from analysis.contracts import registers
from analysis.contracts.released import TOTAL_DIMENSION
from analysis.measuring import costs
from analysis.measuring.costs import APBD, COST, OTHER, PEOPLE, SELF, TRANSPORT
from analysis.measuring.gap import layout
from analysis.measuring.shares import MOST_MOVED
from analysis.sources.published import Record

ALL, ANY = "all", "any"
CELLS: Mapping[str, tuple[tuple[str, str], ...]] = {
    ANY: ((TOTAL_DIMENSION, ALL),),
    TRANSPORT: (("sector", TRANSPORT),),
    OTHER: tuple(("sector", name) for name in registers.SECTORS if name != TRANSPORT),
}
"""Dimension and categories of gap.csv in which the people of a scenario's sector stand."""
PAID = {ANY: (TRANSPORT, OTHER), TRANSPORT: (TRANSPORT,), OTHER: (OTHER,)}
"""Sectors of tariffs.csv whose dearest tariff a scenario's sector pays."""
PLACE = ["area_code", "level"]
PART = [*PLACE, "scenario", "id", "payer", "sector", "measure", "share_percent"]
WHOLE = ("months_n", "assumed_n", "price_idr", *PEOPLE, *COST)
Cells = Mapping[tuple[str, str, str, str], tuple["Counted", str]]
"""Counts and references of an area's cells: area, dimension, category and measure."""


class Counted(NamedTuple):
    """People as released, with the least and most that may stand behind; all None where withheld."""

    value: int | None
    low: int | None
    high: int | None


WITHHELD = Counted(None, None, None)


# what is computed from, each releasable by itself ---------------------------------------------------------------


def tariffs(record: Record, as_of: date, months_n: int) -> pd.DataFrame:
    """The dated tariffs of the `months_n` contribution months after `as_of`, as `costs.tariffs` has them."""
    return costs.tariffs(record, costs.months_after(as_of, months_n))


def scenarios(record: Record) -> pd.DataFrame:
    """The rows of scenarios.csv that pay for a share of the gap, with `refs`."""
    rows = record.scenarios[record.scenarios["share_percent"] != ""]
    return rows.rename(columns={"ref": "refs"}).drop(columns="row_n").reset_index(drop=True)


# people -> budget ---------------------------------------------------------------------------------------------------


def monthly(gap: pd.DataFrame, tariffs: pd.DataFrame, scenarios: pd.DataFrame) -> pd.DataFrame:
    """What each row of the scenarios costs in each month: one row per area, scenario row and month.

    `gap`: the released table of gap.csv; `tariffs`, `scenarios`: as above. people_n, people_low_n, people_high_n:
    whole persons; tariff_idr: rupiah per person and month; cost_idr, cost_low_idr, cost_high_idr: rupiah, people x
    tariff. NA: withheld. is_assumed: the tariff stands past the last dated one. cell_refs: cells of the gap;
    tariff_refs, scenario_refs: rows of the record; refs: all of them. Raises ParameterError where a scenario has more
    months than tariffs are given.
    """
    months = sorted(tariffs["month"].unique())
    _refuse_short(scenarios, months)
    cells, prices = cells_of(gap), prices_of(tariffs)
    areas = gap[PLACE].drop_duplicates().sort_values("area_code").itertuples(index=False, name=None)
    rows = [
        {"area_code": area, "level": level, **part, **price, **_cost(people, price["tariff_idr"])}
        for area, level in areas for part, people in _parts(area, cells, scenarios)
        for price in (prices[part["payer"], part["sector"], month] for month in months[: part["months_n"]])
    ]  # fmt: skip
    columns = [*PART, "month", "tariff_idr", "is_assumed", *PEOPLE, *COST, *REFS]
    made = with_refs(pd.DataFrame(rows, columns=columns))
    return made.astype(dict.fromkeys(("tariff_idr", *PEOPLE, *COST), "Int64"))


def cells_of(gap: pd.DataFrame) -> Cells:
    """The released cells by area, dimension, category and measure."""
    columns = ["area_code", "dimension", "category", "measure", "value", "lower", "upper", "refs"]
    told: dict[tuple[str, str, str, str], tuple[Counted, str]] = {}
    for area, dimension, category, measure, value, lower, upper, refs in gap[columns].itertuples(
        index=False, name=None
    ):
        people = _counted(value, lower, upper, layout().parts_n(dimension, measure))
        told[area, dimension, category, measure] = (people, refs)
    return told


def _counted(value: Any, lower: Any, upper: Any, parts_n: int) -> Counted:
    """A cell with its range, or with what rounding can have moved."""
    if pd.isna(value):
        return WITHHELD
    if pd.isna(lower) or pd.isna(upper):
        moved = MOST_MOVED * parts_n
        return Counted(int(value), max(0, int(value) - moved), int(value) + moved)
    return Counted(int(value), int(lower), int(upper))


def counted(cells: Cells, area: str, sector: str, measure: str) -> tuple[Counted, str]:
    """The people of a scenario's sector in an area, summed over rounded counts, and the cells that they come from.

    All None where any count is withheld or missing.
    """
    keys = [(area, dimension, category, measure) for dimension, category in CELLS[sector]]
    found = [cells[key] for key in keys if key in cells]
    refs = " ".join(ref for _, ref in found)
    if len(found) < len(keys) or any(one.value is None for one, _ in found):
        return WITHHELD, refs
    value, low, high = (sum(ends) for ends in zip(*(one for one, _ in found), strict=True))
    return Counted(value, low, high), refs


def _parts(area: str, cells: Cells, scenarios: pd.DataFrame) -> Iterator[tuple[dict[str, Any], Counted]]:
    """Each scenario row with its people. Shares are cut one after the other, so that 100 percent are all the people."""
    taken: dict[tuple[str, str, str], Fraction] = {}
    columns = ["scenario", "id", "payer", "sector", "measure", "share_percent", "months_n", "refs"]
    for cell in scenarios[columns].itertuples(index=False, name=None):
        row = dict(zip(columns, cell, strict=True))
        key = (row["scenario"], row["sector"], row["measure"])
        before = taken.get(key, Fraction(0))
        taken[key] = after = before + Fraction(row["share_percent"]) / 100
        people, refs = counted(cells, area, row["sector"], row["measure"])
        if refs:
            told = {**row, "months_n": int(row["months_n"]), "cell_refs": refs, "scenario_refs": row["refs"]}
            yield told, _cut(people, before, after)


def _cut(people: Counted, before: Fraction, after: Fraction) -> Counted:
    """Whole people from one share of a group to another; rounding half up may not turn the ends of a range around."""
    if people.value is None or people.low is None or people.high is None:
        return WITHHELD
    value, low, high = (_share(end, after) - _share(end, before) for end in people)
    return Counted(value, min(value, low), max(value, high))


def _share(people: int | None, share: Fraction) -> int:
    return floor((people or 0) * share + Fraction(1, 2))


def prices_of(tariffs: pd.DataFrame) -> Mapping[tuple[str, str, str], Mapping[str, Any]]:
    """The tariff of each payer, scenario sector and month: the dearest of the sectors that it stands for."""
    found: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for payer in (APBD, SELF):
        for sector, paid in PAID.items():
            own = tariffs[(tariffs["payer"] == payer) & tariffs["sector"].isin(paid)]
            for month, rows in own.sort_values("tariff_idr", kind="stable").groupby("month"):
                top = rows.iloc[-1]
                found[payer, sector, str(month)] = {
                    "month": str(month), "tariff_idr": int(top["tariff_idr"]), "is_assumed": bool(top["is_assumed"]),
                    "tariff_refs": " ".join(dict.fromkeys(rows["refs"])),
                }  # fmt: skip
    return found


def _cost(people: Counted, tariff: int) -> dict[str, int | None]:
    costs = {cost: None if n is None else n * tariff for cost, n in zip(COST, people, strict=True)}
    return dict(zip(PEOPLE, people, strict=True)) | costs


def _refuse_short(scenarios: pd.DataFrame, months: Sequence[str]) -> None:
    most = max(map(int, scenarios["months_n"]), default=0)
    if most > len(months):
        fault = Fault(N_("{n} months are paid and tariffs of {found} are given"),
                      values={"n": most, "found": len(months)})  # fmt: skip
        raise ParameterError("scenarios.csv", [fault], N_("Give the tariffs of all months."))


def summed(months: pd.DataFrame) -> pd.DataFrame:
    """Sums over the months of `monthly`: one row per area and scenario row.

    price_idr: what one person costs in all months; months_n, of them assumed_n; cost as in `monthly`. NA: withheld.
    """
    grouped = months.groupby(PART, sort=False, dropna=False)
    made = grouped.agg(
        first_month=("month", "min"), last_month=("month", "max"), months_n=("month", "count"),
        assumed_n=("is_assumed", "sum"), price_idr=("tariff_idr", "sum"),
        **{name: (name, "first") for name in PEOPLE}, **{name: (name, whole_sum) for name in COST}, **REFS,
    )  # fmt: skip
    return made.reset_index().astype(dict.fromkeys(WHOLE, "Int64"))


def totals(parts: pd.DataFrame) -> pd.DataFrame:
    """Sums over the rows of each scenario, whoever pays: one row per area and scenario; NA where a part is withheld.

    apbd_people_n, apbd_cost_idr: of them paid from the APBD.
    """
    own = parts["payer"] == APBD
    told = parts.assign(apbd_people_n=parts["people_n"].where(own, 0), apbd_cost_idr=parts["cost_idr"].where(own, 0))
    names = (*PEOPLE, *COST, "apbd_people_n", "apbd_cost_idr")
    made = told.groupby([*PLACE, "scenario"], sort=False).agg(**{name: (name, whole_sum) for name in names}, **REFS)
    return made.reset_index().astype(dict.fromkeys(names, "Int64"))


def whole_sum(values: pd.Series) -> object:
    """The sum, NA where any value is."""
    return values.sum(skipna=False)


def joined(refs: pd.Series) -> str:
    """References of several rows together, each once, in order."""
    return " ".join(dict.fromkeys(" ".join(refs.unique()).split()))


REFS = {name: (name, joined) for name in ("refs", "cell_refs", "tariff_refs", "scenario_refs")}


def with_refs(table: pd.DataFrame) -> pd.DataFrame:
    """The table with all its references together in `refs`."""
    named = [name for name in table.columns if name.endswith("_refs")]
    rows = table[named].itertuples(index=False, name=None)
    return table.assign(refs=[" ".join(dict.fromkeys(" ".join(row).split())) for row in rows])
