"""The only place that makes finished pages again, to say whether they are the same to the byte, or why not.

A page names what it was made from. Each of these inputs is compared first, in their order, with what lies in the root
now; the first that differs is named. Where none does, the page is made again and compared. An edition's folder has a
manifest besides, by which its registers, its tables and every file in it are compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

from analysis import N_, AnalysisError, Fault, ParameterError, VerifyError
from analysis.presenting import brief, printing
from analysis.presenting.wording import Wording
from analysis.running import engine, pages, preflight, provenance, shelf, warm
from analysis.sources import delivery
from analysis.sources.places import Root

ORDER = ("version", "code", "lock", "python", "notebook", "inputs", "registers", "delivery", "released", "parameters")
"""In which order inputs are compared; others follow."""
CURE = N_("Restore this input, or run the edition again.")


def lines(root: Root, target: Path, kind: engine.Kind, jobs: int, say: Wording) -> Iterator[str]:
    """Make a page, or every page below a folder, again from what lies in `root`, and tell how many came out the same.

    Raises VerifyError with a fault for each file that did not, and ParameterError where there is nothing to verify.
    """
    found = [target] if target.is_file() else sorted(target.rglob("*.html")) if target.is_dir() else []
    own = [path for path in found if _manifest(path)]
    if not own:
        fault = Fault(N_("holds no page with a manifest"), values={"file": target.name})
        raise ParameterError(N_("what is to be verified"), [fault], N_("Name a brief, or a folder with briefs."))
    folders = sorted(path.parent for path in target.rglob(shelf.MANIFEST)) if target.is_dir() else []
    faults = [fault for folder in folders for fault in _of_folder(root, folder)]
    with warm.started(), ThreadPoolExecutor(jobs) as workers:
        results = list(workers.map(lambda path: _of_page(root, path, kind), own))
    faults += [fault for result in results for fault in result]
    if faults:
        raise VerifyError(target.name, faults, CURE)
    yield say.say_n(
        "{n} page made again: the same bytes", "{n} pages made again: the same bytes", len(own), n=len(own)
    ).plain


def _of_page(root: Root, path: Path, kind: engine.Kind) -> list[Fault]:
    """What is wrong with one page; nothing where it can be made again."""
    html = path.read_text(encoding="utf-8")
    manifest = _manifest(path)
    try:
        now = _now(root, manifest)
        if (name := _first_difference(manifest, now)) is not None:
            return [Fault(N_("{name} is not what it was made from"), values={"file": path.name, "name": name})]
        page = _again(root, html, now, kind)
    except AnalysisError as error:
        values = {"file": path.name, "message": str(error)}
        return [Fault(N_("cannot be made again: {message}"), values=values)]
    faults = [] if page.html == html else [_other(path)]
    for name, text in page.csv.items():
        beside = path.parent / "csv" / f"{name}.csv"
        faults += [_other(beside)] if beside.is_file() and beside.read_bytes() != text.encode() else []
    printed = path.with_suffix(".pdf")
    if printed.is_file() and printing.is_available() and not faults:
        faults += [] if pages.pdf(html, path.name) == printed.read_bytes() else [_other(printed)]
    return faults


def _other(path: Path) -> Fault:
    return Fault(N_("has other bytes when it is made again"), values={"file": path.name})


def _now(root: Root, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest that the page would have if it were made now. What is not here to be compared is as it was."""
    notebook = root.find(f"notebooks/{manifest['notebook']['name']}").path
    parameters = {**preflight.defaults(notebook), **manifest["parameters"]}
    now = {**manifest, **provenance.of_notebook(root, notebook, parameters)}
    edition = str(parameters.get("edition", ""))
    if edition and "delivery" in manifest and root.delivery(edition).is_dir():
        now |= provenance.of_delivery(delivery.read(root, edition))
    if edition and "released" in manifest:
        now["released"] = provenance.hashes(pages.released(root, edition, list(manifest["released"])))
    return now


def _first_difference(was: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """The name of the first input that differs; None where none does."""
    for key in (*ORDER, *(key for key in was if key not in ORDER)):
        if was.get(key) != now.get(key):
            return ", ".join([key, *_within(was.get(key), now.get(key))])
    return None


def _within(was: object, now: object) -> Iterator[str]:
    """Which one of several files of an input differs."""
    before, after = _named(was), _named(now)
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    yield from changed[:1]


def _named(listed: object) -> dict[str, object]:
    if isinstance(listed, Mapping):
        return {str(name): one for name, one in listed.items()}
    if isinstance(listed, Sequence) and not isinstance(listed, str):
        return {str(one.get("name")): one for one in listed if isinstance(one, Mapping)}
    return {}


def _again(root: Root, html: str, manifest: Mapping[str, Any], kind: engine.Kind) -> brief.Page:
    own = {key: value for key, value in manifest.items() if key != "disclosure_rule"}
    notebook = root.find(f"notebooks/{manifest['notebook']['name']}").path
    parameters = own["parameters"]
    edition = str(parameters.get("edition", pages.RECORD))
    desk = pages.Desk(root, date.min, kind)
    issue = unescape(re.findall(r'<meta name="issue" content="(.*?)">', html)[0])
    released = pages.released(root, edition, list(own.get("released", {})))
    return pages.made(
        desk, pages.Sheet("", issue, str(parameters["language"]), notebook, parameters, own), edition, released
    )


def _manifest(path: Path) -> dict[str, Any]:
    """What a page says that it was made from; empty where it is no page of ours."""
    try:
        found = brief.manifest_of(path.read_text(encoding="utf-8"))
        return found if "notebook" in found else {}
    except (OSError, ValueError):
        return {}


def _of_folder(root: Root, folder: Path) -> list[Fault]:
    """What is wrong with an edition's folder: files that are not as they were put there, or inputs that differ."""
    manifest = shelf.read(folder)
    if not manifest:
        return [Fault(N_("is damaged"), values={"file": f"{folder.name}/{shelf.MANIFEST}"})]
    faults = [Fault(N_("stands in no manifest"), values={"file": f"{folder.name}/{name}"})
              for name in _names(folder) if name not in (*manifest["files"], shelf.MANIFEST)]  # fmt: skip
    for path in shelf.touched(folder):
        message = N_("is not as it was put there") if path.is_file() else N_("is missing")
        faults.append(Fault(message, values={"file": f"{folder.name}/{path.relative_to(folder).as_posix()}"}))
    edition = str(manifest.get("edition", ""))
    now = dict(manifest)
    if root.delivery(edition).is_dir():
        now |= provenance.of_delivery(delivery.read(root, edition))
    now |= {"model": provenance.model(), "inputs": provenance.inputs(root, shelf.INPUTS)}
    now["released"] = provenance.hashes(sorted(root.released(edition).glob("*.csv")))
    if (name := _first_difference(manifest, now)) is not None:
        values = {"file": f"{folder.name}/{shelf.MANIFEST}", "name": name}
        faults.append(Fault(N_("{name} is not what it was made from"), values=values))
    return faults


def _names(folder: Path) -> list[str]:
    """All files in a folder, by their paths in it."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
