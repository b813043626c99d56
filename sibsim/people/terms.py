"""What a scenario may say of people: who is referred, how they differ, and who serves them.

Out: frozen terms. Not here: what happens to them (`stories`), outcomes (`outcomes`), prices, the
file.
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
    duration,
    items,
    listed,
    number,
    share,
    share_rate,
    term,
    text,
    waiting,
)


@dataclass(frozen=True, slots=True)
class Segment:
    """Part of a cohort whose chances differ."""

    share: Quantity = term(share(uncertain=False), "Share of the cohort.", "40%")
    odds: Mapping[str, Quantity] = term(
        by_name(number(low=0, high=1_000)), "Factors on their odds of faring well by outcome, "
        "journey or series; above 1, events that are bad come less often.", "{starts_work: 0.6}",
        default={},
    )  # fmt: skip
    priority: Quantity | None = term(
        count(high=9, uncertain=False), "Place on a waiting list: 1 is served first.", "1",
        default=None,
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True)
class Cohort:
    """People referred to the service."""

    referrals: Quantity = term(
        count(), "How many people are referred in all.", "200", lever=True
    )
    over: Quantity = term(
        duration(low=1), "The stretch of time over which they are referred.", "24 months",
        lever=True,
    )  # fmt: skip
    from_: Quantity = term(
        duration(), "When the first of them can be referred, from the start of the contract.",
        "24 months", default=plain(0),
    )  # fmt: skip
    ramp_up: Quantity = term(
        duration(), "Referrals rise in a straight line over this time, then are level.", "6 months",
        default=plain(0),
    )  # fmt: skip
    season: tuple[Quantity, ...] = term(
        listed(number(low=0, high=1_000), 12, 12), "Relative number of referrals from January to "
        "December.", "[1, 1, 1, 1, 1, 1, 1, 0.5, 1, 1, 1, 1]", default=(),
    )  # fmt: skip
    eligible: Quantity = term(
        share(), "Share of those referred who are eligible.", "90%", default=plain(1)
    )
    engage: Quantity = term(
        share(), "Share of those referred (and eligible) who start.", "80%", default=plain(1)
    )
    leave: Quantity = term(
        share_rate("week", "month", "year"), "Chance of dropping out of the service.",
        "2% a month", default=plain(0, "month"),
    )  # fmt: skip
    stay: Quantity | None = term(
        waiting(low=1), "How long the service is offered to one person; a distribution is spread "
        "over people.", "18 months", default=None, lever=True,
    )  # fmt: skip
    served_by: Mapping[str, Quantity] = term(
        by_name(share(uncertain=False), "providers"), "The provider, or the share of people who "
        "choose each.", "{riverside: 60%, harbour: 40%}", default={},
    )  # fmt: skip
    choice: str = term(
        choice("shares", "shortest_list"), "Whether people choose by those shares, or the provider "
        "with the shortest waiting list.", "shares", default="shares",
    )  # fmt: skip
    patience: Quantity | None = term(
        waiting(), "How long somebody waits for a place before giving up; left out: for ever.",
        "{exponential: {mean: 2 months}}", default=None,
    )  # fmt: skip
    priority: Quantity = term(
        count(high=9, uncertain=False), "Place on a waiting list: 1 is served first.", "1",
        default=plain(1),
    )  # fmt: skip
    onset: Quantity = term(
        waiting(), "Time from the start until the service has an effect on journeys, events and "
        "scores.", "1 month", default=plain(0),
    )  # fmt: skip
    lasts: Quantity | None = term(
        waiting(), "How long the effect lasts after the service has ended; left out: for ever "
        "after completing it, not at all after dropping out.", "{exponential: {mean: 1 year}}",
        default=None,
    )  # fmt: skip
    spread: Quantity = term(
        number(low=0, high=5), "How far people differ in their odds: standard deviation of the "
        "logarithm.", "0.5", default=plain(0),
    )  # fmt: skip
    segments: Mapping[str, Segment] = term(
        items(Segment), "Parts of the cohort whose chances differ.", default={}
    )
    site: str = term(text(), "Where they are served; shocks may be shared by a site.", "Lewisham",
                     default="")  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True)
class Post:
    """Caseworkers who come, leave and are replaced."""

    number: Quantity = term(
        count(high=1_000, uncertain=False), "How many caseworkers.", "4", lever=True
    )
    caseload: Quantity = term(
        count(high=1_000, uncertain=False), "People whom one serves at a time.", "15", lever=True
    )
    from_: Quantity = term(duration(), "When they begin, from the start of the contract.",
                           "3 months", default=plain(0))  # fmt: skip
    until: Quantity | None = term(
        duration(low=1), "When they end, from the start of the contract.", "24 months",
        default=None,
    )  # fmt: skip
    turnover: Quantity = term(
        share_rate("week", "month", "year"), "Chance that a caseworker leaves.", "20% a year",
        default=plain(0, "year"),
    )  # fmt: skip
    vacancy: Quantity = term(
        waiting(), "Time until a post is filled again.", "{exponential: {mean: 3 months}}",
        default=plain(0),
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True)
class Provider:
    """Who serves people, with so many places at a time."""

    places: Quantity | None = term(
        count(high=100_000, uncertain=False), "People who can be served at a time.", "30",
        default=None, lever=True,
    )  # fmt: skip
    caseworkers: Mapping[str, Post] = term(
        items(Post), "Instead of `places`: posts by name.", default={}
    )
    odds: Mapping[str, Quantity] = term(
        by_name(number(low=0, high=1_000)), "Factors on the odds of faring well with this "
        "provider's service, by outcome, journey or series.", "{starts_work: 1.2}", default={},
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True)
class Shock:
    """What many people share: a good or a bad year, a manager who leaves."""

    sd: Quantity = term(
        number(low=0, high=5), "Standard deviation of the logarithm of the odds of faring well.",
        "0.3",
    )  # fmt: skip
    shared_by: str = term(
        choice("everyone", "site", "cohort"), "Who shares it.", "site", default="everyone"
    )
    each: str = term(
        choice("contract", "year", "quarter", "month"), "How long one lasts.", "year",
        default="contract",
    )  # fmt: skip
    about: About = about()
