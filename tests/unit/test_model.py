"""The frozen model: what its file must say, what is refused, and that it comes back as it was written."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from analysis import ContractError
from analysis.linking import comparisons, model
from analysis.linking.model import BY_CHANCE, CARELESS, EXPLANATIONS, SAME, STRANGERS
from analysis.presenting import wording

FROZEN = model.frozen()
Change = Callable[[dict], object]


def refused(text: str) -> ContractError:
    with pytest.raises(ContractError) as told:
        model.of_text(text, "model.json")
    assert told.value.exit_code == 11
    assert told.value.subject == "model.json"
    assert "jamsostek fit" in told.value.cure
    return told.value


def changed(change: Change) -> str:
    told = json.loads(model.as_text(FROZEN))
    change(told)
    return json.dumps(told)


# the reviewed file ------------------------------------------------------------------------------------------------


def test_the_card_says_what_the_model_was_fitted_to_and_with_what() -> None:
    card = FROZEN.card
    assert re.fullmatch("[0-9a-f]{64}", card["delivery"])
    assert all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", card[name]) for name in ("reference_date", "fitted_date"))
    assert isinstance(card["seed"], int)
    assert set(card["versions"]) >= {"analysis", "python", "splink", "duckdb", "pandas"}
    assert card["is_synthetic"] is True


@pytest.mark.parametrize("kind", EXPLANATIONS)
@pytest.mark.parametrize("name", comparisons.COMPARISONS)
def test_shares_are_shares(kind: str, name: str) -> None:
    shares = FROZEN.shares[kind][name]
    assert len(shares) == len(comparisons.names(name))
    assert all(0 < share <= 1 for share in shares)
    assert sum(shares) <= 1.25, "of strangers some levels are counted and others sampled; they add up about to 1"


@pytest.mark.parametrize("name", comparisons.COMPARISONS)
def test_what_is_alike_speaks_for_one_person_and_what_is_not_against(name: str) -> None:
    bits = np.log2(FROZEN.pooled(name)) - np.log2(FROZEN.shares[STRANGERS][name])
    assert bits[0] > 0 > bits[-1]


@pytest.mark.parametrize(
    "level", ["nik_conflict", "nik15_conflict", "two_identities", "other_day", "same_day_other_sex"]
)
def test_what_a_relative_explains_better_speaks_for_a_relative(level: str) -> None:
    at = comparisons.names("identity").index(level)
    same = FROZEN.pooled("identity")[at] / FROZEN.pooled("identity")[0]
    of_relatives = FROZEN.shares["relatives"]["identity"]
    assert of_relatives[at] / of_relatives[0] > same


def test_the_decision_lies_below_even_odds_and_the_review_band_below_it() -> None:
    assert 0 < FROZEN.review < FROZEN.accept <= 0.5


def test_careless_rows_are_pooled_by_their_rate() -> None:
    weight = FROZEN.rates[CARELESS]
    careful, careless = (FROZEN.shares[kind]["place"] for kind in SAME)
    assert FROZEN.pooled("place") == pytest.approx(
        [(1 - weight) * one + weight * other for one, other in zip(careful, careless, strict=True)]
    )


# round trip -------------------------------------------------------------------------------------------------------


def test_the_file_is_as_the_program_writes_it() -> None:
    assert model.FROZEN.read_text(encoding="utf-8") == model.as_text(FROZEN)


def test_a_model_comes_back_as_it_was_written() -> None:
    again = model.of_text(model.as_text(FROZEN), "model.json")
    assert again == FROZEN
    assert model.as_text(again) == model.as_text(FROZEN)


def test_what_was_fitted_is_kept_to_six_digits() -> None:
    fine = replace(FROZEN, rates={**FROZEN.rates, "within": 0.123456789})
    kept = model.shortened(fine)
    assert kept.rates["within"] == 0.123457
    assert model.shortened(kept) == kept


# what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", '"text"', "{}", '{"levels": {}}'])
def test_what_is_no_model_is_refused(text: str) -> None:
    assert "is no model of the linkage, or is damaged" in str(refused(text))


@pytest.mark.parametrize("name", ["card", "accept", "review", "rates", "levels", "shares"])
def test_a_model_without_a_part_is_refused(name: str) -> None:
    assert "damaged" in str(refused(changed(lambda told: told.pop(name))))


@pytest.mark.parametrize("kind", EXPLANATIONS)
def test_a_model_without_an_explanation_is_refused(kind: str) -> None:
    assert "damaged" in str(refused(changed(lambda told: told["shares"].pop(kind))))


OTHER_LEVELS: list[Change] = [
    lambda told: told["levels"]["identity"].pop(),
    lambda told: told["levels"]["identity"].append("another"),
    lambda told: told["levels"]["identity"].reverse(),
    lambda told: told["levels"].pop("identity"),
]


@pytest.mark.parametrize("change", OTHER_LEVELS)
def test_a_model_with_other_levels_is_refused_and_the_comparison_named(change: Change) -> None:
    assert 'the levels of the comparison "identity" are not those that the program compares' in str(
        refused(changed(change))
    )


NO_SHARES: list[Change] = [
    lambda told: told["shares"]["careful"]["contact"].__setitem__(0, 0.0),
    lambda told: told["shares"]["careful"]["contact"].__setitem__(0, -0.1),
    lambda told: told["shares"]["careful"]["contact"].__setitem__(0, 1.5),
    lambda told: told["shares"]["careful"]["contact"].__setitem__(0, float("nan")),
    lambda told: told["shares"]["careful"]["contact"].__setitem__(0, float("inf")),
    lambda told: told["shares"]["careful"]["contact"].pop(),
    lambda told: told["shares"]["careful"]["contact"].append(0.1),
]


@pytest.mark.parametrize("change", NO_SHARES)
def test_shares_that_are_none_are_refused_and_named(change: Change) -> None:
    assert 'careful: the shares of the comparison "contact" are no shares' in str(refused(changed(change)))


RATES: list[Change] = [
    lambda told: told["rates"].update(within=0),
    lambda told: told["rates"].update(within=-1),
    lambda told: told["rates"].update(within=float("nan")),
    lambda told: told["rates"].pop("careless"),
    lambda told: told["rates"].update(cousins=0.1),
]


@pytest.mark.parametrize("change", RATES)
def test_rates_that_are_none_are_refused(change: Change) -> None:
    assert "the rates must be above 0: across, careless, neighbours, relatives, within" in str(refused(changed(change)))


@pytest.mark.parametrize(("review", "accept"), [
    (0.5, 0.4), (0, 0.35), (-0.1, 0.35), (0.04, 1), (0.04, 1.2), (float("nan"), 0.35), (0.04, float("nan")),
])  # fmt: skip
def test_thresholds_out_of_order_are_refused(review: float, accept: float) -> None:
    error = refused(changed(lambda told: told.update(review=review, accept=accept)))
    assert "review and accept must lie between 0 and 1, review not above accept" in str(error)


def test_all_faults_are_told_at_once() -> None:
    def change(told: dict) -> None:
        told["levels"]["place"] = []
        told["shares"]["strangers"]["name"][0] = 0
        told["accept"] = 2

    assert len(refused(changed(change)).faults) == 3


def test_a_missing_file_is_refused(tmp_path) -> None:
    with pytest.raises(ContractError, match="is missing") as told:
        model.frozen(tmp_path / "model.json")
    assert told.value.exit_code == 11


def test_every_refusal_has_an_indonesian_text() -> None:
    say = wording.in_language("id")
    for text in ("", changed(lambda told: told["levels"].pop("place")), changed(lambda told: told.update(accept=2)),
                 changed(lambda told: told["rates"].clear())):  # fmt: skip
        error = refused(text)
        for fault in error.faults:
            assert say.say(fault.message, **{name: str(value) for name, value in fault.values.items()}).plain != (
                fault.message.format(**fault.values)
            )
        assert say.say(error.cure).plain != error.cure


# what Splink is given ---------------------------------------------------------------------------------------------


def test_names_are_weighed_by_their_frequency_and_nothing_else_is() -> None:
    assert set(BY_CHANCE) == {"neighbours", "strangers"}
    for one in FROZEN.settings()["comparisons"]:
        adjusted = [level["label_for_charts"] for level in one["comparison_levels"] if "tf_adjustment_column" in level]
        assert bool(adjusted) == (one["output_column_name"] == "name")


def test_the_first_level_of_each_comparison_is_that_of_what_is_unknown() -> None:
    for one in FROZEN.settings()["comparisons"]:
        first, *others = one["comparison_levels"]
        assert first["is_null_level"] and not any(level.get("is_null_level") for level in others)
