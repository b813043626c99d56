"""Bad input through the command line: the exit code and the words of every row of the catalogue.

In: a tiny valid deal with one thing changed, odd files, full disks, Ctrl-C. Out: what a person
reads and what is left on the disk. Not here: every form of faulty YAML (`test_nodes`), the report's
page (`test_report`). Ids such as ``D05`` are rows of the catalogue of bad inputs.
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
from bad.rows import (
    CONTENTS,
    CORRELATED,
    COSTS,
    DEAL,
    DISK,
    FAULT,
    INVALID,
    NOT_YET,
    NUMBERS,
    REFUSED,
    STOPPED,
    STRUCTURE,
    TEXTS,
    TIME,
    USAGE,
    VARIANTS,
    swapped,
)
from click.testing import CliRunner, Result
from conftest import tiny_data
from hypothesis import example, given, settings
from hypothesis import strategies as st

import sibsim
from sibsim import files
from sibsim.cli import main
from sibsim.errors import MOST_SHOWN, Problem, ScenarioError, UsageError
from sibsim.report.folder import FILES
from sibsim.scenario import schema
from sibsim.scenario.file import bundled
from sibsim.scenario.writer import to_data

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


@pytest.mark.parametrize(
    ("content", "code", "said"),
    STRUCTURE + VARIANTS + NUMBERS + TIME + TEXTS + CORRELATED + COSTS,
)
def test_one_thing_changed(content: str, code: int, said: tuple[str, ...]) -> None:
    told(check(content), code, said)


def test_the_deal_itself_is_valid() -> None:
    told(check(DEAL), 0, ())


@pytest.mark.parametrize(("content", "code", "said"), CONTENTS)
def test_whole_file(content: bytes, code: int, said: tuple[str, ...]) -> None:
    done = check(content)
    lines = done.stderr.splitlines()
    assert done.exit_code == code, done.output
    assert len(lines) == len(said), done.stderr
    for expected, line in zip(said, lines, strict=True):
        assert fits(f"deal.yaml{expected}", line), f"{line}\n  is not\ndeal.yaml{expected}"
        assert LINE.fullmatch(line)


# --- what stands in place of a file ---------------------------------------------------------------


@contextmanager
def nobody() -> Iterator[None]:
    """Not as root, for whom every file is readable."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def refused_file(name: str, said: str, code: int = DISK) -> None:
    """Every command that reads a scenario says the same of it, in one line."""
    for command in ("check", "show", "run", "backtest", "compare", "stress"):
        done = sibsim_(command, name)
        assert done.exit_code == code
        assert done.stderr == f"{said}\n"
        assert done.stdout == ""


def test_a01_missing(folder: Path) -> None:
    (folder / "deal.yaml").write_text(DEAL)
    refused_file("dael.yaml", "dael.yaml: no such file; did you mean deal.yaml?")
    refused_file("no/such/deal.yaml", "no/such/deal.yaml: no such file")
    refused_file("minimol", "minimol: no such file, and no bundled scenario of that name; did you "
                 "mean minimal?")  # fmt: skip
    refused_file("x" * 5_000, f"{'x' * 5_000}: no such file, and no bundled scenario of that name; "
                 f"bundled: {', '.join(bundled())}")  # fmt: skip


def test_a02_folder(folder: Path) -> None:
    (folder / "deals").mkdir()
    refused_file("deals", "deals: is a folder")
    (folder / "deals" / "one.yaml").write_text(DEAL)
    refused_file("deals", "deals: is a folder; did you mean deals/one.yaml?")


def test_a11_no_permission(folder: Path) -> None:
    (folder / "deal.yaml").write_text(DEAL)
    (folder / "deal.yaml").chmod(0)
    with nobody():
        refused_file("deal.yaml", "deal.yaml: permission denied")


def test_a12_not_a_regular_file(folder: Path) -> None:
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        for name in ("pipe", "socket", "/dev/zero"):
            refused_file(name, f"{name}: not a regular file")


def test_a13_links(folder: Path) -> None:
    (folder / "deal.yaml").write_text(DEAL)
    (folder / "link.yaml").symlink_to("deal.yaml")
    assert sibsim_("check", "link.yaml").exit_code == 0
    (folder / "round.yaml").symlink_to("round.yaml")
    refused_file("round.yaml", "round.yaml: links that lead round in a circle")
    (folder / "nowhere.yaml").symlink_to("gone")
    refused_file("nowhere.yaml", "nowhere.yaml: no such file")


def test_a14_a_file_that_changes_is_read_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sibsim.scenario import file

    def parse(data: bytes, name: str, real: Callable[..., Any] = file.parse) -> Any:
        (folder / "deal.yaml").write_text("")
        return real(data, name)

    monkeypatch.setattr(file, "parse", parse)
    assert check(DEAL).exit_code == 0


def test_a16_content_decides() -> None:
    assert check(DEAL, "deal.txt").stdout.startswith("deal.txt: valid. ")
    assert check(json.dumps(tiny_data()), "deal.docx").exit_code == 0


def test_a18_standard_input() -> None:
    done = sibsim_("check", "-", given=DEAL.encode())
    assert (done.exit_code, done.stderr) == (0, "")
    done = sibsim_("check", "-", given=swapped("for: work", "for: wrok").encode())
    assert done.exit_code == INVALID
    assert done.stderr.startswith("<stdin>:23  contract.job.for: ")


def test_several_files_are_all_read_and_the_first_fault_decides(folder: Path) -> None:
    (folder / "good.yaml").write_text(DEAL)
    (folder / "bad.yaml").write_text(swapped("lag: 1 month", "lag: -1"))
    done = sibsim_("check", "bad.yaml", "missing.yaml", "good.yaml")
    assert done.exit_code == INVALID
    assert len(done.stderr.splitlines()) == 2
    assert "good.yaml: valid" in done.stdout


# --- all at once ----------------------------------------------------------------------------------


def test_every_problem_is_reported_at_once_in_file_order() -> None:
    text = DEAL
    for old, new in {
        "start: 2027-04": "start: 2027-02-30", "referrals: 20": "referrals: none",
        "chance: 60%": "chance: 60", "price: £2,000": "prise: £2,000", "lag: 1 month": "lag: -1",
        "follows: work": "follows: nothing", "commitment: £20,000": "commitment: lots",
    }.items():  # fmt: skip
        text = text.replace(old, new)
    done = check(text)
    assert done.exit_code == INVALID
    places = [line.split(": ")[0] for line in done.stderr.splitlines()]
    assert places == [
        "deal.yaml:4  programme.start", "deal.yaml:8  people.young.referrals",
        "deal.yaml:12  outcomes.work.chance", "deal.yaml:16  outcomes.stay.follows",
        "deal.yaml:24  contract.job.prise", "deal.yaml:25  contract.job.lag",
        "deal.yaml:34  capital.fund.commitment",
    ]  # fmt: skip


def test_a_hundred_problems_are_counted() -> None:
    added = "".join(f"\n    spare {n}: 1" for n in range(MOST_SHOWN + 49))
    done = check(swapped("lag: 1 month", f"lag: -1{added}"))
    lines = done.stderr.splitlines()
    assert len(lines) == MOST_SHOWN + 1
    assert lines[-1] == "... and 50 more"


# --- what is read is shown ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "read"),
    {"£1.25m": "£1,250,000", "1250k": "£1,250,000", "GBP 5": "£5", "1,000": "£1,000",
     "1e6": "£1,000,000", "£10.005": "£10.005"}.items(),
)  # fmt: skip
def test_d14_amounts_are_shown_as_they_were_read(folder: Path, price: str, read: str) -> None:
    (folder / "deal.yaml").write_text(swapped("price: £2,000", f"price: {price}"))
    full = sibsim_("show", "deal.yaml", "--yaml").stdout
    (folder / "full.yaml").write_text(full)
    assert sibsim.load("full.yaml") == sibsim.load("deal.yaml")
    assert re.search(rf"price: \"?{re.escape(read)}\"?[,\n]", full)


@pytest.mark.parametrize("title", ["123e4567", "1E10", "0123", "no", "{{7*7}}", "[bold]x[/bold]",
                                   "=HYPERLINK(1)", "%(x)s ${HOME} $(id)", "<b>"])  # fmt: skip
def test_d30_text_stays_text(folder: Path, title: str) -> None:
    (folder / "deal.yaml").write_text(swapped("title: Tiny", f"title: {json.dumps(title)}"))
    assert sibsim_("show", "deal.yaml").stdout.startswith(f"{title}\n")
    ran = sibsim_("run", "deal.yaml", "--trials", "2")
    assert ran.exit_code == 0 and ran.stdout.startswith(title)


# --- plain data -----------------------------------------------------------------------------------

NUMBER_PLACES = [
    ("programme", "months"), ("programme", "inflation"), ("people", "young", "referrals"),
    ("people", "young", "over"), ("people", "young", "leave"), ("outcomes", "work", "chance"),
    ("outcomes", "work", "after"), ("contract", "job", "price"), ("contract", "job", "lag"),
    ("costs", "fixed"), ("costs", "per_start"), ("capital", "fund", "interest"),
    ("savings", "benefits", "cashable"),
]  # fmt: skip


@pytest.mark.parametrize("place", NUMBER_PLACES, ids=".".join)
@pytest.mark.parametrize(
    ("value", "said"),
    [(math.nan, '"nan", which is not a usable number'),
     (math.inf, '"inf", which is not a usable number'),
     (-math.inf, '"-inf", which is not a usable number'),
     (True, '"true"'), (None, "needs a value"), ("", "needs a value"), ([], "an empty list"),
     ({}, ""), (1e300, '"1e+300"'), (-1, '"-1"'), (10**5_000, "a value of type int")],
    ids=["nan", "inf", "-inf", "true", "none", "blank", "list", "dict", "1e300", "-1", "huge"],
)  # fmt: skip
def test_plain_data_is_refused_like_a_file(
    place: tuple[str, ...], value: object, said: str
) -> None:
    (problem,) = problems(place, value)
    assert problem.address == ".".join(place)
    assert problem.found.startswith(said)
    assert problem.line is None


def test_only_files_names_and_mappings_are_scenarios() -> None:
    for odd in (None, 5, [1], {1, 2}, b"deal.yaml", object()):
        with pytest.raises(UsageError, match="a scenario is a file, a name or a mapping"):
            sibsim.load(odd)  # type: ignore[arg-type]


def test_changes_by_address_are_held_to_the_same_rules() -> None:
    deal = sibsim.load(tiny_data())
    deal = deal.replace({"contract.job.price": {"times": "80%"}})
    for times in ("lots", math.nan, math.inf, -1, True, None, [1], {"a": 1}, "1e999"):
        with pytest.raises(ScenarioError, match=r"contract\.job\.price\.times"):
            deal.replace({"contract.job.price": {"times": times}})


# --- what is suggested ----------------------------------------------------------------------------

PIECES = st.sampled_from(
    ["1", "20", "3.5", "1,000", "2.000,50", "£", "£5", "$", "%", ".", "/", "-", ":", "a", "per",
     "each", "in", "of", "day", "weeks", "month", "Months", "mths", "year", "quarters", "monthly",
     "pcm", "k", "m", "million", "GBP", "0", "010", "1_0", "e5", "2026", "04", "apr", "people",
     "percent", "yes", "FY", "'"]
)  # fmt: skip
WRITTEN = st.one_of(
    st.lists(PIECES, min_size=1, max_size=5).map("".join),
    st.lists(PIECES, min_size=1, max_size=5).map(" ".join),
)
READ_PLACES = [*NUMBER_PLACES, ("programme", "start"), ("savings", "benefits", "price_year"),
               ("illustrative",)]  # fmt: skip


def problems(place: tuple[str, ...], value: object) -> tuple[Problem, ...]:
    """What is said of a value in a place of the tiny deal."""
    data = tiny_data()
    block = data
    for name in place[:-1]:
        block = block[name]
    block[place[-1]] = value
    try:
        sibsim.load(data)
    except ScenarioError as error:
        return error.problems
    return ()


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(READ_PLACES), WRITTEN)
@example(("costs", "fixed"), "1_000 a month")
@example(("people", "young", "leave"), "20 a month")
@example(("people", "young", "over"), "010")
def test_what_is_suggested_can_be_read(place: tuple[str, ...], text: str) -> None:
    for problem in problems(place, text):
        meant = re.sub(r"^did you mean '?(.*?)'?\?$|^remove the quotes: ", r"\1", problem.hint)
        assert not meant or problem.address != ".".join(place) or problems(place, meant) == ()


# --- anything at all ------------------------------------------------------------------------------

ODD = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=40),
    st.sampled_from(["x" * 30_000, "1e999999999", "£1e18", "-0", "9" * 5_000, " ", "*", "a.b",
                     "{times: 80%}", "50%%", "2 in 0", "٣", "\ud800", "2027-00", "0000-01",
                     "1e-999999999", "££5", "each", "a month", "£5 / month / month", "p10",
                     [[[]]], {"p10": 1, "p90": 2}, {"times": "lots"}, {"beta": [1, 2]},
                     {"p50": "1e-300 months", "p90": "600 months"}, {"uniform": [1, {}]},
                     {"discrete": {"1": "nan"}}, {"value": {"value": 1}}, {"empirical": []},
                     {"weibull": {"shape": 1e-300, "scale": "1 month"}}]),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=8), st.one_of(st.none(), st.text(max_size=8)), max_size=3),
)  # fmt: skip

RICH: dict[str, Any] = {
    **tiny_data(),
    "options": {"low": {"contract.job.price": {"times": "80%"}, "label": "Low"}},
    "stresses": {"slow": {"people.*.over": "9 months"}},
    "backtest": {"published": "£0", "lines": {"job": {"units": 0}}},
    "illustrative": True,
}
RICH["outcomes"]["work"] |= {"chance": {"beta": {"mean": "60%", "sd": "9%"}}, "confidence": 3}
RICH["contract"]["job"]["price"] = {"p10": "£1,800", "p90": "£2,400", "times": "90%"}
RICH["contract"]["caps"] = {"contract": "£90,000"}


def spots(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in plain data."""
    for name, value in tree.items() if isinstance(tree, dict) else ():
        yield (*path, name)
        yield from spots(value, (*path, name))


MUTATIONS = st.tuples(
    st.sampled_from(list(spots(RICH))),
    st.one_of(st.just("drop"), st.just("swap"), st.tuples(st.just("name"), st.text(max_size=9))),
    ODD,
)


def mutated(changes: list[Any]) -> dict[str, Any]:
    """The rich deal with keys dropped, renamed, and values swapped."""
    data = copy.deepcopy(RICH)
    for path, what, value in changes:
        block: Any = data
        for name in path[:-1]:
            block = block.get(name) if isinstance(block, dict) else None
        if not isinstance(block, dict) or path[-1] not in block:
            continue
        old = block.pop(path[-1])
        if what == "swap":
            block[path[-1]] = value
        elif what != "drop":
            block[what[1]] = old
    return data


def only_words(changes: list[Any]) -> None:
    """Load it; nothing but a `ScenarioError` in whole lines may come out."""
    try:
        deal = sibsim.load(mutated(changes))
    except ScenarioError as error:
        assert all(line.startswith("<scenario>  ") for line in str(error).splitlines()[:MOST_SHOWN])
    else:
        assert sibsim.load(to_data(deal, full=True)) == deal, "written and read back"


@settings(max_examples=200, deadline=None)
@given(st.lists(MUTATIONS, min_size=1, max_size=4))
@example([(("contract", "job", "price", "times"), "swap", "lots")])
@example([(("people", "young", "referrals"), "swap", "1e999999999")])
def test_only_scenario_errors_come_out(changes: list[Any]) -> None:
    only_words(changes)


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None)
@given(st.lists(MUTATIONS, min_size=1, max_size=4))
def test_only_scenario_errors_come_out_of_thousands(changes: list[Any]) -> None:
    only_words(changes)


# --- the command line -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--set", "contract.job.prise=£3"), "--set  contract.job.prise: no such address / ..."),
        (("--set", "contract.job.price=-£3"), '--set  contract.job.price: "-£3", which is ...'),
        (("--set", "contract.job.price="), "--set  contract.job.price: needs a value / ..."),
        (("--set", "contract.job.price=£3: x"), "--set  contract.job.price: a second colon on ..."),
        (("--set", "contract.job.price=[£3"), "--set  contract.job.price: the bracket [ ..."),
        (("--set", "title=x\ny: 1"), "--set title: the value has a line break; write it on ..."),
        (("--set", "title=\udcff"), "--set  title: byte ED at offset 7 is not UTF-8..."),
        (("--set", "contract.job.price={times: lots}"), "--set  contract.job.price.times: ..."),
        (("--set", "title"), "--set title: write ADDRESS=VALUE, such as contract.work.price=..."),
        (("--set", "=£3"), "--set =£3: write ADDRESS=VALUE, such as contract.work.price=£3,000"),
        (("--set", "title=a", "--set", "title=b"), "--set title: given twice"),
        (("--trials", "0"), "trials must be a whole number of 1 or more; it is 0"),
        (("--trials", "-1"), "trials must be a whole number of 1 or more; it is -1"),
        (("--seed", "-1"), "...seed..."),
    ],
)
def test_c15_words_of_the_command_line(folder: Path, words: tuple[str, ...], said: str) -> None:
    (folder / "deal.yaml").write_text(DEAL)
    done = sibsim_("run", "deal.yaml", *words)
    assert done.exit_code == USAGE
    assert done.stdout == ""
    assert fits(said, done.stderr.rstrip("\n")), done.stderr


@pytest.mark.parametrize("words", [("--trials", "1.5"), ("--trials", "many"), ("--seed", "x"),
                                   ("--flavour",), ("--yaml",)])  # fmt: skip
def test_c15_words_that_click_refuses(folder: Path, words: tuple[str, ...]) -> None:
    (folder / "deal.yaml").write_text(DEAL)
    assert sibsim_("run", "deal.yaml", *words).exit_code == USAGE


def test_g02_too_many_trials(folder: Path) -> None:
    (folder / "deal.yaml").write_text(DEAL)
    assert sibsim_("run", "deal.yaml", "--trials", "1000000000000").exit_code == REFUSED


# --- results that cannot be written ---------------------------------------------------------------


@pytest.mark.usefixtures("no_simulation")
@pytest.mark.parametrize("option", ["--report", "--json", "--out"])
@pytest.mark.parametrize(
    ("target", "said"),
    [("missing/deep/r", "there is no folder missing/deep"), ("file/r", "file is not a folder"),
     ("x" * 300, "the name is too long"), ("shut/r", "files may not be made there")],
    ids=["missing parent", "file as parent", "too long", "no permission"],
)  # fmt: skip
def test_j02_found_before_anything_is_simulated(
    folder: Path, option: str, target: str, said: str
) -> None:
    (folder / "deal.yaml").write_text(DEAL)
    (folder / "file").write_text("old")
    (folder / "shut").mkdir(mode=0o555)
    with nobody():
        done = sibsim_("run", "deal.yaml", option, target)
    assert done.exit_code == DISK
    assert done.stderr.startswith(f"{target}: ") and said in done.stderr
    assert sorted(p.name for p in folder.iterdir()) == ["deal.yaml", "file", "shut"]


@pytest.mark.usefixtures("no_simulation")
@pytest.mark.parametrize(
    ("option", "target", "said"),
    [("--report", "here", "this is a folder"), ("--json", "here", "this is a folder"),
     ("--report", "/dev/null", "not an ordinary file"), ("--out", "file", "cannot be a folder"),
     ("--out", "here", "the folder is not empty; choose another, or use --force")],
)  # fmt: skip
def test_j03_what_stands_there_is_left_alone(
    folder: Path, option: str, target: str, said: str
) -> None:
    (folder / "deal.yaml").write_text(DEAL)
    (folder / "file").write_text("old")
    (folder / "here").mkdir()
    (folder / "here" / "notes.txt").write_text("mine")
    done = sibsim_("run", "deal.yaml", option, target)
    assert done.exit_code == DISK
    assert done.stderr.startswith(f"{target}: ") and said in done.stderr
    assert [p.read_text() for p in (folder / "file", folder / "here" / "notes.txt")] == [
        "old", "mine",
    ]  # fmt: skip


def test_j03_force_writes_beside_what_is_there(folder: Path) -> None:
    (folder / "deal.yaml").write_text(DEAL)
    (folder / "here").mkdir()
    (folder / "here" / "notes.txt").write_text("mine")
    words = ("run", "deal.yaml", "--trials", "2", "--out", "here")
    assert sibsim_(*words).exit_code == DISK
    assert sibsim_(*words, "--force").exit_code == 0
    assert {p.name for p in (folder / "here").iterdir()} == {"notes.txt", *FILES}
    assert (folder / "here" / "notes.txt").read_text() == "mine"


class Breaks:
    """The k-th call that writes fails; a failing write leaves half of the bytes behind."""

    def __init__(self, patch: pytest.MonkeyPatch, failing: int, error: BaseException) -> None:
        self.calls, self.failing, self.error = 0, failing, error
        for name in ("fsync", "replace", "mkdir"):
            patch.setattr(os, name, self.counted(getattr(os, name)))
        patch.setattr(files, "open", self.open, raising=False)

    @property
    def broke(self) -> bool:
        return self.calls >= self.failing

    def count(self) -> None:
        self.calls += 1
        if self.calls == self.failing:
            raise self.error

    def counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*words: Any, **named: Any) -> Any:
            self.count()
            return real(*words, **named)

        return call

    def open(self, path: Any, mode: str) -> Any:
        self.count()
        stream = builtins.open(path, mode)  # noqa: SIM115 - the caller closes it
        real = stream.write

        def write(data: bytes) -> int:
            try:
                self.count()
            except BaseException:
                real(data[: len(data) // 2])
                raise
            return real(data)

        return Handle(stream, write)


class Handle:
    """An open file with another way to write."""

    def __init__(self, stream: Any, write: Callable[[bytes], int]) -> None:
        self.stream, self.write = stream, write

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()


def found(folder: Path) -> dict[str, bytes]:
    """Every file below a folder and what is in it."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("words", [("--json", "j.json", "--out", "tables"), ("--report", "r.html")],
                         ids=["tables", "report"])  # fmt: skip
@pytest.mark.parametrize(
    ("error", "code", "said"),
    [(OSError(errno.ENOSPC, "No space left on device"), DISK, "no space left"),
     (KeyboardInterrupt(), STOPPED, "interrupted: nothing was half-written")],
    ids=["J01", "K01"],
)  # fmt: skip
def test_a_fault_at_any_write_leaves_whole_files_alone(
    words: tuple[str, ...], error: BaseException, code: int, said: str, folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    result = sibsim.run(sibsim.load(tiny_data()), trials=3, seed=1)
    monkeypatch.setattr("sibsim.simulation.run", lambda *_, **__: result)
    (folder / "deal.yaml").write_text(DEAL)
    assert sibsim_("run", "deal.yaml", *words).exit_code == 0
    new = found(folder)
    old = {name: new[name] if name == "deal.yaml" else b"old" for name in new if "/" not in name}
    for failing in range(1, 100):
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        for name, data in old.items():
            (folder / name).write_bytes(data)
        with monkeypatch.context() as patch:
            broken = Breaks(patch, failing, error)
            done = sibsim_("run", "deal.yaml", *words)
        now = found(folder)
        if not broken.broke:
            break
        assert done.exit_code == code and said in done.stderr, f"at call {failing}"
        assert old.keys() <= now.keys() <= new.keys(), "nothing lost, nothing left over"
        assert all(data in (old.get(name), new[name]) for name, data in now.items())
    assert failing == 1 + 4 * (len(new) - 1) + ("--out" in words), "every call failed once"
    assert done.exit_code == 0 and now == new


# --- whole processes ------------------------------------------------------------------------------


ALONE = {**os.environ, "PYTHONPATH": str(Path(sibsim.__file__).parents[1])}
"""The surroundings of a process that starts in another folder."""


def command(*words: str, stdout: Any, **surroundings: str) -> subprocess.CompletedProcess[bytes]:
    """``python -m sibsim`` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "sibsim", *words], stdout=stdout, stderr=subprocess.PIPE,
        env=ALONE | surroundings, timeout=120,
    )  # fmt: skip


STOPPABLE = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from sibsim.cli import main
import {module} as module

def reached(*words, real=module.{name}, **named):
    print("reached", flush=True)
    {then}
    return real(*words, **named)

module.{name} = reached
main({words})
"""


@pytest.mark.parametrize(
    ("module", "name", "then"),
    [("sibsim.scenario.file", "parse", "time.sleep(60)"),
     ("sibsim.simulation", "settle_block", "pass"),
     ("sibsim.files", "os.replace", "time.sleep(60)")],
    ids=["loading", "simulating", "writing"],
)  # fmt: skip
def test_k01_ctrl_c(folder: Path, module: str, name: str, then: str) -> None:
    (folder / "deal.yaml").write_text(DEAL)
    (folder / "j.json").write_text("old")
    trials = "1000000" if name == "settle_block" else "2"
    words = ["run", "deal.yaml", "--trials", trials, "--json", "j.json"]
    code = STOPPABLE.format(module=module, name=name, then=then, words=words)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=ALONE) as running:  # fmt: skip
        assert running.stdout is not None
        # Two threads may get there at once, and their lines run together.
        assert running.stdout.readline().startswith(b"reached")
        if name == "os.replace":
            assert len(list(folder.glob(".sibsim-*.tmp"))) == 1, "written, but not yet in its place"
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=120)
    assert running.returncode == STOPPED
    assert said.strip() == b"interrupted: nothing was half-written"
    assert found(folder) == {"deal.yaml": DEAL.encode(), "j.json": b"old"}


def test_j07_nobody_reads_any_more() -> None:
    for words in (("schema",), ("show", "minimal"), ("run", "minimal", "--trials", "2")):
        reader, writer = os.pipe()
        os.close(reader)
        done = command(*words, stdout=writer)
        os.close(writer)
        assert (done.returncode, done.stderr) == (0, b"")


def test_j01_a_full_disk_under_standard_output() -> None:
    with open("/dev/full", "wb") as full:
        done = command("schema", stdout=full)
    assert done.returncode == DISK
    assert done.stderr == b"a file or the screen cannot be written: no space left on device\n"


def test_m01_a_screen_without_pound_signs(folder: Path) -> None:
    (folder / "deal.yaml").write_text(swapped("title: Tiny", "title: 漢字"))
    done = command("show", "deal.yaml", stdout=subprocess.PIPE, PYTHONIOENCODING="latin-1")
    assert done.returncode == 0
    assert done.stdout.startswith(rb"\u6f22\u5b57")


# --- what strangers wrote -------------------------------------------------------------------------


class Elements(HTMLParser):
    """The elements of a page with the names of their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, ...]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep one."""
        self.seen.append((tag, *(name for name, _ in attrs)))


def strange(text: str) -> str:
    """The deal with a stranger's text wherever words may stand, names too."""
    data = tiny_data()
    data |= {"title": text, "description": text, "indigo_id": text}
    data["programme"] |= {"commissioner": text, "provider": text, "note": text}
    data["outcomes"]["work"] |= {"label": text, "measure": text, "source": text}
    data["contract"][re.sub(r"[.=*]", "", text)[:60]] = data["contract"].pop("job") | {"note": text}
    data["savings"]["benefits"]["to"] = text
    return json.dumps(data)


@pytest.mark.parametrize(
    "text",
    ["</script><script>alert(1)</script>", '"><img src=x onerror="alert(1)', "<a href='x'>y</a>",
     "javascript:alert(1)", "<!-- x", "&lt;b&gt;<b>", "{{7*7}}{% x %}"],
)  # fmt: skip
def test_no_text_of_a_scenario_is_live(folder: Path, text: str) -> None:
    pages = []
    for words in (text, re.sub(r"\W", "x", text)):
        (folder / "deal.yaml").write_text(strange(words))
        done = sibsim_("run", "deal.yaml", "--trials", "3", "--seed", "1", "--report", "r.html")
        assert done.exit_code == 0
        pages.append(Elements((folder / "r.html").read_text(encoding="utf-8")).seen)
    assert pages[0] == pages[1], "a text became an element"


@pytest.mark.parametrize("title", ["CON", "../../x", "a/b", "'x", "n" * 300, "-rf", "~", "x.html"])
def test_h08_h09_no_file_is_named_by_a_scenario(folder: Path, title: str) -> None:
    data = tiny_data() | {"title": title}
    data["people"] = {title.replace(".", "_")[:80]: data["people"]["young"]}
    (folder / "deal.yaml").write_text(json.dumps(data))
    done = sibsim_("run", "deal.yaml", "--trials", "2", "--out", "o", "--json", "j.json")
    assert done.exit_code == 0
    assert found(folder).keys() == {"deal.yaml", "j.json", *(f"o/{name}" for name in FILES)}
    assert done.stdout.replace("\n", "").startswith(title[:50])


# --- the catalogue --------------------------------------------------------------------------------


def test_every_row_has_a_test() -> None:
    lengths = {"A": 18, "B": 19, "C": 15, "D": 30, "E": 13, "H": 14, "J": 3, "K": 1}
    wanted = {f"{group}{n:02d}" for group, last in lengths.items() for n in range(1, last + 1)}
    tables = (STRUCTURE, VARIANTS, NUMBERS, TIME, TEXTS, CORRELATED, COSTS, CONTENTS)
    names = [str(row.id) for table in tables for row in table]
    names += [name.upper() for name in globals() if name.startswith("test_")]
    tested = {row for name in names for row in re.findall(r"(?<![A-Z])[A-K][0-9]{2}", name)}
    assert wanted - tested - set(NOT_YET) == set()


def test_not_yet_names_only_what_there_are_no_words_for() -> None:
    known = {part for address, *_ in schema.rows() for part in address.split(".")}
    for name, each in main.commands.items():
        known |= {name, *(o.strip("-") for p in each.params for o in p.opts)}
        assert isinstance(each, click.Command)
    assert {"price", "set", "check"} <= known
    for row, (why, words) in NOT_YET.items():
        assert not known & set(words), f"{row} can be tested now: {why}"
