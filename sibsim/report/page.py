"""The report: one HTML file that opens anywhere without a network.

In: a result. Out: a page with the headline, charts with their tables, every assumption with its
source, and how the money adds up. Not here: the charts themselves (`figures`), new figures.

Scenario text is data of strangers. The template escapes all of it, charts get it escaped for
plotly, links are never made of it, and the page's own rules forbid every script but its own two.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from sibsim.files import check_writable, replace_file
from sibsim.provenance import provenance
from sibsim.quantities import Quantity
from sibsim.report import figures, money
from sibsim.report.figures import Chart
from sibsim.report.formats import headline, in_ten, label, month_name, words
from sibsim.report.words import inline, written
from sibsim.result import Result
from sibsim.scenario.deal import Scenario
from sibsim.scenario.variants import places, quantities, value_at
from sibsim.scenario.writer import to_data
from sibsim.summary import Figure, Summary, summarise
from sibsim.terms import About, Term
from sibsim.writing import share_text

TRANCHE = {
    "drawn": "Put in", "received": "Given back", "irr": "Yearly return (IRR)",
    "npv": "Present value at the hurdle", "below_hurdle": "Chance of earning less than the hurdle",
    "multiple": "Given back for each unit put in", "wal": "Average life of capital that comes back",
    "loss": "Chance of losing money", "loss_given_loss": "Share of capital lost, where any is",
}  # fmt: skip
"""Figures of one tranche, where there are several."""

UNITS = {"share": "share of trials", "a year": "% a year", "of capital": "% of capital",
         "of income": "% of income"}  # fmt: skip
"""Units of metrics in words, where the metric's own name is too short."""

KEY_FIGURES: dict[str, dict[str, str]] = {
    "commissioner": {
        "payments.total": "Payments",
        "payments.cut": "Cut from claims by caps",
        "payments.capped": "Chance that a cap cuts payments",
        "commissioner.payments": "Payments, present value",
        "commissioner.costs": "Own costs, present value, taken off savings as well",
        "commissioner.savings": "Savings to all agencies, present value",
        "commissioner.cashable": "of which can be cashed",
        "commissioner.net_saving": "Savings less payments",
        "commissioner.net_cashable": "Cashable savings less payments",
        "commissioner.saves": "Chance that savings are more than payments",
    },
    "investor": {
        "investor.drawn": "Put in",
        "investor.received": "Given back",
        "investor.profit": "Profit",
        "investor.irr": "Yearly return (IRR)",
        "investor.irr_dated": "Yearly return by actual dates (XIRR)",
        "investor.npv": "Present value at the hurdle",
        "investor.below_hurdle": "Chance of earning less than the hurdle",
        "investor.multiple": "Given back for each unit put in",
        "investor.cash_yield": "Yearly cash yield on capital that is out",
        "investor.wal": "Average life of capital that comes back",
        "investor.recycling": "Delivery paid for by each unit at stake",
        "investor.peak_funding": "Most that is out at any one time",
        "investor.payback_month": "Month by which all is back",
        "investor.loss": "Chance of losing money",
        "investor.loss_given_loss": "Share of capital lost, where any is",
    },
    "provider": {
        "costs.total": "Costs of delivery",
        "provider.net": "Left after costs",
        "provider.margin": "Left, as a share of income",
        "provider.peak_funding": "Most that the provider is out of pocket",
        "provider.lowest_cash": "Least cash that the provider has left",
        "provider.insolvent": "Chance that its reserve runs out",
        "provider.insolvent_month": "Month in which it runs out",
        "provider.unpaid": "Costs never paid for",
    },
    "people": {
        "people.referred": "Referred",
        "people.started": "Started",
        "people.left": "Dropped out",
        "people.closed_out": "In service when delivery stopped early",
        "people.completed": "Completed the service",
        "people.in_service": "Still in service at the end",
        "people.waiting": "Still waiting for a place at the end",
        "people.gave_up": "Gave up waiting",
        "people.wait": "Average wait of those who started",
    },
}
"""Rows of the table of key figures by party: metric and what readers call it."""

NEEDS = {"savings": ("commissioner.savings", "commissioner.cashable", "commissioner.net_saving",
                     "commissioner.net_cashable", "commissioner.saves")}  # fmt: skip
"""Key figures that only deals with savings have."""


def write_report(result: Result, path: str | Path) -> Path:
    """Write the report of a result as one HTML file that needs no network.

    Parameters
    ----------
    result : Result
    path : str or Path
        Replaced as a whole if it exists.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    FileError
        If it cannot be written; found before the work where it can be.
    """
    target = Path(path)
    check_writable(target)
    replace_file(target, report_html(result).encode("utf-8"))
    return target


def report_html(result: Result) -> str:
    """The report as HTML text: the same text for equal results.

    Parameters
    ----------
    result : Result

    Returns
    -------
    str
    """
    from plotly.offline import get_plotlyjs

    summary = summarise(result)
    charts, log = _charts(result), list(assumptions(result.deal))
    scripts = [_script(get_plotlyjs()), _script(_part("page.js"))]
    shown = [chart for group in charts.values() for chart in group]
    jinja = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                        lstrip_blocks=True)  # fmt: skip
    jinja.filters |= {"unbroken": _unbroken, "breakable": _breakable}
    return jinja.from_string(_part("page.html")).render(
        deal=result.deal, facts=_facts(result), headline=headline(result, summary),
        groups=list(_key_figures(result, summary)), charts=charts,
        assumptions=log, without=_without_source(log), others=list(other_terms(result.deal)),
        budget=money.budget(result), tails=money.tails(summary, result.deal.currency),
        price=money.price_of_risk(result)[1],
        ledger=_ledger(result), parties=_parties(result), adds_up=_adds_up(result),
        record=provenance(result), trials=result.trials, illustrative=result.deal.illustrative,
        policy=_policy(scripts), css=Markup(_part("page.css")), plotly_js=scripts[0],
        page_js=scripts[1], island=_island(shown),
    )  # fmt: skip


def _unbroken(text: str) -> str:
    """A sentence in which no line ends between a minus and its number or within ``5–95%``."""
    return re.sub(r"−(?=\S)|(?<=5)–(?=95%)", "\\g<0>\u2060", text)


def _breakable(address: str) -> Markup:
    """An address that may break after its dots and underscores."""
    return Markup(re.sub(r"([._])", r"\1<wbr>", str(escape(address))))


# --- safety ---------------------------------------------------------------------------------------


def _part(name: str) -> str:
    return (files("sibsim.report") / name).read_text("utf-8").replace("\r\n", "\n")


def _script(text: str) -> Markup:
    """A script of ours, so that no string in it can end its element."""
    return Markup(text.replace("</script", "<\\/script").replace("<!--", "<\\!--"))


def _policy(scripts: list[Markup]) -> str:
    """The page's content security policy: its own scripts, by hash, and nothing from outside."""
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    allowed = " ".join(f"'sha256-{code}'" for code in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _island(charts: list[Chart]) -> Markup:
    """Figures as JSON that is inert inside HTML; `ensure_ascii` also escapes U+2028 and U+2029."""
    data = {"charts": {c.id: c.figure for c in charts}, "config": figures.PLOTLY_CONFIG}
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def _facts(result: Result) -> list[str]:
    """The deal in a line: how long, for how many, who, in which money."""
    deal, programme = result.deal, result.deal.programme
    months = deal.timeline.months
    people = sum(cohort.referrals.mean for cohort in deal.people.values())
    months_of = [month_name(result, month) for month in range(months)]
    facts = [
        f"{months} months, {months_of[0]} to {months_of[-1]}",
        f"{people:,.0f} people referred",
        f"paid by {programme.commissioner}" if programme.commissioner != "Commissioner" else "",
        f"delivered by {programme.provider}" if programme.provider != "Provider" else "",
        f"amounts in {deal.currency}, {programme.prices}",
    ]
    return [fact for fact in facts if fact]


# --- key figures ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A row of the table of key figures, all in words."""

    label: str
    cells: tuple[str, ...]
    unit: str
    note: str


def _party(deal: Scenario, party: str) -> str:
    """What readers call a party: its part in the deal, and its name if it has one of its own."""
    names = {
        "commissioner": deal.programme.commissioner, "provider": deal.programme.provider,
        "investor": ", ".join(label(n, item) for n, item in deal.capital.items()),
    }  # fmt: skip
    name, part = names.get(party, ""), party.capitalize()
    return part if name.lower() in ("", party) else f"{part}: {name}"


def _key_figures(result: Result, summary: Summary) -> Iterator[tuple[str, list[Row]]]:
    deal = result.deal
    for party, metrics in KEY_FIGURES.items():
        if party == "investor" and not deal.capital:
            continue
        left_out = () if deal.savings else NEEDS["savings"]
        rows = [_row(said, summary[m]) for m, said in metrics.items()
                if m in summary.figures and m not in left_out]  # fmt: skip
        if party == "commissioner":
            rows += [_row(f"of payments, borne by {label(n, p)}", summary[f"payers.{n}"])
                     for n, p in deal.contract.payers.items()]  # fmt: skip
        yield _party(deal, party), rows
        for name, tranche in deal.capital.items() if party == "investor" else ():
            if len(deal.capital) > 1:
                rows = [_row(said, summary[f"capital.{name}.{m}"]) for m, said in TRANCHE.items()
                        if f"capital.{name}.{m}" in summary.figures]  # fmt: skip
                yield f"Tranche: {label(name, tranche)}", rows


def _row(said: str, figure: Figure) -> Row:
    spread = [figure.p05, figure.p50, figure.p95]
    cells = [words(figure.mean, figure.unit)]
    cells += ["" if figure.unit == "share" else words(v, figure.unit) for v in spread]
    error = "–" if math.isnan(figure.mcse) else f"± {words(figure.mcse, figure.unit)}"
    missing = figure.undefined_share
    note = f"not defined in {in_ten(missing)}; figures are for the others" if missing else ""
    return Row(said, (*cells, error), UNITS.get(figure.unit, figure.unit), note)


# --- charts ---------------------------------------------------------------------------------------


def _charts(result: Result) -> dict[str, list[Chart]]:
    """Charts by the section of the page in which they stand."""
    parties = ["commissioner", "investor", "provider"]
    if not result.deal.capital:
        parties.remove("investor")
    cash = [figures.cash(result, party, _party(result.deal, party)) for party in parties]
    investor = [figures.returns(result)] if result.deal.capital else []
    public = [figures.payments(result), figures.savings(result)]
    return {
        "cash": cash,
        "returns": [chart for chart in investor if chart is not None],
        "outcomes": figures.outcomes(result),
        "public": [chart for chart in public if chart is not None],
    }


# --- assumptions ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Assumption:
    """One number of the scenario: where it stands, what stands there, and who says so.

    Attributes
    ----------
    stated : bool
        Whether the author stated it; else it is the language's default.
    """

    address: str
    value: str
    meaning: str
    source: str
    note: str
    confidence: str
    stated: bool


@dataclass(frozen=True)
class Item:
    """The numbers of one item of the scenario, with what the item says of itself."""

    address: str
    label: str
    note: str
    rows: tuple[Assumption, ...]


def assumptions(deal: Scenario) -> Iterator[Item]:
    """Every number of a scenario, item by item in file order.

    What an item says of itself holds for each of its numbers that does not say otherwise.
    """
    short: dict[str, Any] = to_data(deal)
    groups: dict[str, list[Assumption]] = {}
    for address, term, quantity in quantities(deal):
        home = _home(deal, address)
        said: About = value_at(deal, home).about
        value = _bare(written(deal, term, quantity))
        if quantity.times != 1.0:
            value += f", times {share_text(quantity.times)}"
        grade = quantity.confidence if quantity.confidence is not None else said.confidence
        groups.setdefault(home, []).append(Assumption(
            address, value, _meaning(term), quantity.source or said.source, quantity.note,
            "" if grade is None else f"{grade} of 6", _at(short, address) is not None,
        ))  # fmt: skip
    for home, rows in groups.items():
        item = value_at(deal, home)
        yield Item(home, label(home.split(".")[-1], item), item.about.note, tuple(rows))


def _without_source(log: list[Item]) -> dict[str, Any]:
    """Names of the numbers without a source, by item; those left at their default apart."""
    found: dict[bool, dict[str, list[str]]] = {True: {}, False: {}}
    for item in log:
        for row in item.rows:
            if not row.source:
                name = row.address.removeprefix(f"{item.address}.")
                found[row.stated].setdefault(item.address, []).append(name)
    count = sum(len(names) for names in found[True].values())
    return {"stated": found[True], "default": found[False], "count": count}


def _home(deal: Scenario, address: str) -> str:
    """Address of the nearest block around a number that says something of itself."""
    while "." in address:
        address = address.rpartition(".")[0]
        if hasattr(value_at(deal, address), "about"):
            return address
    raise KeyError(address)


def _bare(value: Any) -> str:
    """A value as it stands in a file, without the outermost braces."""
    text = inline(value)
    return text[1:-1] if isinstance(value, dict) else text


def _meaning(term: Term) -> str:
    return term.meaning.replace("`", "")


def _at(data: Any, address: str) -> Any:
    for name in address.split("."):
        data = data.get(name) if isinstance(data, dict) else None
    return data


def other_terms(deal: Scenario) -> Iterator[tuple[str, str, str]]:
    """What the scenario states in words: address, value, meaning."""
    full = to_data(deal, full=True)
    for address, term in places(deal):
        if term is None or "." not in address or isinstance(value_at(deal, address), Quantity):
            continue
        value = _at(full, address)
        if value is None and term.kind.options and value_at(deal, address) is None:
            value = term.kind.options[0]
        if value is not None:
            yield address, _bare(value), _meaning(term)


# --- how the money adds up ------------------------------------------------------------------------


def _ledger(result: Result) -> list[tuple[str, ...]]:
    """Every line of the ledger: what for, from, to, mean, 5 %, 95 %."""
    rows = []
    for entry in result.tables.ledger:
        total = result.major(entry.amount.sum(axis=1))
        spread = (total.mean(), *np.percentile(total, (5, 95)))
        rows.append((
            entry.line.capitalize(), _account(result, entry.payer), _account(result, entry.payee),
            *(words(float(value), result.deal.currency) for value in spread),
        ))  # fmt: skip
    return rows


def _account(result: Result, party: str) -> str:
    said = {"vehicle": "Contract account", "suppliers": "Staff and suppliers"}
    return said.get(party) or _party(result.deal, party)


def _parties(result: Result) -> list[tuple[str, str]]:
    """What each party has at the end on average, and what they have together."""
    from sibsim.accounts.ledger import parties

    known = parties(result.tables.ledger)
    net = {party: result.major(result.flow(party).sum(axis=1).mean()) for party in known}
    unit = result.deal.currency
    rows = [(_account(result, party), words(float(value), unit)) for party, value in net.items()]
    together = sum(result.flow(party).sum(axis=1) for party in known)
    return [*rows, ("All together", words(float(result.major(together).mean()), unit))]


def _adds_up(result: Result) -> tuple[bool, str]:
    """Whether the account's balance is what came in less what went out, at all times."""
    tables = result.tables
    wrong = (np.cumsum(result.flow("vehicle"), axis=1) != tables.cash).any(axis=1)
    wrong |= (tables.cash < 0).any(axis=1) | (tables.paid > tables.owed).any(axis=1)
    months = tables.cash.shape[1]
    trials = f"{result.trials:,} trial{'' if result.trials == 1 else 's'}"
    if wrong.any():
        return False, f"The money does not add up in {int(wrong.sum()):,} of {trials}."
    return True, (
        f"Checked to the smallest coin over {trials} and {months} months: what came into the "
        "contract account less what left it is its balance; the balance is never below nil; no "
        "more is paid than is owed."
    )
