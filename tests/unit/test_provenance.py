"""The manifest tells everything that can change a page."""

import sys
from pathlib import Path

from analysis.running import provenance
from analysis.sources.places import Root


def test_python_is_part_of_the_manifest(tmp_path: Path) -> None:
    manifest = provenance.manifest(Root(tmp_path), "00_published_record.ipynb", {})
    assert manifest["python"] == ".".join(map(str, sys.version_info[:2]))
    assert provenance.software().items() <= manifest.items()
