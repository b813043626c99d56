"""Luck is stateless, uniform, and the published generator.

In: known answers of Random123, a second Philox in plain integers, a million uniforms at a time.
Out: proof that a uniform depends on its five arguments and on nothing else. Not here: what the
uniforms decide.

Statistical checks have an error rate of 1e-6 each and a fixed seed: they cannot fail by chance
from run to run. Beside each bound stands what it would find.
"""

from __future__ import annotations

import hashlib
import math
import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import chdtri, ndtri

from sibsim.streams import Luck, fresh_seed, philox_source, stream_key

Floats = NDArray[np.float64]
Words = tuple[int, int, int, int]

ERROR_RATE = 1e-6
MANY = 1_000_000
njit: Any = numba.njit  # its own annotations know nothing of functions that come from a builder
UNTIMED = settings(deadline=None)  # a busy machine is no fault
WORD = st.integers(0, 2**32 - 1)
SEED = st.integers(0, 2**63 - 1)

# Random123, kat_vectors, philox4x32 with 10 rounds: counter, key, answer.
ONES = "ffffffff ffffffff"
KNOWN_ANSWERS = [
    ("0 0 0 0", "0 0", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    (f"{ONES} {ONES}", ONES, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    (
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0",
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]


def hexes(text: str) -> list[int]:
    """Words from hexadecimal text."""
    return [int(word, 16) for word in text.split()]


def plain_philox(counter: list[int], key: list[int]) -> Words:
    """Philox 4x32-10 in Python integers, from section 3.3 of Salmon et al. (2011)."""
    left0, right0, left1, right1 = counter[1], counter[0], counter[3], counter[2]
    k0, k1 = key
    for turn in range(10):
        round0 = (k0 + turn * 0x9E3779B9) % 2**32
        round1 = (k1 + turn * 0xBB67AE85) % 2**32
        high0, low0 = divmod(right0 * 0xD2511F53, 2**32)
        high1, low1 = divmod(right1 * 0xCD9E8D57, 2**32)
        right0, left0, right1, left1 = high1 ^ left0 ^ round0, low1, high0 ^ left1 ^ round1, low0
    return right0, left0, right1, left1


def plain_uniforms(seed: int, address: str, trial: int, person: int, occurrence: int) -> Floats:
    """Both uniforms, by section 1 of the model's definition, in Python integers."""
    digest = hashlib.blake2b(f"{seed}/{address}".encode(), digest_size=8).digest()
    key = [int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")]
    w = plain_philox([person, occurrence, trial % 2**32, trial // 2**32], key)
    pair = [((w[0] << 21) | (w[1] >> 11)) / 2**53, ((w[2] << 21) | (w[3] >> 11)) / 2**53]
    return np.array(pair)


def largest_gap(sample: Floats) -> float:
    """Kolmogorov's distance between a sample and the uniform distribution on 0 to 1."""
    ordered = np.sort(sample.ravel())
    steps = np.arange(ordered.size + 1) / ordered.size
    return float(max(np.max(steps[1:] - ordered), np.max(ordered - steps[:-1])))


def gap_bound(size: int) -> float:
    """Dvoretzky-Kiefer-Wolfowitz with Massart's constant: exceeded with chance ERROR_RATE.

    At a million draws it is 0.0027: a cumulative chance that is out by 0.54 points anywhere is
    found for certain at the same rate.
    """
    return math.sqrt(math.log(2.0 / ERROR_RATE) / (2.0 * size))


def correlation_score(one: Floats, two: Floats) -> float:
    """Correlation of uniforms, as a normal score: the product of two has variance 1/144."""
    return float(np.sum((one - 0.5) * (two - 0.5)) * 12.0 / math.sqrt(one.size))


def cell_score(one: Floats, two: Floats) -> float:
    """Chi-squared of the pairs over 32 x 32 equal cells (1,023 degrees of freedom)."""
    cell = (one * 32).astype(int).ravel() * 32 + (two * 32).astype(int).ravel()
    cells = np.bincount(cell, minlength=1024)
    expected = one.size / 1024
    return float(np.sum((cells - expected) ** 2) / expected)


# At a million pairs, 4.9 finds a correlation of 0.01 with all but certainty.
SCORE_BOUND = float(-ndtri(ERROR_RATE / 2.0))
CELL_BOUND = float(chdtri(1023, ERROR_RATE))


# --- the generator --------------------------------------------------------------------------------


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_known_answers(counter: str, key: str, answer: str) -> None:
    """Arrays, compiled scalars and the plain twin give the published words."""
    inputs = [np.uint64(word) for word in hexes(counter) + hexes(key)]
    philox4x32 = philox_source().philox4x32
    compiled = njit(philox4x32)
    arrays = philox4x32(*(np.array([word], dtype=np.uint64) for word in inputs))
    assert [int(word[0]) for word in arrays] == hexes(answer)
    assert [int(word) for word in compiled(*inputs)] == hexes(answer)
    assert list(plain_philox(hexes(counter), hexes(key))) == hexes(answer)


@UNTIMED
@given(st.lists(WORD, min_size=6, max_size=6))
def test_source_equals_plain_twin(words: list[int]) -> None:
    """Any counter and key, not only the published ones."""
    ours = philox_source().philox4x32(*(np.uint64(word) for word in words))
    assert tuple(int(word) for word in ours) == plain_philox(words[:4], words[4:])


def test_compiled_equals_arrays() -> None:
    """Compiled as scalar code and run on arrays, the one source gives the same bits."""
    philox4x32, to_uniform = philox_source()
    compiled = njit(philox4x32)
    compiled_uniform = njit(to_uniform)

    def one_by_one(counters: NDArray[np.uint64], words: NDArray[np.uint64], out: Floats) -> None:
        for i in range(counters.shape[1]):
            c = counters[:, i]
            w = compiled(c[0], c[1], c[2], c[3], c[4], c[5])
            for j in range(4):
                words[j, i] = w[j]
            out[0, i] = compiled_uniform(w[0], w[1])
            out[1, i] = compiled_uniform(w[2], w[3])

    rng = np.random.default_rng(1)
    counters = rng.integers(0, 2**32, size=(6, 20_000), dtype=np.uint64)
    counters[:, :2] = np.array([[0, 2**32 - 1]] * 6, dtype=np.uint64)
    words = np.zeros((4, counters.shape[1]), dtype=np.uint64)
    uniforms = np.zeros((2, counters.shape[1]))
    njit(one_by_one)(counters, words, uniforms)
    arrays = philox4x32(*counters)
    assert all(array.dtype == np.uint64 for array in arrays)
    np.testing.assert_array_equal(words, np.array(arrays))
    np.testing.assert_array_equal(uniforms[0], to_uniform(arrays[0], arrays[1]))
    np.testing.assert_array_equal(uniforms[1], to_uniform(arrays[2], arrays[3]))


def test_uniform_ends() -> None:
    """The lowest words give 0, the highest the last float64 step of 2**-53 below 1."""
    to_uniform = philox_source().to_uniform
    top = np.uint64(2**32 - 1)
    assert float(to_uniform(np.uint64(0), np.uint64(2**11 - 1))) == 0.0
    assert float(to_uniform(np.uint64(0), np.uint64(2**11))) == 2.0**-53
    assert float(to_uniform(np.uint64(2**31), np.uint64(0))) == 0.5
    assert float(to_uniform(top, top)) == 1.0 - 2.0**-53


# --- the definition -------------------------------------------------------------------------------


@UNTIMED
@given(SEED, st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 2**63 - 1), WORD)
def test_first_uniform_by_definition(seed: int, address: str, trial: int, occurrence: int) -> None:
    """Any seed, address, trial and occurrence, against the second program."""
    ours = Luck(seed, trial, 1).people_uniforms(address, 3, occurrence)
    for person in range(3):
        plain = plain_uniforms(seed, address, trial, person, occurrence)
        np.testing.assert_array_equal(ours[0, person], plain)


def test_fixed_for_ever() -> None:
    """Literal numbers, so that neither program can drift together with the other."""
    assert stream_key(0, "people.main.referred") == (2987730113, 1457557909)
    assert Luck(7, 17, 1).uniforms("outcomes.starts_work.chance")[0] == 0.7709484773851096


def test_trials_beyond_32_bits() -> None:
    """Trial 2**32 + 5 has its own luck, and a block may cross the border."""
    border = Luck(3, 2**32 - 2, 4).uniforms("a.b")
    plain = [plain_uniforms(3, "a.b", trial, 0, 0)[0] for trial in range(2**32 - 2, 2**32 + 2)]
    np.testing.assert_array_equal(border, plain)
    assert Luck(3, 2**32 + 5, 1).uniforms("a.b") != Luck(3, 5, 1).uniforms("a.b")


@UNTIMED
@given(SEED, st.integers(0, 9_000), st.integers(1, 1_000))
def test_independent_of_block(seed: int, first: int, trials: int) -> None:
    """Any block of a run holds the numbers that the whole run has there."""
    whole = Luck(seed, 0, 10_000)
    alone = Luck(seed, first, trials).uniforms("x.y")
    np.testing.assert_array_equal(alone, whole.uniforms("x.y")[first : first + trials])


def test_first_tenth() -> None:
    """1,000 trials are the first tenth of 10,000, for numbers and for people."""
    few, many = Luck(1, 0, 1_000), Luck(1, 0, 10_000)
    np.testing.assert_array_equal(few.uniforms("x.y"), many.uniforms("x.y")[:1_000])
    np.testing.assert_array_equal(
        few.people_uniforms("x.y", 7, 2), many.people_uniforms("x.y", 7, 2)[:1_000]
    )


def test_more_people_move_nobody() -> None:
    """Adding persons leaves everybody else's luck as it was."""
    luck = Luck(0, 0, 50)
    np.testing.assert_array_equal(
        luck.people_uniforms("p", 20), luck.people_uniforms("p", 30)[:, :20]
    )


def test_shapes() -> None:
    """Shapes and range as documented, down to nobody."""
    luck = Luck(0, 0, 5)
    assert luck.uniforms("p").shape == (5,)
    assert luck.people_uniforms("p", 3).shape == (5, 3, 2)
    assert luck.people_uniforms("p", 0).shape == (5, 0, 2)
    np.testing.assert_array_equal(luck.uniforms("p"), luck.people_uniforms("p", 3)[:, 0, 0])


# --- the quality ----------------------------------------------------------------------------------

SLICES: dict[str, Callable[[], Floats]] = {
    "trials": lambda: Luck(11, 0, MANY).uniforms("quality.number"),
    "persons": lambda: Luck(11, 4, 1).people_uniforms("quality.person", MANY)[0, :, 0],
    "second uniforms": lambda: Luck(11, 4, 1).people_uniforms("quality.person", MANY)[0, :, 1],
    "persons x trials": lambda: Luck(0, 0, 1_000).people_uniforms("quality.both", 1_000)[..., 0],
    "occurrences": lambda: np.stack(
        [Luck(11, 0, 1_000).people_uniforms("quality.times", 10, n)[..., 0] for n in range(100)]
    ),
    "addresses": lambda: np.concatenate(
        [Luck(11, 0, 100).uniforms(f"contract.term_{n}.price") for n in range(10_000)]
    ),
    "seeds": lambda: np.concatenate([Luck(n, 0, 100).uniforms("a.b") for n in range(10_000)]),
}

NEIGHBOURS = (
    "first and second",
    "persons",
    "second of one, first of the next",
    "trials",
    "person and trial",
    "occurrences",
    "addresses",
    "seeds",
)


@lru_cache(maxsize=1)
def neighbours() -> dict[str, tuple[Floats, Floats]]:
    """Pairs of uniforms that stand next to each other in each of the five arguments."""
    people = Luck(5, 0, 1_001).people_uniforms("s.t", 1_001)
    again = Luck(5, 0, 1_001).people_uniforms("s.t", 1_001, 1)
    other = Luck(5, 0, 1_001).people_uniforms("s.u", 1_001)
    seed = Luck(6, 0, 1_001).people_uniforms("s.t", 1_001)
    pairs = (
        (people[..., 0], people[..., 1]),
        (people[:, :-1, 0], people[:, 1:, 0]),
        (people[:, :-1, 1], people[:, 1:, 0]),
        (people[:-1, :, 0], people[1:, :, 0]),
        (people[:-1, 1:, 0], people[1:, :-1, 0]),
        (people[..., 0], again[..., 0]),
        (people[..., 0], other[..., 0]),
        (people[..., 0], seed[..., 0]),
    )
    return dict(zip(NEIGHBOURS, pairs, strict=True))


@pytest.mark.parametrize("name", SLICES)
def test_uniform(name: str) -> None:
    """A million uniforms along each argument lie as evenly as chance allows."""
    sample = SLICES[name]()
    assert sample.size == MANY
    assert sample.min() >= 0.0
    assert sample.max() < 1.0
    assert largest_gap(sample) < gap_bound(MANY)


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_neighbours_are_independent(name: str) -> None:
    """Neither a correlation nor any pattern over 32 x 32 cells, at a million pairs."""
    one, two = neighbours()[name]
    assert one.size >= MANY
    assert abs(correlation_score(one, two)) < SCORE_BOUND
    assert cell_score(one, two) < CELL_BOUND


def test_checks_would_see_a_fault() -> None:
    """Planted faults: each check of this file turns red."""
    one = Luck(5, 0, MANY).uniforms("s.t")
    two = Luck(5, 0, MANY).uniforms("s.u")
    assert largest_gap(np.where(one < 0.006, one + 0.5, one)) > gap_bound(MANY)
    assert abs(correlation_score(one, np.where(two < 0.02, one, two))) > SCORE_BOUND
    assert cell_score(one, np.where(two < 0.06, (one * 7.0) % 1.0, two)) > CELL_BOUND


def test_no_two_addresses_share_a_key() -> None:
    """100,000 addresses such as scenarios have: a collision has chance 3e-10."""
    fields = ("chance", "without", "after", "repeat.chance")
    addresses = [f"outcomes.step_{n}.{field}" for n in range(25_000) for field in fields]
    assert len({stream_key(1, address) for address in addresses}) == 100_000


def test_address_and_seed_matter() -> None:
    """Neither a seed nor an address can stand for another, nor one run into the other."""
    keys = {stream_key(seed, address) for seed in (0, 1, 11) for address in ("1/x", "x", "1x", "X")}
    assert len(keys) == 12


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [-1, 2**63, 1.0, True, "1", None, np.int64(1)])
def test_not_a_seed(seed: object) -> None:
    """What is no seed is refused in words, everywhere."""
    words = r"seed must be a whole number from 0 to 9223372036854775807; it is"
    with pytest.raises(ValueError, match=words):
        stream_key(seed, "a")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=words):
        Luck(seed, 0, 1)  # type: ignore[arg-type]


def test_seeds_at_the_ends() -> None:
    """0 is a seed, and so is the largest."""
    assert Luck(0, 0, 1).uniforms("a") != Luck(2**63 - 1, 0, 1).uniforms("a")


@pytest.mark.parametrize(
    ("first", "trials", "words"),
    [
        (-1, 1, "first trial must be a whole number from 0"),
        (2**63, 1, "first trial must be a whole number from 0"),
        (0, 0, "trials must be a whole number from 1"),
        (0, 2.5, "trials must be a whole number from 1"),
        (2**63 - 1, 2, "trials must be a whole number from 1 to 1;"),
    ],
)
def test_not_trials(first: int, trials: int, words: str) -> None:
    """Trials have to exist."""
    with pytest.raises(ValueError, match=words):
        Luck(0, first, trials)


@pytest.mark.parametrize(
    ("people", "occurrence", "words"),
    [
        (-1, 0, "people must be a whole number from 0 to 4294967296; it is -1"),
        (1, -1, "occurrence must be a whole number from 0 to 4294967295; it is -1"),
        (1, 2**32, "occurrence must be a whole number from 0 to 4294967295; it is 4294967296"),
    ],
)
def test_not_people(people: int, occurrence: int, words: str) -> None:
    """Persons and occurrences fit their 32 bits, or are refused: they never wrap around."""
    with pytest.raises(ValueError, match=words):
        Luck(0, 0, 1).people_uniforms("a", people, occurrence)


def test_fresh_seeds() -> None:
    """Seeds that JSON keeps, and never the same twice (chance of a false alarm 6e-11)."""
    seeds = [fresh_seed() for _ in range(1_000)]
    assert all(0 <= seed < 2**53 for seed in seeds)
    assert len(set(seeds)) == 1_000
    assert max(seeds) >= 2**52


def test_starts_without_libraries() -> None:
    """Checking a scenario must not wait for numpy, scipy or numba to load."""
    code = (
        "import sys, sibsim.streams as s; s.stream_key(s.fresh_seed(), 'a.b'); s.Luck(1, 0, 9);"
        "sys.exit(', '.join({'numpy', 'scipy', 'numba'} & set(sys.modules)) or 0)"
    )
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
