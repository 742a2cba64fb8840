"""The only place for what the brief on the published record rests on: cost, limits, method, law and sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from analysis.measuring import benefits, costs, record
from analysis.presenting import charts, names, parts, tables
from analysis.presenting.cells import Cells, find, one, refs_of, rows
from analysis.presenting.parts import Part
from analysis.presenting.tables import Column
from analysis.presenting.wording import Wording, Words
from analysis.releasing.disclosure import Released

LEGAL_BASIS = (
    *("uu-24-2011", "pp-44-2015-changed-by-pp-82-2019-and-pp-49-2023", "pp-50-2025", "inpres-2-2021"),
    *("perda-kota-palu-8-2024", "perpres-39-2019"),
)

NOT_SEEN = ("perda-kota-palu-8-2024",)
"""Instruments that are cited by number and title alone (law.csv: text not found)."""


def cost(yearly: Released, total: Released, rates: Released, discounts: Released, say: Wording) -> Part:
    """What closing the published gap costs at least, by payer, and what is open about it."""
    paid, self_paid = one(yearly, payer=costs.APBD), one(yearly, payer=costs.SELF)
    sentences = [
        say.say(
            "If paid by the APBD, {people} people need at least {cost} for {n} contribution months, {first}–{last}.",
            people=say.count(paid.figure("people_low_n", "people_high_n")),
            cost=say.rupiah(paid.figure("cost_low_idr", "cost_high_idr")), n=paid["months_n"],
            first=say.month(paid["first_month"]), last=say.month(paid["last_month"]),
        ),
        *_assumed(paid, say),
        _rate(paid, rates, say),
        *_discounted(discounts, say),
        _self_paid(self_paid, say),
        *_mixed(rows(total)[0], say),
        say.say("This uses the lowest rate and one person per UMKM; workers of UMKM are not counted."),
    ]  # fmt: skip
    return Part("cost", parts.render("prose.html.j2", say, sentences=sentences, table=""))


def _rate(paid: Cells, rates: Released, say: Wording) -> Words:
    """The lowest rate and, where they add up to it, its two parts."""
    part = {row["rate"]: row for row in rows(rates)}
    rate = say.rupiah(paid.figure("tariff_low_idr", "tariff_high_idr", of="tariff_"))
    if {paid["tariff_low_idr"], paid["tariff_high_idr"]} != {part[costs.PROGRAMMES]["amount_idr"]}:
        return say.say("The lowest rate is {rate}, for work accident benefit (JKK) and death benefit (JKM).", rate=rate)
    jkk, jkm = (say.rupiah(part[name].figure("amount_idr")) for name in ("JKK", "JKM"))
    return say.say("The lowest rate, {rate}, is work accident benefit (JKK) {jkk} and death benefit (JKM) {jkm}.",
                   rate=rate, jkk=jkk, jkm=jkm)  # fmt: skip


def _assumed(paid: Cells, say: Wording) -> list[Words]:
    if not paid["assumed_n"]:
        return []
    return [
        say.say(
            "For {n} of these months no dated rule exists yet.", n=say.count(paid.figure("assumed_n", of="tariff_"))
        )
    ]


def _mixed(total: Cells, say: Wording) -> list[Words]:
    """The sum of the mix that the parameters ask for, where it is none of the two pure cases."""
    if len(total["payers"].split()) == 1:
        return []
    amount = say.rupiah(total.figure("cost_low_idr", "cost_high_idr"))
    return [say.say("If the APBD pays for {n} people and the others pay themselves: at least {cost}.",
                    n=say.count(total.figure("apbd_people_n")), cost=amount)]  # fmt: skip


def _discounted(discounts: Released, say: Wording) -> list[Words]:
    """Until when self-payers owe less, by sector, and for whom that is open."""
    until = {row["sector"]: row for row in rows(discounts)}
    if not {costs.OTHER, costs.TRANSPORT} <= until.keys():
        return []
    other, transport = until[costs.OTHER], until[costs.TRANSPORT]
    return [
        say.say(
            "PP 50/2025 cuts it to {half} until {last}, in transport until {last_transport}, but not where the state "
            "budget or the APBD pays.", half=say.rupiah(other.figure("tariff_idr")),
            last=say.month(other["last_month"]), last_transport=say.month(transport["last_month"]),
        ),
        say.say("Whether owners who employ others are entitled to the cut is not clear."),
    ]  # fmt: skip


def _self_paid(paid: Cells, say: Wording) -> Words:
    amount = say.rupiah(paid.figure("cost_low_idr", "cost_high_idr"))
    if paid["sectors"] == costs.OTHER:
        return say.say("Self-payers outside transport: at least {cost}.", cost=amount)
    return say.say("Self-payers: at least {cost}.", cost=amount)


def limits(totals: Released, say: Wording) -> Part:
    """What this page cannot say, and what may already have changed."""
    sentences = [say.say(
        "Participation figures come from news texts, not from a participant register, so this page cannot state "
        "today's coverage."
    )]  # fmt: skip
    last = rows(totals)[-1:]
    if last and last[0]["change_n"] is not pd.NA and last[0]["change_n"] > 0:
        sentences.append(say.say(
            "The city total rose by {n} up to {year}; if some are UMKM owners, the gap and its cost are smaller.",
            n=say.count(last[0].size("change_n")), year=last[0]["year"],
        ))  # fmt: skip
    return Part("limits", parts.render("prose.html.j2", say, sentences=sentences, table=""))


def reconciliation(totals: Released, everyone: Released, say: Wording) -> Part:
    """Whether the published figures can be true together, and what we infer where they cannot."""
    listed = rows(totals)
    sentences = [*_against_total(listed[0], say)] if listed else [say.say("No city total had been published by then.")]
    if len(listed) > 1:
        sentences.append(_change(listed[-2], listed[-1], say))
    sentences += [
        say.say("City totals are not all participants: active ones alone were {n} on {day}.",
                n=say.count(row.figure("value_n")), day=row["described_until"]) for row in rows(everyone)
    ]  # fmt: skip
    return Part("reconciliation", parts.render("prose.html.j2", say, sentences=sentences, table=""))


def _against_total(first: Cells, say: Wording) -> list[Words]:
    pair = say.say(
        "Enrolled owners and workers paid for from the APBD make {pair}; the city total of {year} is {total}.",
        pair=say.count(first.figure("pair_n")), year=first["year"], total=say.count(first.figure("total_n")),
    )  # fmt: skip
    return [pair, _with_staff(first, say)]


def _with_staff(first: Cells, say: Wording) -> Words:
    if first["beyond_n"] <= 0:
        return say.say("With non-civil-servant staff they make {sum}, which fits into that total.",
                       sum=say.count(first.figure("parts_n")))  # fmt: skip
    return say.say(
        "With non-civil-servant staff it is {sum}, {n} more. Our inference is that the groups overlap or that some had "
        "lapsed; the City Planning Agency should confirm it.",
        sum=say.count(first.figure("parts_n")), n=say.count(first.figure("beyond_n")),
    )  # fmt: skip


def _change(before: Cells, last: Cells, say: Wording) -> Words:
    values = {"n": say.count(last.size("change_n")), "a": say.count(before.figure("total_n")), "year": before["year"],
              "b": say.count(last.figure("total_n")), "day": say.day(last["described_until"])}  # fmt: skip
    if last["change_n"] <= 0:
        return say.say("The city total fell by {n}, from {a} in {year} to {b} (printed {day}).", **values)
    return say.say(
        "The city total rose by {n}, from {a} in {year} to {b} (printed {day}). Our inference, untested, is that some "
        "are UMKM owners not enrolled before.", **values,
    )  # fmt: skip


def method(ages: Released, readings: Released, limits: Released, say: Wording) -> Part:
    """How the figures were taken and read."""
    limit, rest = one(limits, kind="participation"), one(ages, indicator=record.NOT_ENROLLED)
    sentences = [
        say.say("Figures come from dated news texts; a rewrite counts as a text of its own."),
        say.say("A figure {stale} months old or more is marked “older data”; at {expired} months it leaves the title.",
                stale=say.count(limit.figure("stale_after_months")),
                expired=say.count(limit.figure("expired_after_months"))),
        say.say("Ends of ranges are rounded outward."),
    ]  # fmt: skip
    wider, literal = find(readings, reading="wider"), find(readings, reading="literal")
    if wider is not None:
        sentences.append(say.say(
            "“{about}” is read as rounded to the nearest thousand; with a thousand either side, coverage would be "
            "{wider}.",
            about=charts.claimed(rest, say), wider=say.percent(wider.figure("low", "high")),
        ))  # fmt: skip
    if literal is not None and rest["unchanged_months"] > 0:
        sentences.append(say.say(
            "Read literally, a text of {last} leaves {literal} enrolled, against the statement of {first}.",
            literal=say.count(literal.about("low", "high")), last=say.month(f"{rest['last_printed']:%Y-%m}"),
            first=say.month(f"{rest['described_until']:%Y-%m}"),
        ))  # fmt: skip
    folded = parts.render(
        "folded_prose.html.j2", say, title=say.say("How figures are taken and read"), sentences=sentences
    )
    return Part("method", folded)


def at_stake(paid: Released, promised: Released, say: Wording) -> Part:
    """What enrolment is worth: the benefit promised, why enrolled is not yet protected, and what was paid."""
    sentences = [
        say.say("Heirs of an active participant are entitled to {amount} on a death outside work (JKM).",
                amount=say.rupiah(row.figure("amount_idr"))) for row in rows(promised)
    ]  # fmt: skip
    blocked = find(paid, indicator=benefits.BLOCKED)
    if blocked is not None:
        sentences.append(say.say(
            "Enrolled does not mean active: in {month}, benefits of {amount} could not be paid because contributions "
            "were in arrears.", month=say.month(f"{blocked['described_until']:%Y-%m}"),
            amount=say.rupiah(blocked.figure("value")),
        ))  # fmt: skip
    columns = [
        Column(say.say("Period"), lambda row: say.period(row["period"])),
        Column(say.say("Published benefit"), lambda row: names.benefit(row, say)),
    ]
    caption = say.say("Benefits published for Kota Palu; cases and recipients must not be mixed")
    table = tables.html(paid, columns, caption, say)
    folded = parts.render("folded.html.j2", say, title=say.say("Published benefits"), table=table)
    return Part("at_stake", parts.render("prose.html.j2", say, sentences=sentences, table=folded))


def targets(listed: Released, say: Wording) -> Part:
    """Published targets of other denominators, each with issuer and year: listed, never compared."""
    columns = [
        Column(say.say("Target"), lambda row: names.measure(row["measure"], say)),
        Column(say.say("Area"), lambda row: row["area"]),
        Column(say.say("Year"), lambda row: row["target_year"] or say.say("not stated")),
        Column(say.say("Percent"), lambda row: say.measured(row.measured("value")), True),
        Column(say.say("Issuer and document"), lambda row: names.issuer(row, say)),
    ]
    caption = say.say(
        "Targets for all workers; the coverage of UMKM owners has another denominator and is not compared"
    )
    table = tables.html(listed, columns, caption, say)
    return Part("targets", parts.render("folded.html.j2", say, title=say.say("Published targets"), table=table))


def law(listed: Released, say: Wording, chosen: Sequence[str] = LEGAL_BASIS) -> Part:
    """The legal basis, by number and title: the instruments chosen, in that order, as far as they are in force."""
    cited = [row for name in chosen if (row := find(listed, id=name)) is not None]
    items = [_cited(row, say) for row in cited]
    return Part("law", parts.render("law.html.j2", say, items=items))


def _cited(row: Cells, say: Wording) -> Words:
    words = names.law(row, say)
    changes = names.amendments(row)
    if changes:
        return say.say("{law}, as amended by {changes}", law=words, changes=changes)
    return say.say("{law} (articles not seen by us)", law=words) if row["id"] in NOT_SEEN else words


def origins(
    ages: Released, shares: Released, products: Released, totals: Released, sources: Released, as_of: date, say: Wording
) -> Part:
    """For each key number and the reconciliation: how it is defined, and the texts and rules it was computed from."""
    main = one(ages, indicator=record.ENROLLED)
    texts = {
        "age": say.say("Age: full months from {day} to {as_of}.", day=main["described_until"], as_of=as_of),
        "share": say.say(
            "Coverage: {figure} divided by each count; units differ, so the shares are never one range.",
            figure=charts.claimed(main, say),
        ),
        "cost": say.say(
            "Minimum cost: {products}.", products=say.joined([_product(row, say) for row in rows(products)])
        ),
        "groups": say.say("Reconciliation: the groups and the city totals as they were printed."),
    }
    used = {
        "age": main["refs"],
        "share": refs_of(rows(shares)),
        "cost": refs_of(rows(products)),
        "groups": refs_of(rows(totals)),
    }
    listed = [
        {"id": name, "text": text, "sources": texts_behind(used[name], sources, say)} for name, text in texts.items()
    ]
    return Part("origins", parts.render("origins.html.j2", say, listed=listed))


def _product(row: Cells, say: Wording) -> Words:
    """People x rate x months, for either end of the range and for the figure as printed."""
    rate, ends = say.rupiah(row.figure("tariff_idr", of="tariff_")), zip(costs.PEOPLE, costs.COST, strict=True)
    products = [
        say.say("{people} × {rate} × {n} = {cost}", people=say.count(row.figure(people)), rate=rate,
                n=row["months_n"], cost=say.rupiah_exact(row.figure(amount)))
        for people, amount in ends
    ]  # fmt: skip
    if row["people_low_n"] == row["people_high_n"]:
        return products[0]
    return say.joined([products[1], products[0], products[2]])


def texts_behind(refs: str, sources: Released, say: Wording) -> list[dict[str, object]]:
    """The texts behind a number, each address once: who printed it, when, and in which rows of our tables it stands."""
    used: dict[str, list[Cells]] = {}
    for row in rows(sources) if refs else []:
        if row["refs"] in refs.split():
            used.setdefault(row["url"], []).append(row)
    return [_source(url, texts, say) for url, texts in used.items()]


def _source(url: str, texts: list[Cells], say: Wording) -> dict[str, object]:
    first = texts[0]
    printed = say.period(first["published_date"]) if first["published_date"] else say.say("no date shown")
    numbers = ", ".join(str(row["row_n"]) for row in texts)
    return {
        "url": url,
        "publisher": first["publisher"],
        "printed": printed,
        "place": say.say("{table}, row {rows}", table=names.table(first["refs"], say), rows=numbers),
        "refs": " ".join(row["refs"] for row in texts),
        "is_unconfirmed": any(row["is_unconfirmed"] for row in texts),
    }
