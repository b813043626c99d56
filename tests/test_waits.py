"""Waits that evaluators report: log-logistic, hazards by period, survival curves and their files.

In: published curves, hazards reckoned by hand, files that are wrong in every way known. Out:
agreement with scipy, with closed forms and with whole runs, and the words of each refusal. Not
here: what all families have in common (`test_distributions`).
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner
from conftest import tiny_data
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import integrate, stats
from statistical import assert_share

import sibsim
from sibsim.cli import main
from sibsim.distributions import Distribution, day_table, make
from sibsim.errors import ScenarioError
from sibsim.report.words import read_back
from sibsim.scenario.curve_files import MOST_POINTS
from sibsim.scenario.deal import Scenario
from sibsim.scenario.schema import json_schema
from sibsim.scenario.writer import digest, dump, to_data
from sibsim.writing import PERIOD_DAYS

UNTIMED = settings(deadline=None, max_examples=60)
MONTH = PERIOD_DAYS["month"]


def with_wait(wait: Any, **more: Any) -> dict[str, Any]:
    """The tiny deal with a wait for its first outcome."""
    data = tiny_data()
    data["outcomes"]["work"] |= {"after": wait, **more}
    return data


def wait_of(data: Any) -> Distribution:
    """The wait for the first outcome, as read."""
    found = sibsim.load(data).outcomes["work"].after
    assert found is not None
    return found.distribution


def problems(data: Any) -> list[str]:
    """What is wrong, a line each."""
    with pytest.raises(ScenarioError) as caught:
        sibsim.load(data)
    return str(caught.value).splitlines()


# --- log-logistic ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("median", "shape"), [(4, 2), (120, 1.1), (30, 7.5), (1, 1.001)])
def test_loglogistic_is_the_fisk_distribution(median: float, shape: float) -> None:
    made = make("loglogistic", {"median": median, "shape": shape})
    peer = stats.fisk(shape, scale=median)
    x, u = np.linspace(0, 20 * median, 500), np.linspace(0.001, 0.999, 500)
    np.testing.assert_allclose(made.cdf(x), peer.cdf(x), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(made.ppf(u), peer.ppf(u), rtol=1e-11)
    assert made.ppf(0.5) == pytest.approx(median, rel=1e-15)
    assert made.mean == pytest.approx(median * (math.pi / shape) / math.sin(math.pi / shape))
    np.testing.assert_allclose(day_table(made, 90), peer.cdf(np.arange(90) + 0.5), rtol=1e-12)


def test_loglogistic_through_two_percentiles() -> None:
    # The odds of being there grow with the shape-th power of time: 9 at p90, 1/9 at p10.
    made = make("loglogistic", {"p10": 20, "p90": 80})
    assert made.ppf(0.5) == pytest.approx(40)
    assert made.cdf(80) == pytest.approx(0.9)
    shape = math.log(81) / math.log(4)
    assert made.mean == pytest.approx(make("loglogistic", {"median": 40, "shape": shape}).mean)


# --- hazards --------------------------------------------------------------------------------------


def test_hazard_by_hand() -> None:
    # 20% a month leaves 0.8 to the power of the months; 5% a month of those left from day 90 on.
    made = wait_of(with_wait({"hazard": {"0 days": "20% a month", "90 days": "5% a month"}}))
    left = 0.8 ** (90 / MONTH)
    assert made.cdf(MONTH) == pytest.approx(0.2, rel=1e-14)
    assert made.cdf(90) == pytest.approx(1 - left, rel=1e-14)
    assert made.cdf(90 + 3 * MONTH) == pytest.approx(1 - left * 0.95**3, rel=1e-14)
    assert made.ppf(1 - left * 0.95**3) == pytest.approx(90 + 3 * MONTH, rel=1e-12)
    fast, slow = -math.log(0.8) / MONTH, -math.log(0.95) / MONTH
    assert made.mean == pytest.approx((1 - left) / fast + left / slow, rel=1e-13)
    area = sum(integrate.quad(lambda t: 1 - made.cdf(t), *ends)[0]
               for ends in ((0, 90), (90, 20_000)))  # fmt: skip
    assert made.mean == pytest.approx(area, rel=1e-8)
    assert made.support == (0, math.inf)
    day = np.arange(200) + 0.5
    by_hand = 1 - np.where(day < 90, 0.8 ** (day / MONTH), left * 0.95 ** ((day - 90) / MONTH))
    np.testing.assert_allclose(day_table(made, 200), by_hand, rtol=1e-12)


def test_a_hazard_may_rest_and_may_end() -> None:
    # Half a week for two weeks, nothing for three, half again for one, then nothing for ever.
    rows = [(0, 0.5, 7), (14, 0, 1), (35, 0.5, 7), (42, 0, MONTH)]
    made = make("hazard", rows)
    np.testing.assert_allclose(made.cdf([0, 7, 14, 20, 35, 42, 1e9, math.inf]),
                               [0, 0.5, 0.75, 0.75, 0.75, 0.875, 0.875, 0.875])  # fmt: skip
    np.testing.assert_allclose(made.ppf([0, 0.5, 0.874999999, 0.876, 1.0]),
                               [0, 7, 42, math.inf, math.inf])  # fmt: skip
    assert made.mean == math.inf and made.support == (0, math.inf) and not made.is_fixed
    late = make("hazard", [(0, 0, 1), (10, 0.5, 7)])
    assert late.support == (10, math.inf)
    assert late.mean == pytest.approx(10 + 7 / math.log(2), rel=1e-14)
    # Where practically nobody is left, a last share of nil keeps nobody waiting for ever.
    assert math.isfinite(make("hazard", [(0, 0.999, 1), (500, 0, 1)]).mean)


def test_one_hazard_for_ever_is_exponential() -> None:
    made = make("hazard", [(0, 0.3, 7), (50, 0.3, 7)])
    peer = make("exponential", {"mean": -7 / math.log(0.7)})
    assert made.mean == pytest.approx(peer.mean, rel=1e-14)
    np.testing.assert_allclose(day_table(made, 300), day_table(peer, 300), rtol=1e-12)


# --- survival curves ------------------------------------------------------------------------------

SIX_MP = [
    (6, 1), (6, 1), (6, 1), (6, 0), (7, 1), (9, 0), (10, 1), (10, 0), (11, 0), (13, 1), (16, 1),
    (17, 0), (19, 0), (20, 0), (22, 1), (23, 1), (25, 0), (32, 0), (32, 0), (34, 0), (35, 0),
]  # fmt: skip
"""Weeks in remission of 21 children given 6-mercaptopurine, and whether they relapsed (1) or were
last seen in remission (0): Freireich et al. (1963), Blood 21(6), 699-716."""
ESTIMATES = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
"""Their Kaplan-Meier estimates as textbooks print them, such as Kleinbaum and Klein (2012),
Survival Analysis, 3rd edition, chapter 2."""


def kaplan_meier() -> dict[int, Fraction]:
    """The estimates from the children themselves, by the product of Kaplan and Meier (1958)."""
    left, found = Fraction(1), {}
    for week in sorted({week for week, relapsed in SIX_MP if relapsed}):
        at_risk = sum(w >= week for w, _ in SIX_MP)
        left *= 1 - Fraction(sum(row == (week, 1) for row in SIX_MP), at_risk)
        found[week] = left
    return found


def six_mp_file(folder: Path) -> Path:
    """The curve as a file in weeks, and a deal that names it."""
    rows = "".join(f"{week},{float(share)!r}\n" for week, share in kaplan_meier().items())
    (folder / "six_mp.csv").write_text(f"weeks,survival\n0,1\n{rows}")
    deal = folder / "deal.json"
    deal.write_text(json.dumps(with_wait({"kaplan_meier": {"file": "six_mp.csv"}})))
    return deal


def test_a_published_curve(tmp_path: Path) -> None:
    assert {week: round(float(s), 4) for week, s in kaplan_meier().items()} == ESTIMATES
    made = wait_of(six_mp_file(tmp_path))
    table = day_table(made, 300)
    for day in range(300):
        relapsed = 1 - min([s for week, s in kaplan_meier().items() if 7 * week <= day], default=1)
        assert table[day] == pytest.approx(float(relapsed), rel=1e-14)
    np.testing.assert_array_equal(made.ppf([0, 0.142, 0.15, 0.4, 0.5, 0.56, 0.999]),
                                  [42, 42, 49, 154, 161, math.inf, math.inf])  # fmt: skip
    assert made.cdf([41.9, 42, 1e6]) == pytest.approx([0, 1 / 7, 1 - 0.448179], abs=1e-6)
    assert made.mean == math.inf and made.support == (42, math.inf)


def test_a_curve_that_comes_to_nil_is_a_discrete_wait() -> None:
    made = make("kaplan_meier", [(0, 1), (30, 0.75), (50, 0.75), (61, 0.25), (90, 0)])
    peer = make("discrete", [(30, 0.25), (61, 0.5), (90, 0.25)])
    u, x = np.linspace(0, 1, 401), np.arange(100)
    np.testing.assert_array_equal(made.ppf(u), peer.ppf(u))
    np.testing.assert_array_equal(made.cdf(x), peer.cdf(x))
    np.testing.assert_array_equal(day_table(made, 99, 0.5), day_table(peer, 99, 0.5))
    assert (made.mean, made.support) == (peer.mean, peer.support)


def test_whole_runs_see_the_curve(tmp_path: Path) -> None:
    # All start at once and would relapse in the end, but the curve stops where 44.8% have not.
    data = with_wait({"kaplan_meier": {"file": "six_mp.csv"}}, chance="100%", without="100%")
    data["people"]["young"] = {"referrals": 100, "over": "1 day"}
    path = six_mp_file(tmp_path)
    path.write_text(json.dumps(data))
    tables = sibsim.run(sibsim.load(path), trials=400, seed=3).tables
    at_end = 1 - float(kaplan_meier()[23])
    assert_share(int(tables.reached[:, 0].sum()), 40_000, at_end, detect=0.02)


@pytest.mark.parametrize("times", [0, 0.25, 1, 3])
def test_times_stretches_the_wait_and_nobody_is_added(times: float) -> None:
    curve = make("kaplan_meier", [(10, 0.6), (20, 0.4)])
    by_hand = [0.6 * (20 * times <= day) or 0.4 * (10 * times <= day + 0.49) for day in range(80)]
    np.testing.assert_allclose(day_table(curve, 80, times), by_hand, rtol=1e-15)
    assert day_table(curve, 80, times)[-1] == 0.6
    ends = make("hazard", [(0, 0.5, 7), (14, 0, 7)])
    assert day_table(ends, 80, times)[-1] == pytest.approx(0.75)
    if times:
        slow = make("loglogistic", {"median": 9 * times, "shape": 2})
        quick = make("loglogistic", {"median": 9, "shape": 2})
        np.testing.assert_allclose(day_table(quick, 80, times), day_table(slow, 80), rtol=1e-12)


# --- laws -----------------------------------------------------------------------------------------

PERCENTS = st.integers(0, 100)
TIMES = st.lists(st.integers(1, 600), min_size=1, max_size=8, unique=True).map(sorted)
UNITS = st.sampled_from(list(PERIOD_DAYS))
RATES = st.tuples(st.one_of(st.just(0), st.integers(1, 99)), UNITS)
HAZARDS = st.builds(
    lambda times, first, rates: {"hazard": {
        f"{t} days": f"{s}% a {u}" for t, (s, u) in zip([0, *times], [first, *rates], strict=False)
    }},
    TIMES, st.tuples(st.integers(1, 99), UNITS), st.lists(RATES, max_size=8),
)  # fmt: skip
CURVES = st.builds(
    lambda times, shares, unit: {"kaplan_meier": {
        f"{t} {unit}s": f"{s}%" for t, s in zip(times, sorted(shares, reverse=True), strict=False)
    }},
    TIMES, st.lists(st.integers(0, 99), min_size=8, max_size=8), st.sampled_from(["day", "week"]),
)  # fmt: skip
LOGLOGISTIC = st.builds(
    lambda median, shape: {"loglogistic": {"median": f"{median} days", "shape": shape}},
    st.integers(1, 400), st.integers(11, 90).map(lambda n: n / 10),
)  # fmt: skip


@UNTIMED
@example({"hazard": {"0 days": "31% a day", "1 days": "0% a day", "2 days": "56% a week",
                     "318 days": "0% a day"}}, 1.0)  # fmt: skip
@given(st.one_of(HAZARDS, CURVES, LOGLOGISTIC), st.sampled_from([0.0, 0.3, 1.0, 2.5]))
def test_tables_and_inverses(written: Any, times: float) -> None:
    """Tables never fall and stay in [0, 1]; the inverse undoes the chances; nobody is lost."""
    made = wait_of(with_wait(written))
    table = day_table(made, 900, times)
    assert np.all(np.diff(table) >= 0) and table[0] >= 0 and table[-1] <= 1
    u = np.linspace(0.0005, 0.9995, 500)
    waits, ever = made.ppf(u), made.cdf(math.inf)
    np.testing.assert_array_equal(np.isinf(waits), u >= ever)
    inside = u < ever
    chances = made.cdf(waits[inside])
    if made.family == "kaplan_meier":
        assert np.all(u[inside] < chances)
        assert np.all(made.cdf(np.nextafter(waits[inside], -1)) <= u[inside])
    else:
        np.testing.assert_allclose(chances, u[inside], rtol=0, atol=1e-9)
    # The chance of never may be too small for a double to tell from none: then `ever` is 1.
    [(family, points)] = written.items()
    last = list(points.values())[-1]
    ends = family == "loglogistic" or last.startswith("0%") == (family == "kaplan_meier")
    assert math.isinf(made.mean) <= (not ends)
    assert math.isinf(made.mean) >= (ever < 1)


@UNTIMED
@given(st.one_of(HAZARDS, CURVES, LOGLOGISTIC), st.sampled_from(["40%", "100%", "150%"]))
def test_what_is_written_is_read_back(written: Any, times: str) -> None:
    deal = sibsim.load(with_wait({**written, "times": times, "source": "a study"}))
    plain = to_data(deal)
    jsonschema.validate(plain, json_schema())
    assert sibsim.load(plain) == deal and to_data(sibsim.load(plain)) == plain
    assert sibsim.load(deal_file(dump(deal, full=True))) == deal
    assert deal.replace({"outcomes.work.chance": "60%"}) == deal


def deal_file(text: str) -> Any:
    """The text of a file as plain data, by way of the reader of files."""
    from sibsim.scenario.nodes import parse
    from sibsim.scenario.reader import plain_data

    return plain_data(parse(text.encode(), "deal.yaml"))


# --- files ----------------------------------------------------------------------------------------


def test_a_file_is_its_points_written_out(tmp_path: Path) -> None:
    deal = sibsim.load(six_mp_file(tmp_path))
    rows = {f"{w} weeks": float(s) for w, s in [(0, Fraction(1)), *kaplan_meier().items()]}
    written = sibsim.load(with_wait({"kaplan_meier": rows}))
    assert deal == written and digest(deal) == digest(written)
    (tmp_path / "copy.yaml").write_text(dump(deal, full=True))
    (tmp_path / "six_mp.csv").unlink()
    assert sibsim.load(tmp_path / "copy.yaml") == deal
    assert deal.replace({"outcomes.work.without": "30%"}) == deal


def test_options_may_name_a_file(tmp_path: Path) -> None:
    path = six_mp_file(tmp_path)
    data = json.loads(path.read_text())
    data["options"] = {"same": {"outcomes.stay.without": "39%",
                                "outcomes.work.after": {"kaplan_meier": {"file": "six_mp.csv"}}}}
    path.write_text(json.dumps(data, indent=1))
    deal: Scenario = sibsim.load(path)
    from sibsim.scenario.file import variant

    assert variant(deal, "options", "same").outcomes["work"] == deal.outcomes["work"]
    (tmp_path / "six_mp.csv").write_text("weeks,survival\n6,0.8\n7,0.9\n")
    place, said = f"{tmp_path / 'six_mp.csv'}:3", "the survival rises; it can only stay or fall"
    assert problems(path) == [
        f"{place}  options.same.outcomes.work.after: {said}",
        f"{place}  outcomes.work.after: {said}",
    ]


GOOD = [
    ("days,survival\n0,1\n30,0.5\n", (0, 1, 30, 0.5)),
    ("\ufeffdays,survival\r\n0,100%\r\n30,50 %\r\n", (0, 1, 30, 0.5)),
    ('\n"at_risk", Weeks ,Survival,se\n\n20,2,.9,.1\n18,10,0.5,\n', (14, 0.9, 70, 0.5)),
    ("survival,months\n1,0\n0.25,1\n", (0, 1, MONTH, 0.25)),
    ("years,survival\r1,25%\r", (365.25, 0.25)),
]


@pytest.mark.parametrize(("text", "values"), GOOD)
def test_files_as_people_have_them(text: str, values: tuple[float, ...], tmp_path: Path) -> None:
    path = six_mp_file(tmp_path)
    (tmp_path / "six_mp.csv").write_bytes(text.encode())
    assert wait_of(path).values == values


COLUMNS = "one column days, weeks, months, years, and one column survival"
SHARE = "a share from 0% to 100%, such as 35% or 0.35"
DAYS = "a number from 0 to 18262.5"
HEAD = b"days,survival\n0,1\n"
BAD = [
    (HEAD + b"30,0.5\n60,0.6\n", ":4", "the survival rises; it can only stay or fall"),
    (HEAD + b"30,0.9\n30,0.6\n", ":4", "the time does not come after the one before it"),
    (HEAD + b"30,0.9\n20,0.6\n", ":4", "the time does not come after the one before it"),
    (HEAD + b"\n30,120%\n", ":4", f'"120%", which is above 100% / allowed: {SHARE}'),
    (HEAD + b"30,90\n", ":3",
     f'"90", which would be 9,000% / allowed: {SHARE} / did you mean 90%?'),
    (HEAD + b"30,-0.2\n", ":3", f'"-0.2", which is below 0% / allowed: {SHARE}'),
    (b"days,survival\n0,0.9\n9,0.8\n", ":2", "the survival at the beginning must be 100%"),
    (b"days,survival\n-1,1\n", ":2", f'"-1", which is below 0 / allowed: {DAYS}'),
    (b"years,survival\n51,0.3\n", ":2", '"51", which is above 50 / allowed: a number from 0 to 50'),
    (HEAD + b"30,1\n", ":3", "the survival never falls, so nobody ever gets there"),
    (b"days,surv\n0,1\n", ":1", f"the columns days, surv / allowed: {COLUMNS}"),
    (b"time,survival\n0,1\n", ":1", f"the columns time, survival / allowed: {COLUMNS}"),
    (b"days,weeks,survival\n", ":1", f"the columns days, weeks, survival / allowed: {COLUMNS}"),
    (b"0,1\n30,0.5\n", ":1", f"the columns 0, 1 / allowed: {COLUMNS}"),
    (b"days;survival\n0;1\n", ":1",
     f"the columns days;survival / allowed: {COLUMNS} / try: commas between the columns"),
    (b"days,survival\n", ":1", f"0 points below the heading / allowed: 1 to {MOST_POINTS:,}"),
    (HEAD + b'"1,000",0.5\n', ":3", f'"1,000", with a comma / allowed: {DAYS} / try: 1000'),
    (HEAD + b"1,000,0.5\n", ":3", "3 values in the row / allowed: 2, as in the heading"),
    (HEAD + b"later,0.5\n", ":3", f'"later" / allowed: {DAYS}'),
    (HEAD + b"30 days,0.5\n", ":3",
     f'"30 days", with words beside the number / allowed: {DAYS} / try: 30'),
    (HEAD + b"30,half\n", ":3", f'"half" / allowed: {SHARE}'),
    (HEAD + b"30,nan\n", ":3", f'"nan", which is not a usable number / allowed: {SHARE}'),
    (HEAD + b"30,\n", ":3", f"needs a value / allowed: {SHARE}"),
    (HEAD + b'"30,0.5\n', ":3", "not readable as CSV: unexpected end of data"),
    (b"", "", f"the file is empty / allowed: {COLUMNS}"),
    (b"\n , \n", "", f"the file is empty / allowed: {COLUMNS}"),
    (HEAD + b"\x00", "",
     "this is not a text file / allowed: CSV in UTF-8 / try: save the sheet as CSV"),
    (b"PK\x03\x04\xff\xfe", "",
     "this is not a text file / allowed: CSV in UTF-8 / try: save the sheet as CSV"),
    (HEAD * 70_000, "", "the file is too large / allowed: at most 1,000,000 bytes"),
    (HEAD + b"3,0.5\n" * MOST_POINTS, ":1",
     f"{MOST_POINTS + 1:,} points below the heading / allowed: 1 to {MOST_POINTS:,}"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "line", "said"), BAD, ids=[said[:40] for *_, said in BAD])
def test_what_is_wrong_with_a_file(data: bytes, line: str, said: str, tmp_path: Path) -> None:
    path = six_mp_file(tmp_path)
    (tmp_path / "six_mp.csv").write_bytes(data)
    assert problems(path) == [f"{tmp_path / 'six_mp.csv'}{line}  outcomes.work.after: {said}"]


def test_every_problem_is_told_at_once_each_in_its_file(tmp_path: Path) -> None:
    path = six_mp_file(tmp_path)
    (tmp_path / "six_mp.csv").write_text("days,survival\n0,x\ny,1\n")
    data = json.loads(path.read_text())
    data["people"]["young"]["referrals"] = "many"
    path.write_text(json.dumps(data, indent=1))
    places = [line.split("  ")[0].removeprefix(f"{tmp_path}/") for line in problems(path)]
    assert places == ["deal.json:10", "six_mp.csv:2", "six_mp.csv:3"]


ALLOWED = "allowed: the name of a CSV file in the scenario's folder or below it"
OUT = f"which leads out of the scenario's folder / {ALLOWED} / try: a copy of it there"


def test_only_files_in_the_folder_are_opened(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside.csv", tmp_path / "deals"
    (folder / "below").mkdir(parents=True)
    path = six_mp_file(folder)
    curve = (folder / "six_mp.csv").read_text()
    outside.write_text(curve)
    (folder / "below" / "curve.csv").write_text(curve)
    (folder / "out.csv").symlink_to(outside)
    (folder / "round.csv").symlink_to("round.csv")
    (folder / "far").symlink_to(tmp_path)
    (folder / "in.csv").symlink_to("below/curve.csv")
    os.mkfifo(folder / "pipe.csv")
    known = wait_of(path)

    def named(file: Any) -> Path:
        path.write_text(json.dumps(with_wait({"kaplan_meier": file}), indent=1))
        return path

    for good in ("below/curve.csv", "in.csv", "./six_mp.csv"):
        assert wait_of(named({"file": good})) == known
    for away in ("../outside.csv", "/etc/passwd", "C:\\curve.csv", "\\\\host\\curve.csv",
                 "out.csv", "far/outside.csv", "below/../../outside.csv"):  # fmt: skip
        (said,) = problems(named({"file": away}))
        assert said == f'{path}:20  outcomes.work.after: "{away}", {OUT}'
    for odd, why in {
        "six_mp.cvs": f"no such file; did you mean {folder}/six_mp.csv?", "below": "is a folder",
        "pipe.csv": "not a regular file", "round.csv": "links that lead round in a circle",
    }.items():  # fmt: skip
        (said,) = problems(named({"file": odd}))
        assert said == f"{path}:20  outcomes.work.after: {folder}/{odd}: {why} / {ALLOWED}"
    both = [("file", "six_mp.csv"), ("0 days", "100%")]
    for pairs in (both, both[::-1]):
        (said,) = problems(named(dict(pairs)))
        assert said.endswith("after: a file and something else / allowed: {file: table.csv} alone")
    for blank, shown in (("", '""'), (None, '"null"'), (["a"], "a list"), ({}, "an empty block")):
        (said,) = problems(named({"file": blank}))
        assert said == f"{path}:20  outcomes.work.after: {shown} as a file / {ALLOWED}"


def test_standard_input_and_changes_have_no_folder(tmp_path: Path) -> None:
    path = six_mp_file(tmp_path)
    done = CliRunner().invoke(main, ["check", "-"], input=path.read_text())
    assert done.exit_code == 3
    assert f"<stdin>:1  outcomes.work.after: {NO_FOLDER}" in done.output
    with pytest.raises(ScenarioError, match="no folder to look for it in"):
        sibsim.load(path).replace({"outcomes.work.after": {"kaplan_meier": {"file": "six_mp.csv"}}})


def test_check_reads_a_curve_without_numpy(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom sibsim.cli import main\n"
        f"try:\n    main(['check', {str(six_mp_file(tmp_path))!r}])\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "loaded = {'numpy', 'pandas', 'scipy'} & set(sys.modules)\n"
        "sys.exit(str(loaded) if loaded else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# --- what is refused ------------------------------------------------------------------------------

RATE = "allowed: a share from 0% to 100% a day, a week, a month or a year, such as 2% a month"
TIME = "allowed: a duration from 0 days to 50 years, such as 6 months or 26 weeks"
HAZARD = "allowed: {0 days: 20% a month, 90 days: 5% a month}"
CURVE = "allowed: {0 days: 100%, 30 days: 90%} or {file: curve.csv}"
NO_MEAN = "makes a wait with no mean; take a shape above one, or a lognormal"
NO_FOLDER = f"a file, and no folder to look for it in / {CURVE} / try: the points here"
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"loglogistic": {"median": "4 months", "shape": 1}}, f"loglogistic: shape 1 {NO_MEAN}"),
    ({"loglogistic": {"median": "1 day", "shape": 0.5}}, f"loglogistic: shape 0.5 {NO_MEAN}"),
    ({"loglogistic": {"p10": "1 day", "p90": "900 days"}}, f"loglogistic: shape 0.646 {NO_MEAN}"),
    ({"loglogistic": {"median": "0 days", "shape": 2}},
     "loglogistic: median 0 days must be above 0 days"),
    ({"loglogistic": {"median": "4 months", "shape": 1.0001}},
     f"a distribution whose mean is outside the range / {TIME}"),
    ({"hazard": {}}, f"hazard without its parameters / {HAZARD}"),
    ({"hazard": "20% a month"}, f'hazard with "20% a month" / {HAZARD}'),
    ({"hazard": [["0 days", "20% a month"], ["9 days"]]},
     f"a list of something else than pairs / {HAZARD}"),
    ({"hazard": {"30 days": "20% a month"}},
     "hazard: the first piece begins at 30 days; it must begin at 0 days"),
    ({"hazard": {"0 days": "20% a month", "4 weeks": "1% a week", "28 days": "5% a week"}},
     "hazard: 28 days does not come after what stands before it"),
    ({"hazard": {"0 days": "20%"}}, f'"20%", without its period / {RATE} / try: 20% a month'),
    ({"hazard": {"0 days": "20% a fortnight"}},
     f'"20% a fortnight", whose period does not fit here / {RATE}'),
    ({"hazard": {"0 days": "120% a month"}}, f'"120% a month", which is above 100% / {RATE}'),
    ({"hazard": {"0 days": "100% a month"}},
     "hazard: the share from 0 days on must be from 0% to below 100%"),
    ({"hazard": {"0 days": "0% a month"}},
     "hazard: all shares are 0%, so nobody ever gets there; write one above 0%"),
    ({"hazard": {"0": "20% a month"}},
     f'"0", without days, weeks, months or years / {TIME} / try: 0 months'),
    ({"kaplan_meier": {}}, f"kaplan_meier without its parameters / {CURVE}"),
    ({"kaplan_meier": "curve.csv"}, f'kaplan_meier with "curve.csv" / {CURVE}'),
    ({"kaplan_meier": ["a"]}, f"a list of something else than pairs / {CURVE}"),
    ({"kaplan_meier": {"file": "curve.csv"}}, NO_FOLDER),
    ({"kaplan_meier": {"0 days": "90%"}},
     "kaplan_meier: at 0 days: the survival at the beginning must be 100%"),
    ({"kaplan_meier": {"0 days": "100%"}},
     "kaplan_meier: at 0 days: the survival never falls, so nobody ever gets there"),
    ({"kaplan_meier": {"1 month": "80%", "100 days": "85%"}},
     "kaplan_meier: at 100 days: the survival rises; it can only stay or fall"),
    ({"kaplan_meier": {"30 days": "80%", "20 days": "75%"}},
     "kaplan_meier: at 20 days: the time does not come after the one before it"),
    ({"kaplan_meier": {"-3 days": "80%"}}, f'"-3 days", which is below 0 days / {TIME}'),
    ({"kaplan_meier": {"90 years": "20%"}}, f'"90 years", which is above 50 years / {TIME}'),
    ({"kaplan_meier": {"30 days": "120%"}}, f'"120%", which is above 100% / allowed: {SHARE}'),
]  # fmt: skip


@pytest.mark.parametrize(("written", "said"), REFUSED, ids=[said[:50] for _, said in REFUSED])
def test_what_is_refused(written: Any, said: str) -> None:
    assert problems(with_wait(written)) == [f"<scenario>  outcomes.work.after: {said}"]


@pytest.mark.parametrize(
    ("family", "rows", "said"),
    [
        ("hazard", [(0, 0.2, 10)], "10 days are not a day or week or month or year"),
        ("hazard", [(-1, 0.2, 7)], "-1 does not come after what stands before it"),
        ("hazard", [(0, -0.1, 7)], "the share from 0 on must be from 0% to below 100%"),
        ("kaplan_meier", [(-1, 0.5)], "at -1: the time does not come after the one before it"),
        ("kaplan_meier", [(3, 1.5)], "at 3: the survival must be from 0% to 100%"),
    ],
)
def test_what_python_is_told(family: str, rows: Any, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        make(family, rows)
    assert str(caught.value) == said


@pytest.mark.parametrize("address", [
    "outcomes.work.chance", "people.young.referrals", "people.young.engage", "people.young.spread",
    "contract.job.price", "costs.fixed", "programme.months",
])  # fmt: skip
@pytest.mark.parametrize("family", ["kaplan_meier", "hazard"])
def test_where_one_value_is_drawn_a_wait_is_refused(address: str, family: str) -> None:
    data: Any = tiny_data()
    section, *path, last = address.split(".")
    here = data[section]
    for name in path:
        here = here[name]
    here[last] = {family: {"0 days": "100%", "30 days": "80%"}}
    (said,) = problems(data)
    if address == "programme.months":
        assert said.startswith(f"<scenario>  {address}: a distribution / allowed: one plain value")
        return
    found = f"<scenario>  {address}: `{family}`, which is for waiting times only / allowed: fixed, "
    assert said.startswith(found)
    assert "hazard" not in said[len(found):] and "kaplan_meier" not in said[len(found):]


@pytest.mark.parametrize("written", [
    {"kaplan_meier": {"0 days": "100%", "30 days": "80%", "9 months": "60%"}},
    {"hazard": {"0 days": "5% a month", "1 year": "0% a month"}},
    {"hazard": {"0 days": "0.01% a year"}},
    {"loglogistic": {"median": "4 months", "shape": 2}},
], ids=str)  # fmt: skip
def test_every_wait_takes_them(written: Any) -> None:
    """Also where a single wait may not be nil, and with a service that never ends by itself."""
    data = with_wait(written, after_without=written, effect={"hazard_ratio": 1.5})
    del data["outcomes"]["work"]["chance"]
    data["people"]["young"] |= {
        "stay": written, "patience": written, "onset": written, "lasts": written,
        "served_by": "one",
    }
    data["providers"] = {"one": {"places": 5}}
    deal = sibsim.load(data)
    assert sibsim.run(deal, trials=3, seed=1) is not None


def test_the_deal_in_words_says_who_never_gets_there() -> None:
    curve = {"kaplan_meier": {"1 month": "80%", "2 months": "25%"}}
    data = with_wait(curve)
    data["people"]["young"]["stay"] = curve
    text = "\n".join(read_back(sibsim.load(data)))
    assert "60% of those who start reach it, after a wait without end for 25% of these;" in text
    assert "The service is offered for a time without end for 25% of them." in text


def test_editors_are_offered_waits_where_they_may_stand() -> None:
    definitions = json_schema()["definitions"]
    for name, definition in definitions.items():
        if name.endswith("_block"):
            offered = {"hazard", "kaplan_meier"} <= set(definition["properties"])
            assert offered == (name == "duration_block"), name
    ok: dict[str, Any] = {"kaplan_meier": {"file": "curve.csv"}}
    jsonschema.validate(with_wait(ok), json_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(with_wait({"hazard": {}}), json_schema())
