"""The language of scenario files for editors and for the docs, from the rooms' own declarations.

In: the declared terms. Out: a JSON Schema (draft 7, which YAML editors read) and one row a key. Not
here: what only holds between keys (`checks`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sibsim.quantities import Quantity
from sibsim.scenario.deal import Scenario
from sibsim.scenario.phrases import allowed_words
from sibsim.scenario.uncertain import NOTES, NUMBERS, fitting
from sibsim.scenario.writer import written_quantity
from sibsim.terms import Kind, Term, is_required, terms_of

_TEXTUAL = {
    "money": r"^-?\D{0,4}\s?[\d.,]+(e\d+)?\s?([kKmM]|bn)?(\s?[A-Z]{3})?$",
    "money_rate": r"^.+(\s(a|per)\s|\s?/\s?)(day|week|month|year)$|^.+ each$",
    "share": r"^[\d.]+\s?%$",
    "number_rate": r"^.+(\s(a|per)\s|\s?/\s?)(day|week|month|year)$",
    "result": r"^-?[\d.]+\s?%$",
    "rank": r"^-?[\d.]+\s?%$",
    "share_rate": r"^.+(\s(a|per)\s|\s?/\s?)(day|week|month|year)$",
    "duration": r"^[\d.]+\s*(day|week|month|year)s?$",
    "months": r"^\d+\s*(month|year)s?$",
    "date": r"^\d{4}-\d{2}(-01)?$",
    "year": r"^(FY)?\d{4}([/-]\d{2,4})?$",
}
"""Patterns of the texts that stand for a number, a month or a year."""

_BARE = {"money", "share", "count", "number", "rank", "months", "result"}
"""Kinds for which a bare number may stand."""

_POINTS = {
    "type": ["object", "array"], "minProperties": 1,
    "additionalProperties": {"type": ["string", "number"]},
}  # fmt: skip
"""What times with their shares look like, or a file of them."""


def json_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file."""
    definitions: dict[str, Any] = {}
    body = _block(Scenario, definitions)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "sibsim scenario",
        **body,
        "definitions": definitions,
    }


def _block(of: type, definitions: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    rest: Any = False
    for name, (declared, term) in terms_of(of).items():
        if not term.inline:
            properties[name] = {**_kind(term.kind, definitions), "description": term.meaning}
            if is_required(declared):
                required.append(name)
        elif term.kind.name == "block":
            inner = _block(term.kind.of, definitions)
            properties.update(inner["properties"])
        elif term.kind.name == "tagged":
            rest = _tagged(term.kind, definitions)
        else:
            rest = True
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return {**schema, "additionalProperties": rest}


def _kind(kind: Kind, definitions: dict[str, Any]) -> dict[str, Any]:
    if kind.name == "block":
        return _reference(kind.of, definitions)
    if kind.name == "items":
        inner = _reference(kind.of, definitions)
        return {"type": "object", "minProperties": 1, "additionalProperties": inner}
    if kind.name == "tagged":
        inner = _tagged(kind, definitions)
        return {"type": "object", "minProperties": 1, "additionalProperties": inner}
    if kind.name == "by_name":
        inner = _number(kind.of, definitions)
        shares = {"type": "object", "minProperties": 1, "additionalProperties": inner}
        return {"anyOf": [{"type": "string"}, shares]} if kind.section else shares
    if kind.name == "listed":
        inner = _plain_number(kind.of)
        return {"type": "array", "items": inner, "minItems": kind.low, "maxItems": kind.high}
    if kind.name == "names":
        one = {"type": "string", "minLength": 1}
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}
    if kind.name == "ordered":
        many = len(kind.options)
        return {"type": "array", "items": {"enum": list(kind.options)}, "minItems": many,
                "maxItems": many, "uniqueItems": True}  # fmt: skip
    if kind.name == "choice":
        return {"enum": list(kind.options)}
    if kind.name == "flag":
        return {"type": "boolean"}
    if kind.name == "version":
        return {"const": 1}
    if kind.name == "grade":
        return {"type": "integer", "minimum": kind.low, "maximum": kind.high}
    if kind.name in ("text", "named", "address"):
        return {"type": "string", "minLength": 1}
    return _number(kind, definitions)


def _number(kind: Kind, definitions: dict[str, Any]) -> dict[str, Any]:
    plain = _plain_number(kind)
    if kind.name not in NUMBERS:
        return plain
    forms = [*plain["anyOf"], {"$ref": f"#/definitions/{_uncertain(kind, definitions)}"}]
    return {"anyOf": forms}


def _plain_number(kind: Kind) -> dict[str, Any]:
    forms: list[dict[str, Any]] = []
    if kind.name in _BARE:
        bare: dict[str, Any] = {"type": "integer" if kind.name == "count" else "number"}
        if kind.low is not None and kind.name != "money":
            bare["minimum"] = kind.low
        if kind.high is not None:
            bare["maximum"] = kind.high
        forms.append(bare)
    if kind.name in _TEXTUAL:
        forms.append({"type": "string", "pattern": _TEXTUAL[kind.name]})
    if kind.name == "year":
        forms.append({"type": "integer"})
    forms += [{"const": word} for word in kind.options]
    return {"anyOf": forms}


def _uncertain(kind: Kind, definitions: dict[str, Any]) -> str:
    """A definition for a number written as a block: with notes, or as a distribution."""
    name = f"{kind.name}_block" if kind.uncertain else f"{kind.name}_noted"
    if name not in definitions:
        notes: dict[str, Any] = {note: {"type": ["string", "integer"]} for note in NOTES}
        properties: dict[str, Any] = {"value": {}, **notes}
        if kind.uncertain:
            properties["times"] = {"type": ["string", "number"]}
            for family, row in fitting(kind).items():
                properties[family] = {"description": row.doc, **(_POINTS if row.waits else {})}
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        if kind.uncertain:
            schema["patternProperties"] = {r"^p\d+(\.\d+)?$": {"type": ["string", "number"]}}
        definitions[name] = {**schema, "additionalProperties": False}
    return name


def _reference(of: type, definitions: dict[str, Any]) -> dict[str, Any]:
    if of.__name__ not in definitions:
        definitions[of.__name__] = {}
        definitions[of.__name__] = _block(of, definitions)
    return {"allOf": [{"$ref": f"#/definitions/{of.__name__}"}]}


def _tagged(kind: Kind, definitions: dict[str, Any]) -> dict[str, Any]:
    forms = []
    for tag, of in kind.of.items():
        inner = _block(of, definitions)
        inner["properties"] = {kind.tag: {"const": tag}, **inner["properties"]}
        needed = [] if tag == kind.usual else [kind.tag]
        inner["required"] = [*needed, *inner.get("required", [])]
        forms.append(inner)
    return {"anyOf": forms}


# --- rows for the docs ----------------------------------------------------------------------------


def rows() -> Iterator[tuple[str, str, str, str, str]]:
    """One row a key: address, meaning, what is allowed, default, example."""
    yield from _rows(Scenario, "")


def _rows(of: type, address: str) -> Iterator[tuple[str, str, str, str, str]]:
    for name, (declared, term) in terms_of(of).items():
        place = f"{address}.{name}" if address else name
        if not term.inline:
            default = _default(declared, term)
            yield place, term.meaning, allowed_words(term.kind), default, term.example
        yield from _inner(term, address if term.inline else place)


def _inner(term: Term, place: str) -> Iterator[tuple[str, str, str, str, str]]:
    kind = term.kind
    if kind.name == "block" and kind.of.__name__ != "About":
        yield from _rows(kind.of, place)
    elif kind.name == "by_name":
        yield f"{place}.NAME", term.meaning, allowed_words(kind.of), "", term.example
    elif kind.name == "items":
        yield from _rows(kind.of, f"{place}.NAME")
    elif kind.name == "tagged":
        for tag, inner in kind.of.items():
            needed = "if left out" if tag == kind.usual else "required"
            yield f"{place}.NAME.{kind.tag}", f"`{tag}`:", tag, needed, tag
            yield from _rows(inner, f"{place}.NAME")
    elif kind.name == "overrides":
        yield f"{place}.ADDRESS", term.meaning, allowed_words(kind), "", term.example


def _default(declared: Any, term: Term) -> str:
    if is_required(declared):
        return "required"
    default = declared.default
    if isinstance(default, Quantity):
        return str(written_quantity(term.kind, default, "GBP"))
    if isinstance(default, bool):
        return "true" if default else "false"
    if default is None:
        return term.kind.options[0] if term.kind.options else ""
    return default if isinstance(default, str) else ""


