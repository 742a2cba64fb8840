"""The only place that reads the rule table: what is judged, how grave it is, who can put it right, in both languages.

The table itself is `rules.csv`, beside this file, so that a data owner can review it. A rule that names no fixer for
a register is not asked there. Adding a rule takes a row here and a test in `findings.TESTS`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from analysis.contracts import registers

FACT = "fact"
NAME = "name"
"""In the rule table the person's name, whose column is called differently in each register."""


@dataclass(frozen=True)
class Rule:
    """One rule. `fixers`: who can put it right, by register; `label`, `reason`, `action`: texts by language."""

    id: str
    severity: str
    field: str
    fixers: Mapping[str, str]
    label: Mapping[str, str]
    reason: Mapping[str, str]
    action: Mapping[str, str]
    source: str

    def column(self, register: str) -> str:
        """Our column of `register` that holds what the rule judges."""
        if self.field == NAME or self.field not in registers.DELIVERED[register]:
            return registers.PERSON_NAME[register]
        return self.field


@cache
def read() -> Mapping[str, Rule]:
    """All rules by id, in the order of the table."""
    with Path(__file__).with_name("rules.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: _rule(row) for row in csv.DictReader(file)}


def _rule(row: Mapping[str, str]) -> Rule:
    texts = {part: {lang: row[f"{part}_{lang}"] for lang in ("id", "en")} for part in ("label", "reason", "action")}
    fixers = {name: row[f"fixer_{name}"] for name in registers.DELIVERED if row[f"fixer_{name}"]}
    return Rule(row["id"], row["severity"], row["field"], fixers, **texts, source=row["source"])
