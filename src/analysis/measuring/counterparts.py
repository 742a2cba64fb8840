"""The only place for which count of an edition stands beside which published figure of the city.

They are of different days and counted in different ways; what lies between them nobody measured, so no difference is
computed here. A figure of the record whose counterpart does not stand in the tables is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.contracts.registers import ACTIVE, LAPSED, UNREGISTERED
from analysis.contracts.released import CITY, TOTAL_DIMENSION
from analysis.measuring.record import ENROLLED, NOT_ENROLLED, PAID_FOR
from analysis.measuring.savings import GROUPS, NONE
from analysis.measuring.shares import MOST_MOVED

BESIDE = {ENROLLED: (ACTIVE, LAPSED), NOT_ENROLLED: (UNREGISTERED,), PAID_FOR: (*GROUPS, NONE)}
"""Measures of the edition that are added up to the counterpart of a published figure: owners; of PAID_FOR persons."""


def table(gap: pd.DataFrame, savings: pd.DataFrame, ages: pd.DataFrame) -> pd.DataFrame:
    """The city's headline figures beside the edition's counts: one row per figure, in the order of `ages`.

    `ages`: as `record.ages` gives them; `gap`, `savings`: the released tables. indicator; value, is_approximate and
    described_until as printed; edition_n with edition_low_n and edition_high_n: the released ranges added up, or what
    the rounding of each part leaves; NA: withheld. record_refs, edition_refs; refs: both.
    """
    rows = []
    for row in ages[ages["indicator"].isin(BESIDE)].to_dict("records"):
        source = savings if row["indicator"] == PAID_FOR else gap[gap["dimension"] == TOTAL_DIMENSION]
        own = source[(source["area_code"] == CITY) & source["measure"].isin(BESIDE[row["indicator"]])]
        if own.empty:
            continue
        told = {name: row[name] for name in ("indicator", "value", "is_approximate", "described_until")}
        refs = {"record_refs": row["refs"], "edition_refs": " ".join(own["refs"])}
        rows.append({**told, **_added(own), **refs, "refs": " ".join(refs.values())})
    columns = ["indicator", "value", "is_approximate", "described_until", *NUMBERS, "record_refs", "edition_refs"]
    return pd.DataFrame(rows, columns=[*columns, "refs"]).astype(dict.fromkeys(NUMBERS, "Int64"))


NUMBERS = ("edition_n", "edition_low_n", "edition_high_n")


def _added(own: pd.DataFrame) -> dict[str, int | None]:
    if own["value"].isna().any():
        return dict.fromkeys(NUMBERS)
    low = own["lower"].fillna((own["value"] - MOST_MOVED).clip(lower=0))
    high = own["upper"].fillna(own["value"] + MOST_MOVED)
    sums: Sequence[pd.Series] = (own["value"], low, high)
    return {name: int(values.sum()) for name, values in zip(NUMBERS, sums, strict=True)}
