"""The only place that writes work-lists: one workbook for each office, with the records that it alone can put right.

Every finding that needs an answer stands in exactly one list. Dinas, BPJS Ketenagakerjaan and Dukcapil have one each;
what a kelurahan can put right is divided by kelurahan, and what lies in none that is known goes into a list of its
own, which the Dinas hands out. A finding that is a mere fact is in none. A list shows of a person what its receiver
needs and no more (UU 27/2022), and every cell is text, so that nothing in it can be run as a formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import N_
from analysis.contracts.registers import KEY, PERSON_NAME
from analysis.presenting import names, workbooks
from analysis.presenting.wording import Wording
from analysis.presenting.workbooks import KELURAHAN, NOWHERE, heading
from analysis.sources import answers
from analysis.sources.delivery import Delivery

SHOWN: Mapping[str, tuple[str, ...]] = {
    KELURAHAN: ("name", "nik", "birth_date", "kelurahan", "kecamatan", "address", "phone"),
    "dinas": ("name", "nik", "birth_date", "kelurahan"),
    "bpjs": ("kpj", "name", "nik", "birth_date"),
    "dukcapil": ("name", "nik", "birth_date"),
}
"""What a receiver sees of a person: only a kelurahan has to find people, the others look records up."""
OWN_NAMES = re.compile(rf"(?:dinas|bpjs|dukcapil|{KELURAHAN}-(?:[0-9.]+|{NOWHERE}))(?:-sintetis)?\.xlsx")
WIDTHS = {"reason": 44, "action": 44, "name": 26, "address": 30, "nik": 19, "register": 18, "new_value": 24,
          "value": 24, "finding_id": 18, "value_hash": 18, "source_row": 8}  # fmt: skip
PURPOSE = N_("To check and put right the records in this list, and for nothing else.")
STEPS = (
    N_("1. In the sheet “{sheet}” choose one answer for each row: “{corrected}”, “{confirmed}” or “{unknown}”."),
    N_("2. Where the answer is “{corrected}”, and only there, write the right value under “{new_value}”."),
    N_("3. Write who checked it under “{answered_by}”, and under “{answered_date}” the day, such as 22/11/2026."),
    N_("4. Leave the other columns as they are, and a row without an answer blank. Return the file to its sender."),
)
OPEN = ("answer", "new_value", "answered_by", "answered_date")
"""The columns that the receiver fills."""
Cells = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Receiver:
    """Who gets a list: the fixer, and for a kelurahan its code, '' where the findings lie in none that is known."""

    fixer: str
    kelurahan_code: str = ""

    @property
    def file(self) -> str:
        """Name of the list's file, without mark and ending."""
        return f"{KELURAHAN}-{self.kelurahan_code or NOWHERE}" if self.fixer == KELURAHAN else self.fixer


def write(folder: Path, findings: pd.DataFrame, tables: Cells, raw: Cells, delivered: Delivery,
          regions: pd.DataFrame, say: Wording) -> list[Path]:  # fmt: skip
    """Write all lists into `folder` (0700, files 0600) and take away those of an earlier run; their paths, sorted.

    `findings`: contract FINDINGS; `tables`: cleaned tables by register, whose cells as written are shown; `raw`: the
    delivered tables, for rows in quarantine; `regions`: as `sources.regions.read` gives it. Same input, same bytes.
    """
    open_ones = _persons(findings[findings["severity"] != "fact"], tables, raw)
    written = {}
    for receiver, rows in _divided(open_ones):
        notes = _notes(receiver, rows, delivered, regions, say)
        written[f"{receiver.file}{delivered.mark}.xlsx"] = _workbook(receiver, rows, notes, delivered, say)
    return workbooks.replace(folder, OWN_NAMES, written)


# what stands in a list ------------------------------------------------------------------------------------------


def _persons(findings: pd.DataFrame, tables: Cells, raw: Cells) -> pd.DataFrame:
    """The findings with what is known of each person, and `value`: the delivered cell at fault. NA where blank."""
    parts = [_persons_of(name, own, tables, raw) for name, own in findings.groupby("register", sort=True)]
    return pd.concat(parts, ignore_index=True) if parts else findings.assign(value=pd.array([], dtype="str"))


def _persons_of(register: Any, own: pd.DataFrame, tables: Cells, raw: Cells) -> pd.DataFrame:
    cells = _as_written(tables[register], raw[register])
    wanted = sorted(
        {column for shown in SHOWN.values() for column in shown} | {*own["field"]} | {PERSON_NAME[register]}
    )
    at = pd.MultiIndex.from_frame(cells[list(KEY)]).get_indexer(pd.MultiIndex.from_frame(own[list(KEY)]))
    found = cells.reindex(columns=wanted).take(at).set_axis(own.index)
    value = pd.Series(pd.NA, index=own.index, dtype="str")
    for field in own["field"].unique():
        value = value.mask(own["field"] == field, found[field])
    persons = found.assign(name=found[PERSON_NAME[register]])[sorted({c for shown in SHOWN.values() for c in shown})]
    return own.join(persons).assign(value=value)


def _as_written(table: pd.DataFrame, raw: pd.DataFrame) -> pd.DataFrame:
    """Key and delivered cells of all data rows: those kept, in which answers have been applied, then the others."""
    ending = "_as_written"
    kept = table[[*KEY, *(name for name in table.columns if name.endswith(ending))]]
    kept = kept.rename(columns=lambda name: str(name).removesuffix(ending))
    return pd.concat([kept, raw], ignore_index=True).drop_duplicates(list(KEY))


def _divided(rows: pd.DataFrame) -> Iterator[tuple[Receiver, pd.DataFrame]]:
    """Each receiver with the own rows, in the order of the delivered files."""
    place = rows["kelurahan_code"].where(rows["fixer"] == KELURAHAN).fillna("")
    for (fixer, code), own in rows.groupby([rows["fixer"], place], sort=True):
        yield Receiver(str(fixer), str(code)), own.sort_values(["register", *KEY, "rule_id", "finding_id"])


def _notes(receiver: Receiver, rows: pd.DataFrame, delivered: Delivery, regions: pd.DataFrame,
           say: Wording) -> list[tuple[str, str]]:  # fmt: skip
    """What the first sheet says: label and text of each line."""
    fixed = {**answers.WORDS, **answers.HEADINGS, "sheet": answers.SHEET}
    words = {name: forms[say.language] for name, forms in fixed.items()}
    lines = workbooks.notes_of(delivered, [*rows["register"].unique()], _receiver_name(receiver, regions, say), PURPOSE,
                               say, lambda name: names.register(name, say))  # fmt: skip
    steps = [(N_("How to answer") if step == STEPS[0] else "", say.say(step, **words).plain) for step in STEPS]
    number = (N_("Number of findings"), say.grouped(len(rows)))
    return workbooks.told([*lines["head"], *lines["dates"], number, *lines["expiry"], *steps], say)


def _receiver_name(receiver: Receiver, regions: pd.DataFrame, say: Wording) -> str:
    if receiver.fixer != KELURAHAN:
        return names.fixer(receiver.fixer, say).plain
    if not receiver.kelurahan_code:
        dinas = names.fixer("dinas", say)
        return say.say("kelurahan not known; {office} hands the rows out", office=dinas).plain
    return workbooks.kelurahan_name(receiver.kelurahan_code, regions, say)


# the workbook ---------------------------------------------------------------------------------------------------


def _workbook(receiver: Receiver, rows: pd.DataFrame, notes: workbooks.Notes, delivered: Delivery,
              say: Wording) -> bytes:  # fmt: skip
    return workbooks.made(say.say("Work-list").plain, delivered.reference_date, notes,
                          lambda workbook: _write_list(workbook, receiver, rows, say), say)  # fmt: skip


def _write_list(workbook: Any, receiver: Receiver, rows: pd.DataFrame, say: Wording) -> None:
    columns = _columns(receiver, say)
    fields, registers = rows["field"].map(names.FIELDS), rows["register"]
    shown = rows.assign(register=registers.map(lambda name: names.register(name, say).plain),
                        field_name=fields.map(lambda name: say.say(name).plain))  # fmt: skip
    sheet = workbooks.write_table(workbook, answers.SHEET[say.language], columns, shown, WIDTHS, ("reason", "action"),
                                  OPEN)  # fmt: skip
    answer = list(columns).index("answer")
    sheet.data_validation(1, answer, max(1, len(rows)), answer, {
        "validate": "list", "source": [words[say.language] for words in answers.WORDS.values()],
        "error_title": columns["answer"], "error_message": say.say("Choose one of the three answers.").plain,
    })  # fmt: skip


def _columns(receiver: Receiver, say: Wording) -> dict[str, str]:
    """Columns of the list with their headings; those to be read again bear the fixed headings of `sources.answers`."""
    fixed = {name: heading[say.language] for name, heading in answers.HEADINGS.items()}
    found = {"register": N_("list"), "source_sheet": N_("sheet"), "source_row": N_("row"),
             "reason": N_("what is to be checked"), "action": N_("what to do")}  # fmt: skip
    person = {name: names.FIELDS[name] for name in SHOWN[receiver.fixer]}
    told = {**found, **person, "field_name": N_("column in question"), "value": N_("what stands there now")}
    headings = {name: heading(say.say(text).plain) for name, text in told.items()}
    return {"finding_id": fixed["finding_id"], **headings, **{name: fixed[name] for name in OPEN},
            "value_hash": fixed["value_hash"]}  # fmt: skip
