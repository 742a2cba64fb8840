"""The only place for how owners are counted for release: by area, sector, sex, age and scale, and by status.

An owner counts once, where his first row stands; one without a known kecamatan, or outside Palu, in the city only. The
measures of one area, dimension and category divide its owners, so that a total is the sum of its parts. What comes out
are true counts: nothing of it may be shown before `releasing.disclosure.release`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.contracts import registers
from analysis.contracts.registers import APBD, JAMSOSTEK, KEY, RENTAN
from analysis.contracts.released import CITY, COUNTED, TOTAL_DIMENSION, Dimension, Layout

ALL = "all"
LEVELS = ("city", "kecamatan", "kelurahan")
NAME, EVERYONE, BUSINESSES, NOT_PROTECTED = "gap", "owners", "businesses", "not_protected"
SUMS = {NOT_PROTECTED: (registers.UNREGISTERED, registers.LAPSED)}
STATUSES = (registers.ACTIVE, registers.LAPSED, registers.UNREGISTERED, registers.NOT_ELIGIBLE, registers.UNRESOLVED)
RANGED = (registers.ACTIVE, registers.LAPSED, registers.UNREGISTERED, registers.NOT_ELIGIBLE, NOT_PROTECTED, EVERYONE)
"""Measures that are told with a range. `unresolved` is what the linkage leaves open, and no estimate of anything."""
DIVISIONS = {
    "sector": registers.SECTORS, "sex": registers.SEXES, "age_band": registers.AGE_BANDS, "scale": registers.SCALES,
}  # fmt: skip
VULNERABLE, TOGETHER = "vulnerable", "together"
OVERLAPS = {
    VULNERABLE: ("owner_enrolled", "owner_not_enrolled", "participant_only", "neither"),
    TOGETHER: ("enrolled_owner_paid", "enrolled_owner_only", "paid_only"),
}
"""How persons are divided: those of the list of vulnerable workers; and enrolled owners together with persons for whom
the city budget pays or has paid, each person once."""


@cache
def layout() -> Layout:
    """What may stand in released/gap.csv."""
    divisions = {TOTAL_DIMENSION: (ALL,), **DIVISIONS}
    known = {name: Dimension(categories, STATUSES, LEVELS) for name, categories in divisions.items()}
    return Layout(NAME, EVERYONE, known, SUMS, (BUSINESSES,), RANGED)


@cache
def overlap_layout() -> Layout:
    """What may stand in released/overlap.csv: persons of the whole city only."""
    return Layout("overlap", "persons", {name: Dimension((ALL,), parts, ("city",)) for name, parts in OVERLAPS.items()})


def cells(owners: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """True counts of owners by status, and of their businesses: columns of contracts.released.COUNTED.

    `owners` as the contract OWNERS has them; `regions`: `id` and `level` of regions.csv. Every area has every cell.
    """
    parts = []
    for one in divisions(owners, regions):
        each = pd.MultiIndex.from_product([one.areas, layout().dimensions[one.dimension].categories])
        by = [one.area.rename("area_code"), one.category.rename("category")]
        counts = owners["status"].groupby(by).value_counts().unstack(fill_value=0)
        counts = counts.reindex(index=each, columns=[*STATUSES])
        counts[BUSINESSES] = owners["businesses_n"].groupby(by).sum().reindex(each)
        rows = counts.fillna(0).astype("int64").rename_axis(["area_code", "category"]).reset_index()
        told = rows.melt(["area_code", "category"], var_name="measure")
        parts.append(told.assign(level=one.level, dimension=one.dimension)[list(COUNTED)])
    return pd.concat(parts, ignore_index=True)


class Division(NamedTuple):
    """One dimension at one level: of each owner area (empty: not known) and category, and the areas of the level."""

    dimension: str
    level: str
    area: pd.Series
    category: pd.Series
    areas: list[str]


def divisions(owners: pd.DataFrame, regions: pd.DataFrame) -> Iterator[Division]:
    """Each dimension at each level. `owners`: any table with their columns; without a known area one counts in the city
    only.
    """
    areas = {"city": [CITY]} | {
        level: sorted(regions.loc[regions["level"] == level, "id"]) for level in ("kecamatan", "kelurahan")
    }
    for level, codes in areas.items():
        area = pd.Series(CITY, index=owners.index) if level == "city" else owners[f"{level}_code"]
        yield Division(TOTAL_DIMENSION, level, area, pd.Series(ALL, index=owners.index), codes)
        for name in DIVISIONS:
            yield Division(name, level, area, owners[name], codes)


def overlap_cells(owners: pd.DataFrame, participants: pd.DataFrame | None, persons: pd.DataFrame) -> pd.DataFrame:
    """True counts of persons who stand in more than one register: columns of contracts.released.COUNTED.

    `owners`, `persons`: contracts OWNERS and PERSONS; `participants`: the cleaned register. A person counts once,
    however many rows he has; enrolled is who is linked to any participation.
    """
    owner = pd.Index(owners["person"])
    rows = persons[persons["register"] == JAMSOSTEK]
    participant, paid = pd.Index(rows["person"].unique()), pd.Index([])
    if participants is not None:
        told = participants.merge(rows, on=list(KEY))
        paid = pd.Index(told.loc[told["funding"] == APBD, "person"].unique())
    listed = pd.Index(persons.loc[persons["register"] == RENTAN, "person"].unique())
    enrolled = owner.intersection(participant)
    counts = {
        VULNERABLE: (listed.isin(enrolled).sum(), listed.isin(owner.difference(enrolled)).sum(),
                     listed.isin(participant.difference(owner)).sum(),
                     (~listed.isin(participant.union(owner))).sum()),
        TOGETHER: (enrolled.isin(paid).sum(), (~enrolled.isin(paid)).sum(), (~paid.isin(enrolled)).sum()),
    }  # fmt: skip
    found = [
        {"area_code": CITY, "level": "city", "dimension": name, "category": ALL, "measure": measure, "value": int(n)}
        for name, parts in OVERLAPS.items() for measure, n in zip(parts, np.array(counts[name]), strict=True)
    ]  # fmt: skip
    return pd.DataFrame(found)[list(COUNTED)]
