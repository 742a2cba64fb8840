"""The only place for how owners are counted for release: by area, sector, sex, age and scale, and by status.

An owner counts once, where his first row stands; one without a known kecamatan, or outside Palu, in the city only. The
measures of one area, dimension and category divide its owners, so that a total is the sum of its parts. What comes out
are true counts: nothing of it may be shown before `releasing.disclosure.release`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd

from analysis.contracts import registers
from analysis.contracts.registers import APBD, JAMSOSTEK, KEY, RENTAN
from analysis.contracts.released import CITY, COUNTED, TOTAL_DIMENSION, Dimension, Layout
from analysis.linking.linkage import Linkage

ALL = "all"
LEVELS = ("city", "kecamatan", "kelurahan")
BUSINESSES, NOT_PROTECTED = "businesses", "not_protected"
STATUSES = (registers.ACTIVE, registers.LAPSED, registers.UNREGISTERED, registers.NOT_ELIGIBLE, registers.UNRESOLVED)
DIVISIONS = {
    "sector": registers.SECTORS, "sex": registers.SEXES, "age_band": registers.AGE_BANDS, "scale": registers.SCALES,
}  # fmt: skip
VULNERABLE, PAID, TOGETHER = "vulnerable", "paid_from_apbd", "together"
OVERLAPS = {
    VULNERABLE: ("owner_enrolled", "owner_not_enrolled", "participant_only", "neither"),
    PAID: ("owner", "not_owner"),
    TOGETHER: ("enrolled_owner_paid", "enrolled_owner_only", "paid_only"),
}
"""How persons are divided: those of the list of vulnerable workers; those paid for from the city budget; and enrolled
owners and persons paid for together, each person once."""


@cache
def layout() -> Layout:
    """What may stand in released/gap.csv."""
    divisions = {TOTAL_DIMENSION: (ALL,), **DIVISIONS}
    known = {name: Dimension(categories, STATUSES, LEVELS) for name, categories in divisions.items()}
    sums = {NOT_PROTECTED: (registers.UNREGISTERED, registers.LAPSED)}
    return Layout("gap", "owners", known, sums, (BUSINESSES,))


@cache
def overlap_layout() -> Layout:
    """What may stand in released/overlap.csv: persons of the whole city only."""
    return Layout("overlap", "persons", {name: Dimension((ALL,), parts, ("city",)) for name, parts in OVERLAPS.items()})


def cells(owners: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """True counts of owners by status, and of their businesses: columns of contracts.released.COUNTED.

    `owners` as the contract OWNERS has them; `regions`: `id` and `level` of regions.csv. Every area has every cell.
    """
    parts = [_division(owners, TOTAL_DIMENSION, pd.Series(ALL, index=owners.index), (ALL,), regions)]
    parts += [_division(owners, name, owners[name], categories, regions) for name, categories in DIVISIONS.items()]
    return pd.concat(parts, ignore_index=True)


def _division(owners: pd.DataFrame, dimension: str, category: pd.Series, categories: tuple[str, ...],
              regions: pd.DataFrame) -> pd.DataFrame:  # fmt: skip
    """The counts of one dimension in every area."""
    told = owners.assign(category=category)
    parts = []
    for level, column, areas in _levels(regions):
        where = told.assign(area_code=CITY) if column is None else told.rename(columns={column: "area_code"})
        each = pd.MultiIndex.from_product([areas, categories], names=["area_code", "category"])
        groups = where.dropna(subset=["area_code"]).groupby(["area_code", "category"])
        counts = groups["status"].value_counts().unstack(fill_value=0).reindex(index=each, columns=[*STATUSES])
        counts[BUSINESSES] = groups["businesses_n"].sum().reindex(each)
        rows = counts.fillna(0).astype("int64").reset_index().melt(["area_code", "category"], var_name="measure")
        parts.append(rows.assign(level=level, dimension=dimension)[list(COUNTED)])
    return pd.concat(parts, ignore_index=True)


def _levels(regions: pd.DataFrame) -> Iterator[tuple[str, str | None, list[str]]]:
    """Each level with the column of its area's code and its areas."""
    yield "city", None, [CITY]
    for level in ("kecamatan", "kelurahan"):
        yield level, f"{level}_code", sorted(regions.loc[regions["level"] == level, "id"])


def overlap_cells(owners: pd.DataFrame, participants: pd.DataFrame | None, linkage: Linkage) -> pd.DataFrame:
    """True counts of persons who stand in more than one register: columns of contracts.released.COUNTED.

    `owners`: OWNERS with `person`, the person of each; `participants`: the cleaned register. A person counts once
    however many rows he has; enrolled is who is linked to any participation.
    """
    persons = linkage.persons
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
        PAID: (paid.isin(owner).sum(), (~paid.isin(owner)).sum()),
        TOGETHER: (enrolled.isin(paid).sum(), (~enrolled.isin(paid)).sum(), (~paid.isin(enrolled)).sum()),
    }  # fmt: skip
    found = [
        {"area_code": CITY, "level": "city", "dimension": name, "category": ALL, "measure": measure, "value": int(n)}
        for name, parts in OVERLAPS.items() for measure, n in zip(parts, np.array(counts[name]), strict=True)
    ]  # fmt: skip
    return pd.DataFrame(found)[list(COUNTED)]
