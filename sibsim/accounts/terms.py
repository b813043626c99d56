"""What a scenario may say of the capital that pays for delivery up front.

Out: frozen terms. Not here: costs (`cost_terms`), the monthly reckoning (`capital`), outcome
payments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sibsim.quantities import Quantity, plain
from sibsim.terms import (
    About,
    about,
    choice,
    count,
    items,
    listed,
    money,
    months,
    number,
    share,
    term,
)

PARTIES = ("commissioner", "vehicle", "investor", "provider", "suppliers", "guarantor")
"""Everybody between whom money moves; suppliers are staff, landlords, others outside."""

FUNDERS = ("investor", "provider", "grant_maker")
"""Parties that may put money in."""

DAY_COUNTS = ("monthly", "act/365f", "act/360", "30/360")
"""What part of a year a month is; of whole months 30/360 is a twelfth, as `monthly`."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A part of a tranche that goes in at a time, or when so many people have started."""

    amount: Quantity = term(money(), "How much goes in.", "£362,500", lever=True)
    at: Quantity = term(
        months(), "After so many months of the contract.", "6 months", default=plain(0), lever=True
    )
    starts: Quantity | None = term(
        count(low=1, uncertain=False), "Not before so many people have started.", "50",
        default=None,
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True)
class Tranche:
    """Money put in: how it goes in and how it comes back; the senior stands above."""

    commitment: Quantity = term(
        money(), "The most that is put in.", "£350,000", lever=True
    )
    from_: str = term(
        choice(*FUNDERS), "Who puts it in: with `provider` the provider shares the risk.",
        "provider", default="investor",
    )  # fmt: skip
    draw: str = term(
        choice("on_need", "up_front", "by_schedule"), "When the money goes in: as costs need it, "
        "in the first month, or as `drawings` say.", "on_need", default="on_need", lever=True,
    )  # fmt: skip
    turn: Quantity = term(
        count(low=1, high=100, uncertain=False), "Money that is called as needed is called from "
        "turn 1 first, and from those of one turn in proportion to what is left.", "2",
        default=plain(1),
    )  # fmt: skip
    drawings: Mapping[str, Drawing] = term(
        items(Drawing), "With `by_schedule`: the parts that go in, by name.", default={}
    )
    interest: Quantity = term(
        share(high=1), "Yearly interest on what is out.", "5%", default=plain(0), lever=True,
    )  # fmt: skip
    rates: tuple[Quantity, ...] = term(
        listed(share(low=-0.2, high=1, uncertain=False), high=50), "Added to the interest in the "
        "contract's first year, its second and so on; the last goes on: steps of a coupon, or the "
        "path of a floating rate.", "[4.5%, 4%, 3.5%]", default=(),
    )  # fmt: skip
    day_count: str = term(
        choice(*DAY_COUNTS), "What part of a year a month is: a twelfth, or its days.",
        "act/365f", default="monthly",
    )  # fmt: skip
    unpaid_interest: str = term(
        choice("owed", "added"), "Whether interest that cannot be paid is owed, or added to what "
        "bears interest.", "added", default="owed",
    )  # fmt: skip
    repay: str = term(
        choice("sweep", "bullet", "amortise", "never"), "Whether the money comes back as there is "
        "surplus, at its `maturity`, in equal parts until then, or (a grant) not at all.",
        "bullet", default="sweep", lever=True,
    )  # fmt: skip
    repay_from: Quantity = term(
        months(), "No money comes back before so many months of the contract are over.",
        "12 months", default=plain(0), lever=True,
    )  # fmt: skip
    maturity: Quantity | None = term(
        months(low=1), "Months of the contract after which all of it is due; left out: when the "
        "account closes.", "60 months", default=None, lever=True,
    )  # fmt: skip
    most: Quantity | None = term(
        number(low=0, high=1_000), "The most that is given back in all, as a multiple of what was "
        "put in: a cap on the return.", "1.4", default=None, lever=True,
    )  # fmt: skip
    hurdle: Quantity | None = term(
        share(high=1), "Yearly return, compounding, that a step `hurdle` of the waterfall gives "
        "before others share.", "8%", default=None, lever=True,
    )  # fmt: skip
    guarantee: Quantity | None = term(
        money(), "What a guarantor makes good of the money that does not come back.", "$6.0m",
        default=None, lever=True,
    )  # fmt: skip
    fee: Quantity = term(
        share(high=1), "What the investor pays its fund manager in each year of the contract, as a "
        "share of the commitment.", "1.5%", default=plain(0), lever=True,
    )  # fmt: skip
    investor_share: Quantity = term(
        share(), "This tranche's share of the surplus that is left once all money is back (a grant "
        "has none); the provider has what no tranche has.", "100%", default=plain(1), lever=True,
    )  # fmt: skip
    about: About = about()

    @property
    def charges(self) -> bool:
        """Whether a fund manager has a fee."""
        return not (self.fee.is_fixed and self.fee.mean == 0.0)
