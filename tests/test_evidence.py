"""Evidence: estimates from other people against exact chances, and nobody's luck moved by them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from conftest import with_values
from scipy import stats
from statistical import assert_share

import sibsim
from sibsim.cli import main
from sibsim.errors import ScenarioError
from sibsim.measuring import amounts, split
from sibsim.scenario.file import check
from sibsim.streams import Luck

SERVED, GROUP, TRIALS = 100, 80, 6_000

DEAL: dict[str, Any] = {
    "sibsim": 1, "title": "Evidence", "programme": {"start": "2027-04", "months": 12},
    "people": {"all": {"referrals": SERVED, "over": "1 day"}},
    "outcomes": {"work": {"chance": "55%", "without": "40%", "after": "1 day"}},
    "evidence": {"others": {"design": "comparison", "group": GROUP}},
    "contract": {"result": {
        "pay": "by_result", "for": "work", "result": "added", "evidence": "others",
        "bands": {"target": {"from": "10%", "pays": "£1,000"}},
    }},
}  # fmt: skip


def both(p: float, q: float) -> np.ndarray:
    """Chance of each pair of counts, those served below, those in the group across."""
    w, c = np.arange(SERVED + 1), np.arange(GROUP + 1)
    return np.outer(stats.binom.pmf(w, SERVED, p), stats.binom.pmf(c, GROUP, q))


def passes(
    significance: float | None = None, bias: float = 0.0, threshold: float = 0.1
) -> np.ndarray:
    """Whether a pair of counts is paid for, by the definition, one pair at a time."""
    made = np.zeros((SERVED + 1, GROUP + 1), bool)
    for w in range(SERVED + 1):
        for c in range(GROUP + 1):
            ours, theirs = w / SERVED, (1 + bias) * c / GROUP
            gap = ours - theirs
            if significance is not None:
                # Sample variances of counts of one each, with divisor n - 1.
                s2 = SERVED / (SERVED - 1) * ours * (1 - ours)
                t2 = GROUP / (GROUP - 1) * (c / GROUP) * (1 - c / GROUP)
                error = (s2 / SERVED + (1 + bias) ** 2 * t2 / GROUP) ** 0.5
                if not abs(gap) > stats.norm.ppf(1 - significance / 2) * error:
                    gap = 0.0
            made[w, c] = gap + 1e-12 >= threshold
    return made


@pytest.mark.parametrize("significance", [None, 0.05, 0.3])
def test_paid_for_nothing_and_paid_for_something_have_their_exact_chances(
    significance: float | None,
) -> None:
    design = DEAL["evidence"]["others"] | ({} if significance is None else
                                           {"significance": significance})  # fmt: skip
    deal = sibsim.load(with_values(DEAL, {"evidence.others": design}))
    row = sibsim.evidence(deal, trials=TRIALS, seed=1).rows[0]
    paid = passes(significance)
    nothing, something = float(both(0.4, 0.4)[paid].sum()), float(both(0.55, 0.4)[paid].sum())
    assert 0.005 < nothing < 0.2 and 0.4 < something < 0.9
    assert_share(round(row.pays_for_nothing * TRIALS), TRIALS, nothing, detect=0.04)
    assert_share(round(row.pays * TRIALS), TRIALS, something, detect=0.05)
    assert row.cost_of_nothing == pytest.approx(1_000 * row.pays_for_nothing)


def test_the_chance_of_a_false_alarm_falls_with_the_size_of_the_group() -> None:
    found = sibsim.evidence(sibsim.load(DEAL), trials=TRIALS, seed=1, groups=[20, 80, 2_000])
    assert [row.group for row in found.rows] == [20, 80, 2_000]
    for row in found.rows:
        sd = (0.4 * 0.6 * (1 / SERVED + 1 / (row.group or 1))) ** 0.5
        assert row.error == pytest.approx((sd**2 + (0.55 * 0.45 - 0.24) / SERVED) ** 0.5, rel=0.05)
    assert found.rows[0].pays_for_nothing > found.rows[1].pays_for_nothing > (
        found.rows[2].pays_for_nothing
    )  # fmt: skip


@pytest.mark.parametrize("people", [None, 40])
def test_every_threshold_has_its_exact_chances(people: int | None) -> None:
    levels = [0.02, 0.1, 0.25]
    deal = sibsim.load(DEAL)
    sizes = [] if people is None else [people]
    found = sibsim.evidence(deal, trials=TRIALS, seed=1, thresholds=levels, people=sizes)
    assert [row.threshold for row in found.rows] == levels
    served = people or SERVED
    w, c = np.arange(served + 1)[:, None], np.arange(GROUP + 1)[None, :]
    for row in found.rows:
        assert row.people == served and row.threshold is not None
        paid = w / served - c / GROUP + 1e-12 >= row.threshold
        for share, p in ((row.pays, 0.55), (row.pays_for_nothing, 0.4)):
            pairs = stats.binom.pmf(w, served, p) * stats.binom.pmf(c, GROUP, 0.4)
            assert_share(round(share * TRIALS), TRIALS, float(pairs[paid].sum()), detect=0.05)


def test_a_threshold_cuts_off_the_bands_below_it() -> None:
    from sibsim.analysis.evidence import beginning_at

    able = sibsim.load("able").contract.terms["fewer_jail_days"]

    def shown(item: Any, level: float) -> list[tuple[float, float]]:
        bands = beginning_at(item, level).bands.values()  # type: ignore[union-attr]
        return [(band.from_.mean, band.pays.mean / 100) for band in bands]

    whole = [(band.from_.mean, band.pays.mean / 100) for band in able.bands.values()]  # type: ignore[union-attr]
    assert shown(able, 0.085) == whole
    assert shown(able, 0.05) == [(0.05, whole[0][1]), *whole[1:]]
    assert shown(able, 0.155) == [(0.155, 10_368_000), *whole[-2:]]
    jail = sibsim.load("denver").contract.terms["jail_days"]
    assert shown(jail, 0.25) == [(0.25, 4_000_000), (0.3, 4_800_000), (0.65, 6_130_000)]


def test_people_of_one_village_are_alike_and_so_more_is_paid_for_nothing() -> None:
    found = {}
    for changes in ({}, {"clusters": 10, "likeness": "20%"}):
        design = DEAL["evidence"]["others"] | changes
        deal = sibsim.load(with_values(DEAL, {"evidence.others": design}))
        found[len(changes)] = sibsim.evidence(deal, trials=TRIALS, seed=1).rows[0]
    # Of each mean: p (1 - p) / n, and with clusters r p (1 - p) / k more on both sides together.
    plain_sd = (0.55 * 0.45 / SERVED + 0.24 / GROUP) ** 0.5
    extra = 0.2 * (0.55 * 0.45 + 0.24) / 10
    assert found[0].error == pytest.approx(plain_sd, rel=0.05)
    assert found[2].error == pytest.approx((plain_sd**2 + extra) ** 0.5, rel=0.05)
    assert found[2].pays_for_nothing > 1.5 * found[0].pays_for_nothing


def test_a_baseline_may_drift() -> None:
    design = {"design": "baseline", "each": 0.4, "drift": -0.25}
    deal = sibsim.load(with_values(DEAL, {"evidence.others": design}))
    row = sibsim.evidence(deal, trials=2_000, seed=1).rows[0]
    assert row.found == pytest.approx(0.55 - 0.4 * 0.75, abs=0.005), "after one year"


def test_an_effect_in_standard_deviations() -> None:
    term = DEAL["contract"]["result"] | {"result": "standardised"}
    deal = sibsim.load(with_values(DEAL, {"contract.result": term}))
    row = sibsim.evidence(deal, trials=TRIALS, seed=1).rows[0]
    assert row.found == pytest.approx(0.15 / 0.24**0.5, abs=0.02)


def test_the_picture_shows_every_row_and_takes_no_text_as_code(tmp_path: Path) -> None:
    from sibsim.report.evidence_chart import figure, write_chart

    deal = sibsim.load(with_values(DEAL, {"title": "<script>alert(1)</script>"}))
    found = sibsim.evidence(deal, trials=20, seed=1, groups=[20, 80], thresholds=[0.05, 0.1, 0.2])
    drawn = figure(deal, found)
    points = {(line["name"], x, y) for line in drawn["data"]
              for x, y in zip(line["x"], line["y"], strict=True)}  # fmt: skip
    for row in found.rows:
        name = f"pays for nothing, {row.group} compared"
        assert (name, row.threshold, row.pays_for_nothing) in points
    assert len(points) == 2 * len(found.rows)
    write_chart(deal, found, tmp_path / "chart.html")
    text = (tmp_path / "chart.html").read_text()
    assert "<script>alert" not in text and "cdn.plot" not in text.split("plotly.js v")[0]


def test_misses_are_counted_among_those_who_should_be_paid() -> None:
    deal = sibsim.load(DEAL)
    row = sibsim.evidence(deal, trials=500, seed=1).rows[0]
    result = sibsim.run(deal, trials=500, seed=1)
    true = (result.tables.reached[:, 0] - result.tables.otherwise[:, 0]) / SERVED
    paid = result.tables.paid[:, 0]
    due = true + 1e-12 >= 0.1
    assert row.misses == (paid[due] == 0).mean()
    assert row.pays == (paid > 0).mean()
    assert row.cost_of_misses == pytest.approx(1_000 * (due & (paid == 0)).mean())
    assert row.overpaid == pytest.approx(1_000 * (~due & (paid > 0)).mean())


def test_bias_is_what_the_group_has_too_much_of() -> None:
    deal = sibsim.load(with_values(DEAL, {"evidence.others.bias": 0.25}))
    row = sibsim.evidence(deal, trials=TRIALS, seed=1).rows[0]
    assert row.found == pytest.approx(0.55 - 1.25 * 0.4, abs=0.005)
    expected = float(both(0.55, 0.4)[passes(bias=0.25)].sum())
    assert_share(round(row.pays * TRIALS), TRIALS, expected, detect=0.05)


def test_a_baseline_has_no_error_of_sampling_and_may_be_wrong() -> None:
    found = {}
    for each in (0.4, 0.6):
        baseline = {"evidence.others": {"design": "baseline", "each": each}}
        deal = sibsim.load(with_values(DEAL, baseline))
        row = sibsim.evidence(deal, trials=2_000, seed=1).rows[0]
        assert row.group is None
        assert row.found == pytest.approx(0.55 - each, abs=0.005)
        w = np.arange(SERVED + 1)
        for share, p in ((row.pays, 0.55), (row.pays_for_nothing, 0.4)):
            due = w / SERVED - each + 1e-12 >= 0.1
            expected = stats.binom.pmf(w[due], SERVED, p).sum()
            assert share == pytest.approx(expected, abs=0.04)
        found[each] = row
    assert found[0.4].pays > 0.8 > 0.1 > found[0.6].pays, "a baseline too high pays for nothing"


def test_nobody_is_moved_by_a_group_and_none_of_it_is_counted_as_served() -> None:
    with_, without = copy.deepcopy(DEAL), copy.deepcopy(DEAL)
    for data in (with_, without):
        data["contract"]["each"] = {"pay": "per_outcome", "for": "work", "price": "£10"}
    del without["evidence"], without["contract"]["result"]["evidence"]
    one, other = (sibsim.run(sibsim.load(d), trials=50, seed=4) for d in (with_, without))
    assert (one.tables.paid[:, 1] == other.tables.paid[:, 1]).all()
    assert (one.tables.referred == SERVED).all()
    for name, table in one.tables.people.items():
        assert (table == other.tables.people[name]).all(), name
    assert (one.tables.reached == other.tables.reached).all()
    assert (one.tables.otherwise == other.tables.otherwise).all()
    assert (one.tables.paid[:, 0] != other.tables.paid[:, 0]).any()


def test_both_engines_find_the_same() -> None:
    deal = sibsim.load("able").replace({"people.adolescents.referrals": 60,
                                        "evidence.earlier_people.group": 40})  # fmt: skip
    fast, slow = (sibsim.run(deal, trials=4, seed=2, engine=e) for e in ("fast", "simpy"))
    assert (fast.tables.paid == slow.tables.paid).all()
    luck = Luck(2, 0, 4)
    from sibsim.people import des, engine

    drawn = deal.drawn(luck)
    blocks = [e.simulate_block(drawn.population, deal.timeline, luck) for e in (engine, des)]
    groups = [amounts(deal, split(deal, b)[1].otherwise, 4) for b in blocks]
    assert (groups[0].total == groups[1].total).all() and groups[0].total.any()
    assert (groups[0].squares == groups[1].squares).all()


def test_amounts_by_hand() -> None:
    # Days are added up for each person before they are squared.
    deal = sibsim.load("able").replace({"people.adolescents.referrals": 30})
    luck = Luck(3, 0, 2)
    from sibsim.people.engine import simulate_block

    drawn = deal.drawn(luck)
    ours, _ = split(deal, simulate_block(drawn.population, deal.timeline, luck))
    found = amounts(deal, ours.otherwise, 2)
    days = np.zeros((2, 30))
    for trial, _, person, _, _, _, _, amount in zip(*ours.otherwise.columns(), strict=True):
        days[trial, person] += amount
    assert found.total[:, 0].tolist() == days.sum(axis=1).tolist()
    assert found.squares[:, 0].tolist() == (days**2).sum(axis=1).tolist()


def rewarded(**changes: Any) -> dict[str, Any]:
    """The deal with a reward, of which one measure of two rests on evidence."""
    made = copy.deepcopy(DEAL)
    made["contract"] = {
        "core": {"pay": "fee", "amount": "£1,000 a month"},
        "reward": {"pay": "reward", "of": "core", "share": "25%", "measures": {
            "rate": {"for": "work", "result": "rate", "weight": "40%", "target": "50%"},
            "gain": {"for": "work", "result": "added", "evidence": "others", "weight": "60%",
                     "target": "10%", "between": "step"} | changes,
        }},
    }  # fmt: skip
    return made


def test_a_measure_of_a_reward_is_weighed_with_its_part_of_the_pot() -> None:
    found = sibsim.evidence(sibsim.load(rewarded()), trials=TRIALS, seed=1)
    assert [(row.term, row.measure, row.name) for row in found.rows] == [
        ("reward", "gain", "reward.gain")
    ]
    row = found.rows[0]
    assert row.threshold == 0.1 and row.group == GROUP
    nothing, something = (float(both(p, 0.4)[passes()].sum()) for p in (0.4, 0.55))
    assert_share(round(row.pays_for_nothing * TRIALS), TRIALS, nothing, detect=0.04)
    assert_share(round(row.pays * TRIALS), TRIALS, something, detect=0.05)
    # A quarter of £12,000 is held back, and 60% of that hangs on this measure.
    assert row.cost_of_nothing == pytest.approx(1_800 * row.pays_for_nothing)


def test_measures_come_to_what_the_reward_pays() -> None:
    # Both measures rest on evidence, and nothing else is paid: their parts are the whole reward.
    data = rewarded(between="line", target="30%", least="-20%", most="150%")
    measures = data["contract"]["reward"]["measures"]
    measures["rate"] |= {"evidence": "others", "result": "more", "target": 12}
    data["contract"] = {"reward": {"pay": "reward", "every": "6 months", "pays": "£900",
                                   "measures": measures}}  # fmt: skip
    deal = sibsim.load(data)
    rows = sibsim.evidence(deal, trials=300, seed=5).rows
    assert [row.measure for row in rows] == ["rate", "gain"]
    known = sibsim.run(deal, trials=300, seed=5)
    true = sibsim.run(sibsim.load(without_evidence(data)), trials=300, seed=5)
    owed, due = (run.tables.owed[:, 0].mean() / 100 for run in (known, true))
    gap = sum(row.overpaid - row.cost_of_misses for row in rows)
    assert gap == pytest.approx(owed - due, abs=0.02), "up to the rounding of each part"
    assert abs(gap) > 1


def without_evidence(data: dict[str, Any]) -> dict[str, Any]:
    """The same deal, compared with the same people."""
    made = copy.deepcopy(data)
    for measure in made["contract"]["reward"]["measures"].values():
        measure.pop("evidence", None)
    return made


def test_the_pot_of_a_measure_is_what_was_held_back_in_the_trial() -> None:
    data = rewarded()
    data["contract"]["core"] = {"pay": "per_outcome", "for": "work", "price": "£100"}
    deal = sibsim.load(data)
    row = sibsim.evidence(deal, trials=400, seed=2).rows[0]
    run = sibsim.run(deal, trials=400, seed=2)
    # 15% of £100 for each who works, in the trials that pay although the service does nothing.
    claims = run.tables.claims[:, 0]
    assert 0 < row.cost_of_nothing <= 0.15 * 100 * claims.max() * row.pays_for_nothing
    assert row.cost_of_nothing >= 0.15 * 100 * claims.min() * row.pays_for_nothing


def test_the_command_names_a_measure(tmp_path: Path) -> None:
    path = tmp_path / "deal.json"
    path.write_text(json.dumps(rewarded()))
    told = run(str(path), "--trials", "50", "--seed", "1", "--plot", str(tmp_path / "chart.html"))
    assert told.exit_code == 0, told.stderr
    assert "reward.gain" in told.stdout and "part of the pot" in told.stdout
    assert "Reward.gain" in (tmp_path / "chart.html").read_text()


def test_a_trace_tells_of_those_who_are_served_only() -> None:
    told = sibsim.trace(sibsim.load(DEAL), seed=1)
    assert set(told.people["cohort"]) == {"all"}


def run(*words: str) -> Result:
    """The command, as somebody would type it."""
    return CliRunner().invoke(main, ["evidence", *words])


def test_the_command(tmp_path: Path) -> None:
    path = tmp_path / "deal.json"
    path.write_text(json.dumps(DEAL))
    words = (str(path), "--trials", "50", "--seed", "1", "--groups", "40, 160")
    told = run(*words)
    assert told.exit_code == 0, told.stderr
    assert "for nothing" in told.stdout and "160" in told.stdout
    plain = json.loads(run(*words, "--json", "-").stdout)
    assert [row["group"] for row in plain] == [40, 160]
    assert plain[0]["pays_for_nothing"] >= 0
    again = run(*words)
    assert again.stdout == told.stdout


@pytest.mark.parametrize(("words", "code", "says"), [
    (("able", "--thresholds", "much"), 2, "write results with commas"),
    (("able", "--people", "-5"), 2, "write numbers of people with commas"),
    (("able", "--people", "0"), 3, "people.adolescents.referrals"),
    (("able", "--groups", "many"), 2, "write numbers of people with commas"),
    (("able", "--groups", "1"), 3, "evidence.earlier_people.group"),
    (("minimal",), 2, "no payment term of this deal rests on evidence"),
])  # fmt: skip
def test_the_command_refuses(words: tuple[str, ...], code: int, says: str) -> None:
    told = run(*words, "--trials", "2")
    assert told.exit_code == code
    assert says in told.stderr
    assert not told.stdout


FAULTS = [
    ({"evidence.others.group": 1}, 'evidence.others.group: "1", which is below 2'),
    ({"evidence.others.like": "nobody"}, "evidence.others.like"),
    ({"evidence.others.bias": -1}, "evidence.others.bias"),
    ({"evidence.others.significance": 0}, "evidence.others.significance"),
    ({"evidence.others.design": "guess"}, "evidence.others.design"),
    ({"evidence.others": {"design": "baseline"}}, "evidence.others: `each` is missing"),
    ({"contract.result.evidence": "none"}, "contract.result.evidence"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_mistakes_are_named_by_their_address(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        sibsim.load(with_values(DEAL, changes))
    assert said in str(caught.value)


def test_evidence_that_nothing_rests_on_is_odd() -> None:
    data = copy.deepcopy(DEAL)
    del data["contract"]["result"]["evidence"]
    said = [warning.text("") for warning in check(data).warnings]
    assert any("evidence.others: no payment term rests on it" in text for text in said)
