"""What a review makes of the counts: by the table of statuses (tests/spec/reviewed.csv), by hand, and in many draws.

`months` and `texts` have one value for each participation that the reviewer confirmed, parted by |; blank: an empty
cell; absent: the register has no months.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import date

import few_rows
import numpy as np
import pandas as pd
import pytest

from analysis.cleaning.findings import Limits
from analysis.contracts.registers import (
    AGE_BANDS,
    CAUSES,
    COVERAGE,
    JAMSOSTEK,
    KEY,
    REVIEW_ANSWERS,
    REVIEW_PAIRS,
    SCALES,
    SECTORS,
    SEXES,
    STRATA,
    UMKM,
)
from analysis.contracts.released import KEY as CELL
from analysis.contracts.released import REVIEWED
from analysis.linking import review
from analysis.measuring import coverage, gap, reviewed, uncertainty
from analysis.measuring.doubts import AGE, MISSED_LINKS
from analysis.releasing import disclosure
from analysis.sources import keys

RULES = coverage.Rules(few_rows.REFERENCE, Limits(), few_rows.FROZEN.review)
SPEC = few_rows.spec("reviewed")
VERDICT = {"yes": True, "no": False, "unsure": None}
STATUS_OF = {
    "paid": "active", "ended": "lapsed", "no_month": "unresolved", "deceased": "not_eligible", "age": "not_eligible",
    "doubtful": "unresolved", "not_found": "unregistered", "quarantined": "unresolved",
}  # fmt: skip
FEW_AREAS = ("72.71", "72.71.01", "72.71.02", "72.71.02.1009")
MEASURES = ("active", "lapsed", "unregistered", "not_eligible", "unresolved", "not_protected", "owners")
RANGED = tuple(name for name in MEASURES if name != "unresolved")
OF = {name: (name,) for name in COVERAGE} | {"not_protected": ("unregistered", "lapsed"), "owners": COVERAGE}
Owner = tuple[str, float]
"""Cause and probability."""
LINKED, WEAK, OPEN, ALONE, ASIDE = (
    ("paid", 0.99), ("ended", 0.7), ("doubtful", 0.5), ("not_found", 0.0), ("quarantined", 0.6),
)  # fmt: skip


def few_areas() -> pd.DataFrame:
    table = few_rows.areas()
    own = table[table["id"].isin(FEW_AREAS)]
    assert len(own) == len(FEW_AREAS)
    return own


def owners_of(rows: Sequence[Owner], **columns: object) -> pd.DataFrame:
    """Owners of one kind, unless `columns` says otherwise."""
    numbers = np.arange(1, len(rows) + 1)
    table = pd.DataFrame(rows, columns=["cause", "probability_enrolled"]).astype({"cause": "str"})
    same = {"kecamatan_code": "72.71.02", "kelurahan_code": "72.71.02.1009", "sector": "trade", "sex": "male",
            "age_band": "25-34", "scale": "micro", "businesses_n": 1}  # fmt: skip
    is_aside = (table["cause"] == "quarantined").to_numpy()
    return table.assign(owner_id=[f"{n:016x}" for n in numbers], status=table["cause"].map(STATUS_OF).astype("str"),
                        person=np.where(is_aside, -numbers, numbers), **{**same, **columns})  # fmt: skip


def told_of(owners: pd.DataFrame, statuses: Mapping[int, str] | None = None, reviewer: str = "a", *,
            units: Mapping[int, int] | None = None, others: Mapping[int, int] | None = None
            ) -> pd.DataFrame:  # fmt: skip
    """What a reviewer says of owners: as the model does, but for those named by their place."""
    status = owners["status"].tolist()
    for n, one in (statuses or {}).items():
        status[n] = one
    return pd.DataFrame({
        "owner_id": owners["owner_id"].to_numpy(), "reviewer": reviewer,
        "units_n": [(units or {}).get(n, 1) for n in range(len(owners))],
        "others_n": [(others or {}).get(n, 0) for n in range(len(owners))], "status": pd.array(status, dtype="str"),
    })  # fmt: skip


def estimated(owners: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    return reviewed.estimates(owners, told).set_index("measure")


NO_DOUBTS = pd.DataFrame({
    **{name: pd.array([], dtype="str") for name in ("owner_id", "component", "before", "after")},
    "least": pd.array([], dtype="float64"), "most": pd.array([], dtype="float64"),
})  # fmt: skip


def interval(owners: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    ranges = reviewed.interval(owners, told, NO_DOUBTS, gap.cells(owners, few_areas()), few_areas())
    assert ranges.kind == REVIEWED
    return ranges.table


def in_city(owners: pd.DataFrame, told: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """The range of each measure for all owners of the city."""
    own = interval(owners, told).query("area_code == '72.71' and dimension == 'total'")
    return {row["measure"]: (row["lower"], row["upper"]) for row in own.to_dict("records")}


def width(ends: tuple[float, float]) -> float:
    return ends[1] - ends[0]


# what a reviewed owner is -----------------------------------------------------------------------------------------


def cell(text: str) -> str | None:
    return None if text in ("blank", "absent") else text


def verdicts_of(rows: Sequence[tuple[str, str, bool | None]]) -> pd.DataFrame:
    """Verdicts from owner, reviewer and is_enrolled."""
    table = pd.DataFrame(rows, columns=["owner_id", "reviewer", "is_enrolled"])
    return table.assign(units_n=1, others_n=0, is_vulnerable=pd.array([None] * len(rows), "boolean")).astype(
        {"owner_id": "str", "reviewer": "str", "is_enrolled": "boolean"})  # fmt: skip


def participants_of(rows: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Cleaned participant rows from month and text."""
    months = pd.array([cell(month) for month, _ in rows], "str")
    return pd.DataFrame({
        "source_sheet": "", "source_row": range(2, len(rows) + 2), "last_contribution_month": months,
        "last_contribution_month_as_written": months, "status": [text for _, text in rows],
    })  # fmt: skip


def judged(cases: Sequence[dict[str, str]]) -> dict[str, str]:
    owners = owners_of([(case["cause"], 0.5) for case in cases], age_band=[case["age_band"] for case in cases])
    rows: list[tuple[str, str]] = []
    confirmed: list[tuple[str, str, str, int]] = []
    for owner_id, case in zip(owners["owner_id"], cases, strict=True):
        own = zip(case["months"].split("|"), case["texts"].split("|"), strict=True) if case["months"] else ()
        for row in own:
            rows.append(row)
            confirmed.append((owner_id, "a", "", len(rows) + 1))
    verdicts = verdicts_of([(owner_id, "a", VERDICT[case["is_enrolled"]])
                            for owner_id, case in zip(owners["owner_id"], cases, strict=True)])  # fmt: skip
    rowed = pd.DataFrame(confirmed, columns=["owner_id", "reviewer", *KEY])
    told = reviewed.judged(verdicts, rowed, owners, {JAMSOSTEK: participants_of(rows)}, RULES)
    assert list(told.columns) == ["owner_id", "reviewer", "units_n", "others_n", "status"]
    assert told["owner_id"].tolist() == owners["owner_id"].tolist()
    return dict(zip((case["case"] for case in cases), told["status"], strict=True))


@pytest.fixture(scope="module")
def statuses() -> dict[str, str]:
    has_none = [case for case in SPEC if case["months"] == "absent"]
    return judged(has_none) | judged([case for case in SPEC if case not in has_none])


@pytest.mark.parametrize("case", SPEC, ids=lambda case: case["case"])
def test_a_reviewed_owner_has_the_status_of_the_table(case: dict[str, str], statuses: dict[str, str]) -> None:
    assert statuses[case["case"]] == case["expected"], case["why"]


def test_every_status_and_cause_stands_in_the_table_and_every_row_says_why() -> None:
    told = {row["expected"] for row in SPEC}
    assert told == set(COVERAGE) - {"unresolved"} | {reviewed.ENROLLED, reviewed.UNDECIDED}
    assert {row["cause"] for row in SPEC} == set(CAUSES)
    assert all(row["why"] for row in SPEC) and len({row["case"] for row in SPEC}) == len(SPEC)


def test_each_reviewer_is_judged_by_the_rows_that_he_confirmed_and_owners_gone_are_left_out() -> None:
    owners = owners_of([LINKED, WEAK])
    one, two = owners["owner_id"]
    verdicts = verdicts_of([(two, "b", True), (one, "a", True), (one, "b", True), ("f" * 16, "a", True)])
    verdicts = verdicts.assign(units_n=[2, 1, 1, 1], others_n=[0, 1, 0, 0])
    confirmed = pd.DataFrame([(one, "a", "", 2), (one, "b", "", 3), (two, "b", "", 2), (two, "b", "", 3)],
                             columns=["owner_id", "reviewer", *KEY])  # fmt: skip
    tables = {JAMSOSTEK: participants_of([("2026-09", "active"), ("2020-01", "inactive")])}
    told = reviewed.judged(verdicts, confirmed, owners, tables, RULES)
    assert told.to_numpy().tolist() == [
        [two, "b", 2, 0, "active"], [one, "a", 1, 1, "active"], [one, "b", 1, 0, "lapsed"],
    ]  # fmt: skip


def test_without_a_participant_register_nobody_is_active() -> None:
    owners = owners_of([ALONE, ALONE])
    verdicts = verdicts_of([(owners["owner_id"][0], "a", None), (owners["owner_id"][1], "a", False)])
    nothing = pd.DataFrame({"owner_id": [], "reviewer": [], "source_sheet": [], "source_row": []})
    assert reviewed.judged(verdicts, nothing, owners, {}, RULES)["status"].tolist() == ["undecided", "unregistered"]


def test_answers_of_a_review_can_be_judged() -> None:
    """From answers to two owners, as `linking.review` reads them: one linked rightly, by an old participation beside
    which he has one that goes on; the other's link is to somebody else.
    """
    owners = owners_of([LINKED, WEAK])
    pairs = pd.DataFrame([
        ("q1", owners["owner_id"][0], JAMSOSTEK, "", 2, 1), ("q2", owners["owner_id"][0], UMKM, "", 9, 1),
        ("q3", owners["owner_id"][1], JAMSOSTEK, "", 3, 2),
    ], columns=[*REVIEW_PAIRS.columns])  # fmt: skip
    answers = pd.DataFrame([(question, "a", said, date(2026, 11, 9)) for question, said in
                            (("q1", "same"), ("q2", "other"), ("q3", "other"))],
                           columns=[*REVIEW_ANSWERS.columns])  # fmt: skip
    persons = pd.DataFrame([(JAMSOSTEK, "", 2, 1), (JAMSOSTEK, "", 3, 2), (JAMSOSTEK, "", 4, 1), (UMKM, "", 2, 1)],
                           columns=["register", *KEY, "person"])  # fmt: skip
    participants = participants_of([("2020-01", "inactive"), ("2020-01", "inactive"), ("2026-09", "active")])
    told = reviewed.judged(review.verdicts(pairs, answers, owners), review.confirmed(pairs, answers, persons), owners,
                           {JAMSOSTEK: participants}, RULES)  # fmt: skip
    assert told["status"].tolist() == ["active", "unregistered"]
    assert told["units_n"].tolist() == [1, 1] and told["others_n"].tolist() == [1, 0]


# by hand ----------------------------------------------------------------------------------------------------------


def test_an_estimate_by_hand() -> None:
    """40 owners taken for active, 10 reviewed, 2 of them are not registered: 40 - 40 x .2 = 32 active.

    Squares 2 x .8^2 + 8 x .2^2 = 1.6, and .5; variance of one (1.6 + .5) / 10; of the mean that / 10 x 30 / 40.
    """
    owners = owners_of([LINKED] * 40)
    told = estimated(owners, told_of(owners.head(10), {0: "unregistered", 7: "unregistered"}))
    error = 40 * math.sqrt(0.21 / 10 * 0.75)
    assert told.loc["active"].tolist() == pytest.approx([40, 32, error])
    assert told.loc["unregistered"].tolist() == pytest.approx([0, 8, error])
    assert told.loc["not_protected"].tolist() == pytest.approx([0, 8, error])
    unseen = 40 * math.sqrt(0.05 / 10 * 0.75)
    assert told.loc["owners"].tolist() == pytest.approx([40, 40, unseen])
    assert told.loc["lapsed"].tolist() == pytest.approx([0, 0, unseen])


def test_each_stratum_is_corrected_by_its_own_mean() -> None:
    """Half of the 20 weak links are wrong, none of the 80 sure ones: 10 lapsed fewer, as 5 of 10 reviewed say."""
    owners = owners_of([LINKED] * 80 + [WEAK] * 20)
    drawn = pd.concat([owners.iloc[:10], owners.iloc[80:90]])
    told = estimated(owners, told_of(drawn, dict.fromkeys(range(10, 15), "unregistered")))
    assert told["estimate_n"].to_dict() == pytest.approx(
        {"active": 80, "lapsed": 10, "unregistered": 10, "not_eligible": 0, "unresolved": 0, "not_protected": 20,
         "owners": 100})  # fmt: skip
    weak, sure = (n**2 * one / 10 * (1 - 10 / n) for n, one in ((20, (10 * 0.25 + 0.5) / 10), (80, 0.5 / 10)))
    assert told.loc["lapsed", "error_n"] == pytest.approx(math.sqrt(weak + sure))


def test_a_stratum_without_an_error_is_not_taken_for_faultless() -> None:
    owners = owners_of([LINKED] * 500)
    told = estimated(owners, told_of(owners.head(50)))
    assert (told["estimate_n"] == told["counted_n"]).all()
    assert told["error_n"].tolist() == pytest.approx([500 * math.sqrt(0.01 / 50 * 0.9)] * len(MEASURES))


def test_where_everybody_is_reviewed_the_estimate_is_the_truth_and_the_city_has_no_error() -> None:
    owners, truth = population()
    told = estimated(owners, truth)
    for measure in MEASURES:
        assert told.loc[measure, "estimate_n"] == pytest.approx(true_n(truth, measure))
        assert told.loc[measure, "counted_n"] == owners["status"].isin(OF[measure]).sum()
    assert (told["error_n"] == 0).all()
    assert in_city(owners, truth) == {name: pytest.approx((true_n(truth, name),) * 2) for name in RANGED}


# a range ----------------------------------------------------------------------------------------------------------


def test_the_range_of_the_city_is_the_estimate_and_its_errors() -> None:
    owners, truth = population()
    drawn = draw(owners, truth, 150, np.random.default_rng(3))
    told = estimated(owners, drawn)
    for measure, ends in in_city(owners, drawn).items():
        estimate, error = told.loc[measure, ["estimate_n", "error_n"]]
        assert ends == pytest.approx((max(0, estimate - 1.96 * error), estimate + 1.96 * error))


def test_every_cell_that_may_have_a_range_has_one_and_they_pass_the_gate() -> None:
    owners, truth = population()
    table = interval(owners, draw(owners, truth, 150, np.random.default_rng(4)))
    layout = gap.layout()
    expected = {
        (area, name, category, measure) for area in FEW_AREAS for name, each in layout.dimensions.items()
        for category in each.categories for measure in layout.ranged
    }  # fmt: skip
    told = [*table[list(CELL)].itertuples(index=False, name=None)]
    assert len(told) == len(set(told)) and set(told) <= expected
    cells = gap.cells(owners, few_areas())
    counts = uncertainty.with_sums(cells)
    filled = counts[(counts["measure"] == "owners") & (counts["value"] > 0)]
    parts = filled[["area_code", "dimension", "category"]].itertuples(index=False, name=None)
    assert {(*part, measure) for part in parts for measure in layout.ranged} <= set(told)
    spreads = uncertainty.Ranges(table, REVIEWED).spreads(cells)
    shown = disclosure.release(cells, keys.DEMO.rounding, layout, spreads).table
    shown = shown[shown["lower"].notna()].merge(table, on=list(CELL), suffixes=("", "_true"))
    assert len(shown) > 100
    assert (shown["lower"] <= shown["lower_true"]).all() and (shown["upper"] >= shown["upper_true"]).all()


def test_a_range_begins_at_nothing_or_above_and_ends_above_its_begin() -> None:
    owners, truth = population()
    for seed in range(5):
        table = interval(owners, draw(owners, truth, 120, np.random.default_rng(seed)))
        assert (table["lower"] >= 0).all() and (table["lower"] <= table["upper"]).all()


def test_the_ends_of_a_group_to_which_the_correction_does_not_apply_are_not_below_nothing() -> None:
    """Only women have lapsed by the model, and half of all links are wrong: there were 0 lapsed men to correct."""
    owners = owners_of([("paid", 0.7)] * 200 + [("ended", 0.7)] * 200, sex=["male"] * 200 + ["female"] * 200)
    drawn = owners.iloc[195:205].reset_index(drop=True)
    told = told_of(drawn, dict.fromkeys(range(5, 10), "unregistered"))
    table = interval(owners, told)
    men = table.query("area_code == '72.71' and category == 'male' and measure == 'lapsed'")
    assert (men["lower"].item(), men["upper"].item()) == (0.0, 0.0)
    assert (table["lower"] <= table["upper"]).all()


def test_the_order_of_owners_and_answers_makes_no_difference() -> None:
    owners, truth = population()
    one = draw(owners, truth, 120, np.random.default_rng(5))
    both = pd.concat([one, one.head(40).assign(reviewer="b", status="unregistered")], ignore_index=True)
    told = interval(owners, both)
    other = interval(owners.sample(frac=1, random_state=1), both.sample(frac=1, random_state=2))
    merged = told.merge(other, on=list(CELL), validate="one_to_one")
    assert len(merged) == len(told)
    for end in ("lower", "upper"):
        assert merged[f"{end}_x"].to_numpy() == pytest.approx(merged[f"{end}_y"].to_numpy())


def test_what_could_not_be_told_widens_the_range_both_ways() -> None:
    """2 of 10 reviewed of 40: they may be active or not, not registered or not."""
    owners = owners_of([LINKED] * 40)
    drawn = owners.head(10)
    sure, open_ones = (in_city(owners, told_of(drawn, {0: said, 1: said})) for said in ("active", "undecided"))
    at_least = estimated(owners, told_of(drawn, {0: "unregistered", 1: "unregistered"})).loc["active"]
    lower, upper = at_least["estimate_n"] - 1.96 * at_least["error_n"], 40 + 1.96 * at_least["error_n"]
    assert open_ones["active"] == pytest.approx((lower, upper))
    for measure in ("active", "unregistered", "lapsed", "not_eligible", "not_protected"):
        assert width(open_ones[measure]) > width(sure[measure]) + 7.9
    assert open_ones["owners"] == sure["owners"]


def test_a_participant_without_a_month_is_active_or_lapsed_and_nothing_else() -> None:
    owners = owners_of([LINKED] * 40)
    sure, enrolled = (in_city(owners, told_of(owners.head(10), {0: said, 1: said})) for said in ("active", "enrolled"))
    wider = {measure for measure in RANGED if width(enrolled[measure]) > width(sure[measure]) + 1e-9}
    assert wider == {"active", "lapsed", "not_protected"}


def test_two_reviewers_who_disagree_widen_the_range() -> None:
    """Of 20 owners the second calls 4 unregistered whom the first calls active: means .2 apart, of 40 owners 8."""
    owners = owners_of([LINKED] * 40)
    drawn = owners.head(20)
    one, other = told_of(drawn), told_of(drawn, dict.fromkeys(range(4), "unregistered"), "b")
    apart = in_city(owners, pd.concat([one, other], ignore_index=True))
    alike = [in_city(owners, pd.concat([each, each.assign(reviewer="c")], ignore_index=True)) for each in (one, other)]
    for measure in ("active", "unregistered", "not_protected"):
        assert all(width(apart[measure]) > width(each[measure]) for each in alike)
    squares = 4 * 0.4**2 + 16 * 0.1**2
    error = 40 * math.sqrt((squares + 0.5) / 20 / 20 * 0.5)
    assert apart["active"] == pytest.approx((36 - 1.96 * error - 4, 36 + 1.96 * error + 4))
    assert apart["owners"] == pytest.approx(alike[0]["owners"])


def test_a_second_reviewer_who_says_the_same_changes_nothing() -> None:
    owners = owners_of([LINKED] * 40)
    one = told_of(owners.head(12), {0: "lapsed"})
    both = pd.concat([one, one.assign(reviewer="b")], ignore_index=True)
    pd.testing.assert_frame_equal(reviewed.estimates(owners, both), reviewed.estimates(owners, one))
    assert in_city(owners, both) == {name: pytest.approx(ends) for name, ends in in_city(owners, one).items()}


def test_two_owners_who_are_one_person_are_fewer_owners() -> None:
    """4 of 10 reviewed are each half of a person: 40 owners are 40 - 40 x .2."""
    owners = owners_of([LINKED] * 40)
    told = estimated(owners, told_of(owners.head(10), units=dict.fromkeys(range(4), 2)))
    assert told.loc[["owners", "active", "unregistered"], "estimate_n"].tolist() == pytest.approx([32, 32, 0])
    ends = in_city(owners, told_of(owners.head(10), units=dict.fromkeys(range(4), 2)))
    assert ends["owners"][0] < 32 < ends["owners"][1] < 40


def test_an_owner_whose_rows_are_two_peoples_is_more_owners() -> None:
    """One of 10 reviewed holds somebody else's rows: 44 owners, and what the other one is nobody was asked."""
    owners = owners_of([LINKED] * 40)
    told = told_of(owners.head(10), others={3: 2})
    assert estimated(owners, told).loc["owners", "estimate_n"] == pytest.approx(44)
    before, after = in_city(owners, told_of(owners.head(10))), in_city(owners, told)
    assert width(after["owners"]) > width(before["owners"])
    assert after["unregistered"][1] > before["unregistered"][1] + 3.9


# whether there is enough ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("drawn_n", "expected"), [
    ((5, 5, 5, 3), True), ((50, 20, 10, 3), True), ((4, 5, 5, 3), False), ((5, 5, 0, 3), False), ((5, 5, 5, 2), False),
    ((0, 0, 0, 0), False),
])  # fmt: skip
def test_a_review_is_complete_with_five_of_each_stratum_or_all_of_it(drawn_n: Sequence[int], expected: bool) -> None:
    """50 sure and 20 weak links, 10 without link, 3 quarantined; nobody is open."""
    groups = ((50, LINKED), (20, WEAK), (10, ALONE), (3, ASIDE))
    owners = owners_of([kind for n, kind in groups for _ in range(n)])
    first = np.cumsum([0, *(n for n, _ in groups)])
    drawn = pd.concat([owners.iloc[at : at + n] for at, n in zip(first[:-1], drawn_n, strict=True)])
    one = told_of(drawn)
    assert reviewed.is_complete(owners, one) is expected
    assert reviewed.is_complete(owners, pd.concat([one, one.assign(reviewer="b")])) is expected


# many draws -------------------------------------------------------------------------------------------------------

DRAWS, DRAWN = 200, 150
KINDS: dict[str, tuple[int, Owner, dict[str, float]]] = {
    "linked_surely": (300, LINKED, {"active": 0.95, "lapsed": 0.02, "unregistered": 0.03}),
    "linked_weakly": (50, WEAK, {"lapsed": 0.64, "active": 0.06, "unregistered": 0.3}),
    "open": (60, OPEN, {"active": 0.4, "lapsed": 0.2, "unregistered": 0.4}),
    "not_linked": (170, ALONE, {"unregistered": 0.9, "active": 0.04, "lapsed": 0.02, "not_eligible": 0.04}),
    "set_aside": (20, ASIDE, {"active": 0.5, "unregistered": 0.5}),
}
"""Owners of each stratum, what the model says of them, and of what share is in truth what."""


def population() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Owners, and what each is in truth: as a reviewer would say who errs never. 24 owners are two of one person."""
    rng = np.random.default_rng(7)
    rows = [kind for n, kind, _ in KINDS.values() for _ in range(n)]
    pick = {name: rng.choice(each, len(rows)) for name, each in
            (("sector", SECTORS), ("sex", SEXES), ("age_band", AGE_BANDS), ("scale", SCALES))}  # fmt: skip
    kecamatan = rng.choice(["72.71.01", "72.71.02"], len(rows))
    kelurahan = pd.array(np.where(kecamatan == "72.71.02", "72.71.02.1009", None), "str")
    owners = owners_of(rows, kecamatan_code=kecamatan, kelurahan_code=kelurahan, **pick)
    said = [status for n, _, of in KINDS.values() for status, share in of.items() for _ in range(round(n * share))]
    truth = told_of(owners, dict(enumerate(said)), units=dict.fromkeys(range(0, 600, 25), 2))
    assert len(said) == len(rows) and review.sizes(owners) == {name: KINDS[name][0] for name in STRATA}
    return owners, truth


def true_n(truth: pd.DataFrame, measure: str) -> float:
    return float((truth["status"].isin(OF[measure]) / truth["units_n"]).sum())


def draw(owners: pd.DataFrame, truth: pd.DataFrame, n: int, rng: np.random.Generator) -> pd.DataFrame:
    return truth[truth["owner_id"].isin(review.sample(owners, n, rng)["owner_id"])]


@pytest.fixture(scope="module")
def draws() -> pd.DataFrame:
    """Estimates of many samples: one row per draw and measure."""
    owners, truth = population()
    rng = np.random.default_rng(20261031)
    return pd.concat([reviewed.estimates(owners, draw(owners, truth, DRAWN, rng)) for _ in range(DRAWS)])


@pytest.mark.parametrize("measure", MEASURES)
def test_the_mean_of_many_estimates_is_the_truth(measure: str, draws: pd.DataFrame) -> None:
    truth = true_n(population()[1], measure)
    told = draws.loc[draws["measure"] == measure, "estimate_n"]
    assert len(told) == DRAWS
    assert abs(told.mean() - truth) <= 3 * max(told.std() / math.sqrt(DRAWS), 1e-9)


def test_the_model_alone_would_be_wrong() -> None:
    owners, truth = population()
    counted = owners["status"].eq("unregistered").sum()
    assert abs(counted - true_n(truth, "unregistered")) > 20


@pytest.mark.parametrize("measure", RANGED)
def test_the_range_holds_the_truth_in_93_of_100_draws_or_more(measure: str, draws: pd.DataFrame) -> None:
    truth = true_n(population()[1], measure)
    told = draws[draws["measure"] == measure]
    is_in = (told["estimate_n"] - truth).abs() <= 1.96 * told["error_n"]
    assert is_in.mean() >= 0.93
    assert (told["error_n"] < 30).all()


def test_of_the_doubts_that_about_age_alone_widens_the_range_of_a_review() -> None:
    owners = owners_of([ALONE] * 40)
    told, cells = told_of(owners), gap.cells(owners, few_areas())
    rows = [(owners["owner_id"].iloc[0], component, "unregistered", "not_eligible", 0.5, 1.0)
            for component in (AGE, MISSED_LINKS)]  # fmt: skip
    doubts = pd.DataFrame(rows, columns=[*NO_DOUBTS.columns])
    ends = {
        name: reviewed.interval(owners, told, own, cells, few_areas()).table.set_index(list(CELL))
        for name, own in (("none", NO_DOUBTS), ("age", doubts.iloc[:1]), ("links", doubts.iloc[1:]))
    }
    at = ("72.71", "total", "all", "unregistered")
    assert ends["links"].loc[at].tolist() == ends["none"].loc[at].tolist()
    assert ends["age"].loc[at, "lower"] < ends["none"].loc[at, "lower"] - 0.9
    assert ends["age"].loc[("72.71", "total", "all", "not_eligible"), "upper"] > 1
