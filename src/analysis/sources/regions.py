"""The only place that reads the areas of Kota Palu for those who look places up in them.

The whole contract of regions.csv is checked together with the record (`sources.published`). Here only what a lookup
rests on is checked, without the second that the contract's library takes to load.
"""

from __future__ import annotations

import csv

import pandas as pd

from analysis import N_, ContractError, Fault
from analysis.sources.places import Root

NEEDED = ("id", "level", "parent_code", "name", "name_variants_seen", "name_variants_guessed")
CURE = N_("Restore data/raw/reference/regions.csv from git.")


def read(root: Root) -> pd.DataFrame:
    """The city, its kecamatan and kelurahan: one row each, all columns as text, '' where empty.

    Raises ContractError where a column is missing or an area lies in none that is known.
    """
    path = root.find("data/raw/reference/regions.csv").path
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, restval=""))
    missing = [name for name in NEEDED if not rows or name not in rows[0]]
    faults = [Fault(N_("the column is missing"), column=name) for name in missing]
    if not missing:
        known = {row["id"] for row in rows}
        faults = [
            Fault(N_("lies in an area that is not in the file"), row=n, column="parent_code")
            for n, row in enumerate(rows, start=2) if row["parent_code"] not in known and row["level"] != "kota"
        ]  # fmt: skip
    if faults:
        raise ContractError(path.name, faults, CURE)
    return pd.DataFrame(rows, dtype="str")
