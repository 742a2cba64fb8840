"""The only place for the model of the linkage: how often each level of a comparison is seen under each explanation.

A pair of rows that look alike has one of five explanations: the same person, written with care or carelessly; two
relatives, who share address, phone and part of the name, and now and then a NIK put down for the other; two neighbours,
who share the street; two strangers. Splink's own model knows "same" and "strangers" only, takes a household for a
match and misses people whose record is bad in every column at once (docs/decisions/0013). The frozen model is a
reviewed file with its card; a run loads it and never changes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis import N_, ContractError, Fault
from analysis.linking import blocking, comparisons

CAREFUL, CARELESS, RELATIVES, NEIGHBOURS, STRANGERS = (
    "careful", "careless", "relatives", "neighbours", "strangers",
)  # fmt: skip
SAME = (CAREFUL, CARELESS)
EXPLANATIONS = (*SAME, RELATIVES, NEIGHBOURS, STRANGERS)
BY_CHANCE = (NEIGHBOURS, STRANGERS)
"""Explanations under which a name is shared by chance: as often as its share of the rows."""
FROZEN = Path(__file__).parent / "frozen" / "model.json"
LEAST_FREQUENCY = 2e-5
"""No name is taken to be rarer than this, however few rows have it: one slip of the hand makes a name unique."""
DECIMALS = 6
"""Decimals of a probability; what is computed in another order differs in the thirteenth."""
REFIT = N_("Fit it anew with: jamsostek fit EDITION; then review it and put it in the place of the frozen one.")

Shares = Mapping[str, Mapping[str, tuple[float, ...]]]
"""Explanation -> comparison -> share of each level, in the order of `comparisons.names`; each adds up to about 1."""


@dataclass(frozen=True)
class Model:
    """Shares of levels, what is expected before any pair was seen, where the decision lies, and the model's card.

    `rates`: expected pairs of each explanation for each row of the smaller register (same person, within one register
    and across two; relatives; neighbours), where a run begins; it counts on from there. A pair of at least `accept` is
    a link; an owner without one whose best chance is at least `review` is left unresolved.
    """

    shares: Shares
    rates: Mapping[str, float]
    accept: float
    review: float
    card: Mapping[str, Any]

    def pooled(self, comparison: str) -> list[float]:
        """The shares of levels in pairs of the same person, careful and careless together."""
        weight = self.rates[CARELESS]
        return [
            (1 - weight) * one + weight * other
            for one, other in zip(*(self.shares[kind][comparison] for kind in SAME), strict=True)
        ]

    def settings(self, *, is_every: bool = False) -> dict[str, Any]:
        """The model as Splink has it: "same person" against "strangers", with names weighed by their frequency."""
        return {
            "link_type": "link_and_dedupe",
            "unique_id_column_name": "row_id",
            "comparisons": [_comparison(name, self) for name in comparisons.COMPARISONS],
            "blocking_rules_to_generate_predictions": [
                {"blocking_rule": condition, "sql_dialect": "duckdb"}
                for condition in blocking.conditions(is_every=is_every)
            ],
            "probability_two_random_records_match": 0.5,  # so that a weight is the evidence alone
            "retain_matching_columns": False,
            "retain_intermediate_calculation_columns": True,
        }


def _comparison(name: str, model: Model) -> dict[str, Any]:
    unknown, *levels = comparisons.COMPARISONS[name]
    shares = zip(levels, model.pooled(name), model.shares[STRANGERS][name], strict=True)
    told = [_level(level) | {"m_probability": m, "u_probability": u} for level, m, u in shares]
    return {"output_column_name": name, "comparison_levels": [_level(unknown) | {"is_null_level": True}, *told]}


def _level(level: comparisons.Level) -> dict[str, Any]:
    told: dict[str, Any] = {"sql_condition": level.condition, "label_for_charts": level.name}
    if level.frequency_of is not None:
        told |= {"tf_adjustment_column": level.frequency_of, "tf_minimum_u_value": LEAST_FREQUENCY,
                 "disable_tf_exact_match_detection": True}  # fmt: skip
    return told


# the file ---------------------------------------------------------------------------------------------------------


def frozen(path: Path = FROZEN) -> Model:
    """The reviewed model. Raises ContractError where it is damaged or was made for other comparisons."""
    try:
        return of_text(path.read_text(encoding="utf-8"), path.name)
    except OSError:
        raise ContractError(path.name, [Fault(N_("is missing"))], REFIT) from None


def of_text(text: str, name: str) -> Model:
    """The model that a JSON text holds; `name` is that of its file. Raises ContractError as `frozen` does."""
    try:
        told = json.loads(text)
        levels = told["levels"]
        shares = {
            kind: {one: tuple(float(x) for x in told["shares"][kind][one]) for one in comparisons.COMPARISONS}
            for kind in EXPLANATIONS
        }
        rates = {key: float(value) for key, value in told["rates"].items()}
        made = Model(shares, rates, float(told["accept"]), float(told["review"]), told["card"])
    except (LookupError, TypeError, ValueError, AttributeError):
        raise ContractError(name, [Fault(N_("is no model of the linkage, or is damaged"))], REFIT) from None
    if faults := [*_other_levels(levels), *_no_shares(made)]:
        raise ContractError(name, faults, REFIT)
    return made


def as_text(model: Model) -> str:
    """The model as its file has it: shares with the names of their levels, six significant digits."""
    told = {
        "card": model.card,
        "accept": model.accept,
        "review": model.review,
        "rates": {name: _short(rate) for name, rate in model.rates.items()},
        "levels": {name: list(comparisons.names(name)) for name in comparisons.COMPARISONS},
        "shares": {
            kind: {name: [_short(share) for share in shares] for name, shares in of.items()}
            for kind, of in model.shares.items()
        },
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def shortened(model: Model) -> Model:
    """The model as it comes back from its file."""
    return of_text(as_text(model), "model.json")


def _short(number: float) -> float:
    return float(f"{number:.6g}")


def _other_levels(levels: Mapping[str, Any]) -> list[Fault]:
    """Comparisons whose levels are not those of `linking.comparisons`: the model was made for other columns."""
    return [
        Fault(N_('the levels of the comparison "{name}" are not those that the program compares'),
              values={"name": name})
        for name in comparisons.COMPARISONS if list(levels.get(name, [])) != list(comparisons.names(name))
    ]  # fmt: skip


def _no_shares(model: Model) -> list[Fault]:
    """What makes numbers useless as shares, rates or thresholds."""
    told = [
        Fault(N_('{kind}: the shares of the comparison "{name}" are no shares'), values={"kind": kind, "name": name})
        for kind, of in model.shares.items() for name, shares in of.items()
        if len(shares) != len(comparisons.names(name)) or not all(0 < share <= 1 for share in shares)
    ]  # fmt: skip
    wanted = {"within", "across", CARELESS, RELATIVES, NEIGHBOURS}
    if set(model.rates) != wanted or not all(rate > 0 for rate in model.rates.values()):
        told.append(Fault(N_("the rates must be above 0: {names}"), values={"names": ", ".join(sorted(wanted))}))
    if not 0 < model.review <= model.accept < 1:
        told.append(Fault(N_("review and accept must lie between 0 and 1, review not above accept")))
    return told
