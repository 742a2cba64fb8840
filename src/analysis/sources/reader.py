"""The only program that opens a delivered file: run by `sources.ingest` as a process of its own, with narrow limits.

It is asked in one line of JSON on its standard input and answers on its standard output: one line of JSON with what
was noticed or the faults, then, without faults, two Arrow streams (data rows; all other rows). It writes no file,
and prints nothing else: what a reader says when it fails may hold a person's cell.
"""

from __future__ import annotations

import errno
import gc
import json
import os
import resource
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any, BinaryIO

import pyarrow as pa

from analysis import N_, ContractError, Fault
from analysis.sources import container, gathering
from analysis.sources.headers import Headers
from analysis.sources.sheets import CURE, Sheet

LINK = N_("the file is a link; put the file itself into the folder")
NO_FILE = N_("the file is missing, or is no plain file")
CLOSED = N_("the file may not be read: give its owner the right to read it")
TOO_LARGE = N_("the file is larger than {most} MB")
MEMORY = N_("reading the file takes more than {most} MB of memory: it is damaged, or made to do harm")
BROKE = N_("the file could not be read ({error})")
MOST_BYTES = {".csv": 1_000_000_000, ".xlsx": 300_000_000, ".parquet": 1_000_000_000}
MOST_MEMORY = 2 * 1024**3


def main() -> None:
    """Answer one question. Leaves without an answer only where the system ends the process."""
    question = json.loads(sys.stdin.buffer.readline())
    _limit(question["seconds"])
    gc.disable()  # rows make no circles, and looking for some costs a fifth of the time
    try:
        _answer(question)
    except ContractError as error:
        _say(faults=[vars(fault) for fault in error.faults], cure=error.cure)
    except MemoryError:
        _say_fault(Fault(MEMORY, values={"most": MOST_MEMORY >> 20}))
    except BaseException as error:  # noqa: BLE001  (a panic of the Rust reader is no Exception; its text is not told)
        _say_fault(Fault(BROKE, values={"error": type(error).__name__}))


def _limit(seconds: int) -> None:
    """Memory, time, no core dump, no file written; what is made anyway is for the owner alone."""
    os.umask(0o077)
    limits = {resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_AS: MOST_MEMORY,
              resource.RLIMIT_CPU: seconds}  # fmt: skip
    for kind, most in limits.items():
        allowed = resource.getrlimit(kind)[1]
        most = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(kind, (most, most))


def _answer(question: Mapping[str, Any]) -> None:
    path, register, declared = question["path"], question["register"], question["columns"]
    headers = Headers.of(register, declared)
    ending = PurePath(path).suffix
    with _opened(path, ending) as file:
        read = _sheets(file, ending, headers, question)
        gathered = gathering.gather(read, register, headers, declared, bool(question["sheets"]))
        data, aside = gathering.whole(gathered)
    _say(unknown=list(gathered.unknown), rows_n=gathered.rows_n)
    for table in (data, aside):
        _send(table)


def _opened(path: str, ending: str) -> BinaryIO:
    """The file itself, never what a link points to."""
    try:
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    except OSError as error:
        told = {errno.ELOOP: LINK, errno.EACCES: CLOSED, errno.EPERM: CLOSED}
        raise ContractError("", [Fault(told.get(error.errno or 0, NO_FILE))], CURE) from None
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise ContractError("", [Fault(NO_FILE)], CURE)
    if status.st_size > MOST_BYTES[ending]:
        fault = Fault(TOO_LARGE, values={"most": MOST_BYTES[ending] // 1_000_000})
        raise ContractError("", [fault], CURE)
    return file


def _sheets(file: BinaryIO, ending: str, headers: Headers, question: Mapping[str, Any]) -> Iterator[Sheet]:
    """The sheets by the reader of the format; each is imported only where it is needed."""
    container.check_kind(file, {".csv": "text", ".xlsx": "zip", ".parquet": "parquet"}[ending])
    if ending == ".csv":
        from analysis.sources import delimited

        return delimited.sheets(file, headers, question["encoding"], question["delimiter"])
    if ending == ".xlsx":
        from analysis.sources import workbook

        return workbook.sheets(file, question["sheets"])
    from analysis.sources import columnar

    return columnar.sheets(file)


def _say(**told: object) -> None:
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n")


def _say_fault(fault: Fault) -> None:
    _say(faults=[vars(fault)], cure=CURE)


def _send(table: pa.Table) -> None:
    with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as stream:
        stream.write_table(table)


if __name__ == "__main__":
    main()
