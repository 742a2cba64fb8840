"""The only place that opens what only a library can open, to search it: Parquet, Arrow, SQLite and PDF.

Each gives its texts, and bytes that may be files of their own. Whatever a library finds wrong with a file, the file is
`Unread`: what the library says of it may hold a cell and is told to nobody.
"""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet

from analysis import N_
from analysis.releasing.unpacking import DAMAGED, LOCKED, Budget, Unread

if TYPE_CHECKING:
    import pypdf

NO_PYPDF = N_("not searched: a PDF needs pypdf, which is not installed")
APART = "\n\n\n\n"
"""Between two cells: further than the parts of a number may stand."""
LEAST = 10_000_000
"""Numbers below it hold no participant number and no telephone number."""
ROWS = 10_000
MOST_OBJECTS = 200_000


def of_parquet(content: bytes, budget: Budget) -> Iterator[str | bytes]:
    """Every different value of every column, the names of columns, and what stands beside the table."""
    try:
        for table in _tables(content, budget):
            yield APART.join([*_told_of(table.schema), *table.column_names])
            for column in table.columns:
                yield from _values(column)
    except (pa.ArrowException, OSError, ValueError, MemoryError):
        raise Unread(DAMAGED) from None


def _tables(content: bytes, budget: Budget) -> Iterator[pa.Table]:
    source = pa.BufferReader(content)
    if content.startswith(b"ARROW1"):
        with pa.ipc.open_file(source) as reader:
            for n in range(reader.num_record_batches):
                yield pa.Table.from_batches([reader.get_batch(n)])
        return
    schema = parquet.read_schema(source)
    texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    source.seek(0)
    with parquet.ParquetFile(source, read_dictionary=texts) as file:
        found = file.metadata
        groups = range(found.num_row_groups)
        budget.take(sum(found.row_group(n).total_byte_size for n in groups))
        budget.take(4 * found.num_rows * found.num_columns)
        yield schema.empty_table().replace_schema_metadata(_beside(found.metadata, schema.metadata))
        for n in groups:
            yield file.read_row_group(n)


def _beside(*several: Mapping[bytes, bytes] | None) -> dict[bytes, bytes]:
    return {name: value for each in several for name, value in (each or {}).items()}


def _told_of(schema: pa.Schema) -> Iterator[str]:
    beside = [schema.metadata, *(field.metadata for field in schema)]
    for each in beside:
        for pair in (each or {}).items():
            yield from (one.decode("utf-8", "replace") for one in pair)


def _values(column: pa.ChunkedArray) -> Iterator[str | bytes]:
    """The different values of a column as text; those of lists and records by their parts."""
    for chunk in column.chunks:
        kind = chunk.type
        if pa.types.is_dictionary(kind):
            yield from _values(pa.chunked_array([chunk.dictionary]))
        elif pa.types.is_struct(kind):
            for part in chunk.flatten():
                yield from _values(pa.chunked_array([part]))
        elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
            yield from _values(pa.chunked_array([chunk.flatten()]))
        elif pa.types.is_map(kind):
            yield from _values(pa.chunked_array([chunk.keys]))
            yield from _values(pa.chunked_array([chunk.items]))
        elif not pa.types.is_null(kind):
            yield from _told(_different(chunk).to_pylist())


def _different(chunk: pa.Array) -> pa.Array:
    try:
        return chunk.unique()
    except pa.ArrowNotImplementedError:
        return chunk


def of_sqlite(content: bytes, budget: Budget) -> Iterator[str | bytes]:
    """Every value of every table, and the texts by which the tables were made."""
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(content)
            database.text_factory = lambda written: written.decode("utf-8", "replace")
            made = database.execute("SELECT name, type, sql FROM sqlite_master").fetchall()
            yield APART.join(str(value) for row in made for value in row)
            for name in [name for name, kind, _ in made if kind == "table"]:
                rows = database.execute('SELECT * FROM "{}"'.format(name.replace('"', '""')))
                while some := rows.fetchmany(ROWS):
                    told = list(_told(value for row in some for value in row))
                    budget.take(sum(map(len, told)))
                    yield from told
    except (sqlite3.Error, MemoryError):
        raise Unread(DAMAGED) from None


def _told(values: Iterable[object]) -> Iterator[str | bytes]:
    """The values in one text, those that are bytes each by itself."""
    texts = []
    for value in values:
        if isinstance(value, bytes):
            yield value
        elif isinstance(value, str):
            texts.append(value)
        elif (written := _number(value)) is not None:
            texts.append(written)
    yield APART.join(texts)


def _number(value: object) -> str | None:
    """A number in digits, where it is large enough; None for small ones and for what is no number."""
    try:
        whole = int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        return None if value is None else str(value)
    return str(whole) if abs(whole) >= LEAST and whole == value else None


def of_pdf(content: bytes, budget: Budget) -> Iterator[str | bytes]:
    """The text of each page as a reader sees it, every string and stream of the file, and its attachments."""
    try:
        import pypdf
    except ImportError:
        raise Unread(NO_PYPDF) from None
    try:
        document = pypdf.PdfReader(io.BytesIO(content))
        if document.is_encrypted:
            raise Unread(LOCKED)
        for page in document.pages:
            yield page.extract_text()
        yield from _objects(document, budget)
    except Unread:
        raise
    except Exception:  # noqa: BLE001  (pypdf raises of every kind over a damaged file)
        raise Unread(DAMAGED) from None


def _objects(document: pypdf.PdfReader, budget: Budget) -> Iterator[str | bytes]:
    """Strings and streams of every object that the file lists."""
    from pypdf.generic import IndirectObject

    numbers = {(n, generation) for generation, listed in document.xref.items() for n in listed}
    numbers |= {(n, 0) for n in document.xref_objStm}
    budget.count(len(numbers) // 100)
    strings: list[str] = []
    for n, generation in sorted(numbers):
        found = document.get_object(IndirectObject(n, generation, document))
        strings += _strings(found)
        if found is not None and hasattr(found, "get_data"):
            stream = found.get_data()
            budget.take(len(stream))
            yield stream if isinstance(stream, bytes) else str(stream)
    yield APART.join(strings)


def _strings(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        for value in found.values():
            yield from _strings(value)
    elif isinstance(found, list):
        for value in found:
            yield from _strings(value)
    elif isinstance(found, bytes):
        yield found.decode("utf-8", "replace")
    elif isinstance(found, str):
        yield found
