"""The only place that tells whether there is anything new for an edition since its last run that ended well.

A scheduled run asks this before it does anything: delivery, answers, code, notebooks, public files, lock and keys.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.contracts import registers
from analysis.running import editions, imports, provenance, publishing, shelf
from analysis.sources.places import Root

if TYPE_CHECKING:
    from analysis.sources.delivery import Delivery
    from analysis.sources.keys import Keys

ENDED_WELL = (0, 20)
"""Exit codes after which only something new is a reason to run again."""
NAME = "made_from.json"
"""Beside the state of an edition: what its last run that ended with 0 or 20 was made from."""


def of(root: Root, delivered: Delivery, secrets: Keys, as_of: date, asked: Sequence[str]) -> dict[str, str]:
    """What a run of an edition would be made from, each by its hash; `asked`: the languages and areas."""
    reviewed = [path for table in registers.REVIEWED
                if (path := root.protected(delivered.edition) / f"{table.name}.parquet").is_file()]  # fmt: skip
    notebooks = sorted(root.find("notebooks").path.glob("[0-9]*.ipynb"))
    answers = editions.answers(root, delivered).to_csv(index=False)
    before = editions.last(root, delivered)
    last = provenance.hashes(sorted(root.released(before).glob("*.csv"))) if before else {}

    return {
        "delivery": delivered.hash,
        "answers": _hash([answers, provenance.hashes(reviewed)]),
        "last_edition": _hash([before, last]),
        "code": provenance.code_hash(imports.everything()),
        "notebooks": _hash(provenance.hashes(notebooks)),
        "inputs": _hash(provenance.inputs(root, (*provenance.PUBLIC, provenance.BOUNDARIES))),
        **provenance.platform(),
        "keys": _hash(provenance.fingerprints(secrets)),
        "asked": _hash([as_of.isoformat(), *sorted(asked)]),
    }


def is_new(root: Root, edition: str, made_from: dict[str, str]) -> bool:
    """Whether anything differs from the last run that ended well, or its pages are not as they were put in place."""
    folder = root.reports / edition
    try:
        known = json.loads(_path(root, edition).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return True
    return bool(known != made_from) or not (folder / shelf.MANIFEST).is_file() or bool(shelf.touched(folder))


def remember(root: Root, edition: str, made_from: dict[str, str]) -> None:
    """Keep what a run that ended well was made from."""
    path = _path(root, edition)
    publishing.publish(path.parent, {path.name: json.dumps(made_from, indent=1, sort_keys=True) + "\n"})


def _path(root: Root, edition: str) -> Path:
    return root.processed(edition) / NAME


def _hash(told: object) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
