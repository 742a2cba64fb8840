"""An invented city whose people are known: does the linkage find who is in both registers, and who is in one only?

The frozen model was fitted to other people, the demo of seed 2026. The bars stand in benchmarks/linkage.py and are
measured at full size; here a small city must come close to them.
"""

from dataclasses import dataclass, replace

import few_rows
import pandas as pd
import pytest

from analysis.contracts.registers import JAMSOSTEK, KEY, LINKS
from analysis.linking.linkage import Linkage
from analysis.measuring.coverage import Coverage

SEED, OWNERS_N, PARTICIPANTS_N = 41, 2_000, 3_100
LEAST_F1, MOST_OF_OWNERS, MOST_OF_GAP, MOST_UNRESOLVED = 0.98, 0.01, 0.03, 0.03
PAIR = list(LINKS.key)
UMKM_KEY, PARTICIPANT_KEY = PAIR[:2], PAIR[2:]
STATUSES = ("active", "lapsed", "unregistered", "not_eligible")


@dataclass(frozen=True)
class Run:
    """A city and what a run makes of it."""

    city: few_rows.City
    linkage: Linkage
    coverage: Coverage

    @property
    def true_status(self) -> pd.Series:
        """The true status of the owner of each UMKM row, by its key."""
        rows = self.city.truth["umkm_rows"].merge(self.city.truth["owners"], on="person_id")
        told: pd.Series = rows.set_index(list(KEY))["status"]
        return told

    @property
    def status(self) -> pd.DataFrame:
        """The status of each UMKM row, by its key."""
        return self.coverage.status.set_index(["umkm_source_sheet", "umkm_source_row"])


def run(city: few_rows.City) -> Run:
    found = few_rows.linked(city.prepared.tables)
    return Run(city, found, few_rows.covered(city.prepared, found))


@pytest.fixture(scope="module")
def made() -> Run:
    return run(few_rows.city(SEED, OWNERS_N, PARTICIPANTS_N))


def test_pairs_are_found_and_hardly_one_is_wrong(made: Run) -> None:
    true = few_rows.true_pairs(made.city)
    right = len(true.merge(made.linkage.links, on=PAIR))
    assert 2 * right / (len(true) + len(made.linkage.links)) >= LEAST_F1


def test_owners_are_counted_and_not_rows(made: Run) -> None:
    assert len(made.coverage.status) > 1.05 * OWNERS_N
    assert len(made.coverage.owners) == pytest.approx(OWNERS_N, rel=MOST_OF_OWNERS)


def test_the_gap_is_that_of_the_truth(made: Run) -> None:
    true = (made.city.truth["owners"]["status"] == "unregistered").sum()
    assert few_rows.unprotected(made.coverage.owners) == pytest.approx(true, rel=MOST_OF_GAP)


def test_few_owners_are_left_unresolved_and_most_statuses_are_true(made: Run) -> None:
    told = made.status["status"]
    assert (made.coverage.owners["status"] == "unresolved").mean() < MOST_UNRESOLVED
    is_told = told != "unresolved"
    assert (told[is_told] == made.true_status.reindex(told.index)[is_told]).mean() > 0.98


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_is_counted_about_right(status: str, made: Run) -> None:
    told = (made.coverage.owners["status"] == status).sum()
    true = (made.city.truth["owners"]["status"] == status).sum()
    assert told == pytest.approx(true, abs=max(8, 0.04 * true))


def test_a_probable_owner_is_oftener_a_participant(made: Run) -> None:
    """Of those of whom it is said to be all but certain nearly all are, of the others hardly one."""
    enrolled = made.city.truth["umkm_rows"].merge(made.city.truth["owners"], on="person_id")
    is_enrolled = enrolled.set_index(list(KEY))["is_enrolled"].str.lower().eq("true")
    chance = made.status["probability_enrolled"]
    truth = is_enrolled.reindex(chance.index)
    assert truth[chance >= 0.98].mean() > 0.98
    assert truth[chance < 0.02].mean() < 0.03


def test_the_people_of_a_household_stay_apart(made: Run) -> None:
    """True households share address and phone; hardly two of their people are joined."""
    rows = made.city.truth["participant_rows"].merge(made.city.truth["persons"], on="person_id")
    person = few_rows.persons(made.linkage, JAMSOSTEK).rename("found").reset_index()
    told = rows.merge(person, on=list(KEY)).groupby("found")["person_id"].nunique()
    assert (told > 1).mean() < 0.01


# one datum changed ------------------------------------------------------------------------------------------------


def broken(city: few_rows.City, key: tuple[str, int], cells: dict[str, str]) -> few_rows.City:
    """The same city with other cells in one row of the participant register."""
    register = city.raw[JAMSOSTEK]
    table = register.table.copy()
    own = (table["source_sheet"] == key[0]) & (table["source_row"] == key[1])
    assert own.sum() == 1
    table.loc[own, list(cells)] = list(cells.values())
    delivered = {**city.raw, JAMSOSTEK: replace(register, table=table)}
    return replace(city, raw=delivered, prepared=few_rows.prepared(delivered))


STRANGER = {
    "nik": "7203123112520004", "name": "Yohanes Umbu Lado", "birth_date": "31-12-1952", "sex": "L",
    "phone": "", "address": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def chosen(made: Run) -> tuple[tuple[str, int], tuple[str, int]]:
    """The keys of an active owner's only row and of his only participation."""
    links = made.linkage.links
    alone = ~links.duplicated(UMKM_KEY, keep=False) & ~links.duplicated(PARTICIPANT_KEY, keep=False)
    told = links[alone & (links["rule"] == "nik") & (links["match_probability"] > 0.999)]
    active = made.coverage.status[made.coverage.status["status"] == "active"]
    first = told.merge(active, on=UMKM_KEY).iloc[0]
    return tuple(first[UMKM_KEY]), tuple(first[PARTICIPANT_KEY])


def test_an_owner_whose_participation_becomes_another_persons_is_active_no_longer(made: Run, chosen) -> None:
    owner, participation = chosen
    other = run(broken(made.city, participation, STRANGER))
    assert made.status.loc[owner, "status"] == "active"
    assert other.status.loc[owner, "status"] in ("unregistered", "unresolved")
    assert other.status.loc[owner, "probability_enrolled"] < 0.5
    assert not (other.linkage.links[UMKM_KEY] == list(owner)).all(axis=1).any()
    same = made.status["status"].drop(owner) == other.status["status"].drop(owner)
    assert (~same).sum() <= 2, "of everybody else nothing moves"


@pytest.mark.parametrize("column", ["nik", "name", "birth_date"])
def test_one_broken_cell_alone_does_not_lose_an_owner(column: str, made: Run, chosen) -> None:
    owner, participation = chosen
    other = run(broken(made.city, participation, {column: ""}))
    assert other.status.loc[owner, "status"] == "active"


def test_a_month_that_has_passed_makes_an_active_owner_lapsed(made: Run, chosen) -> None:
    owner, participation = chosen
    other = run(broken(made.city, participation, {"last_contribution_month": "2026-06"}))
    assert other.status.loc[owner, "status"] == "lapsed"
    unreadable = run(broken(made.city, participation, {"last_contribution_month": "entah"}))
    assert unreadable.status.loc[owner, "status"] == "unresolved"
