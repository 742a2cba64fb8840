"""The only place where a released table becomes an HTML table or a CSV text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from analysis.presenting import parts
from analysis.presenting.cells import Cells, rows
from analysis.presenting.wording import Wording, Words
from analysis.releasing.disclosure import Released


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
    """The same table for machines: commas, decimal points, ISO dates, LF; empty where nothing is stated."""
    rows(released)
    return released.table.to_csv(index=False, lineterminator="\n")
