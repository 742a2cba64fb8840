"""What does `jamsostek check` cost beside reading the same files as text, and how does that grow?

.venv/bin/python benchmarks/check.py [--times 3] [--ten]

CPU seconds (user and system) of whole processes and their peak memory, children included. Bars: at most 15 times the
csv module (CSV), at most 8 times calamine (XLSX), under 800 MB; ten times the rows, at most eleven times the cost.
"""

import argparse
import csv
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from analysis import synthetic
from analysis.sources import delivery, ingest
from analysis.sources.places import Root

READ_CSV = "import csv,sys\nfor name in sys.argv[1:]:\n    list(csv.reader(open(name,encoding='utf-8',newline='')))"
READ_XLSX = """import sys
from python_calamine import CalamineWorkbook
for name in sys.argv[1:]:
    book = CalamineWorkbook.from_path(name)
    for sheet in book.sheet_names:
        [[str(cell) for cell in row] for row in book.get_sheet_by_name(sheet).to_python()]"""
FORM = """edition = "{edition}"
reference_date = 2026-10-31
is_synthetic = true
[registers.umkm]
issuer = "x"
received_date = 2026-11-04
legal_basis = "x"
[registers.jamsostek]
issuer = "x"
received_date = 2026-11-04
legal_basis = "x"
"""


def cost(command: list[str], times: int) -> tuple[float, float]:
    """Least CPU seconds of several runs, and the greatest peak of one process in MB."""
    seconds = []
    for _ in range(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    probe = (
        "import resource,subprocess,sys;subprocess.run(sys.argv[1:],stdout=-3);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    peak = subprocess.run([sys.executable, "-c", probe, *command], check=True, capture_output=True, text=True).stdout
    return min(seconds), int(peak) / 1024


def rewritten(root: Root, copies: int) -> None:
    """The demo's registers again as plain CSV (edition csv) and plain XLSX (edition xlsx), several times over."""
    import xlsxwriter

    for register in delivery.read(root, "demo").registers.values():
        if register.name == "pekerja_rentan":
            continue
        table = ingest.read(register).table.drop(columns=["source_sheet", "source_row"]).fillna("")
        rows = table.values.tolist() * copies
        for edition in ("csv", "xlsx"):
            root.delivery(edition).mkdir(exist_ok=True)
            (root.delivery(edition) / "delivery.toml").write_text(FORM.format(edition=edition))
        with (root.delivery("csv") / f"{register.name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([list(table.columns), *rows])
        if copies == 1 or os.environ.get("XLSX_TEN"):
            path = root.delivery("xlsx") / f"{register.name}.xlsx"
            with xlsxwriter.Workbook(path, {"strings_to_numbers": False, "constant_memory": True}) as book:
                sheet = book.add_worksheet("Data")
                for at, row in enumerate([list(table.columns), *rows]):
                    sheet.write_row(at, 0, row)


def told(root: Root, edition: str, reader: str, times: int) -> float:
    files = sorted(str(path) for path in root.delivery(edition).iterdir() if path.suffix != ".toml")
    plain, _ = cost([sys.executable, "-c", reader, *files], times)
    ours, peak = cost([sys.executable, "-m", "analysis", "check", edition, "--root", str(root.path)], times)
    print(f"{edition}: reading {plain:.2f} s, check {ours:.2f} s: {ours / plain:.1f} times, peak {peak:.0f} MB")
    return ours


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--times", type=int, default=3)
    options.add_argument("--ten", action="store_true", help="ten times the rows as well")
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        root = Root(folder)
        synthetic.demo(folder)
        rewritten(root, 1)
        once = told(root, "csv", READ_CSV, given.times)
        told(root, "xlsx", READ_XLSX, given.times)
        if given.ten:
            rewritten(root, 10)
            ten = told(root, "csv", READ_CSV, 1)
            print(f"ten times the rows: {ten / once:.1f} times the cost")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
