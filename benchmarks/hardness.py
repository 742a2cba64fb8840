"""Measure whether the invented registers are as hard as the world: `python benchmarks/hardness.py [--scale 0.25]`.

For each seed and level of dirt a demo edition is made in an empty folder and read back as delivered, by plain code of
its own (nothing of analysis.cleaning). Printed is the error of the city's gap, owners without a participation, by
three plain ways of looking owners up: (a) the NIK's text as it stands, (b) its digits, (c) its digits or name and
birth date, both cleaned. Who is the same owner is taken from the truth, so the errors are those of the look-up alone.
Exit code 1 where at mid dirt a seed is too easy: (a) below +35 % or (c) below +10 %.
"""

import argparse
import csv
import re
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
from python_calamine import CalamineWorkbook

from analysis import synthetic

BARS = {"a": 0.35, "c": 0.10}
MONTHS = ["jan", "feb", "mar", "apr", "mei", "jun", "jul", "agu", "sep", "okt", "nov", "des"]
TITLES = re.compile(r"\b(?:H|HJ|DRS|DRA|IR|DR|ALM|ALMH|ALMARHUM)\b\.?|,.*$|\(.*?\)|\bBIN(?:TI)? .*$")
SHORT_FOR = {
    "MUHAMMAD": "MUH MOH M MHD MOHAMMAD MUHAMAD MOHAMAD", "ABDUL": "ABD ABDL", "SITI": "ST SITTI SITTY",
    "DAENG": "DG", "AHMAD": "ACHMAD AKHMAD AHMAT", "NUR": "NOER NOOR NUUR",
}  # fmt: skip
FIRST = {short: name for name, shorts in SHORT_FOR.items() for short in shorts.split()}
SPELLINGS = ("OE U", "DJ J", "TJ C", "SY S", "Y I", "F P", "V P", "Z S", "KH H")


def workbook(path: Path) -> pd.DataFrame:
    """The UMKM register's columns as text, with the place of each row; rows without an order number are no records."""
    told = []
    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for n, row in enumerate(rows, start=1):
            if isinstance(row[0], float):
                told.append((name, n, text(row[1]), text(row[2]), day(row[7])))
    return pd.DataFrame(told, columns=["source_sheet", "source_row", "nik", "name", "born"])


def participants(path: Path) -> pd.DataFrame:
    """The participant register's columns as text."""
    with path.open(encoding="cp1252", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    header = rows[1]
    at = [header.index(name) for name in ("NIK", "NAMA_TENAGA_KERJA", "TGL_LAHIR")]
    return pd.DataFrame(
        [(row[at[0]], row[at[1]], day(row[at[2]])) for row in rows[2:]], columns=["nik", "name", "born"]
    )


def text(cell: object) -> str:
    return f"{cell:.0f}" if isinstance(cell, float) else str(cell)


def day(cell: object) -> date | None:
    """A birth date in any of the usual forms; None where none stands there."""
    if isinstance(cell, date):
        return cell.date() if isinstance(cell, datetime) else cell
    if isinstance(cell, float):
        return date(1899, 12, 30) + timedelta(days=int(cell)) if 8000 < cell < 45000 else None
    parts = re.findall(r"[0-9]+|[a-z]{3,}", str(cell).lower().split(",")[-1])
    if len(parts) != 3:
        return None
    if len(parts[0]) == 4:
        parts.reverse()
    month = MONTHS.index(parts[1][:3]) + 1 if parts[1][:3] in MONTHS else parts[1]
    try:
        year = int(parts[2])
        return date(year + (0 if year > 99 else 1900 if year > 26 else 2000), int(month), int(parts[0]))
    except ValueError:
        return None


def digits(nik: str) -> str:
    """Sixteen digits, or '' where there are none or they are a stand-in."""
    number = re.sub(r"[^0-9]", "", re.sub(r"\.0$", "", nik).replace("O", "0").replace("l", "1"))
    is_stand_in = len(set(number)) < 3 or number.startswith("123456")
    return number if len(number) == 16 and not is_stand_in else ""


def clean_name(name: str) -> str:
    """Capitals, no titles, usual short forms written out, old spellings and doubled letters evened out, no blanks."""
    parts = re.sub(r"[^A-Z ]", " ", TITLES.sub(" ", name.upper().replace("'", "").replace("’", ""))).split()
    joined = " ".join([FIRST.get(part, part) for part in parts[:1]] + parts[1:])
    for old, new in map(str.split, SPELLINGS):
        joined = joined.replace(old, new)
    return re.sub(r"(.)\1", r"\1", joined.replace(" ", ""))


def keyed(table: pd.DataFrame) -> pd.DataFrame:
    """Beside each row its three keys, None where there is none."""
    names = table["name"].map(clean_name)
    return table.assign(
        exact=[nik if sum(sign.isdigit() for sign in nik) > 5 else None for nik in table["nik"]],
        digits=[digits(nik) or None for nik in table["nik"]],
        name_day=[f"{name}|{born}" if name and born else None for name, born in zip(names, table["born"], strict=True)],
    )


def errors(root: Path) -> dict[str, float]:
    """Error of the gap by each way, as a share of the true one."""
    raw, true = root / "data" / "raw" / "demo", root / "data" / "truth" / "demo"
    ours = pd.read_csv(true / "umkm_rows.csv", keep_default_na=False)
    owners, others = keyed(workbook(raw / "umkm.xlsx")), keyed(participants(raw / "jamsostek.csv"))
    if len(owners) != len(ours):
        raise SystemExit(f"read {len(owners)} rows of {len(ours)}")
    owners = owners.merge(ours, on=["source_sheet", "source_row"], validate="one_to_one")
    listed = pd.read_csv(true / "owners.csv")
    gap = (~listed["is_enrolled"]).sum()
    found = {
        name: owners[name].notna() & owners[name].isin(others[name].dropna())
        for name in ("exact", "digits", "name_day")
    }
    ways = {"a": found["exact"], "b": found["digits"], "c": found["digits"] | found["name_day"]}
    return {way: (~flags.groupby(owners["person_id"]).any()).sum() / gap - 1 for way, flags in ways.items()}


def main() -> int:
    """Print the table; 0 where every seed is hard enough at mid dirt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=0.25, help="size, 1 being Palu's")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(1, 11)))
    parser.add_argument("--dirt", nargs="+", default=["low", "mid", "high"])
    asked = parser.parse_args()
    is_hard = True
    print("dirt seed (a) exact NIK (b) digits (c) digits or name and day   seconds")
    for dirt in asked.dirt:
        for seed in asked.seeds:
            began = time.perf_counter()
            with tempfile.TemporaryDirectory() as folder:
                synthetic.demo(Path(folder), seed=seed, dirt=dirt, umkm_n=round(synthetic.OWNERS_N * asked.scale),
                               participants_n=round(synthetic.PARTICIPANT_ROWS_N * asked.scale))  # fmt: skip
                seconds = time.perf_counter() - began
                told = errors(Path(folder))
            is_hard &= dirt != "mid" or all(told[way] >= bar for way, bar in BARS.items())
            print(
                f"{dirt:4} {seed:4} {told['a']:+13.1%} {told['b']:+10.1%} {told['c']:+10.1%} {seconds:28.1f}",
                flush=True,
            )
    return 0 if is_hard else 1


if __name__ == "__main__":
    sys.exit(main())
