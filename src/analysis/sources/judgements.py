"""The only place that reads reviews that came back, and for the words in which a reviewer answers.

A reviewer fills in a copy of the workbook: name and day once, on the sheet of notes, and an answer for each pair of
rows. Headings and answers are fixed in both languages, so that a file made by an earlier release can still be read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from analysis import N_, ContractError, Fault
from analysis.contracts.registers import REVIEW_ANSWERS
from analysis.sources import periods, returned
from analysis.sources.keys import Key
from analysis.sources.returned import Field, Row, Sheets, named

SHEET = {"id": "Telaah", "en": "Review"}
HEADINGS: Mapping[str, Mapping[str, str]] = {
    "question_id": {"id": "ID pertanyaan", "en": "Question ID"},
    "answer": {"id": "Jawaban", "en": "Answer"},
    "code": {"id": "Kode pertanyaan", "en": "Question code"},
}
REVIEWER: Mapping[str, str] = {"id": "Nama penelaah", "en": "Name of the reviewer"}
DAY: Mapping[str, str] = {"id": "Tanggal telaah", "en": "Day of the review"}
WORDS: Mapping[str, Mapping[str, str]] = {
    "same": {"id": "sama", "en": "same"},
    "other": {"id": "lain", "en": "other"},
    "unknown": {"id": "tidak dapat dipastikan", "en": "cannot tell"},
}
LONGEST = 100
"""Signs of a reviewer's name."""
NO_LIST = N_("no sheet of a review was found; its headings are: {headings}")
CURE = N_("Correct what is named above and hand in all files again; none of the answers was taken.")


@dataclass(frozen=True)
class _File:
    """One returned review: its answered rows, and what stands beside the labels for reviewer and day."""

    name: str
    rows: Sequence[Row]
    reviewer: Field | None
    day: Field | None


def code(question_id: str, key: Key) -> str:
    """What stands at the other end of a question's line: 16 hex digits that tell whether its cells were moved."""
    return key.mac(f"review code|{question_id}")[:16]


def read(files: Sequence[Path], questions: Collection[str], key: Key, today: date | None = None) -> pd.DataFrame:
    """The answers in all `files` (contract REVIEW_ANSWERS); lines without an answer give none.

    `questions`: ids of the edition's review; `key`: the one they were made with. Of the answers of one reviewer to one
    question the newest is told. Raises ContractError with all faults of all files; what was written is never told.
    """
    today = today or periods.today_in_palu()
    told, faults = _files(files)
    known = frozenset(questions)
    for file in told:
        faults += _faults_of_rows(file, known, key)
        faults += _faults_of_notes(file, today)
    faults = faults or [*_contradictions(told)]
    if faults:
        raise ContractError(N_("the returned reviews"), faults, CURE)
    return joined(_empty(), _table([one for file in told for one in _answers(file)]))


def joined(known: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    """Answers known before and those that came, contract REVIEW_ANSWERS: of each reviewer and question the newest, of
    the same day the one that came last. A name that differs in capitals only is the same reviewer, as first written.
    """
    both = pd.concat([known, more], ignore_index=True)
    person = both["reviewer"].str.casefold()
    both["reviewer"] = both["reviewer"].groupby(person).transform("first")
    newest = both.sort_values("answered_date", kind="stable").drop_duplicates(["question_id", "reviewer"], keep="last")
    return newest.sort_values(list(REVIEW_ANSWERS.key), ignore_index=True)


def _empty() -> pd.DataFrame:
    return _table([])


def _table(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    kinds = {name: "datetime64[s]" if one.kind == "day" else "str" for name, one in REVIEW_ANSWERS.columns.items()}
    return pd.DataFrame(rows, columns=list(REVIEW_ANSWERS.columns)).astype(kinds)


# files ----------------------------------------------------------------------------------------------------------


def _files(files: Sequence[Path]) -> tuple[list[_File], list[Fault]]:
    """The returned reviews that can be read, and the faults of the others."""
    opened = returned.opened(files)
    told: list[_File] = []
    faults: list[Fault] = []
    for path, sheets in zip(files, opened, strict=True):
        rows, own = returned.listed([path], [sheets], HEADINGS, NO_LIST)
        faults += own
        if not own and not isinstance(sheets, ContractError):
            told.append(_file(path, rows, sheets))
    return told, faults


def _file(path: Path, rows: Sequence[Row], sheets: Sheets) -> _File:
    answered = [row for row in rows if row.cells["answer"]]
    return _File(path.name, answered, returned.field(path, sheets, REVIEWER), returned.field(path, sheets, DAY))


def _answers(file: _File) -> Iterator[tuple[str, str, str | None, date | None]]:
    if file.rows and file.reviewer and file.day:
        for row in file.rows:
            yield (row.cells["question_id"], file.reviewer.text, named(row.cells["answer"], WORDS),
                   returned.day(file.day.text))  # fmt: skip


# checks ---------------------------------------------------------------------------------------------------------


def _faults_of_rows(file: _File, known: frozenset[str], key: Key) -> Iterator[Fault]:
    """A file none of whose answers is to a question of this review is told once, and not line by line."""
    if file.rows and not any(row.cells["question_id"] in known for row in file.rows):
        message = N_("none of its questions is of this edition's review: it is from another edition or an earlier draw")
        yield Fault(message, values={"file": file.name})
        return
    for row in file.rows:
        question_id = row.cells["question_id"]
        if not re.fullmatch("[0-9a-f]{16}", question_id):
            yield row.fault(N_("the ID of the question is missing or was changed"), "question_id")
        elif question_id not in known:
            yield row.fault(N_("this edition's review has no such question"), "question_id")
        elif row.cells["code"] != code(question_id, key):
            yield row.fault(N_("the code does not belong to this question: a cell was moved or changed"), "code")
        if named(row.cells["answer"], WORDS) is None:
            allowed = ", ".join(forms["id"] for forms in WORDS.values())
            yield row.fault(N_("the answer is none of: {allowed}"), "answer", allowed=allowed)


def _faults_of_notes(file: _File, today: date) -> Iterator[Fault]:
    """What is wrong with name and day; a file without an answer needs neither."""
    if not file.rows:
        return
    for field, label in ((file.reviewer, REVIEWER), (file.day, DAY)):
        if field is None or not field.text:
            yield Fault(N_('beside "{label}" nothing is written'), values={"file": file.name, "label": label["id"]})
    if file.reviewer and (len(file.reviewer.text) > LONGEST or not file.reviewer.text.isprintable()):
        yield file.reviewer.fault(N_("must be at most {n} visible signs"), n=LONGEST)
    if file.day and file.day.text:
        day = returned.day(file.day.text)
        if day is None:
            yield file.day.fault(N_("is no date such as 22/11/2026"))
        elif day > today:
            yield file.day.fault(N_("the day of the answer lies after today ({today})"), today=today.isoformat())


def _contradictions(files: Sequence[_File]) -> Iterator[Fault]:
    """Questions to which one reviewer gives two answers on one day."""
    first: dict[tuple[str, str, date | None], tuple[str | None, Row]] = {}
    for file in files:
        for row, (question_id, reviewer, answer, day) in zip(file.rows, _answers(file), strict=True):
            said, other = first.setdefault((question_id, reviewer.casefold(), day), (answer, row))
            if said != answer:
                message = N_("another answer of this reviewer on the same day stands in {other}, row {other_row}")
                yield row.fault(message, "answer", other=other.file, other_row=other.number)
