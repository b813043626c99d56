"""Paid for nothing, missed success: what a contract's evidence gets wrong, and for how much money.

In: a deal whose terms rest on evidence. Out: for each such term, by size of cohort and comparison
group and by threshold, how often it pays although there is no effect, and does not although there
is one. Not here: the estimate (`sibsim.measuring`); caps, which come after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sibsim.contract.evidence import Others
from sibsim.contract.mechanisms import MECHANISMS, Find, Seen, banded
from sibsim.contract.terms import ByResult, OnResult
from sibsim.errors import UsageError
from sibsim.measuring import Measured, split
from sibsim.people.events import Block
from sibsim.quantities import plain
from sibsim.scenario.deal import MONEY, Scenario
from sibsim.simulation import Outcomes, simulate
from sibsim.streams import Luck, fresh_seed
from sibsim.writing import CURRENCIES

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One term at one size of cohort and group, and one threshold; money in major units.

    Attributes
    ----------
    term, evidence : str
    people : float
        Mean number of people who start.
    group : int or None
        People in the comparison group; None for a baseline.
    threshold : float or None
        The least result that is paid for; None if every result above nil is.
    true, found, error : float
        Mean of the true result; mean and standard deviation of what the evidence finds.
    pays : float
        Share of trials in which the term pays.
    pays_for_nothing : float
        The same if the service did nothing: everybody fares as they would have without it.
    cost_of_nothing : float
        What is paid then, on average.
    misses : float
        Of the trials whose true result would be paid for, the share in which nothing is paid;
        NaN if there are none.
    cost_of_misses : float
        By how much less than for the true result is paid, on average over all trials.
    overpaid : float
        By how much more.
    """

    term: str
    evidence: str
    people: float
    group: int | None
    threshold: float | None
    true: float
    found: float
    error: float
    pays: float
    pays_for_nothing: float
    cost_of_nothing: float
    misses: float
    cost_of_misses: float
    overpaid: float


@dataclass(frozen=True, slots=True)
class EvidenceResult:
    """Rows by term and size of group."""

    rows: tuple[EvidenceRow, ...]
    seed: int
    trials: int
    currency: str

    def frame(self) -> pd.DataFrame:
        """One row a term and group."""
        import pandas as pd

        return pd.DataFrame([asdict(row) for row in self.rows])

    def plain(self) -> list[dict[str, Any]]:
        """For JSON; what is not defined is None."""
        return [
            {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in asdict(row).items()}
            for row in self.rows
        ]


def evidence(
    deal: Scenario,
    *,
    trials: int = 1_000,
    seed: int | None = None,
    people: Sequence[int] = (),
    groups: Sequence[int] = (),
    thresholds: Sequence[float] = (),
) -> EvidenceResult:
    """Hold what a contract's evidence finds against what is true.

    Parameters
    ----------
    deal : Scenario
    trials : int
    seed : int or None
    people, groups : sequence of int
        Sizes of each cohort, and of the comparison groups, to try with one another; left out: as
        the deal says.
    thresholds : sequence of float
        For terms with bands, results below which nothing is paid: the bands below are cut off, the
        one in which it falls begins at it. Left out: as the deal says.

    Returns
    -------
    EvidenceResult
        Rows by people, then group, term and threshold. The same people and luck are behind all
        thresholds, and as far as they go behind all sizes.

    Raises
    ------
    UsageError
        If no payment term rests on evidence.
    """
    if not any(_rests(item) for item in deal.contract.terms.values()):
        raise UsageError(
            "evidence: no payment term of this deal rests on evidence / try: a term with `pay: "
            "by_result`, `per_effect` or `share_of_saving` and its `evidence` (the measures of a "
            "reward are not weighed one by one)"
        )
    compared = [n for n, d in deal.evidence.items() if isinstance(d, Others)]
    rows: list[EvidenceRow] = []
    chosen = fresh_seed() if seed is None else seed
    sizes: Sequence[int | None] = people or [None]
    others: Sequence[int | None] = groups if compared and groups else [None]
    for size, group in product(sizes, others):
        changes: dict[str, Any] = {} if size is None else {"people.*.referrals": size}
        if group is not None:
            changes |= {f"evidence.{name}.group": group for name in compared}
        variant = deal.replace(changes) if changes else deal
        rows += _rows(variant, simulate(variant, trials=trials, seed=chosen), thresholds)
    return EvidenceResult(tuple(rows), chosen, trials, deal.currency)


def _rests(item: Any) -> bool:
    return isinstance(item, OnResult) and item.evidence is not None


def beginning_at(item: OnResult, threshold: float) -> OnResult:
    """A term that pays nothing below a threshold; one without bands stays as it is."""
    if not isinstance(item, ByResult):
        return item
    bands = list(item.bands.items())
    below = [pair for pair in bands if pair[1].from_.mean <= threshold] or bands[:1]
    name, first = below[-1]
    if item.between == "line":
        at = banded(item, np.array([threshold]))[0]
        pays = plain(float(at)) if at else first.pays
    else:
        pays = first.pays
    kept = {name: replace(first, from_=plain(threshold), pays=pays)}
    kept |= {n: band for n, band in bands if band.from_.mean > threshold and n != name}
    return replace(item, bands=kept)


def _rows(
    deal: Scenario, outcomes: Outcomes, thresholds: Sequence[float]
) -> list[EvidenceRow]:
    """One row a term that rests on evidence, and a threshold."""
    blocks = [_block(deal, outcomes.block(luck), luck, thresholds) for luck in outcomes.lucks()]
    rows = []
    for name, level in blocks[0]:
        item = deal.contract.terms[name]
        assert isinstance(item, OnResult) and item.evidence is not None
        columns = np.concatenate([block[name, level] for block in blocks], axis=1)
        started, true, found, right, paid, nothing = columns
        due = right > 0
        design = deal.evidence[item.evidence]
        rows.append(EvidenceRow(
            name, item.evidence, float(started.mean()),
            round(design.group.mean) if isinstance(design, Others) else None,
            _least(item) if level is None else level,
            float(true.mean()), float(found.mean()), float(found.std()),
            float((paid > 0).mean()), float((nothing > 0).mean()), float(nothing.mean()),
            float((paid[due] == 0).mean()) if due.any() else float("nan"),
            float(np.maximum(right - paid, 0).mean()), float(np.maximum(paid - right, 0).mean()),
        ))  # fmt: skip
    return rows


def _least(item: OnResult) -> float | None:
    """The least result that a term with bands pays for."""
    paying = [b.from_.mean for b in getattr(item, "bands", {}).values() if b.pays.mean > 0]
    return min(paying, default=None)


def _block(
    deal: Scenario, everybody: Block, luck: Luck, thresholds: Sequence[float]
) -> dict[tuple[str, float | None], NDArray[np.float64]]:
    """By term and threshold: people, true and found result; paid for each, and if nothing works."""
    ours, others = split(deal, everybody)
    drawn, months = deal.drawn(luck, MONEY), deal.timeline.months
    seen = Measured(deal, drawn, ours, others, luck)
    idle = Measured(deal, drawn, replace(ours, reached=ours.otherwise), others, luck)
    minor = 10 ** CURRENCIES[deal.currency][1]
    made: dict[tuple[str, float | None], NDArray[np.float64]] = {}
    for name, item in drawn.contract.terms.items():
        if not (isinstance(item, OnResult) and item.evidence is not None):
            continue
        window = item.windows(months)[-1]
        started = seen.people.started(item.cohort, *window)
        found = [seen.find(replace(item, evidence=None), *window), seen.find(item, *window)]
        varied = thresholds if isinstance(item, ByResult) else ()
        levels: Sequence[float | None] = varied or [None]
        for level in levels:
            here = item if level is None else beginning_at(item, level)
            paid = [
                _paid(replace(here, evidence=None), seen.find, ours.trials, months) / minor,
                _paid(here, seen.find, ours.trials, months) / minor,
                _paid(here, idle.find, ours.trials, months) / minor,
            ]
            made[name, level] = np.stack([started, *found, *paid])
    return made


def _paid(item: OnResult, find: Find, trials: int, months: int) -> NDArray[np.int64]:
    """What a term comes to over the contract, as if no other term had paid, shape (trials,)."""
    others = dict.fromkeys(getattr(item, "unless", ()), np.zeros((trials, months), np.int64))
    here = Seen(trials, months, months, np.zeros((1, 1)), find=find, amounts=others)
    total: NDArray[np.int64] = MECHANISMS[type(item)](item, here).sum(axis=1)
    return total
