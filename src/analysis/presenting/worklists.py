"""The only place that writes work-lists: one workbook for each office, with the records that it alone can put right.

Every finding that needs an answer stands in exactly one list. Dinas, BPJS Ketenagakerjaan and Dukcapil have one each;
what a kelurahan can put right is divided by kelurahan, and what lies in none that is known goes into a list of its
own, which the Dinas hands out. A finding that is a mere fact is in none. A list shows of a person what its receiver
needs and no more (UU 27/2022), and every cell is text, so that nothing in it can be run as a formula.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import N_
from analysis.contracts.registers import KEY, PERSON_NAME
from analysis.presenting import names
from analysis.presenting.wording import Wording
from analysis.sources import answers, periods
from analysis.sources.delivery import Delivery

KELURAHAN, NOWHERE = "kelurahan", "tidak-diketahui"
SHOWN: Mapping[str, tuple[str, ...]] = {
    KELURAHAN: ("name", "nik", "birth_date", "kelurahan", "kecamatan", "address", "phone"),
    "dinas": ("name", "nik", "birth_date", "kelurahan"),
    "bpjs": ("kpj", "name", "nik", "birth_date"),
    "dukcapil": ("name", "nik", "birth_date"),
}
"""What a receiver sees of a person: only a kelurahan has to find people, the others look records up."""
OWN_NAMES = re.compile(rf"(?:dinas|bpjs|dukcapil|{KELURAHAN}-(?:[0-9.]+|{NOWHERE}))(?:-sintetis)?\.xlsx")
MONTHS_KEPT = 3
WIDTHS = {"reason": 44, "action": 44, "name": 26, "address": 30, "nik": 19, "register": 18, "new_value": 24,
          "value": 24, "finding_id": 18, "value_hash": 18, "source_row": 8}  # fmt: skip
NARROWEST = 14
TEXT = 49
"""Excel's own format "Text": what is typed into such a cell keeps all its digits and is never calculated."""
SYNTHETIC = N_("Invented records for practice; they describe no real person.")
PURPOSE = N_("To check and put right the records in this list, and for nothing else.")
BASIS = N_("Law No. 27 of 2022 on Personal Data Protection: processed for a public task, no more data than needed.")
EXPIRY = N_("{day}. Until then only those who check the records may open this file; never send it to a chat group.")
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
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for path in folder.iterdir():
        if OWN_NAMES.fullmatch(path.name) and path.name not in written:
            path.unlink()
    for name, content in written.items():
        _put(folder / name, content)
    return [folder / name for name in sorted(written)]


def _put(path: Path, content: bytes) -> None:
    """Write aside and rename, for this user alone from the first byte on."""
    aside = path.with_name(f".new-{path.name}")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    aside.replace(path)


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
    until = periods.month_later(delivered.reference_date, MONTHS_KEPT)
    sources = [delivered.registers[name] for name in delivered.registers if name in {*rows["register"]}]
    came = [
        say.say("{register}: {issuer}, received {day}; basis: {basis}", register=names.register(one.name, say),
                issuer=one.issuer, day=one.received_date, basis=one.legal_basis)
        for one in sources
    ]  # fmt: skip
    fixed = {**answers.WORDS, **answers.HEADINGS, "sheet": answers.SHEET}
    words = {name: forms[say.language] for name, forms in fixed.items()}
    synthetic = [(N_("Synthetic data"), say.say(SYNTHETIC))] if delivered.is_synthetic else []
    told = [
        *synthetic,
        (N_("For"), _receiver_name(receiver, regions, say)),
        (N_("Purpose"), say.say(PURPOSE)),
        (N_("Legal basis"), say.say(BASIS)),
        *((N_("Source"), one) for one in came),
        (N_("Edition"), delivered.edition),
        (N_("Data as of"), say.day(delivered.reference_date)),
        (N_("Prepared"), say.day(delivered.prepared_date)),
        (N_("Number of findings"), say.grouped(len(rows))),
        (N_("Delete after"), say.say(EXPIRY, day=until)),
        *((N_("How to answer") if step == STEPS[0] else "", say.say(step, **words)) for step in STEPS),
    ]  # fmt: skip
    return [(say.say(label).plain if label else "", str(text)) for label, text in told]


def _receiver_name(receiver: Receiver, regions: pd.DataFrame, say: Wording) -> str:
    if receiver.fixer != KELURAHAN:
        return names.fixer(receiver.fixer, say).plain
    if not receiver.kelurahan_code:
        dinas = names.fixer("dinas", say)
        return say.say("kelurahan not known; {office} hands the rows out", office=dinas).plain
    named = regions.set_index("id")["name"]
    own, above = receiver.kelurahan_code, receiver.kelurahan_code.rpartition(".")[0]
    return say.say("Kelurahan {name}, Kecamatan {kecamatan}", name=named[own], kecamatan=named[above]).plain


# the workbook ---------------------------------------------------------------------------------------------------


def _workbook(receiver: Receiver, rows: pd.DataFrame, notes: Sequence[tuple[str, str]], delivered: Delivery,
              say: Wording) -> bytes:  # fmt: skip
    """The file. Nothing of it touches a disk before it is whole; its dates are those of the data, not of the clock."""
    import xlsxwriter

    content = io.BytesIO()
    inert = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    workbook = xlsxwriter.Workbook(content, {"in_memory": True, **inert})
    created = datetime.combine(delivered.reference_date, time())
    workbook.set_properties({"title": say.say("Work-list").plain, "created": created})
    _write_notes(workbook, notes, say)
    _write_list(workbook, receiver, rows, say)
    workbook.close()
    return content.getvalue()


def _write_notes(workbook: Any, notes: Sequence[tuple[str, str]], say: Wording) -> None:
    sheet = workbook.add_worksheet(say.say("Notes").plain)
    label = workbook.add_format({"bold": True, "valign": "top", "num_format": TEXT})
    text = workbook.add_format({"text_wrap": True, "valign": "top", "num_format": TEXT})
    sheet.set_column(0, 0, 24, label)
    sheet.set_column(1, 1, 100, text)
    for row, (name, told) in enumerate(notes):
        sheet.write_string(row, 0, name, label)
        sheet.write_string(row, 1, told, text)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write_list(workbook: Any, receiver: Receiver, rows: pd.DataFrame, say: Wording) -> None:
    columns = _columns(receiver, say)
    fields, registers = rows["field"].map(names.FIELDS), rows["register"]
    shown = rows.assign(register=registers.map(lambda name: names.register(name, say).plain),
                        field_name=fields.map(lambda name: say.say(name).plain))  # fmt: skip
    sheet = workbook.add_worksheet(answers.SHEET[say.language])
    head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E7E6E6"})
    text = workbook.add_format({"num_format": TEXT, "valign": "top"})
    wrapped = workbook.add_format({"num_format": TEXT, "valign": "top", "text_wrap": True})
    to_fill = workbook.add_format({"num_format": TEXT, "valign": "top", "bg_color": "#FFF9E5"})
    for at, (name, heading) in enumerate(columns.items()):
        form = to_fill if name in OPEN else wrapped if name in ("reason", "action") else text
        sheet.set_column(at, at, WIDTHS.get(name, NARROWEST), form)
        sheet.write_string(0, at, heading, head)
        if name in shown:
            _write_column(sheet, at, shown[name].astype("str"), form)
    answer = list(columns).index("answer")
    sheet.data_validation(1, answer, max(1, len(rows)), answer, {
        "validate": "list", "source": [words[say.language] for words in answers.WORDS.values()],
        "error_title": columns["answer"], "error_message": say.say("Choose one of the three answers.").plain,
    })  # fmt: skip
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write_column(sheet: Any, at: int, cells: pd.Series, form: object) -> None:
    """Texts below the header; blank ones are left to the column's own form."""
    for row, (cell, is_blank) in enumerate(zip(cells, cells.isna(), strict=True), start=1):
        if not is_blank and cell:
            sheet.write_string(row, at, cell, form)


def _columns(receiver: Receiver, say: Wording) -> dict[str, str]:
    """Columns of the list with their headings; those to be read again bear the fixed headings of `sources.answers`."""
    fixed = {name: heading[say.language] for name, heading in answers.HEADINGS.items()}
    found = {"register": N_("list"), "source_sheet": N_("sheet"), "source_row": N_("row"),
             "reason": N_("what is to be checked"), "action": N_("what to do")}  # fmt: skip
    person = {name: names.FIELDS[name] for name in SHOWN[receiver.fixer]}
    told = {**found, **person, "field_name": N_("column in question"), "value": N_("what stands there now")}
    headings = {name: _heading(say.say(heading).plain) for name, heading in told.items()}
    return {"finding_id": fixed["finding_id"], **headings, **{name: fixed[name] for name in OPEN},
            "value_hash": fixed["value_hash"]}  # fmt: skip


def _heading(text: str) -> str:
    return text[:1].upper() + text[1:]
