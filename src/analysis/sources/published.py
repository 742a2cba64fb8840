"""The only reader of the published record and of the reference tables (data/raw/published, data/raw/reference).

Files are read as text and checked against their contracts and each other (`sources.checks`); then dates become periods
and figures become numbers. All faults of all files are reported together: `ContractError`, exit code 11.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import pandas as pd

from analysis import N_, ContractError, Fault
from analysis.contracts import public
from analysis.contracts.public import Contract
from analysis.sources import checks, periods
from analysis.sources.places import Root

REFERENCE = (
    *(public.INDICATORS, public.LIMITS, public.TARIFFS, public.BPU_BASE),
    *(public.BENEFITS, public.LAW, public.REGIONS, public.TARGETS),
    *(public.SCENARIOS, public.HAZARD, public.PRIORITIES),
)
FILES = {"published": (public.FIGURES,), "reference": REFERENCE}
CURE = N_("Correct the rows named above (UTF-8, commas between cells; data/raw/README.md describes each column).")
HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of writing: what is shown is not what is stored."""


@dataclass(frozen=True)
class Record:
    """The published record and its reference tables, valid and converted.

    Every table has a text column `ref` (`<file>.csv#<id>`) and `row_n`, the record number in its file. `figures` has
    besides: `value` (float, NaN where the source says that no figure exists), `is_approximate` and `is_target` (bool),
    `kind`, and the periods `reference` and `published` (None where no publication date was shown). Whole numbers are
    Int64, NA where not stated.
    """

    figures: pd.DataFrame
    limits: pd.DataFrame
    tariffs: pd.DataFrame
    bpu_base: pd.DataFrame
    benefits: pd.DataFrame
    law: pd.DataFrame
    targets: pd.DataFrame
    scenarios: pd.DataFrame
    hazard: pd.DataFrame
    priorities: pd.DataFrame

    def statuses(self) -> pd.Series:
        """Status of each row by `ref`; rows of tables without a status column (limits, targets ...) are confirmed."""
        return self._statuses

    @cached_property
    def _statuses(self) -> pd.Series:
        tables = (self.figures, self.limits, self.tariffs, self.bpu_base, self.benefits, self.law, self.targets,
                  self.scenarios, self.hazard, self.priorities)  # fmt: skip
        statuses: pd.Series = pd.concat(
            [table.set_index("ref").get("status", pd.Series("confirmed", table["ref"])) for table in tables]
        )
        return statuses


def read_record(root: Root | None = None, today: date | None = None) -> Record:
    """Read, check and convert every file of the record.

    `today` bounds publication dates (default: today in Palu). Raises ContractError with all faults of all files. What
    this process has read before is not checked again while it is the same; the tables are one's own all the same.
    """
    root, today = root or Root.here(), today or periods.today_in_palu()
    folders = {folder: root.find(f"data/raw/{folder}").path for folder in FILES}
    paths = [folders[folder] / contract.name for folder, listed in FILES.items() for contract in listed]
    contents = tuple(hash(path.read_bytes()) if path.is_file() else None for path in paths)
    record = _read(tuple(folders.items()), contents, today)
    return Record(**{field.name: getattr(record, field.name).copy() for field in fields(record)})


@lru_cache(maxsize=2)
def _read(folders: tuple[tuple[str, Path], ...], contents: tuple[int | None, ...], today: date) -> Record:  # noqa: ARG001
    """The record in these folders; `contents` tells one state of the files from another."""
    tables: dict[str, pd.DataFrame] = {}
    found: dict[str, list[Fault]] = {}
    for folder, path in folders:
        for contract in FILES[folder]:
            tables[contract.name], found[contract.name] = _read_text(path / contract.name, contract)
    sound = {name: table for name, table in tables.items() if not found[name]}
    for contract in (contract for listed in FILES.values() for contract in listed):
        found[contract.name] += checks.calendar(tables[contract.name], contract, today)
    for name, fault in checks.across(sound, today):
        found[name].append(fault)
    _refuse(found)
    return _convert(tables)


def _read_text(path: Path, contract: Contract) -> tuple[pd.DataFrame, list[Fault]]:
    """The file as text (index: record number) and its faults; the rows that are no sound records are left out."""
    try:
        header, *records = _records(path)
    except ContractError as error:
        return pd.DataFrame(), list(error.faults)
    rows = {n: cells for n, cells in enumerate(records, start=2) if cells}
    if not rows:
        return pd.DataFrame(), [Fault(N_("the file holds a header and no rows"))]
    faults = [
        Fault(N_("the column stands more than once"), column=name)
        for name, times in Counter(header).items() if times > 1
    ]  # fmt: skip
    sound = {}
    for row, cells in rows.items():
        told = list(_faults_of_row(row, cells, header))
        faults += told
        if not told:
            sound[row] = cells
    table = pd.DataFrame.from_dict(sound, orient="index", columns=header, dtype=str)
    table = table.loc[:, ~table.columns.duplicated()]
    return table, faults + public.faults(table, contract)


def _faults_of_row(row: int, cells: list[str], header: list[str]) -> Iterator[Fault]:
    """Faults that would move cells into other columns or show something else than what is stored."""
    if len(cells) != len(header):
        yield Fault(N_("{n} cells instead of {expected}"), row, None, {"n": len(cells), "expected": len(header)})
    for at, cell in enumerate(cells):
        if hidden := HIDDEN.search(cell):
            column = header[at] if at < len(header) else None
            yield Fault(N_("the cell holds an invisible control character (U+{code}): delete it"), row, column,
                        {"code": f"{ord(hidden[0]):04X}"})  # fmt: skip


def _records(path: Path) -> list[list[str]]:
    """The file's records, the header first, blank ones empty. Raises ContractError where it cannot be read."""
    if not path.is_file():
        raise _unreadable(path, Fault(N_("the file is missing")))
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable(path, Fault(N_("the file is not UTF-8 text"))) from None
    records: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), strict=True):
            records.append(record)
    except csv.Error as error:
        raise _unreadable(path, _fault_of_csv(error, len(records) + 1)) from None
    if not records or not records[0]:
        raise _unreadable(path, Fault(N_("the file is empty or begins with a blank line")))
    if hidden := HIDDEN.search("".join(records[0])):
        code = f"{ord(hidden[0]):04X}"
        raise _unreadable(path, Fault(N_("a column's name holds an invisible control character (U+{code}): delete it"),
                                      1, None, {"code": code}))  # fmt: skip
    return records


def _fault_of_csv(error: csv.Error, row: int) -> Fault:
    """What stopped the reader in the record that begins at `row`; its own words are English and name no row."""
    if "field limit" in str(error):
        message = N_("a cell holds more than {n} characters: look for a quotation mark that is not closed")
        return Fault(message, row, None, {"n": csv.field_size_limit()})
    return Fault(N_("the file is no well-formed CSV: look for a quotation mark that is not closed"), row)


def _unreadable(path: Path, fault: Fault) -> ContractError:
    return ContractError(path.name, [fault], CURE)


def _refuse(found: Mapping[str, Sequence[Fault]]) -> None:
    """Raise one ContractError over all files that have faults."""
    faulty = {name: faults for name, faults in found.items() if faults}
    if faulty:
        named = [
            Fault(fault.message, fault.row, fault.column, {**fault.values, "file": name})
            for name, faults in faulty.items() for fault in sorted(faults, key=lambda fault: fault.row or 0)
        ]  # fmt: skip
        raise ContractError(", ".join(faulty), named, CURE)


def _convert(tables: Mapping[str, pd.DataFrame]) -> Record:
    tables = {name: table.assign(ref=f"{name}#" + table["id"], row_n=table.index) for name, table in tables.items()}
    kinds = tables["indicators.csv"].rename(columns={"id": "indicator"})[["indicator", "kind", "is_target"]]
    figures = tables["figures.csv"].merge(kinds, on="indicator", validate="many_to_one")
    return Record(
        figures=figures.assign(
            value=pd.to_numeric(figures["value"]),
            is_approximate=figures["is_approximate"] == "true",
            is_target=figures["is_target"] == "true",
            reference=figures["reference_date"].map(periods.parse),
            published=pd.Series(
                [periods.parse(written) if written else None for written in figures["published_date"]],
                index=figures.index,
                dtype=object,
            ),
        ),
        limits=_with_whole_numbers(tables["limits.csv"], public.LIMITS),
        tariffs=_with_whole_numbers(tables["tariffs.csv"], public.TARIFFS),
        bpu_base=_with_whole_numbers(tables["bpu_base.csv"], public.BPU_BASE),
        benefits=_with_whole_numbers(tables["benefits.csv"], public.BENEFITS),
        law=tables["law.csv"],
        targets=tables["targets.csv"],
        scenarios=_with_whole_numbers(tables["scenarios.csv"], public.SCENARIOS),
        hazard=_with_whole_numbers(tables["hazard.csv"], public.HAZARD),
        priorities=_with_whole_numbers(tables["priorities.csv"], public.PRIORITIES),
    )


def _with_whole_numbers(table: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    return table.assign(**{
        column: pd.to_numeric(table[column].replace("", None)).astype("Int64") for column in contract.whole_numbers
    })  # fmt: skip
