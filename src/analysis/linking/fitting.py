"""The only place where the model is fitted: to the registers alone, without knowing who is who.

Expectation maximisation over all candidate pairs at once and all five explanations. How often strangers compare at a
level is counted exactly where every such pair is a candidate, and sampled elsewhere. Splink's own training looks at two
explanations and at one blocking rule at a time: on the demo it found 0.89 of its matches to be right where this finds
0.996 (docs/decisions/0013).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.linking import comparisons, scoring
from analysis.linking.comparisons import CONTACT
from analysis.linking.model import (
    CAREFUL,
    CARELESS,
    EXPLANATIONS,
    NEIGHBOURS,
    RELATIVES,
    SAME,
    STRANGERS,
    Model,
    Shares,
    shortened,
)
from analysis.linking.scoring import NOWHERE, Numbers, Pairs, Workplace

TURNS = 60
LEAST_SAMPLED = 0.5 / scoring.SAMPLED_PAIRS
"""The share of a level that the sample of strangers did not draw: half a pair of it."""
PHONES = ("phone_and_address", "phone", "phone_near")
GUESS = Path(__file__).with_name("guess.csv")
"""Where the fit begins, and how far it may go: what a reader of such registers would guess of each level under each
explanation, and the most that one person's rows can contradict each other, however careless the clerk. A wholly other
birth date is rare, and a house number is left out sooner than made up; without such limits, namesakes in one street
would count as careless matches wherever they are many. And the least that is expected of relatives, however few the
registers hold: some are twins, some are written down with the NIK of another, and many share a phone."""
FIRST_RATES = {"within": 0.1, "across": 0.5, CARELESS: 0.15, RELATIVES: 1.0, NEIGHBOURS: 20.0}
ACCEPT, REVIEW = 0.1, 0.04
"""Where the decision lies. A link is accepted far below even odds: what is linked wrongly then makes up for people who
are in both registers and are no candidates, whom no threshold can find (docs/decisions/0013). Of the links of
the demo one in two hundred lies below even odds; who wants sure ones only takes a high match_probability."""


def fit(rows: pd.DataFrame, place: Workplace, card: Mapping[str, object]) -> Model:
    """The model of these rows of evidence. Raises ValueError where there is nothing to compare."""
    start = _guess()
    sampled = scoring.strangers(rows, start, place)
    found = scoring.pairs(rows, start, place, is_every=True)
    if found.table.empty:
        raise ValueError("no two rows share a block")
    kind, every, fewer, is_within = found.kinds
    model, rates = start, scoring.first_rates(found, start)
    for _ in range(TURNS):
        probable = scoring.responsibilities(scoring.likelihoods(found.table, model), rates, kind)
        rates = scoring.counted(probable, kind, every)
        model = Model(_shares(found, probable, sampled, every), model.rates, ACCEPT, REVIEW, card)
    return shortened(Model(model.shares, _rates(rates, every, fewer, is_within, kind), ACCEPT, REVIEW, card))


def _guess() -> Model:
    even = {name: tuple(np.geomspace(1e-4, 0.5, len(comparisons.names(name)))) for name in comparisons.COMPARISONS}
    shares = {kind: _guessed(kind) for kind in (CAREFUL, CARELESS, RELATIVES, NEIGHBOURS)}
    return Model({**shares, STRANGERS: even}, FIRST_RATES, ACCEPT, REVIEW, {})


@cache
def _guessed(column: str) -> dict[str, tuple[float, ...]]:
    """A column of guess.csv by comparison, in the order of the levels; where a cell is empty, no limit: 1, or 0."""
    empty = 0.0 if column.endswith("_at_least") else 1.0
    with GUESS.open(encoding="utf-8", newline="") as file:
        rows = {(row["comparison"], row["level"]): float(row[column] or empty) for row in csv.DictReader(file)}
    return {name: tuple(rows[name, level] for level in comparisons.names(name)) for name in comparisons.COMPARISONS}


def _shares(found: Pairs, probable: Numbers, sampled: Mapping[str, list[float]], every: Numbers) -> Shares:
    """The share of each level under each explanation, given how probable each explanation is of each pair."""
    told: dict[str, dict[str, tuple[float, ...]]] = {}
    for kind, weight in zip(EXPLANATIONS, probable, strict=True):
        told[kind] = {}
        for name in comparisons.COMPARISONS:
            counts = _counts(found.table[name].to_numpy(), weight, len(comparisons.names(name)))
            share = (counts + 0.5) / (counts.sum() + 0.5 * len(counts))
            if kind == STRANGERS:
                share = _of_strangers(name, counts, np.array(sampled[name]), every)
            told[kind][name] = tuple(float(one) for one in share)
    for name, most in _guessed("careless_at_most").items():
        told[CARELESS][name] = tuple(np.minimum(told[CARELESS][name], most).tolist())
    told[RELATIVES][CONTACT] = _as_written(told, probable)
    for name, least in _guessed("relatives_at_least").items():
        told[RELATIVES][name] = tuple(np.maximum(told[RELATIVES][name], least).tolist())
    return told


def _as_written(told: Shares, probable: Numbers) -> tuple[float, ...]:
    """The shares of relatives, with one address written in two ways as often as one person's is.

    A relative of another name in the same street is no candidate, unless a NIK or phone is shared: counted among the
    candidates, an address without its number would seem to be proof of a match. A phone is shared as often as counted.
    """
    levels, relatives = comparisons.names(CONTACT), np.array(told[RELATIVES][CONTACT])
    pooled = np.average([told[kind][CONTACT] for kind in SAME], axis=0, weights=probable[: len(SAME)].sum(axis=1))
    at_house = relatives[levels.index("house")] / pooled[levels.index("house")]
    shares = np.where(np.isin(levels, PHONES), relatives, pooled * at_house)
    return tuple((shares / shares.sum()).tolist())


def _counts(level: npt.NDArray[np.int8], weight: Numbers, n: int) -> Numbers:
    known = level != NOWHERE
    counted: Numbers = np.bincount(level[known], weights=weight[known], minlength=n).astype(np.float64)
    return counted


def _of_strangers(name: str, counts: Numbers, sampled: Numbers, every: Numbers) -> Numbers:
    """Counted where every pair of the level is a candidate, else sampled."""
    is_covered = np.array([level.is_covered for level in comparisons.COMPARISONS[name][1:]])
    exact = (counts + 0.5) / every.sum()
    return np.where(is_covered, exact, np.maximum(sampled, LEAST_SAMPLED))


def _rates(rates: Numbers, every: Numbers, fewer: Numbers, is_within: npt.NDArray[np.bool_],
           kind: npt.NDArray[np.int64]) -> dict[str, float]:  # fmt: skip
    """What a run begins with: pairs of each explanation for each row of the smaller register."""
    pairs = rates * every
    seen = np.isin(np.arange(len(every)), kind)
    same = pairs[: len(SAME)].sum(axis=0)

    def per_row(numbers: Numbers, of: npt.NDArray[np.bool_]) -> float:
        return float(max(numbers[of].sum() / max(fewer[of].sum(), 1.0), 1e-6))

    return {
        "within": per_row(same, seen & is_within),
        "across": per_row(same, seen & ~is_within),
        CARELESS: float(np.clip(pairs[1].sum() / max(same.sum(), 1e-9), 0.01, 0.99)),
        RELATIVES: per_row(pairs[2], seen),
        NEIGHBOURS: per_row(pairs[3], seen),
    }
