"""Results as tables on a terminal.

In: summaries, comparisons, back-tests. Out: text on standard output. Not here: HTML, files.
Scenario text is never read as markup.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sibsim.analysis.backtest import BacktestResult, BacktestRow
from sibsim.contract.terms import ByResult, Goal, OnResult
from sibsim.metrics import of_every
from sibsim.people.outcomes import unit
from sibsim.report.capital_words import said
from sibsim.report.formats import exact, headline, shown
from sibsim.result import Result
from sibsim.scenario.deal import Scenario
from sibsim.summary import HEADLINES, Figure, Summary
from sibsim.writing import share_text

if TYPE_CHECKING:
    from sibsim.analysis.evidence import EvidenceResult
    from sibsim.analysis.trace import Trace
    from sibsim.analysis.variants import VariantsResult
WIDTH = 126
"""Columns of a table that is not printed on a terminal."""

def console() -> Console:
    """A plain console on standard output."""
    width = None if sys.stdout.isatty() else WIDTH
    return Console(width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def print_summary(result: Result, summary: Summary) -> None:
    """The headline in words, the metrics of every deal, then outcomes and payment terms."""
    out = console()
    out.print(Text(result.deal.title, style="bold"))
    for sentence in headline(result, summary):
        out.print(Text(sentence))
    out.print()
    table = _table("metric", ("mean", "sd", "5 %", "median", "95 %", "± error", "undefined"))
    table.add_column("unit", no_wrap=True)
    rows = of_every(result.deal)
    for name, figure in summary.figures.items():
        if name.startswith("investor.") and not result.deal.capital:
            continue  # nobody invests, so there is nothing to tell
        if name in rows or name.startswith(("savings.", "payers.", "capital.")):
            table.add_row(Text(name), *_cells(figure), _missing(figure), figure.unit)
    out.print(table)
    out.print()
    table = _table("worst 5 % of trials: loss", ("VaR", "± error", "CVaR", "± error"))
    for name, found in summary.tails.items():
        lost = (found.var, found.var_error, found.cvar, found.cvar_error)
        table.add_row(Text(name), *(shown(value, result.deal.currency) for value in lost))
    out.print(table)
    out.print()
    table = _table("outcome", ("with", "5 %", "95 %", "without", "additional"))
    for name, outcome in result.deal.outcomes.items():
        reached, without, additional = (
            summary[f"outcomes.{name}.{part}"] for part in ("with", "without", "additional")
        )
        values = (reached.mean, reached.p05, reached.p95, without.mean, additional.mean)
        label = Text(outcome.about.label or name)
        table.add_row(label, *(shown(value, "people") for value in values))
    out.print(table)
    out.print()
    table = _table("payment term", ("claims", "paid", "5 %", "95 %"))
    for name, item in result.deal.contract.terms.items():
        paid = summary[f"payments.{name}"]
        cells = [shown(value, paid.unit) for value in (paid.mean, paid.p05, paid.p95)]
        label = Text(item.about.label or name)
        table.add_row(label, shown(summary[f"claims.{name}"].mean, "claims"), *cells)
    out.print(table)
    if result.deal.costs.lines:
        out.print()
        out.print(_cost_lines(result, summary))


def _cost_lines(result: Result, summary: Summary) -> Table:
    """Each line of costs: what it comes to, who bears it, what it is for."""
    table = _table("cost", ("mean", "5 %", "95 %"))
    for name in ("paid by", "to", "phase", "category"):
        table.add_column(name)
    for name, line in result.deal.costs.lines.items():
        figure = summary[f"costs.{name}"]
        cells = [shown(value, figure.unit) for value in (figure.mean, figure.p05, figure.p95)]
        words = (line.paid_by, line.paid_to, line.phase, line.category.replace("_", " "))
        table.add_row(Text(line.about.label or name), *cells, *(Text(word) for word in words))
    return table


def print_story(deal: Scenario, story: Trace) -> None:
    """One trial event by event: the world with the service, and that without it beside it."""
    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("date", "day", "person", "with the service", "without it", "claim"):
        right, short = name == "day", name in ("date", "day", "person", "claim")
        table.add_column(name, justify="right" if right else "left", no_wrap=short)
    for row in story.people.itertuples():
        outcome = deal.outcomes.get(str(row.event))
        words = str(row.event if outcome is None else outcome.about.label or row.event)
        if row.amount != 1:
            words += f": {row.amount:,}"
        here, there = (words, "") if row.world == "with" else ("", words)
        paid = "yes" if row.served and outcome is not None else ""
        who = f"{row.cohort}:{row.person}"
        table.add_row(str(row.date), str(row.day), Text(who), Text(here), Text(there), paid)
    out.print(table)


def print_account(deal: Scenario, story: Trace) -> None:
    """The vehicle's account in one trial: every movement, what it is, and what it leaves."""
    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    kept = (story.account["kept"] > 0).any()
    for name in ("month", "status", "movement", "amount", *(["kept"] if kept else []), "balance"):
        right = name in ("amount", "kept", "balance")
        table.add_column(name, justify="right" if right else "left", no_wrap=right)
    for row in story.account.itertuples():
        steps = deal.waterfall.steps(str(row.status), deal.capital)
        name = words = str(row.what)
        if name in steps:
            words = f"{name}: {said(steps[name], deal)}"
        money = [exact(float(str(value)), deal.currency) if value else ""
                 for value in (row.amount, *([row.kept] if kept else []))]  # fmt: skip
        balance = exact(float(str(row.balance)), deal.currency)
        table.add_row(str(row.month), str(row.status).replace("_", " "), Text(words), *money,
                      balance)  # fmt: skip
    out.print(table)
    if not len(story.account):
        out.print(Text("Nothing moves."))


def print_evidence(deal: Scenario, found: EvidenceResult) -> None:
    """What the evidence finds beside what is true, and what its errors cost."""
    from sibsim.analysis.evidence import weighed

    out = console()
    sized = len({row.people for row in found.rows}) > 1
    columns: tuple[str, ...] = ("group", "from", "true", "found", "± sd", "pays", "for nothing",
                                "costing", "misses", "short by", "over by")  # fmt: skip
    columns = ("people", *columns) if sized else columns
    table = _table("payment term", columns, narrow=True)
    for row in found.rows:
        item = weighed(deal, row)
        share = isinstance(item, ByResult) or _is_share(deal, item)
        results = [f"{v:.1%}" if share else f"{v:,.1f}" for v in (row.true, row.found, row.error)]
        money = [shown(v, found.currency)
                 for v in (row.cost_of_nothing, row.cost_of_misses, row.overpaid)]  # fmt: skip
        shares = [shown(v, "share") for v in (row.pays, row.pays_for_nothing, row.misses)]
        sizes = [f"{row.people:,.0f}"] if sized else []
        sizes.append("baseline" if row.group is None else f"{row.group:,}")
        least = row.threshold
        sizes.append("" if least is None else share_text(least) if share else f"{least:,.10g}")
        table.add_row(Text(item.about.label or row.name), *sizes, *results, *shares[:2], money[0],
                      shares[2], *money[1:])  # fmt: skip
    out.print(table)
    measured = any(row.measure for row in found.rows)
    pots = "; of a measure of a reward it is its part of the pot" if measured else ""
    out.print(Text(
        "from: the least result that is paid for; for nothing: the share of trials in which the "
        "term pays although the service did nothing; misses: of the trials whose true result would "
        "be paid for, the share in which nothing is. Money is an average over all trials, before "
        f"caps{pots}."
    ))  # fmt: skip


def _is_share(deal: Scenario, item: OnResult | Goal) -> bool:
    """Whether the result of a measure is a share of people, or of what there would have been."""
    of_people = item.result in ("rate", "added") and unit(deal.outcomes[item.for_]) == "people"
    return isinstance(item, Goal) and (of_people or item.result in ("reduction", "increase"))


def _table(first: str, columns: tuple[str, ...], narrow: bool = False) -> Table:
    """A table of words on the left and figures to the right of them."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    least, most = (16, 24) if narrow else (26, 48)
    table.add_column(first, overflow="fold", max_width=most, min_width=least)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _cells(figure: Figure) -> list[str]:
    values = (figure.mean, figure.sd, figure.p05, figure.p50, figure.p95, figure.mcse)
    return [shown(value, figure.unit) for value in values]


def print_backtest(deal: Scenario, found: BacktestResult) -> None:
    """Computed against published, line by line."""
    out = console()
    out.print(Text(f"{deal.title}: published results in, payments out"))
    table = _table("payment term", ("units", "price", "computed", "published", "difference"))
    for row in found.rows:
        gap = None if row.published is None else row.computed - row.published
        table.add_row(
            Text(row.label), _fed_in(row), _or_dash(found, row.price), found.money(row.computed),
            _or_dash(found, row.published), _or_dash(found, gap),
        )  # fmt: skip
    table.add_row("before caps", "", "", found.money(found.gross), "", "")
    if found.cut:
        table.add_row("cut by caps", "", "", found.money(-found.cut), "", "")
    table.add_row(
        "total", "", "", found.money(found.computed), found.money(found.published),
        found.money(found.difference), style="bold",
    )  # fmt: skip
    out.print(table)
    verdict = "within" if found.passed else "OUTSIDE"
    out.print(Text(f"{verdict} the stated tolerance of {found.money(found.tolerance)}"))
    if found.source:
        out.print(Text(f"source: {found.source}"))


def _fed_in(row: BacktestRow) -> str:
    """What was observed of a term: claims, a result, or the results of a reward."""
    if row.results:
        return ", ".join(f"{v:.1%}" if abs(v) <= 1 else f"{v:,.10g}" for v in row.results.values())
    return f"{row.units:,}" if row.result is None else f"{row.result:.1%}"


def _or_dash(found: BacktestResult, value: int | None) -> str:
    return "-" if value is None else found.money(value)


def print_variants(found: VariantsResult) -> None:
    """Headline metrics of each party: the base, then each variant and its paired difference."""
    out = console()
    out.print(Text(f"{found.deal.title}: {found.section} on the same people in the same trials"))
    for name in HEADLINES:
        summaries = [found.base, *(c.other for c in found.comparisons.values())]
        invested = any(one["investor.drawn"].mean > 0 for one in summaries)
        if name.startswith("investor.") and not invested:
            continue  # nobody invests, so there is nothing to compare
        base = found.base[name]
        table = Table(box=None, pad_edge=False, header_style="bold", title=None)
        table.add_column(name, width=44, overflow="fold")
        for column in ("mean", "5 %", "95 %", "difference", "± error", "undefined"):
            table.add_column(column, justify="right", no_wrap=True, width=11)
        table.add_row("base", *_brief(base), "", "", _missing(base))
        for variant, comparison in found.comparisons.items():
            other, gap = comparison.other[name], comparison.differences[name]
            label = getattr(found.deal, found.section)[variant].about.label or variant
            table.add_row(
                Text(label), *_brief(other), shown(gap.mean, gap.unit, sign=True),
                shown(gap.mcse, gap.unit), _missing(other),
            )  # fmt: skip
        out.print()
        out.print(table)


def _brief(figure: Figure) -> list[str]:
    return [shown(value, figure.unit) for value in (figure.mean, figure.p05, figure.p95)]


def _missing(figure: Figure) -> str:
    return f"{figure.undefined_share:.1%}" if figure.undefined_share else ""
