"""Whose result is known: windows, assessments that are missed, people who are not found again.

In: a deal, its drawn evidence, luck, what happened. Out: what those followed had in a window of
months, and how many they are. Not here: the estimate (`sibsim.measuring`), claims.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sibsim.contract.evidence import Others
from sibsim.contract.terms import rests_on
from sibsim.people.events import NEVER, Block, Events
from sibsim.people.outcomes import OfScore
from sibsim.scenario.deal import Scenario
from sibsim.streams import Luck

Table = NDArray[np.bool_]


@dataclass(frozen=True)
class Unknown:
    """Whose result of one outcome is not known, in one cohort.

    Attributes
    ----------
    unseen : ndarray of bool, shape (trials, people)
        What they had of the outcome is not seen.
    left_out : ndarray of bool, shape (trials, people)
        Nor are they counted among the people.
    """

    unseen: Table
    left_out: Table


def loses(design: object) -> bool:
    """Whether a design may not find everybody again."""
    return isinstance(design, Others) and any(
        (chance.values > 0).any() for chance in (design.lost, design.lost_group)
    )


def missed(deal: Scenario, luck: Luck, cohort: str, outcome: str, people: int) -> Table | None:
    """Who misses an assessment that an outcome is read off; None if nobody can.

    Parameters
    ----------
    deal : Scenario
        As written.
    cohort : str
        Its name, or the address of a comparison group.
    people : int
        Columns of the cohort's tables.

    Returns
    -------
    ndarray of bool, shape (trials, people), or None
        The same luck as when people are simulated, whether the assessment's day comes or not.
    """
    item = deal.outcomes[outcome]
    if not isinstance(item, OfScore):
        return None
    score = deal.scores[item.score]
    if score.missed.is_fixed and score.missed.mean == 0.0:
        return None
    share = deal.drawn(luck, ("scores",)).scores[item.score].missed.values[:, None]
    last = next(k for k, when in enumerate(score.assessed) if k and when.mean == item.at.mean)
    address = f"people.{cohort}.scores.{item.score}.assessed"
    made: Table = np.zeros((luck.trials, people), np.bool_)
    for place in (0, last):
        made |= luck.people_uniforms(address, people, place)[:, :, 1] < share
    return made


def lost(
    design: Others, address: str, events: Events, group: bool, people: int, luck: Luck
) -> Table:
    """Who is not found at follow-up, shape (trials, people).

    Parameters
    ----------
    design : Others
        Drawn.
    address : str
        Of the luck.
    events : Events
        One outcome of one cohort, over the whole contract.
    group : bool
        Whether these are the people of the comparison group.
    """
    chance = (design.lost_group if group else design.lost).values[:, None]
    odds = design.lost_odds.values[:, None]
    reached = chance * odds / (1.0 - chance + chance * odds)
    had = np.zeros((luck.trials, people), np.bool_)
    some = events.amount > 0
    had[events.trial[some], events.person[some]] = True
    u = luck.people_uniforms(address, people)[:, :, 0]
    gone: Table = u < np.where(had, reached, chance)
    return gone


class Following:
    """Who is followed in a window of months, and what they are known to have had.

    Parameters
    ----------
    deal, drawn : Scenario
        As written, and with its evidence drawn.
    ours, others : Block
        Those who may be served; those in comparison groups.
    luck : Luck
    """

    def __init__(
        self, deal: Scenario, drawn: Scenario, ours: Block, others: Block, luck: Luck
    ) -> None:
        self.deal, self.drawn, self.ours, self.others, self.luck = deal, drawn, ours, others, luck
        self.unknown: dict[tuple[str | None, int], dict[int, Unknown]] = {}

    def started(self, cohort: str | None, first: int, last: int) -> NDArray[np.int64]:
        """How many of a cohort, or of all, start in a window, shape (trials,)."""
        low, high = self._days(first, last)
        tables = [self.ours.people[k].start for k in self._places(cohort)]
        counts = [between(table, low, high).sum(axis=1) for table in tables]
        made: NDArray[np.int64] = np.sum(counts, axis=0, dtype=np.int64)
        return made

    def began(self, name: str, first: int, last: int) -> NDArray[np.int64]:
        """How many of a comparison group begin in a window, shape (trials,)."""
        start = self.others.people[self._place(name)].start
        made: NDArray[np.int64] = between(start, *self._days(first, last)).sum(axis=1)
        return made

    def served(
        self, evidence: str | None, cohort: str | None, first: int, last: int
    ) -> tuple[Block, NDArray[np.int64]]:
        """What a cohort, or everybody, is known to have had in a window, and how many they are."""
        low, high = self._days(first, last)
        place = None if cohort is None else list(self.deal.people).index(cohort)
        unknown = {k: self._unknown(evidence, k) for k in self._places(cohort)}
        people = np.repeat(self.started(cohort, first, last)[:, None], len(self.deal.outcomes), 1)
        for k, tables in unknown.items():
            _leave_out(people, tables, between(self.ours.people[k].start, low, high))
        if place is None and (first, last) == (0, self.deal.timeline.months):
            block = self.ours
        else:
            inside = (self._inside(e, place, low, high) for e in both(self.ours))
            block = Block(self.ours.first, self.ours.trials, self.ours.people, *inside)
        for k, tables in unknown.items():
            reached, otherwise = (_seen_of(e, k, tables) for e in both(block))
            block = replace(block, reached=reached, otherwise=otherwise)
        return block, people

    def group(self, name: str, first: int, last: int) -> tuple[Events, NDArray[np.int64]]:
        """What a comparison group is known to have had in a window, and how many they are."""
        low, high = self._days(first, last)
        place = self._place(name)
        cohort = len(self.deal.people) + place
        inside = between(self.others.people[place].start, low, high)
        people = np.repeat(inside.sum(axis=1)[:, None], len(self.deal.outcomes), 1)
        unknown = self._unknown(name, cohort)
        _leave_out(people, unknown, inside)
        events = self._inside(self.others.otherwise, cohort, low, high)
        return _seen_of(events, cohort, unknown), people

    def _unknown(self, evidence: str | None, cohort: int) -> dict[int, Unknown]:
        """By outcome, of a cohort or a group by its place, those whose result is not known."""
        key = evidence, cohort
        if key not in self.unknown:
            asked = {c.for_ for item in self.deal.contract.terms.values() for c in rests_on(item)}
            found = {
                place: self._unknown_of(evidence, cohort, place, name)
                for place, name in enumerate(self.deal.outcomes) if name in asked
            }  # fmt: skip
            self.unknown[key] = {k: table for k, table in found.items() if table is not None}
        return self.unknown[key]

    def _unknown_of(
        self, evidence: str | None, cohort: int, place: int, outcome: str
    ) -> Unknown | None:
        served = len(self.deal.people)
        name = [*self.deal.people, *self.deal.comparisons][cohort]
        size = (*self.ours.people, *self.others.people)[cohort].start.shape[1]
        made = missed(self.deal, self.luck, name, outcome, size)
        found = None if made is None else Unknown(made, made)
        design = None if evidence is None else self.drawn.evidence[evidence]
        if not (isinstance(design, Others) and loses(design)):
            return found
        group = cohort >= served
        world = self.others.otherwise if group else self.ours.reached
        rows = world.where((world.cohort == cohort) & (world.outcome == place))
        address = f"evidence.{evidence}.followed" + ("" if group else f".{name}")
        gone = lost(design, address, rows, group, size, self.luck)
        before = np.zeros_like(gone) if found is None else found.unseen
        left_out = before | gone if design.missing == "left_out" else before
        return Unknown(before | gone, left_out)

    def _places(self, cohort: str | None) -> list[int]:
        return [k for k, name in enumerate(self.deal.people) if cohort in (None, name)]

    def _place(self, name: str) -> int:
        return list(self.deal.comparisons).index(f"evidence.{name}")

    def _days(self, first: int, last: int) -> tuple[int, int]:
        starts = self.deal.timeline.month_starts
        return int(starts[first]), int(starts[last])

    def _inside(self, events: Events, cohort: int | None, low: int, high: int) -> Events:
        inside = between(events.day, low, high)
        if cohort is not None:
            inside &= events.cohort == cohort
        return events.where(inside)


def both(block: Block) -> tuple[Events, Events]:
    """What there was with the service, and without it."""
    return block.reached, block.otherwise


def between(days: NDArray[np.int16], low: int, high: int) -> Table:
    """Which days are in ``low .. high - 1``."""
    made: Table = (days >= low) & (days < high) & (days < NEVER)
    return made


def _leave_out(
    people: NDArray[np.int64], unknown: dict[int, Unknown], inside: NDArray[np.bool_]
) -> None:
    """Take those off the numbers of people, by outcome, who are left out."""
    for outcome, tables in unknown.items():
        people[:, outcome] -= (inside & tables.left_out).sum(axis=1)


def _seen_of(events: Events, cohort: int, unknown: dict[int, Unknown]) -> Events:
    """The rows but for those of people of a cohort whose result is not known."""
    if not unknown:
        return events
    seen = np.ones(len(events), np.bool_)
    for outcome, tables in unknown.items():
        mine = np.flatnonzero((events.cohort == cohort) & (events.outcome == outcome))
        seen[mine] = ~tables.unseen[events.trial[mine], events.person[mine]]
    return events.where(seen)
