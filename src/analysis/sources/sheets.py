"""The only place for the form in which every format hands its rows over, and for its refusals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from analysis import N_, ContractError, Fault

MOST_ROWS = 2_000_000
MOST_COLUMNS = 500
MOST_UNPACKED = 1_500_000_000
"""Bytes."""
MOST_CHARACTERS = 32_767
"""The most that a spreadsheet's cell can hold."""
CURE = N_("Correct the file, or ask its issuer for a sound copy; docs/reference/deliveries.md says what a file may be.")
TOO_WIDE = N_("the file has more than {most} columns: delete those that hold no data of the register")
UNFOLDS = N_("the file would unfold to more than {most} MB: it is no register")
TOO_LONG = N_("the file has more than {most} rows")


@dataclass(frozen=True)
class Uncalculated:
    """Formulas of a sheet whose result was not stored: how many, and where the first one stands (row from 1)."""

    n: int
    row: int
    column: str


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name ('' for CSV and Parquet), and its rows from the top, every cell as text.

    Rows may be shorter or longer than each other where `is_ragged`. `first_number` is the number of the first row: 0
    where the first one is a header that the file does not count as a row (Parquet). `merged`: ranges of merged cells
    as (first row, first column, last row, last column), from 0. `rows_n` is how many rows the file holds, told
    independently of `rows`; None where only reading tells it.
    """

    name: str
    rows: Iterator[list[str]]
    is_ragged: bool = False
    first_number: int = 1
    merged: Sequence[tuple[int, int, int, int]] = ()
    uncalculated: Uncalculated | None = None
    rows_n: int | None = None


def refuse(message: str, row: int | None = None, column: str | None = None, cure: str = CURE,
           **values: object) -> NoReturn:  # fmt: skip
    """Refuse the file for one fault; the parent process adds the file's name. An empty sheet's name is left out."""
    values = {name: value for name, value in values.items() if (name, value) != ("sheet", "")}
    raise ContractError("", [Fault(message, row, column, values)], cure) from None
