"""The only place that reads work-lists that came back, and for the words in which they are answered.

Headings and answers are fixed in both languages: files made by an earlier release must still be read. Nothing that
somebody wrote into a list is repeated in a message.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from analysis import N_, ContractError, Fault
from analysis.contracts.registers import CORRECTIONS
from analysis.sources import periods, returned
from analysis.sources.keys import Key
from analysis.sources.returned import Row, named

SHEET = {"id": "Daftar", "en": "List"}
HEADINGS: Mapping[str, Mapping[str, str]] = {
    "finding_id": {"id": "ID temuan", "en": "Finding ID"},
    "answer": {"id": "Jawaban", "en": "Answer"},
    "new_value": {"id": "Isi baru", "en": "New value"},
    "answered_by": {"id": "Petugas", "en": "Officer"},
    "answered_date": {"id": "Tanggal", "en": "Date"},
    "value_hash": {"id": "Kode nilai", "en": "Value code"},
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "corrected": {"id": "diperbaiki", "en": "corrected"},
    "confirmed": {"id": "sudah benar", "en": "already right"},
    "unknown": {"id": "belum diketahui", "en": "not known"},
}
CORRECTED, CONFIRMED, UNKNOWN = WORDS
LONGEST = {"new_value": 500, "answered_by": 100}
CURE = N_("Correct what is named above and hand in all files again; none of the answers was taken.")
NO_LIST = N_("no sheet of a work-list was found; its headings are: {headings}")


@dataclass(frozen=True)
class Asked:
    """What can be answered: register, rule and field by finding and value code, and the ids of all findings."""

    questions: Mapping[tuple[str, str], tuple[str, str, str]]
    ids: frozenset[str]


def read(files: Sequence[Path], findings: pd.DataFrame, key: Key, known: pd.DataFrame | None = None,
         today: date | None = None) -> pd.DataFrame:  # fmt: skip
    """The answers in all `files`, state `declared` (contract CORRECTIONS); rows without an answer give none.

    `findings`: contract FINDINGS; `key`: the one their hashes were made with; `known`: corrections declared before
    (contract CORRECTIONS), whose findings may be gone since. Raises ContractError with all faults of all files, by
    file, sheet, row and heading; what was written there is never told.
    """
    today = today or periods.today_in_palu()
    rows, faults = _rows(files)
    answered = [row for row in rows if any(row.cells[name] for name in ("answer", "new_value"))]
    asked = _asked(findings, known)
    for row in answered:
        faults += _faults(row, asked, key, today)
    faults += _contradictions(answered)
    if faults:
        raise ContractError(N_("the returned work-lists"), faults, CURE)
    return _corrections(answered, asked)


def unanswered_n(files: Sequence[Path]) -> int:
    """How many rows of the lists have no answer yet; files that cannot be read count nothing."""
    return sum(not row.cells["answer"] for row in _rows(files)[0])


# rows -----------------------------------------------------------------------------------------------------------


def _rows(files: Sequence[Path]) -> tuple[list[Row], list[Fault]]:
    """The rows below the headings of every list in the files, and the files that hold none or cannot be read."""
    return returned.rows(files, HEADINGS, NO_LIST)


# checks ---------------------------------------------------------------------------------------------------------


def _asked(findings: pd.DataFrame, known: pd.DataFrame | None) -> Asked:
    columns = ["finding_id", "value_hash", "register", "rule_id", "field"]
    tables = [findings[columns]]
    if known is not None:
        tables.append(known.rename(columns={"expected_hash": "value_hash"})[columns])
    both = pd.concat(tables, ignore_index=True)
    names = zip(*(both[name] for name in columns[2:]), strict=True)
    return Asked(dict(zip(zip(both["finding_id"], both["value_hash"], strict=True), names, strict=True)),
                 frozenset(both["finding_id"]))  # fmt: skip


def _faults(row: Row, asked: Asked, key: Key, today: date) -> Iterator[Fault]:
    yield from _faults_of_finding(row, asked)
    answer = named(row.cells["answer"], WORDS)
    if not row.cells["answer"]:
        yield row.fault(N_("there is a new value and no answer"), "answer")
    elif answer is None:
        allowed = ", ".join(forms["id"] for forms in WORDS.values())
        yield row.fault(N_("the answer is none of: {allowed}"), "answer", allowed=allowed)
    elif answer == CORRECTED and not row.cells["new_value"]:
        yield row.fault(N_("the answer says that the value was corrected, and the new value is missing"), "new_value")
    elif answer != CORRECTED and row.cells["new_value"]:
        yield row.fault(N_("there is a new value, and the answer does not say that it was corrected"), "new_value")
    elif answer == CORRECTED and _is_old(row, asked, key):
        yield row.fault(N_("the new value is the one that stood there before"), "new_value")
    for name, most in LONGEST.items():
        if len(row.cells[name]) > most or not row.cells[name].isprintable():
            yield row.fault(N_("must be at most {n} visible signs"), name, n=most)
    if row.cells["answer"]:
        yield from _faults_of_officer(row, today)


def _faults_of_finding(row: Row, asked: Asked) -> Iterator[Fault]:
    finding_id, code = row.cells["finding_id"], row.cells["value_hash"]
    if not re.fullmatch("[0-9a-f]{16}", finding_id):
        yield row.fault(N_("the ID of the finding is missing or was changed"), "finding_id")
    elif finding_id not in asked.ids:
        yield row.fault(N_("this edition has no such finding; is the list from another one?"), "finding_id")
    elif (finding_id, code) not in asked.questions:
        message = N_("the code does not belong to this finding: a cell was moved or changed, or the data are newer")
        yield row.fault(message, "value_hash")


def _is_old(row: Row, asked: Asked, key: Key) -> bool:
    """Whether the new value has the hash of the delivered one (the form of `cleaning.findings.value_hash`)."""
    *_, field = asked.questions.get((row.cells["finding_id"], row.cells["value_hash"]), ("",))
    return key.mac(f"cell|{field}|{row.cells['new_value']}")[:16] == row.cells["value_hash"]


def _faults_of_officer(row: Row, today: date) -> Iterator[Fault]:
    if not row.cells["answered_by"]:
        yield row.fault(N_("who answered is missing"), "answered_by")
    if not row.cells["answered_date"]:
        yield row.fault(N_("the day of the answer is missing"), "answered_date")
    elif (day := returned.day(row.cells["answered_date"])) is None:
        yield row.fault(N_("is no date such as 22/11/2026"), "answered_date")
    elif day > today:
        yield row.fault(N_("the day of the answer lies after today ({today})"), "answered_date",
                        today=today.isoformat())  # fmt: skip


def _contradictions(rows: Sequence[Row]) -> Iterator[Fault]:
    """Findings that are answered more than once, and not alike."""
    of_finding: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        of_finding[row.cells["finding_id"]].append(row)
    for several in of_finding.values():
        first = several[0]
        for row in several[1:]:
            if _said(row) != _said(first) and re.fullmatch("[0-9a-f]{16}", row.cells["finding_id"]):
                yield row.fault(N_("another answer to this finding stands in {other}, row {other_row}"), "answer",
                                other=first.file, other_row=first.number)  # fmt: skip


def _said(row: Row) -> tuple[str | None, str]:
    return named(row.cells["answer"], WORDS), row.cells["new_value"]


def _corrections(rows: Sequence[Row], asked: Asked) -> pd.DataFrame:
    """One correction for each finding; of the same answer given twice the later one."""
    made: dict[str, dict[str, object]] = {}
    for row in sorted(rows, key=lambda row: returned.day(row.cells["answered_date"]) or date.min):
        code = row.cells["value_hash"]
        register, rule_id, field = asked.questions[row.cells["finding_id"], code]
        made[row.cells["finding_id"]] = {
            "finding_id": row.cells["finding_id"], "register": register, "rule_id": rule_id,
            "field": field, "expected_hash": code, "answer": named(row.cells["answer"], WORDS),
            "new_value": row.cells["new_value"] or None, "answered_by": row.cells["answered_by"],
            "answered_date": returned.day(row.cells["answered_date"]), "state": "declared",
        }  # fmt: skip
    kinds = {name: "datetime64[s]" if column.kind == "day" else "str" for name, column in CORRECTIONS.columns.items()}
    table = pd.DataFrame(made.values(), columns=list(CORRECTIONS.columns)).astype(kinds)
    return table.sort_values(list(CORRECTIONS.key), ignore_index=True)
