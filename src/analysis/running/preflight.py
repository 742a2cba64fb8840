"""The only place that decides whether a notebook may be run with the parameters given.

papermill only warns of an unknown parameter, and without a tagged cell it injects values that nothing reads. Here
both are refused before a kernel starts: `ParameterError`, exit code 10, with the closest known name as suggestion.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from analysis import N_, Fault, ParameterError

CURE = N_("Use the names and kinds of the notebook's parameters cell.")


def check(notebook: Path, given: Mapping[str, object]) -> None:
    """Refuse parameters that the notebook does not take, or of another kind than its defaults.

    Kinds are those of the plain literals in the one cell tagged `parameters`; a whole number may stand for a decimal
    one. Raises ParameterError with all faults.
    """
    faults = list(_faults(notebook, given))
    if faults:
        raise ParameterError(notebook.name, faults, CURE)


def defaults(notebook: Path) -> dict[str, object]:
    """Names and default values in the cell tagged `parameters`. ParameterError where there is not just one."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    if len(tagged) != 1:
        fault = Fault(N_("{n} cells are tagged parameters; exactly one must be"), values={"n": len(tagged)})
        raise ParameterError(notebook.name, [fault], CURE)
    try:
        return dict(_assigned("".join(tagged[0]["source"])))
    except (SyntaxError, ValueError):
        fault = Fault(N_("the parameters cell must hold plain assignments of literals only"))
        raise ParameterError(notebook.name, [fault], CURE) from None


def _assigned(source: str) -> Iterator[tuple[str, object]]:
    for statement in ast.parse(source).body:
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            raise ValueError("not a plain assignment")
        target = statement.targets[0]
        if not isinstance(target, ast.Name):
            raise ValueError("not a plain name")
        yield target.id, ast.literal_eval(statement.value)


def _faults(notebook: Path, given: Mapping[str, object]) -> Iterator[Fault]:
    known = defaults(notebook)
    for name, value in given.items():
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0)
            yield Fault(N_('unknown parameter "{name}"; did you mean "{near}"?'),
                        values={"name": name, "near": near[0] if near else ""})  # fmt: skip
        elif not _same_kind(value, known[name]):
            yield Fault(N_('parameter "{name}" must be of the kind {expected}, not {found}'), values={
                "name": name, "expected": type(known[name]).__name__, "found": type(value).__name__})  # fmt: skip


def _same_kind(value: object, default: object) -> bool:
    return type(value) is type(default) or (type(default) is float and type(value) is int)
