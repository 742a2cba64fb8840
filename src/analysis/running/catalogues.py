"""The only place that gathers what the index pages show: which pages there are, and what they say of themselves."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.contracts.released import CITY
from analysis.presenting import wording
from analysis.running import editions, pages, provenance, publishing, series
from analysis.running.steps import Step
from analysis.sources import regions
from analysis.sources.places import Root

if TYPE_CHECKING:
    from analysis.presenting.catalogue import Entry, Issue
    from analysis.releasing.areas import Area
    from analysis.sources.delivery import Delivery
    from analysis.sources.keys import Keys

MANIFEST = "manifest.json"
NEEDED = {"edition", "reference_date", "is_synthetic", "as_of", "files", "pages"}


def read(folder: Path) -> dict[str, Any]:
    """The manifest of an edition's folder; empty where there is none that can be read."""
    try:
        told = dict(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}
    return told if told.keys() >= NEEDED else {}


def beside(root: Root, delivered: Delivery) -> list[dict[str, Any]]:
    """What stands in the index of an edition about those before it, oldest first: name, days, range of the gap.

    Of later ones nothing: an index says the same whatever comes after it.
    """
    found = []
    for path in sorted(root.reports.glob(f"[!.]*/{MANIFEST}")):
        told = read(path.parent)
        if not told:
            continue
        is_before = told["reference_date"] < delivered.reference_date.isoformat()
        is_listed = told["is_synthetic"] == delivered.is_synthetic and not series.is_withdrawn(root, path.parent.name)
        if is_before and is_listed:
            table = path.parent / "csv" / f"gap{delivered.mark}.csv"
            written = table.read_text(encoding="utf-8") if table.is_file() else ""
            languages = [one for one in wording.LANGUAGES if f"{one}/index.html" in told["files"]]
            found.append({"name": told["edition"], "reference_date": told["reference_date"], "as_of": told["as_of"],
                          "range": _gap(written), "languages": languages})  # fmt: skip
    return sorted(found, key=lambda one: (one["reference_date"], one["name"]))


def of_edition(root: Root, delivered: Delivery, secrets: Keys, as_of: date, files: Mapping[str, bytes],
               kept: Collection[str], before: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:  # fmt: skip
    """The index page in each language that has pages among `files`; `kept`: those of an earlier run; `before`: as
    `beside` gives it.
    """
    from analysis.presenting import catalogue, grid
    from analysis.releasing import areas

    known = regions.read(root)
    data = [(name.removeprefix("csv/"), f"../{name}") for name in sorted(files) if name.startswith("csv/")]
    evaluation, made = f"{pages.EVALUATION}{delivered.mark}.html", {}
    for language in wording.LANGUAGES:
        own = {name.partition("/")[2]: content for name, content in files.items() if name.startswith(f"{language}/")}
        if own:
            page = catalogue.Catalogue(
                editions.facts(delivered, secrets.rounding), as_of,
                [_entry(root, delivered, area, language, own, kept) for area in areas.known(known).values()],
                grid.places(known), evaluation if evaluation in own else None, data,
                list(_issues(delivered, as_of, files, language, before)),
            )  # fmt: skip
            made[f"{language}/index.html"] = catalogue.render(page, language).encode()
    return made


def _entry(root: Root, delivered: Delivery, area: Area, language: str, own: Mapping[str, bytes],
           kept: Collection[str]) -> Entry:  # fmt: skip
    """An area with its page: of this run, kept from an earlier one, or of the edition before."""
    from analysis.presenting import brief
    from analysis.presenting.catalogue import Entry

    file, printed = (f"{area.code}{delivered.mark}.{ending}" for ending in ("html", "pdf"))
    place = (area.code, area.name, area.level, area.kecamatan)
    if file in own:
        return Entry(*place, file, printed if printed in own else None, brief.title_of(own[file].decode()),
                     f"{language}/{file}" in kept)  # fmt: skip
    last = editions.last(root, delivered)
    earlier = root.reports / (last or "") / language / file
    if last and earlier.is_file():
        headline = brief.title_of(earlier.read_text(encoding="utf-8"))
        return Entry(*place, f"../../{last}/{language}/{file}", None, headline, is_previous=True)
    return Entry(*place)


def _issues(delivered: Delivery, as_of: date, files: Mapping[str, bytes], language: str,
            before: Sequence[Mapping[str, Any]]) -> Iterator[Issue]:  # fmt: skip
    """The editions before, and this one."""
    from analysis.presenting.catalogue import Issue

    for one in before:
        day, prepared = date.fromisoformat(one["reference_date"]), date.fromisoformat(one["as_of"])
        known = language if language in one["languages"] else one["languages"][0]
        href = f"../../{one['name']}/{known}/index.html"
        low, high = one["range"]
        yield Issue(one["name"], delivered.is_synthetic, day, prepared, low, high, href)
    written = files.get(f"csv/gap{delivered.mark}.csv", b"").decode()
    yield Issue(delivered.edition, delivered.is_synthetic, delivered.reference_date, as_of, *_gap(written), None)


def _gap(written: str) -> tuple[int | None, int | None]:
    """The released range of owners not enrolled in the city, from the text of gap.csv; withheld: None."""
    for row in csv.DictReader(io.StringIO(written)):
        if (row["area_code"], row["dimension"], row["measure"]) == (CITY, "total", "unregistered") and row["lower"]:
            return int(row["lower"]), int(row["upper"])
    return None, None


def of_all(root: Root, edition: str) -> list[Step]:
    """What makes reports/index.html, from the pages that lie there; nothing where there is no page at all. `edition`:
    whose run makes it.

    Which pages they are is part of the recipe: a task does not see that one is gone.
    """
    found = list(_pages(root))
    target = root.reports / "index.html"
    recipe = {"code": provenance.code_hash(["analysis.presenting.index"], "id"), **provenance.platform(),
              "pages": [root.told(page) for _, _, page in found]}  # fmt: skip

    def work() -> None:
        from analysis.presenting import index

        read: dict[str, dict[str, dict[str, tuple[str, str]]]] = {"index": {}, pages.EVALUATION: {}}
        for kind, language, page in found:
            text = page.read_text(encoding="utf-8", errors="replace")
            read[kind].setdefault(page.parent.parent.name, {})[language] = (root.told(page), text)
        record = read["index"].pop(pages.RECORD, {})
        html = index.render(record, read[pages.EVALUATION], read["index"])
        publishing.publish(root.reports, {"index.html": html}, edition)

    sources = [page for _, _, page in found]
    return [Step(root.told(target), recipe, sources, [target], work)] if found else []


def _pages(root: Root) -> Iterator[tuple[str, str, Path]]:
    """Kind, language and path of the pages that lie there: index pages, the record's among them, and evaluations."""
    for folder in sorted(root.reports.glob("[!.]*/")):
        for language in () if series.is_withdrawn(root, folder.name) else wording.LANGUAGES:
            for kind, name in (("index", "index.html"), (pages.EVALUATION, f"{pages.EVALUATION}*.html")):
                yield from ((kind, language, page) for page in sorted(folder.glob(f"{language}/{name}")))
