import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from protocol.fast_init import fast_init


@dataclass(frozen=True, slots=True)
class Usual:
    """What dataclass makes."""

    notes: int
    text: str = field(default="none", repr=False)
    raw: bytes = field(default=b"", compare=False, repr=False)


@fast_init
@dataclass(frozen=True, slots=True)
class Fast:
    """The same fields."""

    notes: int
    text: str = field(default="none", repr=False)
    raw: bytes = field(default=b"", compare=False, repr=False)


def test_positions_keywords_and_defaults_are_those_of_the_dataclass() -> None:
    for made in (Fast(7), Fast(notes=7, raw=b"x"), Fast(7, "none", b"y")):
        assert (made.notes, made.text) == (7, "none")
    assert Fast(1, raw=b"x").raw == b"x"
    assert inspect.signature(Fast) == inspect.signature(Usual)


@pytest.mark.parametrize("arguments", [(), (1, "a", b"b", 4)])
def test_wrong_arguments_are_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        Usual(*arguments)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Fast(*arguments)  # type: ignore[arg-type]


def test_the_object_is_of_its_class_and_frozen() -> None:
    made = Fast(7)
    assert type(made) is Fast
    with pytest.raises(FrozenInstanceError):
        made.notes = 8  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del made.notes
    with pytest.raises((AttributeError, TypeError)):
        made.other = 1  # type: ignore[attr-defined]


def test_it_compares_hashes_and_shows_itself_as_before() -> None:
    assert Fast(7, raw=b"x") == Fast(7, raw=b"y") != Fast(8)
    assert hash(Fast(7, raw=b"x")) == hash(Fast(7, raw=b"y"))
    assert repr(Fast(7)) == "Fast(notes=7)"


def test_it_is_copied_pickled_replaced_and_matched() -> None:
    made = Fast(7, "a", b"x")
    assert copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == made
    assert replace(made, notes=9) == Fast(9, "a")
    match made:
        case Fast(notes, text):
            assert (notes, text) == (7, "a")


@dataclass(frozen=True, slots=True)
class WithFactory:
    values: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WithMore:
    value: int

    def __post_init__(self) -> None:
        """Something to be done."""


@dataclass(frozen=True, slots=True)
class Heir(Usual):
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordsOnly:
    value: int


@pytest.mark.parametrize("cls", [WithFactory, WithMore, Heir, KeywordsOnly])
def test_a_dataclass_that_needs_more_is_refused(cls: type[object]) -> None:
    with pytest.raises(TypeError, match=cls.__name__):
        fast_init(cls)
