"""The only place where an executed notebook becomes a self-contained, accessible HTML brief.

nbconvert renders it with the template `templates/brief`. Of the notebook only parts reach the page, each in its slot;
source, prose, plain outputs and error texts stay behind. A page that breaks a rule of self-containment is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from markupsafe import Markup
from nbconvert import TemplateExporter
from nbformat import NotebookNode

from analysis import N_, Fault, NotebookError
from analysis.presenting import parts, wording

LARGEST_BYTES = 500_000
FORBIDDEN = ("<script", "<iframe", "<img", 'href="javascript:', "@import", "No description has been provided", " src=")
BRIEF = "index.html.j2"
PREVIOUS = N_("Previous edition of this page: a newer one could not be made")
NAMES = {"id": "Bahasa Indonesia", "en": "English"}


@dataclass(frozen=True)
class Page:
    """One page for readers and the data beside it (name of the CSV file without its ending: text)."""

    html: str
    csv: Mapping[str, str]


def render(notebook: NotebookNode, language: str, issue: str, manifest: Mapping[str, Any]) -> Page:
    """The brief of an executed notebook, or another page where a part names its template (fact `template`).

    `issue` names this issue of the brief, `manifest` says what it was made from. Raises NotebookError where a slot
    has no part or the page would not be self-contained.
    """
    say, found = wording.in_language(language), _parts(notebook)
    facts = {name: value for part in found for name, value in part["facts"].items()}
    context = {
        "say": say.say,
        "language": language,
        "title": f"{facts.get('title')} · {issue}",
        "facts": facts,
        "issue": issue,
        "other": _other(language),
        "other_name": NAMES[_other(language)],
        "style": style(),
        "manifest": _json({**manifest, "disclosure_rule": _rule(found)}),
        "slot": _slots(found),
    }
    html = _exporter(context, facts.get("template", BRIEF)).from_notebook_node(notebook)[0]
    refuse_unsafe(html)
    return Page(html, {name: text for part in found for name, text in part["csv"].items()})


def manifest_of(html: str) -> dict[str, Any]:
    """The manifest that a page carries."""
    written = html.partition('<template id="manifest">')[2].partition("</template>")[0]
    return dict(json.loads(Markup(written).unescape()))


def title_of(html: str) -> str:
    """The title of a page without its issue. Raises ValueError where it has none."""
    found = re.search(r"<title>(.*?)</title>", html)
    if found is None:
        raise ValueError("not in the page")
    return unescape(found[1]).rpartition(" · ")[0]


def as_previous(html: str) -> str:
    """The same page, marked at its top as made by an earlier run; one that bears the mark already stays as it is."""
    language = "en" if '<html lang="en">' in html else "id"
    mark = Markup('<p class="previous"><strong>{}</strong></p>').format(wording.in_language(language).say(PREVIOUS))
    return html if mark in html else html.replace("<header>\n", f"<header>\n{mark}\n", 1)


def style() -> Markup:
    """The style sheet of every page."""
    return Markup((parts.TEMPLATES / "page.css").read_text(encoding="utf-8"))


def _exporter(context: Mapping[str, object], template: str) -> TemplateExporter:
    """nbconvert's template exporter, not its HTMLExporter: that one rewrites the finished page."""
    exporter = TemplateExporter(  # type: ignore[no-untyped-call]
        template_name="brief", template_file=template,
                                extra_template_basedirs=[str(parts.TEMPLATES)],
                                extra_template_paths=[str(parts.TEMPLATES)])  # fmt: skip
    exporter.environment.autoescape = True
    exporter.environment.bytecode_cache = parts.COMPILED
    exporter.environment.globals.update(context)
    return exporter


def _parts(notebook: NotebookNode) -> list[dict[str, Any]]:
    return parts.shown(cell for cell in notebook.cells if "exhibit" in cell.metadata.get("tags", []))


def _rule(found: list[dict[str, Any]]) -> str:
    """The rule under which the figures of a page were released."""
    return ", ".join(sorted({part["facts"]["rule"] for part in found if "rule" in part["facts"]}))


def _slots(found: list[dict[str, Any]]) -> Any:
    """What the template calls to place parts: `slot("steps")`, or `slot("chart", "timeline", "coverage")` by name."""

    def slot(name: str, *chosen: str) -> Markup:
        own = [part for part in found if part["slot"] == name and (not chosen or part["facts"]["name"] in chosen)]
        if len(own) < max(1, len(chosen)):
            fault = Fault(N_('no part for "{slot}"'), values={"slot": name})
            raise NotebookError(
                N_("the executed notebook"), [fault], N_("Give the cell that makes it the tag exhibit.")
            )
        return Markup("").join(Markup(part["html"]) for part in own)

    return slot


def _other(language: str) -> str:
    return next(other for other in wording.LANGUAGES if other != language)


def _json(manifest: Mapping[str, Any]) -> str:
    return json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1)


def refuse_unsafe(html: str) -> None:
    """Raises NotebookError where a page would not be self-contained, or is too large."""
    faults = [Fault('holds "{what}"', values={"what": what}) for what in FORBIDDEN if what in html]
    if len(html.encode()) > LARGEST_BYTES:
        faults.append(Fault("is larger than {n} bytes", values={"n": LARGEST_BYTES}))
    if faults:
        raise NotebookError(N_("the finished page"), faults, N_("Report this: a page must be self-contained."))
