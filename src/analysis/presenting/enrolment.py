"""The only place that writes the lists of owners to enrol: a workbook per kelurahan, and a line why for each owner.

Listed is who was not found among the participants, or whose membership has lapsed; nobody who is unresolved. Order and
reasons come from `measuring.priorities`. A kelurahan finds people by name and address: no NIK, no birth date and no
score stand in a list. Who was not found may be a participant all the same, so the first question is for the card.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from analysis import N_, ContractError, Fault
from analysis.contracts import registers
from analysis.contracts.registers import KEY
from analysis.measuring import criteria
from analysis.presenting import names, workbooks
from analysis.presenting.wording import Wording
from analysis.presenting.workbooks import NOWHERE, heading
from analysis.sources.delivery import Delivery

FILE = "pendaftaran"
OWN_NAMES = re.compile(rf"{FILE}-(?:[0-9.]+|{NOWHERE})(?:-sintetis)?\.xlsx")
SHEET = N_("Owners")
SHOWN = {"name": "owner_name_as_written", "address": "address_as_written", "phone": "phone_as_written"}
"""What a kelurahan sees of a person, and the delivered cells that it comes from."""
HEADINGS = {"name": N_("name"), "address": N_("address"), "phone": N_("phone"), "sector": N_("sector"),
            "status": N_("status"), "reason": N_("why enrol")}  # fmt: skip
WIDTHS = {"name": 28, "address": 34, "phone": 18, "sector": 20, "status": 22, "reason": 70}
PURPOSE = N_("To visit the owners in this list and offer them enrolment, and for nothing else.")
CARD = N_("An owner who was not found may be a participant whose record could not be linked: ask for the card first.")
ORDER = N_("The order follows the criteria of the city; within one step it says nothing about need.")
STATUSES = {registers.UNREGISTERED: N_("estimated not enrolled"), registers.LAPSED: N_("lapsed")}
FOUND = {
    registers.UNREGISTERED: N_("Not found in the participant register"),
    registers.LAPSED: N_("Was a participant, and the contributions have stopped"),
}
PAID = {
    criteria.FROM_APBD: N_("last paid for from the city budget"),
    criteria.UNKNOWN: N_("who paid last is not known"),
}
LISTED = {
    criteria.LISTED: N_("in the list of vulnerable workers"),
    criteria.UNKNOWN: N_("whether a vulnerable worker is not known"),
}
RISKS = (N_("very low"), N_("low"), N_("medium"), N_("high"), N_("very high"))
"""Words for the risk groups 1 to 5 (PP 44/2015, Lampiran I)."""
NOTABLE = 3
"""The group from which on the risk of a sector is a reason: medium."""


def write(folder: Path, owners: pd.DataFrame, umkm: pd.DataFrame, delivered: Delivery, regions: pd.DataFrame,
          say: Wording) -> list[Path]:  # fmt: skip
    """Write all lists into `folder` (0700, files 0600) and take away those of an earlier run; their paths, sorted.

    `owners`: as `priorities.of_owners` gives them, in that order; `umkm`: the cleaned register, whose cells as written
    are shown; `regions`: as `sources.regions.read` gives it. Same input, same bytes.
    """
    shown = _rows(owners, umkm, say)
    written = {}
    for code, rows in shown.groupby(shown["kelurahan_code"].fillna(""), sort=True):
        name = f"{FILE}-{code or NOWHERE}{delivered.mark}.xlsx"
        written[name] = _workbook(str(code), rows, delivered, regions, say)
    return workbooks.replace(folder, OWN_NAMES, written)


def _rows(owners: pd.DataFrame, umkm: pd.DataFrame, say: Wording) -> pd.DataFrame:
    """The columns of a list for each owner to enrol, once, in the given order, and the kelurahan.

    Raises ContractError where the register does not hold the row of an owner: nobody is shown as another.
    """
    own = owners[owners["status"].isin(STATUSES)].drop_duplicates("owner_id").reset_index(drop=True)
    cells = umkm.reindex(columns=[*KEY, *SHOWN.values()]).rename(columns={name: f"umkm_{name}" for name in KEY})
    keys = [f"umkm_{name}" for name in KEY]
    found = own[keys].merge(cells, how="left", on=keys, validate="one_to_one", indicator=True)
    if lost := int((found["_merge"] != "both").sum()):
        fault = Fault(N_("{n} owners do not stand in the register"), values={"n": lost})
        raise ContractError("umkm", [fault], N_("Report this: owners and register must be of one run."))
    person = pd.DataFrame({name: found[column] for name, column in SHOWN.items()})
    return person.assign(
        sector=own["sector"].map({name: say.say(word).plain for name, word in names.SECTORS.items()}),
        status=own["status"].map({name: say.say(word).plain for name, word in STATUSES.items()}),
        reason=reasons(own, say), kelurahan_code=own["kelurahan_code"],
    )  # fmt: skip


def reasons(owners: pd.DataFrame, say: Wording) -> pd.Series:
    """Why each owner is to be enrolled, in one line: what was found, then the criteria that hold or are not known.

    `owners`: as `priorities.of_owners` gives them. Same index.
    """
    columns = ["status", criteria.VULNERABLE, criteria.SUBSIDY, "class_low", "class_high"]
    keys = [tuple(None if pd.isna(cell) else cell for cell in row)
            for row in owners[columns].itertuples(index=False, name=None)]  # fmt: skip
    told = {key: _reason(dict(zip(columns, key, strict=True)), say) for key in {*keys}}
    return pd.Series([told[key] for key in keys], index=owners.index, dtype="str")


def _reason(row: Mapping[str, object], say: Wording) -> str:
    parts = [FOUND[str(row["status"])], PAID.get(str(row[criteria.SUBSIDY])), LISTED.get(str(row[criteria.VULNERABLE]))]
    words = [say.say(part).plain for part in parts if part]
    return "; ".join([words[0], *_risk(row["class_low"], row["class_high"], say), *words[1:]])


def _risk(low: object, high: object, say: Wording) -> list[str]:
    """The risk of the sector where it is medium or more for sure, and where it is not known."""
    if low is None or high is None:
        return [say.say("risk of the sector not known").plain]
    first, last = int(str(low)), int(str(high))
    if first < NOTABLE:
        return []
    words = [say.say(RISKS[group - 1]) for group in (first, last)]
    if first == last:
        return [say.say("sector of {risk} risk", risk=words[0]).plain]
    return [say.say("sector of {low} to {high} risk", low=words[0], high=words[1]).plain]


def _workbook(code: str, rows: pd.DataFrame, delivered: Delivery, regions: pd.DataFrame, say: Wording) -> bytes:
    headings = {name: heading(say.say(word).plain) for name, word in HEADINGS.items()}
    notes = _notes(code, len(rows), delivered, regions, say)
    return workbooks.made(
        say.say("Owners to enrol").plain, delivered.reference_date, notes,
        lambda workbook: workbooks.write_table(workbook, say.say(SHEET).plain, headings, rows[[*HEADINGS]], WIDTHS,
                                               ("address", "reason")), say,
    )  # fmt: skip


def _notes(code: str, n: int, delivered: Delivery, regions: pd.DataFrame, say: Wording) -> list[tuple[str, str]]:
    """What the first sheet says: label and text of each line."""
    nowhere = say.say("kelurahan not known; {office} hands the rows out", office=names.fixer("dinas", say)).plain
    receiver = workbooks.kelurahan_name(code, regions, say) if code else nowhere
    lines = workbooks.notes_of(delivered, [*delivered.registers], receiver, PURPOSE, say,
                               lambda name: names.register(name, say))  # fmt: skip
    own = [(N_("Number of owners"), say.grouped(n)), (N_("Ask first"), say.say(CARD).plain),
           (N_("Order"), say.say(ORDER).plain)]  # fmt: skip
    return workbooks.told([*lines["head"], *lines["dates"], *own, *lines["expiry"]], say)
