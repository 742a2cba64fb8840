"""The only place for which UMKM rows of one owner are of the same business, and how many businesses that leaves."""

from __future__ import annotations

import pandas as pd
from rapidfuzz import fuzz

LIKE_ENOUGH = 85.0
"""Share of letters in percent (rapidfuzz ratio) from which on two names of one owner's businesses are one name."""
Named = tuple[str, str]
"""Name and NIB of a business; '' where no NIB is known."""


def distinct(rows: pd.DataFrame, owner: pd.Series) -> pd.Series:
    """Distinct businesses of each owner (index): at least one.

    Rows of one owner are of one business where their NIB or their names agree, or where a name is missing: what has
    no name is no further business.
    """
    several = owner.duplicated(keep=False) & rows["business_name"].notna()
    of: dict[object, list[Named]] = {}
    for who, name, nib in zip(owner[several], rows.loc[several, "business_name"],
                              rows.loc[several, "nib"].fillna(""), strict=True):  # fmt: skip
        of.setdefault(who, []).append((name, nib))
    counted = pd.Series({who: _count(named) for who, named in of.items()}, dtype="int64")
    return counted.reindex(pd.Index(owner.unique()), fill_value=1)


def _count(named: list[Named]) -> int:
    """Businesses in the named rows of one owner."""
    kinds: list[list[Named]] = []
    for one in named:
        kind = next((known for known in kinds if any(_is_one(one, other) for other in known)), None)
        if kind is None:
            kinds.append([one])
        else:
            kind.append(one)
    return len(kinds)


def _is_one(one: Named, other: Named) -> bool:
    return (one[1] != "" and one[1] == other[1]) or fuzz.ratio(one[0], other[0]) >= LIKE_ENOUGH
