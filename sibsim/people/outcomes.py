"""What a scenario may say of outcomes: what is counted, paid for and saved from.

An outcome is a milestone with a chance of its own, or is read off a journey, a series of events, a
score or visits. Out: frozen terms. Not here: journeys and the rest (`stories`), who is referred
(`terms`), what holds between them (`checks`).
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
    choice,
    count,
    duration,
    named,
    number,
    share,
    term,
    text,
    waiting,
)

KINDS = ("input", "process", "output", "interim", "final")
"""The chain of the commissioning field, from what is put in to what changes for good."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """An outcome that one person can reach several times."""

    chance: Quantity = term(share(), "Chance of reaching it once more.", "60%")
    every: Quantity = term(duration(low=1), "Time from one to the next.", "3 months")
    most: Quantity = term(count(high=200, uncertain=False), "The most times in all.", "4")


@dataclass(frozen=True, slots=True)
class Given:
    """An interim outcome that changes the chances of another."""

    outcome: str = term(
        named("outcomes"), "The outcome that changes it, once a person has reached it.", "housed"
    )
    odds_ratio: Quantity = term(
        number(low=0, high=1_000), "Factor on the odds from then on, with the service and without "
        "it.", "2",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A milestone: something that a person reaches, with the service and without it."""

    chance: Quantity | None = term(
        share(), "Chance of reaching it with the service, given the outcome it follows.", "45%",
        default=None,
    )  # fmt: skip
    without: Quantity = term(
        share(), "The same chance without the service: the counterfactual (deadweight).", "25%"
    )
    effect: Effect | None = term(
        block(Effect), "Instead of `chance`: what the service changes.", "{risk_ratio: 1.3}",
        default=None,
    )  # fmt: skip
    after: Quantity | None = term(
        waiting(), "Waiting time from the start, or from the outcome it follows; a distribution "
        "is spread over people.", "{p50: 5 months, p90: 12 months}", default=None,
    )  # fmt: skip
    sustained: Quantity | None = term(
        duration(low=1), "Instead of `after`: how long the outcome it follows must last.",
        "26 weeks", default=None,
    )  # fmt: skip
    after_without: Quantity | None = term(
        waiting(), "Waiting time without the service, if it differs.", "9 months", default=None
    )
    follows: str | None = term(
        named("outcomes"), "The outcome that must be reached first.", "starts_work", default=None
    )
    given: Given | None = term(
        block(Given), "An interim outcome that changes the chance if it was reached before.",
        "{outcome: housed, odds_ratio: 2}", default=None,
    )  # fmt: skip
    repeat: Repeat | None = term(
        block(Repeat), "If one person can reach it several times.",
        "{chance: 60%, every: 3 months, most: 4}", default=None,
    )  # fmt: skip
    kind: str = term(
        choice(*KINDS), "Its place in the chain from inputs to final outcomes.", "interim",
        default="final",
    )  # fmt: skip
    measure: str = term(
        text(), "How it is measured.", "tenancy agreement seen by the caseworker", default=""
    )
    evidence: str = term(
        choice("objective", "subjective"), "Whether records show it or the person reports it.",
        "objective", default="objective",
    )  # fmt: skip
    about: About = about()

    @property
    def wait(self) -> Quantity:
        """The waiting time with the service, however it was stated, in days."""
        chosen = self.after if self.after is not None else self.sustained
        assert chosen is not None, "checked when the scenario was read"
        return chosen

    @property
    def wait_without(self) -> Quantity:
        """The waiting time without the service, in days."""
        return self.after_without if self.after_without is not None else self.wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What every outcome that is read off something else may say of itself."""

    kind: str = term(
        choice(*KINDS), "Its place in the chain from inputs to final outcomes.", "interim",
        default="final",
    )  # fmt: skip
    measure: str = term(
        text(), "How it is measured.", "tenancy agreement seen by the caseworker", default=""
    )
    evidence: str = term(
        choice("objective", "subjective"), "Whether records show it or the person reports it.",
        "objective", default="objective",
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached(Read):
    """A person enters a state of a journey: the first time, or each time."""

    journey: str = term(named("journeys"), "The journey it is read off.", "housing")
    state: str = term(text(), "The state that is entered.", "tenancy")
    times: str = term(
        choice("first", "each"), "Whether only the first time counts.", "each", default="first"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sustained(Read):
    """A person stays in a state of a journey for so long: the first time, or each time."""

    journey: str = term(named("journeys"), "The journey it is read off.", "housing")
    state: str = term(text(), "The state that lasts.", "tenancy")
    lasting: Quantity = term(duration(low=1), "How long it must last.", "26 weeks")
    times: str = term(
        choice("first", "each"), "Whether only the first time counts.", "each", default="first"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysIn(Read):
    """Days that a person spends in a state of a journey."""

    journey: str = term(named("journeys"), "The journey it is read off.", "housing")
    state: str = term(text(), "The state whose days are counted.", "tenancy")
    within: Quantity | None = term(
        duration(low=1), "Only days within this time from the start of the service.", "12 months",
        default=None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberOf(Read):
    """Events of a series that happen to a person."""

    events: str = term(named("events"), "The series whose events are counted.", "reconvictions")
    within: Quantity | None = term(
        duration(low=1), "Only events within this time from the start of the service.",
        "12 months", default=None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeIn(Read):
    """Distance travelled: the change of a score from the first assessment, for the better."""

    score: str = term(named("scores"), "The score.", "wellbeing")
    at: Quantity = term(duration(low=1), "The assessment that is compared with the first.",
                        "6 months")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Improved(Read):
    """A score is better than at the first assessment by at least so many points."""

    score: str = term(named("scores"), "The score.", "dependency")
    at: Quantity = term(duration(low=1), "The assessment that is compared with the first.",
                        "6 months")  # fmt: skip
    by: Quantity = term(
        number(low=0, high=1_000_000), "Points of change for the better that it takes.", "5"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintained(Read):
    """A score has not improved, and has fallen by no more than the decline that was expected."""

    score: str = term(named("scores"), "The score.", "dependency")
    at: Quantity = term(duration(low=1), "The assessment that is compared with the first.",
                        "6 months")  # fmt: skip
    by: Quantity = term(
        number(low=0, high=1_000_000), "Points of change for the better that would be an "
        "improvement.", "5",
    )  # fmt: skip
    decline: Quantity = term(
        number(low=0, high=1_000_000), "Points of change for the worse that are expected.", "3",
        default=plain(0),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Deteriorated(Read):
    """A score has fallen by more than the decline that was expected."""

    score: str = term(named("scores"), "The score.", "dependency")
    at: Quantity = term(duration(low=1), "The assessment that is compared with the first.",
                        "6 months")  # fmt: skip
    decline: Quantity = term(
        number(low=0, high=1_000_000), "Points of change for the worse that are expected.", "3",
        default=plain(0),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited(Read):
    """What a homecare service puts out: minutes or visits, week by week."""

    visits: str = term(named("visits"), "The visits that are counted.", "care")
    count: str = term(
        choice("minutes_planned", "minutes_delivered", "delivered", "missed", "late"),
        "What of them is counted.", "minutes_delivered",
    )  # fmt: skip


OUTCOMES: dict[str, type] = {
    "milestone": Outcome, "reached": Reached, "sustained": Sustained, "days_in": DaysIn,
    "number_of": NumberOf, "change_in": ChangeIn, "improved": Improved, "maintained": Maintained,
    "deteriorated": Deteriorated, "visited": Visited,
}  # fmt: skip
"""What `read:` may say; an outcome that says nothing is a milestone."""

AnyOutcome = (
    Outcome | Reached | Sustained | DaysIn | NumberOf | ChangeIn | Improved | Maintained
    | Deteriorated | Visited
)  # fmt: skip
"""Any outcome."""

OfState = Reached | Sustained | DaysIn
"""Outcomes that are read off a journey."""

OfScore = ChangeIn | Improved | Maintained | Deteriorated
"""Outcomes that are read off a score."""

COUNTED = (DaysIn, NumberOf, ChangeIn, Visited)
"""Outcomes of which one person may have many: days, events, points, minutes."""


def unit(outcome: AnyOutcome) -> str:
    """What the numbers of an outcome count."""
    if isinstance(outcome, DaysIn):
        return "days"
    if isinstance(outcome, NumberOf):
        return "events"
    if isinstance(outcome, ChangeIn):
        return "steps"
    if isinstance(outcome, Visited):
        return "minutes" if outcome.count.startswith("minutes") else "visits"
    return "people" if getattr(outcome, "times", "first") == "first" else "times"


def milestones(outcomes: Mapping[str, AnyOutcome]) -> dict[str, Outcome]:
    """The milestones among the outcomes, by name."""
    return {name: item for name, item in outcomes.items() if isinstance(item, Outcome)}


def ordered(outcomes: Mapping[str, AnyOutcome]) -> list[str]:
    """The milestones' names, each after those it follows or is given; file order otherwise.

    Raises
    ------
    ValueError
        Naming the circle, if outcomes follow each other in one.
    """
    chosen = milestones(outcomes)
    done: list[str] = []

    def place(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise ValueError(" -> ".join([*path[path.index(name) :], name]))
        if name in done or name not in chosen:
            return
        item = chosen[name]
        before = [item.follows, item.given.outcome if item.given is not None else None]
        for parent in before:
            if parent is not None:
                place(parent, (*path, name))
        done.append(name)

    for name in chosen:
        place(name, ())
    return done
