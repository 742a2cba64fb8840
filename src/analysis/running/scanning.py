"""The only place that searches a folder for a user's list of values of persons: `jamsostek leaks`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from analysis import N_, ContractError, Fault, ParameterError
from analysis.presenting.wording import Wording
from analysis.releasing import canaries, leaks
from analysis.releasing.canaries import KINDS, Canaries

COLUMNS = ["kind", "value"]
NOT_UTF8 = N_("the file is no UTF-8 text")
CURE = N_("Write a CSV file with the columns kind and value; kind is nik, kpj, name or phone.")


def lines(folder: Path, file: Path, say: Wording) -> Iterator[str]:
    """Search every file below `folder` for the canaries in `file`, and tell how many files there were.

    Raises ParameterError where one of them is not there or the folder is empty, ContractError with all faults of the
    list by row, DisclosureError with every file that holds one of them or could not be searched.
    """
    _check(folder, file)
    known = read(file)
    found = leaks.scan(folder, known)
    leaks.require_none(found, str(folder))
    yield say.say_n("{n} file searched for {m} values of persons: none found",
                    "{n} files searched for {m} values of persons: none found",
                    found.files_n, n=found.files_n, m=len(known)).plain  # fmt: skip


def read(path: Path) -> Canaries:
    """The canaries in a CSV file with the columns kind and value.

    Raises ContractError with all its faults by row, the header being row 1; no value is repeated.
    """
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise ContractError(path.name, [Fault(NOT_UTF8)], CURE) from None
    numbered = [(n, [cell.strip() for cell in row]) for n, row in enumerate(rows, 1) if any(row)]
    if not numbered or numbered[0][1] != COLUMNS:
        raise ContractError(path.name, [Fault(N_("the header must be: kind,value"), 1)], CURE)
    faults = sorted(_faults(numbered[1:]), key=lambda fault: fault.row or 0)
    if not numbered[1:]:
        faults = [Fault(N_("no value stands below the header"))]
    if faults:
        raise ContractError(path.name, faults, CURE)
    return canaries.of_tables({kind: [row[1] for _, row in numbered[1:] if row[0] == kind] for kind in KINDS})


def _check(folder: Path, file: Path) -> None:
    faults = []
    if not folder.is_dir():
        faults.append(Fault(N_("is no folder"), values={"file": folder}))
    elif not any(path.is_symlink() or not path.is_dir() for path in folder.rglob("*")):
        faults.append(Fault(N_("holds no file: there is nothing to search"), values={"file": folder}))
    if not file.is_file():
        faults.append(Fault(N_("is no file"), values={"file": file}))
    if faults:
        raise ParameterError("leaks", faults, N_("Name a folder with files, and the list of values with --canaries."))


def _faults(rows: Sequence[tuple[int, list[str]]]) -> Iterator[Fault]:
    for n, row in rows:
        if len(row) != len(COLUMNS):
            yield Fault(N_("a row has two cells: kind and value"), n)
        elif row[0] not in KINDS:
            yield Fault(N_("this kind is none of: {allowed}"), n, "kind", {"allowed": ", ".join(KINDS)})
        elif not row[1]:
            yield Fault(N_("the value is missing"), n, "value")
    for kind in KINDS:
        given = [(n, row[1]) for n, row in rows if len(row) == len(COLUMNS) and row[0] == kind and row[1]]
        is_lookable = canaries.is_lookable(kind, [value for _, value in given])
        yield from (
            Fault(canaries.REASONS[kind], n, "value")
            for (n, _), is_one in zip(given, is_lookable, strict=True)
            if not is_one
        )
