"""Figures as people read them.

In: a value and its unit, or a summary. Out: short text such as ``£1,240,000``, ``4.2%``, and the
headline sentence. Not here: layout.
"""

from __future__ import annotations

import math

from sibsim.result import Result
from sibsim.summary import Summary
from sibsim.writing import CURRENCIES


def shown(value: float, unit: str, *, sign: bool = False) -> str:
    """One figure in its unit; a dash where there is none.

    Parameters
    ----------
    unit : str
        As in `sibsim.metrics.Metric`.
    sign : bool
        Whether a plus is written too.
    """
    if math.isnan(value):
        return "-"
    plus = "+" if sign and value > 0 else ""
    if unit in CURRENCIES:
        return plus + amount(value, unit)
    if unit in ("share", "a year"):
        return f"{plus}{value:.1%}"
    if unit == "times":
        return f"{plus}{value:.2f}"
    return f"{plus}{value:,.1f}"


def amount(value: float, currency: str) -> str:
    """Money in whole major units: ``-£1,240``."""
    sign = CURRENCIES[currency][0]
    whole = round(value)
    return f"{'-' if whole < 0 else ''}{sign}{abs(whole):,}"


def about(value: float, currency: str) -> str:
    """Money to three significant figures, for a sentence: ``£1.24m``."""
    sign = CURRENCIES[currency][0]
    size = abs(value)
    minus = "-" if value < 0 else ""
    for factor, letter in ((1e9, "bn"), (1e6, "m")):
        if size >= factor * 0.9995:
            return f"{minus}{sign}{size / factor:.3g}{letter}"
    rounded = 0.0 if size == 0 else round(size, 2 - math.floor(math.log10(size)))
    return f"{minus}{sign}{rounded:,.0f}"


def headline(result: Result, summary: Summary) -> str:
    """The deal in one or two sentences: what is paid, saved, earned and lost."""
    deal = result.deal
    paid, net = summary["payments.total"], summary["commissioner.net_saving"]

    def money(value: float) -> str:
        return about(value, deal.currency)

    said = (
        f"{deal.title}: {deal.programme.commissioner} pays about {money(paid.mean)} "
        f"({money(paid.p05)} to {money(paid.p95)} in 9 trials of 10)"
    )
    if deal.savings:
        verb = "less" if net.mean < 0 else "more"
        said += (
            f"; public savings are worth {money(abs(net.mean))} {verb} than that in present value, "
            f"and exceed it in {summary['commissioner.saves'].mean:.0%} of trials"
        )
    return f"{said}. {_investor(summary, money)}".strip()


def _investor(summary: Summary, money: object) -> str:
    assert callable(money)
    irr, loss = summary["investor.irr"], summary["investor.loss"]
    if summary["investor.drawn"].p95 == 0:
        return ""
    earns = f"earns {irr.mean:.1%} a year on average" if irr.undefined_share < 1 else (
        "has no rate of return"
    )  # fmt: skip
    missing = irr.undefined_share
    note = f" (undefined in {missing:.1%} of trials)" if 0 < missing < 1 else ""
    return (
        f"The investor has {money(summary['investor.peak_funding'].mean)} out at most on average, "
        f"{earns}{note}, gets back {summary['investor.multiple'].mean:.2f} times the money, and "
        f"loses some in {loss.mean:.0%} of trials."
    )
