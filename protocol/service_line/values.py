"""Values in bodies of the service line: amounts, days, instants, codes; each says how it is written on the wire.

Amounts of ours are whole fen in fields that end in `_fen`, JSON integers. Fields with a name of the platform, such as
`balc`, are yuan as the platform writes them: text with two decimals (16,2). No amount is ever a JSON fraction.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, PlainSerializer, WithJsonSchema

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The one time zone of this line."""

LARGEST_FEN = 10**14 - 1
"""Fourteen digits before the point, as the platform's 16,2, are more than any account holds."""


def example(**values: JsonValue) -> ConfigDict:
    """The settings of a body: its example, frozen, and nothing that it does not name."""
    return ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, json_schema_extra={"examples": [dict(values)]}
    )


class Veiled(BaseModel):
    """A model whose repr and errors tell which fields there are and nothing of what is in them."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """The names of what was given."""
        return ((None, _Name(name)) for name in sorted(self.model_fields_set))


class _Name(str):
    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Body(Veiled):
    """What goes in or out of one number."""


class Said(Body):
    """A sentence to a person."""

    text: Annotated[str, Field(strict=True, description="Chinese")]
    text_en: Annotated[str, Field(strict=True, description="the same in English")]


_IN_A_YEAR = (
    "-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_THIS_CENTURY = f"20[0-9]{{2}}{_IN_A_YEAR}|20(?:[02468][048]|[13579][26])-02-29"
_LAST_CENTURY = f"19[0-9]{{2}}{_IN_A_YEAR}|19(?:0[48]|[2468][048]|[13579][26])-02-29"
_DAY = f"^(?:{_THIS_CENTURY}|{_LAST_CENTURY})$"
"""Every day of this century and the last: no calendar ends in it."""

_INSTANT = f"^(?:{_THIS_CENTURY}) (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"
"""Every second of this century and no other text, so that the schema alone tells what is right."""


def _day(value: Any) -> Any:
    if isinstance(value, datetime) or not isinstance(value, date | str):
        raise ValueError("a day is text: yyyy-MM-dd")
    if isinstance(value, str) and (not re.fullmatch(_DAY, value) or value.endswith("\n")):
        raise ValueError("a day is written yyyy-MM-dd, from 1900 to 2099")
    return value


def _instant(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("an instant must know its zone")
        return value.astimezone(SHANGHAI).replace(microsecond=0)
    if not isinstance(value, str) or not re.fullmatch(_INSTANT, value) or value.endswith("\n"):
        raise ValueError("an instant is text: yyyy-MM-dd HH:mm:ss, Shanghai time")
    return datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _written(instant: datetime) -> str:
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


Day = Annotated[
    date, BeforeValidator(_day), WithJsonSchema({"type": "string", "pattern": _DAY, "examples": ["2026-05-20"]})
]
"""yyyy-MM-dd, from 1900 to 2099."""

Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(_written, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": _INSTANT,
            "description": "Shanghai time",
            "examples": ["2026-05-20 10:00:00"],
        }
    ),
]
"""yyyy-MM-dd HH:mm:ss in Shanghai; in the program a `datetime` that knows its zone."""

Text = Annotated[str, Field(strict=True)]
_WHOLE = BeforeValidator(_whole)
"""A JSON integer may be written 5.0. It stands after the bounds, so that these stay in the schema."""

Count = Annotated[int, Field(strict=True, ge=0, le=10**9), _WHOLE]
Ordinal = Annotated[int, Field(strict=True, ge=1, le=10**9), _WHOLE]
Limit = Annotated[int, Field(strict=True, ge=1, le=200), _WHOLE]
Stars = Annotated[int, Field(strict=True, ge=1, le=5), _WHOLE]
Yes = Annotated[bool, Field(strict=True)]
Fen = Annotated[int, Field(strict=True, ge=0, le=LARGEST_FEN), _WHOLE]
PositiveFen = Annotated[int, Field(strict=True, ge=1, le=LARGEST_FEN), _WHOLE]
SignedFen = Annotated[int, Field(strict=True, ge=-LARGEST_FEN, le=LARGEST_FEN), _WHOLE]
Yuan = Annotated[str, Field(strict=True, pattern=r"^-?(0|[1-9][0-9]{0,13})\.[0-9]{2}$")]
"""16,2 as text, for fields that have a name of the platform."""

Region = Annotated[str, Field(strict=True, pattern=r"^[0-9]{6}$")]
"""GB/T 2260."""

Language = Annotated[str, Field(strict=True, pattern=r"^[a-z]{2}(_[A-Z]{2})?$")]
"""`zh_CN` or `en`; what nobody has translated is told in Chinese."""

PersonNumber = Annotated[str, Field(strict=True, pattern=r"^[1-9][0-9]{0,8}$", description="the authority's own")]
"""`psn_no`: names a person among the authority's people, who need no number of a document for it."""

CardPan = Annotated[str, Field(strict=True, pattern=r"^[0-9]{12,19}$")]
PinBlock = Annotated[str, Field(strict=True, pattern=r"^(?:[0-9A-F]{16}|[0-9A-F]{32})$")]
"""8 bytes (TDES) or 16 (SM4) in hexadecimal, under the PIN key of the terminal's last sign-on; never a clear PIN."""

Reference = Annotated[str, Field(strict=True, pattern=r"^[0-9]{12}$")]
"""Retrieval reference of an operation: field 37 of the money line, or given by the authority."""

CheckCode = Annotated[str, Field(strict=True, pattern=r"^[2-9A-HJ-NP-Z]{8}$")]
"""What is printed beside the reference: eight characters, none of which looks like another (no 0 O 1 I)."""


def yuan(fen: int) -> str:
    """Fen as the platform writes amounts: 123456 is "1234.56"."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def fen(text: str) -> int:
    """The platform's 16,2 as fen. Raises ValueError."""
    if not re.fullmatch(r"-?(0|[1-9][0-9]{0,13})\.[0-9]{2}", text, re.ASCII):
        raise ValueError("an amount of the platform is yuan with two decimals")
    return int(text.replace(".", ""))
