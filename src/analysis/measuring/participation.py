"""The only place that follows the participant file step by step, from its rows to the owners it is compared with.

Beside the published number of enrolled owners stands what the file holds; what lies between is one number that the data
do not explain. Why, nobody measured: causes may be named as inference and are never given a size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pandas as pd

from analysis.contracts.registers import ACTIVE, JAMSOSTEK, KEY, LAPSED
from analysis.contracts.released import CITY, COUNTED, TOTAL_DIMENSION, Dimension, Layout
from analysis.measuring import coverage, gap
from analysis.measuring.record import ENROLLED
from analysis.measuring.shares import MOST_MOVED

ROWS, PERSONS = "rows", "persons"
PARTS = {
    ROWS: ("again",),
    PERSONS: ("owner_active", "owner_not_active", "not_owner"),
}
"""Rows beyond the first of a person, and how the persons are divided: each count stands here once."""
NUMBERS = ("value_n", "low_n", "high_n")
STEPS = ("rows", "persons", "linked", "enrolled", "active", "published", "unexplained")
"""Rows; persons; persons who own a business by the register; of them those in scope who are enrolled; who are active;
the published number of enrolled owners; and how far it lies above the enrolled (below 0: under them)."""


@cache
def layout() -> Layout:
    """What may stand in released/participation.csv: rows and persons of the participant file, in the city only."""
    return Layout("participation", "counted",
                  {name: Dimension((gap.ALL,), parts, ("city",)) for name, parts in PARTS.items()})  # fmt: skip


def cells(participants: pd.DataFrame | None, persons: pd.DataFrame, owners: pd.DataFrame, rules: coverage.Rules
          ) -> pd.DataFrame:  # fmt: skip
    """True counts of the rows that were kept and of their persons: columns of contracts.released.COUNTED.

    `participants`: the cleaned register, None where none was delivered; `persons`, `owners`: contracts PERSONS, OWNERS.
    A person is active where any of his participations is, in whatever segment.
    """
    own = persons[persons["register"] == JAMSOSTEK]
    is_active = pd.Series(dtype="bool")
    if participants is not None:
        rows = participants.merge(own[[*KEY, "person"]], on=list(KEY), validate="one_to_one")
        is_active = coverage.participations(rows, rules)["is_active"].groupby(rows["person"]).any()
    is_owner = is_active.index.isin(owners["person"])
    rows_n, persons_n = len(own), len(is_active)
    counts = {
        ROWS: (rows_n - persons_n,),
        PERSONS: (int((is_owner & is_active).sum()), int((is_owner & ~is_active).sum()), int((~is_owner).sum())),
    }  # fmt: skip
    found = [(CITY, "city", name, gap.ALL, part, n)
             for name, parts in PARTS.items() for part, n in zip(parts, counts[name], strict=True)]  # fmt: skip
    return pd.DataFrame(found, columns=[*COUNTED])


def steps(file: pd.DataFrame, owners: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """The file beside the published figure: one row for each of STEPS that can be told, from released tables alone.

    `file`: participation.csv, `owners`: gap.csv, `published`: `reconciliation.parts` of the record, all as released.
    value_n, low_n, high_n: persons (the first step: rows), NA where withheld; the range holds the rounding of the
    published counts and what the linkage leaves open. described_until: the day that the published figure describes.
    """
    told = [*_of_file(file), *_of_owners(owners)]
    enrolled = next(one for one in told if one["step"] == "enrolled")
    for row in published[published["indicator"] == ENROLLED].to_dict("records"):
        printed = {name: int(row[name]) for name in NUMBERS}
        told.append({"step": "published", **printed, "described_until": row["described_until"], "refs": row["refs"]})
        told.append({"step": "unexplained", **_unexplained(printed, enrolled),
                     "refs": f"{row['refs']} {enrolled['refs']}"})  # fmt: skip
    return pd.DataFrame(told, columns=["step", *NUMBERS, "described_until", "refs"]).astype(
        dict.fromkeys(NUMBERS, "Int64")
    )


def _of_file(file: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for step, measures in (
        ("rows", (*PARTS[ROWS], *PARTS[PERSONS])), ("persons", PARTS[PERSONS]), ("linked", PARTS[PERSONS][:2]),
    ):  # fmt: skip
        yield _summed(step, file[file["measure"].isin(measures)])


def _of_owners(owners: pd.DataFrame) -> Iterator[dict[str, Any]]:
    own = owners[(owners["area_code"] == CITY) & (owners["dimension"] == TOTAL_DIMENSION)]
    for step, statuses in (("enrolled", (ACTIVE, LAPSED)), ("active", (ACTIVE,))):
        yield _summed(step, own[own["measure"].isin(statuses)])


def _summed(step: str, rows: pd.DataFrame) -> dict[str, Any]:
    """The sum of released cells, with their ranges added up: their own, or what rounding can have moved."""
    told = {"step": step, "refs": " ".join(rows["refs"])}
    if rows.empty or rows["value"].isna().any():
        return told | dict.fromkeys(NUMBERS)
    low = rows["lower"].fillna((rows["value"] - MOST_MOVED).clip(lower=0))
    high = rows["upper"].fillna(rows["value"] + MOST_MOVED)
    return told | {"value_n": int(rows["value"].sum()), "low_n": int(low.sum()), "high_n": int(high.sum())}


def _unexplained(printed: Mapping[str, int], enrolled: Mapping[str, Any]) -> dict[str, int | None]:
    """How far the published number lies above the enrolled: least where it is lowest and they are most."""
    if enrolled["value_n"] is None:
        return dict.fromkeys(NUMBERS)
    others = ("value_n", "high_n", "low_n")
    return {name: printed[name] - enrolled[other] for name, other in zip(NUMBERS, others, strict=True)}
