"""Whose result is known: people lost to follow-up, assessments that were missed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conftest import with_values
from scipy import stats
from statistical import assert_share

import sibsim
from sibsim.contract.terms import Compared
from sibsim.errors import ScenarioError
from sibsim.measuring import Measured, split
from sibsim.people.engine import simulate_block
from sibsim.people.events import Block
from sibsim.scenario.deal import MONEY, Scenario
from sibsim.scenario.file import check
from sibsim.streams import Luck

SERVED, GROUP, TRIALS = 16, 12, 6_000
LOST, LOST_GROUP, ODDS = 0.3, 0.4, 0.5

DEAL: dict[str, Any] = {
    "sibsim": 1, "title": "Lost", "programme": {"start": "2027-04", "months": 12},
    "people": {"all": {"referrals": SERVED, "over": "1 day"}},
    "outcomes": {"work": {"chance": "65%", "without": "40%", "after": "1 day"}},
    "evidence": {"others": {"design": "comparison", "group": GROUP, "lost": "30%",
                            "lost_group": "40%", "lost_odds": 0.5}},
    "contract": {"result": {
        "pay": "by_result", "for": "work", "result": "added", "evidence": "others",
        "bands": {"target": {"from": "11.3%", "pays": "£1,000"}},
    }},
}  # fmt: skip

SCORES: dict[str, Any] = {
    "sibsim": 1, "title": "Missed", "programme": {"start": "2027-04", "months": 24},
    "people": {"first": {"referrals": 40, "over": "6 months", "leave": "2% a month"},
               "second": {"referrals": 30, "over": "12 months"}},
    "scores": {"star": {"start": {"normal": {"mean": 40, "sd": 9}}, "without": "-2 a year",
                        "change": "9 a year", "error": 3, "missed": "30%",
                        "assessed": ["0 days", "3 months", "6 months"]}},
    "outcomes": {"better": {"read": "improved", "score": "star", "at": "6 months", "by": 3},
                 "work": {"chance": "50%", "without": "30%", "after": "4 months"}},
    "evidence": {"others": {"design": "comparison", "group": 25, "lost": "20%",
                            "lost_group": "30%", "lost_odds": 2.5}},
    "contract": {
        "better": {"pay": "by_result", "for": "better", "result": "rate",
                   "bands": {"target": {"from": "40%", "pays": "£1,000"}}},
        "work": {"pay": "per_effect", "for": "work", "result": "more", "evidence": "others",
                 "price": "£900", "every": "6 months"},
    },
}  # fmt: skip


def world(deal: Scenario, trials: int, seed: int = 1) -> tuple[Measured, Block, Luck]:
    """What the evidence of a deal sees, and what there was to see."""
    luck = Luck(seed, 0, trials)
    block = simulate_block(deal.drawn(luck).population, deal.timeline, luck)
    return Measured(deal, deal.drawn(luck, MONEY), *split(deal, block), luck), block, luck


# --- lost to follow-up ----------------------------------------------------------------------------


def seen(p: float, n: int, lost: float, missing: str) -> dict[tuple[int, int], float]:
    """Chance of each (who had the outcome and was found, who counts), of n people."""
    odds = ODDS * lost / (1 - lost)
    had, none = p * (1 - odds / (1 + odds)), (1 - p) * (1 - lost)
    made: dict[tuple[int, int], float] = {}
    for x in range(n + 1):
        for y in range(n + 1 - x):
            key = (x, n if missing == "not_reached" else x + y)
            chance = stats.multinomial.pmf([x, y, n - x - y], n, [had, none, 1 - had - none])
            made[key] = made.get(key, 0.0) + float(chance)
    return made


def paid_chance(p: float, missing: str) -> float:
    """Chance that the band is reached, over every pair of counts, by the definition."""
    total = 0.0
    for (w, n), one in seen(p, SERVED, LOST, missing).items():
        for (c, m), other in seen(0.4, GROUP, LOST_GROUP, missing).items():
            without = c / m * n if m else 0.0
            gap = (w - without) / n if n else 0.0
            assert abs(gap - 0.113) > 1e-9
            total += one * other * (gap >= 0.113)
    return total


@pytest.mark.parametrize("missing", ["left_out", "not_reached"])
def test_who_is_not_found_has_its_exact_chances(missing: str) -> None:
    deal = sibsim.load(with_values(DEAL, {"evidence.others.missing": missing}))
    row = sibsim.evidence(deal, trials=TRIALS, seed=1).rows[0]
    assert row.people == SERVED
    for share, p in ((row.pays, 0.65), (row.pays_for_nothing, 0.4)):
        assert_share(round(share * TRIALS), TRIALS, paid_chance(p, missing), detect=0.05)


def test_losing_more_of_one_side_pays_for_nothing() -> None:
    # Counted as not having had the outcome: of 40% on either side, 40% x 0.6 are seen there.
    sizes = {"people.all.referrals": 400, "evidence.others.group": 400}
    odd = {"evidence.others.lost": 0, "evidence.others.lost_odds": 1}
    found = {}
    for missing in ("left_out", "not_reached"):
        deal = sibsim.load(with_values(DEAL, sizes | odd | {"evidence.others.missing": missing}))
        found[missing] = sibsim.evidence(deal, trials=400, seed=1).rows[0]
    assert found["left_out"].pays_for_nothing < 0.02
    assert found["left_out"].found == pytest.approx(0.25, abs=0.01)
    assert found["not_reached"].found == pytest.approx(0.65 - 0.4 * 0.6, abs=0.01)
    assert found["not_reached"].pays_for_nothing > 0.8


@pytest.mark.parametrize("cohort", [None, "first"])
@pytest.mark.parametrize("missing", ["left_out", "not_reached"])
def test_windows_against_a_second_reckoning(cohort: str | None, missing: str) -> None:
    deal = sibsim.load(with_values(SCORES, {"evidence.others.missing": missing}))
    trials = 5
    ours, block, luck = world(deal, trials)
    starts = deal.timeline.month_starts
    place = list(deal.outcomes).index("work")
    names = [*deal.people, "evidence.others"]
    for trial in range(trials):
        had, counted = side(block, luck, names, trial, place, missing)
        for first, last in ((0, 6), (6, 12), (0, 24)):
            low, high = int(starts[first]), int(starts[last])
            served = [name for name in deal.people if cohort in (None, name)]
            w = sum(low <= day < high for name in served for day in had[name])
            n = [sum(0 <= day < end for name in served for day in counted[name])
                 for end in (low, high)]  # fmt: skip
            so_far = []
            for k, end in enumerate((low, high)):
                m = sum(day < end for day in counted["evidence.others"])
                c = sum(day < end for day in had["evidence.others"])
                so_far.append(c / m * n[k] if m and end else 0.0)
            found = ours.results("others", cohort, first, last)
            assert found.with_[trial, place] == w
            assert found.people[trial, place] == n[1] - n[0]
            assert found.without[trial, place] == pytest.approx(so_far[1] - so_far[0])


def side(
    block: Block, luck: Luck, names: list[str], trial: int, place: int, missing: str
) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Days of those who had the outcome and were found, and first days of those who count."""
    had: dict[str, list[int]] = {}
    counted: dict[str, list[int]] = {}
    for cohort, name in enumerate(names):
        group = name == "evidence.others"
        events = block.otherwise if group else block.reached
        days = {
            int(person): int(day)
            for t, c, person, o, day in zip(
                events.trial, events.cohort, events.person, events.outcome, events.day, strict=True
            )
            if (t, c, o) == (trial, cohort, place)
        }
        address = "evidence.others.followed" + ("" if group else f".{name}")
        had[name], counted[name] = [], []
        for person, start in enumerate(block.people[cohort].start[trial].tolist()):
            if start == 2**15 - 1:
                continue
            chance = 0.3 if group else 0.2
            if person in days:
                chance = 2.5 * chance / (1 - chance + 2.5 * chance)
            at = (np.array([trial]), np.array([person]), np.array([0]))
            gone = luck.uniforms_at(address, *at)[0, 0] < chance
            if person in days and not gone:
                had[name].append(days[person])
            if not gone or missing == "not_reached":
                counted[name].append(start)
    return had, counted


def test_where_nobody_is_lost_nothing_changes() -> None:
    plain = {"evidence.others": {"design": "comparison", "group": GROUP}}
    nobody = {"evidence.others.lost": 0, "evidence.others.lost_group": 0,
              "evidence.others.missing": "not_reached"}  # fmt: skip
    one, other = (sibsim.run(sibsim.load(with_values(DEAL, c)), trials=50, seed=2)
                  for c in (plain, nobody))  # fmt: skip
    assert (one.tables.paid == other.tables.paid).all() and one.tables.paid.any()


def test_who_is_lost_does_not_move_anybody() -> None:
    plain = {"evidence.others": {"design": "comparison", "group": GROUP}}
    one, other = (sibsim.run(sibsim.load(with_values(DEAL, c)), trials=50, seed=2)
                  for c in (plain, {}))  # fmt: skip
    assert (one.tables.reached == other.tables.reached).all()
    assert (one.tables.paid != other.tables.paid).any()


def test_a_significance_test_is_of_those_found() -> None:
    # All who are left are alike: without spread on either side any difference is significant.
    design = {"significance": "5%", "lost_odds": 1, "lost": "90%", "lost_group": "90%"}
    changes = {f"evidence.others.{key}": value for key, value in design.items()}
    changes |= {"outcomes.work.chance": "100%", "outcomes.work.without": "0%"}
    deal = sibsim.load(with_values(DEAL, changes))
    ours, _, _ = world(deal, 300)
    asked = Compared(for_="work", result="added", evidence="others")
    found, people = ours.find(asked, 0, 12), ours.results("others", None, 0, 12).people[:, 0]
    assert (found[people > 0] == 1).all() and (found[people == 0] == 0).all()
    assert 0 < (people == 0).mean() < 1


# --- assessments that were missed -----------------------------------------------------------------


def test_a_rate_is_of_those_whose_assessments_were_not_missed() -> None:
    deal = sibsim.load(SCORES)
    trials = 20
    ours, block, luck = world(deal, trials)
    found = ours.results(None, None, 0, 24)
    had = np.zeros(trials, int)
    known = np.zeros(trials, int)
    for cohort, name in enumerate(deal.people):
        start = block.people[cohort].start
        address = f"people.{name}.scores.star.assessed"
        size = start.shape[1]
        missed = np.zeros(start.shape, bool)
        for occurrence in (0, 2):  # the first assessment and that at six months
            missed |= luck.people_uniforms(address, size, occurrence)[:, :, 1] < 0.3
        known += ((start < 2**15 - 1) & ~missed).sum(axis=1)
        rows = block.reached
        mine = (rows.cohort == cohort) & (rows.outcome == 0)
        had += np.bincount(rows.trial[mine], ~missed[rows.trial[mine], rows.person[mine]],
                           trials).astype(int)  # fmt: skip
    assert found.people[:, 0].tolist() == known.tolist()
    assert found.with_[:, 0].tolist() == had.tolist()
    assert (found.people[:, 1] == 70).all(), "of other outcomes everybody counts"
    assert 0 < known.sum() < 70 * trials


def test_a_result_counts_what_a_claim_could_be_made_for() -> None:
    # If nobody drops out, what is served is what was not missed.
    deal = sibsim.load(with_values(SCORES, {"people.first": {"referrals": 40, "over": "6 months"}}))
    ours, block, _ = world(deal, 20)
    rows = block.reached.where((block.reached.outcome == 0) & (block.reached.cohort < 2))
    served = np.bincount(rows.trial[rows.served], minlength=20)
    every = np.bincount(rows.trial, minlength=20)
    assert ours.results(None, None, 0, 24).with_[:, 0].tolist() == served.tolist()
    assert (served < every).any()


def test_missing_at_random_biases_no_rate() -> None:
    found = {}
    for missed in ("0%", "60%"):
        deal = sibsim.load(with_values(SCORES, {"scores.star.missed": missed}))
        ours, _, _ = world(deal, 2_000)
        asked = Compared(for_="better", result="rate")
        found[missed] = ours.find(asked, 0, 24)
    assert found["0%"].mean() == pytest.approx(found["60%"].mean(), abs=0.02)
    assert found["60%"].std() > 1.5 * found["0%"].std(), "fewer are assessed"


def test_missed_and_lost_are_both_left_out() -> None:
    data = with_values(SCORES, {"contract.better.evidence": "others"})
    ours, _, _ = world(sibsim.load(data), 20)
    missed, both = (ours.results(name, None, 0, 24).people[:, 0] for name in (None, "others"))
    assert (both < missed).all() and (both > 0).all()


# --- words ----------------------------------------------------------------------------------------


def test_show_says_who_is_lost() -> None:
    from sibsim.report.words import read_back

    said = " ".join(read_back(sibsim.load(DEAL)))
    assert "; 30% of those served and 40% of the others are not found and are left out." in said


FAULTS = [
    ({"evidence.others.lost": "130%"}, "evidence.others.lost"),
    ({"evidence.others.lost_group": -0.1}, "evidence.others.lost_group"),
    ({"evidence.others.lost_odds": 0}, "evidence.others.lost_odds"),
    ({"evidence.others.missing": "guessed"}, "evidence.others.missing"),
    ({"evidence.others": {"design": "baseline", "each": 0.4, "lost": "10%"}},
     "evidence.others.lost"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_mistakes_are_named_by_their_address(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        sibsim.load(with_values(DEAL, changes))
    assert said in str(caught.value)


def test_odds_of_being_lost_where_nobody_is_are_odd() -> None:
    design = {"design": "comparison", "group": 9, "lost_odds": 2}
    said = [w.text("") for w in check(with_values(DEAL, {"evidence.others": design})).warnings]
    assert any("`lost_odds` and `missing` do nothing where nobody is lost" in text for text in said)
