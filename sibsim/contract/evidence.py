"""What a scenario may say of evidence: with whom the contract compares those who are served.

Out: frozen terms for each design. Not here: the estimate (`sibsim.measuring`), what is paid for it
(`mechanisms`), who the other people are and how they fare (`sibsim.people`).
"""

from __future__ import annotations

from dataclasses import dataclass

from sibsim.quantities import Quantity, plain
from sibsim.terms import About, about, count, named, number, share, term


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Other people who are not served, drawn by lot (a trial) or matched."""

    group: Quantity = term(
        count(low=2, high=100_000, uncertain=False), "How many people are in the comparison group.",
        "200", lever=True,
    )  # fmt: skip
    like: str | None = term(
        named("people"), "The cohort that they are like; left out: the first.", "adults",
        default=None,
    )  # fmt: skip
    bias: Quantity = term(
        number(low=-0.99, high=10), "By how much more of the outcome there is in the group than "
        "in people who are really alike, as a share: what matching leaves. Nil in a trial.",
        "{normal: {mean: 0, sd: 0.05}}", default=plain(0),
    )  # fmt: skip
    significance: Quantity | None = term(
        share(low=0.0001, high=0.9999, uncertain=False), "If the contract requires a significant "
        "difference: the level of its two-sided test; a result that is not counts as nil.", "5%",
        default=None,
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A number from the past, or from a table, that stands for what would have been."""

    each: Quantity = term(
        number(low=0, high=1_000_000), "How much of the outcome there would be without the "
        "service for each person who starts; uncertain if it may be wrong.", "1.6",
    )  # fmt: skip
    about: About = about()


DESIGNS: dict[str, type] = {"comparison": Comparison, "baseline": Baseline}
"""What `design:` may say."""

Design = Comparison | Baseline
"""Any design of evidence."""
