"""The only door for registers: what a delivered file holds, as text, with every row accounted for.

A file that came from outside may be damaged, or made to do harm. It is therefore opened by another process
(`sources.reader`) that has 2 GB, a time that grows with the file, and nothing to write to; its answer comes through a
pipe. Whatever happens to that process, the caller gets a ContractError (exit code 11) that names the file, the place
and the cure, and no value of a cell.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import IO, TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from analysis import N_, ContractError, Fault
from analysis.contracts.registers import KEY
from analysis.sources.sheets import CURE

if TYPE_CHECKING:
    from analysis.sources.delivery import Delivery, Register

PACKAGE = Path(__file__).parents[2]
START = "import sys; sys.path.insert(0, sys.argv[1]); from analysis.sources.reader import main; main()"
"""The child runs the code of its parent, wherever that lies; `-I` keeps everything else of the surroundings away."""
SURROUNDINGS = {"ARROW_DEFAULT_MEMORY_POOL": "system", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
                "MALLOC_ARENA_MAX": "1", "LANG": "C.UTF-8"}  # fmt: skip
SECONDS, SECONDS_PER_MB = 8, 2.5
"""What the reading of a file may take of a processor. A register of 4 MB takes some 2 seconds, one of 40 MB some 20."""
PATIENCE = 6
"""How many times as long it may take by the clock: the machine may be busy with other things."""
MISSED = N_("rows in the file: {n}; rows accounted for: {found}")
SLOW = N_("reading the file takes more than {seconds} seconds: it is damaged, or made to do harm")
DIED = N_("reading the file takes more memory than a register needs, or breaks the reader: it is damaged, or made to "
          "do harm")  # fmt: skip


@dataclass(frozen=True)
class RawRegister:
    """A register as it was delivered. Each of `rows_n` rows stands in exactly one of the three tables.

    table: data rows. source_sheet (text, '' for CSV and Parquet), source_row (int64, contracts section 1), and those
    of our columns that the file has, in the contract's order: text as written, NA where the cell is blank.
    set_aside: source_sheet, source_row, reason (title, blank, header, subtotal, footer) of rows that hold no record.
    misaligned: source_sheet, source_row of data rows with more cells than the header.
    unknown_columns: headers that nobody knows; their cells are left out.
    """

    name: str
    table: pd.DataFrame
    set_aside: pd.DataFrame
    misaligned: pd.DataFrame
    unknown_columns: tuple[str, ...]
    rows_n: int


def read(register: Register) -> RawRegister:
    """Read one file of a delivery. Raises ContractError with all faults that were found in it."""
    noticed, data, aside = _ask(register)
    is_misaligned = aside["reason"] == "misaligned"
    misaligned = aside.loc[is_misaligned, list(KEY)].reset_index(drop=True)
    set_aside = aside.loc[~is_misaligned].reset_index(drop=True)
    raw = RawRegister(register.name, data, set_aside, misaligned, tuple(noticed["unknown"]), noticed["rows_n"])
    if raw.rows_n != (found := len(data) + len(aside)):
        raise ContractError(register.path.name, [Fault(MISSED, values={"n": raw.rows_n, "found": found})], CURE)
    return raw


def read_all(delivered: Delivery) -> Mapping[str, RawRegister]:
    """Read every register of a delivery, two at a time. Raises one ContractError with the faults of all files."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        told = list(pool.map(_read_or_error, delivered.registers.values()))
    errors = [one for one in told if isinstance(one, ContractError)]
    if errors:
        faults = [
            Fault(fault.message, fault.row, fault.column, {"file": error.subject, **fault.values})
            for error in errors for fault in error.faults
        ]  # fmt: skip
        cures = dict.fromkeys(error.cure for error in errors)
        raise ContractError(f"data/raw/{delivered.edition}", faults, next(iter(cures)) if len(cures) == 1 else CURE)
    return {one.name: one for one in told if isinstance(one, RawRegister)}


def tables(raw: Mapping[str, RawRegister]) -> dict[str, pd.DataFrame]:
    """The delivered data rows of each register."""
    return {name: one.table for name, one in raw.items()}


def _read_or_error(register: Register) -> RawRegister | ContractError:
    try:
        return read(register)
    except ContractError as error:
        return error


def _ask(register: Register) -> tuple[Mapping[str, Any], pd.DataFrame, pd.DataFrame]:
    """What the reader noticed, the data rows, the other rows."""
    seconds = _seconds(register.path)
    question = {
        **{"register": register.name, "path": str(register.path.absolute()), "sheets": list(register.sheets)},
        **{"delimiter": register.delimiter, "encoding": register.encoding, "columns": dict(register.columns)},
        "seconds": seconds,
    }
    command = [sys.executable, "-I", "-c", START, str(PACKAGE)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               env=SURROUNDINGS, cwd="/")  # fmt: skip
    watch = Timer(seconds * PATIENCE, process.kill)
    watch.start()
    with process:
        try:
            return _answer(process, question)
        except (pa.ArrowInvalid, OSError, ValueError):
            raise ContractError(register.path.name, [_end(process.wait(), seconds)], CURE) from None
        except ContractError as error:
            raise ContractError(register.path.name, error.faults, error.cure) from None
        finally:
            process.kill()  # its answer is complete, or nobody waits for it any longer
            watch.cancel()


def _answer(process: subprocess.Popen[bytes], question: Mapping[str, object]) -> tuple[Any, pd.DataFrame, pd.DataFrame]:
    """Raises ContractError for the reader's faults; ArrowInvalid, OSError or ValueError where the answer breaks off."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(json.dumps(question).encode() + b"\n")
    process.stdin.close()
    noticed = json.loads(process.stdout.readline())
    if faults := noticed.get("faults"):
        raise ContractError("", [Fault(**fault) for fault in faults], noticed["cure"])
    return noticed, _table(process.stdout), _table(process.stdout)


def _table(pipe: IO[bytes]) -> pd.DataFrame:
    with pa.ipc.open_stream(pipe) as stream:
        table: pd.DataFrame = stream.read_all().to_pandas(split_blocks=True, self_destruct=True)
    return table


def _seconds(path: Path) -> int:
    size = path.lstat().st_size if path.exists() else 0
    return int(SECONDS + SECONDS_PER_MB * size / 1_000_000)


def _end(code: int, seconds: int) -> Fault:
    """Why the reader left without an answer: its time was over, or the system or its own code ended it."""
    is_slow = code in (-signal.SIGKILL, -signal.SIGXCPU)
    return Fault(SLOW, values={"seconds": seconds}) if is_slow else Fault(DIED)
