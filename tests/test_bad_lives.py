"""Bad input about people: each mistake in a journey, a list, a score is named by its address."""

from __future__ import annotations

import copy
import threading
from typing import Any

import pytest
from click.testing import CliRunner

import sibsim
from sibsim import simulation
from sibsim.cli import main
from sibsim.errors import RefusedError, ScenarioError

DEAL: dict[str, Any] = {
    "sibsim": 1, "title": "Lives", "programme": {"start": "2027-04", "months": 24},
    "people": {"all": {
        "referrals": 20, "over": "6 months", "served_by": {"north": "60%", "south": "40%"},
        "segments": {"easy": {"share": "70%", "odds": {"housing": 1.5}}, "hard": {"share": "30%"}},
    }},
    "providers": {"north": {"places": 5}, "south": {"caseworkers": {
        "one": {"number": 2, "caseload": 4, "from": "1 month", "until": "20 months"}}}},
    "journeys": {"housing": {"begins": "street", "states": {
        "street": {"exits": {"home": {"without": "40%", "chance": "60%", "after": "90 days"},
                             "died": {"without": "5%", "after": "1 year"}}},
        "home": {"exits": {"street": {"without": "30%", "after": "200 days"}}},
        "died": {"ends": "everything"},
    }}},
    "events": {"arrests": {"without": "2 a year", "rate_ratio": 0.8, "during": {
        "journey": "housing", "state": "home", "rate_ratio": 0.5}}},
    "scores": {"star": {"start": 40, "without": "-3 a year", "low": 0, "high": 100,
                        "assessed": ["0 days", "6 months"]}},
    "outcomes": {
        "work": {"chance": "40%", "without": "20%", "after": "30 days"},
        "housed": {"read": "reached", "journey": "housing", "state": "home"},
        "better": {"read": "improved", "score": "star", "at": "6 months", "by": 5},
        "nights": {"read": "days_in", "journey": "housing", "state": "home"},
    },
    "contract": {"pays": {"pay": "per_outcome", "for": "housed", "price": "£10"}},
}  # fmt: skip

SEGMENTS = "people.all.segments"
STREET = "journeys.housing.states.street"

FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"people.all.served_by": {"north": "60%", "south": "30%"}},
     "people.all.served_by: shares that add up to 90% / allowed: shares that add up to 100%"),
    ({f"{SEGMENTS}.hard.share": "40%"}, "segments: shares that add up to 110%"),
    ({f"{SEGMENTS}.easy.odds": {"better": 2}},
     "segments.easy.odds.better: `better` is no milestone, journey or series of events"),
    ({"people.all.served_by": None, "people.all.patience": "10 days"},
     "people.all.patience: nobody to wait for"),
    ({"people.all.served_by": "west"}, "people.all.served_by"),
    ({"people.all.choice": "shortest_list", "people.all.served_by": "north"},
     "people.all.choice: no lists to choose between"),
    ({"people.all.season": [0] * 12}, "people.all.season: twelve months of nothing"),
    ({"people.all.season": [1] * 11}, "people.all.season"),
    ({"providers.north.places": 0}, 'providers.north.places: "0", which is below 1'),
    ({"providers.north.places": None}, "providers.north"),
    ({"providers.south.places": 5}, "providers.south: both `places` and `caseworkers`"),
    ({"providers.south.caseworkers.one.caseload": 0},
     'providers.south.caseworkers.one.caseload: "0", which is below 1'),
    ({"providers.south.caseworkers.one.number": 0},
     'providers.south.caseworkers.one.number: "0", which is below 1'),
    ({"providers.south.caseworkers.one.until": "1 month"},
     "providers.south.caseworkers.one.until: an end before the beginning"),
    ({"journeys.housing.states.lost": {"exits": {"home": {"without": "5%", "after": "1 day"}}}},
     "journeys.housing.states.lost: a state that cannot be reached"),
    ({f"{STREET}.exits.home.chance": "96%"},
     f"{STREET}.exits: chances with the service that add up to 101% / allowed: at most 100%"),
    ({f"{STREET}.exits.home.without": "96%"},
     f"{STREET}.exits: chances without it that add up to 101%"),
    ({f"{STREET}.exits.died.effect": {"risk_ratio": 9}},
     f"{STREET}.exits: chances with the service that add up to 105%"),
    ({f"{STREET}.exits.home.effect": {"risk_ratio": 2}}, "both `chance` and `effect.risk_ratio`"),
    ({f"{STREET}.exits.died.effect": {"risk_ratio": 2, "odds_ratio": 2}},
     "one effect on the chance"),
    ({f"{STREET}.exits.street": {"without": "5%", "after": "1 day"}},
     "an exit that leads back to its own state"),
    ({f"{STREET}.exits.palace": {"without": "5%", "after": "1 day"}},
     "`palace`, which is not one of its states / allowed: street, home, died"),
    ({f"{STREET}.exits.died.after": {"loglogistic": {"median": "1 year", "shape": 0.9}}},
     "a wait with no mean"),
    ({f"{STREET}.ends": "service"}, "an end in a state in which people begin"),
    ({"journeys.housing.begins": "palace"}, "journeys.housing.begins"),
    ({"journeys.housing.states.died.exits": {"home": {"without": "5%", "after": "1 day"}}},
     "a way back from the end of everything"),
    ({"journeys.second": {"begins": "a", "states": {
        "a": {"exits": {"b": {"without": "5%", "after": "1 day"}}}, "b": {"ends": "contact"}}}},
     "journeys.second.states.b.ends: an end in a later journey"),
    ({"events.arrests.rate": "1 a year"}, "events.arrests: both `rate` and `rate_ratio`"),
    ({"events.arrests.during.state": "palace"}, "events.arrests.during.state"),
    ({"events.arrests.without": "-1 a year"},
     'events.arrests.without: "-1 a year", which is below 0'),
    ({"scores.star.assessed": ["6 months", "0 days"]},
     "scores.star.assessed: assessments that do not rise"),
    ({"scores.star.low": 100}, "scores.star.high: a highest score that is not above the lowest"),
    ({"outcomes.better.at": "7 months"}, "outcomes.better.at: no assessment at that time"),
    ({"outcomes.housed.state": "palace"}, "outcomes.housed.state"),
    ({"outcomes.work.follows": "nights"},
     "outcomes.work.follows: `nights`, which is not something that a person reaches"),
    ({"outcomes.work.given": {"outcome": "better", "odds_ratio": 2}},
     "outcomes.work.given.outcome: `better`"),
    ({"outcomes.work.chance": None}, "outcomes.work: `chance` is missing"),
    ({"outcomes.work.effect": {"risk_ratio": 2}}, "both `chance` and `effect.risk_ratio`"),
]  # fmt: skip


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    """The deal with other values at some addresses; None takes one out."""
    made = copy.deepcopy(DEAL)
    for address, value in changes.items():
        *path, last = address.split(".")
        here = made
        for name in path:
            here = here.setdefault(name, {})
        if value is None:
            here.pop(last)
        else:
            here[last] = value
    return made


def test_the_deal_itself_is_valid() -> None:
    deal = sibsim.load(DEAL)
    assert sibsim.run(deal, trials=3, seed=1).trials == 3


@pytest.mark.parametrize(("changes", "said"), FAULTS, ids=[said[:60] for _, said in FAULTS])
def test_one_mistake_is_named_by_its_address(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        sibsim.load(changed(changes))
    assert said in str(caught.value)


def test_an_effect_on_what_is_certain() -> None:
    """A risk difference beside a chance of 100 % is no power of nil."""
    deal = sibsim.load(changed({"journeys.housing.states.home.exits.street": {
        "without": "100%", "effect": {"risk_difference": "-1%"}, "after": "20 days"}}))  # fmt: skip
    assert sibsim.run(deal, trials=2, seed=1).trials == 2


@pytest.mark.parametrize(("chance", "odd"), [
    ({"beta": {"mean": "95%", "sd": "2%"}}, True), ("95%", False),
    ({"beta": {"mean": "80%", "sd": "2%"}}, False),
])  # fmt: skip
def test_uncertain_exits_without_room_are_odd(chance: Any, odd: bool) -> None:
    from sibsim.scenario.file import check

    data = changed({f"{STREET}.exits.home.chance": chance})
    said = [warning.text("") for warning in check(data).warnings]
    assert any("uncertain chances that come to 100% on average" in text for text in said) == odd


def test_a_circle_of_outcomes() -> None:
    step = {"chance": "40%", "without": "20%", "after": "30 days"}
    with pytest.raises(ScenarioError, match="a circle: one -> other -> one"):
        sibsim.load(changed({"outcomes.one": step | {"follows": "other"},
                             "outcomes.other": step | {"given": {
                                 "outcome": "one", "odds_ratio": 2}}}))  # fmt: skip


def test_a_population_beyond_memory_says_what_it_would_need() -> None:
    deal = sibsim.load(changed({"people.all.referrals": 1_000_000,
                                "events.arrests.without": "200 a year",
                                "outcomes.caught": {"read": "number_of", "events": "arrests"}}))
    for engine in ("fast", "simpy"):
        with pytest.raises(RefusedError, match=r"people: 1,000,000 people.*GiB.*single trial"):
            sibsim.run(deal, trials=1, seed=1, engine=engine)


def test_a_shortest_list_is_refused_by_address(tmp_path: Any) -> None:
    import json

    path = tmp_path / "deal.json"
    path.write_text(json.dumps(changed({"people.all.choice": "shortest_list"})))
    done = CliRunner().invoke(main, ["run", str(path), "--trials", "2", "--seed", "1"])
    assert done.exit_code == 5
    assert "people.all.choice: shortest_list" in done.stderr
    assert "--engine simpy" in done.stderr
    assert not done.stdout


def test_a_worker_that_fails_ends_the_run_with_its_message(monkeypatch: Any) -> None:
    """Blocks are done by threads, so none can be killed alone; one that fails stops the others."""
    deal = sibsim.load(DEAL)
    done: list[int] = []
    settle = simulation.settle_block

    def failing(deal: Any, drawn: Any, block: Any, luck: Any, **more: Any) -> Any:
        if luck.first >= 3:
            raise MemoryError("no room for block")
        done.append(luck.first)
        return settle(deal, drawn, block, luck, **more)

    monkeypatch.setattr(simulation, "settle_block", failing)
    before = threading.active_count()
    outcomes = simulation.Outcomes(deal, 1, 10_000, 1)
    with pytest.raises(MemoryError, match="no room"):
        simulation.settle(deal, outcomes, workers=2)
    assert len(done) == 3
    assert threading.active_count() == before, "no thread is left behind"
