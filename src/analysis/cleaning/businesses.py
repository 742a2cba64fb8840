"""The only place for which UMKM rows of one owner are of the same business, and how many businesses that leaves."""

from __future__ import annotations

import pandas as pd
from rapidfuzz import fuzz

LIKE_ENOUGH = 85.0
"""Share of letters in percent (rapidfuzz ratio) from which on two names of one owner's businesses are one name."""


def distinct(rows: pd.DataFrame, owner: pd.Series) -> pd.Series:
    """Distinct businesses of each owner (index): at least one.

    Rows of one owner are of one business where their NIB or their names agree, or where a name is missing: what has
    no name is no further business.
    """
    told = pd.DataFrame({"owner": owner, "name": rows["business_name"], "nib": rows["nib"]})
    several = told[told["owner"].duplicated(keep=False)].dropna(subset=["name"])
    counted = {of: _count(own) for of, own in several.groupby("owner")[["name", "nib"]]}
    found: pd.Series = pd.Series(1, index=pd.Index(owner.unique()), dtype="int64")
    found.update(pd.Series(counted, dtype="int64"))
    return found.astype("int64")


def _count(rows: pd.DataFrame) -> int:
    """Businesses in the named rows of one owner."""
    kinds: list[list[tuple[str, str | None]]] = []
    for name, nib in rows.where(rows.notna(), None).itertuples(index=False, name=None):
        kind = next((known for known in kinds if any(_is_one((name, nib), other) for other in known)), None)
        if kind is None:
            kinds.append([(name, nib)])
        else:
            kind.append((name, nib))
    return len(kinds)


def _is_one(one: tuple[str, str | None], other: tuple[str, str | None]) -> bool:
    return (one[1] is not None and one[1] == other[1]) or fuzz.ratio(one[0], other[0]) >= LIKE_ENOUGH
