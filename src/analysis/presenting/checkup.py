"""The only place for what `jamsostek check` tells: counts by register and rule, for the terminal of the data owner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from analysis import N_
from analysis.cleaning import rules
from analysis.presenting import names
from analysis.presenting.wording import Wording

if TYPE_CHECKING:
    from analysis.cleaning.registers import Judged
    from analysis.sources.delivery import Delivery
    from analysis.sources.ingest import RawRegister

REASONS = {
    "title": N_("titles"),
    "blank": N_("blank"),
    "header": N_("headings"),
    "subtotal": N_("totals"),
    "footer": N_("footers"),
    "no_identity": N_("neither name nor usable NIK"),
    "misaligned": N_("more cells than headings"),
}
FIXERS = {
    "kelurahan": N_("kelurahan"),
    "dinas": N_("City Office of Cooperatives, UMKM and Manpower"),
    "bpjs": N_("BPJS Ketenagakerjaan"),
    "dukcapil": N_("Dukcapil"),
}


def lines(delivered: Delivery, raw: Mapping[str, RawRegister], judged: Mapping[str, Judged], say: Wording
          ) -> Iterator[str]:  # fmt: skip
    """What was read and found, line by line; counts only, never a cell."""
    synthetic = say.say("SYNTHETIC DATA, an example only") if delivered.is_synthetic else ""
    yield say.say("Edition {edition}, data as of {day}. {synthetic}", edition=delivered.edition,
                  day=delivered.reference_date, synthetic=synthetic).plain.strip()  # fmt: skip
    for name, one in judged.items():
        yield ""
        yield from _register(raw[name], one, say)
    yield ""
    yield say.say("Nothing was written.").plain


def _register(raw: RawRegister, judged: Judged, say: Wording) -> Iterator[str]:
    account = judged.account
    yield say.say("{register}: {rows} rows, {kept} kept, {quarantined} set aside with a reason, {others} no data rows",
                  register=raw.name, rows=account["rows_n"], kept=account["kept_n"],
                  quarantined=account["quarantined_n"], others=account["set_aside_n"]).plain  # fmt: skip
    for reasons in (raw.set_aside["reason"], judged.quarantined["reasons"]):
        for reason, n in reasons.value_counts().items():
            yield "  " + say.say("{n} {reason}", n=int(n), reason=say.say(REASONS[str(reason)])).plain
    if raw.unknown_columns:
        yield "  " + say.say("columns that nobody knows, left out: {columns}",
                             columns=", ".join(raw.unknown_columns)).plain  # fmt: skip
    missing = [name for name in judged.case.expected if name not in judged.case.delivered]
    if missing:
        told = say.joined([say.say(names.FIELDS[name]) for name in missing])
        yield "  " + say.say("columns that were not delivered: {columns}", columns=told).plain
    found = judged.found["rule_id"].value_counts()
    yield "  " + say.say("{n} data findings", n=int(found.sum())).plain
    for rule in rules.read().values():
        if rule.id not in found.index:
            continue
        n, label = int(found[rule.id]), rule.label[say.language]
        if rule.severity == rules.FACT:
            yield "    " + say.say("{n} {label} ({rule}), for information", n=n, label=label, rule=rule.id).plain
        else:
            fixer = say.say(FIXERS[rule.fixers[raw.name]])
            yield "    " + say.say("{n} {label} ({rule}), to be put right by: {fixer}", n=n, label=label, rule=rule.id,
                                   fixer=fixer).plain  # fmt: skip
