"""What a planted bug is, and how the product's objects are changed while one run plays."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

Patch: TypeAlias = AbstractContextManager[None]
"""The bug is there as long as it is entered."""

Make: TypeAlias = Callable[[Any], Any]
"""From what is there to what a mistaken programmer would have put there."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One bug; `where` is the file it would stand in, `trips` the rules it should break. An id stays with its bug."""

    id: str
    words: str
    where: str
    plant: Callable[[], Patch]
    trips: tuple[int, ...]


@contextmanager
def changed(owner: Any, name: str, make: Make) -> Iterator[None]:
    """`owner.name` (of a module or a class that defines it) is `make` of what it was. Raises AttributeError."""
    defined = vars(owner)
    if name not in defined:
        raise AttributeError(f"{inspect.getmodule(owner)}: {owner!r} defines no {name!r}; plant this bug anew")
    before = defined[name]
    setattr(owner, name, make(before))
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def together(*patches: Patch) -> Iterator[None]:
    """Several changes that make one bug."""
    with ExitStack() as stack:
        for patch in patches:
            stack.enter_context(patch)
        yield


def instead(value: Any) -> Make:
    """Whatever is there, this takes its place."""
    return lambda _: value


def silent(_: Any) -> Any:
    """A function that does nothing, in the place of another."""
    return lambda *_, **__: None


def without(*kinds: str) -> Make:
    """For methods that take a record's kind first: these kinds are passed over."""
    return lambda before: (
        lambda self, kind, *rest, **more: None if str(kind) in kinds else before(self, kind, *rest, **more)
    )
