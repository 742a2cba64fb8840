"""Do the findings find the damage? Recall and precision of each rule on invented registers with known truth.

.venv/bin/python benchmarks/findings.py [--seeds 2026 2027] [--dirt low mid high] [--owners 38982]

The bar: at least 0.98 for structural rules, at least 0.95 for the others, at mid dirt. "Same person twice" and "NIK
shared by different people" are printed and judged once linkage stands.
"""

import argparse
import tempfile
from pathlib import Path

import pandas as pd

from analysis import synthetic
from analysis.cleaning import registers
from analysis.contracts.registers import KEY
from analysis.sources import delivery, ingest, keys, regions
from analysis.sources.places import PROJECT, Root

STRUCTURAL = {
    *("nik_missing", "nik_malformed", "nik_placeholder", "nik_damaged", "birth_date_missing", "name_missing"),
    *("birth_date_unreadable", "contribution_unreadable", "active_but_old", "member_after_contribution"),
    *("contribution_ahead", "recorded_dead"),
}
LATER = {"same_person_twice", "nik_shared", "several_businesses", "enrolled_twice"}
ROW = ["register", *KEY, "rule_id"]


def measured(seed: int, dirt: str, owners: int) -> pd.DataFrame:
    """Expected, found and common findings by rule."""
    with tempfile.TemporaryDirectory() as folder:
        root = Root(Path(folder))
        participants = round(owners * 60_426 / 38_982)
        made = synthetic.demo(root.path, "demo", seed, owners, participants, dirt)
        delivered = delivery.read(root, "demo")
        facts = registers.Facts.of(delivered.reference_date, regions.read(Root(PROJECT)))
        found = registers.prepare(ingest.read_all(delivered), facts, keys.DEMO.pseudonym).findings[ROW]
        damage = pd.read_csv(made.truth / "damage.csv", dtype=str, keep_default_na=False)
    expected = damage.loc[damage["rule_id"] != "", ROW].astype({"source_row": "int64"}).drop_duplicates()
    both = expected.merge(found.drop_duplicates(), on=ROW)
    counts = {"expected": expected, "found": found.drop_duplicates(), "common": both}
    table = pd.DataFrame({name: rows["rule_id"].value_counts() for name, rows in counts.items()}).fillna(0).astype(int)
    return table.assign(recall=table["common"] / table["expected"], precision=table["common"] / table["found"])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seeds", type=int, nargs="+", default=[2026])
    options.add_argument("--dirt", nargs="+", default=["mid"])
    options.add_argument("--owners", type=int, default=38_982)
    given = options.parse_args()
    for dirt in given.dirt:
        for seed in given.seeds:
            table = measured(seed, dirt, given.owners).sort_index()
            bar = [None if rule in LATER else 0.98 if rule in STRUCTURAL else 0.95 for rule in table.index]
            worst = table[["recall", "precision"]].min(axis=1)
            missed = [each is not None and low < each for low, each in zip(worst, bar, strict=True)]
            print(f"\nseed {seed}, {dirt} dirt, {given.owners} owners")
            print(table.assign(bar=bar, missed=missed).round(4).to_string())


if __name__ == "__main__":
    main()
