"""The only reader of Parquet files: every cell as text, in the forms that a workbook's cells take.

The first row of the file is row 1; the names of the columns are no row. Nested columns are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet, types

from analysis import N_
from analysis.sources.headers import shown
from analysis.sources.sheets import (
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_UNPACKED,
    TOO_LONG,
    TOO_WIDE,
    UNFOLDS,
    Sheet,
    refuse,
)
from analysis.sources.workbook import as_text

AT_A_TIME = 10_000
DAMAGED = N_("the Parquet file is damaged, cut off or encrypted")
NESTED = N_("the column holds lists or records; a register has one value in a cell")
NO_TEXT = N_("the column is of the type {kind}, which cannot be read as text")


def sheets(file: BinaryIO) -> Iterator[Sheet]:
    """The one table of a Parquet file, its column names as the first row (number 0)."""
    try:
        source = parquet.ParquetFile(file)
        _check(source)
        yield Sheet("", _rows(source), first_number=0, rows_n=source.metadata.num_rows)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError):
        refuse(DAMAGED)


def _check(source: parquet.ParquetFile) -> None:
    metadata = source.metadata
    if metadata.num_rows > MOST_ROWS:
        refuse(TOO_LONG, most=MOST_ROWS)
    if metadata.num_columns > MOST_COLUMNS:
        refuse(TOO_WIDE, most=MOST_COLUMNS)
    for field in source.schema_arrow:
        if types.is_nested(field.type):
            refuse(NESTED, column=shown(field.name))
    if sum(metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups)) > MOST_UNPACKED:
        refuse(UNFOLDS, most=MOST_UNPACKED // 1_000_000)


def _rows(source: parquet.ParquetFile) -> Iterator[list[str]]:
    names = source.schema_arrow.names
    yield names
    for batch in source.iter_batches(AT_A_TIME, use_threads=False):
        columns = [_texts(column, name) for column, name in zip(batch.columns, names, strict=True)]
        yield from (list(row) for row in zip(*columns, strict=True))


def _texts(column: pa.Array, name: str) -> list[str]:
    kind = column.type.value_type if types.is_dictionary(column.type) else column.type
    if types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind) or types.is_large_binary(kind):
        texts: list[str] = pc.fill_null(column.cast(pa.large_string()), "").to_pylist()
        return texts
    if types.is_decimal(kind):
        return ["" if cell is None else f"{cell:f}" for cell in column.to_pylist()]
    if types.is_null(kind) or types.is_primitive(kind) or types.is_boolean(kind):
        return [as_text(cell) for cell in column.to_pylist()]
    return refuse(NO_TEXT, column=shown(name), kind=str(kind))
