"""What a scenario may say of people and of the outcomes they reach.

Out: frozen terms for cohorts and outcomes, and what is wrong with them. Not here: drawing anybody's
story (`kernels`), prices, the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sibsim.quantities import Quantity, plain
from sibsim.terms import (
    About,
    about,
    block,
    choice,
    count,
    duration,
    named,
    share,
    share_rate,
    term,
    text,
    waiting,
)


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
    ramp_up: Quantity = term(
        duration(), "Referrals rise in a straight line over this time, then are level.", "6 months",
        default=plain(0),
    )  # fmt: skip
    engage: Quantity = term(
        share(), "Share of those referred who start.", "80%", default=plain(1)
    )
    leave: Quantity = term(
        share_rate("week", "month", "year"), "Chance of dropping out of the service.",
        "2% a month", default=plain(0, "month"),
    )  # fmt: skip
    stay: Quantity | None = term(
        duration(low=1), "How long the service is offered to one person.", "18 months",
        default=None, lever=True,
    )  # fmt: skip
    about: About = about()


@dataclass(frozen=True, slots=True)
class Repeat:
    """An outcome that one person can reach several times."""

    chance: Quantity = term(share(), "Chance of reaching it once more.", "60%")
    every: Quantity = term(duration(low=1), "Time from one to the next.", "3 months")
    most: Quantity = term(count(high=200, uncertain=False), "The most times in all.", "4")


KINDS = ("input", "process", "output", "interim", "final")
"""The chain of the commissioning field, from what is put in to what changes for good."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that a person reaches, with the service and without it."""

    chance: Quantity = term(
        share(), "Chance of reaching it with the service, given the outcome it follows.", "45%"
    )
    without: Quantity = term(
        share(), "The same chance without the service: the counterfactual (deadweight).", "25%"
    )
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


def ordered(outcomes: Mapping[str, Outcome]) -> list[str]:
    """The outcomes' names, each after the one it follows; file order otherwise.

    Raises
    ------
    ValueError
        Naming the circle, if outcomes follow each other in one.
    """
    done: list[str] = []
    for name in outcomes:
        path = [name]
        while (parent := outcomes[path[-1]].follows) in outcomes and parent not in done:
            assert parent is not None
            if parent in path:
                raise ValueError(" -> ".join([*path[path.index(parent) :], parent]))
            path.append(parent)
        done += [step for step in reversed(path) if step not in done]
    return done


def faults(
    people: Mapping[str, Cohort], outcomes: Mapping[str, Outcome]
) -> Iterator[tuple[str, str, str, str]]:
    """What is wrong between the terms: address, found, allowed, try."""
    for name, cohort in people.items():
        if cohort.ramp_up.mean > cohort.over.mean:
            yield (
                f"people.{name}.ramp_up", "a ramp-up longer than the time of referrals",
                "at most what `over` says", "",
            )  # fmt: skip
    for name, outcome in outcomes.items():
        if (outcome.after is None) == (outcome.sustained is None):
            none = outcome.after is None
            found = "no waiting time" if none else "both `after` and `sustained`"
            hint = "after: 6 months" if none else "take one of them out"
            yield (f"outcomes.{name}", found, "one of `after` and `sustained`", hint)
        if outcome.sustained is not None and outcome.follows is None:
            yield (
                f"outcomes.{name}.sustained", "nothing to sustain",
                "`sustained` goes with `follows`", "after: 6 months",
            )  # fmt: skip
    try:
        ordered(outcomes)
    except ValueError as circle:
        first = str(circle).split(" -> ")[0]
        yield (
            f"outcomes.{first}.follows", f"a circle: {circle}",
            "outcomes that lead back to the start of the service", "",
        )  # fmt: skip
