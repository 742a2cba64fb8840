"""The only place for how a count is rounded under a key, added up, withheld and given a range, and what a table of them
must be.

`published = 5 * floor((n + h) / 5)`, h = HMAC(secret, "area|dimension|category|measure") mod 5: unbiased, moves a count
by at most 4, leaves 0 at 0, and says the same of an unchanged count in every month and language. A total is the sum of
its rounded parts. Where it is under 20, all of its cells are withheld, for the city as for any area: only the dimension
`total`, which breaks nothing down, is always shown of the city and a kecamatan. Each area is rounded by itself, so
areas need not add up.

The ends of a range are counts too and would give small ones away. So a range is told as the published value with a
half-width: 5 for each rounded count in it, and the spread of the true count rounded up to a multiple of 5, never less
than 5: where nothing at all is doubtful there is often nobody, and a narrower range would tell so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import pandas as pd

from analysis import N_, Fault
from analysis.contracts.released import AREAS, COUNTED, KEY, TOTAL_DIMENSION, Layout

BASE, LEAST_TOTAL = 5, 20
MOST_MOVED = BASE - 1
PARTITION = ["area_code", "dimension", "category"]


class Secret(Protocol):
    """The rounding key: `sources.keys.Key`."""

    def mac(self, text: str) -> str:
        """Hex digits of the keyed hash of a text."""
        ...


def rounded(value: int, label: str, secret: Secret) -> int:
    """One count as it is published."""
    return BASE * ((value + int(secret.mac(label), 16) % BASE) // BASE)


def release(cells: pd.DataFrame, secret: Secret, layout: Layout, spreads: pd.DataFrame | None = None,
            period: str = "") -> pd.DataFrame:  # fmt: skip
    """The released table of true counts that `faults` finds nothing in: contracts.released.COLUMNS, sorted.

    `period`: of counts that begin anew each month, such as steps between editions, which one: rounded alike in every
    month, the figures of many months together would tell how they are rounded.
    `spreads`: key and spread, how far the true count of a cell may lie from the quantity counted; a cell that is not
    among them, or whose measure the layout gives no range, has none.
    """
    labels = cells[list(KEY)].agg("|".join, axis=1) if len(cells) else pd.Series(dtype="str")
    labels = labels + f"|{period}" if period else labels
    published = [rounded(int(n), label, secret) for n, label in zip(cells["value"], labels, strict=True)]
    counted = cells[list(COUNTED)].assign(value=pd.array(published, dtype="Int64"))
    parts = counted[~counted["measure"].isin(layout.beside)]
    totals = _summed(parts)
    sums = [_summed(parts[parts["measure"].isin(of)]).assign(measure=name) for name, of in layout.sums.items()]
    whole = pd.concat([counted, totals.assign(measure=layout.total), *sums], ignore_index=True)[list(COUNTED)]
    few = totals[(totals["value"] < LEAST_TOTAL) & _may_be_withheld(totals["area_code"], totals["dimension"])]
    is_few = pd.MultiIndex.from_frame(whole[PARTITION]).isin(pd.MultiIndex.from_frame(few[PARTITION]))
    whole["value"] = whole["value"].mask(is_few)
    return _ranged(whole, spreads, layout).sort_values(list(KEY), ignore_index=True)


def _may_be_withheld(area: Any, dimension: Any) -> Any:
    """Whether a row is withheld where it is few: each that breaks something down, and all of a small kelurahan."""
    return (dimension != TOTAL_DIMENSION) | area.str.fullmatch(AREAS["kelurahan"]).astype(bool)


def _ranged(whole: pd.DataFrame, spreads: pd.DataFrame | None, layout: Layout) -> pd.DataFrame:
    """The table with the ends of each range; empty where there is none or the value is withheld."""
    if spreads is None:
        nothing = pd.array([pd.NA] * len(whole), dtype="Int64")
        return whole.assign(lower=nothing, upper=nothing)
    told = whole.merge(spreads[[*KEY, "spread"]], how="left", on=list(KEY), validate="one_to_one")
    spread = told.pop("spread").where(told["measure"].isin(layout.ranged))
    steps = pd.Series(np.ceil(spread.to_numpy(dtype=float, na_value=np.nan) / BASE), index=told.index).clip(lower=1)
    half = BASE * (steps.astype("Int64") + _parts_n(told, layout))
    value = told["value"]
    return told.assign(lower=(value - half).clip(lower=0), upper=value + half)


def _parts_n(table: pd.DataFrame, layout: Layout) -> pd.Series:
    """How many rounded counts each cell sums; 1 where the layout does not know it."""
    cells = zip(table["dimension"], table["measure"], strict=True)
    told = [layout.parts_n(one, measure) if one in layout.dimensions else 1 for one, measure in cells]
    return pd.Series(told, index=table.index, dtype="Int64")


def _summed(parts: pd.DataFrame) -> pd.DataFrame:
    return parts.groupby([*PARTITION, "level"], sort=False)["value"].sum().reset_index()


def faults(cells: pd.DataFrame, layout: Layout) -> list[Fault]:
    """Everything that forbids to release these true counts; empty where nothing does. No value is ever told."""
    if list(cells.columns) != list(COUNTED):
        return [Fault(N_("the columns must be: {columns}"), values={"columns": ", ".join(COUNTED)})]
    numbers = pd.to_numeric(cells["value"], errors="coerce")
    is_count = numbers.notna() & (numbers >= 0) & (numbers == numbers.round())
    found = [(N_("{n} values are no whole number of 0 or more"), int((~is_count).sum()))]
    found += _named(cells, layout, {name: layout.counted(name) for name in layout.dimensions})
    return [Fault(message, None, "value", {"n": n}) for message, n in found if n]


def faults_of_released(table: pd.DataFrame, layout: Layout) -> list[Fault]:
    """Everything by which a table with COLUMNS (numbers as Int64) shows that `release` did not make it."""
    measures = {name: layout.measures(name) for name in layout.dimensions}
    found = [*_named(table, layout, measures), *_sums(table, layout)]
    return [Fault(message, None, "value", {"n": n}) for message, n in found if n]


def _named(table: pd.DataFrame, layout: Layout, measures: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, int]]:
    """Cells outside the closed lists, cells that stand twice, and partitions of which a part is missing."""
    known = {
        (level, dimension, category, measure)
        for dimension, each in layout.dimensions.items()
        for level in each.levels for category in each.categories for measure in measures[dimension]
    }  # fmt: skip
    columns = ["level", "dimension", "category", "measure"]
    is_known = pd.Series([row in known for row in table[columns].itertuples(index=False, name=None)], dtype=bool)
    is_area = pd.Series(False, index=table.index)
    for level, form in AREAS.items():
        is_area |= (table["level"] == level) & table["area_code"].str.fullmatch(form).fillna(False).astype(bool)
    yield (
        N_("{n} cells stand outside the closed lists of areas, dimensions, categories and measures"),
        int((~is_known.to_numpy() | ~is_area.to_numpy()).sum()),
    )
    yield N_("{n} cells stand more than once"), int(table.duplicated(list(KEY)).sum())
    sizes = table.groupby(PARTITION)["measure"].nunique().reset_index()
    wanted = sizes["dimension"].map({name: len(each) for name, each in measures.items()})
    yield N_("{n} partitions lack a part"), int((sizes["measure"] < wanted).sum())


def _sums(table: pd.DataFrame, layout: Layout) -> Iterator[tuple[str, int]]:
    """Values that are no multiples of 5, ends that tell more than a half-width, totals that are no sums, and few rows
    that were not withheld.
    """
    value, is_total = table["value"], table["measure"] == layout.total
    is_part = ~(is_total | table["measure"].isin([*layout.beside, *layout.sums]))
    yield N_("{n} values are no multiples of 5"), int(((value % BASE != 0) | (value < 0)).fillna(False).sum())
    yield N_("{n} ranges are not made by the rule"), int(_is_no_range(table, layout).sum())
    by = [table[name] for name in PARTITION]
    sums = value.where(is_part, 0).fillna(0).groupby(by).sum()
    totals = value.where(is_total).groupby(by).max()
    wrong = int((totals.notna() & (totals != sums)).fillna(False).sum())
    for name, of in layout.sums.items():
        summed = value.where(table["measure"].isin(of), 0).fillna(0).groupby(by).sum()
        told = value.where(table["measure"] == name).groupby(by).max()
        wrong += int((told.notna() & (told != summed)).fillna(False).sum())
    n_withheld, n_cells = value.isna().groupby(by).sum(), value.groupby(by).size()
    yield N_("{n} totals are not the sum of their parts"), wrong
    yield N_("{n} partitions are withheld in part"), int(((n_withheld > 0) & (n_withheld < n_cells)).sum())
    is_held = _may_be_withheld(*(totals.index.get_level_values(name) for name in ("area_code", "dimension")))
    yield (
        N_("{n} partitions of fewer than 20 are not withheld"),
        int(((totals < LEAST_TOTAL).fillna(False) & is_held).sum()),
    )


def _is_no_range(table: pd.DataFrame, layout: Layout) -> pd.Series:
    """Which rows hold ends that `release` does not make: one without the other, of a measure that has none, or not the
    value with a half-width.
    """
    lower, value, upper = table["lower"], table["value"], table["upper"]
    half = upper - value
    is_made = (half % BASE == 0) & (half > BASE * _parts_n(table, layout)) & (lower == (value - half).clip(lower=0))
    is_none = lower.isna() & upper.isna()
    told: pd.Series = ~(is_none | (is_made.fillna(False) & table["measure"].isin(layout.ranged)))
    return told
