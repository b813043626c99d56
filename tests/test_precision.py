"""Runs that stop when a figure is known well enough.

In: the tiny deal, targets as a user types them. Out: proof that stopping changes no trial, and
words for each target that cannot be read. Not here: the error of a mean (`test_statistical`).
"""

from __future__ import annotations

import json
import math
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import tiny_data

import sibsim
from sibsim.analysis import precision
from sibsim.analysis.precision import run_until, said, target
from sibsim.cli import main
from sibsim.errors import RefusedError
from sibsim.memory import BLOCK_TRIALS
from sibsim.metrics import measure, units
from sibsim.provenance import provenance
from sibsim.result import Result, Tables
from sibsim.scenario.deal import Scenario
from sibsim.scenario.file import bundled
from sibsim.simulation import extend


def arrays(result: Result) -> list[Any]:
    """Every table of a result."""
    tables = result.tables
    found = [(e.line, e.amount) for e in tables.ledger]
    mappings = ("costs", "cut", "beside", "people")
    for name in mappings:
        found += getattr(tables, name).items()
    names = [f.name for f in fields(Tables) if f.name not in ("ledger", *mappings)]
    return [array for _, array in found] + [getattr(tables, name) for name in names]


def same(one: Result, other: Result, trials: int) -> None:
    """Bit for bit the same facts in the first trials of both."""
    for mine, theirs in zip(arrays(one), arrays(other), strict=True):
        assert mine.dtype == theirs.dtype
        assert np.array_equal(mine[:trials], theirs[:trials], equal_nan=mine.dtype.kind == "f")


def no_money() -> Scenario:
    """A deal without an investor: nothing is drawn, so no multiple is defined."""
    data = tiny_data()
    del data["capital"]
    return sibsim.load(data)


# --- more trials of the same run ------------------------------------------------------------------


def test_twenty_thousand_trials_begin_with_the_ten_thousand(tiny: Scenario) -> None:
    half = sibsim.run(tiny, trials=10_000, seed=5)
    whole = sibsim.run(tiny, trials=20_000, seed=5)
    longer = extend(half, 20_000)
    assert len(arrays(whole)[0]) == 20_000 == longer.trials
    same(half, whole, 10_000)
    same(longer, whole, 20_000)
    assert longer.summary().plain() == whole.summary().plain()


@pytest.mark.parametrize(("first", "then", "engine"), [(1, 2, "fast"), (100, 101, "fast"),
                                                       (7, 40, "simpy")])  # fmt: skip
def test_more_trials_from_any_number(tiny: Scenario, first: int, then: int, engine: str) -> None:
    done = extend(sibsim.run(tiny, trials=first, seed=0), then, engine=engine, workers=1)
    same(done, sibsim.run(tiny, trials=then, seed=0), then)


def test_more_trials_are_more(tiny: Scenario) -> None:
    result = sibsim.run(tiny, trials=5, seed=0)
    for trials in (5, 3):
        with pytest.raises(sibsim.UsageError, match="5 trials already"):
            extend(result, trials)


# --- stopping -------------------------------------------------------------------------------------


def test_it_stops_when_the_target_is_met_and_is_a_plain_run(tiny: Scenario) -> None:
    done: list[int] = []
    result = run_until(
        tiny, "payments.total.mcse < £100", trials=300, seed=3, progress=done.append
    )
    stopping = result.stopping
    assert stopping is not None and stopping.met
    assert stopping.reached == result.summary()["payments.total"].mcse < 100 == stopping.limit
    assert 300 < result.trials < 100_000 and result.trials % BLOCK_TRIALS == 0
    assert sum(done) == result.trials, "no trial was done twice"
    plain = sibsim.run(tiny, trials=result.trials, seed=3)
    same(result, plain, result.trials)
    assert result.frame().equals(plain.frame())
    earlier = sibsim.run(tiny, trials=300, seed=3).summary()["payments.total"].mcse
    assert earlier >= 100, "it had to go on"


def test_a_target_already_met_takes_the_trials_it_began_with(tiny: Scenario) -> None:
    result = run_until(tiny, "people.started.mcse < 5", trials=50, seed=3)
    assert result.trials == 50 and result.stopping is not None and result.stopping.met
    assert "the metric is the same in every trial" in said(result)


def test_the_cap_is_kept(tiny: Scenario) -> None:
    result = run_until(tiny, "payments.total.mcse < £1", trials=50, most_trials=333, seed=3)
    assert result.trials == 333
    assert result.stopping is not None and not result.stopping.met
    error = result.summary()["payments.total"].mcse
    assert said(result) == (
        f"stopped at the cap of 333 trials: payments.total.mcse £{error:,.2f}; target < £1.00 not "
        "met (adaptive stopping)"
    )
    same(result, sibsim.run(tiny, trials=333, seed=3), 333)


@pytest.mark.parametrize("metric", ["investor.multiple", "investor.irr"])
def test_what_no_trial_defines_never_meets_a_target(metric: str) -> None:
    result = run_until(no_money(), f"{metric}.mcse < 99%" if metric == "investor.irr"
                       else f"{metric}.mcse < 1e9", trials=20, most_trials=600, seed=1)  # fmt: skip
    assert result.trials == 600 and result.stopping is not None
    assert not result.stopping.met and math.isnan(result.stopping.reached)
    assert "mcse undefined; target" in said(result)
    record = provenance(result)["stopping"]
    assert record["reached"] is None and json.dumps(record, allow_nan=False)


def test_one_trial_has_no_error_and_goes_on(tiny: Scenario) -> None:
    result = run_until(tiny, "payments.total.mcse < £1m", trials=1, seed=1)
    assert 1 < result.trials <= BLOCK_TRIALS


def test_rounds_grow_by_half_or_by_what_the_error_calls_for(tiny: Scenario) -> None:
    assert precision._more(tiny, 1_000, 1.001, 10**9) == 1_536
    assert precision._more(tiny, 1_000, math.nan, 10**9) == 1_536
    assert precision._more(tiny, 1_000, 2.0, 10**9) == 4_352  # 4,200 in whole blocks of 256
    assert precision._more(tiny, 1_000, 50.0, 10**9) == 10_240
    assert precision._more(tiny, 1_000, 50.0, 9_999) == 9_999


def test_provenance_says_so_of_a_run_that_stopped_by_itself_only(tiny: Scenario) -> None:
    result = run_until(tiny, " payments.total.mcse  <  £500 ", trials=60, seed=3)
    record = provenance(result)
    assert record["stopping"] == {
        "until": "payments.total.mcse < £500", "metric": "payments.total", "limit": 500.0,
        "reached": result.summary()["payments.total"].mcse, "met": True, "most_trials": 100_000,
    }  # fmt: skip
    plain = provenance(sibsim.run(tiny, trials=result.trials, seed=3))
    assert plain == {key: value for key, value in record.items() if key != "stopping"}


def test_what_memory_cannot_hold_is_refused_before_any_work(
    tiny: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "run", lambda *_, **__: pytest.fail("simulated in vain"))
    with pytest.raises(RefusedError, match="GiB"):
        run_until(tiny, "payments.total.mcse < £1", most_trials=10**12)
    with pytest.raises(sibsim.UsageError, match="begins with 1,000 trials, and the most is 500"):
        run_until(tiny, "payments.total.mcse < £1", most_trials=500)


# --- targets --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(bundled()))
def test_the_names_of_a_deals_metrics_are_known_before_it_is_run(name: str) -> None:
    deal = sibsim.load(name)
    found = {n: m.unit for n, m in measure(sibsim.run(deal, trials=1, seed=1)).items()}
    assert list(units(deal).items()) == list(found.items())


@pytest.mark.parametrize(
    ("text", "metric", "limit"),
    [("investor.irr.mcse < 0.1%", "investor.irr", 0.001),
     ("investor.irr.mcse<0.001", "investor.irr", 0.001),
     ("investor.loss.mcse < 1%", "investor.loss", 0.01),
     ("payments.total.mcse < £500", "payments.total", 500),
     ("payments.job.mcse < 1.5k", "payments.job", 1_500),
     ("savings.DWP.mcse < 0.50", "savings.DWP", 0.5),
     ("investor.multiple.mcse < 0.01", "investor.multiple", 0.01),
     ("outcomes.work.with.mcse < .25", "outcomes.work.with", 0.25),
     ("investor.peak_month.mcse < 1e-3", "investor.peak_month", 0.001)],
)  # fmt: skip
def test_targets_are_read(tiny: Scenario, text: str, metric: str, limit: float) -> None:
    read = target(tiny, text)
    assert (read.metric, read.limit) == (metric, pytest.approx(limit))


BAD = [
    ("", "write METRIC.mcse < VALUE, such as investor.irr.mcse < 0.1%"),
    ("investor.irr.mcse", "write METRIC.mcse < VALUE"),
    ("investor.irr.mcse <", "write METRIC.mcse < VALUE"),
    ("< 0.1%", "write METRIC.mcse < VALUE"),
    ("mcse < 0.1%", "write METRIC.mcse < VALUE"),
    ("investor.irr.mcse <= 0.1%", "write METRIC.mcse < VALUE"),
    ("investor.irr.mcse > 0.1%", "write METRIC.mcse < VALUE"),
    ("investor.irr.mcse = 0.1%", "write METRIC.mcse < VALUE"),
    ("investor.irr.mcse < 1% < 2%", "write METRIC.mcse < VALUE"),
    ("investor.ir.mcse < 0.1%", "no metric is called investor.ir; did you mean 'investor.irr."),
    ("investor.irr < 0.1%", "did you mean 'investor.irr.mcse'?"),
    ("payments.jbo.mcse < £5", "did you mean 'payments.job.mcse'?"),
    ("qqqq.mcse < 1", "no metric is called qqqq; write METRIC.mcse"),
    ("__import__('os').mcse < 1", "no metric is called"),
    ("investor.irr.sd < 0.1%", "sd is no error that falls with more trials; write investor.irr."),
    ("investor.irr.mean < 0.1%", "mean is no error"),
    ("investor.irr.undefined_share < 0.1%", "undefined_share is no error"),
    ("investor.irr.mcse < 0", "must be above 0"),
    ("investor.irr.mcse < 0%", "must be above 0"),
    ("investor.irr.mcse < -0.1%", "must be above 0"),
    ("payments.total.mcse < -£5", "must be above 0"),
    ("investor.irr.mcse < 5", "'5', which would be 500%; allowed: a share such as 35% or 0.35; did "
     "you mean 5%?"),
    ("investor.irr.mcse < £5", "'£5'; allowed: a share"),
    ("investor.irr.mcse < nan", "which is not a usable number"),
    ("payments.total.mcse < inf", "which is not a usable number"),
    ("payments.total.mcse < 5%", "allowed: an amount of money"),
    ("payments.total.mcse < $5", "which is not in GBP"),
    ("people.left.mcse < 5%", "allowed: a number"),
    ("people.left.mcse < 1 + 1", "allowed: a number"),
    ("investor.irr.mcse < " + "9" * 5_000, "allowed: a share"),
    ("x" * 5_000 + ".mcse < 1", "no metric is called xxx"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), BAD, ids=[text[:30] for text, _ in BAD])
def test_a_target_that_cannot_be_read(tiny: Scenario, text: str, words: str) -> None:
    with pytest.raises(sibsim.UsageError) as error:
        run_until(tiny, text)
    assert str(error.value).startswith("until ") and words in str(error.value)
    assert len(str(error.value)) < 400 and "\n" not in str(error.value)


# --- the command line -----------------------------------------------------------------------------


def call(*words: str) -> Any:
    """``sibsim run minimal`` with some words."""
    return CliRunner().invoke(main, ["run", "minimal", "--seed", "1", *words])


def test_the_command_says_that_and_why_it_stopped() -> None:
    done = call("--trials", "200", "--until", "payments.total.mcse < £3k", "--json", "-")
    assert done.exit_code == 0, done.stderr
    data = json.loads(done.stdout)
    trials, stopping = data["provenance"]["trials"], data["provenance"]["stopping"]
    assert stopping["met"] and stopping["reached"] == data["metrics"]["payments.total"]["mcse"]
    line = (f"stopped at {trials:,} trials: payments.total.mcse £{stopping['reached']:,.2f} < "
            "£3,000.00 (adaptive stopping)")  # fmt: skip
    assert line in done.stderr.splitlines()
    plain = json.loads(call("--trials", str(trials), "--json", "-").stdout)
    assert plain["metrics"] == data["metrics"] and "stopping" not in plain["provenance"]


def test_the_command_says_that_the_target_was_not_met() -> None:
    done = call("--trials", "20", "--until", "investor.irr.mcse < 0.01%", "--most-trials", "64")
    assert done.exit_code == 0
    assert "stopped at the cap of 64 trials: investor.irr.mcse " in done.stderr
    assert "%; target < 0.01% not met (adaptive stopping)" in done.stderr
    assert "seed 1, 64 trials" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [(("--until", "investor.irr < 1%"), "did you mean 'investor.irr.mcse'?"),
     (("--until", "investor.irr.mcse < 1%", "--most-trials", "9"), "the most is 9"),
     (("--until", "investor.irr.mcse < 1%", "--most-trials", "0"), "1 or more; it is 0"),
     (("--most-trials", "9"), "--most-trials goes with --until")],
)  # fmt: skip
def test_words_that_the_command_refuses(words: tuple[str, ...], told: str) -> None:
    done = call(*words)
    assert done.exit_code == 2 and told in done.stderr and done.stdout == ""


def test_the_help_names_the_cap() -> None:
    assert f"{precision.MOST_TRIALS:,}" in " ".join(call("--help").stdout.split())
