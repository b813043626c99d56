"""Bad input through the command line: the exit code and the words of every row of the catalogue.

In: a tiny valid deal with one thing changed, odd files, full disks, Ctrl-C. Out: what a person reads
and what is left on the disk. Not here: every form of faulty YAML (`test_nodes`), the report's page
(`test_report`). Ids such as ``D05`` are rows of the catalogue of bad inputs.
"""

from __future__ import annotations

import builtins
import copy
import errno
import json
import math
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from conftest import tiny_data
from hypothesis import example, given, settings
from hypothesis import strategies as st

import sibsim
from sibsim import files
from sibsim.cli import main
from sibsim.errors import MOST_SHOWN, ScenarioError, UsageError
from sibsim.report.folder import FILES
from sibsim.scenario import schema
from sibsim.scenario.checks import MOST_VARIANTS
from sibsim.scenario.nodes.tree import MOST_BYTES
from sibsim.scenario.reader import MOST_NAMES

FAULT, USAGE, INVALID, DISK, REFUSED, STOPPED = 1, 2, 3, 4, 5, 130
"""Exit codes, as the help of the command says."""

DEAL = (Path(__file__).parent / "bad" / "deal.yaml").read_text(encoding="utf-8")
"""A small valid deal; the lines and addresses that the tables below name are its own."""

LINE = re.compile(r"(warning: )?deal\.yaml(:\d+)?  \S.*")
"""The shape of every message about a file."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which a test runs."""
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def no_simulation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if anything is simulated."""
    def fail(*_: Any, **__: Any) -> None:
        pytest.fail("simulated in vain")

    monkeypatch.setattr("sibsim.simulation.run", fail)


def sibsim_(*words: str, given: bytes | None = None) -> Result:
    """The command with some words; what only our own faults give must never come out."""
    done = CliRunner().invoke(main, list(words), input=given)
    assert done.exit_code != FAULT, done.stderr
    assert "Traceback" not in done.output
    return done


def check(content: bytes | str, name: str = "deal.yaml") -> Result:
    """``sibsim check`` of a file with some content."""
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return sibsim_("check", name)


def swapped(old: str, new: str) -> str:
    """The deal with one thing changed."""
    assert DEAL.count(old) == 1, f"{old!r} is not one place of the deal"
    return DEAL.replace(old, new)


def fits(said: str, line: str) -> bool:
    """Whether a line is the one expected; ``...`` stands for any words."""
    return re.fullmatch(".*".join(map(re.escape, said.split("..."))), line) is not None


def told(done: Result, code: int, said: tuple[str, ...]) -> None:
    """Hold what was said against what is expected, line by line and in order."""
    lines = done.stderr.splitlines()
    assert done.exit_code == code, done.output
    assert len(lines) == len(said), done.stderr
    for expected, line in zip(said, lines, strict=True):
        head = "warning: deal.yaml:" if code == 0 else "deal.yaml:"
        assert fits(head + expected, line), f"{line}\n  is not\n{head + expected}"
        assert LINE.fullmatch(line)
    assert code != 0 or done.stdout.startswith("deal.yaml: valid. ")


# --- one thing changed in the deal ----------------------------------------------------------------

PLACES = {
    "title": ("title: Tiny", "2  title: "),
    "start": ("start: 2027-04", "4  programme.start: "),
    "months": ("months: 12", "5  programme.months: "),
    "referrals": ("referrals: 20", "8  people.young.referrals: "),
    "over": ("over: 6 months", "9  people.young.over: "),
    "chance": ("chance: 60%", "12  outcomes.work.chance: "),
    "after": ("after: 2 months", "14  outcomes.work.after: "),
    "price": ("price: £2,000", "24  contract.job.price: "),
    "lag": ("lag: 1 month", "25  contract.job.lag: "),
    "fixed": ("fixed: £1,000 a month", "31  costs.fixed: "),
    "to": ("to: DWP", "40  savings.benefits.to: "),
}
"""Lines of the deal that the tables change, and how a message about them begins."""

LATER = {
    "programme": ("months: 12", "\n  ", "6  programme."),
    "people": ("over: 6 months", "\n    ", "10  people.young."),
    "term": ("lag: 1 month", "\n    ", "26  contract.job."),
    "fund": ("commitment: £20,000", "\n    ", "35  capital.fund."),
    "saving": ("to: DWP", "\n    ", "41  savings.benefits."),
    "top": ("to: DWP", "\n", "41  "),
    "option": ("to: DWP", "\noptions:\n  low:\n    ", "43  options.low"),
    "backtest": ("to: DWP", "\nbacktest:\n  published: £5\n  lines:\n    ", "44  backtest.lines."),
}
"""Lines of the deal after which the tables put a new one, and how a message about it begins."""


def at(row: str, place: str, value: str, *said: str, code: int = INVALID) -> Any:
    """A row that puts another value into a place."""
    old, begins = PLACES[place]
    new = f"{old.split(':')[0]}: {value}"
    return pytest.param(swapped(old, new), code, tuple(begins + s for s in said), id=row)


def put(row: str, place: str, line: str, *said: str, code: int = INVALID) -> Any:
    """A row that adds a line."""
    after, between, begins = LATER[place]
    new = after + between + line
    return pytest.param(swapped(after, new), code, tuple(begins + s for s in said), id=row)


def case(row: str, old: str, new: str, *said: str, code: int = INVALID) -> Any:
    """A row that changes any text of the deal."""
    return pytest.param(swapped(old, new), code, said, id=row)


def ok(row: str, place: str, value: str, *warned: str) -> Any:
    """A row whose value is taken, perhaps with a warning."""
    return at(row, place, value, *warned, code=0)


MONEY = " / allowed: an amount of money of £0 or more, such as £1,500 or £1.25m"
SHARE = " / allowed: a share from 0% to 100%, such as 35% or 0.35"
COUNT = " / allowed: a whole number from 1 to 1,000,000"
MONTHS = " / allowed: whole months from 1 to 600, such as 6 months or 2 years"
LAG = " / allowed: whole months from 0 to 120, such as 6 months or 2 years"
MONTH = " / allowed: a month from 1990-01 to 2100-12, as YYYY-MM"
WAIT = " / allowed: a duration from 0 days to 50 years, such as 6 months or 26 weeks"
RATE = " / allowed: an amount a month or a year, such as £6,000 a month"
TERM = "for, price, claims_per_person, cap, lag, label, source, note, confidence"
YOUNG = "people:\n  young:\n    referrals: 20\n    over: 6 months"
JOB = "  job:\n    pay: per_outcome\n    for: work\n    price: £2,000\n    lag: 1 month\n"
KEPT = "  kept:\n    pay: per_outcome\n    for: stay\n    price: £3,000\n"
ONCE = "one currency in the whole scenario, GBP"

STRUCTURE = [
    case("C01", "price: £2,000", "prise: £2,000",
         "24  contract.job.prise: unknown setting `prise` / try: did you mean 'price'?"),
    put("C02", "term", "flavour: mint",
        f"flavour: unknown setting `flavour` / allowed: {TERM}"),
    case("C03-case", "price: £2,000", "Price: £2,000",
         "24  contract.job.Price: unknown setting `Price` / try: did you mean 'price'?"),
    put("C03-hyphen", "fund", "investor-share: 80%",
        "investor-share: unknown setting `investor-share` / try: did you mean 'investor_share'?"),
    put("C03-space", "fund", "investor share: 80%",
        "investor share: unknown setting `investor share` / try: did you mean 'investor_share'?"),
    case("C03-more-words", "price: £2,000", "unit-price: £2,000",
         "24  contract.job.unit-price: unknown setting `unit-price` / try: did you mean 'price'?"),
    case("C03-beside-names", "costs:", "  cap: {contract: £9}\ncosts:",
         "30  contract.cap: unknown setting `cap` / try: did you mean 'caps'?"),
    put("C03-beside-addresses", "option", "contract.job.price: £5\n    lable: Low",
        "").__class__(*()) if False else
    case("C03-beside-addresses", "to: DWP",
         "to: DWP\noptions:\n  low:\n    lable: Low\n    contract.job.price: £5",
         "43  options.low.lable: unknown setting `lable` / try: did you mean 'label'?"),
]  # fmt: skip
