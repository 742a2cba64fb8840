"""How the quality of the registers is counted: every row once in each partition, and each rule as it is worded."""

from collections.abc import Callable
from datetime import date

import pandas as pd
import pytest

from analysis.cleaning import rules
from analysis.contracts import registers
from analysis.contracts.registers import JAMSOSTEK, RENTAN, UMKM
from analysis.contracts.released import COUNTED
from analysis.measuring import evaluation, quality
from analysis.releasing import disclosure

DAY = date(2026, 10, 31)
REGIONS = pd.DataFrame({"id": ["72.71", "72.71.01", "72.71.02", "72.71.01.1004"],
                        "level": ["kota", "kecamatan", "kecamatan", "kelurahan"]}, dtype="str")  # fmt: skip
EMPTY = {"text": "str", "whole": "Int64", "day": "datetime64[s]", "flag": "boolean", "decimal": "float64"}
STATES = {"nik_state": "missing", "birth_date_precision": "missing", "place_state": "missing"}


def table(register: str, *rows: dict[str, object]) -> pd.DataFrame:
    """Cleaned rows of which only what is given is known."""
    columns = registers.CLEANED[register].columns
    known = {name: STATES.get(name, "unknown") for name, column in columns.items() if column.allowed}
    made = [{**known, "source_sheet": "", "source_row": n, **row} for n, row in enumerate(rows, start=2)]
    frame = pd.DataFrame(made, columns=list(columns))
    return frame.astype({name: EMPTY[column.kind] for name, column in columns.items()})


def marked(*found: tuple[str, int, str, str, str]) -> pd.DataFrame:
    columns = ["register", "source_row", "rule_id", "severity", "fixer"]
    return pd.DataFrame(found, columns=columns).assign(source_sheet="").astype({"source_row": "int64"})


def counted(tables: dict[str, pd.DataFrame], found: pd.DataFrame | None = None, quarantined: int = 0,
            states: tuple[str, ...] = (), set_aside: int = 0) -> pd.DataFrame:  # fmt: skip
    quarantine = pd.DataFrame({"register": [UMKM] * quarantined}, dtype="str")
    corrections = pd.DataFrame({"register": [UMKM] * len(states), "state": list(states)}, dtype="str")
    own = marked() if found is None else found
    return evaluation.cells(tables, own, quarantine, corrections, {UMKM: set_aside}, DAY, REGIONS)


def of(cells: pd.DataFrame, dimension: str, category: str, area: str = "72.71") -> dict[str, int]:
    own = cells[(cells["area_code"] == area) & (cells["dimension"] == dimension) & (cells["category"] == category)]
    return dict(zip(own["measure"], own["value"], strict=True))


def judged(register: str, rows: list[dict[str, object]], quality: str, category: str) -> dict[str, int]:
    told = of(counted({register: table(register, *rows)}), f"{register}.{quality}", category)
    return {measure: n for measure, n in told.items() if n}


def test_every_partition_divides_its_rows_and_the_city_counts_those_without_kecamatan() -> None:
    umkm = table(UMKM, *[{"kecamatan_code": code} for code in ("72.71.01", "72.71.01", "72.71.02", None)])
    cells = counted({UMKM: umkm})
    assert list(cells.columns) == list(COUNTED)
    sums = cells[cells["dimension"] == "umkm.completeness"].groupby(["area_code", "category"])["value"].sum()
    assert sums.groupby("area_code").unique().map(list).to_dict() == {"72.71": [4], "72.71.01": [2], "72.71.02": [1]}
    whole = cells[(cells["level"] == "city") & ~cells["dimension"].str.endswith(("validity", "answers"))]
    assert set(whole.groupby(["dimension", "category"])["value"].sum()) == {4}


def test_what_comes_out_may_be_released_and_an_undelivered_register_gives_nothing() -> None:
    cells = counted({UMKM: table(UMKM, {}), RENTAN: table(RENTAN, {}), JAMSOSTEK: table(JAMSOSTEK, {})})
    released = disclosure.release(cells, Zero())
    assert set(released.table["dimension"]) == set(evaluation.layout().dimensions)
    assert set(counted({UMKM: table(UMKM, {})})["dimension"].str.partition(".")[0]) == {UMKM}
    assert counted({}).empty


class Zero:
    def mac(self, text: str) -> str:
        return "0"


def test_the_closed_list_of_rules_is_the_rule_table() -> None:
    for name in registers.DELIVERED:
        asked = {rule.id for rule in rules.read().values() if name in rule.fixers}
        assert set(evaluation.layout().dimensions[f"{name}.rule"].categories) == asked


NIK, OTHER = "7271011201800001", "7271015201800002"
BORN = pd.Timestamp("1980-01-12")
CASES: dict[str, tuple[str, list[dict[str, object]], str, str, dict[str, int]]] = {
    "a blank NIK is missing, a placeholder is filled": (
        UMKM, [{}, {"nik_state": "placeholder"}, {"nik": NIK, "nik_state": "valid"}],
        "completeness", "nik", {"filled": 2, "missing": 1}),
    "only what was filled is valid or not": (
        UMKM, [{}, {"nik_state": "placeholder"}, {"nik": NIK, "nik_state": "valid"}],
        "validity", "nik", {"valid": 1, "not_valid": 1}),
    "a dash is no phone": (
        UMKM, [{"phone_as_written": "-"}, {"phone_as_written": "0812"}], "completeness", "phone",
        {"filled": 1, "missing": 1}),
    "a phone that came as an answer fills the cell": (
        UMKM, [{"phone": "628123456789"}], "validity", "phone", {"valid": 1}),
    "a scale read from the revenue does not fill its own column": (
        UMKM, [{"scale": "micro"}], "completeness", "scale", {"missing": 1}),
    "a status that nobody knows is not valid": (
        JAMSOSTEK, [{"status_as_written": "zz"}, {"status": "active", "status_as_written": "AKTIF"}],
        "validity", "status", {"valid": 1, "not_valid": 1}),
    "the owner's name stands in the column name": (
        UMKM, [{"name": "BUDI", "owner_name_as_written": "Budi"}], "validity", "owner_name", {"valid": 1}),
    "the same NIK is the same person": (
        UMKM, [{"nik": NIK}, {"nik": NIK}, {"nik": OTHER}], "uniqueness", "person", {"alone": 1, "repeated": 2}),
    "the same name and birth date is the same person": (
        UMKM, [{"name": "BUDI", "birth_date": BORN}] * 2, "uniqueness", "person", {"repeated": 2}),
    "the same name alone is not": (
        UMKM, [{"name": "BUDI"}] * 2, "uniqueness", "person", {"alone": 2}),
    "no NIK is no shared NIK": (UMKM, [{}, {}], "uniqueness", "person", {"alone": 2}),
    "recorded within a year, within two, longer ago, later than the data": (
        UMKM, [{"census_date": pd.Timestamp(day)} for day in
               ("2026-10-31", "2025-11-01", "2025-10-31", "2024-11-01", "2024-10-31", "2026-11-01")] + [{}],
        "currency", "census_date", {"within_12_months": 2, "within_24_months": 2, "older": 1, "unknown": 2}),
    "a contribution of July is recent in October, one of June is not": (
        JAMSOSTEK, [{"last_contribution_month": month} for month in ("2026-07", "2026-06", "2026-10", "2026-11", None)],
        "currency", "last_contribution_month",
        {"within_3_months": 2, "older": 1, "ahead": 1, "unknown": 1}),
    "the NIK carries the birth date": (
        UMKM, [{"nik": NIK, "birth_date": BORN}, {"nik": NIK, "birth_date": pd.Timestamp("1980-12-01")},
               {"nik": NIK}, {"birth_date": BORN}],
        "consistency", "nik_birth_date", {"agrees": 1, "disagrees": 1, "not_comparable": 2}),
    "a woman's day has 40 added": (
        UMKM, [{"nik": OTHER, "birth_date": BORN}], "consistency", "nik_birth_date", {"agrees": 1}),
    "the NIK carries the sex": (
        JAMSOSTEK, [{"nik": OTHER, "sex": "female"}, {"nik": NIK, "sex": "female"}, {"nik": NIK}],
        "consistency", "nik_sex", {"agrees": 1, "disagrees": 1, "not_comparable": 1}),
    "kelurahan and kecamatan": (
        UMKM, [{"place_state": state} for state in ("agreed", "contradicting", "kelurahan", "outside")],
        "consistency", "place", {"agrees": 1, "disagrees": 1, "not_comparable": 2}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_quality_is_counted_as_worded(case: str) -> None:
    register, rows, aspect, category, expected = CASES[case]
    assert judged(register, rows, aspect, category) == expected


def test_findings_are_counted_once_a_row_and_facts_ask_nobody() -> None:
    found = marked(
        (UMKM, 2, "nik_missing", "high", "kelurahan"), (UMKM, 2, "phone_shared", "low", "kelurahan"),
        (UMKM, 3, "several_businesses", "fact", "dinas"), (UMKM, 99, "nik_missing", "high", "kelurahan"),
        (JAMSOSTEK, 3, "nik_missing", "high", "bpjs"),
    )  # fmt: skip
    cells = counted({UMKM: table(UMKM, {}, {}, {})}, found)
    assert of(cells, "umkm.rule", "nik_missing") == {"with": 1, "without": 2}
    assert of(cells, "umkm.rule", "several_businesses") == {"with": 1, "without": 2}
    assert of(cells, "umkm.rule", "nik_kk") == {"with": 0, "without": 3}
    assert of(cells, "umkm.fixer", "kelurahan") == {"with": 1, "without": 2}
    assert of(cells, "umkm.fixer", "dinas") == {"with": 0, "without": 3}


def test_rows_and_answers_are_accounted_for_in_the_city_alone() -> None:
    cells = counted({UMKM: table(UMKM, {}, {})}, quarantined=3, states=("applied", "applied", "settled"), set_aside=5)
    assert of(cells, "umkm.rows", "all") == {"kept": 2, "quarantined": 3, "not_data": 5}
    assert of(cells, "umkm.answers", "all") == {
        "applied": 2, "confirmed": 0, "changed": 0, "settled": 1, "undecided": 0}  # fmt: skip
    assert of(cells, "umkm.rows", "all", "72.71.01") == {}


# what the page is made of


def released(**values: int) -> disclosure.Released:
    """Two hundred rows of the UMKM register, of which some have no or no valid NIK."""
    rows = [{"nik": f"727101{n:010d}", "nik_state": "valid"} for n in range(200)]
    rows += [{} for _ in range(values["missing"])] + [{"nik_state": "kk"} for _ in range(values["invalid"])]
    return disclosure.release(counted({UMKM: table(UMKM, *rows)}), Zero())


def test_rows_without_a_usable_nik_are_the_missing_and_the_invalid() -> None:
    row = disclosure.derive(quality.nik, released(missing=40, invalid=10)).table.iloc[0]
    assert (row["part_n"], row["without_n"], row["total_n"]) == (200, 50, 250)
    assert (row["percent_low"], row["percent_high"]) == (77, 83)
    assert row["without_refs"].split() == ["evaluation.csv#72.71,umkm.completeness,nik,missing",
                                           "evaluation.csv#72.71,umkm.validity,nik,not_valid"]  # fmt: skip


TABLES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "nik": quality.nik, "findings": quality.findings, "fixers": quality.fixers, "areas": quality.areas,
    "columns": quality.columns, "accounting": quality.accounting,
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_the_page_are_made_of_released_cells_only(name: str) -> None:
    assert not disclosure.derive(TABLES[name], released(missing=40, invalid=10)).table.empty
    few = disclosure.release(counted({UMKM: table(UMKM, {}, {})}), Zero())
    withheld = disclosure.derive(TABLES[name], few).table
    numbers = [column for column in withheld if column.endswith("_n") or column.startswith("percent")]
    assert withheld[numbers].isna().all(axis=None)


def test_a_fact_is_no_data_finding() -> None:
    found = disclosure.derive(quality.findings, released(missing=40, invalid=10)).table
    assert "several_businesses" not in set(found["rule_id"])
