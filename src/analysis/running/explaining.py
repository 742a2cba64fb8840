"""The only place that looks up why one owner counts as he does: `jamsostek explain`, for the terminal only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from analysis import N_, Fault, ParameterError
from analysis.contracts.registers import CANDIDATES, LINKS, OWNERS, STATUS
from analysis.linking import model
from analysis.presenting import explain
from analysis.presenting.wording import Wording
from analysis.running.store import Store
from analysis.sources import delivery, keys
from analysis.sources.places import Root


def lines(root: Root, edition: str, row: int, sheet: str | None, environ: Mapping[str, str], say: Wording
          ) -> Iterator[str]:  # fmt: skip
    """Tell it line by line. Raises ContractError or StaleError where the edition has not been run on the delivery that
    lies there, ParameterError where there is no such row, or several sheets have one and none is named.
    """
    delivered = delivery.read(root, edition)
    keys.read(delivered.is_synthetic, environ, root)  # who may not use the keys may not ask about a person
    kept = Store(root, edition, delivered.hash)
    known = explain.Known(kept.read(OWNERS), kept.read(STATUS), kept.read(LINKS), kept.read(CANDIDATES), model.frozen())
    found = known.status[known.status["umkm_source_row"] == row]
    sheets = sorted(found["umkm_source_sheet"])
    if sheet is None and len(sheets) > 1:
        fault = Fault(N_("row {row} stands in {n} sheets"), values={"row": str(row), "n": len(sheets)})
        raise ParameterError("--row", [fault], N_("Name the sheet with --sheet."))
    chosen = sheet if sheet is not None else next(iter(sheets), "")
    if chosen not in sheets:
        fault = Fault(N_("the UMKM register has no data row {row} there"), values={"row": str(row)})
        raise ParameterError("--row", [fault], N_("Give the row as the spreadsheet shows it, and its sheet."))
    yield from explain.lines(known, chosen, row, say)
