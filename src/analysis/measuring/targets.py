"""The only place for published targets: what each is a target of, and with which share it may be compared."""

from __future__ import annotations

from datetime import date

import pandas as pd

from analysis.measuring.record import usable
from analysis.sources.published import Record


def registry(record: Record, as_of: date) -> pd.DataFrame:
    """Published targets with what each is a target of: one row per target. They are listed, never compared.

    A share may be held against a target only where `denominator` is the same (`comparable`): participation of UMKM
    owners has no published target, and Universal Coverage Jamsostek is a share of all workers.
    """
    columns = {"id": "figure_id", "ref": "figure_ref"}
    figures = usable(record, as_of)[["id", "value", "unit", "ref"]].rename(columns=columns)
    table = record.targets.merge(figures, on="figure_id", validate="many_to_one")
    table = table.assign(refs=table["figure_ref"] + " " + table["ref"]).drop(
        columns=["figure_ref", "ref", "row_n", "note"]
    )
    return table.sort_values(["area", "measure", "target_year", "id"], ignore_index=True)


def comparable(denominator: str, target: pd.Series) -> bool:
    """Whether a share of `denominator` may be held against a target: only when both are shares of the same thing."""
    return bool(target["denominator"] == denominator and denominator not in ("none", "unknown"))


def not_comparable(record: Record, as_of: date, denominator: str = "umkm") -> pd.DataFrame:
    """Shares that are targets of something else than `denominator`: UCJ and the RPJMN indicator, of all workers.

    A target without issuer or year is left out: it may not be shown as a target.
    """
    table = registry(record, as_of)
    is_share = (table["unit"] == "percent") & (table["issuer"] != "") & (table["target_year"] != "")
    is_other = pd.Series([not comparable(denominator, row) for _, row in table.iterrows()], index=table.index)
    return table[is_share & is_other].reset_index(drop=True)
