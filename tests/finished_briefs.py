"""The finished briefs on areas that several tests look at: where they lie, and what each figure in them may be.

What a figure may be is worked out here a second time, from the released rows and the rows of the record that it names,
by plain means: none of the code that made the page is used.
"""

import ast
import csv
import html
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from math import ceil, floor
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
import record_edits as edits
from bs4 import BeautifulSoup
from nbformat.v4 import new_output
from test_reproducible import KNOWN

EDITION, BEFORE = "demo", "demo-prev"
OWNERS, PARTICIPANTS = 1_800, 2_700
LANGUAGES = ("id", "en")
REGIONS = {row["id"]: row for row in edits.rows("regions.csv")}
CITY, LARGE, SMALL = "72.71", "72.71.03.1011", "72.71.04.1003"
"""The city, and two kelurahan: one of many owners, and one whose owners are too few to be shown."""
SPREAD = (CITY, "72.71.03", "72.71.04", LARGE, "72.71.05.1003", SMALL)
AREAS = tuple(REGIONS) if os.environ.get("JAMSOSTEK_ALL_AREAS") else SPREAD
BRIEFS = tuple((code, language) for code in AREAS for language in LANGUAGES)
INDEXES = (
    *(f"{edition}/{language}/index.html" for edition in (EDITION, BEFORE) for language in LANGUAGES),
    "index.html",
)
PAGES = (*(f"{EDITION}/{language}/{code}-sintetis.html" for code, language in BRIEFS), *INDEXES)
"""Every page that is looked at, below `reports`."""
NOTEBOOK = edits.RAW.parents[1] / "notebooks" / "04_policy_brief.ipynb"
MOVED = 4
"""The most by which rounding moves one count."""


def written(root: Path) -> Path:
    """`root` with two months of invented registers, both run, and the briefs of the second one on AREAS."""
    areas = [] if set(AREAS) == set(REGIONS) else [word for code in AREAS for word in ("--area", code)]
    for command in (
        ["demo", "--umkm", str(OWNERS), "--participants", str(PARTICIPANTS)],
        ["run", BEFORE, "--area", CITY],
        ["run", EDITION, *areas],
    ):
        done = subprocess.run([sys.executable, "-m", "analysis", *command, "--root", str(root)], cwd=root,
                              capture_output=True, text=True, timeout=1500, check=False)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    return root


def figures_least(code: str) -> int:
    """More figures than these stand in a brief; of the smallest areas that are not of the spread, most are withheld."""
    return 60 if code in SPREAD else 50


def path_of(root: Path, code: str, language: str) -> Path:
    return root / "reports" / EDITION / language / f"{code}-sintetis.html"


@cache
def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def parsed(page: Path) -> BeautifulSoup:
    """A page as one may take apart."""
    return BeautifulSoup(read(page), "html.parser")


@cache
def soup_of(page: Path) -> BeautifulSoup:
    """A page to be read only."""
    return parsed(page)


def manifest_of(page: Path) -> dict:
    return json.loads(html.unescape(soup_of(page).find("template", id="manifest").decode_contents()))


# What a figure may be --------------------------------------------------------------------------------------------


class Cell(NamedTuple):
    """A released count; None: withheld, and of the ends also: no range was computed."""

    value: int | None
    lower: int | None
    upper: int | None

    @property
    def ends(self) -> tuple[int, int]:
        """The least and the most that it may stand for."""
        assert self.value is not None, "a withheld count was used"
        if self.lower is None or self.upper is None:
            return max(0, self.value - MOVED), self.value + MOVED
        return self.lower, self.upper


Cells = Mapping[str, Cell]


def released(table: Path) -> tuple[Cells, Cells]:
    """The rows of an area's file by the names that figures call them: of this edition, of the one before."""
    found: tuple[dict[str, Cell], dict[str, Cell]] = ({}, {})
    with table.open(encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            key = ",".join(row[name] for name in ("area_code", "dimension", "category", "measure"))
            numbers = (int(row[name]) if row[name] else None for name in ("value", "lower", "upper"))
            is_last = row["table"] == "last_gap"
            found[is_last][f"{'gap' if is_last else row['table']}.csv#{key}"] = Cell(*numbers)
    return found


def area_file(root: Path, code: str) -> Path:
    return root / "data/processed" / EDITION / "released/areas" / f"{code}.csv"


def is_cell(ref: str) -> bool:
    """Whether a reference names a released cell, and not a row of the record."""
    return ref.partition("#")[0] in ("gap.csv", "savings.csv", "evaluation.csv")


def possible(refs: Sequence[str], now: Cells, last: Cells) -> set[Fraction]:
    """Every number that a figure which names these rows may be. Raises KeyError where a row is not known."""
    own = [ref for ref in refs if is_cell(ref)]
    record = [KNOWN[ref] for ref in refs if ref not in own]
    cells, measures = [now[ref] for ref in own], [ref.rpartition(",")[2] for ref in own]
    if not own:
        return {Fraction(number) for number in _of_record(refs, record)}
    if record:
        (cell,) = cells
        return {Fraction(end * price) for end, price in zip(cell.ends, _prices(refs), strict=True)}
    if len(own) == 1:
        return set(map(Fraction, _alone(cells[0])))
    if len(own) == 2 and own[0] == own[1]:
        return set(map(Fraction, _changed(last[own[0]], cells[0])))
    if measures == ["owners", "not_eligible"]:
        (low, high), (least, most) = (cell.ends for cell in cells)
        return {Fraction(max(0, low - most)), Fraction(high - least)}
    if set(measures) == {"active", "lapsed", "unregistered", "unresolved", "not_protected"}:
        return set(map(Fraction, _rate(dict(zip(measures, cells, strict=True)))))
    return {Fraction(sum(cell.ends[at] for cell in cells)) for at in (0, 1)}


def _of_record(refs: Sequence[str], rows: Sequence[Mapping[str, str]]) -> Iterable[str | int]:
    """What is printed in a row of the record; of tariffs also how many months of a year have none."""
    for ref, row in zip(refs, rows, strict=True):
        yield from (row[name] for name in ("value", "amount_idr_month") if row.get(name))
        if ref.startswith("tariffs.csv#"):
            yield from range(1, 12)


def _prices(refs: Sequence[str]) -> tuple[int, int]:
    """Rupiah for one person from November 2026 to October 2027, in the cheapest and in the dearest sector: PP 50/2025
    halves what the self-employed pay, in transport until March 2027, for others until December 2026.
    """
    full, half = (int(KNOWN[f"tariffs.csv#{name}"]["amount_idr_month"])
                  for name in ("bpu-jkk-jkm-any-any", "bpu-jkk-jkm-self-other-2026-04"))  # fmt: skip
    if any("-self-" in ref for ref in refs):
        return 5 * half + 7 * full, 2 * half + 10 * full
    return 12 * full, 12 * full


def _alone(cell: Cell) -> set[int]:
    if cell.value is None:
        return set()
    return {cell.value, *cell.ends} | ({MOVED} if cell.value == 0 else set())


def _changed(before: Cell, after: Cell) -> set[int]:
    (low, high), (least, most) = before.ends, after.ends
    return {*before.ends, *after.ends, max(least - high, low - most), max(most - low, high - least)}


def _rate(by: Mapping[str, Cell]) -> set[int]:
    """Whole percents outward: what the rounding and the ranges leave, the farther of both; not below 5 or above 95."""
    active, rest = by["active"], [by[name].value or 0 for name in ("lapsed", "unregistered", "unresolved")]
    part = active.value or 0
    few, many = max(0, part - MOVED), part + MOVED
    rounding = (_share(few, sum(n + MOVED for n in rest)), _share(many, sum(max(0, n - MOVED) for n in rest)))
    (low, high), (least, most) = active.ends, by["not_protected"].ends
    ends = min(rounding[0], _share(low, most)), max(rounding[1], _share(high, least))
    first, second = floor(100 * ends[0]), ceil(100 * ends[1])
    if first < 5:
        return {max(second, 5)}
    return {min(first, 95)} if second > 95 else {first, second}


def _share(part: int, others: int) -> Fraction:
    return Fraction(part, part + others)


# The page of a changed row ---------------------------------------------------------------------------------------


def made(root: Path, code: str, language: str, as_of: str) -> str:
    """The HTML of a brief, from its notebook's cells run one after the other in this process; without a manifest."""
    from analysis.presenting import brief
    from analysis.presenting.parts import Part

    notebook, names = nbformat.read(NOTEBOOK, as_version=4), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        for cell in (one for one in notebook.cells if one.cell_type == "code"):
            shown = _ran(cell.source, names)
            if "parameters" in cell.metadata.get("tags", []):
                names.update(edition=EDITION, area=code, language=language, as_of=as_of)
            if isinstance(shown, Part):
                cell.outputs = [new_output("display_data", shown._repr_mimebundle_())]
    return brief.render(notebook, language, f"{code}-{EDITION}-{language}", {}).html


def _ran(source: str, names: dict[str, object]) -> object:
    """What a cell ends in."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if isinstance(last, ast.Expr) else None
