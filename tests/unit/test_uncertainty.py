"""How far a count may lie from the truth: the model band beside the same sums in plain Python, and what moves it."""

import math
from collections.abc import Iterator, Sequence
from itertools import product

import few_rows
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.contracts.registers import AGE_BANDS, COVERAGE, SCALES, SECTORS, SEXES
from analysis.contracts.released import CITY, COUNTED, MODEL, REVIEWED
from analysis.contracts.released import KEY as CELL
from analysis.measuring import gap, uncertainty
from analysis.measuring.doubts import COMPONENTS, NOBODY, PLACE
from analysis.measuring.uncertainty import SHARES
from analysis.releasing import disclosure
from analysis.sources import keys

STEADY = settings(deadline=None, max_examples=20)  # a busy machine is no failure
DIVISIONS = {"sector": SECTORS, "sex": SEXES, "age_band": AGE_BANDS, "scale": SCALES}
MEMBERS = {
    "active": ("active",), "lapsed": ("lapsed",), "unregistered": ("unregistered",), "not_eligible": ("not_eligible",),
    "not_protected": ("unregistered", "lapsed"), "owners": COVERAGE,
}  # fmt: skip
FEW_AREAS = ("72.71", "72.71.01", "72.71.02", "72.71.01.1004", "72.71.02.1009")
PLACES = ((None, None), ("72.71.01", None), ("72.71.02", None), ("72.71.01", "72.71.01.1004"),
          ("72.71.02", "72.71.02.1009"))  # fmt: skip
Move = tuple[int, str, str, str, float, float]
"""Place of the owner in the table, component, before, after, least and most."""
Cell = tuple[str, str, str, str]


def few_areas() -> pd.DataFrame:
    table = few_rows.areas()
    own = table[table["id"].isin(FEW_AREAS)]
    assert len(own) == len(FEW_AREAS)
    return own


def owners_of(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    """Owners from status, kecamatan and kelurahan, and what divides them."""
    columns = ["status", "kecamatan_code", "kelurahan_code", *DIVISIONS]
    table = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns, "str"))
    return table.assign(owner_id=[f"{n:016x}" for n in range(len(rows))], businesses_n=1)


def alike(*statuses: str, place: tuple[str | None, str | None] = ("72.71.01", None)) -> pd.DataFrame:
    """Owners who differ in their status only."""
    return owners_of([(status, *place, "trade", "male", "25-34", "micro") for status in statuses])


def doubts_of(moves: Sequence[Move]) -> pd.DataFrame:
    told = [(f"{n:016x}", *rest) for n, *rest in moves]
    table = pd.DataFrame(told, columns=["owner_id", "component", "before", "after", "least", "most"])
    kinds = {**dict.fromkeys(("owner_id", "component", "before", "after"), "str"), "least": "float64",
             "most": "float64"}  # fmt: skip
    return table.astype(kinds)


def band(owners: pd.DataFrame, doubts: pd.DataFrame, regions: pd.DataFrame | None = None) -> pd.DataFrame:
    areas = few_areas() if regions is None else regions
    told = uncertainty.model_band(owners, doubts, gap.cells(owners, areas), areas)
    assert told.kind == MODEL
    return told.table


def ends(table: pd.DataFrame, area: str, measure: str, dimension: str = "total", category: str = "all"
         ) -> tuple[float, float]:  # fmt: skip
    own = table[(table[list(CELL)] == [area, dimension, category, measure]).all(axis=1)]
    return float(own["lower"].item()), float(own["upper"].item())


@st.composite
def editions(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A few owners of two kecamatan and of nowhere, and any moves of theirs: each owner and component at most once."""
    places = st.sampled_from(PLACES)
    kinds = [st.sampled_from(names) for names in (COVERAGE, *DIVISIONS.values())]
    rows = draw(st.lists(st.tuples(*kinds, places), min_size=1, max_size=12))
    owners = owners_of([(row[0], *row[-1], *row[1:-1]) for row in rows])
    statuses = owners["status"].tolist()
    each = st.tuples(st.integers(0, len(rows) - 1), st.sampled_from([*COVERAGE, NOBODY]), st.booleans(),
                     st.floats(0, 0.2), st.floats(0, 1))  # fmt: skip
    moves: list[Move] = []
    for component, (n, after, is_gained, least, more) in zip(
        (name for name in COMPONENTS if name != PLACE), draw(st.lists(each, max_size=5)), strict=False
    ):
        before, then = (NOBODY, statuses[n]) if is_gained else (statuses[n], after)
        moves += [(n, component, before, then, least, min(1.0, least + more))] if before != then else []
    return owners, doubts_of(moves)


# beside plain Python ----------------------------------------------------------------------------------------------


def cells_of(owner: dict[str, object]) -> Iterator[tuple[str, str, str]]:
    """Area, dimension and category of every cell in which an owner counts."""
    areas = [CITY, *(owner[name] for name in ("kecamatan_code", "kelurahan_code") if isinstance(owner[name], str))]
    kinds = [("total", "all"), *((name, str(owner[name])) for name in DIVISIONS)]
    yield from ((str(area), dimension, category) for area, (dimension, category) in product(areas, kinds))


def plain_counts(owners: pd.DataFrame, areas: Sequence[str]) -> dict[Cell, int]:
    kinds = [("total", "all"), *((name, one) for name, each in DIVISIONS.items() for one in each)]
    counts = {(area, *kind, measure): 0 for area in areas for kind in kinds for measure in MEMBERS}
    for owner in owners.to_dict("records"):
        for cell in cells_of(owner):
            for measure, statuses in MEMBERS.items():
                counts[(*cell, measure)] += owner["status"] in statuses
    return counts


def plain_band(owners: pd.DataFrame, doubts: pd.DataFrame, areas: Sequence[str]) -> dict[Cell, tuple[float, float]]:
    counts = plain_counts(owners, areas)
    gain, loss = ({cell: [0.0, 0.0] for cell in counts} for _ in range(2))
    by_id = {owner["owner_id"]: owner for owner in owners.to_dict("records")}
    for move in doubts.to_dict("records"):
        for cell in cells_of(by_id[move["owner_id"]]):
            for measure, statuses in MEMBERS.items():
                was, becomes = move["before"] in statuses, move["after"] in statuses
                if was != becomes:
                    of = (gain if becomes else loss)[(*cell, measure)]
                    of[0] += move["least"]
                    of[1] += move["most"]
    for cell, count in counts.items():
        area, *kind = cell
        same = [n for other, n in counts.items() if len(other[0]) == len(area) and [*other[1:]] == kind]
        if area != CITY and sum(same):
            nowhere = (counts[(CITY, *kind)] - sum(same)) * count / sum(same)
            gain[cell][1] += 1.5 * nowhere
    told = {}
    for cell, count in counts.items():
        misplaced = 0.01 * count if cell[0] != CITY else 0.0
        chance = 1.96 * math.sqrt((sum(gain[cell]) + sum(loss[cell])) / 2 + misplaced)
        told[cell] = (max(0.0, count + gain[cell][0] - loss[cell][1] - chance),
                      count + gain[cell][1] - loss[cell][0] + chance)  # fmt: skip
    return told


def as_cells(table: pd.DataFrame) -> dict[Cell, tuple[float, float]]:
    names = table[list(CELL)].itertuples(index=False, name=None)
    return dict(zip(names, zip(table["lower"], table["upper"], strict=True), strict=True))


@STEADY
@given(editions())
def test_the_band_is_the_sum_of_the_doubts_cell_by_cell(edition) -> None:
    told = as_cells(band(*edition))
    expected = plain_band(*edition, FEW_AREAS)
    assert told.keys() == expected.keys()
    wrong = [cell for cell in told if told[cell] != pytest.approx(expected[cell], abs=1e-9)]
    assert not wrong


def drawn(n: int, seed: int = 1) -> pd.DataFrame:
    """Owners of all areas and kinds, some of unknown kelurahan or of no area at all."""
    draw, areas = np.random.default_rng(seed), few_rows.areas()
    kelurahan = draw.choice(areas.loc[areas["level"] == "kelurahan", "id"], n).astype(object)
    kecamatan = np.array([code[:8] for code in kelurahan], dtype=object)
    kelurahan[draw.random(n) < 0.1] = None
    nowhere = draw.random(n) < 0.05
    kelurahan[nowhere], kecamatan[nowhere] = None, None
    kinds = [draw.choice(names, n) for names in (COVERAGE, *DIVISIONS.values())]
    return owners_of([*zip(kinds[0], kecamatan, kelurahan, *kinds[1:], strict=True)])


def any_doubts(owners: pd.DataFrame, n: int, seed: int = 2) -> pd.DataFrame:
    draw, statuses = np.random.default_rng(seed), owners["status"].tolist()
    moves: list[Move] = []
    for at in draw.choice(len(owners), n, replace=False).tolist():
        after = str(draw.choice([one for one in (*COVERAGE, NOBODY) if one != statuses[at]]))
        least, component = float(draw.random() / 2), str(draw.choice([one for one in COMPONENTS if one != PLACE]))
        moves.append((at, component, statuses[at], after, least, least + float(draw.random() / 2)))
    return doubts_of(moves)


OWNERS = drawn(800)
DOUBTS = any_doubts(OWNERS, 200)


def test_every_cell_of_the_city_that_may_have_a_range_has_one_and_no_other() -> None:
    areas = few_rows.areas()
    table = band(OWNERS, DOUBTS, areas)
    places = areas["id"].tolist()
    assert len(places) == 55
    layout = gap.layout()
    expected = {
        (area, name, category, measure) for area in places for name, each in layout.dimensions.items()
        for category in each.categories for measure in layout.ranged
    }  # fmt: skip
    told = [*table[list(CELL)].itertuples(index=False, name=None)]
    assert len(told) == len(set(told)) and set(told) == expected
    assert set(layout.ranged) == set(MEMBERS)


# what moves it ----------------------------------------------------------------------------------------------------


def test_the_band_of_the_city_is_the_count_and_its_doubts() -> None:
    """40 unregistered, of two of whom .1 to .3 are active and of another .2 to .4 is counted twice."""
    owners = alike(*["unregistered"] * 40, *["active"] * 10)
    doubts = doubts_of([(0, "missed_links", "unregistered", "active", 0.1, 0.3),
                        (1, "missed_links", "unregistered", "active", 0.1, 0.3),
                        (2, "duplicates", "unregistered", NOBODY, 0.2, 0.4)])  # fmt: skip
    table = band(owners, doubts)
    chance = 1.96 * math.sqrt(0.7)
    assert ends(table, CITY, "unregistered") == pytest.approx((39.0 - chance, 39.6 + chance))
    of_active, of_owners = 1.96 * math.sqrt(0.4), 1.96 * math.sqrt(0.3)
    assert ends(table, CITY, "active") == pytest.approx((10.2 - of_active, 10.6 + of_active))
    assert ends(table, CITY, "owners") == pytest.approx((49.6 - of_owners, 49.8 + of_owners))
    assert ends(table, CITY, "lapsed") == (0.0, 0.0)


def test_without_doubts_the_city_is_exact_and_an_area_may_have_misplaced_owners() -> None:
    table = band(alike(*["active"] * 100), doubts_of([]))
    assert ends(table, CITY, "active") == (100.0, 100.0)
    assert ends(table, "72.71.01", "active") == pytest.approx((100 - 1.96, 100 + 1.96))
    assert ends(table, "72.71.02", "active") == (0.0, 0.0)


def test_a_move_inside_a_sum_moves_its_parts_and_not_the_sum() -> None:
    owners = alike("lapsed", "unregistered", "active")
    before = band(owners, doubts_of([]))
    after = band(owners, doubts_of([(0, "age", "lapsed", "unregistered", 0.2, 0.8)]))
    changed = {measure for measure in MEMBERS if ends(before, CITY, measure) != ends(after, CITY, measure)}
    assert changed == {"lapsed", "unregistered"}


@pytest.mark.parametrize(("before", "after", "moved"), [
    ("active", "unregistered", {"active", "unregistered", "not_protected"}),
    ("active", "lapsed", {"active", "lapsed", "not_protected"}),
    ("unresolved", "unregistered", {"unregistered", "not_protected"}),
    ("unresolved", NOBODY, {"owners"}),
    ("unregistered", "not_eligible", {"unregistered", "not_eligible", "not_protected"}),
    ("lapsed", NOBODY, {"lapsed", "not_protected", "owners"}),
    (NOBODY, "active", {"active", "owners"}),
])  # fmt: skip
def test_a_move_moves_the_measures_it_crosses(before: str, after: str, moved: set[str]) -> None:
    owners = alike(*COVERAGE, *[before or "active"] * 3)
    told = [band(owners, doubts_of(moves)) for moves in ([], [(6, "age", before, after, 0.1, 0.3)])]
    assert {name for name in MEMBERS if ends(told[0], CITY, name) != ends(told[1], CITY, name)} == moved


def test_a_doubt_falls_on_the_cells_of_its_owner_alone() -> None:
    owners = pd.concat([alike(*["active"] * 20), alike(*["active"] * 20, place=("72.71.02", "72.71.02.1009"))])
    owners = owners.assign(owner_id=[f"{n:016x}" for n in range(40)], sex=["male", "female"] * 20)
    told = [band(owners, doubts_of(moves)) for moves in ([], [(21, "false_links", "active", "unregistered", 0.5, 1)])]
    both = told[0].merge(told[1], on=list(CELL))
    changed = both[(both["lower_x"] != both["lower_y"]) | (both["upper_x"] != both["upper_y"])]
    assert set(changed["area_code"]) == {CITY, "72.71.02", "72.71.02.1009"}
    assert set(changed["measure"]) == {"active", "unregistered", "not_protected"}
    kinds = {("total", "all"), ("sector", "trade"), ("sex", "female"), ("age_band", "25-34"), ("scale", "micro")}
    assert set(changed[["dimension", "category"]].itertuples(index=False, name=None)) == kinds
    assert len(changed) == 3 * 3 * len(kinds)


def test_areas_gain_their_share_of_the_owners_of_unknown_place() -> None:
    """30 and 10 active owners in two kecamatan and 8 of nowhere: 6 and 2 more, none of it at least, 1.5 at most.
    Only of the 10 a kelurahan is known, and the other 38 may all live there.
    """
    parts = [alike(*["active"] * n, place=place) for n, place in
             ((30, ("72.71.01", None)), (10, ("72.71.02", "72.71.02.1009")), (8, (None, None)))]  # fmt: skip
    owners = pd.concat(parts).assign(owner_id=[f"{n:016x}" for n in range(48)])
    table = band(owners, doubts_of([]))
    for area, own, gained in (("72.71.01", 30, 6), ("72.71.02", 10, 2)):
        chance = 1.96 * math.sqrt(1.5 * gained / 2 + 0.01 * own)
        expected = (own - chance, own + 1.5 * gained + chance)
        assert ends(table, area, "active") == ends(table, area, "owners") == pytest.approx(expected)
    assert ends(table, CITY, "active") == (48.0, 48.0)
    counts = uncertainty.with_sums(gap.cells(owners, few_areas()))
    gained = uncertainty.placed(counts).query("dimension == 'total' and measure == 'owners'").set_index("area_code")
    assert gained["gain_most"].to_dict() == pytest.approx(
        {"72.71.01": 9.0, "72.71.02": 3.0, "72.71.01.1004": 0.0, "72.71.02.1009": 57.0})  # fmt: skip


# properties -------------------------------------------------------------------------------------------------------


@STEADY
@given(editions())
def test_a_range_begins_at_nothing_or_above_and_ends_above_its_begin(edition) -> None:
    table = band(*edition)
    assert (table["lower"] >= 0).all() and (table["lower"] <= table["upper"]).all()


@STEADY
@given(editions(), st.integers(0, 99))
def test_the_order_of_owners_doubts_and_cells_makes_no_difference(edition, seed: int) -> None:
    other = [table.sample(frac=1, random_state=seed).reset_index(drop=True) for table in edition]
    told = {cell: pytest.approx(each) for cell, each in as_cells(band(*edition)).items()}
    assert as_cells(band(*other)) == told


@STEADY
@given(editions(), st.data())
def test_one_more_doubt_never_narrows_a_range(edition, data) -> None:
    """Where nothing of it is sure, each end moves outward or stays; where some is, the range moves, and is as wide."""
    owners, doubts = edition
    n = data.draw(st.integers(0, len(owners) - 1))
    before = owners["status"].iloc[n]
    after = data.draw(st.sampled_from([one for one in (*COVERAGE, NOBODY) if one != before]))
    least, most = data.draw(st.sampled_from([(0.0, 0.3), (0.0, 1.0), (0.2, 0.5), (0.4, 0.4)]))
    more = pd.concat([doubts, doubts_of([(n, "undetermined", before, after, least, most)])], ignore_index=True)
    both = band(owners, doubts).merge(band(owners, more), on=list(CELL), validate="one_to_one")
    if least == 0:
        assert (both["lower_y"] <= both["lower_x"] + 1e-9).all() and (both["upper_y"] >= both["upper_x"] - 1e-9).all()
    whole = both[(both["lower_x"] > 0) & (both["lower_y"] > 0)]
    assert (whole["upper_y"] - whole["lower_y"] >= whole["upper_x"] - whole["lower_x"] - 1e-9).all()


# spreads ----------------------------------------------------------------------------------------------------------


@STEADY
@given(editions())
def test_a_spread_is_whole_and_reaches_both_ends_and_no_farther_than_it_must(edition) -> None:
    owners, doubts = edition
    cells = gap.cells(owners, few_areas())
    ranges = uncertainty.model_band(owners, doubts, cells, few_areas())
    spreads = ranges.spreads(cells)
    assert list(spreads.columns) == [*CELL, "spread"] and spreads["spread"].dtype == "int64"
    told = spreads.merge(ranges.table, on=list(CELL), validate="one_to_one")
    counts = plain_counts(owners, FEW_AREAS)
    assert len(told) == len(counts)
    value = pd.Series([counts[cell] for cell in told[list(CELL)].itertuples(index=False, name=None)])
    away = np.maximum(value - told["lower"], told["upper"] - value)
    assert (told["spread"] >= away - 1e-6).all()
    assert (told["spread"] < away.clip(lower=0) + 1).all() and (told["spread"] >= 0).all()


@pytest.mark.parametrize(("lower", "upper", "spread"), [
    (8.0, 12.0, 2), (8.0, 12.1, 3), (7.9, 12.0, 3), (10.0, 10.0, 0), (10.0, 10.0000000001, 0), (11.0, 13.0, 3),
    (5.0, 9.0, 5), (11.5, 11.5, 2),
])  # fmt: skip
def test_a_spread_is_told_outward_to_the_farther_end(lower: float, upper: float, spread: int) -> None:
    cells = gap.cells(alike(*["active"] * 10), few_areas())
    row = pd.DataFrame([(CITY, "total", "all", "active", lower, upper)], columns=[*CELL, "lower", "upper"])
    assert uncertainty.Ranges(row, MODEL).spreads(cells)["spread"].tolist() == [spread]


def test_the_released_ranges_hold_the_band_of_every_cell() -> None:
    areas = few_rows.areas()
    cells = gap.cells(OWNERS, areas)
    ranges = uncertainty.model_band(OWNERS, DOUBTS, cells, areas)
    told = disclosure.release(cells, keys.DEMO.rounding, gap.layout(), ranges.spreads(cells)).table
    shown = told[told["value"].notna()].merge(ranges.table, on=list(CELL), suffixes=("", "_band"))
    assert len(shown) > 500
    assert (shown["lower"] <= shown["lower_band"]).all() and (shown["upper"] >= shown["upper_band"]).all()
    assert (shown["lower"] <= shown["value"]).all() and (shown["value"] <= shown["upper"]).all()
    assert told.loc[~told["measure"].isin(gap.RANGED), ["lower", "upper"]].isna().all(axis=None)


# shares -----------------------------------------------------------------------------------------------------------


def shares_of(owners: pd.DataFrame, doubts: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """The parts of the model band."""
    cells = gap.cells(owners, areas)
    return uncertainty.shares(owners, doubts, cells, areas, uncertainty.model_band(owners, doubts, cells, areas))


def test_the_parts_of_the_uncertainty_are_complete_and_pass_the_gate() -> None:
    areas = few_rows.areas()
    told = shares_of(OWNERS, DOUBTS, areas)
    assert list(told.columns) == list(COUNTED) and len(told) == 9 * len(SHARES) * 2
    released = disclosure.release(told, keys.DEMO.rounding, uncertainty.layout()).table
    assert len(released) == 9 * len(SHARES) * 3
    empty = shares_of(OWNERS, DOUBTS.iloc[:0], areas)
    of_doubts = empty["dimension"].isin(COMPONENTS) & (empty["dimension"] != PLACE)
    assert len(empty) == len(told) and (empty.loc[of_doubts, "value"] == 0).all()


def test_the_parts_of_the_uncertainty_are_the_sums_of_their_doubts() -> None:
    areas = few_rows.areas()
    told = shares_of(OWNERS, DOUBTS, areas)
    value = told.set_index(["area_code", "dimension", "measure"])["value"].to_dict()
    kecamatan = OWNERS.set_index("owner_id")["kecamatan_code"].reindex(DOUBTS["owner_id"]).to_numpy()
    for area in (CITY, *areas.loc[areas["level"] == "kecamatan", "id"]):
        for component in (name for name in COMPONENTS if name != PLACE):
            own = DOUBTS[(DOUBTS["component"] == component) & ((kecamatan == area) | (area == CITY))]
            more = own.loc[own["after"] == "unregistered", "most"].sum()
            fewer = own.loc[own["before"] == "unregistered", "most"].sum()
            assert value[area, component, "more"] == math.ceil(more - 1e-9)
            assert value[area, component, "fewer"] == math.ceil(fewer - 1e-9)
    assert sum(n for (area, _, _), n in value.items() if area == CITY) > 10


def test_owners_of_unknown_place_are_a_part_for_kecamatan_only() -> None:
    parts = [alike(*["unregistered"] * n, place=place) for n, place in
             ((30, ("72.71.01", None)), (10, ("72.71.02", None)), (8, (None, None)))]  # fmt: skip
    owners = pd.concat(parts).assign(owner_id=[f"{n:016x}" for n in range(48)])
    told = shares_of(owners, doubts_of([]), few_areas())
    found = told[(told["value"] > 0) & (told["dimension"] == PLACE)]
    assert found[["area_code", "dimension", "category", "measure", "value"]].to_numpy().tolist() == [
        ["72.71.01", PLACE, "unregistered", "more", 9], ["72.71.02", PLACE, "unregistered", "more", 3],
    ]  # fmt: skip


def test_the_parts_of_a_city_add_up_to_its_band_and_a_review_stands_in_its_stead() -> None:
    areas = few_rows.areas()
    cells = gap.cells(OWNERS, areas)
    band = uncertainty.model_band(OWNERS, DOUBTS, cells, areas)
    row = band.table.query("area_code == '72.71' and dimension == 'total' and measure == 'unregistered'").iloc[0]
    told = uncertainty.shares(OWNERS, DOUBTS, cells, areas, band).query("area_code == '72.71'")
    sums = told.groupby("measure")["value"].sum()
    count = (OWNERS["status"] == "unregistered").sum()
    assert row["upper"] <= count + sums["more"] and row["lower"] >= count - sums["fewer"]
    assert (told.loc[told["dimension"] == uncertainty.REVIEW, "value"] == 0).all()
    ends = band.table.assign(lower=float(count - 2.5), upper=float(count + 3.5))
    reviewed = uncertainty.shares(OWNERS, DOUBTS, cells, areas, uncertainty.Ranges(ends, REVIEWED))
    own = reviewed[(reviewed["area_code"] == CITY) & (reviewed["dimension"] == uncertainty.REVIEW)]
    assert own.set_index("measure")["value"].to_dict() == {"more": 4, "fewer": 3}
