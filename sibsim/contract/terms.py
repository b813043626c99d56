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
    choice,
    count,
    items,
    money,
    money_rate,
    months,
    named,
    share,
    tagged,
    term,
)


@dataclass(frozen=True, slots=True)
class PerOutcome:
    """A line of a rate card: a price for each verified outcome."""

    for_: str = term(named("outcomes"), "The outcome that is paid for.", "starts_work")
    price: Quantity = term(money(), "Paid for each claim.", "£2,500", lever=True)
    uplift: Quantity = term(
        share(low=-0.5, high=0.5), "By how much it rises with each year of the contract.", "2%",
        default=plain(0),
    )  # fmt: skip
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
    uplift: Quantity = term(
        share(low=-0.5, high=0.5), "By how much it rises with each year of the contract.", "2%",
        default=plain(0),
    )  # fmt: skip
    cap: Quantity | None = term(
        money(), "The most that this term pays in all.", "£250,000", default=None, lever=True
    )
    lag: Quantity = term(
        months(high=120), "Months from the claim to the payment.", "1 month", default=plain(0)
    )
    about: About = about()


@dataclass(frozen=True, slots=True)
class Band:
    """A result from which so much is paid."""

    from_: Quantity = term(
        share(low=-10, high=10, uncertain=False), "The result from which it is paid.", "20%",
        lever=True,
    )  # fmt: skip
    pays: Quantity = term(money(), "What is paid at that result, in all.", "£3.2m", lever=True)
    about: About = about()


@dataclass(frozen=True, slots=True, kw_only=True)
class ByResult:
    """A sum for the result of the whole contract, by bands: steps, slopes, thresholds."""

    for_: str = term(named("outcomes"), "The outcome whose result it is.", "days_in_jail")
    result: str = term(
        choice("reduction", "increase", "rate", "added"), "What is found once the contract is "
        "over: fewer, or more, as a share of how much there would have been without the service; "
        "how many for each person who started; how many more for each of them than without.",
        "reduction",
    )  # fmt: skip
    evidence: str | None = term(
        named("evidence"), "What it is compared with; left out: the same people without the "
        "service, which only a simulation can see.", "matched_group", default=None,
    )  # fmt: skip
    bands: Mapping[str, Band] = term(items(Band), "Bands by name, from the lowest up.")
    between: str = term(
        choice("step", "line"), "Whether a band pays the same up to the next, or payment rises in "
        "a straight line to it; above the last it is level, below the first it is nothing.",
        "line", default="step",
    )  # fmt: skip
    cap: Quantity | None = term(
        money(), "The most that this term pays in all.", "£250,000", default=None, lever=True
    )
    lag: Quantity = term(
        months(high=120), "Months from the contract's last to the payment.", "6 months",
        default=plain(0),
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True, kw_only=True)
class PerEffect:
    """A price for each one that there is more, or less, than without the service."""

    for_: str = term(named("outcomes"), "The outcome that is paid for.", "days_in_care")
    result: str = term(
        choice("fewer", "more"), "Whether it pays for fewer than without the service (events or "
        "days avoided), or for more.", "fewer",
    )  # fmt: skip
    price: Quantity = term(money(), "Paid for each.", "£75", lever=True)
    evidence: str | None = term(
        named("evidence"), "What it is compared with; left out: the same people without the "
        "service, which only a simulation can see.", "matched_group", default=None,
    )  # fmt: skip
    cap: Quantity | None = term(
        money(), "The most that this term pays in all.", "£250,000", default=None, lever=True
    )
    lag: Quantity = term(
        months(high=120), "Months from the contract's last to the payment.", "6 months",
        default=plain(0),
    )  # fmt: skip
    about: About = about()


PaymentTerm = PerOutcome | Fee | ByResult | PerEffect
"""Any payment term."""

OnResult = ByResult | PerEffect
"""Terms that pay once, for the result of the whole contract."""

TERMS: dict[str, type] = {
    "per_outcome": PerOutcome, "fee": Fee, "by_result": ByResult, "per_effect": PerEffect,
}  # fmt: skip
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
