"""Figures as people read them.

In: a value and its unit, or a summary. Out: short text such as ``£1,240,000``, ``4.2%``, and the
headline in sentences. Not here: layout, charts.
"""

from __future__ import annotations

import math
from typing import Any

from sibsim.metrics import PERCENT
from sibsim.result import Result
from sibsim.summary import Figure, Summary
from sibsim.writing import CURRENCIES, money_text

COUNTED = ("people", "claims", "months", "days", "events", "steps", "minutes", "visits")
"""Units of whole things: only their means have decimals."""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


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
    if unit in PERCENT:
        return f"{plus}{value:.1%}"
    if unit in ("times", "years"):
        return f"{plus}{value:.2f}"
    return f"{plus}{value:,.1f}"


def amount(value: float, currency: str) -> str:
    """Money in whole major units: ``-£1,240``."""
    sign = CURRENCIES[currency][0]
    whole = round(value)
    return f"{'-' if whole < 0 else ''}{sign}{abs(whole):,}"


def exact(value: float, currency: str) -> str:
    """Money to the minor unit."""
    return money_text(round(value * 10 ** CURRENCIES[currency][1]), currency)


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


def label(name: str, item: Any) -> str:
    """What readers call a named item: its label, or its name as words."""
    spoken = name.replace("_", " ").strip() or name
    return str(item.about.label).strip() or spoken[:1].upper() + spoken[1:]


def words(value: float, unit: str) -> str:
    """A figure in its unit with a true minus; "not defined" where there is none."""
    if math.isnan(value):
        return "not defined"
    text = shown(value, unit).replace("-", "−")
    return text.removesuffix(".0") if unit in COUNTED else text


def rough(value: float, currency: str) -> str:
    """Money to three figures, for a sentence."""
    return about(value, currency).replace("-", "−")


def span(low: float, high: float, unit: str) -> str:
    """Two figures as a range."""
    return f"{words(low, unit)} to {words(high, unit)}"


def in_brackets(low: float, high: float, unit: str) -> str:
    """The range from 5 % to 95 % to stand behind a figure; nothing if there is no spread."""
    return "" if low == high else f" (5–95% range {span(low, high, unit)})"


def middle_trial(result: Result) -> str:
    """What readers call the median."""
    return "the middle trial" if result.trials > 1 else "the one trial"


def in_ten(share: float) -> str:
    """A share of trials as people say it: ``about 7 in 10 trials (68%)``."""
    if share in (0.0, 1.0):
        return "every trial" if share else "no trial"
    tenths = math.floor(share * 10 + 0.5)
    percent = f"{share:.0%}" if 0.01 <= share <= 0.99 else f"{share:.1%}"
    if share < 0.001 or share > 0.999:
        percent = "less than 0.1%" if share < 0.5 else "more than 99.9%"
    if tenths in (0, 10):
        return f"{'more than 9' if tenths else 'fewer than 1'} in 10 trials ({percent})"
    return f"about {tenths} in 10 trials ({percent})"


def month_name(result: Result, month: int) -> str:
    """Month as ``Oct 2018``."""
    year, number = result.deal.timeline.label(month).split("-")
    return f"{MONTHS[int(number) - 1]} {year}"


# --- the headline ------------------------------------------------------------------------------


def headline(result: Result, summary: Summary) -> list[str]:
    """What the deal comes to, in one sentence for the public purse and one for the investor."""
    said = [_public_purse(result, summary)]
    if result.deal.capital:
        said.append(_investor(result, summary))
    return said


def _money(result: Result, figure: Figure) -> str:
    """The mean to three figures, with its range where there is one."""
    unit = result.deal.currency
    if result.trials == 1 or figure.p05 == figure.p95:
        return rough(figure.mean, unit)
    low, high = rough(figure.p05, unit), rough(figure.p95, unit)
    return f"{rough(figure.mean, unit)} (5–95% range {low} to {high})"


def _public_purse(result: Result, summary: Summary) -> str:
    name = result.deal.programme.commissioner
    pays = f"{'The commissioner' if name == 'Commissioner' else name} can expect to pay "
    pays += _money(result, summary["payments.total"])
    for other, payer in result.deal.contract.payers.items():
        part = rough(summary[f"payers.{other}"].mean, result.deal.currency)
        pays += f", of which {label(other, payer)} bears {part}"
    pays += _beside(result)
    if not result.deal.savings:
        return f"{pays}. The deal states no savings."
    cashable = rough(summary["commissioner.cashable"].mean, result.deal.currency)
    present = rough(summary["commissioner.payments"].mean, result.deal.currency)
    saves = _money(result, summary["commissioner.savings"])
    own = ""
    if "commissioner.costs" in summary.figures:
        costs = rough(summary["commissioner.costs"].mean, result.deal.currency)
        own = f" and the commissioner's own costs of {costs}"
    return (
        f"{pays}, worth {present} in present value; the public purse saves {saves} in present "
        f"value, of which {cashable} can be cashed, and savings are more than payments{own} in "
        f"{in_ten(summary['commissioner.saves'].mean)}."
    )


def _beside(result: Result) -> str:
    """What moves between the commissioner and the account beside payments for outcomes."""
    said = ""
    for line, side, words_ in (
        ("compensation", "payer", ", beside {} of compensation for early ends"),
        ("gain share", "payee", ", and to be given {} of the surplus"),
    ):
        found = [entry.amount for entry in result.tables.ledger
                 if entry.line == line and getattr(entry, side) == "commissioner"]  # fmt: skip
        if found:
            mean = sum(float(result.major(amount.sum(axis=1)).mean()) for amount in found)
            said += words_.format(rough(mean, result.deal.currency))
    return said


def _investor(result: Result, summary: Summary) -> str:
    if math.isnan(summary["investor.multiple"].mean):
        if not any(item.from_ == "investor" for item in result.deal.capital.values()):
            return "No investor puts money in."
        return "The investor's money is not drawn in any trial."
    irr = summary["investor.irr"]
    middle, missing = irr.p50, irr.undefined_share
    if missing == 1:
        earns = "has no rate of return in any trial"
    elif missing > 0.5:  # the middle of a few says nothing of the others
        earns = f"has no single rate of return in {in_ten(missing)}"
    elif middle == -1:
        earns = f"loses everything in {middle_trial(result)}"
    else:
        verb = "earns" if middle >= 0 else "loses"
        earns = f"{verb} {words(abs(middle), 'a year')} a year in {middle_trial(result)}"
    note = f" (no single rate in {in_ten(missing)})" if 0 < missing <= 0.5 else ""
    back = summary["investor.multiple"].mean
    peak = _money(result, summary["investor.peak_funding"])
    return (
        f"The investor has {peak} at stake at the peak, "
        f"{earns}{note}, gets back {words(back, 'times')} times what was put in on average, and "
        f"loses money in {in_ten(summary['investor.loss'].mean)}."
    )
