"""The scenario as data: short and full files, round trips, overrides, the schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from conftest import tiny_data
from hypothesis import HealthCheck, given, settings
from strategies import deals

import sibsim
from sibsim.scenario.deal import Scenario
from sibsim.scenario.file import bundled, check, variant
from sibsim.scenario.schema import json_schema, rows
from sibsim.scenario.variants import covers, quantities, value_at
from sibsim.scenario.writer import digest, to_data

SCHEMA = json_schema()


def reread(text: str, folder: Path) -> Scenario:
    """A dumped scenario, read from a file."""
    path = folder / "again.yaml"
    path.write_text(text, encoding="utf-8")
    return sibsim.load(path)


@pytest.mark.parametrize("name", sorted(bundled()))
@pytest.mark.parametrize("full", [False, True])
def test_dump_reads_back_equal(name: str, full: bool, tmp_path: Path) -> None:
    deal = sibsim.load(name)
    again = reread(sibsim.dump(deal, full=full), tmp_path)
    assert again == deal
    assert digest(again) == digest(deal)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deals())
def test_generated_deals_round_trip_and_fit_the_schema(data: dict[str, Any]) -> None:
    deal = sibsim.load(data)
    for full in (False, True):
        written = to_data(deal, full=full)
        assert sibsim.load(written) == deal
        jsonschema.validate(written, SCHEMA)


@pytest.mark.parametrize("name", sorted(bundled()))
def test_bundled_files_fit_the_schema_as_an_editor_reads_them(name: str) -> None:
    deal = sibsim.load(name)
    plain = yaml.safe_load(yaml.safe_dump(to_data(deal), allow_unicode=True))
    jsonschema.validate(plain, SCHEMA)


@pytest.mark.parametrize(
    ("address", "value"),
    [
        ("contract.job.prise", "£3"), ("contract.job.price", "three pounds"),
        ("people.young.engage", "150 per cent"), ("programme.start", "April"),
        ("outcomes.work.kind", "finale"), ("people.young.referrals", 0),
        ("outcomes.work.chance", {"betta": {"mean": "4%", "sd": "1%"}}),
    ],
)  # fmt: skip
def test_the_schema_and_the_loader_refuse_the_same(address: str, value: object) -> None:
    data = tiny_data()
    block: Any = data
    *path, last = address.split(".")
    for name in path:
        block = block[name]
    block[last] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, SCHEMA)
    with pytest.raises(sibsim.ScenarioError):
        sibsim.load(data)


def test_the_schema_is_a_valid_draft_7_schema() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    json.dumps(SCHEMA, allow_nan=False)


def test_equal_deals_written_differently_are_equal() -> None:
    one, two = tiny_data(), tiny_data()
    two["people"]["young"] |= {"referrals": "20", "ramp_up": "0 days", "engage": 1}
    two["contract"]["job"]["price"] = 2000
    two["costs"]["fixed"] = "£1000 per month"
    assert sibsim.load(one) == sibsim.load(two)
    assert digest(sibsim.load(one)) == digest(sibsim.load(two))


def test_the_order_of_sections_and_crlf_and_bom_do_not_matter(tmp_path: Path) -> None:
    text = bundled()["minimal"].read_text(encoding="utf-8")
    deal = sibsim.load("minimal")
    for name, changed in {
        "crlf": text.replace("\n", "\r\n"), "bom": "\ufeff" + text, "cr": text.replace("\n", "\r"),
    }.items():  # fmt: skip
        path = tmp_path / f"{name}.yaml"
        path.write_bytes(changed.encode())
        assert sibsim.load(path) == deal
    data = tiny_data()
    assert sibsim.load(dict(reversed(data.items()))) == sibsim.load(data)


def test_replace_changes_what_it_says_and_nothing_else(tiny: Scenario) -> None:
    dearer = tiny.replace({"contract.job.price": 2_500})
    assert dearer.contract.terms["job"].price.mean == 250_000
    assert dearer.replace({"contract.job.price": "£2,000"}) == tiny


def test_replace_can_add_what_was_left_out(tiny: Scenario) -> None:
    capped = tiny.replace({"contract.job.cap": "£9,000", "contract.caps.contract": "£1m"})
    assert capped.contract.terms["job"].cap.mean == 900_000
    assert capped.contract.caps.contract.mean == 100_000_000


def test_times_scales_what_stands_there_and_a_star_means_every_name(tiny: Scenario) -> None:
    worse = tiny.replace({"outcomes.*.chance": {"times": "50%"}})
    assert [o.chance.mean for o in worse.outcomes.values()] == [0.3, 0.25]
    twice = worse.replace({"outcomes.work.chance": {"times": "50%"}})
    assert twice.outcomes["work"].chance.mean == pytest.approx(0.15)
    assert tiny.replace({"outcomes.work.chance": {"times": 9}}).outcomes["work"].chance.mean == 1.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"contract.job.prise": 1}, "did you mean contract.job.price?"),
        ({"contract.job.price": -1}, "contract.job.price"),
        ({"contract.nobody.price": 1}, "no such address"),
        ({"contract.job": 1}, "the address of a value"),
        ({"outcomes.work.follows": "stay"}, "a circle"),
    ],
)
def test_replace_names_the_address_that_is_wrong(
    tiny: Scenario, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(sibsim.ScenarioError, match=words.replace("?", r"\?")):
        tiny.replace(changes)


def test_options_are_tried_when_the_file_is_read() -> None:
    data = tiny_data()
    data["options"] = {"typo": {"contract.job.prize": "£3"}, "bad": {"contract.job.price": "-£3"}}
    with pytest.raises(sibsim.ScenarioError) as caught:
        sibsim.load(data)
    assert "options.typo" in str(caught.value) and "options.bad" in str(caught.value)
    data["options"] = {"cheap": {"label": "A cheaper price", "contract.job.price": "£1"}}
    deal = sibsim.load(data)
    assert variant(deal, "options", "cheap").contract.terms["job"].price.mean == 100
    assert deal.options["cheap"].about.label == "A cheaper price"


def test_a_star_covers_one_name_only() -> None:
    assert covers("outcomes.*.chance", "outcomes.work.chance")
    assert not covers("outcomes.*", "outcomes.work.chance")
    assert not covers("outcomes.*.chance", "outcomes.work.without")


def test_every_number_has_an_address_that_leads_to_it() -> None:
    deal = sibsim.load("sofa-surfing")
    found = dict((address, quantity) for address, _, quantity in quantities(deal))
    assert all(value_at(deal, address) is quantity for address, quantity in found.items())
    assert "contract.caps.contract" in found or deal.contract.caps.contract is None


def test_numbers_carry_what_is_said_about_them() -> None:
    data = tiny_data()
    data["outcomes"]["work"]["chance"] = {
        "triangular": ["20%", "30%", "45%"], "source": "pilot", "confidence": 4, "note": "small",
    }  # fmt: skip
    chance = sibsim.load(data).outcomes["work"].chance
    assert (chance.source, chance.confidence, chance.note) == ("pilot", 4, "small")
    assert chance.mean == pytest.approx((0.2 + 0.3 + 0.45) / 3)


@pytest.mark.parametrize(
    ("written", "mean"),
    [
        ("45%", 0.45), (0.45, 0.45), ({"value": "45%"}, 0.45), ({"fixed": "45%"}, 0.45),
        ({"uniform": ["40%", "50%"]}, 0.45), ({"pert": ["40%", "45%", "50%"]}, 0.45),
        ({"beta": {"mean": "45%", "sd": "6%"}}, 0.45), ({"beta": {"a": 9, "b": 11}}, 0.45),
        ({"discrete": {"40%": "50%", "50%": "50%"}}, 0.45),
        ({"empirical": ["40%", "45%", "50%"]}, 0.45), ({"p10": "40%", "p90": "50%"}, 0.4497),
        ({"normal": {"mean": "45%", "sd": "3%"}}, 0.45),
    ],
)  # fmt: skip
def test_a_number_can_be_written_in_many_ways(written: object, mean: float) -> None:
    data = tiny_data()
    data["outcomes"]["work"]["chance"] = written
    assert sibsim.load(data).outcomes["work"].chance.mean == pytest.approx(mean, abs=1e-4)


def test_warnings_tell_what_is_odd_and_stop_nothing() -> None:
    data = tiny_data()
    data["outcomes"]["unused"] = {"chance": "1%", "without": "2%", "after": "1 month"}
    data["contract"]["job"]["price"] = "£0"
    said = " ".join(problem.text("x") for problem in check(data).warnings)
    for words in ("neither paid for nor saves", "less likely with the service", "pays nothing"):
        assert words in said


def test_the_language_has_a_meaning_and_an_example_for_every_key() -> None:
    found = list(rows())
    assert len(found) > 70
    for address, meaning, allowed, _default, _example in found:
        assert meaning.endswith((".", ":")), address
        assert allowed, address
