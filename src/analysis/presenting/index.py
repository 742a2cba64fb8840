"""The only place for the page that leads to the others: reports/index.html, in Indonesian with links to English.

It is made from the pages that lie there: their titles and dates stand in their own manifests and heads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from html import unescape

from analysis import N_, Fault, NotebookError
from analysis.presenting import brief, parts, wording


def render(pages: Mapping[str, tuple[str, str]]) -> str:
    """The index of the briefs on the published record. `pages`: path and HTML by language; those without are left out.

    Raises NotebookError, which names the path, where a page is not one of ours or was damaged.
    """
    say = wording.in_language("id")
    listed = [_entry(language, *pages[language]) for language in wording.LANGUAGES if language in pages]
    return str(parts.render("index.html.j2", say, title=say.say("Briefs on Jamsostek coverage in Kota Palu").plain,
                            style=brief.style(), pages=listed))  # fmt: skip


def _entry(language: str, path: str, html: str) -> dict[str, object]:
    say = wording.in_language(language)
    try:
        return {
            "language": language,
            "name": brief.NAMES[language],
            "headline": _found(html, r"<title>(.*?)</title>").rpartition(" · ")[0],
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
