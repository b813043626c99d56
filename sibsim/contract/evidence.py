"""What a scenario may say of evidence: how outcomes are counted, and with whom they are compared.

Out: frozen terms for each design. Not here: the estimate (`sibsim.measuring`), claims that a
self-report adds (`claims`), what is paid for it (`mechanisms`), how other people fare.
"""

from __future__ import annotations

from dataclasses import dataclass

from sibsim.quantities import Quantity, plain
from sibsim.terms import About, about, choice, count, named, number, share, term


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """Other people who are not served, and how many on either side are found at follow-up."""

    group: Quantity = term(
        count(low=2, high=100_000, uncertain=False), "How many people are in the comparison group.",
        "200", lever=True,
    )  # fmt: skip
    like: str | None = term(
        named("people"), "The cohort that they are like; left out: the first.", "adults",
        default=None,
    )  # fmt: skip
    significance: Quantity | None = term(
        share(low=0.0001, high=0.9999, uncertain=False), "If the contract requires a significant "
        "difference: the level of its two-sided test; a result that is not counts as nil.", "5%",
        default=None,
    )  # fmt: skip
    lost: Quantity = term(
        share(), "Chance that somebody who was served and has not had the outcome is not found at "
        "follow-up.", "15%", default=plain(0),
    )  # fmt: skip
    lost_group: Quantity = term(
        share(), "The same of the comparison group.", "30%", default=plain(0)
    )
    lost_odds: Quantity = term(
        number(low=0.001, high=1_000), "Factor on the odds of being lost for those who have had "
        "the outcome, on both sides: below 1 if they are easier to find.", "0.5", default=plain(1),
    )  # fmt: skip
    missing: str = term(
        choice("left_out", "not_reached"), "What the contract makes of those who are not found: "
        "they are left out, or counted as people who have not had the outcome.", "not_reached",
        default="left_out",
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Others):
    """Other people who are not served, drawn by lot (a trial) or matched."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceInDifferences(Others):
    """The change since before the service, less that of others: what always differed cancels."""

    before: Quantity = term(
        number(low=0, high=1_000_000), "How much of the outcome there was on average, before the "
        "service, for each of other people like those who are served: 0.35 for 35%.", "0.35",
    )  # fmt: skip
    before_group: Quantity = term(
        number(low=0, high=1_000_000), "The same of people like the comparison group; by the "
        "difference the group has more afterwards too.", "0.42",
    )  # fmt: skip
    trend: Quantity = term(
        number(low=-1_000_000, high=1_000_000), "By how much more there is for each of the group "
        "afterwards, beyond that difference: what no parallel trend explains.",
        "{normal: {mean: 0, sd: 0.03}}", default=plain(0),
    )  # fmt: skip
    spread: Quantity | None = term(
        number(low=0, high=1_000_000), "Of an outcome that counts days, events or the like: the "
        "standard deviation between people of how much each had before.", "40", default=None,
    )  # fmt: skip


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
    "difference_in_differences": DifferenceInDifferences,
}  # fmt: skip
"""What `design:` may say."""

Design = Comparison | Baseline | Count | SelfReport | DifferenceInDifferences
"""Any design of evidence."""
