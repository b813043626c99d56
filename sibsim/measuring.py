"""What the evidence of a contract finds: other people beside those who are served.

In: the facts of a block of trials, designs of evidence. Out: `Results` for each design, as the
contract sees them. Not here: how the people fared (`sibsim.people`), what is paid
(`sibsim.contract`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sibsim.contract.evidence import Baseline, Comparison
from sibsim.contract.results import Results
from sibsim.people.events import NEVER, Block, Events
from sibsim.people.outcomes import unit
from sibsim.scenario.deal import Scenario


def split(deal: Scenario, block: Block) -> tuple[Block, Block]:
    """Those who may be served, and those in comparison groups."""
    served = len(deal.people)
    if len(block.people) == served:
        return block, Block(block.first, block.trials, (), *(_none(e) for e in _both(block)))
    ours = Block(block.first, block.trials, block.people[:served],
                 *(e.where(e.cohort < served) for e in _both(block)))  # fmt: skip
    others = Block(block.first, block.trials, block.people[served:],
                   *(e.where(e.cohort >= served) for e in _both(block)))  # fmt: skip
    return ours, others


def _both(block: Block) -> tuple[Events, Events]:
    return block.reached, block.otherwise


def _none(events: Events) -> Events:
    return events.where(np.zeros(len(events), np.bool_))


@dataclass(frozen=True)
class Amounts:
    """How much of each outcome there was in a trial, and how it is spread over people.

    Attributes
    ----------
    total : ndarray of float64, shape (trials, outcomes)
    squares : ndarray of float64, shape (trials, outcomes)
        Sum over people of the square of what each had.
    """

    total: NDArray[np.float64]
    squares: NDArray[np.float64]


def amounts(deal: Scenario, events: Events, trials: int) -> Amounts:
    """Sums over people; of outcomes that count people, the first time only."""
    outcomes = len(deal.outcomes)
    counted = np.array([unit(o) != "people" for o in deal.outcomes.values()])
    rows = events.where((events.occurrence == 0) | counted[events.outcome])
    size = trials * outcomes
    # Everybody's own sum of each outcome: rows of one person and outcome side by side.
    key = (rows.trial.astype(np.int64) * outcomes + rows.outcome) << 40
    key |= (rows.cohort.astype(np.int64) << 26) | rows.person
    each, place = np.unique(key, return_inverse=True)
    own = np.bincount(place, weights=rows.amount, minlength=len(each))
    cell = each >> 40
    total, squares = (
        np.bincount(cell, weights=w, minlength=size).astype(np.float64).reshape(trials, outcomes)
        for w in (own, own**2)
    )
    return Amounts(total, squares)


def findings(
    deal: Scenario, drawn: Scenario, ours: Block, others: Block, true: Results
) -> dict[str | None, Results]:
    """What each design finds; under None what is true.

    Parameters
    ----------
    drawn : Scenario
        The deal with its evidence drawn.
    ours, others : Block
        Those who may be served; those in comparison groups.
    true : Results
    """
    found: dict[str | None, Results] = {None: true}
    groups = list(deal.comparisons)
    for name, design in drawn.evidence.items():
        if isinstance(design, Baseline):
            each = np.asarray(design.each.values * true.started, np.float64)[:, None]
            found[name] = replace(true, without=np.broadcast_to(each, true.with_.shape))
        else:
            place = groups.index(f"evidence.{name}")
            events = others.otherwise
            mine = events.where(events.cohort == len(deal.people) + place)
            group = amounts(deal, mine, others.trials)
            size = (others.people[place].start < NEVER).sum(axis=1)
            found[name] = _compared(deal, design, ours, true, group, size)
    return found


def _compared(
    deal: Scenario, design: Comparison, ours: Block, true: Results, group: Amounts,
    size: NDArray[np.int64],
) -> Results:  # fmt: skip
    """What would have been, by a group of other people; no effect where it must be significant."""
    n, m = true.started[:, None], size[:, None]
    factor = 1.0 + design.bias.values[:, None]
    mean = np.where(m > 0, factor * group.total / np.maximum(m, 1), 0.0)
    without: NDArray[np.float64] = (mean * n).astype(np.float64)
    if design.significance is None:
        return replace(true, without=without)
    from scipy.special import ndtri

    served = amounts(deal, ours.reached, ours.trials)
    error = np.sqrt(_variance(served, n) + factor**2 * _variance(group, m))
    gap = np.abs(true.with_ - without) / np.maximum(n, 1)
    clear = gap > ndtri(1.0 - design.significance.mean / 2.0) * error
    return replace(true, without=np.where(clear, without, true.with_.astype(np.float64)))


def _variance(of: Amounts, people: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of the mean over people: their sample variance over their number."""
    n = np.maximum(people, 2)
    found: NDArray[np.float64] = np.maximum(of.squares - of.total**2 / n, 0.0) / (n - 1) / n
    return found
