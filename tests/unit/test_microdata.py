"""Rows about single owners that name nobody, how easily they are told apart, and the one cut of them that may leave."""

from collections import Counter

import few_rows
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import DisclosureError
from analysis.contracts import registers
from analysis.contracts.registers import CAUSES, CLEANED, OWNERS
from analysis.contracts.released import CITY, COUNTED
from analysis.measuring import gap, microdata
from analysis.releasing import disclosure, rounding
from analysis.sources import keys

STEADY = settings(deadline=None, max_examples=25)  # a busy machine is no failure
PSEUDONYM, ROUNDING = keys.DEMO.pseudonym, keys.DEMO.rounding
OTHER = keys.Key(b"another key of thirty-two bytes..", False)
ORDER = [name for name in microdata.COLUMNS if name not in ("probability_enrolled", "is_vulnerable")]


def drawn(n: int = 400, seed: int = 1) -> pd.DataFrame:
    """Owners as the contract has them, in the order of their ids; some without kelurahan, some without any area."""
    draw = np.random.default_rng(seed)
    regions = few_rows.areas()
    kelurahan = draw.choice(sorted(regions.loc[regions["level"] == "kelurahan", "id"]), n).astype(object)
    kecamatan = np.array([code[:8] for code in kelurahan], dtype=object)
    kelurahan[draw.random(n) < 0.1] = None
    nowhere = draw.random(n) < 0.05
    kelurahan[nowhere], kecamatan[nowhere] = None, None
    return pd.DataFrame({
        "owner_id": pd.array(sorted(draw.bytes(8).hex() for _ in range(n)), "str"),
        "umkm_source_sheet": pd.array(["Data"] * n, "str"), "umkm_source_row": draw.permutation(n) + 2,
        "status": pd.array(draw.choice(gap.STATUSES, n), "str"), "cause": pd.array(draw.choice(CAUSES, n), "str"),
        "probability_enrolled": draw.random(n).round(6),
        "kecamatan_code": pd.array(kecamatan, "str"), "kelurahan_code": pd.array(kelurahan, "str"),
        **{name: pd.array(draw.choice(of, n), "str") for name, of in gap.DIVISIONS.items()},
        "rows_n": draw.integers(1, 9, n), "businesses_n": draw.integers(1, 4, n),
        "person": draw.permutation(n), "is_vulnerable": draw.random(n) < 0.2,
    })[list(OWNERS.columns)]  # fmt: skip


OWN = drawn()


def rows(owners: pd.DataFrame = OWN, edition: str = "2026-10", key: keys.Key = PSEUDONYM) -> pd.DataFrame:
    return microdata.of_owners(owners, edition, key)


def multiset(table: pd.DataFrame) -> Counter[tuple[object, ...]]:
    """How often each row stands in a table, whatever its order."""
    told = table.astype("object").where(table.notna(), None)
    return Counter(told.itertuples(index=False, name=None))


# what survives, and what does not -----------------------------------------------------------------------------------


def test_no_column_that_could_identify_survives() -> None:
    told = rows()
    assert list(told.columns) == list(microdata.COLUMNS) and len(told) == len(OWN)
    identifying = set(OWNERS.columns) - {*microdata.COLUMNS, "rows_n"}
    assert identifying == {"owner_id", "umkm_source_sheet", "umkm_source_row", "kelurahan_code", "person",
                           "businesses_n"}  # fmt: skip
    assert list(told.index) == list(range(len(OWN)))
    written = told.astype("str").to_csv()
    for name in ("owner_id", "kelurahan_code"):
        assert not [value for value in OWN[name].dropna() if value in written]


@STEADY
@given(seed=st.integers(0, 2**32 - 1))
def test_new_pseudonyms_row_numbers_and_another_order_change_no_row(seed: int) -> None:
    draw = np.random.default_rng(seed)
    other = OWN.assign(
        owner_id=pd.array([draw.bytes(8).hex() for _ in range(len(OWN))], "str"),
        umkm_source_row=draw.permutation(len(OWN)), person=draw.permutation(len(OWN)) - 7,
    ).iloc[draw.permutation(len(OWN))]  # fmt: skip
    assert multiset(rows(other)) == multiset(rows())


@STEADY
@given(n=st.integers(400, 900), seed=st.integers(0, 99))
def test_no_column_has_a_value_of_its_own_for_every_owner(n: int, seed: int) -> None:
    told = rows(drawn(n, seed))
    assert (told.nunique(dropna=False) < n / 3).all()


def test_probabilities_have_two_decimals_and_many_rows_are_three_or_more() -> None:
    told = rows()
    in_order = told.sort_values("probability_enrolled")["probability_enrolled"].to_numpy()
    assert (in_order * 100 == pytest.approx(np.round(in_order * 100), abs=1e-9)) and len(np.unique(in_order)) <= 101
    assert OWN["probability_enrolled"].nunique() > 390
    assert np.abs(in_order - np.sort(OWN["probability_enrolled"])).max() <= 0.005 + 1e-9
    bands = OWN["rows_n"].map(lambda n: "3+" if n >= 3 else str(n))
    assert Counter(told["rows_band"]) == Counter(bands) and set(bands) == {"1", "2", "3+"}


def test_all_else_is_told_as_it_is_and_an_unknown_place_stays_empty() -> None:
    same = [name for name in microdata.COLUMNS if name in OWNERS.columns and name != "probability_enrolled"]
    assert multiset(rows()[same]) == multiset(OWN[same])
    assert rows()["kecamatan_code"].isna().sum() == OWN["kecamatan_code"].isna().sum() > 0


# the order ----------------------------------------------------------------------------------------------------------


def places(told: pd.DataFrame, owners: pd.DataFrame) -> list[int]:
    """Where each owner of a table without two equal probabilities stands in its microdata."""
    by_probability = told["probability_enrolled"].to_numpy()
    return [int(np.flatnonzero(by_probability == each)[0]) for each in owners["probability_enrolled"]]


def test_the_order_is_the_keys_own_and_another_one_in_each_edition() -> None:
    owners = OWN.head(100).assign(probability_enrolled=np.arange(100) / 100)
    first = places(rows(owners), owners)
    assert first == places(rows(owners.iloc[::-1]), owners), "the order of the table does not matter"
    for other in (rows(owners, "2026-11"), rows(owners, key=OTHER)):
        assert abs(np.corrcoef(first, places(other, owners))[0, 1]) < 0.4
    for known in (range(100), owners["umkm_source_row"], owners["person"]):
        assert abs(np.corrcoef(first, known)[0, 1]) < 0.4


# what is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", sorted(microdata.KNOWN - set(microdata.COLUMNS)))
def test_a_column_of_a_table_about_persons_is_refused(column: str) -> None:
    with pytest.raises(DisclosureError) as refused:
        microdata.of_owners(OWN, "2026-10", PSEUDONYM, ["status", column])
    (fault,) = refused.value.faults
    assert fault.column == column and "who an owner is" in fault.message


def test_the_columns_that_are_refused_are_those_of_every_table_about_persons() -> None:
    tables = (*CLEANED.values(), registers.OWNERS, registers.LINKS, registers.PERSONS, registers.FLOWS)
    assert {name for table in tables for name in table.columns} - set(microdata.COLUMNS) <= microdata.KNOWN
    assert {"nik", "owner_id", "name", "phone", "address", "rt_rw", "birth_date", "kpj", "nib"} <= microdata.KNOWN


def test_all_columns_that_cannot_be_had_are_told_at_once() -> None:
    with pytest.raises(DisclosureError) as refused:
        microdata.of_owners(OWN, "2026-10", PSEUDONYM, ["nik", "income", "sex", "sex", "kelurahan_code"])
    assert [fault.column for fault in refused.value.faults] == ["nik", "income", "sex", "kelurahan_code"]
    assert "kecamatan_code" in str(refused.value) and refused.value.exit_code == 13


def test_only_what_is_asked_for_is_given() -> None:
    told = microdata.of_owners(OWN, "2026-10", PSEUDONYM, ["sex", "status"])
    assert list(told.columns) == ["sex", "status"] and multiset(told) == multiset(OWN[["sex", "status"]])


# how easily they are told apart -------------------------------------------------------------------------------------


def test_groups_are_counted_as_by_hand() -> None:
    few = pd.DataFrame({
        "kecamatan_code": pd.array(["72.71.01"] * 3 + [None] * 2, "str"),
        "sex": pd.array(["male", "male", "female", "male", "male"], "str"),
        "status": pd.array(["active"] * 5, "str"),
    })  # fmt: skip
    told = microdata.anonymity(few, ["status", "kecamatan_code", "sex"], 3)
    assert told.to_dict("list") == {
        "columns": ["status", "status + kecamatan_code", "status + kecamatan_code + sex"],
        "groups_n": [1, 2, 3], "smallest_n": [5, 2, 1], "alone_n": [0, 0, 1], "few_n": [0, 2, 5],
    }  # fmt: skip


@STEADY
@given(by=st.permutations(ORDER))
def test_a_further_column_never_makes_a_group_larger(by: list[str]) -> None:
    told = microdata.anonymity(rows(), by, 20)
    assert told["groups_n"].is_monotonic_increasing and told["smallest_n"].is_monotonic_decreasing
    assert told["alone_n"].is_monotonic_increasing and told["few_n"].is_monotonic_increasing
    assert (told["alone_n"] <= told["few_n"]).all() and (told["few_n"] <= len(OWN)).all()


def test_groups_by_a_column_that_is_not_there_are_refused() -> None:
    with pytest.raises(DisclosureError) as refused:
        microdata.anonymity(rows()[["sex", "status"]], ["sex", "scale", "nik"], 20)
    assert {fault.column for fault in refused.value.faults} == {"scale", "nik"}


# the cut that may leave ---------------------------------------------------------------------------------------------


def test_a_cut_counts_every_owner_once_and_has_every_cell() -> None:
    counts = microdata.cut(rows(), ("sector", "sex"), few_rows.areas())
    cells = counts.cells
    assert list(cells.columns) == list(COUNTED) and set(cells["dimension"]) == {"sector/sex"}
    assert not cells.duplicated(["area_code", "category", "measure"]).any()
    assert len(cells) == (1 + 8) * 11 * 3 * len(gap.STATUSES)
    own = (OWN["sector"] == "trade") & (OWN["sex"] == "male") & (OWN["status"] == "lapsed")
    found = cells[(cells["category"] == "trade/male") & (cells["measure"] == "lapsed")].set_index("area_code")["value"]
    assert found[CITY] == own.sum() and found["72.71.01"] == (own & (OWN["kecamatan_code"] == "72.71.01")).sum()
    by_level = cells.groupby("level")["value"].sum()
    assert by_level["city"] == len(OWN) and by_level["kecamatan"] == OWN["kecamatan_code"].notna().sum()


def test_the_order_of_the_two_columns_gives_no_second_look_at_a_count() -> None:
    one, other = (microdata.cut(rows(), by, few_rows.areas()) for by in (("sex", "scale"), ("scale", "sex")))
    pd.testing.assert_frame_equal(one.cells, other.cells)
    assert one.layout == other.layout


def test_a_released_cut_withholds_small_groups_and_rounds_the_others() -> None:
    counts = microdata.cut(rows(drawn(6_000)), ("scale", "sex"), few_rows.areas())
    told = disclosure.release(counts.cells, ROUNDING, counts.layout).table
    assert rounding.faults_of_released(told[[*COUNTED, "lower", "upper"]], counts.layout) == []
    true = counts.cells.groupby(["area_code", "category"])["value"].sum()
    shown = told[told["measure"] == "owners"].set_index(["area_code", "category"])["value"]
    assert shown[true < 20 - rounding.MOST_MOVED * 5].isna().all()
    assert shown.notna().any() and (shown.dropna() >= 20).all()
    small = microdata.cut(rows(), ("sector", "age_band"), few_rows.areas())
    hidden = disclosure.release(small.cells, ROUNDING, small.layout).table.query("level == 'kecamatan'")
    assert hidden["value"].isna().all()


@pytest.mark.parametrize("by", [(), ("sex",), ("sex", "sex"), ("sex", "scale", "sector"), ("sex", "cause"),
                                ("sex", "kelurahan_code"), ("sex", "income")])  # fmt: skip
def test_a_cut_of_anything_but_two_divisions_is_refused(by: tuple[str, ...]) -> None:
    with pytest.raises(DisclosureError):
        microdata.cut(rows(), by, few_rows.areas())


def test_a_cut_of_rows_without_its_columns_is_refused() -> None:
    with pytest.raises(DisclosureError) as refused:
        microdata.cut(rows()[["sex", "status"]], ("sex", "scale"), few_rows.areas())
    assert {fault.column for fault in refused.value.faults} == {"scale", "kecamatan_code"}
