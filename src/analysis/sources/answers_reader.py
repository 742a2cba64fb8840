"""The only program that opens a returned work-list: run by `sources.answers` as a process of its own, narrowly limited.

It is given a path on its standard input and answers in JSON on its standard output: the sheets with their rows, or
the faults. It prints nothing else: what a reader says when it fails may hold a person's cell. A list may be as
hostile as a delivered register (`sources.reader`), and is never as large.
"""

from __future__ import annotations

import json
import os
import resource
import stat
import sys

from analysis import N_, ContractError, Fault
from analysis.sources import container, workbook

SECONDS, MOST_MEMORY, MOST_BYTES, MOST_CELLS = 20, 1024**3, 50_000_000, 5_000_000
NO_FILE = N_("is missing, a link, or no plain file that may be read")
TOO_LARGE = N_("is larger than any work-list")
BROKE = N_("could not be read: it is damaged, or made to do harm")
NOT_CALCULATED = N_("{n} formulas have no stored result; the first stands here")
CURE = N_("Open the work-list in a spreadsheet program, save it as an Excel workbook (.xlsx) and hand it in again.")
Rows = list[list[str]]


def main() -> None:
    """Answer for one file. Leaves without an answer only where the system ends the process."""
    path = os.fsdecode(sys.stdin.buffer.read())
    os.umask(0o077)
    for limit, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_AS, MOST_MEMORY),
                        (resource.RLIMIT_CPU, SECONDS)):  # fmt: skip
        resource.setrlimit(limit, (most, most))
    try:
        told: dict[str, object] = {"sheets": _read(path)}
    except ContractError as error:
        told = {"faults": [vars(fault) for fault in error.faults], "cure": error.cure}
    except BaseException:  # noqa: BLE001  (a panic of the Rust reader is no Exception; its text is not told)
        told = {"faults": [vars(Fault(BROKE))], "cure": CURE}
    sys.stdout.write(json.dumps(told))


def _read(path: str) -> list[tuple[str, Rows]]:
    """Name and rows of each sheet, from the first row on, every cell as text."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        raise _refused(NO_FILE) from None
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise _refused(NO_FILE)
        if status.st_size > MOST_BYTES:
            raise _refused(TOO_LARGE)
        container.check_kind(file, "zip")
        sheets: list[tuple[str, Rows]] = []
        cells_n = 0
        for sheet in workbook.sheets(file, ()):
            if formulas := sheet.uncalculated:
                values = {"n": formulas.n, "sheet": sheet.name}
                raise ContractError("", [Fault(NOT_CALCULATED, formulas.row, formulas.column, values)], CURE)
            rows = list(sheet.rows)
            cells_n += sum(map(len, rows))
            if cells_n > MOST_CELLS:
                raise _refused(TOO_LARGE)
            sheets.append((sheet.name, rows))
    return sheets


def _refused(message: str) -> ContractError:
    return ContractError("", [Fault(message)], CURE)
