"""The only place that estimates how many owners the UMKM register misses. Experimental, and only after a review.

Two lists of one population, the register and another list: if they caught people independently, the share of the other
list that stands in the register is the share of all (Chapman 1951). Every link that was missed adds an owner who is not
missing, so the overlap must have been reviewed. And the lists are hardly independent: the city enrolled people from the
register, which makes the number too small, and not everybody on the other list runs a business, which makes it too
large. So the estimate is marked, and never a headline.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd

from analysis import N_, Fault, ParameterError
from analysis.contracts.registers import JAMSOSTEK, KEY, RENTAN
from analysis.contracts.released import CITY, COUNTED, Dimension, Layout
from analysis.measuring import gap, reviewed
from analysis.measuring.uncertainty import Z

BPU = "bpu"
LISTS = (BPU, RENTAN)
"""Participants who work on their own account; the list of vulnerable workers."""
FOUND, MISSING = "found", "missing"
CURE = N_("Have a sample reviewed first: jamsostek review EDITION --owners N, then --read FILE.")


@cache
def layout() -> Layout:
    """What may stand in released/missing_owners.csv: owners in the register and owners whom it misses, by the list that
    they were held against.
    """
    known = {name: Dimension((gap.ALL,), (FOUND, MISSING), ("city",)) for name in LISTS}
    return Layout("missing_owners", "estimated", known, ranged=(MISSING,))


def estimates(owners: pd.DataFrame, told: pd.DataFrame, overlaps: pd.DataFrame, listed: Mapping[str, int]
              ) -> pd.DataFrame:  # fmt: skip
    """How many owners there are by each list: one row per list, numbers not rounded.

    `told`: `reviewed.judged`, complete; `overlaps`: `overlaps_of`; `listed`: persons on each list. found_n: owners in
    the register by the review; listed_n; overlap_n: persons on both lists by the review, error_n its standard error;
    missing_n with low_n and high_n: by Chapman's estimate, never below 0, with what chance and the review's errors
    leave open. A list with no overlap, or about which too few were asked, is left out. Raises ParameterError where the
    review is not complete.
    """
    if not reviewed.is_complete(owners, told):
        fault = Fault(N_("the overlap of the lists has not been reviewed"))
        raise ParameterError(N_("owners whom the register misses"), [fault], CURE)
    city = reviewed.estimates(owners, told).set_index("measure").to_dict("index")[gap.EVERYONE]
    found, of_found = float(city["estimate_n"]), float(city["error_n"])
    rows = []
    for name, listed_n in listed.items():
        own = overlaps[overlaps["list"] == name]
        if reviewed.is_complete(owners, own):
            both, of_both = _overlap(owners, own)
            if both > 0:
                rows.append((name, found, listed_n, both, of_both, *_missing(found, of_found, listed_n, both, of_both)))
    columns = ["list", "found_n", "listed_n", "overlap_n", "error_n", "missing_n", "low_n", "high_n"]
    return pd.DataFrame(rows, columns=columns)


def _missing(found: float, of_found: float, listed_n: int, both: float, of_both: float) -> tuple[float, float, float]:
    """How many are in the register not, least and most: what chance leaves of the estimate, and the review's errors."""
    told = _chapman(found, listed_n, both) - found
    low, high = (_chapman(found, listed_n, both + shift) - found for shift in (Z * of_both, -Z * of_both))
    other = Z**2 * (_by_chance(found, listed_n, both) + (listed_n * of_found / both) ** 2)
    ends = told - ((told - low) ** 2 + other) ** 0.5, told + ((high - told) ** 2 + other) ** 0.5
    return max(0.0, told), max(0.0, ends[0]), max(0.0, ends[1])


def _by_chance(one: float, other: float, both: float) -> float:
    """The variance of Chapman's estimate (Seber 1970)."""
    both = min(both, one, other)
    return (one + 1) * (other + 1) * (one - both) * (other - both) / ((both + 1) ** 2 * (both + 2))


def _chapman(one: float, other: float, both: float) -> float:
    """How many there are of whom two lists caught so many, and so many of them both."""
    return (one + 1) * (other + 1) / (min(max(both, 0.0), one, other) + 1) - 1


def _overlap(owners: pd.DataFrame, own: pd.DataFrame) -> tuple[float, float]:
    """Owners who stand on the list by the review, with the standard error: each stratum by its mean."""
    strata = reviewed.strata_of(owners)
    sizes = strata.value_counts()
    mean = own.groupby("owner_id")["is_on"].mean()
    told = reviewed.errors(mean, strata.reindex(mean.index), sizes)
    return float((told["mean"] * told["size"]).sum()), float((told["of_mean"] * told["size"] ** 2).sum() ** 0.5)


def overlaps_of(verdicts: pd.DataFrame, confirmed: pd.DataFrame, participants: pd.DataFrame | None) -> pd.DataFrame:
    """Whether each reviewed owner stands on each list, by each reviewer: owner_id, reviewer, list, is_on (0 to 1).

    `verdicts`, `confirmed`: as linking.review gives them. An owner who is several owners of the register counts as the
    share that each of them is. Who could not be told is left out.
    """
    share = 1 / verdicts["units_n"]
    names = verdicts[["owner_id", "reviewer"]]
    parts = []
    if participants is not None:
        rows = confirmed.merge(participants[[*KEY, "segment"]], on=list(KEY))
        bpu = rows[rows["segment"] == BPU].groupby(["owner_id", "reviewer"]).size()
        is_on = bpu.reindex(pd.MultiIndex.from_frame(names)).notna().to_numpy()
        parts.append(names.assign(list=BPU, is_on=is_on * share)[verdicts["is_enrolled"].notna()])
    on_list = verdicts["is_vulnerable"]
    parts.append(names.assign(list=RENTAN, is_on=on_list.astype("Float64") * share)[on_list.notna()])
    return pd.concat(parts, ignore_index=True).astype({"is_on": "float64"})


def listed(tables: Mapping[str, pd.DataFrame], persons: pd.DataFrame) -> dict[str, int]:
    """How many persons stand on each list that was delivered."""
    told = {}
    if JAMSOSTEK in tables:
        rows = tables[JAMSOSTEK][[*KEY, "segment"]]
        own = rows.merge(persons[persons["register"] == JAMSOSTEK], on=list(KEY))
        told[BPU] = int(own.loc[own["segment"] == BPU, "person"].nunique())
    if RENTAN in tables:
        told[RENTAN] = int(persons.loc[persons["register"] == RENTAN, "person"].nunique())
    return told


def cells(told: pd.DataFrame) -> pd.DataFrame:
    """The estimates as whole owners, for release: columns of contracts.released.COUNTED."""
    found = [
        (CITY, "city", row["list"], gap.ALL, part, round(row[f"{part}_n"]))
        for row in told.to_dict("records") for part in (FOUND, MISSING)
    ]  # fmt: skip
    return pd.DataFrame(found, columns=[*COUNTED])


def spreads(told: pd.DataFrame) -> pd.DataFrame:
    """How far each estimate may lie from the truth, for `releasing.disclosure.release`."""
    away = np.maximum(told["high_n"] - told["missing_n"], told["missing_n"] - told["low_n"])
    key = {"area_code": CITY, "dimension": told["list"], "category": gap.ALL, "measure": MISSING}
    return pd.DataFrame({**key, "spread": np.ceil(away).astype("int64") + 1})
