"""The only place for what the brief on an area rests on: change, the record, data quality, savings, method, sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from markupsafe import Markup

from analysis import N_
from analysis.cleaning import rules
from analysis.contracts.registers import ACTIVE, LAPSED, UNREGISTERED
from analysis.contracts.released import CITY, REVIEWED
from analysis.measuring import costs, savings
from analysis.presenting import argument, cells, counts, evidence, names, parts, tables
from analysis.presenting.area_argument import CHECKED_WITHIN
from analysis.presenting.cells import Cells, rows
from analysis.presenting.evaluation import MAIN
from analysis.presenting.parts import Part
from analysis.presenting.standing import Place, file, span
from analysis.presenting.tables import Column
from analysis.presenting.wording import Wording, Words
from analysis.releasing import disclosure
from analysis.releasing.disclosure import Released, edition_of

LEGAL_BASIS = (
    *("pp-44-2015-changed-by-pp-82-2019-and-pp-49-2023", "pp-50-2025", "perda-kota-palu-8-2024"),
    "uu-27-2022",
)
MOST_TOLD = 2
"""So many lists of records to put right are told in a sentence; the table holds all."""
RISEN = {
    ACTIVE: N_("the number active rose by {d}, from {a} to {b}"),
    LAPSED: N_("the number lapsed rose by {d}, from {a} to {b}"),
    UNREGISTERED: N_("the number estimated not enrolled rose by {d}, from {a} to {b}"),
}
FALLEN = {
    ACTIVE: N_("the number active fell by {d}, from {a} to {b}"),
    LAPSED: N_("the number lapsed fell by {d}, from {a} to {b}"),
    UNREGISTERED: N_("the number estimated not enrolled fell by {d}, from {a} to {b}"),
}
SAVED = {
    savings.PAID_TWICE: N_("{n} with two active numbers ({amount} a year)"),
    savings.OVER_AGE: N_("{n} past the age rule when they joined ({amount})"),
    savings.OUTSIDE: N_("{n} living outside Palu ({amount})"),
}


def _block(slot: str, title: Words, sentences: Sequence[Words], say: Wording, table: Markup | str = "") -> Part:
    """A part with a heading of its own below the method."""
    return Part(slot, parts.render("block.html.j2", say, title=title, sentences=sentences, table=table))


# change -------------------------------------------------------------------------------------------------------------


def change(where: Place, changes: Released, day: date, say: Wording) -> Part:
    """What changed from the edition before, whose table `changes` is, to `day`, as far as both ranges tell it apart."""
    title = say.say("Change since the last edition")
    own = [one for one in rows(changes) if one["area_code"] == where.shown.code]
    if not own:
        return _block("change", title, [say.say("This is the first edition; there is none to compare with.")], say)
    before = edition_of(changes).reference_date
    moved = [_moved(one, say) for one in own if one["is_shown"]]
    if not moved:
        told = [say.say("Changes since {day} cannot be told apart from the uncertainty of the counts.", day=before)]
        return _block("change", title, told, say)
    told = [say.say("From {first} to {last}, {changes}.", first=before, last=day, changes=say.joined(moved))]
    if len(moved) < len(own):
        told.append(say.say("Other changes cannot be told apart from the uncertainty of the counts."))
    return _block("change", title, told, say)


def _moved(one: Cells, say: Wording) -> Words:
    """One status whose number rose or fell; the verb follows the sign."""
    pattern = (RISEN if one["change_n"] > 0 else FALLEN)[one["status"]]
    return say.say(pattern, d=say.count(one.figure("least_n", "most_n")),
                   a=span(one, "before", say, of=""), b=span(one, "after", say, of=""))  # fmt: skip


# beside the published record ----------------------------------------------------------------------------------------


def record(where: Place, ages: Released, beside: Released, say: Wording) -> Part:
    """What was published of the city, as `record.ages` gives it: one sentence; on the city's own page a table, beside
    the edition's counts (`counterparts.table`).
    """
    title = say.say("Beside the published record")
    if where.area.code != CITY:
        told = [say.say("For {area} nothing was published; of Kota Palu: {figures}.", area=where.name,
                        figures=say.joined([_published(one, say) for one in rows(ages)]))]  # fmt: skip
        return _block("record", title, told, say)
    columns = [
        Column(say.say("Who is counted"), lambda one: names.group(one["indicator"], say)),
        Column(say.say("Published (people)"), lambda one: _claimed(one, "record_", say), True),
        Column(say.say("Data as of"), lambda one: say.day(one["described_until"])),
        Column(say.say("This edition (people)"), lambda one: span(one, "edition", say), True),
    ]
    edition = edition_of(beside)
    sentences = [say.say("Days and ways of counting differ; the differences are not explained.")]
    if edition.is_synthetic:
        sentences.append(say.say("This edition is invented: only the method is shown."))
    caption = say.say("Published figures beside this edition, data as of {day}", day=edition.reference_date)
    table = parts.render("scrolled.html.j2", say, caption=caption, table=tables.html(beside, columns, caption, say))
    return _block("record", title, sentences, say, table)


def _claimed(one: Cells, of: str, say: Wording) -> Words:
    return say.count(one.figure("value", is_about=bool(one["is_approximate"]), of=of))


def _published(one: Cells, say: Wording) -> Words:
    return say.say("{n} {group} ({day})", n=_claimed(one, "", say), group=names.group(one["indicator"], say),
                   day=one["described_until"])  # fmt: skip


# data quality and savings -------------------------------------------------------------------------------------------


def quality(where: Place, repairs: Released, day: date, say: Wording) -> Part:
    """What to put right in the registers behind the figures, how many records, and who can."""
    title, code = say.say("What to put right in the registers"), where.area.kecamatan or CITY
    area = where.names[code]
    if not rows(repairs):
        return _block("quality", title, [say.say("Data findings in {area} are few or withheld.", area=area)], say)
    label = {rule.id: rule.label[say.language] for rule in rules.read().values()}
    columns = [
        Column(say.say("Who can put it right"), lambda one: names.fixer(one["fixer"], say)),
        Column(say.say("Register"), lambda one: names.register(one["register"], say)),
        Column(say.say("Records"), lambda one: counts.count(one, "rows_n", say), True),
        Column(say.say("Most frequent data finding"), lambda one: label.get(one["rule_id"], say.say("withheld").plain)),
    ]
    caption = say.say("Records with at least one data finding, {area}, {day}", area=area,
                      day=edition_of(repairs).reference_date)  # fmt: skip
    table = parts.render("folded.html.j2", say, title=caption, table=tables.html(repairs, columns, caption, say))
    found = [_to_repair(one, label, say) for one in rows(repairs)[:MOST_TOLD]]
    sentences = [
        say.say("Records with data findings, {area}: {found}.", area=area, found=say.joined(found)),
        say.say("A data finding proves no fault; the work-lists are asked back by {day}.",
                day=argument.deadline(day, CHECKED_WITHIN)),
    ]  # fmt: skip
    part = _block("quality", title, sentences, say, table)
    return Part(part.slot, part.html, {}, {file("quality", where, repairs): tables.csv(repairs)})


def _to_repair(one: Cells, label: Mapping[str, str], say: Wording) -> Words:
    """So many records for one office, and what most of them lack."""
    records = names.records(counts.count(one, "rows_n", say), one["register"], say)
    told = {"records": records, "fixer": names.fixer(one["fixer"], say)}
    if one["rule_id"] not in label:
        return say.say("{records} for {fixer}", **told)
    return say.say("{records} for {fixer}, most often “{label}”", label=label[one["rule_id"]], **told)


def saved(where: Place, found: Released, say: Wording) -> Part:
    """Contributions of the city that should be checked before new ones are paid; nothing for a kelurahan."""
    code = where.area.kecamatan or CITY
    own = [] if where.area.level == "kelurahan" else [one for one in rows(found) if one["area_code"] == code]
    told = [_saved(one, say) for one in own if counts.is_told(one, "people_n")]
    title = say.say("Contributions to check first")
    if not told:
        return _block("savings", title, [], say)
    sentences = [
        say.say("Paid from the APBD in {area}, people to check: {groups}.", area=where.names[code],
                groups=say.joined(told)),
        say.say(savings.CAUTION),
    ]  # fmt: skip
    return _block("savings", title, sentences, say)


def _saved(one: Cells, say: Wording) -> Words:
    """One group: its persons as the range that the rounding leaves, and what it costs."""
    pattern, people = SAVED[one["measure"]], one.figure("people_low_n", "people_high_n", of="cell_")
    amount = counts.from_nothing(one.figure("cost_low_idr", "cost_high_idr"), say.rupiah, say)
    return say.say(pattern, n=counts.from_nothing(people, say.count, say, say.spelled), amount=amount)


# method, law, sources -----------------------------------------------------------------------------------------------


def method(levels: Released, say: Wording) -> Part:
    """How owners are counted, rounded and withheld, and what the ranges are."""
    is_reviewed = edition_of(levels).ranges == REVIEWED
    sentences = [
        say.say("An owner counts once, where the first record stands; without a known kecamatan in the city only."),
        say.say("Out of scope: deceased, or past the age rule and not active."),
        say.say("Estimated not enrolled: no participant record is similar enough; undetermined: one may be the "
                "owner's."),
        say.say("Coverage: active divided by active, lapsed, not enrolled and undetermined owners."),
        say.say("Ranges rest on a review of sampled owners and hold the rounding; of areas and groups if they are like "
                "the city.") if is_reviewed else
        say.say("Ranges are a model band, from all doubts of the linkage at their least to all at their most, with the "
                "rounding; they are no confidence interval."),
        say.say("Each count is moved by at most four to a multiple of five, so areas need not add up; small groups are "
                "withheld; a published 0 is at most four."),
        say.say("Changes are told from ten people on, changes and ranks only where ranges do not overlap."),
        say.say("Costs: lowest income bracket, one person per owner, no workers, nobody lapses. A kecamatan is a "
                "district, a kelurahan a ward."),
    ]  # fmt: skip
    folded = parts.render("folded_prose.html.j2", say, title=say.say("How figures are counted"), sentences=sentences)
    return Part("method", folded)


def origins(where: Place, key: tuple[Released, Released, Released], counted: Released, read: Released,
            sources: Released, say: Wording) -> Part:  # fmt: skip
    """For each key number: its definition, the registers behind it with issuer and day, and the rules on money.

    `key`: levels, rates and cost; `counted`: the released gap of the area, which lies beside the page; `read`: as
    `repairs.files` gives it; `sources`: as `citations.sources` does.
    """
    levels, rates, cost = key
    code, paid = where.shown.code, cells.one(cost, payer=costs.APBD)
    own, rate = cells.one(levels, area_code=code), cells.one(rates, area_code=code)
    listed: list[dict[str, object]] = [
        {"id": "rate", "text": say.say("Coverage: active of all in scope, ranges of both."),
         "sources": _registers(where, counted, read, rate["refs"], say)},
        {"id": "gap", "sources": [],
         "text": say.say("Not enrolled: no similar participant record; same registers, released {n}.",
                         n=counts.count(own, "unregistered_n", say, of="unregistered_"))},
        {"id": "cost", "sources": evidence.texts_behind(paid["tariff_refs"], sources, say),
         "text": say.say("Contributions: people not enrolled × rate × {n} months ({people}).", n=paid["months_n"],
                         people=span(paid, "people", say, of="cell_"))},
    ]  # fmt: skip
    name = file("owners", where, counted)
    link = Markup('<p><a href="csv/{0}.csv">{1}</a></p>').format(name, say.say("All released counts as CSV"))
    html = parts.render("sources.html.j2", say, listed=listed) + link
    return Part("origins", html, {"rule": counted.rule}, {name: disclosure.as_csv(counted)})


def _registers(where: Place, counted: Released, read: Released, refs: str, say: Wording) -> list[dict[str, object]]:
    """The delivered registers: issuer, day of receipt and, on the city's page, the rows of their files as released."""
    url = f"csv/{file('owners', where, counted)}.csv"
    return [
        {"url": url, "publisher": source.issuer, "printed": say.say("received on {day}", day=source.received_date),
         "place": _register(source.register, read, say), "refs": refs, "is_unconfirmed": False}
        for source in edition_of(counted).sources if source.register in MAIN
    ]  # fmt: skip


def _register(name: str, read: Released, say: Wording) -> Words:
    rows_of = cells.find(read, register=name)
    if rows_of is None or not counts.is_told(rows_of, "rows_n"):
        return names.register(name, say)
    return say.say("{register}: {n} rows", register=names.register(name, say), n=counts.count(rows_of, "rows_n", say))
