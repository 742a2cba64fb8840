"""The only place where a cell of a released table becomes a figure that words, tables and charts can show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from analysis.presenting.wording import Figure
from analysis.ranges import COARSEST_ROUNDING, Range
from analysis.releasing.disclosure import Released


@dataclass(frozen=True)
class Cells:
    """One row of a released table. `row["column"]` gives what is not a figure: a name, a date, a flag."""

    _row: pd.Series

    def __getitem__(self, column: str) -> Any:
        return self._row[column]

    def figure(self, column: str, high: str | None = None, *, is_about: bool = False, of: str = "") -> Figure:
        """The figure in `column`, or the range from `column` to `high`.

        `of` names a part of the row that rests on fewer rows of the record: "tariff_" for its `tariff_refs`.
        """
        ends = (int(self._row[column]), int(self._row[high or column]))
        return self._figure(Range(Fraction(ends[0]), Fraction(ends[1])), of, is_about=is_about)

    def measured(self, column: str) -> Figure:
        """The figure in `column` with the decimals that its source prints."""
        return self._figure(Range.exact(Fraction(str(self._row[column]))))

    def size(self, column: str) -> Figure:
        """The figure in `column` without its sign."""
        return self._figure(Range.exact(abs(int(self._row[column]))))

    def about(self, low: str, high: str, *, of: str = "") -> Figure:
        """The middle of a range, to the nearest thousand and called so: about 39,000 for 38,482-39,482."""
        middle = Fraction(int(self._row[low]) + int(self._row[high]), 2)
        return self._figure(Range.exact(middle).outward(COARSEST_ROUNDING), of, is_about=True)

    def _figure(self, amount: Range, of: str = "", *, is_about: bool = False) -> Figure:
        return Figure(amount, self._row[f"{of}refs"], bool(self._row[f"{of}is_unconfirmed"]), is_about)


def rows(released: Released) -> list[Cells]:
    """All rows of a released table. Anything else is refused with TypeError."""
    return [Cells(row) for _, row in _shown(released).iterrows()]


def _shown(released: Released) -> pd.DataFrame:
    if not isinstance(released, Released):
        raise TypeError(f"only a Released table may be shown, not {type(released).__name__}")
    return released.table


def refs_of(listed: Sequence[Cells]) -> str:
    """The rows of the record behind several rows, each named once."""
    return " ".join(dict.fromkeys(" ".join(row["refs"] for row in listed).split()))


def number_of(listed: Sequence[Cells]) -> Figure:
    """How many rows there are, as a figure that rests on all of them."""
    return Figure(Range.exact(len(listed)), refs_of(listed), any(row["is_unconfirmed"] for row in listed))


def find(released: Released, **where: object) -> Cells | None:
    """The first row in which the named columns hold the given values; None where there is none."""
    table = _shown(released)
    for name, value in where.items():
        table = table[table[name] == value]
    return Cells(table.iloc[0]) if len(table) else None


def one(released: Released, **where: object) -> Cells:
    """The same row where the page cannot do without it. Raises LookupError where there is none."""
    row = find(released, **where)
    if row is None:
        raise LookupError(f"no row with {where}")
    return row
