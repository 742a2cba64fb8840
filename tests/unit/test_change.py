"""What became of each owner between two editions (tests/spec/changes.csv), and that levels and flows add up.

In the table `before` and `after` are what the editions say of one owner: absent (not in the UMKM register), none (not
found among participants), `chance 0.3` (somebody who could be he), or his participations, parted by |, each with last
contribution month, text of the status and member date; blank: an empty cell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache

import few_rows
import numpy as np
import pandas as pd
import pytest
from few_rows import FROZEN, SECRET
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import ContractError, ParameterError
from analysis.cleaning import registers
from analysis.cleaning.findings import Limits
from analysis.contracts.registers import (
    ABSENT,
    CANDIDATES,
    COVERAGE,
    FLOW_KINDS,
    FLOWS,
    JAMSOSTEK,
    KEY,
    LINKS,
    RENTAN,
    UMKM,
)
from analysis.contracts.released import CITY, COUNTED
from analysis.linking.linkage import Linkage
from analysis.measuring import balance, change, coverage, gap, movement, shares
from analysis.measuring.continuity import Month
from analysis.releasing import disclosure, rounding
from analysis.running import store
from analysis.sources import keys

BEFORE, AFTER = date(2026, 9, 30), date(2026, 10, 31)
ROUNDING = keys.DEMO.rounding
SPEC = few_rows.spec("changes")
STEADY = settings(deadline=None, max_examples=15)  # a busy machine is no failure
FIRST = ("Bambang", "Citra", "Dewi", "Eko", "Fitri", "Gunawan", "Hendra", "Indah")
LAST = ("Prasetyo", "Lestari", "Wibowo", "Kusuma", "Mangkona", "Tandiola", "Lamakarate", "Pakaya")
PLACES = {"Lere": "Palu Barat", "Talise": "Mantikulore", "Tondo": "Mantikulore", "": ""}
Cells = Mapping[str, str]


@dataclass(frozen=True)
class Person:
    """One owner: his number, the rows of his businesses, his participations, and how probable a stranger is he."""

    person: int
    rows: Sequence[Cells]
    members: Sequence[Cells] = ()
    chance: float = 0.0
    listed: Sequence[Cells] = ()


@dataclass(frozen=True)
class Story:
    """What `month` is made from."""

    day: date
    people: Sequence[Person]
    misaligned: Sequence[int] = ()
    has_members: bool = True
    limits: Limits = field(default_factory=Limits)


STRANGER = {"name": "Zainuddin", "last_contribution_month": "2026-08", "status": "Aktif"}


@cache
def facts(day: date) -> registers.Facts:
    """What cleaning needs beside the rows."""
    return registers.Facts.of(day, few_rows.areas())


def month(story: Story) -> Month:
    """An edition as a run makes it, but that the test says who is who. The first row of the register is row 2."""
    rows, members, listed, could = [], [(-1, STRANGER)], [], []
    for one in story.people:
        rows += [(one.person, row) for row in one.rows]
        members += [(one.person, row) for row in one.members]
        listed += [(one.person, row) for row in one.listed]
        if one.chance and one.rows:
            could.append((len(rows) - 1, one.chance))
    told = {UMKM: rows, **({JAMSOSTEK: members} if story.has_members else {}), **({RENTAN: listed} if listed else {})}
    columns = dict.fromkeys(("nik", "business_name", "birth_date", "phone", "kelurahan", "kecamatan"), "")
    raw = {name: few_rows.raw(name, [row for _, row in of]) for name, of in told.items()}
    raw[UMKM] = few_rows.raw(UMKM, [columns | row for _, row in rows], misaligned=story.misaligned)
    prepared = registers.prepare(raw, facts(story.day), SECRET)
    found = linkage_of(prepared.tables, told, could)
    rules = coverage.Rules(story.day, story.limits, FROZEN.review)
    owners = coverage.statuses(prepared.tables, prepared.quarantine, found, rules, SECRET).owners
    return Month(story.day, prepared.tables, owners, found.persons, story.limits)


def linkage_of(tables: Mapping[str, pd.DataFrame], told: Mapping[str, Sequence[tuple[int, Cells]]],
               could: Sequence[tuple[int, float]]) -> Linkage:  # fmt: skip
    """Rows are of the persons that the test says; quarantined rows are of nobody."""
    parts = []
    for name, of in told.items():
        numbers = pd.Series([person + 10 for person, _ in of], index=range(2, len(of) + 2), dtype="int64")
        kept = tables[name][list(KEY)]
        parts.append(kept.assign(register=name, person=kept["source_row"].map(numbers).astype("int64")))
    persons = pd.concat(parts, ignore_index=True)[["register", *KEY, "person"]]
    ours, theirs = (persons[persons["register"] == name] for name in (UMKM, JAMSOSTEK))
    names = {f"{part}_{side}": f"{side}_{part}" for side in ("umkm", "participant") for part in KEY}
    links = ours.merge(theirs, on="person", suffixes=("_umkm", "_participant")).rename(columns=names)
    links = links.assign(match_probability=0.99, rule="nik")[list(LINKS.columns)]
    candidates = store.empty(CANDIDATES)
    if could:
        row = dict.fromkeys(("identity", "name", "contact", "place"), "unknown")
        sides = {f"{side}_source_sheet": "" for side in ("left", "right")}
        candidates = pd.DataFrame([
            {"left_register": UMKM, "left_source_row": at + 2, "right_register": JAMSOSTEK, "right_source_row": 2,
             **sides, "probability": chance, **row, "name_share": float("nan")}
            for at, chance in could
        ])[list(CANDIDATES.columns)]  # fmt: skip
    return Linkage(persons, links, candidates, len(candidates))


def name_of(number: int) -> str:
    return f"{FIRST[number % 8]} {LAST[number // 8 % 8]}" + (" Putra" * (number // 64))


def owner(number: int, **cells: str) -> Cells:
    """A row of the UMKM register by which one can be told from every other."""
    return {"name": name_of(number), "birth_date": "12-01-1980", "phone": f"0812{number:07}", **cells}


# the table --------------------------------------------------------------------------------------------------------


def of_case(number: int, case: Cells, side: str) -> Person:
    place = case[f"place_{side}"].replace("blank", "")
    row = owner(number, birth_date=case[f"born_{side}"], kelurahan=place, kecamatan=PLACES[place])
    says = case[side]
    if says in ("absent", "none") or says.startswith("chance"):
        chance = float(says.split()[1]) if says.startswith("chance") else 0.0
        return Person(number, [] if says == "absent" else [row], chance=chance)
    cells = [one.replace("blank", "-").split(" ") for one in says.split("|")]
    return Person(number, [row], [
        {"name": row["name"], "last_contribution_month": paid.replace("-", "") if paid == "-" else paid,
         "status": text, "member_date": "" if day == "-" else day}
        for paid, text, day in cells
    ])  # fmt: skip


def stories(kind: str) -> tuple[Story, Story]:
    cases = [(n, case) for n, case in enumerate(SPEC) if case["register"] == kind]
    before = Story(BEFORE, [of_case(n, case, "before") for n, case in cases])
    return before, replace(before, day=AFTER, people=[of_case(n, case, "after") for n, case in cases])


@pytest.fixture(scope="module")
def told(monkeypatch_module: pytest.MonkeyPatch) -> dict[str, pd.Series]:
    """The row of FLOWS of each case, by his number."""
    rows = {}
    for kind in ("months", "texts", "months to come"):
        before, after = stories(kind)
        with_month = kind == "months"
        monkeypatch_module.setitem(STRANGER, "last_contribution_month", "2026-08" if with_month else "")
        first = month(before)
        monkeypatch_module.setitem(STRANGER, "last_contribution_month", "" if kind == "texts" else "2026-08")
        second = month(after)
        flows = change.flows(first, second)
        numbers = [owner_numbers(one) for one in (first, second)]
        for _, row in flows.iterrows():
            of = {numbers[n][row[name]] for n, name in enumerate(FLOWS.key) if pd.notna(row[name])}
            assert len(of) == 1, "two persons were taken for one"
            rows[SPEC[of.pop()]["case"]] = row
    return rows


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def owner_numbers(of: Month) -> dict[str, int]:
    """The number of each owner as the test knows him, by owner_id."""
    return dict(zip(of.owners["owner_id"], of.owners["person"] - 10, strict=True))


@pytest.mark.parametrize("case", SPEC, ids=lambda case: case["case"])
def test_an_owner_has_the_kind_of_the_table(case: Cells, told: dict[str, pd.Series]) -> None:
    row = told[case["case"]]
    found = (row["status_before"], row["status_after"], row["kind"])
    assert found == (case["status_before"], case["status_after"], case["kind"]), case["why"]


def test_every_kind_and_status_stands_in_the_table_and_every_row_says_why() -> None:
    assert {row["kind"] for row in SPEC} == set(FLOW_KINDS)
    assert {row[f"status_{side}"] for row in SPEC for side in ("before", "after")} == {*COVERAGE, ABSENT}
    assert all(row["why"] for row in SPEC)
    assert len({row["case"] for row in SPEC}) == len(SPEC)


# who is who -------------------------------------------------------------------------------------------------------

NIK, RIGHT_NIK = "7271011201800001", "7271011201800002"
FEW = [Person(n, [owner(n)]) for n in range(6)]


def flows_of(before: Sequence[Person], after: Sequence[Person], **more) -> pd.DataFrame:
    """FLOWS with the numbers of the owners as the test knows them: `was`, `is_now`; NA where not there."""
    first, second = month(Story(BEFORE, before, **more)), month(Story(AFTER, after, **more))
    flows = change.flows(first, second)
    return flows.assign(was=flows["owner_id_before"].map(owner_numbers(first)),
                        is_now=flows["owner_id_after"].map(owner_numbers(second)))  # fmt: skip


def one(flows: pd.DataFrame, number: int) -> pd.Series:
    """The only row of an owner, who was not taken for another."""
    own = flows[(flows["was"] == number) | (flows["is_now"] == number)]
    assert len(own) == 1
    row = own.iloc[0]
    assert set(row[["was", "is_now"]].dropna()) == {number}, "was taken for another"
    return row


@pytest.mark.parametrize(("was", "now"), [
    ({"nik": NIK}, {"nik": RIGHT_NIK}),
    ({}, {"nik": RIGHT_NIK}),
    ({"nik": NIK}, {}),
    ({"nik": NIK, "phone": ""}, {"nik": RIGHT_NIK, "phone": ""}),
    ({"nik": NIK, "birth_date": ""}, {"nik": RIGHT_NIK, "birth_date": ""}),
    ({"nik": NIK, "birth_date": "", "phone": ""}, {"nik": RIGHT_NIK, "birth_date": "", "phone": ""}),
    ({"birth_date": "12-01-1980"}, {"birth_date": "21-01-1980"}),
    ({"name": "Djoemadi Pakaya", "nik": NIK}, {"name": "Jumadi Pakaya", "nik": RIGHT_NIK}),
    ({"name": "Djoemadi Pakaya"}, {"name": "Jumadi Pakaya"}),
    ({"name": "Mama Ani", "nik": NIK, "phone": ""}, {"name": "Sulastri Wahyuni", "nik": NIK, "phone": ""}),
], ids=["nik", "nik found", "nik lost", "by birth date", "by phone", "by row", "birth date", "nik and spelling",
        "spelling", "whole name"])  # fmt: skip
def test_an_owner_whose_data_were_put_right_is_the_same(was: Cells, now: Cells) -> None:
    now_people = [*FEW, Person(9, [owner(9, **now)])]
    if was.get("birth_date") == was.get("phone") == "":
        now_people = now_people[-1:] + FEW  # nothing but the row of the register tells who he is
    flows = flows_of([Person(9, [owner(9, **was)]), *FEW], now_people)
    row = one(flows, 9)
    assert row["kind"] == "stayed" and row["is_identity_corrected"]
    assert (flows["kind"] == "stayed").all() and flows["is_identity_corrected"].sum() == 1 and len(flows) == 7


def test_without_a_change_nobodys_identity_was_corrected() -> None:
    flows = flows_of(FEW, FEW)
    assert (flows["kind"] == "stayed").all() and not flows["is_identity_corrected"].any()


def test_another_person_in_the_same_row_is_another() -> None:
    flows = flows_of([Person(9, [owner(9)]), *FEW], [Person(8, [owner(8)]), *FEW])
    assert (one(flows, 9)["kind"], one(flows, 8)["kind"]) == ("unlisted", "listed")


def test_a_person_with_the_nik_of_another_is_another_where_name_and_birth_date_differ() -> None:
    flows = flows_of([Person(9, [owner(9, nik=NIK)])], [Person(8, [owner(8, nik=NIK, birth_date="05-06-1991")])])
    assert (one(flows, 9)["kind"], one(flows, 8)["kind"]) == ("unlisted", "listed")


TWINS = [
    Person(8, [owner(8, name="Rina Lamakarate", nik=NIK, phone="081200000001", kelurahan="Lere")]),
    Person(9, [owner(9, name="Rini Lamakarate", nik=NIK, phone="081200000001", kelurahan="Talise")]),
]
"""Two owners with one NIK, one birth date, one phone and names of nearly one sound; they live apart."""


def with_cells(person: Person, **cells: str) -> Person:
    return replace(person, rows=[{**row, **cells} for row in person.rows])


@pytest.mark.parametrize("now", [
    TWINS, TWINS[::-1], TWINS[:1], TWINS[1:],
    [with_cells(TWINS[0], nik=""), TWINS[1]], [TWINS[0], with_cells(TWINS[1], nik="")],
    [with_cells(TWINS[0], nik=RIGHT_NIK), TWINS[1]], [TWINS[1], with_cells(TWINS[0], nik=RIGHT_NIK)],
    [with_cells(TWINS[1], phone=""), with_cells(TWINS[0], birth_date="")],
    [with_cells(TWINS[1], nik="", phone=""), with_cells(TWINS[0], nik="", phone="")],
])  # fmt: skip
@pytest.mark.parametrize("is_turned", [False, True])
def test_twins_who_share_keys_are_never_taken_for_each_other(now: list[Person], is_turned: bool) -> None:
    before, after = ([*now, *FEW], [*TWINS, *FEW]) if is_turned else ([*TWINS, *FEW], [*now, *FEW])
    flows = flows_of(before, after)
    together = flows.dropna(subset=["was", "is_now"])
    assert (together["was"] == together["is_now"]).all()
    assert len(together) == 6 + len(now) and len(flows) == 8


def test_twins_of_whom_one_nik_wanders_to_the_other_stay_themselves() -> None:
    apart = [TWINS[0], with_cells(TWINS[1], nik="")]
    wandered = [with_cells(TWINS[0], nik=""), TWINS[1]]
    flows = flows_of(apart, wandered)
    assert (flows["was"] == flows["is_now"]).all() and flows["is_identity_corrected"].all()
    alone = flows_of([TWINS[0]], [TWINS[1]])
    assert len(alone) == 1  # one NIK, one birth date, names alike, nobody else: nothing says that they are two


def test_owners_whom_nothing_tells_apart_change_nothing_in_another_order() -> None:
    same = {"name": "Siti Aminah", "birth_date": "", "phone": ""}
    members = [{"name": "Siti Aminah", "last_contribution_month": "2026-09", "status": "Aktif"}]
    people = [Person(8, [same]), Person(9, [same], members), *FEW]
    flows = flows_of(people, [*FEW, people[1], people[0]])
    assert set(flows["kind"]) == {"stayed"} and not flows["is_identity_corrected"].any()
    gone = flows_of(people, [*FEW, people[0]])
    assert gone["kind"].value_counts().to_dict() == {"stayed": 7, "corrected": 1}


def test_a_phone_and_name_of_two_owners_name_neither() -> None:
    same = {"name": "Siti Aminah", "birth_date": "", "phone": "081200000001"}
    two = [Person(8, [{**same, "kelurahan": "Lere"}]), Person(9, [{**same, "kelurahan": "Talise"}])]
    flows = flows_of([*two, *FEW], [*FEW, two[1]])
    assert one(flows, 8)["kind"] == "corrected" and one(flows, 9)["kind"] == "stayed"


def test_a_weak_word_tells_two_owners_apart() -> None:
    names = ("Muhammad Yusuf Pakaya", "Yusuf Pakaya")
    two = [Person(n, [owner(7, name=name, nik=NIK)]) for n, name in enumerate(names, 8)]
    right = [with_cells(two[1], nik=RIGHT_NIK), two[0]]
    flows = flows_of([*two, *FEW], [*FEW, *right])
    assert one(flows, 8)["kind"] == one(flows, 9)["kind"] == "stayed"


def test_an_owner_whose_rows_go_to_two_new_ones_is_neither() -> None:
    third = "7271014505900003"
    whole = Person(8, [owner(8, nik=nik, phone="") for nik in (third, third, NIK, RIGHT_NIK)])
    parts = [Person(9, [owner(8, nik=NIK, phone="")]), Person(10, [owner(8, nik=RIGHT_NIK, phone="")])]
    flows = flows_of([whole], parts)
    assert flows["kind"].tolist() == ["corrected"] * 3


def test_two_owners_who_turn_out_to_be_one_are_a_correction() -> None:
    double = [Person(8, [owner(8, nik=NIK)]), Person(9, [owner(8, phone="081399999")])]
    merged = [Person(8, [*double[0].rows, *double[1].rows])]
    flows = flows_of([*double, *FEW], [*merged, *FEW])
    assert flows["kind"].value_counts().to_dict() == {"stayed": 7, "corrected": 1}
    parted = flows_of([*merged, *FEW], [*double, *FEW])
    assert parted["kind"].value_counts().to_dict() == {"stayed": 7, "corrected": 1}
    assert {*parted["status_before"], *parted["status_after"]} == {"unregistered", ABSENT}


def test_a_row_that_cannot_be_read_is_neither_new_nor_gone() -> None:
    def flows(before: Sequence[int], after: Sequence[int]) -> dict[tuple[str, str, str], int]:
        stories = Story(BEFORE, FEW, before), Story(AFTER, FEW, after)
        told = change.flows(*map(month, stories))
        return told.value_counts(["status_before", "status_after", "kind"]).to_dict()

    few = {("unregistered", "unregistered", "stayed"): 6}
    assert flows([20], [30]) == {**few, ("unresolved", "unresolved", "stayed"): 1}
    assert flows([20, 21], [20]) == {**few, ("unresolved", "unresolved", "stayed"): 1,
                                     ("unresolved", ABSENT, "corrected"): 1}  # fmt: skip
    assert flows([], [20]) == {**few, (ABSENT, "unresolved", "corrected"): 1}


# editions ---------------------------------------------------------------------------------------------------------


def test_after_an_empty_edition_everybody_is_new() -> None:
    flows = flows_of([], FEW)
    assert set(flows["kind"]) == {"listed"} and len(flows) == 6
    assert set(flows_of(FEW, [])["kind"]) == {"unlisted"}
    assert flows_of([], []).empty


def test_registers_without_participants_have_flows_too() -> None:
    flows = flows_of(FEW[:4], FEW[1:], has_members=False)
    assert flows["kind"].value_counts().to_dict() == {"stayed": 3, "unlisted": 1, "listed": 2}


def test_participants_that_were_not_delivered_again_are_no_real_change() -> None:
    people = [replace(one, members=paid(2026, 9)) for one in FEW]
    flows = change.flows(month(Story(BEFORE, people)), month(Story(AFTER, FEW, has_members=False)))
    assert set(flows["kind"]) == {"corrected"} and set(flows["status_before"]) == {"active"}


def paid(year: int, number: int, status: str = "Aktif", day: str = "2020-01-15") -> list[Cells]:
    return [{"name": "Siapa", "last_contribution_month": f"{year}-{number:02}", "status": status, "member_date": day}]


def test_a_rule_that_changed_is_no_lapse_and_no_birthday() -> None:
    people = [Person(1, [owner(1)], paid(2026, 8)), Person(2, [owner(2, birth_date="12-01-1964")])]
    strict = Limits(age_limit=60, lapse_months=1)
    flows = change.flows(month(Story(BEFORE, people)), month(Story(AFTER, people, limits=strict)))
    assert flows.set_index("status_after")["kind"].to_dict() == {"not_eligible": "corrected", "lapsed": "lapsed"}
    older = [replace(people[0], members=paid(2026, 6))]
    told = change.flows(month(Story(BEFORE, older)), month(Story(AFTER, older, limits=strict)))
    assert told["kind"].tolist() == ["corrected"]  # by the limit of today he had lapsed a month before
    july = [replace(people[0], members=paid(2026, 7))]
    milder = change.flows(month(Story(BEFORE, july, limits=strict)), month(Story(AFTER, july)))
    assert milder["status_before"].tolist() == ["lapsed"] and milder["kind"].tolist() == ["corrected"]


def test_a_birth_date_of_any_register_makes_a_birthday() -> None:
    bare = Person(1, [owner(1, birth_date="")], listed=[{"name": name_of(1), "birth_date": "15-10-1961"}])
    assert flows_of([bare], [bare])["kind"].tolist() == ["aged"]


# one datum --------------------------------------------------------------------------------------------------------

TOWN = [
    *(Person(n, [owner(n, kelurahan="Lere", kecamatan="Palu Barat")], paid(2026, 6)) for n in range(3)),
    *(Person(n, [owner(n, kelurahan="Tondo", kecamatan="Mantikulore")], paid(2026, 1)) for n in range(3, 6)),
    *(Person(n, [owner(n)]) for n in range(6, 9)),
]
DATA = {
    "the lapse does not come": (0, {"members": paid(2026, 7)}, "stayed"),
    "the month moves back": (0, {"members": paid(2026, 5)}, "corrected"),
    "pays again": (3, {"members": paid(2026, 8)}, "returned"),
    "pays again but too little": (3, {"members": paid(2026, 6)}, "stayed"),
    "enrols": (6, {"members": paid(2026, 10, day="2026-10-01")}, "enrolled"),
    "is found": (6, {"members": paid(2026, 10, day="2026-09-30")}, "corrected"),
    "dies": (3, {"members": paid(2026, 1, "Meninggal")}, "died"),
    "goes": (6, {"rows": []}, "unlisted"),
    "moves": (3, {"rows": [owner(3, kelurahan="Lere", kecamatan="Palu Barat")]}, "moved"),
}


@pytest.mark.parametrize("case", DATA)
def test_one_changed_datum_changes_the_kind_of_one_owner(case: str) -> None:
    number, by, kind = DATA[case]
    people = [replace(one, **by) if one.person == number else one for one in TOWN]
    plain, changed = flows_of(TOWN, TOWN), flows_of(TOWN, people)
    assert one(changed, number)["kind"] == kind
    others = [flows[flows["was"] != number].set_index("was")["kind"].sort_index() for flows in (plain, changed)]
    pd.testing.assert_series_equal(*others)
    assert one(plain, number)["kind"] == ("lapsed" if number < 3 else "stayed")


# levels -----------------------------------------------------------------------------------------------------------


def drawn(n: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """OWNERS of two editions (as far as levels need them) and flows between them that could be."""
    draw = np.random.default_rng(seed)
    codes = np.array([*sorted(few_rows.areas().query("level == 'kecamatan'")["id"]), ""], dtype=object)
    status = draw.choice(COVERAGE, (2, n), p=[0.1, 0.4, 0.15, 0.05, 0.3]).astype(object)
    status[1] = np.where(draw.random(n) < 0.8, status[0], status[1])
    place = draw.choice(codes, (2, n))
    place[1] = np.where(draw.random(n) < 0.9, place[0], place[1])
    gone = np.stack([draw.random(n) < 0.05, draw.random(n) < 0.05])
    gone[1] &= ~gone[0]
    told = pd.DataFrame({
        **{name: [None if absent else f"{at:016x}" for at, absent in enumerate(gone[row])]
           for row, name in enumerate(FLOWS.key)},
        **{f"status_{side}": np.where(gone[row], ABSENT, status[row])
           for row, side in enumerate(("before", "after"))},
        **{f"kecamatan_code_{side}": np.where(gone[row] | (place[row] == ""), None, place[row])
           for row, side in enumerate(("before", "after"))},
    }, dtype="str")  # fmt: skip
    told["kind"] = [kind_of(was, now, draw) for was, now in zip(told["status_before"], told["status_after"],
                                                                strict=True)]  # fmt: skip
    owners = [
        told.loc[told[name].notna(), [name, f"status_{side}", f"kecamatan_code_{side}"]].set_axis(
            ["owner_id", "status", "kecamatan_code"], axis=1
        ).assign(kelurahan_code=None, businesses_n=1, sector="trade", sex="female", age_band="35-44", scale="micro")
        for name, side in zip(FLOWS.key, ("before", "after"), strict=True)
    ]  # fmt: skip
    return told, owners[0], owners[1]


def kind_of(was: str, now: str, draw: np.random.Generator) -> str:
    if was == now:
        return "moved"
    if ABSENT in (was, now):
        return "listed" if was == ABSENT else "unlisted"
    return str(draw.choice(sorted(set(movement.LEFT[was]) & set(movement.ENTERED[now]) - {"moved"})))


def test_flows_of_many_owners_add_up_and_one_that_is_lost_is_found() -> None:
    flows, before, after = drawn(2_000, 1)
    change.refuse_unbalanced(flows, before, after)
    with pytest.raises(ContractError, match="owners do not stand"):
        change.refuse_unbalanced(flows.iloc[1:], before, after)
    with pytest.raises(ContractError, match="owners do not stand"):
        change.refuse_unbalanced(pd.concat([flows, flows.iloc[[0]]]), before, after)
    wrong = flows.assign(status_after=flows["status_after"].mask(
        flows.index == flows.index[flows["status_after"].eq("active") & flows["kecamatan_code_after"].notna()][0],
        "lapsed"))  # fmt: skip
    with pytest.raises(ContractError, match="4 levels are not those") as refused:
        change.refuse_unbalanced(wrong, before, after)
    assert "owners do not stand" not in str(refused.value)


def test_a_place_told_wrongly_is_found_in_its_kecamatan_only() -> None:
    flows, before, after = drawn(500, 2)
    at = flows.index[(flows["kecamatan_code_after"] == "72.71.01") & flows["kind"].eq("moved")][0]
    wrong = flows.assign(kecamatan_code_after=flows["kecamatan_code_after"].mask(flows.index == at, "72.71.02"))
    with pytest.raises(ContractError, match="2 levels are not those"):
        change.refuse_unbalanced(wrong, before, after)


ROW = st.fixed_dictionaries({
    "name": st.sampled_from(["Siti Aminah", "Budi Santoso", "Rina Pakaya", "Rini Pakaya", "M. Yusuf", "Yusuf"]),
    "nik": st.sampled_from(["", "", NIK, RIGHT_NIK, "7271014505900003"]),
    "birth_date": st.sampled_from(["", "12-01-1980", "45-05-1990", "15-10-1961", "15-10-2009", "01-01-1975"]),
    "phone": st.sampled_from(["", "081211112222", "081233334444"]),
    "kelurahan": st.sampled_from(["", "Lere", "Talise"]),
})  # fmt: skip
MEMBER = st.fixed_dictionaries({
    "name": st.just("Siapa"),
    "last_contribution_month": st.sampled_from(["", "2026-10", "2026-07", "2026-06", "2026-01"]),
    "status": st.sampled_from(["Aktif", "Nonaktif", "Meninggal"]),
    "member_date": st.sampled_from(["", "2020-01-15", "2026-10-05"]),
})  # fmt: skip
PEOPLE = st.lists(st.tuples(st.lists(ROW, min_size=1, max_size=2), st.lists(MEMBER, max_size=2),
                            st.sampled_from([0.0, 0.3])), max_size=12)  # fmt: skip


def people(of: list[tuple[list[Cells], list[Cells], float]]) -> list[Person]:
    return [Person(n, rows, members, chance) for n, (rows, members, chance) in enumerate(of)]


@STEADY
@given(PEOPLE, PEOPLE, st.lists(st.integers(40, 43), max_size=2, unique=True))
def test_of_any_two_editions_every_owner_is_told_once_and_every_level_adds_up(before, after, askew) -> None:
    first, second = month(Story(BEFORE, people(before), askew)), month(Story(AFTER, people(after), askew[:1]))
    flows = change.flows(first, second)
    for name, of in zip(FLOWS.key, (first, second), strict=True):
        assert sorted(flows[name].dropna()) == sorted(of.owners["owner_id"])
    assert not flows[list(FLOWS.key)].isna().all(axis=1).any()
    steps = change.moves(flows)
    sign = steps["direction"].map({"in": 1, "out": -1})
    net = sign.groupby([steps["area_code"], steps["status"]]).sum()
    for area in (CITY, "72.71.02", "72.71.08"):
        for status in COVERAGE:
            was, now = (int(change.levels(of.owners).get((area, status), 0)) for of in (first, second))
            assert was + int(net.get((area, status), 0)) == now
    told = movement.cells(flows, few_rows.areas())
    assert not rounding.faults(told, movement.layout()), "a step that the layout does not know"


@STEADY
@given(PEOPLE)
def test_of_the_same_edition_again_nobody_moves(same) -> None:
    first = month(Story(BEFORE, people(same)))
    flows = change.flows(first, replace(first, reference_date=BEFORE))
    assert (
        set(flows["kind"]) <= {"stayed"} and (flows["owner_id_before"].notna() & flows["owner_id_after"].notna()).all()
    )
    assert not flows["is_identity_corrected"].any()
    assert (flows["status_before"] == flows["status_after"]).all()


def test_flows_are_as_their_contract_says(tmp_path) -> None:
    flows = change.flows(*map(month, stories("months")))
    where = store.Store(store.Root(tmp_path), "2026-10", "abc")
    where.write({FLOWS: flows})
    pd.testing.assert_frame_equal(where.read(FLOWS), flows)
    empty = change.flows(month(Story(BEFORE, [])), month(Story(AFTER, [])))
    where.write({FLOWS: empty})
    assert where.read(FLOWS).empty


# released ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def moved() -> tuple[disclosure.Released, disclosure.Released, disclosure.Released]:
    """Released gap of both editions and the released change between them."""
    flows, before, after = drawn(12_000, 3)
    gaps = [
        disclosure.release(gap.cells(owners, few_rows.areas()), ROUNDING, gap.layout()) for owners in (before, after)
    ]
    cells = movement.cells(flows, few_rows.areas())
    return gaps[0], gaps[1], disclosure.release(cells, ROUNDING, movement.layout())


def test_every_cell_of_the_change_is_there_and_sums_are_the_steps() -> None:
    flows, before, after = drawn(2_000, 4)
    table = movement.cells(flows, few_rows.areas())
    assert list(table.columns) == list(COUNTED) and not rounding.faults(table, movement.layout())
    assert len(table) == 9 * sum(len(movement.entering(one)) + len(movement.leaving(one)) for one in COVERAGE)
    sign = table["measure"].str.endswith("_in").map({True: 1, False: -1})
    net = (table["value"] * sign).groupby([table["area_code"], table["dimension"]]).sum()
    levels = change.levels(after).sub(change.levels(before), fill_value=0)
    for (area, status), n in net.items():
        assert n == levels.get((area, status), 0)
    city = table[table["area_code"] == CITY]
    assert city.loc[city["measure"].isin(["moved_in", "moved_out"]), "value"].sum() == 0
    assert city["value"].sum() > 0
    empty = movement.cells(flows.iloc[:0], few_rows.areas())
    assert len(empty) == len(table) and (empty["value"] == 0).all()


def test_released_levels_and_steps_add_up_within_rounding(moved) -> None:
    table = disclosure.derive(balance.balance, *moved).table
    assert len(table) == 9 * len(COVERAGE) and set(table["area_code"]) >= {CITY}
    shown = table.dropna(subset=["unexplained_n"])
    assert shown["is_within_rounding"].all() and len(shown) > 20
    assert (shown["unexplained_n"] != 0).any(), "nothing was rounded"
    rest = shown["after_n"] - shown["before_n"] - shown["in_n"] + shown["out_n"]
    assert (rest == shown["unexplained_n"]).all()
    cells_n = shown["refs"].str.split().str.len()
    assert (shown["most_n"] == shares.MOST_MOVED * cells_n).all()
    assert not shown.loc[shown["area_code"] == CITY, "refs"].str.contains("moved").any()  # nobody moves in the city
    is_ten = (table["after_n"] - table["before_n"]).abs() >= 10
    assert (table["is_shown"] == is_ten.fillna(False)).all() and 0 < table["is_shown"].sum() < len(table)
    withheld = table["in_n"].isna()
    assert table.loc[withheld, "is_within_rounding"].isna().all()


def test_a_released_table_that_was_changed_does_not_add_up(moved) -> None:
    before, after, steps = (one.table for one in moved)
    own = (after["area_code"] == CITY) & (after["dimension"] == "total") & (after["measure"] == "active")
    forged = after.assign(value=after["value"].mask(own, after["value"] + 500))
    table = balance.balance(before, forged, steps)
    wrong = table[~table["is_within_rounding"].fillna(True)]
    assert wrong[["area_code", "status"]].to_numpy().tolist() == [[CITY, "active"]]


def test_the_monthly_lapse_holds_the_truth(moved) -> None:
    flows, owners, _ = drawn(12_000, 3)
    table = disclosure.derive(lambda gap, steps: balance.monthly_lapse(gap, steps, BEFORE, AFTER), moved[0], moved[2])
    rows = table.table.set_index("area_code")
    own = flows[(flows["status_before"] == "active") & (flows["kind"] == "lapsed")]
    known = rows[rows["lapse_share"].notna()]
    assert CITY in known.index and len(known) >= 5
    for area, row in known.iterrows():
        lapsed = len(own) if area == CITY else int((own["kecamatan_code_before"] == area).sum())
        is_own = (owners["status"] == "active") & ((owners["kecamatan_code"] == area) | (area == CITY))
        assert row["lapse_share_low"] <= lapsed / is_own.sum() <= row["lapse_share_high"]
        assert row["lapse_share_low"] <= row["lapse_share"] <= row["lapse_share_high"]
        assert row["is_shown"] == (row["lapsed_n"] >= 10 and row["active_n"] >= 100)
    assert known["lapse_share_low"].max() > 0


def released_cells(active: int | None, lapsed: int | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    columns = {"area_code": CITY, "level": "city", "category": "all"}
    level = pd.DataFrame([{**columns, "dimension": "total", "measure": "active", "value": active, "refs": "gap.csv#a"}])
    step = pd.DataFrame([{**columns, "dimension": "active", "measure": "lapsed_out", "value": lapsed,
                          "refs": "change.csv#b"}])  # fmt: skip
    return level.astype({"value": "Int64"}), step.astype({"value": "Int64"})


@pytest.mark.parametrize(("active", "lapsed", "day", "expected", "is_shown"), [
    (1_000, 100, BEFORE, (0.1, 0.095, 0.105), True),
    (1_000, 100, date(2026, 7, 31), (0.033, 0.031, 0.035), True),
    (1_000, 100, date(2025, 10, 31), (0.008, 0.007, 0.009), True),
    (1_000, 5, BEFORE, (0.005, 0.0, 0.01), False),
    (1_000, 0, BEFORE, (0.0, 0.0, 0.005), False),
    (95, 15, BEFORE, (0.158, 0.111, 0.209), False),
    (5, 5, BEFORE, (1.0, 0.111, 1.0), False),
    (0, 0, BEFORE, None, False), (None, 100, BEFORE, None, False), (1_000, None, BEFORE, None, False),
])  # fmt: skip
def test_a_lapse_is_told_by_the_month_and_outward(active, lapsed, day, expected, is_shown) -> None:
    row = balance.monthly_lapse(*released_cells(active, lapsed), day, AFTER).iloc[0]
    told = row[["lapse_share", "lapse_share_low", "lapse_share_high"]]
    assert told.isna().all() if expected is None else tuple(told) == expected
    assert bool(row["is_shown"]) == is_shown and row["refs"] == "gap.csv#a change.csv#b"


@pytest.mark.parametrize("day", [AFTER, date(2026, 10, 1), date(2026, 11, 1)])
def test_editions_of_one_month_or_in_the_wrong_order_have_no_monthly_lapse(day: date) -> None:
    with pytest.raises(ParameterError, match="earlier month"):
        balance.monthly_lapse(*released_cells(100, 10), day, AFTER)


def test_what_is_told_of_the_rounding_is_what_the_gate_does() -> None:
    assert shares.MOST_MOVED == rounding.MOST_MOVED


# findings ---------------------------------------------------------------------------------------------------------


def findings(*rows: tuple[str, str, str, str | None]) -> pd.DataFrame:
    columns = ["finding_id", "fixer", "severity", "kecamatan_code"]
    return pd.DataFrame(rows, columns=columns, dtype="str")


def test_findings_are_open_resolved_or_new() -> None:
    before = findings(("a", "dinas", "high", "72.71.01"), ("b", "dinas", "low", "72.71.01"),
                      ("c", "bpjs", "high", None), ("d", "dinas", "fact", "72.71.01"))  # fmt: skip
    after = findings(("b", "dinas", "low", "72.71.02"), ("e", "kelurahan", "high", "72.71.02"),
                     ("f", "dinas", "fact", "72.71.02"), ("g", "dinas", "high", "72.71.01"))  # fmt: skip
    table = movement.findings_cells(before, after, few_rows.areas())
    assert not rounding.faults(table, movement.findings_layout())
    assert len(table) == 9 * 4 * 3
    told = {(row.area_code, row.dimension, row.measure): row.value for row in table.itertuples() if row.value}
    assert told == {
        (CITY, "dinas", "open"): 1, (CITY, "dinas", "resolved"): 1, (CITY, "dinas", "new"): 1,
        (CITY, "bpjs", "resolved"): 1, (CITY, "kelurahan", "new"): 1, ("72.71.02", "dinas", "open"): 1,
        ("72.71.01", "dinas", "resolved"): 1, ("72.71.01", "dinas", "new"): 1, ("72.71.02", "kelurahan", "new"): 1,
    }  # fmt: skip
    released = disclosure.release(table, ROUNDING, movement.findings_layout()).table
    assert set(released["measure"]) == {"open", "resolved", "new", "findings"}


@pytest.mark.parametrize("empty", [True, False])
def test_findings_of_an_edition_without_any_are_all_of_the_other(empty: bool) -> None:
    some = findings(("a", "dinas", "high", None), ("a", "dinas", "high", None), ("b", "bpjs", "low", None))
    both = (some.iloc[:0], some) if empty else (some, some.iloc[:0])
    table = movement.findings_cells(*both, few_rows.areas())
    assert table["value"].sum() == table.loc[table["measure"] == ("new" if empty else "resolved"), "value"].sum() == 2
