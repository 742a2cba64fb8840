"""Rows become persons: whatever the order of the pairs, and never by a chain that the rows around it speak against."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.linking import clusters
from analysis.linking.clusters import MOST_BITS, Groups

ACCEPT = 0.35
ROWS = 7
STEADY = settings(deadline=None, max_examples=60)  # a busy machine is no failure
Scores = dict[tuple[int, int], tuple[float, bool]]

PAIRS = st.tuples(st.integers(0, ROWS - 1), st.integers(0, ROWS - 1)).filter(lambda pair: pair[0] < pair[1])
PROBABILITIES = st.sampled_from([0.0, 0.0001, 0.04, 0.34, 0.35, 0.5, 0.5, 0.9, 0.999999, 1.0]) | st.floats(0, 1)
SCORES = st.dictionaries(PAIRS, st.tuples(PROBABILITIES, st.booleans()), max_size=21)


def grouped(scores: Scores, order: list[tuple[int, int]] | None = None, rows_n: int = ROWS) -> Groups:
    pairs = order or list(scores)
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    probability = np.array([scores[pair][0] for pair in pairs], dtype=np.float64)
    is_certain = np.array([scores[pair][1] for pair in pairs], dtype=bool)
    return clusters.group(rows_n, left, right, probability, is_certain, ACCEPT)


def probable(**pairs: float) -> Scores:
    """ab=0.9 is the pair of rows 0 and 1 at 0.9."""
    return {("abcdefg".index(name[0]), "abcdefg".index(name[1])): (p, False) for name, p in pairs.items()}


def told(scores: Scores, rows_n: int = ROWS) -> list[int]:
    return grouped(scores, rows_n=rows_n).label


# properties -------------------------------------------------------------------------------------------------------


@STEADY
@given(SCORES, st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_makes_no_difference(scores, random) -> None:
    order = list(scores)
    random.shuffle(order)
    one, other = grouped(scores), grouped(scores, order)
    assert one.label == other.label
    assert one.weakest == other.weakest


@STEADY
@given(SCORES)
def test_every_row_is_in_one_group_that_is_named_after_its_first_row(scores) -> None:
    groups = grouped(scores)
    assert len(groups.label) == ROWS
    for row, label in enumerate(groups.label):
        assert label <= row and groups.label[label] == label
        assert row in groups.of(label)
    members = [row for label in set(groups.label) for row in groups.of(label)]
    assert sorted(members) == list(range(ROWS))


@STEADY
@given(SCORES)
def test_rows_are_joined_only_along_pairs_that_were_accepted(scores) -> None:
    parent = list(range(ROWS))

    def root(row: int) -> int:
        return row if parent[row] == row else root(parent[row])

    for (left, right), (probability, _) in scores.items():
        if probability >= ACCEPT:
            parent[root(left)] = root(right)
    groups = grouped(scores)
    assert all(root(row) == root(label) for row, label in enumerate(groups.label))


@STEADY
@given(SCORES)
def test_the_weakest_probability_is_that_of_an_accepted_pair_within_the_group(scores) -> None:
    groups = grouped(scores)
    several = {label for label in groups.label if len(groups.of(label)) > 1}
    assert set(groups.weakest) == several
    for label, weakest in groups.weakest.items():
        own = set(groups.of(label))
        within = [p for (left, right), (p, _) in scores.items() if p >= ACCEPT and {left, right} <= own]
        assert weakest in within


@STEADY
@given(SCORES)
def test_a_pair_alone_is_joined_exactly_where_it_is_accepted(scores) -> None:
    for pair, (probability, is_certain) in scores.items():
        label = grouped({pair: (probability, is_certain)}).label
        assert (label[pair[0]] == label[pair[1]]) == (probability >= ACCEPT)


@STEADY
@given(SCORES, SCORES)
def test_people_who_share_no_pair_do_not_change_each_other(ours, theirs) -> None:
    moved = {(left + ROWS, right + ROWS): told for (left, right), told in theirs.items()}
    together = grouped({**ours, **moved}, rows_n=2 * ROWS).label
    assert together[:ROWS] == grouped(ours).label
    assert [label - ROWS for label in together[ROWS:]] == grouped(theirs).label


# chains and objections --------------------------------------------------------------------------------------------


def test_a_chain_with_a_strong_objection_between_its_ends_does_not_merge_all() -> None:
    assert told(probable(ab=0.99, bc=0.9, ac=0.0001), 3) == [0, 0, 2]


def test_a_chain_whose_ends_were_never_compared_is_one_person() -> None:
    assert told(probable(ab=0.99, bc=0.95), 3) == [0, 0, 0]


def test_a_faint_likeness_to_one_row_of_a_person_is_not_enough_where_the_other_is_no_candidate() -> None:
    assert told(probable(ab=0.99, bc=0.6), 3) == [0, 0, 2]
    assert told(probable(ab=0.99, bc=0.6, ac=0.6), 3) == [0, 0, 0]


def test_a_weak_objection_does_not_part_a_strong_chain() -> None:
    assert told(probable(ab=0.999, bc=0.999, ac=0.2), 3) == [0, 0, 0]


def test_two_rows_that_speak_for_a_third_outvote_one_that_objects() -> None:
    assert told(probable(ab=0.9999, ac=0.9999, bc=0.9999, ad=0.999, bd=0.999, cd=0.02), 4) == [0, 0, 0, 0]


def test_no_single_pair_speaks_louder_than_the_limit() -> None:
    """An objection beyond all doubt is answered by two certain pairs."""
    assert told(probable(ab=1.0, ac=1.0, bc=1.0, ad=1.0, bd=1.0, cd=0.0), 4) == [0, 0, 0, 0]
    assert told(probable(ab=1.0, ac=1.0, bc=1.0, ad=1.0, bd=0.0, cd=0.0), 4) == [0, 0, 0, 3]
    assert np.abs(clusters.bits(np.array([0.0, 1.0, 0.5]))).tolist() == [MOST_BITS, MOST_BITS, 0.0]


def test_a_family_in_a_chain_is_not_one_person() -> None:
    """Each is like the next; all others object."""
    chain = {(n, n + 1): (0.9, False) for n in range(5)}
    others = {(a, b): (0.001, False) for a in range(6) for b in range(a + 2, 6)}
    assert told({**chain, **others}, 6) == [0, 0, 2, 2, 4, 4]


def test_certain_pairs_are_joined_before_more_probable_ones() -> None:
    scores = probable(ab=0.99, bc=0.8, ac=0.0001)
    assert told(scores, 3) == [0, 0, 2]
    scores[1, 2] = (0.8, True)
    assert told(scores, 3) == [0, 1, 1]


def test_ties_are_broken_by_the_order_of_the_rows() -> None:
    assert told(probable(ab=0.9, bc=0.9, ac=0.0001), 3) == [0, 0, 2]
    assert told(probable(ac=0.9, bc=0.9, ab=0.0001), 3) == [0, 1, 0]


def test_the_weakest_probability_is_the_least_at_which_a_person_was_joined() -> None:
    groups = grouped(probable(ab=0.99, bc=0.95, ac=0.6, de=0.8), rows_n=6)
    assert groups.weakest == {0: 0.95, 3: 0.8}


@pytest.mark.parametrize("n", [0, 1, 3])
def test_rows_without_pairs_are_persons_of_their_own(n: int) -> None:
    groups = grouped({}, rows_n=n)
    assert groups.label == list(range(n)) and not groups.weakest
