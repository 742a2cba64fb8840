"""The only place that asks whether the published figures can be true together: groups against the city's totals."""

from __future__ import annotations

from datetime import date

import pandas as pd

from analysis.measuring.record import (
    CITY,
    ENROLLED,
    PAID_FOR,
    STAFF,
    claim,
    claims,
    freshness_of,
    refs,
    usable,
    value_of,
)
from analysis.sources.published import Record

PARTS = (STAFF, PAID_FOR, ENROLLED)
"""Groups said to be enrolled in 2022; whether they overlap is not known."""
CITY_TOTAL = "participants_bpjs_tk"
ALL_SEGMENTS = "active_participants_all_segments"


def participants(record: Record, as_of: date) -> pd.DataFrame:
    """The city's yearly totals beside the sum of the groups said to be enrolled in 2022: one row per year.

    total_n: participants of that year by the city; parts_n: sum of `PARTS`; beyond_n: parts minus total (negative:
    the total leaves room); pair_n: owners enrolled plus workers paid for; change_n: change from the row before, NA in
    the first.
    """
    figures = usable(record, as_of)
    years = figures[(figures["indicator"] == CITY_TOTAL) & (figures["area"] == CITY)]
    chosen = [claim(group, CITY_TOTAL) for _, group in years.groupby("reference_date")]
    summed = claims(figures, PARTS)
    parts_n, part_refs = sum(int(row["value"]) for row in summed), " ".join(refs(row) for row in summed)
    pair_n = sum(int(row["value"]) for row in summed if row["indicator"] in (ENROLLED, PAID_FOR))
    table = pd.DataFrame([
        {
            "year": row["reference_date"],
            "described_until": row["described_until"],
            "freshness": freshness_of(record, row, as_of),
            "total_n": int(row["value"]),
            "parts_n": parts_n,
            "beyond_n": parts_n - int(row["value"]),
            "pair_n": pair_n,
            "refs": f"{refs(row)} {part_refs}",
        }
        for row in chosen if row is not None
    ])  # fmt: skip
    if table.empty:
        return table
    return table.assign(change_n=table["total_n"].diff().astype("Int64")).sort_values("year", ignore_index=True)


def parts(record: Record, as_of: date) -> pd.DataFrame:
    """The groups said to be enrolled in 2022: one row per group.

    indicator, value_n as printed, low_n and high_n with what its rounding leaves, described_until.
    """
    return pd.DataFrame([
        {
            "indicator": row["indicator"],
            "value_n": int(row["value"]),
            "low_n": int(value_of(row).outward().low),
            "high_n": int(value_of(row).outward().high),
            "described_until": row["described_until"],
            "refs": refs(row),
        }
        for row in claims(usable(record, as_of), PARTS)
    ])  # fmt: skip


def everyone(record: Record, as_of: date) -> pd.DataFrame:
    """Participants of all segments in the city, private firms included: the newest figure, none or one row."""
    return pd.DataFrame([
        {"value_n": int(row["value"]), "described_until": row["described_until"], "refs": refs(row)}
        for row in claims(usable(record, as_of), (ALL_SEGMENTS,))
    ])  # fmt: skip
