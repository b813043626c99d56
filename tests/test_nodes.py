"""Bytes to nodes: every bad file of the catalogue, and what good ones must give.

In: bytes, paths and plain data. Out: nodes, or the words that a person reads. Not here: what keys
mean (the tests of the reader). Ids such as ``B05`` are rows of the catalogue of bad inputs.
"""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sibsim.errors import FileError, ScenarioError
from sibsim.scenario import nodes
from sibsim.scenario.nodes import (
    Items,
    Listed,
    Node,
    Text,
    dump_plain,
    is_null,
    parse,
    read_bytes,
    to_node,
)

INVALID, UNREADABLE = 3, 4
"""Exit codes: the scenario is not valid; the file cannot be read."""


def refusal(data: bytes | str) -> ScenarioError:
    """The error that some content gives."""
    with pytest.raises(ScenarioError) as caught:
        parse(data.encode() if isinstance(data, str) else data, "deal.yaml")
    assert caught.value.exit_code == INVALID
    return caught.value


def plain(node: Node) -> Any:
    """A tree as dicts, lists and text."""
    if isinstance(node, Items):
        return {key.value: plain(value) for key, value in node.pairs}
    return [plain(item) for item in node.items] if isinstance(node, Listed) else node.value


def read(data: bytes | str) -> Any:
    """What a good file says, as dicts, lists and text."""
    return plain(parse(data.encode() if isinstance(data, str) else data, "deal.yaml"))


def case(row: str, data: bytes | str, *said: str) -> Any:
    return pytest.param(data, said, id=row)


# --- content that is refused: row, content, and the exact lines that come out ---------------------

BOMB = "a: &a [lol, lol]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + last] * 9)}]\n"
    for last, name in zip("abcdefgh", "bcdefghi", strict=True)
)
EMPTY = "the file is empty / allowed: it must be key: value lines"
EXCEL = "this is an Excel file; export or use sibsim import"
ALIAS = "anchors and aliases (& and *) are not allowed / try: use `extends`, or put the text in "
ALIAS += "quotes"
CLOSE = " / try: close it; quote a text that has a colon or bracket in it"
NUMERIC = "reads as a number or as true or false / allowed: keys must be plain text / try: quote it"
NO_TEXT = "a key is empty or null / allowed: a name needs text"
LINES = "it must be key: value lines"
APART = "allowed: names must differ by more than case, accents or outer spaces"

REFUSED = [
    case("A03", b"", f"deal.yaml  {EMPTY}"),
    case("A03-mark-only", b"\xef\xbb\xbf", f"deal.yaml  {EMPTY}"),
    case("A03-document-line-only", "---\n", f"deal.yaml:2  {EMPTY}"),
    case("A03-null", "~\n", f"deal.yaml:1  {EMPTY}"),
    case("A04", "# nothing yet\n\n  # here\n", f"deal.yaml  {EMPTY}"),
    *(
        case(
            f"A06-{coding}",
            "sibsim: 1\ntitle: £5\n".encode(coding),
            "deal.yaml  the file is in UTF-16 or UTF-32 / try: save it as UTF-8",
        )
        for coding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")
    ),
    case(
        "A07",
        "sibsim: 1\r\nprice: £5\r\nnote: £6\r\n".encode("cp1252"),
        "deal.yaml:2  byte A3 at offset 18 is not UTF-8, often a £ typed in a Windows editor"
        " / try: save it as UTF-8",
    ),
    case(
        "A07-after-mark",
        b"\xef\xbb\xbfa: \x80",
        "deal.yaml:1  byte 80 at offset 6 is not UTF-8, often a € typed in a Windows editor"
        " / try: save it as UTF-8",
    ),
    case(
        "A07-no-such-letter",
        b"a: \x81",
        "deal.yaml:1  byte 81 at offset 3 is not UTF-8 / try: save it as UTF-8",
    ),
    case(
        "A09",
        b"a: x\x00y\nb:\n  c: \x07\n",
        "deal.yaml:1  a: U+0000 NULL at column 5 is not allowed / try: remove it",
        "deal.yaml:3  b.c: U+0007 BELL at column 6 is not allowed / try: remove it",
    ),
    case(
        "A09-escaped",
        r'a: "x\0\x01"',
        "deal.yaml:1  a: U+0000 NULL as character 2 is not allowed / try: remove it",
        "deal.yaml:1  a: U+0001 CONTROL CHARACTER as character 3 is not allowed / try: remove it",
    ),
    case(
        "A10",
        "a: 1\u2028b: 2\nc: 3\u00854\nd: \u2029\n",
        "deal.yaml:1  a: U+2028 LINE SEPARATOR at column 5 is not allowed / try: remove it",
        "deal.yaml:1  a second colon on this line / try: quote the text",
        "deal.yaml:2  U+0085 NEXT LINE at column 5 is not allowed / try: remove it",
        "deal.yaml:3  U+2029 PARAGRAPH SEPARATOR at column 4 is not allowed / try: remove it",
    ),
    case("A15-xlsx", b"PK\x03\x04\x14\x00xl/workbook.xml\xff", f"deal.yaml  {EXCEL}"),
    case(
        "A15-docx",
        b"PK\x03\x04\x14\x00word/document.xml\xff",
        "deal.yaml  this is a Word file; save it as plain text",
    ),
    *(
        case(
            f"A15-zip-{start[2]}",
            start + b"\x14\x00notes.txt\xff",
            "deal.yaml  this is a zip file; give the scenario inside it",
        )
        for start in (b"PK\x03\x04", b"PK\x05\x06")
    ),
    case(
        "A15-pdf", b"%PDF-1.7\n\xff", "deal.yaml  this is a PDF; give the scenario as plain text"
    ),
    case(
        "A15-old-office",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "deal.yaml  this is an old Excel or Word file; export or use sibsim import",
    ),
    case(
        "A17-comma",
        '{\n  "a": 1,\n  "b": [1, 2, ]\n}\n',
        "deal.yaml:3  a comma before a closing bracket at column 14 is not allowed in JSON"
        " / try: remove it",
    ),
    case(
        "A17-comment",
        '{"a": "http://x // y", // no\n "b": 2}',
        "deal.yaml:1  the bracket { opened here is not closed, or a comma is missing, before line 2"
        + CLOSE,
        "deal.yaml:1  a comment at column 24 is not allowed in JSON / try: remove it",
    ),
    case("B01", "a:\n\tb: 1\n", "deal.yaml:2  a: a tab stands here / try: indent with spaces, not "
         "tabs"),
    case("B02-list", "a: 1\nb: [1, 2\n",
         f"deal.yaml:2  b: the bracket [ opened here is not closed{CLOSE}"),
    case("B02-list-then-key", "a: [1, 2\nb: 3\n",
         "deal.yaml:1  a: the bracket [ opened here is not closed, or a comma is missing, before "
         f"line 2{CLOSE}"),
    case("B02-map", "a:\n  b: {x: 1, y: [2]\n",
         f"deal.yaml:2  a.b: the bracket {{ opened here is not closed{CLOSE}"),
    case("B02-wrong-one", "a: [1, {b: 2]\n",
         "deal.yaml:1  a.2: the bracket { opened here is not closed, or a comma is missing, before "
         f"line 1{CLOSE}"),
    case("B02-quote", "a: 1\nb: \"two\nc: 3\n",
         "deal.yaml:2  b: the quote opened here is never closed"),
    case("B02-quote-then-quote", "a: 'two\nb: 'three'\n",
         "deal.yaml:1  the quote opened here runs on to line 2 / try: close it"),
    case("B03", "x: a: b\n", "deal.yaml:1  a second colon on this line / try: quote the text"),
    case("B03-in-brackets", "{x: a: b}\n",
         "deal.yaml:1  a second colon on this line / try: quote the text"),
    case("B04", "a: 1\n---\nb: 2\n",
         "deal.yaml:2  more than one document / try: remove the line with ---"),
    case("B04-empty-first", "---\n---\nb: 2\n",
         "deal.yaml:2  more than one document / try: remove the line with ---"),
    case("B04-after-end", "a: 1\n...\nb: 2\n",
         "deal.yaml:3  more than one document / try: remove the line with ..."),
    case("B05", "a:\n  price: 1\n  lag: 2\n  price: 3\n",
         "deal.yaml:4  a: price is used twice: on line 2 and on line 4 / try: rename or remove one"),
    case("B06-anchor", "a: 1\nb: &base {c: 1}\n", f"deal.yaml:2  b: {ALIAS}"),
    case("B06-alias", "b: *base\n", f"deal.yaml:1  b: {ALIAS}"),
    case("B06-text", "b: **bold**\n", f"deal.yaml:1  b: {ALIAS}"),
    case("B06-on-a-key", "&x b: 1\n", f"deal.yaml:1  {ALIAS}"),
    case("B07", BOMB, f"deal.yaml:1  a: {ALIAS}"),
    case("B08", "a: &a [*a]\n", f"deal.yaml:1  a: {ALIAS}"),
    case("B09", "a:\n  <<: {b: 1}\n",
         "deal.yaml:2  a: the merge key << is not allowed / try: use `extends` for variants"),
    case("B10", "a: !!python/object/apply:os.system [ls]\nb: 1\nb: 2\n",
         "deal.yaml:1  a: tag not allowed: !!python/object/apply:os.system / try: put the text in "
         "quotes",
         "deal.yaml:3  b is used twice: on line 2 and on line 3 / try: rename or remove one"),
    case("B11", "a: !foo 1\n",
         "deal.yaml:1  a: tag not allowed: !foo / try: put the text in quotes"),
    case("B11-handle", "a: !x!foo 1\n",
         "deal.yaml:1  a: tag not allowed / try: put the text in quotes"),
    case("B12", "[" * 60_000, "deal.yaml:1  nested more than 32 deep"),
    case("B12-block", "a: 1\nb:\n " + "- " * 60_000,
         "deal.yaml:3  b" + ".1" * 31 + ": nested more than 32 deep"),
    case("B13", "a:\n" + "- 1\n" * 200_000,
         "deal.yaml:49999  a.49998: too many values / allowed: at most 50,000 in a scenario"),
    case("B14", "? [a]\n: 1\n{b: 1}: 2\n",
         "deal.yaml:1  keys must be plain text / try: take a plain name",
         "deal.yaml:3  keys must be plain text / try: take a plain name"),
    case("B15", "2027: 1\nNO: 2\nTrue: 3\n0x1F: 4\n12:30: 5\n1_000: 6\n.inf: 7\n1e5: 8\n",
         *(f'deal.yaml:{line}  the key {key} {NUMERIC}: "{key}"' for line, key in enumerate(
             ["2027", "NO", "True", "0x1F", "12:30", "1_000", ".inf", "1e5"], 1))),
    case("B16-list", "- a: 1\n", f"deal.yaml:1  this is a list / allowed: {LINES}"),
    case("B16-text", "words\n", f"deal.yaml:1  this is one text / allowed: {LINES}"),
    case("B16-no-space", "price:5\n", f"deal.yaml:1  this is one text / allowed: {LINES}"
         " / try: put a space after the colon on line 1"),
    case("B17", "# a\n%YAML 1.1\n---\na: 1\na: 2\n",
         "deal.yaml:2  the directive %YAML 1.1 is not needed / try: remove the line",
         "deal.yaml:5  a is used twice: on line 4 and on line 5 / try: rename or remove one"),
    case("B17-long", "%YAML 1." + "1" * 5_000,
         f"deal.yaml:1  the directive %YAML 1.{'1' * 52}... is not needed / try: remove the line",
         f"deal.yaml  {EMPTY}"[:0]),
    case("C10", "Senior: 1\nsenior: 2\nsenïor: 3\n'senior ': 4\n",
         *(f"deal.yaml:{line}  'Senior' and {name!r} are confusable names: on line 1 and on line "
           f"{line} / {APART}" for line, name in ((2, "senior"), (3, "senïor"), (4, "senior ")))),
    case("C12", "a: {b: 1, b: 2, b: 3}\n",
         *["deal.yaml:1  a: b is used twice: on line 1 and on line 1 / try: rename or remove one"]
         * 2),
    case("C12-composed", "caf\u00e9: 1\ncafe\u0301: 2\n",
         "deal.yaml:2  café is used twice: on line 1 and on line 2 / try: rename or remove one"),
    case("G01", b"a: 1\n" + b"#" * 999_996,
         "deal.yaml  the file is too large / allowed: at most 1 MB (1,000,000 bytes)"
         " / try: put tables in a CSV"),
    case("G06", "a:\n  note: " + "x" * 20_001,
         "deal.yaml:2  a.note: a text of 20,001 characters / allowed: at most 20,000"),
    case("H06", "a: \x1b[31mred\nb: x\u202ey # \u2066\nc: x\u200by\nd: \ufeff\n",
         "deal.yaml:1  a: U+001B ESCAPE at column 4 is not allowed / try: remove it",
         "deal.yaml:2  b: U+202E RIGHT-TO-LEFT OVERRIDE at column 5 is not allowed / try: remove it",
         "deal.yaml:2  U+2066 LEFT-TO-RIGHT ISOLATE at column 9 is not allowed / try: remove it",
         "deal.yaml:3  c: U+200B ZERO WIDTH SPACE at column 5 is not allowed / try: remove it",
         "deal.yaml:4  d: U+FEFF ZERO WIDTH NO-BREAK SPACE at column 4 is not allowed"
         " / try: remove it"),
    case("H06-key", "pri\u00adce: 1\n",
         "deal.yaml:1  U+00AD SOFT HYPHEN at column 4 is not allowed / try: remove it"),
    case("H06-escaped", '"x\\u2060": 1\n',
         "deal.yaml:1  U+2060 WORD JOINER as character 2 is not allowed / try: remove it"),
    case("H06-joiner-in-ascii", "a: e\u200d\nb: \u200cf\n",
         "deal.yaml:1  a: U+200D ZERO WIDTH JOINER at column 5 is not allowed / try: remove it",
         "deal.yaml:2  b: U+200C ZERO WIDTH NON-JOINER at column 4 is not allowed / try: remove it"),
    case("H06-tag-characters", "a: x\U000e0041\n",
         "deal.yaml:1  a: U+E0041 TAG LATIN CAPITAL LETTER A at column 5 is not allowed"
         " / try: remove it"),
    case("H13", "'': 1\n' ': 2\n~: 3\nnull: 4\n",
         *(f"deal.yaml:{line}  {NO_TEXT}" for line in (1, 2, 3, 4))),
    case("H14", 'a: \ufffe\nb: \x0b\nc: "\\ud800"\n',
         "deal.yaml:1  a: U+FFFE NOT A CHARACTER at column 4 is not allowed / try: remove it",
         "deal.yaml:2  b: U+000B LINE TABULATION at column 4 is not allowed / try: remove it",
         "deal.yaml:3  c: U+D800 NOT A CHARACTER as character 1 is not allowed / try: remove it"),
    # Beyond the catalogue.
    case("comma-of-an-amount", "a: {price: £9,800,000 a year, lag: 2}\n",
         "deal.yaml:1  a: inside brackets the comma in £9,800,000 ends the value"
         " / try: write £9800000, or put the whole text in quotes"),
    *(case(f"comma-in-a-list-{number}", f"a: {written}\n",
           f"deal.yaml:1  a: inside brackets the comma in {amount} ends the value / try: write "
           f"{amount.replace(',', '')}, or put the whole text in quotes")
      for number, (written, amount) in enumerate(
          [("[£1,200]", "£1,200"), ("[1,000]", "1,000"), ("[1,200, 3,400]", "1,200")])),
    case("indent-slip", "a: 1\n  b: 2\n",
         "deal.yaml:2  this does not fit the lines above / try: check the indentation"),
    case("no-space-after-colon", "price:5\nlag: 2\n",
         "deal.yaml:2  this does not fit the lines above"
         " / try: put a space after the colon on line 1"),
    case("no-colon", "a: 1\nwords\nb: 2\n",
         "deal.yaml:2  this line is not of the form key: value"
         " / try: indent it if it continues the text above"),
    case("no-break-space", "a: 1\n\u00a0\u00a0b: 2\n",
         r"deal.yaml:2  U+00A0 NO-BREAK SPACE beside the key \u00a0\u00a0b"
         " / try: indent with ordinary spaces"),
    case("no-break-space-after-colon", "a: 1\nb:\u00a02\nc: 3\n",
         "deal.yaml:2  this line is not of the form key: value"
         " / try: replace U+00A0 NO-BREAK SPACE by an ordinary space on line 2"),
    case("Windows-path", 'a: "C:\\deals"\n',
         "deal.yaml:1  a: in double quotes a backslash begins an escape / try: use single quotes"),
    case("escape-too-high", 'a: "\\UFFFFFFFF"\n',
         "deal.yaml:1  a: cannot be read as YAML after here / try: look for a wrong escape"),
    *(case(f"begins-with-{start}", f"a: {start} 5\n",
           "deal.yaml:1  a: a text cannot begin with this character / try: put the text in quotes")
      for start in "%@`>"),
    case("accents", "a: x" + "\u0301\u0316" * 16 + "\n",
         "deal.yaml:1  a: a letter with too many accents / allowed: at most 30"),
    case("key-of-two-lines", '"a\\nb": 1\n',
         r"deal.yaml:1  the key a\u000ab has a line break or tab / allowed: keys must be plain text"),
    case("long-key", f"{'k' * 501}: 1\n",
         "deal.yaml:1  a key of 501 characters / allowed: at most 500"),
    case("all-at-once", "a: !x 1\nA: 2\n3: \x07\nb: 1\nb: [\n",
         "deal.yaml:1  a: tag not allowed: !x / try: put the text in quotes",
         f"deal.yaml:2  'a' and 'A' are confusable names: on line 1 and on line 2 / {APART}",
         f'deal.yaml:3  the key 3 {NUMERIC}: "3"',
         "deal.yaml:3  3: U+0007 BELL at column 4 is not allowed / try: remove it",
         "deal.yaml:5  b is used twice: on line 4 and on line 5 / try: rename or remove one",
         f"deal.yaml:5  b: the bracket [ opened here is not closed{CLOSE}"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "said"), REFUSED)
def test_refused(data: bytes | str, said: tuple[str, ...]) -> None:
    assert str(refusal(data)).splitlines() == [line for line in said if line]
