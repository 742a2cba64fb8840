"""The only place that opens workbooks which we sent out and which came back filled in.

Each is read by another process, as a list may be as hostile as a delivered register (`answers_reader`). Headings and
answers are recognised in either language; nothing that somebody wrote into a list is repeated in a message.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from analysis import ContractError, Fault
from analysis.sources import answers_reader, ingest

MONTHS = {
    name: n
    for n, names in enumerate(
        ("januari jan january", "februari feb february", "maret mar march", "april apr", "mei may", "juni jun june",
         "juli jul july", "agustus agu agt aug august", "september sep", "oktober okt oct october",
         "november nov", "desember des dec december"), start=1)
    for name in names.split()
}  # fmt: skip
HEADING_WITHIN = 20
"""Rows from the top in which the headings are looked for: somebody may have put a title above them."""
START = ingest.START.replace("sources.reader", "sources.answers_reader")
"""The same way in which registers are read: the child runs the code of its parent and knows no surroundings."""
Sheets = list[tuple[str, list[list[str]]]]
Words = Mapping[str, Mapping[str, str]]
"""Our name -> language -> how it is written there."""


@dataclass(frozen=True)
class Row:
    """One row of a returned list: where it stands, its cells by our names ('' where blank), the headings there."""

    file: str
    sheet: str
    number: int
    cells: Mapping[str, str]
    headings: Mapping[str, str]

    def fault(self, message: str, column: str | None = None, **values: object) -> Fault:
        """A fault of this row; `column` is one of our names, told by its heading."""
        heading = self.headings[column] if column else None
        return Fault(message, self.number, heading, {**values, "file": self.file, "sheet": self.sheet})


@dataclass(frozen=True)
class Field:
    """What stands beside a label on a sheet of notes, and where."""

    file: str
    sheet: str
    number: int
    label: str
    text: str

    def fault(self, message: str, **values: object) -> Fault:
        """A fault of this field."""
        return Fault(message, self.number, self.label, {**values, "file": self.file, "sheet": self.sheet})


def rows(files: Sequence[Path], headings: Words, no_list: str) -> tuple[list[Row], list[Fault]]:
    """The rows below `headings` of every list in the files, and faults: files that cannot be read, or that hold no
    list; of these `no_list` says it, with the headings as {headings}.
    """
    return listed(files, opened(files), headings, no_list)


def opened(files: Sequence[Path]) -> list[Sheets | ContractError]:
    """Name and rows of each sheet of each file, or why it is refused."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(sheets, files))


def listed(files: Sequence[Path], told: Sequence[Sheets | ContractError], headings: Words, no_list: str
           ) -> tuple[list[Row], list[Fault]]:  # fmt: skip
    """The same as `rows` of files that have been opened."""
    found: list[Row] = []
    faults: list[Fault] = []
    for path, own in zip(files, told, strict=True):
        if isinstance(own, ContractError):
            faults += [replace(fault, values={**fault.values, "file": path.name}) for fault in own.faults]
            continue
        tables = [table for sheet, cells in own if (table := _table(path.name, sheet, cells, headings)) is not None]
        if not tables:
            values = {"file": path.name, "headings": ", ".join(forms["id"] for forms in headings.values())}
            faults.append(Fault(no_list, values=values))
        found += [row for table in tables for row in table]
    return found, faults


def field(path: Path, own: Sheets, label: Mapping[str, str]) -> Field | None:
    """The cell beside the first one that reads as `label`, in any sheet; None where no cell does."""
    for sheet, cells in own:
        for number, row in enumerate(cells, start=1):
            for at, cell in enumerate(row):
                if named(cell, {"label": label}):
                    return Field(path.name, sheet, number, cell.strip(), " ".join(_cell(row, at + 1).split()))
    return None


def sheets(path: Path) -> Sheets | ContractError:
    """Name and rows of each sheet as another process reads them, or why it refuses the file."""
    command = [sys.executable, "-I", "-c", START, str(ingest.PACKAGE)]
    try:
        done = subprocess.run(command, input=os.fsencode(path.absolute()), stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, env=ingest.SURROUNDINGS, cwd="/", check=False,
                              timeout=2 * answers_reader.SECONDS)  # fmt: skip
        told = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return ContractError(path.name, [Fault(answers_reader.BROKE)], answers_reader.CURE)
    if "faults" in told:
        return ContractError(path.name, [Fault(**fault) for fault in told["faults"]], told["cure"])
    return [(name, cells) for name, cells in told["sheets"]]


def named(written: str, words: Words) -> str | None:
    """Which of `words` is written here, in either language and however it is capitalised."""
    plain = " ".join(written.split()).casefold()
    return next((name for name, forms in words.items() if plain in map(str.casefold, forms.values())), None)


def day(written: str) -> date | None:
    """A date as 22/11/2026, 22-11-2026, 22.11.2026, 22 November 2026, 2026-11-22 (also with midnight behind it)."""
    numbers = re.fullmatch(r"([0-9]{1,2})(?:([/.-])([0-9]{1,2})\2| ([A-Za-z]{3,9})\.? )([0-9]{4})", written)
    iso = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]00:00(?::00)?)?", written)
    try:
        if numbers:
            month = int(numbers[3]) if numbers[3] else MONTHS.get(numbers[4].casefold(), 0)
            return date(int(numbers[5]), month, int(numbers[1]))
        return date(*map(int, iso.groups())) if iso else None
    except ValueError:
        return None


def _table(file: str, sheet: str, cells: Sequence[Sequence[str]], headings: Words) -> list[Row] | None:
    """The rows of one sheet that hold anything in our columns; None where the sheet is no list.

    Of two columns with the same heading the first counts: our own stand before those that somebody added.
    """
    for at, row in enumerate(cells[:HEADING_WITHIN]):
        columns = {name: n for n, cell in reversed([*enumerate(row)]) if (name := named(cell, headings)) is not None}
        if len(columns) == len(headings):
            told = {name: row[n].strip() for name, n in columns.items()}
            below = enumerate(cells[at + 1 :], start=at + 2)
            read = ((number, {name: " ".join(_cell(one, n).split()) for name, n in columns.items()})
                    for number, one in below)  # fmt: skip
            return [Row(file, sheet, number, own, told) for number, own in read if any(own.values())]
    return None


def _cell(row: Sequence[str], at: int) -> str:
    return row[at] if at < len(row) else ""
