"""The report: what it says is what the result holds, and no text of a scenario comes alive in it.

In: small deals, some of them hostile, some with nothing to show. Out: proof about the page's text,
its elements, its own rules and its bytes, and about files written whole or not at all. Not here:
how it looks, and a browser.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from conftest import tiny_data
from plotly.offline import get_plotlyjs

import sibsim
from sibsim import files
from sibsim.errors import FileError
from sibsim.files import check_folder, check_writable, replace_file
from sibsim.finance import peak_funding
from sibsim.metrics import BORNE, HURDLE, METRICS, RESERVE, STOPPING, WAITING
from sibsim.report import figures, page
from sibsim.report.figures import PLOTLY_CONFIG, Chart, in_ten, plot_text
from sibsim.report.page import KEY_FIGURES, assumptions, other_terms, report_html, write_report
from sibsim.result import Result
from sibsim.scenario.deal import Scenario
from sibsim.scenario.variants import quantities
from sibsim.scenario.writer import digest
from sibsim.summary import summarise

VOID = {"meta", "wbr", "br", "img", "link", "input", "base", "embed"}


class Reader(HTMLParser):
    """A page as a browser would take it apart: elements with attributes, and their texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag == "script":
            self.scripts.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["script"]:
            self.scripts[-1] += data
        elif self.open[-1:] == ["style"]:
            self.styles.append(data)
        else:
            self.text += data

    def tags(self) -> set[str]:
        """Kinds of elements on the page."""
        return {tag for tag, _ in self.elements}

    def words(self) -> str:
        """The page's text with single spaces and without joiners."""
        return " ".join(self.text.replace("\u2060", "").split())


def run(data: dict[str, Any] | Scenario, trials: int = 60, **more: Any) -> Result:
    """A result of plain data or of a scenario."""
    deal = data if isinstance(data, Scenario) else sibsim.load(data)
    return sibsim.run(deal, trials=trials, seed=3, **more)


def certain_data() -> dict[str, Any]:
    """Ten people who all reach one outcome, which nobody would reach otherwise."""
    data = tiny_data()
    data["people"] = {"young": {"referrals": 10, "over": "1 day"}}
    data["outcomes"] = {"work": {"chance": "100%", "without": "0%", "after": "45 days"}}
    data["contract"] = {"job": {"pay": "per_outcome", "for": "work", "price": "£2,000"}}
    data["costs"] = {"set_up": "£16,000"}
    data["savings"] = {
        "benefits": {"for": "work", "amount": "£3,000 each", "to": "DWP", "cashable": "50%"}
    }
    return data


def without_capital() -> dict[str, Any]:
    """Nobody invests."""
    data = tiny_data()
    del data["capital"]
    return data


def without_savings() -> dict[str, Any]:
    """Nothing is said of savings."""
    data = tiny_data()
    del data["savings"]
    return data


def nothing_drawn() -> dict[str, Any]:
    """There is an investor, but nothing to pay for, so there is no return at all."""
    data = tiny_data()
    del data["costs"]
    return data


def all_lost() -> dict[str, Any]:
    """Nobody reaches anything, so the investor loses everything in every trial."""
    data = tiny_data()
    for outcome in data["outcomes"].values():
        outcome |= {"chance": "0%", "without": "0%"}
    return data


def only_a_fee() -> dict[str, Any]:
    """One payment that never changes, in yen, which has no minor unit."""
    data = without_savings()
    data["programme"] |= {"currency": "JPY"}
    data["contract"] = {"core": {"pay": "fee", "amount": "JPY 900000 a month"}}
    data["costs"] = {"fixed": "JPY 700000 a month", "per_start": "JPY 3000"}
    data["capital"] = {"fund": {"commitment": "JPY 2000000", "draw": "up_front"}}
    return data


ODD = {
    "tiny": (tiny_data, 60), "certain": (certain_data, 3), "without capital": (without_capital, 60),
    "without savings": (without_savings, 60), "nothing drawn": (nothing_drawn, 20),
    "all lost": (all_lost, 20), "only a fee": (only_a_fee, 20), "one trial": (tiny_data, 1),
}  # fmt: skip


@pytest.fixture(scope="module", params=ODD)
def odd(request: pytest.FixtureRequest) -> Result:
    """Results with something missing, each in turn."""
    made, trials = ODD[request.param]
    return run(made(), trials)


@pytest.fixture(scope="module")
def result() -> Result:
    """A result of the tiny deal."""
    return run(tiny_data())


@pytest.fixture(scope="module")
def html(result: Result) -> str:
    """Its report."""
    return report_html(result)


@pytest.fixture(scope="module")
def read(html: str) -> Reader:
    """Its report, taken apart."""
    return Reader(html)


def charts_of(result: Result) -> list[Chart]:
    """Every chart of a result."""
    return [chart for group in page._charts(result).values() for chart in group]


# --- the page stands alone ------------------------------------------------------------------------


def test_plotly_is_there_exactly_once(html: str) -> None:
    assert html.count(get_plotlyjs()) == 1
    assert len(re.findall(r"plotly\.js v\d", html)) == 1


def test_there_are_two_scripts_and_one_inert_island(read: Reader) -> None:
    kinds = [attrs.get("type", "") for tag, attrs in read.elements if tag == "script"]
    assert kinds == ["application/json", "", ""]
    assert all("src" not in attrs for tag, attrs in read.elements if tag == "script")


def test_nothing_is_loaded_from_anywhere(html: str, read: Reader) -> None:
    ours = html.replace(get_plotlyjs(), "")
    assert "http:" not in ours and "https:" not in ours and "//" not in ours.replace("// ", "")
    loads = {"src", "srcset", "action", "data", "poster", "background", "formaction", "ping"}
    anchors = {attrs["id"] for _, attrs in read.elements if "id" in attrs}
    for tag, attrs in read.elements:
        assert not loads & set(attrs), tag
        if "href" in attrs:
            assert tag == "a" and attrs["href"][0] == "#" and attrs["href"][1:] in anchors
    assert "@import" not in "".join(read.styles) and "url(" not in "".join(read.styles)
    assert read.tags() & {"link", "img", "iframe", "object", "embed", "form", "base"} == set()


def policy(read: Reader) -> str:
    """The page's content security policy."""
    return next(
        attrs["content"] for tag, attrs in read.elements
        if attrs.get("http-equiv") == "Content-Security-Policy"
    )  # fmt: skip


def test_the_policy_allows_the_two_scripts_by_hash_and_no_other(read: Reader) -> None:
    rules = dict(rule.split(" ", 1) for rule in policy(read).split("; "))
    codes = [
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        for script in read.scripts[1:]
    ]
    assert rules["script-src"] == " ".join(f"'sha256-{code}'" for code in codes)
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["img-src"] == "data: blob:"
    assert set(rules) == {"default-src", "script-src", "style-src", "img-src", "base-uri",
                          "form-action"}  # fmt: skip
    first = [tag for tag, _ in read.elements].index("script")
    assert [a.get("http-equiv") for _, a in read.elements[:first]].count(
        "Content-Security-Policy"
    ) == 1, "the policy must stand before the scripts"


def test_a_script_cannot_end_its_own_element() -> None:
    closed = page._script('x = "</script><!--";')
    assert "</script" not in closed and "<!--" not in closed


def test_charts_send_nothing_and_show_no_logo(html: str, read: Reader) -> None:
    config = json.loads(read.scripts[0])["config"]
    assert config == PLOTLY_CONFIG
    assert config["displaylogo"] is False and config["showSendToCloud"] is False
    assert config["modeBarButtons"] == [["toImage"]] and config["plotlyServerURL"] == ""


def test_every_chart_has_its_place_words_and_table(html: str, read: Reader) -> None:
    drawn = json.loads(read.scripts[0])["charts"]
    places = {a["id"]: a for t, a in read.elements if t == "div" and a.get("role") == "img"}
    assert set(drawn) == set(places) == {
        "chart-cash-commissioner", "chart-cash-investor", "chart-cash-provider", "chart-returns",
        "chart-outcomes", "chart-payments", "chart-savings",
    }  # fmt: skip
    assert all(len(attrs["aria-label"]) > 20 for attrs in places.values())
    assert html.count("<details><summary>Table: ") == len(drawn)


def test_the_page_is_built_for_all_readers(read: Reader) -> None:
    assert next(attrs for tag, attrs in read.elements if tag == "html")["lang"] == "en-GB"
    assert all("scope" in attrs for tag, attrs in read.elements if tag == "th")
    levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    ids = [attrs["id"] for _, attrs in read.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert not [attrs for _, attrs in read.elements if any(name[:2] == "on" for name in attrs)]


def test_every_page_is_whole(odd: Result) -> None:
    read = Reader(report_html(odd))
    assert read.open == []
    said = read.words()
    assert not re.search(r"\b(nan|inf|None|undefined)\b", said)
    json.loads(read.scripts[0], parse_constant=pytest.fail)


def test_every_figure_is_one_that_plotly_takes(odd: Result) -> None:
    for chart in charts_of(odd):
        go.Figure(chart.figure)  # raises ValueError at any name or value that plotly does not know
        assert all(len(row) == len(chart.columns) for row in chart.rows)


# --- equal inputs, equal bytes --------------------------------------------------------------------


def test_equal_results_give_equal_bytes(html: str, tmp_path: Path) -> None:
    again = run(tiny_data(), workers=1)
    assert write_report(again, tmp_path / "r.html").read_bytes() == html.encode()


def test_another_process_writes_the_same_bytes(html: str) -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from test_report import report_html, run, tiny_data\n"
        "sys.stdout.buffer.write(report_html(run(tiny_data())).encode())"
    )
    told = {**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=told, check=True,
        cwd=Path(__file__).resolve().parent.parent,
    )  # fmt: skip
    assert done.stdout == html.encode()


def test_the_footer_says_where_the_page_came_from(result: Result, read: Reader) -> None:
    said = read.words()
    for fact in (f"sibsim {sibsim.__version__}", digest(result.deal), "3, 60", np.__version__):
        assert fact in said


# --- what strangers wrote -------------------------------------------------------------------------

PAYLOADS = {
    "H01": "</script><script>window.__pwn=1</script>",
    "H02 image": '<img src=x onerror="window.__pwn=1">',
    "H02 link": '<a href="javascript:window.__pwn=1">x</a> <a href="data:text/html,x">y</a>',
    "H03": "=HYPERLINK(1) +1 -1+cmd @SUM",
    "H04": "see https://example.org/a?b=1&c=2",
    "H05": "[bold]x[/bold] [link=a]y[/link]",
    "H07": "مرحبا 😀 漢字 é ẹ̀",
    "H10": "{{7*7}} {% raw %} %(x)s ${HOME} $(id) %{x} $E=mc^2$",
    "H11": "# title **b** [a](javascript:b) <b>bold</b> &lt;i&gt; &#60;",
    "H12": "\"double\" 'single', comma\nnext line <!-- x -->",
}


def hostile_data(text: str) -> dict[str, Any]:
    """The tiny deal with a stranger's text in every place that takes words."""
    data = tiny_data()
    data |= {"title": text, "description": text}
    data["programme"] |= {"commissioner": text, "provider": text, "source": text, "note": text}
    for section in ("people", "outcomes", "contract", "capital", "savings"):
        for item in data[section].values():
            item |= {"label": text, "source": text, "note": text}
    data["outcomes"]["work"]["measure"] = text
    data["savings"]["benefits"]["to"] = text
    data["contract"]["job"]["price"] = {"value": "£2,000", "source": text, "note": text}
    name = text.translate({ord(c): None for c in ".=*\n"})[:60].strip()
    data["people"] = {name: data["people"]["young"]}
    data["contract"][name] = dict(data["contract"]["job"])
    return data


def strings(data: Any) -> Iterator[str]:
    """Every text in plain data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from strings(value)


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_no_text_of_a_scenario_comes_alive(text: str, read: Reader) -> None:
    deal = sibsim.load(hostile_data(text))
    hostile = Reader(report_html(run(deal, 10)))
    assert hostile.tags() <= read.tags() | {"summary", "bdi"}, "an element that is not ours"
    assert len(hostile.scripts) == 3
    assert hostile.scripts[1:] == read.scripts[1:], "our own scripts must hold no scenario text"
    assert policy(hostile) == policy(read)
    ours = {name for _, attrs in read.elements for name in attrs}
    assert {name for _, attrs in hostile.elements for name in attrs} <= ours
    for tag, attrs in hostile.elements:
        assert attrs.get("href", "#")[0] == "#", tag
    spoken = " ".join(deal.title.split())
    assert hostile.words().count(spoken) >= 12, "shown as it was written, in every place"


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_no_text_of_a_scenario_is_markup_for_plotly(text: str) -> None:
    deal = sibsim.load(hostile_data(text))
    for chart in charts_of(run(deal, 10)):
        for said in strings(chart.figure):
            bare = re.sub(r"</?b>|<br>|<extra></extra>", "", said)
            assert "<" not in bare and ">" not in bare
            assert not re.search(r"&(?!amp;|lt;|gt;)", bare), said
            if "%{" in said and plot_text(text) not in said:
                assert said == "%{customdata}<extra></extra>", "templates hold no scenario text"
        names = [trace.get("name", "") for trace in chart.figure["data"]]
        assert not any(plot_text(text) in name for name in names)


def test_a_label_is_literal_for_plotly() -> None:
    assert plot_text('<b>&lt;\n"x"') == '&lt;b&gt;&amp;lt; "x"'
    assert plot_text("x" * 40) == "x" * 27 + "…"


def test_the_island_is_inert() -> None:
    chart = Chart("a", "", "", {"text": "</script>&\u2028\u2029<!--"}, (), ())
    island = page._island([chart])
    assert island.isascii() and not set("<>&") & set(island)
    assert json.loads(island)["charts"]["a"]["text"] == chart.figure["text"]


# --- what it says ---------------------------------------------------------------------------------


def test_headline_of_a_deal_without_luck() -> None:
    # 10 people x £2,000 = £20,000 of payments in month 2, 10 x £3,000 = £30,000 of savings, half of
    # it cashable; £16,000 is drawn in month 1, and all £20,000 are given back at the end: 1.25
    # times. All flows lie in the first year, so present values are the amounts themselves.
    result = run(certain_data(), 3)
    public, investor = page.headline(result, summarise(result))
    assert public == (
        "The commissioner can expect to pay £20,000, worth £20,000 in present value; the public "
        "purse saves £30,000 in present value, of which £15,000 can be cashed, and savings are "
        "more than payments in every trial."
    )
    # 12 months in the contract: drawn at the end of month 1, given back at the end of month 12.
    rate = 1.25 ** (12 / 11) - 1
    assert investor == (
        f"The investor has £16,000 at stake at the peak, earns {rate:.1%} a year in the middle "
        "trial, gets back 1.25 times what was put in on average, and loses money in no trial."
    )


def test_headline_where_something_is_missing() -> None:
    def said(data: dict[str, Any]) -> str:
        result = run(data, 20)
        return " ".join(page.headline(result, summarise(result)))

    assert "investor" not in said(without_capital())
    assert "states no savings" in said(without_savings())
    assert "is not drawn in any trial" in said(nothing_drawn())
    assert "loses everything in the middle trial" in said(all_lost())
    assert "loses money in every trial" in said(all_lost())


def test_headline_says_where_there_is_no_single_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(tiny_data(), 20)
    summary = summarise(result)
    some = replace(summary["investor.irr"], undefined_share=0.3)
    told = replace(summary, figures={**summary.figures, "investor.irr": some})
    assert "no single rate in about 3 in 10 trials (30%)" in page.headline(result, told)[1]
    most = replace(summary["investor.irr"], undefined_share=0.7)
    told = replace(summary, figures={**summary.figures, "investor.irr": most})
    said = page.headline(result, told)[1]
    assert "has no single rate of return in about 7 in 10 trials (70%), gets back" in said
    assert "middle trial" not in said


def test_headline_says_so_where_only_the_provider_puts_money_in() -> None:
    data = tiny_data()
    data["capital"] = {"own": {"commitment": "£20,000", "from": "provider"}}
    result = run(data, 20)
    assert page.headline(result, summarise(result))[1] == "No investor puts money in."


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "no trial"), (1.0, "every trial"), (0.68, "about 7 in 10 trials (68%)"),
        (0.25, "about 3 in 10 trials (25%)"), (0.04, "fewer than 1 in 10 trials (4%)"),
        (0.96, "more than 9 in 10 trials (96%)"), (0.005, "fewer than 1 in 10 trials (0.5%)"),
        (0.9999, "more than 9 in 10 trials (more than 99.9%)"),
        (0.0001, "fewer than 1 in 10 trials (less than 0.1%)"),
    ],
)  # fmt: skip
def test_shares_in_words(share: float, said: str) -> None:
    assert in_ten(share) == said


def test_key_figures_are_those_of_the_summary(result: Result) -> None:
    summary = summarise(result)
    groups = dict(page._key_figures(result, summary))
    assert list(groups) == ["Commissioner", "Investor: Fund", "Provider", "People"]
    paid = next(row for row in groups["Commissioner"] if row.label == "Payments")
    figure = summary["payments.total"]
    for cell, value in zip(paid.cells, (figure.mean, figure.p05, figure.p50, figure.p95),
                           strict=False):  # fmt: skip
        assert cell == f"£{round(value):,}"
    assert paid.cells[4] == f"± £{round(figure.mcse):,}" and paid.unit == "GBP"


def test_every_key_figure_is_a_metric() -> None:
    known = METRICS | WAITING | STOPPING | HURDLE | RESERVE | BORNE
    assert {m for rows in KEY_FIGURES.values() for m in rows} <= known.keys()


def test_days_and_minutes_stand_beside_no_people() -> None:
    deal = sibsim.load("homecare-reablement").replace({"people.older_people.referrals": 30})
    charts = figures.outcomes(sibsim.run(deal, trials=20, seed=1))
    named = {chart.id.removeprefix("chart-outcomes"): len(chart.rows) for chart in charts}
    assert named == {"": 3, "-steps": 2, "-times": 1, "-days": 2, "-minutes": 2, "-visits": 2}
    words = Reader(report_html(sibsim.run(deal, trials=5, seed=1))).words()
    assert "Gave up waiting" in words and "Still waiting for a place at the end" in words


def test_one_trial_has_no_error() -> None:
    result = run(tiny_data(), 1)
    for _, rows in page._key_figures(result, summarise(result)):
        assert {row.cells[-1] for row in rows} == {"–"}
    assert "range" not in " ".join(page.headline(result, summarise(result)))


def test_illustrative_deals_say_so_everywhere() -> None:
    made_up = run({**tiny_data(), "illustrative": True}, 10)
    said = Reader(report_html(made_up)).words()
    assert "Illustrative: the figures of this deal are made up" in said
    for chart in charts_of(made_up):
        assert "illustrative" in set(strings(chart.figure["layout"]))


def test_other_deals_do_not_say_illustrative(result: Result, read: Reader) -> None:
    assert "llustrative:" not in read.words()
    for chart in charts_of(result):
        assert "illustrative" not in set(strings(chart.figure["layout"]))


# --- the charts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("party", ["commissioner", "investor", "provider"])
def test_the_fan_holds_the_percentiles_of_cumulated_cash(result: Result, party: str) -> None:
    chart = figures.cash(result, party, "")
    months = result.deal.timeline.months + 1  # the longest payment lag is one month
    total = np.cumsum(result.flow(party) / 100, axis=1)[:, :months]
    lines = [trace["y"] for trace in chart.figure["data"]]
    for line, rank in zip(lines, (5, 95, 25, 75, 50), strict=True):
        expected = [0.0, *np.percentile(total, rank, axis=0)]
        assert np.allclose(line, expected, rtol=0, atol=0.0051)  # written to the penny
    assert chart.figure["data"][0]["x"][0] == "2027-04-01"
    assert chart.figure["data"][0]["x"][-1] == "2028-05-01", "the end of April, month 13"
    assert chart.rows[-1][0] == "End of Apr 2028"
    assert np.all(result.flow(party)[:, months:] == 0), "after that no money moves"


def test_the_histogram_holds_every_trial_once() -> None:
    dear = tiny_data() | {"costs": {"fixed": "£3,000 a month"}}
    dear["capital"] = {"fund": {"commitment": "£40,000"}}
    result = run(dear)
    chart = figures.returns(result)
    assert chart is not None
    shares = [y for bars in chart.figure["data"] for y in bars["y"]]
    assert sum(shares) == pytest.approx(1.0, abs=1e-12)
    loss = float((result.flow("investor").sum(axis=1) < 0).mean())
    assert 0 < loss < 1, "this deal must show both sides"
    assert sum(chart.figure["data"][0]["y"]) == pytest.approx(loss, abs=1e-12)
    assert chart.says.startswith(f"In {in_ten(loss)} the investor gets back less")


def test_breaking_even_is_no_loss() -> None:
    edges, counts, names = figures._histogram(np.array([-1e-17, 0.0, 0.05, 0.3]), "a year")
    assert counts[edges[:-1] < 0].sum() == 0 and counts.sum() == 4
    assert edges[0] == 0.0 and names[0].startswith("0.0% to ")


def test_far_out_returns_are_counted_in_the_end_bars() -> None:
    values = np.concatenate([np.linspace(0, 0.2, 998), [-1.0, 9.0], [np.nan] * 5])
    edges, counts, names = figures._histogram(values, "a year")
    assert counts.sum() == 1000 and len(counts) <= figures.MOST_BARS
    assert names[0].startswith("below ") and names[-1].endswith(" or more")
    assert edges[0] > -0.1 and edges[-1] < 0.3


def test_where_all_is_lost_the_multiple_is_shown() -> None:
    chart = figures.returns(run(all_lost(), 20))
    assert chart is not None and chart.title.startswith("Investor: money back")
    assert "In every trial the investor gets back less than was put in" in chart.says
    assert "in every trial everything is lost" in chart.says


def test_no_return_where_nothing_is_drawn() -> None:
    result = run(nothing_drawn(), 20)
    assert figures.returns(result) is None
    assert "There is no return to show" in Reader(report_html(result)).words()


def test_bars_hold_the_means_and_ranges(result: Result) -> None:
    for chart, rows in (
        (figures.outcomes(result)[0], [*result.tables.reached.T, *result.tables.otherwise.T]),
        (figures.payments(result), [*(result.tables.paid.T / 100)]),
    ):
        assert chart is not None
        bars = [x for trace in chart.figure["data"] if trace["type"] == "bar" for x in trace["x"]]
        assert np.allclose(bars, [row.mean() for row in rows], rtol=0, atol=0.0051)
        whiskers = chart.figure["data"][-1]
        ends = [np.percentile(row, (5, 95)) for row in rows]
        low = np.subtract(whiskers["x"], whiskers["error_x"]["arrayminus"])
        high = np.add(whiskers["x"], whiskers["error_x"]["array"])
        inside = [e[0] <= row.mean() <= e[1] for e, row in zip(ends, rows, strict=True)]
        assert all(inside), "else the whisker ends at the mean, and this test says nothing"
        assert np.allclose(np.transpose([low, high]), ends, rtol=0, atol=0.011)


def test_savings_are_added_up_by_agency() -> None:
    data = certain_data()
    data["savings"]["beds"] = {"for": "work", "amount": "£500 each", "to": "NHS"}
    data["savings"]["tax"] = {"for": "work", "amount": "£100 each", "to": "DWP", "cashable": "100%"}
    chart = figures.savings(run(data, 3))
    assert chart is not None
    assert chart.rows == (
        ("DWP", "£31,000", "£31,000", "£31,000", "£16,000"),  # 10 x (3,000 + 100); 15,000 + 1,000
        ("NHS", "£5,000", "£5,000", "£5,000", "£0"),
    )
    cashable, rest, *_ = chart.figure["data"]
    assert (cashable["x"], rest["x"]) == ([16000.0, 0.0], [15000.0, 5000.0])


def test_no_meaning_by_colour_alone(result: Result) -> None:
    for chart in charts_of(result):
        bars = [trace for trace in chart.figure["data"] if trace["type"] == "bar"]
        shapes = {trace["marker"]["pattern"]["shape"] for trace in bars}
        assert len(shapes) == len({trace["marker"]["color"] for trace in bars})


# --- assumptions ----------------------------------------------------------------------------------


def test_every_number_of_the_scenario_is_listed(result: Result, read: Reader) -> None:
    listed = [row.address for item in assumptions(result.deal) for row in item.rows]
    assert sorted(listed) == sorted(address for address, _, _ in quantities(result.deal))
    assert len(listed) > 20
    for address in listed:
        assert address in read.words()


def test_a_number_speaks_for_itself_or_its_item_does() -> None:
    data = tiny_data()
    data["outcomes"]["work"] |= {"source": "survey", "note": "of 2024", "confidence": 2}
    data["outcomes"]["work"]["chance"] = {
        "beta": {"mean": "60%", "sd": "5%"}, "source": "trial", "confidence": 1, "note": "n = 90",
    }  # fmt: skip
    data["outcomes"]["work"]["repeat"] = {"chance": "10%", "every": "1 month", "most": 2}
    items = {item.address: item for item in assumptions(sibsim.load(data))}
    rows = {row.address: row for item in items.values() for row in item.rows}
    own, inherited = rows["outcomes.work.chance"], rows["outcomes.work.without"]
    assert (own.source, own.note, own.confidence) == ("trial", "n = 90", "1 of 6")
    assert own.value == "beta: {mean: 60%, sd: 5%}"
    assert (inherited.source, inherited.note, inherited.confidence) == ("survey", "", "2 of 6")
    assert items["outcomes.work"].note == "of 2024"
    assert rows["outcomes.work.repeat.chance"].source == "survey"
    assert rows["contract.job.price"].source == "" and rows["contract.job.price"].stated
    assert not rows["contract.kept.lag"].stated and rows["contract.kept.lag"].value == "0 months"


def test_numbers_without_a_source_are_named() -> None:
    data = tiny_data()
    for section in ("people", "outcomes", "capital", "savings"):
        for item in data[section].values():
            item["source"] = "known"
    data["programme"]["source"] = data["costs"]["source"] = "known"
    data["contract"]["job"]["source"] = "known"
    log = list(assumptions(sibsim.load(data)))
    found = page._without_source(log)
    assert found["stated"] == {"contract.kept": ["price"]} and found["count"] == 1
    assert "contract.caps" in found["default"]
    said = Reader(report_html(run(data, 5))).words()
    assert "1 number has no source: contract.kept: price" in said


def test_terms_in_words_are_listed(result: Result) -> None:
    terms = {address: value for address, value, _ in other_terms(result.deal)}
    assert terms["programme.start"] == "2027-04" and terms["programme.discount"] == "green_book"
    assert terms["capital.fund.draw"] == "on_need" and terms["savings.benefits.to"] == "DWP"
    assert not set(terms) & {address for address, _, _ in quantities(result.deal)}


# --- how the money adds up ------------------------------------------------------------------------


def test_the_ledger_is_shown_and_adds_up(result: Result, read: Reader) -> None:
    fine, said = page._adds_up(result)
    assert fine and said in read.words()
    assert page._parties(result)[-1] == ("All together", "£0")
    peak = peak_funding(result.flow("investor")).mean() / 100
    assert f"£{round(peak):,}" in read.words()
    assert [row[0] for row in page._ledger(result)] == [
        entry.line.capitalize() for entry in result.tables.ledger
    ]


def test_money_that_does_not_add_up_is_an_alarm(result: Result) -> None:
    cash = result.tables.cash.copy()
    cash[7, 3] += 1  # one penny from nowhere, in one trial
    wrong = replace(result, tables=replace(result.tables, cash=cash))
    said = Reader(report_html(wrong)).words()
    assert "The money does not add up in 1 of 60 trials." in said
    assert "Checked to the smallest coin" not in said


# --- files ----------------------------------------------------------------------------------------


def test_a_report_is_written_where_asked(result: Result, html: str, tmp_path: Path) -> None:
    target = tmp_path / "a report.html"
    assert write_report(result, str(target)) == target
    assert target.read_bytes() == html.encode()
    assert [p.name for p in tmp_path.iterdir()] == ["a report.html"]


def test_nothing_is_worked_out_for_a_place_that_cannot_be_written(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "report_html", lambda result: pytest.fail("worked in vain"))
    with pytest.raises(FileError, match="there is no folder"):
        write_report(result, tmp_path / "missing" / "r.html")


class Breaking:
    """A file whose one method fails."""

    def __init__(self, stream: Any, method: str, error: BaseException) -> None:
        self.stream, self.method, self.error = stream, method, error

    def __enter__(self) -> Breaking:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()
        if self.method == "close":
            raise self.error

    def __getattr__(self, name: str) -> Any:
        if name == self.method:
            self.stream.write(b"half")

            def fail(*_: object) -> None:
                raise self.error

            return fail
        return getattr(self.stream, name)


def break_call(monkeypatch: pytest.MonkeyPatch, call: str, error: BaseException) -> None:
    """Make one call of `replace_file` fail."""

    def fail(*_: object) -> None:
        raise error

    if call in ("write", "flush", "close"):
        opened = lambda *a: Breaking(open(*a), call, error)  # noqa: E731, SIM115
        monkeypatch.setattr(files, "open", opened, raising=False)
    elif call == "open":
        monkeypatch.setattr(files, "open", fail, raising=False)
    else:
        monkeypatch.setattr(os, call, fail)


CALLS = ["open", "write", "flush", "fsync", "close", "replace"]


@pytest.mark.parametrize("old", [b"old", None], ids=["replaced", "new"])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()],
                         ids=["disk full", "interrupted"])  # fmt: skip
def test_a_failed_write_leaves_everything_as_it_was(
    call: str, error: BaseException, old: bytes | None, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    target = tmp_path / "r.html"
    if old is not None:
        target.write_bytes(old)
    expected = FileError if isinstance(error, OSError) else KeyboardInterrupt
    with monkeypatch.context() as patch:
        break_call(patch, call, error)
        with pytest.raises(expected) as caught:
            replace_file(target, b"new")
    if expected is FileError:
        assert "r.html" in str(caught.value) and "no space left" in str(caught.value)
        assert caught.value.exit_code == 4  # type: ignore[attr-defined]
    assert [p.name for p in tmp_path.iterdir()] == ([] if old is None else ["r.html"])
    if old is not None:
        assert target.read_bytes() == old
    replace_file(target, b"new")  # and with nothing broken it works
    assert target.read_bytes() == b"new" and len(list(tmp_path.iterdir())) == 1


def test_the_file_is_on_the_disk_before_it_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, n=name, r=real: (done.append(n), r(*a))[1])
    replace_file(tmp_path / "r", b"x")
    assert done == ["fsync", "replace"]


def test_who_could_not_read_the_old_file_cannot_read_the_new_one(tmp_path: Path) -> None:
    target = tmp_path / "r.html"
    target.write_bytes(b"old")
    target.chmod(0o600)
    replace_file(target, b"new")
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_link_is_replaced_and_what_it_points_to_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"old")
    (tmp_path / "r.html").symlink_to(precious)
    replace_file(tmp_path / "r.html", b"new")
    assert precious.read_bytes() == b"old" and not (tmp_path / "r.html").is_symlink()


PLACES = {
    "missing folder": (lambda t: t / "no" / "r.html", "there is no folder"),
    "folder in its place": (lambda t: t, "this is a folder"),
    "file for a folder": (lambda t: t / "file" / "r.html", "file is not a folder"),
    "device": (lambda t: Path(os.devnull), "not an ordinary file"),
    "name too long": (lambda t: t / ("x" * 300), "the name is too long"),
    "character": (lambda t: t / "a\0b", "a character that no file name may have"),
}


@pytest.mark.parametrize("work", [check_writable, lambda path: replace_file(path, b"")])
@pytest.mark.parametrize(("place", "said"), PLACES.values(), ids=PLACES)
def test_places_that_cannot_be_written_are_found(
    work: Any, place: Any, said: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(FileError, match=said):
        work(place(tmp_path))
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("code", "said"),
    [(errno.EACCES, "files may not be made there"), (errno.EROFS, "the disk is read-only"),
     (errno.ENOSPC, "no space left")],
)  # fmt: skip
def test_a_folder_that_takes_no_files_is_found(
    code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    for work in (check_writable, lambda path: check_folder(path.parent), check_folder):
        with pytest.raises(FileError, match=said):
            work(tmp_path / "r")


def test_a_read_only_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "r"
    target.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(FileError, match="read-only"):
        check_writable(target)


def test_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    check_writable(tmp_path / "r")
    check_folder(tmp_path / "new")
    check_folder(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_folders_with_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(FileError, match="not empty"):
        check_folder(tmp_path)
    check_folder(tmp_path, force=True)
    with pytest.raises(FileError, match="cannot be a folder"):
        check_folder(tmp_path / "file")
    with pytest.raises(FileError, match="there is no folder"):
        check_folder(tmp_path / "no" / "such")
