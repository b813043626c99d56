"""Journeys, events, scores, visits and queues: stories worked out by hand, and laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sibsim
from sibsim.people.events import NEVER, Block
from sibsim.people.tables import gamma_slices, normal_slices
from sibsim.scenario.deal import Scenario
from sibsim.simulation import simulate
from sibsim.streams import Luck


def deal(**sections: Any) -> Scenario:
    """Three people referred on the first day, for a contract of a year, with other sections."""
    data: dict[str, Any] = {
        "sibsim": 1, "title": "Lives", "programme": {"start": "2027-04", "months": 12},
        "people": {"all": {"referrals": 3, "over": "1 day"}},
        "contract": {"fee": {"pay": "fee", "amount": "£1 a month"}},
    }  # fmt: skip
    for key, value in sections.items():
        data[key] = {**data[key], **value} if key == "programme" else value
    return sibsim.load(data)


def block(subject: Scenario, trials: int = 1, seed: int = 1) -> Block:
    """The people of a deal in one block."""
    outcomes = simulate(subject, trials=trials, seed=seed, block_trials=trials)
    return outcomes.block(Luck(seed, 0, trials))


def rows(events: Any) -> list[tuple[int, ...]]:
    """Person, outcome, occurrence, day, served, amount of each row, in order."""
    columns = (events.person, events.outcome, events.occurrence, events.day, events.served,
               events.amount)  # fmt: skip
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


SURE: dict[str, Any] = {
    "home": {
        "begins": "street",
        "states": {
            "street": {
                "exits": {"tenancy": {"chance": "100%", "without": "0%", "after": "40 days"}}
            },
            "tenancy": {
                "exits": {"street": {"chance": "100%", "without": "100%", "after": "100 days"}}
            },
        },
    }
}


def test_a_certain_journey_by_hand() -> None:
    # Street for 40 days, a tenancy for 100, and so on; April to March has 366 days.
    # In a tenancy on days 40-139, 180-279 and 320-365.
    subject = deal(
        journeys=SURE,
        outcomes={
            "moves_in": {"read": "reached", "journey": "home", "state": "tenancy", "times": "each"},
            "stays": {"read": "sustained", "journey": "home", "state": "tenancy",
                      "lasting": "60 days", "times": "each"},
            "days": {"read": "days_in", "journey": "home", "state": "tenancy"},
        },
    )  # fmt: skip
    found = block(subject)
    one = [row[1:] for row in rows(found.reached) if row[0] == 0]
    assert [row[2] for row in one if row[0] == 0] == [40, 180, 320]
    assert [row[2] for row in one if row[0] == 1] == [100, 240]
    days = [(row[2], row[4]) for row in one if row[0] == 2]
    # April has 30 days, May 31: day 40 is 11 May. Pieces end with the months.
    assert days[:4] == [(60, 21), (90, 30), (121, 31), (139, 18)]
    assert sum(amount for _, amount in days) == 100 + 100 + 46
    assert rows(found.otherwise) == []  # nobody leaves the street without the service
    assert {row[0] for row in rows(found.reached)} == {0, 1, 2}


def test_dropping_out_ends_the_rules_of_the_service() -> None:
    # A week's contract with the service: everybody drops out on day 1 after the start, so from
    # day 2 on the rules without the service hold, and nothing happens.
    subject = deal(
        people={"all": {"referrals": 3, "over": "1 day", "leave": "100% a week"}},
        journeys=SURE,
        outcomes={"moves_in": {"read": "reached", "journey": "home", "state": "tenancy"}},
    )
    found = block(subject)
    assert (found.people[0].left == 1).all()
    assert rows(found.reached) == []


def test_what_is_reached_after_dropping_out_is_not_served() -> None:
    later = {"home": {"begins": "street", "states": {
        "street": {"exits": {"tenancy": {"without": "100%", "after": "40 days"}}}, "tenancy": {},
    }}}  # fmt: skip
    subject = deal(
        people={"all": {"referrals": 3, "over": "1 day", "leave": "100% a week"}}, journeys=later,
        outcomes={"moves_in": {"read": "reached", "journey": "home", "state": "tenancy"},
                  "days": {"read": "days_in", "journey": "home", "state": "street"}},
    )  # fmt: skip
    found = block(subject)
    one = [row[1:] for row in rows(found.reached) if row[0] == 0]
    assert one[0] == (0, 0, 40, False, 1)
    # Day 0 and 1 on the street are served, days 2 to 29, and 30 to 39, are not.
    assert one[1:] == [(1, 0, 1, True, 2), (1, 1, 29, False, 28), (1, 2, 39, False, 10)]


def test_onset_and_lasting_give_a_window() -> None:
    # The effect begins 10 days after the start, and lasts 20 days after 30 days of service: days
    # 10 to 49. An exit of the rule with the service after 5 days of age 1..: certain by age 15.
    subject = deal(
        people={"all": {"referrals": 3, "over": "1 day", "onset": "10 days", "stay": "30 days",
                        "lasts": "20 days"}},
        scores={"star": {"start": 50, "without": "0 a year", "change": "365.25 a year",
                         "assessed": ["0 days", "5 days", "20 days", "100 days"]}},
        outcomes={
            f"at_{t}": {"read": "change_in", "score": "star", "at": f"{t} days"}
            for t in (5, 20, 100)
        },
    )  # fmt: skip
    one = [row for row in rows(block(subject).reached) if row[0] == 0]
    assert [(row[3], row[5]) for row in one] == [(5, 0), (20, 10), (100, 40)]


def test_the_end_of_everything_stops_all_else() -> None:
    subject = deal(
        journeys={"life": {"begins": "alive", "states": {
            "alive": {"exits": {"dead": {"without": "100%", "after": "60 days"}}},
            "dead": {"ends": "everything"}}}},
        events={"visits": {"without": "365.25 a year"}},
        outcomes={
            "died": {"read": "reached", "journey": "life", "state": "dead"},
            "alive_days": {"read": "days_in", "journey": "life", "state": "alive"},
            "seen": {"read": "number_of", "events": "visits"},
            "late": {"chance": "100%", "without": "100%", "after": "60 days"},
            "early": {"chance": "100%", "without": "100%", "after": "59 days"},
        },
    )  # fmt: skip
    found = block(subject)
    for world in (found.reached, found.otherwise):
        one = [row for row in rows(world) if row[0] == 0]
        assert [row[3] for row in one if row[1] == 0] == [60]
        assert sum(row[5] for row in one if row[1] == 1) == 60
        assert max(row[3] for row in one if row[1] == 2) < 60
        assert not [row for row in one if row[1] == 3]
        assert [row[3] for row in one if row[1] == 4] == [59]
    assert (found.people[0].end == 60).all() and (found.people[0].left == NEVER).all()


def test_two_places_and_four_people_by_hand() -> None:
    # All come on day 0 and stay 30 days: two start at once, two on day 30; with a patience of 10
    # days those two give up on day 10.
    people = {"all": {"referrals": 4, "over": "1 day", "stay": "30 days", "served_by": "team"}}
    subject = deal(people=people, providers={"team": {"places": 2}}, outcomes={
        "o": {"chance": "0%", "without": "0%", "after": "1 day"}})  # fmt: skip
    table = block(subject).people[0]
    assert sorted(table.start[0].tolist()) == [0, 0, 30, 30]
    people["all"]["patience"] = "10 days"
    subject = deal(people=people, providers={"team": {"places": 2}}, outcomes={
        "o": {"chance": "0%", "without": "0%", "after": "1 day"}})  # fmt: skip
    table = block(subject).people[0]
    assert sorted(table.start[0].tolist()) == [0, 0, NEVER, NEVER]
    assert table.gave_up is not None
    assert sorted(table.gave_up[0].tolist()) == [10, 10, NEVER, NEVER]
    frame = sibsim.run(subject, trials=1, seed=1).frame()
    assert frame["people.gave_up"][0] == 2 and frame["people.waiting"][0] == 0
    assert frame["people.completed"][0] == 2


def test_a_lower_priority_number_goes_first() -> None:
    people = {
        "first": {"referrals": 2, "over": "1 day", "stay": "10 days", "served_by": "team",
                  "priority": 2},
        "second": {"referrals": 2, "over": "1 day", "stay": "10 days", "served_by": "team",
                   "priority": 1},
    }  # fmt: skip
    subject = deal(people=people, providers={"team": {"places": 1}}, outcomes={
        "o": {"chance": "0%", "without": "0%", "after": "1 day"}})  # fmt: skip
    first, second = block(subject).people
    assert second.start[0].tolist() == [0, 10] and first.start[0].tolist() == [20, 30]


def test_caseworkers_come_and_go() -> None:
    # One caseworker for two people from day 0, another from day 60 to 90 (exclusive).
    people = {"all": {"referrals": 6, "over": "1 day", "stay": "70 days", "served_by": "team"}}
    posts = {"a": {"number": 1, "caseload": 2},
             "b": {"number": 1, "caseload": 2, "from": "60 days", "until": "90 days"}}  # fmt: skip
    subject = deal(people=people, providers={"team": {"caseworkers": posts}}, outcomes={
        "o": {"chance": "0%", "without": "0%", "after": "1 day"}})  # fmt: skip
    # Two start on day 0, two on 60 with the new caseworker, and when the first two end on day 70
    # there is room for two more.
    assert sorted(block(subject).people[0].start[0].tolist()) == [0, 0, 60, 60, 70, 70]


def test_segments_and_providers_change_odds() -> None:
    # Odds of 1 (50 %) times 3 are 75 %; a share of 0 of the odds is nobody.
    people = {"all": {"referrals": 20_000, "over": "1 day", "served_by": "team", "segments": {
        "half": {"share": "50%", "odds": {"o": 3}}, "other": {"share": "50%", "odds": {"o": 0}},
    }}}  # fmt: skip
    subject = deal(
        people=people, providers={"team": {"places": 20_000, "odds": {"o": 2}}},
        outcomes={"o": {"chance": "50%", "without": "50%", "after": "1 day"}},
    )  # fmt: skip
    frame = sibsim.run(subject, trials=1, seed=1).frame()
    # With the service 6 / 7 of half of them, without it 3 / 4: 5 standard errors are 350.
    assert abs(frame["outcomes.o.with"][0] - 10_000 * 6 / 7) < 350
    assert abs(frame["outcomes.o.without"][0] - 10_000 * 3 / 4) < 350


def test_visits_add_up() -> None:
    subject = deal(
        people={"all": {"referrals": 200, "over": "1 day", "stay": "70 days"}},
        visits={"care": {"a_week": 14, "minutes": 30, "missed": "10%", "late": "20%"}},
        outcomes={
            what: {"read": "visited", "visits": "care", "count": what}
            for what in ("minutes_planned", "minutes_delivered", "delivered", "missed", "late")
        },
    )
    row = sibsim.run(subject, trials=1, seed=1).frame().iloc[0]
    planned = 200 * 10 * 14  # ten weeks
    assert row["outcomes.minutes_planned.with"] == planned * 30
    assert row["outcomes.delivered.with"] + row["outcomes.missed.with"] == planned
    assert row["outcomes.minutes_delivered.with"] == 30 * row["outcomes.delivered.with"]
    # 5 standard errors of a binomial
    assert abs(row["outcomes.missed.with"] - 0.1 * planned) < 5 * np.sqrt(planned * 0.09)
    late = 0.2 * row["outcomes.delivered.with"]
    assert abs(row["outcomes.late.with"] - late) < 5 * np.sqrt(0.8 * late)
    assert row["outcomes.delivered.without"] == 0


def test_improved_maintained_and_deteriorated_are_everybody() -> None:
    read = {"score": "adl", "at": "6 months"}
    subject = deal(
        people={"all": {"referrals": 500, "over": "1 day"}},
        scores={"adl": {"start": {"normal": {"mean": 60, "sd": 10}}, "without": "-12 a year",
                        "change": "-4 a year", "varies": 3, "error": 4, "low": 0, "high": 100,
                        "assessed": ["0 days", "6 months"]}},
        outcomes={
            "better": {"read": "improved", "by": 5, **read},
            "same": {"read": "maintained", "by": 5, "decline": 6, **read},
            "worse": {"read": "deteriorated", "decline": 6, **read},
        },
    )  # fmt: skip
    row = sibsim.run(subject, trials=1, seed=1).frame().iloc[0]
    for world in ("with", "without"):
        assert sum(row[f"outcomes.{name}.{world}"] for name in ("better", "same", "worse")) == 500
    assert row["outcomes.worse.with"] < row["outcomes.worse.without"]


@pytest.mark.parametrize("name", ["homecare-reablement", "denver"])
def test_results_do_not_depend_on_how_the_work_is_cut(name: str) -> None:
    subject = sibsim.load(name).replace({"people.*.referrals": 30})
    whole = simulate(subject, trials=24, seed=5, block_trials=24)
    cut = simulate(subject, trials=24, seed=5, block_trials=5, workers=2)
    one, two = (sibsim.settle(subject, people).frame() for people in (whole, cut))
    assert one.equals(two)
    longer = sibsim.run(subject, trials=48, seed=5).frame()
    assert longer.iloc[:24].equals(one)


def test_one_more_person_moves_nobody_on_a_journey() -> None:
    subject = sibsim.load("denver").replace({"people.*.referrals": 30})
    more = subject.replace({"people.*.referrals": 31})
    before, after = (block(deal_, trials=3, seed=2) for deal_ in (subject, more))
    for one, two in ((before.reached, after.reached), (before.otherwise, after.otherwise)):
        kept = two.where(two.person < 30)
        assert [column.tolist() for column in one.columns()] == [
            column.tolist() for column in kept.columns()
        ]


def test_slices_keep_the_mean() -> None:
    assert normal_slices().mean() == pytest.approx(0.0, abs=1e-12)
    for variance in (0.25, 1.0, 4.0):
        slices = gamma_slices(variance)
        assert slices.mean() == pytest.approx(1.0, abs=1e-12)
        assert slices.var() == pytest.approx(variance, rel=0.01)
