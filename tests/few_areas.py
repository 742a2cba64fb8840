"""An edition of invented released counts, whole and small: what the briefs on areas are made from in tests."""

from collections.abc import Callable, Mapping
from datetime import date
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.contracts.registers import DELIVERED
from analysis.contracts.released import CITY, COUNTED, KEY
from analysis.measuring import evaluation, gap, savings, standing
from analysis.releasing import areas, disclosure
from analysis.releasing.disclosure import Released
from analysis.releasing.editions import Edition, Source
from analysis.sources import regions
from analysis.sources.places import PROJECT, Root

DAY, BEFORE = date(2026, 10, 31), date(2026, 7, 31)
REGIONS = regions.read(Root(PROJECT))
KNOWN = areas.known(REGIONS)
TINY = "72.71.07.1002"
"""A kelurahan of 12 owners: too few to be shown."""
LEVEL = {code: one.level for code, one in KNOWN.items()}
STATUS_SHARES = (0.42, 0.10, 0.45, 0.01, 0.02)
Change = Callable[[pd.DataFrame], pd.DataFrame]


class Zero:
    """A key without noise: every count is rounded down, so that a test can read it off."""

    def mac(self, text: str) -> str:
        return "0"


def owners(seed: int = 20261031, *, most: int = 1400) -> dict[str, dict[str, int]]:
    """Owners of each area by status: kelurahan drawn, kecamatan and city their sums."""
    random = np.random.default_rng(seed)
    counts: dict[str, np.ndarray] = {}
    for code in sorted(code for code, level in LEVEL.items() if level == "kelurahan"):
        shares = np.array(STATUS_SHARES)
        shares[2] *= random.uniform(0.2, 2.2)
        size = 12 if code == TINY else int(random.integers(300, most))
        counts[code] = random.multinomial(size, shares / shares.sum())
    for code in (code for code, level in LEVEL.items() if level == "kecamatan"):
        counts[code] = sum(own for name, own in counts.items() if name.startswith(f"{code}."))
    counts[CITY] = sum(own for name, own in counts.items() if LEVEL[name] == "kecamatan")
    return {code: dict(zip(gap.STATUSES, map(int, own), strict=True)) for code, own in counts.items()}


def gap_cells(counts: Mapping[str, Mapping[str, int]]) -> pd.DataFrame:
    """True counts of every cell: the total as given, each division with its owners spread over its categories."""
    rows = []
    for (dimension, each), (area, own) in product(gap.layout().dimensions.items(), counts.items()):
        n = len(each.categories)
        for at, category in enumerate(each.categories):
            parts = {name: (value + at) // n for name, value in own.items()}
            parts[gap.BUSINESSES] = sum(parts.values())
            rows += [(area, LEVEL[area], dimension, category, name, value) for name, value in parts.items()]
    return pd.DataFrame(rows, columns=list(COUNTED))


def spreads(cells: pd.DataFrame, share: float = 0.02) -> pd.DataFrame:
    """How far each count may lie from the truth: a share of it."""
    layout = gap.layout()
    found = [cells[cells["measure"].isin(layout.ranged)]]
    for name, of in {**layout.sums, layout.total: gap.STATUSES}.items():
        key = [name for name in COUNTED if name not in ("measure", "value")]
        found.append(cells[cells["measure"].isin(of)].groupby(key, as_index=False)["value"].sum().assign(measure=name))
    told = pd.concat(found, ignore_index=True)
    return told.assign(spread=(told["value"] * share).round())[[*KEY, "spread"]]


def released(counts: Mapping[str, Mapping[str, int]], share: float = 0.02) -> Released:
    """The released gap of these owners."""
    cells = gap_cells(counts)
    return disclosure.release(cells, Zero(), gap.layout(), spreads(cells, share))


def evaluation_cells() -> pd.DataFrame:
    """Rows of each register: a tenth is as it should not be."""
    rows = []
    for (name, each), (area, level) in product(evaluation.layout().dimensions.items(), LEVEL.items()):
        if level in each.levels:
            size = {"city": 40_000, "kecamatan": 5_000}[level]
            for at, category in enumerate(each.categories):
                rest = size // (10 + at)
                first = (rest, size - rest) if each.parts[0] == "with" else (size - rest, rest)
                values = [*first, *[0] * (len(each.parts) - 2)]
                rows += [(area, level, name, category, part, n) for part, n in zip(each.parts, values, strict=True)]
    return pd.DataFrame(rows, columns=list(COUNTED))


def savings_cells() -> pd.DataFrame:
    """Persons paid for from the APBD: in the city, and an eighth in each kecamatan; none lives outside Palu."""
    city = dict(zip((*savings.GROUPS, savings.NONE), (380, 130, 0, 14_800), strict=True))
    rows = [(area, level, savings.PAID, savings.ALL, name, n // (1 if area == CITY else 8))
            for area, level in LEVEL.items() if level != "kelurahan" for name, n in city.items()]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COUNTED))


def edition(name: str = "demo", day: date = DAY, *, is_synthetic: bool = True, unit: str | None = None) -> Edition:
    """What the released tables say of their edition."""
    sources = tuple(Source(one, f"Penerbit <{one}>", date(2026, 11, 4)) for one in DELIVERED)
    return Edition(name, day, is_synthetic, unit, sources, "0123456789ab", "model")


def write(root: Path, counts: Mapping[str, Mapping[str, int]], last: Mapping[str, Mapping[str, int]] | None = None, *,
          withhold: Change | None = None, of: Edition | None = None, share: float = 0.02) -> Path:  # fmt: skip
    """Put the released tables and the areas' files of an edition into `root`; `last`: owners of the one before.

    `withhold` edits the gap as if the gate had withheld rows of it.
    """
    folder, own = root / "data/processed/demo/released", of or edition()
    table = released(counts, share)
    if withhold is not None:
        kept = withhold(table.table.drop(columns=["refs", "is_unconfirmed"]))
        table = disclosure.again(kept, gap.layout(), disclosure.KEYED_RULE, own)
    disclosure.write(table, own, folder, gap.layout())
    disclosure.write(disclosure.release(evaluation_cells(), Zero()), own, folder)
    disclosure.write(disclosure.release(savings_cells(), Zero(), savings.layout()), own, folder, savings.layout())
    before = None
    if last is not None:
        before = root / "data/processed/demo-prev/released"
        earlier = edition("demo-prev", BEFORE)
        disclosure.write(released(last, share), earlier, before, gap.layout())
    areas.write(folder, REGIONS, before)
    return root


def withheld(*codes: str) -> Change:
    """Withholds every row of these areas, also of their totals."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        is_own = table["area_code"].isin(codes)
        return table.assign(**{name: table[name].mask(is_own) for name in ("value", "lower", "upper")})

    return change


def levels(counts: Mapping[str, Mapping[str, int]], share: float = 0.02) -> pd.DataFrame:
    """`standing.levels` of these owners."""
    return disclosure.derive(standing.levels, released(counts, share)).table


def only(*codes: str, **statuses: int) -> dict[str, dict[str, int]]:
    """The same owners in each of these areas."""
    return {code: {name: statuses.get(name, 0) for name in gap.STATUSES} for code in codes}
