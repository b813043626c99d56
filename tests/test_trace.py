"""One trial's story: the same from either engine, inside a run, on the screen and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import sibsim
from sibsim.accounts.steps import Ending
from sibsim.cli import main
from sibsim.quantities import plain
from sibsim.scenario.deal import Scenario
from sibsim.streams import Luck

FEW = ("people.older_people.referrals=25",)


@pytest.fixture(scope="module")
def homecare() -> Scenario:
    """The deal that has everything, with few people."""
    return sibsim.load("homecare-reablement").replace({"people.older_people.referrals": 25})


def run(*words: str) -> Result:
    """The command, as somebody would type it."""
    return CliRunner().invoke(main, ["trace", *words])


@pytest.mark.parametrize("name", ["denver", "peterborough"])
def test_both_engines_tell_the_same_story(name: str) -> None:
    deal = sibsim.load(name)
    slow, fast = (sibsim.trace(deal, seed=3, trial=5, engine=e) for e in ("simpy", "fast"))
    key = ["day", "cohort", "person", "event", "world", "occurrence", "amount", "served"]
    one, other = (story.people.sort_values(key).reset_index(drop=True) for story in (slow, fast))
    assert len(one) > 500
    assert one.equals(other)
    assert slow.pounds.equals(fast.pounds)
    assert slow.rates == fast.rates


def test_it_is_the_trial_of_a_run(homecare: Scenario) -> None:
    story = sibsim.trace(homecare, seed=3, trial=5).people
    from sibsim.people.engine import simulate_block

    luck = Luck(3, 0, 8)
    block = simulate_block(homecare.drawn(luck).population, homecare.timeline, luck)
    inside = block.reached.where(block.reached.trial == 5)
    named = story[story["event"].isin(homecare.outcomes) & (story["world"] == "with")]
    assert len(named) == len(inside) > 100
    assert sorted(named["day"]) == sorted(inside.day.tolist())
    assert named["amount"].sum() == inside.amount.sum()
    days = block.people[0].start[5]
    assert sorted(story[story["event"] == "starts"]["day"]) == sorted(days[days < 2**15 - 1])


def test_what_no_outcome_names_is_told_as_well(homecare: Scenario) -> None:
    events = set(sibsim.trace(homecare, seed=3, trial=5).people["event"])
    assert {"joins the list", "starts", "service ends", "journeys.living.at_home",
            "scores.independence"} <= events  # fmt: skip


def test_one_person(homecare: Scenario) -> None:
    story = sibsim.trace(homecare, seed=3, trial=5)
    one = story.person(4)
    assert set(one["person"]) == {4}
    assert one.equals(story.person("older_people:4"))
    for wrong in ("x", "nobody:4", "", "-1"):
        with pytest.raises(sibsim.UsageError, match="older_people:0"):
            story.person(wrong)
    with pytest.raises(sibsim.UsageError, match="nothing happens to person 999"):
        story.person(999)


def test_the_command_tells_it_in_words() -> None:
    told = run("homecare-reablement", "--seed", "3", "--trial", "5", "--person", "4",
               "--set", FEW[0])  # fmt: skip
    assert told.exit_code == 0
    assert "older_people:4" in told.stdout
    assert "Minutes delivered: " in told.stdout
    assert "seed 3, trial 5, simpy engine" in told.stderr


def test_the_command_writes_it_as_json(tmp_path: Path) -> None:
    words = ("homecare-reablement", "--seed", "3", "--trial", "5", "--set", FEW[0], "--json")
    plain = json.loads(run(*words, "-").stdout)
    assert set(plain) == {"people", "pounds", "account", "rates"}
    assert run(*words, str(tmp_path / "story.json")).exit_code == 0
    assert json.loads((tmp_path / "story.json").read_text()) == plain
    story = sibsim.trace(
        sibsim.load("homecare-reablement").replace({"people.older_people.referrals": 25}),
        seed=3, trial=5,
    )  # fmt: skip
    assert len(plain["people"]) == len(story.people)
    payments = [row for row in story.pounds.columns if row.startswith("payments")]
    total = sum(row[name] for row in plain["pounds"] for name in payments)
    assert np.isclose(total, story.pounds[payments].to_numpy().sum())


@pytest.mark.parametrize(("words", "says"), [
    (("--seed", "-1"), "seed must be a whole number"),
    (("--seed", "1", "--trial", "-4"), "trial must be a whole number"),
    (("--seed", "1", "--person", "bob"), "no person is called bob; write young_adults:0"),
    (("--seed", "1", "--engine", "quick"), "simpy"),
    ((), "--seed"),
])  # fmt: skip
def test_the_command_refuses_what_is_no_story(words: tuple[str, ...], says: str) -> None:
    told = run("minimal", *words)
    assert told.exit_code == 2
    assert says in told.stderr
    assert not told.stdout


def test_a_story_that_is_cut_short(homecare: Scenario) -> None:
    whole = sibsim.trace(homecare, seed=3, trial=5).people
    ended = replace(homecare, endings={"early": Ending(at=plain(4))})
    stop = int(homecare.timeline.month_starts[4])
    slow, fast = (
        sibsim.trace(ended, seed=3, trial=5, engine=e).people for e in ("simpy", "fast")
    )
    key = ["day", "cohort", "person", "event", "world", "occurrence", "amount", "served"]
    one, other = (story.sort_values(key).reset_index(drop=True) for story in (slow, fast))
    assert one.equals(other)
    out = slow[slow["event"] == "closed out"]
    assert len(out) and set(out["day"]) == {stop}
    before, after = (story[story["day"] < stop] for story in (whole, slow))
    assert before.sort_values(key).reset_index(drop=True).equals(
        after.sort_values(key).reset_index(drop=True)
    )
    late = slow[(slow["day"] >= stop) & (slow["world"] == "with")]
    never = {"joins the list", "gives up waiting", "starts", "drops out"}
    assert not never & set(late["event"])
    done = set(slow[slow["event"] == "service ends"]["person"])
    assert done and not done & set(out["person"])


def test_what_a_step_keeps_stands_in_a_column_of_its_own() -> None:
    told = run("skill-mill", "--seed", "1", "--trial", "0", "--pounds")
    assert told.stdout.splitlines()[0].split() == ["month", "status", "movement", "amount", "kept",
                                                   "balance"]  # fmt: skip
    account = sibsim.trace(sibsim.load("skill-mill"), seed=1, trial=0).account
    keeps = account["what"] == "reserve"
    assert keeps.any() and (account["kept"] > 0).equals(keeps), "only the reserve keeps anything"
    assert (account.loc[keeps, "amount"] == 0).all(), "and it moves nothing"
    assert (account.loc[keeps, "balance"] >= account.loc[keeps, "kept"]).all()
    moved = account["amount"].cumsum() - account["balance"]
    assert moved.abs().max() < 0.005, "each balance is the one before and what moved"
    assert "kept" not in run("utah", "--seed", "1", "--trial", "3", "--pounds").stdout
