"""What a host asks of the SZZT ZT588 / ZT598 PIN pad: one function for each command."""

from protocol.szzt_zt598 import Command, to_hex
from protocol.szzt_zt598_tables import (
    CRYPT_LIMIT,
    KEY_LENGTHS,
    MAC_LIMIT,
    SM4_BLOCK,
    SM4_LOAD_MODE,
    SM4_MAC_PBOC,
    AuthenticationStep,
    ClearMode,
    CryptMode,
    EndMode,
    MacType,
    Opcode,
    Parameter,
    PinFormat,
    Sm4Chaining,
    Sm4Direction,
    Sm4Scope,
    Tag,
)
from protocol.wire import LocalProtocolError


def control(parameter: Parameter, value: int) -> Command:
    """Set one parameter, or act (Parameter.ACTION)."""
    return Command(Opcode.CONTROL, b"%c%02X" % (parameter, value))


def authenticate(step: int, material: bytes) -> Command:
    """One step of the authentication: an AuthenticationStep or a key slot, with 8 or 16 bytes."""
    return Command(Opcode.AUTHENTICATE, b"%02X" % step + to_hex(material))


def random_number() -> Command:
    """First step of the authentication; what the host sends is of no account."""
    return authenticate(AuthenticationStep.RANDOM, b"0" * 16)


def random_bytes() -> Command:
    """Eight random bytes, from a pad that knows RSA."""
    return Command(Opcode.RANDOM, b" ")


def load_encrypted_key(master: int, slot: int, tag: Tag, cryptogram: bytes) -> Command:
    """Load a key that is encrypted (ECB) under the key in slot `master`. Raises LocalProtocolError."""
    for character, length in KEY_LENGTHS.items():
        if length == len(cryptogram):
            head = b"%02X%02X%c%c" % (master, slot, tag, character)
            return Command(Opcode.LOAD_ENCRYPTED_KEY, head + to_hex(cryptogram))
    raise LocalProtocolError(f"an encrypted key has 8, 16 or 24 bytes, not {len(cryptogram)}")


def start_pin_entry(end: EndMode, clear: ClearMode) -> Command:
    """Dialect JC: the lengths are those of the controls MINIMUM and MAXIMUM."""
    return Command(Opcode.START_PIN_ENTRY, b"000%c%c" % (end, clear))


def start_pin_entry_for(slot: int, length: int, account: str, fmt: PinFormat = PinFormat.ISO_0) -> Command:
    """Dialect R: the key, the PIN's length and the account come first."""
    return Command(Opcode.START_PIN_ENTRY, b"%02X%c0%02d%s" % (slot, fmt, length, account.encode()))


def pin_block(slot: int, account: str, fmt: PinFormat = PinFormat.ISO_0) -> Command:
    """Dialect JC: the PIN just typed as a block under the key in `slot`. Dialect R sends no data."""
    return Command(Opcode.PIN_BLOCK, b"%02X%c%s" % (slot, fmt, account.encode()))


def crypt(slot: int, mode: CryptMode, data: bytes) -> Command:
    """Encrypt or decrypt whole 8-byte blocks, CBC from an IV of zeros. Raises LocalProtocolError."""
    _check_blocks(data, 8, CRYPT_LIMIT)
    return Command(Opcode.CRYPT, b"%02X%c" % (slot, mode) + to_hex(data))


def delete_key(slot: int) -> Command:
    """Erase the key in `slot`: a load of nothing."""
    return Command(Opcode.LOAD_ENCRYPTED_KEY, b"00%02X00" % slot)


def sm4_load_encrypted_key(master: int, slot: int, cryptogram: bytes) -> Command:
    """Load an SM4 key that is encrypted (ECB) under the SM4 key in slot `master`. Raises LocalProtocolError."""
    if len(cryptogram) != SM4_BLOCK:
        raise LocalProtocolError(f"an encrypted SM4 key has 16 bytes, not {len(cryptogram)}")
    return Command(Opcode.SM4_LOAD_ENCRYPTED_KEY, b"%02X%02X%02X" % (SM4_LOAD_MODE, master, slot) + to_hex(cryptogram))


def sm4_crypt(slot: int, direction: Sm4Direction, chaining: Sm4Chaining, iv: bytes, data: bytes) -> Command:
    """Encrypt or decrypt whole 16-byte blocks with an SM4 key. Raises LocalProtocolError."""
    _check_blocks(data, SM4_BLOCK, CRYPT_LIMIT)
    head = b"%02X%02X%02X" % (slot, direction, chaining)
    return Command(Opcode.SM4_CRYPT, head + to_hex(iv) + to_hex(data))


def sm4_mac(slot: int, iv: bytes, message: bytes) -> Command:
    """A CBC-MAC with an SM4 key, from `iv` over whole 16-byte blocks. Raises LocalProtocolError."""
    _check_blocks(message, SM4_BLOCK, MAC_LIMIT)
    return Command(Opcode.SM4_MAC, b"%02X" % slot + to_hex(iv) + b"%02X" % SM4_MAC_PBOC + to_hex(message))


def sm4_delete(slot: int | None) -> Command:
    """Erase one SM4 key, or (None) all."""
    scope = Sm4Scope.ALL if slot is None else Sm4Scope.ONE
    return Command(Opcode.SM4_DELETE, b"%02X%02X" % (scope, slot or 0))


def sm4_pin_block(slot: int, account: str) -> Command:
    """The PIN just typed as a block of 16 bytes under the SM4 key in `slot`; both dialects."""
    return Command(Opcode.SM4_PIN_BLOCK, b"%02X0%s" % (slot, account.encode()))


def mac(slot: int, kind: MacType, message: bytes) -> Command:
    """A CBC-MAC from an IV of zeros over whole 8-byte blocks, at most 512 bytes. Raises LocalProtocolError."""
    _check_blocks(message, 8, MAC_LIMIT)
    return Command(Opcode.MAC, b"%02X%c" % (slot, kind) + message)


def _check_blocks(data: bytes, block: int, limit: int) -> None:
    if not data or len(data) % block or len(data) > limit:
        raise LocalProtocolError(f"one command takes whole {block}-byte blocks up to {limit} bytes, not {len(data)}")
