"""Copies of the record to break or change, and the command run on them."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

RAW = Path(__file__).resolve().parents[1] / "data" / "raw"
AS_OF = "2026-11-22"


def copy_record(root: Path) -> Path:
    """`root` with a copy of the record and the reference tables of the project."""
    for folder in ("published", "reference"):
        shutil.copytree(RAW / folder, root / "data" / "raw" / folder)
    return root


def path_of(root: Path, file: str) -> Path:
    """Where a table of the record lies."""
    return root / "data" / "raw" / ("published" if file == "figures.csv" else "reference") / file


def know_two_kecamatan(root: Path) -> None:
    """Let `root` know of the city's first two kecamatan alone: what is released there is audited in seconds.

    To be called once registers lie there: they are made in all of the city. Owners elsewhere count as unplaced.
    """
    shutil.copytree(RAW / "reference", root / "data/raw/reference")
    path = path_of(root, "regions.csv")
    head, city, *rest = read(path)
    write(path, [head, city, *(row for row in rest if row[0].startswith(("72.71.01", "72.71.02")))])


def read(path: Path) -> list[list[str]]:
    """All records of a CSV file, the header first."""
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.reader(text))


def write(path: Path, records: list[list[str]], delimiter: str = ",") -> None:
    """Write records as the project's files are written."""
    with path.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(records)


def rows(file: str) -> list[dict[str, str]]:
    """The rows of a table of the project's own record."""
    header, *records = read(path_of(RAW.parents[1], file))
    return [dict(zip(header, record, strict=True)) for record in records]


def change(root: Path, file: str, where: dict[str, str], to: dict[str, str]) -> int:
    """Write the cells `to` into each row that holds the cells `where`; how many rows were changed."""
    path = path_of(root, file)
    header, *records = read(path)
    hit = [record for record in records if where.items() <= dict(zip(header, record, strict=True)).items()]
    for record in hit:
        for column, written in to.items():
            record[header.index(column)] = written
    write(path, [header, *records])
    return len(hit)


def start(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.Popen[str]:
    """The command line in a process group of its own, as a shell would start it."""
    return subprocess.Popen(
        [sys.executable, "-m", "analysis", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )


def run(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    with start(*arguments, cwd=cwd, **environment) as process:
        told, complained = process.communicate(timeout=300)
    return subprocess.CompletedProcess(process.args, process.returncode, told, complained)


def record(root: Path, *options: str, as_of: str = AS_OF, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `record` on `root`, in `root`."""
    return run("record", "--root", root, "--as-of", as_of, *options, cwd=root, **environment)
