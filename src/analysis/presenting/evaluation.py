"""The only place for what the evaluation page argues: headline, three numbers, request, steps, limits and sources.

Every function takes released tables and gives a part of the page. A count that is withheld is told as withheld; a page
of synthetic registers says so in title, banner, charts, file names and print header, whatever its parameters.
"""

from __future__ import annotations

from datetime import date

from markupsafe import Markup

from analysis.contracts.registers import JAMSOSTEK, UMKM
from analysis.contracts.released import CITY
from analysis.presenting import argument, counts, names, parts
from analysis.presenting.cells import Cells, find, one, rows
from analysis.presenting.parts import Part
from analysis.presenting.wording import Wording, Words
from analysis.releasing import disclosure
from analysis.releasing.disclosure import Released, edition_of
from analysis.releasing.editions import Edition

RETURN_WITHIN, RESEND_WITHIN = 1, 2
"""Deadlines: the last day of the month that lies so many months after the page was prepared."""
LEGAL_BASIS = ("uu-27-2022", "perpres-39-2019", "uu-23-2006-jo-uu-24-2013", "uu-24-2011", "perda-kota-palu-8-2024")
MAIN = (UMKM, JAMSOSTEK)


def file_name(name: str, edition: Edition) -> str:
    """A file beside the page or the page itself, without ending: marked where the registers are synthetic."""
    return f"{name}-sintetis" if edition.is_synthetic else name


def notice(edition: Edition, say: Wording) -> Words | None:
    """The mark of a page of invented registers; None where they are real."""
    return say.say("Synthetic data: an example, no real people") if edition.is_synthetic else None


def masthead(released: Released, as_of: date, say: Wording) -> Part:
    """What this is, who issues it, which day its data describe and when it was prepared."""
    return heading(edition_of(released), as_of, say.say("Evaluation of the registers"), "evaluation", "evaluasi", say)


def heading(edition: Edition, as_of: date, kind: Words, template: str, page: str, say: Wording, **facts: str) -> Part:
    """The masthead of any page of an edition: of which `kind` it is, by which template it is made, the name of its file
    without mark and ending, and what else the template asks for.
    """
    day, prepared, mark = say.day(edition.reference_date), say.day(as_of), notice(edition, say)
    html = parts.render("masthead.html.j2", say, day=day, as_of=prepared, kind=kind,
                        issuer=names.publisher(edition.issuing_unit, say))  # fmt: skip
    facts |= {
        "data_date": edition.reference_date.isoformat(),
        "data_day": day.plain,
        "as_of_day": prepared.plain,
        "status": "synthetic" if edition.is_synthetic else "released",
        "notice": mark.plain if mark else "",
        "template": f"{template}.html.j2",
        "page": f"{file_name(page, edition)}.html",
    }
    return Part("masthead", html, facts)


def message(nik: Released, age: Released, say: Wording) -> Part:
    """The headline: how many records hold no usable NIK, or how old the registers are."""
    return titled(_headline(nik, rows(age)[0], say), edition_of(nik), say)


def titled(headline: Words, edition: Edition, say: Wording) -> Part:
    """A headline, and the title of its page, which says where the data are invented."""
    title = say.say("Synthetic data: {headline}", headline=headline) if edition.is_synthetic else headline
    return Part("message", parts.render("message.html.j2", say, headline=headline), {"title": title.plain})


def _headline(nik: Released, age: Cells, say: Wording) -> Words:
    if age["freshness"] == "expired":
        return say.say("The registers of Kota Palu describe what was {months} ago; their quality today is not known",
                       months=names.months(age, "months_old", say))  # fmt: skip
    told = [row for row in _main(nik) if counts.is_told(row, "without_n")]
    if not told:
        return say.say("The registers hold fewer than 20 records each; figures on their quality are withheld")
    told.sort(key=lambda row: row["without_n"], reverse=True)
    listed = [names.records(_without(row, say), row["register"], say) for row in told]
    if len(listed) == 1:
        return say.say("In Kota Palu, {records} hold no usable NIK; the other register's figure is withheld",
                       records=listed[0])  # fmt: skip
    return say.say("In Kota Palu, {first} and {second} hold no usable NIK", first=listed[0], second=listed[1])


def _main(nik: Released) -> list[Cells]:
    """The city's rows of the two main registers."""
    return [row for name in MAIN if (row := find(nik, area_code=CITY, register=name)) is not None]


def _without(row: Cells, say: Wording) -> Words:
    return counts.count(row, "without_n", say, of="without_", parts=2)


def lead(accounting: Released, say: Wording) -> Part:
    """How large the registers are, and what a data finding is."""
    sizes = [say.say("{register}: {n} records", register=names.register(row["register"], say),
                     n=counts.count(row, "kept_n", say, of="kept_"))
             for row in rows(accounting) if row["register"] in MAIN]  # fmt: skip
    sentences = [
        say.say("Records read: {sizes}.", sizes=say.joined(sizes)),
        say.say("A data finding is something in a record that should be checked; a record may have several."),
    ]
    return Part("lead", parts.render("prose.html.j2", say, sentences=sentences, table=""))


def key_numbers(nik: Released, fixers: Released, accounting: Released, age: Released, say: Wording) -> Part:
    """Exactly three numbers: records without a usable NIK in either register, and the longest work-list."""
    day = say.say("Data as of {day}", day=edition_of(nik).reference_date)
    badge = argument.badge(rows(age)[0], say)
    tiles = [
        {"id": f"nik-{row['register']}", "number": _number(row, "without_n", say, of="without_", n_parts=2),
         "label": say.say("without a usable NIK, of {n} in the {register}", **_of(row, accounting, say)),
         "day": day, "badge": badge}
        for row in _main(nik)
    ]  # fmt: skip
    most = _most(fixers)
    tiles.append({
        "id": "fixer", "number": _number(most, "rows_n", say), "day": day, "badge": badge,
        "label": say.say("with data findings for {fixer} to check, of {n} in the {register}",
                         fixer=names.fixer(most["fixer"], say), **_of(most, accounting, say)),
    })  # fmt: skip
    return Part("keys", parts.render("keys.html.j2", say, tiles=tiles))


def _most(fixers: Released) -> Cells:
    """The longest list of records of the UMKM register that somebody can put right."""
    return next(row for row in rows(fixers) if row["area_code"] == CITY and row["register"] == UMKM)


def _of(row: Cells, accounting: Released, say: Wording) -> dict[str, Words]:
    """The register that a count is of, and its records: everywhere the same published number."""
    whole = one(accounting, register=row["register"])
    return {"n": counts.count(whole, "kept_n", say, of="kept_"), "register": names.register(row["register"], say)}


def _number(row: Cells, column: str, say: Wording, *, of: str = "", n_parts: int = 1) -> Words:
    told = counts.count(row, column, say, of=of, parts=n_parts)
    return say.say("{n} records", n=told) if counts.is_told(row, column) else told


def request(nik: Released, law: Released, as_of: date, say: Wording) -> Part:
    """The one decision asked, of whom, on which basis, by when."""
    asked = say.say(
        "So that records of micro, small and medium businesses (UMKM) can be linked, we ask the Head of the City "
        "Office of Cooperatives, UMKM and Manpower to have the work-lists returned by {day}.",
        day=argument.deadline(as_of, RETURN_WITHIN),
    )  # fmt: skip
    rule, row = find(law, id="perpres-39-2019"), find(nik, area_code=CITY, register=UMKM)
    figures = [] if row is None else [say.say("{records} without a usable national identity number (NIK)",
                                              records=names.records(_without(row, say), UMKM, say))]  # fmt: skip
    laws = [] if rule is None else [names.law(rule, say, is_long=True)]
    basis = say.say("Basis: {law}.", law=say.joined([*laws, *figures])) if laws or figures else None
    return Part("request", parts.render("request.html.j2", say, asked=asked, basis=basis))


def steps(fixers: Released, accounting: Released, as_of: date, say: Wording) -> Part:
    """Who puts what right by when, and how many records of the main registers it concerns; the longest list first."""
    soon, later = (say.day(argument.deadline(as_of, n)) for n in (RETURN_WITHIN, RESEND_WITHIN))
    city = [row for row in rows(fixers) if row["area_code"] == CITY and row["register"] in MAIN]
    of = {code: [row for row in city if row["fixer"] == code] for code in dict.fromkeys(row["fixer"] for row in city)}
    listed = [
        {"actor": _actor(code, say), "action": _action(code, soon, say), "basis": basis, "cost": None}
        for code, own in of.items() if (basis := _basis(own, say)) is not None
    ]  # fmt: skip
    totals = [names.records(counts.count(row, "kept_n", say, of="kept_"), row["register"], say)
              for row in rows(accounting) if row["register"] in MAIN]  # fmt: skip
    listed.append({
        "actor": say.say("City Office of Cooperatives, UMKM and Manpower"), "cost": None,
        "action": say.say("sends the corrected register, with one reference date, by {day}", day=later),
        "basis": say.say("{records} in this edition", records=say.joined(totals)),
    })  # fmt: skip
    return Part("steps", parts.render("steps.html.j2", say, steps=listed, unknown=say.say("not worked out")))


def _basis(own: list[Cells], say: Wording) -> Words | None:
    """The records that a fixer is asked for, by register; None where there is none to speak of."""
    told = [row for row in own if counts.is_told(row, "rows_n") and row["rows_n"] > 0]
    if not told:
        return None
    return say.joined([names.records(counts.count(row, "rows_n", say), row["register"], say) for row in told])


def _actor(code: str, say: Wording) -> Words:
    match code:
        case "kelurahan":
            return say.say("Lurah")
        case "bpjs":
            return say.say("The branch office of BPJS Ketenagakerjaan")
        case "dukcapil":
            return say.say("City Office of Population and Civil Registration (Dukcapil)")
    return names.fixer(code, say)


def _action(code: str, day: Words, say: Wording) -> Words:
    match code:
        case "kelurahan":
            return say.say("check the records of the work-list against the identity card and return it by {day}",
                           day=day)  # fmt: skip
        case "bpjs":
            return say.say("checks identity, status and contribution month of its participants by {day}", day=day)
        case "dukcapil":
            return say.say("confirms birth dates and sexes that disagree with the NIK by {day}", day=day)
    return say.say("merges duplicates and stores the NIK as text by {day}", day=day)


def limits(say: Wording) -> Part:
    """What the figures of this page are not."""
    sentences = [
        say.say("The figures count records, not people, and are rounded at random to multiples of five; each part is "
                "moved by at most four."),
        say.say("A data finding asks for a check; it proves no fault."),
    ]  # fmt: skip
    return Part("limits", parts.render("prose.html.j2", say, sentences=sentences, table=""))


def method(age_limits: Released, say: Wording) -> Part:
    """How the five qualities are counted, and how figures are rounded and withheld."""
    limit = find(age_limits, kind="register")
    sentences = [
        say.say("Complete: something was written. Valid: it can be read as a value of its kind."),
        say.say("Recorded once: no other record of the register has the same NIK, or the same name and birth date; "
                "several business units of one owner, or programmes of one participant, are no fault."),
        say.say("Current: recorded within 12 months before the reference date; in the participant register, last "
                "contribution month that of the reference date or one of the three before it, months paid ahead not "
                "counted."),
        say.say("Consistent: birth date and NIK agree, kelurahan and kecamatan agree; only records in which both can "
                "be compared are counted."),
        say.say("A published 0 stands for at most four. Groups of fewer than 20 records are withheld. Shares are "
                "ranges that include the rounding; below 100 records they are told in words."),
        say.say("A column that was not delivered counts as blank. A total is the sum of its rounded parts and may "
                "differ a little between tables."),
        say.say("Records without a known kecamatan count in the city only, so the kecamatan need not add up to it."),
    ]  # fmt: skip
    if limit is not None:
        sentences.append(say.say(
            "Registers {stale} months old or more are marked “older data”; at {expired} months they leave the title.",
            stale=say.count(limit.figure("stale_after_months")),
            expired=say.count(limit.figure("expired_after_months")),
        ))  # fmt: skip
    folded = parts.render("folded_prose.html.j2", say, title=say.say("How the records are judged"), sentences=sentences)
    return Part("method", folded)


def origins(nik: Released, fixers: Released, accounting: Released, counted: Released, say: Wording) -> Part:
    """For each key number: how it is defined, and the register, its issuer and the table that it stands in."""
    most = _most(fixers)
    listed = [
        {"id": f"nik-{row['register']}", "sources": _sources([row["register"]], accounting, row["without_refs"], say),
         "text": say.say("No usable NIK, {register}: blank, or not 16 digits of sound structure.",
                         register=names.register(row["register"], say))}
        for row in _main(nik)
    ]  # fmt: skip
    listed.append({
        "id": "fixer", "sources": _sources([UMKM], accounting, most["refs"], say),
        "text": say.say("Data findings for {fixer}: records to which at least one of its rules applies.",
                        fixer=names.fixer(most["fixer"], say)),
    })  # fmt: skip
    html = parts.render("origins.html.j2", say, listed=listed)
    edition = edition_of(counted)
    name = file_name("evaluation", edition)
    link = Markup('<p><a href="csv/{0}.csv">{1}</a></p>').format(name, say.say("All released counts as CSV"))
    return Part("origins", html + link, {"rule": counted.rule}, {name: disclosure.as_csv(counted)})


def _sources(registers: list[str], accounting: Released, refs: str, say: Wording) -> list[dict[str, object]]:
    """The delivered registers behind a number: issuer, day of receipt, rows."""
    edition = edition_of(accounting)
    found = []
    for source in edition.sources:
        row = find(accounting, register=source.register)
        if source.register in registers and row is not None:
            found.append({
                "url": f"csv/{file_name('evaluation', edition)}.csv", "publisher": source.issuer,
                "printed": say.say("received on {day}", day=source.received_date),
                "place": say.say("{register}: {n} rows", register=names.register(source.register, say),
                                 n=counts.count(row, "rows_n", say, of="rows_")),
                "refs": refs, "is_unconfirmed": False,
            })  # fmt: skip
    return found
