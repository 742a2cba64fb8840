"""The only place for what a brief says of the registers behind it: how many records who can put right in one area."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.cleaning import rules
from analysis.contracts.registers import DELIVERED, FIXERS

NUMBERS = ("rows_n", "total_n", "rule_rows_n")
COLUMNS = ["area_code", "level", "register", "fixer", *NUMBERS, "rule_id", "rule_refs", "refs"]


def table(cells: pd.DataFrame, area: str) -> pd.DataFrame:
    """Records with a data finding in `area` (city or kecamatan), by register and by who can put them right.

    `cells`: the released evaluation. One row per register and fixer with at least one record told, most first: rows_n
    of the total_n that were looked at; rule_id: the rule that most of them break, as published, with rule_rows_n and
    rule_refs (empty and NA: its numbers are withheld). Rules of severity `fact` are left out.
    """
    own = cells[cells["area_code"] == area]
    columns = ["dimension", "category", "measure", "value", "level", "refs"]
    cells_of = own[columns].itertuples(index=False, name=None)
    by = {
        (dimension, category, measure): (None if pd.isna(value) else int(value), level, ref)
        for dimension, category, measure, value, level, ref in cells_of
    }
    rows = []
    for register in DELIVERED:
        for fixer in FIXERS:
            n, level, ref = by.get((f"{register}.fixer", fixer, "with"), (None, "", ""))
            if n:
                total = by[f"{register}.fixer", fixer, "rows"][0]
                rows.append({"area_code": area, "level": level, "register": register, "fixer": fixer, "rows_n": n,
                             "total_n": total, "refs": ref, **_rule(by, register, fixer, ref)})  # fmt: skip
    made = pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(NUMBERS, "Int64"))
    return made.sort_values("rows_n", ascending=False, kind="stable", ignore_index=True)


def _rule(by: dict[tuple[str, str, str], tuple[int | None, str, str]], register: str, fixer: str, ref: str
          ) -> dict[str, Any]:  # fmt: skip
    """The rule of a fixer that most records break; of equal ones the first of the rule table."""
    best: dict[str, Any] = {"rule_id": "", "rule_rows_n": None, "rule_refs": ref}
    for rule in rules.read().values():
        n, _, rule_ref = by.get((f"{register}.rule", rule.id, "with"), (None, "", ""))
        is_own = rule.severity != rules.FACT and rule.fixers.get(register) == fixer
        if is_own and n and n > (best["rule_rows_n"] or 0):
            best = {"rule_id": rule.id, "rule_rows_n": n, "rule_refs": rule_ref}
    return best


def files(cells: pd.DataFrame) -> pd.DataFrame:
    """How many rows the file of each register held: register, rows_n (NA: withheld), refs. Told of the city only, so an
    area's own part of the evaluation gives no rows.
    """
    own = cells[cells["dimension"].str.endswith(".rows") & (cells["measure"] == "rows")]
    return pd.DataFrame({"register": own["dimension"].str.removesuffix(".rows"), "rows_n": own["value"],
                         "refs": own["refs"]})  # fmt: skip
