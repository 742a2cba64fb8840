"""Registers of invented people, whose damage is known: do the findings find it, and does cleaning give the truth back?

The bars stand in benchmarks/findings.py and are measured at full size; here a small city must come close to them.
"""

from types import SimpleNamespace

import pandas as pd
import pytest

from analysis import synthetic
from analysis.cleaning import registers
from analysis.contracts.registers import JAMSOSTEK, KEY, RENTAN, UMKM
from analysis.sources import delivery, ingest, keys, regions
from analysis.sources.places import PROJECT, Root

OWNERS, PARTICIPANTS = 4_000, 6_000
ROW = ["register", *KEY, "rule_id"]
LEFT_TO_LINKAGE = {"same_person_twice", "nik_shared", "several_businesses", "enrolled_twice"}
ROWS = {UMKM: "umkm_rows", JAMSOSTEK: "participant_rows", RENTAN: "vulnerable_rows"}
ENOUGH = 40


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """Prepared registers and their truth: expected findings, and each row's person."""
    root = Root(tmp_path_factory.mktemp("city"))
    made = synthetic.demo(root.path, "demo", 5, OWNERS, PARTICIPANTS, "mid")
    delivered = delivery.read(root, "demo")
    facts = registers.Facts.of(delivered.reference_date, regions.read(Root(PROJECT)))
    prepared = registers.prepare(ingest.read_all(delivered), facts, keys.DEMO.pseudonym)

    def truth(name: str) -> pd.DataFrame:
        return pd.read_csv(made.truth / f"{name}.csv", dtype=str, keep_default_na=False)

    damage = truth("damage").astype({"source_row": "int64"})
    people = truth("persons").set_index("person_id")
    rows = {name: truth(file).astype({"source_row": "int64"}) for name, file in ROWS.items()}
    return SimpleNamespace(prepared=prepared, damage=damage, people=people, rows=rows)


def test_findings_meet_the_known_damage(city):
    expected = city.damage.loc[city.damage["rule_id"] != "", ROW].drop_duplicates()
    found = city.prepared.findings[ROW].drop_duplicates()
    common = expected.merge(found, on=ROW)["rule_id"].value_counts()
    judged = set(expected["rule_id"]) - LEFT_TO_LINKAGE
    assert len(judged) > 20
    for rule in sorted(judged):
        for side in (expected, found):
            n = (side["rule_id"] == rule).sum()
            if n >= ENOUGH:
                assert common.get(rule, 0) / n >= 0.93, (rule, "recall" if side is expected else "precision")


@pytest.mark.parametrize("register", ROWS)
def test_an_undamaged_cell_comes_back_as_the_truth(register, city):
    """A NIK or birth date that nobody damaged is the person's own: cleaning never makes a sound cell wrong."""
    table = city.prepared.tables[register].merge(city.rows[register], on=list(KEY))
    own = city.people.loc[table["person_id"]].reset_index(drop=True)
    for column in ("nik", "birth_date"):
        harmed = city.damage.loc[(city.damage["register"] == register) & (city.damage["column"] == column), list(KEY)]
        is_harmed = pd.MultiIndex.from_frame(table[list(KEY)]).isin(pd.MultiIndex.from_frame(harmed))
        read = table[column].astype("str").where(table[column].notna(), "")
        differs = ~is_harmed & (read != "") & (read != own[column].astype("str"))
        assert differs.mean() < 0.005, (column, int(differs.sum()))


def test_all_kelurahan_are_found_and_hardly_one_is_wrong(city):
    table = city.prepared.tables[JAMSOSTEK].merge(city.rows[JAMSOSTEK], on=list(KEY))
    own = city.people.loc[table["person_id"], "kelurahan_code"].reset_index(drop=True)
    known = table["kelurahan_code"].notna() & (own != "") & ~table["place_state"].isin(["contradicting", "outside"])
    assert table["kelurahan_code"].nunique() == 46
    assert (table.loc[known, "kelurahan_code"] == own[known]).mean() > 0.98
