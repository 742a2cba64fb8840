"""The review: whom it draws, which records it lays beside him, and what the answers say."""

import math
from datetime import date

import few_rows
import numpy as np
import pandas as pd
import pytest
from few_rows import SECRET
from hypothesis import given
from hypothesis import strategies as st

from analysis.contracts.registers import JAMSOSTEK, KEY, RENTAN, REVIEW_ANSWERS, REVIEW_PAIRS, STRATA, UMKM
from analysis.linking import lookalikes, review
from analysis.linking.lookalikes import Known

KAPPA = few_rows.spec("kappa")
CLASSES = {"yes": True, "no": False, "unsure": None}
SIZES = st.fixed_dictionaries({name: st.integers(0, 3_000) for name in STRATA})
DRAWN = st.integers(0, 6_000)


def owners_of(*rows: tuple[str, float, int]) -> pd.DataFrame:
    """Owners from cause, probability and person."""
    table = pd.DataFrame(rows, columns=["cause", "probability_enrolled", "person"])
    return table.assign(owner_id=[f"{n:016x}" for n in range(1, len(table) + 1)]).astype({"cause": "str"})


def persons_in(pairs: pd.DataFrame) -> pd.DataFrame:
    """The persons of the rows that are shown."""
    return pairs[["register", *KEY, "person"]].drop_duplicates()


# strata -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cause", "probability", "person", "expected"), [
    ("paid", 0.98, 1, "linked_surely"), ("ended", 1.0, 1, "linked_surely"), ("no_month", 0.99, 1, "linked_surely"),
    ("deceased", 0.99, 1, "linked_surely"), ("paid", 0.979999, 1, "linked_weakly"), ("ended", 0.4, 1, "linked_weakly"),
    ("paid", 0.01, 1, "linked_weakly"), ("age", 0.98, 1, "linked_surely"), ("age", 0.1, 1, "linked_weakly"),
    ("age", 0.0999, 1, "open"), ("age", 0.0, 1, "not_linked"), ("doubtful", 0.5, 1, "open"),
    ("not_found", 0.02, 1, "open"), ("not_found", 0.0199, 1, "not_linked"), ("doubtful", 0.99, 1, "open"),
    ("quarantined", 0.6, -1, "set_aside"), ("quarantined", 0.99, -7, "set_aside"),
])  # fmt: skip
def test_an_owner_belongs_to_one_stratum(cause: str, probability: float, person: int, expected: str) -> None:
    owners = owners_of((cause, probability, person)).set_axis([5])
    told = review.strata(owners)
    assert (told.to_list(), told.index.to_list()) == ([expected], [5])
    assert review.sizes(owners) == {name: int(name == expected) for name in STRATA}


def test_another_stratum_or_another_owner_changes_the_fingerprint_and_their_order_does_not() -> None:
    owners = owners_of(("paid", 0.99, 1), ("not_found", 0.0, 2))
    before = review.fingerprint(owners)
    assert review.fingerprint(owners.iloc[::-1]) == before
    assert review.fingerprint(owners.assign(probability_enrolled=[0.995, 0.001])) == before
    assert review.fingerprint(owners.assign(probability_enrolled=[0.9, 0.0])) != before
    assert review.fingerprint(owners.iloc[:1]) != before


# allocation -------------------------------------------------------------------------------------------------------


@given(SIZES, DRAWN)
def test_owners_are_shared_out_whole_and_none_is_drawn_twice(of: dict[str, int], n: int) -> None:
    told = review.allocation(of, n)
    assert list(told) == list(STRATA)
    assert sum(told.values()) == min(n, sum(of.values()))
    assert all(0 <= told[name] <= of[name] for name in STRATA)


@given(SIZES, DRAWN)
def test_each_stratum_has_its_least_before_any_has_more(of: dict[str, int], n: int) -> None:
    told = review.allocation(of, n)
    least = {name: min(review.LEAST, of[name]) for name in STRATA}
    if n >= sum(least.values()):
        assert all(told[name] >= least[name] for name in STRATA)
    else:
        assert all(told[name] <= least[name] for name in STRATA)
        short = [told[name] for name in STRATA if told[name] < least[name]]
        assert max(short) - min(short) <= 1


@given(SIZES, DRAWN)
def test_with_more_owners_no_stratum_gets_fewer(of: dict[str, int], n: int) -> None:
    before, after = review.allocation(of, n), review.allocation(of, n + 7)
    assert all(before[name] <= after[name] for name in STRATA)


def test_large_strata_are_shared_out_as_neyman_does() -> None:
    of = dict.fromkeys(STRATA, 100_000)
    told = review.allocation(of, 10_000)
    spread = {name: math.sqrt(p * (1 - p)) for name, p in review.PRIOR.items()}
    for name in STRATA:
        assert told[name] == pytest.approx(10_000 * spread[name] / sum(spread.values()), abs=2)


def test_the_planned_error_is_that_of_a_simple_draw() -> None:
    of = {**dict.fromkeys(STRATA, 0), "set_aside": 1_000}
    assert review.planned_error(of, 100) == pytest.approx(math.sqrt(1_000**2 * 0.25 / 100 * 0.9))
    assert review.planned_error(of, 1_000) == 0
    assert review.planned_error(of, 0) == math.inf
    assert review.halving({**of, "set_aside": 1_000_000}, 100) == pytest.approx(400, abs=1), "four times as many"


@given(SIZES, st.integers(10, 2_000))
def test_halving_is_the_fewest_owners_that_halve_the_planned_error(of: dict[str, int], n: int) -> None:
    told, now = review.halving(of, n), review.planned_error(of, n)
    assert min(n, sum(of.values())) <= told <= sum(of.values())
    assert review.planned_error(of, told) <= now / 2
    assert told == min(n, sum(of.values())) or review.planned_error(of, told - 1) > now / 2


# the sample -------------------------------------------------------------------------------------------------------

KINDS = [("paid", 0.99), ("ended", 0.5), ("not_found", 0.0), ("doubtful", 0.3), ("quarantined", 0.6)]
MANY = owners_of(*[(*KINDS[n % 23 if n % 23 < 5 else (n % 2) * 2], -n - 1 if n % 23 == 4 else n) for n in range(3_000)])


def drawn(owners: pd.DataFrame, n: int, seed: int = 1) -> pd.DataFrame:
    return review.sample(owners, n, np.random.default_rng(seed))


def test_the_sample_is_that_of_the_allocation_sorted_and_numbered() -> None:
    told = drawn(MANY, 300)
    assert list(told.columns) == ["owner_id", "stratum", "question"]
    wanted = review.allocation(review.sizes(MANY), 300)
    assert told["stratum"].value_counts().to_dict() == {name: n for name, n in wanted.items() if n}
    assert told["owner_id"].is_monotonic_increasing and told["owner_id"].is_unique
    assert sorted(told["question"]) == [*range(1, 301)]
    stratum = review.strata(MANY).set_axis(MANY["owner_id"])
    assert told["stratum"].to_list() == stratum[told["owner_id"]].to_list()


def test_the_same_seed_draws_the_same_in_whatever_order_owners_come() -> None:
    told = drawn(MANY, 300)
    assert told.equals(drawn(MANY.sample(frac=1, random_state=3), 300))
    assert not told.equals(drawn(MANY, 300, seed=2))


def test_a_larger_sample_holds_the_smaller_one_in_the_same_order() -> None:
    few, more = drawn(MANY, 120), drawn(MANY, 700)
    assert {*few["owner_id"]} < {*more["owner_id"]}
    both = few.merge(more, on=["owner_id", "stratum"], suffixes=("_few", "_more")).sort_values("question_few")
    assert len(both) == 120 and both["question_more"].is_monotonic_increasing


def test_more_than_all_owners_are_all() -> None:
    assert len(drawn(MANY, 10_000)) == len(MANY)
    assert drawn(MANY.iloc[:0], 10).empty


def test_the_order_of_the_questions_tells_no_stratum() -> None:
    told = drawn(MANY, 1_000)
    middle = told.groupby("stratum")["question"].mean()
    assert len(middle) == len(STRATA) and middle.between(400, 600).all(), middle.to_dict()


def test_owners_of_a_stratum_are_drawn_equally_often() -> None:
    """Over many seeds each of 60 alike owners is drawn about as often as any other."""
    owners = owners_of(*[("not_found", 0.0, n) for n in range(60)])
    counts = pd.concat([drawn(owners, 20, seed)["owner_id"] for seed in range(300)]).value_counts()
    assert len(counts) == 60 and counts.between(65, 135).all()  # 100 expected, standard deviation 8.2


# what the answers say ---------------------------------------------------------------------------------------------

OWNERS = owners_of(("paid", 0.99, 10), ("not_found", 0.0, 20), ("not_found", 0.0, 30), ("quarantined", 0.5, -1))
ONE, TWO, THREE, ASIDE = OWNERS["owner_id"]
ASKED = [(JAMSOSTEK, 101), (JAMSOSTEK, 102), (JAMSOSTEK, 103), (UMKM, 20), (UMKM, 30), (UMKM, 30), (RENTAN, 301),
         (RENTAN, 302)]  # fmt: skip
"""Register and person of each row that is laid beside an owner."""


def pairs_of(*owners: str, asked: list[tuple[str, int]] = ASKED) -> pd.DataFrame:
    rows = [(owner, n, *one) for owner in owners for n, one in enumerate(asked)]
    table = pd.DataFrame(rows, columns=["owner_id", "source_row", "register", "person"])
    return table.assign(source_sheet="", question_id=[f"{n:016x}" for n in range(len(rows))])[[*REVIEW_PAIRS.columns]]


def answers_of(pairs: pd.DataFrame, said: dict[str, str], reviewer: str = "A", day: date = date(2026, 11, 9)
               ) -> pd.DataFrame:  # fmt: skip
    """Answers from eight letters an owner: s, o, u, or . for a blank."""
    words = {"s": "same", "o": "other", "u": "unknown"}
    rows = [
        (question_id, reviewer, words[letter], day)
        for owner, letters in said.items()
        for question_id, letter in zip(pairs.loc[pairs["owner_id"] == owner, "question_id"], letters, strict=True)
        if letter != "."
    ]
    return pd.DataFrame(rows, columns=list(REVIEW_ANSWERS.columns)).astype({"answered_date": "datetime64[s]"})


@pytest.mark.parametrize(("said", "expected"), [
    ("ooo" "ooo" "oo", (False, 1, False)),
    ("oso" "ooo" "oo", (True, 1, False)),
    ("s.." "ooo" "oo", (True, 1, False)),
    ("suu" "ooo" "oo", (True, 1, False)),
    ("ouo" "ooo" "oo", (None, 1, False)),
    ("uuu" "..." "..", (None, 1, None)),
    ("ooo" "soo" "oo", (False, 2, False)),
    ("ooo" "oss" "oo", (False, 2, False)),
    ("ooo" "sss" "oo", (False, 3, False)),
    ("ooo" "uuu" "so", (False, 1, True)),
    ("ooo" "ooo" "s.", (False, 1, True)),
    ("ooo" "ooo" "uo", (False, 1, None)),
    ("ooo" "ooo" "o.", (False, 1, None)),
    ("oo." "sss" "ss", None),
    ("..." "ooo" "oo", None),
])  # fmt: skip
def test_a_verdict_follows_from_the_answers(said: str, expected: tuple[bool | None, int, bool | None] | None) -> None:
    pairs = pairs_of(ONE)
    told = review.verdicts(pairs, answers_of(pairs, {ONE: said}), OWNERS)
    rows = [tuple(None if value is pd.NA else value for value in row) for row in told.itertuples(index=False)]
    assert rows == ([] if expected is None else [(ONE, "A", *expected[:2], 0, expected[2])])
    assert told.dtypes.astype("str").to_dict() == {"owner_id": "str", "reviewer": "str", "is_enrolled": "boolean",
                                                   "units_n": "int64", "others_n": "int64",
                                                   "is_vulnerable": "boolean"}  # fmt: skip


@pytest.mark.parametrize(("said", "others"), [("ooosoo", 0), ("ooooss", 1), ("ooouss", 0), ("oooo..", 1)])
def test_a_row_of_his_own_that_is_somebody_elses_is_told(said: str, others: int) -> None:
    asked = [(JAMSOSTEK, 101), (JAMSOSTEK, 102), (JAMSOSTEK, 103), (UMKM, 10), (UMKM, 20), (UMKM, 30)]
    pairs = pairs_of(ONE, asked=asked)
    assert review.verdicts(pairs, answers_of(pairs, {ONE: said}), OWNERS)["others_n"].to_list() == [others]


def test_a_set_aside_owner_is_judged_like_any_other_and_counts_himself() -> None:
    pairs = pairs_of(ASIDE)
    told = review.verdicts(pairs, answers_of(pairs, {ASIDE: "osossooo"}), OWNERS)
    assert told[["is_enrolled", "units_n"]].to_numpy().tolist() == [[True, 3]]


def test_his_own_other_rows_make_no_further_unit_and_unknown_persons_none_either() -> None:
    pairs = pairs_of(ONE, asked=[(JAMSOSTEK, 101), (UMKM, 10), (UMKM, 10), (UMKM, 999)])
    assert review.verdicts(pairs, answers_of(pairs, {ONE: "osss"}), OWNERS)["units_n"].to_list() == [1]


def test_of_a_list_that_was_not_delivered_nothing_is_said() -> None:
    pairs = pairs_of(ONE, asked=ASKED[:6])
    assert review.verdicts(pairs, answers_of(pairs, {ONE: "oooooo"}), OWNERS)["is_vulnerable"].isna().all()


def test_answers_to_other_questions_and_older_answers_count_nothing() -> None:
    pairs = pairs_of(ONE, TWO)
    new = answers_of(pairs, {ONE: "oooooooo"}, day=date(2026, 11, 9))
    old = answers_of(pairs, {ONE: "soooooos"}, day=date(2026, 11, 8))
    strange = new.assign(question_id="f" * 16).head(1)
    for order in ([old, new, strange], [strange, new, old]):
        told = review.verdicts(pairs, pd.concat(order, ignore_index=True), OWNERS)
        assert (len(told), told["is_enrolled"].to_list()) == (1, [False])


def test_each_reviewer_has_a_verdict_of_his_own_and_rows_judged_the_same_are_named() -> None:
    pairs = pairs_of(ONE, TWO)
    both = pd.concat([answers_of(pairs, {ONE: "sosoooss", TWO: "oooooooo"}),
                      answers_of(pairs, {ONE: "oooooooo", TWO: "oos....."}, reviewer="B")])  # fmt: skip
    told = review.verdicts(pairs, both, OWNERS)
    assert told[["owner_id", "reviewer", "is_enrolled"]].to_numpy().tolist() == [
        [ONE, "A", True], [ONE, "B", False], [TWO, "A", False], [TWO, "B", True]]  # fmt: skip
    named = review.confirmed(pairs, both, persons_in(pairs))
    assert named.to_numpy().tolist() == [[ONE, "A", "", 0], [ONE, "A", "", 2], [TWO, "B", "", 2]]


def test_of_a_person_judged_the_same_all_participations_are_told() -> None:
    pairs = pairs_of(ONE)
    persons = pd.DataFrame([(JAMSOSTEK, "", 0, 101), (JAMSOSTEK, "B", 9, 101), (JAMSOSTEK, "", 1, 102),
                            (UMKM, "", 5, 101)], columns=["register", *KEY, "person"])  # fmt: skip
    told = review.confirmed(pairs, answers_of(pairs, {ONE: "soosssss"}), persons)
    assert told.to_numpy().tolist() == [[ONE, "A", "", 0], [ONE, "A", "B", 9]]


def test_nobody_has_answered_yet() -> None:
    pairs = pairs_of(ONE)
    none = answers_of(pairs, {})
    assert review.verdicts(pairs, none, OWNERS).empty
    assert review.confirmed(pairs, none, persons_in(pairs)).empty
    assert review.kappa(review.verdicts(pairs, none, OWNERS)).empty


# agreement --------------------------------------------------------------------------------------------------------


def verdicts_of(**said: list[bool | None]) -> pd.DataFrame:
    """Verdicts of each reviewer on the same owners."""
    rows = [(f"{n:016x}", reviewer, one) for reviewer, list_ in said.items() for n, one in enumerate(list_)]
    table = pd.DataFrame(rows, columns=["owner_id", "reviewer", "is_enrolled"])
    return table.astype({"is_enrolled": "boolean"}).assign(units_n=1, is_vulnerable=False)


@pytest.mark.parametrize("case", KAPPA, ids=lambda case: case["why"])
def test_kappa_is_that_of_the_spec(case: dict[str, str]) -> None:
    cells = [(one, other, int(case[f"{one}_{other}"])) for one in CLASSES for other in CLASSES]
    first = [CLASSES[one] for one, _, n in cells for _ in range(n)]
    second = [CLASSES[other] for _, other, n in cells for _ in range(n)]
    told = review.kappa(verdicts_of(Ani=first, Budi=second))
    assert told[["reviewers", "owners_n"]].to_numpy().tolist() == [["Ani / Budi", len(first)]]
    assert told["agreement_share"].item() == pytest.approx(float(case["agreement"]))
    if case["kappa"]:
        assert told["kappa"].item() == pytest.approx(float(case["kappa"]), abs=1e-6)
    else:
        assert told["kappa"].item() is pd.NA


def test_of_three_reviewers_each_two_are_compared_where_they_share_owners() -> None:
    told = verdicts_of(A=[True, False, True], B=[True, False, False])
    other = verdicts_of(C=[True, False, True, False]).iloc[3:]
    assert review.kappa(pd.concat([told, other]))["reviewers"].to_list() == ["A / B"]
    every = review.kappa(pd.concat([told, verdicts_of(C=[True, True, True])]))
    assert every["reviewers"].to_list() == ["A / B", "A / C", "B / C"]
    assert review.kappa(told[told["reviewer"] == "A"]).empty


# what is laid beside an owner -------------------------------------------------------------------------------------

CITY = (41, 1_000, 1_600)


@pytest.fixture(scope="module")
def known() -> Known:
    """A small city, linked; one of its UMKM rows has been set aside."""
    of = few_rows.city(*CITY).prepared
    nobody = few_rows.prepared({UMKM: few_rows.raw(UMKM, [{"name": "-", "nik": "-"}], sheet="Lain", first=7)})
    linkage = few_rows.linked(of.tables)
    owners = few_rows.covered(few_rows.Prepared(of.tables, nobody.quarantine, of.findings, of.accounts), linkage).owners
    aside = of.tables[UMKM].head(1).assign(source_sheet="Lain", source_row=7, name=None, birth_year=pd.NA)
    return Known(of.tables, owners, linkage.persons, linkage.candidates, aside.astype(of.tables[UMKM].dtypes))


@pytest.fixture(scope="module")
def everybody(known: Known) -> pd.DataFrame:
    return drawn(known.owners, 10_000)


@pytest.fixture(scope="module")
def laid(known: Known, everybody: pd.DataFrame) -> pd.DataFrame:
    return lookalikes.pairs(everybody, known, SECRET, "edition")


def test_every_owner_has_as_many_rows_of_each_register_linked_or_not(
    laid: pd.DataFrame, everybody: pd.DataFrame
) -> None:
    assert list(laid.columns) == list(REVIEW_PAIRS.columns)
    assert laid["question_id"].is_unique and laid["question_id"].str.fullmatch("[0-9a-f]{16}").all()
    counts = laid.groupby(["owner_id", "register"])["person"].agg(["size", "nunique"]).unstack()
    assert {*counts.index} == {*everybody["owner_id"]} and "set_aside" in {*everybody["stratum"]}
    for name, n in lookalikes.PERSONS_N.items():
        assert (counts["size"][name] == n).all() and (counts["nunique"][name] == n).all(), name


def test_his_own_rows_are_shown_and_never_his_first_one(laid: pd.DataFrame, known: Known) -> None:
    both = laid.merge(known.owners, on="owner_id", suffixes=("", "_owner"))
    is_own = both["person"] == both["person_owner"]
    of_participants = both[both["register"] == JAMSOSTEK].assign(is_own=is_own).groupby("owner_id")["is_own"].any()
    members = known.owners["person"].isin(known.persons.loc[known.persons["register"] == JAMSOSTEK, "person"])
    assert of_participants[known.owners["owner_id"]].to_list() == members.to_list() and members.any()
    umkm = both[both["register"] == UMKM]
    first = (umkm["source_row"] == umkm["umkm_source_row"]) & (umkm["source_sheet"] == umkm["umkm_source_sheet"])
    assert not first.any()
    several = known.owners[known.owners["rows_n"] > 1]["owner_id"]
    assert len(several) and umkm[is_own.reindex(umkm.index)].groupby("owner_id").size()[several].eq(1).all()


def test_the_place_of_a_row_does_not_tell_that_it_is_linked(laid: pd.DataFrame, known: Known) -> None:
    own = laid[laid["register"] == JAMSOSTEK].merge(known.owners[["owner_id", "person"]], on="owner_id",
                                                    suffixes=("", "_owner"))  # fmt: skip
    own["place"] = own.groupby("owner_id").cumcount()
    counts = own.loc[own["person"] == own["person_owner"], "place"].value_counts(normalize=True)
    assert len(counts) == 6 and counts.between(0.10, 0.24).all(), counts.to_dict()  # 1/6 expected


def test_what_is_shown_of_an_owner_does_not_depend_on_who_else_is_drawn(laid: pd.DataFrame, known: Known) -> None:
    few = lookalikes.pairs(drawn(known.owners, 30), known, SECRET, "edition")
    shared = laid[laid["owner_id"].isin(few["owner_id"])]
    order = ["owner_id", "question_id"]
    assert few.sort_values(order, ignore_index=True).equals(shared.sort_values(order, ignore_index=True))
    other = lookalikes.pairs(drawn(known.owners, 30), known, SECRET, "another edition")
    assert not {*other["question_id"]} & {*few["question_id"]}


def test_the_true_participation_is_shown_nearly_always_also_where_the_linkage_missed_it(
    laid: pd.DataFrame, known: Known
) -> None:
    truth = few_rows.city(*CITY).truth
    person = pd.concat([truth["umkm_rows"].assign(register=UMKM),
                        truth["participant_rows"].assign(register=JAMSOSTEK)])  # fmt: skip
    places = {f"umkm_{name}": name for name in KEY}
    owner = known.owners.rename(columns=places).merge(truth["umkm_rows"], on=list(KEY))
    owner = owner.merge(truth["owners"][["person_id", "is_enrolled"]], on="person_id")
    told = laid[laid["register"] == JAMSOSTEK].merge(person, on=["register", *KEY])
    told = told.merge(owner[["owner_id", "person_id"]], on="owner_id", suffixes=("", "_owner"))
    shown = {*told.loc[told["person_id"] == told["person_id_owner"], "owner_id"]}
    enrolled = owner[owner["is_enrolled"].str.lower() == "true"]
    is_shown = enrolled["owner_id"].isin(shown)
    is_missed = ~review.strata(enrolled).str.startswith("linked")
    assert is_shown.mean() > 0.985
    assert is_missed.sum() >= 5 and is_shown[is_missed].mean() >= 0.5


def test_a_small_register_is_shown_whole_and_one_not_delivered_not_at_all() -> None:
    rows = [{"name": "Siti Aminah", "nik": "7271014508790001", "birth_date": "05-08-1979"}]
    few = [*rows, {"name": "Yohanes Lado", "nik": "7203123112520004", "birth_date": "31-12-1952"}]
    of = few_rows.prepared({UMKM: few_rows.raw(UMKM, rows), JAMSOSTEK: few_rows.raw(JAMSOSTEK, few)})
    linkage = few_rows.linked(of.tables)
    owners = few_rows.covered(of, linkage).owners
    known = Known(of.tables, owners, linkage.persons, linkage.candidates, of.tables[UMKM].iloc[:0])
    told = lookalikes.pairs(drawn(owners, 5), known, SECRET, "edition")
    assert sorted(zip(told["register"], told["source_row"], strict=True)) == [(JAMSOSTEK, 2), (JAMSOSTEK, 3)]
    assert lookalikes.pairs(drawn(owners, 0), known, SECRET, "edition").empty


OWNER = {"name": "Siti Aminah", "birth_date": "05-08-1979", "phone": "081377192045", "kelurahan": "Besusu Barat",
         "kecamatan": "Palu Timur"}  # fmt: skip
DECOYS = [{"name": f"Siti Rahma{end}", "birth_date": f"{n + 10}-03-1979", "phone": "", "kelurahan": "Petobo"}
          for n, end in enumerate(["", "n", "t", "ti", "wati", "yani", "yanti", "tia", "ni"])]  # fmt: skip
"""As many namesakes by half of the same year as would fill what is shown."""


@pytest.mark.parametrize(("changed", "is_shown"), [
    ({"birth_date": "05-08-1979"}, True), ({"phone": "0813-7719-2045"}, True),
    ({"name": "Aminah Siti", "kelurahan": "Besusu Barat"}, True), ({"name": "Siti Aminah", "birth_date": "1979"}, True),
    ({"birth_date": "06-08-1979"}, False), ({"name": "Siti Aminah", "birth_date": "1962"}, False),
], ids=["same day", "same phone", "same kelurahan, name turned round", "same name and year", "another day",
        "neither year nor kelurahan nor phone"])  # fmt: skip
def test_the_search_looks_at_name_day_phone_year_and_kelurahan(changed: dict[str, str], is_shown: bool) -> None:
    one = {"name": "Siman Lado", "birth_date": "", "phone": "", "kelurahan": "", **changed}
    of = few_rows.prepared({UMKM: few_rows.raw(UMKM, [{**OWNER, "nik": ""}]),
                            JAMSOSTEK: few_rows.raw(JAMSOSTEK, [*DECOYS, {**one, "nik": ""}])})  # fmt: skip
    linkage = few_rows.linked(of.tables)
    owners = few_rows.covered(of, linkage).owners
    apart = linkage.persons.assign(person=range(len(linkage.persons)))
    owners = owners.assign(person=apart.loc[apart["register"] == UMKM, "person"].item())
    known = Known(of.tables, owners, apart, linkage.candidates.iloc[:0], of.tables[UMKM].iloc[:0])
    told = lookalikes.pairs(drawn(owners, 1), known, SECRET, "edition")
    assert len(told) == 6
    assert (of.tables[JAMSOSTEK]["source_row"].max() in {*told["source_row"]}) == is_shown


def test_a_namesake_born_on_the_same_day_is_found_where_the_linkage_has_no_candidate(known: Known) -> None:
    bare = Known(known.tables, known.owners, known.persons.copy(), known.candidates.iloc[:0], known.aside)
    linked = known.owners[(known.owners["cause"] == "paid") & (known.owners["probability_enrolled"] > 0.9999)].head(80)
    bare.persons.loc[bare.persons["register"] == JAMSOSTEK, "person"] += 1_000_000
    sample = linked[["owner_id"]].assign(stratum="linked_surely", question=range(1, len(linked) + 1))
    told = lookalikes.pairs(sample, bare, SECRET, "edition")
    own = told[told["register"] == JAMSOSTEK].merge(linked[["owner_id", "person"]], on="owner_id")
    assert (own["person_x"] - 1_000_000 == own["person_y"]).groupby(own["owner_id"]).any().mean() > 0.9
