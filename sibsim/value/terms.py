"""What a scenario may say of savings.

Out: frozen terms. Not here: reckoning and discounting them (`savings`), payments.
"""

from __future__ import annotations

from dataclasses import dataclass

from sibsim.quantities import Quantity, plain
from sibsim.terms import About, about, choice, money_rate, months, named, share, simple, term, text


@dataclass(frozen=True, slots=True)
class Saving:
    """Public money not spent because an outcome was reached that would not have been."""

    for_: str = term(named("outcomes"), "The outcome that saves.", "stays_26_weeks")
    amount: Quantity = term(
        money_rate("day", "week", "month", "year", "each"),
        "What one more person's outcome saves.", "£9,800 a year",
    )  # fmt: skip
    to: str = term(text(), "The agency whose budget it falls on.", "DWP")
    per: str = term(
        choice("more", "fewer"), "Whether more of the outcome saves, or less of it.", "fewer",
        default="more",
    )  # fmt: skip
    lasts: Quantity = term(
        months(low=1), "How long the saving goes on; not with an amount `each`.", "2 years",
        default=plain(12),
    )  # fmt: skip
    lag: Quantity = term(
        months(high=240), "Months from the outcome to the first saving.", "1 month",
        default=plain(0),
    )  # fmt: skip
    cashable: Quantity = term(
        share(), "The part that the agency can take out of its budget.", "80%", default=plain(0)
    )
    price_year: int | None = term(
        simple("year"), "The year in whose prices the amount stands; left out: the start year.",
        "2012/13", default=None,
    )  # fmt: skip
    about: About = about()

    @property
    def tail(self) -> float:
        """Months from an outcome to the end of what it saves."""
        return self.lag.mean + (1 if self.amount.period == "each" else self.lasts.mean)
