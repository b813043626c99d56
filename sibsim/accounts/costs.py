"""What delivery costs, month by month, and who owes it to whom.

In: drawn cost terms, what happened that costs hang on. Out: whole minor units by month: what the
vehicle owes, what others pay at once. Not here: whether the vehicle can pay (`capital`), what the
costs achieve.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sibsim.accounts.cost_terms import (
    PLAIN,
    AnyCost,
    CostLine,
    Costs,
    Each,
    InService,
    Once,
    Regular,
    Staff,
    once_month,
)
from sibsim.accounts.ledger import Entry
from sibsim.quantities import Quantity
from sibsim.rounding import Pence, pence, per_month, product, whole
from sibsim.timeline import Timeline
from sibsim.writing import DAYS_PER_MONTH

Floats = NDArray[np.float64]

Happened = Callable[[str, str | None, str | None], Pence]
"""From what is counted (what an `each` line may be `of`, "days" in service, or "most" in service on
one day), an outcome and a cohort to how many in each month, shape (trials, months)."""

TO_OTHERS = "vehicle's costs to "
"""How the ledger's lines begin on which the vehicle pays somebody beside the provider."""


@dataclass(frozen=True)
class Delivery:
    """What costs hang on, in a block of trials.

    Attributes
    ----------
    trials : int
    timeline : Timeline
    longest_lag : int
        Months from the contract's last month to the last payment.
    happened : callable
    stop : ndarray of int64, shape (trials,), or None
        Month in which delivery ends early, the horizon if it does not; None if it never does.
    """

    trials: int
    timeline: Timeline
    longest_lag: int
    happened: Happened
    stop: Pence | None = None

    def going_on(self, amounts: Pence | Floats) -> Any:
        """Amounts by month as far as delivery goes on."""
        if self.stop is None:
            return amounts
        return np.where(np.arange(amounts.shape[1]) < self.stop[:, None], amounts, 0)


@dataclass(frozen=True)
class CostFlows:
    """What costs come to and who owes it; each amount int64, shape (trials, horizon).

    Attributes
    ----------
    recharged : ndarray
        What the vehicle owes the provider.
    vehicle : mapping of str to ndarray
        What the vehicle owes others, by payee.
    outright : tuple of Entry
        What any other party pays at once, the provider's payments among them.
    lines : mapping of str to ndarray
        What every line comes to, whoever bears it; of `PLAIN` those that there are.
    """

    recharged: Pence
    vehicle: Mapping[str, Pence]
    outright: tuple[Entry, ...]
    lines: Mapping[str, Pence]

    @property
    def due(self) -> Pence:
        """What the vehicle owes for each month."""
        made: Pence = sum(self.vehicle.values(), start=self.recharged)
        return made


def starts_by_month(start: NDArray[np.int16], timeline: Timeline) -> Pence:
    """Number of people whose first day falls in each month.

    Parameters
    ----------
    start : ndarray of int16, shape (trials, people)
        First days; those beyond the contract are not counted.

    Returns
    -------
    ndarray of int64, shape (trials, months)
    """
    trials, days, width = len(start), timeline.contract_days, timeline.months + 1
    month = np.full(days + 1, timeline.months)  # of days beyond the contract: a column too many
    month[:days] = timeline.month_of_day[:days]
    cell = month.take(np.minimum(start, days)) + width * np.arange(trials)[:, None]
    return np.bincount(cell.ravel(), minlength=trials * width).reshape(trials, width)[:, :-1]


def days_by_month(
    start: NDArray[np.int16], end: NDArray[np.int16], timeline: Timeline
) -> Pence:
    """Days in service that fall in each month, over all people, shape (trials, months).

    Parameters
    ----------
    start, end : ndarray of int16, shape (trials, people)
        First day in service and first day no longer in it.
    """
    trials, days, months = len(start), timeline.contract_days, timeline.months
    trial, person = np.nonzero(start < days)
    edges, size = timeline.month_starts[: months + 1], trials * (months + 1)
    begun = np.zeros((trials, months), np.int64)
    for sign, day in ((1, start[trial, person]), (-1, np.minimum(end[trial, person], days))):
        # From this day on: what is left of its month, and every later month whole.
        month = timeline.month_of_day[np.minimum(day, days - 1)].astype(np.int64)
        month[day == days] = months
        cell = trial * (months + 1) + month
        people = np.bincount(cell, minlength=size).reshape(trials, months + 1)
        gone = np.bincount(cell, day - edges[month], size).reshape(trials, months + 1)
        whole = np.cumsum(people[:, :months], axis=1) * np.diff(edges)
        begun += sign * (whole - gone[:, :months].astype(np.int64))
    return begun


def in_service_by_day(
    start: NDArray[np.int16], end: NDArray[np.int16], timeline: Timeline
) -> Pence:
    """How many people are in service on each day of the contract, shape (trials, days)."""
    trials, days = len(start), timeline.contract_days
    trial, person = np.nonzero(start < days)
    size = trials * (days + 1)
    change = np.bincount(trial * (days + 1) + start[trial, person], minlength=size)
    change -= np.bincount(
        trial * (days + 1) + np.minimum(end[trial, person], days), minlength=size
    )
    present: Pence = np.cumsum(change.reshape(trials, days + 1), axis=1)[:, :days]
    return present


# --- what each kind of cost comes to --------------------------------------------------------------


def plain_costs(costs: Costs, delivery: Delivery) -> dict[str, Pence]:
    """The costs that need no line, of those that there are: each rounded once a month, halves up.

    Parameters
    ----------
    costs : Costs
        Terms whose uncertain numbers have been drawn.

    Returns
    -------
    dict of str to ndarray of int64, shape (trials, horizon)
        By name in `PLAIN`.
    """
    months = delivery.timeline.months
    made: dict[str, Pence] = {}
    for name in PLAIN:
        stated: Quantity = getattr(costs, name)
        if stated.is_fixed and stated.mean == 0.0:
            continue
        table = np.zeros((delivery.trials, delivery.timeline.horizon), np.int64)
        if name == "set_up":
            table[:, 0] = pence(stated.values)
        elif name == "fixed":
            table[:, :months] = pence(per_month(stated.values, stated.period))[:, None]
        elif name == "per_start":
            starts = delivery.happened("start", None, None)
            table[:, :months] = product(starts, pence(stated.values)[:, None])
        else:
            table[:, :months] = pence(_for_days(stated, delivery.happened("days", None, None)))
        made[name] = delivery.going_on(table)
    return made


def _for_days(rate: Quantity, days: Pence) -> Floats:
    """A rate for each person in service, for the days that they are."""
    made: Floats = per_month(rate.values, rate.period)[:, None] * days / DAYS_PER_MONTH
    return made


def _once(line: Once, delivery: Delivery) -> Floats:
    timeline = delivery.timeline
    made = np.zeros((delivery.trials, timeline.horizon))
    made[:, once_month(line, timeline.months, delivery.longest_lag)] = line.amount.values
    return made


def _regular(line: Regular, delivery: Delivery) -> Floats:
    timeline = delivery.timeline
    end = timeline.months if line.until is None else round(line.until.mean)
    made = np.zeros((delivery.trials, timeline.horizon))
    made[:, round(line.from_.mean) : end] = per_month(
        line.amount.values, line.amount.period
    )[:, None]  # fmt: skip
    return np.asarray(delivery.going_on(made))


def _each(line: Each, delivery: Delivery) -> Floats:
    many = delivery.happened(line.of, line.for_, line.cohort)
    return line.amount.values[:, None] * (many / 60.0 if line.of == "hour" else many)


def _in_service(line: InService, delivery: Delivery) -> Floats:
    return _for_days(line.amount, delivery.happened("days", None, line.cohort))


def _staff(line: Staff, delivery: Delivery) -> Floats:
    timeline = delivery.timeline
    filled = delivery.going_on(posts(line, delivery.happened("most", None, line.cohort)))
    made = np.zeros((delivery.trials, timeline.horizon))
    made[:, : timeline.months] = per_month(line.wage.values, line.wage.period)[:, None] * filled
    ended = np.maximum(-np.diff(filled, axis=1, append=0), 0)  # the last ones with the contract
    last = min(timeline.months + 1, timeline.horizon)  # beyond the horizon only if they are free
    made[:, 1:last] += line.redundancy.values[:, None] * ended[:, : last - 1]
    return made


def posts(line: Staff, most: Pence) -> Pence:
    """How many posts are filled in each month of the contract.

    In a month there are as many as the largest need of this month and of the `ahead` months after
    it: a post is filled so long before it is needed, and kept if it is needed again so soon.

    Parameters
    ----------
    most : ndarray of int64, shape (trials, months)
        The most people in service on one day of each month.

    Returns
    -------
    ndarray of int64, shape (trials, months)
    """
    need = -(-most // whole(line.people_each.values)[:, None])
    filled = need.copy()
    for months in range(1, min(round(line.ahead.mean), need.shape[1] - 1) + 1):
        filled[:, :-months] = np.maximum(filled[:, :-months], need[:, months:])
    made: Pence = np.maximum(filled, whole(line.least.values)[:, None])
    return made


LINES: dict[type, Callable[..., Floats]] = {
    Once: _once, Regular: _regular, Each: _each, InService: _in_service, Staff: _staff,
}  # fmt: skip
"""What each kind of line comes to, before anything is added to it: shape (trials, horizon), or
(trials, months) of what ends with the contract."""


def line_cost(line: AnyCost, delivery: Delivery) -> Pence:
    """What a line comes to, rounded once a month, halves upwards (docs/model.md, section 5).

    Returns
    -------
    ndarray of int64, shape (trials, horizon)
    """
    reckoned = LINES[type(line)](line, delivery)
    months = reckoned.shape[1]
    made = np.zeros((delivery.trials, delivery.timeline.horizon), np.int64)
    made[:, :months] = pence(reckoned * _added(line, months))
    return made


def _added(line: CostLine, months: int) -> Floats:
    """The factor of inflation, contingency and unrecovered tax, shape (trials or 1, months)."""
    years = np.arange(months) // 12
    tax = 1.0 + line.vat.values * (1.0 - line.recovered.values)
    added = (1.0 + line.contingency.values) * tax
    made: Floats = (1.0 + line.inflation.values)[:, None] ** years * added[:, None]
    return made


# --- who owes it to whom --------------------------------------------------------------------------


def cost_flows(costs: Costs, delivery: Delivery) -> CostFlows:
    """What every cost comes to and who owes it to whom.

    Parameters
    ----------
    costs : Costs
        Terms whose uncertain numbers have been drawn.
    delivery : Delivery
    """
    lines = plain_costs(costs, delivery)
    nothing = np.zeros((delivery.trials, delivery.timeline.horizon), np.int64)
    plain: Pence = sum(lines.values(), start=nothing)
    outright = [Entry("delivery costs", "provider", "suppliers", plain)]
    vehicle: dict[str, Pence] = {}
    back = plain
    for name, line in costs.lines.items():
        amount = lines[name] = line_cost(line, delivery)
        if line.paid_by == "vehicle":
            vehicle[line.paid_to] = vehicle.get(line.paid_to, nothing) + amount
            continue
        outright.append(Entry(f"cost of {name}", line.paid_by, line.paid_to, amount))
        if line.paid_by == "provider":
            back = back + _part(amount, line.recharged)
    return CostFlows(_recharged(costs, back, delivery), vehicle, tuple(outright), lines)


def _part(amount: Pence, share: Quantity) -> Pence:
    if share.is_fixed and share.mean == 1.0:
        return amount
    return pence(amount * share.values[:, None])


def _recharged(costs: Costs, back: Pence, delivery: Delivery) -> Pence:
    """What the vehicle owes the provider: its costs with its margin, or a fee."""
    agreement = costs.agreement
    if agreement.paid == "at_cost" or agreement.fee is None:
        if agreement.margin.is_fixed and agreement.margin.mean == 0.0:
            return back
        return back + pence(back * agreement.margin.values[:, None])
    made = np.zeros_like(back)
    fee = per_month(agreement.fee.values, agreement.fee.period)
    made[:, : delivery.timeline.months] = pence(fee)[:, None]
    return np.asarray(delivery.going_on(made))


def paid_for(costs: CostFlows, paid: Pence) -> tuple[Entry, ...]:
    """The ledger's entries for costs: what the vehicle paid of what it owes, and the others.

    What the vehicle pays in a month goes to its own lines first, payee by payee in the order of
    the file, and then to the provider; what a payee is not paid stands over to the next month.

    Parameters
    ----------
    paid : ndarray of int64, shape (trials, horizon)
        What the vehicle pays in all, never more than is due with what stands over.
    """
    left = paid
    own = []
    for payee, due in costs.vehicle.items():
        got, over = np.zeros_like(due), np.zeros(len(due), np.int64)
        for month in range(due.shape[1]):
            over = over + due[:, month]
            got[:, month] = np.minimum(over, left[:, month])
            over = over - got[:, month]
        left = left - got
        own.append(Entry(f"{TO_OTHERS}{payee}", "vehicle", payee, got))
    return (Entry("delivery", "vehicle", "provider", left), *costs.outright, *own)
