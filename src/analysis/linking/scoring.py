"""The only place that runs Splink: which pairs share a block, how each compares, and how often strangers would.

Splink 5 on DuckDB finds the pairs, compares them and looks up how frequent a shared name is. What that makes likely is
reckoned here from the model's five explanations, of which Splink itself knows two.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.linking import blocking, comparisons, evidence
from analysis.linking.model import BY_CHANCE, CARELESS, DECIMALS, NEIGHBOURS, RELATIVES, SAME, STRANGERS, Model

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from splink import Linker

Numbers = npt.NDArray[np.float64]

LEAST_WEIGHT = 0.0
"""Pairs for which nothing speaks, in bits against strangers, are not kept: they are no candidates."""
TURNS = 12
"""How often the rates are reckoned anew from the pairs of the edition; after eight they hardly move."""
MOST_EXPECTED = 0.2
"""No explanation but strangers is expected of more pairs than this, however small the registers."""
SAMPLED_PAIRS, SAMPLE_SEED = 10_000_000, 1
LEAST_MEGABYTES, BYTES_OF_A_ROW = 450, 1_500
"""What DuckDB needs to work without much writing to disk, measured at Palu's size and at ten times of it."""
SAME_WEIGHT = 1e-6
NOWHERE = -1
"""The level of a pair in which nothing can be compared."""


@dataclass(frozen=True)
class Workplace:
    """What DuckDB may use. `folder`: for what does not fit into its memory; None: nothing is written to disk."""

    threads: int = 2
    folder: Path | None = None

    def settings(self, rows_n: int) -> dict[str, Any]:
        """DuckDB's settings to link so many rows: its memory grows with them, as the number of pairs does."""
        told = {"threads": self.threads, "preserve_insertion_order": False}
        if self.folder is None:
            return told | {"temp_directory": ""}
        megabytes = max(LEAST_MEGABYTES, rows_n * BYTES_OF_A_ROW // 1_000_000)
        return told | {"temp_directory": str(self.folder), "memory_limit": f"{megabytes}MB"}


@dataclass(frozen=True)
class Pairs:
    """Candidate pairs, sorted: `table` has left < right (rows of the evidence), a level of each comparison (place in
    `comparisons.names`, NOWHERE: unknown) and frequency, the share of rows with the shared name (NaN: not by chance).

    `register` tells of each row which register it is of, counted from 0.
    """

    table: pd.DataFrame
    register: npt.NDArray[np.int64]

    @property
    def kinds(self) -> tuple[npt.NDArray[np.int64], Numbers, Numbers, npt.NDArray[np.bool_]]:
        """Of each pair its kind (which two registers), and of each kind: all pairs, rows of the smaller, is within."""
        n = int(self.register.max(initial=0)) + 1
        rows = np.bincount(self.register, minlength=n).astype(np.float64)
        left, right = (self.register[self.table[side].to_numpy()] for side in ("left", "right"))
        kind = np.minimum(left, right) * n + np.maximum(left, right)
        one, other = np.divmod(np.arange(n * n), n)
        is_within = one == other
        every = np.where(is_within, rows[one] * (rows[one] - 1) / 2, rows[one] * rows[other] * (one < other))
        return kind, np.maximum(every, 1.0), np.minimum(rows[one], rows[other]), is_within


def pairs(rows: pd.DataFrame, model: Model, place: Workplace, *, is_every: bool = False) -> Pairs:
    """The candidate pairs of `rows` (linking.evidence), compared: those of LEAST_WEIGHT or more, or `is_every` one."""
    register = pd.factorize(rows["register"])[0].astype(np.int64)
    if len(rows) < 2:
        return Pairs(_no_pairs(), register)
    with _linker(rows, model, place, is_every=is_every) as (linker, connection):
        least = None if is_every else LEAST_WEIGHT
        found = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
        names = [f"mw_{name}" for name in comparisons.COMPARISONS]
        columns = ", ".join(f'"{name}"' for name in ("row_id_l", "row_id_r", *names, "mw_tf_adj_name"))
        table = connection.sql(f"select {columns} from {found.physical_name}").df()
    return Pairs(_compared(table, model), register)


def strangers(rows: pd.DataFrame, model: Model, place: Workplace) -> dict[str, list[float]]:
    """How often two rows drawn at random compare at each level: comparison -> share, 0 where none was drawn."""
    with _linker(rows, model, place) as (linker, _):
        linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SAMPLE_SEED)
        told = linker.misc.save_model_to_json()
    drawn: dict[str, list[float]] = {}
    for one in told["comparisons"]:
        name = one["output_column_name"]
        levels = [level for level in one["comparison_levels"] if not level.get("is_null_level")]
        started = model.shares[STRANGERS][name]  # a level that was never drawn keeps what the training began with
        shares = [float(level.get("u_probability") or 0.0) for level in levels]
        drawn[name] = [0.0 if share == begun else share for share, begun in zip(shares, started, strict=True)]
    return drawn


# what a pair is ---------------------------------------------------------------------------------------------------


def likelihoods(found: pd.DataFrame, model: Model) -> Numbers:
    """log2 of how likely each pair looks under each of model.EXPLANATIONS: one row each, strangers last."""
    frequency = found["frequency"].to_numpy()
    by_chance = ~np.isnan(frequency)
    chance = np.log2(np.where(by_chance, frequency, 1.0))
    told = np.zeros((len(model.shares), len(found)))
    for n, (kind, of) in enumerate(model.shares.items()):
        for name, shares in of.items():
            level = found[name].to_numpy()
            bits = np.append(np.log2(shares), 0.0)[level]  # NOWHERE, -1, is the last: it tells nothing
            told[n] += np.where(by_chance, chance, bits) if kind in BY_CHANCE and name == comparisons.NAME else bits
    return told


def first_rates(found: Pairs, model: Model) -> Numbers:
    """The share of each explanation but strangers in the pairs of each kind, as the model expects it: one row each."""
    _, every, fewer, is_within = found.kinds
    same = np.where(is_within, model.rates["within"], model.rates["across"]) * fewer / every
    careless = model.rates[CARELESS]
    others = [model.rates[kind] * fewer / every for kind in (RELATIVES, NEIGHBOURS)]
    told: Numbers = np.minimum(np.array([(1 - careless) * same, careless * same, *others]), MOST_EXPECTED)
    return told


def responsibilities(told: Numbers, rates: Numbers, kind: npt.NDArray[np.int64]) -> Numbers:
    """How probable each explanation is of each pair (columns add up to 1), from likelihoods and rates."""
    weight = told.copy()
    weight[:-1] += np.log2(np.maximum(rates, 1e-300))[:, kind]
    weight -= weight.max(axis=0)
    probable: Numbers = np.exp2(weight)
    probable /= probable.sum(axis=0)
    return probable


def explained(found: Pairs, model: Model) -> Numbers:
    """How probable each of model.EXPLANATIONS is of each pair: a row each, 0 to 1, six decimals.

    The rates are counted on from those of the model over the pairs of this edition, so that registers which hardly
    overlap are not linked as if they did.
    """
    told, (kind, every, *_) = likelihoods(found.table, model), found.kinds
    rates = first_rates(found, model)
    for _ in range(TURNS):
        rates = counted(responsibilities(told, rates, kind), kind, every)
    return np.round(responsibilities(told, rates, kind), DECIMALS)


def probabilities(found: Pairs, model: Model) -> Numbers:
    """How probable it is that the two rows of each pair are of one person: 0 to 1, six decimals."""
    return one_person(explained(found, model))


def one_person(told: Numbers) -> Numbers:
    """Of what `explained` tells, the probability of one person, however carefully he was written."""
    same: Numbers = np.round(np.minimum(told[: len(SAME)].sum(axis=0), 1.0), DECIMALS)
    return same


def counted(probable: Numbers, kind: npt.NDArray[np.int64], every: Numbers) -> Numbers:
    """The share of each explanation but strangers in all pairs of each kind."""
    return np.array([np.bincount(kind, weights=one, minlength=len(every)) / every for one in probable[:-1]])


# Splink -----------------------------------------------------------------------------------------------------------


@contextmanager
def _linker(
    rows: pd.DataFrame, model: Model, place: Workplace, *, is_every: bool = False
) -> Iterator[tuple[Linker, DuckDBPyConnection]]:
    """Splink's linker over the evidence with its blocks, one input table for each register."""
    import duckdb
    from splink import DuckDBAPI, Linker

    with duckdb.connect(config=place.settings(len(rows))) as connection:
        connection.register("given", rows[["register", *evidence.COLUMNS]].assign(row_id=np.arange(len(rows))))
        connection.execute("create table evidence as select *, string_split(sounds, ' ') as words from given")
        connection.unregister("given")
        for statement in blocking.statements("evidence", blocking.most_rows(len(rows))):
            connection.execute(statement)
        api, inputs = DuckDBAPI(connection), []
        for n, register in enumerate(rows["register"].unique()):
            connection.execute(f"create table rows_{n} as select * exclude (register) from blocked "
                               "where register = ? order by row_id", [register])  # fmt: skip
            inputs.append(api.register(f"rows_{n}", dataset_display_name=f"r{n}"))
        connection.execute("drop table evidence; drop table blocked")
        settings = model.settings(is_every=is_every) | {
            "link_type": "dedupe_only" if len(inputs) == 1 else "link_and_dedupe"
        }
        linker = Linker(inputs, settings)
        logging.getLogger("splink").setLevel(logging.ERROR)  # a new linker makes it tell every step
        yield linker, connection


def _compared(table: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Rows and levels of Splink's pairs.

    Splink tells the weight of each level and not the level, unless every compared column is kept beside it, which
    takes ten times the memory; a weight is that of one level only.
    """
    one, other = table["row_id_l"].to_numpy(np.int64), table["row_id_r"].to_numpy(np.int64)
    told: dict[str, Any] = {"left": np.minimum(one, other), "right": np.maximum(one, other)}
    for name in comparisons.COMPARISONS:
        told[name] = _levels(table[f"mw_{name}"].to_numpy(), weights(model, name))
    shares = np.array([*model.shares[STRANGERS][comparisons.NAME], 1.0])
    levels = comparisons.COMPARISONS[comparisons.NAME][1:]
    is_by_chance = np.array([*(level.frequency_of is not None for level in levels), False])[told[comparisons.NAME]]
    frequency = shares[told[comparisons.NAME]] / np.exp2(table["mw_tf_adj_name"].to_numpy())
    told["frequency"] = np.where(is_by_chance, frequency, np.nan)
    return pd.DataFrame(told).sort_values(["left", "right"], ignore_index=True)


def weights(model: Model, comparison: str) -> Numbers:
    """The weight in bits that each level of a comparison has, same person against strangers."""
    pooled = np.array(model.pooled(comparison))
    told: Numbers = np.log2(pooled) - np.log2(model.shares[STRANGERS][comparison])
    return told


def as_bits(ratio: float) -> float:
    """A ratio of probabilities as a weight in bits."""
    return float(np.log2(ratio))


def _levels(told: Numbers, weight: Numbers) -> npt.NDArray[np.int8]:
    """The level whose weight stands there; NOWHERE for the weight 0 of what is unknown."""
    known = np.append(weight, 0.0)
    order = np.argsort(known)
    at = np.clip(np.searchsorted(known[order], told), 1, len(known) - 1)
    nearer = np.where(told - known[order[at - 1]] < known[order[at]] - told, at - 1, at)
    place = order[nearer]
    if np.abs(known[place] - told).max(initial=0.0) > SAME_WEIGHT:
        raise RuntimeError("Splink told a weight that no level has")
    return np.where(place == len(weight), NOWHERE, place).astype(np.int8)


def _no_pairs() -> pd.DataFrame:
    none = {name: np.empty(0, np.int8) for name in comparisons.COMPARISONS}
    rows = {side: np.empty(0, np.int64) for side in ("left", "right")}
    return pd.DataFrame({**rows, **none, "frequency": np.empty(0)})
