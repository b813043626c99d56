"""The plain lines of a rate card, all of them in one pass over a block's claims.

In: claims as they come, trial by trial; for each line whose claims it pays and its prices. Out:
what each line comes to by month, and what each claim does, for the cap for one person. Not here:
lines whose claims are verified, tiered, taken several at a time or priced by segment (`claims`,
`lines`), the caps themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sibsim.contract.agreement import Contract
from sibsim.contract.claims import Claims, Column
from sibsim.contract.evidence import Count, SelfReport
from sibsim.contract.lines import Line
from sibsim.contract.terms import Claimed, Deduction, PerOutcome
from sibsim.rounding import Pence, refuse_too_large


class Columns(NamedTuple):
    """What compiled code has to know of claims; see `Claims` and `sibsim.compiling.steady`."""

    trial: NDArray[np.int16]
    cohort: NDArray[np.int16]
    cohort_step: np.uint64
    person: NDArray[np.int32]
    outcome: NDArray[np.int16]
    month: NDArray[np.int16]
    amount: NDArray[np.int32]
    amount_step: np.uint64


class Reading(NamedTuple):
    """Which lines pay for an outcome, and at what prices, as compiled code takes it."""

    first: Column
    """Where the lines of each outcome begin among `line`, and end, shape (outcomes + 1,)."""
    line: Column
    """Places of lines, outcome by outcome."""
    cohort: Column
    """Whom each line is for, shape (lines,); -1 for everybody."""
    term: Column
    """Place of the term of each line, shape (lines,)."""
    told: Column
    """Whether each claim of a line is told, shape (lines,)."""
    prices: Pence
    """Shape (trials or 1, lines, months)."""


class Told(NamedTuple):
    """What single claims come to, trial by trial.

    Claims of one person, term and month may stand in any order.
    """

    rows: Column
    """One `TOLD` each."""
    edges: Pence
    """Where the claims of each trial begin, and end, shape (trials + 1,)."""
    people: int
    """By how many the people of a cohort are numbered at the most."""
    everybody: int
    """How many numbers persons have: cohorts x people."""

    @property
    def trial(self) -> Column:
        """Of each claim."""
        return np.repeat(np.arange(len(self.edges) - 1), np.diff(self.edges))


TOLD = np.dtype([
    ("money", np.int64), ("person", np.int32), ("term", np.int16), ("month", np.int16),
])  # fmt: skip
"""What the cap for one person has to know of a claim; a person is numbered within a trial, as
cohort x the most people of a cohort + person."""


@dataclass(frozen=True)
class Card:
    """What the plain lines come to.

    Attributes
    ----------
    lines : mapping of str to Line
        By payment term; what single claims come to is in `told` alone.
    told : Told or None
        Claims of terms that pay for outcomes, if somebody asks for them.
    """

    lines: Mapping[str, Line]
    told: Told | None


def plain_lines(
    contract: Contract, claims: Claims, outcomes: Mapping[str, int], counting: Mapping[str, Count]
) -> dict[str, PerOutcome | Deduction]:
    """The terms that pay a price for each claim as it comes, by name."""
    made: dict[str, PerOutcome | Deduction] = {}
    if contract.verification is not None:
        return made
    most = _most(claims, len(outcomes))
    for name, item in contract.terms.items():
        if not isinstance(item, PerOutcome | Deduction):
            continue
        if item.by_segment or round(item.each.mean) > 1:
            continue
        if isinstance(item, PerOutcome):
            design = None if item.evidence is None else counting[item.evidence]
            if item.tiers or isinstance(design, SelfReport):
                continue
        limit, (amount, occurrence) = item.claims_per_person, most[:, outcomes[item.for_]]
        if limit is None or (amount <= 1 and occurrence < round(limit.mean)):
            made[name] = item
    return made


def _most(claims: Claims, outcomes: int) -> Pence:
    """The largest amount of each outcome and its latest occurrence, shape (2, outcomes)."""
    columns = claims.amount, claims.occurrence
    whole = [int(column.max(initial=0)) for column in columns]
    made = np.repeat(np.array(whole, np.int64)[:, None], outcomes, axis=1)
    for place, column in enumerate(columns):
        if whole[place] > (1, 0)[place]:
            made[place] = 0
            np.maximum.at(made[place], claims.outcome, column)
    return made


def card(
    contract: Contract, claims: Claims, shape: tuple[int, int], items: Mapping[str, Claimed],
    prices: Mapping[str, Pence], outcomes: Mapping[str, int], cohorts: Mapping[str, int],
) -> Card:  # fmt: skip
    """What plain lines come to.

    Parameters
    ----------
    claims : Claims
        In order of the trials.
    shape : (int, int)
        Trials, and months in which claims are decided.
    items : mapping of str to Claimed
        The plain lines by name of the term, as `plain_lines` finds them.
    prices : mapping of str to ndarray of int64, shape (trials or 1, months)
    outcomes, cohorts : mapping of str to int
        Positions.
    """
    from sibsim.contract.kernels import read_card  # the compiler is loaded where it is needed

    trials, span = shape
    asked = contract.caps.person is not None
    reading = _reading(contract, items, prices, outcomes, cohorts, asked)
    columns = _columns(claims)
    by_month = np.zeros((trials, len(items), span), np.int64)
    units = np.zeros((trials, len(items)), np.int64)
    repeated = int(np.diff(reading.first).max(initial=0))
    rows = np.empty(len(claims) * repeated if asked else 0, TOLD)
    edges = np.zeros(trials + 1, np.int64)
    people = int(columns.person.max(initial=0)) + 1
    read_card(columns, reading, people, by_month, units, rows, edges)
    for place, highest in enumerate(reading.prices.max(axis=(0, 2), initial=0)):
        # All claims of a trial at once.
        refuse_too_large(float(highest) * float(units[:, place].max(initial=0)))
    nobody = np.zeros(0, np.int64)
    lines = {name: Line(nobody, by_month[:, place], units[:, place])
             for place, name in enumerate(items)}  # fmt: skip
    told = Told(rows[: edges[-1]], edges, people, people * len(cohorts)) if asked else None
    return Card(lines, told)


def _columns(claims: Claims) -> Columns:
    from sibsim.compiling import steady

    def narrow(column: Column) -> Column:
        return np.ascontiguousarray(column, np.int16)

    cohort, amount = claims.cohort.astype(np.int16, copy=False), claims.amount
    return Columns(
        narrow(claims.trial), *steady(cohort), np.ascontiguousarray(claims.person, np.int32),
        narrow(claims.outcome), narrow(claims.month),
        *steady(amount.astype(np.int32, copy=False)),
    )


def _reading(
    contract: Contract, items: Mapping[str, Claimed], prices: Mapping[str, Pence],
    outcomes: Mapping[str, int], cohorts: Mapping[str, int], asked: bool,
) -> Reading:  # fmt: skip
    paid_for = np.array([outcomes[item.for_] for item in items.values()])
    terms = list(contract.terms)
    whose = [-1 if item.cohort is None else cohorts[item.cohort] for item in items.values()]
    return Reading(
        np.searchsorted(np.sort(paid_for), np.arange(len(outcomes) + 1)),
        np.argsort(paid_for, kind="stable"), np.array(whose, np.int64),
        np.array([terms.index(name) for name in items]),
        np.array([asked and isinstance(item, PerOutcome) for item in items.values()]),
        np.stack(np.broadcast_arrays(*(prices[name] for name in items)), axis=1),
    )  # fmt: skip
