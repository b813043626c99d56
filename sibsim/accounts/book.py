"""The terms of an account as numbers and tables, ready to be walked.

In: terms of tranches and of the waterfall, receipts and costs. Out: the `Book` that `walk` reads.
Not here: what a step pays (`walk`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sibsim.accounts import steps, walk
from sibsim.accounts.steps import RESIDUAL, STATUSES, CatchUp, Keep, Share, Step, Waterfall
from sibsim.accounts.terms import Tranche
from sibsim.quantities import Quantity, plain
from sibsim.rounding import Pence, pence
from sibsim.timeline import Timeline

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ends:
    """When each trial's contract ends early, and what is paid then; each of shape (trials,).

    Attributes
    ----------
    stop : ndarray of int64
        Month in which delivery ends; the horizon if it does not end early.
    closing : ndarray of int64
        Month in which the account closes.
    pays : ndarray of int64
    pays_of_capital : ndarray of float64
        Part of the money that is then out.
    """

    stop: Pence
    closing: Pence
    pays: Pence
    pays_of_capital: Floats

def make_book(
    receipts: Pence, costs: Pence, timeline: Timeline, tranches: Mapping[str, Tranche],
    waterfall: Waterfall, taken: Mapping[tuple[str, str], Step], starts: Pence | None, ends: Ends,
) -> walk.Book:
    """All that the walk reads, every table with a number for each trial."""
    trials, horizon = receipts.shape
    held = list(tranches.values())
    facility = waterfall.facility
    limit, line_rate = (plain(0), plain(0)) if facility is None else (
        facility.limit, facility.interest
    )  # fmt: skip
    month = np.arange(horizon)
    pays = [_dues(item, month, timeline.months) for item in held]
    statuses = [[place[0] for place in taken].index(status) for status in STATUSES]
    return walk.Book(
        receipts=np.ascontiguousarray(receipts), costs=np.ascontiguousarray(costs),
        months=timeline.months, gives=_gives(waterfall, month),
        trapped=_trapped(waterfall, receipts, costs),
        closing=ends.closing, stop=ends.stop, ended_with=ends.pays,
        ended_with_share=ends.pays_of_capital,
        minimum=_money([waterfall.minimum], trials)[0], recycles=waterfall.recycle,
        limit=_money([limit], trials)[0],
        line_rate=_numbers([line_rate], trials)[0],
        commitment=_money([item.commitment for item in held], trials),
        on_need=np.array([item.draw == "on_need" for item in held], bool),
        turn=np.array([item.turn.mean for item in held], np.float64),
        **_drawings(held, starts, trials, horizon),
        rate=_numbers([item.interest for item in held], trials),
        rates=_table([_rates(item, month) for item in held], horizon),
        days=_table([_days(item.day_count, timeline) for item in held], horizon),
        year=np.array([YEAR[item.day_count] for item in held], np.float64),
        added=np.array([item.unpaid_interest == "added" for item in held], bool),
        due=_table(pays, horizon),
        returns=np.array([item.repay != "never" for item in held], bool),
        most=_mosts(held, trials),
        growth=(1.0 + _numbers([item.hurdle or plain(0) for item in held], trials)) ** (1 / 12) - 1,
        guarantee=_money([item.guarantee or plain(0) for item in held], trials),
        first=np.array(statuses, np.int64),
        last=np.array([*statuses[1:], len(taken)], np.int64),
        always=np.array([_always(taken, status) for status in STATUSES], np.int64),
        **_coded(list(taken.values()), list(tranches), trials),
    )  # fmt: skip


def _always(taken: Mapping[tuple[str, str], Step], status: str) -> int:
    """The place after the last step of a status that is taken in every month."""
    monthly = (steps.Costs, steps.Facility)
    return 1 + max(place for place, ((of, _), step) in enumerate(taken.items())
                   if of == status and isinstance(step, monthly))  # fmt: skip


def _gives(waterfall: Waterfall, month: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Months in which surplus is given out, before the account closes."""
    every = {"at_end": 0, "monthly": 1, "quarterly": 3, "yearly": 12}[waterfall.distribute]
    if not every:
        return np.zeros(len(month), bool)
    return np.asarray((month >= waterfall.distribute_from.mean) & ((month + 1) % every == 0))


def _trapped(waterfall: Waterfall, receipts: Pence, costs: Pence) -> NDArray[np.bool_]:
    """Months in which a distribution test fails, shape (trials, horizon)."""
    failed = np.zeros(receipts.shape, bool)
    month = np.arange(receipts.shape[1])
    for test in waterfall.tests.values():
        due = month >= test.from_.mean
        paid = receipts.cumsum(axis=1)
        if test.payments is not None:
            failed |= due & (paid < pence(test.payments.values)[:, None])
        if test.cover is not None:
            over = round(test.over.mean)
            spent = costs.cumsum(axis=1)
            lately, cost = (
                total - np.pad(total, ((0, 0), (over, 0)))[:, : total.shape[1]]
                for total in (paid, spent)
            )
            failed |= due & (lately < test.cover.values[:, None] * cost)
    return failed


def _dues(terms: Tranche, month: NDArray[np.int64], months: int) -> Floats:
    """The part of the money put in that may be back by the end of each month."""
    first = terms.repay_from.mean
    last = np.inf if terms.maturity is None else terms.maturity.mean - 1
    if terms.repay == "sweep":
        part = np.ones(len(month))
    elif terms.repay == "amortise":
        end = months if terms.maturity is None else last + 1
        part = np.clip((month + 1 - first) / max(end - first, 1), 0.0, 1.0)
    else:
        part = np.zeros(len(month))
    return np.where(month >= last, 1.0, np.where(month < first, 0.0, part))


def _rates(terms: Tranche, month: NDArray[np.int64]) -> Floats:
    """What is added to the interest in each month."""
    if not terms.rates:
        return np.zeros(len(month))
    by_year = np.array([rate.mean for rate in terms.rates])
    added: Floats = by_year[np.minimum(month // 12, len(by_year) - 1)]
    return added


YEAR = {"monthly": 12.0, "30/360": 12.0, "act/365f": 365.0, "act/360": 360.0}
"""How many of what `_days` counts make a year."""


def _days(day_count: str, timeline: Timeline) -> Floats:
    """The days of each month; or 1, where all months are equally long."""
    if YEAR[day_count] == 12.0:
        return np.ones(timeline.horizon)
    return np.diff(timeline.month_starts).astype(np.float64)


def _drawings(
    held: list[Tranche], starts: Pence | None, trials: int, horizon: int
) -> dict[str, Any]:
    """Money that goes in at its time: whole commitments up front, and the parts of a schedule."""
    to: list[int] = []
    amounts: list[Quantity] = []
    when: list[NDArray[np.int64]] = []
    started = None if starts is None else starts.cumsum(axis=1)
    for k, item in enumerate(held):
        if item.draw == "up_front":
            to, amounts = [*to, k], [*amounts, item.commitment]
            when.append(np.zeros(trials, np.int64))
        for part in item.drawings.values() if item.draw == "by_schedule" else ():
            to, amounts = [*to, k], [*amounts, part.amount]
            month = np.full(trials, round(part.at.mean), np.int64)
            if part.starts is not None and started is not None:
                enough = started >= part.starts.mean
                reached = np.where(enough.any(axis=1), enough.argmax(axis=1), horizon)
                month = np.maximum(month, reached)
            when.append(month)
    return {
        "drawing_to": np.array(to, np.int64),
        "drawing_month": np.stack(when) if when else np.zeros((0, trials), np.int64),
        "drawing": _money(amounts, trials),
    }


def _coded(taken: list[Step], capital: list[str], trials: int) -> dict[str, Any]:
    """The steps as tables."""
    recipients = [*capital, *RESIDUAL]
    size = len(taken), len(recipients)
    share, order = np.zeros((*size, trials)), np.full(size, -1)
    for s, step in enumerate(taken):
        shares: Mapping[str, Quantity] = {}
        if isinstance(step, Share):
            shares = step.to
        elif isinstance(step, CatchUp):
            shares = {step.to: step.share}
        elif isinstance(step, Keep):
            shares = dict.fromkeys(step.of or capital, plain(1))
        elif hasattr(step, "to"):
            to = step.to if isinstance(step.to, tuple) else (step.to,)
            shares = dict.fromkeys(to, plain(1))
        for place, (name, part) in enumerate(shares.items()):
            order[s, place] = recipient = recipients.index(name)
            share[s, recipient] = part.values
        if not isinstance(step, Share):  # those who are paid alike, as the tranches are written
            order[s, : len(shares)].sort()
        elif shares:  # where all is shared, the last one's part is all that the others' are not
            share[s, recipient, share[s].sum(axis=0) > 1 - 1e-9] = np.inf
    nil = plain(0)
    return {
        "kind": np.array([_kind(step) for step in taken], np.int64),
        "share": share, "order": order,
        "amount": _money([step.amount if isinstance(step, Keep) else nil for step in taken],
                         trials),
        "times": _numbers([step.months if isinstance(step, Keep) else step.until
                           if isinstance(step, CatchUp) else nil for step in taken], trials),
    }  # fmt: skip


CODES: dict[type, int] = {
    steps.Costs: walk.COSTS, steps.Facility: walk.FACILITY, steps.Interest: walk.INTEREST,
    steps.Principal: walk.PRINCIPAL, steps.Hurdle: walk.HURDLE,
    steps.CatchUp: walk.CATCH_UP, steps.Keep: walk.KEEP, steps.Share: walk.SHARE,
}  # fmt: skip


def _kind(step: Step) -> int:
    """The code of a step in the walk."""
    if isinstance(step, Keep) and step.until == "repaid":
        return walk.KEEP_ALL
    return CODES[type(step)]


def _money(amounts: list[Quantity], trials: int) -> Pence:
    """Amounts in each trial, shape (amounts, trials)."""
    made = np.zeros((len(amounts), trials), np.int64)
    for k, amount in enumerate(amounts):
        made[k] = pence(amount.values)
    return made


def _numbers(values: list[Quantity], trials: int) -> Floats:
    """Numbers in each trial, shape (numbers, trials)."""
    made = np.zeros((len(values), trials))
    for k, value in enumerate(values):
        made[k] = value.values
    return made


def _mosts(held: list[Tranche], trials: int) -> Floats:
    """The multiple of the money put in that each tranche is given at most, inf without one."""
    made = _numbers([item.most or plain(0) for item in held], trials)
    made[[item.most is None for item in held]] = np.inf
    return made


def _table(rows: list[Floats], horizon: int) -> Floats:
    """Rows by month, shape (rows, horizon)."""
    return np.array(rows, np.float64).reshape(len(rows), horizon)
