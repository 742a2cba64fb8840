"""Places: which kelurahan and kecamatan two cells mean, by a table for anyone to review, and how often a guess errs."""

import csv
import random
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.cleaning import places, words
from analysis.contracts.registers import PLACE_STATES
from analysis.sources.places import PROJECT

SPEC = Path(__file__).parents[1] / "spec" / "places.csv"
CASES = list(csv.DictReader(SPEC.read_text(encoding="utf-8").splitlines()))
REGIONS = pd.read_csv(PROJECT / "data" / "raw" / "reference" / "regions.csv", dtype="str")
KELURAHAN = REGIONS[REGIONS["level"] == "kelurahan"]
GAZETTEER = places.gazetteer(REGIONS)
LETTERS = "ABCDEFGHIJKLMNOPRSTUWY"


def settled(pairs: list[tuple[str, str]]) -> pd.DataFrame:
    own, around = (pd.Series(column, dtype="str") for column in zip(*pairs, strict=True))
    return places.match(own, around, GAZETTEER)


def misspelt(name: str, chance: random.Random) -> str:
    """One letter more, one less, one other, or two exchanged."""
    at, kind = chance.randrange(len(name)), chance.randrange(4)
    letter = chance.choice(LETTERS)
    changed = (
        name[:at] + letter + name[at:],
        name[:at] + name[at + 1 :],
        name[:at] + letter + name[at + 1 :],
        name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
    )
    return changed[kind]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kelurahan']}, {case['kecamatan']}: {case['why']}")
def test_a_place_is_settled_as_specified(case: dict[str, str]) -> None:
    found = settled([(case["kelurahan"], case["kecamatan"])]).fillna("").iloc[0]
    assert dict(found) == {name: case[name] for name in places.COLUMNS}


def test_every_kelurahan_and_variant_is_found() -> None:
    rows = KELURAHAN.fillna("")
    for row in rows.to_dict("records"):
        spelt = [row["name"], *f"{row['name_variants_seen']}|{row['name_variants_guessed']}".split("|")]
        found = settled([(name, row["kecamatan"]) for name in spelt if name])
        assert set(found["kelurahan_code"]) == {row["id"]}
        assert set(found["place_state"]) == {"agreed"}


@pytest.mark.parametrize("edits", [1, 2])
@pytest.mark.parametrize("has_kecamatan", [True, False])
def test_a_misspelt_name_is_rarely_taken_for_another(edits: int, has_kecamatan: bool) -> None:
    chance = random.Random(20261031)
    truth, pairs = [], []
    for row in KELURAHAN.to_dict("records") * 25:
        name = row["name"].upper()
        for _ in range(edits):
            name = misspelt(name, chance)
        truth.append(row["id"])
        pairs.append((name, row["kecamatan"] if has_kecamatan else ""))
    found = settled(pairs)["kelurahan_code"]
    is_wrong = found.notna() & found.ne(pd.Series(truth))
    assert is_wrong.mean() < 0.005
    if has_kecamatan and edits == 1:
        assert found.isna().mean() < 0.02


def test_a_misspelt_place_outside_is_rarely_taken_for_one_of_palu() -> None:
    chance = random.Random(20261031)
    pairs = [(misspelt(row["name"].upper(), chance), "") for row in words.rows("places_outside") for _ in range(3)]
    assert settled(pairs)["kelurahan_code"].notna().mean() < 0.005


@given(st.text(max_size=25), st.text(max_size=25))
def test_any_text_is_settled_within_the_closed_list(own: str, around: str) -> None:
    found = settled([(own, around)]).iloc[0]
    assert found["place_state"] in PLACE_STATES
    assert pd.isna(found["kelurahan_code"]) or found["kecamatan_code"] == found["kelurahan_code"][:8]


@given(st.sampled_from(list(KELURAHAN["id"])))
def test_a_code_means_itself(code: str) -> None:
    found = settled([(code, code[:8])]).iloc[0]
    assert (found["kelurahan_code"], found["place_state"]) == (code, "agreed")


def test_empty_cells_are_missing_and_the_index_is_kept() -> None:
    blank = pd.Series([None, None], index=[4, 2], dtype="str")
    found = places.match(blank, blank, GAZETTEER)
    assert list(found.index) == [4, 2]
    assert list(found["place_state"]) == ["missing", "missing"]
    assert places.match(blank[:0], blank[:0], GAZETTEER).empty


@pytest.mark.parametrize("name", ["places_outside", "place_words", "former_districts"])
def test_a_list_of_places_says_why(name: str) -> None:
    assert all(row["why"] for row in words.rows(name))


def test_former_districts_name_places_of_palu() -> None:
    for row in words.rows("former_districts"):
        assert row["kelurahan_code"] in GAZETTEER.parents
        assert row["former_kecamatan_code"] != GAZETTEER.parents[row["kelurahan_code"]]
