"""The only place for what the brief on an area argues: headline, three numbers, request and opening sentences.

Which sentence is used follows from the released tables: an area too small to be shown says so and stands on the area
around it, ranges that overlap take the word "highest" away, and registers past their limit leave the headline.
"""

from __future__ import annotations

from datetime import date

from analysis.contracts.released import CITY
from analysis.measuring import costs
from analysis.presenting import argument, cells, counts, names, parts, standing
from analysis.presenting import rates as rates_of
from analysis.presenting.cells import Cells, rows
from analysis.presenting.evaluation import heading, titled
from analysis.presenting.parts import Part
from analysis.presenting.standing import Place, span
from analysis.presenting.wording import Wording, Words
from analysis.releasing.disclosure import Released, edition_of

CHECKED_WITHIN, ENROLLED_WITHIN, DECIDED_WITHIN = 1, 2, 3
"""Deadlines: the last day of the month that lies so many months after the brief was prepared."""
BASIS = "perda-kota-palu-8-2024"


def masthead(where: Place, levels: Released, day: date, say: Wording) -> Part:
    """What this is, who issues it, which day its data describe and when it was prepared."""
    kind = say.say("Policy brief: {area}", area=where.name)
    return heading(edition_of(levels), day, kind, "area", where.area.code, say, level=where.area.level)


# headline -----------------------------------------------------------------------------------------------------------


def message(where: Place, levels: Released, age: Released, say: Wording) -> Part:
    """The headline: how many owners are not enrolled and how many have lapsed, or why that is not told."""
    return titled(_headline(where, levels, rows(age)[0], say), edition_of(levels), say)


def _headline(where: Place, levels: Released, age: Cells, say: Wording) -> Words:
    if age["freshness"] == "expired":
        return say.say("The registers for {area} describe what was {months} ago; today's gap is not known",
                       area=where.name, months=names.months(age, "months_old", say))  # fmt: skip
    own = cells.one(levels, area_code=where.shown.code)
    if not standing.is_enough(own):
        return say.say("The figures for {area} are withheld so that nobody can be identified", area=where.name)
    gap = span(own, "unregistered", say)
    if not where.is_own:
        return say.say("The figure for {area} is withheld; in {around}, {n} UMKM owners are estimated not enrolled",
                       area=where.name, around=where.told, n=gap)  # fmt: skip
    if not standing.is_told(own, "lapsed"):
        return say.say("In {area}, {n} UMKM owners are estimated not enrolled in Jamsostek", area=where.name, n=gap)
    return say.say("In {area}, {n} UMKM owners are estimated not enrolled in Jamsostek; {lapsed} have lapsed",
                   area=where.name, n=gap, lapsed=span(own, "lapsed", say))  # fmt: skip


# three numbers ------------------------------------------------------------------------------------------------------


def key_numbers(where: Place, key: tuple[Released, Released, Released], age: Released, say: Wording) -> Part:
    """Exactly three numbers: coverage by active owners, owners not enrolled, and their contributions a year.

    `key`: levels, rates and cost.
    """
    levels, rates, cost = key
    code, day = where.shown.code, edition_of(levels).reference_date
    own, rate = cells.one(levels, area_code=code), cells.one(rates, area_code=code)
    paid = cells.one(cost, payer=costs.APBD)
    of = {"n": span(own, "scope", say)}
    told = [
        ("rate", counts.share(rate, say, is_sentence=True), say.say("active, of {n} eligible UMKM owners", **of)),
        ("gap", _people(own, say), say.say("estimated not enrolled, of {n} eligible UMKM owners", **of)),
        ("cost", _yearly(paid, say), say.say("lowest contributions of {people} people, {payer}",
                                             people=span(paid, "people", say, of="cell_"),
                                             payer=say.say("if the APBD pays"))),
    ]  # fmt: skip
    days = {"cost": say.say("Data as of {day}; rates {first}–{last}", day=day, first=say.month(paid["first_month"]),
                            last=say.month(paid["last_month"]))}  # fmt: skip
    tiles = [
        {"id": name, "number": number, "label": _placed(label, where, say), "badge": argument.badge(rows(age)[0], say),
         "day": days.get(name, say.say("Data as of {day}", day=day))}
        for name, number, label in told
    ]  # fmt: skip
    return Part("keys", parts.render("keys.html.j2", say, tiles=tiles))


def _placed(label: Words, where: Place, say: Wording) -> Words:
    """The label of a number that is of another area than the page."""
    return label if where.is_own else say.say("{label}, {area}", label=label, area=where.told)


def _people(own: Cells, say: Wording) -> Words:
    told = span(own, "unregistered", say)
    return say.say("{n} people", n=told) if standing.is_told(own, "unregistered") else told


def _yearly(paid: Cells, say: Wording) -> Words:
    if not counts.is_told(paid, "cost_low_idr"):
        return say.say("withheld")
    return say.say("{amount} a year", amount=amount(paid, say))


def amount(paid: Cells, say: Wording) -> Words:
    """What a payer pays in all months; from nothing on: at most so much."""
    return counts.from_nothing(paid.figure("cost_low_idr", "cost_high_idr"), say.rupiah, say)


# request ------------------------------------------------------------------------------------------------------------


def request(where: Place, law: Released, day: date, say: Wording) -> Part:
    """The one decision asked of the office that reads the page, on which basis, by when."""
    by = argument.deadline(day, CHECKED_WITHIN)
    match where.area.level:
        case "city":
            asked = say.say(
                "We ask the Regional Secretary (Sekretaris Daerah) of Kota Palu to determine who pays the "
                "contributions of owners of micro, small and medium businesses (UMKM) not enrolled, by {day}.", day=by,
            )  # fmt: skip
        case "kecamatan":
            asked = say.say(
                "We ask the Camat (head) of {area} to direct the lurah to check the lists of owners of micro, small "
                "and medium businesses (UMKM) not enrolled, by {day}.", area=where.area.name, day=by,
            )  # fmt: skip
        case _:
            asked = say.say(
                "We ask the Lurah (head) of {area} to name who checks the list of owners of micro, small and medium "
                "businesses (UMKM) not enrolled, by {day}.", area=where.area.name, day=by,
            )  # fmt: skip
    rule = cells.find(law, id=BASIS)
    basis = say.say("Basis: {law}.", law=names.law(rule, say, is_long=True)) if rule else None
    return Part("request", parts.render("request.html.j2", say, asked=asked, basis=basis))


# opening sentences --------------------------------------------------------------------------------------------------


def lead(where: Place, levels: Released, rates: Released, say: Wording) -> Part:
    """How the owners divide, whether coverage differs from that of the area around, and what active means."""
    own = cells.one(levels, area_code=where.shown.code)
    sentences = [
        *_divided(where, own, say),
        *_beside(where, rates, say),
        say.say("Active: last contribution month for employment social security (Jamsostek) at most three months old, "
                "self-paid or from the city budget (APBD)."),
    ]  # fmt: skip
    return Part("lead", parts.render("prose.html.j2", say, sentences=sentences, table=""))


def _divided(where: Place, own: Cells, say: Wording) -> list[Words]:
    if not all(standing.is_told(own, measure) for measure in ("scope", "active", "lapsed")):
        return []
    return [say.say(
        "Of {scope} eligible UMKM owners in {area}, {active} are active and {lapsed} have lapsed; {open} are "
        "undetermined.", area=where.told, scope=span(own, "scope", say), active=span(own, "active", say),
        lapsed=span(own, "lapsed", say), open=counts.count(own, "unresolved_n", say, of="unresolved_"),
    )]  # fmt: skip


def _beside(where: Place, rates: Released, say: Wording) -> list[Words]:
    """The coverage of an area beside that of the area around it, as far as their ranges tell them apart."""
    around = where.around
    own, other = cells.find(rates, area_code=where.shown.code), cells.find(rates, area_code=around)
    if where.shown.level == "city" or own is None or other is None:
        return []
    how = rates_of.against(own, other)
    told = {"area": where.names[around], "a": counts.share(own, say, is_sentence=True),
            "b": counts.share(other, say, is_sentence=True)}  # fmt: skip
    match how:
        case rates_of.BELOW:
            return [say.say("Coverage (active), {a}, is lower than in {area}, {b}.", **told)]
        case rates_of.ABOVE:
            return [say.say("Coverage (active), {a}, is higher than in {area}, {b}.", **told)]
        case rates_of.LIKE:
            return [say.say("Coverage (active), {a}, cannot be told apart from that of {area}, {b}.", **told)]
    return []


def first_inside(where: Place, ranks: Released) -> str | None:
    """The code of the area inside whose gap is the largest for certain; None where the ranges leave that open."""
    inside = "kecamatan" if where.shown.code == CITY else "kelurahan"
    own = ranks.table.loc[lambda table: (table["level"] == inside) & table["is_highest"], "area_code"]
    return str(own.iloc[0]) if len(own) else None
