"""Network management, without a MAC: sign-on, echo, sign-off."""

from dataclasses import dataclass, field
from typing import ClassVar

from protocol.money_line_elements import (
    Acquirer,
    Keys,
    KnownAnchor,
    Network,
    Operator,
    Reference,
    TerminalInfo,
    Type,
)
from protocol.money_line_fields import NetworkCode, TransactionType
from protocol.money_line_typed import Answer, TypedMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOn(TypedMessage):
    """0800: the terminal asks for working keys; `network` says of which kind."""

    MTI: ClassVar[str] = "0800"

    transaction_type: Type = field(default=TransactionType.MANAGEMENT, init=False)
    network: Network = NetworkCode.SIGN_ON_TDES
    terminal_info: TerminalInfo | None = None
    operator: Operator = "001"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOnReply(Answer):
    """0810: working keys under the master key, the host's time, and the batch that is open."""

    MTI: ClassVar[str] = "0810"

    transaction_type: Type = field(default=TransactionType.MANAGEMENT, init=False)
    network: Network = NetworkCode.SIGN_ON_TDES
    acquirer: Acquirer | None = None
    reference: Reference | None = None
    keys: Keys | None = None
    anchor: KnownAnchor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkManagement(TypedMessage):
    """0820: echo or sign-off."""

    MTI: ClassVar[str] = "0820"

    transaction_type: Type = field(default=TransactionType.MANAGEMENT, init=False)
    network: Network = NetworkCode.ECHO


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkManagementReply(Answer):
    """0830."""

    MTI: ClassVar[str] = "0830"

    transaction_type: Type = field(default=TransactionType.MANAGEMENT, init=False)
    network: Network = NetworkCode.ECHO
