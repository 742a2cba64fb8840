"""An invented gap of all areas, released under a key without noise, and what the briefs are made from."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path

import pandas as pd

from analysis.contracts.registers import SECTORS
from analysis.contracts.released import CITY, COUNTED
from analysis.measuring import gap, standing, uncertainty
from analysis.releasing import areas, disclosure
from analysis.releasing.disclosure import Released
from analysis.releasing.editions import Edition

REFERENCE = Path(__file__).parents[1] / "data" / "raw" / "reference" / "regions.csv"
REGIONS = pd.read_csv(REFERENCE, dtype="str", keep_default_na=False, quoting=csv.QUOTE_MINIMAL)
AREAS = areas.known(REGIONS)
NAMES = dict(zip(REGIONS["id"], REGIONS["name"], strict=True))
SYNTHETIC = Edition("demo", date(2026, 10, 31), True, None, (), "0123456789ab")
REAL = Edition("2026-10", date(2026, 10, 31), False, "Dinas Kominfo", (), "0123456789ab")
DIVIDED = (CITY, "72.71.01", "72.71.01.1010")
"""The areas that are divided by sector too: one of each level."""
Changed = Mapping[tuple[str, str, str], int]
"""True counts by area, category ("all": of the total, otherwise a sector) and measure, instead of the usual ones."""


class Zero:
    """A key without noise, so that the figures of a test can be read off its counts."""

    def mac(self, text: str) -> str:
        return "0"


@dataclass(frozen=True)
class Standings:
    """The tables that charts are made from."""

    levels: Released
    rates: Released
    sectors: Released


def standings(changed: Changed | None = None, spread: int = 10, hidden: tuple[str, ...] = ()) -> Standings:
    """The usual areas: the 46 kelurahan have 60, 70, ... owners not enrolled, in the order of their codes.

    Each has 300 active and 40 lapsed; a kecamatan has the sum of its kelurahan, the city of all. Of an area half the
    owners are in trade, a quarter in services, a tenth in crafts. `spread`: how far each count may lie from the truth;
    `hidden`: areas that the gate has withheld.
    """
    return made(released(changed, spread, hidden))


def made(counts: Released) -> Standings:
    """The same from a released gap."""
    return Standings(*(disclosure.derive(one, counts) for one in (standing.levels, standing.rates, standing.sectors)))


def changes(before: Released, after: Released) -> Released:
    """What has changed between two released gaps."""
    return disclosure.derive(standing.changes, before, after)


def released(changed: Changed | None = None, spread: int = 10, hidden: tuple[str, ...] = ()) -> Released:
    """The released gap itself, without its other dimensions."""
    return _released(tuple(sorted((changed or {}).items())), spread, hidden)


@cache
def _released(changed: tuple[tuple[tuple[str, str, str], int], ...], spread: int, hidden: tuple[str, ...]) -> Released:
    cells = _cells(dict(changed))
    spreads = uncertainty.with_sums(cells).drop(columns="value").assign(spread=spread)
    told = disclosure.release(cells, Zero(), gap.layout(), spreads)

    def withheld(table: pd.DataFrame) -> pd.DataFrame:
        columns = ["value", "lower", "upper"]
        table.loc[table["area_code"].isin(hidden), columns] = pd.NA
        return table

    return disclosure.derive(withheld, told) if hidden else told


def _cells(changed: Changed) -> pd.DataFrame:
    kelurahan = [code for code, area in AREAS.items() if area.level == "kelurahan"]
    own = {code: {"active": 300, "lapsed": 40, "unregistered": 60 + 10 * n} for n, code in enumerate(kelurahan)}
    rows = []
    for code, area in AREAS.items():
        below = [one for one in kelurahan if code in (CITY, one) or AREAS[one].kecamatan == code]
        sectors = SECTORS if code in DIVIDED else ()
        for category, status in product((gap.ALL, *sectors), (*gap.STATUSES, gap.BUSINESSES)):
            n = sum(own[one].get(status, 0) for one in below)
            part = {gap.ALL: 1.0, "trade": 0.5, "services": 0.25, "crafts": 0.1}.get(category, 0.0)
            n = changed.get((code, category, status), int(n * part))
            rows.append((code, area.level, "total" if category == gap.ALL else "sector", category, status, n))
    return pd.DataFrame(rows, columns=list(COUNTED))
