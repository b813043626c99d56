"""Two engines, one truth: the same journeys, person by person, day by day, to the penny."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from lives_strategies import lives
from strategies import deals

import sibsim
from sibsim.cli import main
from sibsim.errors import RefusedError
from sibsim.people import des, engine
from sibsim.people.events import NEVER, Block, Events
from sibsim.scenario.deal import Scenario
from sibsim.scenario.file import bundled
from sibsim.streams import Luck


def rows(events: Events) -> list[tuple[Any, ...]]:
    """Events as sorted rows."""
    return sorted(zip(*(column.tolist() for column in events.columns()), strict=True))


def both(deal: Scenario, luck: Luck) -> tuple[Block, Block]:
    """The same trials by both engines."""
    drawn = deal.drawn(luck)
    return (
        engine.simulate_block(drawn.population, deal.timeline, luck),
        des.simulate_block(drawn.population, deal.timeline, luck),
    )


def agree(deal: Scenario, luck: Luck) -> None:
    """Hold every fact of the two engines together."""
    fast, slow = both(deal, luck)
    for a, b in zip(fast.people, slow.people, strict=True):
        assert a.referred.tolist() == b.referred.tolist()
        for name in ("start", "left", "end", "arrived", "gave_up"):
            one, other = getattr(a, name), getattr(b, name)
            assert (one is None) == (other is None), name
            assert one is None or one.tolist() == other.tolist(), name
    assert rows(fast.reached) == rows(slow.reached)
    assert rows(fast.otherwise) == rows(slow.otherwise)


@pytest.mark.parametrize("name", sorted(bundled()))
def test_bundled_deals(name: str) -> None:
    deal = sibsim.load(name)
    people = sum(cohort.referrals.mean for cohort in deal.population.people.values())
    if people > 1_500:  # event by event the rest would take a minute, and are no other
        deal = deal.replace({"people.*.referrals": {"times": "25%"}, **{
            f"evidence.{key}.group": 500
            for key, design in deal.evidence.items() if hasattr(design, "group")
        }})  # fmt: skip
    agree(deal, Luck(20_270_401, 7, 2))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deals())
def test_generated_deals(data: dict[str, Any]) -> None:
    agree(sibsim.load(data), Luck(11, 0, 4))


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(lives())
def test_generated_lives(data: dict[str, Any]) -> None:
    """Journeys, events, scores, visits, lists, segments, shocks: person by person the same."""
    agree(sibsim.load(data), Luck(11, 0, 3))


@pytest.mark.slow
@settings(max_examples=4_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(lives())
def test_many_generated_lives(data: dict[str, Any]) -> None:
    agree(sibsim.load(data), Luck(11, 2**32 - 1, 3))


@pytest.mark.slow
@settings(max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deals())
def test_many_generated_deals(data: dict[str, Any]) -> None:
    agree(sibsim.load(data), Luck(11, 2**32 - 2, 4))


def test_a_whole_run_is_the_same_to_the_penny(tiny: Scenario) -> None:
    fast, slow = (sibsim.run(tiny, trials=25, seed=3, engine=name) for name in ("fast", "simpy"))
    for a, b in zip(fast.tables.ledger, slow.tables.ledger, strict=True):
        assert (a.amount == b.amount).all(), a.line
    assert fast.frame().equals(slow.frame())


def test_the_command_takes_either_engine() -> None:
    words = ["run", "minimal", "--trials", "8", "--seed", "2", "--json", "-", "--engine"]
    fast, slow = (CliRunner().invoke(main, [*words, name]) for name in ("fast", "simpy"))
    assert fast.exit_code == slow.exit_code == 0
    assert fast.stdout == slow.stdout
    assert CliRunner().invoke(main, [*words, "slow"]).exit_code == 2


def test_an_unknown_engine_is_named(tiny: Scenario) -> None:
    with pytest.raises(sibsim.UsageError, match="fast, simpy"):
        sibsim.run(tiny, trials=1, seed=1, engine="quick")


SHORTEST: dict[str, Any] = {
    "sibsim": 1, "title": "Two lists", "programme": {"start": "2027-04", "months": 12},
    "people": {"all": {"referrals": 60, "over": "300 days", "stay": "40 days",
                       "served_by": {"north": "50%", "south": "50%"}, "choice": "shortest_list"}},
    "providers": {"north": {"places": 3}, "south": {"places": 5}},
    "outcomes": {"work": {"chance": "40%", "without": "20%", "after": "30 days"}},
    "contract": {"work": {"pay": "per_outcome", "for": "work", "price": "£10"}},
}  # fmt: skip


def test_what_only_one_engine_can_do_is_refused_by_the_other() -> None:
    deal = sibsim.load(SHORTEST)
    with pytest.raises(RefusedError, match=r"people\.all\.choice.*--engine simpy"):
        sibsim.run(deal, trials=1, seed=1)
    assert sibsim.run(deal, trials=2, seed=1, engine="simpy").trials == 2


def test_people_choose_the_list_with_the_most_room() -> None:
    # Worked by hand from the days of referral alone: eight places, served first come first served
    # however they are split, so that nobody waits at one provider while the other has room.
    luck = Luck(5, 0, 1)
    deal = sibsim.load(SHORTEST)
    people = des.simulate_block(deal.drawn(luck).population, deal.timeline, luck).people[0]
    assert people.arrived is not None
    busy: dict[str, list[int]] = {"north": [], "south": []}
    waiting: dict[str, list[int]] = {"north": [], "south": []}
    places = {"north": 3, "south": 5}
    start = [int(NEVER)] * 60
    for day in range(deal.timeline.contract_days):
        for name in busy:
            busy[name] = [end for end in busy[name] if end > day]
        for who in range(60):
            if people.arrived[0, who] == day:
                least = min(busy, key=lambda n: len(waiting[n]) + len(busy[n]) - places[n])
                waiting[least].append(who)
        for name in busy:
            while waiting[name] and len(busy[name]) < places[name]:
                start[waiting[name].pop(0)] = day
                busy[name].append(day + 40)
    assert people.start[0].tolist() == start
    assert sum(day > came for day, came in zip(start, people.arrived[0], strict=True)) > 5
