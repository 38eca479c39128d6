"""Values of spaces: rows of batches and batches of rows, equality, digests, and how a message shows them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector.utils import concatenate, create_empty_array

ARRAYS = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)
"""Spaces whose batch is one array."""


def row(space: spaces.Space, batch: Any, number: int) -> Any:
    """What is of one environment in a batch; ``space`` is that of a single one."""
    if isinstance(space, spaces.Dict):
        return {key: row(inner, batch[key], number) for key, inner in space.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(row(inner, batch[place], number) for place, inner in enumerate(space.spaces))
    # The others have an array, or a tuple of what single environments have.
    return batch[number]


def batch(space: spaces.Space, rows: list[Any]) -> Any:
    """The batch of some rows."""
    return concatenate(space, rows, create_empty_array(space, len(rows)))


def equal(one: Any, other: Any) -> bool:
    """Whether two values are the same; NaN is the same as NaN."""
    return _same(one, other, exact=True)


def close(one: Any, other: Any) -> bool:
    """Whether a value is what a single environment gives, but for its type and the last bits of a float."""
    return _same(one, other, exact=False)


def _same(one: Any, other: Any, exact: bool) -> bool:
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(_same(one[key], other[key], exact) for key in one)
    # Also arrays of objects.
    if _is_listed(one) or _is_listed(other):
        if not (hasattr(one, "__len__") and hasattr(other, "__len__")) or len(one) != len(other):
            return False
        return all(_same(a, b, exact) for a, b in zip(one, other, strict=True))
    if _is_number(one) and _is_number(other):
        one, other = np.asarray(one), np.asarray(other)
        if one.shape != other.shape:
            return False
        # The first environment that has an info decides the type of all.
        if not exact and one.dtype.kind in "biu" and other.dtype.kind == "f":
            other = np.nan_to_num(other).astype(one.dtype)
        if not exact and "f" in (one.dtype.kind, other.dtype.kind):
            return bool(np.allclose(one, other, rtol=1e-4, atol=1e-6, equal_nan=True))
        return bool(np.array_equal(one, other, equal_nan="f" in (one.dtype.kind, other.dtype.kind)))
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return bool(np.array_equal(one, other))
    return bool(one == other)


def _is_listed(value: Any) -> bool:
    return isinstance(value, (tuple, list)) or (isinstance(value, np.ndarray) and value.dtype == object and value.ndim > 0)


def _is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float, np.ndarray, np.generic)) and np.asarray(value).dtype.kind in "biuf"


def digest(value: Any) -> bytes:
    """A short text that equal values have in common, and others not."""
    summed = hashlib.blake2b(digest_size=16)

    def add(value: Any) -> None:
        if isinstance(value, dict):
            for key in value:
                summed.update(f"{key!r}:".encode())
                add(value[key])
        elif _is_listed(value):
            summed.update(f"{len(value)} of".encode())
            for item in value:
                add(item)
        elif isinstance(value, (np.ndarray, np.generic)):
            summed.update(f"{value.dtype}{value.shape}".encode() + value.tobytes())
        else:
            summed.update(repr(value).encode())

    add(value)
    return summed.digest()


def arrays(value: Any) -> Iterator[np.ndarray]:
    """All arrays in a value, at any depth."""
    if isinstance(value, dict):
        for item in value.values():
            yield from arrays(item)
    elif _is_listed(value):
        for item in value:
            yield from arrays(item)
    elif isinstance(value, np.ndarray):
        yield value


def shown(value: Any) -> str:
    """A value as a message shows it."""
    text = " ".join(repr(value.item() if isinstance(value, np.generic) else value).split())
    return text if len(text) <= 90 else text[:87] + "..."


def shown_apart(one: Any, other: Any) -> tuple[str, str]:
    """Two values that differ: of large arrays the first place where they do."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray) and one.shape == other.shape and one.size > 8:
        for place in np.ndindex(one.shape):
            if not close(one[place], other[place]):
                where = "".join(f"[{index}]" for index in place)
                return f"{shown(one[place])} at {where}", shown(other[place])
    return shown(one), shown(other)
