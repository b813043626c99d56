"""The commissioning review: each question is asked, and answered only where there is something."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import with_values

import sibsim
from sibsim.analysis.review import QUESTIONS, review
from sibsim.cli import main

SOUND: dict[str, Any] = {
    "sibsim": 1, "title": "Sound", "programme": {"start": "2027-04", "months": 48},
    "people": {"all": {"referrals": 60, "over": "12 months", "segments": {
        "easy": {"share": "60%"}, "hard": {"share": "40%", "odds": {"work": 0.8}}}}},
    "outcomes": {
        "work": {"kind": "interim", "chance": "50%", "without": "20%", "after": "60 days"},
        "stays": {"chance": "60%", "without": "50%", "follows": "work", "sustained": "26 weeks"},
        "trained": {"kind": "output", "chance": "90%", "without": "10%", "after": "20 days"},
        "a": {"chance": "50%", "without": "20%", "after": "60 days"},
        "b": {"chance": "50%", "without": "20%", "after": "60 days"},
    },
    "evidence": {"group": {"design": "comparison", "group": 200}},
    "contract": {"work": {"pay": "per_outcome", "for": "work", "price": "£1,000"},
                 "stays": {"pay": "per_outcome", "for": "stays", "price": "£2,000"}},
}  # fmt: skip

CARD = {"pay": "per_outcome", "price": "£10"}
RESULT = {"pay": "by_result", "for": "work", "result": "added", "evidence": "group",
          "bands": {"low": {"from": "5%", "pays": "£100"}, "mid": {"from": "10%", "pays": "£200"},
                    "high": {"from": "15%", "pays": "£300"}, "top": {"from": "20%", "pays": "£400"},
                    "most": {"from": "25%", "pays": "£500"}}}  # fmt: skip

CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "pays_for_what_is_put_in": (
        {"contract.trained": CARD | {"for": "trained"}}, "contract.trained.for", "output"),
    "pays_for_many_things": (
        {"contract.a": CARD | {"for": "a"}, "contract.b": CARD | {"for": "b"}}, "contract",
        "4 outcomes"),
    "pays_on_word_alone": (
        {"outcomes.work.evidence": "subjective", "outcomes.stays.evidence": "subjective"},
        "outcomes", "report of themselves"),
    "pays_too_early_or_too_late": (
        {"outcomes.work.kind": "final"}, "outcomes", "no interim outcome"),
    "pays_for_what_would_have_been": (
        {"outcomes.work.without": "40%"}, "contract.work", "would have happened"),
    "rests_on_no_comparison": (
        {"contract.r": {k: v for k, v in RESULT.items() if k != "evidence"} | {"for": "a"}},
        "contract.r", "compared with the same people"),
    "caps_bind": ({"contract.caps": {"contract": "£5,000"}}, "contract.caps", "of trials"),
    "pays_for_easy_cases": (
        {"people.all.segments.hard.odds": {"work": 0.2}}, "people.all.segments.hard", "of `easy`"),
    "has_a_cliff": (
        {"contract.r": RESULT | {"for": "a", "bands": {
            "low": {"from": "5%", "pays": "£100"}, "high": {"from": "9%", "pays": "£300"}}}},
        "contract.r.bands.low", "33%"),
    "pays_twice": ({"contract.again": CARD | {"for": "work"}}, "contract.again.for", "`work` too"),
    "pays_one_of_several": (
        {"people.all.served_by": {"one": "50%", "two": "50%"},
         "providers": {"one": {"places": 50}, "two": {"places": 50}}},
        "people.all.served_by", "2 providers"),
    "looks_too_late": ({"people.all.over": "46 months"}, "contract.stays.for", "182 days"),
    "is_complicated": (
        {f"contract.t{n}": {"pay": "fee", "amount": "£1 a month"} for n in range(14)},
        "contract", "16 payment terms"),
}  # fmt: skip
"""For each question a change that calls for it, and where and what it finds."""


def test_a_core_payment_is_not_said_to_be_none() -> None:
    late = {"outcomes.work.kind": "final"}
    core = late | {"contract.core": {"pay": "fee", "amount": "£1,000 a month"}}
    for changes, word in ((late, "nothing is paid"), (core, "what is paid does not tell")):
        found = [f for f in review(sibsim.load(with_values(SOUND, changes)))
                 if "no interim outcome" in f.found]  # fmt: skip
        assert len(found) == 1 and word in found[0].why


def test_nothing_is_found_where_there_is_nothing() -> None:
    assert review(sibsim.load(SOUND)) == ()


def test_every_question_has_a_case() -> None:
    assert [ask.__name__ for ask in QUESTIONS] == list(CASES)


@pytest.mark.parametrize("name", CASES)
def test_each_question_finds_what_calls_for_it(name: str) -> None:
    changes, address, found = CASES[name]
    deal = sibsim.load(with_values(SOUND, changes))
    summary = sibsim.run(deal, trials=200, seed=1).summary()
    ask = next(ask for ask in QUESTIONS if ask.__name__ == name)
    answers = list(ask(deal, summary))
    assert address in [answer.address for answer in answers]
    assert any(found in answer.found for answer in answers)
    assert all(answer.why for answer in answers)
    assert set(answers) <= set(review(deal))


def test_the_command_reviews_and_never_stops_a_run(tmp_path: Path) -> None:
    path = tmp_path / "deal.json"
    path.write_text(json.dumps(with_values(SOUND, CASES["pays_twice"][0])))
    plain, told = (CliRunner().invoke(main, ["check", str(path), *w]) for w in ((), ("--review",)))
    assert plain.exit_code == told.exit_code == 0
    assert "review:" not in plain.stdout
    assert "review: contract.again.for: `work` is paid for by `work` too / " in told.stdout


@pytest.mark.parametrize("name", ["sofa-surfing", "homecare-reablement", "able", "i-aspire"])
def test_bundled_deals_can_be_reviewed(name: str) -> None:
    assert all(finding.address for finding in review(sibsim.load(name), trials=20))
