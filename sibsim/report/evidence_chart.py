"""A picture of what evidence gets wrong: how often it pays for nothing, and misses a success.

In: rows of `sibsim.analysis.evidence`. Out: one HTML file that opens without a network. Not here:
the figures themselves, other charts (`figures`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sibsim.analysis.evidence import EvidenceResult, EvidenceRow, weighed
from sibsim.files import replace_file
from sibsim.report.figures import GREY, NAVY, PLOTLY_CONFIG, PLUM, TEAL, plot_text
from sibsim.report.formats import label
from sibsim.scenario.deal import Scenario
from sibsim.writing import share_text

COLOURS = (NAVY, TEAL, PLUM, GREY)
DASHES = {"pays_for_nothing": "solid", "misses": "dot"}
NAMES = {"pays_for_nothing": "pays for nothing", "misses": "misses a success"}


def write_chart(deal: Scenario, found: EvidenceResult, path: Path) -> None:
    """Write the chart to a file, whole or not at all."""
    import plotly.io

    html = plotly.io.to_html(figure(deal, found), config=PLOTLY_CONFIG, include_plotlyjs=True)
    replace_file(path, html.encode())


def figure(deal: Scenario, found: EvidenceResult) -> dict[str, Any]:
    """A panel a term or measure: two lines for each size, along what varies most."""
    terms = list({row.name: row for row in found.rows}.items())
    along = _along(found.rows)
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {
        "template": "plotly_white", "font": {"family": "Arial, sans-serif", "size": 14},
        "height": 140 + 360 * len(terms), "margin": {"t": 90},
        "title": {"text": plot_text(f"What evidence gets wrong: {deal.title}", 90)},
        "legend": {"orientation": "h", "y": -0.12}, "annotations": [],
    }  # fmt: skip
    step = 1.0 / len(terms)
    for place, (name, first) in enumerate(terms):
        axis, top = "" if place == 0 else str(place + 1), 1.0 - place * step
        layout[f"yaxis{axis}"] = {
            "domain": [top - 0.78 * step, top - 0.06 * step], "tickformat": ".0%",
            "range": [-0.02, 1.02], "title": {"text": "share of trials"},
        }  # fmt: skip
        layout[f"xaxis{axis}"] = _axis(along) | {"anchor": f"y{axis}"}
        layout["annotations"].append({
            "text": plot_text(label(name, weighed(deal, first)), 90), "showarrow": False,
            "xref": "paper", "yref": "paper", "x": 0, "y": top, "xanchor": "left",
        })  # fmt: skip
        mine = [row for row in found.rows if row.name == name]
        for number, (other, rows) in enumerate(_lines(mine, along).items()):
            for kind, dash in DASHES.items():
                data.append({
                    "type": "scatter", "mode": "lines+markers", "name": f"{NAMES[kind]}{other}",
                    "x": [getattr(row, along) for row in rows],
                    "y": [getattr(row, kind) for row in rows],
                    "line": {"color": COLOURS[number % len(COLOURS)], "dash": dash, "width": 2},
                    "xaxis": f"x{axis}", "yaxis": f"y{axis}", "showlegend": place == 0,
                })  # fmt: skip
    return {"data": data, "layout": layout}


def _along(rows: tuple[EvidenceRow, ...]) -> str:
    """What the horizontal axis shows: that of which there are most values."""
    counts = {name: len({getattr(row, name) for row in rows})
              for name in ("threshold", "group", "people")}  # fmt: skip
    return max(counts, key=lambda name: counts[name])


def _axis(along: str) -> dict[str, Any]:
    words = {"threshold": "least result that is paid for", "people": "people who start",
             "group": "people in the comparison group"}  # fmt: skip
    look = {"tickformat": ".0%"} if along == "threshold" else {"type": "log"}
    return {"title": {"text": words[along]}, **look}


def _lines(rows: list[EvidenceRow], along: str) -> dict[str, list[EvidenceRow]]:
    """Rows by what else varies, named by it."""
    others = [name for name in ("threshold", "group", "people") if name != along]
    vary = [name for name in others if len({getattr(row, name) for row in rows}) > 1]
    made: dict[str, list[EvidenceRow]] = {}
    for row in rows:
        said = [_said(name, getattr(row, name)) for name in vary]
        made.setdefault(f", {', '.join(said)}" if said else "", []).append(row)
    return made


def _said(name: str, value: float | None) -> str:
    if value is None:
        return "baseline" if name == "group" else "no threshold"
    if name == "threshold":
        return f"from {share_text(value)}"
    return f"{value:,.0f} {'compared' if name == 'group' else 'served'}"
