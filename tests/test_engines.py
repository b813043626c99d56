"""Two engines, one truth: the same journeys, person by person, day by day, to the penny."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from strategies import deals

import sibsim
from sibsim.cli import main
from sibsim.errors import RefusedError
from sibsim.people import des, engine
from sibsim.people.checks import first_beyond, is_plain
from sibsim.people.events import Block, Events
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
        for name in ("start", "left", "end"):
            assert getattr(a, name).tolist() == getattr(b, name).tolist(), name
    assert rows(fast.reached) == rows(slow.reached)
    assert rows(fast.otherwise) == rows(slow.otherwise)


@pytest.mark.parametrize("name", sorted(bundled()))
def test_bundled_deals(name: str) -> None:
    deal = sibsim.load(name)
    if is_plain(deal.population):
        agree(deal, Luck(20_270_401, 7, 3))
    else:
        with pytest.raises(RefusedError, match=first_beyond(deal.population)):
            sibsim.run(deal, trials=1, seed=1, engine="simpy")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deals())
def test_generated_deals(data: dict[str, Any]) -> None:
    agree(sibsim.load(data), Luck(11, 0, 4))


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
