"""What a scenario may say of evidence: how outcomes are counted, and with whom they are compared.

Out: frozen terms for each design. Not here: the estimate (`sibsim.measuring`), claims that a
self-report adds (`claims`), what is paid for it (`mechanisms`), how other people fare.
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
    clusters: Quantity | None = term(
        count(low=2, high=100_000, uncertain=False), "On each side, if places and not people are "
        "compared: villages, schools, prisons.", "28", default=None,
    )  # fmt: skip
    likeness: Quantity = term(
        share(high=0.99, uncertain=False), "How alike people of one cluster are: the intra-cluster "
        "correlation.", "5%", default=plain(0),
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
    drift: Quantity = term(
        number(low=-0.5, high=0.5), "By how much it changes with each year of the contract, as a "
        "share: a baseline that is brought up to date.", "-0.03", default=plain(0),
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Outcomes counted from records, with what would have been taken off by agreement."""

    deadweight: Quantity = term(
        share(), "The part of each outcome that is not paid for because it would have happened.",
        "16.7%", default=plain(0), lever=True,
    )  # fmt: skip
    attributed: Quantity = term(
        share(), "The part of each outcome that is credited to this contract, where others serve "
        "the same person.", "60%", default=plain(1), lever=True,
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfReport(Count):
    """Outcomes that people or providers report, of which some are checked."""

    overstated: Quantity = term(
        share(), "Chance that beside a true outcome there is a report of one that was none.",
        "{beta: {mean: 10%, sd: 4%}}",
    )  # fmt: skip
    checked: Quantity = term(
        share(), "The part of the reports that is checked; what is found false is struck out, and "
        "the same part of what is not checked.", "20%", default=plain(0), lever=True,
    )  # fmt: skip


DESIGNS: dict[str, type] = {
    "comparison": Comparison, "baseline": Baseline, "count": Count, "self_report": SelfReport,
}  # fmt: skip
"""What `design:` may say."""

Design = Comparison | Baseline | Count | SelfReport
"""Any design of evidence."""

Comparing = Comparison | Baseline
"""Designs that say what would have been; the others say how outcomes are counted."""
