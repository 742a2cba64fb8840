"""The only place for the columns of every public table: their form, unit and the meaning of empty.

A contract describes a table as *text*, before anything is converted: a failed conversion would hide the other
faults of its column. `faults` turns what pandera finds into faults with row and column, all at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import pandera.errors
import pandera.pandas as pa

from analysis import N_, Fault
from analysis.contracts import registers

STATUSES = ("confirmed", "secondary", "derived", "unconfirmed", "superseded")
UNITS = (
    *("persons", "business owners", "business units", "records", "percent", "IDR", "IDR/month"),
    *("IDR/person/month", "IDR/capita/month", "months", "cases", "km2", "rank"),
)
COUNTED = frozenset(("persons", "business owners", "business units", "records", "IDR", "months", "cases", "rank"))
"""Units of which there are only whole ones: "20.982" persons is a thousands separator gone wrong."""
KINDS = (
    *("participation", "population", "poverty", "business", "register", "labour"),
    *("benefit", "contribution", "target", "finance", "area"),
)
PAYERS = ("any", "self", "apbn_apbd", "employer", "worker", "government")
SECTORS = ("any", "transport", "other", "labour_intensive", "construction")
SEGMENTS = ("BPU", "PU", "JAKON", "ALL")
LEVELS = ("kota", "kecamatan", "kelurahan")
COSTED_SECTORS = ("any", "transport", "other")
COSTED_MEASURES = ("unregistered", "lapsed", "not_protected")
CRITERIA = ("vulnerable", "hazard", "lapsed_after_subsidy")
NO_LEGAL_SOURCE = N_("a tariff needs its legal source, without blanks at its ends")

ID = r"[a-z0-9]+(-[a-z0-9]+)*"
CODE = r"72\.71(\.[0-9]{2}(\.[0-9]{4})?)?"
WHOLE = r"[0-9]{1,15}"
NUMBER = r"[0-9]{1,15}(\.[0-9]{1,6})?"
SIGNED = rf"-?{NUMBER}"
YEAR = r"[0-9]{4}"
PERIOD = rf"{YEAR}(-[0-9]{{2}}(-[0-9]{{2}})?|-Q[1-4])?(/{YEAR}(-[0-9]{{2}}(-[0-9]{{2}})?|-Q[1-4])?)?"
ADDRESS = r"https?://\S+"
ANY_TEXT = r"(?s:\S(.*\S)?)"
"""A quoted cell may run over several lines: `(?s:`. Digits are `[0-9]`, as `\\d` takes those of all scripts."""


@dataclass(frozen=True)
class Contract:
    """A table's name (that of its file), its pandera schema over text columns, and what one row is."""

    name: str
    one_row: str
    schema: pa.DataFrameSchema

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in the order of the file."""
        return list(self.schema.columns)

    @property
    def whole_numbers(self) -> list[str]:
        """Names of the columns that hold whole numbers."""
        return [name for name, column in self.schema.columns.items() if column.metadata.get("is_whole")]

    @property
    def periods(self) -> list[str]:
        """Names of the columns whose dates must be days of the calendar, which no pattern can tell."""
        return [name for name, column in self.schema.columns.items() if column.metadata.get("is_period")]


def faults(table: pd.DataFrame, contract: Contract) -> list[Fault]:
    """Everything in `table` that breaks `contract`; empty when it keeps to it.

    `table` holds text only; its index is the record number in the file (the header is record 1).
    """
    try:
        contract.schema.validate(table, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases.to_dict("records")
    else:
        return []
    return [_fault(case, contract) for case in cases]


def _fault(case: dict[str, object], contract: Contract) -> Fault:
    check, value, column = str(case["check"]), case["failure_case"], str(case["column"])
    if check == "column_in_dataframe":
        return Fault(N_("the column is missing"), column=str(value))
    if check == "column_in_schema":
        return Fault(N_("nobody knows this column"), column=str(value))
    row = int(str(case["index"]))
    if check == "field_uniqueness":
        return Fault(N_('"{value}" stands more than once'), row, column, {"value": value})
    metadata = contract.schema.columns[column].metadata or {}
    return Fault(check, row, column, {"value": value, "allowed": metadata.get("allowed")})


def _text(pattern: str, message: str, about: str, empty: str | None = None, **metadata: object) -> pa.Column:
    """A text column; `empty` says what an empty cell means, None that there may be none."""
    allowed = rf"(?:{pattern})?" if empty else pattern
    check = pa.Check.str_matches(rf"\A(?:{allowed})\Z", error=message)
    return pa.Column(str, check, description=about, metadata={"empty": empty, **metadata})


def _unique(column: pa.Column) -> pa.Column:
    """The same column, each value standing once."""
    column.unique, column.report_duplicates = True, "exclude_first"
    return column


def _one_of(values: Sequence[str], about: str) -> pa.Column:
    check = pa.Check.isin(values, error=N_('"{value}" is not one of: {allowed}'))
    return pa.Column(str, check, description=about, metadata={"empty": None, "allowed": ", ".join(values)})


def _id(about: str = "name of the row, never reused") -> pa.Column:
    return _unique(_text(ID, N_('the id "{value}" must be of a-z, 0-9 and single hyphens'), about))


def _free(about: str, empty: str | None = None) -> pa.Column:
    return _text(ANY_TEXT, N_("a text without blanks at its ends is required here"), about, empty)


def _whole(about: str, empty: str | None = None) -> pa.Column:
    return _text(WHOLE, N_('"{value}" is not a whole number in plain digits'), about, empty, is_whole=True)


def _number(about: str, empty: str | None = None, pattern: str = NUMBER) -> pa.Column:
    return _text(pattern, N_('"{value}" is not a number in plain digits with a decimal point'), about, empty)


def _period(about: str, empty: str | None = None) -> pa.Column:
    message = N_('"{value}" is not a date such as 2022, 2022-12, 2022-12-15, 2016-Q3 or a span of two with "/"')
    return _text(PERIOD, message, about, empty, is_period=True)


def _code(about: str, empty: str | None = None) -> pa.Column:
    return _text(CODE, N_('"{value}" is not a code such as 72.71.01.1004'), about, empty)


def _address(empty: str | None = None) -> pa.Column:
    return _text(ADDRESS, N_('"{value}" is not a web address'), "where the statement was read", empty)


def _status() -> pa.Column:
    return _one_of(STATUSES, "how far the row is to be believed (data/raw/README.md)")


def _yes_no(about: str) -> pa.Column:
    return _one_of(("true", "false"), about)


def _note() -> pa.Column:
    return _free("remarks of who entered or audited the row, in English", "nothing to remark")


def _source(published: str = "no publication date was shown") -> dict[str, pa.Column]:
    return {
        "publisher": _free("who printed it"),
        "published_date": _period("when it was printed", published),
    }


def _table(name: str, one_row: str, columns: dict[str, pa.Column]) -> Contract:
    return Contract(name, one_row, pa.DataFrameSchema(columns, strict=True, ordered=False, name=name))


FIGURES = _table("figures.csv", "one figure as one text printed it", {
    "id": _id("<indicator>-<area>-<publisher>-<published_date>, numbered where two would be the same"),
    "indicator": _free("what is counted: an id of indicators.csv"),
    "value": _number("the figure, in `unit`", "the source says that no figure exists"),
    "unit": _one_of(UNITS, "unit of `value`"),
    "is_approximate": _yes_no("whether the source says about, more than or the like"),
    "reference_date": _text(PERIOD, N_("a figure needs its reference date; found \"{value}\""),
                            "the day or period that the figure describes", is_period=True),
    "published_date": _period("when it was printed", "none was shown; not on a timeline"),
    "area": _free("the area that the figure describes"),
    "publisher": _free("who printed it"),
    "url": _address(),
    "status": _status(),
    "note": _note(),
})  # fmt: skip

INDICATORS = _table("indicators.csv", "one thing that figures.csv counts", {
    "id": _unique(_text(r"[a-z0-9_]+", N_('the id "{value}" must be of a-z, 0-9 and "_"'), "the indicator")),
    "kind": _one_of(KINDS, "decides how fast a figure grows old (limits.csv)"),
    "units": _free("units that its figures may have, separated by |"),
    "is_target": _yes_no("whether it is aimed at; its period may begin after publication"),
    "about": _free("what is counted, in one sentence"),
})  # fmt: skip

LIMITS = _table("limits.csv", "how old a kind of figure may grow", {
    "id": _id(),
    "kind": _unique(_one_of(KINDS, "kind of figure, one row for each")),
    "stale_after_months": _whole("full months from which a figure counts as older data"),
    "expired_after_months": _whole("full months from which it leaves the headline"),
    "source": _free("who set the limit"),
    "note": _note(),
})  # fmt: skip

TARIFFS = _table("tariffs.csv", "one contribution rate and who pays it when", {
    "id": _id(),
    "segment": _one_of(SEGMENTS, "group of participants"),
    "program": _free("programmes paid for, joined by +"),
    "payer": _one_of(PAYERS, "who pays"),
    "sector": _one_of(SECTORS, "whose work it covers"),
    "basis": _free("what the rate is taken of"),
    "rate_percent": _number("rate in percent of the basis", "a flat amount"),
    "amount_idr_month": _whole("rupiah per person and month", "depends on the basis"),
    "min_idr": _whole("lowest amount, rupiah per person and month", "none stated"),
    "max_idr": _whole("highest amount, rupiah per person and month", "none stated"),
    "who": _free("who falls under it", "not stated"),
    "legal_source": _text(ANY_TEXT, NO_LEGAL_SOURCE, "the rule that sets the rate"),
    "valid_from": _period("first day or contribution month", "start not confirmed"),
    "valid_to": _period("last contribution month", "still in force"),
    **_source(),
    "url": _address(),
    "status": _status(),
    "note": _note(),
})  # fmt: skip

BPU_BASE = _table("bpu_base.csv", "one income bracket of self-employed participants", {
    "id": _id(),
    "income_min_idr": _whole("lowest monthly income of the bracket, rupiah"),
    "income_max_idr": _whole("highest monthly income of the bracket, rupiah", "no upper end"),
    "base_idr": _whole("base of the contribution, rupiah"),
    "jkk_idr": _whole("JKK a month, rupiah"),
    "jkm_idr": _whole("JKM a month, rupiah"),
    "jkk_jkm_idr": _whole("JKK and JKM a month, rupiah"),
    "jkk_jkm_half_idr": _whole("the same at half by PP 50/2025, rupiah"),
    "jht_idr": _whole("JHT a month, rupiah"),
    "jkk_jkm_jht_idr": _whole("JKK, JKM and JHT a month, rupiah"),
    "legal_source": _text(ANY_TEXT, NO_LEGAL_SOURCE, "the rule that sets the bracket"),
    "source": _free("where the row was read"),
    "publisher": _free("who printed it"),
    "url": _address("a file of a public repository, named in `source`"),
    "status": _status(),
    "note": _note(),
})  # fmt: skip

BENEFITS = _table("benefits.csv", "one benefit or condition of a programme", {
    "id": _id(),
    "program": _free("programme"),
    "benefit": _free("which benefit or condition"),
    "amount_idr": _whole("rupiah", "depends on the formula"),
    "formula": _free("how it is worked out", "a flat amount"),
    "condition": _free("when it is due", "none stated"),
    "legal_source": _free("the rule that sets it"),
    **_source(),
    "url": _address(),
    "status": _status(),
    "note": _note(),
})  # fmt: skip

LAW = _table("law.csv", "one legal instrument", {
    "id": _id(),
    "instrument": _free("number and year, as cited"),
    "about": _free("what it is about, in English"),
    "title_id": _free("its Indonesian title, from `tentang` on", "title not certain: cited by number alone"),
    "relevance": _free("why it matters here"),
    **_source(),
    "url": _address(),
    "status": _status(),
    "note": _note(),
})  # fmt: skip

REGIONS = _table("regions.csv", "the city, one kecamatan or one kelurahan", {
    "id": _unique(_code("Kemendagri code")),
    "level": _one_of(LEVELS, "city, kecamatan or kelurahan"),
    "code_no_dots": _whole("the code without dots"),
    "parent_code": _code("code of the area around it", "the city"),
    "name": _free("official name"),
    "kecamatan": _free("name of its kecamatan", "the city"),
    "name_variants_seen": _free("spellings seen, separated by |", "none seen"),
    "name_variants_guessed": _free("spellings expected, separated by |", "none expected"),
    "postal_code": _whole("postal code", "not found"),
    "area_km2": _number("area, square kilometres", "not found"),
    "population": _whole("persons", "not found"),
    "population_date": _period("reference date of the population", "no population given"),
    "population_source": _free("source of the population", "no population given"),
    "voters_dps_2023_04": _whole("provisional voters of April 2023, persons", "not found"),
    "voters_dpt_2024_09": _whole("final voters of September 2024, persons", "not found"),
    "note": _note(),
    "tile_row": _whole("row in the tile map, from 0 in the north", "not on the tile map"),
    "tile_col": _whole("column in the tile map, from 0 in the west", "not on the tile map"),
    "lat": _number("latitude of a point inside, degrees north", "not given", SIGNED),
    "lon": _number("longitude of a point inside, degrees east", "not given", SIGNED),
})  # fmt: skip

TARGETS = _table("targets.csv", "one target and what it is a target of", {
    "id": _id(),
    "figure_id": _text(ID, N_('"{value}" is not an id of figures.csv'), "the row of figures.csv that holds the value"),
    "measure": _one_of(("ucj", "rpjmn_participation", "umkm_stock", "umkm_enrolment", "census_records",
                        "persons_protected"), "what is counted"),
    "denominator": _one_of(("workers_bpjs", "workforce_rpjmn", "umkm", "none", "unknown"), "what it is a share of"),
    "area": _free("area of the target"),
    "target_year": _text(YEAR, N_('"{value}" is not a year'), "year to be reached", "no year was stated"),
    "issuer": _free("who set it", "not stated"),
    "instrument": _free("the document that sets it", "none named"),
    "note": _note(),
})  # fmt: skip

SCENARIOS = _table("scenarios.csv", "part of a scenario: who pays for which share of a gap, or a path to a target", {
    "id": _id(),
    "scenario": _text(ID, N_('the id "{value}" must be of a-z, 0-9 and single hyphens'),
                      "the scenario that the row is a part of"),
    "payer": _one_of(("apbn_apbd", "self"), "who pays the contributions"),
    "sector": _one_of(COSTED_SECTORS, "whose: everybody (at the dearer tariff), transport, or all others"),
    "measure": _one_of(COSTED_MEASURES, "which owners of the gap"),
    "share_percent": _number("share of these owners, percent", "a path to a target"),
    "months_n": _whole("contribution months that are paid, counted after the reference month", "a path to a target"),
    "target_percent": _number("share of the owners in scope that is to be active, percent", "a share of the gap"),
    "until": _period("month at whose end the target is to be reached", "a share of the gap"),
    "lapse_percent": _number("active owners who lapse each month, percent", "a share of the gap: nobody lapses"),
    "is_assumption": _yes_no("whether the row assumes what nobody has counted"),
    "assumes": _free("what it assumes"),
    "source": _free("who set it"),
    "note": _note(),
})  # fmt: skip

HAZARD = _table("hazard.csv", "one sector of the UMKM register and its risk group", {
    "id": _id(),
    "sector": _unique(_one_of(registers.SECTORS, "sector of the UMKM register")),
    "class_low": _whole("lowest risk group of its businesses, 1 very low to 5 very high", "unknown, never the lowest"),
    "class_high": _whole("highest risk group of its businesses", "unknown, never the lowest"),
    "basis": _free("which businesses of the sector stand in which group"),
    "legal_source": _text(ANY_TEXT, NO_LEGAL_SOURCE, "the rule that sets the groups"),
    **_source(),
    "url": _address(),
    "status": _status(),
    "note": _note(),
})  # fmt: skip

PRIORITIES = _table("priorities.csv", "one criterion by which owners are enrolled first, and its weight", {
    "id": _id(),
    "criterion": _unique(_one_of(CRITERIA, "the criterion")),
    "weight": _whole("its weight beside the others"),
    "why": _free("why it counts"),
    "source": _free("who set the weight"),
})  # fmt: skip
