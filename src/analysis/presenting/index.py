"""The only place for the page that leads to the others: reports/index.html, in Indonesian with links to English.

It is made from the pages that lie there: their titles and dates stand in their own manifests and heads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from html import unescape

from analysis import N_, Fault, NotebookError
from analysis.presenting import brief, names, parts, wording
from analysis.presenting.wording import Wording

Pages = Mapping[str, tuple[str, str]]
"""Path (reports/...) and HTML of one page by language; languages without a page are left out."""


def render(pages: Pages, editions: Mapping[str, Pages] | None = None,
           catalogues: Mapping[str, Pages] | None = None) -> str:  # fmt: skip
    """The index: the briefs on the published record, then of each edition, by its name, its own index and evaluation.

    `editions`: the evaluation pages; `catalogues`: the index pages of the briefs. Editions stand in the order given,
    those of `catalogues` first; which are synthetic, their pages say themselves. Raises NotebookError, which names the
    path, where a page is not one of ours or was damaged.
    """
    say = wording.in_language("id")
    evaluations, briefs = editions or {}, catalogues or {}
    sections = [_section(name, briefs.get(name, {}), evaluations.get(name, {}), say)
                for name in {**briefs, **evaluations} if briefs.get(name) or evaluations.get(name)]  # fmt: skip
    return str(parts.render("index.html.j2", say, title=say.say("Briefs on Jamsostek coverage in Kota Palu").plain,
                            style=brief.style(), pages=_listed(pages), sections=sections))  # fmt: skip


def _listed(pages: Pages) -> list[dict[str, object]]:
    return [_entry(language, *pages[language]) for language in wording.LANGUAGES if language in pages]


def _section(name: str, briefs: Pages, evaluations: Pages, say: Wording) -> dict[str, object]:
    """The heading of one edition, marked where any of its pages says that it is synthetic, and its pages."""
    pages = [*briefs.values(), *evaluations.values()]
    is_synthetic = any('<meta name="data-status" content="synthetic">' in html for _, html in pages)
    heading = names.edition(name, say, is_synthetic=is_synthetic)
    return {"id": f"edition-{name}", "heading": heading, "briefs": _listed(briefs), "pages": _listed(evaluations)}


def _entry(language: str, path: str, html: str) -> dict[str, object]:
    say = wording.in_language(language)
    try:
        return {
            "language": language,
            "href": path.removeprefix("reports/"),
            "name": brief.NAMES[language],
            "headline": brief.title_of(html),
            "data_day": say.say("Data as of {day}", day=_day(_found(html, r'<meta name="data-date" content="(.*?)">'))),
            "prepared": say.say("Prepared on {day}", day=_day(brief.manifest_of(html)["parameters"]["as_of"])),
        }
    except (LookupError, TypeError, ValueError):
        fault = Fault(N_("lacks its title, date or manifest"))
        raise NotebookError(path, [fault], N_("Delete this page and run again.")) from None


def _day(written: str) -> date:
    return date.fromisoformat(written)


def _found(html: str, pattern: str) -> str:
    found = re.search(pattern, html)
    if found is None:
        raise ValueError("not in the page")
    return unescape(found[1])
