"""How the fast code is compiled: once, and then kept on disk.

In: a function over numbers and arrays. Out: its compiled form. Not here: any such function. Modules
that use this import numba, so they are themselves imported late.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function, *, keep: bool = True) -> Function:
    """Compile when first called; release the interpreter's lock; divide as numpy does.

    The result is kept beside the module or in the user's cache; where neither can be written, it is
    made anew in each process. With `keep` false it is only ever part of others: a function made in
    another function cannot be kept by itself.
    """
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    if not keep:
        return numba.njit(inline="always", **options)(function)  # type: ignore[no-any-return]
    try:
        made: Function = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        made = numba.njit(**options)(function)
    return made
