"""Paid for nothing, missed success: what a contract's evidence gets wrong, and for how much money.

In: a deal whose terms rest on evidence. Out: for each such term and size of the comparison group,
how often it pays although there is no effect, and does not although there is one. Not here: the
estimate (`sibsim.measuring`); caps, which come after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sibsim.contract.evidence import Comparison
from sibsim.contract.mechanisms import MECHANISMS, Find, Seen
from sibsim.contract.terms import OnResult
from sibsim.errors import UsageError
from sibsim.measuring import Measured, split
from sibsim.people.events import Block
from sibsim.scenario.deal import MONEY, Scenario
from sibsim.simulation import Outcomes, simulate
from sibsim.streams import Luck, fresh_seed
from sibsim.writing import CURRENCIES

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One term with one size of comparison group; money in major units, shares of trials.

    Attributes
    ----------
    term, evidence : str
    group : int or None
        People in the comparison group; None for a baseline.
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
    group: int | None
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
    deal: Scenario, *, trials: int = 1_000, seed: int | None = None, groups: Sequence[int] = ()
) -> EvidenceResult:
    """Hold what a contract's evidence finds against what is true.

    Parameters
    ----------
    deal : Scenario
    trials : int
    seed : int or None
    groups : sequence of int
        Sizes of the comparison groups to try, one after another; left out: as the deal says.

    Raises
    ------
    UsageError
        If no payment term rests on evidence.
    """
    if not any(_rests(item) for item in deal.contract.terms.values()):
        raise UsageError(
            "evidence: no payment term of this deal rests on evidence / try: a term with `pay: "
            "by_result` or `per_effect` and its `evidence`"
        )
    compared = [n for n, d in deal.evidence.items() if isinstance(d, Comparison)]
    sizes: list[dict[str, Any]] = [
        {f"evidence.{name}.group": size for name in compared} for size in groups if compared
    ]
    rows: list[EvidenceRow] = []
    chosen = fresh_seed() if seed is None else seed
    for changes in sizes or [{}]:
        variant = deal.replace(changes) if changes else deal
        rows += _rows(variant, simulate(variant, trials=trials, seed=chosen))
    return EvidenceResult(tuple(rows), chosen, trials, deal.currency)


def _rests(item: Any) -> bool:
    return isinstance(item, OnResult) and item.evidence is not None


def _rows(deal: Scenario, outcomes: Outcomes) -> list[EvidenceRow]:
    """One row a term that rests on evidence."""
    blocks = [_block(deal, outcomes.block(luck), luck) for luck in outcomes.lucks()]
    rows = []
    for name, item in deal.contract.terms.items():
        if not (isinstance(item, OnResult) and item.evidence is not None):
            continue
        columns = np.concatenate([block[name] for block in blocks], axis=1)
        true, found, right, paid, nothing = columns
        due = right > 0
        design = deal.evidence[item.evidence]
        rows.append(EvidenceRow(
            name, item.evidence,
            round(design.group.mean) if isinstance(design, Comparison) else None,
            float(true.mean()), float(found.mean()), float(found.std()),
            float((paid > 0).mean()), float((nothing > 0).mean()), float(nothing.mean()),
            float((paid[due] == 0).mean()) if due.any() else float("nan"),
            float(np.maximum(right - paid, 0).mean()), float(np.maximum(paid - right, 0).mean()),
        ))  # fmt: skip
    return rows


def _block(deal: Scenario, everybody: Block, luck: Luck) -> dict[str, NDArray[np.float64]]:
    """For each term (5, trials): true and found result; paid for each, and if nothing works."""
    ours, others = split(deal, everybody)
    drawn, months = deal.drawn(luck, MONEY), deal.timeline.months
    seen = Measured(deal, drawn, ours, others, luck)
    idle = Measured(deal, drawn, replace(ours, reached=ours.otherwise), others, luck)
    minor = 10 ** CURRENCIES[deal.currency][1]
    made = {}
    for name, item in drawn.contract.terms.items():
        if not (isinstance(item, OnResult) and item.evidence is not None):
            continue
        unseen = replace(item, evidence=None)
        window = item.windows(months)[-1]
        results = [seen.find(unseen, *window), seen.find(item, *window)]
        paid = [
            _paid(unseen, seen.find, ours.trials, months) / minor,
            _paid(item, seen.find, ours.trials, months) / minor,
            _paid(item, idle.find, ours.trials, months) / minor,
        ]
        made[name] = np.stack([*results, *paid])
    return made


def _paid(item: OnResult, find: Find, trials: int, months: int) -> NDArray[np.int64]:
    """What a term comes to over the contract, as if no other term had paid, shape (trials,)."""
    others = dict.fromkeys(getattr(item, "unless", ()), np.zeros((trials, months), np.int64))
    here = Seen(trials, months, months, np.zeros((1, 1)), find=find, amounts=others)
    total: NDArray[np.int64] = MECHANISMS[type(item)](item, here).sum(axis=1)
    return total
