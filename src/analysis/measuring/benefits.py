"""The only place for what enrolment is worth: benefits published for the city, and what the rules promise."""

from __future__ import annotations

from datetime import date

import pandas as pd

from analysis.measuring.record import CITY, claim, refs, usable
from analysis.sources.published import Record

INDICATORS = ("benefit_cases", "benefit_recipients", "benefits_paid_total", "benefits_blocked_by_arrears")
BLOCKED = "benefits_blocked_by_arrears"


def paid(record: Record, as_of: date) -> pd.DataFrame:
    """Published benefits for the city: one row per indicator and value (in cases, persons or rupiah), oldest first."""
    figures = usable(record, as_of)
    rows = figures[figures["indicator"].isin(INDICATORS) & (figures["area"] == CITY)]
    chosen = [
        claim(group, indicator)
        for indicator in INDICATORS
        for _, group in rows[rows["indicator"] == indicator].groupby("described_until", sort=True)
    ]
    table = pd.DataFrame([
        {
            "indicator": row["indicator"],
            "period": row["reference_date"],
            "described_until": row["described_until"],
            "value": int(row["value"]),
            "is_approximate": row["is_approximate"],
            "unit": row["unit"],
            "refs": refs(row),
        }
        for row in chosen if row is not None
    ])  # fmt: skip
    return table.drop_duplicates(["indicator", "value"], ignore_index=True) if len(table) else table


def death_benefit(record: Record) -> pd.DataFrame:
    """What heirs are paid when an active participant dies outside work: none or one row (amount_idr)."""
    rows = record.benefits
    rows = rows[(rows["program"] == "JKM") & (rows["benefit"] == "total") & (rows["status"] != "superseded")]
    return pd.DataFrame({"amount_idr": rows["amount_idr"], "refs": rows["ref"]})
