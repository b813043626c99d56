"""Charts of a result, each with the numbers it shows and what it says in words.

In: a result. Out: `Chart`s: a plotly figure as plain data, a sentence, a table. Not here: HTML, and
plotly itself: the figures are dicts that `plotly.graph_objects.Figure` takes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sibsim.metrics import METRICS, by_agency
from sibsim.people.outcomes import unit as unit_of
from sibsim.report.formats import (
    in_brackets,
    in_ten,
    label,
    middle_trial,
    month_name,
    rough,
    span,
    words,
)
from sibsim.result import Result
from sibsim.summary import PERCENTILES
from sibsim.writing import CURRENCIES

Values = NDArray[np.float64]

NAVY, TEAL, PLUM, GREY = "#12436D", "#28A197", "#801650", "#3D3D3D"
"""Of the Government Analysis Function's palette: 3:1 on white and against their neighbours."""
TINTS = ("#C4D0DA", "#89A1B6")
"""Navy at a quarter and at half strength: the outer and the inner band of a fan."""
SHADE = "#F3E8EE"
"""Behind a loss: plum at a tenth."""

PLOTLY_CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "modeBarButtons": [["toImage"]],
    "plotlyServerURL": "",
    "responsive": True,
    "typesetMath": False,  # a dollar sign is money
    "showSendToCloud": False,  # plotly would offer to upload the deal's figures
}
"""How every chart behaves: it can be saved as a picture and sends nothing anywhere."""

MOST_LABEL = 28
"""Characters of a label on a chart, for phones; the table beside it has the whole."""

MOST_NAMED = 6
"""Items that the words beside a chart name; the table has the rest."""

MOST_BARS = 40
"""Bars of a histogram at the most."""

BAR_GAP = 0.46
"""Room for the name above a bar, as a part of its row."""



@dataclass(frozen=True)
class Chart:
    """A chart, and the same in words and in a table. All texts but those in `figure` are plain.

    Attributes
    ----------
    id : str
        Of its element on a page; the same in every report.
    title, says : str
        Heading; what is to be seen, for a caption and for those who do not see it.
    figure : dict
        ``data`` and ``layout`` of a plotly figure, with scenario text escaped for plotly.
    columns : tuple of str
    rows : tuple of tuple of str
        What the chart shows, as a table; the first cell of a row is its name.
    """

    id: str
    title: str
    says: str
    figure: dict[str, Any]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


# --- words ----------------------------------------------------------------------------------------


def plot_text(text: str, most: int = MOST_LABEL) -> str:
    """Scenario text for a chart: on one line, short, and nothing in it is plotly's markup."""
    line = " ".join(text.split())
    short = line if len(line) <= most else line[: most - 1].rstrip() + "…"
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _short(value: float, currency: str) -> str:
    """Money for an axis: ``£50k``."""
    size = float(f"{abs(value):.3g}")
    steps = ((1e9, "bn"), (1e6, "m"), (1e3, "k"), (1.0, ""))
    factor, letter = next((s for s in steps if size >= s[0]), (1.0, ""))
    return f"{'−' if value < 0 else ''}{CURRENCIES[currency][0]}{size / factor:.3g}{letter}"


# --- cumulative cash ------------------------------------------------------------------------------


def cash_months(result: Result) -> int:
    """Months until the last payment is in and the last cost is out: after that no money moves."""
    months, lag = result.deal.timeline.months, result.deal.contract.longest_lag
    return months + max(lag, result.deal.costs.tail(months, lag))


def cash(result: Result, party: str, title: str) -> Chart:
    """Fan of what a party has received less what it has paid, up to the end of each month."""
    unit, months = result.deal.currency, cash_months(result)
    total = result.major(np.cumsum(result.flow(party)[:, :months], axis=1))
    bands = np.round(np.percentile(total, PERCENTILES, axis=0), 2)
    names = [f"End of {month_name(result, month)}" for month in range(months)]
    lowest, end = int(bands[2].argmin()), bands[:, -1]
    low = "The middle line never falls below nil. " if bands[2, lowest] >= 0 else (
        f"The middle line is lowest at the end of {month_name(result, lowest)}, at "
        f"{words(bands[2, lowest], unit)}. "
    )  # fmt: skip
    says = f"{low}It ends at {words(end[2], unit)}{in_brackets(end[0], end[4], unit)}."
    kept = [*range(2, months - 1, 3), months - 1]
    rows = tuple((names[m], *(words(band[m], unit) for band in bands)) for m in kept)
    columns = ("Month", "5%", "25%", "50%", "75%", "95%")
    return Chart(f"chart-cash-{party}", title, says, _fan(result, bands, names), columns, rows)


def _fan(result: Result, bands: Values, names: Sequence[str]) -> dict[str, Any]:
    unit, timeline = result.deal.currency, result.deal.timeline
    dates = [f"{timeline.label(month)}-01" for month in range(bands.shape[1] + 1)]
    nil = np.concatenate([np.zeros((len(bands), 1)), bands], axis=1)
    data: list[dict[str, Any]] = []
    for low, high, tint in ((0, 4, TINTS[0]), (1, 3, TINTS[1])):
        edge = {"color": NAVY, "width": 0.8, "dash": "dot"}
        line = {"type": "scatter", "mode": "lines", "x": dates, "hoverinfo": "skip", "line": edge}
        data.append({**line, "y": nil[low].tolist()})
        data.append({**line, "y": nil[high].tolist(), "fill": "tonexty", "fillcolor": tint})
    said = [
        f"{name}<br><b>{words(b[2], unit)}</b> in the middle trial"
        f"<br>half of trials: {span(b[1], b[3], unit)}<br>9 in 10: {span(b[0], b[4], unit)}"
        for name, b in zip(["Start", *names], nil.T, strict=True)
    ]
    data.append({
        "type": "scatter", "mode": "lines", "x": dates, "y": nil[2].tolist(), "customdata": said,
        "hovertemplate": "%{customdata}<extra></extra>", "line": {"color": NAVY, "width": 2.5},
    })  # fmt: skip
    layout = _layout(result, 300)
    layout["margin"] |= {"t": 30, "b": 44}
    layout["xaxis"] |= {"type": "date", "nticks": 6, "showgrid": False}
    layout["yaxis"] |= _money_axis(float(nil.min()), float(nil.max()), unit)
    layout["yaxis"] |= {"zeroline": True, "zerolinecolor": GREY, "zerolinewidth": 1.5}
    return {"data": data, "layout": layout}


# --- returns --------------------------------------------------------------------------------------


def returns(result: Result) -> Chart | None:
    """Histogram of the investor's yearly return, or of the multiple where that says more.

    Returns
    -------
    Chart or None
        The multiple if in most trials there is no rate, or all the money is lost (-100 %); None if
        the investor puts nothing in, so that there is no return of any kind.
    """
    irr, loss = METRICS["investor.irr"].of(result), METRICS["investor.loss"].of(result)
    multiple = METRICS["investor.multiple"].of(result)
    if np.isnan(multiple).all():
        return None
    total = float((irr == -1).mean())
    by_rate = bool((irr > -1).mean() >= 0.5)  # a comparison with NaN is false
    values, even = (irr, 0.0) if by_rate else (multiple, 1.0)
    what, unit = ("a year", "a year") if by_rate else ("for each unit put in", "times")
    missing = float(np.isnan(values).mean())
    lost = f", and in {in_ten(total)} everything is lost" if total > 0 else ""
    middle = np.percentile(values[~np.isnan(values)], (5, 50, 95))
    says = (
        f"In {in_ten(float(loss.mean()))} the investor gets back less than was put in{lost}. "
        f"In {middle_trial(result)} the return is {words(middle[1], unit)} {what}"
        f"{in_brackets(middle[0], middle[2], unit)}."
    )
    if missing:
        says += f" It is not defined in {in_ten(missing)}, which the bars leave out."
    edges, counts, names = _histogram(values, unit)
    figure = _histogram_figure(result, edges, counts / result.trials, names, even, loss.mean())
    title = "Investor: yearly return" if by_rate else "Investor: money back for each unit put in"
    shares = [f"{count / result.trials:.1%}" for count in counts]
    rows = (*zip(names, shares, strict=True), ("not defined", f"{missing:.1%}"))
    return Chart("chart-returns", title, says, figure, ("Return", "Share of trials"), rows)


def _histogram(values: Values, unit: str) -> tuple[Values, NDArray[np.int64], list[str]]:
    """Edges, counts and names of bars; what lies far out is counted in the first or last bar."""
    known = np.round(values[~np.isnan(values)], 9)  # so that even is not a hair below even
    low, high = (float(q) for q in np.percentile(known, (0.5, 99.5)))
    step = max(_step(high - low, MOST_BARS), 0.01)
    first, last = math.floor(low / step + 1e-9), math.floor(high / step + 1e-9) + 1
    bars = np.clip(np.floor(known / step + 1e-9).astype(np.int64), first, last - 1) - first
    counts = np.bincount(bars, minlength=last - first)
    edges = np.round(np.arange(first, last + 1) * step, 9)
    names = [span(a, b, unit) for a, b in pairwise(edges.tolist())]
    if known.min() < edges[0]:
        names[0] = f"below {words(edges[1], unit)}"
    if known.max() >= edges[-1] and len(names) > 1:
        names[-1] = f"{words(edges[-2], unit)} or more"
    return edges, counts, names


def _histogram_figure(
    result: Result, edges: Values, shares: Values, names: Sequence[str], even: float, loss: float
) -> dict[str, Any]:
    lost = edges[1:] <= even + 1e-9
    unit = "a year" if even == 0 else "times"
    said = [f"{n}<br><b>{s:.1%}</b> of trials" for n, s in zip(names, shares, strict=True)]
    bars = [
        {
            "type": "bar", "x": ((edges[:-1] + edges[1:]) / 2)[which].tolist(),
            "y": shares[which].tolist(), "width": np.diff(edges)[which].tolist(),
            "customdata": [text for text, chosen in zip(said, which, strict=True) if chosen],
            "hovertemplate": "%{customdata}<extra></extra>",
            "marker": {"color": colour, "line": {"color": "#fff", "width": 1},
                       "pattern": _pattern(shape)},
        }
        for which, colour, shape in ((lost, PLUM, "/"), (~lost, NAVY, ""))
    ]  # fmt: skip
    layout = _layout(result, 360)
    layout["margin"] |= {"t": 66, "b": 44}
    layout["barmode"] = "overlay"
    room = max(6 - len(shares), 0) / 2 * (edges[1] - edges[0])  # a lone bar is not a wall
    layout["xaxis"] |= _axis(
        edges[0] - room, edges[-1] + room, lambda v: words(v, unit).replace(".0%", "%")
    )
    layout["yaxis"] |= _axis(0.0, float(shares.max()), lambda v: f"{v:.3g}%", scale=100)
    layout["yaxis"]["title"] = {"text": "share of trials", "font": {"size": 12}}
    if edges[0] < even:
        layout["shapes"] = [{
            "type": "rect", "xref": "x", "yref": "paper", "x0": edges[0], "y0": 0, "y1": 1,
            "x1": min(even, edges[-1]), "fillcolor": SHADE, "line": {"width": 0}, "layer": "below",
        }]  # fmt: skip
    sides = ((0, "left", PLUM, "Loses money", loss), (1, "right", NAVY, "Loses nothing", 1 - loss))
    layout["annotations"] += [
        {"text": f"<b>{said}</b><br>{share:.0%} of trials", "align": side, "x": x, "y": 1.01,
         "xref": "paper", "yref": "paper", "xanchor": side, "yanchor": "bottom",
         "showarrow": False, "font": {"color": colour, "size": 13}}
        for x, side, colour, said, share in sides
        if share > 0
    ]  # fmt: skip
    return {"data": bars, "layout": layout}


# --- bars -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Series:
    """Bars of one sort: values in every trial, one array of shape (trials,) a row."""

    name: str
    rows: Sequence[Values]
    colour: str
    pattern: str = ""


TITLES = {"people": "Outcomes", "times": "Times reached", "steps": "Steps of a score"}


def outcomes(result: Result) -> list[Chart]:
    """How much of each outcome there is in both worlds; a chart for each unit they count in."""
    places: dict[str, list[int]] = {}
    for place, item in enumerate(result.deal.outcomes.values()):
        places.setdefault(unit_of(item), []).append(place)
    return [_outcomes_in(result, unit, chosen) for unit, chosen in places.items()]


def _outcomes_in(result: Result, unit: str, places: list[int]) -> Chart:
    items = list(result.deal.outcomes.items())
    with_ = [result.tables.reached[:, k].astype(float) for k in places]
    without = [result.tables.otherwise[:, k].astype(float) for k in places]
    labels = [label(*items[k]) for k in places]
    series = [_Series("with the service", with_, NAVY), _Series("without", without, TEAL, "/")]
    said = [
        f"{a.mean():,.0f} with, {b.mean():,.0f} without"
        for a, b in zip(with_, without, strict=True)
    ]
    figure = _bars(result, labels, said, series, unit)
    rows, added = [], {}
    for name, k, a, b in zip(labels, places, with_, without, strict=True):
        cells = [words(float(v), unit) for x in (a, b, a - b) for v in _spread(x)]
        rows.append((name, items[k][1].kind, *cells))
        added[name] = words((a - b).mean(), unit)
    people = unit == "people"
    whom = "People whom" if people else f"{unit.capitalize()} that"
    columns = ("Outcome", "Kind", *(
        f"{world}, {part}"
        for world in ("with", "without", "added") for part in ("mean", "5%", "95%")
    ))  # fmt: skip
    return Chart(
        "chart-outcomes" if people else f"chart-outcomes-{unit}",
        f"{TITLES.get(unit, unit.capitalize())} with and without the service",
        f"{whom} the service adds, on average. {_listed(added)}", figure, columns, tuple(rows),
    )  # fmt: skip


def payments(result: Result) -> Chart | None:
    """What the commissioner pays under each term, after caps; None if there are no terms."""
    unit, terms = result.deal.currency, result.deal.contract.terms
    if not terms:
        return None
    paid = [result.major(result.tables.paid[:, k]) for k in range(len(terms))]
    labels = [label(name, item) for name, item in terms.items()]
    said = [_short(x.mean(), unit) for x in paid]
    figure = _bars(result, labels, said, [_Series("paid", paid, NAVY)], unit)
    claims = [words(float(mean), "claims") for mean in result.tables.claims.mean(axis=0)]
    rows = tuple(
        (name, *(words(float(v), unit) for v in _spread(x)), count)
        for name, x, count in zip(labels, paid, claims, strict=True)
    )
    whole = sum(x.mean() for x in paid)
    largest = int(np.argmax([x.mean() for x in paid]))
    says = f"Payments after caps come to {rough(whole, unit)} on average"
    if len(paid) > 1:
        says += f"; the largest part is for {labels[largest]}, {rough(paid[largest].mean(), unit)}"
    columns = ("Payment term", "mean", "5%", "95%", "claims, mean")
    return Chart("chart-payments", "Payments by outcome term", f"{says}.", figure, columns, rows)


def savings(result: Result) -> Chart | None:
    """Present value of savings by agency, cashable and not; None if the deal has none."""
    unit, total = result.deal.currency, by_agency(result)
    if not total:
        return None
    part = {agency: np.zeros(result.trials) for agency in total}
    for place, saving in enumerate(result.deal.savings.values()):
        part[saving.to] += result.major(result.tables.present_cashable[:, place])
    whole, cashed = list(total.values()), list(part.values())
    said = [
        f"{_short(a.mean(), unit)}, {_short(c.mean(), unit)} cashable"
        for a, c in zip(whole, cashed, strict=True)
    ]
    series = [
        _Series("cashable", cashed, NAVY),
        _Series("not cashable", [a - c for a, c in zip(whole, cashed, strict=True)], TEAL, "/"),
    ]
    figure = _bars(result, list(total), said, series, unit, stacked=whole)
    rows = tuple(
        (agency, *(words(float(v), unit) for v in _spread(a)), words(c.mean(), unit))
        for agency, a, c in zip(total, whole, cashed, strict=True)
    )
    says = "Present value of what each agency saves, on average. "
    says += _listed(dict(zip(total, said, strict=True)))
    columns = ("Agency", "mean", "5%", "95%", "of it cashable, mean")
    return Chart("chart-savings", "Savings by agency", says, figure, columns, rows)


def _listed(figures: dict[str, str]) -> str:
    named = [f"{name}: {text}" for name, text in figures.items()]
    rest = len(named) - MOST_NAMED
    more = f"; and {rest} more in the table" if rest > 0 else ""
    return f"{'; '.join(named[:MOST_NAMED])}{more}."


def _spread(values: Values) -> Values:
    """Mean, 5 % and 95 %."""
    return np.array([values.mean(), *np.percentile(values, (5, 95))])


def _bars(
    result: Result, labels: Sequence[str], said: Sequence[str], series: Sequence[_Series],
    unit: str, stacked: Sequence[Values] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Bars from left to right, the name of each row above it so that phones have room.

    Parameters
    ----------
    stacked : sequence of ndarray or None
        The rows' totals if the series add up to them: the whiskers are then those of the total.
    """
    data = [_bar_trace(one, labels, unit) for one in series]
    wholes = [list(stacked)] if stacked is not None else [one.rows for one in series]
    thick = (1 - BAR_GAP) / len(wholes)
    ends = np.round([[_spread(row) for row in rows] for rows in wholes], 2)
    first = thick * (1 - len(wholes)) / 2
    heights = [k + first + thick * j for j in range(len(wholes)) for k in range(len(labels))]
    flat = ends.reshape(-1, 3)
    data += [_whiskers(flat, heights, colour, wide) for colour, wide in (("#fff", 5), (GREY, 1.6))]
    if stacked is not None:
        data[-1] |= {"marker": {"symbol": "diamond", "color": GREY, "size": 8}, "showlegend": True}
    beside = len(series) if stacked is None else 1
    layout = _layout(result, 92 + len(labels) * (30 + 16 * beside))
    layout |= {"barmode": "group" if stacked is None else "relative", "bargap": BAR_GAP}
    layout["margin"] |= {"t": 34, "b": 44}
    low, high = min(0.0, float(ends.min())), float(ends.max())
    money = unit in CURRENCIES
    layout["xaxis"] |= _money_axis(low, high, unit) if money else _axis(low, high, "{:,.9g}".format)
    layout["xaxis"] |= {"zeroline": True, "zerolinecolor": GREY}
    layout["yaxis"] |= {"range": [len(labels) - 0.6, -0.72], "showgrid": False,
                        "showticklabels": False, "zeroline": False}  # fmt: skip
    layout["showlegend"] = len(series) > 1
    layout["annotations"] += [
        {"text": f"<b>{plot_text(name)}</b>  {text}", "x": 0, "xref": "paper", "xanchor": "left",
         "y": k - 0.5 + BAR_GAP / 2, "yref": "y", "yanchor": "bottom", "showarrow": False,
         "align": "left", "font": {"size": 12}}
        for k, (name, text) in enumerate(zip(labels, said, strict=True))
    ]  # fmt: skip
    return {"data": data, "layout": layout}


def _bar_trace(one: _Series, labels: Sequence[str], unit: str) -> dict[str, Any]:
    spread = np.round([_spread(row) for row in one.rows], 2)
    said = [
        f"{plot_text(name)}<br>{one.name}: <b>{words(s[0], unit)}</b>"
        f"<br>9 in 10 trials: {span(s[1], s[2], unit)}"
        for name, s in zip(labels, spread, strict=True)
    ]
    return {
        "type": "bar", "orientation": "h", "name": one.name, "x": spread[:, 0].tolist(),
        "y": list(range(len(spread))), "customdata": said,
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": {"color": one.colour, "pattern": _pattern(one.pattern)},
    }  # fmt: skip


def _whiskers(spread: Values, heights: list[float], colour: str, thick: float) -> dict[str, Any]:
    """From 5 % to 95 %; the mean of a rare thing may lie outside, then the whisker ends at it."""
    error = {
        "type": "data", "symmetric": False, "color": colour, "thickness": thick, "width": 3 + thick,
        "array": np.maximum(spread[:, 2] - spread[:, 0], 0).tolist(),
        "arrayminus": np.maximum(spread[:, 0] - spread[:, 1], 0).tolist(),
    }  # fmt: skip
    return {
        "type": "scatter", "mode": "markers", "name": "total", "x": spread[:, 0].tolist(),
        "y": heights, "error_x": error, "hoverinfo": "skip", "showlegend": False,
        "marker": {"opacity": 0},
    }  # fmt: skip


# --- layout ---------------------------------------------------------------------------------------


def _layout(result: Result, height: int) -> dict[str, Any]:
    axis = {"fixedrange": True, "automargin": True, "gridcolor": "#DEE0E2", "zeroline": False}
    layout: dict[str, Any] = {
        "height": height, "margin": {"l": 8, "r": 8, "t": 12, "b": 8}, "showlegend": False,
        "font": {"family": "Helvetica Neue, Helvetica, Arial, sans-serif", "size": 13,
                 "color": "#0B0C0C"},
        "paper_bgcolor": "#fff", "plot_bgcolor": "#fff", "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": "#fff", "bordercolor": GREY, "align": "left"},
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "itemclick": False,
                   "itemdoubleclick": False},
        "xaxis": dict(axis), "yaxis": dict(axis), "annotations": [],
    }  # fmt: skip
    if result.deal.illustrative:  # a chart may be copied without its page
        layout["annotations"].append({
            "text": "illustrative", "x": 1, "y": 0, "yshift": -22, "xref": "paper",
            "yref": "paper", "xanchor": "right", "yanchor": "top", "showarrow": False,
            "font": {"size": 12, "color": "#505A5F"},
        })  # fmt: skip
    return layout


def _axis(
    low: float, high: float, name: Callable[[float], str], scale: float = 1
) -> dict[str, Any]:
    """Range and round ticks of an axis from `low` to `high`; ticks are named at `scale`."""
    if high == low:  # nothing ever happens here
        return {"range": [low - 1, low + 1], "tickmode": "array", "tickvals": [low],
                "ticktext": [name(low * scale)]}  # fmt: skip
    room, step = (high - low) * 0.06, _step(high - low, 5)
    first, last = math.ceil(low / step - 1e-9), math.floor((high + room / 2) / step + 1e-9)
    ticks = [round(k * step, 9) for k in range(first, last + 1)]
    bottom = low - room if low < 0 else low
    return {"range": [bottom, high + room], "tickmode": "array", "tickvals": ticks,
            "ticktext": [name(round(t * scale, 9)) for t in ticks]}  # fmt: skip


def _money_axis(low: float, high: float, currency: str) -> dict[str, Any]:
    return _axis(low, high, lambda value: _short(value, currency))


def _step(width: float, most: int) -> float:
    """A round step of which `most` span `width`, about."""
    if width <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(width / most))
    return next(f * power for f in (1, 2, 5, 10) if f * power * most >= width * 0.999)


def _pattern(shape: str) -> dict[str, Any]:
    return {"shape": shape, "fillmode": "overlay", "fgcolor": "#fff", "fgopacity": 0.55, "size": 7}
