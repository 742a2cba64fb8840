"""The only place for how a linkage is counted for its readers: by rule, by threshold, and by what could not be linked.

True counts, for the protected notebook of an edition; what may be shown goes through `measuring.gap` and the gate.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.contracts.registers import JAMSOSTEK, KEY, UMKM
from analysis.linking import comparisons, scoring
from analysis.linking.linkage import Linkage
from analysis.linking.model import Model

THRESHOLDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999)
UMKM_KEY = ["umkm_source_sheet", "umkm_source_row"]


def weights(model: Model) -> pd.DataFrame:
    """The weight of each level in bits, same person against strangers: comparison, level, bits; alike first."""
    parts = [
        pd.DataFrame({"comparison": name, "level": comparisons.names(name), "bits": scoring.weights(model, name)})
        for name in comparisons.COMPARISONS
    ]
    return pd.concat(parts, ignore_index=True)


def by_rule(linkage: Linkage) -> pd.DataFrame:
    """Links by the rule that joined them: rule, links_n, umkm_rows_n (rows may be linked by several rules)."""
    grouped = linkage.links.groupby("rule")
    rows = linkage.links.drop_duplicates([*UMKM_KEY, "rule"]).groupby("rule").size()
    return pd.DataFrame({"links_n": grouped.size(), "umkm_rows_n": rows}).rename_axis("rule").reset_index()


def by_threshold(linkage: Linkage, thresholds: Sequence[float] = THRESHOLDS) -> pd.DataFrame:
    """How many UMKM rows have a participant at least so probable: threshold, umkm_rows_n. Every row counts once."""
    told = linkage.candidates
    cross = (told["left_register"] == UMKM) & (told["right_register"] == JAMSOSTEK)
    best = told[cross].groupby(["left_source_sheet", "left_source_row"])["probability"].max()
    return pd.DataFrame({"threshold": thresholds, "umkm_rows_n": [int((best >= least).sum()) for least in thresholds]})


def unlinked(umkm: pd.DataFrame, linkage: Linkage) -> pd.DataFrame:
    """UMKM rows without a link, by what they hold to be linked by: has_nik, has_birth_date, has_phone, rows_n, share.

    share: of all rows that hold just that; a high share where little is known shows what better data would bring.
    """
    linked = linkage.links[UMKM_KEY].drop_duplicates().set_axis(list(KEY), axis=1).assign(is_linked=True)
    rows = umkm.merge(linked, how="left", on=list(KEY))
    holds = pd.DataFrame({
        "has_nik": rows["nik"].notna(), "has_birth_date": rows["birth_date"].notna(),
        "has_phone": rows["phone"].notna(), "is_open": rows["is_linked"].isna(),
    })  # fmt: skip
    counts = holds.groupby(["has_nik", "has_birth_date", "has_phone"])["is_open"].agg(["sum", "size"]).reset_index()
    told = counts.rename(columns={"sum": "rows_n"})
    return told.assign(share=(told["rows_n"] / told["size"]).round(3)).drop(columns="size")


def owners_by_status(owners: pd.DataFrame) -> pd.DataFrame:
    """Owners by status and cause: status, cause, owners_n, rows_n, businesses_n."""
    grouped = owners.groupby(["status", "cause"])
    told = grouped[["rows_n", "businesses_n"]].sum()
    return told.assign(owners_n=grouped.size()).reset_index()[["status", "cause", "owners_n", "rows_n", "businesses_n"]]
