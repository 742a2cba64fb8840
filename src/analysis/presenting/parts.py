"""The only place for a part of a page: its slot, its HTML and the data that lies beside it.

A notebook cell ends in a part. JupyterLab shows its HTML; `presenting.brief` finds it in the executed notebook by its
own media type and puts it where its slot belongs. Nothing else of a notebook reaches a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup
from nbformat import NotebookNode

from analysis.presenting.wording import Wording

MEDIA_TYPE = "application/vnd.jamsostek.part+json"
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Part:
    """HTML for one slot of a page. `facts`: texts that the page itself needs (title, dates); `csv`: data by name."""

    slot: str
    html: str
    facts: Mapping[str, str] = field(default_factory=dict)
    csv: Mapping[str, str] = field(default_factory=dict)

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        own = {"slot": self.slot, "html": self.html, "facts": dict(self.facts), "csv": dict(self.csv)}
        return {"text/html": f'<div style="max-width: 34rem">{self.html}</div>', MEDIA_TYPE: own}


def shown(cells: Iterable[NotebookNode]) -> list[dict[str, Any]]:
    """The parts among what executed cells show, in their order."""
    outputs = (output for cell in cells for output in cell.get("outputs", []))
    return [output["data"][MEDIA_TYPE] for output in outputs if MEDIA_TYPE in output.get("data", {})]


class Compiled(BytecodeCache):
    """Templates as they were compiled once in this process, for the exporter that is made anew for each page."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Called by jinja."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Called by jinja."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


@cache
def environment() -> Environment:
    """Templates with escaping always on; a name that is not given is an error."""
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
                       trim_blocks=True, lstrip_blocks=True)  # fmt: skip


def render(template: str, say: Wording, **context: object) -> Markup:
    """One template with the words of one language."""
    return Markup(environment().get_template(template).render(say=say.say, language=say.language, **context))
