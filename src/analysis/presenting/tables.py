"""The only place where a released table becomes an HTML table or a CSV text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from analysis.presenting import parts
from analysis.presenting.cells import Cells, rows
from analysis.presenting.wording import Wording, Words
from analysis.releasing.disclosure import Released

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""


@dataclass(frozen=True)
class Column:
    """One column: its heading, how a row is written in it, and whether it holds numbers (aligned right)."""

    heading: Words
    write: Callable[[Cells], Words | Markup | str]
    is_number: bool = False


def html(released: Released, columns: Sequence[Column], caption: Words, say: Wording) -> Markup:
    """The table with caption and scoped headings; the first column heads its row."""
    cells = [[column.write(row) for column in columns] for row in rows(released)]
    return parts.render("table.html.j2", say, columns=columns, cells=cells, caption=caption)


def csv(released: Released) -> str:
    """The same table for machines: commas, decimal points, ISO dates, LF; empty where nothing is stated.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    rows(released)
    table = released.table
    texts = {name: table[name].map(_as_text) for name in table.columns if pd.api.types.is_string_dtype(table[name])}
    return table.assign(**texts).to_csv(index=False, lineterminator="\n")


def _as_text(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
