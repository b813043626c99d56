"""The command line: thin, and quick to start.

In: arguments. Out: results on standard output, progress and notes on standard error, an exit code.
Not here: anything that a notebook could not also do; heavy imports stand inside the commands.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from sibsim.errors import IntegrityError, ScenarioError, SibsimError, UsageError
from sibsim.report.progress import Progress
from sibsim.shell import EXIT_CODES, ErrorsInWords, check_targets


def _debug(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--debug", is_flag=True, expose_value=False,
                        help="Show where a fault happened.")(command)  # fmt: skip


def _sampling(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--seed", type=int, help="Fixes all luck; left out: a fresh one.")(
        command
    )
    command = click.option(
        "--trials", type=int, default=1_000, show_default=True, help="Number of possible worlds."
    )(command)
    return click.option(
        "--set", "changes", multiple=True, metavar="ADDRESS=VALUE",
        help="Change one value of the scenario; may be given several times.",
    )(command)  # fmt: skip


@click.group(cls=ErrorsInWords, epilog=EXIT_CODES)
@click.version_option(package_name="sibsim")
@_debug
def main() -> None:
    """Simulate social impact bonds and other outcomes contracts.

    SCENARIO is a file, the name of a bundled deal (`sibsim list`), or - for standard input.
    """


@main.command()
@click.argument("scenario")
@_sampling
@click.option("--until", metavar="TARGET", help='As many trials as it takes: "investor.irr.mcse '
              '< 0.1%" stops when the Monte Carlo error of that mean is below it.')  # fmt: skip
@click.option("--most-trials", type=int,
              help="Where --until stops in any case; left out: 100,000.")  # fmt: skip
@click.option("--report", type=click.Path(path_type=Path), help="Write a page for the browser.")
@click.option("--json", "json_file", help="Write every figure as JSON to a file, or - for here.")
@click.option("--out", type=click.Path(path_type=Path), help="Write trials and flows to a folder.")
@click.option("--engine", type=click.Choice(["fast", "simpy"]), default="fast", show_default=True,
              help="What walks the people; both give the same.")  # fmt: skip
@click.option("--force", is_flag=True, help="Write into a folder that already holds something.")
@_debug
def run(
    scenario: str, changes: tuple[str, ...], trials: int, seed: int | None, until: str | None,
    most_trials: int | None, report: Path | None, json_file: str | None, out: Path | None,
    engine: str, force: bool,
) -> None:  # fmt: skip
    """Simulate a deal and show returns, payments and savings."""
    from sibsim.files import check_folder

    check_targets(scenario, report, json_file)
    if out is not None:
        if report is not None and os.path.realpath(report) == os.path.realpath(out):
            raise UsageError(f"{out}: named twice; write the report to another file")
        check_folder(out, force=force)
    deal = _deal(scenario, changes)
    if until is None:
        if most_trials is not None:
            raise UsageError("--most-trials goes with --until")
        from sibsim.simulation import run as run_deal

        with Progress(trials) as progress:
            result = run_deal(deal, trials=trials, seed=seed, engine=engine, progress=progress)
    else:
        from sibsim.analysis.precision import MOST_TRIALS, run_until

        most = MOST_TRIALS if most_trials is None else most_trials
        with Progress(None) as progress:
            result = run_until(deal, until, trials=trials, most_trials=most, seed=seed,
                               engine=engine, progress=progress)  # fmt: skip
    from sibsim.analysis.correlations import plain, said
    from sibsim.analysis.risk_price import risk_price
    from sibsim.provenance import provenance
    from sibsim.report import tables

    summary = result.summary()
    record = provenance(result)
    joint = result.correlations() if deal.correlations else None  # needs pandas: slow to load
    achieved = {} if joint is None else plain(joint)
    figures = {
        "metrics": summary.plain(), "tails": summary.plain_tails(),
        "risk_price": risk_price(result).plain(), "correlations": achieved, "provenance": record,
    }  # fmt: skip
    if json_file not in (None, "-"):
        _write_json(str(json_file), figures)
    if report is not None:
        from sibsim.report.page import write_report

        write_report(result, report)
        _note(f"report: {report}")
    if out is not None:
        from sibsim.report.folder import write_folder

        write_folder(result, summary, out)
        _note(f"tables: {out}")
    # Printing comes last: whoever reads may stop reading, and the files are whole by then.
    if json_file == "-":
        _write_json("-", figures)
    else:
        tables.print_summary(result, summary)
    for line in () if joint is None else said(joint, result.trials):
        _note(line)
    if result.stopping is not None:
        from sibsim.analysis.precision import said as why

        _note(why(result))
    digest = record["scenario"]["sha256"][:12]
    _note(f"seed {result.seed}, {result.trials:,} trials, scenario {digest}")


@main.command()
@click.argument("scenarios", nargs=-1, required=True)
@click.option("--review", "with_review", is_flag=True,
              help="Also ask what the commissioning field asks; none of it stops a run.")
@_debug
def check(scenarios: tuple[str, ...], with_review: bool) -> None:
    """Say whether scenarios are valid, and what is odd about them."""
    from sibsim.report.phrases import many
    from sibsim.scenario.file import check as read

    worst: SibsimError | None = None
    for scenario in scenarios:
        try:
            reading = read(scenario)
        except SibsimError as error:
            click.echo(str(error), err=True)
            worst = worst or error
            continue
        for warning in reading.warnings:
            click.echo(f"warning: {warning.text(reading.source)}", err=True)
        deal = reading.scenario
        click.echo(
            f"{scenario}: valid. {deal.title}: {many(len(deal.outcomes), 'outcome')}, "
            f"{many(len(deal.contract.terms), 'payment term')}, "
            f"{many(deal.timeline.months, 'month')}"
        )
        if with_review:
            from sibsim.analysis.review import review

            for finding in review(deal):
                click.echo(f"review: {finding.address}: {finding.found} / {finding.why}")
    if worst is not None:
        raise click.exceptions.Exit(worst.exit_code)


@main.command()
@click.argument("scenario")
@click.option("--yaml", "as_yaml", is_flag=True, help="The fully resolved file.")
@click.option("--levers", "as_levers", is_flag=True, help="What can be chosen or is unknown.")
@_debug
def show(scenario: str, as_yaml: bool, as_levers: bool) -> None:
    """Read a deal back in plain sentences."""
    if as_yaml and as_levers:
        raise click.UsageError("--yaml and --levers: choose one")
    deal = _deal(scenario, ())
    if as_yaml:
        from sibsim.scenario.writer import dump

        click.echo(dump(deal, full=True), nl=False)
        return
    from sibsim.report import words

    if as_levers:
        rows = words.levers(deal)
        wide = [max(len(row[column]) for row in rows) for column in range(3)]
        for row in rows:
            click.echo("  ".join([*(f"{t:<{w}}" for t, w in zip(row, wide, strict=False)), row[3]]))
        return
    for line in words.read_back(deal):
        click.echo(line)


@main.command()
@click.argument("scenario")
@click.option("--json", "json_file", help="Write it as JSON to a file, or - for here.")
@_debug
def backtest(scenario: str, json_file: str | None) -> None:
    """Feed published results through the contract; compare with what was really paid."""
    deal = _deal(scenario, ())
    from sibsim.analysis.backtest import backtest as test_deal
    from sibsim.report import tables

    found = test_deal(deal)
    if json_file is not None:
        _write_json(json_file, found.plain())
    if json_file != "-":
        tables.print_backtest(deal, found)
    if not found.passed:
        raise IntegrityError(
            f"back-test: computed {found.money(found.computed)}, published "
            f"{found.money(found.published)}, tolerance {found.money(found.tolerance)}"
        )


@main.command()
@click.argument("scenario")
@click.option("--options", "names", help="Which options, with commas; left out: all.")
@_sampling
@click.option("--json", "json_file", help="Write every figure as JSON to a file, or - for here.")
@_debug
def compare(
    scenario: str, names: str | None, changes: tuple[str, ...], trials: int, seed: int | None,
    json_file: str | None,
) -> None:  # fmt: skip
    """Run the options of a deal on the same people and set them beside its base."""
    _variants("options", scenario, names, changes, trials, seed, json_file)


@main.command()
@click.argument("scenario")
@click.option("--stresses", "names", help="Which stresses, with commas; left out: all.")
@_sampling
@click.option("--json", "json_file", help="Write every figure as JSON to a file, or - for here.")
@_debug
def stress(
    scenario: str, names: str | None, changes: tuple[str, ...], trials: int, seed: int | None,
    json_file: str | None,
) -> None:  # fmt: skip
    """Run the stresses of a deal on the same people and set them beside its base."""
    _variants("stresses", scenario, names, changes, trials, seed, json_file)


@main.command()
@click.argument("scenario")
@click.option("--seed", type=int, required=True, help="The seed of the run.")
@click.option("--trial", type=int, default=0, show_default=True, help="Which trial of it.")
@click.option("--person", help="One person only: a number, or COHORT:NUMBER.")
@click.option("--pounds", is_flag=True, help="Tell the account instead: every step that it takes.")
@click.option("--month", help="With --pounds, one month only: 2028-10.")
@click.option("--engine", type=click.Choice(["simpy", "fast"]), default="simpy", show_default=True,
              help="What tells the story; both tell the same.")  # fmt: skip
@click.option(
    "--set", "changes", multiple=True, metavar="ADDRESS=VALUE",
    help="Change one value of the scenario; may be given several times.",
)  # fmt: skip
@click.option("--json", "json_file", help="Write it as JSON to a file, or - for here.")
@_debug
def trace(
    scenario: str, seed: int, trial: int, person: str | None, pounds: bool, month: str | None,
    engine: str, changes: tuple[str, ...], json_file: str | None,
) -> None:  # fmt: skip
    """Tell one trial's story, event by event, or pound by pound."""
    if (pounds and person is not None) or (month is not None and not pounds):
        raise UsageError("--person tells of people, --pounds and --month of money: take one")
    check_targets(scenario, json_file)
    deal = _deal(scenario, changes)
    from dataclasses import replace as changed

    from sibsim.analysis.trace import trace as tell
    from sibsim.report import tables

    story = tell(deal, seed=seed, trial=trial, engine=engine)
    if person is not None:
        story = changed(story, people=story.person(person))
    if month is not None:
        story = changed(story, account=story.in_month(month))
    if json_file is not None:
        _write_json(json_file, story.plain())
    if json_file != "-":
        (tables.print_account if pounds else tables.print_story)(deal, story)
    _note(f"seed {seed}, trial {trial}, {engine} engine")


@main.command()
@click.argument("scenario")
@click.option("--groups", help="Sizes of the comparison groups to try, with commas: 100,400,1600.")
@click.option("--people", help="Sizes of each cohort to try, with commas: 200,800.")
@click.option("--thresholds", help="Least results that are paid for, to try: 5%,10%,20%.")
@_sampling
@click.option("--json", "json_file", help="Write it as JSON to a file, or - for here.")
@click.option("--plot", type=click.Path(path_type=Path), help="Draw it as an HTML file.")
@_debug
def evidence(
    scenario: str, groups: str | None, people: str | None, thresholds: str | None, trials: int,
    seed: int | None, changes: tuple[str, ...], json_file: str | None, plot: Path | None,
) -> None:  # fmt: skip
    """Say how often evidence pays for nothing, and misses a success."""
    check_targets(scenario, json_file, plot)
    sizes, cohorts = (_heads(name, said) for name, said in (("groups", groups), ("people", people)))
    levels = _shares("thresholds", thresholds)
    deal = _deal(scenario, changes)
    from sibsim.analysis.evidence import evidence as weigh
    from sibsim.report import tables

    found = weigh(deal, trials=trials, seed=seed, people=cohorts, groups=sizes, thresholds=levels)
    if plot is not None:
        from sibsim.report.evidence_chart import write_chart

        write_chart(deal, found, plot)
        _note(f"wrote {plot}")
    if json_file is not None:
        _write_json(json_file, found.plain())
    if json_file != "-":
        tables.print_evidence(deal, found)
    _note(f"seed {found.seed}, {found.trials:,} trials")


def _heads(name: str, said: str | None) -> list[int]:
    """Numbers of people as an option lists them."""
    sizes = [] if said is None else [size.strip().replace("_", "") for size in said.split(",")]
    if not all(size.isdecimal() for size in sizes):
        raise UsageError(f"--{name} {said}: write numbers of people with commas: 100,400,1600")
    return [int(size) for size in sizes]


def _shares(name: str, said: str | None) -> list[float]:
    """Results as an option lists them."""
    from sibsim.writing import Misread, factor

    try:
        return [] if said is None else [factor(one.strip()).value for one in said.split(",")]
    except Misread as wrong:
        hint = "write results with commas: 5%,10%,20%"
        raise UsageError(f"--{name} {said}: {hint}") from wrong


@main.command("list")
@_debug
def list_scenarios() -> None:
    """Name the deals that come with sibsim."""
    from sibsim.scenario.file import bundled, load

    known = bundled()
    width = max(map(len, known))
    for name, path in known.items():
        click.echo(f"{name:<{width}}  {load(path).title}")


@main.command()
@_debug
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    import json

    from sibsim.scenario.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


def _variants(
    section: str, scenario: str, names: str | None, changes: tuple[str, ...], trials: int,
    seed: int | None, json_file: str | None,
) -> None:  # fmt: skip
    check_targets(scenario, json_file)
    deal = _deal(scenario, changes)
    from sibsim.analysis.variants import run_variants
    from sibsim.report import tables

    chosen = None if names is None else [name.strip() for name in names.split(",")]
    count = 1 + len(chosen if chosen is not None else getattr(deal, section))
    with Progress(trials * count) as progress:
        found = run_variants(
            deal, section, names=chosen, trials=trials, seed=seed, progress=progress
        )
    if json_file is not None:
        _write_json(json_file, found.plain())
    if json_file != "-":
        tables.print_variants(found)
    _note(f"seed {found.base.seed}, {found.base.trials:,} trials")


def _deal(scenario: str, changes: tuple[str, ...]) -> Any:
    """Read a scenario, print its warnings, and put in what ``--set`` says."""
    from sibsim.scenario.file import changed
    from sibsim.scenario.file import check as read

    wanted: dict[str, Any] = {}
    for change in changes:
        address, value = _change(change)
        if address in wanted:
            raise UsageError(f"--set {address}: given twice")
        wanted[address] = value
    reading = read(scenario)
    source = reading.source
    if wanted:
        try:
            reading, source = changed(reading.scenario, wanted), f"{source} with --set"
        except ScenarioError as error:
            raise UsageError(str(ScenarioError(error.problems, "--set"))) from error
    for warning in reading.warnings:
        click.echo(f"warning: {warning.text(source)}", err=True)
    return reading.scenario


def _change(text: str) -> tuple[str, Any]:
    from sibsim.scenario.nodes import parse
    from sibsim.scenario.reader import plain_data

    address, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not address:
        raise UsageError(f"--set {text}: write ADDRESS=VALUE, such as contract.work.price=£3,000")
    if "\n" in value or "\r" in value:
        raise UsageError(f"--set {address}: the value has a line break; write it on one line")
    try:
        node = parse(f"value: {value}\n".encode("utf-8", "surrogatepass"), "--set")
    except ScenarioError as error:
        problems = [replace(p, address=address, line=None) for p in error.problems]
        raise UsageError(str(ScenarioError(problems, "--set"))) from error
    return address, plain_data(node.pairs[0][1])


def _write_json(target: str, data: Any) -> None:
    import json

    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if target == "-":
        click.echo(text, nl=False)
        return
    from sibsim.files import replace_file

    replace_file(Path(target), text.encode())


def _note(text: str) -> None:
    click.echo(text, err=True)


if __name__ == "__main__":
    main()
