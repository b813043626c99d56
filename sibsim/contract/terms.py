"""What a scenario may say of payments: terms and caps.

Out: frozen terms for each payment mechanism. Not here: what they pay (`mechanisms`, `caps`), who
reaches an outcome, what happens to the money afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sibsim.quantities import Quantity, plain
from sibsim.terms import (
    About,
    about,
    block,
    count,
    money,
    money_rate,
    months,
    named,
    tagged,
    term,
)


@dataclass(frozen=True, slots=True)
class PerOutcome:
    """A line of a rate card: a price for each verified outcome."""

    for_: str = term(named("outcomes"), "The outcome that is paid for.", "starts_work")
    price: Quantity = term(money(), "Paid for each claim.", "£2,500", lever=True)
    claims_per_person: Quantity | None = term(
        count(high=10_000, uncertain=False, word="unlimited"),
        "The most claims for one person, or `unlimited`.", "1", default=plain(1),
        lever=True,
    )  # fmt: skip
    cap: Quantity | None = term(
        money(), "The most that this term pays in all.", "£250,000", default=None, lever=True
    )
    lag: Quantity = term(
        months(high=120), "Months from the claim to the payment.", "2 months", default=plain(0)
    )
    about: About = about()


@dataclass(frozen=True, slots=True)
class Fee:
    """A sum paid each month whatever the outcomes: block contract, core payment."""

    amount: Quantity = term(
        money_rate("month", "year"), "Paid each month of the contract.", "£12,000 a month",
        lever=True,
    )  # fmt: skip
    cap: Quantity | None = term(
        money(), "The most that this term pays in all.", "£250,000", default=None, lever=True
    )
    lag: Quantity = term(
        months(high=120), "Months from the claim to the payment.", "1 month", default=plain(0)
    )
    about: About = about()


PaymentTerm = PerOutcome | Fee
"""Any payment term."""

TERMS: dict[str, type] = {"per_outcome": PerOutcome, "fee": Fee}
"""What `pay:` may say. `mechanisms.MECHANISMS` holds the function for each."""

RESERVED = ("total", "owed", "cut", "capped")
"""Names that a payment term may not have: ``payments.total`` and so on are metrics of the deal."""


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits on payment. They apply in the order person, term, period, contract."""

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
    about: About = about()


@dataclass(frozen=True, slots=True)
class Contract:
    """Payment terms by name, and the caps around them."""

    terms: Mapping[str, PaymentTerm] = term(
        tagged("pay", TERMS), "Payment terms by name.", inline=True, default={}
    )
    caps: Caps = term(block(Caps), "Limits on payment.", "{contract: £600,000}", default=Caps())

    @property
    def longest_lag(self) -> int:
        """Months from the last claim to the last payment."""
        return max((round(item.lag.mean) for item in self.terms.values()), default=0)
