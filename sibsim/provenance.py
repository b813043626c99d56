"""Where a result came from: enough to make it again.

In: a result. Out: version, seed, trials, digest of the scenario, libraries. Not here: times of day,
names of machines; two equal runs have equal records.
"""

from __future__ import annotations

import dataclasses
import math
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sibsim.result import Result, Stopping
from sibsim.scenario.writer import digest

LIBRARIES = ("numpy", "scipy", "numba", "pandas", "pyarrow", "plotly")
"""Libraries that have a hand in figures or in files."""


def provenance(result: Result) -> dict[str, Any]:
    """The record that goes with every output.

    Returns
    -------
    dict
        JSON-ready: ``sibsim``, ``seed``, ``trials``, ``scenario`` (title and SHA-256 of the
        resolved scenario), ``python``, ``libraries``; ``stopping`` where the number of trials was
        not given but found.
    """
    return {
        "sibsim": _version("sibsim"),
        "seed": result.seed,
        "trials": result.trials,
        **({} if result.stopping is None else {"stopping": _stopping(result.stopping)}),
        "scenario": {"title": result.deal.title, "sha256": digest(result.deal)},
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
    }


def _stopping(stopping: Stopping) -> dict[str, Any]:
    found = dataclasses.asdict(stopping)
    return found | {"reached": None if math.isnan(stopping.reached) else stopping.reached}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
