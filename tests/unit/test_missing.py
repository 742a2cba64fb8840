"""How many owners the register misses: by hand, in many draws of lists that are known, and refused without a review."""

import math
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd
import pytest

from analysis import ParameterError
from analysis.contracts.registers import JAMSOSTEK, KEY, RENTAN, UMKM
from analysis.contracts.released import CITY, COUNTED
from analysis.linking import review
from analysis.measuring import missing
from analysis.measuring.missing import BPU
from analysis.releasing import disclosure
from analysis.sources import keys

STATUS_OF = {"paid": "active", "not_found": "unregistered"}
COLUMNS = ["list", "found_n", "listed_n", "overlap_n", "error_n", "missing_n", "low_n", "high_n"]


def owners_of(linked_n: int, alone_n: int = 0) -> pd.DataFrame:
    """Owners in two strata: so many with a sure link and so many without any."""
    rows = [("paid", 0.99)] * linked_n + [("not_found", 0.0)] * alone_n
    table = pd.DataFrame(rows, columns=["cause", "probability_enrolled"]).astype({"cause": "str"})
    numbers = range(1, len(table) + 1)
    return table.assign(owner_id=[f"{n:016x}" for n in numbers], status=table["cause"].map(STATUS_OF).astype("str"),
                        person=[*numbers])  # fmt: skip


def told_of(owners: pd.DataFrame, units: Mapping[int, int] | None = None) -> pd.DataFrame:
    """A review that agrees with the model; `units`: owners, by their place, who are one of several."""
    return pd.DataFrame({
        "owner_id": owners["owner_id"].to_numpy(), "reviewer": "a", "status": owners["status"].to_numpy(),
        "units_n": [(units or {}).get(n, 1) for n in range(len(owners))], "others_n": 0,
    })  # fmt: skip


def overlaps_of(owners: pd.DataFrame, is_on: Sequence[float], name: str = BPU) -> pd.DataFrame:
    return pd.DataFrame({"owner_id": owners["owner_id"].to_numpy(), "reviewer": "a", "list": name,
                         "is_on": np.array(is_on, dtype="float64")})  # fmt: skip


def estimated(owners: pd.DataFrame, drawn: pd.DataFrame, is_on: Sequence[float], listed_n: int) -> pd.Series:
    told = missing.estimates(owners, told_of(drawn), overlaps_of(drawn, is_on), {BPU: listed_n})
    assert list(told.columns) == COLUMNS and len(told) == 1
    return told.iloc[0]


def first(n: int, of: int) -> list[float]:
    """Of so many owners the first n are on the list."""
    return [1.0] * n + [0.0] * (of - n)


# by hand ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("found", "listed", "both", "everybody"), [
    (100, 50, 20, 101 * 51 / 21 - 1), (100, 50, 50, 100), (50, 100, 50, 100), (10, 10, 1, 121 / 2 - 1),
])  # fmt: skip
def test_chapmans_estimate_by_hand(found: int, listed: int, both: int, everybody: float) -> None:
    """One list of 100, another of 50, 20 on both: 101 x 51 / 21 - 1 = 244.3, so 144.3 are not in the register."""
    owners = owners_of(found)
    told = estimated(owners, owners, first(both, found), listed)
    assert told[["list", "found_n", "listed_n", "overlap_n"]].tolist() == [BPU, found, listed, both]
    assert told["missing_n"] == pytest.approx(everybody - found)
    assert told["low_n"] <= told["missing_n"] + 1e-9 and told["missing_n"] <= told["high_n"] + 1e-9


def test_the_overlap_is_that_of_the_strata_by_their_means() -> None:
    """Half of the 10 drawn of 40 linked owners stand on the list, one of 20 drawn of 60 others: 20 and 3."""
    owners = owners_of(40, 60)
    drawn = pd.concat([owners.iloc[:10], owners.iloc[40:60]])
    told = estimated(owners, drawn, [*first(5, 10), *first(1, 20)], 50)
    linked = 40**2 * (10 * 0.25 + 0.5) / 10 / 10 * (1 - 10 / 40)
    others = 60**2 * (0.95**2 + 19 * 0.05**2 + 0.5) / 20 / 20 * (1 - 20 / 60)
    assert told["overlap_n"] == pytest.approx(23)
    assert told["error_n"] == pytest.approx(math.sqrt(linked + others))
    assert told["missing_n"] == pytest.approx(101 * 51 / 24 - 1 - 100)
    low, high = (101 * 51 / (23 + 1.96 * sign * told["error_n"] + 1) - 101 for sign in (1, -1))
    assert told["low_n"] <= max(0, low) + 1e-9 and told["high_n"] >= high - 1e-9


def test_owners_counted_twice_are_found_once() -> None:
    """10 of 100 owners are each half of one person: 95 found; standing on the list counts half for each."""
    owners = owners_of(100)
    told = missing.estimates(owners, told_of(owners, dict.fromkeys(range(10), 2)),
                             overlaps_of(owners, [*[0.5] * 10, *first(15, 90)]), {BPU: 50})  # fmt: skip
    assert told[["found_n", "overlap_n"]].iloc[0].tolist() == pytest.approx([95, 20])
    assert told["missing_n"].item() == pytest.approx(96 * 51 / 21 - 1 - 95)


def test_nobody_is_missing_where_all_of_the_list_stand_in_the_register() -> None:
    owners = owners_of(100)
    told = estimated(owners, owners, first(50, 100), 50)
    assert told[["missing_n", "low_n"]].tolist() == [0, 0]


def test_a_range_reaches_down_to_nothing_and_no_farther() -> None:
    """29 of 30 drawn stand on the list: 97 of 100 listed, and there may be none that the register misses."""
    owners = owners_of(100)
    told = estimated(owners, owners.head(30), first(29, 30), 100)
    assert told["low_n"] == 0 < told["missing_n"] < told["high_n"]


def test_two_reviewers_count_by_their_mean() -> None:
    owners = owners_of(100)
    one, other = overlaps_of(owners, first(20, 100)), overlaps_of(owners, first(10, 100)).assign(reviewer="b")
    told = missing.estimates(owners, told_of(owners), pd.concat([one, other]), {BPU: 50})
    assert told["overlap_n"].item() == pytest.approx(15)


def test_each_list_has_its_own_row_and_one_without_overlap_has_none() -> None:
    owners = owners_of(100)
    overlaps = pd.concat([overlaps_of(owners, first(20, 100)), overlaps_of(owners, first(0, 100), RENTAN)])
    told = missing.estimates(owners, told_of(owners), overlaps, {BPU: 50, RENTAN: 30})
    assert told["list"].tolist() == [BPU]
    both = pd.concat([overlaps_of(owners, first(20, 100)), overlaps_of(owners, first(5, 100), RENTAN)])
    of_both = missing.estimates(owners, told_of(owners), both, {BPU: 50, RENTAN: 30}).set_index("list")
    assert of_both["overlap_n"].to_dict() == {BPU: 20, RENTAN: 5}
    nothing = missing.estimates(owners, told_of(owners), overlaps, {})
    assert nothing.empty and list(nothing.columns) == COLUMNS


@pytest.mark.parametrize("missed", [1, 2, 10])
def test_a_missed_overlap_inflates_the_estimate_one_for_one(missed: int) -> None:
    """An overlap of which a twentieth was missed makes everybody a twentieth more (up to Chapman's one)."""
    owners = owners_of(100)
    whole, short = (estimated(owners, owners, first(n, 100), 50) for n in (20, 20 - missed))
    everybody = [one["found_n"] + one["missing_n"] + 1 for one in (whole, short)]
    assert everybody[1] / everybody[0] == pytest.approx(21 / (21 - missed))


# refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("drawn_n", [(0, 0), (4, 30), (30, 4), (0, 60)])
def test_without_a_complete_review_there_is_no_estimate(drawn_n: tuple[int, int]) -> None:
    owners = owners_of(40, 60)
    linked_n, alone_n = drawn_n
    drawn = pd.concat([owners.iloc[:linked_n], owners.iloc[40 : 40 + alone_n]])
    with pytest.raises(ParameterError, match="has not been reviewed") as refused:
        missing.estimates(owners, told_of(drawn), overlaps_of(drawn, [1.0] * len(drawn)), {BPU: 50})
    assert "jamsostek review" in str(refused.value)


def test_a_list_that_was_not_reviewed_in_a_stratum_gives_no_estimate() -> None:
    """Participants were answered for in both strata, the list of vulnerable workers in the first only."""
    owners = owners_of(40, 60)
    overlaps = overlaps_of(owners.head(40), first(20, 40), RENTAN)
    try:
        told = missing.estimates(owners, told_of(owners), overlaps, {RENTAN: 50})
    except ParameterError:
        return
    assert told.empty


# many draws -------------------------------------------------------------------------------------------------------

DRAWS, EVERYBODY_N = 60, 800


def simulated(rng: np.random.Generator, drawn_n: int | None, lists: tuple[float, float] = (0.6, 0.4)
              ) -> tuple[pd.Series, int]:  # fmt: skip
    """Everybody is on each list by chance alone; the estimate of who is missing, and how many are."""
    in_register, on_list = (rng.random(EVERYBODY_N) < share for share in lists)
    of_owners = on_list[in_register]
    linked_n = int(of_owners.sum() * 0.9)  # a tenth of the links were not found
    order = np.argsort(~of_owners, kind="stable")
    owners = owners_of(linked_n, len(of_owners) - linked_n).assign(is_on=of_owners[order])
    drawn = owners
    if drawn_n is not None:
        drawn = owners[owners["owner_id"].isin(review.sample(owners, drawn_n, rng)["owner_id"])]
    told = estimated(owners, drawn, drawn["is_on"].astype(float).tolist(), int(on_list.sum()))
    return told, int((~in_register).sum())


def holding(rng: np.random.Generator, drawn_n: int | None) -> tuple[float, float]:
    """In what share of draws the range holds the true number, and how far the estimate is off on the mean."""
    pairs = [simulated(rng, drawn_n) for _ in range(DRAWS)]
    holds = np.mean([told["low_n"] <= n <= told["high_n"] for told, n in pairs])
    return float(holds), float(np.mean([told["missing_n"] / n - 1 for told, n in pairs]))


def test_of_independent_lists_the_range_holds_the_true_number_in_nine_of_ten_draws() -> None:
    share, off = holding(np.random.default_rng(11), 100)
    assert share >= 0.9
    assert abs(off) < 0.05


@cache
def all_reviewed() -> tuple[float, float]:
    return holding(np.random.default_rng(12), None)


def test_where_everybody_was_reviewed_the_estimate_is_right_on_the_mean() -> None:
    assert abs(all_reviewed()[1]) < 0.05


def test_the_range_holds_the_true_number_where_everybody_was_reviewed_too() -> None:
    assert all_reviewed()[0] >= 0.9


# who stands on which list -----------------------------------------------------------------------------------------


def verdicts_of(rows: Sequence[tuple[str, str, bool | None, int, bool | None]]) -> pd.DataFrame:
    columns = ["owner_id", "reviewer", "is_enrolled", "units_n", "is_vulnerable"]
    return pd.DataFrame(rows, columns=columns).astype({"is_enrolled": "boolean", "is_vulnerable": "boolean"})


def participants_of(*segments: str) -> pd.DataFrame:
    return pd.DataFrame({"source_sheet": "", "source_row": range(2, len(segments) + 2), "segment": segments})


def test_an_owner_stands_on_a_list_by_each_reviewer_and_by_his_share() -> None:
    verdicts = verdicts_of([
        ("1", "a", True, 1, True), ("1", "b", True, 1, None), ("2", "a", True, 2, False), ("3", "a", None, 1, None),
        ("4", "a", False, 1, True), ("5", "a", True, 2, True),
    ])  # fmt: skip
    rows = [("1", "a", 2), ("1", "a", 3), ("1", "b", 3), ("2", "a", 4), ("5", "a", 2)]
    confirmed = pd.DataFrame([(owner, who, "", row) for owner, who, row in rows],
                             columns=["owner_id", "reviewer", *KEY])  # fmt: skip
    told = missing.overlaps_of(verdicts, confirmed, participants_of("bpu", "pu", "bpu"))
    found = {(row["owner_id"], row["reviewer"], row["list"]): row["is_on"] for row in told.to_dict("records")}
    assert len(found) == len(told) and told["is_on"].dtype == "float64"
    assert found == {
        ("1", "a", BPU): 1, ("1", "b", BPU): 0, ("2", "a", BPU): 0.5, ("4", "a", BPU): 0, ("5", "a", BPU): 0.5,
        ("1", "a", RENTAN): 1, ("2", "a", RENTAN): 0, ("4", "a", RENTAN): 1, ("5", "a", RENTAN): 0.5,
    }  # fmt: skip


def test_without_a_participant_register_there_is_one_list() -> None:
    nothing = pd.DataFrame({"owner_id": [], "reviewer": [], "source_sheet": [], "source_row": []})
    told = missing.overlaps_of(verdicts_of([("1", "a", None, 1, True)]), nothing, None)
    assert told.to_numpy().tolist() == [["1", "a", RENTAN, 1.0]]


def test_persons_of_a_list_are_counted_once_and_employees_are_not_on_it() -> None:
    persons = [(JAMSOSTEK, 2, 1), (JAMSOSTEK, 3, 1), (JAMSOSTEK, 4, 2), (JAMSOSTEK, 5, 3), (RENTAN, 2, 1),
               (RENTAN, 3, 1), (RENTAN, 4, 9), (UMKM, 2, 1)]  # fmt: skip
    table = pd.DataFrame([(name, "", row, person) for name, row, person in persons],
                         columns=["register", *KEY, "person"])  # fmt: skip
    participants = participants_of("bpu", "bpu", "pu", "bpu")
    listed = pd.DataFrame({"source_sheet": "", "source_row": [2, 3, 4]})
    assert missing.listed({JAMSOSTEK: participants, RENTAN: listed}, table) == {BPU: 2, RENTAN: 2}
    assert missing.listed({RENTAN: listed}, table) == {RENTAN: 2}
    assert missing.listed({}, table) == {}


# through the gate -------------------------------------------------------------------------------------------------


def test_the_released_estimate_holds_the_range() -> None:
    owners = owners_of(40, 60)
    drawn = pd.concat([owners.iloc[:10], owners.iloc[40:60]])
    overlaps = pd.concat([overlaps_of(drawn, [*first(5, 10), *first(1, 20)], name) for name in (BPU, RENTAN)])
    told = missing.estimates(owners, told_of(drawn), overlaps, {BPU: 50, RENTAN: 300})
    cells, spreads = missing.cells(told), missing.spreads(told)
    assert list(cells.columns) == list(COUNTED) and cells["value"].map(type).eq(int).all()
    assert (spreads["spread"].dtype, len(spreads), set(spreads["area_code"])) == ("int64", 2, {CITY})
    table = disclosure.release(cells, keys.DEMO.rounding, missing.layout(), spreads).table
    for row in told.to_dict("records"):
        own = table[table["dimension"] == row["list"]].set_index("measure")
        assert own.loc["missing", "lower"] <= row["low_n"] and own.loc["missing", "upper"] >= row["high_n"]
        assert abs(own.loc["missing", "value"] - row["missing_n"]) <= 4.5
        assert abs(own.loc["found", "value"] - row["found_n"]) <= 4.5
        assert own.loc[["found", "estimated"], ["lower", "upper"]].isna().all(axis=None)


def test_no_estimate_is_an_empty_table_that_may_be_released() -> None:
    owners = owners_of(30)
    told = missing.estimates(owners, told_of(owners), overlaps_of(owners, first(0, 30)), {BPU: 50})
    table = disclosure.release(missing.cells(told), keys.DEMO.rounding, missing.layout(), missing.spreads(told)).table
    assert table.empty
