"""How a typed message becomes fields and is read from them; each message class is one row of the profile's table.

An attribute's type says which data element it is; a field that is None or an empty tuple is not sent. `init=False`
attributes are what makes a message this message: they are checked when it is read. Fields that a class does not name
are ignored.
"""

from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, ClassVar, Final, Self, get_type_hints

from protocol.money_line_elements import Batch, Element, LocalDate, LocalTime, Merchant, Reply, Stan, Terminal
from protocol.money_line_frame import Header, Message, Tpdu
from protocol.wire import RemoteProtocolError


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedMessage:
    """What all messages carry. `terminal` and `merchant` are without their padding."""

    MTI: ClassVar[str] = ""
    ONE_OF: ClassVar[tuple[int, ...]] = ()
    """Fields of which exactly one is there."""

    stan: Stan
    terminal: Terminal
    merchant: Merchant
    batch: Batch

    def to_message(self, tpdu: Tpdu = Tpdu(), header: Header = Header()) -> Message:  # noqa: B008  # frozen values
        """The fields of this message, without a MAC. Raises LocalProtocolError."""
        values: dict[int, str | bytes] = {}
        parts: dict[int, list[tuple[int, str]]] = {}
        for attribute, element in _layout(type(self)):
            value = getattr(self, attribute.name)
            if value is None or value == ():
                continue
            encoded = element.encode(value)
            if element.part is None:
                values[element.number] = encoded if isinstance(encoded, bytes) else str(encoded)
            else:
                parts.setdefault(element.number, []).append((element.part[0], str(encoded)))
        for number, pieces in parts.items():
            values[number] = "".join(piece for _, piece in sorted(pieces))
        return Message(self.MTI, dict(sorted(values.items())), tpdu, header)

    @classmethod
    def from_message(cls, message: Message) -> Self:
        """Read a message of this type. Raises RemoteProtocolError, which names the field and never its value."""
        if message.mti != cls.MTI:
            raise RemoteProtocolError(f"{message.mti} is not {cls.MTI}")
        values: dict[str, Any] = {}
        for attribute, element in _layout(cls):
            value = _decoded(message, element)
            if value is None and attribute.default is MISSING:
                raise RemoteProtocolError(f"{cls.MTI} lacks field {element.number}")
            if attribute.init:
                values[attribute.name] = attribute.default if value is None else value
            elif value != attribute.default:
                raise RemoteProtocolError(f"field {element.number} is not that of a {cls.__name__}")
        if cls.ONE_OF and sum(number in message.fields for number in cls.ONE_OF) != 1:
            raise RemoteProtocolError(f"{cls.MTI} has one of the fields {' and '.join(map(str, cls.ONE_OF))}")
        return cls(**values)


def _decoded(message: Message, element: Element) -> Any:
    carried = message.fields.get(element.number)
    if carried is None:
        return None
    if element.part is not None:
        start, end = element.part
        carried = carried[start:end]
        if len(carried) != end - start:
            raise RemoteProtocolError(f"field {element.number} is too short")
    try:
        return element.decode(carried)
    except ValueError:
        pass
    raise RemoteProtocolError(f"field {element.number} has a value that the profile does not know")


_LAYOUTS: Final[dict[type[TypedMessage], tuple[tuple[Field[Any], Element], ...]]] = {}


def _layout(cls: type[TypedMessage]) -> tuple[tuple[Field[Any], Element], ...]:
    """The attributes of a message class with their elements, worked out once."""
    if cls not in _LAYOUTS:
        hints = get_type_hints(cls, include_extras=True)
        _LAYOUTS[cls] = tuple((attribute, _element(hints[attribute.name])) for attribute in fields(cls))
    return _LAYOUTS[cls]


def _element(hint: Any) -> Element:
    for candidate in (hint, *getattr(hint, "__args__", ())):
        for metadata in getattr(candidate, "__metadata__", ()):
            if isinstance(metadata, Element):
                return metadata
    raise TypeError(f"{hint} names no data element")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(TypedMessage):
    """What all replies carry. `time` is hhmmss and `date` MMDD by the host's clock; there is no year."""

    time: LocalTime
    date: LocalDate
    code: Reply
