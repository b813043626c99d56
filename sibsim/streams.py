"""Stateless luck: every uniform is fixed for ever by where it is used.

In: a seed, a dotted address, numbers of trials, persons and occurrences. Out: uniforms in [0, 1),
the same whatever the block, the order or the engine that asks. Not here: what a uniform decides
(`distributions` and the rooms that draw), and any generator with a state.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SEED_LIMIT = 2**63
"""Seeds are below this, so that they fit a signed 64-bit integer in any file format."""
TRIAL_LIMIT = 2**63
"""Trial numbers are below this: two 32-bit counter words, one bit spare for signed integers."""
WORD_LIMIT = 2**32
"""Persons and occurrences each have one 32-bit word of the counter."""


class PhiloxSource(NamedTuple):
    """The one source of Philox, for numpy arrays and for a compiler alike.

    Attributes
    ----------
    philox4x32 : callable
        ``(c0, c1, c2, c3, k0, k1) -> (w0, w1, w2, w3)``, ten rounds of Philox 4x32. Every argument
        and result is uint64 and holds a 32-bit value; arrays broadcast.
    to_uniform : callable
        ``(hi, lo) -> float64`` in [0, 1): the 32 bits of `hi`, then the top 21 bits of `lo`.

    """

    philox4x32: Callable[[Any, Any, Any, Any, Any, Any], tuple[Any, Any, Any, Any]]
    to_uniform: Callable[[Any, Any], Any]


@lru_cache(maxsize=1)
def philox_source() -> PhiloxSource:
    """Philox 4x32-10 as functions that run on numpy arrays and that ``numba.njit`` can compile.

    The constants are `numpy.uint64` in a closure and not Python integers in the module, because a
    compiler reads a Python integer as int64, and int64 with uint64 gives float64. For the same
    reason a compiled caller has to pass uint64 for every argument.

    Returns
    -------
    PhiloxSource
        Always the same pair of functions.

    References
    ----------
    Salmon, Moraes, Dror and Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3", SC'11;
    constants and round as in Random123, ``philox.h``.

    """
    import numpy as np

    low32 = np.uint64(0xFFFFFFFF)
    word = np.uint64(32)
    multiplier0 = np.uint64(0xD2511F53)
    multiplier1 = np.uint64(0xCD9E8D57)
    weyl0 = np.uint64(0x9E3779B9)
    weyl1 = np.uint64(0xBB67AE85)
    shift21 = np.uint64(2**21)
    drop11 = np.uint64(11)

    def philox4x32(
        c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any
    ) -> tuple[Any, Any, Any, Any]:
        for _ in range(10):
            # A product of two 32-bit values fits 64 bits: nothing overflows, here or in the key.
            product0 = c0 * multiplier0
            product1 = c2 * multiplier1
            c0 = (product1 >> word) ^ c1 ^ k0
            c1 = product1 & low32
            c2 = (product0 >> word) ^ c3 ^ k1
            c3 = product0 & low32
            k0 = (k0 + weyl0) & low32
            k1 = (k1 + weyl1) & low32
        return c0, c1, c2, c3

    def to_uniform(hi: Any, lo: Any) -> Any:
        # 53 bits: each is a whole number that float64 holds exactly, so 1.0 cannot come out.
        return (hi * shift21 + (lo >> drop11)) * 2.0**-53

    return PhiloxSource(philox4x32, to_uniform)


def check_seed(seed: int) -> None:
    """Refuse what is not a seed.

    Raises
    ------
    ValueError
        If `seed` is not an int with ``0 <= seed < 2**63``. 0 is a seed; True is not.

    """
    _check_whole("seed", seed, 0, SEED_LIMIT)


def _check_whole(name: str, value: int, low: int, limit: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value < limit:
        most = limit - 1
        raise ValueError(f"{name} must be a whole number from {low} to {most}; it is {value!r}")


def fresh_seed() -> int:
    """Give a new seed from the operating system's entropy.

    Returns
    -------
    int
        Below 2**53, so that it survives JSON, whose readers may hold numbers as float64.

    """
    return int.from_bytes(os.urandom(7), "little") >> 3


def stream_key(seed: int, address: str) -> tuple[int, int]:
    """Key of the stream of luck that belongs to an address.

    Parameters
    ----------
    seed : int
        ``0 <= seed < 2**63``.
    address : str
        Dotted address such as ``outcomes.starts_work.chance``.

    Returns
    -------
    tuple of int
        The two 32-bit words (k0, k1): the 8 bytes of BLAKE2b(digest_size=8) over the UTF-8 text
        ``"{seed}/{address}"``, little-endian.

    Raises
    ------
    ValueError
        If `seed` is not a seed.

    """
    check_seed(seed)
    digest = blake2b(f"{seed}/{address}".encode(), digest_size=8).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")


@dataclass(frozen=True, slots=True)
class Luck:
    """The luck of trials ``first .. first + trials - 1``.

    Attributes
    ----------
    seed : int
        ``0 <= seed < 2**63``.
    first : int
        Number of the first trial, counted from 0 over the whole run.
    trials : int
        How many trials, at least 1.

    Raises
    ------
    ValueError
        If one of them is not a whole number in its range.

    """

    seed: int
    first: int
    trials: int

    def __post_init__(self) -> None:
        check_seed(self.seed)
        _check_whole("first trial", self.first, 0, TRIAL_LIMIT)
        _check_whole("trials", self.trials, 1, TRIAL_LIMIT - self.first + 1)

    def uniforms(self, address: str) -> NDArray[np.float64]:
        """One uniform a trial: the first, of person 0, occurrence 0.

        Parameters
        ----------
        address : str
            Where the uncertain number is written.

        Returns
        -------
        ndarray (trials,)
            In [0, 1).

        """
        return self.people_uniforms(address, 1)[:, 0, 0]

    def uniforms_at(self, address: str, trial: Any, person: Any, occurrence: Any) -> Any:
        """Both uniforms of chosen trials, persons and occurrences.

        Parameters
        ----------
        trial : ndarray of integers, shape (rows,)
            Counted from `first`.
        person, occurrence : ndarray of integers, shape (rows,)

        Returns
        -------
        ndarray (rows, 2)
            The same as those at these places of `people_uniforms`.

        """
        import numpy as np

        philox4x32, to_uniform = philox_source()
        k0, k1 = stream_key(self.seed, address)
        number = np.uint64(self.first) + np.asarray(trial).astype(np.uint64)
        words = philox4x32(
            np.asarray(person).astype(np.uint64), np.asarray(occurrence).astype(np.uint64),
            number & np.uint64(WORD_LIMIT - 1), number >> np.uint64(32),
            np.uint64(k0), np.uint64(k1),
        )  # fmt: skip
        both = [to_uniform(words[0], words[1]), to_uniform(words[2], words[3])]
        return np.stack(both, axis=-1)

    def people_uniforms(
        self, address: str, people: int, occurrence: int = 0
    ) -> NDArray[np.float64]:
        """Both uniforms of persons ``0 .. people - 1`` in every trial.

        For tests and small uses: a compiled engine makes the same numbers one by one.

        Parameters
        ----------
        address : str
            Name of the stream, such as ``people.main.referred``.
        people : int
            How many persons; from 0 to 2**32.
        occurrence : int
            How many times this has happened to the person before; below 2**32.

        Returns
        -------
        ndarray (trials, people, 2)
            In [0, 1): the first uniform at [..., 0], the second at [..., 1].

        Raises
        ------
        ValueError
            If `people` or `occurrence` is not a whole number in its range.

        """
        import numpy as np

        _check_whole("people", people, 0, WORD_LIMIT + 1)
        _check_whole("occurrence", occurrence, 0, WORD_LIMIT)
        philox4x32, to_uniform = philox_source()
        k0, k1 = stream_key(self.seed, address)
        trial = (np.uint64(self.first) + np.arange(self.trials, dtype=np.uint64))[:, None]
        person = np.arange(people, dtype=np.uint64)[None, :]
        words = philox4x32(
            person,
            np.uint64(occurrence),
            trial & np.uint64(WORD_LIMIT - 1),
            trial >> np.uint64(32),
            np.uint64(k0),
            np.uint64(k1),
        )
        both = [to_uniform(words[0], words[1]), to_uniform(words[2], words[3])]
        return np.stack(both, axis=-1)
