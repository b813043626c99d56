"""Rate cards and bands that stand in CSV files: the same deal as written out, and every mistake."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import tiny_data

import sibsim
from sibsim.cli import main
from sibsim.errors import ScenarioError

CARD = """\ufeffname,for,price,cap,label,note
job,work,"£2,000",,Starts work,
kept,stay,3000,£9000,"Stays, half a year",
again,work,£250,,,a second line for the same
"""
"""As a spreadsheet saves it: a mark at its start, quotes where there are commas, blank cells."""

WRITTEN: dict[str, Any] = {
    "job": {"pay": "per_outcome", "for": "work", "price": "£2,000", "label": "Starts work"},
    "kept": {"pay": "per_outcome", "for": "stay", "price": 3_000, "cap": "£9,000",
             "label": "Stays, half a year"},
    "again": {"pay": "per_outcome", "for": "work", "price": "£250",
              "note": "a second line for the same"},
}  # fmt: skip


def beside(folder: Path, text: str, contract: dict[str, Any], name: str = "card.csv") -> Path:
    """A deal with a file beside it."""
    (folder / name).write_text(text, encoding="utf-8")
    data = tiny_data() | {"contract": contract}
    path = folder / "deal.json"
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")
    return path


def test_a_card_in_a_file_is_the_card_written_out(tmp_path: Path) -> None:
    path = beside(tmp_path, CARD, {"rate_card": {"file": "card.csv"}, "caps": {"contract": "£5k"}})
    expected = tiny_data() | {"contract": {**WRITTEN, "caps": {"contract": "£5k"}}}
    assert sibsim.load(path) == sibsim.load(expected)


def test_bands_and_lines_may_stand_in_files_too(tmp_path: Path) -> None:
    term = {"pay": "by_result", "for": "work", "result": "rate", "bands": {"file": "card.csv"}}
    path = beside(tmp_path, "name,from,pays\nlow,20%,£5\nhigh,0.4,£9\n", {"result": term})
    written = term | {"bands": {"low": {"from": "20%", "pays": "£5"},
                                "high": {"from": "40%", "pays": "£9"}}}  # fmt: skip
    assert sibsim.load(path) == sibsim.load(tiny_data() | {"contract": {"result": written}})


def test_a_term_of_another_kind_says_so(tmp_path: Path) -> None:
    card = "name,for,price,pay\njob,work,£5,\nsorry,stay,£1,deduction\n"
    deal = sibsim.load(beside(tmp_path, card, {"rate_card": {"file": "card.csv"}}))
    assert [type(item).__name__ for item in deal.contract.terms.values()] == [
        "PerOutcome", "Deduction",
    ]  # fmt: skip


HEAD = "name,for,price\n"

WRONG = [
    ("name,price\njob,£5\n", ":1  contract.rate_card: the columns name, price / allowed: columns "
     "name, for, price, and any other setting"),
    ("name,for,price,price\njob,work,1,2\n", ":1  contract.rate_card: the columns name, for"),
    (HEAD + "job,work,2,500\n", ":2  contract.rate_card: 4 values in the row / allowed: 3, as in"),
    (HEAD + "job,work,lots\n", ':2  contract.job.price: "lots"'),
    (HEAD + "ok,work,£5\njob,nowhere,£5\n", ':3  contract.job.for: "nowhere", which is'),
    (HEAD + "job,work,\n", ":2  contract.job: `price` is missing"),
    (HEAD + "job,work,£5\njob,stay,£6\n", ":3  contract.job: the name `job` a second time"),
    (HEAD + ",work,£5\n", ":2  contract: a row without a name"),
    (HEAD + "a.b,work,£5\n", ":2  contract.a.b: a name with `.` in it"),
    ("name,for,price,flavour\njob,work,£5,sweet\n", ":2  contract.job.flavour: unknown setting"),
    (HEAD + "total,work,£5\n", ":2  contract.total: a payment term called `total`"),
    (HEAD + "job,work,=1+1\n", ':2  contract.job.price: "=1+1"'),
    (HEAD + "job;work;5\n", ":2  contract.rate_card: 1 values in the row"),
    ("", "  contract.rate_card: the file is empty"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[said[:50] for _, said in WRONG])
def test_mistakes_are_told_with_their_line(text: str, said: str, tmp_path: Path) -> None:
    path = beside(tmp_path, text, {"rate_card": {"file": "card.csv"}, "core": {
        "pay": "fee", "amount": "£1 a month"}})  # fmt: skip
    with pytest.raises(ScenarioError) as caught:
        sibsim.load(path)
    assert f"{tmp_path / 'card.csv'}{said}" in str(caught.value)


def test_all_mistakes_at_once_and_through_the_command(tmp_path: Path) -> None:
    card = HEAD + "one,work,much\ntwo,nowhere,£5\n"
    path = beside(tmp_path, card, {"rate_card": {"file": "card.csv"}})
    told = CliRunner().invoke(main, ["check", str(path)])
    assert told.exit_code == 3
    assert "card.csv:2  contract.one.price" in told.stderr
    assert "card.csv:3  contract.two.for" in told.stderr


@pytest.mark.parametrize("name", ["../card.csv", "/etc/hostname", "no.csv", "."])
def test_only_a_file_in_the_folder_is_opened(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "deal"
    folder.mkdir()
    (tmp_path / "card.csv").write_text(CARD, encoding="utf-8")
    path = beside(folder, CARD, {"rate_card": {"file": name}})
    with pytest.raises(ScenarioError, match=r"contract\.rate_card"):
        sibsim.load(path)


def test_data_without_a_folder_names_no_file() -> None:
    data = copy.deepcopy(tiny_data())
    data["contract"] = {"rate_card": {"file": "card.csv"}}
    with pytest.raises(ScenarioError, match=r"contract\.rate_card"):
        sibsim.load(data)
