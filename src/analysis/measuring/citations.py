"""The only place for where figures and rules can be read: texts, tariffs, laws and age limits, each with its row."""

from __future__ import annotations

from datetime import date

import pandas as pd

from analysis.measuring.record import usable
from analysis.sources.published import Record


def sources(record: Record, as_of: date) -> pd.DataFrame:
    """Where each usable figure and tariff was read: one row per text (publisher, published_date, url, row_n)."""
    tariffs = record.tariffs[record.tariffs["status"] != "superseded"]
    columns = ["publisher", "published_date", "url", "row_n", "ref"]
    return pd.concat([usable(record, as_of)[columns], tariffs[columns]]).rename(columns={"ref": "refs"})


def legal_basis(record: Record, as_of: date) -> pd.DataFrame:
    """Legal instruments by number and title, of years up to that of `as_of`: one row each."""
    law = record.law[record.law["status"] != "superseded"]
    years = law["instrument"].str.extract(r"/(\d{4})", expand=False).fillna("0").astype(int)
    return law.loc[years <= as_of.year, ["id", "instrument", "about", "title_id", "ref"]].rename(
        columns={"ref": "refs"}
    )


def age_limits(record: Record) -> pd.DataFrame:
    """From which age in full months a figure is older data, and from which it leaves the headline: one row per kind."""
    columns = ["kind", "stale_after_months", "expired_after_months", "ref"]
    return record.limits[columns].rename(columns={"ref": "refs"})
