"""Tables of money in words: the budget by year, the worst trials, the price of passing risk on.

In: a result, its summary. Out: rows of text. Not here: layout, new figures.
"""

from __future__ import annotations

import numpy as np

from sibsim.analysis.risk_price import RiskPrice, risk_price
from sibsim.report.formats import words
from sibsim.result import Result
from sibsim.summary import Summary

TAIL_NAMES = {"investor.profit": "Investors' profit", "provider.net": "Provider, after costs"}
"""What readers call the metrics of which the worst trials are told."""


def budget(result: Result) -> tuple[list[str], list[list[str]]]:
    """Columns and rows of the commissioner's budget: mean by line, and how far the total spreads.

    What is paid is positive here, as budgets have it. Years after the last flow are left out.
    """
    unit = result.deal.currency
    net = -result.by_year(result.flow("commissioner"))
    lines = {line: -result.by_year(amount) for line, amount in result.lines("commissioner").items()}
    lines = {line: amount for line, amount in lines.items() if amount.any()}
    moved = np.flatnonzero(np.any([amount.any(axis=0) for amount in lines.values()], axis=0))
    last = int(moved[-1]) + 1 if lines and len(moved) else 1
    rows = []
    for year, label in enumerate(result.deal.timeline.year_labels[:last]):
        found = [float(amount[:, year].mean()) for amount in lines.values()]
        found += [float(net[:, year].mean()), *np.percentile(net[:, year], (5, 95))]
        rows.append([label, *(words(float(result.major(value)), unit) for value in found)])
    return ["Year", *(line.capitalize() for line in lines), "Net", "5%", "95%"], rows


def tails(summary: Summary, currency: str) -> list[list[str]]:
    """What is lost in the worst trials: name, VaR, its error, CVaR, its error."""
    rows = []
    for name, found in summary.tails.items():
        figures = [found.var, found.var_error, found.cvar, found.cvar_error]
        said = [words(value, currency) for value in figures]
        rows.append([TAIL_NAMES[name], said[0], f"± {said[1]}", said[2], f"± {said[3]}"])
    return rows


def price_of_risk(result: Result) -> tuple[RiskPrice, list[tuple[str, str]]]:
    """The parts of what payers expect to pay beyond the cost of the service."""
    found = risk_price(result)
    rows = {
        "Payments, less what is paid back": found.payments,
        "Cost of the service itself": found.delivery,
        "Paid beyond it": found.above,
        "of which costs that are not the service": found.transaction,
        f"of which cost of capital at {found.safe_rate:.1%} a year": found.cost_of_capital,
        "of which premium for the investors' risk": found.risk_premium,
        "of which left to the provider": found.provider,
        "of which left with others": found.left,
        "Beside it: what investors can expect to lose": found.expected_loss,
        "Beside it: what guarantors can expect to pay": found.guaranteed,
    }
    kept = {said: value for said, value in rows.items() if value or not said.startswith("Beside")}
    return found, [(said, words(value, found.currency)) for said, value in kept.items()]
