"""What a scenario may say of delivery costs and of the capital that pays for them up front.

Out: frozen terms. Not here: the monthly reckoning (`costs`, `capital`), outcome payments.
"""

from __future__ import annotations

from dataclasses import dataclass

from sibsim.quantities import Quantity, plain
from sibsim.terms import About, about, choice, money, money_rate, months, number, share, term


@dataclass(frozen=True, slots=True)
class Costs:
    """What delivery costs the provider, paid from the contract's vehicle."""

    set_up: Quantity = term(money(), "Once, in the first month.", "£40,000", default=plain(0))
    fixed: Quantity = term(
        money_rate("month", "year"), "In each month of the contract.", "£6,000 a month",
        default=plain(0, "month"),
    )  # fmt: skip
    per_start: Quantity = term(money(), "For each person who starts.", "£800", default=plain(0))
    per_month: Quantity = term(
        money_rate("day", "week", "month", "year"), "For each person in service.",
        "£150 a month", default=plain(0, "month"),
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True)
class Tranche:
    """An investor's money: how it goes in and how it comes back."""

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
    investor_share: Quantity = term(
        share(), "The investor's share of surplus once the money is back; the provider has the "
        "rest.", "100%", default=plain(1), lever=True,
    )  # fmt: skip
    about: About = about()
