"""The only place for what the brief on the published record argues: headline, three numbers, request, steps.

Every function takes released tables and gives a part of the page. Which sentence is used follows from the data: a
figure past its hard limit leaves the headline, and its age takes its place.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from analysis.measuring import costs, record
from analysis.presenting import charts, names, parts
from analysis.presenting.cells import Cells, find, number_of, one, rows
from analysis.presenting.parts import Part
from analysis.presenting.wording import Wording, Words
from analysis.releasing.disclosure import Released
from analysis.sources import periods

ASKED_WITHIN, FIRST_STEPS_WITHIN, BUDGET_WITHIN = 1, 2, 3
"""Deadlines: the last day of the month that lies so many months after the brief was prepared."""


def masthead(ages: Released, as_of: date, say: Wording) -> Part:
    """What this is, who issues it, which day its data describe and when it was prepared."""
    main = one(ages, indicator=record.ENROLLED)
    data_day, as_of_day = say.day(main["described_until"]), say.day(as_of)
    html = parts.render("masthead.html.j2", say, day=data_day, as_of=as_of_day, kind=say.say("Policy brief"),
                        issuer=names.publisher(None, say))  # fmt: skip
    facts = {
        "data_date": main["described_until"].isoformat(),
        "data_day": data_day.plain,
        "as_of_day": as_of_day.plain,
    }
    return Part("masthead", html, facts)


def badge(age: Cells, say: Wording) -> Words | None:
    """A mark in words for a figure older than its limit; None while it is fresh."""
    return None if age["freshness"] == "fresh" else say.say("older data")


def message(ages: Released, say: Wording) -> Part:
    """The headline: one sentence with the finding and a number."""
    headline = _headline(one(ages, indicator=record.ENROLLED), one(ages, indicator=record.NOT_ENROLLED), say)
    return Part("message", parts.render("message.html.j2", say, headline=headline), {"title": headline.plain})


def lead(ages: Released, say: Wording) -> Part:
    """What was printed, which day it describes and until when it was repeated."""
    sentences = _lead(one(ages, indicator=record.ENROLLED), one(ages, indicator=record.NOT_ENROLLED), say)
    return Part("lead", parts.render("prose.html.j2", say, sentences=sentences, table=""))


def _headline(enrolled: Cells, rest: Cells, say: Wording) -> Words:
    if enrolled["freshness"] == "expired":
        return say.say(
            "The figure for UMKM owners enrolled in Jamsostek in Kota Palu is {months} old; today's gap is not known",
            months=names.months(enrolled, "months_old", say),
        )
    figure, day = charts.claimed(enrolled, say), say.day(enrolled["described_until"])
    if rest["freshness"] == "expired" or rest["described_until"] != enrolled["described_until"]:
        return say.say("In Kota Palu, {figure} UMKM owners were enrolled in Jamsostek as of {day}; how many are not is "
                       "not known", figure=figure, day=day)  # fmt: skip
    return say.say("In Kota Palu, {figure} UMKM owners were enrolled in Jamsostek as of {day}; {rest} were not",
                   figure=figure, day=day, rest=charts.claimed(rest, say))  # fmt: skip


def _lead(enrolled: Cells, rest: Cells, say: Wording) -> list[Words]:
    said = [
        say.say(
            "According to news texts, {figure} UMKM owners were enrolled in employment social security (Jamsostek) and "
            "{rest} were not.", figure=charts.claimed(enrolled, say), rest=charts.claimed(rest, say),
        ),
        _described(enrolled, rest, say),
    ]  # fmt: skip
    if enrolled["freshness"] != "fresh":
        said.append(say.say("We found no newer figure."))
    return said


def _described(enrolled: Cells, rest: Cells, say: Wording) -> Words:
    """Which day the two figures describe, and until when they were repeated."""
    day, other = say.day(enrolled["described_until"]), say.day(rest["described_until"])
    if day != other:
        return say.say("The first figure describes {day}, the second {other}.", day=day, other=other)
    if enrolled["unchanged_months"] == 0:
        return say.say("Both figures describe {day}.", day=day)
    return say.say(
        "Both figures describe {day} and were still printed on {last}, {months} later.", day=day,
        last=enrolled["last_printed"], months=names.months(enrolled, "unchanged_months", say),
    )  # fmt: skip


def key_numbers(ages: Released, shares: Released, total: Released, as_of: date, say: Wording) -> Part:
    """Exactly three numbers: the age of the figure, coverage by each count of UMKM, and the cost if the APBD pays."""
    main, rest = one(ages, indicator=record.ENROLLED), one(ages, indicator=record.NOT_ENROLLED)
    paid = rows(total)[0]
    tiles = [
        {
            "id": "age",
            "number": names.months(main, "months_old", say),
            "label": say.say("age of the figure {figure} UMKM owners enrolled", figure=charts.claimed(main, say)),
            "day": _data_as_of(main["described_until"], say),
            "badge": badge(main, say),
        },
        {
            "id": "share",
            "number": charts.each_share(shares, say),
            "label": _denominators(shares, say),
            "day": _data_as_of(main["described_until"], say),
            "badge": badge(main, say),
        },
        {
            "id": "cost",
            "number": _yearly(paid, say),
            "label": say.say(
                "lowest contributions of {people} people, {payer}",
                payer=names.payer_of(paid, say),
                people=say.count(paid.figure("people_low_n", "people_high_n")),
            ),
            "day": say.say("Data as of {day}; rate in force on {as_of}", day=rest["described_until"], as_of=as_of),
            "badge": badge(rest, say),
        },
    ]
    return Part("keys", parts.render("keys.html.j2", say, tiles=tiles))


def _data_as_of(day: date, say: Wording) -> Words:
    return say.say("Data as of {day}", day=day)


def _denominators(shares: Released, say: Wording) -> Words:
    """What the enrolled are divided by, and from which years these counts are."""
    possible = [row for row in rows(shares) if not row["is_impossible"]]
    years = sorted(row["described_until"].year for row in possible)
    return say.say(
        "enrolled, of {counts} (counts of {first}–{last})",
        counts=say.either([names.count(row, say) for row in possible]), first=str(years[0]), last=str(years[-1]),
    )  # fmt: skip


def _yearly(paid: Cells, say: Wording) -> Words:
    return say.say("{amount} a year", amount=say.rupiah(paid.figure("cost_low_idr", "cost_high_idr")))


def request(law: Released, as_of: date, say: Wording) -> Part:
    """The one decision asked, of whom, on which legal basis, by when."""
    rule = find(law, id="perda-kota-palu-8-2024")
    asked = say.say(
        "We ask the Regional Secretary (Sekretaris Daerah) of Kota Palu to name one list of owners of micro, small and "
        "medium businesses (UMKM), with one reference date, by {day}.", day=deadline(as_of, ASKED_WITHIN),
    )  # fmt: skip
    basis = say.say("Basis: {law}.", law=names.law(rule, say, is_long=True)) if rule else None
    return Part("request", parts.render("request.html.j2", say, asked=asked, basis=basis))


def deadline(as_of: date, months: int) -> date:
    """The last day of the month that lies `months` after `as_of`."""
    later = periods.month_later(as_of.replace(day=1), months)
    return later.replace(day=monthrange(later.year, later.month)[1])


def steps(shares: Released, totals: Released, total: Released, ages: Released, as_of: date, say: Wording) -> Part:
    """At most five steps: who does what by when, what it costs, and the number that it rests on."""
    now, soon, later = (say.day(deadline(as_of, n)) for n in (ASKED_WITHIN, FIRST_STEPS_WITHIN, BUDGET_WITHIN))
    paid, main = rows(total)[0], one(ages, indicator=record.ENROLLED)
    listed = [
        _step(
            say.say("City Office of Cooperatives, UMKM and Manpower"),
            say.say("removes duplicates from the list named by {day}", day=soon),
            say.say("{n} different counts of UMKM", n=say.spelled(number_of(rows(shares)))),
        ),
        _step(
            say.say("Regional Secretary"),
            say.say("asks BPJS Ketenagakerjaan for the numbers enrolled, active and lapsed on that date, by {day}",
                    day=soon),
            say.say("{figure} people, {months} old", figure=charts.claimed(main, say),
                    months=names.months(main, "months_old", say)),
        ),
        _step(
            say.say("City Planning Agency"),
            say.say("states who is in the participant totals that the city presented (city totals) by {day}", day=soon),
            _difference(totals, say),
        ),
        _step(
            say.say("City budget team"),
            say.say("proposes the number of people and the payer by {day}, after steps 1 and 2", day=later),
            say.say("{people} people not enrolled", people=say.count(paid.figure("people_low_n", "people_high_n"))),
            _least(paid, say),
        ),
        _step(
            say.say("City Office of Communications and Informatics"),
            say.say("prints “Data as of ...” with every participation figure by {day}", day=now),
            _repeated(main, say),
        ),
    ]  # fmt: skip
    return Part("steps", parts.render("steps.html.j2", say, steps=listed, unknown=say.say("not worked out")))


def _step(actor: Words, action: Words, basis: Words, cost: Words | None = None) -> dict[str, Words | None]:
    return {"actor": actor, "action": action, "basis": basis, "cost": cost}


def _difference(totals: Released, say: Wording) -> Words:
    """How far the groups are from the first city total, or that there is none to hold them against."""
    if not rows(totals):
        return say.say("no city total was published")
    first = rows(totals)[0]
    return say.say("groups make {sum} people, the city total of {year} is {total}", year=first["year"],
                   sum=say.count(first.figure("parts_n")), total=say.count(first.figure("total_n")))  # fmt: skip


def _least(paid: Cells, say: Wording) -> Words:
    """The cost of the step; the abbreviation APBD is introduced here, where it first stands in running text."""
    if costs.APBD in paid["payers"].split():
        return say.say("at least {amount}, if the city budget (APBD) pays", amount=_yearly(paid, say))
    return say.say("at least {amount}, none from the city budget (APBD)", amount=_yearly(paid, say))


def _repeated(main: Cells, say: Wording) -> Words:
    if main["unchanged_months"] == 0:
        return say.say("{months} since the day described", months=names.months(main, "months_old", say))
    return say.say("the figure of {day} was still printed {months} later", day=main["described_until"],
                   months=names.months(main, "unchanged_months", say))  # fmt: skip
