"""The only place for what the brief on an area proposes: steps with actor and day, what they cost, who may pay."""

from __future__ import annotations

from datetime import date

from analysis.measuring import costs
from analysis.presenting import argument, cells, counts, parts, standing
from analysis.presenting.area_argument import (
    CHECKED_WITHIN,
    DECIDED_WITHIN,
    ENROLLED_WITHIN,
    amount,
    first_inside,
)
from analysis.presenting.cells import Cells
from analysis.presenting.parts import Part
from analysis.presenting.standing import Place, span
from analysis.presenting.wording import Wording, Words
from analysis.releasing.disclosure import Released

Step = dict[str, Words | None]


def steps(where: Place, on: tuple[Released, Released, Released], day: date, say: Wording) -> Part:
    """At most five steps: who does what by when, what it costs, and the number that it rests on.

    `on`: levels, ranks and cost.
    """
    levels, ranks, cost = on
    own, paid = cells.one(levels, area_code=where.shown.code), cells.one(cost, payer=costs.APBD)
    first = first_inside(where, ranks)
    at_first = own if first is None else cells.one(levels, area_code=first)
    checked, enrolled, decided = (
        say.day(argument.deadline(day, n)) for n in (CHECKED_WITHIN, ENROLLED_WITHIN, DECIDED_WITHIN)
    )
    match where.area.level:
        case "city":
            made = [_hand_over(checked, own, say), _have_checked(where, first, at_first, enrolled, say)]
        case "kecamatan":
            made = [_check(checked, own, say), _send(where, first, at_first, enrolled, say)]
        case _:
            made = [_check_own(where, checked, own, say), _send(where, None, own, enrolled, say)]
    listed = [*made, _confirm(enrolled, own, say), _budget(paid, decided, say)]
    for step in listed[: 0 if where.is_own else None]:
        step["basis"] = say.say("{label}, {area}", label=step["basis"], area=where.told)
    return Part("steps", parts.render("steps.html.j2", say, steps=listed, unknown=say.say("not worked out")))


def _step(actor: Words, action: Words, basis: Words, cost: Words | None = None) -> Step:
    return {"actor": actor, "action": action, "basis": basis, "cost": cost}


def _to_enrol(own: Cells, say: Wording) -> Words:
    """Whom the lists name: owners not enrolled, and those who have lapsed."""
    return say.say("{n} people not enrolled or lapsed", n=span(own, "not_protected", say))


def _hand_over(day: Words, own: Cells, say: Wording) -> Step:
    action = say.say("hands the lists of owners to enrol to the camat (heads of the kecamatan) by {day}", day=day)
    return _step(say.say("City Office of Cooperatives, UMKM and Manpower"), action, _to_enrol(own, say))


def _have_checked(where: Place, first: str | None, at_first: Cells, day: Words, say: Wording) -> Step:
    basis = _gap(where, first, at_first, say)
    if first is None:
        return _step(say.say("All camat"), say.say("have the lists checked by the lurah by {day}", day=day), basis)
    action = say.say("have the lists checked by the lurah, {area} first, by {day}", area=where.names[first], day=day)
    return _step(say.say("All camat"), action, basis)


def _check(day: Words, own: Cells, say: Wording) -> Step:
    action = say.say("ask the owners on the lists for their participant cards by {day}", day=day)
    return _step(say.say("Lurah"), action, _to_enrol(own, say))


def _check_own(where: Place, day: Words, own: Cells, say: Wording) -> Step:
    action = say.say("has the owners on the list asked for their participant cards by {day}", day=day)
    return _step(say.say("Lurah of {area}", area=where.area.name), action, _to_enrol(own, say))


def _send(where: Place, first: str | None, at_first: Cells, day: Words, say: Wording) -> Step:
    """Who collects what was confirmed and passes it on; the area with the largest gap first, where that is certain."""
    kecamatan = where.names[where.area.kecamatan].removeprefix(standing.KINDS["kecamatan"])
    actor, basis = say.say("Camat of {area}", area=kecamatan), _gap(where, first, at_first, say)
    if first is None:
        action = say.say("sends the confirmed lists to the cooperatives, UMKM and manpower office by {day}", day=day)
    else:
        action = say.say("sends the confirmed lists to the cooperatives, UMKM and manpower office, {area} first, by "
                         "{day}", area=where.names[first], day=day)  # fmt: skip
    return _step(actor, action, basis)


def _gap(where: Place, first: str | None, of: Cells, say: Wording) -> Words:
    told = say.say("{n} people estimated not enrolled", n=span(of, "unregistered", say))
    return told if first is None else say.say("{label}, {area}", label=told, area=where.names[first])


def _confirm(day: Words, own: Cells, say: Wording) -> Step:
    """The undetermined and the lapsed: only the participant register itself can tell."""
    action = say.say("states who is enrolled and since when contributions stopped by {day}", day=day)
    basis = say.say("{lapsed} people lapsed, {open} undetermined", lapsed=span(own, "lapsed", say),
                    open=counts.count(own, "unresolved_n", say, of="unresolved_"))  # fmt: skip
    return _step(say.say("The branch office of BPJS Ketenagakerjaan"), action, basis)


def _budget(paid: Cells, day: Words, say: Wording) -> Step:
    action = say.say("budgets the contributions of the owners confirmed by {day}", day=day)
    basis = say.say("{n} people estimated not enrolled", n=span(paid, "people", say, of="cell_"))
    is_told = counts.is_told(paid, "cost_low_idr")
    cost = say.say("{amount} a year, if the APBD pays", amount=_least(paid, say)) if is_told else None
    return _step(say.say("City budget team"), action, basis, cost)


# cost ---------------------------------------------------------------------------------------------------------------


def cost(where: Place, yearly: Released, discounts: Released, say: Wording) -> Part:
    """What enrolling the gap costs at least, paid from the APBD or by the owners themselves."""
    paid, self_paid = cells.one(yearly, payer=costs.APBD), cells.one(yearly, payer=costs.SELF)
    sentences = [say.say("What enrolling them costs is not told: the figure is withheld.")]
    if counts.is_told(paid, "cost_low_idr"):
        sentences = [
            say.say("If paid by the APBD, {people} people in {area} need {cost} for {n} contribution months "
                    "of work accident benefit (JKK) and death benefit (JKM), {first}–{last}, at {rate}.",
                    people=span(paid, "people", say, of="cell_"), cost=_least(paid, say), n=paid["months_n"],
                    first=say.month(paid["first_month"]), last=say.month(paid["last_month"]), area=where.told,
                    rate=say.rupiah(paid.figure("tariff_low_idr", "tariff_high_idr", of="tariff_"))),
            *_assumed(paid, say),
            _self_paid(self_paid, discounts, say),
        ]  # fmt: skip
    return Part("cost", parts.render("prose.html.j2", say, sentences=sentences, table=""))


def _least(paid: Cells, say: Wording) -> Words:
    """What a payer pays at least, as the rate of the lowest income counts; from nothing on: at most so much."""
    told = amount(paid, say)
    return say.say("at least {n}", n=told) if paid["cost_low_idr"] > 0 else told


def _assumed(paid: Cells, say: Wording) -> list[Words]:
    if not paid["assumed_n"]:
        return []
    n = say.count(paid.figure("assumed_n", of="tariff_"))
    return [say.say("For {n} of these months no dated rule exists yet.", n=n)]


def _self_paid(paid: Cells, discounts: Released, say: Wording) -> Words:
    """What the owners pay together, and until when they owe less, by sector."""
    other, transport = cells.find(discounts, sector=costs.OTHER), cells.find(discounts, sector=costs.TRANSPORT)
    if other is None or transport is None:
        return say.say("If the owners pay themselves: {cost}.", cost=_least(paid, say))
    return say.say(
        "If the owners pay themselves: {cost}; by PP 50/2025 their rate is {rate} until {last}, in transport "
        "until {last_transport}.", cost=_least(paid, say), rate=say.rupiah(other.figure("tariff_idr")),
        last=say.month(other["last_month"]), last_transport=say.month(transport["last_month"]),
    )  # fmt: skip


def limits(say: Wording) -> Part:
    """What the figures leave out, and which way that would move them."""
    sentences = [say.say(
        "The ranges hold the uncertainty of linkage and rounding; owners missing from the UMKM register are not "
        "counted, so the gap may be larger."
    )]  # fmt: skip
    return Part("limits", parts.render("prose.html.j2", say, sentences=sentences, table=""))
