"""The only place that looks at a delivery without writing anything: what `jamsostek check` does."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.cleaning import registers
from analysis.presenting import checkup
from analysis.presenting.wording import Wording
from analysis.sources import delivery, ingest, regions
from analysis.sources.places import Root


def lines(root: Root, edition: str, say: Wording) -> Iterator[str]:
    """Read, clean and judge one delivery, and tell the counts line by line. Raises ContractError, ParameterError.

    No key is needed: nothing is named, nothing is kept.
    """
    delivered = delivery.read(root, edition)
    facts = registers.Facts.of(delivered.reference_date, regions.read(root))
    raw = ingest.read_all(delivered)
    judged = {name: registers.judge(one, facts) for name, one in raw.items()}
    return checkup.lines(delivered, raw, judged, say)
