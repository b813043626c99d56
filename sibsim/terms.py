"""How a room declares what the scenario file may say.

In: a dataclass field with `term(kind, meaning, example)`. Out: one declaration from which the file
is read, checked, written back, described in the docs and exported as JSON Schema. Not here: the
reading itself (`sibsim.scenario`), and every deal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """What sort of thing may stand in a place.

    Attributes
    ----------
    name : str
        Row of the reader's table: "money", "share", "text", "items", ...
    low, high : float or None
        Range of a number, in sibsim's units.
    uncertain : bool
        Whether a distribution may stand here.
    periods : tuple of str
        For a rate, the periods it may be stated for.
    options : tuple of str
        For a choice, the words; for a number, a word that stands for None ("unlimited").
    section : str
        For a name, the section of the scenario in which it must be defined.
    of : type or mapping of str to type or None
        For a block or named items, the dataclass; for tagged items, a dataclass by tag.
        For values by name and for lists, the `Kind` of each value.
    tag : str
        For tagged items, the key that holds the tag.
    usual : str
        For tagged items, the tag of an item that names none.
    spread : bool
        Whether a distribution here is spread over people instead of drawn once a trial.
    """

    name: str
    low: float | None = None
    high: float | None = None
    uncertain: bool = False
    periods: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    section: str = ""
    of: Any = None
    tag: str = ""
    usual: str = ""
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """One key of the scenario file.

    Attributes
    ----------
    kind : Kind
    meaning : str
        One line for the docs and for `--levers`.
    example : str
        As it would be written in a file.
    lever : bool
        Whether a party to the deal can choose it.
    inline : bool
        Whether its names stand directly in the block above, without a key of their own.
    """

    kind: Kind
    meaning: str
    example: str = ""
    lever: bool = False
    inline: bool = False


def term(
    kind: Kind,
    meaning: str,
    example: str = "",
    *,
    default: Any = MISSING,
    lever: bool = False,
    inline: bool = False,
) -> Any:
    """Declare a dataclass field as a key of the scenario file (a dataclass `field`)."""
    metadata = {"term": Term(kind, meaning, example, lever, inline)}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)


_TERMS: dict[type, dict[str, tuple[Field[Any], Term]]] = {}


def terms_of(block: type) -> Mapping[str, tuple[Field[Any], Term]]:
    """The keys that a block may hold, by the name that stands in the file."""
    if block not in _TERMS:  # a scenario is read many times over while its variants are checked
        _TERMS[block] = {
            f.name.rstrip("_"): (f, f.metadata["term"])
            for f in sorted(fields(block), key=_rank(block))
        }
    return _TERMS[block]


def _rank(block: type) -> Callable[[Field[Any]], tuple[bool, int]]:
    """How a block's keys are ordered: as declared, and of kin first what one alone must say.

    What a block shares with its kin (when it is paid, how it is measured) comes after its own.
    """
    lines = [c for c in block.__mro__ if "__dataclass_fields__" in c.__dict__]

    def rank(declared: Field[Any]) -> tuple[bool, int]:
        if len(lines) == 1 or is_required(declared):
            return len(lines) > 1 and not is_required(declared), 0
        return True, next(k for k, c in enumerate(lines) if declared.name in c.__annotations__)

    return rank


def is_required(declared: Field[Any]) -> bool:
    """Whether the file must hold this key."""
    return declared.default is MISSING and declared.default_factory is MISSING


# --- the kinds ------------------------------------------------------------------------------------


def money(*, low: float | None = 0, uncertain: bool = True) -> Kind:
    """An amount, uncertain or not, in minor units."""
    return Kind("money", low=low, uncertain=uncertain)


def money_rate(*periods: str) -> Kind:
    """An amount for each of a period."""
    return Kind("money_rate", low=0, uncertain=True, periods=periods)


def share(*, low: float = 0, high: float = 1, uncertain: bool = True, word: str = "") -> Kind:
    """A share of 1: a chance, a percentage; `word` may stand instead and reads as None."""
    options = (word,) if word else ()
    return Kind("share", low=low, high=high, uncertain=uncertain, options=options)


def share_rate(*periods: str) -> Kind:
    """A chance within each of a period."""
    return Kind("share_rate", low=0, high=1, uncertain=True, periods=periods)


def count(
    *, low: float = 1, high: float = 1_000_000, uncertain: bool = True, word: str = ""
) -> Kind:
    """A whole number; `word` may stand instead and reads as None."""
    options = (word,) if word else ()
    return Kind("count", low=low, high=high, uncertain=uncertain, options=options)


def number(*, low: float | None = None, high: float | None = None) -> Kind:
    """A plain number, uncertain or not."""
    return Kind("number", low=low, high=high, uncertain=True)


def personal_number(*, low: float | None = None, high: float | None = None) -> Kind:
    """A number that differs between people; a distribution here is spread over them."""
    return Kind("number", low=low, high=high, uncertain=True, spread=True)


def personal_share() -> Kind:
    """A share of 1 that differs between people; a distribution here is spread over them."""
    return Kind("share", low=0, high=1, uncertain=True, spread=True)


def number_rate(*periods: str, low: float | None = 0) -> Kind:
    """A number for each of a period, such as ``1.4 a year``."""
    return Kind("number_rate", low=low, high=100_000, uncertain=True, periods=periods)


def rank() -> Kind:
    """Spearman's rank correlation."""
    return Kind("rank", low=-1, high=1)


def duration(*, low: float = 0) -> Kind:
    """A stretch of time in days, at most fifty years, the same in every trial."""
    return Kind("duration", low=low, high=18_262.5)


def waiting(*, low: float = 0) -> Kind:
    """A waiting time in days; a distribution here is spread over people, not over trials."""
    return Kind("duration", low=low, high=18_262.5, uncertain=True, spread=True)


def months(*, low: float = 0, high: float = 600) -> Kind:
    """Whole months."""
    return Kind("months", low=low, high=high)


def text() -> Kind:
    """Any words."""
    return Kind("text")


def choice(*options: str) -> Kind:
    """One of a few words."""
    return Kind("choice", options=options)


def named(section: str) -> Kind:
    """The name of something defined in another section."""
    return Kind("named", section=section)


def block(of: type) -> Kind:
    """A block of keys of its own."""
    return Kind("block", of=of)


def items(of: type) -> Kind:
    """Blocks by name."""
    return Kind("items", of=of)


def tagged(tag: str, of: Mapping[str, type], usual: str = "", *, least: int = 1) -> Kind:
    """Blocks by name, each of the type that its tag says, or of the usual one if it says none.

    Where they stand inline, as few as `least` will do.
    """
    return Kind("tagged", low=least, of=of, tag=tag, usual=usual)


def by_name(of: Kind, section: str = "") -> Kind:
    """Numbers by name; where they are shares of a section, one name alone stands for all of it."""
    return Kind("by_name", of=of, section=section)


def listed(of: Kind, low: int = 1, high: int = 1_000) -> Kind:
    """A list of plain numbers."""
    return Kind("listed", low=low, high=high, of=of)


def names(section: str) -> Kind:
    """Names of things defined in another section; one alone needs no list."""
    return Kind("names", section=section)


def ordered(*options: str) -> Kind:
    """A list of all of a few words, in an order that means something."""
    return Kind("ordered", options=options)


def result(*, low: float | None = None, high: float | None = None) -> Kind:
    """What may be found of an outcome: a share, a number of days, of people, of points."""
    return Kind("result", low=low, high=high)


def simple(name: str) -> Kind:
    """A kind without settings: "date", "year", "flag", "address", "version", "overrides"."""
    return Kind(name)


# --- what every named item may say of itself ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class About:
    """What a reader is told about an item; it moves no number."""

    label: str = term(
        text(), "Name shown in tables and reports.", "Enters employment", default=""
    )
    source: str = term(
        text(), "Where the figures of this item come from.", "GMCA E&E1.0", default=""
    )
    note: str = term(text(), "Anything else that a reader should know.", "Paid once", default="")
    confidence: int | None = term(
        Kind("grade", low=1, high=6), "Grade of the evidence: 1 strong to 6 a guess.", "3",
        default=None,
    )  # fmt: skip


def about() -> Any:
    """The field that holds an item's `About`; its keys stand in the item itself."""
    return field(
        default_factory=About, metadata={"term": Term(block(About), "About", inline=True)}
    )
