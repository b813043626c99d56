"""The price of passing risk on: what payers expect to pay beyond the cost of the service itself.

In: a result. Out: that difference and its parts, which add up to it. Not here: savings, present
values; all money is undiscounted and an average over trials.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sibsim.errors import UsageError
from sibsim.parties import Values, by_month, given, put_in
from sibsim.result import Result
from sibsim.returns import capital_out
from sibsim.rounding import Pence


@dataclass(frozen=True, slots=True)
class RiskPrice:
    """Averages over trials, in major units.

    Attributes
    ----------
    currency : str
    safe_rate : float
        What money earns a year without risk, as it was assumed.
    payments : float
        What the commissioner and others who contribute pay, less what they get back.
    delivery : float
        What the service itself costs: that is what direct delivery would cost.
    above : float
        Payments less delivery: the sum of the next five.
    transaction : float
        Costs that are not delivery of the service, whoever bears them.
    cost_of_capital : float
        What the investors' capital would have earned without risk while it was out.
    risk_premium : float
        What else investors take out of the deal, beyond what they put in.
    provider : float
        What the provider has left after all costs.
    left : float
        What is left with others: in the vehicle's account, with a bank, a fund manager, an
        intermediary that shares surplus.
    expected_loss : float
        What investors lose, counting the trials in which they do not lose as nil.
    loss_chance : float
        Share of trials in which they lose.
    guaranteed : float
        What guarantors make good of it. Nobody pays them for that here, so it is not in the price.
    """

    currency: str
    safe_rate: float
    payments: float
    delivery: float
    above: float
    transaction: float
    cost_of_capital: float
    risk_premium: float
    provider: float
    left: float
    expected_loss: float
    loss_chance: float
    guaranteed: float

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def risk_price(result: Result, *, safe_rate: float | None = None) -> RiskPrice:
    """Divide what payers expect to pay beyond the cost of the service (docs/model.md, section 6).

    Parameters
    ----------
    result : Result
    safe_rate : float or None
        What money earns a year without risk; None for the deal's `programme.safe_rate`, or nil if
        it states none: then all that investors earn is a premium for risk.

    Returns
    -------
    RiskPrice

    Raises
    ------
    UsageError
        If the rate is not from 0 to 1.
    """
    stated = result.deal.programme.safe_rate
    rate = safe_rate if safe_rate is not None else 0.0 if stated is None else stated.mean
    if not 0.0 <= rate <= 1.0:
        raise UsageError(f"risk_price: the safe rate must be from 0 to 1, not {rate}")

    def mean(total: int) -> float:
        return float(result.major(total)) / result.trials

    def net(party: str) -> int:
        return int(result.flow(party).sum())

    drawn, back = put_in(result), given(result)
    lost = np.maximum(drawn.sum(axis=1) - back.sum(axis=1), 0)
    paid = -net("commissioner") - sum(net(name) for name in result.deal.contract.payers)
    service, transaction = (
        sum(int(amount.sum()) for name, amount in result.tables.costs.items()
            if _is_service(result, name) == wanted)
        for wanted in (True, False)
    )  # fmt: skip
    # The guarantor's money is no part of the price: investors have it from somebody else.
    earned, provider = net("investor") + net("guarantor"), net("provider")
    capital = float(result.major(_earned_safely(result, drawn, back, rate).mean()))
    return RiskPrice(
        currency=result.deal.currency, safe_rate=rate, payments=mean(paid),
        delivery=mean(service), above=mean(paid - service), transaction=mean(transaction),
        cost_of_capital=capital, risk_premium=mean(earned) - capital, provider=mean(provider),
        left=mean(paid - service - transaction - earned - provider),
        expected_loss=mean(int(lost.sum())), loss_chance=float((lost > 0).mean()),
        guaranteed=mean(int(by_month(result, "guarantee").sum())),
    )  # fmt: skip


def _is_service(result: Result, name: str) -> bool:
    """Whether a line of costs is for the service itself; costs without a line are."""
    line = result.deal.costs.lines.get(name)
    return line is None or line.category == "service_delivery"


def _earned_safely(result: Result, drawn: Pence, back: Pence, rate: float) -> Values:
    """Interest on the capital that is out at each month's end, over the month that follows.

    Up to the month in which the account closes: what is not back by then is lost.
    """
    months, lag = result.deal.timeline.months, result.deal.contract.longest_lag
    closing = result.deal.costs.close(months, lag)
    out = capital_out(drawn, back)[:, :closing]
    earned: Values = out.sum(axis=1) * np.expm1(np.log1p(rate) / 12)
    return earned
