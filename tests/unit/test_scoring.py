"""How probable it is that two rows are of one person: from 0 to 1, the same in every run, on any number of cores."""

from dataclasses import replace

import few_rows
import numpy as np
import pandas as pd
import pytest
from few_rows import FROZEN, PLACE, REFERENCE
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from analysis.contracts.registers import KEY
from analysis.linking import comparisons, evidence, linkage, scoring
from analysis.linking.model import CARELESS, DECIMALS, EXPLANATIONS, NEIGHBOURS, RELATIVES, SAME
from analysis.linking.scoring import NOWHERE, Pairs

STEADY = settings(deadline=None, max_examples=60)  # a busy machine is no failure
RUNS = (1, 2, 4, 2, 2, 2)
SIDES = ["left", "right"]
LEVELS = list(comparisons.COMPARISONS)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """The evidence of a small city."""
    return evidence.gather(few_rows.city(7, 300, 450).prepared.tables, REFERENCE)


@pytest.fixture(scope="module")
def found(rows) -> Pairs:
    return scoring.pairs(rows, FROZEN, PLACE)


def made(*levels: tuple[int, int, int, int], frequency: float = np.nan, registers: int = 2) -> Pairs:
    """Pairs of these levels, each of two rows of its own: the first of one register, the second of another."""
    n = len(levels)
    table = pd.DataFrame(levels, columns=LEVELS).astype("int8")
    table.insert(0, "left", np.arange(n))
    table.insert(1, "right", np.arange(n, 2 * n))
    return Pairs(table.assign(frequency=frequency), np.arange(2 * n, dtype=np.int64) * registers // (2 * n))


DRAWN = st.tuples(*(st.integers(NOWHERE, len(comparisons.names(name)) - 1) for name in LEVELS))


# probabilities ----------------------------------------------------------------------------------------------------


@STEADY
@given(st.lists(DRAWN, min_size=1, max_size=12), st.sampled_from([np.nan, 2e-5, 0.01, 1.0]))
def test_a_probability_lies_between_0_and_1_and_is_rounded(levels, frequency) -> None:
    told = scoring.probabilities(made(*levels, frequency=frequency), FROZEN)
    assert ((told >= 0) & (told <= 1)).all()
    assert (np.round(told, DECIMALS) == told).all()


@STEADY
@given(st.lists(DRAWN, min_size=1, max_size=12))
def test_the_explanations_of_a_pair_add_up_to_1(levels) -> None:
    pairs = made(*levels)
    told = scoring.responsibilities(
        scoring.likelihoods(pairs.table, FROZEN), scoring.first_rates(pairs, FROZEN), pairs.kinds[0]
    )
    assert told.shape == (len(EXPLANATIONS), len(levels))
    assert told.sum(axis=0) == pytest.approx(1.0)
    assert (told >= 0).all()


@STEADY
@given(st.lists(DRAWN, min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_does_not_change_a_probability(levels, random) -> None:
    pairs = made(*levels)
    order = list(range(len(levels)))
    random.shuffle(order)
    moved = Pairs(pairs.table.iloc[order].reset_index(drop=True), pairs.register)
    np.testing.assert_allclose(
        scoring.probabilities(moved, FROZEN), scoring.probabilities(pairs, FROZEN)[order], atol=2e-6
    )


@pytest.mark.parametrize("name", LEVELS)
def test_what_is_unknown_tells_nothing(name: str) -> None:
    known = made((0, 0, 0, 0))
    unknown = Pairs(known.table.assign(**{name: np.int8(NOWHERE)}), known.register)
    told, without = (scoring.likelihoods(pairs.table, FROZEN) for pairs in (known, unknown))
    shares = [np.log2(of[name][0]) for of in FROZEN.shares.values()]
    np.testing.assert_allclose(told[:, 0] - without[:, 0], shares)


def test_a_shared_name_is_worth_the_more_the_rarer_it_is() -> None:
    levels = (NOWHERE, 0, NOWHERE, 0)
    several = [(len(comparisons.names("identity")) - 1, 11, NOWHERE, 2)] * 30
    rare, frequent = (
        scoring.likelihoods(made(levels, *several, frequency=share).table, FROZEN)[:, 0] for share in (2e-5, 0.01)
    )
    strangers = EXPLANATIONS.index("strangers")
    assert rare[0] == frequent[0], "of one person it is no chance"
    assert rare[strangers] < frequent[strangers]


def test_rates_are_expected_of_the_smaller_register_and_never_above_their_limit() -> None:
    told = scoring.first_rates(made((0, 0, 0, 0)), FROZEN)
    assert (told <= scoring.MOST_EXPECTED).all() and (told >= 0).all()
    many = Pairs(made((0, 0, 0, 0)).table, np.repeat([0, 1], [3_000, 1_000]))
    _, every, fewer, is_within = many.kinds
    across = scoring.first_rates(many, FROZEN)[:, 1]
    assert every[1] == 3_000 * 1_000 and fewer[1] == 1_000 and not is_within[1]
    assert sum(across[: len(SAME)]) == pytest.approx(FROZEN.rates["across"] / 3_000)
    assert across[1] / sum(across[: len(SAME)]) == pytest.approx(FROZEN.rates[CARELESS])
    assert across[2] == pytest.approx(FROZEN.rates[RELATIVES] / 3_000)
    assert across[3] == pytest.approx(min(FROZEN.rates[NEIGHBOURS] / 3_000, scoring.MOST_EXPECTED))


def test_of_one_register_each_pair_counts_once() -> None:
    one = Pairs(made((0, 0, 0, 0)).table, np.zeros(10, dtype=np.int64))
    kind, every, _, is_within = one.kinds
    assert kind.tolist() == [0] and every.tolist() == [45] and is_within.all()


# candidate pairs --------------------------------------------------------------------------------------------------


def test_pairs_are_sorted_told_once_and_of_two_rows(found: Pairs, rows: pd.DataFrame) -> None:
    table = found.table
    assert (table["left"] < table["right"]).all() and table["right"].max() < len(rows)
    assert not table.duplicated(SIDES).any()
    assert_frame_equal(table, table.sort_values(SIDES, ignore_index=True))
    for name in LEVELS:
        assert table[name].between(NOWHERE, len(comparisons.names(name)) - 1).all()


def test_a_frequency_is_told_where_a_name_is_shared_by_chance_only(found: Pairs) -> None:
    levels = comparisons.COMPARISONS["name"][1:]
    by_chance = [n for n, level in enumerate(levels) if level.frequency_of]
    is_known = found.table["frequency"].notna()
    assert (is_known == found.table["name"].isin(by_chance)).all()
    assert found.table.loc[is_known, "frequency"].between(0, 1, inclusive="right").all()


def test_the_frequency_of_an_equal_name_is_its_share_of_the_rows(found: Pairs, rows: pd.DataFrame) -> None:
    equal = found.table[found.table["name"] == comparisons.names("name").index("equal")]
    share = rows["name"].value_counts(normalize=True)
    expected = np.maximum(share[rows["name"].iloc[equal["left"]]].to_numpy(), 2e-5)
    np.testing.assert_allclose(equal["frequency"], expected, rtol=1e-6)


def test_what_is_kept_without_limit_holds_what_is_kept_with_it(found: Pairs, rows: pd.DataFrame) -> None:
    every = scoring.pairs(rows, FROZEN, PLACE, is_every=True).table
    both = found.table.merge(every, on=[*SIDES, *LEVELS])
    assert len(every) > len(found.table) == len(both)


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_rows_make_no_pair(n: int, rows: pd.DataFrame) -> None:
    none = scoring.pairs(rows.iloc[:n], FROZEN, PLACE)
    assert none.table.empty and list(none.table.columns) == [*SIDES, *LEVELS, "frequency"]
    assert scoring.probabilities(none, FROZEN).size == 0


def test_a_level_is_recognised_by_its_weight_so_no_two_levels_have_one() -> None:
    for name in LEVELS:
        weights = [*scoring.weights(FROZEN, name), 0.0]
        assert np.diff(sorted(weights)).min() > 2 * scoring.SAME_WEIGHT


# the same every time ----------------------------------------------------------------------------------------------


def test_any_number_of_cores_and_every_run_give_the_same_links() -> None:
    tables = few_rows.city(7, 300, 450).prepared.tables
    first, *others = (few_rows.linked(tables, threads) for threads in RUNS)
    assert len(first.links) > 150
    for other in others:
        assert_frame_equal(first.links, other.links)
        assert_frame_equal(first.persons, other.persons)
        assert_frame_equal(first.candidates, other.candidates)


def test_registers_given_in_another_order_give_the_same_links() -> None:
    tables = few_rows.city(7, 300, 450).prepared.tables
    turned = {name: tables[name] for name in reversed(tables)}
    assert_frame_equal(few_rows.linked(tables).links, few_rows.linked(turned).links)


def test_rows_given_in_another_order_give_the_same_links() -> None:
    tables = few_rows.city(7, 300, 450).prepared.tables
    mixed = {name: table.sample(frac=1, random_state=1).reset_index(drop=True) for name, table in tables.items()}
    one, other = few_rows.linked(tables).links, few_rows.linked(mixed).links
    pair = [f"{side}_{name}" for side in ("umkm", "participant") for name in KEY]
    assert len(one.merge(other, on=pair)) >= 0.99 * max(len(one), len(other))


def test_a_model_that_accepts_less_links_less() -> None:
    tables = few_rows.city(7, 300, 450).prepared.tables
    strict = linkage.link(tables, REFERENCE, replace(FROZEN, accept=0.999), PLACE)
    usual = few_rows.linked(tables)
    assert 0 < len(strict.links) < len(usual.links)
    assert strict.persons["person"].nunique() > usual.persons["person"].nunique()
