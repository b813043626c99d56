"""The statistical checks can fail, can pass, and say when they could do neither."""

from __future__ import annotations

import numpy as np
import pytest
from statistical import assert_distribution, assert_mean, assert_share


def test_mean_passes_fails_and_refuses() -> None:
    x = np.random.default_rng(1).normal(5.0, 1.0, 10_000)
    assert_mean(x, 5.0, detect=0.1)
    with pytest.raises(AssertionError, match=r"is not 5\.1"):
        assert_mean(x, 5.1, detect=0.1)
    with pytest.raises(AssertionError, match="inconclusive"):
        assert_mean(x[:50], 5.0, detect=0.1)


def test_share_passes_fails_and_refuses() -> None:
    assert_share(3_000, 10_000, 0.3, detect=0.04)
    with pytest.raises(AssertionError, match="is not a share"):
        assert_share(3_400, 10_000, 0.3, detect=0.04)
    with pytest.raises(AssertionError, match="inconclusive"):
        assert_share(30, 100, 0.3, detect=0.04)


def test_distribution_passes_fails_and_refuses() -> None:
    x = np.random.default_rng(2).integers(0, 10, 20_000)
    assert_distribution(x, np.arange(1, 11) / 10, detect=0.05)
    with pytest.raises(AssertionError):
        assert_distribution(x, np.arange(1, 11) ** 2 / 100, detect=0.05)
    with pytest.raises(AssertionError, match="inconclusive"):
        assert_distribution(x[:100], np.arange(1, 11) / 10, detect=0.05)
