"""The only place for what a released table says of its edition: which day, whose registers, synthetic or not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from analysis.contracts.registers import DELIVERED
from analysis.contracts.released import MODEL, REVIEWED


@dataclass(frozen=True)
class Source:
    """One register of an edition. `rows_n`: rows of its file as released; None where that number is withheld."""

    register: str
    issuer: str
    received_date: date
    rows_n: int | None = None


@dataclass(frozen=True)
class Edition:
    """One delivery, as much of it as may be seen. `issuing_unit` None: an open analysis; `rounding_key`: its mark.

    `ranges`: what the ranges of the table rest on, MODEL or REVIEWED; None where it holds none.
    """

    name: str
    reference_date: date
    is_synthetic: bool
    issuing_unit: str | None
    sources: tuple[Source, ...]
    rounding_key: str
    ranges: str | None = None

    def with_rows(self, rows: Mapping[str, int | None]) -> Edition:
        """The same with the released number of rows of each register; None where a table does not tell it."""
        return replace(self, sources=tuple(replace(one, rows_n=rows.get(one.register)) for one in self.sources))


def as_json(edition: Edition, rule: str, sha256: str) -> str:
    """The text that lies beside the table: every field of the edition, the rule, and the hash of the CSV file."""
    told = {**asdict(edition), "rule": rule, "sha256": sha256}
    return json.dumps(told, default=_day, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def from_json(text: str) -> tuple[Edition, str, str]:
    """Edition, rule and hash. Raises ValueError, LookupError or TypeError where the text is not of `as_json`."""
    told: dict[str, Any] = json.loads(text)
    rule, sha256 = str(told.pop("rule")), str(told.pop("sha256"))
    sources = tuple(_source(one) for one in told.pop("sources"))
    if told["is_synthetic"] not in (True, False):
        raise ValueError("neither synthetic nor real")
    if told.get("ranges") not in (None, MODEL, REVIEWED):
        raise ValueError("ranges of an unknown kind")
    edition = Edition(**{**told, "reference_date": date.fromisoformat(told["reference_date"]), "sources": sources})
    if {one.register for one in sources} - set(DELIVERED):
        raise ValueError("no edition")
    return edition, rule, sha256


def _source(told: Mapping[str, Any]) -> Source:
    return Source(**{**told, "received_date": date.fromisoformat(told["received_date"])})


def _day(value: object) -> str:
    """Days as ISO dates. Anything else that JSON does not know is no field of an edition: TypeError."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
