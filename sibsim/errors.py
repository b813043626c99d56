"""What can go wrong, in words for the person who wrote the scenario.

In: a place, what was found there, what is allowed, what to try. Out: exceptions that carry all of
it. Not here: how a problem is found, and how it is printed with colours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOST_SHOWN = 50
"""How many problems of one file are printed; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a scenario, and where.

    Attributes
    ----------
    address : str
        Dotted address such as ``contract.work.price``; empty for the file as a whole.
    found : str
        What stands there.
    allowed : str
        What may stand there; empty if the sentence in `found` says it all.
    hint : str
        What to try; may be empty.
    line, column : int or None
        Place in the file, counted from 1; None where the scenario did not come from a file.
    file : str
        The file in which it stands, if that is not the scenario's own.
    """

    address: str
    found: str
    allowed: str = ""
    hint: str = ""
    line: int | None = None
    column: int | None = None
    file: str = ""

    def text(self, source: str) -> str:
        """One line: ``file:line  address: found / allowed / try``."""
        file = self.file or source
        place = file if self.line is None else f"{file}:{self.line}"
        said = [self.found]
        if self.allowed:
            said.append(f"allowed: {self.allowed}")
        if self.hint:
            said.append(self.hint if self.hint.startswith("did you mean") else f"try: {self.hint}")
        return f"{place}  {self.address + ': ' if self.address else ''}{' / '.join(said)}"


class SibsimError(Exception):
    """Anything that sibsim refuses; `exit_code` is what the command line returns for it."""

    exit_code = 1


class UsageError(SibsimError):
    """The call itself is wrong: an unknown address, no trials, results that cannot be paired."""

    exit_code = 2


class ScenarioError(SibsimError):
    """The scenario is not valid. Holds every problem found, in file order.

    Parameters
    ----------
    problems : iterable of Problem
    source : str
        The file's name as the user gave it, or ``<scenario>``.
    """

    exit_code = 3

    def __init__(self, problems: Iterable[Problem], source: str = "<scenario>") -> None:
        self.problems = tuple(
            sorted(problems, key=lambda p: (p.file, p.line or 0, p.column or 0, p.address))
        )
        self.source = source
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [problem.text(self.source) for problem in self.problems[:MOST_SHOWN]]
        rest = len(self.problems) - MOST_SHOWN
        if rest > 0:
            lines.append(f"... and {rest} more")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Problem, ...], str]]:
        return (ScenarioError, (self.problems, self.source))


class FileError(SibsimError):
    """A file cannot be read or written."""

    exit_code = 4


class RefusedError(SibsimError):
    """Too big to run here, or an optional library is missing."""

    exit_code = 5


class IntegrityError(SibsimError):
    """A law of the model was broken, or a back-test missed its tolerance."""

    exit_code = 6
