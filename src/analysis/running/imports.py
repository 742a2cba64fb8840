"""The only place that knows which files of this package a notebook reaches: its imports, theirs, and what these read.

So a page depends on the code that makes it and on no other: a line of a chart makes the pages with charts again, and
leaves the registers prepared and linked. A file that is no module (a list, a template, a style sheet) belongs to the
modules of its package that name it or its folder. The words of one language belong to the pages in that language.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.presenting import wording
from analysis.running import preflight
from analysis.sources.places import PROJECT

if TYPE_CHECKING:
    from grimp import ImportGraph

PACKAGE = "analysis"
CODE = PROJECT / "src" / PACKAGE
ENDINGS = {".j2", ".css", ".json", ".po", ".csv"}
RENDERER = f"{PACKAGE}.presenting.brief"
"""What makes a page of an executed notebook."""


def of_notebook(notebook: Path) -> set[str]:
    """The modules of this package that the cells of a notebook import."""
    sources = ["".join(cell["source"]) for cell in preflight.cells(notebook) if cell.get("cell_type") == "code"]
    return {name for source in sources for name in _imported(source)}


def files(modules: Collection[str], language: str | None = None) -> list[Path]:
    """The files that these modules reach, themselves included, sorted; of a known `language` its words alone."""
    known = _graph()
    reached = {PACKAGE, *modules} & known.modules
    reached |= {above for name in reached for above in known.find_upstream_modules(name)}
    reached |= {package for name in reached for package in _packages(name)}
    others = {other for other in wording.LANGUAGES if language is not None and other != language}
    data = {path for path, owners in _data_files().items() if owners & reached and not others & set(path.parts)}
    return sorted({*(_file(name) for name in reached), *data})


def _imported(source: str) -> Iterator[str]:
    """Names of modules in the import statements of one cell; magics and other text that is no Python have none."""
    try:
        statements = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return
    known = _graph().modules
    for statement in statements:
        if isinstance(statement, ast.Import):
            yield from (one.name for one in statement.names if one.name in known)
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            named = {f"{statement.module}.{one.name}" for one in statement.names} & known
            yield from named or {statement.module} & known


@cache
def _graph() -> ImportGraph:
    """Who imports whom in this package; what only a type checker imports changes no page."""
    import grimp

    return grimp.build_graph(PACKAGE, cache_dir=None, exclude_type_checking_imports=True)


def _packages(name: str) -> Iterable[str]:
    """The packages that a module lies in: importing it runs their files too."""
    parts = name.split(".")
    return (".".join(parts[:n]) for n in range(1, len(parts)))


def _file(name: str) -> Path:
    path = CODE.parent.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _data_files() -> dict[Path, frozenset[str]]:
    """Each file that is no module, with the modules that read it: those of its package that name it or its folder.

    Where none does, all modules of the package are taken to read it.
    """
    found = {}
    for path in sorted(CODE.rglob("*")):
        if path.suffix in ENDINGS and path.is_file():
            package = path.relative_to(CODE).parts[0]
            own = [name for name in _graph().modules if name.startswith(f"{PACKAGE}.{package}.")]
            inside = path.relative_to(CODE / package).parts
            named = re.compile(f"[\"'/]({re.escape(inside[0])}|{re.escape(inside[-1])})[\"'/]")
            readers = {name for name in own if named.search(_file(name).read_text(encoding="utf-8"))}
            found[path] = frozenset(readers or own)
    return found


def everything() -> set[str]:
    """All modules of this package."""
    return set(_graph().modules)
