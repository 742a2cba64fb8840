"""Notebooks in warm children: the same outputs as in papermill's own kernel, papermill's own rules, the same pages."""

import io
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError

from analysis import ContractError, NotebookError
from analysis.running import engine, preflight, warm
from analysis.running.engine import PageOf
from analysis.sources.places import PROJECT, Root

SECRET = "7271014101900001"
RECORD = PROJECT / "notebooks" / "00_published_record.ipynb"
PUBLIC = [PROJECT / "data/raw/published", PROJECT / "data/raw/reference"]
Node = nbformat.NotebookNode


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    papermill_engines.register("forked", engine.Forked)
    with warm.started():
        yield


def notebook(*cells: str, tags: Mapping[int, str] | None = None) -> Node:
    """A notebook of code cells; the first is tagged `parameters`, others as given by their number."""
    made = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "language": "python",
                                                             "display_name": "Python 3"}})  # fmt: skip
    for number, source in enumerate(cells):
        cell = nbformat.v4.new_code_cell(source, id=f"cell-{number}")
        if tag := {0: "parameters", **(tags or {})}.get(number):
            cell.metadata["tags"] = [tag]
        made.cells.append(cell)
    return made


def run(made: Node, kind: str | None = "forked", **given: Any) -> Node:
    return papermill.execute_notebook(made, None, engine_name=kind, progress_bar=False, kernel_name="python3", **given)


def outputs(executed: Node) -> list[Any]:
    return [(cell.execution_count, cell.outputs) for cell in executed.cells if cell.cell_type == "code"]


# the same outputs -----------------------------------------------------------------------------------------------

KINDS = {
    "printed": "print('one'); print('two')",
    "both streams": "import sys\nprint('out')\nsys.stdout.flush()\nprint('err', file=sys.stderr)",
    "a result": "{'a': (1, 2)}",
    "a table": "import pandas as pd\npd.DataFrame({'a': [1, 2]})",
    "a figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('x');",
    "two figures": "import matplotlib.pyplot as plt\nplt.figure(); plt.plot([1])\nplt.figure(); plt.plot([2]);",
    "inline asked for": "%matplotlib inline\nimport seaborn as sns\nsns.lineplot(x=[1, 2], y=[1, 2]);",
    "an svg": "from IPython.display import SVG, display\n"
              "display(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'))",
    "an image": "from IPython.display import Image, display\n"
                "import base64\ndisplay(Image(base64.b64decode('iVBORw0KGgo='), format='png'))",
    "updated": "from IPython.display import display\nh = display('a', display_id='x')\nh.update('b')",
    "cleared": "from IPython.display import clear_output, display\ndisplay('a'); clear_output(); display('b')",
    "cleared later": "from IPython.display import clear_output\nprint('a')\nclear_output(wait=True)\nprint('b')",
    "its own kind": "class A:\n    def _repr_mimebundle_(self, **_):\n"
                    "        return {'application/x+json': {'a': [1]}}\n"
                    "    __repr__ = lambda self: 'A'\nA()",
    "awaited": "import asyncio\nawait asyncio.sleep(0)\n'awaited'",
    "a task in the background": "import asyncio\nasyncio.get_running_loop().is_running()",
    "a program": "!echo hello",
    "a magic": "%%capture taken\nprint('x')",
    "its name": "__name__, type(get_ipython()).__name__",
    "pickled": "class B: pass\nimport pickle\ntype(pickle.loads(pickle.dumps(B()))).__name__",
    "a warning": "import warnings\nwarnings.simplefilter('always')\nwarnings.warn_explicit('w', UserWarning, 'f', 1)",
    "history": "In[1][:5], _ih[-1][:2], Out",
    "with a progress bar": "from tqdm import tqdm\nlist(tqdm(range(2), disable=True))",
    "nothing": "",
    "a semicolon": "1;",
    "a long text": "print('x' * 200_000)",
}  # fmt: skip


def test_outputs_are_those_of_papermills_own_kernel() -> None:
    made = notebook("given = 1", *KINDS.values(), "given")
    forked, plain = run(made, parameters={"given": 5}), run(made, None, parameters={"given": 5})
    for name, one, other in zip(["", "", *KINDS, "parameter"], outputs(forked), outputs(plain), strict=True):
        assert one == other, name
    assert forked.metadata["language_info"] == plain.metadata["language_info"]
    for cell, like in zip(forked.cells, plain.cells, strict=True):
        assert cell.metadata.papermill.keys() == like.metadata.papermill.keys()
        assert cell.metadata.papermill.status == like.metadata.papermill.status == "completed"
        assert cell.metadata.get("execution", {}).keys() == like.metadata.get("execution", {}).keys()


FAILURES = {
    "an exception": "1 / 0",
    "no Python": "a b",
    "leaves": "import sys\nsys.exit(1)",
    "asks": "input()",
    "an unknown magic": "%nothing_like_it",
    "printed before": "print('a')\nraise KeyError('x')",
    "its display fails": "class A:\n    def __repr__(self): raise ValueError('no')\nA()",
}


@pytest.mark.parametrize("source", FAILURES.values(), ids=FAILURES)
def test_a_failing_cell_ends_the_notebook_as_papermill_does(source: str, tmp_path: Path) -> None:
    seen = []
    for kind in ("forked", None):
        path = tmp_path / f"{kind}.ipynb"
        with pytest.raises(PapermillExecutionError) as caught:
            papermill.execute_notebook(notebook("a = 1", source, "print('never')"), path, engine_name=kind,
                                       progress_bar=False)  # fmt: skip
        kept = nbformat.read(path, 4)
        seen.append([caught.value.ename, caught.value.cell_index, caught.value.exec_count,
                     [(cell.get("execution_count"), [o.output_type for o in cell.get("outputs", [])],
                       cell.metadata.get("papermill", {}).get("status")) for cell in kept.cells]])  # fmt: skip
    assert seen[0] == seen[1]


@pytest.mark.parametrize("kind", ["forked", None])
def test_tags_keep_their_meaning(kind: str | None, tmp_path: Path) -> None:
    tags = {1: "raises-exception", 2: "skip-execution"}
    made = notebook("a = 1", "1 / 0", "a = 2", "print(a)", tags=tags)
    with pytest.raises(PapermillExecutionError):  # papermill tells of the error all the same, at the end
        papermill.execute_notebook(made, tmp_path / "out.ipynb", engine_name=kind, progress_bar=False)
    assert nbformat.read(tmp_path / "out.ipynb", 4).cells[-1].outputs[0].text == "1\n"


def test_each_notebook_starts_from_nothing() -> None:
    run(notebook("a = 1", "import os, pandas\nos.environ['LEFT'] = pandas.LEFT = 'x'"))
    done = run(notebook("a = 1", "import os, pandas\n('LEFT' in os.environ, hasattr(pandas, 'LEFT'))"))
    assert done.cells[1].outputs[0].data["text/plain"] == "(False, False)"
    assert "LEFT" not in os.environ


def test_what_is_printed_reaches_file_and_copy_while_it_runs(tmp_path: Path) -> None:
    heard = io.StringIO()
    path = tmp_path / "out.ipynb"
    look = (f"import json\nprint('now')\nimport time\ntime.sleep(0.5)\nprint('later', flush=True)\ntime.sleep(0.5)\n"
            f"held = json.load(open({str(path)!r}))['cells'][1]['outputs']")  # fmt: skip
    papermill.execute_notebook(notebook("a = 1", look, "held[0]['text'][0]"), path, engine_name="forked",
                               progress_bar=False, stdout_file=heard, autosave_cell_every=0.01)  # fmt: skip
    assert heard.getvalue() == "now\nlater\n"
    assert "now" in nbformat.read(path, 4).cells[2].outputs[0].data["text/plain"]


def test_a_cell_has_its_time_and_no_more() -> None:
    with pytest.raises(CellTimeoutError):
        run(notebook("a = 1", "import time\ntime.sleep(60)"), execution_timeout=1)


def test_an_interrupted_cell_ends_like_any_other() -> None:
    with pytest.raises(PapermillExecutionError, match="KeyboardInterrupt"):
        run(notebook("a = 1", "import time\ntime.sleep(60)"), execution_timeout=1, interrupt_on_timeout=True)


@pytest.mark.parametrize("source", ["import os\nos._exit(1)", "import os\nos.kill(os.getpid(), 9)"])
def test_a_dead_child_is_a_dead_kernel(source: str) -> None:
    with pytest.raises(DeadKernelError):
        run(notebook("a = 1", source, "print('never')"), execution_timeout=60)


# the engine is found --------------------------------------------------------------------------------------------

EITHER_ORDER = ("import papermill, analysis.running.forked", "import analysis.running.forked, papermill",
                "import analysis.running.engine, papermill", "import papermill.engines")  # fmt: skip


@pytest.mark.parametrize("order", EITHER_ORDER)
def test_papermill_finds_the_engine_whichever_is_imported_first(order: str, tmp_path: Path) -> None:
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["entry-points"]["papermill.engine"]
    (info := tmp_path / "another-1.dist-info").mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: another\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[papermill.engine]\nwarm = {declared['forked']}\n")
    program = f"{order}\nfrom papermill.engines import papermill_engines as e\nprint(e.get_engine('warm').__name__)"
    done = subprocess.run([sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": str(tmp_path)},
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout == "Forked\n"


def test_the_command_line_and_the_engine_import_neither_papermill_nor_ipython() -> None:
    program = (
        "import sys, analysis.__main__, analysis.running.engine\n"
        "print(sorted({'papermill', 'IPython', 'pandas', 'matplotlib', 'nbclient'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# pages ----------------------------------------------------------------------------------------------------------


def made(kind: str, root: Root, source: Path, failed: Path, **given: Any) -> Any:
    language = given.pop("language", "id")
    parameters = {**preflight.defaults(source), "language": language}
    issue = PageOf(language, "percobaan", {"made_from": 1})
    return engine.page(source, root, parameters, issue, kind=kind, readable=PUBLIC, failed=failed, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["id", "en"])
def test_both_ways_make_the_same_page(language: str, tmp_path: Path) -> None:
    pages = [made(kind, Root(tmp_path), RECORD, tmp_path / "kept" / "f.ipynb", language=language, charts_n=4)
             for kind in ("forked", "plain")]  # fmt: skip
    assert pages[0] == pages[1]
    assert pages[0].html.count("<svg") == 4
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def broken(tmp_path: Path, source: str) -> Path:
    """The notebook on the record, with a cell before its last."""
    read = nbformat.read(RECORD, 4)
    read.cells.insert(len(read.cells) - 1, nbformat.v4.new_code_cell(source))
    nbformat.write(read, path := tmp_path / "broken.ipynb")
    return path


OWN = "from analysis import ContractError, Fault\nraise ContractError('gap.csv', [Fault('2 rows')], 'Mend it.')"


@pytest.mark.parametrize("kind", ["forked", "plain"])
def test_our_own_error_in_a_cell_keeps_its_kind_and_the_copy_is_kept(kind: str, tmp_path: Path) -> None:
    failed = tmp_path / "protected" / "copy.ipynb"
    with pytest.raises(ContractError, match=r"gap\.csv: 2 rows"):
        made(kind, Root(tmp_path), broken(tmp_path, OWN), failed)
    assert any("ContractError" in str(cell.get("outputs")) for cell in nbformat.read(failed, 4).cells)


@pytest.mark.parametrize("kind", ["forked", "plain"])
def test_any_other_error_in_a_cell_is_told_by_its_kind(kind: str, tmp_path: Path) -> None:
    source = broken(tmp_path, f"raise LookupError('{SECRET}')")
    with pytest.raises(NotebookError, match=r"cell \d+ ended with LookupError") as caught:
        made(kind, Root(tmp_path), source, tmp_path / "copy.ipynb")
    assert SECRET not in str(caught.value)


def test_a_page_whose_process_is_killed_is_told(tmp_path: Path) -> None:
    source = broken(tmp_path, "import os\nos.kill(os.getpid(), 9)")
    with pytest.raises(NotebookError, match=r"broken.ipynb: its process was ended by SIGKILL"):
        made("forked", Root(tmp_path), source, tmp_path / "copy.ipynb")


def test_a_page_that_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LONGEST_PAGE_SECONDS", 20.0)
    with pytest.raises(NotebookError, match=r"broken.ipynb: took longer than 20.0 seconds"):
        made("forked", Root(tmp_path), broken(tmp_path, "import time\ntime.sleep(600)"), tmp_path / "copy.ipynb")


LOST = "from analysis.presenting import canvas\ncanvas.svg = lambda *_: '<p>no drawing</p>'"
EMPTY = "from analysis.presenting import canvas\ncanvas.svg = lambda *_: '<svg></svg>'"


@pytest.mark.parametrize("kind", ["forked", "plain"])
@pytest.mark.parametrize("source", [LOST, EMPTY])
def test_a_chart_that_gets_lost_is_noticed(source: str, kind: str, tmp_path: Path) -> None:
    read = nbformat.read(RECORD, 4)
    read.cells.insert(4, nbformat.v4.new_code_cell(source))
    nbformat.write(read, path := tmp_path / "lost.ipynb")
    with pytest.raises(NotebookError, match="charts were drawn"):
        made(kind, Root(tmp_path), path, tmp_path / "copy.ipynb")


def test_another_number_of_charts_than_expected_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="4 charts were drawn where 5 belong"):
        made("forked", Root(tmp_path), RECORD, tmp_path / "copy.ipynb", charts_n=5)
    assert (tmp_path / "copy.ipynb").is_file()


def test_a_page_cannot_read_what_it_was_not_given(tmp_path: Path) -> None:
    (protected := tmp_path / "data/processed/demo/protected").mkdir(parents=True)
    (protected / "umkm.csv").write_text(f"nik\n{SECRET}\n")
    source = broken(tmp_path, "import pandas as pd\npd.read_csv('data/processed/demo/protected/umkm.csv')")
    with pytest.raises(NotebookError, match="ended with PermissionError"):
        made("forked", Root(tmp_path), source, tmp_path / "copy.ipynb")
    assert SECRET not in (tmp_path / "copy.ipynb").read_text()
