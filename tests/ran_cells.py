"""A page made by its own notebook's cells, run one after the other in this process."""

import ast
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_output

from analysis.presenting import brief
from analysis.presenting.brief import Page
from analysis.presenting.parts import Part


def page(path: Path, root: Path, issue: str, **parameters: str) -> Page:
    """The page of a notebook run in `root` with these parameters; every part must be shown by an exhibit."""
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    names: dict[str, object] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                shown = ran(cell.source, names)
                if "parameters" in cell.metadata.get("tags", []):
                    names.update(parameters)
                if isinstance(shown, Part):
                    assert "exhibit" in cell.metadata.tags
                    cell.outputs = [new_output("display_data", shown._repr_mimebundle_())]
    return brief.render(notebook, parameters["language"], issue, {"parameters": {"as_of": parameters["as_of"]}})


def ran(source: str, names: dict[str, object]) -> object:
    """What a cell ends in."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if isinstance(last, ast.Expr) else None
