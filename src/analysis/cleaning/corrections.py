"""The only place where answers from work-lists change a delivered cell: declared, guarded by the old value, counted.

A correction names a finding and the keyed hash of the cell that was answered. It is applied while that finding is
still there and the cell is still the same; the delivered file itself is never touched (model: declared corrections
with an `expect` guard).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from analysis.cleaning import registers as stages
from analysis.cleaning.findings import Hasher
from analysis.contracts.registers import CORRECTIONS, KEY

if TYPE_CHECKING:
    from analysis.cleaning.registers import Facts, Prepared
    from analysis.sources.ingest import RawRegister

UNTOUCHED = {"corrected": "applied", "confirmed": "confirmed", "unknown": "undecided"}
"""What an answer comes to while the old value stands."""


def prepare(raw: Mapping[str, RawRegister], declared: pd.DataFrame, facts: Facts, key: Hasher
            ) -> tuple[Prepared, pd.DataFrame]:  # fmt: skip
    """Registers made ready with the declared corrections in them, and these with what became of each (`state`).

    Where cells change, everything is cleaned and judged anew: a corrected NIK may end a duplicate elsewhere.
    """
    prepared = stages.prepare(raw, facts, key)
    settled = settle(declared, prepared.findings)
    changes = settled[settled["state"] == "applied"]
    if changes.empty:
        return prepared, settled
    placed = changes.merge(prepared.findings[["finding_id", *KEY]], on="finding_id")
    corrected = {name: _corrected(one, placed[placed["register"] == name]) for name, one in raw.items()}
    return stages.prepare(corrected, facts, key), settled


def settle(declared: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """The declared corrections with their state: applied, confirmed, undecided, changed (another value stands there
    now), or settled (the finding is gone).
    """
    now = declared["finding_id"].map(findings.set_index("finding_id")["value_hash"])
    state = declared["answer"].map(UNTOUCHED).where(now == declared["expected_hash"], "changed")
    return declared.assign(state=state.where(now.notna(), "settled").astype("str"))


def renewed(before: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Both together: of two answers to one finding the later one, and of the same day the one read last."""
    both = pd.concat([before, later], ignore_index=True)
    order = both.sort_values("answered_date", kind="stable").drop_duplicates("finding_id", keep="last")
    return order.sort_values(list(CORRECTIONS.key), ignore_index=True)


def unanswered(findings: pd.DataFrame, settled: pd.DataFrame) -> pd.DataFrame:
    """The findings that nobody has confirmed as written: what a work-list still asks for."""
    confirmed = settled.loc[settled["state"] == "confirmed", "finding_id"]
    return findings[~findings["finding_id"].isin(confirmed)]


def _corrected(raw: RawRegister, changes: pd.DataFrame) -> RawRegister:
    """The register with the new cells; of two answers to one cell the later one."""
    table = raw.table.copy()
    place = pd.MultiIndex.from_frame(table[list(KEY)])
    for field, own in changes.sort_values(["answered_date", "finding_id"]).groupby("field", sort=True):
        latest = own.drop_duplicates(list(KEY), keep="last")
        at = place.get_indexer(pd.MultiIndex.from_frame(latest[list(KEY)]))
        cells = table[str(field)].to_numpy(dtype=object, copy=True)
        cells[at] = latest["new_value"].to_numpy(dtype=object)
        table[str(field)] = pd.array(cells, dtype="str")
    return dataclasses.replace(raw, table=table)
