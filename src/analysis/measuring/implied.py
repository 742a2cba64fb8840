"""The only place for what the published figures imply together: coverage by each denominator, and other readings.

Each denominator gives a share of its own. The shares are alternatives with different units, never one interval.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pandas as pd

from analysis.measuring.record import (
    ENROLLED,
    NOT_ENROLLED,
    claims,
    freshness_of,
    refs,
    required,
    usable,
    value_of,
)
from analysis.ranges import COARSEST_ROUNDING, Range
from analysis.sources.published import Record

DENOMINATORS = ("umkm_count", "umkm_target", "umkm_census_target", "business_count_se2016")
"""Counts of UMKM or businesses that the enrolled have been, or could be, divided by; the implied one comes besides."""
IMPLIED = "implied"


def coverage(record: Record, as_of: date) -> pd.DataFrame:
    """Enrolled owners as a share of each count of UMKM that was published or is implied: one row per denominator.

    denominator_low_n, denominator_high_n: the count with its rounding; percent_low, percent_high: the share in whole
    percent, rounded outward where the inputs leave a range, half up where they do not; is_impossible: more enrolled
    than the count holds; freshness: of the count. The rows are alternatives, not the ends of one interval: their
    units differ.
    """
    figures = usable(record, as_of)
    enrolled, rest = required(figures, ENROLLED), required(figures, NOT_ENROLLED)
    counts = [row for row in claims(figures, DENOMINATORS) if value_of(row).low > 0]
    rows = [
        *(_row(row["indicator"], enrolled, row, _share_of_count(enrolled, row)) for row in counts),
        _row(IMPLIED, enrolled, rest, _share_of_sum(enrolled, rest)),
    ]
    ages = [freshness_of(record, row, as_of) for row in (*counts, rest)]
    table = pd.DataFrame(rows).assign(freshness=ages)
    return table.sort_values(["percent_low", "denominator"], ignore_index=True)


def _share_of_count(enrolled: pd.Series, count: pd.Series) -> tuple[Range, Range]:
    return value_of(count), value_of(enrolled).over(value_of(count))


def _share_of_sum(enrolled: pd.Series, rest: pd.Series) -> tuple[Range, Range]:
    return value_of(enrolled) + value_of(rest), value_of(enrolled).share_with(value_of(rest))


def _row(name: str, enrolled: pd.Series, other: pd.Series, counted: tuple[Range, Range]) -> dict[str, object]:
    count, share = counted
    percent = (share * 100).outward()
    return {
        "denominator": name,
        "unit": other["unit"],
        "enrolled_n": int(enrolled["value"]),
        "denominator_low_n": int(count.low),
        "denominator_high_n": int(count.high),
        "described": other["reference_date"],
        "described_until": other["described_until"],
        "percent_low": int(percent.low),
        "percent_high": int(percent.high),
        "is_impossible": share.low > 1,
        "count_refs": f"{refs(enrolled)} {refs(other)}" if name == IMPLIED else refs(other),
        "refs": f"{refs(enrolled)} {refs(other)}",
    }


def readings(record: Record, as_of: date) -> pd.DataFrame:
    """Other ways to read the published words, for the method section: one row per reading that applies.

    literal: "of that number about 18,000" taken at its word (text of April 2025), persons left enrolled, with the
    rounding of the 18,000; wider: "about" taken as a thousand either side, coverage in whole percent.
    """
    figures = usable(record, as_of)
    enrolled, rest = required(figures, ENROLLED), required(figures, NOT_ENROLLED)
    columns = ["reading", "low", "high", "refs"]
    if not rest["is_approximate"]:
        return pd.DataFrame(columns=columns)
    told, missing = value_of(enrolled), int(rest["value"])
    wide = told.share_with(Range(Fraction(max(0, missing - COARSEST_ROUNDING)), Fraction(missing + COARSEST_ROUNDING)))
    percent, used = (wide * 100).outward(), f"{refs(enrolled)} {refs(rest)}"
    left = told.low - value_of(rest).high, told.high - value_of(rest).low
    return pd.DataFrame([
        {"reading": "literal", "low": int(left[0]), "high": int(left[1]), "refs": used},
        {"reading": "wider", "low": int(percent.low), "high": int(percent.high), "refs": used},
    ], columns=columns)  # fmt: skip
