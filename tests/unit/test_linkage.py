"""Which rows are of one person (tests/spec/persons.csv), in the midst of an invented city, and what bad registers do.

Rows of a case with one letter are of one person, rows with different letters are not.
"""

import itertools
from collections.abc import Mapping
from dataclasses import replace

import few_rows
import numpy as np
import pandas as pd
import pytest
from few_rows import FROZEN, REFERENCE, REGISTERS
from pandas.testing import assert_frame_equal

from analysis.contracts import registers as contract
from analysis.contracts.registers import CANDIDATES, JAMSOSTEK, KEY, LINKS, PERSONS, RENTAN, UMKM
from analysis.linking import evidence, linkage, scoring
from analysis.linking.linkage import Linkage
from analysis.running.store import Store
from analysis.sources.ingest import RawRegister
from analysis.sources.places import Root

CASES_SHEET = "cases"
CELLS = ("name", "nik", "birth_date", "sex", "phone", "address", "kelurahan")
OF_LIST = ("name", "nik", "birth_date", "kelurahan")
SPEC = few_rows.spec("persons")
CASES = {case: list(rows) for case, rows in itertools.groupby(SPEC, key=lambda row: row["case"])}
PAIR = list(LINKS.key)
UMKM_KEY, PARTICIPANT_KEY = PAIR[:2], PAIR[2:]


def delivered(name: str) -> RawRegister:
    columns = OF_LIST if name == RENTAN else CELLS
    rows = [{column: row[column] for column in columns} for row in SPEC if row["register"] == name]
    return few_rows.raw(name, rows, sheet=CASES_SHEET)


@pytest.fixture(scope="module")
def tables() -> Mapping[str, pd.DataFrame]:
    """The cleaned registers of a city with the rows of all cases among them."""
    cases = few_rows.prepared({name: delivered(name) for name in REGISTERS}).tables
    city = few_rows.city(7, 1_000, 1_500).prepared.tables
    return {name: pd.concat([city[name], cases[name]], ignore_index=True) for name in REGISTERS}


@pytest.fixture(scope="module")
def found(tables) -> Linkage:
    return few_rows.linked(tables)


@pytest.fixture(scope="module")
def person(found) -> dict[int, int]:
    """The person of each row of the table of cases."""
    numbers = {name: itertools.count(2) for name in REGISTERS}
    own = {name: few_rows.persons(found, name) for name in REGISTERS}
    return {n: int(own[row["register"]].loc[CASES_SHEET, next(numbers[row["register"]])]) for n, row in enumerate(SPEC)}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rows_are_of_one_person_or_not_as_specified(case: str, person: dict[int, int]) -> None:
    rows = [(n, row["person"]) for n, row in enumerate(SPEC) if row["case"] == case]
    for (one, letter), (other, another) in itertools.combinations(rows, 2):
        assert (person[one] == person[other]) == (letter == another), CASES[case][0]["why"]


def test_no_two_cases_share_a_person(person) -> None:
    cases: dict[int, set[str]] = {}
    for n, number in person.items():
        cases.setdefault(number, set()).add(SPEC[n]["case"])
    assert all(len(own) == 1 for own in cases.values())


def test_each_case_says_why_and_both_outcomes_are_shown() -> None:
    assert all(rows[0]["why"] for rows in CASES.values())
    apart = [case for case, rows in CASES.items() if len({row["person"] for row in rows}) > 1]
    assert len(apart) >= 10 and len(CASES) - len(apart) >= 15
    assert [row["case"] for rows in CASES.values() for row in rows] == [row["case"] for row in SPEC]


# links and their contract -----------------------------------------------------------------------------------------


def test_every_table_keeps_to_its_contract(found: Linkage, tmp_path) -> None:
    kept = Store(Root(tmp_path), "demo", "0")
    kept.write({LINKS: found.links, PERSONS: found.persons, CANDIDATES: found.candidates})
    for table, made in ((LINKS, found.links), (PERSONS, found.persons), (CANDIDATES, found.candidates)):
        read = kept.read(table)
        assert len(read) == len(made) > 0
        assert list(read.columns) == list(table.columns) == list(made.columns)


def test_links_are_every_pair_of_rows_of_one_person_and_no_other(found: Linkage) -> None:
    ours, theirs = (found.persons[found.persons["register"] == name] for name in (UMKM, JAMSOSTEK))
    pairs = ours.merge(theirs, on="person", suffixes=("_umkm", "_participant"))
    names = {f"{part}_{side}": f"{side}_{part}" for side in ("umkm", "participant") for part in KEY}
    expected = pairs.rename(columns=names)[PAIR].sort_values(PAIR, ignore_index=True)
    assert_frame_equal(found.links[PAIR].reset_index(drop=True), expected, check_dtype=False)


def test_links_are_closed_under_transitivity(found: Linkage) -> None:
    """Two participant rows that share an UMKM row share all UMKM rows."""
    ours = found.links.groupby(PARTICIPANT_KEY)[UMKM_KEY].apply(lambda rows: frozenset(map(tuple, rows.to_numpy())))
    told = found.links.assign(
        group=[ours[key] for key in zip(*(found.links[name] for name in PARTICIPANT_KEY), strict=True)]
    )
    assert (told.groupby(UMKM_KEY)["group"].nunique() == 1).all()


def test_there_is_one_link_for_a_pair_sorted_with_a_probability_and_a_known_rule(found: Linkage) -> None:
    links = found.links
    assert not links.duplicated(PAIR).any()
    assert_frame_equal(links, links.sort_values(PAIR, ignore_index=True))
    assert links["match_probability"].between(FROZEN.accept, 1).all()
    assert (links["match_probability"].round(6) == links["match_probability"]).all()
    assert set(links["rule"]) == set(contract.LINK_RULES) - {"reviewed"}
    assert links.dtypes.astype(str).to_dict() == {
        "umkm_source_sheet": "str", "umkm_source_row": "int64", "participant_source_sheet": "str",
        "participant_source_row": "int64", "match_probability": "float64", "rule": links["rule"].dtype.name,
    }  # fmt: skip


@pytest.mark.parametrize(("case", "rule"), [
    ("everything equal", "nik"), ("moved and another phone", "nik"), ("swapped day and month", "nik"),
    ("sixteenth digit lost", "nik15"), ("sixteenth digit lost as notation", "name_birth"), ("no NIK", "name_birth"),
    ("no NIK on either side", "name_birth"), ("NIK in short notation", "name_birth"),
    ("swapped day and month without NIK", "probabilistic"), ("year of birth alone", "probabilistic"),
    ("a digit of the NIK left out", "probabilistic"),
])  # fmt: skip
def test_a_link_names_the_rule_that_joined_it(case: str, rule: str, found: Linkage) -> None:
    first = next(n for n, row in enumerate(row for row in SPEC if row["register"] == UMKM) if row["case"] == case) + 2
    own = found.links[(found.links["umkm_source_sheet"] == CASES_SHEET) & (found.links["umkm_source_row"] == first)]
    assert own["rule"].tolist() == [rule]


def test_a_pair_that_was_never_compared_has_the_probability_of_its_person(found: Linkage) -> None:
    known = found.candidates[found.candidates["left_register"] == UMKM]
    names = dict(
        zip(("left_source_sheet", "left_source_row", "right_source_sheet", "right_source_row"), PAIR, strict=True)
    )
    told = found.links.merge(known.rename(columns=names)[[*PAIR, "probability"]], how="left", on=PAIR)
    assert (told["match_probability"] >= told["probability"].fillna(0) - 1e-9).all()
    assert (told.loc[told["probability"].isna(), "rule"] == linkage.PROBABILISTIC).all()


def test_every_row_has_one_person(found: Linkage, tables) -> None:
    for name in REGISTERS:
        own = few_rows.persons(found, name)
        assert own.index.is_unique
        assert set(own.index) == set(tables[name][list(KEY)].itertuples(index=False, name=None))
    told = linkage.persons_of(found, tables)
    for name in REGISTERS:
        assert told[name].index.equals(tables[name].index) and told[name].notna().all()


def test_candidates_are_told_by_the_names_of_their_levels(found: Linkage) -> None:
    assert found.candidates["probability"].between(linkage.LEAST_KEPT, 1).all()
    assert set(found.candidates["identity"]) >= {"nik_and_birth", "two_identities", "unknown"}


# bad registers ----------------------------------------------------------------------------------------------------


def blank(raw: Mapping[str, RawRegister], *columns: str, **values: str) -> dict[str, RawRegister]:
    """The same delivery with cells left out, or all of one value."""
    told = {}
    for name, register in raw.items():
        own = {column: None for column in columns if column in register.table}
        own |= {column: value for column, value in values.items() if column in register.table}
        cells = {column: pd.array([value] * len(register.table), dtype="str") for column, value in own.items()}
        told[name] = replace(register, table=register.table.assign(**cells))
    return told


def right_and_wrong(links: pd.DataFrame, city: few_rows.City) -> tuple[int, int]:
    right = len(links.merge(few_rows.true_pairs(city), on=PAIR))
    return right, len(links) - right


def test_registers_that_hardly_overlap_are_not_linked_as_if_they_did() -> None:
    """Owners of one invented city, participants of another."""
    ours, theirs = few_rows.city(7, 1_000, 1_500), few_rows.city(23, 1_000, 1_550)
    tables = {UMKM: ours.prepared.tables[UMKM], JAMSOSTEK: theirs.prepared.tables[JAMSOSTEK]}
    found = few_rows.linked(tables)
    owners = few_rows.persons(found, UMKM)
    linked = owners.loc[pd.MultiIndex.from_frame(found.links[UMKM_KEY].drop_duplicates())].nunique()
    assert linked < 0.01 * owners.nunique()


@pytest.mark.parametrize("empty", [(JAMSOSTEK,), (UMKM,), (UMKM, JAMSOSTEK), REGISTERS])
def test_an_empty_register_gives_no_link_and_no_error(empty: tuple[str, ...]) -> None:
    city = few_rows.city(7, 300, 450)
    none = few_rows.prepared({name: few_rows.raw(name, []) for name in empty})
    tables = {**city.prepared.tables, **{name: none.tables[name] for name in empty}}
    found = few_rows.linked(tables)
    assert found.links.empty and list(found.links.columns) == list(LINKS.columns)
    assert list(found.candidates.columns) == list(CANDIDATES.columns)
    assert len(found.persons) == sum(map(len, tables.values()))
    covered = few_rows.covered(replace(city.prepared, tables=tables, quarantine=none.quarantine), found)
    assert len(covered.status) == len(tables[UMKM])
    assert set(covered.status["status"]) <= {"unregistered", "not_eligible"}


def test_registers_that_were_not_delivered_are_no_error() -> None:
    city = few_rows.city(7, 300, 450)
    alone = {UMKM: city.prepared.tables[UMKM]}
    found = few_rows.linked(alone)
    covered = few_rows.covered(replace(city.prepared, tables=alone), found)
    assert found.links.empty and set(covered.status["status"]) <= {"unregistered", "not_eligible", "unresolved"}


def test_without_any_nik_the_gap_is_not_confidently_wrong() -> None:
    city = few_rows.city(23, 1_000, 1_550)
    of = few_rows.prepared(blank(city.raw, "nik"))
    found = few_rows.linked(of.tables)
    right, wrong = right_and_wrong(found.links, city)
    assert right > 0.8 * len(few_rows.true_pairs(city)) and wrong < 0.05 * right
    assert not set(found.links["rule"]) & {"nik", "nik15"}
    truth = (city.truth["owners"]["status"] == "unregistered").sum()
    assert few_rows.unprotected(few_rows.covered(of, found).owners) == pytest.approx(truth, rel=0.1)


def test_where_everyone_is_named_alike_the_nik_still_links() -> None:
    city = few_rows.city(23, 1_000, 1_550)
    of = few_rows.prepared(blank(city.raw, owner_name="Siti Aminah", name="Siti Aminah"))
    right, wrong = right_and_wrong(few_rows.linked(of.tables).links, city)
    assert right > 0.8 * len(few_rows.true_pairs(city)) and wrong < 0.1 * right


def test_where_only_a_name_that_all_bear_is_known_nobody_is_linked() -> None:
    city = few_rows.city(23, 1_000, 1_550)
    nothing = ("nik", "birth_date", "phone", "address")
    of = few_rows.prepared(blank(city.raw, *nothing, owner_name="Siti Aminah", name="Siti Aminah"))
    assert len(few_rows.linked(of.tables).links) < 0.01 * len(of.tables[UMKM])


def test_where_all_are_named_alike_and_without_nik_there_is_no_mass_of_links() -> None:
    city = few_rows.city(23, 1_000, 1_550)
    of = few_rows.prepared(blank(city.raw, "nik", owner_name="Siti Aminah", name="Siti Aminah"))
    right, wrong = right_and_wrong(few_rows.linked(of.tables).links, city)
    assert wrong < 0.1 * len(of.tables[UMKM])
    assert right > wrong


def test_rows_of_which_nothing_is_known_but_a_name_are_joined_with_nobody() -> None:
    city = few_rows.city(7, 300, 450)
    nobody = few_rows.prepared({UMKM: few_rows.raw(UMKM, [{"name": "Rahmat", "nik": ""}] * 60, sheet=CASES_SHEET)})
    ours = pd.concat([city.prepared.tables[UMKM], nobody.tables[UMKM]], ignore_index=True)
    found = few_rows.linked({**city.prepared.tables, UMKM: ours})
    own = few_rows.persons(found, UMKM).loc[CASES_SHEET]
    assert own.nunique() == 60 and not (found.links["umkm_source_sheet"] == CASES_SHEET).any()


def test_a_nik_that_stands_everywhere_is_no_evidence() -> None:
    rows = [{"name": name, "nik": "7271011201800001", "birth_date": f"{n + 1:02}-03-19{n + 50}"}
            for n, name in enumerate(["Budi", "Siti", "Andi", "Wayan", "Maria", "Tono", "Rina"] * 2)]  # fmt: skip
    tables = few_rows.prepared({UMKM: few_rows.raw(UMKM, rows)}).tables
    told = evidence.gather(tables, REFERENCE)
    assert told[["digits", "nik_day"]].isna().all(axis=None)
    assert evidence.gather({UMKM: tables[UMKM].iloc[:12]}, REFERENCE)["digits"].notna().all()


def test_a_plain_rule_never_joins_what_the_model_thinks_improbable(found: Linkage, tables) -> None:
    rows = evidence.gather(tables, REFERENCE)
    compared = scoring.pairs(rows, FROZEN, few_rows.PLACE)
    told = linkage.decided(rows, compared, np.zeros((5, len(compared.table))), FROZEN)
    assert told.links.empty and told.persons["person"].is_unique
    assert set(linkage.rules(compared.table)) == {*linkage.RULES, linkage.PROBABILISTIC}
