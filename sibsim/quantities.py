"""A number in a deal: plain or uncertain, with where it came from.

In: a distribution, the period of a rate, a source, uniforms. Out: one value in every trial. Not
here: whose luck the uniforms are, what the number is for, how it was written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from sibsim.distributions import Distribution, fixed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that a scenario states.

    Attributes
    ----------
    distribution : Distribution
        In sibsim's units: minor units of money, shares of 1, days.
    period : str
        For a rate the period it is stated for ("month", "year", ..., "each"), else empty.
    source, note : str
        Where the figure comes from; what else to know.
    confidence : int or None
        1 (strong evidence) to 6 (a guess), the grades of the Greater Manchester CBA guidance.
    times : float
        Factor on the distribution, as a stress writes it.
    spread : bool
        Whether its distribution is spread over people: it is then not drawn once a trial.
    low, high : float or None
        Range that its place in the scenario allows; a value outside is moved to the nearest end.
    drawn : ndarray of shape (trials,) or None
        Its value in each trial, once drawn.
    """

    distribution: Distribution
    period: str = ""
    source: str = ""
    note: str = ""
    confidence: int | None = None
    times: float = 1.0
    spread: bool = field(default=False, compare=False)
    low: float | None = field(default=None, compare=False)
    high: float | None = field(default=None, compare=False)
    drawn: NDArray[np.float64] | None = field(default=None, compare=False, repr=False)

    @property
    def is_fixed(self) -> bool:
        """Whether every trial has the same value."""
        return self.distribution.is_fixed

    @property
    def mean(self) -> float:
        """Mean of the distribution as written, times the factor, within the range."""
        value = self.distribution.mean * self.times
        if self.low is not None:
            value = max(value, self.low)
        return value if self.high is None else min(value, self.high)

    @property
    def values(self) -> NDArray[np.float64]:
        """Value in each trial: shape (trials,) if drawn, (1,) if fixed.

        Raises
        ------
        RuntimeError
            If it is uncertain and has not been drawn.
        """
        import numpy as np

        if self.drawn is not None:
            return self.drawn
        if not self.is_fixed:
            raise RuntimeError("an uncertain number has no value before it is drawn")
        return np.array([self.mean])

    def draw(self, uniforms: NDArray[np.float64]) -> Quantity:
        """The same number with its value in each trial, given a uniform a trial."""
        import numpy as np

        values = self.distribution.ppf(uniforms) * self.times
        if self.low is not None or self.high is not None:
            values = np.clip(values, self.low, self.high)
        return replace(self, drawn=values)


def plain(value: float, period: str = "") -> Quantity:
    """A plain number as a `Quantity`."""
    return Quantity(fixed(float(value)), period)


def each_quantity(tree: Any, visit: Callable[[str, Quantity], Quantity], address: str = "") -> Any:
    """The same tree of terms with every quantity replaced by ``visit(address, quantity)``.

    What does not change is not copied.

    Parameters
    ----------
    tree : dataclass, mapping or leaf
        Terms made of frozen dataclasses and mappings by name.
    address : str
        Address of `tree` itself.
    """
    if isinstance(tree, Quantity):
        return visit(address, tree)
    if isinstance(tree, dict):
        made = {n: each_quantity(item, visit, join(address, n)) for n, item in tree.items()}
        return made if any(made[name] is not tree[name] for name in tree) else tree
    kind: type = type(tree)
    changes = {}
    for name, key in _keys(kind):
        old = getattr(tree, name)
        if (new := each_quantity(old, visit, join(address, key))) is not old:
            changes[name] = new
    return replace(tree, **changes) if changes else tree


@cache
def _keys(kind: type) -> tuple[tuple[str, str], ...]:
    """The fields of a block of terms with their keys in a file; of an inline one it is empty.

    A leaf has none.
    """
    if not is_dataclass(kind) or issubclass(kind, Distribution):
        return ()
    return tuple(
        (item.name, "" if getattr(item.metadata.get("term"), "inline", False)
         else item.name.rstrip("_"))
        for item in fields(kind)
    )  # fmt: skip


def join(address: str, name: str) -> str:
    """The address of `name` under `address`; either may be empty."""
    return f"{address}.{name}" if address and name else address or name
