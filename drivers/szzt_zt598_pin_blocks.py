"""PIN blocks of the SZZT ZT598: which the pad can make, what asks for one, and what may be believed of the answer."""

from drivers.interfaces import CompletionCode, DeviceError, ErrorCode, KeyAlgorithm, PinFormat
from drivers.szzt_zt598_session import PadSession, SzztZt598Options
from protocol.szzt_zt598 import Command
from protocol.szzt_zt598_commands import control, pin_block, sm4_pin_block
from protocol.szzt_zt598_tables import Opcode, Parameter, PinDialect
from protocol.szzt_zt598_tables import PinFormat as FormatCode

_FORMATS = {PinFormat.ISO0: FormatCode.ISO_0, PinFormat.ISO1: FormatCode.ISO_1, PinFormat.ISO3: FormatCode.ISO_3}


class PinBlocks:
    """Asks one pad for the block of the PIN that waits in it. Every method may raise DeviceError."""

    def __init__(self, pad: PadSession, options: SzztZt598Options) -> None:
        self._pad = pad
        self._options = options

    @property
    def formats(self) -> tuple[PinFormat, ...]:
        """Dialect R and SM4 keys have one."""
        several = self._options.dialect is PinDialect.JC and self._options.algorithm is KeyAlgorithm.TDES
        return tuple(PinFormat) if several else (PinFormat.ISO0,)

    @property
    def authentication(self) -> int:
        """The slot whose key proves who asks for a PIN; an SM4 key can't."""
        is_sm4 = self._options.algorithm is KeyAlgorithm.SM4
        return self._options.master_slot if is_sm4 else self._options.pin_slot

    def command(self, account: str, typed_for: str, fmt: PinFormat) -> Command:
        """What asks for the block, in the dialect and the algorithm of this pad; `typed_for` is the entry's account."""
        if fmt not in self.formats:
            raise self._pad.error(
                CompletionCode.COMMAND_ERROR_CODE,
                f"no PIN block of {fmt} from this pad with its keys and its dialect",
                code=ErrorCode.FORMAT_NOT_SUPPORTED,
            )
        slot = self._options.pin_slot
        if self._options.algorithm is KeyAlgorithm.SM4:
            return sm4_pin_block(slot, account)
        if self._options.dialect is PinDialect.JC:
            return pin_block(slot, account, _FORMATS[fmt])
        if account != typed_for:
            raise self._pad.error(CompletionCode.INVALID_DATA, "the PIN was typed for another account")
        return Command(Opcode.PIN_BLOCK)

    async def ask(self, command: Command, lengths: range) -> bytes:
        """The block of a PIN whose length is one of `lengths`."""
        if self._options.dialect is PinDialect.JC:
            await self._pad.ask(control(Parameter.FILL, 0xFF))
        opcode = Opcode(command.opcode)
        parts = self._pad.split(opcode, await self._pad.ask_protected(command, self.authentication))
        block = self._pad.hex_of(opcode, parts["block"])
        size = 16 if self._options.algorithm is KeyAlgorithm.SM4 else 8
        length = parts["PIN length"]
        if len(block) != size or not length.isdigit() or int(length) not in lengths:
            raise no_pin(self._pad, "the pad's PIN block is not of the length that was asked for")
        return block


def no_pin(pad: PadSession, detail: str) -> DeviceError:
    """No block is to be had of what the customer typed."""
    return pad.error(CompletionCode.COMMAND_ERROR_CODE, detail, code=ErrorCode.NO_PIN, remedy="Ask for the PIN again")
