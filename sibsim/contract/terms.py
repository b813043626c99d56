"""What a scenario may say of payments: every kind of payment term.

Out: frozen terms for each payment mechanism. Not here: what they pay (`mechanisms`), the caps,
payers and checks around them (`agreement`), who reaches an outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sibsim.quantities import Quantity, plain
from sibsim.terms import (
    About,
    about,
    by_name,
    choice,
    count,
    items,
    listed,
    money,
    money_rate,
    months,
    named,
    names,
    term,
)
from sibsim.terms import result as found
from sibsim.terms import share as portion

# --- what several terms say -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """The most that a term pays, and when."""

    cap: Quantity | None = term(
        money(), "The most that this term pays in all.", "£250,000", default=None, lever=True
    )
    lag: Quantity = term(
        months(high=120), "Months from the claim, or from the measurement, to the payment.",
        "2 months", default=plain(0),
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced(Limited):
    """How a price changes over the contract."""

    uplift: Quantity = term(
        portion(low=-0.5, high=0.5), "By how much it rises with each year of the contract.", "2%",
        default=plain(0),
    )  # fmt: skip
    indexed: Quantity = term(
        portion(high=2, uncertain=False), "How much of each year's price rise (the contract's "
        "`index`, or the programme's inflation) is passed on.", "100%", default=plain(0),
    )  # fmt: skip
    by_year: tuple[Quantity, ...] = term(
        listed(portion(high=10, uncertain=False), high=50), "The part of it that is paid in each "
        "year of the contract; the last goes on: a fee that tapers, a price in steps.",
        "[80%, 60%, 40%]", default=(),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)  # no slots: what is measured is compared and timed
class Compared:
    """What is found, of what, in whom, compared with whom."""

    for_: str = term(named("outcomes"), "The outcome whose result it is.", "days_in_jail")
    result: str = term(
        choice("reduction", "increase", "rate", "added", "fewer", "more", "standardised"),
        "What is found: less or more, as a share or for each who starts; how many in all.",
        "reduction",
    )  # fmt: skip
    evidence: str | None = term(
        named("evidence"), "What it is compared with; left out: the same people without the "
        "service, which only a simulation can see.", "matched_group", default=None,
    )  # fmt: skip
    cohort: str | None = term(
        named("people"), "The cohort whose result it is; left out: everybody's.", "first",
        default=None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed(Limited):
    """When a result is measured."""

    at: Quantity | None = term(
        months(low=1), "Months from the start of the contract to the first measurement; left out: "
        "`every`, or the whole contract.", "36 months", default=None,
    )  # fmt: skip
    every: Quantity | None = term(
        months(low=1), "Months between measurements; left out: there is one.", "12 months",
        default=None,
    )  # fmt: skip
    counts: str = term(
        choice("so_far", "since_last"), "Whether a measurement counts all from the contract's "
        "start, or from the last measurement.", "since_last", default="so_far",
    )  # fmt: skip

    def windows(self, contract_months: int) -> list[tuple[int, int]]:
        """First month that each measurement counts, and the month after its last."""
        step = self.every
        first = self.at or step
        start = contract_months if first is None else min(round(first.mean), contract_months)
        ends = [start] if step is None else list(
            range(start, contract_months + 1, round(step.mean))
        )  # fmt: skip
        if self.counts == "so_far":
            return [(0, end) for end in ends]
        return list(zip([0, *ends[:-1]], ends, strict=True))


# --- paid for each --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tier:
    """A price from so many claims on."""

    after: Quantity = term(
        count(high=10_000_000, uncertain=False), "Claims of the whole contract that come before.",
        "100",
    )  # fmt: skip
    price: Quantity = term(money(), "Paid for each claim from there on.", "£1,500", lever=True)
    about: About = about()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed(Priced):
    """A price for each verified outcome of a person."""

    for_: str = term(named("outcomes"), "The outcome that is paid for.", "starts_work")
    price: Quantity = term(money(), "Paid for each claim.", "£2,500", lever=True)
    claims_per_person: Quantity | None = term(
        count(high=10_000, uncertain=False, word="unlimited"),
        "The most claims for one person, or `unlimited`.", "1", default=plain(1),
        lever=True,
    )  # fmt: skip
    each: Quantity = term(
        count(high=100_000, uncertain=False), "How many of one person make a claim, if not one: 7 "
        "days a week, 60 minutes an hour; what is over waits for the next.", "7", default=plain(1),
    )  # fmt: skip
    cohort: str | None = term(
        named("people"), "The cohort whose claims these are; left out: everybody's.", "adults",
        default=None,
    )  # fmt: skip
    by_segment: Mapping[str, Quantity] = term(
        by_name(portion(high=100, uncertain=False), "*"), "The part of the price, or the multiple, "
        "for people of a segment; others bring the price itself.", "{long_term: 140%}", default={},
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PerOutcome(Claimed):
    """A line of a rate card: a price for each verified outcome."""

    tiers: Mapping[str, Tier] = term(
        items(Tier), "Other prices from so many claims on, by name, from the fewest up.",
        "{beyond_100: {after: 100, price: £1,500}}", default={},
    )  # fmt: skip
    evidence: str | None = term(
        named("evidence"), "How it is counted: a `count` or a `self_report`; left out: as it is.",
        "counted", default=None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduction(Claimed):
    """A penalty: taken off what else is paid, for each missed visit, for each who got worse."""

    price: Quantity = term(money(), "Taken off for each claim.", "£50", lever=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerActivity(Priced):
    """A price for what is done, whatever comes of it: attachment fee, time in service."""

    of: str = term(
        choice("start", "day", "week", "month"), "What is paid for: a person who starts, or time "
        "of each person in service.", "start",
    )  # fmt: skip
    price: Quantity = term(money(), "For each.", "£4,000", lever=True)
    cohort: str | None = term(
        named("people"), "The cohort that is paid for; left out: everybody.", "adults",
        default=None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee(Priced):
    """A sum paid each month whatever the outcomes: block contract, core payment, management fee."""

    amount: Quantity = term(
        money_rate("month", "year"), "Paid each month of the contract.", "£12,000 a month",
        lever=True,
    )  # fmt: skip


# --- paid by result -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Band:
    """A result from which so much is paid."""

    from_: Quantity = term(
        found(), "The result from which it is paid.",
        "20%", lever=True,
    )  # fmt: skip
    pays: Quantity = term(
        money(low=None), "What is paid at that result, each time it is measured; below nil it is "
        "taken off what else is paid.", "£3.2m", lever=True,
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True, kw_only=True)
class ByResult(Compared, Timed):
    """A sum for a result, by bands: steps, slopes, thresholds."""

    bands: Mapping[str, Band] = term(items(Band), "Bands by name, from the lowest up.")
    between: str = term(
        choice("step", "line"), "Whether a band pays the same up to the next, or payment rises in "
        "a straight line to it; above the last it is level, below the first it is nothing.",
        "line", default="step",
    )  # fmt: skip
    unless: tuple[str, ...] = term(
        names("contract"), "Terms above this one; it pays only if none of them has.",
        "[first_cohort, second_cohort]", default=(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PerEffect(Compared, Timed):
    """A price for each one that there is more, or less, than without the service."""

    counts: str = term(
        choice("so_far", "since_last"), "Whether a measurement counts all from the contract's "
        "start, or from the last measurement.", "since_last", default="since_last",
    )  # fmt: skip
    price: Quantity = term(money(), "Paid for each.", "£75", lever=True)
    unit: Quantity = term(
        found(low=1e-9), "How much of the result the price is for: 1% for a "
        "percentage point, 0.1 for a tenth of a standard deviation.", "1%", default=plain(1),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal(Compared):
    """One measure of a reward, with its target and its weight."""

    weight: Quantity = term(
        portion(uncertain=False), "Its part of the reward; the weights come to 100 %.", "80%",
        lever=True,
    )  # fmt: skip
    target: Quantity = term(
        found(), "The result at which its whole part is paid.",
        "79%", lever=True,
    )  # fmt: skip
    from_: Quantity = term(
        found(), "The result at which it is nil.", "40%",
        default=plain(0), lever=True,
    )  # fmt: skip
    between: str = term(
        choice("line", "step"), "Whether it rises in a straight line, or is all or nothing.",
        "step", default="line",
    )  # fmt: skip
    most: Quantity = term(
        portion(high=100, uncertain=False), "The most of its part that is paid: above 100 % it is "
        "a bonus.", "150%", default=plain(1), lever=True,
    )  # fmt: skip
    least: Quantity = term(
        portion(low=-100, high=0, uncertain=False), "The least: below nil it is a malus, taken off "
        "what else is paid.", "-20%", default=plain(0), lever=True,
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward(Timed):
    """Core plus reward: a part of another term, or a sum, that is paid by weighted measures."""

    of: tuple[str, ...] = term(
        names("contract"), "Terms above this one of which a part is held back as the reward.",
        "core", default=(),
    )  # fmt: skip
    share: Quantity = term(
        portion(uncertain=False), "The part of them that is held back.", "20%", default=plain(0),
        lever=True,
    )  # fmt: skip
    pays: Quantity | None = term(
        money(), "Instead: a sum at each measurement, if all targets are met.", "$422,000",
        default=None, lever=True,
    )  # fmt: skip
    measures: Mapping[str, Goal] = term(items(Goal), "Measures by name.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareOfSaving(Compared, Timed):
    """A share of what is saved, and another once so much has been paid: gainshare."""

    counts: str = term(
        choice("so_far", "since_last"), "Whether a measurement counts all from the contract's "
        "start, or from the last measurement.", "since_last", default="since_last",
    )  # fmt: skip
    saves: Quantity = term(money(), "What each one fewer, or more, saves.", "$2,580", lever=True)
    share: Quantity = term(
        portion(), "The share of the saving that is paid.", "95%", lever=True
    )
    until: Quantity | None = term(
        money(), "A sum, with its interest, after whose repayment `then` is paid instead.", "$7m",
        default=None, lever=True,
    )  # fmt: skip
    interest: Quantity = term(
        portion(high=1), "Yearly interest on what of it is not repaid.", "5%", default=plain(0)
    )
    then: Quantity = term(
        portion(), "The share that is paid after that.", "40%", default=plain(0), lever=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Clawback(Compared, Timed):
    """Taken back of what other terms have paid, if a result is missed."""

    of: tuple[str, ...] = term(
        names("contract"), "Terms above this one that are taken back.", "core"
    )
    share: Quantity = term(
        portion(uncertain=False), "How much of what they have come to by then.", "50%", lever=True
    )
    below: Quantity = term(
        found(), "The result below which it is taken back.",
        "5%", lever=True,
    )  # fmt: skip


PaymentTerm = (
    PerOutcome | Deduction | PerActivity | Fee | ByResult | PerEffect | Reward | ShareOfSaving
    | Clawback
)  # fmt: skip
"""Any payment term."""

OnResult = ByResult | PerEffect | ShareOfSaving
"""Terms that pay for a result of their own."""

TERMS: dict[str, type] = {
    "per_outcome": PerOutcome, "fee": Fee, "by_result": ByResult, "per_effect": PerEffect,
    "per_activity": PerActivity, "reward": Reward, "share_of_saving": ShareOfSaving,
    "deduction": Deduction, "clawback": Clawback,
}  # fmt: skip
"""What `pay:` may say. `mechanisms.MECHANISMS` holds the function for each."""


def rests_on(item: PaymentTerm) -> list[Compared]:
    """What a term compares: itself, or its measures, or nothing."""
    if isinstance(item, Compared):
        return [item]
    return list(item.measures.values()) if isinstance(item, Reward) else []


def outcomes_of(item: PaymentTerm) -> list[str]:
    """The outcomes that a term is paid for, or loses money by."""
    if isinstance(item, Claimed):
        return [item.for_]
    return [compared.for_ for compared in rests_on(item)]


def above(item: PaymentTerm) -> tuple[str, ...]:
    """Names of the terms that have to stand above a term."""
    if isinstance(item, Reward | Clawback):
        return item.of
    return item.unless if isinstance(item, ByResult) else ()


def takes_off(item: PaymentTerm) -> bool:
    """Whether a term may take something off what others pay."""
    if isinstance(item, ByResult):
        return any(band.pays.mean < 0 for band in item.bands.values())
    if isinstance(item, Reward):
        return any(goal.least.mean < 0 for goal in item.measures.values())
    return isinstance(item, Deduction | Clawback)
