"""Delivery stops early: what was before stays as it was, in both engines, and what comes after."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conftest import tiny_data
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lives_strategies import lives
from numpy.typing import NDArray
from strategies import deals

import sibsim
from sibsim.people import des, engine
from sibsim.people.events import NEVER, Block, Events, People
from sibsim.people.heads import count_heads
from sibsim.scenario.deal import Scenario
from sibsim.scenario.file import bundled
from sibsim.simulation import Outcomes, settle, simulate, with_stops
from sibsim.streams import Luck

TABLES = ("start", "left", "end", "arrived", "gave_up", "closed_out")


def walked(deal: Scenario, luck: Luck, stops: Any = None, by: Any = engine) -> Block:
    """Some trials of a deal, with delivery stopped on some days."""
    days = None if stops is None else np.array(stops, np.int64)
    found: Block = by.simulate_block(deal.drawn(luck).population, deal.timeline, luck, days)
    return found


def rows(events: Events, chosen: NDArray[np.bool_] | None = None) -> list[tuple[Any, ...]]:
    """Events as sorted rows."""
    kept = events if chosen is None else events.where(chosen)
    return sorted(zip(*(column.tolist() for column in kept.columns()), strict=True))


def same(one: Block, other: Block) -> None:
    """Hold every fact of two blocks together."""
    for a, b in zip(one.people, other.people, strict=True):
        assert a.referred.tolist() == b.referred.tolist()
        for name in TABLES:
            mine, theirs = getattr(a, name), getattr(b, name)
            assert (mine is None) == (theirs is None), name
            assert mine is None or mine.tolist() == theirs.tolist(), name
    assert rows(one.reached) == rows(other.reached)
    assert rows(one.otherwise) == rows(other.otherwise)


def law(deal: Scenario, luck: Luck, stops: list[int]) -> None:
    """All that was before the stop is as it was; nothing is delivered after; engines agree."""
    never, stopped = walked(deal, luck), walked(deal, luck, stops)
    same(stopped, walked(deal, luck, stops, des))
    contract, served = deal.timeline.contract_days, len(deal.people)
    last = np.array([stop if stop < contract else NEVER for stop in stops])
    for place, (was, is_) in enumerate(zip(never.people, stopped.people, strict=True)):
        if place < served:
            people_before(was, is_, last, contract)
        else:  # a comparison group is nobody's service
            assert (is_.start == was.start).all() and (is_.end == was.end).all()
            assert (is_.referred == was.referred).all() and is_.closed_out is None
    was, is_ = never.reached, stopped.reached
    kept = [(e.day < last[e.trial]) | (e.cohort >= served) for e in (was, is_)]
    assert rows(was, kept[0]) == rows(is_, kept[1])
    late = is_.served & (is_.day > last[is_.trial])
    assert not (late & (of_whom(stopped, is_, "closed_out") < NEVER)).any()
    # Without the service all stays as it was, to the contract's end, for all who start.
    was, is_ = never.otherwise, stopped.otherwise
    starts = of_whom(never, was, "start") < last[was.trial]
    assert rows(was, starts | (was.cohort >= served)) == rows(is_)


def of_whom(block: Block, events: Events, name: str) -> NDArray[np.int16]:
    """For each event a day of its person."""
    found = np.full(len(events), NEVER)
    for place, people in enumerate(block.people):
        mine, days = events.cohort == place, getattr(people, name)
        if days is not None:
            found[mine] = days[events.trial[mine], events.person[mine]]
    return found


def people_before(was: People, is_: People, last: NDArray[Any], contract: int) -> None:
    """One cohort's days: before the stop as they were, and none after."""
    stop, free = np.broadcast_to(last[:, None], was.start.shape), last == NEVER
    for name in ("start", "arrived", "gave_up"):
        one, other = getattr(was, name), getattr(is_, name)
        assert one is None or (other == np.where(one < stop, one, NEVER)).all(), name
    started = was.start < stop
    assert (is_.end == np.where(started, np.minimum(was.end, stop), NEVER)).all()
    closed = np.full_like(was.start, NEVER) if is_.closed_out is None else is_.closed_out
    assert (closed == stop)[started & (was.end > stop)].all()
    assert (closed == NEVER)[~started | (was.end < stop)].all()
    assert ((closed == NEVER) | ((is_.end == closed) & (is_.left == NEVER))).all()
    over = started & (was.end < stop)  # their lives go on as they would have
    assert (is_.left == was.left)[over | free[:, None]].all()
    heads = count_heads(is_, contract)
    parts = ("left", "closed_out", "in_service", "completed")
    assert (np.sum([heads[name] for name in parts], axis=0) == heads["started"]).all()
    assert (heads["in_service"][~free] == 0).all()
    assert (is_.referred <= was.referred).all()
    assert (is_.referred[free] == was.referred[free]).all()


STOPS = st.lists(st.integers(0, 700), min_size=3, max_size=3)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(lives(), STOPS)
def test_what_was_before_the_stop_stays(data: dict[str, Any], stops: list[int]) -> None:
    law(sibsim.load(data), Luck(11, 0, 3), stops)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(deals(), STOPS)
def test_the_same_of_people_who_are_all_alike(data: dict[str, Any], stops: list[int]) -> None:
    law(sibsim.load(data), Luck(11, 0, 3), stops)


@pytest.mark.slow
@settings(max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(lives(), deals()), STOPS)
def test_many_stops(data: dict[str, Any], stops: list[int]) -> None:
    law(sibsim.load(data), Luck(11, 2**32 - 1, 3), stops)


DEALS = ("denver", "homecare-reablement", "i-aspire", "peterborough", "work-and-health")


@pytest.mark.parametrize("name", DEALS)
def test_bundled_deals(name: str) -> None:
    assert name in bundled()
    deal = sibsim.load(name).replace({"people.*.referrals": 40})
    groups = [key for key, design in deal.evidence.items() if hasattr(design, "group")]
    deal = deal.replace({f"evidence.{key}.group": 50 for key in groups})
    end = deal.timeline.contract_days
    law(deal, Luck(20_270_401, 7, 3), [end // 3, end, end // 2 + 11])


@pytest.mark.parametrize("name", ["denver", "i-aspire"])
@pytest.mark.parametrize("later", [0, 1, 40_000])
def test_a_stop_at_the_end_or_after_it_is_none(name: str, later: int) -> None:
    deal = sibsim.load(name).replace({"people.*.referrals": 9})
    luck = Luck(3, 0, 4)
    stops = [deal.timeline.contract_days + later] * 4
    for by in (engine, des):
        same(walked(deal, luck, by=by), walked(deal, luck, stops, by))


# --- worked out by hand ---------------------------------------------------------------------------


def one_day(**sections: Any) -> Scenario:
    """Three people, all referred on the first day, for a contract of a year from April 2027."""
    data: dict[str, Any] = {
        "sibsim": 1, "title": "Stopped", "programme": {"start": "2027-04", "months": 12},
        "people": {"all": {"referrals": 3, "over": "1 day"}},
        "outcomes": {"o": {"chance": "0%", "without": "0%", "after": "1 day"}},
        "contract": {"fee": {"pay": "fee", "amount": "£1 a month"}},
    }  # fmt: skip
    for key, value in sections.items():
        data[key] = {"all": {"referrals": 3, "over": "1 day", **value}} if key == "who" else value
    data["people"] = data.pop("who", data["people"])
    return sibsim.load(data)


def of_one(subject: Scenario, stop: int) -> list[tuple[int, int, bool, int]]:
    """Outcome, day, served, amount of what the first person reaches with the service."""
    events = walked(subject, Luck(1, 0, 1), [stop]).reached
    mine = events.where(events.person == 0)
    return sorted(zip(mine.outcome.tolist(), mine.day.tolist(), mine.served.tolist(),
                      mine.amount.tolist(), strict=True))  # fmt: skip


def test_a_milestone_comes_as_without_the_service() -> None:
    work = {"chance": "100%", "without": "100%", "after": "60 days", "after_without": "200 days"}
    subject = one_day(outcomes={"work": work})
    assert of_one(subject, 366) == [(0, 60, True, 1)]
    assert of_one(subject, 60) == [(0, 60, True, 1)]  # as on the day of dropping out
    assert of_one(subject, 59) == [(0, 200, False, 1)]
    assert of_one(subject, 0) == []  # nobody starts
    ended = one_day(outcomes={"work": work}, who={"stay": "30 days"})
    assert of_one(ended, 40) == [(0, 60, True, 1)]  # who has completed it keeps its effect


def test_a_journey_goes_on_without_the_service() -> None:
    # On the street for 40 days, then 100 in a tenancy: days 40 to 139. Nobody leaves the street
    # without the service. Day 40 is 11 May: months begin on days 30, 61, 91 and 122.
    states = {
        "street": {"exits": {"tenancy": {"chance": "100%", "without": "0%", "after": "40 days"}}},
        "tenancy": {"exits": {"street": {"without": "100%", "after": "100 days"}}},
    }
    subject = one_day(
        journeys={"home": {"begins": "street", "states": states}},
        outcomes={
            "in": {"read": "reached", "journey": "home", "state": "tenancy", "times": "each"},
            "stays": {"read": "sustained", "journey": "home", "state": "tenancy",
                      "lasting": "60 days"},
            "days": {"read": "days_in", "journey": "home", "state": "tenancy"},
        },
    )  # fmt: skip
    assert of_one(subject, 50) == [
        (0, 40, True, 1), (1, 100, False, 1),
        (2, 50, True, 11), (2, 60, False, 10), (2, 90, False, 30), (2, 121, False, 31),
        (2, 139, False, 18),
    ]  # fmt: skip
    assert of_one(subject, 39) == []


@pytest.mark.parametrize(("lasts", "days"), [(None, 31), ("20 days", 51)])
def test_the_effect_is_over_or_fades(lasts: str | None, days: int) -> None:
    # A point a day with the service, from day 0 to the day of being closed out, 30, inclusive.
    subject = one_day(
        who={} if lasts is None else {"lasts": lasts},
        scores={"star": {"start": 50, "without": "0 a year", "change": "365.25 a year",
                         "assessed": ["0 days", "100 days"]}},
        outcomes={"at_100": {"read": "change_in", "score": "star", "at": "100 days"}},
    )  # fmt: skip
    assert of_one(subject, 30) == [(0, 100, False, days)]


def test_the_week_of_visits_that_has_begun_is_the_last() -> None:
    subject = one_day(
        visits={"care": {"a_week": 5, "minutes": 30}},
        outcomes={"made": {"read": "visited", "visits": "care", "count": "delivered"}},
    )
    assert of_one(subject, 7) == [(0, 6, True, 5)]
    assert of_one(subject, 8) == [(0, 6, True, 5), (0, 13, False, 5)]


@pytest.mark.parametrize(
    ("stop", "patience", "start", "closed", "counts"),
    [
        # Two places, four people, 30 days each: two start on day 0, two on day 30.
        (20, None, [0, 0], [20, 20], {"waiting": 2, "closed_out": 2}),
        (30, None, [0, 0], [], {"waiting": 2, "completed": 2}),
        (31, None, [0, 0, 30, 30], [31, 31], {"completed": 2, "closed_out": 2}),
        (11, "10 days", [0, 0], [11, 11], {"gave_up": 2, "closed_out": 2}),
        (10, "10 days", [0, 0], [10, 10], {"waiting": 2, "closed_out": 2}),
        (0, None, [], [], {}),
        (366, None, [0, 0, 30, 30], [], {"completed": 4}),
    ],
)
def test_the_list_is_closed(
    stop: int, patience: str | None, start: list[int], closed: list[int], counts: dict[str, int]
) -> None:
    more = {} if patience is None else {"patience": patience}
    subject = one_day(
        who={"referrals": 4, "stay": "30 days", "served_by": "team", **more},
        providers={"team": {"places": 2}},
    )
    found = walked(subject, Luck(1, 0, 1), [stop]).people[0]
    assert sorted(found.start[found.start < NEVER].tolist()) == start
    out = np.zeros(0) if found.closed_out is None else found.closed_out
    assert sorted(out[out < NEVER].tolist()) == closed
    heads = {name: int(many[0]) for name, many in count_heads(found, 366).items()}
    due = {"waiting", "gave_up", "completed", "closed_out", "left", "in_service"}
    assert {name: heads[name] for name in due} == {name: counts.get(name, 0) for name in due}


def test_referrals_are_counted_up_to_the_stop() -> None:
    # The share referred by the end of day d is (d + 1) / 183, whether people engage or not.
    data = tiny_data()
    data["people"]["young"] |= {"over": "183 days", "engage": "50%"}
    luck = Luck(5, 0, 40)
    u = luck.people_uniforms("people.young.referred", 20)[:, :, 0]
    for more in ({}, {"spread": 0.5}):  # the one walk, and the other
        data["people"]["young"] |= more
        subject = sibsim.load(data)
        found = walked(subject, luck, [90] * 39 + [365]).people[0]
        assert found.referred[:39].tolist() == (u < 90 / 183).sum(axis=1)[:39].tolist()
        assert found.referred[39] == 20
        assert 0 < (found.start[:39] < NEVER).sum() < found.referred[:39].sum()


# --- through simulate and settle ------------------------------------------------------------------


def test_only_blocks_with_a_stop_are_simulated_again(tiny: Scenario) -> None:
    outcomes = simulate(tiny, trials=20, seed=4, block_trials=6)
    stops = np.full(20, 400)
    stops[8], stops[19] = 100, 0
    stopped = with_stops(outcomes, stops)
    lucks = list(outcomes.lucks())
    again = [stopped.block(luck) is not outcomes.block(luck) for luck in lucks]
    assert again == [False, True, False, True]
    fresh = Outcomes(tiny, 4, 20, 20, stops=stopped.stops)
    whole = fresh.block(Luck(4, 0, 20))
    closed = np.full((20, 20), NEVER)
    for luck in lucks:
        mine = stopped.block(luck).people[0]
        at = slice(luck.first, luck.first + luck.trials)
        assert (mine.start == whole.people[0].start[at]).all()
        closed[at] = NEVER if mine.closed_out is None else mine.closed_out
    assert (closed == whole.people[0].closed_out).all()
    assert (closed[8] == 100).any() and (closed[[7, 9, 19]] == NEVER).all()
    none = with_stops(stopped, None)
    for luck in lucks:
        same(none.block(luck), outcomes.block(luck))
    assert with_stops(outcomes, np.full(20, 366)).stops is None


@pytest.mark.parametrize("stops", [[1, 2], [1.5, 2, 3], [-1, 2, 3], [[1, 2, 3]], [True] * 3, "abc"])
def test_stops_that_are_none(tiny: Scenario, stops: Any) -> None:
    outcomes = simulate(tiny, trials=3, seed=4)
    with pytest.raises(sibsim.UsageError, match="one whole day of 0 or more for each of 3 trials"):
        with_stops(outcomes, stops)


def test_the_money_of_the_months_before_is_the_same(tiny: Scenario) -> None:
    outcomes = simulate(tiny, trials=50, seed=4)
    starts = tiny.timeline.month_starts
    stopped = settle(tiny, with_stops(outcomes, np.full(50, starts[5])))
    whole = settle(tiny, outcomes)
    for one, other in zip(whole.tables.ledger, stopped.tables.ledger, strict=True):
        if one.line in ("outcome payments", "delivery costs"):
            assert (one.amount[:, :5] == other.amount[:, :5]).all()
            assert one.amount.sum() > other.amount.sum()
    people = stopped.tables.people
    assert (people["closed_out"] == people["started"]).all() and people["closed_out"].any()
    assert not people["in_service"].any() and not people["completed"].any()
