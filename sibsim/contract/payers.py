"""Who bears what of each payment: the commissioner, and those who contribute.

In: payments by month and term, drawn payers. Out: each payer's contribution by month, and what
nobody bears. Not here: what is paid for (`pay`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sibsim.contract.agreement import Contract
from sibsim.contract.pay import Payments
from sibsim.quantities import Quantity
from sibsim.rounding import Pence, pence, split


@dataclass(frozen=True)
class Contributions:
    """What payers bear of the payments.

    Attributes
    ----------
    by_payer : mapping of str to ndarray of int64, shape (trials, horizon)
        What each gives the commissioner, who pays.
    unmet : ndarray of int64, shape (trials, horizon)
        What is owed and nobody pays.
    """

    by_payer: Mapping[str, Pence]
    unmet: Pence


def contributions(
    contract: Contract,
    payments: Payments,
    financial_year: NDArray[np.int64],
    uniforms: Callable[[str, int], NDArray[np.float64]],
) -> Contributions:
    """Share out each month's payments.

    Parameters
    ----------
    financial_year : ndarray of int64, shape (horizon,)
        Of each month, counted from 0.
    uniforms : callable
        From an address and a number of years to uniforms, shape (trials, years).
    """
    trials, horizon, _ = payments.paid.shape
    asked = {name: np.zeros((trials, horizon), np.int64) for name in contract.payers}
    columns = [*contract.terms]
    for place, name in enumerate(columns):
        mine = [key for key, p in contract.payers.items() if not p.terms or name in p.terms]
        parts = _parts(contract, mine, payments.paid[:, :, place])
        for key, part in zip(mine, parts, strict=True):
            asked[key] += part
    everything = [key for key, payer in contract.payers.items() if not payer.terms]
    for key, part in zip(
        everything, _parts(contract, everything, payments.guaranteed), strict=True
    ):
        asked[key] += part
    made, unmet = {}, np.zeros((trials, horizon), np.int64)
    left = payments.total  # a deduction that is none of a payer's may leave less than its part
    for name, payer in contract.payers.items():
        due = np.clip(asked[name], 0, left)
        bears = np.where(_voted(name, payer.appropriated.values, financial_year, uniforms), due, 0)
        if payer.cap is not None:
            bears = _up_to(payer.cap, bears)
        made[name] = bears
        left = left - bears
        if payer.beyond == "nobody":
            unmet += due - bears
            left = left - (due - bears)
    if contract.budget is not None:
        own = np.maximum(payments.total - sum(made.values()) - unmet, 0)
        unmet = unmet + own - _up_to(contract.budget, own)
    return Contributions(made, unmet)


def _up_to(most: Quantity, amounts: Pence) -> Pence:
    """The amounts of each month until they have come to so much in all."""
    limit = np.broadcast_to(pence(most.values), (len(amounts),))
    total = np.minimum(np.cumsum(amounts, axis=1), limit[:, None])
    return np.diff(total, axis=1, prepend=0)


def _parts(contract: Contract, names: list[str], amount: Pence) -> list[Pence]:
    """The parts of some payers in an amount, to the penny; the rest is the commissioner's."""
    if not names:
        return []
    shares = np.stack(
        [np.broadcast_to(contract.payers[name].share.values, (len(amount),)) for name in names]
    )
    rest = np.maximum(1.0 - shares.sum(axis=0), 0.0)
    sign = np.sign(amount)
    parts = split(np.abs(amount), [*(s[:, None] for s in shares), rest[:, None]])
    return [sign * part for part in parts[:-1]]


def _voted(
    name: str,
    chance: NDArray[np.float64],
    year: NDArray[np.int64],
    uniforms: Callable[[str, int], NDArray[np.float64]],
) -> NDArray[np.bool_]:
    """Whether a payer's budget holds in each month, shape (trials, horizon) or broadcastable."""
    if (chance >= 1.0).all():
        return np.ones((1, 1), np.bool_)
    years = int(year.max()) + 1
    u = uniforms(f"contract.payers.{name}.voted", years)
    holds = u < chance[:, None]
    holds[:, 0] = True
    held: NDArray[np.bool_] = np.logical_and.accumulate(holds, axis=1)[:, year]
    return held
