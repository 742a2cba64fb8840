"""The only place that writes the workbook of a review: two records side by side, and nothing of what the linkage said.

Neither probability, rule, status nor contribution month stands in it, so that the reviewer judges the records alone.
Every cell is text, so that nothing in it can be run as a formula; only the answers, name and day can be written in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis import N_
from analysis.contracts.registers import JAMSOSTEK, KEY, PERSON_NAME, RENTAN, UMKM
from analysis.presenting import names, workbooks
from analysis.presenting.wording import Wording
from analysis.sources import judgements
from analysis.sources.delivery import Delivery
from analysis.sources.keys import Key

FILE = "telaah"
OWN_NAMES = re.compile(rf"{FILE}(?:-sintetis)?\.xlsx")
PAIRED = ("name", "nik", "birth_date", "sex", "phone", "address", "kelurahan", "kecamatan", "business_name")
"""Our columns that are laid side by side; the name is that of the person."""
SHOWN: Mapping[str, tuple[str, ...]] = {
    UMKM: PAIRED,
    JAMSOSTEK: (*PAIRED[:-1], "kpj", "segment"),
    RENTAN: ("name", "nik", "birth_date", "kelurahan", "kecamatan"),
}
"""What is shown of a record of each register: what tells who a person is, never whether or since when he pays."""
OF_OTHER = ("kpj", "segment")
LEFT, RIGHT = "left_", "right_"
WIDTHS = {"name": 26, "address": 30, "nik": 19, "business_name": 22, "answer": 23, "register": 18, "question_id": 18,
          "code": 18, "number": 8}  # fmt: skip
MOST_TEXT = 32_767
PURPOSE = N_("To judge of some owners, drawn by lot, which records are of the same person, so that it can be said how "
             "far the counts may err; and for nothing else.")  # fmt: skip
STEPS = (
    N_("1. Each reviewer fills in a copy of this file alone, and first of all “{reviewer}” and “{day}” (22/11/2026)."),
    N_("2. In the sheet “{sheet}” each line lays another record beside the first UMKM record of an owner. Choose "
       "“{same}” if both are of one person, “{other}” if they are of two, “{unknown}” if it cannot be told."),
    N_("3. Judge by what stands there. Most lines are of other people who merely resemble the owner; relatives share "
       "address and phone, and one person may be spelt in several ways."),
    N_("4. Answer all lines of an owner before the next one. If a record of the participant register is “{same}”, his "
       "other lines of that register may stay blank. Ask nobody in the sheet, and look nothing up elsewhere."),
    N_("5. Leave everything else as it is and return the file to its sender."),
)  # fmt: skip
Cells = Mapping[str, pd.DataFrame]


def laid_out(pairs: pd.DataFrame, firsts: pd.DataFrame, tables: Cells, aside: pd.DataFrame, key: Key) -> pd.DataFrame:
    """The lines of the workbook: question_id, number, register, code, left_* and right_* cells as written, NA if blank.

    `pairs`: contract REVIEW_PAIRS in the order of the lines; `firsts`: owner_id, question and KEY of each owner's
    first row (`lookalikes.first_rows`); `tables`: cleaned tables by register; `aside`: UMKM rows in quarantine with
    their delivered cells, in the form of a cleaned table.
    """
    own = _cells(UMKM, pd.concat([tables[UMKM], aside])).add_prefix(LEFT)
    places = [f"{LEFT}{name}" for name in KEY]
    ours = firsts[["owner_id", "question", *KEY]].rename(columns=dict(zip(KEY, places, strict=True)))
    ours = ours.merge(own, how="left", on=places, validate="one_to_one")
    theirs = pd.concat([_cells(name, table).assign(register=name) for name, table in tables.items()])
    theirs = theirs.rename(columns=lambda name: name if name in ("register", *KEY) else f"{RIGHT}{name}")
    lines = pairs.merge(ours, on="owner_id", validate="many_to_one")
    lines = lines.merge(theirs, how="left", on=["register", *KEY], validate="many_to_one")
    codes = [judgements.code(one, key) for one in lines["question_id"]]
    cells = [*(f"{LEFT}{name}" for name in SHOWN[UMKM]), *(f"{RIGHT}{name}" for name in (*PAIRED, *OF_OTHER))]
    numbered = lines.assign(number=lines["question"].astype("str"), code=pd.array(codes, dtype="str"))
    return numbered.reindex(columns=["question_id", "number", "register", "code", *cells])


def files(lines: pd.DataFrame, delivered: Delivery, say: Wording) -> dict[str, bytes]:
    """The workbook of `lines` (`laid_out`) by the name of its file. The same lines give the same bytes."""
    notes = _notes(lines, delivered, say)

    def write_lines(workbook: Any) -> None:
        _mark_blanks(workbook, notes)
        _write_lines(workbook, lines, say)

    made = workbooks.made(say.say("Review").plain, delivered.reference_date, notes, write_lines, say)
    return {f"{FILE}{delivered.mark}.xlsx": made}


def _cells(register: str, table: pd.DataFrame) -> pd.DataFrame:
    """KEY and what is shown of each row, as it was written."""
    source = {name: PERSON_NAME[register] if name == "name" else name for name in SHOWN[register]}
    return table[list(KEY)].assign(**{name: table[f"{column}_as_written"] for name, column in source.items()})


# the notes ------------------------------------------------------------------------------------------------------


def _notes(lines: pd.DataFrame, delivered: Delivery, say: Wording) -> list[tuple[str, str]]:
    """What the first sheet says: label and text of each line; '' beside what the reviewer fills in."""
    fixed = {**judgements.WORDS, "sheet": judgements.SHEET, "reviewer": judgements.REVIEWER, "day": judgements.DAY}
    words = {name: forms[say.language] for name, forms in fixed.items()}
    own = workbooks.notes_of(delivered, [*SHOWN], say.say("reviewers").plain, PURPOSE, say,
                             lambda name: names.register(name, say))  # fmt: skip
    sizes = [(N_("Owners drawn"), say.grouped(lines["number"].nunique())), (N_("Lines"), say.grouped(len(lines)))]
    steps = [(N_("How to answer") if step == STEPS[0] else "", say.say(step, **words).plain) for step in STEPS]
    told = workbooks.told([*own["head"], *own["dates"], *sizes, *own["expiry"], *steps], say)
    return [(words["reviewer"], ""), (words["day"], ""), *told]


def _mark_blanks(workbook: Any, notes: Sequence[tuple[str, str]]) -> None:
    """On the first sheet only what the reviewer fills in can be changed, and it is seen at once."""
    sheet = workbook.worksheets()[0]
    to_fill = workbook.add_format({"num_format": workbooks.TEXT, "valign": "top", **_TO_FILL})
    for row, (_, text) in enumerate(notes):
        if not text:
            sheet.write_blank(row, 1, None, to_fill)
    sheet.protect("", _ALLOWED)


_TO_FILL = {"bg_color": "#FFF9E5", "locked": False, "border": 1, "border_color": "#D9D9D9"}
_ALLOWED = {"format_columns": True, "format_rows": True, "autofilter": True}


# the lines ------------------------------------------------------------------------------------------------------


def _write_lines(workbook: Any, lines: pd.DataFrame, say: Wording) -> None:
    columns = _columns(say)
    registers = {name: names.register(name, say).plain for name in SHOWN}
    shown = lines.assign(register=lines["register"].map(registers))
    sheet = workbook.add_worksheet(judgements.SHEET[say.language])
    head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E7E6E6"})
    is_first = lines["number"].ne(lines["number"].shift()).to_list()
    for at, (name, heading) in enumerate(columns.items()):
        forms = _forms(workbook, name)
        sheet.set_column(at, at, WIDTHS.get(name.removeprefix(LEFT).removeprefix(RIGHT), workbooks.NARROWEST), forms[0])
        sheet.write_string(0, at, heading, head)
        cells = shown[name].astype("object").where(shown[name].notna(), "") if name in shown else [""] * len(shown)
        for row, (cell, is_new) in enumerate(zip(cells, is_first, strict=True), start=1):
            if cell:
                sheet.write_string(row, at, cell[:MOST_TEXT], forms[is_new])
            else:
                sheet.write_blank(row, at, None, forms[is_new])
    _guard(sheet, len(lines), list(columns), say)


def _forms(workbook: Any, name: str) -> tuple[Any, Any]:
    """The form of a column's cells: within an owner, and on his first line, which has a rule above."""
    own = {"num_format": workbooks.TEXT, "valign": "top"}
    if name == "answer":
        own |= _TO_FILL
    elif name.startswith(LEFT):
        own |= {"bg_color": "#F2F7FB"}
    return workbook.add_format(own), workbook.add_format({**own, "top": 2, "top_color": "#404040"})


def _guard(sheet: Any, lines_n: int, columns: Sequence[str], say: Wording) -> None:
    """Only one of the three answers can be chosen, and nothing else be changed; print in landscape."""
    answer = columns.index("answer")
    sheet.data_validation(1, answer, max(1, lines_n), answer, {
        "validate": "list", "source": [words[say.language] for words in judgements.WORDS.values()],
        "error_title": judgements.HEADINGS["answer"][say.language],
        "error_message": say.say("Choose one of the three answers.").plain,
    })  # fmt: skip
    sheet.protect("", _ALLOWED)
    sheet.freeze_panes(1, answer + 1)
    sheet.autofilter(0, 0, lines_n, len(columns) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _columns(say: Wording) -> dict[str, str]:
    """Columns with their headings; those to be read again bear the fixed headings of `sources.judgements`."""
    fixed = {name: heading[say.language] for name, heading in judgements.HEADINGS.items()}
    sides = {LEFT: N_("{field}: UMKM owner"), RIGHT: N_("{field}: other record")}
    fields = {name: workbooks.heading(say.say(names.FIELDS[name]).plain) for name in (*PAIRED, *OF_OTHER)}
    paired = {f"{side}{name}": say.say(pattern, field=fields[name]).plain
              for name in PAIRED for side, pattern in sides.items()}  # fmt: skip
    of_other = {f"{RIGHT}{name}": say.say(sides[RIGHT], field=fields[name]).plain for name in OF_OTHER}
    number, register = (workbooks.heading(say.say(heading).plain) for heading in (N_("owner no."), N_("list")))
    return {"question_id": fixed["question_id"], "number": number, "answer": fixed["answer"], "register": register,
            **paired, **of_other, "code": fixed["code"]}  # fmt: skip
