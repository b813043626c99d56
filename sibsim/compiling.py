"""How the fast code is compiled: once, and then kept on disk.

In: a function over numbers and arrays. Out: its compiled form. Not here: any such function. Modules
that use this import numba, so they are themselves imported late.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(
    function: Function, *, keep: bool = True, counted: bool = True, entry: bool = True
) -> Function:
    """Compile when first called; release the interpreter's lock; divide as numpy does.

    The result is kept beside the module or in the user's cache; where neither can be written, it is
    made anew in each process. With `keep` false it is only ever part of others: a function made in
    another function cannot be kept by itself. Without `counted` arrays are not, see `borrowing`.
    Without `entry` only compiled code can call it, and there is that much less to compile.
    """
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    if not counted:
        options["_nrt"] = False
    if not entry:
        options["no_cpython_wrapper"] = options["no_cfunc_wrapper"] = True
    if not keep:
        return numba.njit(inline="always", **options)(function)  # type: ignore[no-any-return]
    try:
        made: Function = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        made = numba.njit(**options)(function)
    return made


def borrowing(function: Function) -> Function:
    """Compile what makes no arrays and only borrows those that it is given.

    A plan holds dozens of arrays. Counting who refers to each, at every call that hands the plan
    on, took longer than what the calls do: nine tenths of the time of a waiting list. Whoever calls
    holds the arrays for as long as it takes, so that nobody has to count.
    """
    return compiled(function, counted=False)


def part(function: Function) -> Function:
    """The same for what is only ever called by compiled code."""
    return compiled(function, counted=False, entry=False)


def steady(column: NDArray[Any]) -> tuple[NDArray[Any], np.uint64]:
    """A column for compiled code, and by how much its place moves from row to row: 1 or 0.

    A column of one value throughout is handed on as that value. Copied out, it took longer than
    what is reckoned from it.
    """
    if len(column) and column.strides == (0,):
        return np.ascontiguousarray(column[:1]), np.uint64(0)
    return np.ascontiguousarray(column), np.uint64(1)
