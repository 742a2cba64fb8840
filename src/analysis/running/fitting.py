"""The only place that fits the linkage model to an edition: `jamsostek fit` tells what moved and replaces nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.metadata import version

from analysis import N_, ContractError, Fault, __version__
from analysis.contracts.registers import CLEANED, UMKM
from analysis.linking import comparisons, evidence, fitting, model, scoring
from analysis.linking.model import Model
from analysis.linking.scoring import Workplace
from analysis.presenting.wording import Wording
from analysis.running import lock, private, publishing
from analysis.running.store import Store
from analysis.sources import delivery, keys
from analysis.sources.places import Root

MOVED_BITS = 0.5
"""Weights that moved by less are not told."""
NAME = "model.json"


def lines(root: Root, edition: str, today: date, environ: Mapping[str, str], say: Wording) -> Iterator[str]:
    """Fit, write protected/model.json, and tell which weights moved. Raises as reading the edition does, and
    ContractError where its registers hold nothing that could be compared.
    """
    delivered = delivery.read(root, edition)
    keys.read(delivered.is_synthetic, environ, root)
    kept = Store(root, edition, delivered.hash)
    kept.read(CLEANED[UMKM])  # before a folder is made: told where the edition has not been run
    with lock.held(root.processed(edition) / "lock", f"data/processed/{edition}"), private.scratch(kept.folder):
        rows = evidence.gather(kept.registers(), delivered.reference_date)
        card = {
            "trained_on": delivered.edition, "delivery": delivered.hash, "is_synthetic": delivered.is_synthetic,
            "reference_date": delivered.reference_date.isoformat(), "fitted_date": today.isoformat(),
            "seed": scoring.SAMPLE_SEED, "turns": fitting.TURNS, "versions": _versions(),
        }  # fmt: skip
        try:
            fitted = fitting.fit(rows, Workplace(folder=kept.scratch()), card)
        except ValueError:
            fault = Fault(N_("no two records of the registers could be compared"))
            raise ContractError(edition, [fault], N_("Fit the model to a larger edition.")) from None
        with private.writing():
            publishing.publish(kept.folder, {NAME: model.as_text(fitted)})
    yield from moved(model.frozen(), fitted, say)
    yield say.say("{path}: written; the frozen model was not touched", path=root.told(kept.folder / NAME)).plain


def moved(before: Model, after: Model, say: Wording) -> Iterator[str]:
    """Which weights moved by half a bit or more, and the rates, as lines."""
    n = 0
    for name in comparisons.COMPARISONS:
        pairs = zip(comparisons.names(name), scoring.weights(before, name), scoring.weights(after, name), strict=True)
        for level, was, now in pairs:
            if abs(now - was) >= MOVED_BITS:
                n += 1
                yield say.say("{comparison}, {level}: {was} -> {now} bits", comparison=name, level=level,
                              was=f"{was:+.1f}", now=f"{now:+.1f}").plain  # fmt: skip
    for rate, was in before.rates.items():
        yield say.say("rate {name}: {was} -> {now}", name=rate, was=f"{was:.3g}", now=f"{after.rates[rate]:.3g}").plain
    yield say.say("{n} weights moved by half a bit or more", n=n).plain


def _versions() -> dict[str, str]:
    told = {name: version(name) for name in ("splink", "duckdb", "pandas")}
    return {"analysis": __version__, "python": f"{sys.version_info.major}.{sys.version_info.minor}", **told}
