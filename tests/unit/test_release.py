"""The gate for counts: rounded under a key, added up, withheld where few, and refused where anything is wrong."""

import csv
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import DisclosureError
from analysis.contracts.released import COLUMNS, COUNTED, KEY, Dimension, Layout
from analysis.measuring import shares
from analysis.presenting import counts, wording
from analysis.presenting.cells import Cells
from analysis.releasing import disclosure, rounding
from analysis.releasing.disclosure import Released
from analysis.releasing.editions import Edition, Source

SPEC = Path(__file__).parents[1] / "spec" / "shares.csv"
LAYOUT = Layout("counts", "owners", {
    "total": Dimension(("all",), ("active", "lapsed"), ("city", "kecamatan", "kelurahan")),
    "sex": Dimension(("male", "female"), ("active", "lapsed")),
    "umkm.rows": Dimension(("all",), ("kept", "other"), ("city",)),
})  # fmt: skip
EVALUATED = Layout("evaluation", "rows", {"umkm.rows": Dimension(("all",), ("kept", "other"), ("city",))})
EDITION = Edition("2026-10", date(2026, 10, 31), True, None, (Source("umkm", "Dinas", date(2026, 11, 4)),), "abc")


class Always:
    """A key whose noise is the same for every label."""

    def __init__(self, noise: int) -> None:
        self.noise = noise

    def mac(self, text: str) -> str:
        return format(self.noise, "x")


class Secret:
    def __init__(self, secret: bytes = b"a key for tests, of 32 bytes ...") -> None:
        self.secret = secret

    def mac(self, text: str) -> str:
        return hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()


def cells(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COUNTED))


def pair(active: object, lapsed: object, *, dimension: str = "sex", category: str = "male") -> pd.DataFrame:
    where = ("72.71.01", "kecamatan", dimension, category)
    return cells((*where, "active", active), (*where, "lapsed", lapsed))


def values(released: Released) -> dict[str, int | None]:
    table = released.table
    return {name: None if pd.isna(n) else int(n) for name, n in zip(table["measure"], table["value"], strict=True)}


# rounding


@pytest.mark.parametrize("true", range(61))
def test_a_count_moves_by_less_than_five_and_not_at_all_on_average(true: int) -> None:
    published = [rounding.rounded(true, "label", Always(noise)) for noise in range(5)]
    assert all(n % 5 == 0 and abs(n - true) < 5 for n in published)
    assert sum(published) == 5 * true


@pytest.mark.parametrize("noise", range(5))
def test_nothing_stays_nothing(noise: int) -> None:
    assert rounding.rounded(0, "label", Always(noise)) == 0


def test_the_noise_is_the_keyed_hash_of_area_dimension_category_and_measure() -> None:
    label = "72.71.01|sex|male|active"
    noise = int(hmac.new(Secret().secret, label.encode(), hashlib.sha256).hexdigest(), 16) % 5
    released = disclosure.release(pair(103, 50), Secret(), LAYOUT)
    assert values(released)["active"] == 5 * ((103 + noise) // 5)


def test_totals_are_sums_of_rounded_parts_and_every_cell_has_eight_columns() -> None:
    table = disclosure.release(pair(101, 47), Secret(), LAYOUT).table
    parts, total = table[table["measure"] != "owners"], table[table["measure"] == "owners"]
    assert total["value"].item() == parts["value"].sum()
    assert list(table.columns[:8]) == list(COLUMNS)
    assert table[["lower", "upper"]].isna().all(axis=None)
    assert list(table["refs"]) == [f"counts.csv#72.71.01,sex,male,{name}" for name in ("active", "lapsed", "owners")]


def test_an_unchanged_count_is_the_same_figure_whatever_stands_beside_it() -> None:
    before = disclosure.release(pair(101, 47), Secret(), LAYOUT)
    later = disclosure.release(pd.concat([pair(9, 8, category="female"), pair(101, 52)]), Secret(), LAYOUT)
    of_men = later.table[later.table["category"] == "male"].set_index("measure")["value"]
    assert values(before)["active"] == of_men["active"]


def test_another_key_by_one_byte_gives_other_figures() -> None:
    table = pd.concat([pair(n, n + 1, dimension=name, category=each).assign(area_code=f"72.71.{n:02d}")
                       for n in range(11, 60) for name, each in (("sex", "male"), ("sex", "female"))])  # fmt: skip
    other = Secret(b"b" + Secret().secret[1:])
    assert values_of(disclosure.release(table, Secret(), LAYOUT)) != values_of(disclosure.release(table, other, LAYOUT))


def values_of(released: Released) -> list[object]:
    return released.table["value"].fillna(-1).tolist()


@pytest.mark.parametrize(("noise", "true", "is_shown"), [(0, 19, False), (0, 20, True), (4, 15, False), (4, 16, True)])
def test_a_row_is_withheld_whole_where_its_rounded_total_is_under_20(noise: int, true: int, is_shown: bool) -> None:
    shown = values(disclosure.release(pair(true, 0), Always(noise), LAYOUT))
    assert [value is not None for value in shown.values()] == [is_shown] * 3


def test_the_city_is_withheld_as_any_area_but_the_dimension_total_of_kelurahan_alone() -> None:
    city = pair(3, 2).assign(area_code="72.71", level="city")
    assert set(values(disclosure.release(city, Always(0), LAYOUT)).values()) == {None}
    whole = pair(3, 2, dimension="total", category="all")
    assert None not in values(disclosure.release(whole, Always(0), LAYOUT)).values()
    small = whole.assign(area_code="72.71.01.1004", level="kelurahan")
    assert set(values(disclosure.release(small, Always(0), LAYOUT)).values()) == {None}
    shown = disclosure.release(small.assign(value=[10, 10]), Always(0), LAYOUT)
    assert None not in values(shown).values()


# refused


BAD: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "no whole number": lambda t: t.assign(value=[1.5, 2]),
    "no whole number of 0": lambda t: t.assign(value=[-1, 2]),
    "whole number of 0 or more": lambda t: t.assign(value=[None, 2]),
    "more than once": lambda t: pd.concat([t, t]),
    "lack a part": lambda t: t.head(1),
    "closed lists": lambda t: t.assign(category="budi"),
    "closed lists of": lambda t: t.assign(measure="owners"),
    "outside the closed lists": lambda t: t.assign(area_code="72.71"),
    "stand outside": lambda t: t.assign(level="kelurahan"),
    "the columns must be": lambda t: t.assign(nik="7271"),
}


@pytest.mark.parametrize("told", BAD)
def test_wrong_cells_are_refused_without_telling_a_value(told: str) -> None:
    with pytest.raises(DisclosureError, match=told) as refused:
        disclosure.release(BAD[told](pair(101, 47)), Secret(), LAYOUT)
    assert refused.value.exit_code == 13
    assert not any(word in str(refused.value) for word in ("101", "47", "budi", "7271"))


def test_all_kinds_of_faults_are_told_at_once() -> None:
    wrong = pd.concat([pair(-1, 2), pair(3, 4), pair(3, 4, category="budi")])
    with pytest.raises(DisclosureError) as refused:
        disclosure.release(wrong, Secret(), LAYOUT)
    assert len(refused.value.faults) == 3


# written and read


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    where = ("72.71", "city", "umkm.rows", "all")
    released = disclosure.release(cells((*where, "kept", 4_000), (*where, "other", 33)), Secret(), EVALUATED)
    disclosure.write(released, EDITION, tmp_path, EVALUATED)
    return tmp_path


def test_what_is_written_is_read_again_with_its_edition(folder: Path) -> None:
    read = disclosure.read(folder, EVALUATED)
    rows = int(read.table.set_index("measure").loc["rows", "value"])
    assert read.edition == replace(EDITION, sources=(replace(EDITION.sources[0], rows_n=rows),))
    assert read.rule == disclosure.KEYED_RULE
    assert sorted(path.name for path in folder.iterdir()) == [
        f"evaluation.{kind}" for kind in ("csv", "json", "parquet")
    ]
    assert pd.read_parquet(folder / "evaluation.parquet")["value"].tolist() == read.table["value"].tolist()


def test_the_same_counts_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    disclosure.write(disclosure.read(folder, EVALUATED), EDITION, folder, EVALUATED)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert b"\r" not in before["evaluation.csv"]


def resealed(folder: Path, text: str) -> None:
    """The file with its hash put right, as somebody would who changed both."""
    (folder / "evaluation.csv").write_text(text, encoding="utf-8", newline="\n")
    path = folder / "evaluation.json"
    told = json.loads(path.read_text(encoding="utf-8")) | {"sha256": hashlib.sha256(text.encode()).hexdigest()}
    path.write_text(json.dumps(told), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (",4000,", ",4001,", "no multiples of 5"),
        (",4000,", ",4005,", "not the sum"),
        (",4000,,", ",,,", "withheld in part"),
        (",4000,,", ",4000,3990,4010", "ranges are not made by the rule"),
        (",kept,", ",budi,", "closed lists"),
        ("72.71,city", "72.71.01,city", "closed lists"),
        ("area_code", "nik", "cannot be read"),
        (",4000,", ",four thousand,", "cannot be read"),
        ("72.71,city,umkm.rows,all,kept,4000,,\n", "", "lack a part"),
    ],
)
def test_a_table_that_release_could_not_have_made_is_refused(folder: Path, old: str, new: str, told: str) -> None:
    text = (folder / "evaluation.csv").read_text(encoding="utf-8")
    assert old in text
    resealed(folder, text.replace(old, new))
    with pytest.raises(DisclosureError, match=told):
        disclosure.read(folder, EVALUATED)


def test_few_rows_that_were_not_withheld_are_refused(folder: Path) -> None:
    text = (folder / "evaluation.csv").read_text(encoding="utf-8")
    few = "\n".join([text.splitlines()[0], *(f"72.71,city,umkm.rows,all,{m},{n},," for m, n in
                     (("kept", 10), ("other", 5), ("rows", 15)))])  # fmt: skip
    resealed(folder, few + "\n")
    with pytest.raises(DisclosureError, match="fewer than 20"):
        disclosure.read(folder, EVALUATED)


SOURCE = {"register": "umkm", "issuer": "", "received_date": "2026-11-04", "rows_n": 5}
CHANGES = [{"rule": "none"}, {"sources": [SOURCE]}, {"path": "/home"}, {"is_synthetic": "no"}]


@pytest.mark.parametrize("change", CHANGES)
def test_a_description_of_another_table_is_refused(folder: Path, change: dict[str, object]) -> None:
    path = folder / "evaluation.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(DisclosureError):
        disclosure.read(folder, EVALUATED)


def test_a_changed_file_and_a_missing_one_are_refused(folder: Path) -> None:
    with (folder / "evaluation.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(DisclosureError, match="do not belong together"):
        disclosure.read(folder, EVALUATED)
    (folder / "evaluation.json").unlink()
    with pytest.raises(DisclosureError, match="missing"):
        disclosure.read(folder, EVALUATED)


# derived


def test_a_derived_table_carries_rule_and_edition_and_names_released_cells_only(folder: Path) -> None:
    read = disclosure.read(folder, EVALUATED)
    derived = disclosure.derive(lambda table: table[["value", "refs"]].head(1), read)
    assert (derived.rule, derived.edition) == (read.rule, read.edition)
    assert derived.table["is_unconfirmed"].tolist() == [False]
    for wrong in ("evaluation.csv#elsewhere", ""):
        with pytest.raises(DisclosureError, match="released ones alone"):
            disclosure.derive(lambda table, refs=wrong: pd.DataFrame({"n": [1], "refs": [refs]}), read)
    with pytest.raises(DisclosureError, match="register"):
        disclosure.derive(lambda table: table.assign(nik="x"), read)


# shares


@pytest.mark.parametrize("noise", list(product(range(5), range(5))))
def test_a_share_with_its_rounding_always_holds_the_true_one(noise: tuple[int, int]) -> None:
    for part, rest in product(range(0, 130, 3), (99, 100, 101, 102, 103)):
        published = [rounding.rounded(n, "label", Always(h)) for n, h in zip((part, rest), noise, strict=True)]
        told = shares.percent(published[:1], published[1:])
        assert told.low <= Fraction(100 * part, part + rest) <= told.high


CASES = list(csv.DictReader(SPEC.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['part']} of {case['others']}: {case['why']}")
@pytest.mark.parametrize("language", ["id", "en"])
def test_a_share_is_told_as_specified(case: dict[str, str], language: str) -> None:
    told = {name: int(case[name]) if case[name] else None for name in ("part", "others")}
    table = pd.DataFrame({
        "area_code": "72.71", "level": "city", "dimension": "d", "category": "c", "measure": ["part", "others"],
        "value": pd.array(list(told.values()), dtype="Int64"), "refs": ["a", "b"],
    })  # fmt: skip
    row = shares.table(table, [("d", "c", "part")], [("d", "c", "others")]).assign(is_unconfirmed=False).iloc[0]
    assert counts.share(Cells(row), wording.in_language(language)).plain == case[language]


# ranges

STEADY = settings(deadline=None, max_examples=60)  # a busy machine is no failure
PARTS = ("active", "lapsed", "unresolved")
WIDE = Layout("wide", "owners", {
    "total": Dimension(("all",), PARTS, ("city",)), "sex": Dimension(("male", "female"), PARTS, ("city",)),
}, {"not_active": ("lapsed", "unresolved")}, ("businesses",), ("active", "lapsed", "not_active", "owners"))  # fmt: skip
SUMMED = {"active": 1, "lapsed": 1, "not_active": 2, "owners": 3}
OF = {"active": ("active",), "lapsed": ("lapsed",), "not_active": ("lapsed", "unresolved"), "owners": PARTS}
Spreads = dict[str, float]


def partition(*counts: int, dimension: str = "total", category: str = "all") -> pd.DataFrame:
    """True counts of active, lapsed, unresolved and, if there is a fourth, of businesses."""
    numbers = zip((*PARTS, "businesses"), (*counts, 0)[:4], strict=True)
    return cells(*(("72.71", "city", dimension, category, name, n) for name, n in numbers))


def spreads_of(spreads: Spreads, dimension: str = "total", category: str = "all") -> pd.DataFrame:
    rows = [("72.71", dimension, category, name, n) for name, n in spreads.items()]
    return pd.DataFrame(rows, columns=[*KEY, "spread"])


def ranged(table: pd.DataFrame, spreads: pd.DataFrame, secret: rounding.Secret) -> dict[str, tuple[int, int, int]]:
    """Value and ends of each measure that has a range."""
    told = disclosure.release(table, secret, WIDE, spreads).table
    own = told[told["lower"].notna() | told["upper"].notna()]
    return {row["measure"]: (int(row["value"]), int(row["lower"]), int(row["upper"]))
            for row in own.to_dict("records")}  # fmt: skip


def test_how_many_rounded_counts_a_measure_sums_is_known() -> None:
    assert {name: WIDE.parts_n("sex", name) for name in (*SUMMED, "businesses")} == {**SUMMED, "businesses": 1}
    assert LAYOUT.ranged == () and WIDE.measures("sex") == (*PARTS, "businesses", "owners", "not_active")


@pytest.mark.parametrize(("spread", "active", "not_active", "owners"), [
    (0, (100, 90, 110), (60, 45, 75), (160, 140, 180)),
    (1, (100, 90, 110), (60, 45, 75), (160, 140, 180)),
    (5, (100, 90, 110), (60, 45, 75), (160, 140, 180)),
    (6, (100, 85, 115), (60, 40, 80), (160, 135, 185)),
    (60, (100, 35, 165), (60, 0, 130), (160, 85, 235)),
    (1000, (100, 0, 1105), (60, 0, 1070), (160, 0, 1175)),
])  # fmt: skip
def test_a_range_is_the_value_and_five_for_each_count_and_the_spread_in_fives(
    spread: int, active: tuple[int, ...], not_active: tuple[int, ...], owners: tuple[int, ...]
) -> None:
    told = ranged(partition(103, 31, 34), spreads_of(dict.fromkeys(("active", "not_active", "owners"), spread)),
                  Always(0))  # fmt: skip
    assert told == {"active": active, "not_active": not_active, "owners": owners}


@pytest.mark.parametrize("noise", range(5))
def test_a_range_never_tells_that_there_is_nobody(noise: int) -> None:
    """Whether nobody, one or four: without any doubt the half-width is the same."""
    told = [ranged(partition(n, 31, 34), spreads_of({"active": 0}), Always(noise))["active"] for n in range(6)]
    assert {upper - value for value, _, upper in told} == {10}


def test_what_has_no_spread_or_may_have_none_is_told_without_a_range() -> None:
    spreads = spreads_of({"unresolved": 7, "businesses": 7, "active": 7, "elsewhere": 7})
    assert set(ranged(partition(103, 31, 34, 400), spreads, Always(0))) == {"active"}
    assert ranged(partition(103, 31, 34, 400), spreads.iloc[:0], Always(0)) == {}


def test_a_range_tells_two_counts_of_one_published_value_not_apart() -> None:
    told = [ranged(partition(n, 31, 34), spreads_of({"active": spread}), Always(0))
            for n, spread in ((100, 6), (104, 6), (101, 10))]  # fmt: skip
    assert told[0] == told[1] == told[2]


def test_a_withheld_row_is_empty_whole_and_its_ranges_too() -> None:
    few = partition(3, 2, 1, dimension="sex", category="male")
    spreads = spreads_of(dict.fromkeys(SUMMED, 50), "sex", "male")
    table = disclosure.release(few, Always(0), WIDE, spreads).table
    assert len(table) == 6 and table[["value", "lower", "upper"]].isna().all(axis=None)
    enough = partition(15, 2, 3, dimension="sex", category="male")
    assert len(ranged(enough, spreads, Always(4))) == 4


@STEADY
@given(st.tuples(*[st.integers(0, 300)] * 4), st.fixed_dictionaries({name: st.integers(0, 200) for name in SUMMED}),
       st.binary(min_size=32, max_size=32))  # fmt: skip
def test_the_true_count_and_its_range_lie_inside_the_released_one(counts, spreads: Spreads, key: bytes) -> None:
    told = ranged(partition(*counts), spreads_of(spreads), Secret(key))
    assert set(told) == set(SUMMED)
    of_part = dict(zip(PARTS, counts, strict=False))
    for name, (value, lower, upper) in told.items():
        true = sum(of_part[part] for part in OF[name])
        assert lower <= max(0, true - spreads[name]) <= true <= true + spreads[name] <= upper
        assert lower <= value <= upper and lower >= 0
        half = 5 * SUMMED[name] + 5 * max(1, -(-spreads[name] // 5))
        assert (lower, upper) == (max(0, value - half), value + half)


def wide() -> pd.DataFrame:
    """A released table with a range at every measure that may have one; a row of men, of women one withheld."""
    parts = [partition(103, 31, 4, 400), partition(60, 33, 2, 90, dimension="sex", category="male"),
             partition(3, 2, 1, 8, dimension="sex", category="female")]  # fmt: skip
    where = (("total", "all"), ("sex", "male"), ("sex", "female"))
    spreads = pd.concat([spreads_of({"active": 7, "lapsed": 60, "not_active": 3, "owners": 0}, *one) for one in where])
    return disclosure.release(pd.concat(parts), Always(0), WIDE, spreads).table[[*COLUMNS]]


def changed(table: pd.DataFrame, measure: str, category: str = "all", **by: int | None) -> pd.DataFrame:
    """The table with cells of one row moved, or emptied where `by` is None."""
    own, made = (table["measure"] == measure) & (table["category"] == category), table.copy()
    assert own.sum() == 1
    for column, n in by.items():
        made[column] = made[column].mask(own, pd.NA if n is None else made[column].fillna(0) + n)
    return made


FORGED = {
    "the lower end is moved by 1": ("active", "all", {"lower": 1}),
    "the lower end is moved by 5": ("active", "all", {"lower": 5}),
    "the lower end is moved outward": ("active", "all", {"lower": -5}),
    "the upper end is moved by 1": ("active", "all", {"upper": 1}),
    "the upper end is moved by 5": ("active", "all", {"upper": 5}),
    "the upper end is moved inward": ("active", "all", {"upper": -5}),
    "a lower end that was cut is none": ("lapsed", "all", {"lower": 5}),
    "both ends are moved by 1": ("active", "all", {"lower": -1, "upper": 1}),
    "the upper end stands alone": ("active", "all", {"lower": None}),
    "the lower end stands alone": ("active", "all", {"upper": None}),
    "the ends are the value": ("active", "male", {"lower": 15, "upper": -15}),
    "a sum of two has the width of one": ("not_active", "male", {"lower": 10, "upper": -10}),
    "a total has the width of two": ("owners", "all", {"lower": 5, "upper": -5}),
    "what is unresolved has a range": ("unresolved", "male", {"lower": 0, "upper": 5}),
    "businesses have a range": ("businesses", "all", {"lower": 395, "upper": 405}),
    "a withheld count has a range": ("active", "female", {"lower": 0, "upper": 20}),
    "a withheld count has an upper end": ("active", "female", {"upper": 20}),
}  # fmt: skip


@pytest.mark.parametrize("case", FORGED)
def test_a_range_that_no_release_made_is_a_fault(case: str) -> None:
    measure, category, by = FORGED[case]
    table = wide()
    assert rounding.faults_of_released(table, WIDE) == []
    faults = rounding.faults_of_released(changed(table, measure, category, **by), WIDE)
    assert [(fault.message, fault.values) for fault in faults] == [
        ("{n} ranges are not made by the rule", {"n": 1})]  # fmt: skip


def test_ranges_are_read_as_they_were_written_and_a_changed_one_is_refused(tmp_path: Path) -> None:
    released = disclosure.release(
        partition(103, 31, 4, 400), Always(0), WIDE, spreads_of({"active": 7, "lapsed": 60, "owners": 0}))  # fmt: skip
    disclosure.write(released, EDITION, tmp_path, WIDE)
    read = disclosure.read(tmp_path, WIDE)
    pd.testing.assert_frame_equal(read.table, released.table)
    path, told = tmp_path / "wide.csv", tmp_path / "wide.json"
    text = path.read_text(encoding="utf-8")
    assert "72.71,city,total,all,active,100,85,115\n" in text and "72.71,city,total,all,lapsed,30,0,95\n" in text
    before = hashlib.sha256(text.encode()).hexdigest()
    for ends in ("100,86,115", "100,100,100", "100,,115", "100,95,110", "100,97,103"):
        forged = text.replace("100,85,115", ends)
        path.write_text(forged, encoding="utf-8", newline="\n")
        description = told.read_text(encoding="utf-8")
        now = hashlib.sha256(forged.encode()).hexdigest()
        told.write_text(description.replace(before, now), encoding="utf-8")
        before = now
        with pytest.raises(DisclosureError, match="ranges are not made by the rule"):
            disclosure.read(tmp_path, WIDE)


def test_counts_that_begin_anew_each_month_are_rounded_by_another_draw_each_month() -> None:
    """Averaged over months, figures that were rounded alike would tell how; another month, another draw."""
    cells = partition(103, 31, 34)
    told = {period: disclosure.release(cells, Secret(b"k" * 32), WIDE, period=period).table["value"].tolist()
            for period in ("", *(f"2026-{n:02d}-28" for n in range(1, 13)))}  # fmt: skip
    assert told["2026-01-28"] == disclosure.release(
        cells, Secret(b"k" * 32), WIDE, period="2026-01-28").table["value"].tolist()  # fmt: skip
    assert len({tuple(values) for values in told.values()}) > 3
