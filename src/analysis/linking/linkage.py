"""The only place that says which rows are of one person, and which UMKM rows are linked to which participant rows.

Pairs are compared and weighed (`scoring`), rows are joined into persons from the surest pair down (`clusters`): those
that a plain rule joins first, then by probability. A person may stand in any register, and often in one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.contracts.registers import JAMSOSTEK, KEY, UMKM
from analysis.linking import clusters, comparisons, evidence, scoring
from analysis.linking.comparisons import IDENTITY, NAME
from analysis.linking.model import DECIMALS, EXPLANATIONS, RELATIVES, Model
from analysis.linking.scoring import Pairs, Workplace

PROBABILISTIC = "probabilistic"
SAME_NAME = ("equal", "sounds", "glued", "typing_error", "part_with_rarest", "part_of_several", "part_misspelt", "part")
RULES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "nik": (("nik_and_birth", "nik", "nik_birth_near"), SAME_NAME),
    "nik15": (("nik15",), SAME_NAME),
    "name_birth": (("same_day_nik_missing", "same_day_other_nik", "other_serial"), ("equal", "sounds")),
}
"""What each plain rule asks of a pair: levels of identity and of the name. It never joins what the model thinks
improbable: two namesakes born on one day are one person only if nothing else speaks against it."""
MOST_KIN = 3.0
"""How many times more probable relatives may be than one person where a pair is a link all the same."""
LEAST_KEPT = 0.001
"""Candidates less probable than this are not kept for later steps."""


@dataclass(frozen=True)
class Linkage:
    """Who is who in one edition.

    persons: register, source_sheet, source_row and person, a number that all rows of one person share. links: the
    columns of contracts LINKS. candidates: the columns of contracts CANDIDATES, every pair of LEAST_KEPT or more.
    compared_n: pairs that were compared and kept.
    """

    persons: pd.DataFrame
    links: pd.DataFrame
    candidates: pd.DataFrame
    compared_n: int


def link(tables: Mapping[str, pd.DataFrame], reference_date: date, model: Model, place: Workplace) -> Linkage:
    """Link the cleaned registers of one edition by the frozen model. Pure but for DuckDB's memory and its folder."""
    rows = evidence.gather(tables, reference_date)
    found = scoring.pairs(rows, model, place)
    return decided(rows, found, scoring.explained(found, model), model)


def persons_of(linkage: Linkage, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.Series]:
    """The person of every row of each cleaned register, with the register's index."""
    told = {}
    for name, table in tables.items():
        own = linkage.persons.loc[linkage.persons["register"] == name, [*KEY, "person"]]
        told[name] = table[list(KEY)].merge(own, on=list(KEY))["person"].set_axis(table.index)
    return told


def decided(rows: pd.DataFrame, found: Pairs, explained: scoring.Numbers, model: Model) -> Linkage:
    """Persons, links and candidates that compared pairs and their explanations (`scoring.explained`) make.

    A pair that two relatives explain far better than one person is no link, however low the threshold: the guard of
    the household.
    """
    probability = scoring.one_person(explained)
    is_kin = explained[EXPLANATIONS.index(RELATIVES)] > MOST_KIN * probability
    joining = np.where(is_kin, np.minimum(probability, np.nextafter(model.accept, 0)), probability)
    rule = rules(found.table)
    left, right = found.table["left"].to_numpy(), found.table["right"].to_numpy()
    groups = clusters.group(len(rows), left, right, joining, rule != PROBABILISTIC, model.accept)
    label = np.array(groups.label, dtype=np.int64)
    weakest = pd.Series(groups.weakest, dtype="float64").reindex(label)
    scored = pd.DataFrame({"left": left, "right": right, "match_probability": probability, "rule": rule})
    persons = rows[["register", *KEY]].assign(person=label)
    return Linkage(persons, _links(persons, scored, weakest), _candidates(rows, found, probability), len(left))


def rules(table: pd.DataFrame) -> npt.NDArray[np.object_]:
    """The first plain rule that each compared pair fulfils, else PROBABILISTIC."""
    fulfilled = [_is_at(table, IDENTITY, one) & _is_at(table, NAME, other) for one, other in RULES.values()]
    told: npt.NDArray[np.object_] = np.select(fulfilled, [*RULES], default=PROBABILISTIC).astype(object)
    return told


def _is_at(table: pd.DataFrame, comparison: str, levels: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    names = comparisons.names(comparison)
    return np.isin(table[comparison].to_numpy(), [names.index(level) for level in levels])


def _links(persons: pd.DataFrame, scored: pd.DataFrame, weakest: pd.Series) -> pd.DataFrame:
    """Every pair of an UMKM row and a participant row of one person, also where the two were never compared.

    Such a pair, or one that alone would be less probable, has the lowest probability at which its person was joined.
    """
    numbered = persons.assign(row=np.arange(len(persons)))
    ours, theirs = (numbered[numbered["register"] == name] for name in (UMKM, JAMSOSTEK))
    pairs = ours.merge(theirs, on="person", suffixes=("_umkm", "_participant"))
    pairs = pairs.assign(left=pairs[["row_umkm", "row_participant"]].min(axis=1),
                         right=pairs[["row_umkm", "row_participant"]].max(axis=1))  # fmt: skip
    pairs = pairs.merge(scored, how="left", on=["left", "right"])
    joined = weakest.to_numpy()[pairs["row_umkm"].to_numpy()]
    probability = np.fmax(pairs["match_probability"].to_numpy(), joined)
    made = pd.DataFrame({
        **{f"{side}_{name}": pairs[f"{name}_{side}"] for side in ("umkm", "participant") for name in KEY},
        "match_probability": np.round(probability, DECIMALS),
        "rule": pairs["rule"].fillna(PROBABILISTIC),
    })  # fmt: skip
    return made.sort_values(list(made.columns[:4]), ignore_index=True)


def _candidates(rows: pd.DataFrame, found: Pairs, probability: npt.NDArray[np.float64]) -> pd.DataFrame:
    """Who could be whom, and how the two compare: levels by name, `unknown` where nothing can be compared."""
    kept = found.table.assign(probability=probability)[probability >= LEAST_KEPT]
    told: dict[str, object] = {}
    for side in ("left", "right"):
        own = rows.iloc[kept[side].to_numpy()].reset_index(drop=True)
        told |= {f"{side}_{name}": own[name] for name in ("register", *KEY)}
    told["probability"] = kept["probability"].to_numpy()
    for name in comparisons.COMPARISONS:
        levels = np.array([*comparisons.names(name), comparisons.UNKNOWN], dtype=object)
        told[name] = levels[kept[name].to_numpy()]  # nothing to compare is -1: the last
    told["name_share"] = kept["frequency"].to_numpy()
    return pd.DataFrame(told)
