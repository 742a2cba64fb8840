"""Registers of a few invented people as ingest would give them, and an invented city as a run would prepare it."""

import csv
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd

from analysis import synthetic
from analysis.cleaning import registers
from analysis.cleaning.findings import Limits
from analysis.cleaning.registers import Prepared
from analysis.contracts.registers import DELIVERED, JAMSOSTEK, KEY, PERSON_NAME, RENTAN, UMKM
from analysis.linking import linkage, model, scoring
from analysis.linking.linkage import Linkage
from analysis.measuring import coverage
from analysis.measuring.coverage import Coverage
from analysis.sources import delivery, ingest, keys, regions
from analysis.sources.ingest import RawRegister
from analysis.sources.places import PROJECT, Root

Row = Mapping[str, str]

SPEC = Path(__file__).parent / "spec"
REFERENCE = date(2026, 10, 31)
SECRET = keys.DEMO.pseudonym
PLACE = scoring.Workplace(threads=2)
FROZEN = model.frozen()
REGISTERS = (UMKM, JAMSOSTEK, RENTAN)


def spec(name: str) -> list[dict[str, str]]:
    """The rows of a table of tests/spec."""
    with (SPEC / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def areas() -> pd.DataFrame:
    """The city, its kecamatan and kelurahan."""
    return regions.read(Root(PROJECT))


@cache
def facts() -> registers.Facts:
    """What cleaning needs beside the rows."""
    return registers.Facts.of(REFERENCE, areas())


# a few rows -------------------------------------------------------------------------------------------------------


def raw(name: str, rows: Iterable[Row], *, sheet: str = "", first: int = 2, misaligned: Iterable[int] = ()
        ) -> RawRegister:  # fmt: skip
    """A delivered register; `rows` have the columns of our contract, the person's name being `name`.

    Columns that no row has were not delivered. `misaligned`: numbers of further rows whose cells stand askew.
    """
    told = [{PERSON_NAME[name] if column == "name" else column: cell for column, cell in row.items()} for row in rows]
    columns = [column for column in DELIVERED[name] if any(column in row for row in told)]
    cells = {column: [row.get(column) or None for row in told] for column in columns}
    table = pd.DataFrame(cells, dtype="str")
    table.insert(0, "source_sheet", pd.array([sheet] * len(told), dtype="str"))
    table.insert(1, "source_row", range(first, first + len(told)))
    askew = pd.DataFrame({"source_sheet": pd.array([sheet] * len(list(misaligned)), dtype="str"),
                          "source_row": pd.Series([*misaligned], dtype="int64")})  # fmt: skip
    aside = askew.iloc[:0].assign(reason=pd.Series(dtype="str"))
    return RawRegister(name=name, table=table, set_aside=aside, misaligned=askew, unknown_columns=(),
                       rows_n=len(table) + len(askew))  # fmt: skip


def prepared(delivered: Mapping[str, RawRegister]) -> Prepared:
    """The registers after all their stages."""
    return registers.prepare(delivered, facts(), SECRET)


# a city -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class City:
    """An invented edition: what ingest read, what the stages made of it, and the tables of its truth."""

    raw: Mapping[str, RawRegister]
    prepared: Prepared
    truth: Mapping[str, pd.DataFrame]


@cache
def city(seed: int, owners_n: int, participants_n: int, dirt: str = "mid") -> City:
    """The same arguments give the same city; nobody may change its tables."""
    with tempfile.TemporaryDirectory() as folder:
        root = Root(Path(folder))
        made = synthetic.demo(root.path, "demo", seed, owners_n, participants_n, dirt)
        read = ingest.read_all(delivery.read(root, "demo"))
        truth = {
            path.stem: pd.read_csv(path, dtype="str", keep_default_na=False).astype(
                {"source_row": "int64"} if path.stem.endswith("_rows") else {}
            )
            for path in made.truth.glob("*.csv")
        }
    return City(read, prepared(read), truth)


# what a run makes of them -----------------------------------------------------------------------------------------


def linked(tables: Mapping[str, pd.DataFrame], threads: int = 2) -> Linkage:
    """The linkage of cleaned registers by the frozen model."""
    return linkage.link(tables, REFERENCE, FROZEN, scoring.Workplace(threads=threads))


def covered(of: Prepared, found: Linkage, limits: Limits | None = None) -> Coverage:
    """The statuses that a run gives."""
    rules = coverage.Rules(REFERENCE, limits or Limits(), FROZEN.review)
    return coverage.statuses(of.tables, of.quarantine, found, rules, SECRET)


def persons(found: Linkage, register: str) -> pd.Series:
    """The person of each row of a register, by the row's key."""
    own = found.persons[found.persons["register"] == register]
    told: pd.Series = own.set_index(list(KEY))["person"]
    return told


def unprotected(owners: pd.DataFrame) -> float:
    """Owners without a participation: those unregistered, and of those unresolved the share that is improbable."""
    doubtful = owners[owners["status"] == "unresolved"]
    return float((owners["status"] == "unregistered").sum() + (1 - doubtful["probability_enrolled"]).sum())


def true_pairs(of: City) -> pd.DataFrame:
    """Every UMKM row and participant row of one person, by their keys."""
    both = of.truth["umkm_rows"].merge(of.truth["participant_rows"], on="person_id", suffixes=("_umkm", "_participant"))
    names = {f"{part}_{side}": f"{side}_{part}" for side in ("umkm", "participant") for part in KEY}
    return both.rename(columns=names)[list(names.values())]
