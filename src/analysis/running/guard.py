"""The only place that searches what is about to be published for the persons of its edition."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.contracts import registers
from analysis.releasing import canaries, leaks
from analysis.running import provenance
from analysis.running.store import Store
from analysis.sources.places import Root

KINDS = {"nik": ("nik",), "kpj": ("kpj",), "name": ("owner_name", "name"), "phone": ("phone",)}
"""Columns of the prepared registers that tell a person, by what they are called among the canaries."""


def refuse(root: Root, edition: str, folder: Path) -> None:
    """Search every file below `folder`. Raises DisclosureError, which names kind and file and never a value.

    A PDF is printed from the page beside it by a process that can read nothing else; the page is searched. A name that
    public files hold, such as that of an area or of an official, is nobody's secret. Where the registers have been
    purged, nothing can be searched for.
    """
    kept = Store(root, edition, None)
    tables = [kept.read(table) for table in registers.CLEANED.values() if kept.has(table)]
    known = {kind: _values(tables, columns) for kind, columns in KINDS.items()}
    if any(known.values()):
        public = [path for name in provenance.PUBLIC for path in sorted(root.find(name).path.glob("*.csv"))]
        looked_for = canaries.of_tables(known).without(path.read_text(encoding="utf-8-sig") for path in public)
        files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".pdf"]
        leaks.require_none(leaks.scan(folder, looked_for, files), root.told(root.reports / edition))


def _values(tables: list[pd.DataFrame], columns: tuple[str, ...]) -> list[str]:
    """The different values of these columns in all tables."""
    found = [table[name].dropna() for table in tables for name in columns if name in table.columns]
    return sorted({str(value) for column in found for value in column.unique() if value})
