"""What a scenario may say of what happens to people besides milestones.

Out: frozen terms for journeys through states, events that recur, scores at assessments, and
visits. Not here: who is referred (`terms`), outcomes that are read off these (`outcomes`), drawing
anybody's story (`lives`, `des`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sibsim.people.effects import Effect
from sibsim.quantities import Quantity, plain
from sibsim.terms import (
    About,
    about,
    block,
    by_name,
    choice,
    count,
    duration,
    items,
    listed,
    named,
    number,
    number_rate,
    personal_number,
    personal_share,
    share,
    term,
    text,
    waiting,
)


def _direction(default: str) -> str:
    """Whether those who fare well do it more (up), less (down), or as often (same)."""
    made: str = term(
        choice("up", "down", "same"), "Whether it is more (up) or less (down) likely for people "
        "and times whose odds are high, or the same.", "down", default=default,
    )  # fmt: skip
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """A way out of a state: how likely, how soon, with the service and without it."""

    without: Quantity = term(share(), "Chance of this exit without the service.", "25%")
    chance: Quantity | None = term(
        share(), "Chance of this exit with the service; left out: as `effect` says, or the same.",
        "45%", default=None,
    )  # fmt: skip
    effect: Effect | None = term(
        block(Effect), "Instead of `chance`: what the service changes.", "{hazard_ratio: 0.7}",
        default=None,
    )  # fmt: skip
    after: Quantity = term(
        waiting(), "Time from entering the state to this exit; a distribution is spread over "
        "people.", "{p50: 5 months, p90: 12 months}",
    )  # fmt: skip
    after_without: Quantity | None = term(
        waiting(), "The same without the service, if it differs.", "9 months", default=None
    )
    direction: str = _direction("up")
    about: About = about()


@dataclass(frozen=True, slots=True)
class State:
    """Where a person may be on a journey."""

    exits: Mapping[str, Exit] = term(
        items(Exit), "Ways out, by the state that they lead to.", default={}
    )
    ends: str = term(
        choice("nothing", "service", "contact", "everything"), "What entering it ends: the "
        "service, contact (the service, and every later claim), or everything (death, moving "
        "away).", "everything", default="nothing",
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True)
class Journey:
    """A walk through named states."""

    begins: Mapping[str, Quantity] = term(
        by_name(share(uncertain=False), "*"), "The state in which people start, or shares by "
        "state.", "rough_sleeping",
    )  # fmt: skip
    states: Mapping[str, State] = term(items(State), "States by name.")
    about: About = about()


@dataclass(frozen=True, slots=True)
class During:
    """A state of a journey in which events are more or less frequent."""

    journey: str = term(named("journeys"), "The journey.", "housing")
    state: str = term(text(), "The state.", "tenancy")
    rate_ratio: Quantity = term(
        number(low=0, high=1_000), "Factor on the rate while a person is in it.", "0.5"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Events that recur: reconvictions, visits to an emergency department."""

    without: Quantity = term(
        number_rate("day", "week", "month", "year"), "Events for each person without the service.",
        "1.4 a year",
    )  # fmt: skip
    rate: Quantity | None = term(
        number_rate("day", "week", "month", "year"), "The same with the service.", "1.2 a year",
        default=None,
    )  # fmt: skip
    rate_ratio: Quantity | None = term(
        number(low=0, high=1_000), "Instead of `rate`: the factor that the service makes.", "0.9",
        default=None,
    )  # fmt: skip
    dispersion: Quantity = term(
        number(low=0, high=100), "How far people's rates differ: the variance of a gamma factor "
        "of mean 1, which makes counts negative binomial.", "0.8", default=plain(0),
    )  # fmt: skip
    season: tuple[Quantity, ...] = term(
        listed(number(low=0, high=1_000), 12, 12), "Relative frequency from January to December.",
        "[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2]", default=(),
    )  # fmt: skip
    drift: Quantity = term(
        share(low=-0.99, high=10, uncertain=False), "Change of the baseline from year to year.",
        "-2%", default=plain(0),
    )  # fmt: skip
    during: During | None = term(
        block(During), "A state in which they are more or less frequent.",
        "{journey: housing, state: tenancy, rate_ratio: 0.5}", default=None,
    )  # fmt: skip
    direction: str = _direction("down")
    about: About = about()


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A measure of how a person is, read at assessments: a wellbeing star, dependency."""

    start: Quantity = term(
        personal_number(), "The true score at the start; a distribution is spread over people.",
        "{normal: {mean: 55, sd: 10}}",
    )  # fmt: skip
    without: Quantity = term(
        number_rate("day", "week", "month", "year", low=-100_000), "How it changes without the "
        "service.", "-10 a year",
    )  # fmt: skip
    change: Quantity | None = term(
        number_rate("day", "week", "month", "year", low=-100_000), "How it changes while the "
        "service has an effect.", "-4 a year", default=None,
    )  # fmt: skip
    varies: Quantity = term(
        number(low=0, high=100_000), "Standard deviation between people of the change in a year.",
        "3", default=plain(0),
    )  # fmt: skip
    error: Quantity = term(
        number(low=0, high=100_000), "Standard deviation of what an assessment adds by mistake.",
        "4", default=plain(0),
    )  # fmt: skip
    assessed: tuple[Quantity, ...] = term(
        listed(duration(), 1, 100), "When it is assessed, from the start of the service.",
        "[0 days, 6 months, 12 months]",
    )  # fmt: skip
    missed: Quantity = term(
        share(), "Share of assessments that are missed.", "15%", default=plain(0)
    )
    low: Quantity | None = term(
        number(low=-1_000_000, high=1_000_000), "The lowest score there is.", "0", default=None
    )
    high: Quantity | None = term(
        number(low=-1_000_000, high=1_000_000), "The highest score there is.", "100", default=None
    )
    step: Quantity = term(
        number(low=0.001, high=1_000), "What scores are rounded to; 1 for an ordinal scale.", "1",
        default=plain(1),
    )  # fmt: skip
    better: str = term(
        choice("higher", "lower"), "Which way is for the better.", "lower", default="higher"
    )
    about: About = about()


@dataclass(frozen=True, slots=True)
class Visits:
    """Homecare visits while a person is in service: planned, delivered, missed, late."""

    a_week: Quantity = term(
        count(high=200, uncertain=False), "Visits planned in a week.", "14", lever=True
    )
    minutes: Quantity = term(
        count(high=1_440, uncertain=False), "Length of a visit in minutes.", "30", lever=True
    )
    missed: Quantity = term(
        personal_share(), "Share of visits that are missed; a distribution is spread over people.",
        "{beta: {mean: 4%, sd: 3%}}", default=plain(0),
    )  # fmt: skip
    late: Quantity = term(share(uncertain=False), "Share of delivered visits that are late.", "12%",
                          default=plain(0))  # fmt: skip
    continuity: Quantity = term(
        personal_share(), "Share of a person's visits by the same carer; a distribution is spread "
        "over people.", "{beta: {mean: 60%, sd: 15%}}", default=plain(1),
    )  # fmt: skip
    odds_missed: Quantity = term(
        number(low=0.001, high=1_000), "Factor on a person's odds for 10 points more missed.",
        "0.8", default=plain(1),
    )  # fmt: skip
    odds_continuity: Quantity = term(
        number(low=0.001, high=1_000), "Factor on a person's odds for 10 points more continuity.",
        "1.1", default=plain(1),
    )  # fmt: skip
    about: About = about()
