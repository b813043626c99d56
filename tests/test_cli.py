"""Every command as its user would type it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import sibsim
from sibsim.cli import main
from sibsim.metrics import METRICS
from sibsim.report.folder import FILES
from sibsim.scenario.file import bundled


def call(*words: str) -> Result:
    """One command, in this process."""
    return CliRunner().invoke(main, list(words))


def test_help_names_every_command_and_exit_code() -> None:
    done = call("--help")
    assert done.exit_code == 0
    for command in main.commands.values():
        assert command.name is not None and command.name in done.output
        assert command.help
    for code in ("0 done", "3 scenario not valid", "130 interrupted"):
        assert code in " ".join(done.output.split())


@pytest.mark.parametrize("name", sorted(bundled()))
def test_every_bundled_deal_is_valid_and_reads_back(name: str) -> None:
    done = call("check", name)
    assert done.exit_code == 0 and f"{name}: valid" in done.output
    assert "warning" not in done.output
    told = call("show", name)
    assert told.exit_code == 0
    deal = sibsim.load(name)
    for term in deal.contract.terms.values():
        assert (term.about.label or "Example:") in told.output
    assert told.output.count("Example:") == len(deal.contract.terms)


def test_run_prints_a_headline_and_every_metric() -> None:
    done = call("run", "minimal", "--trials", "100", "--seed", "1")
    assert done.exit_code == 0
    assert "can expect to pay" in done.stdout
    for metric in METRICS:
        assert metric in done.stdout
    assert "seed 1, 100 trials" in done.stderr


def test_an_investor_who_is_not_there_has_no_rows(tmp_path: Path) -> None:
    invested = call("run", "minimal", "--trials", "20", "--seed", "1")
    assert "investor.irr " in invested.stdout
    data = sibsim.load("minimal")
    alone = tmp_path / "alone.yaml"
    text = sibsim.dump(data)
    start = text.index("capital:")
    end = next(at for at in range(start + 1, len(text)) if text[at - 1] == "\n" != text[at] != " ")
    alone.write_text(text[:start] + text[end:])
    told = call("run", str(alone), "--trials", "20", "--seed", "1")
    assert told.exit_code == 0 and "provider.net" in told.stdout
    assert "investor." not in told.stdout


def test_one_of_a_thing_is_in_the_singular() -> None:
    assert "1 outcome, 1 payment term, 60 months" in call("check", "cuyahoga").stdout


def test_json_holds_metrics_and_provenance() -> None:
    done = call("run", "minimal", "--trials", "100", "--seed", "1", "--json", "-")
    data = json.loads(done.stdout)
    irr = data["metrics"]["investor.irr"]
    assert set(irr) == {
        "mean", "sd", "p05", "p25", "p50", "p75", "p95", "mcse", "unit", "undefined_share"
    }  # fmt: skip
    assert data["provenance"]["seed"] == 1 and data["provenance"]["trials"] == 100
    assert re.fullmatch("[0-9a-f]{64}", data["provenance"]["scenario"]["sha256"])
    expected = sibsim.run(sibsim.load("minimal"), trials=100, seed=1).summary()
    assert irr["mean"] == expected["investor.irr"].mean


def test_json_into_a_file_and_a_report(tmp_path: Path) -> None:
    json_file, report = tmp_path / "figures.json", tmp_path / "report.html"
    done = call("run", "minimal", "--trials", "20", "--seed", "1", "--json", str(json_file),
                "--report", str(report))  # fmt: skip
    assert done.exit_code == 0, done.output
    assert json.loads(json_file.read_text())["metrics"]
    assert report.read_text().lower().startswith("<!doctype html>")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["figures.json", "report.html"]


def test_out_writes_every_file_and_the_scenario_repeats_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    first = call("run", "minimal", "--trials", "30", "--seed", "5", "--out", str(folder))
    assert first.exit_code == 0, first.output
    assert sorted(p.name for p in folder.iterdir()) == sorted(FILES)
    metrics = pq.read_table(folder / "metrics.parquet").to_pandas()
    flows = pq.read_table(folder / "cash_flows.parquet").to_pandas()
    assert len(metrics) == 30
    result = sibsim.run(sibsim.load(folder / "scenario.yaml"), trials=30, seed=5)
    assert metrics["payments.total"].tolist() == result.frame()["payments.total"].tolist()
    paid = flows.groupby("trial")["outcome payments"].sum()
    assert (paid / 100 == metrics["payments.total"]).all()
    record = json.loads((folder / "provenance.json").read_text())
    assert record["seed"] == 5 and record["sibsim"] and record["libraries"]["numpy"]


def test_out_refuses_a_folder_that_holds_something(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "mine.txt").write_text("keep me")
    words = ("run", "minimal", "--trials", "5", "--seed", "1", "--out", str(folder))
    refused = call(*words)
    assert refused.exit_code == 4 and "--force" in refused.output
    assert [p.name for p in folder.iterdir()] == ["mine.txt"]
    assert call(*words, "--force").exit_code == 0
    assert (folder / "mine.txt").read_text() == "keep me"


def test_equal_runs_write_equal_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        done = call("run", "minimal", "--trials", "20", "--seed", "3", "--out",
                    str(tmp_path / name), "--report", str(tmp_path / f"{name}.html"))  # fmt: skip
        assert done.exit_code == 0
    for file in FILES:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_set_changes_one_value_as_a_file_would() -> None:
    done = call("run", "minimal", "--trials", "50", "--seed", "1", "--set",
                "contract.work.price=£0", "--set", "capital.fund.commitment=250k",
                "--json", "-")  # fmt: skip
    metrics = json.loads(done.stdout)["metrics"]
    assert metrics["payments.work"]["mean"] == 0
    assert metrics["claims.work"]["mean"] > 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("contract.work.prise=3", "did you mean contract.work.price?"),
        ("contract.work.price=-3", "£0 or more"),
        ("contract.work=3", "the address of a value"),
        ("nothing", "write ADDRESS=VALUE"),
        ("outcomes.starts_work.chance=65", "did you mean 65%?"),
    ],
)
def test_set_explains_what_is_wrong(change: str, words: str) -> None:
    done = call("run", "minimal", "--set", change)
    assert done.exit_code == 2
    assert words in done.output


def test_show_yaml_is_the_whole_scenario() -> None:
    done = call("show", "minimal", "--yaml")
    from sibsim.scenario.file import read_node
    from sibsim.scenario.nodes import parse

    again = read_node(parse(done.output.encode(), "shown"), "shown").scenario
    assert again == sibsim.load("minimal")
    assert "claims_per_person: 1" in done.output and "discount: green_book" in done.output


def test_show_levers_gives_a_line_for_each_choice_and_uncertainty() -> None:
    lines = call("show", "minimal", "--levers").output.splitlines()
    found = {line.split()[0]: line for line in lines}
    assert " lever " in found["contract.work.price"]
    assert " uncertain " in found["outcomes.starts_work.chance"]
    assert "outcomes.starts_work.without" not in found


def test_list_names_the_bundled_deals() -> None:
    done = call("list")
    assert done.exit_code == 0
    for name in ("minimal", "i-aspire", "apollo", "depaul", "fusion", "st-basils", "sofa-surfing"):
        assert name in done.output


@pytest.mark.parametrize(("command", "section"), [("compare", "options"), ("stress", "stresses")])
def test_variants_show_paired_differences(command: str, section: str) -> None:
    done = call(command, "minimal", "--trials", "60", "--seed", "1")
    assert done.exit_code == 0, done.output
    deal = sibsim.load("minimal")
    for name in getattr(deal, section):
        assert name in done.output
    as_json = call(command, "minimal", "--trials", "60", "--seed", "1", "--json", "-")
    data = json.loads(as_json.stdout)
    one = next(iter(data[section].values()))
    difference = one["differences"]["commissioner.payments"]
    gap = one["metrics"]["commissioner.payments"]["mean"]
    gap -= data["base"]["metrics"]["commissioner.payments"]["mean"]
    assert difference["mean"] == pytest.approx(gap)
    assert difference["mcse"] > 0


def test_compare_takes_names_and_refuses_unknown_ones() -> None:
    assert call("compare", "minimal", "--options", "higher_price", "--trials", "9").exit_code == 0
    done = call("compare", "minimal", "--options", "hihger", "--trials", "9")
    assert done.exit_code == 2 and "higher_price" in done.output


def test_backtest_of_a_deal_without_one_says_so() -> None:
    done = call("backtest", "minimal")
    assert done.exit_code == 2 and "no `backtest` section" in done.output


def test_backtest_outside_its_tolerance_fails(tmp_path: Path) -> None:
    text = bundled()["apollo"].read_text().replace("£848,540", "£848,541")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text)
    done = call("backtest", str(wrong))
    assert done.exit_code == 6 and "OUTSIDE" in done.output


def test_module_and_pipe(tmp_path: Path) -> None:
    code = f"{sys.executable} -m sibsim show minimal | head -1"
    done = subprocess.run(code, shell=True, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout == "Ready for work\n" and done.stderr == ""
    text = bundled()["minimal"].read_bytes()
    piped = subprocess.run(
        [sys.executable, "-m", "sibsim", "check", "-"], input=text, capture_output=True
    )
    assert piped.returncode == 0 and b"valid" in piped.stdout


def test_debug_shows_where_and_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sibsim.summary.summarise", lambda result: 1 / 0)
    done = call("run", "minimal", "--trials", "3")
    assert done.exit_code == 1
    assert "a fault of sibsim itself" in done.output and "Traceback" not in done.output
    with pytest.raises(ZeroDivisionError):
        CliRunner().invoke(main, ["run", "minimal", "--trials", "3", "--debug"],
                           catch_exceptions=False)  # fmt: skip
