"""What a scenario may say of the capital that pays for delivery up front.

Out: frozen terms. Not here: costs (`cost_terms`), the monthly reckoning (`capital`), outcome
payments.
"""

from __future__ import annotations

from dataclasses import dataclass

from sibsim.quantities import Quantity, plain
from sibsim.terms import About, about, choice, money, months, number, share, term

PARTIES = ("commissioner", "vehicle", "investor", "provider", "suppliers", "guarantor")
"""Everybody between whom money moves; suppliers are staff, landlords, others outside."""


@dataclass(frozen=True, slots=True)
class Tranche:
    """An investor's money: how it goes in and how it comes back; the senior stands above."""

    commitment: Quantity = term(
        money(), "The most that the investor puts in.", "£350,000", lever=True
    )
    draw: str = term(
        choice("on_need", "up_front"), "When the money goes in.", "on_need", default="on_need",
        lever=True,
    )  # fmt: skip
    distribute: str = term(
        choice("at_end", "monthly"), "When surplus cash is given out.", "monthly",
        default="at_end", lever=True,
    )  # fmt: skip
    distribute_from: Quantity = term(
        months(), "No surplus is given out before this month of the contract is over.",
        "12 months", default=plain(0), lever=True,
    )  # fmt: skip
    hold: Quantity = term(
        number(low=0, high=60), "Cash kept back, in months of that month's costs.", "3",
        default=plain(3), lever=True,
    )  # fmt: skip
    interest: Quantity = term(
        share(high=1), "Yearly interest on what is out, a twelfth a month; paid before this "
        "tranche's money comes back, as far as there is surplus.", "5%", default=plain(0),
        lever=True,
    )  # fmt: skip
    unpaid_interest: str = term(
        choice("owed", "added"), "Whether interest that cannot be paid is owed, or added to what "
        "bears interest.", "added", default="owed",
    )  # fmt: skip
    repay: str = term(
        choice("sweep", "bullet"), "Whether the money comes back as there is surplus, or only when "
        "the account closes.", "bullet", default="sweep", lever=True,
    )  # fmt: skip
    most: Quantity | None = term(
        number(low=0, high=1_000), "The most that is given back in all, as a multiple of what was "
        "put in: a cap on the return.", "1.4", default=None, lever=True,
    )  # fmt: skip
    guarantee: Quantity | None = term(
        money(), "What a guarantor makes good of the money that does not come back.", "$6.0m",
        default=None, lever=True,
    )  # fmt: skip
    investor_share: Quantity = term(
        share(), "This tranche's share of the surplus that is left once all money is back; the "
        "provider has what no tranche has.", "100%", default=plain(1), lever=True,
    )  # fmt: skip
    about: About = about()
