"""The four devices of a kiosk in XFS4IoT words: what a driver offers and what the terminal may rely on.

Names and values are those of XFS4IoT (CEN; no conformance is claimed). Two rules of this project come on top:

- A command that moves notes, a card or paper ends in one of three ways: `Done` (what happened, as the device counted
  it), `Refused` (certainly nothing moved) or `Unknown` (the answer was lost). Unknown is never retried.
- Every other command returns its result or raises `DeviceError`.

Times are seconds. Cancelling the task that waits in `read_raw_data`, `media_removed`, `pin_entry` or `data_entry` ends
the command on the device too; a motion is never cancelled.
"""

from drivers.interfaces.card_reader import (
    CardData,
    CardReader,
    CardReaderCapabilities,
    CardReaderStatus,
    ChipPower,
    ChipProtocol,
    Media,
    MoveTarget,
    WriteMethod,
)
from drivers.interfaces.cash_dispenser import (
    CashDispenser,
    CashUnitStatus,
    Dispensed,
    DispenserCapabilities,
    DispenserState,
    DispenserStatus,
    PositionStatus,
    PresentState,
    PresentStatus,
    Replenishment,
    ShutterStatus,
    UnitCounts,
    UnitStatus,
)
from drivers.interfaces.common import (
    AntiFraudModule,
    CompletionCode,
    DeviceError,
    DeviceState,
    Done,
    ErrorCode,
    Outcome,
    Refused,
    Unknown,
)
from drivers.interfaces.pin_pad import (
    BatteryState,
    CryptoMethod,
    DataEntered,
    EncryptionState,
    EntryCompletion,
    KeyAlgorithm,
    KeyName,
    KeyPress,
    MacAlgorithm,
    PinEntered,
    PinFormat,
    PinPad,
    PinPadCapabilities,
    PinPadStatus,
)
from drivers.interfaces.receipt_printer import (
    Align,
    PaperSupply,
    PrinterStatus,
    PrintItem,
    PrintQr,
    PrintText,
    ReceiptPrinter,
)

__all__ = [
    "Align",
    "AntiFraudModule",
    "BatteryState",
    "CardData",
    "CardReader",
    "CardReaderCapabilities",
    "CardReaderStatus",
    "CashDispenser",
    "CashUnitStatus",
    "ChipPower",
    "ChipProtocol",
    "CompletionCode",
    "CryptoMethod",
    "DataEntered",
    "DeviceError",
    "DeviceState",
    "Dispensed",
    "DispenserCapabilities",
    "DispenserState",
    "DispenserStatus",
    "Done",
    "EncryptionState",
    "EntryCompletion",
    "ErrorCode",
    "KeyAlgorithm",
    "KeyName",
    "KeyPress",
    "MacAlgorithm",
    "Media",
    "MoveTarget",
    "Outcome",
    "PaperSupply",
    "PinEntered",
    "PinFormat",
    "PinPad",
    "PinPadCapabilities",
    "PinPadStatus",
    "PositionStatus",
    "PresentState",
    "PresentStatus",
    "PrintItem",
    "PrintQr",
    "PrintText",
    "PrinterStatus",
    "ReceiptPrinter",
    "Refused",
    "Replenishment",
    "ShutterStatus",
    "UnitCounts",
    "UnitStatus",
    "Unknown",
    "WriteMethod",
]
