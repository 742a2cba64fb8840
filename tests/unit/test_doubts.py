"""What may be wrong with a status (tests/spec/doubts.csv), and that no doubt is surer than sure or told twice.

`beside`: the other owners of the edition, by cause; `candidates`: pairs of the owner's rows, with another row of his
(own) or one of another owner, and their probabilities.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby

import few_rows
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.contracts.registers import AGE_BANDS, CAUSES, COVERAGE, JAMSOSTEK, KEY, UMKM
from analysis.measuring import doubts
from analysis.measuring.doubts import COMPONENTS, NOBODY, PLACE

STEADY = settings(deadline=None, max_examples=40)  # a busy machine is no failure
SPEC = few_rows.spec("doubts")
CASES = {name: list(rows) for name, rows in groupby(SPEC, key=lambda row: row["case"])}
STATUS_OF = {
    "paid": "active", "ended": "lapsed", "no_month": "unresolved", "deceased": "not_eligible", "age": "not_eligible",
    "doubtful": "unresolved", "not_found": "unregistered", "quarantined": "unresolved",
}  # fmt: skip
SURE = {"paid": 1.0, "ended": 1.0}
CASE = f"{1:016x}"
MOVE = ["component", "before", "after"]
Owner = tuple[str, float, str]
"""Cause, probability and age band."""
Row = tuple[str, int]
"""Register and row number."""
Pair = tuple[Row, Row, float, str, str]
"""Two rows, their probability, and how identity and name compare."""


def owners_of(rows: Sequence[Owner], ids: Sequence[int] | None = None) -> pd.DataFrame:
    """Owners, the nth being person n (from 1), a quarantined one a number below 0."""
    numbers = [*(ids or range(1, len(rows) + 1))]
    table = pd.DataFrame(rows, columns=["cause", "probability_enrolled", "age_band"])
    is_aside = (table["cause"] == "quarantined").to_numpy()
    return table.assign(owner_id=[f"{n:016x}" for n in numbers], status=table["cause"].map(STATUS_OF),
                        person=np.where(is_aside, -np.array(numbers), numbers)).astype(
        {"owner_id": "str", "cause": "str", "status": "str", "age_band": "str", "probability_enrolled": "float64"}
    )  # fmt: skip


def persons_of(rows: Mapping[Row, int]) -> pd.DataFrame:
    told = [(register, "", number, person) for (register, number), person in rows.items()]
    return pd.DataFrame(told, columns=["register", *KEY, "person"]).astype({"register": "str", "source_sheet": "str"})


def candidates_of(pairs: Sequence[Pair]) -> pd.DataFrame:
    columns = [f"{side}_{name}" for side in ("left", "right") for name in ("register", *KEY)]
    told = [(left[0], "", left[1], right[0], "", right[1], *rest) for left, right, *rest in pairs]
    table = pd.DataFrame(told, columns=[*columns, "probability", "identity", "name"])
    return table.astype({"probability": "float64", "left_source_row": "int64", "right_source_row": "int64"})


def turned(candidates: pd.DataFrame, which: Sequence[bool]) -> pd.DataFrame:
    """The same pairs, those named with their sides exchanged."""
    names = {f"{a}_{name}": f"{b}_{name}" for a, b in (("left", "right"), ("right", "left"))
             for name in ("register", *KEY)}  # fmt: skip
    is_turned = np.array(which, dtype=bool)
    return pd.concat([candidates[~is_turned], candidates[is_turned].rename(columns=names)[[*candidates.columns]]])


def moves(table: pd.DataFrame) -> dict[tuple[str, ...], tuple[float, float]]:
    keys = table[["owner_id", *MOVE]].itertuples(index=False, name=None)
    told = dict(zip(keys, zip(table["least"], table["most"], strict=True), strict=True))
    assert len(told) == len(table), "a move is told twice"
    return told


# one owner --------------------------------------------------------------------------------------------------------


def edition_of(case: Mapping[str, str]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Owners, persons and candidates: the owner of the case is the first."""
    owners: list[Owner] = [(case["cause"], float(case["probability"]), case["age_band"])]
    for cause, n in (one.split() for one in case["beside"].split("|") if one):
        owners += [(cause, SURE.get(cause, 0.0), "65+" if cause == "age" else "35-44")] * int(n)
    rows: dict[Row, int] = {(UMKM, 2): 1}
    others: dict[str, Row] = {}
    pairs: list[Pair] = []
    for name, chance in (one.split() for one in case["candidates"].split("|") if one):
        row = (UMKM, len(rows) + 2)
        if name == "own":
            rows[row] = 1
        else:
            owners += [("paid", 1.0, "35-44")] if name not in others else []
            others.setdefault(name, row)
            rows[row] = len(owners) if others[name] == row else rows[others[name]]
        pairs.append(((UMKM, 2), row, float(chance), "unknown", "equal"))
    return owners_of(owners), persons_of(rows), candidates_of(pairs)


@pytest.mark.parametrize("case", CASES)
def test_an_owner_has_the_doubts_of_the_table(case: str) -> None:
    rows = CASES[case]
    told = doubts.doubts(*edition_of(rows[0]))
    expected = {tuple(row[name] for name in MOVE): (float(row["least"]), float(row["most"]))
                for row in rows if row["component"]}  # fmt: skip
    found = {key[1:]: ends for key, ends in moves(told[told["owner_id"] == CASE]).items()}
    assert found.keys() == expected.keys()
    for move, ends in expected.items():
        assert found[move] == pytest.approx(ends), [row["why"] for row in rows]


def test_every_cause_and_component_stands_in_the_table_and_every_row_says_why() -> None:
    assert {row["cause"] for row in SPEC} == set(CAUSES)
    assert {row["component"] for row in SPEC} - {""} == set(COMPONENTS) - {PLACE}
    assert all(row["why"] for row in SPEC) and len(CASES) == len({row["case"] for row in SPEC})
    facts = ("cause", "probability", "age_band", "beside", "candidates")
    assert all(len({tuple(row[name] for name in facts) for row in rows}) == 1 for rows in CASES.values())


def test_the_other_end_of_a_pair_has_the_other_half_of_its_doubt() -> None:
    owners, persons, candidates = edition_of(CASES["like another owner"][0])
    told = moves(doubts.doubts(owners, persons, candidates))
    assert told == {(owner, "duplicates", "active", NOBODY): pytest.approx((0, 0.03)) for owner in owners["owner_id"]}


# pairs that nothing brought together ------------------------------------------------------------------------------


def linked_persons(*groups: tuple[int, str, str]) -> tuple[dict[Row, int], list[Pair]]:
    """So many persons with one UMKM and one participant row each, and how the two compare."""
    rows: dict[Row, int] = {}
    pairs: list[Pair] = []
    for n, identity, name in groups:
        for _ in range(n):
            at = len(pairs) + 1
            rows |= {(UMKM, at): at, (JAMSOSTEK, at): at}
            pairs.append(((UMKM, at), (JAMSOSTEK, at), 0.99, identity, name))
    return rows, pairs


BOTH, IDENTITY_ONLY, NAME_ONLY = ("nik", "equal"), ("nik_and_birth", "other"), ("other_day", "sounds")


def unseen(rows: Mapping[Row, int], pairs: Sequence[Pair], which: Sequence[bool] | None = None) -> float:
    candidates = turned(candidates_of(pairs), which or [False] * len(pairs))
    return doubts.unseen_n(doubts._between_persons(candidates, persons_of(rows)))


@pytest.mark.parametrize(("both", "identity", "name", "neither", "expected"), [
    (80, 8, 10, 0, 1.0), (80, 8, 10, 5, 1.0), (50, 20, 10, 0, 4.0), (40, 1, 1, 0, 0.025), (80, 0, 10, 0, 0.0),
    (80, 8, 0, 0, 0.0), (0, 8, 10, 0, 0.0), (0, 0, 0, 0, 0.0),
])  # fmt: skip
def test_unseen_pairs_are_one_alone_times_the_other_alone_over_both(both, identity, name, neither, expected) -> None:
    rows, pairs = linked_persons((both, *BOTH), (identity, *IDENTITY_ONLY), (name, *NAME_ONLY),
                                 (neither, "unknown", "other"))  # fmt: skip
    assert unseen(rows, pairs) == pytest.approx(expected)


def test_only_the_best_pair_of_a_linked_person_counts_and_no_pair_of_two_persons() -> None:
    rows, pairs = linked_persons((80, *BOTH), (8, *IDENTITY_ONLY), (10, *NAME_ONLY))
    more = {(JAMSOSTEK, 500): 1, (UMKM, 501): 600, (JAMSOSTEK, 501): 601, (UMKM, 502): 1}
    weak: list[Pair] = [
        ((UMKM, 1), (JAMSOSTEK, 500), 0.5, *IDENTITY_ONLY),  # the same person, less sure
        ((UMKM, 501), (JAMSOSTEK, 501), 0.999, *NAME_ONLY),  # two persons
        ((UMKM, 1), (UMKM, 502), 0.999, *NAME_ONLY),  # not between the registers
    ]
    assert unseen(rows | more, [*weak, *pairs]) == unseen(rows | more, [*pairs, *weak]) == pytest.approx(1.0)
    better: Pair = ((UMKM, 1), (JAMSOSTEK, 500), 1.0, *IDENTITY_ONLY)
    assert unseen(rows | more, [*pairs, better]) == pytest.approx(9 * 10 / 79)


def test_what_was_never_brought_together_falls_on_those_without_a_link_alike() -> None:
    rows, pairs = linked_persons((80, *BOTH), (8, *IDENTITY_ONLY), (10, *NAME_ONLY))
    owners = owners_of([("paid", 1.0, "25-34")] * 98 + [("not_found", 0.0, "25-34")] * 10)
    told = doubts.doubts(owners, persons_of(rows), candidates_of(pairs))
    alone = owners.loc[owners["cause"] == "not_found", "owner_id"]
    expected = {(owner, "missed_links", "unregistered", "active"): pytest.approx((0.1, 0.7)) for owner in alone}
    assert moves(told) == expected


# whole editions ---------------------------------------------------------------------------------------------------


@st.composite
def editions(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """A few owners of all causes, rows of theirs and of participants, and any pairs of these."""
    chance = st.sampled_from([0.0, 0.01, 0.3, 0.5, 0.8, 0.99, 1.0]) | st.floats(0, 1)
    each = st.tuples(st.sampled_from(CAUSES), chance, st.sampled_from(AGE_BANDS))
    owners = owners_of(draw(st.lists(each, min_size=1, max_size=10)))
    known = owners.loc[owners["person"] > 0, "person"].tolist()
    rows: dict[Row, int] = {(UMKM, n): person for n, person in enumerate(known, 2)}
    rows |= {(UMKM, 100 + n): one for n, one in enumerate(draw(st.lists(st.sampled_from(known or [1]), max_size=4)))}
    members = draw(st.lists(st.sampled_from([*known, 900, 901]), max_size=8))
    rows |= {(JAMSOSTEK, n): person for n, person in enumerate(members, 2)}
    own = [row for row in rows if row[0] == UMKM]
    levels = st.sampled_from([BOTH, IDENTITY_ONLY, NAME_ONLY, ("unknown", "unknown")])
    pairs: list[Pair] = []
    if own and len(rows) > 1:
        for left, right, p, (identity, name) in draw(
            st.lists(st.tuples(st.sampled_from(own), st.sampled_from([*rows]), chance, levels), max_size=15)
        ):
            pairs += [(left, right, p, identity, name)] if left != right else []
    return owners, persons_of(rows), candidates_of(pairs)


@STEADY
@given(editions())
def test_no_doubt_is_below_nothing_or_surer_than_sure(edition) -> None:
    owners = edition[0].set_index("owner_id")
    told = doubts.doubts(*edition)
    assert list(told.columns) == ["owner_id", *MOVE, "least", "most"]
    assert (told["least"] >= 0).all() and (told["least"] <= told["most"]).all() and (told["most"] > 0).all()
    assert (told.groupby(["owner_id", "before", "after"])["most"].sum() <= 1 + 1e-9).all()
    moves(told)
    assert set(told["component"]) <= set(COMPONENTS) - {PLACE}
    assert set(told["after"]) <= {*COVERAGE, NOBODY}
    assert (told["before"] != told["after"]).all()
    is_own = told["before"].to_numpy() == owners["status"].reindex(told["owner_id"]).to_numpy()
    assert (is_own | (told["before"] == NOBODY).to_numpy()).all()


@STEADY
@given(editions(), st.data())
def test_neither_the_order_of_rows_nor_the_side_of_a_pair_makes_a_difference(edition, data) -> None:
    owners, persons, candidates = edition
    which = data.draw(st.lists(st.booleans(), min_size=len(candidates), max_size=len(candidates)))
    seed = data.draw(st.integers(0, 99))
    best = candidates.drop_duplicates("probability")  # of two equally probable pairs of a person either may stand
    other = turned(best, which[: len(best)]).sample(frac=1, random_state=seed)
    told = moves(doubts.doubts(owners, persons, best))
    again = doubts.doubts(*(table.sample(frac=1, random_state=seed) for table in (owners, persons)), other)
    assert moves(again) == {move: pytest.approx(ends) for move, ends in told.items()}


def test_participant_rows_on_the_left_say_the_same() -> None:
    rows, pairs = linked_persons((80, *BOTH), (8, *IDENTITY_ONLY), (10, *NAME_ONLY))
    assert unseen(rows, pairs, [True] * len(pairs)) == pytest.approx(1.0)
    assert unseen(rows, pairs, [n % 2 == 0 for n in range(len(pairs))]) == pytest.approx(1.0)


def test_where_everything_is_sure_only_the_ages_set_apart_are_in_doubt() -> None:
    sure: list[Owner] = [("paid", 1.0, "25-34"), ("ended", 1.0, "45-54"), ("not_found", 0.0, "35-44"),
                         ("deceased", 1.0, "55-64")]  # fmt: skip
    rows, pairs = linked_persons((2, *BOTH))
    told = doubts.doubts(owners_of(sure * 5), persons_of(rows), candidates_of(pairs))
    assert told.empty and list(told.columns) == ["owner_id", *MOVE, "least", "most"]
    apart = doubts.doubts(owners_of([*sure * 5, ("age", 0.0, "65+")]), persons_of(rows), candidates_of(pairs))
    assert apart[MOVE].to_numpy().tolist() == [["age", "not_eligible", "unregistered"]]
    assert apart["most"].sum() == pytest.approx(0.16)


def test_without_owners_there_is_no_doubt() -> None:
    assert doubts.doubts(owners_of([]), persons_of({}), candidates_of([])).empty


def test_one_weaker_link_raises_false_links_and_nothing_else() -> None:
    rows, pairs = linked_persons((6, *BOTH), (2, *IDENTITY_ONLY), (2, *NAME_ONLY))
    sure: list[Owner] = [("paid", 0.99, "25-34")] * 10 + [("not_found", 0.1, "unknown"), ("age", 0.0, "65+")]
    owners = owners_of(sure)
    weaker = owners.assign(probability_enrolled=owners["probability_enrolled"].mask(owners["owner_id"] == CASE, 0.5))
    before, after = (moves(doubts.doubts(one, persons_of(rows), candidates_of(pairs))) for one in (owners, weaker))
    assert before.keys() == after.keys()
    changed = {move for move in before if before[move] != after[move]}
    assert changed == {(CASE, "false_links", "active", "unregistered")}
    assert before[changed.copy().pop()] == pytest.approx((0.003, 0.0115))
    assert after[changed.pop()] == pytest.approx((0.15, 0.575))
