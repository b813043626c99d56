"""Small deals for the tests."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

import sibsim
from sibsim.scenario.deal import Scenario

ROOT = Path(__file__).parents[1] / "sibsim"


def pytest_configure() -> None:
    """Throw away compiled code that is older than any module: a caller's copy may be of the old."""
    newest = max(path.stat().st_mtime for path in ROOT.rglob("*.py"))
    for kept in ROOT.rglob("__pycache__/*.nb[ci]"):
        try:
            if kept.stat().st_mtime < newest:
                kept.unlink()
        except FileNotFoundError:  # another process of the tests was faster
            pass


TINY: dict[str, Any] = {
    "sibsim": 1,
    "title": "Tiny",
    "programme": {"start": "2027-04", "months": 12},
    "people": {"young": {"referrals": 20, "over": "6 months"}},
    "outcomes": {
        "work": {"chance": "60%", "without": "30%", "after": "2 months"},
        "stay": {"chance": "50%", "without": "40%", "follows": "work", "sustained": "13 weeks"},
    },
    "contract": {
        "job": {"pay": "per_outcome", "for": "work", "price": "£2,000", "lag": "1 month"},
        "kept": {"pay": "per_outcome", "for": "stay", "price": "£3,000"},
    },
    "costs": {"fixed": "£1,000 a month", "per_start": "£300"},
    "capital": {"fund": {"commitment": "£20,000"}},
    "savings": {
        "benefits": {"for": "stay", "amount": "£6,000 a year", "lasts": "6 months", "to": "DWP"}
    },
}


def with_values(data: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The same scenario with other values at some addresses."""
    made = copy.deepcopy(data)
    for address, value in changes.items():
        *path, last = address.split(".")
        here = made
        for name in path:
            here = here[name]
        here[last] = value
    return made


def tiny_data() -> dict[str, Any]:
    """The tiny deal as plain data, to change and to load."""
    return copy.deepcopy(TINY)


@pytest.fixture
def tiny() -> Scenario:
    """A deal of two outcomes, twenty people and twelve months."""
    return sibsim.load(TINY)
