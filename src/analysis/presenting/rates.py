"""The only place for what is said of coverage by kelurahan: which rows, how each stands to the city, title, table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis import N_
from analysis.contracts.released import CITY
from analysis.measuring import shares
from analysis.presenting import counts
from analysis.presenting.cells import Cells
from analysis.presenting.tables import Column
from analysis.presenting.wording import Figure, Wording, Words
from analysis.ranges import Range
from analysis.releasing.areas import Area
from analysis.releasing.editions import Edition

BELOW, ABOVE, LIKE = "below", "above", "like"
AGAINST = {BELOW: N_("lower"), ABOVE: N_("higher"), LIKE: N_("cannot be told apart")}


def ordered(rates: pd.DataFrame, area: Area, regions: pd.DataFrame) -> pd.DataFrame:
    """The rows of the map: first the city, then the kelurahan shown, by code.

    Columns of `rates`, and area_name, kecamatan_name ("" for the city) and number_n, the place of a kelurahan among
    those of its kecamatan, counted from 1 (0 for the city).
    """
    kelurahan = regions[regions["level"] == "kelurahan"].sort_values("id")
    number = kelurahan.groupby("parent_code").cumcount() + 1
    told = kelurahan.assign(number_n=number, kecamatan_name=kelurahan["kecamatan"])
    if area.level != "city":
        told = told[told["parent_code"] == area.kecamatan]
    city = regions[regions["id"] == CITY].assign(number_n=0, kecamatan_name="")
    listed = pd.concat([city, told]).rename(columns={"id": "area_code", "name": "area_name"})
    shown = listed[["area_code", "area_name", "kecamatan_name", "number_n"]]
    return shown.merge(rates, on="area_code").astype({"number_n": "Int64"})


def against(row: Cells, city: Cells) -> str | None:
    """How a rate stands to that of the city: BELOW or ABOVE where the two ranges do not overlap, otherwise LIKE.

    None where either is not told as a range.
    """
    if row["shown"] != shares.RANGE or city["shown"] != shares.RANGE:
        return None
    if row["percent_high"] < city["percent_low"]:
        return BELOW
    return ABOVE if row["percent_low"] > city["percent_high"] else LIKE


def title(city: Cells, listed: Sequence[Cells], area: Area, say: Wording) -> Words:
    """How many kelurahan lie below the city; of a kelurahan how its own rate stands to it."""
    if area.level == "kelurahan":
        return _own_title(next(row for row in listed if row["area_code"] == area.code), city, say)
    of_city = counts.share(city, say, is_sentence=True)
    below = [row for row in listed if against(row, city) == BELOW]
    if not any(against(row, city) for row in listed):
        return say.say("Active coverage by kelurahan cannot be compared with that of the city")
    if not below:
        return say.say("No kelurahan can be told to have lower active coverage than the city ({share})", share=of_city)
    return say.say("In {n} of {all} kelurahan, active coverage is lower than in the city as a whole ({share})",
                   n=say.count(_number(below)), all=len(listed), share=of_city)  # fmt: skip


def _number(listed: Sequence[Cells]) -> Figure:
    """How many rates there are, by their first cells: the others stand in the table."""
    return Figure(Range.exact(len(listed)), " ".join(str(row["refs"]).partition(" ")[0] for row in listed))


def _own_title(own: Cells, city: Cells, say: Wording) -> Words:
    told = {"area": own["area_name"], "share": counts.share(own, say, is_sentence=True),
            "city": counts.share(city, say, is_sentence=True)}  # fmt: skip
    match against(own, city):
        case "below":
            return say.say("Active coverage in Kelurahan {area}: {share}, lower than in the city ({city})", **told)
        case "above":
            return say.say("Active coverage in Kelurahan {area}: {share}, higher than in the city ({city})", **told)
        case "like":
            return say.say("Active coverage in Kelurahan {area} ({share}) cannot be told apart from that of the city "
                           "({city})", **told)  # fmt: skip
    return say.say("Active coverage in Kelurahan {area}: {share}", area=told["area"], share=told["share"])


def subtitle(listed: Sequence[Cells], area: Area, edition: Edition, say: Wording, *, is_lettered: bool) -> Words:
    """Measure, place, day and unit, and how the map is to be read."""
    place = say.term(area.name)
    if area.level != "city":
        place = say.say("Kecamatan {area}", area=listed[0]["kecamatan_name"])
    told = say.say("Active owners among those eligible, by kelurahan, {place}, {day}, percent", place=place,
                   day=edition.reference_date)  # fmt: skip
    if is_lettered:
        told = say.say("{subtitle}; number: see table; two letters: from one to the other", subtitle=told)
    else:
        told = say.say("{subtitle}; darker: higher; two tones: from one to the other", subtitle=told)
    return say.say("{subtitle}; framed: {area}", subtitle=told, area=area.name) if area.level == "kelurahan" else told


def columns(city: Cells, say: Wording) -> list[Column]:
    """The table beside the map."""

    def on_map(row: Cells) -> Words:
        if row["area_code"] == CITY:
            return say.say("whole map")
        return say.say("{area} {n}", area=row["kecamatan_name"], n=int(row["number_n"]))

    def compared(row: Cells) -> Words:
        found = against(row, city)
        if row["area_code"] == CITY or found is None:
            return say.say("the city itself") if row["area_code"] == CITY else say.say("cannot be stated")
        return say.say(AGAINST[found])

    return [
        Column(say.say("Area"), lambda row: row["area_name"]),
        Column(say.say("On the map"), on_map),
        Column(say.say("Active coverage"), lambda row: counts.share(row, say), True),
        Column(say.say("Compared with the city"), compared),
    ]
