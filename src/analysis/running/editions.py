"""The only place that knows which edition came before, and the answers that were declared so far."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from analysis import N_, ContractError, Fault
from analysis.contracts.registers import (
    CELLS,
    CLEANED,
    CORRECTIONS,
    EVALUATION_CELLS,
    FINDINGS,
    LINKAGE_FINDINGS,
    OWNERS,
    PERSONS,
    UMKM,
    Table,
)
from analysis.releasing.editions import Edition, Source, from_json
from analysis.running import store
from analysis.running.store import Store
from analysis.sources.delivery import Delivery
from analysis.sources.keys import Key
from analysis.sources.places import Root

if TYPE_CHECKING:
    from analysis.releasing.audit import Seen


def last(root: Root, delivered: Delivery | Edition) -> str | None:
    """The edition with the newest earlier reference date that is as synthetic as this one; None where there is none.

    Known from what was released, so that an edition counts also when its registers have been purged.
    """
    earlier = []
    for name, edition in released(root).items():
        if edition.is_synthetic == delivered.is_synthetic and edition.reference_date < delivered.reference_date:
            earlier.append((edition.reference_date, name))
    return max(earlier)[1] if earlier else None


def released(root: Root) -> dict[str, Edition]:
    """What each released table says of its edition, by the name of its folder. ContractError where one is damaged."""
    found: dict[str, Edition] = {}
    for path in sorted((root.path / "data" / "processed").glob("*/released/evaluation.json")):
        try:
            found[path.parent.parent.name] = from_json(path.read_text(encoding="utf-8"))[0]
        except (LookupError, TypeError, ValueError):
            fault = Fault(N_("is damaged"))
            raise ContractError(root.told(path), [fault], N_("Delete the file and run its edition again.")) from None
    return found


COMPARED = (CLEANED[UMKM], OWNERS, PERSONS, FINDINGS, LINKAGE_FINDINGS)
"""The protected tables of an edition without which nothing can be held against it."""


def before(root: Root, delivered: Delivery) -> tuple[Store, date] | None:
    """Tables and reference date of the last edition; None where there is none, or its registers have been purged."""
    name = last(root, delivered)
    if name is None:
        return None
    kept = Store(root, name, None)
    day = released(root)[name].reference_date
    return (kept, day) if all(kept.has(table) for table in COMPARED) else None


def facts(delivered: Delivery, rounding: Key, ranges: str | None = None) -> Edition:
    """As much of a delivery as may stand beside its released tables; `ranges`: what theirs rest on."""
    sources = tuple(Source(one.name, one.issuer, one.received_date) for one in delivered.registers.values())
    return Edition(delivered.edition, delivered.reference_date, delivered.is_synthetic, delivered.issuing_unit, sources,
                   rounding.fingerprint, ranges)  # fmt: skip


def answers(root: Root, delivered: Delivery) -> pd.DataFrame:
    """All corrections declared so far (contract CORRECTIONS): those of the last edition, and this one's own."""
    from analysis.cleaning import corrections

    names = [name for name in (last(root, delivered), delivered.edition) if name is not None]
    found = [Store(root, name, None) for name in names]
    tables = [one.read(CORRECTIONS) for one in found if one.has(CORRECTIONS)]
    declared = store.empty(CORRECTIONS)
    for table in tables:
        declared = corrections.renewed(declared, table)
    return declared


def last_seen(root: Root, delivered: Delivery) -> list[Seen]:
    """All that was released of the last edition, with its true counts as far as they are kept: for the audit."""
    from analysis.releasing import disclosure

    name = last(root, delivered)
    if name is None:
        return []
    cells = _cells(Store(root, name, None), EVALUATION_CELLS, CELLS)
    return disclosure.seen(root.released(name), cells, is_last=True)


def outside(root: Root, delivered: Delivery) -> list[Seen]:
    """The same, and before it the evaluation that was released of this edition."""
    from analysis.releasing import disclosure

    own = _cells(Store(root, delivered.edition, delivered.hash), EVALUATION_CELLS)
    return [*disclosure.seen(root.released(delivered.edition), own), *last_seen(root, delivered)]


def _cells(kept: Store, *tables: Table) -> pd.DataFrame | None:
    """The true counts that are kept of an edition; None where there are none."""
    found = [kept.read(table) for table in tables if kept.has(table)]
    return pd.concat(found, ignore_index=True) if found else None
