"""How owners are counted for release: parts that add up, every cell of the layout, and nobody told twice."""

import json
from collections.abc import Callable
from datetime import date
from itertools import product
from pathlib import Path

import few_rows
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import DisclosureError
from analysis.cleaning import businesses
from analysis.contracts import registers as contract
from analysis.contracts.registers import AGE_BANDS, JAMSOSTEK, RENTAN, SCALES, SECTORS, SEXES, UMKM
from analysis.contracts.released import AREAS, CITY, COLUMNS, COUNTED
from analysis.contracts.released import KEY as CELL
from analysis.linking.linkage import Linkage
from analysis.measuring import gap
from analysis.measuring.gap import BUSINESSES, STATUSES
from analysis.releasing import disclosure, rounding
from analysis.releasing.disclosure import Released
from analysis.releasing.editions import Edition, Source
from analysis.sources import keys

STEADY = settings(deadline=None, max_examples=25)  # a busy machine is no failure
ROUNDING = keys.DEMO.rounding
DIVISIONS = {"sector": SECTORS, "sex": SEXES, "age_band": AGE_BANDS, "scale": SCALES}
MEASURES = {"active", "lapsed", "unregistered", "not_eligible", "unresolved", "owners", "not_protected", "businesses"}
EDITION = Edition("2026-10", date(2026, 10, 31), True, None, (Source("umkm", "Dinas", date(2026, 11, 4)),), "abc")
LERE = {"kecamatan_code": "72.71.02", "kelurahan_code": "72.71.02.1009"}


def areas(level: str) -> list[str]:
    table = few_rows.areas()
    return sorted(table.loc[table["level"] == level, "id"])


def drawn(n: int, seed: int = 1) -> pd.DataFrame:
    """Owners of all areas and kinds, some without kelurahan, some without any area."""
    draw = np.random.default_rng(seed)
    kelurahan = draw.choice(areas("kelurahan"), n).astype(object)
    kecamatan = np.array([code[:8] for code in kelurahan], dtype=object)
    kelurahan[draw.random(n) < 0.1] = None
    nowhere = draw.random(n) < 0.05
    kelurahan[nowhere], kecamatan[nowhere] = None, None
    return pd.DataFrame({
        "status": draw.choice(STATUSES, n), "kecamatan_code": pd.array(kecamatan, "str"),
        "kelurahan_code": pd.array(kelurahan, "str"), "businesses_n": draw.integers(1, 4, n),
        **{name: draw.choice(categories, n) for name, categories in DIVISIONS.items()},
    })  # fmt: skip


OWNERS = drawn(3_000)


def cells(owners: pd.DataFrame) -> pd.DataFrame:
    return gap.cells(owners, few_rows.areas())


def value(table: pd.DataFrame, area: str, dimension: str, category: str, measure: str) -> int:
    own = (table[list(CELL)] == [area, dimension, category, measure]).all(axis=1)
    return int(table.loc[own, "value"].item())


def by_cell(table: pd.DataFrame) -> pd.DataFrame:
    """One row a partition, a column a measure."""
    return table.pivot_table("value", ["area_code", "level", "dimension", "category"], "measure", aggfunc="sum")


# true counts ------------------------------------------------------------------------------------------------------


def test_every_cell_of_the_layout_is_there_once_and_no_other() -> None:
    table = cells(OWNERS)
    places = [CITY, *areas("kecamatan"), *areas("kelurahan")]
    divisions = {"total": ("all",), **DIVISIONS}
    expected = {
        (area, dimension, category, measure)
        for area, (dimension, categories) in product(places, divisions.items())
        for category in categories for measure in (*STATUSES, BUSINESSES)
    }  # fmt: skip
    told = list(table[list(CELL)].itertuples(index=False, name=None))
    assert len(told) == len(set(told)) and set(told) == expected
    assert len(places) == 1 + 8 + 46
    assert table["level"].isin(AREAS).all() and list(table.columns) == list(COUNTED)
    assert not rounding.faults(table, gap.layout())


def test_the_layout_is_that_of_the_contract() -> None:
    layout = gap.layout()
    assert (layout.name, layout.total) == ("gap", "owners")
    assert set(layout.measures("total")) == MEASURES
    assert {name: one.categories for name, one in layout.dimensions.items()} == {"total": ("all",), **DIVISIONS}
    assert all(one.levels == ("city", "kecamatan", "kelurahan") for one in layout.dimensions.values())
    assert set(STATUSES) == set(contract.COVERAGE)


@pytest.mark.parametrize("dimension", ["total", *DIVISIONS])
def test_the_parts_of_the_city_are_all_owners(dimension: str) -> None:
    city = cells(OWNERS).query("area_code == @CITY and dimension == @dimension")
    statuses = city[city["measure"] != BUSINESSES].groupby("measure")["value"].sum()
    assert statuses.to_dict() == OWNERS["status"].value_counts().to_dict()
    assert city.loc[city["measure"] == BUSINESSES, "value"].sum() == OWNERS["businesses_n"].sum()


def test_owners_without_an_area_count_in_the_city_only() -> None:
    table = cells(OWNERS).query("dimension == 'total' and measure != @BUSINESSES")
    by_level = table.groupby("level")["value"].sum()
    assert by_level["city"] == len(OWNERS)
    assert by_level["kecamatan"] == OWNERS["kecamatan_code"].notna().sum() < len(OWNERS)
    assert by_level["kelurahan"] == OWNERS["kelurahan_code"].notna().sum() < by_level["kecamatan"]


def test_an_area_counts_its_own_owners() -> None:
    owners = OWNERS[:6].assign(**LERE, status=[*STATUSES, "active"], sex=["male"] * 5 + ["female"], businesses_n=2)
    table = cells(owners)
    for area in (CITY, "72.71.02", "72.71.02.1009"):
        assert value(table, area, "sex", "male", "active") == value(table, area, "sex", "female", "active") == 1
        assert value(table, area, "total", "all", "active") == 2
        assert value(table, area, "total", "all", BUSINESSES) == 12
    assert table.loc[~table["area_code"].isin([CITY, *LERE.values()]), "value"].sum() == 0


def test_without_owners_every_cell_is_zero() -> None:
    table = cells(OWNERS.iloc[:0])
    assert len(table) == len(cells(OWNERS)) and (table["value"] == 0).all()


def test_the_order_of_the_owners_makes_no_difference() -> None:
    pd.testing.assert_frame_equal(cells(OWNERS), cells(OWNERS.sample(frac=1, random_state=2)))


# released ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def released() -> Released:
    return disclosure.release(cells(OWNERS), ROUNDING, gap.layout())


@pytest.mark.parametrize(("n", "seed"), [(0, 1), (40, 2), (700, 3), (20_000, 4)])
def test_after_rounding_owners_and_not_protected_are_sums_of_their_parts(n: int, seed: int) -> None:
    table = disclosure.release(cells(drawn(n, seed)), ROUNDING, gap.layout()).table
    shown = by_cell(table[table["value"].notna()].astype({"value": "int64"}))
    assert (shown["owners"] == shown[[*STATUSES]].sum(axis=1)).all()
    assert (shown["not_protected"] == shown["unregistered"] + shown["lapsed"]).all()
    assert (shown % 5 == 0).all(axis=None)


def test_released_counts_are_near_the_true_ones_and_few_are_withheld(released: Released) -> None:
    table = released.table
    true = cells(OWNERS).set_index(list(CELL))["value"]
    told = table.set_index(list(CELL))["value"]
    shown = told.dropna()
    both = shown[shown.index.isin(true.index)]
    assert ((both - true[both.index]).abs() < 5).all()
    withheld = told[told.isna()].reset_index()
    assert len(withheld) > 0 and not (withheld["dimension"] == "total").any()
    assert list(table.columns[:8]) == list(COLUMNS)
    assert table[["lower", "upper"]].isna().all(axis=None)


@pytest.fixture
def folder(tmp_path: Path, released: Released) -> Path:
    """The released gap as a run writes it."""
    disclosure.write(released, EDITION, tmp_path, gap.layout())
    return tmp_path


def test_a_released_gap_is_read_as_it_was_written(folder: Path, released: Released) -> None:
    read = disclosure.read(folder, gap.layout())
    pd.testing.assert_frame_equal(read.table, released.table)
    assert read.edition is not None and read.edition.name == "2026-10"
    lines = (folder / "gap.csv").read_bytes().decode().split("\n")
    assert lines[0] == ",".join(COLUMNS) and lines[-1] == "" and "\r" not in lines[0]
    assert lines[1:-1] == sorted(lines[1:-1], key=lambda line: [line.split(",")[n] for n in (0, 2, 3, 4)])
    parquet = pd.read_parquet(folder / "gap.parquet")
    assert list(parquet.columns) == list(COLUMNS) and len(parquet) == len(lines) - 2


def forged(folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Change the table and its hash, as somebody would who knows how the files belong together."""
    table = pd.read_csv(folder / "gap.csv", dtype="str", keep_default_na=False)
    text = change(table).to_csv(index=False, lineterminator="\n")
    (folder / "gap.csv").write_text(text)
    told = (folder / "gap.json").read_text()
    before = next(one for one in json.dumps(json.loads(told)).split('"') if len(one) == 64)
    (folder / "gap.json").write_text(told.replace(before, disclosure.digest(text)))


def row(table: pd.DataFrame, measure: str) -> pd.Series:
    return (table["area_code"] == CITY) & (table["dimension"] == "total") & (table["measure"] == measure)


def moved(measure: str, by: int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(table: pd.DataFrame) -> pd.DataFrame:
        own = row(table, measure)
        return table.assign(value=table["value"].mask(own, str(int(table.loc[own, "value"].item()) + by)))

    return change


FORGED = {
    "not_protected is no sum": (moved("not_protected", 5), "totals are not the sum"),
    "owners are no sum": (moved("owners", 5), "totals are not the sum"),
    "a part was moved": (moved("lapsed", 5), "totals are not the sum"),
    "no multiple of five": (moved("businesses", 1), "no multiples of 5"),
    "a measure is missing": (lambda table: table[~row(table, "not_protected")], "lack a part"),
    "a row twice": (lambda table: pd.concat([table, table.iloc[[0]]]), "more than once"),
    "an unknown category": (
        lambda table: table.assign(category=table["category"].mask(row(table, "owners"), "RT 01")), "closed lists"),
    "an area that is none": (
        lambda table: table.assign(area_code=table["area_code"].mask(row(table, "owners"), "72.72")), "closed lists"),
}  # fmt: skip


@pytest.mark.parametrize("case", FORGED)
def test_a_table_that_no_release_made_is_refused(case: str, folder: Path) -> None:
    change, says = FORGED[case]
    forged(folder, lambda table: table)
    disclosure.read(folder, gap.layout())
    forged(folder, change)
    with pytest.raises(DisclosureError, match=says) as refused:
        disclosure.read(folder, gap.layout())
    assert refused.value.exit_code == 13


def test_a_gap_is_no_table_of_another_layout() -> None:
    with pytest.raises(DisclosureError):
        disclosure.release(cells(OWNERS), ROUNDING, gap.overlap_layout())


def test_cells_of_which_a_status_is_missing_are_not_released() -> None:
    table = cells(OWNERS)
    with pytest.raises(DisclosureError, match="lack a part"):
        disclosure.release(table[table["measure"] != "lapsed"], ROUNDING, gap.layout())


# overlap ----------------------------------------------------------------------------------------------------------


def persons(**of: list[int]) -> Linkage:
    rows = [
        {"register": register, "source_sheet": "", "source_row": n + 2, "person": person}
        for register, numbers in of.items() for n, person in enumerate(numbers)
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["register", "source_sheet", "source_row", "person"])
    return Linkage(table.astype({"source_row": "int64"}), pd.DataFrame(), pd.DataFrame(), 0)


def overlap(umkm: list[int], members: list[int], funding: str, listed: list[int]) -> dict[tuple[str, str], int]:
    """`funding`: a letter for each participant row, A where the city budget pays."""
    linkage = persons(**{UMKM: umkm, JAMSOSTEK: members, RENTAN: listed})
    participants = pd.DataFrame({
        "source_sheet": pd.array([""] * len(members), "str"), "source_row": np.arange(len(members)) + 2,
        "funding": ["apbd" if letter == "A" else "self" for letter in funding],
    })  # fmt: skip
    owners = pd.DataFrame({"person": list(dict.fromkeys(umkm))})
    told = gap.overlap_cells(owners, participants, linkage.persons)
    assert list(told.columns) == list(COUNTED)
    assert not rounding.faults(told, gap.overlap_layout())
    return {(one["dimension"], one["measure"]): one["value"] for one in told.to_dict("records")}


def test_a_person_of_several_registers_counts_once() -> None:
    """1: owner of two rows, two memberships, one of them paid by the city. 2: owner only. 3: paid by the city only.
    4: pays himself. 1, 2, 3, 4 and 5 are listed, 3 twice.
    """
    told = overlap([1, 1, 2], [1, 1, 3, 4], "A-A-", [1, 2, 3, 3, 4, 5])
    assert told == {
        ("vulnerable", "owner_enrolled"): 1, ("vulnerable", "owner_not_enrolled"): 1,
        ("vulnerable", "participant_only"): 2, ("vulnerable", "neither"): 1,
        ("together", "enrolled_owner_paid"): 1, ("together", "enrolled_owner_only"): 0, ("together", "paid_only"): 1,
    }  # fmt: skip


@STEADY
@given(*[st.lists(st.integers(0, 12), max_size=15)] * 3, st.lists(st.sampled_from("A-"), min_size=15, max_size=15))
def test_the_parts_of_an_overlap_are_all_its_persons(umkm, members, listed, funding) -> None:
    told = overlap(umkm, members, "".join(funding[: len(members)]), listed)
    paid = {person for person, letter in zip(members, funding, strict=False) if letter == "A"}
    enrolled = set(umkm) & set(members)
    sums = {name: sum(n for (dimension, _), n in told.items() if dimension == name) for name in gap.OVERLAPS}
    assert sums == {"vulnerable": len(set(listed)), "together": len(paid | enrolled)}


def test_an_overlap_without_participants_or_list_is_of_nobody() -> None:
    told = gap.overlap_cells(pd.DataFrame({"person": [1]}), None, persons(**{UMKM: [1]}).persons)
    assert (told["value"] == 0).all() and len(told) == 7


def test_a_quarantined_row_is_no_person_of_an_overlap() -> None:
    told = gap.overlap_cells(pd.DataFrame({"person": [1, -1, -2]}), None, persons(**{UMKM: [1], RENTAN: [1]}).persons)
    assert told["value"].sum() == 1


# businesses -------------------------------------------------------------------------------------------------------

KIOSK, WORKSHOP = "KIOS BUDI", "BENGKEL MAJU JAYA"


@pytest.mark.parametrize(("names", "nibs", "expected"), [
    ([KIOSK], [None], 1),
    ([None], [None], 1),
    ([KIOSK, KIOSK], [None, None], 1),
    ([KIOSK, "KIOS BUDY"], [None, None], 1),
    ([KIOSK, WORKSHOP], [None, None], 2),
    ([KIOSK, WORKSHOP], ["1234567890123", "1234567890123"], 1),
    ([KIOSK, WORKSHOP], ["1234567890123", "3210987654321"], 2),
    ([KIOSK, None], [None, None], 1),
    ([None, None], [None, None], 1),
    ([KIOSK, None, WORKSHOP, None, KIOSK], [None] * 5, 2),
])  # fmt: skip
def test_distinct_businesses_of_an_owner(names: list[str | None], nibs: list[str | None], expected: int) -> None:
    rows = pd.DataFrame({"business_name": pd.array(names, "str"), "nib": pd.array(nibs, "str")})
    told = businesses.distinct(rows, pd.Series([7] * len(rows)))
    assert told.to_dict() == {7: expected}


def test_businesses_of_two_owners_are_never_one() -> None:
    rows = pd.DataFrame({"business_name": pd.array([KIOSK] * 3, "str"), "nib": pd.array([None] * 3, "str")})
    assert businesses.distinct(rows, pd.Series([3, 1, 3])).sort_index().to_dict() == {1: 1, 3: 1}
