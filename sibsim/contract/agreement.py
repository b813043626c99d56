"""What a scenario may say around the payment terms: caps, checks of claims, payers.

Out: the frozen `Contract`. Not here: the payment terms themselves (`terms`), what any of it does to
a payment (`claims`, `limits`, `payers`, `pay`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sibsim.contract.terms import TERMS, PaymentTerm
from sibsim.quantities import Quantity, plain
from sibsim.terms import (
    About,
    about,
    block,
    choice,
    count,
    items,
    listed,
    money,
    months,
    names,
    ordered,
    tagged,
    term,
)
from sibsim.terms import share as portion

RESERVED = ("total", "owed", "cut", "capped", "guaranteed", "lapsed", "unmet", "paid_back",
            "gain_share", "compensation")  # fmt: skip
"""Names that a payment term may not have: ``payments.total`` and so on are metrics of the deal."""

LEVELS = ("person", "term", "period", "contract")
"""The levels of caps, in the order in which they apply unless a contract says another."""

CALENDAR = {"monthly": 1, "quarterly": 3, "yearly": 12}
"""Months between the dates on which payments are made, from April on."""


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits on payment, and what is paid at least."""

    person: Quantity | None = term(
        money(), "The most that is paid for one person.", "£17,000", default=None, lever=True
    )
    period: Quantity | None = term(
        money(), "The most that is paid for the claims of one period.", "£400,000", default=None,
        lever=True,
    )  # fmt: skip
    period_length: Quantity = term(
        months(low=1), "Length of that period, counted from the start.", "12 months",
        default=plain(12),
    )  # fmt: skip
    contract: Quantity | None = term(
        money(), "The most that the contract pays in all.", "£600,000", default=None, lever=True
    )
    order: tuple[str, ...] = term(
        ordered(*LEVELS), "The order in which the caps apply, each to what the one before left.",
        "[person, period, term, contract]", default=LEVELS,
    )  # fmt: skip
    least_period: Quantity | None = term(
        money(), "The least that is paid for the claims of one period: a floor.", "£50,000",
        default=None, lever=True,
    )  # fmt: skip
    least: Quantity | None = term(
        money(), "The least that the contract pays in all: a floor.", "£200,000", default=None,
        lever=True,
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """How claims are checked before they count: rejection, delay, a verifier who is busy."""

    delay: Quantity = term(
        months(high=60), "Months from the outcome to the decision.", "1 month", default=plain(0)
    )
    reject: Quantity = term(
        portion(), "Chance that the evidence of a claim is rejected.", "8%", default=plain(0)
    )
    resubmit: Quantity = term(
        portion(), "Chance that a rejected claim is put in again with better evidence.", "60%",
        default=plain(0),
    )  # fmt: skip
    again: Quantity = term(
        months(low=1, high=60), "Months from the rejection to the next decision.", "2 months",
        default=plain(1),
    )  # fmt: skip
    capacity: Quantity | None = term(
        count(high=10_000_000, uncertain=False), "How many claims can be decided in a month; the "
        "others wait in line.", "40", default=None,
    )  # fmt: skip
    dispute: Quantity = term(
        portion(), "Chance that a claim that was rejected, and is not put in again, is disputed.",
        "30%", default=plain(0),
    )  # fmt: skip
    upheld: Quantity = term(
        portion(), "Chance that a disputed claim is upheld, and so accepted after all.", "50%",
        default=plain(0),
    )  # fmt: skip
    decision: Quantity = term(
        months(low=1, high=60), "Months from the rejection to the decision of a dispute.",
        "3 months", default=plain(3),
    )  # fmt: skip
    within: Quantity = term(
        months(low=1, high=120), "The claim window: what is not accepted within so many months of "
        "the outcome is lost.", "6 months", default=plain(12),
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True)
class Payer:
    """Somebody who bears a part of what the commissioner pays: top-up fund, co-commissioner."""

    share: Quantity = term(portion(), "The part of payments that it bears.", "30%", lever=True)
    terms: tuple[str, ...] = term(
        names("contract"), "The terms to which it contributes; left out: all.", "[staying]",
        default=(),
    )  # fmt: skip
    cap: Quantity | None = term(
        money(), "The most that it bears in all.", "£597,000", default=None, lever=True
    )
    appropriated: Quantity = term(
        portion(), "Chance that its budget is voted in each financial year after the first; once "
        "it is not, it pays no more.", "97%", default=plain(1),
    )  # fmt: skip
    beyond: str = term(
        choice("commissioner", "nobody"), "Who bears what its cap or budget leaves of its part.",
        "nobody", default="commissioner",
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True)
class Contract:
    """Payment terms by name, and what stands around them."""

    terms: Mapping[str, PaymentTerm] = term(
        tagged("pay", TERMS), "Payment terms by name.", inline=True, default={}
    )
    caps: Caps = term(block(Caps), "Limits on payment.", "{contract: £600,000}", default=Caps())
    verification: Verification | None = term(
        block(Verification), "How claims are checked before they count.",
        "{delay: 1 month, reject: 8%}", default=None,
    )  # fmt: skip
    payers: Mapping[str, Payer] = term(
        items(Payer), "Who bears a part of the payments beside the commissioner, by name.",
        default={},
    )  # fmt: skip
    payment_dates: str = term(
        choice(*CALENDAR), "Whether payments are made each month, or in the last month of each "
        "quarter or year of the financial year from April.", "quarterly", default="monthly",
    )  # fmt: skip
    index: tuple[Quantity, ...] = term(
        listed(portion(low=-0.5, high=1, uncertain=False), high=50), "For terms that are "
        "`indexed`, the price rises of the contract's second year, its third and so on; the last "
        "goes on. Left out: the programme's inflation.", "[10.1%, 6.7%, 2%]", default=(),
    )  # fmt: skip
    budget: Quantity | None = term(
        money(), "The most that the commissioner itself bears in all, beside what `payers` bear; "
        "nobody pays what is left.", "£450,000", default=None, lever=True,
    )  # fmt: skip

    @property
    def claim_window(self) -> int:
        """Months after the contract in which claims are still decided."""
        return 0 if self.verification is None else round(self.verification.within.mean)

    @property
    def longest_lag(self) -> int:
        """Months from the contract's last month to the last payment."""
        lags = max((round(item.lag.mean) for item in self.terms.values()), default=0)
        return lags + self.claim_window + CALENDAR[self.payment_dates] - 1
