"""The only place that puts an edition's finished pages where readers find them: all of them, at one stroke.

Beside the pages stand their data, the released tables, an index for each language and a manifest: what everything was
made from, and the hash of every file. A page that could not be made is taken from what lies there and marked as of an
earlier run; pages of a language that this run was not asked for likewise, where they are not what they would be now.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis import __version__
from analysis.running import catalogues, failures, imports, pages, preflight, provenance, publishing, steps
from analysis.running.pages import Desk
from analysis.running.steps import Step
from analysis.sources.places import Root

if TYPE_CHECKING:
    from analysis.sources.delivery import Delivery
    from analysis.sources.keys import Keys

MANIFEST, read = catalogues.MANIFEST, catalogues.read
INPUTS = (*provenance.PUBLIC, provenance.BOUNDARIES)
INDEX = ("analysis.presenting.catalogue",)
NOTEBOOKS = (steps.PREPARE, steps.LINK, steps.MEASURE, pages.BRIEF_NOTEBOOK, pages.EVALUATION_NOTEBOOK)


def of_edition(desk: Desk, delivered: Delivery, secrets: Keys, listed: Sequence[Step], late: Collection[str]) -> Step:
    """What puts the pages of an edition in place. `late`: those of `listed`, as told, that were not made.

    Everything is laid aside first and searched for values of persons, then exchanged for what lies there.
    """
    root, edition = desk.root, delivered.edition
    folder, released = root.reports / edition, root.released(edition)
    ready = [page for page in listed if page.told not in late and page.made[0].is_file()]
    tables = sorted(released.glob("*.csv"))
    manifest = _made_from(desk, delivered, secrets, tables)

    def work() -> None:
        shelf = Shelf()
        for page in ready:
            shelf.take(_within(page.told, edition), page.made[0])
        shelf.keep(folder, pages.names(root, delivered), released, {_within(told, edition) for told in late})
        shelf.files |= {f"csv/{path.stem}{delivered.mark}.csv": path.read_bytes() for path in tables}
        shelf.files |= catalogues.of_edition(root, delivered, secrets, desk.as_of, shelf.files, shelf.kept, before)
        files = {name: _hash(content) for name, content in shelf.files.items()}
        told = {"pages": shelf.beside, "kept_previous": sorted(shelf.kept), "files": files}
        shelf.files[MANIFEST] = _as_json({**manifest, **told})
        shelf.place(root, edition)

    before = catalogues.beside(root, delivered)
    recipe = {**manifest, "late": sorted(late), "index": provenance.code_hash(INDEX), "beside": before}
    sources = [path for page in ready for path in (page.made[0], _printed(page.made[0])) if path.is_file()]
    made = [folder / MANIFEST, *touched(folder)]  # what was touched counts as not made
    return Step(root.told(folder / MANIFEST), recipe, [*sources, *tables], made, work)


def touched(folder: Path) -> list[Path]:
    """The files of an edition's folder that are not as its manifest says that they were put there."""
    paths = {folder / name: own for name, own in read(folder).get("files", {}).items()}
    return [path for path, own in paths.items() if not path.is_file() or _hash(path.read_bytes()) != own]


@dataclass
class Shelf:
    """What will lie in the folder: each file by its path in it, the files beside each page, the pages of before."""

    files: dict[str, bytes] = field(default_factory=dict)
    beside: dict[str, list[str]] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)

    def take(self, name: str, waiting: Path) -> None:
        """A page that was made now (or is unchanged), with its data, and printed as PDF where that was done."""
        page, folder = json.loads(waiting.read_text(encoding="utf-8")), name.rpartition("/")[0]
        own = {f"{folder}/csv/{csv}.csv": text.encode() for csv, text in page["csv"].items()}
        if _printed(waiting).is_file():
            own[f"{name.removesuffix('.html')}.pdf"] = _printed(waiting).read_bytes()
        self._add(name, page["html"].encode(), own)

    def keep(self, folder: Path, names: Collection[str], released: Path, late: Collection[str] = ()) -> None:
        """The pages of these file names that lie in `folder` and were not made now; marked where they should have been
        (`late`), or show other released rows than lie there now.
        """
        from analysis.presenting import brief

        for name, beside in read(folder).get("pages", {}).items():
            path = folder / name
            if name not in self.files and path.name in names and path.is_file():
                html = path.read_text(encoding="utf-8")
                if name in late or not _holds(html, released):
                    html, beside = brief.as_previous(html), [one for one in beside if not one.endswith(".pdf")]
                    self.kept.add(name)
                self._add(name, html.encode(), {one: (folder / one).read_bytes() for one in beside})

    def place(self, root: Root, edition: str) -> None:
        """Write everything aside, search it for values of persons, and exchange it for what lies there."""
        with failures.at(root.reports):
            root.reports.mkdir(parents=True, exist_ok=True)
            aside = Path(tempfile.mkdtemp(prefix=f"{publishing.ASIDE}{edition}-", dir=root.reports))
            try:
                aside.chmod(0o755)
                for name, content in self.files.items():
                    (aside / name).parent.mkdir(parents=True, exist_ok=True)
                    (aside / name).write_bytes(content)
                from analysis.running import guard

                guard.refuse(root, edition, aside)
                publishing.exchange(aside, root.reports / edition)
            finally:
                shutil.rmtree(aside, ignore_errors=True)

    def _add(self, name: str, html: bytes, beside: Mapping[str, bytes]) -> None:
        self.files |= {name: html, **beside}
        self.beside[name] = sorted(beside)


def _within(told: str, edition: str) -> str:
    """The path of a page in the folder of its edition."""
    return told.removeprefix(f"reports/{edition}/")


def _holds(html: str, released: Path) -> bool:
    """Whether a page was made from the released files that lie there now."""
    from analysis.presenting import brief

    named = brief.manifest_of(html).get("released", {})
    paths = {name: next(iter(sorted(released.rglob(name))), released / name) for name in named}
    return bool(named) and all(
        path.is_file() and _hash(path.read_bytes()) == named[name] for name, path in paths.items()
    )


def _printed(waiting: Path) -> Path:
    """The PDF of a page that waits."""
    return waiting.with_suffix(".pdf")


def _made_from(desk: Desk, delivered: Delivery, secrets: Keys, tables: Sequence[Path]) -> dict[str, Any]:
    """What an edition was made from: inputs, code, notebooks and their parameters, keys by their marks, model, rule."""
    from analysis.releasing import disclosure

    root, given = desk.root, {"edition": delivered.edition, "as_of": desk.as_of.isoformat()}
    notebooks = {name: _notebook(root, name, given) for name in NOTEBOOKS}
    return {
        **provenance.of_delivery(delivered), "as_of": given["as_of"], "version": __version__,
        **provenance.platform(), "keys": provenance.fingerprints(secrets), "model": provenance.model(),
        "disclosure_rule": disclosure.KEYED_RULE, "notebooks": notebooks,
        "inputs": provenance.inputs(root, INPUTS),
        "released": provenance.hashes(tables),
    }  # fmt: skip


def _notebook(root: Root, name: str, given: Mapping[str, object]) -> dict[str, Any]:
    """Code, hash and parameters of one notebook, its own language and area left out."""
    path = root.find(f"notebooks/{name}").path
    own = preflight.defaults(path)
    made = provenance.of_notebook(root, path, {**own, **{key: value for key, value in given.items() if key in own}})
    varied = {key: value for key, value in made["parameters"].items() if key not in ("area", "language")}
    return {"code": provenance.code_hash(imports.of_notebook(path)), "sha256": made["notebook"]["sha256"],
            "parameters": varied}  # fmt: skip


def _as_json(told: Mapping[str, Any]) -> bytes:
    return (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
