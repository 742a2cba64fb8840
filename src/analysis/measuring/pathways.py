"""The only place for how many owners must be enrolled each month to reach a target, when some lapse on the way.

In each month the share `lapse` of the active owners lapses, then the newly enrolled come in; so after n months
active x (1 - lapse)^n + enrolled a month x (1 + (1 - lapse) + ... + (1 - lapse)^(n - 1)) are active. The number a month
is the least whole one that ends at the target or above: one fewer would miss it. Arithmetic is exact (Fraction). How
many lapse is an assumption of scenarios.csv, or observed in the released flows of two editions, as a range. Whoever
lapsed may be enrolled again, so more enrolments than owners outside are no contradiction.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

import pandas as pd

from analysis import N_, Fault, ParameterError
from analysis.contracts import registers
from analysis.measuring import budgets
from analysis.measuring.budgets import PLACE, REFS
from analysis.sources.published import Record

IN_SCOPE = (registers.ACTIVE, registers.LAPSED, registers.UNREGISTERED, registers.UNRESOLVED)
"""Statuses of which shares are taken."""
ENDS = {"low": "lapse_share_low", "point": "lapse_share", "high": "lapse_share_high"}
"""Ends of the range of an observed lapse, and their columns in the released monthly lapse: shares a month."""
PATH = [*PLACE, "scenario", "id", "payer", "sector", "target_percent", "lapse_percent", "is_assumption"]
NUMBERS = ("active_n", "in_scope_n", "target_n", "enrol_monthly_n")
WHOLE = (*NUMBERS, "reached_n", "paid_n", "tariff_idr")


def scenarios(record: Record) -> pd.DataFrame:
    """The rows of scenarios.csv that lead to a target, with `refs`."""
    rows = record.scenarios[record.scenarios["target_percent"] != ""]
    return rows.rename(columns={"ref": "refs"}).drop(columns="row_n").reset_index(drop=True)


# the arithmetic -----------------------------------------------------------------------------------------------------


def stay(lapse: Fraction, months_n: int) -> Fraction:
    """How many of those who enrol one a month over `months_n` months are there at the end: 1 + r + ... + r^(n-1)."""
    return (1 - (1 - lapse) ** months_n) / lapse if lapse else Fraction(months_n)


def needed(active_n: int, target_n: int, lapse: Fraction, months_n: int) -> int:
    """The least whole number to enrol each month so that at least `target_n` are active after `months_n` months.

    0 where the target is reached without any. Raises ParameterError for a lapse outside 0-1 or fewer than one month.
    """
    if not 0 <= lapse <= 1 or months_n < 1:
        fault = Fault(N_("a path has at least one month and a lapse between 0 and 100 percent"))
        raise ParameterError(N_("the path"), [fault], N_("Correct its row in scenarios.csv."))
    missing = target_n - active_n * (1 - lapse) ** months_n
    return max(0, ceil(missing / stay(lapse, months_n)))


def active_after(active_n: int, enrol_monthly_n: int, lapse: Fraction, months_n: int) -> Fraction:
    """How many are active after `months_n` months: not whole, as the lapse is a share."""
    return active_n * (1 - lapse) ** months_n + enrol_monthly_n * stay(lapse, months_n)


# from released counts -----------------------------------------------------------------------------------------------


def monthly(gap: pd.DataFrame, tariffs: pd.DataFrame, scenarios: pd.DataFrame, observed: pd.DataFrame | None = None
            ) -> pd.DataFrame:  # fmt: skip
    """Every month of every path: one row per area, path and month.

    `gap`: the released table of gap.csv; `tariffs`: as `budgets.tariffs`, until the last month of the paths;
    `observed`: the released monthly lapse (columns ENDS, area_code, is_shown, refs); each of its rows that may be shown
    adds to each target three paths in its area, with the least lapse, the middle one and the most. enrol_monthly_n:
    whole persons to enrol in each month; reached_n: active at its end, in full persons; paid_n: those enrolled on the
    path who are still active, rounded up; cost_idr: paid_n x tariff_idr, rupiah. NA: withheld. cell_refs: cells of the
    gap, and of the lapse. Raises ParameterError where the tariffs do not reach the end of a path.
    """
    months = sorted(tariffs["month"].unique())
    cells, prices = budgets.cells_of(gap), budgets.prices_of(tariffs)
    areas = gap[PLACE].drop_duplicates().sort_values("area_code").itertuples(index=False, name=None)
    rows = [
        {**step, **prices[step["payer"], step["sector"], step["month"]]}
        for area, level in areas for path in _paths(area, scenarios, observed)
        for step in _steps({"area_code": area, "level": level, **path}, cells, _until(months, path["until"]))
    ]  # fmt: skip
    columns = [*PATH, "month", *NUMBERS, "reached_n", "paid_n", "tariff_idr", "is_assumed", *REFS]
    made = budgets.with_refs(pd.DataFrame(rows, columns=columns)).astype(dict.fromkeys(WHOLE, "Int64"))
    return made.assign(cost_idr=made["paid_n"] * made["tariff_idr"])


def _paths(area: str, scenarios: pd.DataFrame, observed: pd.DataFrame | None) -> Iterator[dict[str, Any]]:
    """The paths of an area: each row of the scenarios, and each target with each observed lapse."""
    columns = ["scenario", "id", "payer", "sector", "target_percent", "until", "lapse_percent", "refs"]
    told = [dict(zip(columns, row, strict=True)) for row in scenarios[columns].itertuples(index=False, name=None)]
    for row, is_assumption in zip(told, scenarios["is_assumption"], strict=True):
        yield {**row, "is_assumption": is_assumption == "true", "scenario_refs": row["refs"], "cell_refs": ""}
    if observed is None:
        return
    own = observed[observed["area_code"].eq(area) & observed["is_shown"]].dropna(subset=[*ENDS.values()])
    targets = {tuple(row[name] for name in columns[:1] + columns[2:6]): row for row in reversed(told)}
    for row in reversed(targets.values()):
        for end, column in ENDS.items():
            for lapse, refs in own[[column, "refs"]].itertuples(index=False, name=None):
                percent = f"{Decimal(str(lapse)) * 100:f}"
                yield {**row, "id": f"{row['scenario']}-observed-{end}", "lapse_percent": percent,
                       "is_assumption": False, "scenario_refs": row["refs"], "cell_refs": refs}  # fmt: skip


def _until(months: list[str], until: str) -> list[str]:
    own = [month for month in months if month <= until]
    if not own or own[-1] != until:
        fault = Fault(N_("no tariffs are given for the months until {month}"), values={"month": until})
        raise ParameterError("scenarios.csv", [fault], N_("Give the tariffs of all months."))
    return own


def _steps(path: dict[str, Any], cells: budgets.Cells, months: list[str]) -> Iterator[dict[str, Any]]:
    """The months of one path; without numbers where a count that it needs is withheld."""
    counts, refs = _counts(path["area_code"], path["sector"], cells)
    if not refs:
        return
    told = {**path, "cell_refs": budgets.joined(pd.Series([refs, path["cell_refs"]]))}
    if counts is None:
        yield from ({**told, "month": month} for month in months)
        return
    active, in_scope = counts
    lapse, target = Fraction(path["lapse_percent"]) / 100, ceil(in_scope * Fraction(path["target_percent"]) / 100)
    enrol = needed(active, target, lapse, len(months))
    numbers = dict(zip(NUMBERS, (active, in_scope, target, enrol), strict=True))
    for n, month in enumerate(months, start=1):
        yield {**told, "month": month, **numbers, "reached_n": floor(active_after(active, enrol, lapse, n)),
               "paid_n": ceil(enrol * stay(lapse, n))}  # fmt: skip


def _counts(area: str, sector: str, cells: budgets.Cells) -> tuple[tuple[int, int] | None, str]:
    """Active owners and owners in scope, summed from rounded parts, None where any is withheld; and their cells."""
    keys = [(area, dimension, category, status) for dimension, category in budgets.CELLS[sector] for status in IN_SCOPE]
    found = [(key[3], *cells[key]) for key in keys if key in cells]
    refs = " ".join(ref for _, _, ref in found)
    values = [(status, one.value) for status, one, _ in found if one.value is not None]
    if len(values) < len(keys):
        return None, refs
    return (sum(n for status, n in values if status == registers.ACTIVE), sum(n for _, n in values)), refs


def summed(months: pd.DataFrame) -> pd.DataFrame:
    """Each path as a whole: one row per area and path, from `monthly`.

    enrol_n: enrolments in all months together; reached_n: active at the end; paid_most_n: the most who are paid for in
    a month; cost_idr: rupiah in all; months_n, of them assumed_n past the last dated tariff. NA: withheld.
    """
    made = months.groupby(PATH, sort=False, dropna=False).agg(
        first_month=("month", "min"), last_month=("month", "max"), months_n=("month", "count"),
        assumed_n=("is_assumed", "sum"), **{name: (name, "first") for name in NUMBERS}, reached_n=("reached_n", _last),
        paid_most_n=("paid_n", "max"), cost_idr=("cost_idr", budgets.whole_sum), **REFS,
    ).reset_index()  # fmt: skip
    made = made.astype(dict.fromkeys(("months_n", "assumed_n", *NUMBERS, "reached_n", "paid_most_n", "cost_idr"),
                                     "Int64"))  # fmt: skip
    return made.assign(enrol_n=made["enrol_monthly_n"] * made["months_n"])


def _last(values: pd.Series) -> object:
    return values.iloc[-1]
