"""The only place for the names that readers see for indicators, denominators, payers, laws and targets."""

from __future__ import annotations

import dataclasses
import re

from analysis import N_
from analysis.contracts import registers
from analysis.contracts.released import CITY
from analysis.measuring import costs, implied, record
from analysis.presenting.cells import Cells
from analysis.presenting.wording import DASH, Wording, Words


def group(indicator: str, say: Wording) -> Words:
    """Who is counted by a headline figure or part of a total."""
    match indicator:
        case record.ENROLLED:
            return say.say("UMKM owners enrolled")
        case record.NOT_ENROLLED:
            return say.say("UMKM owners not enrolled")
        case record.PAID_FOR:
            return say.say("workers paid for from the APBD")
        case record.STAFF:
            return say.say("non-civil-servant staff")
    raise LookupError(f"no name for the indicator {indicator}")


def denominator(row: Cells, say: Wording) -> Words:
    """A count of UMKM with its unit, origin and year: the count as its source gives it, the implied one rounded."""
    year = str(row["described_until"].year)
    match row["denominator"]:
        case implied.IMPLIED:
            return say.say("{n} UMKM owners (implied, {year})", n=count(row, say), year=year)
        case "umkm_target":
            return say.say("{n} business units (city target, {year})", n=count(row, say), year=year)
        case "umkm_census_target":
            return say.say("{n} records (data collection target, {year})", n=count(row, say), year=year)
        case "business_count_se2016":
            return say.say("{n} business units (Economic Census, {year})", n=count(row, say), year=year)
        case "umkm_count":
            return say.say("{n} UMKM owners (agency record, {year})", n=count(row, say), year=year)
    raise LookupError(f"no name for the denominator {row['denominator']}")


def count(row: Cells, say: Wording) -> Words:
    """A denominator as it may be printed: a rounded one by the middle of its range, to the nearest thousand."""
    low, high = row["denominator_low_n"], row["denominator_high_n"]
    if low == high:
        return say.count(row.figure("denominator_low_n", of="count_"))
    return say.count(row.about("denominator_low_n", "denominator_high_n", of="count_"))


def payer(name: str, say: Wording) -> Words:
    """Who pays the contributions."""
    return say.say("city budget (APBD)") if name == costs.APBD else say.say("owners themselves")


def texts(row: Cells, say: Wording) -> Words:
    """How many texts print a figure, and how many of these are unconfirmed: the mark belongs to those alone."""
    figure = dataclasses.replace(row.figure("same_n"), is_unconfirmed=False)
    times = say.say_n("{n} time", "{n} times", row["same_n"], n=say.count(figure))
    doubted = row["unconfirmed_n"]
    return say.say("{times} ({n} unconfirmed)", times=times, n=doubted) if doubted else times


def months(row: Cells, column: str, say: Wording) -> Words:
    """A span of full months: 1 month, 47 months."""
    return say.say_n("{n} month", "{n} months", row[column], n=say.count(row.figure(column)))


def law(row: Cells, say: Wording, *, is_long: bool = False) -> Words:
    """A legal instrument by number and title, with its mark; long: Perda Kota Palu Nomor 8 Tahun 2024."""
    number = str(row["instrument"]).split(" (")[0]
    if is_long:
        number = re.sub(r"(\d+)/(\d{4})", r"Nomor \1 Tahun \2", number)
    words = say.say("{instrument} {title}", instrument=number, title=row["title_id"])
    return say.say("{figure} (unconfirmed)", figure=words) if row["is_unconfirmed"] else words


def amendments(row: Cells) -> str:
    """The instruments that changed this one; empty where none is named."""
    found = re.search(r"\(changed by (.*)\)", row["instrument"])
    return ", ".join(found[1].split(" and ")) if found else ""


def measure(name: str, say: Wording) -> Words:
    """What a national or provincial target counts."""
    return say.say("UCJ: share of all workers") if name == "ucj" else say.say("participation of workers")


def issuer(row: Cells, say: Wording) -> Words:
    """Who set a target, and in which document."""
    name: str = row["issuer"]
    document = re.sub(r"(\d{4})-(\d{4})", rf"\1{DASH}\2", row["instrument"])
    return say.say("{issuer}, {instrument}", issuer=say.term(name), instrument=document) if document else say.term(name)


ISSUERS = (
    N_("Government of Indonesia"),
    N_("Governor of Sulawesi Tengah"),
    N_("Province of Sulawesi Tengah"),
    N_("BPJS Ketenagakerjaan (Manokwari office)"),
)
"""Issuers as targets.csv names them, for the catalogue."""


def table(ref: str, say: Wording) -> Words:
    """The table of data/raw in which a row stands."""
    return say.say("table of rates") if ref.startswith("tariffs.csv") else say.say("table of figures")


def benefit(row: Cells, say: Wording) -> Words:
    """What a published benefit figure counts, with the figure."""
    figure = row.figure("value", is_about=bool(row["is_approximate"]))
    plain = dataclasses.replace(figure, is_unconfirmed=False)
    match row["indicator"]:
        case "benefit_cases":
            words = say.say("{n} cases", n=say.count(plain))
        case "benefit_recipients":
            words = say.say("{n} recipients", n=say.count(plain))
        case "benefits_blocked_by_arrears":
            words = say.say("{amount} not paid because of arrears", amount=say.rupiah(plain))
        case _:
            words = say.say("{amount} paid", amount=say.rupiah(plain))
    return say.say("{figure} (unconfirmed)", figure=words) if figure.is_unconfirmed else words


def payer_of(total: Cells, say: Wording) -> Words:
    """Who pays a sum: the APBD, the owners themselves, or the APBD for some of them."""
    match total["payers"].split():
        case [costs.APBD]:
            return say.say("if the APBD pays")
        case [costs.SELF]:
            return say.say("if the owners pay themselves")
    return say.say("if the APBD pays for {n}", n=say.count(total.figure("apbd_people_n")))


def remark(row: Cells, say: Wording) -> Words:
    """Whether a row of a table is past its age limit."""
    return say.say("current") if row["freshness"] == "fresh" else say.say("older data")


def publisher(issuing_unit: str | None, say: Wording) -> Words:
    """Who issues a page: the unit that the delivery names, otherwise nobody official."""
    if issuing_unit is None:
        return say.say("open analysis, not an official publication of the City Government of Palu")
    return say.say("issued by {unit}", unit=issuing_unit)


def register(name: str, say: Wording) -> Words:
    """A register as a list."""
    match name:
        case registers.UMKM:
            return say.say("UMKM register")
        case registers.JAMSOSTEK:
            return say.say("participant register")
    return say.say("list of vulnerable workers")


def records(n: Words, name: str, say: Wording) -> Words:
    """So many records of a register: 6.350 catatan UMKM."""
    match name:
        case registers.UMKM:
            return say.say("{n} UMKM records", n=n)
        case registers.JAMSOSTEK:
            return say.say("{n} participant records", n=n)
    return say.say("{n} records of vulnerable workers", n=n)


def fixer(code: str, say: Wording) -> Words:
    """Who can put a finding right, as a chart or table has it."""
    match code:
        case "dinas":
            return say.say("City Office of Cooperatives, UMKM and Manpower")
        case "bpjs":
            return say.say("BPJS Ketenagakerjaan")
        case "dukcapil":
            return say.say("Dukcapil")
    return say.say("kelurahan")


def place(code: str, name: str, say: Wording) -> Words:
    """An area with what it is: Kota Palu, Kecamatan Palu Barat, Kelurahan Ujuna."""
    if code == CITY:
        return say.term(name)
    is_kecamatan = code.count(".") == 2
    return say.say("Kecamatan {area}", area=name) if is_kecamatan else say.say("Kelurahan {area}", area=name)


def edition(name: str, say: Wording, *, is_synthetic: bool) -> Words:
    """An edition, marked where its data are invented."""
    if is_synthetic:
        return say.say("Edition {name} (synthetic data)", name=name)
    return say.say("Edition {name}", name=name)


FIXERS = registers.FIXERS
"""Who can put a finding right, in the order in which they are shown."""
FIELDS = {
    "nik": N_("NIK"), "owner_name": N_("owner's name"), "name": N_("name"), "business_name": N_("business name"),
    "nib": N_("business number (NIB)"), "sex": N_("sex"), "birth_place": N_("birth place"),
    "birth_date": N_("birth date"), "address": N_("address"), "rt_rw": N_("RT/RW"), "kelurahan": N_("kelurahan"),
    "kecamatan": N_("kecamatan"), "phone": N_("phone"), "sector": N_("sector"), "kbli": N_("KBLI code"),
    "scale": N_("scale"), "revenue_idr": N_("yearly revenue"), "workers_n": N_("number of workers"),
    "census_date": N_("day of recording"), "kpj": N_("participant number (KPJ)"), "segment": N_("segment"),
    "program": N_("programme"), "member_date": N_("member date"),
    "last_contribution_month": N_("last contribution month"), "status": N_("participant status"),
    "funding": N_("payer of the contribution"), "group": N_("group of workers"),
}  # fmt: skip
"""Our columns of the registers, for readers."""
SECTORS = {
    "agriculture": N_("agriculture"), "fishing": N_("fishing"), "manufacturing": N_("manufacturing"),
    "construction": N_("construction"), "trade": N_("trade"), "transport": N_("transport"),
    "food_lodging": N_("food and lodging"), "crafts": N_("crafts"), "services": N_("services"),
    "other": N_("other sectors"), "unknown": N_("sector not known"),
}  # fmt: skip
"""Sectors of owners, for readers."""
STRATA = {
    "linked_surely": N_("surely linked"), "linked_weakly": N_("linked, not surely"),
    "open": N_("not linked, but possibly a participant"), "not_linked": N_("not linked"),
    "set_aside": N_("record not usable"),
}  # fmt: skip
"""The parts of the owners from which a review draws, for readers."""
