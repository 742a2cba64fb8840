"""The only place that decides whether a notebook may be run with the parameters given.

papermill only warns of an unknown parameter, and without a tagged cell it injects values that nothing reads. Here
both are refused before a kernel starts: `ParameterError`, exit code 10, with the closest known name as suggestion. A
file that is no notebook at all is a `NotebookError`, exit code 14: no other parameter would help.

A parameter is one plain assignment, `name = value`, whose value JSON can hold: text, a number, True, False, None, or
a list or mapping of these. Sets, bytes and infinite numbers are refused: they can be written into no manifest. An
annotation (`share: float = 1`) is refused too: the kind of a parameter is that of its default, and an annotation
could say otherwise. A default of None says nothing of the kind, so any plain value may take its place; None itself
may stand for no other default.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from analysis import N_, Fault, NotebookError, ParameterError

CURE = N_("Use the names and kinds of the notebook's parameters cell.")
RESTORE = N_("Restore the notebook from git, or save it again in JupyterLab.")
MEND = N_("Mend the notebook's parameters cell.")


def check(notebook: Path, given: Mapping[str, object]) -> None:
    """Refuse parameters that the notebook does not take, or of another kind than its defaults.

    Kinds are those of the plain literals in the one cell tagged `parameters`; a whole number may stand for a decimal
    one. Raises ParameterError with all faults, NotebookError where the file is no notebook.
    """
    faults = list(_faults(defaults(notebook), given))
    if faults:
        raise ParameterError(notebook.name, faults, CURE)


def defaults(notebook: Path) -> dict[str, object]:
    """Names and default values in the cell tagged `parameters`. ParameterError where there is not just one."""
    tagged = [cell for cell in cells(notebook) if "parameters" in cell["metadata"].get("tags", [])]
    if len(tagged) != 1:
        fault = Fault(N_("{n} cells are tagged parameters; exactly one must be"), values={"n": len(tagged)})
        raise ParameterError(notebook.name, [fault], CURE)
    try:
        read = [_assigned(statement) for statement in ast.parse("".join(tagged[0]["source"])).body]
    except (SyntaxError, ValueError, TypeError):
        fault = Fault(N_("the parameters cell must hold plain assignments of literals only"))
        raise ParameterError(notebook.name, [fault], MEND) from None
    faults = [one for one in read if isinstance(one, Fault)]
    if faults:
        raise ParameterError(notebook.name, faults, MEND)
    return dict(one for one in read if not isinstance(one, Fault))


def cells(notebook: Path) -> list[dict[str, Any]]:
    """The cells, read without nbformat, whose import alone takes longer than a run with nothing to do may.

    Raises NotebookError where the file is not JSON or holds no cells.
    """
    try:
        found = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        if found and all(_is_text(cell["source"]) and _is_text(cell["metadata"].get("tags", [])) for cell in found):
            return list(found)
        fault = Fault(N_("holds no cells that can be read"))
    except (ValueError, RecursionError):
        fault = Fault(N_("is not JSON, as a notebook must be"))
    except (LookupError, TypeError, AttributeError):
        fault = Fault(N_("holds no cells that can be read"))
    raise NotebookError(notebook.name, [fault], RESTORE)


def _is_text(written: object) -> bool:
    """Whether this is a text or a list of texts: both forms of a cell's source that a notebook may hold."""
    return isinstance(written, str) or (isinstance(written, list) and all(isinstance(part, str) for part in written))


def _assigned(statement: ast.stmt) -> tuple[str, object] | Fault:
    """Name and value of one statement, or why it may not be one. Raises ValueError where it is no plain assignment."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=written):
            value = ast.literal_eval(written)
            return (name, value) if _is_plain(value) else Fault(
                N_('"{name}" must be a text, a number, True, False, None, or a list or mapping of these'),
                values={"name": name})  # fmt: skip
        case ast.AnnAssign(target=ast.Name(id=name)):
            return Fault(N_('"{name}" has an annotation; leave it out, the kind is that of the value'),
                         values={"name": name})  # fmt: skip
    raise ValueError("no plain assignment")


def _is_plain(value: object) -> bool:
    """Whether JSON can hold the value: it stands in the manifest of the page."""
    match value:
        case dict():
            return all(isinstance(name, str) and _is_plain(part) for name, part in value.items())
        case list() | tuple():
            return all(map(_is_plain, value))
        case float():
            return abs(value) < float("inf")
    return value is None or isinstance(value, str | int)


def _faults(known: Mapping[str, object], given: Mapping[str, object]) -> Iterator[Fault]:
    for name, value in given.items():
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0)
            yield Fault(N_('unknown parameter "{name}"; did you mean "{near}"?'),
                        values={"name": name, "near": near[0] if near else ""})  # fmt: skip
        elif not (_is_plain(value) and _same_kind(value, known[name])):
            yield Fault(N_('parameter "{name}" must be of the kind {expected}, not {found}'), values={
                "name": name, "expected": type(known[name]).__name__, "found": type(value).__name__})  # fmt: skip


def _same_kind(value: object, default: object) -> bool:
    return default is None or type(value) is type(default) or (type(default) is float and type(value) is int)
