"""What has to hold between the terms about people.

In: terms that were each read without a problem. Out: what is wrong, by address. Not here: single
values (the reader), and anything about money.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from sibsim.people.effects import Effect
from sibsim.people.outcomes import (
    AnyOutcome,
    ChangeIn,
    DaysIn,
    Deteriorated,
    Improved,
    Maintained,
    Outcome,
    Reached,
    Sustained,
    milestones,
    ordered,
)
from sibsim.people.stories import Exit, Journey, Score, Series, Visits
from sibsim.people.terms import Cohort, Provider, Shock
from sibsim.quantities import Quantity

Fault = tuple[str, str, str, str]
"""Address, what was found, what is allowed, what to try."""

ROUNDING = 1e-9
"""How far shares may add up to something other than 1."""


@dataclass(frozen=True)
class Population:
    """Every term that decides what happens to people.

    Attributes
    ----------
    people, outcomes, providers, journeys, events, scores, visits, shocks : mapping by name
        As the sections of the scenario.
    """

    people: Mapping[str, Cohort]
    outcomes: Mapping[str, AnyOutcome]
    providers: Mapping[str, Provider] = field(default_factory=dict)
    journeys: Mapping[str, Journey] = field(default_factory=dict)
    events: Mapping[str, Series] = field(default_factory=dict)
    scores: Mapping[str, Score] = field(default_factory=dict)
    visits: Mapping[str, Visits] = field(default_factory=dict)
    shocks: Mapping[str, Shock] = field(default_factory=dict)


def faults(all_: Population) -> Iterator[Fault]:
    """What is wrong between the terms: address, found, allowed, try."""
    targets = {*milestones(all_.outcomes), *all_.journeys, *all_.events}
    for name, cohort in all_.people.items():
        yield from _cohort(f"people.{name}", cohort, targets)
    for name, provider in all_.providers.items():
        yield from _provider(f"providers.{name}", provider, targets)
    for place, (name, journey) in enumerate(all_.journeys.items()):
        yield from _journey(f"journeys.{name}", journey, place == 0)
    for name, series in all_.events.items():
        yield from _series(f"events.{name}", series, all_.journeys)
    for name, score in all_.scores.items():
        yield from _score(f"scores.{name}", score)
    for name, outcome in all_.outcomes.items():
        yield from _outcome(f"outcomes.{name}", outcome, all_)
    try:
        ordered(all_.outcomes)
    except ValueError as circle:
        first = str(circle).split(" -> ")[0]
        yield (
            f"outcomes.{first}.follows", f"a circle: {circle}",
            "outcomes that lead back to the start of the service", "",
        )  # fmt: skip


def _shares(address: str, shares: Mapping[str, Quantity], least: bool = True) -> Iterator[Fault]:
    total = sum(share.mean for share in shares.values())
    if shares and abs(total - 1.0) > ROUNDING:
        yield (address, f"shares that add up to {100 * total:.6g}%", "shares that add up to 100%",
               "")  # fmt: skip


def _targets(address: str, odds: Mapping[str, Quantity], targets: set[str]) -> Iterator[Fault]:
    for name in odds:
        if name not in targets:
            yield (f"{address}.odds.{name}",
                   f"`{name}` is no milestone, journey or series of events",
                   ", ".join(sorted(targets)), "")  # fmt: skip


def _season(address: str, season: tuple[Quantity, ...]) -> Iterator[Fault]:
    if season and sum(month.mean for month in season) == 0:
        yield (f"{address}.season", "twelve months of nothing", "at least one month above 0", "")


def _cohort(address: str, cohort: Cohort, targets: set[str]) -> Iterator[Fault]:
    if cohort.ramp_up.mean > cohort.over.mean:
        yield (
            f"{address}.ramp_up", "a ramp-up longer than the time of referrals",
            "at most what `over` says", "",
        )  # fmt: skip
    yield from _season(address, cohort.season)
    yield from _shares(f"{address}.served_by", cohort.served_by)
    if cohort.segments:
        shares = {name: segment.share for name, segment in cohort.segments.items()}
        yield from _shares(f"{address}.segments", shares)
    for name, segment in cohort.segments.items():
        yield from _targets(f"{address}.segments.{name}", segment.odds, targets)
    if cohort.patience is not None and not cohort.served_by:
        yield (f"{address}.patience", "nobody to wait for", "`patience` goes with `served_by`",
               "served_by: NAME, with its `places` under `providers`")  # fmt: skip
    if cohort.choice == "shortest_list" and len(cohort.served_by) < 2:
        yield (f"{address}.choice", "no lists to choose between",
               "`shortest_list` goes with two providers or more under `served_by`", "")  # fmt: skip


def _provider(address: str, provider: Provider, targets: set[str]) -> Iterator[Fault]:
    if provider.places is not None and provider.caseworkers:
        yield (address, "both `places` and `caseworkers`", "one of the two", "")
    if provider.places is None and not provider.caseworkers:
        yield (address, "no capacity", "`places`, or `caseworkers` with their `caseload`",
               "places: 30")  # fmt: skip
    for name, post in provider.caseworkers.items():
        if post.until is not None and post.until.mean <= post.from_.mean:
            yield (f"{address}.caseworkers.{name}.until", "an end before the beginning",
                   "later than `from`", "")  # fmt: skip
    yield from _targets(address, provider.odds, targets)


def _journey(address: str, journey: Journey, first: bool) -> Iterator[Fault]:
    known = ", ".join(journey.states)
    for name in journey.begins:
        if name not in journey.states:
            yield (f"{address}.begins", f"`{name}`, which is not one of its states", known, "")
    yield from _shares(f"{address}.begins", journey.begins)
    seen, new = set(), [name for name in journey.begins if name in journey.states]
    while new:
        name = new.pop()
        if name not in seen:
            seen.add(name)
            new += [to for to in journey.states[name].exits if to in journey.states]
    for name, state in journey.states.items():
        place = f"{address}.states.{name}"
        if name not in seen:
            yield (place, "a state that cannot be reached",
                   "a state in which people begin, or to which an exit leads", "")  # fmt: skip
        if state.ends != "nothing" and not first:
            yield (
                f"{place}.ends", "an end in a later journey",
                "ends stand in the first journey of the file", "move that journey up",
            )  # fmt: skip
        if state.ends != "nothing" and name in journey.begins:
            yield (f"{place}.ends", "an end in a state in which people begin", "nothing", "")
        if state.ends == "everything" and state.exits:
            yield (f"{place}.exits", "a way back from the end of everything", "no exits", "")
        total = [0.0, 0.0]
        for to, exit_ in state.exits.items():
            out = f"{place}.exits.{to}"
            if to not in journey.states:
                yield (out, f"`{to}`, which is not one of its states", known, "")
            if to == name:
                yield (out, "an exit that leads back to its own state", "another state", "")
            yield from _effect(out, exit_.chance is not None, exit_.effect, exit_.without, True)
            sure = _sure(exit_)
            total = [total[0] + sure[0], total[1] + sure[1]]
        for sum_, words in zip(total, ("with the service", "without it"), strict=True):
            if sum_ > 1.0 + ROUNDING:
                yield (f"{place}.exits", f"chances {words} that add up to {100 * sum_:.6g}%",
                       "at most 100%; what is left stays", "")  # fmt: skip


def oddities(all_: Population) -> Iterator[Fault]:
    """What may be meant: competing exits that leave no room for what is uncertain about them."""
    for journey, item in all_.journeys.items():
        for name, state in item.states.items():
            exits = list(state.exits.values())
            if len(exits) > 1 and not all(_certain(exit_) for exit_ in exits) and any(
                sum(chances) >= 1.0 - ROUNDING for chances in zip(*map(_sure, exits), strict=True)
            ):
                yield (f"journeys.{journey}.states.{name}.exits", "uncertain chances that come to "
                       "100% on average: in a trial in which they come to more, the later ones get "
                       "what is left", "", "")  # fmt: skip


def _certain(exit_: Exit) -> bool:
    """Whether no chance of an exit is uncertain."""
    stated = [exit_.without, *([] if exit_.chance is None else [exit_.chance])]
    stated += [] if exit_.effect is None else exit_.effect.ratios().values()
    return all(quantity.is_fixed for quantity in stated)


def _sure(exit_: Exit) -> tuple[float, float]:
    """Chance with and without at the means."""
    p = exit_.without.mean
    if exit_.chance is not None:
        return exit_.chance.mean, p
    stated = {} if exit_.effect is None else exit_.effect.ratios()
    for name, value in stated.items():
        q = SURE[name](p, value.mean)
        return min(max(q, 0.0), 1.0), p
    return p, p


SURE: dict[str, Callable[[float, float], float]] = {
    "risk_difference": lambda p, r: p + r,
    "risk_ratio": lambda p, r: p * r,
    "odds_ratio": lambda p, r: 1.0 if p >= 1.0 else r * p / (1.0 - p + r * p),
    "hazard_ratio": lambda p, r: 1.0 - (1.0 - p) ** r,
}
"""A chance with the service from the one without, as `sibsim.people.effects` has it in arrays,
without loading what arrays need."""


def _effect(
    address: str, chance: bool, effect: Effect | None, without: Quantity, journey: bool
) -> Iterator[Fault]:
    if effect is None:
        return
    stated = effect.ratios()
    if chance and stated:
        yield (f"{address}.effect", f"both `chance` and `effect.{next(iter(stated))}`",
               "one of the two", "")  # fmt: skip
    if len(stated) > 1:
        yield (f"{address}.effect", f"{' and '.join(stated)}", "one effect on the chance", "")
    if not stated and effect.added_days is None:
        yield (f"{address}.effect", "nothing stands here", "an effect", "{risk_ratio: 1.3}")
    ratio, added = effect.hazard_ratio, effect.added_days
    if journey:
        return
    if ratio is not None and not (ratio.is_fixed and without.is_fixed):
        yield (
            f"{address}.effect.hazard_ratio", "an uncertain hazard ratio, or an uncertain chance "
            "beside one, on a milestone", "plain numbers here; uncertain ones on a journey's exit",
            "",
        )  # fmt: skip
    if added is not None and not added.is_fixed:
        yield (f"{address}.effect.added_days", "an uncertain number of days on a milestone",
               "a plain number here; an uncertain one on a journey's exit", "")  # fmt: skip


def _during(address: str, journey: str, state: str, journeys: Mapping[str, Journey]
            ) -> Iterator[Fault]:  # fmt: skip
    if journey in journeys and state not in journeys[journey].states:
        yield (f"{address}.state", f'"{state}", which is no state of `{journey}`',
               ", ".join(journeys[journey].states), "")  # fmt: skip


def _series(address: str, series: Series, journeys: Mapping[str, Journey]) -> Iterator[Fault]:
    if series.rate is not None and series.rate_ratio is not None:
        yield (address, "both `rate` and `rate_ratio`", "one of the two", "")
    yield from _season(address, series.season)
    if series.during is not None:
        yield from _during(f"{address}.during", series.during.journey, series.during.state,
                           journeys)  # fmt: skip


def _score(address: str, score: Score) -> Iterator[Fault]:
    days = [when.mean for when in score.assessed]
    if any(b <= a for a, b in pairwise(days)):
        yield (f"{address}.assessed", "assessments that do not rise", "each later than the one "
               "before", "")  # fmt: skip
    if score.low is not None and score.high is not None and score.low.mean >= score.high.mean:
        yield (f"{address}.high", "a highest score that is not above the lowest", "above `low`", "")


def _outcome(address: str, outcome: AnyOutcome, all_: Population) -> Iterator[Fault]:
    if isinstance(outcome, Outcome):
        yield from _milestone(address, outcome, all_)
    elif isinstance(outcome, Reached | Sustained | DaysIn):
        yield from _during(address, outcome.journey, outcome.state, all_.journeys)
    elif isinstance(outcome, ChangeIn | Improved | Maintained | Deteriorated):
        score = all_.scores.get(outcome.score)
        if score is None:
            return
        days = [when.mean for when in score.assessed]
        if outcome.at.mean not in days[1:]:
            yield (f"{address}.at", "no assessment at that time after the first",
                   f"one of the times under `scores.{outcome.score}.assessed`", "")  # fmt: skip


def _milestone(address: str, outcome: Outcome, all_: Population) -> Iterator[Fault]:
    if outcome.chance is None and (outcome.effect is None or not outcome.effect.ratios()):
        yield (address, "`chance` is missing (chance of reaching it with the service)",
               "`chance`, or an `effect` on the chance", "chance: 45%")  # fmt: skip
    yield from _effect(address, outcome.chance is not None, outcome.effect, outcome.without, False)
    if (outcome.after is None) == (outcome.sustained is None):
        none = outcome.after is None
        found = "no waiting time" if none else "both `after` and `sustained`"
        hint = "after: 6 months" if none else "take one of them out"
        yield (address, found, "one of `after` and `sustained`", hint)
    if outcome.sustained is not None and outcome.follows is None:
        yield (
            f"{address}.sustained", "nothing to sustain",
            "`sustained` goes with `follows`", "after: 6 months",
        )  # fmt: skip
    hangs_on = {"follows": outcome.follows,
                "given.outcome": outcome.given.outcome if outcome.given else None}  # fmt: skip
    for key, name in hangs_on.items():
        other = all_.outcomes.get(name) if name is not None else None
        if other is not None and not isinstance(other, Outcome | Reached | Sustained):
            yield (
                f"{address}.{key}", f"`{name}`, which is not something that a person reaches",
                "a milestone, or an outcome with `read: reached` or `sustained`", "",
            )  # fmt: skip


def is_plain(all_: Population) -> bool:
    """Whether there are milestones only, with the same chances for everybody, and no waiting."""
    sections = (all_.providers, all_.journeys, all_.events, all_.scores, all_.visits, all_.shocks)
    return (
        not any(sections)
        and all(_alike(cohort) for cohort in all_.people.values())
        and all(_alone(outcome) for outcome in all_.outcomes.values())
    )


def _alike(cohort: Cohort) -> bool:
    """Whether everybody in a cohort has the same chances and is served for as long."""
    return (
        not cohort.segments
        and cohort.spread.is_fixed and cohort.spread.mean == 0.0
        and cohort.eligible.is_fixed and cohort.eligible.mean == 1.0
        and (cohort.stay is None or cohort.stay.is_fixed)
    )  # fmt: skip


def _alone(outcome: AnyOutcome) -> bool:
    """Whether an outcome is a milestone whose chance and wait are those of everybody."""
    if not isinstance(outcome, Outcome) or outcome.given is not None:
        return False
    effect = outcome.effect
    return effect is None or (effect.hazard_ratio is None and effect.added_days is None)
