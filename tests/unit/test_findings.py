"""What each rule says, row by row (tests/spec/findings.csv), and that a finding keeps its name."""

import csv
import itertools
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analysis.cleaning import corrections, findings, registers, rules
from analysis.contracts import registers as contract
from analysis.contracts.registers import CORRECTIONS, DELIVERED, FINDINGS, JAMSOSTEK, RENTAN, UMKM
from analysis.running import store
from analysis.sources import keys, regions
from analysis.sources.ingest import RawRegister
from analysis.sources.places import PROJECT, Root

KEY = keys.DEMO.pseudonym
REFERENCE = date(2026, 10, 31)
with (Path(__file__).parents[1] / "spec/findings.csv").open(newline="") as file:
    ROWS = list(csv.DictReader(file))
CASES = {name: list(rows) for name, rows in itertools.groupby(ROWS, key=lambda row: row["case"])}
OWN = {UMKM: {"name": "owner_name"}, JAMSOSTEK: {}, RENTAN: {}}


def register(rows: list[dict[str, str]], name: str, *, without: tuple[str, ...] = (), first: int = 2) -> RawRegister:
    """A delivered register with these rows, as ingest would give it."""
    columns = {OWN[name].get(column, column) for column in rows[0]} & set(DELIVERED[name]) - set(without)
    back = {own: column for column, own in OWN[name].items()}
    cells = {column: [row[back.get(column, column)] or None for row in rows] for column in sorted(columns)}
    table = pd.DataFrame(cells, dtype="str")
    table.insert(0, "source_sheet", "")
    table.insert(1, "source_row", range(first, first + len(rows)))
    nothing = pd.DataFrame({"source_sheet": pd.Series(dtype="str"), "source_row": pd.Series(dtype="int64")})
    return RawRegister(name=name, table=table, set_aside=nothing.assign(reason=pd.Series(dtype="str")),
                       misaligned=nothing, unknown_columns=(), rows_n=len(rows))  # fmt: skip


@pytest.fixture(scope="module")
def facts() -> registers.Facts:
    return registers.Facts.of(REFERENCE, regions.read(Root(PROJECT)))


def prepared(rows, name, facts, **options):
    return registers.prepare({name: register(rows, name, **options)}, facts, KEY)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_row_has_the_findings_of_the_table_and_no_other(case, facts):
    rows = CASES[case]
    found = prepared(rows, rows[0]["register"], facts).findings
    for row, cells in enumerate(rows, start=2):
        told = sorted(found.loc[found["source_row"] == row, "rule_id"])
        assert " ".join(told) == cells["expected"], cells["why"]


def test_every_rule_but_two_that_need_many_rows_stands_in_the_table():
    told = {rule for row in ROWS for rule in row["expected"].split()}
    assert set(rules.read()) - told == {"phone_shared"}


def test_a_rule_has_a_test_and_a_test_has_a_rule():
    assert set(rules.read()) == set(findings.TESTS)


def test_the_rule_table_keeps_to_the_closed_lists():
    for rule in rules.read().values():
        assert rule.severity in contract.SEVERITIES
        assert rule.fixers and set(rule.fixers.values()) <= set(contract.FIXERS)
        for text in (*rule.label.values(), *rule.reason.values(), *rule.action.values(), rule.source):
            assert text.strip() == text != ""
        assert "palsu" not in " ".join(rule.reason.values())


def test_what_disagrees_with_the_nik_is_for_dukcapil():
    for rule in ("birth_date_disagrees", "sex_disagrees"):
        assert set(rules.read()[rule].fixers.values()) == {"dukcapil"}
        assert "perlu verifikasi Dukcapil" in rules.read()[rule].reason["id"]


def test_a_phone_of_more_than_five_people_is_told(facts):
    names = ("Budi Santoso", "Siti Rahmawati", "Andi Baso", "Wayan Sudarta", "Maria Lolong", "Tan Hok Liong")
    rows = [{**ROWS[0], "name": name, "nik": ""} for name in names]
    assert (prepared(rows, UMKM, facts).findings["rule_id"] == "phone_shared").sum() == len(rows)
    assert "phone_shared" not in set(prepared(rows[:5], UMKM, facts).findings["rule_id"])


def test_a_nik_on_more_than_a_dozen_rows_is_no_key(facts):
    rows = [{**ROWS[0], "business_name": f"Kios {n}"} for n in range(13)]
    found = prepared(rows, UMKM, facts).findings
    assert (found["rule_id"] == "nik_shared").sum() == len(rows)


def test_a_column_that_was_not_delivered_gives_no_finding(facts):
    found = prepared([ROWS[1]], UMKM, facts, without=("nik", "kelurahan")).findings
    assert set(found["rule_id"]) <= {"kelurahan_unknown"} - {"kelurahan_unknown"}


def test_findings_keep_to_their_contract(facts, tmp_path):
    rows = [row for row in ROWS if row["register"] == UMKM]
    made = prepared(rows, UMKM, facts)
    kept = store.Store(Root(tmp_path), "demo", "0")
    kept.keep(made, store.empty(CORRECTIONS))
    assert len(kept.read(FINDINGS)) == len(made.findings) > 20


def test_an_empty_register_gives_nothing(facts):
    made = prepared([], UMKM, facts) if False else registers.prepare({UMKM: _empty()}, facts, KEY)
    assert made.findings.empty and made.tables[UMKM].empty and made.quarantine.empty


def _empty() -> RawRegister:
    full = register(ROWS[:1], UMKM)
    return RawRegister(name=UMKM, table=full.table.iloc[:0], set_aside=full.set_aside, misaligned=full.misaligned,
                       unknown_columns=(), rows_n=0)  # fmt: skip


# names of findings ----------------------------------------------------------------------------------------------


def ids(found: pd.DataFrame) -> set[str]:
    return set(found["finding_id"])


def test_a_finding_has_the_same_name_wherever_its_row_stands(facts):
    rows = [row for row in ROWS if row["register"] == UMKM and row["case"] not in ("shared", "twice")]
    there = prepared(rows, UMKM, facts).findings
    moved = prepared(rows[::-1], UMKM, facts, first=1000).findings
    assert ids(there) == ids(moved)
    assert there["finding_id"].is_unique


def test_correcting_one_cell_leaves_the_other_findings_their_names(facts):
    broken = {**ROWS[0], "nik": "", "kelurahan": "Entah di Mana", "kecamatan": ""}
    before = prepared([broken], UMKM, facts).findings.set_index("rule_id")["finding_id"]
    after = prepared([{**broken, "nik": ROWS[0]["nik"]}], UMKM, facts).findings.set_index("rule_id")["finding_id"]
    assert set(before.index) == {"nik_missing", "kelurahan_unknown"} and set(after.index) == {"kelurahan_unknown"}
    assert before["kelurahan_unknown"] == after["kelurahan_unknown"]


def test_another_key_gives_other_names(facts):
    other = keys.Key(b"x" * 32, False)
    one = registers.prepare({UMKM: register([ROWS[1]], UMKM)}, facts, KEY).findings
    two = registers.prepare({UMKM: register([ROWS[1]], UMKM)}, facts, other).findings
    assert len(one) == len(two) == 1 and ids(one).isdisjoint(ids(two))


# answers --------------------------------------------------------------------------------------------------------


def answer(found: pd.DataFrame, rule: str, kind: str, new: str | None = None, day: str = "2026-11-10") -> pd.DataFrame:
    one = found[found["rule_id"] == rule].iloc[[0]].reset_index(drop=True)
    return pd.DataFrame({
        "finding_id": one["finding_id"], "register": one["register"], "rule_id": one["rule_id"],
        "field": one["field"], "expected_hash": one["value_hash"], "answer": kind, "new_value": pd.array([new], "str"),
        "answered_by": "Lurah", "answered_date": pd.Timestamp(day), "state": "declared",
    })  # fmt: skip


def test_an_answer_is_applied_while_the_old_value_stands(facts):
    raw = {UMKM: register([ROWS[1]], UMKM)}
    before = registers.prepare(raw, facts, KEY)
    declared = answer(before.findings, "nik_missing", "corrected", ROWS[0]["nik"])
    after, settled = corrections.prepare(raw, declared, facts, KEY)
    assert settled["state"].tolist() == ["applied"]
    assert after.findings.empty and after.tables[UMKM]["nik"].tolist() == [ROWS[0]["nik"]]
    assert raw[UMKM].table["nik"].isna().all(), "the delivery itself is never touched"


@pytest.mark.parametrize(("nik", "state"), [("7271011201800002", "settled"), ("727101120180000", "settled"),
                                            ("-", "changed")])  # fmt: skip
def test_an_answer_to_another_value_is_not_applied(nik, state, facts):
    before = registers.prepare({UMKM: register([ROWS[1]], UMKM)}, facts, KEY)
    declared = answer(before.findings, "nik_missing", "corrected", ROWS[0]["nik"])
    raw = {UMKM: register([{**ROWS[1], "nik": nik}], UMKM)}
    after, settled = corrections.prepare(raw, declared, facts, KEY)
    assert settled["state"].tolist() == [state]
    assert ROWS[0]["nik"] not in after.tables[UMKM]["nik"].tolist()


@pytest.mark.parametrize(("kind", "state"), [("confirmed", "confirmed"), ("unknown", "undecided")])
def test_an_answer_without_a_new_value_changes_nothing(kind, state, facts):
    raw = {UMKM: register([ROWS[1]], UMKM)}
    before = registers.prepare(raw, facts, KEY)
    after, settled = corrections.prepare(raw, answer(before.findings, "nik_missing", kind), facts, KEY)
    assert settled["state"].tolist() == [state]
    pd.testing.assert_frame_equal(after.findings, before.findings)


def test_of_two_answers_to_one_finding_the_later_stands(facts):
    found = registers.prepare({UMKM: register([ROWS[1]], UMKM)}, facts, KEY).findings
    early = answer(found, "nik_missing", "confirmed", day="2026-11-10")
    late = answer(found, "nik_missing", "corrected", ROWS[0]["nik"], day="2026-11-12")
    for first, second in ((early, late), (late, early)):
        assert corrections.renewed(first, second)["answer"].tolist() == ["corrected"]


# accounts -------------------------------------------------------------------------------------------------------


def test_a_row_without_name_and_nik_goes_to_quarantine_with_its_reason(facts):
    made = prepared(CASES["sound"] + CASES["nobody"], UMKM, facts)
    assert made.quarantine[["source_row", "reasons"]].to_numpy().tolist() == [[3, "no_identity"]]
    assert made.tables[UMKM]["source_row"].tolist() == [2]
    assert made.accounts.loc[UMKM].to_dict() == {"rows_n": 2, "kept_n": 1, "quarantined_n": 1, "set_aside_n": 0}


def test_a_lost_row_stops_the_run(facts):
    raw = register(ROWS[:2], UMKM)
    with pytest.raises(Exception, match="3 rows came in and 2 are accounted for"):
        registers.judge(RawRegister(name=UMKM, table=raw.table, set_aside=raw.set_aside, misaligned=raw.misaligned,
                                    unknown_columns=(), rows_n=3), facts)  # fmt: skip


def test_what_was_delivered_stands_beside_what_was_made_of_it(facts):
    made = prepared(CASES["swapped"], UMKM, facts).tables[UMKM].iloc[0]
    assert made["birth_date"] == pd.Timestamp("1980-03-12") and made["birth_date_as_written"] == "03-12-1980"
