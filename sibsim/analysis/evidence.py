"""Paid for nothing, missed success: what a contract's evidence gets wrong, and for how much money.

In: a deal whose terms rest on evidence. Out: for each such term and each such measure of a reward,
by size of cohort and comparison group and by threshold, how often it pays although there is no
effect, and does not although there is one. Not here: the estimate
(`sibsim.measuring`); caps, which come after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sibsim.contract.evidence import Others
from sibsim.contract.mechanisms import MECHANISMS, Find, Seen, banded, pot, score
from sibsim.contract.pay import come_to
from sibsim.contract.terms import ByResult, Compared, Goal, OnResult, PaymentTerm, Reward
from sibsim.errors import UsageError
from sibsim.measuring import Measured, facts, split
from sibsim.people.events import Block
from sibsim.quantities import plain
from sibsim.rounding import Pence, pence
from sibsim.scenario.deal import MONEY, Scenario
from sibsim.simulation import Outcomes, simulate
from sibsim.streams import Luck, fresh_seed
from sibsim.writing import CURRENCIES

if TYPE_CHECKING:
    import pandas as pd

_Key = tuple[str, str, float | None]
"""A term, a measure of it or "", and a threshold."""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One term at one size of cohort and group, and one threshold; money in major units.

    Attributes
    ----------
    term, measure, evidence : str
        `measure` is that of a reward, which is weighed with its part of the pot; else it is empty.
    people : float
        Mean number of people who start.
    group : int or None
        People in the comparison group; None for a baseline.
    threshold : float or None
        The least result that is paid for (of a measure that rises in a line, where it begins);
        None if every result above nil is.
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
    measure: str
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

    @property
    def name(self) -> str:
        """The term, and the measure if it is one: ``reward.jobs``."""
        return f"{self.term}.{self.measure}" if self.measure else self.term


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
    if not _weighed(deal):
        raise UsageError(
            "evidence: no payment term of this deal rests on evidence / try: a term with `pay: "
            "by_result`, `per_effect` or `share_of_saving`, or a measure of a `reward`, and its "
            "`evidence`"
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


@dataclass(frozen=True, slots=True)
class _Weighed:
    """What rests on evidence: a term, or one measure of a reward."""

    term: str
    measure: str
    item: PaymentTerm
    compared: Compared


def _weighed(deal: Scenario) -> list[_Weighed]:
    found = []
    for name, item in deal.contract.terms.items():
        if isinstance(item, OnResult) and item.evidence is not None:
            found.append(_Weighed(name, "", item, item))
        if isinstance(item, Reward):
            found += [_Weighed(name, key, item, goal) for key, goal in item.measures.items()
                      if goal.evidence is not None]  # fmt: skip
    return found


def weighed(deal: Scenario, row: EvidenceRow) -> OnResult | Goal:
    """The term, or the measure of a reward, that a row is of."""
    item = deal.contract.terms[row.term]
    if isinstance(item, Reward):
        return item.measures[row.measure]
    assert isinstance(item, OnResult)
    return item


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
    resting = {(one.term, one.measure): one for one in _weighed(deal)}
    for key in blocks[0]:
        compared, level = resting[key[:2]].compared, key[2]
        assert compared.evidence is not None
        columns = np.concatenate([block[key] for block in blocks], axis=1)
        started, true, found, right, paid, nothing = columns
        due = right > 0
        design = deal.evidence[compared.evidence]
        rows.append(EvidenceRow(
            *key[:2], compared.evidence, float(started.mean()),
            round(design.group.mean) if isinstance(design, Others) else None,
            _least(compared) if level is None else level,
            float(true.mean()), float(found.mean()), float(found.std()),
            float((paid > 0).mean()), float((nothing > 0).mean()), float(nothing.mean()),
            float((paid[due] == 0).mean()) if due.any() else float("nan"),
            float(np.maximum(right - paid, 0).mean()), float(np.maximum(paid - right, 0).mean()),
        ))  # fmt: skip
    return rows


def _least(item: Compared) -> float | None:
    """The least result that a term with bands, or a measure, pays for."""
    if isinstance(item, Goal):
        return (item.target if item.between == "step" else item.from_).mean
    paying = [b.from_.mean for b in getattr(item, "bands", {}).values() if b.pays.mean > 0]
    return min(paying, default=None)


def _block(
    deal: Scenario, everybody: Block, luck: Luck, thresholds: Sequence[float]
) -> dict[_Key, NDArray[np.float64]]:
    """By term and threshold: people, true and found result; paid for each, and if nothing works."""
    ours, others = split(deal, everybody)
    drawn, months = deal.drawn(luck, MONEY), deal.timeline.months
    seen = Measured(deal, drawn, ours, others, luck)
    idle = Measured(deal, drawn, replace(ours, reached=ours.otherwise), others, luck)
    minor = 10 ** CURRENCIES[deal.currency][1]
    resting, come = _weighed(drawn), {}
    if any(isinstance(one.item, Reward) and one.item.of for one in resting):
        come = dict(come_to(drawn.contract, facts(deal, drawn, ours, others, luck)))
    made: dict[_Key, NDArray[np.float64]] = {}
    for one in resting:
        item, compared = one.item, one.compared
        assert isinstance(item, OnResult | Reward)
        window = item.windows(months)[-1]
        started = seen.people.started(compared.cohort, *window)
        found = [seen.find(replace(compared, evidence=None), *window), seen.find(compared, *window)]
        varied = thresholds if isinstance(item, ByResult) else ()
        levels: Sequence[float | None] = varied or [None]
        for level in levels:
            here = compared
            if level is not None and isinstance(item, ByResult):
                here = beginning_at(item, level)
            true = replace(here, evidence=None)
            paid = [
                _paid(item, what, find, ours.trials, months, come) / minor
                for what, find in ((true, seen.find), (here, seen.find), (here, idle.find))
            ]
            made[one.term, one.measure, level] = np.stack([started, *found, *paid])
    return made


def _paid(
    item: PaymentTerm, what: Any, find: Find, trials: int, months: int, come: Mapping[str, Pence]
) -> NDArray[np.int64]:
    """What a term or a measure comes to over the contract, shape (trials,).

    Of a term as if no other had paid; of a measure its part of the pot of the trial.
    """
    if isinstance(item, Reward):
        return _scored(item, what, find, trials, months, come)
    others = dict.fromkeys(getattr(what, "unless", ()), np.zeros((trials, months), np.int64))
    here = Seen(trials, months, months, np.zeros((1, 1)), find=find, amounts=others)
    total: NDArray[np.int64] = MECHANISMS[type(what)](what, here).sum(axis=1)
    return total


def _scored(
    item: Reward, goal: Goal, find: Find, trials: int, months: int, come: Mapping[str, Pence]
) -> NDArray[np.int64]:
    """What one measure of a reward comes to: its weight x its score x the pot, each time."""
    total, since = np.zeros(trials, np.int64), 0
    for first, last in item.windows(months):
        part = goal.weight.mean * score(goal, find(goal, first, last))
        total += pence(pot(item, come, since, last) * part)
        since = last
    return total
