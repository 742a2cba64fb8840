"""The manifest tells everything that can change a page."""

import sys
from pathlib import Path

from analysis.running import provenance
from analysis.sources.places import Root


def test_python_is_part_of_the_manifest(tmp_path: Path) -> None:
    notebook = Root(tmp_path).find("notebooks/00_published_record.ipynb").path
    manifest = provenance.of_notebook(Root(tmp_path), notebook, {})
    assert manifest["python"] == ".".join(map(str, sys.version_info[:2]))
    assert provenance.platform().items() <= manifest.items()
