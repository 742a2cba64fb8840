"""Who is active, lapsed, unregistered, unresolved or not eligible (tests/spec/statuses.csv), and that no row is lost.

`months`, `texts` and `segments` have one value for each linked participation, parted by |; blank: an empty cell;
absent: the register has no column of months. `candidates`: probabilities of records that are not linked.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import few_rows
import pandas as pd
import pytest
from few_rows import REFERENCE, SECRET

from analysis import ContractError
from analysis.cleaning.findings import Limits
from analysis.cleaning.registers import Prepared
from analysis.contracts.registers import (
    CANDIDATES,
    CAUSES,
    COVERAGE,
    JAMSOSTEK,
    KEY,
    LINKS,
    OWNERS,
    RENTAN,
    STATUS,
    UMKM,
)
from analysis.linking.linkage import Linkage
from analysis.measuring import coverage
from analysis.measuring.coverage import Coverage, Rules
from analysis.running import store
from analysis.running.store import Store
from analysis.sources import keys
from analysis.sources.places import Root

RULES = Rules(REFERENCE, Limits(), 0.05)
SPEC = few_rows.spec("statuses")
ABSENT = "absent"
STATUS_KEY = ["umkm_source_sheet", "umkm_source_row"]
Members = Sequence[tuple[int, Mapping[str, str]]]


def several(cell: str) -> list[str]:
    return [one.replace("blank", "") for one in cell.split("|")] if cell else []


def linkage_of(of: Prepared, owners: Sequence[int], members: Sequence[int], listed: Sequence[int] = (),
               candidates: Sequence[tuple[int, int, float]] = (), probability: float = 0.99) -> Linkage:  # fmt: skip
    """A linkage in which rows are of these persons; `candidates`: UMKM row, participant row (both from 0), chance."""
    parts = [
        of.tables[name][list(KEY)].assign(register=name, person=pd.array([*numbers], dtype="int64"))
        for name, numbers in ((UMKM, owners), (JAMSOSTEK, members), (RENTAN, listed)) if name in of.tables
    ]  # fmt: skip
    persons = pd.concat(parts, ignore_index=True)[["register", *KEY, "person"]]
    ours, theirs = (persons[persons["register"] == name] for name in (UMKM, JAMSOSTEK))
    names = {f"{part}_{side}": f"{side}_{part}" for side in ("umkm", "participant") for part in KEY}
    links = ours.merge(theirs, on="person", suffixes=("_umkm", "_participant")).rename(columns=names)
    links = links.assign(match_probability=probability, rule="nik")[list(LINKS.columns)]
    could = store.empty(CANDIDATES)
    if candidates:
        row = dict.fromkeys(("identity", "name", "contact", "place"), "unknown")
        could = pd.DataFrame([
            {"left_register": UMKM, "left_source_sheet": ours["source_sheet"].iloc[a],
             "left_source_row": ours["source_row"].iloc[a], "right_register": JAMSOSTEK,
             "right_source_sheet": theirs["source_sheet"].iloc[b], "right_source_row": theirs["source_row"].iloc[b],
             "probability": p, **row, "name_share": float("nan")}
            for a, b, p in candidates
        ])[list(CANDIDATES.columns)]  # fmt: skip
    return Linkage(persons, links, could, len(could))


def made(rows: list[dict[str, str]]) -> Coverage:
    """The coverage of cases that all have months, or all have none."""
    owners, members, persons, candidates = [], [], [], []
    for n, row in enumerate(rows):
        owners.append({name: row[name] for name in ("name", "nik", "birth_date")})
        texts, segments = several(row["texts"]), several(row["segments"])
        for month, text, segment in zip(several(row["months"]), texts, segments, strict=False):
            months = {} if month == ABSENT else {"last_contribution_month": month}
            members.append({"name": row["name"], **months, "status": text, "segment": segment})
            persons.append(n)
        for chance in several(row["candidates"]):
            candidates.append((n, len(members), float(chance)))
            members.append({"name": "Bambang", "last_contribution_month": "2026-10", "status": "Aktif"})
            persons.append(len(rows) + len(members))
    of = few_rows.prepared({UMKM: few_rows.raw(UMKM, owners), JAMSOSTEK: few_rows.raw(JAMSOSTEK, members)})
    found = linkage_of(of, range(len(rows)), persons, candidates=candidates)
    return coverage.statuses(of.tables, of.quarantine, found, RULES, SECRET)


@pytest.fixture(scope="module")
def told() -> dict[str, pd.Series]:
    """The owner of each case."""
    owners: dict[str, pd.Series] = {}
    for is_absent in (False, True):
        rows = [row for row in SPEC if (ABSENT in row["months"]) == is_absent]
        by_row = made(rows).owners.set_index("umkm_source_row")
        owners |= {row["case"]: by_row.loc[n] for n, row in enumerate(rows, start=2)}
    return owners


@pytest.mark.parametrize("case", SPEC, ids=lambda case: case["case"])
def test_an_owner_has_the_status_of_the_table(case: dict[str, str], told: dict[str, pd.Series]) -> None:
    owner = told[case["case"]]
    assert (owner["status"], owner["cause"]) == (case["expected"], case["cause"]), case["why"]


def test_every_status_and_cause_stands_in_the_table_and_every_row_says_why() -> None:
    assert {row["expected"] for row in SPEC} == set(COVERAGE)
    assert {row["cause"] for row in SPEC} == set(CAUSES) - {"quarantined"}
    assert all(row["why"] for row in SPEC)
    assert len({row["case"] for row in SPEC}) == len(SPEC)


# parameters -------------------------------------------------------------------------------------------------------


def one_owner(birth_date: str, month: str = "", rules: Rules = RULES) -> str:
    members = [{"name": "Budi", "last_contribution_month": month}] if month else [{"name": "Siti"}]
    owner = [{"name": "Budi", "birth_date": birth_date}]
    of = few_rows.prepared({UMKM: few_rows.raw(UMKM, owner), JAMSOSTEK: few_rows.raw(JAMSOSTEK, members)})
    found = linkage_of(of, [0], [0 if month else 1])
    return str(coverage.statuses(of.tables, of.quarantine, found, rules, SECRET).owners["status"].item())


@pytest.mark.parametrize(("limit", "expected"), [(65, "not_eligible"), (66, "unregistered"), (40, "not_eligible")])
def test_the_age_limit_is_a_parameter(limit: int, expected: str) -> None:
    assert one_owner("31-10-1961", rules=replace(RULES, limits=Limits(age_limit=limit))) == expected


@pytest.mark.parametrize(("months", "expected"), [(0, "lapsed"), (3, "lapsed"), (4, "active"), (12, "active")])
def test_the_months_of_lapse_are_a_parameter(months: int, expected: str) -> None:
    assert one_owner("12-01-1980", "2026-06", replace(RULES, limits=Limits(lapse_months=months))) == expected


@pytest.mark.parametrize(("day", "month", "expected"), [
    (date(2026, 1, 31), "2025-10", "active"), (date(2026, 1, 31), "2025-09", "lapsed"),
    (date(2026, 3, 1), "2025-12", "active"), (date(2026, 3, 1), "2025-11", "lapsed"),
    (date(2026, 7, 1), "2026-04", "active"), (date(2026, 7, 31), "2026-03", "lapsed"),
])  # fmt: skip
def test_months_are_counted_across_the_new_year(day: date, month: str, expected: str) -> None:
    assert one_owner("12-01-1980", month, replace(RULES, reference_date=day)) == expected


@pytest.mark.parametrize(("day", "born", "expected"), [
    (date(2026, 2, 28), "29-02-1960", "not_eligible"), (date(2025, 2, 28), "29-02-1960", "unregistered"),
    (date(2025, 3, 1), "29-02-1960", "not_eligible"),
])  # fmt: skip
def test_who_is_born_on_a_leap_day_is_a_year_older_on_1_march(day: date, born: str, expected: str) -> None:
    assert one_owner(born, rules=replace(RULES, reference_date=day)) == expected


def test_a_register_that_was_not_delivered_leaves_everyone_unregistered() -> None:
    of = few_rows.prepared({UMKM: few_rows.raw(UMKM, [{"name": "Budi"}, {"name": "Siti"}])})
    covered = coverage.statuses(of.tables, of.quarantine, linkage_of(of, [0, 1], []), RULES, SECRET)
    assert covered.status["status"].tolist() == ["unregistered"] * 2


# rows and owners --------------------------------------------------------------------------------------------------

SHARED_NIK = "7271011201800001"
OWNERS_ROWS = [
    {"name": "Budi Santoso", "nik": SHARED_NIK, "business_name": "Kios Budi", "sector": "Perdagangan"},
    {"name": "Siti Aminah", "nik": SHARED_NIK, "business_name": "Warung Siti", "sector": "Perdagangan"},
    {"name": "BUDI SANTOSO", "nik": SHARED_NIK, "business_name": "Kios Budi", "sector": "Jasa"},
    {"name": "BUDI SANTOSO", "nik": "", "business_name": "Bengkel Maju", "sector": "Jasa"},
    {"name": "-", "nik": "-", "business_name": "Tanpa Nama"},
    {"name": "Dewi", "nik": "", "birth_date": "12-01-1980"},
    {"name": "Dewi", "nik": "", "birth_date": ""},
    {"name": "Dewi", "nik": "", "birth_date": ""},
]
PERSONS_OF_ROWS = [0, 1, 0, 0, 5, 6, 7]
ASKEW = (30, 31)


@pytest.fixture(scope="module")
def several_rows() -> tuple[Prepared, Coverage]:
    """Three rows of one owner, one who shares his NIK, a row without anybody, three namesakes, two rows askew."""
    members = [{"name": "Budi", "last_contribution_month": "2026-10"}]
    of = few_rows.prepared({
        UMKM: few_rows.raw(UMKM, OWNERS_ROWS, misaligned=ASKEW),
        JAMSOSTEK: few_rows.raw(JAMSOSTEK, members, misaligned=(9,)),
        RENTAN: few_rows.raw(RENTAN, [{"name": "Budi"}]),
    })  # fmt: skip
    found = linkage_of(of, PERSONS_OF_ROWS, [0], [0])
    return of, coverage.statuses(of.tables, of.quarantine, found, RULES, SECRET)


def test_every_data_row_is_accounted_for_once(several_rows) -> None:
    _, covered = several_rows
    assert len(covered.status) == len(OWNERS_ROWS) + len(ASKEW)
    assert not covered.status.duplicated(STATUS_KEY).any()
    assert sorted(covered.status["umkm_source_row"]) == [*range(2, 10), *ASKEW]
    assert covered.owners["rows_n"].sum() == len(covered.status)


def test_a_quarantined_row_is_unresolved_and_an_owner_of_its_own(several_rows) -> None:
    status = several_rows[1].status.set_index("umkm_source_row")
    owners = several_rows[1].owners.set_index("umkm_source_row")
    for row in (6, *ASKEW):
        assert (status["owner_id"] == status.loc[row, "owner_id"]).sum() == 1
        assert owners.loc[row, ["status", "cause", "rows_n"]].tolist() == ["unresolved", "quarantined", 1]
        assert owners.loc[row, "person"] < 0
        assert status.loc[row, "sector"] == "unknown" and pd.isna(status.loc[row, "kecamatan_code"])


def test_all_rows_of_an_owner_have_one_status_and_one_id(several_rows) -> None:
    status = several_rows[1].status.set_index("umkm_source_row")
    own = status.loc[[2, 4, 5]]
    assert own["owner_id"].nunique() == 1 and set(own["status"]) == {"active"}
    assert own["sector"].nunique() == 2, "the sector is that of the row"
    assert (several_rows[1].status.groupby("owner_id")[["status", "probability_enrolled"]].nunique() == 1).all(
        axis=None
    )


def test_an_owner_counts_once_where_his_first_row_stands(several_rows) -> None:
    owners = several_rows[1].owners.set_index("umkm_source_row")
    assert owners.loc[2, ["rows_n", "businesses_n", "sector", "is_vulnerable"]].tolist() == [3, 2, "trade", True]
    assert sorted(owners.index) == [2, 3, 6, 7, 8, 9, *ASKEW]
    assert not owners["is_vulnerable"].drop(2).any()


def test_two_owners_who_share_a_nik_or_a_name_have_two_ids(several_rows) -> None:
    owners = several_rows[1].owners
    assert owners["owner_id"].is_unique and len(owners) == 8
    assert owners["owner_id"].map(lambda one: re.fullmatch("[0-9a-f]{16}", one) is not None).all()


def test_an_owner_id_is_the_keyed_hash_of_the_nik_else_of_name_and_birth_date(several_rows) -> None:
    owners = several_rows[1].owners.set_index("umkm_source_row")["owner_id"]
    assert owners[2] == SECRET.mac(SHARED_NIK)[:16]
    assert owners[7] == SECRET.mac("DEWI|1980-01-12")[:16]


def test_another_key_gives_other_ids_and_the_same_statuses(several_rows) -> None:
    of, covered = several_rows
    found = linkage_of(of, PERSONS_OF_ROWS, [0], [0])
    other = coverage.statuses(of.tables, of.quarantine, found, RULES, keys.Key(b"x" * 32, False))
    assert set(other.owners["owner_id"]).isdisjoint(covered.owners["owner_id"])
    assert other.status["status"].tolist() == covered.status["status"].tolist()


def test_a_probability_is_never_empty_and_that_of_a_quarantined_row_is_the_share_of_linked_owners(several_rows) -> None:
    owners = several_rows[1].owners.set_index("umkm_source_row")["probability_enrolled"]
    assert owners.notna().all() and owners.between(0, 1).all()
    assert owners[2] == 0.99
    assert (owners[[6, *ASKEW]] == 0.2).all(), "one of five owners is linked"


def test_status_and_owners_keep_to_their_contracts(several_rows, tmp_path) -> None:
    covered = several_rows[1]
    kept = Store(Root(tmp_path), "demo", "0")
    kept.write({STATUS: covered.status, OWNERS: covered.owners})
    assert kept.read(STATUS)["owner_id"].tolist() == covered.status["owner_id"].tolist()
    assert len(kept.read(OWNERS)) == 8
    assert list(covered.status.columns) == list(STATUS.columns)


def test_a_quarantined_participant_row_is_no_owner(several_rows) -> None:
    assert not (several_rows[1].status["umkm_source_row"] > max(ASKEW)).any()


def test_a_row_that_would_be_lost_or_told_twice_is_refused(several_rows) -> None:
    of, _ = several_rows
    found = linkage_of(of, PERSONS_OF_ROWS, [0], [0])
    lost = replace(found, persons=found.persons.iloc[1:])
    with pytest.raises(ContractError, match="accounted for") as refused:
        coverage.statuses(of.tables, of.quarantine, lost, RULES, SECRET)
    assert refused.value.exit_code == 11


def test_sex_and_age_are_those_that_most_rows_of_the_person_have() -> None:
    rows = [{"name": "Budi", "birth_date": day, "sex": sex} for day, sex in
            (("12-01-1980", "P"), ("12-01-1970", "L"), ("12-01-1970", "L"))]  # fmt: skip
    of = few_rows.prepared({UMKM: few_rows.raw(UMKM, rows)})
    owner = coverage.statuses(of.tables, of.quarantine, linkage_of(of, [0, 0, 0], []), RULES, SECRET).owners.iloc[0]
    assert (owner["sex"], owner["age_band"]) == ("male", "55-64")


@pytest.mark.parametrize(("born", "band"), [
    ("01-11-2009", "under-17"), ("31-10-2009", "17-24"), ("31-10-2001", "25-34"), ("31-10-1991", "35-44"),
    ("31-10-1981", "45-54"), ("31-10-1971", "55-64"), ("01-11-1961", "55-64"), ("31-10-1961", "65+"), ("", "unknown"),
    ("01-01-1980", "unknown"), ("1980", "unknown"),
])  # fmt: skip
def test_an_age_belongs_to_its_band(born: str, band: str) -> None:
    of = few_rows.prepared({UMKM: few_rows.raw(UMKM, [{"name": "Budi", "birth_date": born}])})
    owner = coverage.statuses(of.tables, of.quarantine, linkage_of(of, [0], []), RULES, SECRET).owners.iloc[0]
    assert owner["age_band"] == band
