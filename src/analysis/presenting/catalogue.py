"""The only place for the index page of an edition: its briefs by name and by map, its data, and the editions beside it.

The page is made from what it is told and from nothing else; whoever gathers that looks at the pages that lie there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from analysis.presenting import brief, evaluation, grid, names, parts, wording
from analysis.presenting.wording import DASH, Wording, Words
from analysis.releasing.editions import Edition

TILE = 64.0
"""How wide a tile of the map is, as `grid.labelled` counts."""


@dataclass(frozen=True)
class Entry:
    """One area and its brief.

    `level`: city, kecamatan or kelurahan; `kecamatan`: code of the one it is or lies in ("" for the city); `href`: its
    page, None where there is none; `pdf_href`: the same as PDF; `headline`: of that page, "" where there is none;
    `is_previous`: whether the page was kept from an earlier run. Addresses count from the index page.
    """

    area_code: str
    name: str
    level: str
    kecamatan: str
    href: str | None = None
    pdf_href: str | None = None
    headline: str = ""
    is_previous: bool = False


@dataclass(frozen=True)
class Issue:
    """One edition beside the others: its name, both days, its released range of owners not enrolled in the city (None:
    withheld), and its index page (None for the edition whose index this is).
    """

    name: str
    is_synthetic: bool
    data_date: date
    as_of: date
    low_n: int | None
    high_n: int | None
    href: str | None


@dataclass(frozen=True)
class Catalogue:
    """All that an index page shows. `evaluation_href`: the page on the registers; `data`: label and address of each CSV
    file; `issues`: the editions in their order; `places`: row and column of the tile of each kelurahan, by code.
    """

    edition: Edition
    as_of: date
    entries: Sequence[Entry]
    places: grid.Places
    evaluation_href: str | None = None
    data: Sequence[tuple[str, str]] = ()
    issues: Sequence[Issue] = ()


def render(catalogue: Catalogue, language: str) -> str:
    """The index page in one language. Raises NotebookError where it would not be self-contained."""
    say, edition = wording.in_language(language), catalogue.edition
    other = next(one for one in wording.LANGUAGES if one != language)
    headline = say.say("Briefs by area, edition {name}", name=edition.name)
    notice = evaluation.notice(edition, say)
    title = say.say("Synthetic data: {headline}", headline=headline) if notice else headline
    html = str(parts.render(
        "catalogue.html.j2", say, title=f"{title} · daftar-{edition.name}-{language}", headline=headline,
        notice=notice.plain if notice else "", status="synthetic" if notice else "released", style=brief.style(),
        issuer=names.publisher(edition.issuing_unit, say), data_date=edition.reference_date.isoformat(),
        day=say.day(edition.reference_date), as_of=say.day(catalogue.as_of), other=other,
        other_name=brief.NAMES[other], manifest=_manifest(catalogue, language), evaluation=catalogue.evaluation_href,
        data=catalogue.data, issues=[_issue(one, say) for one in catalogue.issues], **_listed(catalogue, say),
    ))  # fmt: skip
    brief.refuse_unsafe(html)
    return html


def _manifest(catalogue: Catalogue, language: str) -> str:
    told = {"as_of": catalogue.as_of.isoformat(), "edition": catalogue.edition.name, "language": language}
    return json.dumps({"parameters": told}, sort_keys=True, indent=1)


def _listed(catalogue: Catalogue, say: Wording) -> dict[str, object]:
    """The city, the kecamatan with their kelurahan, those without a page, and the map."""
    levels: dict[str, list[Entry]] = {"city": [], "kecamatan": [], "kelurahan": []}
    for entry in sorted(catalogue.entries, key=lambda entry: entry.name):
        levels[entry.level].append(entry)
    groups = [
        {"id": f"kecamatan-{one.area_code.rpartition('.')[2]}", "own": _told(one, say),
         "parts": [_told(part, say) for part in levels["kelurahan"] if part.kecamatan == one.area_code]}
        for one in levels["kecamatan"]
    ]  # fmt: skip
    missing = [_told(one, say)["full"] for own in levels.values() for one in own if one.href is None]
    return {"city": [_told(one, say) for one in levels["city"]], "groups": groups, "missing": missing,
            "all": [_told(one, say) for one in levels["kelurahan"]], "map": _map(catalogue, say)}  # fmt: skip


def _told(entry: Entry, say: Wording) -> dict[str, object]:
    full = names.place(entry.area_code, entry.name, say)
    return {"entry": entry, "full": full, "headline": entry.headline}


def _map(catalogue: Catalogue, say: Wording) -> list[dict[str, object]]:
    """The tiles and names of the map in reading order: place, span, sides, and what they lead to."""
    of = {entry.area_code: entry for entry in catalogue.entries}
    own = grid.moved({place: of[code] for code, place in catalogue.places.items() if code in of})
    if not own:
        return []
    kecamatan = {place: entry.kecamatan for place, entry in own.items()}
    found = [{"row": row + 1, "col": col + 1, "span": 1, "told": _told(entry, say), "kind": "tile",
              "sides": grid.sides(kecamatan, (row, col))} for (row, col), entry in own.items()]  # fmt: skip
    by_name = {of[code].name: of[code] for code in sorted(set(kecamatan.values())) if code in of}
    named = {place: of[code].name if code in of else "" for place, code in kecamatan.items()}
    for name, (row, col), span, side in grid.labelled(named, TILE):
        if name:
            found.append({"row": row + 1, "col": col + 1, "span": span, "told": _told(by_name[name], say), "sides": "",
                          "kind": f"name {side}"})  # fmt: skip
    return sorted(found, key=lambda one: (one["row"], one["col"]))


def _issue(issue: Issue, say: Wording) -> dict[str, object]:
    heading = names.edition(issue.name, say, is_synthetic=issue.is_synthetic)
    return {"heading": heading, "href": issue.href, "day": say.day(issue.data_date), "as_of": say.day(issue.as_of),
            "range": _range(issue, say)}  # fmt: skip


def _range(issue: Issue, say: Wording) -> Words | str:
    if issue.low_n is None or issue.high_n is None:
        return say.say("withheld")
    low, high = say.grouped(issue.low_n), say.grouped(issue.high_n)
    return low if low == high else f"{low}{DASH}{high}"
