"""The only place for the columns of every table about persons: what a delivery may hold, what the stages make of it.

Tables below `data/processed/<edition>/protected` are typed (Parquet); each has a key by which it is sorted. A column
that may be empty says what empty means. Source of the outer names: the project's contract for deliveries
(docs/reference/deliveries.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

UMKM, JAMSOSTEK, RENTAN = "umkm", "jamsostek", "pekerja_rentan"
DELIVERED: Mapping[str, tuple[str, ...]] = {
    UMKM: (
        *("nik", "owner_name", "business_name", "nib", "sex", "birth_place", "birth_date", "address", "rt_rw"),
        *("kelurahan", "kecamatan", "phone", "sector", "kbli", "scale", "revenue_idr", "workers_n", "census_date"),
    ),
    JAMSOSTEK: (
        *("kpj", "nik", "name", "sex", "birth_date", "address", "kelurahan", "kecamatan", "phone", "segment"),
        *("program", "member_date", "last_contribution_month", "status", "funding"),
    ),
    RENTAN: ("nik", "name", "birth_date", "kelurahan", "kecamatan", "group"),
}
"""Our columns of each register, in the order in which they are written."""
PERSON_NAME = {UMKM: "owner_name", JAMSOSTEK: "name", RENTAN: "name"}
REQUIRED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    UMKM: (("owner_name",), ("nik", "birth_date")),
    JAMSOSTEK: (("name",), ("nik", "birth_date"), ("last_contribution_month", "status")),
    RENTAN: (("name",), ("nik", "birth_date")),
}
"""Of each group at least one column must be there."""

NIK_STATES = ("valid", "missing", "malformed", "placeholder", "damaged", "kk")
DATE_PRECISIONS = ("day", "swapped", "month", "year", "placeholder", "unreadable", "missing")
PLACE_STATES = ("agreed", "kelurahan", "kecamatan", "contradicting", "outside", "unknown", "missing")
SEXES = ("male", "female", "unknown")
SECTORS = (
    *("agriculture", "fishing", "manufacturing", "construction", "trade", "transport"),
    *("food_lodging", "crafts", "services", "other", "unknown"),
)
SCALES = ("micro", "small", "medium", "unknown")
SEGMENTS = ("pu", "bpu", "jakon", "pmi", "unknown")
STATUSES = ("active", "arrears", "inactive", "deceased", "unknown")
APBD = "apbd"
FUNDINGS = (APBD, "self", "employer", "other", "unknown")
SEVERITIES = ("high", "medium", "low", "fact")
FIXERS = ("kelurahan", "dinas", "bpjs", "dukcapil")
ANSWERS = ("corrected", "confirmed", "unknown")
CORRECTION_STATES = ("declared", "applied", "confirmed", "undecided", "changed", "settled")
LINK_RULES = ("nik", "nik15", "name_birth", "probabilistic", "reviewed")
NOT_ELIGIBLE, ACTIVE, LAPSED, UNRESOLVED, UNREGISTERED = (
    "not_eligible", "active", "lapsed", "unresolved", "unregistered",
)  # fmt: skip
COVERAGE = (NOT_ELIGIBLE, ACTIVE, LAPSED, UNRESOLVED, UNREGISTERED)
"""The status of an owner; of several that hold the first."""
CAUSES = ("paid", "ended", "no_month", "deceased", "age", "doubtful", "not_found", "quarantined")
"""Why an owner has his status."""
ABSENT = "absent"
"""Stands for the status of an owner who is not in that edition."""
STAYED, MOVED, LISTED, UNLISTED, DIED, AGED, CAME_OF_AGE, ENROLLED, RETURNED, CORRECTED = (
    *("stayed", "moved", "listed", "unlisted", "died", "aged", "came_of_age", "enrolled", "returned", "corrected"),
)
FLOW_KINDS = (STAYED, MOVED, LISTED, UNLISTED, DIED, AGED, CAME_OF_AGE, ENROLLED, LAPSED, RETURNED, CORRECTED)
"""What became of an owner between two editions; `lapsed` is the step and the status alike."""
AGE_BANDS = ("under-17", "17-24", "25-34", "35-44", "45-54", "55-64", "65+", "unknown")
QUARANTINE_REASONS = ("no_identity", "misaligned")
CELL_OUTCOMES = ("told", "few", "audited")
"""What became of a count at the gate."""
STRATA = ("linked_surely", "linked_weakly", "open", "not_linked", "set_aside")
"""Into what the owners of an edition are divided before some are drawn for a review."""
JUDGEMENTS = ("same", "other", "unknown")
"""What a reviewer may say of two rows: one person, two persons, cannot be told."""
KINDS = {
    "text": pa.string(),
    "whole": pa.int64(),
    "decimal": pa.float64(),
    "day": pa.date32(),
    "flag": pa.bool_(),
}


@dataclass(frozen=True)
class Column:
    """One column: its kind (a key of KINDS), what it holds, what empty means (None: never empty), closed list, form."""

    kind: str
    about: str
    empty: str | None = None
    allowed: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True, eq=False)
class Table:
    """A table below protected/: its file's name without ending, what one row is, its columns and its key."""

    name: str
    one_row: str
    columns: Mapping[str, Column]
    key: tuple[str, ...]

    @property
    def schema(self) -> pa.Schema:
        """The explicit Parquet schema: an empty column keeps its type."""
        return pa.schema([
            pa.field(name, KINDS[column.kind], nullable=column.empty is not None)
            for name, column in self.columns.items()
        ])  # fmt: skip


NOT_STATED = "not stated, or not readable"
KEY = ("source_sheet", "source_row")
_SOURCE = {
    "source_sheet": Column("text", "name of the sheet; '' for CSV and Parquet"),
    "source_row": Column("whole", "row in the sheet, record in the CSV, data row in the Parquet file; from 1"),
}


def _text(about: str, empty: str | None = NOT_STATED, allowed: tuple[str, ...] = (), pattern: str = "") -> Column:
    return Column("text", about, empty, allowed, pattern)


def _one_of(allowed: tuple[str, ...], about: str) -> Column:
    return Column("text", about, None, allowed)


def _identity() -> dict[str, Column]:
    return {
        "nik": _text("the NIK, 16 digits of sound structure; never a damaged one", pattern="[0-9]{16}"),
        "nik_prefix": _text("leading digits that survived damage (15 of a rounded NIK, 6 of 7.27101E+15)",
                            "the NIK is whole, or nothing of it is left", pattern="[0-9]{2,15}"),
        "nik_state": _one_of(NIK_STATES, "what is known of the NIK"),
        "name": _text("person's name in capitals, without titles, spelt in one way", "none was written"),
        "is_deceased": Column("flag", "whether the name is marked (alm) or the like"),
    }  # fmt: skip


def _birth() -> dict[str, Column]:
    return {
        "birth_date": Column("day", "birth date; where a swapped day and month was put right by the NIK, the right one",
                             "missing, unreadable, a placeholder, or known to the month or year only"),
        "birth_date_precision": _one_of(DATE_PRECISIONS, "how the birth date was written"),
        "birth_year": Column("whole", "year of birth", NOT_STATED),
    }  # fmt: skip


def _place() -> dict[str, Column]:
    return {
        "kelurahan_code": _text("code in regions.csv", "unknown, or outside Palu",
                                pattern=r"72\.71\.[0-9]{2}\.[0-9]{4}"),
        "kecamatan_code": _text("code in regions.csv", "unknown or outside Palu", pattern=r"72\.71\.[0-9]{2}"),
        "place_state": _one_of(PLACE_STATES, "how kelurahan and kecamatan fit together"),
    }  # fmt: skip


def _contact() -> dict[str, Column]:
    return {
        "address": _text("street address in capitals, abbreviations spelt in one way"),
        "phone": _text("first phone number, 62 in front", pattern="62[0-9]{7,13}"),
        "phone_2": _text("second phone number of the same cell", "there is no second", pattern="62[0-9]{7,13}"),
    }


def _as_written(register: str) -> dict[str, Column]:
    empty = "the cell is blank, or the delivery has no such column"
    return {f"{name}_as_written": _text(f"the delivered cell of {name}", empty) for name in DELIVERED[register]}


_SEX = {"sex": _one_of(SEXES, "sex as written")}

CLEANED = {
    UMKM: Table("umkm", "one data row of the UMKM register that was kept", {
        **_SOURCE, **_identity(), **_SEX, **_birth(), **_place(), **_contact(),
        "business_name": _text("name of the business in capitals", "none was written"),
        "nib": _text("business number", pattern="[0-9]{13}"),
        "rt_rw": _text("neighbourhood numbers as 001/002", pattern="[0-9]{3}/[0-9]{3}"),
        "sector": _one_of(SECTORS, "sector, from KBLI digits first, else from the text"),
        "kbli": _text("KBLI digits", pattern="[0-9]{2,5}"),
        "scale": _one_of(SCALES, "scale as written, else by yearly revenue (PP 7/2021)"),
        "revenue_idr": Column("whole", "yearly revenue, rupiah", NOT_STATED),
        "workers_n": Column("whole", "workers, persons", NOT_STATED),
        "census_date": Column("day", "day on which the business was recorded", NOT_STATED),
        **_as_written(UMKM),
    }, KEY),
    JAMSOSTEK: Table("participants", "one data row of the participant register that was kept", {
        **_SOURCE, "kpj": _text("participant number", pattern="[0-9]{11}"),
        **_identity(), **_SEX, **_birth(), **_place(), **_contact(),
        "segment": _one_of(SEGMENTS, "segment of participants"),
        "program": _text("programmes, joined by +"),
        "member_date": Column("day", "first day of membership", NOT_STATED),
        "last_contribution_month": _text("last month that was paid, YYYY-MM", pattern="[0-9]{4}-(0[1-9]|1[0-2])"),
        "status": _one_of(STATUSES, "status as the register words it"),
        "funding": _one_of(FUNDINGS, "who pays the contribution"),
        **_as_written(JAMSOSTEK),
    }, KEY),
    RENTAN: Table("vulnerable", "one data row of the list of vulnerable workers that was kept", {
        **_SOURCE, **_identity(), **_birth(), **_place(),
        "group": _text("group of workers as written"),
        **_as_written(RENTAN),
    }, KEY),
}  # fmt: skip
"""The cleaned table of each register."""

QUARANTINE = Table("quarantine", "one data row that cannot be used", {
    "register": _one_of(tuple(DELIVERED), "register"),
    **_SOURCE,
    "reasons": _text("reason codes, separated by a blank", None),
}, ("register", *KEY))  # fmt: skip

FINDINGS = Table("findings", "one fault or fact found in one row", {
    "finding_id": _text("stable name: the same next month, carries no row number", None, pattern="[0-9a-f]{16}"),
    "register": _one_of(tuple(DELIVERED), "register"),
    **_SOURCE,
    "rule_id": _text("rule of the rule table", None, pattern="[a-z0-9_]+"),
    "severity": _one_of(SEVERITIES, "how much it matters; fact: nothing to put right"),
    "fixer": _one_of(FIXERS, "who can put it right"),
    "field": _text("our column that holds what is to be checked", None, pattern="[a-z_]+"),
    "reason": _text("plain reason, Indonesian", None),
    "action": _text("suggested action, Indonesian", None),
    "kelurahan_code": _text("code in regions.csv", "unknown or outside Palu"),
    "kecamatan_code": _text("code in regions.csv", "unknown or outside Palu"),
    "value_hash": _text("keyed hash of the delivered cell: an answer applies while it is the same", None,
                        pattern="[0-9a-f]{16}"),
}, ("register", *KEY, "rule_id", "finding_id"))  # fmt: skip

CORRECTIONS = Table("corrections", "one answer that came back from a work-list", {
    "finding_id": _text("the finding it answers", None, pattern="[0-9a-f]{16}"),
    "register": _one_of(tuple(DELIVERED), "register"),
    "rule_id": _text("rule of the finding", None, pattern="[a-z0-9_]+"),
    "field": _text("our column that it corrects", None, pattern="[a-z_]+"),
    "expected_hash": _text("keyed hash of the value that was answered", None, pattern="[0-9a-f]{16}"),
    "answer": _one_of(ANSWERS, "corrected (with a new value), confirmed as written, or not known"),
    "new_value": _text("the new cell, as written by who answered", "nothing to change"),
    "answered_by": _text("office or officer who answered", None),
    "answered_date": Column("day", "day of the answer"),
    "state": _one_of(CORRECTION_STATES, "what the last run did with it"),
}, ("finding_id", "answered_date", "answer"))  # fmt: skip


# who is who ---------------------------------------------------------------------------------------------------


def _row_of(prefix: str) -> dict[str, Column]:
    return {f"{prefix}_{name}": column for name, column in _SOURCE.items()}


def _rows_of_a_pair() -> dict[str, Column]:
    told: dict[str, Column] = {}
    for side in ("left", "right"):
        told |= {f"{side}_register": _one_of(tuple(DELIVERED), "register"), **_row_of(side)}
    return told


_AREA = {
    "kecamatan_code": _text("code in regions.csv", "unknown or outside Palu", pattern=r"72\.71\.[0-9]{2}"),
    "kelurahan_code": _text("code in regions.csv", "unknown or outside Palu",
                            pattern=r"72\.71\.[0-9]{2}\.[0-9]{4}"),
}  # fmt: skip
_OWNER_ID = _text("keyed pseudonym of the owner, the same for all his rows", None, pattern="[0-9a-f]{16}")
_CHANCE = Column("decimal", "probability that the owner is a participant, 0 to 1")

LINKS = Table("links", "one UMKM row and one participant row of the same person", {
    **_row_of("umkm"), **_row_of("participant"),
    "match_probability": Column("decimal", "probability of one person, 0 to 1, six decimals"),
    "rule": _one_of(LINK_RULES, "what joined the two rows"),
}, ("umkm_source_sheet", "umkm_source_row", "participant_source_sheet", "participant_source_row"))  # fmt: skip

STATUS = Table("status", "one data row of the UMKM register, quarantined ones too", {
    **_row_of("umkm"),
    "owner_id": _OWNER_ID,
    "status": _one_of(COVERAGE, "status of the owner: the first that holds, in this order"),
    "probability_enrolled": _CHANCE,
    **_AREA,
    "sector": _one_of(SECTORS, "sector of the row"),
}, ("umkm_source_sheet", "umkm_source_row"))  # fmt: skip

OWNERS = Table("owners", "one owner, counted where his first row by key stands", {
    "owner_id": _OWNER_ID,
    **_row_of("umkm"),
    "status": _one_of(COVERAGE, "status, the first that holds"),
    "cause": _one_of(CAUSES, "why he has it"),
    "probability_enrolled": _CHANCE,
    **_AREA,
    "sector": _one_of(SECTORS, "sector of the first row"),
    "sex": _one_of(SEXES, "sex, as most of his rows have it"),
    "age_band": _one_of(AGE_BANDS, "full years at the reference date, by the birth date that most of his rows have"),
    "scale": _one_of(SCALES, "scale of the first row"),
    "rows_n": Column("whole", "rows of the UMKM register"),
    "businesses_n": Column("whole", "distinct businesses"),
    "person": Column("whole", "number of his person in persons.parquet; below 0: a quarantined row"),
    "is_vulnerable": Column("flag", "whether he stands in the list of vulnerable workers too"),
}, ("owner_id",))  # fmt: skip

FLOWS = Table("flows", "one owner of the edition before or of this one, and what became of him", {
    "owner_id_before": _text("his pseudonym in the edition before", "he was not listed", pattern="[0-9a-f]{16}"),
    "owner_id_after": _text("his pseudonym in this edition", "he is not listed any more", pattern="[0-9a-f]{16}"),
    "status_before": _one_of((*COVERAGE, ABSENT), "his status in the edition before"),
    "status_after": _one_of((*COVERAGE, ABSENT), "his status in this edition"),
    "kind": _one_of(FLOW_KINDS, "what became of him; corrected: only what is known of him changed"),
    **{f"{name}_{side}": replace(column, empty="unknown, outside Palu, or he is not in that edition")
       for side in ("before", "after") for name, column in _AREA.items()},
    "sector": _one_of(SECTORS, "sector in this edition, else in the one before"),
    "is_identity_corrected": Column("flag", "whether NIK, name or birth date by which he is known were put right"),
}, ("owner_id_before", "owner_id_after"))  # fmt: skip

_CELLS = {
    "table": _text("released table in which it counts", None, pattern="[a-z_]+"),
    "area_code": _text("area: the city, a kecamatan or a kelurahan", None, pattern=r"72\.71(\.[0-9]{2}(\.[0-9]{4})?)?"),
    "level": _one_of(("city", "kecamatan", "kelurahan"), "level of the area"),
    "dimension": _text("how the whole is divided", None),
    "category": _text("which part of it", None),
    "measure": _text("what is counted", None),
    "value": Column("whole", "the true count"),
    "outcome": _one_of(CELL_OUTCOMES, "told: released, rounded; few: withheld, its partition is under 20 after"
                       " rounding; audited: withheld by the audit, because it would tell small counts"),
}  # fmt: skip
CELLS = Table("cells", "one true count behind a released cell: the audit of the next edition protects it too", _CELLS,
              ("table", "area_code", "dimension", "category", "measure"))  # fmt: skip
EVALUATION_CELLS = Table("evaluation_cells", "the same behind the evaluation of the registers", _CELLS, CELLS.key)

PERSONS = Table("persons", "one kept row of any register, and whose it is", {
    "register": _one_of(tuple(DELIVERED), "register"),
    **_SOURCE,
    "person": Column("whole", "number that all rows of one person share, in this edition only"),
}, ("register", *KEY))  # fmt: skip

CANDIDATES = Table("candidates", "two rows that could be of one person", {
    **_rows_of_a_pair(),
    "probability": Column("decimal", "probability of one person, 0 to 1, six decimals"),
    **{name: _text(f"how the two compare in {name}: a level of linking.comparisons", None, pattern="[a-z0-9_]+")
       for name in ("identity", "name", "contact", "place")},
    "name_share": Column("decimal", "share of the rows that have the shared name",
                         "the level of the name is none of chance"),
}, tuple(_rows_of_a_pair()))  # fmt: skip

LINKAGE_FINDINGS = Table("linkage_findings", "one finding about who is who, as the linkage judges it",
                         FINDINGS.columns, FINDINGS.key)  # fmt: skip


# what people say of it ----------------------------------------------------------------------------------------

REVIEW_SAMPLE = Table("review_sample", "one owner who was drawn for the review", {
    "owner_id": _OWNER_ID,
    "stratum": _one_of(STRATA, "part of the owners from which he was drawn"),
    "question": Column("whole", "his number in the workbook, from 1"),
    "seed": Column("whole", "seed of the draw"),
    "drawn_from": _text("hash of all owners and their strata at the time of the draw", None, pattern="[0-9a-f]{16}"),
}, ("owner_id",))  # fmt: skip

REVIEW_PAIRS = Table("review_pairs", "one row that is laid beside the first UMKM row of an owner in the review", {
    "question_id": _text("keyed name of the two rows in this delivery: the same in every review of it", None,
                         pattern="[0-9a-f]{16}"),
    "owner_id": _OWNER_ID,
    "register": _one_of(tuple(DELIVERED), "register of the row"),
    **_SOURCE,
    "person": Column("whole", "number of the row's person in persons.parquet"),
}, ("question_id",))  # fmt: skip

REVIEW_ANSWERS = Table("review_answers", "what one reviewer says of one pair", {
    "question_id": _text("the pair", None, pattern="[0-9a-f]{16}"),
    "reviewer": _text("who says it, as the file has it", None),
    "answer": _one_of(JUDGEMENTS, "whether the two rows are of the same person, of another, or it cannot be told"),
    "answered_date": Column("day", "day of the answer; the newest holds"),
}, ("question_id", "reviewer"))  # fmt: skip

JUDGED = (QUARANTINE, FINDINGS, CORRECTIONS, EVALUATION_CELLS)
LINKED = (LINKS, STATUS, OWNERS, PERSONS, CANDIDATES, LINKAGE_FINDINGS)
MEASURED = (FLOWS, CELLS)
REVIEWED = (REVIEW_SAMPLE, REVIEW_PAIRS, REVIEW_ANSWERS)
PROTECTED = (*CLEANED.values(), *JUDGED, *LINKED, *MEASURED, *REVIEWED)
