"""The only reader of the published record and of the reference tables (data/raw/published, data/raw/reference).

Files are read as text and checked against their contracts; then dates become periods and figures become numbers.
All faults of all files are reported together: `ContractError`, exit code 11.
"""

from __future__ import annotations

import csv
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from analysis import N_, ContractError, Fault, contracts
from analysis.contracts import Contract
from analysis.sources import periods
from analysis.sources.places import Root

REFERENCE = (
    *(contracts.INDICATORS, contracts.LIMITS, contracts.TARIFFS, contracts.BPU_BASE),
    *(contracts.BENEFITS, contracts.LAW, contracts.REGIONS, contracts.TARGETS),
)
FILES = {"published": (contracts.FIGURES,), "reference": REFERENCE}
CURE = N_("Correct the rows named above (UTF-8, commas between cells; data/raw/README.md describes each column).")


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

    def statuses(self) -> pd.Series:
        """Status of each row by `ref`; rows of tables without a status column (limits, targets) are confirmed."""
        tables = (self.figures, self.limits, self.tariffs, self.bpu_base, self.benefits, self.law, self.targets)
        statuses: pd.Series = pd.concat(
            [table.set_index("ref").get("status", pd.Series("confirmed", table["ref"])) for table in tables]
        )
        return statuses


def read_record(root: Root | None = None, today: date | None = None) -> Record:
    """Read, check and convert every file of the record.

    `today` bounds publication dates (default: today in Palu). Raises ContractError with all faults of all files.
    """
    root, today = root or Root.here(), today or periods.today_in_palu()
    tables: dict[str, pd.DataFrame] = {}
    found: dict[str, list[Fault]] = {}
    for folder, listed in FILES.items():
        for contract in listed:
            place = root.find(f"data/raw/{folder}")
            tables[contract.name], found[contract.name] = _read_text(place.path / contract.name, contract)
    _refuse(found)
    _refuse(_across(tables, today))
    return _convert(tables)


def _read_text(path: Path, contract: Contract) -> tuple[pd.DataFrame, list[Fault]]:
    """The file as text (index: record number) and its faults; a file that cannot be read gives an empty table."""
    try:
        records = _records(path)
    except ValueError as error:
        return pd.DataFrame(), [Fault(str(error))]
    header, rows = records[0], {n: cells for n, cells in enumerate(records[1:], start=2) if cells}
    uneven = [
        Fault(N_("{n} cells instead of {expected}"), row, None, {"n": len(cells), "expected": len(header)})
        for row, cells in rows.items() if len(cells) != len(header)
    ]  # fmt: skip
    if uneven:
        return pd.DataFrame(), uneven
    table = pd.DataFrame.from_dict(rows, orient="index", columns=header, dtype=str)
    return table, contracts.faults(table, contract)


def _records(path: Path) -> list[list[str]]:
    """The file's records. Raises ValueError with a message of the catalogue where it cannot be read."""
    if not path.is_file():
        raise ValueError(N_("the file is missing"))
    try:
        text = path.read_bytes().decode("utf-8-sig")
        records = list(csv.reader(text.splitlines(keepends=True), strict=True))
    except UnicodeDecodeError:
        raise ValueError(N_("the file is not UTF-8 text")) from None
    except csv.Error:
        raise ValueError(N_("the file is no well-formed CSV: look for a quotation mark that is not closed")) from None
    if not records or "\0" in text:
        raise ValueError(N_("the file is empty or holds NUL bytes"))
    return records


def _across(tables: Mapping[str, pd.DataFrame], today: date) -> dict[str, list[Fault]]:
    """Faults that one column or one file alone cannot show."""
    indicators = tables["indicators.csv"].set_index("id")
    figures, tariffs, targets = tables["figures.csv"], tables["tariffs.csv"], tables["targets.csv"]
    return {
        "figures.csv": [
            fault for row, cells in _rows(figures) for fault in _figure_faults(row, cells, indicators, today)
        ],
        "tariffs.csv": [
            fault
            for row, cells in _rows(tariffs)
            for column in ("valid_from", "valid_to", "published_date")
            for fault in _period_faults(row, column, cells[column])
        ],
        "targets.csv": [
            Fault(N_('figures.csv has no row "{value}"'), row, "figure_id", {"value": cells["figure_id"]})
            for row, cells in _rows(targets)
            if cells["figure_id"] not in set(figures["id"])
        ],
    }


def _rows(table: pd.DataFrame) -> Iterator[tuple[int, Mapping[Hashable, str]]]:
    """Each record with its number in the file."""
    return zip(table.index, table.to_dict("records"), strict=True)


def _period_faults(row: int, column: str, written: str) -> Iterator[Fault]:
    try:
        if written:
            periods.parse(written)
    except ValueError:
        yield Fault('"{value}" is no day of the calendar', row, column, {"value": written})


def _figure_faults(row: int, cells: Mapping[Hashable, str], indicators: pd.DataFrame, today: date) -> Iterator[Fault]:
    broken = [*_period_faults(row, "reference_date", cells["reference_date"]),
              *_period_faults(row, "published_date", cells["published_date"])]  # fmt: skip
    yield from broken
    if cells["indicator"] not in indicators.index:
        yield Fault('indicators.csv does not know "{value}"', row, "indicator", {"value": cells["indicator"]})
        return
    indicator = indicators.loc[cells["indicator"]]
    units = str(indicator["units"]).split("|")
    if cells["unit"] not in units:
        values = {"value": cells["unit"], "allowed": ", ".join(units), "indicator": cells["indicator"]}
        yield Fault('{indicator} is counted in {allowed}, not in "{value}"', row, "unit", values)
    if cells["unit"] in contracts.COUNTED and "." in cells["value"]:
        yield Fault(N_('"{value}" {unit} must be whole: write 20982, without separators'), row, "value",
                    {"value": cells["value"], "unit": cells["unit"]})  # fmt: skip
    if broken or not cells["published_date"]:
        return
    reference, published = periods.parse(cells["reference_date"]), periods.parse(cells["published_date"])
    values = {"reference": reference.written, "published": published.written, "today": today.isoformat()}
    if published.first > today:
        yield Fault("published {published}, after today ({today})", row, "published_date", values)
    if reference.first > published.last and indicator["is_target"] != "true":
        yield Fault("describes {reference}, which begins after its publication ({published})", row,
                    "reference_date", values)  # fmt: skip


def _refuse(found: Mapping[str, Sequence[Fault]]) -> None:
    """Raise one ContractError over all files that have faults."""
    faulty = {name: faults for name, faults in found.items() if faults}
    if faulty:
        named = [
            Fault(fault.message, fault.row, fault.column, {**fault.values, "file": name})
            for name, faults in faulty.items() for fault in faults
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
        limits=_with_whole_numbers(tables["limits.csv"], contracts.LIMITS),
        tariffs=_with_whole_numbers(tables["tariffs.csv"], contracts.TARIFFS),
        bpu_base=_with_whole_numbers(tables["bpu_base.csv"], contracts.BPU_BASE),
        benefits=_with_whole_numbers(tables["benefits.csv"], contracts.BENEFITS),
        law=tables["law.csv"],
        targets=tables["targets.csv"],
    )


def _with_whole_numbers(table: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    return table.assign(**{
        column: pd.to_numeric(table[column].replace("", None)).astype("Int64") for column in contract.whole_numbers
    })  # fmt: skip
