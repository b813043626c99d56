"""sibsim: simulate social impact bonds and other outcomes contracts.

>>> import sibsim
>>> deal = sibsim.load("minimal")
>>> result = sibsim.run(deal, trials=100, seed=1)
>>> result.summary()["payments.total"].unit
'GBP'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from sibsim.analysis.backtest import backtest
    from sibsim.analysis.evidence import evidence
    from sibsim.analysis.precision import run_until
    from sibsim.analysis.risk_price import risk_price
    from sibsim.analysis.trace import trace
    from sibsim.analysis.variants import run_variants
    from sibsim.errors import FileError, ScenarioError, SibsimError, UsageError
    from sibsim.report.page import write_report
    from sibsim.scenario.file import load
    from sibsim.scenario.writer import dump
    from sibsim.simulation import run, settle, simulate
    from sibsim.summary import compare

_HOMES = {
    "load": "sibsim.scenario.file",
    "dump": "sibsim.scenario.writer",
    "simulate": "sibsim.simulation",
    "settle": "sibsim.simulation",
    "run": "sibsim.simulation",
    "compare": "sibsim.summary",
    "run_variants": "sibsim.analysis.variants",
    "backtest": "sibsim.analysis.backtest",
    "evidence": "sibsim.analysis.evidence",
    "run_until": "sibsim.analysis.precision",
    "risk_price": "sibsim.analysis.risk_price",
    "trace": "sibsim.analysis.trace",
    "write_report": "sibsim.report.page",
    "SibsimError": "sibsim.errors",
    "ScenarioError": "sibsim.errors",
    "FileError": "sibsim.errors",
    "UsageError": "sibsim.errors",
}
"""Where each public name lives; it is imported when it is first used, so that start-up is quick."""

__all__ = [
    "FileError",
    "ScenarioError",
    "SibsimError",
    "UsageError",
    "backtest",
    "compare",
    "dump",
    "evidence",
    "load",
    "risk_price",
    "run",
    "run_until",
    "run_variants",
    "settle",
    "simulate",
    "trace",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"sibsim has no {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
